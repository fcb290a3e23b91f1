//! A provider from its connection to its end, by metadata as text.

use model::directory::group::{Group, GroupId};
use model::fault::FaultKind;
use model::page::PageRequest;
use model::secret::Secret;
use model::sources::external_idp::{
    Arrivals, AttributeRule, ExternalIdpSettings, ExternalIdpStatus, GroupRule, Protocol, SamlIdp,
    SubjectMatch, TagRule,
};
use sources::external_idps::{self, NewExternalIdp};
use sources::our_side::{self, Presented};
use sources::told::Told;
use testkit::fixture::Fixture;
use testkit::on_both_engines;
use testkit::provider::{certificate, metadata};

use crate::support::{ENTITY, at, by_text, create, cx, describe, invalid, of_entity, ours, settings, update};

on_both_engines!(a_provider_is_connected_enabled_changed_and_taken_away, |fixture| async move {
    let made = create(&fixture, of_entity(ENTITY)).await.unwrap();
    assert_eq!((made.issuer.as_str(), made.status), (ENTITY, ExternalIdpStatus::Disabled));
    let shown = describe(&fixture, &made.id).unwrap();
    assert_eq!(shown.idp, made);
    let Told::Saml(said) = shown.told else { panic!("{shown:?}") };
    assert_eq!(said.single_sign_on.len(), 2);
    let call = |name| cx(&fixture, name);
    let (store, store_at) = (&fixture.store, at(&fixture));
    let enabling = call("EnableExternalIdPConfigurationForDirectory");
    let status = ExternalIdpStatus::Enabled;
    let enabled = external_idps::set_status(store, &enabling, (&store_at, &made.id), status).await;
    assert!(enabled.unwrap().is_enabled());
    // Without metadata that stays, and so does whether people can sign in.
    let renamed = ExternalIdpSettings { name: "Acme Ltd".to_owned(), hidden: true, ..settings() };
    let change = NewExternalIdp { settings: renamed, metadata: None, issuer: None, client_secret: None };
    let changed = update(&fixture, &made.id, change).await.unwrap();
    assert_eq!((changed.settings.name.as_str(), changed.settings.hidden), ("Acme Ltd", true));
    assert!(changed.is_enabled() && changed.document == made.document);
    let list = |page: &PageRequest| {
        external_idps::list(store, &call("ListExternalIdPConfigurationsForDirectory"), &store_at, page)
    };
    let page = PageRequest { after: None, limit: 10 };
    assert_eq!(list(&page).unwrap().items, [changed]);
    let deleting = call("DeleteExternalIdPConfigurationForDirectory");
    external_idps::delete(store, &deleting, &store_at, &made.id).await.unwrap();
    assert!(list(&page).unwrap().items.is_empty());
    let absent = describe(&fixture, &made.id).unwrap_err();
    assert!(matches!(absent.kind(), FaultKind::NotFound(_)), "{absent:?}");
    assert!(absent.message().contains(made.id.as_str()), "{absent:?}");
});

on_both_engines!(what_a_provider_is_told_of_us_stays_when_our_address_changes, |fixture| async move {
    let made = create(&fixture, of_entity(ENTITY)).await.unwrap();
    let elsewhere = our_side::OurSide { base_url: "https://new.acme.example".to_owned() };
    let call = cx(&fixture, "GetAWSSPConfigurationForDirectory");
    let told = our_side::present(&fixture.store, &call, &elsewhere, (&at(&fixture), &made.id)).unwrap();
    let Presented::Saml { entity_id, acs_url, metadata_url, .. } = told else { panic!("{told:?}") };
    let store = &fixture.instance.identity_store_id;
    assert_eq!(entity_id, ours().entity_id(store));
    assert_eq!(acs_url, ours().acs_url(&made.id));
    assert_eq!(metadata_url, elsewhere.metadata_url(&made.id));
    let document = our_side::metadata(&fixture.store, &elsewhere, &made.id).unwrap().unwrap();
    assert!(document.contains(&entity_id) && document.contains(&acs_url), "{document}");
    // An update does not forget them.
    let changed = update(&fixture, &made.id, NewExternalIdp { metadata: None, ..of_entity(ENTITY) });
    let Protocol::Saml(saml) = changed.await.unwrap().settings.protocol else { panic!() };
    assert_eq!((saml.sp_entity_id, saml.acs_url), (entity_id, acs_url));
});

