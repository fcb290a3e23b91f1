//! Role credentials in use: sts and iam in the Query protocol, organizations in JSON, signed with a session token.

use accounts::role_sessions::{Credentials, NewSession, credentials};
use aws_lc_rs::hmac;
use axum::body::Body;
use http::{Request, StatusCode};
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::{Role, RoleName};
use model::client_address::OverTls;
use model::clock::Clock as _;
use serde_json::{Value, json};
use sigv4::instant::format_basic;
use sigv4::request::sha256_hex;

use crate::served::{Answer, Served, TRUSTED_PROXY};

pub(crate) const HOST: &str = "127.0.0.1:8765";
const MANAGEMENT: &str = "111122223333";
pub(crate) const MEMBER: &str = "222233334444";

/// Two accounts, each with a role `Admin` that trusts the management account and may do everything.
pub(crate) async fn world() -> Served {
    let served = Served::new().await;
    let cx = served.fixture.root("organizations.amazonaws.com", "Setup");
    let add = |tx: &mut store::tx::Tx<'_>, cx: &model::cx::Cx| {
        let organization = Organization {
            id: "o-a1b2c3d4e5".to_owned(),
            management_account_id: AccountId::trusted(MANAGEMENT),
            root_id: "r-a1b2".to_owned(),
            created_at: cx.now,
        };
        store::accounts::organizations::insert(tx, &organization)?;
        for id in [MANAGEMENT, MEMBER] {
            let account = Account {
                id: AccountId::trusted(id),
                name: format!("Account {id}"),
                email: format!("{id}@example.com"),
                state: AccountState::Active,
                joined_method: "CREATED".to_owned(),
                joined_at: cx.now,
                path: UnitPath::ROOT,
            };
            store::accounts::accounts::insert(tx, &account)?;
            store::accounts::roles::upsert(tx, &role(id, cx.now))?;
        }
        Ok(())
    };
    served.app.store.maintain(&cx, add).await.unwrap();
    served
}

fn role(id: &str, created_at: model::timestamp::Timestamp) -> Role {
    Role {
        account_id: AccountId::trusted(id),
        name: RoleName::trusted("Admin"),
        path: "/".to_owned(),
        role_id: format!("AROA{id}"),
        description: None,
        max_session_seconds: 3_600,
        trust_policy: json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{MANAGEMENT}:root")},
            "Action": ["sts:AssumeRole", "sts:TagSession"]}]}),
        managed_policies: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
        inline_policies: vec![(
            "Own".to_owned(),
            json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["iam:List*"], "Resource": "*"}]}),
        )],
        permissions_boundary: None,
        permission_set_id: None,
        created_at,
    }
}

/// A session `jane` of the role in an account.
fn session(served: &Served, id: &str) -> Credentials {
    let cx = served.fixture.root("sts.amazonaws.com", "Setup");
    let role = role(id, cx.now);
    let new = NewSession {
        role: &role.reference(),
        session_name: "jane".to_owned(),
        lifetime: std::time::Duration::from_secs(3_600),
        tags: std::collections::BTreeMap::new(),
        provided_context: None,
        federated_provider: None,
        on_behalf_of: None,
        policies: Vec::new(),
        mfa_at: None,
        handed_on: <_>::default(),
    };
    credentials(served.app.store.keyring(), &cx, &new).unwrap()
}

/// A signed POST, answered.
async fn post(
    served: &Served,
    who: &Credentials,
    service: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    served.call(request(served, who, service, headers, body)).await
}

