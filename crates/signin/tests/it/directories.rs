//! People whom a directory owns: it is asked about their passwords, by whatever name they come, and never so often that it locks them.

use model::directory::owner::Owner;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::DirectoryAnswer;
use model::sources::directory::{
    Directory, DirectoryId, DirectorySchema, DirectorySettings, DirectoryStatus, Lockout, Schedule, Scope,
    Switch,
};
use model::sources::directory_sync::{DirectorySyncId, EntryKind, EntryStanding};
use model::sources::external_idp::{
    Arrivals, ClientAuthentication, ExternalIdp, ExternalIdpId, ExternalIdpSettings, ExternalIdpStatus,
    OidcIdp, Protocol, SubjectMatch,
};
use signin::invitations;
use signin::passwords::NewPassword;
use signin::sign_in::{self, Begun, Brought, PasswordSignIn};
use std::time::Duration;
use store::directory::external_ids::Holder;
use store::sources::directory_entries::{self, Entry};
use testkit::fixture::START;
use testkit::on_both_engines;

use crate::world::{JANE, PASSWORD, SignedIn, World};

pub(crate) const DIRECTORY: &str = "3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10";
const JOHN: &str = "22222222-2222-4222-8222-222222222222";

/// A directory that locks after so many, and Jane as its own.
pub(crate) async fn with_directory(world: World, attempts: u32) -> World {
    with_lockout(world, Lockout { attempts, minutes: 30 }).await
}

async fn with_lockout(world: World, lockout: Lockout) -> World {
    world.add_user(JOHN, "John", "ENABLED").await;
    world.set_password(JOHN, PASSWORD).await;
    let directory = Directory {
        id: DirectoryId::trusted(DIRECTORY),
        identity_store_id: world.fixture.instance.identity_store_id.clone(),
        status: DirectoryStatus::Paused,
        settings: DirectorySettings {
            name: "Forest".to_owned(),
            schema: DirectorySchema::ActiveDirectory,
            servers: vec!["ldaps://dc1.example".to_owned()],
            dns_domain: None,
            ca_certificates: None,
            pinned_certificates: Vec::new(),
            bind_dn: Some("reader@example".to_owned()),
            client_certificate: None,
            domain: Some("EXAMPLE".to_owned()),
            scope: Scope { user_bases: vec!["dc=example".to_owned()], ..Scope::default() },
            user_name_from: None,
            attributes: Vec::new(),
            schedule: Schedule::default(),
            lockout,
            watch: Switch::Disabled,
            password_change: Switch::Enabled,
        },
        created_at: START,
        created_by: String::new(),
        updated_at: START,
        updated_by: String::new(),
    };
    let entry = Entry {
        external_id: "4711".to_owned(),
        kind: EntryKind::User,
        principal_id: Some(JANE.to_owned()),
        name: "Jane".to_owned(),
        name_key: "jane".to_owned(),
        dn_key: "d:cn=jane".to_owned(),
        account_key: Some("a:jdoe".to_owned()),
        principal_name_key: Some("jane@ad.example".to_owned()),
        email_key: Some("jane.doe@example.com".to_owned()),
        group_key: None,
        primary_group: None,
        standing: EntryStanding::In,
        is_stale: false,
        seen: DirectorySyncId::trusted(DIRECTORY),
        gone_at: None,
    };
    let owner = Owner { source: directory.id.issuer(), since: START, disabled_here_at: None };
    let write = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        store::sources::directories::insert(tx, &directory, b"sealed")?;
        directory_entries::put(tx, DIRECTORY, &entry)?;
        store::directory::owners::put(tx, Holder::User, JANE, &owner)
    };
    world.fixture.store.maintain(&world.service(), write).await.unwrap();
    world
}

pub(crate) async fn begin(
    world: &World,
    (ip, name): (&str, &str),
    device: Option<&Secret>,
) -> Result<Begun, Fault> {
    let attempt = PasswordSignIn {
        user_name: name.to_owned(),
        password: Secret::new(PASSWORD),
        brought: Brought { device: device.map(|device| device.expose().to_owned()), ..Brought::default() },
    };
    let cx = world.anonymous(ip);
    sign_in::begin(&world.fixture.store, &cx, &world.config, &world.hasher, attempt).await
}