on_both_engines!(two_providers_of_one_issuer_are_one_too_many, |fixture| async move {
    let made = create(&fixture, of_entity(ENTITY)).await.unwrap();
    let again = create(&fixture, of_entity(ENTITY)).await.unwrap_err();
    assert!(matches!(again.kind(), FaultKind::Conflict(_)), "{again:?}");
    assert!(again.message().contains(made.id.as_str()), "{again:?}");
    create(&fixture, of_entity("https://idp.other.example")).await.unwrap();
});

on_both_engines!(a_domain_leads_to_one_provider, |fixture| async move {
    let made = create(&fixture, of_entity(ENTITY)).await.unwrap();
    let other = "https://idp.other.example";
    let both = |domain: &str| {
        let domains = vec!["other.example".to_owned(), domain.to_owned()];
        NewExternalIdp { settings: ExternalIdpSettings { domains, ..settings() }, ..of_entity(other) }
    };
    let refused = create(&fixture, both("acme.example")).await.unwrap_err();
    assert!(matches!(refused.kind(), FaultKind::Conflict(_)), "{refused:?}");
    assert!(refused.message().contains("acme.example is one of Acme"), "{refused:?}");
    let second = create(&fixture, both("more.example")).await.unwrap();
    let changed = NewExternalIdp { metadata: None, ..both("acme.example") };
    let refused = update(&fixture, &second.id, changed).await.unwrap_err();
    assert!(refused.message().contains(made.id.as_str()), "{refused:?}");
    // Its own it keeps.
    update(&fixture, &second.id, NewExternalIdp { metadata: None, ..both("more.example") }).await.unwrap();
});

on_both_engines!(strict_mode_has_one_provider_and_only_what_aws_has, |fixture| async move {
    let strict = fixture.strict();
    let with = |settings| NewExternalIdp { settings, ..of_entity(ENTITY) };
    let linked = ExternalIdpSettings { subject: SubjectMatch::ExternalId, ..settings() };
    assert!(invalid(create(&strict, with(linked)).await).contains("Subject EXTERNAL_ID"));
    let weak = SamlIdp { allow_sha1: true, ..SamlIdp::default() };
    let weak = ExternalIdpSettings { protocol: Protocol::Saml(weak), ..settings() };
    assert!(invalid(create(&strict, with(weak)).await).contains("AllowSha1"));
    let arrivals = Arrivals { create: true, ..Arrivals::default() };
    let making = ExternalIdpSettings { arrivals, ..settings() };
    assert!(invalid(create(&strict, with(making)).await).contains("Arrivals"));
    create(&strict, of_entity(ENTITY)).await.unwrap();
    let second = create(&strict, of_entity("https://idp.other.example")).await.unwrap_err();
    assert_eq!(second.kind(), &FaultKind::QuotaExceeded);
    assert!(second.message().contains("at most 1 "), "{second:?}");
});

async fn make_group(fixture: &Fixture, id: &'static str) {
    let group = Group {
        id: GroupId::trusted(id),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        display_name: "Engineers".to_owned(),
        description: None,
        external_ids: Vec::new(),
        revision: 1,
        created_at: fixture.now,
        created_by: String::new(),
        updated_at: fixture.now,
        updated_by: String::new(),
    };
    let insert =
        move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| store::directory::groups::insert(tx, &group);
    fixture.store.write(&cx(fixture, "CreateGroup"), insert).await.unwrap();
}

on_both_engines!(a_rule_names_a_group_that_is_there, |fixture| async move {
    const THERE: &str = "11111111-1111-4111-8111-111111111111";
    const ABSENT: &str = "22222222-2222-4222-8222-222222222222";
    make_group(&fixture, THERE).await;
    let with = |group_id: &str| {
        let arrivals = Arrivals {
            groups_from: Some("groups".to_owned()),
            groups: vec![GroupRule { value: "engineers".to_owned(), group_id: group_id.to_owned() }],
            ..Arrivals::default()
        };
        NewExternalIdp { settings: ExternalIdpSettings { arrivals, ..settings() }, ..of_entity(ENTITY) }
    };
    assert!(invalid(create(&fixture, with(ABSENT)).await).contains(ABSENT));
    let made = create(&fixture, with(THERE)).await.unwrap();
    let changed = update(&fixture, &made.id, NewExternalIdp { metadata: None, ..with(ABSENT) }).await;
    assert!(invalid(changed).contains(ABSENT));
    assert_eq!(describe(&fixture, &made.id).unwrap().idp.settings, made.settings);
});

