//! The gate: who passes, who does not, and in which words they are told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use model::access::{Authority, Context, Decision, Question, Resource};
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::{Role, RoleName};
use model::caller::{Caller, OnBehalfOf, PortalUser, ProvidedContext, RoleSession};
use model::cx::{Cx, Surroundings};
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::entropy::SeededEntropy;
use model::event::EventHead;
use model::fault::FaultKind;
use model::limits::Mode;
use model::timestamp::Timestamp;
use policy::condition_keys::{ConditionKey, KEYS, Standing, never_set};
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use policy::require::{Action, require, require_with};
use policy::{resource, trust};
use serde_json::{Value, json};

pub(crate) const OWN: &str = "111122223333";
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE";
const USER: &str = "90677c608a-7afcdc23-22e4-4fb4-9b46-d6e7f6c4f7d9";

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::trusted(id.to_owned())
}

fn cx(caller: Caller) -> Cx {
    let surroundings = Surroundings {
        region: "eu-central-1".into(),
        owner: account(OWN),
        organization: Some(Arc::new(Organization {
            id: "o-exampleorgid".to_owned(),
            management_account_id: account("444455556666"),
            root_id: "r-ab12".to_owned(),
            created_at: Timestamp::from_seconds(0),
        })),
        mode: Mode::Relaxed,
        primary: None,
        entropy: Arc::new(SeededEntropy::new(7)),
    };
    let now = Timestamp::from_seconds(1_795_507_200);
    let mut cx = Cx::new(&surroundings, caller, now, EventHead::default());
    cx.source_ip = "192.0.2.7".into();
    cx.user_agent = "aws-cli/2.35".into();
    cx.referer = "https://example.com/".into();
    cx.secure_transport = Some(true);
    cx
}

pub(crate) fn document(statements: &Value) -> Arc<Document> {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Arc::new(Document::from_value(&document, Kind::Identity).unwrap())
}

pub(crate) fn jane(policies: PolicySet) -> Cx {
    let session = RoleSession {
        is_delegated: false,
        account_id: account(OWN),
        role_name: RoleName::trusted("Admin".to_owned()),
        account_path: UnitPath::ROOT,
        role_path: "/aws-reserved/sso.amazonaws.com/".to_owned(),
        role_id: "AROAEXAMPLEEXAMPLE123".to_owned(),
        session_name: "jane".to_owned(),
        access_key_id: "ASIAEXAMPLEEXAMPLE12".to_owned(),
        issued_at: Timestamp::from_seconds(1_795_507_100),
        expires_at: Timestamp::from_seconds(1_795_510_700),
        tags: BTreeMap::from([("team".to_owned(), "red".to_owned())]),
        provided_context: Some(ProvidedContext {
            application_arn: "arn:aws:sso::111122223333:application/ssoins-1/apl-1".to_owned(),
            instance_arn: "arn:aws:sso:::instance/ssoins-1".to_owned(),
            credential_id: "one".to_owned(),
        }),
        federated_provider: Some(PROVIDER.to_owned()),
        mfa_at: Some(Timestamp::from_seconds(1_795_507_080)),
        handed_on: <_>::default(),
        on_behalf_of: Some(OnBehalfOf {
            user_id: UserId::trusted(USER.to_owned()),
            identity_store_id: IdentityStoreId::trusted("d-90677c608a".to_owned()),
        }),
    };
    cx(Caller::role(session, Arc::new(policies)))
}

fn identity(statements: &Value) -> PolicySet {
    PolicySet { identity: vec![document(statements)], ..PolicySet::default() }
}

const LIST: Action = Action("sso:ListInstances");

fn refusal(cx: &Cx, resources: &[Resource]) -> String {
    let fault = require(cx, LIST, resources).unwrap_err();
    assert_eq!(fault.kind(), &FaultKind::AccessDenied);
    fault.message().to_owned()
}