pub(crate) async fn answered(
    world: &World,
    (ip, name): (&str, &str),
    device: Option<&Secret>,
    answer: DirectoryAnswer,
) -> Result<SignedIn, Fault> {
    let Begun::There(mut asking) = begin(world, (ip, name), device).await? else { panic!("nobody is asked") };
    assert_eq!(asking.asked().external_id, "4711");
    asking.work(&Secret::new(PASSWORD)).await.unwrap();
    let progress = asking.answered(&world.fixture.store, &world.anonymous(ip), answer).await?;
    Ok(SignedIn::of(progress))
}

pub(crate) fn wrong() -> DirectoryAnswer {
    DirectoryAnswer::Refused { reason: "WRONG_PASSWORD", said: "data 52e".to_owned(), told: None }
}

pub(crate) fn away(may_have_heard: bool) -> DirectoryAnswer {
    DirectoryAnswer::Away { said: "dc1.example does not answer".to_owned(), may_have_heard }
}

fn is_slowed(result: Result<SignedIn, Fault>) -> bool {
    matches!(result.unwrap_err().kind(), FaultKind::Throttled(_))
}

on_both_engines!(a_directory_is_asked_whatever_name_its_person_gives, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 50).await;
    let names = ["jane", "JANE@AD.example", "example\\JDOE", "jdoe", "Jane.Doe@example.com"];
    for name in names {
        let signed_in = answered(&world, ("192.0.2.1", name), None, DirectoryAnswer::Welcome).await.unwrap();
        assert_eq!(signed_in.session.user.user_id.as_str(), JANE, "{name}");
    }
    // The password that she has here opens nothing, and nobody else is asked about.
    let refused = world.try_sign_in("192.0.2.1", "jane", PASSWORD).await.unwrap_err();
    assert_eq!(refused.kind(), &FaultKind::Unauthorized);
    assert!(matches!(begin(&world, ("192.0.2.1", "john"), None).await, Ok(Begun::Here(_))));
    let strange = begin(&world, ("192.0.2.1", "other\\jdoe"), None).await.unwrap_err();
    assert_eq!(strange.kind(), &FaultKind::Unauthorized);
});

/// Whether the directory is asked no more: as for a wrong password, and only the trail says that it was not.
async fn is_not_asked(world: &World, at: (&str, &str), device: Option<&Secret>) -> bool {
    let before = not_asked(world);
    match begin(world, at, device).await {
        Ok(_) => false,
        Err(refused) => {
            assert_eq!(refused.message(), Saying::WrongPassword.to_string(), "{refused:?}");
            assert_eq!(not_asked(world), before + 1);
            true
        }
    }
}

fn not_asked(world: &World) -> usize {
    let steps = world.records("CredentialVerification");
    steps.iter().filter(|step| step.contains("NOT_ASKED") && step.contains(DIRECTORY)).count()
}

on_both_engines!(fewer_guesses_are_passed_on_than_lock_an_account, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    let known = answered(&world, ("192.0.2.1", "jane"), None, DirectoryAnswer::Welcome).await.unwrap().device;
    // From everywhere, by every name: two.
    for (at, name) in ["jane", "jdoe", "example\\jdoe", "jane@ad.example"].into_iter().enumerate() {
        let ip = format!("198.51.100.{at}");
        if at < 2 {
            let refused = answered(&world, (&ip, name), None, wrong()).await.unwrap_err();
            assert_eq!(refused.message(), Saying::WrongPassword.to_string());
        } else {
            assert!(is_not_asked(&world, (&ip, name), None).await, "{name}");
        }
    }
    // Two that strangers cannot use up, and then she waits too.
    for at in 0..3 {
        let result = answered(&world, ("203.0.113.1", "jane"), Some(&known), wrong()).await;
        assert_eq!(is_slowed(result), at >= 2);
    }
    let later = world.later(30 * 60 + 1);
    answered(&later, ("198.51.100.9", "jane"), None, DirectoryAnswer::Welcome).await.unwrap();
});

