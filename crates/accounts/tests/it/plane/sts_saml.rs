//! AssumeRoleWithSAML: assertions that the instance signed, and every way in which one can be wrong.

use accounts::sts_saml::{
    AssumeRoleWithSaml, AssumedWithSaml, PRINCIPAL_TAG, ROLE, ROLE_SESSION_NAME, SESSION_DURATION, SIGN_IN,
    assume_role_with_saml,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker::local::saml_provider_arn;
use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::accounts::role::Role;
use model::caller::{Caller, Identity};
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use saml::key::SigningKey;
use saml::sign::{self, Attribute, NewAssertion};
use store::instances::signing_keys;
use time::{Duration, OffsetDateTime};

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

const ISSUER: &str = "https://portal.example/saml/assertion/x";
const INVALID: FaultKind = FaultKind::Service("InvalidIdentityToken");
const EXPIRED: FaultKind = FaultKind::Service("ExpiredTokenException");

/// A world with the instance's key and one role that a permission set made in the member account.
struct Federation {
    world: World,
    key: SigningKey,
    role: Role,
    provider: String,
}

fn new_key() -> signing_keys::SigningKey {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
    signing_keys::SigningKey {
        id: format!("key-{}", pair.serialize_der().len()),
        private_key: pair.serialize_der().into(),
        certificate: certificate.der().to_vec(),
    }
}

impl Federation {
    async fn new(world: World) -> Self {
        let jane = world.person("jane").await;
        let set = world.permission_set("Admin", "PT2H", &[ADMIN]).await;
        world.assign(MEMBER, &set, Principal::User(jane)).await;
        world.change(|tx, cx| signing_keys::insert(tx, cx, signing_keys::SAML_IDP, &new_key())).await;
        let kept = world
            .fixture
            .store
            .read(|rx| signing_keys::signing(rx, signing_keys::SAML_IDP, testkit::fixture::START));
        let kept = kept.unwrap().unwrap();
        let key = SigningKey::new(&kept.private_key, &kept.certificate).unwrap();
        let provider = saml_provider_arn(&account(MEMBER), &world.fixture.instance.id);
        Self { role: world.role_of(MEMBER, &set), world, key, provider }
    }

    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.world.fixture.now.seconds()).unwrap()
    }

    fn pair(&self) -> String {
        format!("{},{}", self.role.arn(), self.provider)
    }

    /// An assertion with these attributes beside role and session name, changed by `change`.
    fn signed(
        &self,
        id: &str,
        more: &[(&str, &[&str])],
        change: impl FnOnce(&mut NewAssertion<'_>),
    ) -> String {
        let pair = self.pair();
        let pairs =
            ["arn:aws:iam::999999999999:role/Other,arn:aws:iam::999999999999:saml-provider/x", pair.as_str()];
        let mut attributes: Vec<(&str, &[&str])> = vec![(ROLE, &pairs), (ROLE_SESSION_NAME, &["jane"])];
        attributes.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        attributes.extend(more);
        let mut new = NewAssertion {
            id,
            issuer: ISSUER,
            name_id: "jane",
            name_id_format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            audience: SIGN_IN,
            recipient: SIGN_IN,
            in_response_to: None,
            issued_at: self.now(),
            authn_instant: None,
            authn_context_class: None,
            session_index: None,
            not_before: self.now(),
            not_on_or_after: self.now() + Duration::minutes(5),
            session_not_on_or_after: None,
            attributes: &attributes
                .iter()
                .map(|(name, values)| Attribute::new(name, values))
                .collect::<Vec<_>>(),
        };
        change(&mut new);
        sign::response(&format!("{id}r"), &new, &self.key).unwrap()
    }

    fn ask(&self, message: &str) -> AssumeRoleWithSaml {
        AssumeRoleWithSaml {
            role_arn: self.role.arn(),
            principal_arn: self.provider.clone(),
            assertion: Secret::new(STANDARD.encode(message)),
            duration_seconds: None,
            policy: None,
            policy_arns: Vec::new(),
        }
    }

    async fn call(&self, ask: AssumeRoleWithSaml) -> Result<AssumedWithSaml, Fault> {
        let cx = self.world.fixture.cx(Caller::anonymous(), "sts.amazonaws.com", "AssumeRoleWithSAML");
        assume_role_with_saml(&self.world.fixture.store, &cx, ask).await
    }

    async fn send(&self, message: &str) -> Result<AssumedWithSaml, Fault> {
        self.call(self.ask(message)).await
    }
}