#[test]
fn a_refusal_says_what_aws_says() {
    let allow = document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let deny = document(&json!({"Effect": "Deny", "Action": "sso:List*", "Resource": "*"}));
    let start = "User: arn:aws:sts::111122223333:assumed-role/Admin/jane is not authorized to perform: sso:ListInstances on \
                 resource: *";
    let nothing = Arc::new(Document::default());
    for (set, why) in [
        (PolicySet::default(), "because no identity-based policy allows the sso:ListInstances action"),
        (
            PolicySet {
                identity: vec![allow.clone()],
                boundary: Some(nothing.clone()),
                ..PolicySet::default()
            },
            "because no permissions boundary allows the sso:ListInstances action",
        ),
        (
            PolicySet {
                identity: vec![allow.clone()],
                session: Some(vec![nothing.clone()]),
                ..PolicySet::default()
            },
            "because no session policy allows the sso:ListInstances action",
        ),
        (
            PolicySet { identity: vec![allow.clone(), deny.clone()], ..PolicySet::default() },
            "with an explicit deny in an identity-based policy",
        ),
        (
            PolicySet { identity: vec![allow.clone()], boundary: Some(deny.clone()), ..PolicySet::default() },
            "with an explicit deny in a permissions boundary",
        ),
        (
            PolicySet {
                identity: vec![allow.clone()],
                session: Some(vec![allow.clone(), deny.clone()]),
                ..PolicySet::default()
            },
            "with an explicit deny in a session policy",
        ),
        (
            PolicySet {
                service_control: vec![vec![allow.clone()], vec![nothing]],
                identity: vec![allow.clone()],
                ..PolicySet::default()
            },
            "because no service control policy allows the sso:ListInstances action",
        ),
        (
            PolicySet {
                service_control: vec![vec![allow.clone(), deny]],
                identity: vec![allow],
                ..PolicySet::default()
            },
            "with an explicit deny in a service control policy",
        ),
    ] {
        assert_eq!(refusal(&jane(set), &[]), format!("{start} {why}"));
    }
}

#[test]
fn every_resource_must_be_allowed() {
    let cx = jane(identity(
        &json!({"Effect": "Allow", "Action": "sso:*", "Resource": "arn:aws:sso:::account/1*"}),
    ));
    let one = resource::owned("arn:aws:sso:::account/111122223333", &account(OWN));
    let other = resource::owned("arn:aws:sso:::account/222222222222", &account(OWN));
    assert!(require(&cx, LIST, std::slice::from_ref(&one)).is_ok());
    assert!(refusal(&cx, &[one, other]).contains("account/222222222222"));
    assert!(require(&cx, LIST, &[]).is_err(), "an action without a resource needs '*'");
}

