//! Instances and tags on both engines: what may change, who may change it, what is refused rather than ignored.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

mod account_instances;
mod regions;

use std::sync::Arc;

use instances::instances::{EncryptionPatch, InstancePatch, NetworkPatch, describe, list, update};
use instances::tags::{self, Taggable};
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::RoleName;
use model::applications::application::{Application, ApplicationId, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::caller::{Caller, RoleSession};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::instance::InstanceId;
use model::instances::tag::Tags;
use model::limits::TAGS_MAX;
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use serde_json::{Value, json};
use store::applications::applications::MadeBy;
use testkit::fixture::Fixture;

const OUTSIDER: &str = "222233334444";

/// A session in an account that may do what `policy` says.
fn session(fixture: &Fixture, account: &str, policy: &Value) -> Cx {
    let session = RoleSession {
        is_delegated: false,
        account_id: AccountId::trusted(account),
        role_name: RoleName::trusted("delegate"),
        account_path: UnitPath::ROOT,
        role_path: "/".to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        session_name: "s".to_owned(),
        access_key_id: "ASIAEXAMPLE".to_owned(),
        issued_at: fixture.now,
        expires_at: fixture.now,
        tags: Tags::new(),
        provided_context: None,
        federated_provider: None,
        mfa_at: None,
        handed_on: <_>::default(),
        on_behalf_of: None,
    };
    let document = Arc::new(Document::from_value(policy, Kind::Identity).unwrap());
    let policies = PolicySet { identity: vec![document], ..PolicySet::default() };
    fixture.cx(Caller::role(session, Arc::new(policies)), "sso.amazonaws.com", "Call")
}

fn root(fixture: &Fixture) -> Cx {
    fixture.root("sso.amazonaws.com", "Call")
}

fn kind<T: std::fmt::Debug>(result: Result<T, Fault>) -> FaultKind {
    result.unwrap_err().kind().clone()
}

fn pairs(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

testkit::on_both_engines!(a_name_is_given_kept_and_taken_away, |fixture: Fixture| async move {
    let (store, id) = (&fixture.store, &fixture.instance.id);
    for (given, expected) in [(Some("corp"), Some("corp")), (None, Some("corp")), (Some(""), None)] {
        let patch = InstancePatch { name: given.map(str::to_owned), ..InstancePatch::default() };
        update(store, &root(&fixture), id, patch).await.unwrap();
        assert_eq!(describe(store, &root(&fixture), id).unwrap().0.name.as_deref(), expected);
    }
    assert_eq!(list(store, &root(&fixture)).unwrap().len(), 1);
});

testkit::on_both_engines!(
    what_cannot_be_honoured_is_refused_and_changes_nothing,
    |fixture: Fixture| async move {
        let (store, id) = (&fixture.store, &fixture.instance.id);
        let encryption = |customer_managed, names_key| Some(EncryptionPatch { customer_managed, names_key });
        let named = || InstancePatch { name: Some("new".to_owned()), ..InstancePatch::default() };
        let fine = [
            InstancePatch { encryption: encryption(false, false), ..InstancePatch::default() },
            InstancePatch { permission_sets_enabled: Some(true), ..InstancePatch::default() },
            InstancePatch { network: Some(NetworkPatch { restricts: false }), ..InstancePatch::default() },
        ];
        for patch in fine {
            update(store, &root(&fixture), id, patch).await.unwrap();
        }
        let bad = [
            InstancePatch { encryption: encryption(true, true), ..named() },
            InstancePatch { encryption: encryption(true, false), ..named() },
            InstancePatch { encryption: encryption(false, true), ..named() },
            InstancePatch { permission_sets_enabled: Some(false), ..named() },
            InstancePatch { network: Some(NetworkPatch { restricts: true }), ..named() },
            InstancePatch {
                encryption: encryption(false, false),
                permission_sets_enabled: Some(true),
                ..named()
            },
        ];
        for patch in bad {
            assert_eq!(kind(update(store, &root(&fixture), id, patch).await), FaultKind::Validation);
        }
        assert_eq!(describe(store, &root(&fixture), id).unwrap().0.name, None);
    }
);

testkit::on_both_engines!(only_its_owner_sees_and_changes_it, |fixture: Fixture| async move {
    let (store, id) = (&fixture.store, &fixture.instance.id);
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let (nowhere, what) = (InstanceId::trusted("ssoins-0000000000000000"), Taggable::Instance(id.clone()));
    let nobody = fixture.cx(Caller::anonymous(), "sso.amazonaws.com", "Call");
    for cx in [session(&fixture, OUTSIDER, &everything), nobody] {
        assert_eq!(kind(describe(store, &cx, id)), FaultKind::AccessDenied);
        // What is asked for is wrong too, and the caller is told only that they may not.
        let patch = InstancePatch { permission_sets_enabled: Some(false), ..InstancePatch::default() };
        assert_eq!(kind(update(store, &cx, id, patch).await), FaultKind::AccessDenied);
        assert_eq!(kind(tags::list(store, &cx, &what)), FaultKind::AccessDenied);
        let set = tags::tag(store, &cx, what.clone(), pairs(&[("a", "b")])).await;
        assert_eq!(kind(set), FaultKind::AccessDenied);
        assert_eq!(
            kind(tags::untag(store, &cx, what.clone(), vec!["a".to_owned()]).await),
            FaultKind::AccessDenied
        );
    }
    assert_eq!(kind(describe(store, &root(&fixture), &nowhere)), FaultKind::AccessDenied);
    let gone = Taggable::Instance(nowhere);
    assert_eq!(kind(tags::list(store, &root(&fixture), &gone)), FaultKind::AccessDenied);
});

testkit::on_both_engines!(tags_are_bounded_together, |fixture: Fixture| async move {
    let (store, what) = (&fixture.store, Taggable::Instance(fixture.instance.id.clone()));
    let full: Tags = (0..TAGS_MAX).map(|at| (format!("key{at}"), "1".to_owned())).collect();
    tags::tag(store, &root(&fixture), what.clone(), full.clone()).await.unwrap();
    let one_more = tags::tag(store, &root(&fixture), what.clone(), pairs(&[("more", "1")])).await;
    assert_eq!(kind(one_more), FaultKind::QuotaExceeded);
    assert_eq!(tags::list(store, &root(&fixture), &what).unwrap(), full);
    tags::tag(store, &root(&fixture), what.clone(), pairs(&[("key0", "2")])).await.unwrap();
    assert_eq!(tags::list(store, &root(&fixture), &what).unwrap()["key0"], "2");
    let keys = vec!["key0".to_owned(), "absent".to_owned()];
    tags::untag(store, &root(&fixture), what.clone(), keys).await.unwrap();
    assert_eq!(tags::list(store, &root(&fixture), &what).unwrap().len(), TAGS_MAX - 1);
});

testkit::on_both_engines!(a_policy_may_say_which_tags_are_set, |fixture: Fixture| async move {
    let (store, what) = (&fixture.store, Taggable::Instance(fixture.instance.id.clone()));
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["sso:TagResource", "sso:UntagResource"], "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    }]});
    let cx = || session(&fixture, fixture.instance.owner.as_str(), &policy);
    tags::tag(store, &cx(), what.clone(), pairs(&[("team", "core")])).await.unwrap();
    let other = tags::tag(store, &cx(), what.clone(), pairs(&[("team", "core"), ("cost", "1")])).await;
    assert_eq!(kind(other), FaultKind::AccessDenied);
    let other = tags::untag(store, &cx(), what.clone(), vec!["cost".to_owned()]).await;
    assert_eq!(kind(other), FaultKind::AccessDenied);
    tags::untag(store, &cx(), what.clone(), vec!["team".to_owned()]).await.unwrap();
    assert!(tags::list(store, &root(&fixture), &what).unwrap().is_empty());
});

testkit::on_both_engines!(what_is_not_taggable_is_not_found, |_fixture: Fixture| async move {
    for arn in [
        "arn:aws:sso:::application/ssoins-1234567890abcdef/apl-1234567890abcdef",
        "arn:aws:sso:::account/111122223333",
        "arn:aws-cn:sso:::instance/ssoins-1234567890abcdef",
        "",
    ] {
        let fault = Taggable::parse(arn).unwrap_err();
        assert!(matches!(fault.kind(), FaultKind::NotFound(_)), "{arn}: {fault}");
        assert_eq!(fault.resource_id(), Some(arn));
    }
});

testkit::on_both_engines!(
    an_application_is_tagged_by_its_account_and_by_the_owner,
    |fixture: Fixture| async move {
        let store = &fixture.store;
        let application = Application {
            id: ApplicationId::trusted("apl-1234567890abcdef"),
            instance_id: fixture.instance.id.clone(),
            account_id: AccountId::trusted(OUTSIDER),
            provider_id: ApplicationProviderId::trusted("custom"),
            name: "wiki".to_owned(),
            description: None,
            status: Switch::Enabled,
            visibility: Switch::Enabled,
            sign_in: None,
            assignment_required: true,
            background_sessions: Switch::Disabled,
            created_at: fixture.now,
            created_from: "us-east-1".to_owned(),
        };
        let what = Taggable::parse(&application.arn().to_string()).unwrap();
        let absent =
            tags::tag(store, &root(&fixture), what.clone(), pairs(&[("team", "core")])).await.unwrap_err();
        assert!(matches!(absent.kind(), FaultKind::NotFound(_)), "{absent}");
        let by = MadeBy { client_token: None, input: String::new() };
        store
            .maintain(&root(&fixture), move |tx, _| {
                store::applications::applications::insert(tx, &application, &by)
            })
            .await
            .unwrap();
        let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let theirs = || session(&fixture, OUTSIDER, &everything);
        tags::tag(store, &theirs(), what.clone(), pairs(&[("team", "core")])).await.unwrap();
        tags::tag(store, &root(&fixture), what.clone(), pairs(&[("cost", "1")])).await.unwrap();
        tags::untag(store, &theirs(), what.clone(), vec!["team".to_owned()]).await.unwrap();
        assert_eq!(tags::list(store, &theirs(), &what).unwrap(), pairs(&[("cost", "1")]));
        let another = session(&fixture, "999988887777", &everything);
        assert_eq!(kind(tags::list(store, &another, &what)), FaultKind::AccessDenied);
    }
);
