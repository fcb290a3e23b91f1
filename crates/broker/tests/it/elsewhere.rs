//! What comes of an account's answers: nothing that it says is taken for more than it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use broker::aws::access::{Access, Reach, Way};
use broker::aws::roles::{self, Provider};
use broker::aws::saml_sign_in::{self, Ask};
use broker::aws::steps::Wanted;
use broker::aws::trial;
use model::accounts::account::AccountId;
use model::clock::ManualClock;
use model::secret::Secret;
use model::timestamp::Timestamp;
use serde_json::json;
use testkit::elsewhere::Elsewhere;

const ACCOUNT: &str = "444455556666";
const ROLE: &str = "AWSReservedSSO_Admin_0123456789abcdef";

fn access() -> Access {
    Access {
        account: AccountId::trusted(ACCOUNT),
        iam_endpoint: None,
        way: Way {
            sts_endpoint: None,
            region: "us-east-1".to_owned(),
            access_key_id: "AKIA".to_owned(),
            secret_access_key: Secret::new("secret"),
            roles: Vec::new(),
        },
    }
}

fn reach(account: &Elsewhere) -> Reach {
    let clock = ManualClock::new(Timestamp::from_seconds(1_795_507_200));
    Reach { http: account.http(), clock: Arc::new(clock) }
}

fn provider() -> Provider {
    Provider {
        arn: "arn:aws:iam::444455556666:saml-provider/AWSSSO_x_DO_NOT_DELETE".to_owned(),
        metadata: "<metadata/>".to_owned(),
    }
}

