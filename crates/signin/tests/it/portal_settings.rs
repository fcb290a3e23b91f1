//! Whose pages they are: what is put, what is shown, what is refused, and to whom.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::caller::Caller;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::{Fault, FaultKind};
use model::signin::colour::Colour;
use model::signin::portal_settings::{HelpLink, PortalSettings};
use signin::portal_settings::{self, NewPortalSettings, Shown};
use store::instances::instances;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::world::World;

/// 16 by 16 pixels.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAGUlEQVR42mM4IWfznxLMMGrAqAGjBgwXAwDrXiEfKeEgNQAAAABJRU5ErkJggg==";

fn acme() -> NewPortalSettings {
    NewPortalSettings {
        settings: PortalSettings {
            name: Some("Acme".to_owned()),
            accent_color: Colour::parse("#a01040"),
            accent_color_dark: None,
            help_text: Some("Call 4711".to_owned()),
            help_link: Some(HelpLink::parse("https://help.acme.example").unwrap()),
        },
        logo: Some(LOGO.to_owned()),
    }
}

struct Portal {
    world: World,
    at: IdentityStoreRef,
}

impl Portal {
    async fn new(fixture: Fixture) -> Self {
        let world = World::new(fixture).await;
        let at = IdentityStoreRef::parse(world.fixture.instance.identity_store_id.as_str()).unwrap();
        Self { world, at }
    }

    fn root(&self) -> Cx {
        self.world.fixture.root("sso.amazonaws.com", "PutPortalSettings")
    }

    async fn put(&self, new: NewPortalSettings) -> Result<(), Fault> {
        portal_settings::put(&self.world.fixture.store, &self.root(), &self.at, move || Ok(new.clone())).await
    }

    fn shown(&self) -> Shown {
        let at = &self.world.fixture.instance.identity_store_id;
        self.world.fixture.store.read(|rx| portal_settings::shown(rx, at)).unwrap()
    }
}

testkit::on_both_engines!(
    what_is_put_is_shown_and_what_is_left_out_is_as_before_anybody_decided,
    |fixture: Fixture| async move {
        let portal = Portal::new(fixture).await;
        let store = &portal.world.fixture.store;
        assert_eq!(portal.shown().logo, None);
        portal.put(acme()).await.unwrap();
        let shown = portal.shown();
        assert_eq!((shown.name.as_deref(), &shown.settings), (Some("Acme"), &acme().settings));
        let mark = shown.logo.unwrap();
        assert_eq!((mark.hash.len(), &*mark.content_type), (16, "image/png"));
        let (settings, logo) = portal_settings::get(store, &portal.root(), &portal.at).unwrap();
        assert_eq!(
            (settings, logo.unwrap().bytes()),
            (acme().settings, STANDARD.decode(LOGO).unwrap().as_slice())
        );
        portal.put(NewPortalSettings::default()).await.unwrap();
        let shown = portal.shown();
        assert_eq!((shown.settings, shown.logo), (PortalSettings::default(), None));
        // Without a name of its own it has the instance's.
        let id = portal.world.fixture.instance.id.clone();
        let rename = move |tx: &mut Tx<'_>, _: &Cx| instances::set_name(tx, &id, Some("Acme Ltd"));
        store.write(&portal.root(), rename).await.unwrap();
        assert_eq!(portal.shown().name.as_deref(), Some("Acme Ltd"));
    }
);

testkit::on_both_engines!(
    what_nobody_could_see_or_trust_is_refused_and_changes_nothing,
    |fixture: Fixture| async move {
        let portal = Portal::new(fixture).await;
        portal.put(acme()).await.unwrap();
        let with = |change: fn(&mut NewPortalSettings)| {
            let mut new = acme();
            change(&mut new);
            new
        };
        for (bad, why) in [
            (
                with(|new| new.settings.name = Some("x".repeat(65))),
                "Name must have 1 to 64 characters, not 65",
            ),
            (
                with(|new| new.settings.accent_color = Colour::parse("#ffff00")),
                "AccentColor #ffff00 has a contrast of 1.",
            ),
            (
                with(|new| new.settings.accent_color_dark = Colour::parse("#000080")),
                "AccentColorDark #000080",
            ),
            (with(|new| new.settings.help_text = Some("a\nb".to_owned())), "HelpText must be one line"),
            (with(|new| new.logo = Some("*".to_owned())), "Logo must be base64"),
            (with(|new| new.logo = Some("PHN2Zy8+".to_owned())), "Logo is SVG"),
        ] {
            let refused = portal.put(bad).await.unwrap_err();
            assert!(
                matches!(refused.kind(), FaultKind::Validation) && refused.message().contains(why),
                "{refused}"
            );
        }
        assert_eq!(portal.shown().settings, acme().settings);
    }
);

testkit::on_both_engines!(
    who_may_not_learns_nothing_of_what_would_be_refused,
    |fixture: Fixture| async move {
        let portal = Portal::new(fixture).await;
        let store = &portal.world.fixture.store;
        let nobody = portal.world.fixture.cx(Caller::anonymous(), "sso.amazonaws.com", "PutPortalSettings");
        let bad = || Err(Fault::validation("looked at"));
        let refused = portal_settings::put(store, &nobody, &portal.at, bad).await.unwrap_err();
        assert!(!refused.message().contains("looked at"), "{refused}");
        assert!(portal_settings::get(store, &nobody, &portal.at).is_err());
    }
);
