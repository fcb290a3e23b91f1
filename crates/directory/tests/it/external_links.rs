//! Whom an external identity provider means, said by an administrator: one word of one provider for one person.

use directory::external_links::{link, unlink};
use directory::users;
use model::caller::Caller;
use model::cx::Cx;
use model::directory::user::{ExternalId, User};
use model::fault::{ConflictReason, FaultKind};
use model::sources::external_idp::{
    Arrivals, ExternalIdp, ExternalIdpId, ExternalIdpSettings, ExternalIdpStatus, Protocol, SamlIdp,
    SubjectMatch,
};
use store::tx::Tx;
use testkit::fixture::Fixture;
use testkit::on_both_engines;

use crate::support::{at, cx, make, record_of};

const ISSUER: &str = "https://idp.acme.example";

/// A provider of the store.
async fn provider(fixture: &Fixture) -> ExternalIdpId {
    let id = ExternalIdpId::parse("90676a00000-1111-4222-8333-444455556666").unwrap();
    let idp = ExternalIdp {
        id: id.clone(),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        status: ExternalIdpStatus::Enabled,
        issuer: ISSUER.to_owned(),
        settings: ExternalIdpSettings {
            name: "Acme".to_owned(),
            protocol: Protocol::Saml(SamlIdp::default()),
            domains: Vec::new(),
            any_domain: false,
            required: false,
            hidden: false,
            subject: SubjectMatch::ExternalId,
            subject_from: None,
            trust_mfa: false,
            arrivals: Arrivals::default(),
            tags: Vec::new(),
        },
        document: String::new(),
        fetched_at: fixture.now,
        fetch_error: None,
        created_at: fixture.now,
        created_by: String::new(),
        updated_at: fixture.now,
        updated_by: String::new(),
    };
    let insert = move |tx: &mut Tx<'_>, _: &Cx| store::sources::external_idps::insert(tx, &idp);
    fixture.store.write(&cx(fixture, "Prepare"), insert).await.unwrap();
    id
}

fn called(fixture: &Fixture, user: &User) -> Vec<ExternalId> {
    let read = fixture
        .store
        .read(|rx| Ok(store::directory::users::find(rx, &fixture.instance.identity_store_id, &user.id)?));
    read.unwrap().unwrap().external_ids
}

fn linked(fixture: &Fixture) -> Cx {
    fixture.root("sso-directory.amazonaws.com", "LinkUserToExternalIdP")
}

fn unlinked(fixture: &Fixture) -> Cx {
    fixture.root("sso-directory.amazonaws.com", "UnlinkUserFromExternalIdP")
}

fn word(id: &str) -> ExternalId {
    ExternalId { issuer: ISSUER.to_owned(), id: id.to_owned() }
}

on_both_engines!(a_person_has_one_word_of_a_provider, |fixture| async move {
    let (idp, jane, at) = (provider(&fixture).await, make(&fixture, "jane").await, at(&fixture));
    let store = &fixture.store;
    link(store, &linked(&fixture), &at, (&jane.id, &idp), "4711".to_owned()).await.unwrap();
    assert_eq!(called(&fixture, &jane), [word("4711")]);
    let record = record_of(&fixture, "LinkUserToExternalIdP");
    assert!(format!("{record:?}").contains(jane.id.as_str()), "{record:?}");
    link(store, &linked(&fixture), &at, (&jane.id, &idp), "4712".to_owned()).await.unwrap();
    assert_eq!(called(&fixture, &jane), [word("4712")]);
    unlink(store, &unlinked(&fixture), &at, (&jane.id, &idp)).await.unwrap();
    assert!(called(&fixture, &jane).is_empty());
    let again = unlink(store, &unlinked(&fixture), &at, (&jane.id, &idp)).await.unwrap_err();
    assert!(matches!(again.kind(), FaultKind::NotFound(_)), "{again:?}");
});

on_both_engines!(whom_a_source_owns_is_linked_all_the_same, |fixture| async move {
    use model::directory::owner::Owner;
    use store::directory::external_ids::Holder;
    let (idp, jane, at) = (provider(&fixture).await, make(&fixture, "jane").await, at(&fixture));
    let id = jane.id.clone();
    let put = move |tx: &mut Tx<'_>, cx: &Cx| {
        let source = "https://scim.us-east-1.amazonaws.com/90676a00000-1111-4222-8333-444455556666/scim/v2";
        let owner = Owner { source: source.to_owned(), since: cx.now, disabled_here_at: None };
        store::directory::owners::put(tx, Holder::User, id.as_str(), &owner)
    };
    fixture.store.write(&cx(&fixture, "Prepare"), put).await.unwrap();
    link(&fixture.store, &linked(&fixture), &at, (&jane.id, &idp), "4711".to_owned()).await.unwrap();
    assert_eq!(called(&fixture, &jane), [word("4711")]);
});

on_both_engines!(somebody_else_s_word_is_refused_and_names_nobody, |fixture| async move {
    let (idp, at) = (provider(&fixture).await, at(&fixture));
    let (jane, john) = (make(&fixture, "jane").await, make(&fixture, "john").await);
    let store = &fixture.store;
    link(store, &linked(&fixture), &at, (&jane.id, &idp), "4711".to_owned()).await.unwrap();
    let taken = link(store, &linked(&fixture), &at, (&john.id, &idp), "4711".to_owned()).await.unwrap_err();
    assert_eq!(taken.kind(), &FaultKind::Conflict(ConflictReason::Uniqueness), "{taken:?}");
    let said = taken.message();
    assert!(said.contains(ISSUER) && !said.contains("jane") && !said.contains(jane.id.as_str()), "{said}");
    assert!(called(&fixture, &john).is_empty());
});

on_both_engines!(what_is_not_there_and_who_may_not_is_refused, |fixture| async move {
    let (idp, jane, at) = (provider(&fixture).await, make(&fixture, "jane").await, at(&fixture));
    let (store, absent) = (&fixture.store, ExternalIdpId::fresh(linked(&fixture).entropy()));
    let unknown = link(store, &linked(&fixture), &at, (&jane.id, &absent), "4711".to_owned()).await;
    assert!(unknown.unwrap_err().message().contains(absent.as_str()));
    let spaced = link(store, &linked(&fixture), &at, (&jane.id, &idp), "with a space".to_owned()).await;
    assert_eq!(spaced.unwrap_err().kind(), &FaultKind::Validation);
    users::delete(store, &cx(&fixture, "DeleteUser"), &at, &jane.id, None).await.unwrap();
    let gone = link(store, &linked(&fixture), &at, (&jane.id, &idp), "4711".to_owned()).await;
    assert!(matches!(gone.unwrap_err().kind(), FaultKind::NotFound(_)));
    let stranger = model::accounts::account::AccountId::trusted("444455556666");
    let stranger = Caller::root(stranger, "AKIAIOSFODNN7EXAMPLE");
    let denied = fixture.cx(stranger, "sso-directory.amazonaws.com", "LinkUserToExternalIdP");
    let denied = link(store, &denied, &at, (&jane.id, &idp), "4711".to_owned()).await.unwrap_err();
    assert_eq!(denied.kind(), &FaultKind::AccessDenied);
});