testkit::on_both_engines!(an_assertion_of_the_instance_is_worth_a_session_once, |fixture| async move {
    let f = Federation::new(World::new(fixture).await).await;
    let message = f.signed("_1", &[(SESSION_DURATION, &["7200"])], |_| {});
    let done = f.send(&message).await.unwrap();
    assert_eq!(done.assumed.arn, format!("arn:aws:sts::{MEMBER}:assumed-role/{}/jane", f.role.name));
    assert_eq!(done.assumed.assumed_role_id, format!("{}:jane", f.role.role_id));
    assert_eq!((done.subject.as_str(), done.subject_type.as_str()), ("jane", "persistent"));
    assert_eq!((done.issuer.as_str(), done.audience.as_str()), (ISSUER, SIGN_IN));
    assert_eq!(STANDARD.decode(&done.name_qualifier).unwrap().len(), 20);
    let credentials = &done.assumed.credentials;
    assert_eq!(credentials.expires_at.seconds(), f.world.fixture.now.seconds() + 7_200);
    let caller = f.world.caller(credentials).unwrap();
    let Identity::Role(session) = caller.identity() else { unreachable!("{caller:?}") };
    assert_eq!((session.role_name.as_str(), session.session_name.as_str()), (f.role.name.as_str(), "jane"));

    let records = f.world.records("AssumeRoleWithSAML");
    let [record] = records.as_slice() else { unreachable!("{records:?}") };
    assert!(record.json.contains(&f.role.arn()) && record.json.contains(&credentials.access_key_id));
    assert!(!record.json.contains(credentials.session_token.expose()));

    assert_eq!(refused(f.send(&message).await), INVALID, "a replay");
    assert!(f.send(&f.signed("_2", &[], |_| {})).await.is_ok());
});

testkit::on_both_engines!(a_refused_assertion_is_not_used_up, |fixture| async move {
    let f = Federation::new(World::new(fixture).await).await;
    let message = f.signed("_1", &[], |_| {});
    let long = AssumeRoleWithSaml { duration_seconds: Some(43_201), ..f.ask(&message) };
    assert_eq!(refused(f.call(long).await), FaultKind::Validation);
    assert!(f.send(&message).await.is_ok());
});

testkit::on_both_engines!(an_assertion_that_says_something_else_is_refused, |fixture| async move {
    let f = Federation::new(World::new(fixture).await).await;
    let now = f.now();
    let other = format!("arn:aws:iam::{MEMBER}:role/Other,{}", f.provider);
    let cases = [
        ("expired", EXPIRED, f.signed("_1", &[], |new| new.not_on_or_after = now)),
        ("not valid yet", INVALID, f.signed("_2", &[], |new| new.not_before = now + Duration::seconds(1))),
        ("another audience", INVALID, f.signed("_3", &[], |new| new.audience = "https://sp.example")),
        ("another recipient", INVALID, f.signed("_4", &[], |new| new.recipient = "https://sp.example")),
        ("another role", FaultKind::AccessDenied, f.signed("_5", &[(ROLE, &[&other])], |_| {})),
        ("no role", FaultKind::AccessDenied, f.signed("_6", &[(ROLE, &[])], |_| {})),
        ("no session name", INVALID, f.signed("_7", &[(ROLE_SESSION_NAME, &[])], |_| {})),
        ("two session names", INVALID, f.signed("_8", &[(ROLE_SESSION_NAME, &["jane", "eve"])], |_| {})),
        ("a bad session name", INVALID, f.signed("_9", &[(ROLE_SESSION_NAME, &["jane doe"])], |_| {})),
        ("a bad duration", INVALID, f.signed("_10", &[(SESSION_DURATION, &["60"])], |_| {})),
        (
            "a sign-in that ended",
            EXPIRED,
            f.signed("_11", &[], |new| new.session_not_on_or_after = Some(now)),
        ),
        ("altered", INVALID, f.signed("_12", &[], |_| {}).replace(">jane<", ">eve<")),
        (
            "unsigned",
            INVALID,
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>".to_owned(),
        ),
        ("no XML", INVALID, "jane".to_owned()),
    ];
    for (what, kind, message) in cases {
        assert_eq!(refused(f.send(&message).await), kind, "{what}");
    }
    let ask = AssumeRoleWithSaml { assertion: Secret::new("no base64!".to_owned()), ..f.ask("") };
    assert_eq!(refused(f.call(ask).await), INVALID);
    assert_eq!(f.world.records("AssumeRoleWithSAML").len(), 0, "nothing was handed out");
});

