//! Service users and access keys: what they may, how many, and the last key of the root.

use accounts::access_keys::{self, Change};
use accounts::accounts::NewAccount;
use accounts::service_users;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::service_user::ServiceUserName;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use store::tx::Tx;
use testkit::fixture::Fixture;

fn name() -> ServiceUserName {
    ServiceUserName::parse("robot").unwrap()
}

testkit::on_both_engines!(
    a_service_user_has_two_keys_at_most_and_they_end_with_it,
    |fixture: Fixture| async move {
        let (store, at) = (&fixture.store, &fixture.instance.id);
        let cx = fixture.root("iam.amazonaws.com", "CreateServiceUser");
        let account = NewAccount {
            id: Some(fixture.instance.owner.clone()),
            name: "management".to_owned(),
            email: "management@example.com".to_owned(),
            path: UnitPath::ROOT,
        };
        let add = move |tx: &mut Tx<'_>, cx: &Cx| {
            accounts::accounts::insert_in(tx, cx, &account, "CREATED").map(drop)
        };
        store.write(&cx, add).await.unwrap();
        let user = service_users::create(store, &cx, at, name(), Some("deploys".to_owned())).await.unwrap();
        assert!(user.id.starts_with("AIDA"));
        assert_eq!(user.arn(), "arn:aws:iam::111122223333:user/robot");
        let twice = ServiceUserName::parse("Robot").unwrap();
        let twice = service_users::create(store, &cx, at, twice, None).await.unwrap_err();
        assert!(matches!(twice.kind(), FaultKind::Conflict(_)));
        let first = access_keys::create(store, &cx, (at, Some(&name()))).await.unwrap();
        let second = access_keys::create(store, &cx, (at, Some(&name()))).await.unwrap();
        assert_ne!(first.id, second.id);
        let third = access_keys::create(store, &cx, (at, Some(&name()))).await.unwrap_err();
        assert_eq!(third.kind(), &FaultKind::QuotaExceeded);
        access_keys::change(store, &cx, (at, &first.id), Change::Deactivate, false).await.unwrap();
        let listed = access_keys::list(store, &cx, (at, Some(&name()))).unwrap();
        let active: Vec<_> = listed.iter().map(|key| (key.id == first.id, key.active)).collect();
        assert!(active.contains(&(true, false)) && active.contains(&(false, true)), "{active:?}");
        let found = |id: &str| {
            let id = id.to_owned();
            store.read(|rx| store::accounts::access_keys::find_active(rx, &id)).unwrap()
        };
        assert!(found(&first.id).is_none());
        let key = found(&second.id).unwrap();
        assert_eq!(key.secret.expose(), second.secret.expose());
        assert_eq!(key.service_user_id.as_deref(), Some(user.id.as_str()));
        service_users::delete(store, &cx, (at, &name())).await.unwrap();
        assert!(found(&second.id).is_none());
        let gone =
            access_keys::change(store, &cx, (at, &second.id), Change::Delete, false).await.unwrap_err();
        assert!(matches!(gone.kind(), FaultKind::NotFound(_)));
    }
);

testkit::on_both_engines!(the_roots_last_key_is_taken_away_only_by_force, |fixture: Fixture| async move {
    let (store, at) = (&fixture.store, &fixture.instance.id);
    let cx = fixture.root("iam.amazonaws.com", "CreateAccessKey");
    let first = access_keys::create(store, &cx, (at, None)).await.unwrap();
    for change in [Change::Deactivate, Change::Delete] {
        let last = access_keys::change(store, &cx, (at, &first.id), change, false).await.unwrap_err();
        assert!(last.message().contains("last active key"), "{last:?}");
    }
    let second = access_keys::create(store, &cx, (at, None)).await.unwrap();
    access_keys::change(store, &cx, (at, &first.id), Change::Deactivate, false).await.unwrap();
    assert!(access_keys::change(store, &cx, (at, &second.id), Change::Delete, false).await.is_err());
    access_keys::change(store, &cx, (at, &second.id), Change::Delete, true).await.unwrap();
    access_keys::change(store, &cx, (at, &first.id), Change::Activate, false).await.unwrap();
    // By whoever holds the data directory: all others end.
    let rotated = access_keys::rotate_root(store, &cx, &fixture.instance).await.unwrap();
    let listed = access_keys::list(store, &cx, (at, None)).unwrap();
    assert_eq!(listed.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), [rotated.id.as_str()]);
    assert_eq!(access_keys::disable_root(store, &cx, &fixture.instance).await.unwrap(), 1);
});

testkit::on_both_engines!(
    policies_of_a_service_user_are_checked_and_bounded,
    |fixture: Fixture| async move {
        let (store, at) = (&fixture.store, &fixture.instance.id);
        let cx = fixture.root("iam.amazonaws.com", "CreateServiceUser");
        service_users::create(store, &cx, at, name(), None).await.unwrap();
        let attach = async |arn: &str| service_users::attach(store, &cx, (at, &name()), arn.to_owned()).await;
        attach("arn:aws:iam::aws:policy/ReadOnlyAccess").await.unwrap();
        let twice: Fault = attach("arn:aws:iam::aws:policy/ReadOnlyAccess").await.unwrap_err();
        assert!(matches!(twice.kind(), FaultKind::Conflict(_)));
        assert!(attach("arn:aws:iam::aws:policy/NoSuchPolicyAtAll").await.is_err());
        let set = async |policy: &str| {
            service_users::set_inline(store, &cx, (at, &name()), Some(policy.to_owned())).await
        };
        assert!(set("{}").await.is_err());
        set(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:ListInstances","Resource":"*"}]}"#)
        .await
        .unwrap();
        service_users::set_inline(store, &cx, (at, &name()), None).await.unwrap();
        assert!(service_users::set_inline(store, &cx, (at, &name()), None).await.is_err());
        let (user, keys) = service_users::describe(store, &cx, (at, &name())).unwrap();
        assert_eq!(user.managed_policies, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        assert!(keys.is_empty() && user.inline_policies.is_empty());
    }
);
