//! What an application asks of an OpenID provider, ours or another's, once its person is signed in there: a code, its exchange, a refresh that takes the token with it, a look at an
//! access token, and what it says of the person. The providers are `openid_ours`'s and `openid_peers`'s.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, bail};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::costs::{Database, Server};
use crate::http::{self, Connection};
use crate::id_token::Judge;
use crate::load::Operation;
use crate::process::Process;
use crate::world::{World, escape};

/// Where codes are sent; nobody listens, the client reads them off the redirect.
pub(crate) const CALLBACK: &str = "https://wiki.acme.example/callback";
/// A verifier (RFC 7636): anybody may know it here.
const VERIFIER: &str = "portico-bench-verifier-0123456789-0123456789-0123";
/// One answer of so many of a connection is looked at closely, the first among them.
const CLOSELY: usize = 64;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Code,
    Exchange,
    Refresh,
    Introspect,
    UserInfo,
}

impl Line {
    pub(crate) const ALL: [Self; 5] =
        [Self::Code, Self::Exchange, Self::Refresh, Self::Introspect, Self::UserInfo];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Code => "question to code, the person signed in",
            Self::Exchange => "code exchange",
            Self::Refresh => "refresh with rotation",
            Self::Introspect => "introspection of an access token",
            Self::UserInfo => "userinfo",
        }
    }

    /// Whether its answer is an ID token, so that it matters what that is signed with.
    pub(crate) const fn signs(self) -> bool {
        matches!(self, Self::Exchange | Self::Refresh)
    }
}

/// A running provider.
#[derive(Debug)]
pub(crate) enum Provider {
    Ours(Rc<World>),
    Theirs(Process),
}

/// Where a client goes, and what it shows there: paths, and what of headers does not change.
#[derive(Debug, Clone)]
pub(crate) struct Ways {
    pub(crate) host: String,
    /// With the start of a query: the scopes, and what else the provider wants.
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) introspect: String,
    pub(crate) userinfo: String,
    pub(crate) client_secret: String,
    /// Whether a refresh gives an ID token too: it need not (OpenID Connect Core §12.2).
    pub(crate) renews_id_token: bool,
    /// What people's browsers keep: somebody of each connection, or one for all.
    pub(crate) cookies: Vec<String>,
}

/// An application, known to a provider.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) ways: Ways,
    pub(crate) judge: Judge,
    /// Codes that nobody exchanged yet.
    codes: RefCell<VecDeque<String>>,
    /// Of each connection.
    tokens: RefCell<Vec<Tokens>>,
}

#[derive(Debug, Clone)]
struct Tokens {
    access: String,
    /// The next one to use.
    refresh: String,
    /// Whom they are of, where that was looked at.
    subject: Option<String>,
}

/// A provider and the applications that it knows, one for each of what ID tokens are signed with.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) provider: Provider,
    pub(crate) database: Option<PathBuf>,
    pub(crate) clients: Vec<Rc<Client>>,
    /// How many codes are exchanged: the slow ones get fewer.
    pub(crate) codes: usize,
}

impl Target {
    pub(crate) fn process(&self) -> &Process {
        match &self.provider {
            Provider::Ours(world) => &world.process,
            Provider::Theirs(process) => process,
        }
    }

    /// As its costs are asked for.
    pub(crate) fn server<'s>(&'s self, database: Option<&'s Database>) -> Server<'s> {
        let writes_later = matches!(self.provider, Provider::Ours(_));
        Server { process: self.process(), database, writes_later }
    }
}

impl Client {
    pub(crate) fn new(ways: Ways, judge: Judge) -> Rc<Self> {
        Rc::new(Self { ways, judge, codes: RefCell::default(), tokens: RefCell::default() })
    }

    /// So many connections have tokens, each of its own; every ID token of these is judged.
    pub(crate) async fn fill(self: &Rc<Self>, process: &Process, connections: usize) -> anyhow::Result<()> {
        let mut connection = Connection::new(process.address);
        let had = self.tokens.borrow().len();
        for at in had..connections {
            let code = self.code(&mut connection, at).await?;
            let tokens = self.exchange(&mut connection, &code, true).await?;
            self.tokens.borrow_mut().push(tokens);
        }
        Ok(())
    }

    /// What each connection does.
    pub(crate) fn steps(self: &Rc<Self>, line: Line, connections: usize) -> Vec<Step> {
        (0..connections).map(|at| Step { client: self.clone(), line, connection: at, sent: 0 }).collect()
    }

