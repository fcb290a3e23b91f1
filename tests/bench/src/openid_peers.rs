//! OpenID providers that others wrote: `oidc-provider`, everything in memory, and `glewlwyd`, whose every token is a row of SQLite's with its writes to the disk on. Each as its
//! documentation sets it up, with a client for each of what ID tokens are signed with, and one person who is signed in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use anyhow::{Context as _, bail};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use crate::http::{self, Answer, Connection};
use crate::id_token::{Algorithm, Judge};
use crate::openid::{CALLBACK, Client, Provider, Target, Ways};
use crate::process::{Process, free_address};
use crate::stores::Places;

/// Letters alone: glewlwyd takes what stands in a Basic header as it is, others decode it.
const SECRET: &str = "benchsecret";
const PASSWORD: &str = "correct horse battery staple";
/// Who administers a new glewlwyd, as its first rows have it.
const ADMINISTRATOR: (&str, &str) = ("admin", "password");

/// What a browser keeps.
#[derive(Debug, Default)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn take(&mut self, answer: &Answer<'_>) {
        for set in answer.headers("set-cookie") {
            if let Some((name, value)) = set.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn header(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }
}

/// The one that keeps everything in memory.
pub(crate) async fn oidc_provider(places: &Places, codes: usize) -> anyhow::Result<Target> {
    let address = free_address()?;
    let (port, script) = (address.port().to_string(), places.root.join("tests/bench/peers/openid.mjs"));
    let command =
        ["node", path(&script)?, path(&places.tools.join("oidc"))?, &port, CALLBACK].map(str::to_owned);
    let mut process = Process::start(&command, &places.scratch.join("openid.log"), address)?;
    process.answers("/.well-known/openid-configuration").await?;
    let mut connection = Connection::new(address);
    let host = address.to_string();
    let mut clients = Vec::new();
    for algorithm in Algorithm::ALL {
        let mut ways = Ways {
            host: host.clone(),
            authorize: "/auth?scope=openid%20profile%20email&".to_owned(),
            token: "/token".to_owned(),
            introspect: "/token/introspection".to_owned(),
            userinfo: "/me".to_owned(),
            client_secret: SECRET.to_owned(),
            renews_id_token: true,
            cookies: Vec::new(),
        };
        ways.cookies = vec![come(&mut connection, &ways, algorithm.name()).await?];
        let judge = Judge {
            algorithm,
            issuer: format!("http://{host}"),
            client_id: algorithm.name().to_owned(),
            keys: get(&mut connection, &host, "/jwks").await?,
        };
        clients.push(Client::new(ways, judge));
    }
    let (name, provider) = ("oidc-provider", Provider::Theirs(process));
    Ok(Target { name, provider, database: None, clients, codes })
}

/// Comes to the provider for the first time, is led to where one signs in, and back: the cookies.
async fn come(connection: &mut Connection, ways: &Ways, client_id: &str) -> anyhow::Result<String> {
    let (mut jar, mut to) = (Jar::default(), Client::question(ways, client_id));
    for _ in 0..5 {
        let cookies = jar.header();
        let headers = [("host", ways.host.as_str()), ("cookie", &cookies)];
        let answer = connection.call(&http::request("GET", &to, &headers, "")).await?.expect(303)?;
        jar.take(&answer);
        let location = answer.headers("location").next().context("no way on")?;
        if location.starts_with(CALLBACK) {
            return Ok(jar.header());
        }
        location.trim_start_matches(&format!("http://{}", ways.host)).clone_into(&mut to);
    }
    bail!("oidc-provider leads in circles: {to}")
}

async fn get(connection: &mut Connection, host: &str, path: &str) -> anyhow::Result<Value> {
    connection.call(&http::request("GET", path, &[("host", host)], "")).await?.expect(200)?.json()
}

