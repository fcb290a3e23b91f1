//! A running Portico with a filled store, and people signed in to it the way they do: the page, the question, the code, the tokens.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::company::{self, Company, PASSWORD};
use crate::http::{self, Answer, Connection};
use crate::process::{Process, free_address};
use crate::sign::Key;
use crate::stores::{Filled, Places};

/// Where codes are sent; nobody listens, the client reads them off the redirect.
const CALLBACK: &str = "http://127.0.0.1:9/oauth/callback";
/// A verifier (RFC 7636): anybody may know it here.
const VERIFIER: &str = "portico-bench-verifier-0123456789-0123456789-0123";

/// A server and what it holds.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) company: Company,
    pub(crate) store: Filled,
    /// The URL of its database, if that is PostgreSQL.
    pub(crate) database: Option<String>,
    pub(crate) process: Process,
    pub(crate) key: Key,
    pub(crate) identity_store: String,
    pub(crate) instance_arn: String,
    /// The registered client.
    pub(crate) client: Client,
    /// People who are signed in.
    pub(crate) people: Vec<SignedIn>,
    /// The role credentials of somebody who may read the directory.
    pub(crate) role: Option<Key>,
    /// A group that reaches nothing, for those who are put in and taken out.
    pub(crate) idle_group: String,
    pub(crate) management_account: String,
    numbers: Cell<usize>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Somebody with tokens.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) person: usize,
    pub(crate) access_token: String,
    /// The next one to use.
    pub(crate) refresh_token: RefCell<String>,
    /// Their membership in the idle group, while they have it.
    pub(crate) idle_membership: RefCell<Option<String>>,
}

/// A sign-in page as a browser holds it: the cookie and the field that belong together.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// Starts the server of a data directory; `under` is a program that runs it, with its arguments, if there is one.
pub(crate) fn serve(
    places: &Places,
    data: &Path,
    address: SocketAddr,
    under: &[String],
) -> anyhow::Result<Process> {
    let (listen, url) = (address.to_string(), format!("http://{address}"));
    let (program, folder) = (places.portico.to_string_lossy(), data.to_string_lossy());
    let serve = [&program, "serve", "--data-dir", &folder, "--listen", &listen, "--public-url", &url];
    let command: Vec<&str> = under.iter().map(String::as_str).chain(serve).collect();
    Process::start(&command, &data.join("server.log"), address)
}

impl World {
    /// A copy of the company's store, served.
    pub(crate) async fn open(
        places: &Places,
        company: Company,
        name: &str,
        under: &[String],
    ) -> anyhow::Result<Self> {
        let store = places.copy(&company, name)?;
        let process = serve(places, &store.data, free_address()?, under)?;
        Self::of(company, store, None, process).await
    }

    /// A new store of the company in a PostgreSQL database, filled and served by `portico`.
    pub(crate) async fn open_on_postgres(
        places: &Places,
        portico: &Path,
        company: Company,
        (name, url): (&str, &str),
    ) -> anyhow::Result<Self> {
        let data = places.scratch.join(name);
        places.fill(portico, &company, &data, Some(url))?;
        let of_binary = Places { portico: portico.to_owned(), ..places.clone() };
        let process = serve(&of_binary, &data, free_address()?, &[])?;
        let store = Filled { data, bytes: 0, seconds: 0.0 };
        Self::of(company, store, Some(url.to_owned()), process).await
    }

    async fn of(
        company: Company,
        store: Filled,
        database: Option<String>,
        mut process: Process,
    ) -> anyhow::Result<Self> {
        process.answers("/readyz").await?;
        let made: Value = serde_json::from_slice(&std::fs::read(store.data.join("made.json"))?)?;
        let text =
            |name: &str| made[name].as_str().map(str::to_owned).with_context(|| format!("{name} of init"));
        let key = Key {
            id: text("accessKeyId")?,
            secret: text("secretAccessKey")?,
            session_token: None,
            host: process.address.to_string(),
        };
        let mut world = Self {
            company,
            store,
            database,
            process,
            key,
            identity_store: text("identityStoreId")?,
            instance_arn: text("instanceArn")?,
            client: Client::default(),
            people: Vec::new(),
            role: None,
            idle_group: String::new(),
            management_account: text("managementAccountId")?,
            numbers: Cell::new(0),
        };
        world.client = world.register(&text("startUrl")?).await?;
        Ok(world)
    }