fn wanted() -> Wanted {
    Wanted {
        name: ROLE.to_owned(),
        path: "/aws-reserved/sso.amazonaws.com/".to_owned(),
        description: String::new(),
        max_session_seconds: 43_200,
        trust: json!({"Statement": [{"Effect": "Allow"}]}),
        mark: "ssoins-1".to_owned(),
        attached: BTreeSet::from(["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()]),
        inline: None,
        boundary: None,
    }
}

fn role(tags: &str) -> String {
    format!(
        "<Role><Path>/aws-reserved/sso.amazonaws.com/</Path><RoleName>{ROLE}</RoleName><RoleId>AROATHEIRS</RoleId><Arn>a</Arn>\
         <CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>\
         <Tags>{tags}</Tags></Role>"
    )
}

fn changes(calls: Vec<String>) -> Vec<String> {
    calls.into_iter().filter(|call| !call.starts_with("Get") && !call.starts_with("List")).collect()
}

#[tokio::test]
async fn a_new_role_is_whole_before_anybody_may_take_it() {
    let account = Elsewhere::empty(ACCOUNT);
    let id = roles::ensure(&access(), &reach(&account), &provider(), &wanted()).await.unwrap();
    assert_eq!(id, "AROAELSEWHERE");
    let order = ["CreateSAMLProvider", "CreateRole", "AttachRolePolicy", "UpdateAssumeRolePolicy"];
    assert_eq!(changes(account.taken()), order);
}

#[tokio::test]
async fn a_role_without_our_mark_is_neither_changed_nor_taken_away() {
    let account = Elsewhere::empty(ACCOUNT);
    let other = "<member><Key>portico:instance</Key><Value>ssoins-2</Value></member>";
    for tags in ["", other] {
        account.answers("GetRole", &role(tags));
        account.answers("GetSAMLProvider", "<SAMLMetadataDocument>&lt;metadata/&gt;</SAMLMetadataDocument>");
        let (access, reach) = (access(), reach(&account));
        let failure = roles::ensure(&access, &reach, &provider(), &wanted()).await.unwrap_err();
        assert!(failure.said.contains("was not made by this instance") && !failure.passes, "{failure}");
        let path = "/aws-reserved/sso.amazonaws.com/";
        // For us it is gone: whoever was to lose it can lose it.
        roles::remove(&access, &reach, (ROLE, path), "ssoins-1").await.unwrap();
        assert!(changes(account.taken()).is_empty());
    }
}

#[tokio::test]
async fn with_another_accounts_key_nothing_is_done_there() {
    let account = Elsewhere::empty("111122223333");
    let (access, reach) = (access(), reach(&account));
    let said = "the credentials are of account 111122223333";
    let failure = roles::ensure(&access, &reach, &provider(), &wanted()).await.unwrap_err();
    assert!(failure.said == said && !failure.passes, "{failure}");
    let failure = roles::remove(&access, &reach, (ROLE, &wanted().path), "ssoins-1").await.unwrap_err();
    assert_eq!(failure.said, said);
    assert_eq!(account.taken(), ["GetCallerIdentity", "GetCallerIdentity"]);
}

#[tokio::test]
async fn a_policy_that_is_not_there_is_refused_before_anything_changes() {
    let account = Elsewhere::empty(ACCOUNT);
    account.refuses("GetPolicy", 404, "NoSuchEntity");
    let attaches = wanted();
    let boundary = Some("arn:aws:iam::444455556666:policy/Bound".to_owned());
    let bounded = Wanted { attached: BTreeSet::new(), boundary, ..wanted() };
    for wanted in [attaches, bounded] {
        let failed = roles::ensure(&access(), &reach(&account), &provider(), &wanted).await.unwrap_err();
        assert!(failed.call == "iam:GetPolicy" && !failed.passes, "{failed}");
        assert_eq!(changes(account.taken()), ["CreateSAMLProvider"]);
    }
}

#[tokio::test]
async fn what_passes_is_told_from_what_does_not() {
    let account = Elsewhere::empty(ACCOUNT);
    for (status, code, passes) in [
        (503, "ServiceUnavailable", true),
        (400, "Throttling", true),
        (409, "ConcurrentModification", true),
        (403, "AccessDenied", false),
        (409, "EntityAlreadyExists", true),
        (409, "LimitExceeded", false),
        (400, "MalformedPolicyDocument", false),
    ] {
        account.refuses("CreateRole", status, code);
        let failed = roles::ensure(&access(), &reach(&account), &provider(), &wanted()).await.unwrap_err();
        assert_eq!((failed.passes, failed.code.as_deref()), (passes, Some(code)));
        let said = format!("Account 444455556666: iam:CreateRole failed with {code}: so it is");
        assert_eq!(failed.to_string(), said);
    }
}

#[tokio::test]
async fn credentials_of_another_role_than_was_asked_for_are_none() {
    let account = Elsewhere::default();
    let answer = |arn: &str| {
        format!(
            "<AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROA:jane</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>ASIA</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-25T12:00:00Z</Expiration></Credentials>"
        )
    };
    let session = format!("arn:aws:sts::444455556666:assumed-role/{ROLE}/jane");
    let ask = Ask {
        role_arn: format!("arn:aws:iam::444455556666:role/{ROLE}"),
        provider_arn: provider().arn,
        assertion: Secret::new("assertion"),
        seconds: 3_600,
        session_arn: session.clone(),
    };
    account.answers("AssumeRoleWithSAML", &answer(&session));
    let given = saml_sign_in::assume(&access(), &reach(&account), &ask).await.unwrap();
    assert_eq!(given.access_key_id, "ASIA");
    let other = "arn:aws:sts::111122223333:assumed-role/Other/jane";
    account.answers("AssumeRoleWithSAML", &answer(other));
    let failure = saml_sign_in::assume(&access(), &reach(&account), &ask).await.unwrap_err();
    assert!(failure.said.contains(other) && !failure.passes, "{failure}");
}

#[tokio::test]
async fn a_trial_stops_where_the_key_is_another_accounts() {
    let account = Elsewhere::empty(ACCOUNT);
    account.answers(
        "GetCallerIdentity",
        "<Arn>arn:aws:iam::111122223333:user/x</Arn><UserId>A</UserId><Account>111122223333</Account>",
    );
    let tried = trial::attempt(&access(), &reach(&account), "/").await;
    let outcomes: Vec<_> = tried.iter().map(|step| step.passed).collect();
    assert_eq!(outcomes, [Some(true), Some(false), None, None]);
    assert!(tried[1].said.contains("in account 111122223333"), "{}", tried[1].said);
    assert_eq!(account.taken(), ["GetCallerIdentity"], "nothing else is asked");
}
