//! People who come back from a SAML provider: a fresh signed answer, posted to where answers go, to a session; beside `python3-saml`, which verifies the same
//! answers and keeps nothing of them. The provider is this program, with the kit's own pen.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::process::Command;
use std::rc::Rc;
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use saml::authn_request::AuthnRequest;
use saml::certificate::Certificate;
use saml::key::SigningKey;
use saml::metadata::{Endpoint, HTTP_REDIRECT, IdpMetadata, SpMetadata};
use saml::redirect::Received;
use saml::sign::{Attribute, NewAssertion, response};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::company;
use crate::http::Connection;
use crate::load::{self, Measured, Operation};
use crate::process::{SERVER_CPU, Usage};
use crate::report::{Aim, count, count_of, say};
use crate::stores::Places;
use crate::world::World;

const ENTITY: &str = "https://idp.example.com/saml";
const SIGN_ON: &str = "https://idp.example.com/sso";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// Connections of the load.
const CONNECTIONS: [usize; 2] = [1, 8];
/// How many times as many as python3-saml verifies.
const TIMES_MIN: f64 = 5.0;

/// The provider, and whom it speaks to.
struct Provider {
    key: SigningKey,
    certificate: Vec<u8>,
    configuration: String,
    service: SpMetadata,
    acs: String,
}

/// An answer that nobody sent yet.
#[derive(Debug, Clone)]
struct Answer {
    /// The request that it answers.
    to: String,
    text: String,
    /// What the browser that asked has kept.
    cookies: String,
}

/// Measures `count` sign-ins at each number of connections: the table and the aim.
pub(crate) async fn measure(
    places: &Places,
    world: &Rc<World>,
    answers: usize,
) -> anyhow::Result<(String, Vec<Aim>)> {
    let provider = Provider::new(world).await?;
    let mut table = "| SAML answers | connections | a second | p50 µs | p99 µs | CPU µs of the server | times |\n|---|--:|--:|--:|--:|--:|--:|\n".to_owned();
    let mut aims = Vec::new();
    let (mut theirs, mut ours) = (Measured::nothing()?, Vec::new());
    for connections in CONNECTIONS {
        say(&format!("{answers} people begin to sign in at the provider"));
        let fresh = provider.answers(world, answers).await?;
        let lines: Vec<String> = fresh.iter().map(|one| format!("{} {}", one.to, one.text)).collect();
        theirs = theirs.and(&verified(places, &provider.settings(), &lines)?)?;
        let waiting = Rc::new(RefCell::new(VecDeque::from(fresh)));
        let one = Arriving { world: world.clone(), acs: provider.acs_path().into(), waiting };
        let steps = vec![one; connections];
        ours.push((connections, load::run_through(&world.process, steps, answers).await?));
    }
    line(&mut table, ("verified by python3-saml, no session", 1), &theirs, 1.0);
    for (connections, measured) in ours {
        let times = measured.per_second() / theirs.per_second();
        line(&mut table, ("answer to session, by Portico", connections), &measured, times);
        let what =
            format!("SAML answer to session, {connections} connections, times what python3-saml verifies");
        if connections > 1 {
            aims.push(Aim::at_least(what, TIMES_MIN, times));
        }
    }
    Ok((table, aims))
}

fn line(table: &mut String, (what, connections): (&str, usize), measured: &Measured, times: f64) {
    let _ = writeln!(
        table,
        "| {what} | {connections} | {} | {} | {} | {} | {times:.1} |",
        count(measured.per_second()),
        count_of(measured.percentile(50.0)),
        count_of(measured.percentile(99.0)),
        count(measured.cpu_micros())
    );
}