    /// A number that was not given out before.
    pub(crate) fn next_number(&self) -> usize {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// Whether this person has tokens.
    pub(crate) fn is_signed_in(&self, person: usize) -> bool {
        self.people.binary_search_by_key(&person, |signed_in| signed_in.person).is_ok()
    }

    fn host(&self) -> &str {
        &self.key.host
    }

    /// Where the pages are.
    pub(crate) fn page_host(&self) -> String {
        self.host().replace("127.0.0.1", "localhost")
    }

    /// A POST of JSON as SDKs send it.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        let headers = [
            ("host", self.host()),
            ("user-agent", "aws-sdk-bench/1.0"),
            ("content-type", "application/json"),
        ];
        http::request("POST", path, &headers, &body.to_string())
    }

    /// A form as a browser sends it.
    pub(crate) fn form(&self, path: &str, cookie: &str, pairs: &[(&str, &str)]) -> Vec<u8> {
        let body: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={}", escape(value))).collect();
        let host = self.page_host();
        let origin = format!("http://{host}");
        let headers = [
            ("host", host.as_str()),
            ("user-agent", "Mozilla/5.0 (bench)"),
            ("origin", origin.as_str()),
            ("cookie", cookie),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        http::request("POST", path, &headers, &body.join("&"))
    }

    /// A page as a browser asks for it.
    pub(crate) fn get(&self, path: &str, cookie: &str) -> Vec<u8> {
        http::request(
            "GET",
            path,
            &[
                ("host", &self.page_host()),
                ("user-agent", "Mozilla/5.0 (bench)"),
                ("accept-encoding", "gzip"),
                ("cookie", cookie),
            ],
            "",
        )
    }

    async fn register(&self, start_url: &str) -> anyhow::Result<Client> {
        let body = json!({
            "clientName": "bench", "clientType": "public", "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": [CALLBACK], "issuerUrl": start_url, "scopes": ["sso:account:access"],
        });
        let mut connection = Connection::new(self.process.address);
        let answer = connection.call(&self.post("/client/register", &body)).await?.expect(200)?.json()?;
        let text = |name: &str| answer[name].as_str().map(str::to_owned).context("a registration");
        Ok(Client { id: text("clientId")?, secret: text("clientSecret")? })
    }

    /// Opens the sign-in page.
    pub(crate) async fn sign_in_page(&self) -> anyhow::Result<Form> {
        let mut connection = Connection::new(self.process.address);
        let answer = connection.call(&self.get("/signin", "")).await?.expect(200)?;
        Ok(Form { cookie: cookie(&answer, "portico_form")?, csrf: field(&answer, "csrf")? })
    }

    /// What the sign-in page sends for a person.
    pub(crate) fn sign_in(&self, form: &Form, person: usize) -> Vec<u8> {
        let pairs = [
            ("csrf", form.csrf.as_str()),
            ("return_to", "/start"),
            ("username", &company::user_name(person)),
            ("password", PASSWORD),
        ];
        self.form("/signin", &form.cookie, &pairs)
    }

    /// Signs in whoever has this name; the cookie of the session.
    pub(crate) async fn cookie_of(&self, user_name: &str, password: &str) -> anyhow::Result<String> {
        let form = self.sign_in_page().await?;
        let pairs = [
            ("csrf", form.csrf.as_str()),
            ("return_to", "/start"),
            ("username", user_name),
            ("password", password),
        ];
        let mut connection = Connection::new(self.process.address);
        let answer = connection.call(&self.form("/signin", &form.cookie, &pairs)).await?.expect(303)?;
        cookie(&answer, "portico")
    }

    /// Signs `count` people in, spread over the whole company.
    pub(crate) async fn sign_people_in(&mut self, count: usize) -> anyhow::Result<()> {
        let form = self.sign_in_page().await?;
        let mut connection = Connection::new(self.process.address);
        let every = self.company.people() / count;
        for at in 0..count {
            let person = at * every + every / 2;
            let signed_in = self
                .authorize(&mut connection, &form, person)
                .await
                .with_context(|| company::user_name(person))?;
            self.people.push(signed_in);
        }
        Ok(())
    }

    pub(crate) async fn authorize(
        &self,
        connection: &mut Connection,
        form: &Form,
        person: usize,
    ) -> anyhow::Result<SignedIn> {
        let answer = connection.call(&self.sign_in(form, person)).await?.expect(303)?;
        let session = cookie(&answer, "portico")?;
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
        let question = format!(
            "/authorize?response_type=code&client_id={}&redirect_uri={}&state=x&code_challenge_method=S256&scopes=sso:account:access&code_challenge={challenge}",
            self.client.id,
            escape(CALLBACK)
        );
        let answer = connection.call(&self.get(&question, &session)).await?.expect(200)?;
        let csrf = field(&answer, "csrf")?;
        let approved = self.form(&question, &session, &[("csrf", &csrf), ("decision", "approve")]);
        let answer = connection.call(&approved).await?.expect(303)?;
        let to = answer.headers("location").next().unwrap_or_default();
        let code = to.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).context("a code")?;
        let body = json!({
            "clientId": self.client.id, "clientSecret": self.client.secret, "grantType": "authorization_code",
            "code": code, "redirectUri": CALLBACK, "codeVerifier": VERIFIER,
        });
        let answer = connection.call(&self.post("/token", &body)).await?.expect(200)?.json()?;
        let text = |name: &str| answer[name].as_str().map(str::to_owned).context("a token");
        Ok(SignedIn {
            person,
            access_token: text("accessToken")?,
            refresh_token: RefCell::new(text("refreshToken")?),
            idle_membership: RefCell::default(),
        })
    }
}

/// `name=value` of the cookie that an answer sets.
fn cookie(answer: &Answer<'_>, name: &str) -> anyhow::Result<String> {
    let wanted = format!("{name}=");
    let set = answer.headers("set-cookie").find(|value| value.starts_with(&wanted));
    match set.and_then(|value| value.split(';').next()) {
        Some(pair) => Ok(pair.to_owned()),
        None => bail!("no cookie {name} in {answer:?}"),
    }
}

/// The value of a hidden field of a page.
pub(crate) fn field(answer: &Answer<'_>, name: &str) -> anyhow::Result<String> {
    let page = answer.text();
    let value =
        page.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split('"').next());
    value.map(str::to_owned).with_context(|| format!("no field {name} in {page}"))
}

/// A value of a form or query, percent-encoded.
pub(crate) fn escape(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