/// The one that is durable.
pub(crate) async fn glewlwyd(places: &Places, codes: usize) -> anyhow::Result<Target> {
    let (address, unpacked) = (free_address()?, places.tools.join("glewlwyd"));
    let folder = places.scratch.join("glewlwyd");
    std::fs::create_dir_all(&folder)?;
    let database = folder.join("glewlwyd.db");
    first_rows(&unpacked, &database)?;
    let configuration = folder.join("glewlwyd.conf");
    std::fs::write(&configuration, configured(&unpacked, &database, address.port())?)?;
    let libraries = unpacked.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH));
    let libraries = format!("LD_LIBRARY_PATH={}", path(&libraries)?);
    let program = path(&unpacked.join("usr/bin/glewlwyd"))?.to_owned();
    let command = ["env".to_owned(), libraries, program, format!("--config-file={}", path(&configuration)?)];
    let mut process = Process::start(&command, &folder.join("glewlwyd.log"), address)?;
    process.answers("/config").await?;
    let clients = set_up(&mut Connection::new(address), &address.to_string()).await?;
    Ok(Target {
        name: "glewlwyd",
        provider: Provider::Theirs(process),
        database: Some(database),
        clients,
        codes,
    })
}

/// The database as its package has it.
fn first_rows(unpacked: &Path, database: &Path) -> anyhow::Result<()> {
    let rows = unpacked.join("usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz");
    let mut unzip = Command::new("gzip").args(["-dc"]).arg(rows).stdout(Stdio::piped()).spawn()?;
    let text = unzip.stdout.take().context("a pipe")?;
    let status = Command::new("sqlite3").arg(database).stdin(text).status().context("sqlite3")?;
    if !status.success() || !unzip.wait()?.success() {
        bail!("the first rows of glewlwyd");
    }
    Ok(())
}

fn configured(unpacked: &Path, database: &Path, port: u16) -> anyhow::Result<String> {
    // A folder that the package does not have, since it has no such module.
    let modules = unpacked.join("usr/lib/glewlwyd");
    std::fs::create_dir_all(modules.join("user_middleware"))?;
    let mut text = format!(
        "port={port}\nbind_address=\"127.0.0.1\"\nexternal_url=\"http://127.0.0.1:{port}\"\nlogin_url=\"login.html\"\napi_prefix=\"api\"\nstatic_files_path=\"{}\"\n\
         log_mode=\"console\"\nlog_level=\"ERROR\"\ncookie_secure=0\nsession_key=\"S\"\nadmin_scope=\"g_admin\"\nprofile_scope=\"g_profile\"\nhash_algorithm=\"SHA512\"\n\
         database={{ type=\"sqlite3\"; path=\"{}\"; }};\nuse_secure_connection=false\n",
        path(&unpacked.join("usr/share/glewlwyd/webapp/"))?,
        path(database)?
    );
    // It asks for these although it is told to do without them.
    for file in ["key", "pem", "ca"] {
        let _ = writeln!(text, "secure_connection_{file}_file=\"none\"");
    }
    let kinds = [
        ("user", "user"),
        ("user_middleware", "user_middleware"),
        ("client", "client"),
        ("user_auth_scheme", "scheme"),
        ("plugin", "plugin"),
    ];
    for (kind, folder) in kinds {
        let _ = writeln!(text, "{kind}_module_path=\"{}\"", path(&modules.join(folder))?);
    }
    Ok(text)
}

/// Calls glewlwyd as its pages do.
struct Caller<'c> {
    connection: &'c mut Connection,
    host: &'c str,
    jar: Jar,
}

impl Caller<'_> {
    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> anyhow::Result<()> {
        let cookies = self.jar.header();
        let headers = [("host", self.host), ("cookie", &cookies), ("content-type", "application/json")];
        let request = http::request(method, path, &headers, &body.to_string());
        let answer = self.connection.call(&request).await?.expect(200).with_context(|| path.to_owned())?;
        self.jar.take(&answer);
        Ok(())
    }

    async fn sign_in(&mut self, (name, password): (&str, &str)) -> anyhow::Result<()> {
        self.jar = Jar::default();
        self.ask("POST", "/api/auth/", &json!({"username": name, "password": password})).await
    }
}