#[test]
fn another_accounts_resource_is_out_of_reach_unless_shared() {
    let foreign = resource::owned("arn:aws:sso:::instance/ssoins-1", &account("999999999999"));
    let all = identity(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    for cx in
        [jane(all.clone()), cx(Caller::root(account(OWN), "AKIAEXAMPLE")), cx(Caller::service(account(OWN)))]
    {
        assert!(require(&cx, LIST, &[]).is_ok());
        assert!(refusal(&cx, std::slice::from_ref(&foreign)).contains("no resource-based policy"));
        assert!(require(&cx, LIST, &[resource::shared(foreign.clone())]).is_ok());
    }
    let powerless = jane(PolicySet::default());
    assert!(require(&powerless, LIST, &[resource::shared(foreign)]).is_err(), "shared is not yet allowed");
}

#[test]
fn who_has_no_policies_passes_nowhere() {
    let user = PortalUser {
        user_id: UserId::trusted(USER.to_owned()),
        user_name: "jane".to_owned(),
        identity_store_id: IdentityStoreId::trusted("d-90677c608a".to_owned()),
        account_id: account(OWN),
        session_id: "s".to_owned(),
    };
    let shared = resource::shared(resource::owned("arn:aws:sso:::instance/ssoins-1", &account(OWN)));
    for caller in [Caller::anonymous(), Caller::portal_user(user)] {
        assert!(refusal(&cx(caller), std::slice::from_ref(&shared)).contains("no identity-based policy"));
    }
    assert!(refusal(&cx(Caller::anonymous()), &[]).starts_with("User: anonymous is not"));
}

#[test]
fn the_request_can_be_asked_about() {
    let asked = Context::from([
        ("aws:RequestTag/team".to_owned(), vec!["red".to_owned()]),
        ("aws:TagKeys".to_owned(), vec!["team".to_owned()]),
    ]);
    let mut tagged = resource::owned("arn:aws:sso:::instance/ssoins-1", &account(OWN));
    tagged.tags.insert("team".to_owned(), "red".to_owned());
    for (condition, want) in [
        (
            json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin"}}),
            true,
        ),
        (json!({"StringEquals": {"aws:PrincipalAccount": OWN, "aws:PrincipalType": "AssumedRole"}}), true),
        (json!({"StringEquals": {"aws:userid": "AROAEXAMPLEEXAMPLE123:jane"}}), true),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}), true),
        (json!({"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}}), true),
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["owner"]}}), false),
        (json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), true),
        (json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), false),
        (json!({"StringLike": {"aws:UserAgent": "aws-cli/*"}}), true),
        (json!({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}), true),
        (json!({"DateGreaterThan": {"aws:CurrentTime": "2026-11-24T00:00:00Z"}}), true),
        (json!({"DateGreaterThan": {"aws:CurrentTime": "2027-01-01"}}), false),
        (json!({"NumericLessThan": {"aws:EpochTime": 1_795_507_201_u64}}), true),
        (json!({"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}), false),
        (json!({"StringEquals": {"identitystore:UserId": USER}}), true),
        (
            json!({"ArnEquals": {"identitystore:IdentityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-90677c608a"}}),
            true,
        ),
        (json!({"StringEquals": {"aws:ResourceAccount": OWN}}), true),
        (json!({"Bool": {"aws:ViaAWSService": "false", "aws:MultiFactorAuthPresent": "true"}}), true),
        (json!({"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "120"}}), true),
        (json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "120"}}), false),
        (json!({"Null": {"aws:username": "true"}}), true),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), true),
        (json!({"Bool": {"aws:SecureTransport": "false"}}), false),
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid", "aws:ResourceOrgID": "o-exampleorgid"}}),
            true,
        ),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}), false),
        (json!({"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}), false),
        (json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorgid/r-ab12/*"}}), true),
        (json!({"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "o-exampleorgid/*/ou-*"}}), false),
        (json!({"StringEquals": {"aws:PrincipalOrgMasterAccountId": "444455556666"}}), true),
        (json!({"ArnEquals": {"aws:FederatedProvider": PROVIDER}}), true),
        (json!({"StringLike": {"aws:referer": "https://example.com/*"}}), true),
    ] {
        let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        let got = require_with(&jane(identity(&allow)), LIST, std::slice::from_ref(&tagged), &asked);
        assert_eq!(got.is_ok(), want, "{condition}");
    }
}

/// Allows everything, and remembers what was asked.
#[derive(Debug, Default)]
struct Listener(Mutex<Vec<Context>>);

impl Authority for Listener {
    fn decide(&self, question: &Question<'_>) -> Decision {
        self.0.lock().unwrap().push(question.context.clone());
        Decision::Allow
    }
}

/// The keys of a request of Jane's on a tagged resource, and on one without a name.
fn heard() -> (Context, Context) {
    let listener = Arc::new(Listener::default());
    let mut cx = jane(PolicySet::default());
    cx.caller.authority = listener.clone();
    // An application has every key that a resource can have.
    let mut tagged = resource::owned("arn:aws:sso::111122223333:application/ssoins-1/apl-1", &account(OWN));
    tagged.tags.insert("team".to_owned(), "red".to_owned());
    let other = Resource { arn: "*".to_owned(), ..Resource::default() };
    require(&cx, LIST, &[tagged, other]).unwrap();
    let heard = std::mem::take(&mut *listener.0.lock().unwrap());
    (heard[0].clone(), heard[1].clone())
}

#[test]
fn what_is_said_to_be_set_is_set() {
    let (heard, _) = heard();
    // Tags of requests, and what IAM and STS alone know: `accounts` puts these. Jane is no user of an account's IAM, and nobody stands behind her.
    let elsewhere = [
        "aws:RequestTag/",
        "aws:SourceIdentity",
        "aws:TagKeys",
        "aws:username",
        "iam:",
        "organizations:",
        "portico:",
        "saml:",
        "sts:",
    ];
    for key in KEYS {
        let many = key.name.ends_with('/');
        let found = heard.keys().any(|name| name == key.name || (many && name.starts_with(key.name)));
        let set = matches!(key.standing, Standing::Set(_));
        let here = set && !elsewhere.iter().any(|start| key.name.starts_with(start));
        assert_eq!(found, here, "{}", key.name);
    }
    for name in heard.keys() {
        assert_eq!(never_set(name), None, "{name} is set and not said to be");
    }
}

#[test]
fn an_action_without_a_resource_is_in_the_callers_account() {
    let (_, heard) = heard();
    assert_eq!(heard["aws:ResourceAccount"], [OWN]);
    assert_eq!(heard["aws:ResourceOrgID"], ["o-exampleorgid"]);
    for key in ["aws:ResourceTag/team", "sso:ApplicationAccount"] {
        assert!(!heard.contains_key(key), "{key} of what was asked about before");
    }
}

#[test]
fn the_page_about_condition_keys_says_what_the_table_says() {
    let page = include_str!("../../../../docs/compat/condition-keys.md");
    let told: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let name = |key: &ConditionKey| {
        let many = if key.name.ends_with('/') { "*key*" } else { "" };
        format!("{}{many}", key.name)
    };
    let row = |key: &ConditionKey| match key.standing {
        Standing::Set(when) => format!("| `{}` | set | {when} |", name(key)),
        Standing::Never(why) => format!("| `{}` | refused in a Deny | {why} |", name(key)),
    };
    assert_eq!(told, KEYS.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn what_names_a_role_does_not_lift_what_bounds_it() {
    let trusts = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}})
    };
    let (admin, session) = (
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin",
        "arn:aws:sts::111122223333:assumed-role/Admin/jane",
    );
    let may = || document(&json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}));
    let reads = || document(&json!({"Effect": "Allow", "Action": "sso:List*", "Resource": "*"}));
    let never = || document(&json!({"Effect": "Deny", "Action": "sts:*", "Resource": "*"}));
    for (identity, boundary, sessions, by_role, by_session) in [
        (vec![], None, None, true, true),
        (vec![], Some(reads()), None, false, true),
        (vec![], Some(may()), None, true, true),
        (vec![], None, Some(vec![reads()]), false, true),
        (vec![], None, Some(vec![reads(), may()]), true, true),
        (vec![], Some(may()), Some(vec![reads()]), false, true),
        (vec![may()], Some(reads()), None, false, true),
        (vec![], Some(never()), None, false, false),
        (vec![], None, Some(vec![may(), never()]), false, false),
    ] {
        for (principal, want) in [(admin, by_role), (session, by_session)] {
            let set = PolicySet {
                identity: identity.clone(),
                boundary: boundary.clone(),
                session: sessions.clone(),
                ..PolicySet::default()
            };
            let shown = format!("{principal} {set:?}");
            let role = role(OWN, trusts(principal));
            let got = trust::may_assume(
                &jane(set.clone()),
                (&role, &UnitPath::ROOT),
                &["sts:AssumeRole"],
                &Context::new(),
            )
            .unwrap();
            assert_eq!(got, want, "{shown}");
            // What the organization does not let the account do, no trust makes up for.
            let bounded = PolicySet { service_control: vec![vec![reads()]], ..set };
            let got = trust::may_assume(
                &jane(bounded),
                (&role, &UnitPath::ROOT),
                &["sts:AssumeRole"],
                &Context::new(),
            )
            .unwrap();
            assert!(!got, "bounded {shown}");
        }
    }
}