/// A signed POST.
fn request(
    served: &Served,
    who: &Credentials,
    service: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Request<Body> {
    let date = format_basic(served.clock.now().seconds());
    let day = date.get(..8).unwrap();
    let scope = format!("{day}/us-east-1/{service}/aws4_request");
    let token = who.session_token.expose();
    let mut signed = vec![("host", HOST), ("x-amz-date", date.as_str()), ("x-amz-security-token", token)];
    signed.extend(headers);
    signed.sort_unstable();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines = signed.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join("\n");
    let canonical = format!("POST\n/\n\n{lines}\n\n{names}\n{}", sha256_hex(body.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let mut key = format!("AWS4{}", who.secret_access_key.expose()).into_bytes();
    for part in [day, "us-east-1", service, "aws4_request", &to_sign] {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
    }
    let (id, signature) = (&who.access_key_id, model::id::hex(&key));
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
    signed
        .iter()
        .fold(Request::post("/"), |request, (name, value)| request.header(*name, *value))
        .header("authorization", authorization)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn form(served: &Served, who: &Credentials, service: &str, body: &str) -> Answer {
    let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
    let kind = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    post(served, who, service, &kind, &format!("Version={version}&{body}")).await
}

async fn organizations(served: &Served, who: &Credentials, operation: &str, input: &Value) -> Answer {
    let target = format!("AWSOrganizationsV20161128.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
    post(served, who, "organizations", &headers, &input.to_string()).await
}

/// The text of the first element of this name.
pub(crate) fn element<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let (_, rest) = answer.text.split_once(&format!("<{name}>")).unwrap();
    rest.split_once("</").unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_knows_who_it_is() {
    let served = world().await;
    let jane = session(&served, MEMBER);
    let answer = form(&served, &jane, "sts", "Action=GetCallerIdentity").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(element(&answer, "Arn"), format!("arn:aws:sts::{MEMBER}:assumed-role/Admin/jane"));
    assert_eq!(element(&answer, "Account"), MEMBER);
    assert_eq!(element(&answer, "UserId"), format!("AROA{MEMBER}:jane"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_do_not_belong_together_are_refused_in_each_protocols_words() {
    let served = world().await;
    let (jane, john) = (session(&served, MEMBER), session(&served, MEMBER));
    let mixed = Credentials { session_token: john.session_token.clone(), ..jane.clone() };
    let wrong = Credentials { secret_access_key: john.secret_access_key.clone(), ..jane.clone() };
    for (who, code, json_code) in [
        (&mixed, "InvalidClientTokenId", "UnrecognizedClientException"),
        (&wrong, "SignatureDoesNotMatch", "InvalidSignatureException"),
    ] {
        let answer = form(&served, who, "sts", "Action=GetCallerIdentity").await;
        assert_eq!((answer.status, element(&answer, "Code")), (StatusCode::FORBIDDEN, code));
        let answer = organizations(&served, who, "DescribeOrganization", &json!({})).await;
        assert_eq!((answer.status, answer.error_type()), (StatusCode::BAD_REQUEST, json_code));
    }
    served.wait(3_600);
    let answer = form(&served, &jane, "sts", "Action=GetCallerIdentity").await;
    assert_eq!((answer.status, element(&answer, "Code")), (StatusCode::FORBIDDEN, "ExpiredToken"));
    let answer = organizations(&served, &jane, "DescribeOrganization", &json!({})).await;
    assert_eq!(answer.error_type(), "ExpiredTokenException");
    assert_eq!(answer.body["message"], "The security token included in the request is expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assume_role_gives_keys_that_work_and_hides_them_from_the_record() {
    let served = world().await;
    let jane = session(&served, MANAGEMENT);
    let body = format!(
        "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A{MEMBER}%3Arole%2FAdmin&RoleSessionName=work\
         &DurationSeconds=900&Tags.member.1.Key=Team&Tags.member.1.Value=red"
    );
    let answer = form(&served, &jane, "sts", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let assumed = Credentials {
        access_key_id: element(&answer, "AccessKeyId").to_owned(),
        secret_access_key: model::secret::Secret::new(element(&answer, "SecretAccessKey")),
        session_token: model::secret::Secret::new(element(&answer, "SessionToken")),
        expires_at: served.clock.now(),
    };
    let whose = form(&served, &assumed, "sts", "Action=GetCallerIdentity").await;
    assert_eq!(element(&whose, "Arn"), format!("arn:aws:sts::{MEMBER}:assumed-role/Admin/work"));

    let records = served.records("AssumeRole").await;
    let [record] = records.as_slice() else { unreachable!("{records:?}") };
    assert_eq!(record["responseElements"]["credentials"]["accessKeyId"], assumed.access_key_id);
    let text = record.to_string();
    assert!(!text.contains(assumed.secret_access_key.expose()));
    assert!(!text.contains(assumed.session_token.expose()));

    for (query, code) in [
        ("&RoleSessionName=x", "ValidationError"),
        ("&RoleSessionName=work&DurationSeconds=899", "ValidationError"),
        ("&RoleSessionName=work&DurationSeconds=3601", "ValidationError"),
        ("&RoleSessionName=work&Policy=%7B", "MalformedPolicyDocument"),
        ("&RoleSessionName=work&TransitiveTagKeys.member.1=Team", "ValidationError"),
    ] {
        let arn = format!("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A{MEMBER}%3Arole%2FAdmin");
        let answer = form(&served, &jane, "sts", &format!("{arn}{query}")).await;
        assert_eq!((answer.status, element(&answer, "Code")), (StatusCode::BAD_REQUEST, code), "{query}");
    }
    let absent =
        "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A222233334444%3Arole%2FAbsent&RoleSessionName=work";
    // The role's trust policy has no sts:SetContext, so that nobody learns whether a context would do.
    let context = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A222233334444%3Arole%2FAdmin&RoleSessionName=work\
         &ProvidedContexts.member.1.ProviderArn=arn%3Aaws%3Aiam%3A%3Aaws%3AcontextProvider%2FIdentityCenter\
         &ProvidedContexts.member.1.ContextAssertion=abcd";
    for refused in [absent, context] {
        let answer = form(&served, &jane, "sts", refused).await;
        assert_eq!(
            (answer.status, element(&answer, "Code")),
            (StatusCode::FORBIDDEN, "AccessDenied"),
            "{refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn iam_shows_roles_with_encoded_policies() {
    let served = world().await;
    let jane = session(&served, MEMBER);
    let answer = form(&served, &jane, "iam", "Action=GetRole&RoleName=Admin").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(element(&answer, "Arn"), format!("arn:aws:iam::{MEMBER}:role/Admin"));
    assert!(element(&answer, "AssumeRolePolicyDocument").starts_with("%7B%22"));
    let answer = form(&served, &jane, "iam", "Action=ListAttachedRolePolicies&RoleName=Admin").await;
    assert_eq!(element(&answer, "PolicyName"), "AdministratorAccess");
    let answer = form(&served, &jane, "iam", "Action=GetRolePolicy&RoleName=Admin&PolicyName=Own").await;
    assert!(element(&answer, "PolicyDocument").contains("%5B%22iam%3AList%2A%22%5D"));
    for body in ["Action=GetRole&RoleName=Absent", "Action=GetRolePolicy&RoleName=Admin&PolicyName=Absent"] {
        let answer = form(&served, &jane, "iam", body).await;
        assert_eq!((answer.status, element(&answer, "Code")), (StatusCode::NOT_FOUND, "NoSuchEntity"));
    }
}

/// Who must use TLS does so by this server's listener, or by the word of a proxy that is trusted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_unless_tls_denies_without_tls_alone() {
    let served = world().await;
    let cx = served.fixture.root("iam.amazonaws.com", "Setup");
    let guarded = Role {
        inline_policies: vec![(
            "Tls".to_owned(),
            json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}),
        )],
        ..role(MEMBER, cx.now)
    };
    served.app.store.maintain(&cx, move |tx, _| store::accounts::roles::upsert(tx, &guarded)).await.unwrap();
    let jane = session(&served, MEMBER);
    let kind = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let (stranger, proxy) = ([192, 0, 2, 1], TRUSTED_PROXY);
    for (peer, tls, said, want) in [
        (stranger, true, None, true),
        (stranger, false, None, false),
        (stranger, false, Some("https"), false),
        (proxy, false, Some("https"), true),
        (proxy, false, Some("http"), false),
        (proxy, false, Some("https, http"), false),
        (proxy, false, None, false),
    ] {
        let mut asked =
            request(&served, &jane, "iam", &kind, "Version=2010-05-08&Action=GetRole&RoleName=Admin");
        asked.extensions_mut().insert(OverTls(tls));
        if let Some(said) = said {
            asked.headers_mut().insert("x-forwarded-proto", said.parse().unwrap());
        }
        let answer = served.call_from(peer, asked).await;
        assert_eq!(answer.status == StatusCode::OK, want, "{peer:?} {tls} {said:?}: {}", answer.text);
        assert!(want || answer.text.contains("with an explicit deny in an identity-based policy"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn managed_policies_are_told_as_far_as_they_are_known() {
    let served = world().await;
    let jane = session(&served, MEMBER);
    let arn =
        |path: &str| format!("PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F{}", path.replace('/', "%2F"));
    let get =
        async |path: &str| form(&served, &jane, "iam", &format!("Action=GetPolicy&{}", arn(path))).await;
    let version = async |path: &str, version: &str| {
        form(&served, &jane, "iam", &format!("Action=GetPolicyVersion&{}&VersionId={version}", arn(path)))
            .await
    };
    let answer = get("job-function/Billing").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!((element(&answer, "PolicyName"), element(&answer, "Path")), ("Billing", "/job-function/"));
    assert!(element(&answer, "CreateDate").starts_with("2016-"), "{}", answer.text);
    let answer = version("AdministratorAccess", "v1").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(element(&answer, "Document").contains("%22Effect%22%3A%22Allow%22"));
    for (path, asked, code) in [
        ("AdministratorAccess", "v2", "NoSuchEntity"),
        ("Nonesuch", "v1", "NoSuchEntity"),
        // Known in part, and known in its default version alone.
        ("job-function/Billing", "v1", "InvalidInput"),
        ("IAMFullAccess", "v1", "InvalidInput"),
        ("ReadOnlyAccess", "v190", "InvalidInput"),
    ] {
        assert_eq!(element(&version(path, asked).await, "Code"), code, "{path} {asked}");
    }
    let answer = get("Billing").await;
    assert_eq!((answer.status, element(&answer, "Code")), (StatusCode::NOT_FOUND, "NoSuchEntity"));
    let answer =
        form(&served, &jane, "iam", "Action=ListPolicies&PathPrefix=%2Froot-task%2F&MaxItems=3").await;
    assert_eq!((element(&answer, "IsTruncated"), answer.text.matches("<Arn>").count()), ("true", 3));
    let answer = form(&served, &jane, "iam", "Action=ListPolicies&Scope=Local").await;
    assert_eq!((answer.status, answer.text.matches("<Arn>").count()), (StatusCode::OK, 0));
    let answer = form(&served, &jane, "iam", "Action=ListPolicies&OnlyAttached=true").await;
    assert_eq!(answer.text.matches("<Arn>").count(), 1, "{}", answer.text);
    let listed = (element(&answer, "PolicyName"), element(&answer, "AttachmentCount"));
    assert_eq!(listed, ("AdministratorAccess", "1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_management_account_sees_the_organization_and_members_only_which_it_is() {
    let served = world().await;
    let (owner, member) = (session(&served, MANAGEMENT), session(&served, MEMBER));
    for who in [&owner, &member] {
        let answer = organizations(&served, who, "DescribeOrganization", &json!({})).await;
        assert_eq!(answer.body["Organization"]["MasterAccountId"], MANAGEMENT, "{}", answer.text);
    }
    let answer = organizations(&served, &owner, "ListAccounts", &json!({"MaxResults": 1})).await;
    let next = json!({"MaxResults": 1, "NextToken": answer.body["NextToken"]});
    assert_eq!(answer.body["Accounts"][0]["Id"], MANAGEMENT);
    let answer = organizations(&served, &owner, "ListAccounts", &next).await;
    assert_eq!(answer.body["Accounts"][0]["Id"], MEMBER);
    assert!(answer.body["NextToken"].is_null());
    let answer = organizations(&served, &owner, "ListAccounts", &json!({"MaxResults": 21})).await;
    assert_eq!((answer.status, answer.error_type()), (StatusCode::BAD_REQUEST, "InvalidInputException"));

    let children = json!({"ParentId": "r-a1b2", "ChildType": "ACCOUNT"});
    let answer = organizations(&served, &owner, "ListChildren", &children).await;
    assert_eq!(answer.body["Children"].as_array().map(Vec::len), Some(2));
    let units = json!({"ParentId": "r-zzzz"});
    let answer = organizations(&served, &owner, "ListOrganizationalUnitsForParent", &units).await;
    assert_eq!(answer.error_type(), "ParentNotFoundException");

    for (operation, input) in [
        ("ListAccounts", json!({})),
        ("ListRoots", json!({})),
        ("ListChildren", children),
        ("CreateAccount", json!({"Email": "new@example.com", "AccountName": "New"})),
    ] {
        let answer = organizations(&served, &member, operation, &input).await;
        assert_eq!(answer.error_type(), "AccessDeniedException", "{operation}");
    }
}

/// Unsigned: the assertion is the proof, and what is wrong with it is said in the words of the operation's model.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assume_role_with_saml_takes_no_signature() {
    let served = world().await;
    let provider = broker::local::saml_provider_arn(&AccountId::trusted(MEMBER), &served.fixture.instance.id);
    let encoded = |text: &str| text.replace(':', "%3A").replace('/', "%2F");
    for provider in [provider.as_str(), "arn:aws:iam::222233334444:saml-provider/other"] {
        let body = format!(
            "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn={}&PrincipalArn={}&SAMLAssertion=PGE%2BPC9hPg%3D%3D",
            encoded(&format!("arn:aws:iam::{MEMBER}:role/Admin")),
            encoded(provider)
        );
        let request = Request::post("/")
            .header("host", HOST)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Body::from(body))
            .unwrap();
        let answer = served.call(request).await;
        let refusal = (answer.status, element(&answer, "Code"));
        assert_eq!(refusal, (StatusCode::BAD_REQUEST, "InvalidIdentityToken"), "{}", answer.text);
    }
}
