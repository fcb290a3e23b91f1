//! Answers of ours for an application that speaks SAML: somebody who is signed in opens it from the portal, or comes from it with an AuthnRequest, and the page that leads there holds a
//! signed assertion. Held against the bare signature, and some of them against `python3-saml`.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saml::assertion::{Assertion, Expected};
use saml::authn_request::NewAuthnRequest;
use saml::key::PublicKey;
use saml::redirect::{Outgoing, Parameter};
use saml::verify::verify;
use serde_json::{Value, json};

use crate::company;
use crate::costs::{BELOW, Costs, Database, HEAD, Server};
use crate::http::Connection;
use crate::load::{self, Measured, Operation};
use crate::openid_ours::{application, sign_in, text};
use crate::report::{Aim, CONNECTIONS, count, say};
use crate::saml::{now, verified};
use crate::signature::{self, Key};
use crate::stores::Places;
use crate::world::{World, field};

const PROVIDER: &str = "arn:aws:sso::aws:applicationProvider/custom-saml";
const AUDIENCE: &str = "https://wiki.acme.example/saml";
const CONSUMER: &str = "https://wiki.acme.example/saml/acs";
/// One answer of so many of a connection is looked at closely, the first among them.
const CLOSELY: usize = 64;
/// Of the rate of the bare signature, at 32 connections.
const OF_BARE_MIN: f64 = 0.8;
/// What an assertion may cost of what its signature does.
const OF_SIGNATURE_MAX: f64 = 1.5;

/// An application, and the people who use it.
#[derive(Debug)]
struct Application {
    key: Key,
    issuer: String,
    certificate: Vec<u8>,
    trusted: [PublicKey; 1],
    /// Where it asks.
    asks_at: String,
    /// The page that opens it.
    opened_at: String,
    people: Vec<(usize, String)>,
    /// Answers to its questions, for others to judge: lines of what each answers and of itself.
    kept: RefCell<Vec<String>>,
}

/// Where a sign-in begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Portal,
    Application,
}

impl From {
    const ALL: [Self; 2] = [Self::Portal, Self::Application];

    const fn name(self) -> &'static str {
        match self {
            Self::Portal => "begun in the portal",
            Self::Application => "to an AuthnRequest",
        }
    }
}

/// Measures both kinds of keys and both ways: the table and the aims.
pub(crate) async fn measure(
    places: &Places,
    world: &Rc<World>,
    (people, period): (usize, Duration),
) -> anyhow::Result<(String, Vec<Aim>)> {
    let mut table = format!(
        "| SAML answers for an application | signed with | connections |{HEAD} of the bare rate | CPU of the signature's |\n|---|---|--:|{BELOW}--:|--:|\n"
    );
    let database = Database::of(world.store.data.join("portico.db"));
    let server = Server { process: &world.process, database: Some(&database), writes_later: true };
    let signed_in = sign_in(world, people).await?;
    let mut aims = Vec::new();
    for key in Key::ALL {
        let application = Rc::new(Application::new(world, key, &signed_in).await?);
        let mut bare = signature::measure(key, period).await?;
        let mut found = Vec::new();
        for connections in CONNECTIONS {
            for from in From::ALL {
                let steps = Step::all(world, &application, (from, connections));
                let load = load::run(&world.process, steps, period);
                let costs = server.costs(load).await.with_context(|| from.name())?;
                say(&format!(
                    "SAML answers {}, {}, {connections} connections: {}/s",
                    from.name(),
                    key.name(),
                    count(costs.measured.per_second())
                ));
                found.push((from, connections, costs));
            }
        }
        // The same again afterwards: what else the machine does changes.
        bare = bare.and(&signature::measure(key, period).await?)?;
        bare_line(&mut table, key, &bare);
        for (from, connections, costs) in found {
            aims.extend(line(&mut table, (from, key, connections), &costs, &bare));
        }
        let theirs = verified(places, &application.settings(), &application.kept.borrow())?;
        say(&format!("python3-saml verified {} of them", theirs.operations));
    }
    Ok((table, aims))
}

fn bare_line(table: &mut String, key: Key, bare: &Measured) {
    let _ = writeln!(
        table,
        "| the bare signature | {} | – | {} | {} | {} | {} | {} | | | | | |",
        key.name(),
        count(bare.per_second()),
        bare.percentile(50.0),
        bare.percentile(90.0),
        bare.percentile(99.0),
        count(bare.cpu_micros())
    );
}

/// Writes a line; the aims of it.
fn line(
    table: &mut String,
    (from, key, connections): (From, Key, usize),
    costs: &Costs,
    bare: &Measured,
) -> Vec<Aim> {
    let rate = costs.measured.per_second() / bare.per_second();
    let cpu = costs.measured.cpu_micros() / bare.cpu_micros();
    let _ = writeln!(
        table,
        "| {} | {} | {connections} |{} {rate:.2} | {cpu:.2} |",
        from.name(),
        key.name(),
        costs.columns()
    );
    if connections == 1 {
        return Vec::new();
    }
    let what = |what: &str| {
        format!("SAML answers {}, {}, {connections} connections, {what}", from.name(), key.name())
    };
    vec![
        Aim::at_least(what("of the rate of the bare signature"), OF_BARE_MIN, rate),
        Aim::at_most(what("CPU of the bare signature's"), OF_SIGNATURE_MAX, cpu),
    ]
}