fn role(owner: &str, trust_policy: Value) -> Role {
    Role {
        account_id: account(owner),
        name: RoleName::trusted("Deploy".to_owned()),
        path: "/".to_owned(),
        role_id: "AROAEXAMPLEEXAMPLE999".to_owned(),
        description: None,
        max_session_seconds: 3_600,
        trust_policy,
        managed_policies: Vec::new(),
        inline_policies: Vec::new(),
        permissions_boundary: None,
        permission_set_id: None,
        created_at: Timestamp::from_seconds(0),
    }
}

#[test]
fn trust_and_own_policies_decide_together_who_assumes_a_role() {
    let trusts = |principal: &str, condition: Value| {
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}})
    };
    let admin = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin";
    let may =
        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/Deploy"});
    let nothing = PolicySet::default();
    for (owner, principal, condition, own, want) in [
        (OWN, OWN, json!({}), nothing.clone(), false),
        (OWN, OWN, json!({}), identity(&may), true),
        (OWN, admin, json!({}), nothing.clone(), true),
        ("999999999999", admin, json!({}), nothing.clone(), false),
        ("999999999999", admin, json!({}), identity(&may), true),
        ("999999999999", OWN, json!({}), identity(&may), true),
        ("999999999999", "999999999999", json!({}), identity(&may), false),
        (OWN, OWN, json!({"StringEquals": {"sts:ExternalId": "x"}}), identity(&may), true),
        (OWN, OWN, json!({"StringEquals": {"sts:ExternalId": "y"}}), identity(&may), false),
        (OWN, OWN, json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}), identity(&may), true),
    ] {
        let further = Context::from([("sts:ExternalId".to_owned(), vec!["x".to_owned()])]);
        let role = role(owner, trusts(principal, condition.clone()));
        let got =
            trust::may_assume(&jane(own), (&role, &UnitPath::ROOT), &["sts:AssumeRole"], &further).unwrap();
        assert_eq!(got, want, "{owner} {principal} {condition}");
        let tagging = trust::may_assume(
            &jane(identity(&may)),
            (&role, &UnitPath::ROOT),
            &["sts:AssumeRole", "sts:TagSession"],
            &further,
        );
        assert!(!tagging.unwrap(), "the trust policy does not allow sts:TagSession");
    }
    let broken = role(OWN, json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}));
    assert!(
        trust::may_assume(
            &jane(identity(&may)),
            (&broken, &UnitPath::ROOT),
            &["sts:AssumeRole"],
            &Context::new()
        )
        .is_err()
    );
}