impl Provider {
    /// A new one, which the instance trusts for everybody.
    async fn new(world: &World) -> anyhow::Result<Self> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let certificate = CertificateParams::new(Vec::new())?.self_signed(&pair)?;
        let metadata = IdpMetadata {
            entity_id: ENTITY.to_owned(),
            valid_until: None,
            certificates: vec![Certificate::from_der(certificate.der())?],
            encryption_certificates: Vec::new(),
            single_sign_on: vec![Endpoint {
                binding: HTTP_REDIRECT.to_owned(),
                location: SIGN_ON.to_owned(),
                response_location: None,
                index: None,
            }],
            single_logout: Vec::new(),
            name_id_formats: Vec::new(),
            wants_signed_requests: false,
        };
        let mut connection = Connection::new(world.process.address);
        let store = &world.identity_store;
        let new = json!({"IdentityStoreId": store, "Configuration": {
            "Name": "Bench", "Saml": {"MetadataXml": metadata.write()?}, "AnyDomain": true,
        }});
        let target = |name: &str| format!("Portico.{name}ExternalIdPConfigurationForDirectory");
        let made = world.ask(&mut connection, "portico", &target("Create"), &new).await?;
        let configuration = made["ConfigurationId"].as_str().context("a configuration")?.to_owned();
        let at = json!({"IdentityStoreId": store, "ConfigurationId": configuration});
        world.ask(&mut connection, "portico", &target("Enable"), &at).await?;
        let ours = world.get(&format!("/platform/saml/metadata/{configuration}"), "");
        let service = SpMetadata::read(&connection.call(&ours).await?.expect(200)?.text())?;
        let acs = service.assertion_consumers.first().context("where answers go")?.location.clone();
        Ok(Self {
            key: SigningKey::new(&pair.serialize_der(), certificate.der())?,
            certificate: certificate.der().to_vec(),
            configuration,
            service,
            acs,
        })
    }

    /// So many people of all over the company begin, each in a browser of their own; what they bring back.
    async fn answers(&self, world: &World, count: usize) -> anyhow::Result<Vec<Answer>> {
        let mut connection = Connection::new(world.process.address);
        let path = format!("/signin/external?idp={}&return_to=%2Fstart", self.configuration);
        let begin = world.get(&path, "");
        let people = world.company.people();
        let mut answers = Vec::with_capacity(count);
        for at in 0..count {
            let sent = connection.call(&begin).await?.expect(303)?;
            let there = sent.headers("location").next().context("no way there")?;
            let query = there.strip_prefix(SIGN_ON).context("another way")?.trim_start_matches('?');
            let request = AuthnRequest::read(Received::read(query)?.message())?;
            let cookies: Vec<&str> =
                sent.headers("set-cookie").filter_map(|cookie| cookie.split(';').next()).collect();
            let cookies = cookies.join("; ");
            let text = self.answer(&request.id, &company::user_name(at * 7_919 % people))?;
            answers.push(Answer { to: request.id, text, cookies });
        }
        Ok(answers)
    }

    /// As python3-saml is told of it.
    fn settings(&self) -> Value {
        let (sp, certificate) = (&self.service.entity_id, STANDARD.encode(&self.certificate));
        json!({"idp": ENTITY, "sp": sp, "acs": self.acs, "certificate": certificate})
    }

    fn acs_path(&self) -> String {
        format!("/platform/saml/acs/{}", self.configuration)
    }

    fn answer(&self, to: &str, who: &str) -> anyhow::Result<String> {
        let now = now();
        let id = format!("_a{to}");
        let new = NewAssertion {
            id: &id,
            issuer: ENTITY,
            name_id: who,
            name_id_format: UNSPECIFIED,
            audience: &self.service.entity_id,
            recipient: &self.acs,
            in_response_to: Some(to),
            issued_at: now,
            authn_instant: None,
            authn_context_class: None,
            session_index: None,
            not_before: now - Duration::minutes(1),
            not_on_or_after: now + Duration::minutes(10),
            session_not_on_or_after: None,
            attributes: &[
                Attribute::new("department", &["Engineering"]),
                Attribute::new("groups", &["staff", "engineers"]),
            ],
        };
        Ok(STANDARD.encode(response(&format!("_r{id}"), &new, &self.key)?))
    }
}

#[expect(clippy::disallowed_methods, reason = "a provider answers in the present")]
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from(SystemTime::now())
}

/// Somebody comes back from the provider, until nobody is left.
#[derive(Clone)]
struct Arriving {
    world: Rc<World>,
    /// The path that answers are posted to.
    acs: Rc<str>,
    waiting: Rc<RefCell<VecDeque<Answer>>>,
}

impl Operation for Arriving {
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let answer = self.waiting.borrow_mut().pop_front().context("nobody is left")?;
        let posted =
            self.world.form(&self.acs, "", &[("SAMLResponse", &answer.text), ("RelayState", "/start")]);
        let sent = connection.call(&posted).await?.expect(303)?;
        let location = sent.headers("location").next().context("no way on")?.to_owned();
        let back = connection.call(&self.world.get(&location, &answer.cookies)).await?.expect(303)?;
        if !back.headers("set-cookie").any(|cookie| cookie.starts_with("portico=")) {
            bail!("no session: {back:?}");
        }
        Ok(())
    }
}

/// Answers, verified by python3-saml on the server's processor: each a line of what it answers and of itself.
pub(crate) fn verified(places: &Places, settings: &Value, answers: &[String]) -> anyhow::Result<Measured> {
    let folder = places.scratch.join("python3-saml");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("settings.json"), settings.to_string())?;
    std::fs::write(folder.join("answers"), answers.join("\n"))?;
    let output = Command::new("taskset")
        .args(["-c", SERVER_CPU])
        .arg(places.tools.join("saml/bin/python"))
        .arg(places.root.join("tests/bench/peers/saml.py"))
        .arg(&folder)
        .output()
        .context("python3-saml")?;
    if !output.status.success() {
        bail!("python3-saml: {}", String::from_utf8_lossy(&output.stderr));
    }
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let mut latency = Histogram::new(3)?;
    let mut micros = 0;
    for one in said["micros"].as_array().context("micros")? {
        let one = one.as_u64().context("microseconds")?;
        latency.record(one)?;
        micros += one;
    }
    let figure = |name: &str| said[name].as_f64().with_context(|| name.to_owned());
    let used = Usage { own_seconds: figure("own")?, kernel_seconds: figure("kernel")?, page_faults: 0.0 };
    Measured::of(&latency, std::time::Duration::from_micros(micros).as_secs_f64(), used)
}