impl Application {
    async fn new(world: &World, key: Key, people: &[(usize, String)]) -> anyhow::Result<Self> {
        let mut connection = Connection::new(world.process.address);
        let arn = application(&mut connection, world, (PROVIDER, key.name()), people).await?;
        let mut ask = async |name: &str, more: Value| -> anyhow::Result<Value> {
            let mut body = json!({"ApplicationArn": arn});
            if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
                body.extend(more.clone());
            }
            world.ask(&mut connection, "portico", &format!("Portico.{name}"), &body).await
        };
        let configuration = json!({
            "Audience": AUDIENCE, "AssertionConsumerServices": [{"Url": CONSUMER}], "Subject": {"Format": "EMAIL_ADDRESS", "Value": "${user:email}"},
            "AttributeMappings": [{"Name": "name", "Value": "${user:name}"}, {"Name": "groups", "Value": "${user:groupNames}"}],
        });
        ask("PutApplicationSamlConfiguration", json!({"SamlConfiguration": configuration})).await?;
        let new = json!({"KeyAlgorithm": key.algorithm()});
        let made = ask("CreateApplicationInstanceCertificate", new).await?;
        let active = json!({"CertificateId": made["Certificate"]["CertificateId"]});
        ask("UpdateApplicationInstanceActiveCertificate", active).await?;
        let told = ask("GetApplicationSamlConfiguration", json!({})).await?;
        let ours = &told["IdentityProvider"];
        let certificate: String =
            text(&ours["Certificate"])?.lines().filter(|line| !line.starts_with("-----")).collect();
        let certificate = STANDARD.decode(certificate)?;
        Ok(Self {
            key,
            issuer: text(&ours["EntityId"])?,
            trusted: [PublicKey::from_certificate(&certificate)?],
            certificate,
            asks_at: text(&ours["SignInUrl"])?,
            opened_at: text(&ours["StartUrl"])?,
            people: people.to_vec(),
            kept: RefCell::default(),
        })
    }

    /// As python3-saml is told of it.
    fn settings(&self) -> Value {
        json!({"idp": self.issuer, "sp": AUDIENCE, "acs": CONSUMER, "certificate": STANDARD.encode(&self.certificate)})
    }

    /// An error unless it is signed, for this application, of this person, and answers what was asked.
    fn judge(&self, answer: &str, person: usize, asked: Option<&str>) -> anyhow::Result<()> {
        let signed = verify(&String::from_utf8(STANDARD.decode(answer)?)?, &self.trusted)?;
        let assertion = Assertion::read(&signed)?;
        let (audiences, recipients) = ([AUDIENCE], [CONSUMER]);
        let skew = time::Duration::seconds(1);
        assertion.check(&Expected { audiences: &audiences, recipients: &recipients, now: now(), skew })?;
        let is_theirs = assertion.name_id.value == company::email(person);
        if !is_theirs || assertion.issuer != self.issuer || assertion.in_response_to.as_deref() != asked {
            bail!(
                "another answer than that of {} with {}: {assertion:?}",
                company::email(person),
                self.key.name()
            );
        }
        if let Some(asked) = asked {
            self.kept.borrow_mut().push(format!("{asked} {answer}"));
        }
        Ok(())
    }
}

/// Somebody goes to the application, over and over.
#[derive(Clone)]
struct Step {
    world: Rc<World>,
    application: Rc<Application>,
    from: From,
    connection: usize,
    sent: usize,
}

impl Step {
    fn all(
        world: &Rc<World>,
        application: &Rc<Application>,
        (from, connections): (From, usize),
    ) -> Vec<Self> {
        let one = |connection| Self {
            world: world.clone(),
            application: application.clone(),
            from,
            connection,
            sent: 0,
        };
        (0..connections).map(one).collect()
    }

    fn path<'u>(&self, url: &'u str) -> anyhow::Result<&'u str> {
        let rest =
            url.strip_prefix("http://").and_then(|rest| rest.strip_prefix(self.world.page_host().as_str()));
        rest.with_context(|| format!("{url} is none of ours"))
    }
}

impl Operation for Step {
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let (world, application) = (self.world.clone(), self.application.clone());
        let closely = self.sent.is_multiple_of(CLOSELY);
        self.sent += 1;
        let people = &application.people;
        let (person, cookie) = people.get(self.connection % people.len()).context("nobody is signed in")?;
        let (mut path, mut asked) = (self.path(&application.opened_at)?.to_owned(), None);
        if self.from == From::Application {
            let id = format!("_q{}", world.next_number());
            let question = NewAuthnRequest {
                id: &id,
                issuer: AUDIENCE,
                issued_at: now(),
                destination: &application.asks_at,
                assertion_consumer_service: CONSUMER,
                name_id_format: None,
                force_authn: false,
            };
            let message = question.write()?;
            let location = &application.asks_at;
            let sent =
                Outgoing { location, parameter: Parameter::Request, message: &message, relay_state: None };
            // It comes from the application's site, and so without the cookie.
            let there = world.get(self.path(&sent.url()?)?, "");
            let led = connection.call(&there).await?.expect(303)?;
            led.headers("location").next().context("no way on")?.clone_into(&mut path);
            asked = Some(id);
        }
        let page = connection.call(&world.get(&path, cookie)).await?.expect(200)?;
        let answer = field(&page, "SAMLResponse")?;
        if closely {
            application.judge(&answer, *person, asked.as_deref())?;
        }
        Ok(())
    }
}