on_both_engines!(enumeration_guesses_do_not_tell_whose_a_name_is, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    // Of a directory, of nobody, made here: the same words as often, and then the same wait.
    for (at, name) in ["jane", "nobody", "john"].into_iter().enumerate() {
        let ip = format!("198.51.100.{at}");
        for time in 0..7 {
            let attempt = PasswordSignIn {
                user_name: name.to_owned(),
                password: Secret::new("wrong"),
                brought: Brought::default(),
            };
            let (store, cx) = (&world.fixture.store, world.anonymous(&ip));
            let refused = match sign_in::begin(store, &cx, &world.config, &world.hasher, attempt).await {
                Ok(Begun::There(asking)) => {
                    // While it is away, and where it only may have heard.
                    asking.answered(store, &cx, away(time > 0)).await.unwrap_err()
                }
                Ok(Begun::Here(_)) => panic!("{name} got in"),
                Err(refused) => refused,
            };
            let is_wrong = refused.message() == Saying::WrongPassword.to_string();
            assert_eq!((is_wrong, matches!(refused.kind(), FaultKind::Throttled(_))), (time < 5, time >= 5));
        }
    }
});

on_both_engines!(who_was_here_before_hears_that_it_is_away, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    let known = answered(&world, ("192.0.2.1", "jane"), None, DirectoryAnswer::Welcome).await.unwrap().device;
    let refused = answered(&world, ("203.0.113.1", "jane"), Some(&known), away(false)).await.unwrap_err();
    assert_eq!(refused.message(), Saying::DirectoryAway.to_string());
    let refused = answered(&world, ("203.0.113.2", "jane"), None, away(false)).await.unwrap_err();
    assert_eq!(refused.message(), Saying::WrongPassword.to_string());
    let told = world.records("CredentialVerification");
    let told = told.iter().filter(|step| step.contains("AWAY") && step.contains("does not answer"));
    assert_eq!(told.count(), 2);
});

on_both_engines!(enumeration_another_name_does_not_tell_whose_provider_it_is, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 50).await;
    let oidc = OidcIdp {
        client_id: "portico".to_owned(),
        authentication: ClientAuthentication::Nothing,
        scopes: Vec::new(),
    };
    let idp = ExternalIdp {
        id: ExternalIdpId::trusted("idp-0123456789abcdef"),
        identity_store_id: world.fixture.instance.identity_store_id.clone(),
        status: ExternalIdpStatus::Enabled,
        issuer: "https://idp.example".to_owned(),
        settings: ExternalIdpSettings {
            name: "Acme".to_owned(),
            protocol: Protocol::Oidc(oidc),
            domains: vec!["corp.example".to_owned()],
            any_domain: false,
            required: true,
            hidden: false,
            subject: SubjectMatch::UserName,
            subject_from: None,
            trust_mfa: false,
            arrivals: Arrivals::default(),
            tags: Vec::new(),
        },
        document: "{}".to_owned(),
        fetched_at: START,
        fetch_error: None,
        created_at: START,
        created_by: String::new(),
        updated_at: START,
        updated_by: String::new(),
    };
    let write =
        move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| store::sources::external_idps::insert(tx, &idp);
    world.fixture.store.maintain(&world.service(), write).await.unwrap();
    world
        .sql(&format!(
        "UPDATE users SET user_name = 'jane@corp.example', user_name_key = 'jane@corp.example' WHERE user_id = '{JANE}'"
        ))
        .await;
    let own = begin(&world, ("192.0.2.1", "jane@corp.example"), None).await.unwrap_err();
    assert!(own.message().contains("Acme"), "{own}");
    let other = begin(&world, ("192.0.2.1", "jdoe"), None).await.unwrap_err();
    assert_eq!(other.message(), Saying::WrongPassword.to_string());
});

on_both_engines!(what_a_directory_remembers_for_long_is_remembered_for_long, |fixture| async move {
    let day = Lockout { attempts: 5, minutes: 1_440 };
    let world = with_lockout(World::new(fixture).await, day).await;
    for _ in 0..2 {
        answered(&world, ("198.51.100.1", "jane"), None, wrong()).await.unwrap_err();
    }
    let later = world.later(23 * 3_600);
    signin::housekeeping::expire(&later.fixture.store, &later.service()).await.unwrap();
    assert!(is_not_asked(&later, ("198.51.100.1", "jane"), None).await);
    let next_day = later.later(3_601);
    assert!(!is_not_asked(&next_day, ("198.51.100.1", "jane"), None).await);
});