/// A plugin for each of what ID tokens are signed with, which glewlwyd decides by plugin; a client; and a person, who agrees.
async fn set_up(connection: &mut Connection, host: &str) -> anyhow::Result<Vec<Rc<Client>>> {
    let mut caller = Caller { connection, host, jar: Jar::default() };
    caller.sign_in(ADMINISTRATOR).await?;
    for algorithm in Algorithm::ALL {
        caller.ask("POST", "/api/mod/plugin/", &plugin(host, algorithm)?).await?;
    }
    let client = json!({
        "client_id": "bench", "client_secret": SECRET, "confidential": true, "name": "bench", "enabled": true, "redirect_uri": [CALLBACK],
        "authorization_type": ["code", "refresh_token"], "token_endpoint_auth_method": ["client_secret_basic"], "scope": [],
    });
    caller.ask("POST", "/api/client/", &client).await?;
    let person = json!({
        "username": "jane", "password": PASSWORD, "name": "Jane Doe", "email": "jane@acme.example", "scope": ["openid", "g_profile"], "enabled": true,
    });
    caller.ask("POST", "/api/user/", &person).await?;
    caller.sign_in(("jane", PASSWORD)).await?;
    caller.ask("PUT", "/api/auth/grant/bench", &json!({"scope": "openid"})).await?;
    let cookies = caller.jar.header();
    let mut clients = Vec::new();
    for algorithm in Algorithm::ALL {
        let at = format!("/api/{}", algorithm.name());
        let ways = Ways {
            host: host.to_owned(),
            // Name and address come with it; and its own pages were passed.
            authorize: format!("{at}/auth?scope=openid&g_continue&"),
            token: format!("{at}/token"),
            introspect: format!("{at}/introspect"),
            userinfo: format!("{at}/userinfo"),
            client_secret: SECRET.to_owned(),
            renews_id_token: false,
            cookies: vec![cookies.clone()],
        };
        let judge = Judge {
            algorithm,
            issuer: format!("http://{host}{at}"),
            client_id: "bench".to_owned(),
            keys: get(connection, host, &format!("{at}/jwks")).await?,
        };
        clients.push(Client::new(ways, judge));
    }
    Ok(clients)
}

fn plugin(host: &str, algorithm: Algorithm) -> anyhow::Result<Value> {
    let (kind, pair) = match algorithm {
        Algorithm::Rs256 => ("rsa", KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?),
        Algorithm::Es256 => ("ecdsa", KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?),
    };
    let name = algorithm.name();
    Ok(json!({"module": "oidc", "name": name, "display_name": name, "enabled": true, "parameters": {
        "iss": format!("http://{host}/api/{name}"), "jwt-type": kind, "jwt-key-size": "256", "key": pair.serialize_pem(), "cert": pair.public_key_pem(),
        "access-token-duration": 3_600, "refresh-token-duration": 1_209_600, "code-duration": 600, "refresh-token-rolling": true, "refresh-token-one-use": "always",
        "allow-non-oidc": true, "auth-type-code-enabled": true, "auth-type-code-revoke-replayed": true, "auth-type-token-enabled": false,
        "auth-type-implicit-enabled": false, "auth-type-password-enabled": false, "auth-type-client-enabled": false, "auth-type-none-enabled": false,
        "auth-type-refresh-enabled": true, "auth-type-device-enabled": false, "scope": [], "additional-parameters": [], "claims": [], "pkce-allowed": true,
        "pkce-method-plain-allowed": false, "introspection-revocation-allowed": true, "introspection-revocation-allow-target-client": true,
        "introspection-revocation-auth-scope": [], "subject-type": "public", "name-claim": "mandatory", "email-claim": "mandatory", "scope-claim": "no",
        "jwks-show": true, "request-parameter-allow": false,
    }}))
}

fn path(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| path.display().to_string())
}