testkit::on_both_engines!(only_the_instances_key_and_provider_count, |fixture| async move {
    let f = Federation::new(World::new(fixture).await).await;
    let foreign = new_key();
    let key = SigningKey::new(&foreign.private_key, &foreign.certificate).unwrap();
    let foreign =
        Federation { world: f.world.clone(), key, role: f.role.clone(), provider: f.provider.clone() };
    assert_eq!(refused(f.send(&foreign.signed("_1", &[], |_| {})).await), INVALID);

    let elsewhere = saml_provider_arn(&account(MANAGEMENT), &f.world.fixture.instance.id);
    for provider in [elsewhere, format!("arn:aws:iam::{MEMBER}:saml-provider/other")] {
        let ask = AssumeRoleWithSaml { principal_arn: provider, ..f.ask(&f.signed("_2", &[], |_| {})) };
        assert_eq!(refused(f.call(ask).await), INVALID);
    }
    for role_arn in [format!("arn:aws:iam::{MEMBER}:role/Nobody"), format!("{}x", f.role.arn())] {
        let pair = format!("{},{role_arn}", f.provider);
        let ask = AssumeRoleWithSaml { role_arn, ..f.ask(&f.signed("_3", &[(ROLE, &[&pair])], |_| {})) };
        assert_eq!(refused(f.call(ask).await), FaultKind::AccessDenied);
    }
});

testkit::on_both_engines!(the_role_has_the_last_word, |fixture| async move {
    let f = Federation::new(World::new(fixture).await).await;
    let tagged = f.signed("_1", &[(&format!("{PRINCIPAL_TAG}Team"), &["red"])], |_| {});
    let done = f.send(&tagged).await.unwrap();
    let caller = f.world.caller(&done.assumed.credentials).unwrap();
    let Identity::Role(session) = caller.identity() else { unreachable!("{caller:?}") };
    assert_eq!(session.tags.get("Team").map(String::as_str), Some("red"));

    let soon = f.now() + Duration::minutes(20);
    let short = f.signed("_2", &[], |new| new.session_not_on_or_after = Some(soon));
    let done = f.send(&short).await.unwrap();
    assert_eq!(done.assumed.credentials.expires_at.seconds(), soon.unix_timestamp());

    let reversed = format!("{},{}", f.provider, f.role.arn());
    assert!(f.send(&f.signed("_3", &[(ROLE, &[&reversed])], |_| {})).await.is_ok());

    let mut closed = f.role.clone();
    closed.trust_policy["Statement"][0]["Condition"]["StringEquals"]["SAML:aud"] = "https://other".into();
    let row = closed.clone();
    f.world.change(move |tx, _| store::accounts::roles::upsert(tx, &row)).await;
    assert_eq!(refused(f.send(&f.signed("_4", &[], |_| {})).await), FaultKind::AccessDenied);
});

testkit::on_both_engines!(a_suspended_account_gives_no_session, |fixture| async move {
    let f = Federation::new(World::new(fixture).await).await;
    f.world
        .change(|tx, cx| {
            store::accounts::accounts::set_state(tx, &account(MEMBER), AccountState::Suspended, cx.now)
        })
        .await;
    assert_eq!(refused(f.send(&f.signed("_1", &[], |_| {})).await), FaultKind::AccessDenied);
});