on_both_engines!(what_it_never_forgets_is_forgotten_by_a_right_password_alone, |fixture| async move {
    let never = Lockout { attempts: 5, minutes: 0 };
    let world = with_lockout(World::new(fixture).await, never).await;
    let known = answered(&world, ("192.0.2.1", "jane"), None, DirectoryAnswer::Welcome).await.unwrap().device;
    for _ in 0..2 {
        answered(&world, ("198.51.100.1", "jane"), None, wrong()).await.unwrap_err();
    }
    let later = world.later(20 * 86_400);
    signin::housekeeping::expire(&later.fixture.store, &later.service()).await.unwrap();
    assert!(is_not_asked(&later, ("198.51.100.1", "jane"), None).await);
    answered(&later, ("203.0.113.1", "jane"), Some(&known), DirectoryAnswer::Welcome).await.unwrap();
    assert!(!is_not_asked(&later, ("198.51.100.1", "jane"), None).await);
});

on_both_engines!(what_it_says_is_told_to_whom_it_helps_and_kept_in_the_trail, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 50).await;
    let at = ("192.0.2.1", "jane");
    let told = DirectoryAnswer::Refused {
        reason: "MUST_CHANGE_PASSWORD",
        said: "changeAfterReset".to_owned(),
        told: Some(Saying::DirectoryPasswordOver),
    };
    let refused = answered(&world, at, None, told).await.unwrap_err();
    assert!(refused.message().contains("must be changed"), "{refused}");
    assert_eq!(
        answered(&world, at, None, wrong()).await.unwrap_err().message(),
        Saying::WrongPassword.to_string()
    );
    world.set_status(JANE, "DISABLED").await;
    let refused = answered(&world, at, None, DirectoryAnswer::Welcome).await.unwrap_err();
    assert_eq!(refused.message(), Saying::WrongPassword.to_string());
});

on_both_engines!(an_outage_uses_up_no_guesses, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 3).await;
    for at in 0..6 {
        let ip = format!("198.51.100.{at}");
        let refused = answered(&world, (&ip, "jane"), None, away(false)).await.unwrap_err();
        assert_eq!(refused.kind(), &FaultKind::Unauthorized, "{refused:?}");
    }
});

on_both_engines!(what_it_may_have_heard_counts, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    for at in 0..2 {
        let ip = format!("198.51.100.{at}");
        answered(&world, (&ip, "jane"), None, away(true)).await.unwrap_err();
    }
    assert!(is_not_asked(&world, ("198.51.100.9", "jane"), None).await);
});

on_both_engines!(who_was_not_read_yet_gets_in_by_nothing_that_is_here, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 50).await;
    let forget =
        |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| directory_entries::delete_list(tx, DIRECTORY);
    world.fixture.store.maintain(&world.service(), forget).await.unwrap();
    let Begun::There(asking) = begin(&world, ("192.0.2.1", "jane"), None).await.unwrap() else {
        panic!("the password that she has here let her in")
    };
    assert_eq!(asking.asked().external_id, "");
});

on_both_engines!(nobody_is_given_a_password_here_beside_that_of_the_directory, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    let (store, at, jane) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
    let cx = world.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
    let new = NewPassword { password: Some(Secret::new(PASSWORD)), must_change: false };
    let parts = (&world.config, &world.hasher);
    let refused = signin::passwords::set(store, &cx, parts, (&at, &jane), new).await.unwrap_err();
    assert!(refused.message().contains(DIRECTORY), "{refused}");
    let cx = world.fixture.root("sso-directory.amazonaws.com", "CreateInvitation");
    let hour = Duration::from_hours(1);
    let refused = invitations::create(store, &cx, &world.config, (&at, &jane), hour).await.unwrap_err();
    assert!(refused.message().contains(DIRECTORY), "{refused}");
});