#[test]
fn whom_an_actor_policy_does_not_name_may_not_act() {
    let (admin, session) = (
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin",
        "arn:aws:sts::111122223333:assumed-role/Admin/jane",
    );
    let act = json!({"Effect": "Allow", "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": "sso-oauth:*", "Resource": "*"});
    let nothing = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let of = |owner: &str| Resource {
        arn: format!("arn:aws:sso::{owner}:application/ssoins-1234567890abcdef/apl-0123456789abcdef"),
        owner: Some(account(owner)),
        ..Resource::default()
    };
    for (principal, own, here, elsewhere) in [
        ("999999999999", &act, false, false),
        (OWN, &act, true, true),
        (OWN, &nothing, false, false),
        (admin, &nothing, true, false),
        (session, &nothing, true, false),
        (admin, &act, true, true),
        (admin, &deny, false, false),
    ] {
        let actors = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}});
        let actors = Document::from_value(&actors, Kind::Actor).unwrap();
        let cx = jane(PolicySet { identity: vec![document(own)], ..PolicySet::default() });
        let may = |application: &Resource| {
            trust::may_act(&cx, &actors, application, "sso-oauth:CreateTokenWithIAM")
        };
        assert_eq!((may(&of(OWN)), may(&of("222233334444"))), (here, elsewhere), "{principal} {own}");
        assert!(!trust::may_act(&cx, &actors, &of(OWN), "sso-oauth:RevokeTokenWithIAM"), "another action");
    }
}