on_both_engines!(what_does_not_go_together_is_refused_by_name, |fixture| async move {
    let rule = |attribute: &str| AttributeRule { attribute: attribute.to_owned(), from: "mail".to_owned() };
    let arrivals = |attributes| Arrivals { create: true, attributes, ..Arrivals::default() };
    for (word, settings) in [
        ("Domains", ExternalIdpSettings { domains: Vec::new(), ..settings() }),
        ("Domains", ExternalIdpSettings { domains: vec!["not a domain".to_owned()], ..settings() }),
        ("Name", ExternalIdpSettings { name: " ".to_owned(), ..settings() }),
        (
            "RequiredForDomains",
            ExternalIdpSettings { domains: Vec::new(), any_domain: true, required: true, ..settings() },
        ),
        ("userName", ExternalIdpSettings { arrivals: arrivals(vec![rule("userName")]), ..settings() }),
        (
            "userName",
            ExternalIdpSettings {
                subject: SubjectMatch::ExternalId,
                arrivals: arrivals(vec![rule("displayName")]),
                ..settings()
            },
        ),
        ("nickName", ExternalIdpSettings { arrivals: arrivals(vec![rule("nickName")]), ..settings() }),
        (
            "title twice",
            ExternalIdpSettings { arrivals: arrivals(vec![rule("title"), rule("title")]), ..settings() },
        ),
        (
            "GroupsFrom",
            ExternalIdpSettings {
                arrivals: Arrivals { groups_from: Some("groups".to_owned()), ..Arrivals::default() },
                ..settings()
            },
        ),
        (
            "SessionTags.Key",
            ExternalIdpSettings {
                tags: vec![TagRule { key: String::new(), from: "team".to_owned() }],
                ..settings()
            },
        ),
    ] {
        let refusal = invalid(create(&fixture, NewExternalIdp { settings, ..of_entity(ENTITY) }).await);
        assert!(refusal.contains(word), "{word}: {refusal}");
    }
    let secret = NewExternalIdp { client_secret: Some(Secret::new("x")), ..of_entity(ENTITY) };
    assert!(invalid(create(&fixture, secret).await).contains("ClientSecret"));
    let neither = NewExternalIdp { metadata: None, ..of_entity(ENTITY) };
    assert!(invalid(create(&fixture, neither).await).contains("MetadataXml"));
    let page = PageRequest { after: None, limit: 10 };
    let call = cx(&fixture, "ListExternalIdPConfigurationsForDirectory");
    let left = external_idps::list(&fixture.store, &call, &at(&fixture), &page).unwrap();
    assert!(left.items.is_empty(), "{left:?}");
});

on_both_engines!(a_provider_stays_who_it_is, |fixture| async move {
    let made = create(&fixture, of_entity(ENTITY)).await.unwrap();
    let other = "https://idp.other.example";
    let named = NewExternalIdp { issuer: Some(other.to_owned()), ..of_entity(ENTITY) };
    assert!(invalid(update(&fixture, &made.id, named).await).contains(ENTITY));
    let refusal = invalid(update(&fixture, &made.id, of_entity(other)).await);
    assert!(refusal.contains(ENTITY), "{refusal}");
    // Its new metadata takes over, with its new certificate.
    let fresh = certificate();
    let changed = update(&fixture, &made.id, by_text(&metadata(ENTITY, &[&fresh]))).await.unwrap();
    assert!(changed.document.contains(&fresh.to_base64()));
});

on_both_engines!(who_may_not_learns_nothing, |fixture| async move {
    use model::accounts::account::AccountId;
    use model::caller::Caller;
    let made = create(&fixture, of_entity(ENTITY)).await.unwrap();
    let stranger = Caller::root(AccountId::trusted("444455556666"), "AKIAIOSFODNN7EXAMPLE");
    let cx = fixture.cx(stranger, "sso-directory.amazonaws.com", "Any");
    let (store, outbound, at) = (&fixture.store, testkit::provider::outbound(), at(&fixture));
    let denied = |fault: model::fault::Fault| assert_eq!(fault.kind(), &FaultKind::AccessDenied, "{fault:?}");
    let new = of_entity("https://idp.other.example");
    denied(external_idps::create(store, &cx, (&ours(), &outbound), (&at, new.clone())).await.unwrap_err());
    denied(external_idps::describe(store, &cx, &at, &made.id).unwrap_err());
    denied(external_idps::update(store, &cx, &outbound, (&at, &made.id, new)).await.unwrap_err());
    denied(external_idps::refresh(store, &cx, &outbound, (&at, &made.id)).await.unwrap_err());
    denied(external_idps::delete(store, &cx, &at, &made.id).await.unwrap_err());
    denied(our_side::present(store, &cx, &ours(), (&at, &made.id)).unwrap_err());
});