    /// Nobody will come with these codes any more.
    pub(crate) fn forget_codes(&self) {
        self.codes.borrow_mut().clear();
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Vec<u8> {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let secret = format!("{}:{}", escape(&self.judge.client_id), escape(&self.ways.client_secret));
        let headers = [
            ("host", self.ways.host.as_str()),
            ("user-agent", "bench/1.0"),
            ("accept", "application/json"),
            ("authorization", &format!("Basic {}", STANDARD.encode(secret))),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        http::request("POST", path, &headers, &body.join("&"))
    }

    /// The address of the question, as a browser asks for it.
    pub(crate) fn question(ways: &Ways, client_id: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
        format!(
            "{}response_type=code&client_id={client_id}&redirect_uri={}&state=s&nonce=n&code_challenge_method=S256&code_challenge={challenge}",
            ways.authorize,
            escape(CALLBACK)
        )
    }

    async fn code(&self, connection: &mut Connection, at: usize) -> anyhow::Result<String> {
        let cookies = &self.ways.cookies;
        let cookie = cookies.get(at % cookies.len()).context("nobody is signed in")?;
        let headers =
            [("host", self.ways.host.as_str()), ("user-agent", "Mozilla/5.0 (bench)"), ("cookie", cookie)];
        let request = http::request("GET", &Self::question(&self.ways, &self.judge.client_id), &headers, "");
        let answer = connection.call(&request).await?;
        let to = answer.headers("location").next().unwrap_or_default();
        match to
            .strip_prefix(CALLBACK)
            .and_then(|rest| rest.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")))
        {
            Some(code) => Ok(code.to_owned()),
            None => bail!("no code but {} to {to}: {}", answer.status, answer.text()),
        }
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        code: &str,
        closely: bool,
    ) -> anyhow::Result<Tokens> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.tokens_for(connection, &form, (true, closely)).await
    }

    async fn tokens_for(
        &self,
        connection: &mut Connection,
        form: &[(&str, &str)],
        (with_id_token, closely): (bool, bool),
    ) -> anyhow::Result<Tokens> {
        let answer = connection.call(&self.post(&self.ways.token, form)).await?.expect(200)?.json()?;
        let text = |name: &str| answer[name].as_str().with_context(|| format!("no {name} in {answer}"));
        let mut subject = None;
        if with_id_token {
            let token = text("id_token")?;
            self.judge.glance(token)?;
            subject = if closely { Some(self.judge.subject(token)?) } else { None };
        }
        let (access, refresh) = (text("access_token")?.to_owned(), text("refresh_token")?.to_owned());
        Ok(Tokens { access, refresh, subject })
    }

    fn tokens_of(&self, connection: usize) -> anyhow::Result<Tokens> {
        self.tokens.borrow().get(connection).cloned().context("no tokens of this connection")
    }

    /// The token that was used is another one's from now on.
    async fn refresh(&self, connection: &mut Connection, at: usize, closely: bool) -> anyhow::Result<()> {
        let before = self.tokens_of(at)?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", before.refresh.as_str())];
        let how = (self.ways.renews_id_token, closely);
        let after = self.tokens_for(connection, &form, how).await?;
        if after.refresh == before.refresh {
            bail!("a refresh token that stays");
        }
        if after.subject.is_some() && after.subject != before.subject {
            bail!("an ID token of {:?} instead of {:?}", after.subject, before.subject);
        }
        if let Some(place) = self.tokens.borrow_mut().get_mut(at) {
            *place = Tokens { subject: before.subject, ..after };
        }
        Ok(())
    }
}

/// What one connection asks, over and over.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    client: Rc<Client>,
    line: Line,
    connection: usize,
    sent: usize,
}

impl Operation for Step {
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let (client, closely) = (self.client.clone(), self.sent.is_multiple_of(CLOSELY));
        self.sent += 1;
        match self.line {
            Line::Code => {
                let code = client.code(connection, self.connection).await?;
                client.codes.borrow_mut().push_back(code);
                Ok(())
            }
            Line::Exchange => {
                let code = client.codes.borrow_mut().pop_front().context("no codes are left")?;
                client.exchange(connection, &code, closely).await.map(|_| ())
            }
            Line::Refresh => client.refresh(connection, self.connection, closely).await,
            Line::Introspect => {
                let tokens = client.tokens_of(self.connection)?;
                let request = client.post(&client.ways.introspect, &[("token", &tokens.access)]);
                let said = connection.call(&request).await?.expect(200)?.json()?;
                if said["active"] != true || said["sub"].as_str() != tokens.subject.as_deref() {
                    bail!("an access token of {:?} is said to be {said}", tokens.subject);
                }
                Ok(())
            }
            Line::UserInfo => {
                let tokens = client.tokens_of(self.connection)?;
                let bearer = format!("Bearer {}", tokens.access);
                let headers = [
                    ("host", client.ways.host.as_str()),
                    ("user-agent", "bench/1.0"),
                    ("authorization", &bearer),
                ];
                let request = http::request("GET", &client.ways.userinfo, &headers, "");
                let said = connection.call(&request).await?.expect(200)?.json()?;
                if said["sub"].as_str() != tokens.subject.as_deref() || !said["email"].is_string() {
                    bail!("of {:?} userinfo says {said}", tokens.subject);
                }
                Ok(())
            }
        }
    }
}
