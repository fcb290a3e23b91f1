//! Every operation by every kind of caller: what each is answered. The whole is a table, `authorisation.txt`, that a person reads and
//! signs off; a change of it is written only with `PORTICO_BLESS=1`. What must hold whatever the table says is asserted beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use accounts::role_sessions::Credentials;
use serde_json::{Value, json};
use wire::operation::{Auth, OperationMeta, Protocol};

use crate::requests::{Plain, Signing, joined};
use crate::served::Answer;
use crate::world::{MEMBER, OWNER, STRANGER, Words, World, allow, operation, operations};

/// Who calls, or what is wrong with the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Nobody,
    WrongSecret,
    UnknownKey,
    WrongRegion,
    WrongService,
    Late,
    Early,
    AlteredBody,
    AlteredHeader,
    UnsignedHeader,
    ExpiredToken,
    GarbageToken,
    SwappedToken,
    NoToken,
    Bare,
    Gone,
    Denied,
    Unbound,
    Part,
    PartGone,
    MemberRoot,
    MemberRole,
    MemberAdmin,
    MemberGone,
    Stranger,
    Foreign,
    Allowed,
}

/// Callers who name what is there, and the same callers naming what is not.
const PAIRS: &[(By, By)] =
    &[(By::Bare, By::Gone), (By::Part, By::PartGone), (By::MemberAdmin, By::MemberGone)];

impl By {
    fn names_what_is_gone(self) -> bool {
        PAIRS.iter().any(|(_, gone)| *gone == self)
    }
}

/// The columns: who, the head of the column, what it says in the legend.
#[rustfmt::skip]
const COLUMNS: &[(By, &str, &str)] = &[
    (By::Nobody, "none", "no signature"),
    (By::WrongSecret, "secr", "root's key id, signed with another secret"),
    (By::UnknownKey, "key", "a key id that nobody has"),
    (By::WrongRegion, "regn", "root, scoped to another Region"),
    (By::WrongService, "serv", "root, scoped to another service"),
    (By::Late, "late", "root, signed 16 minutes ago"),
    (By::Early, "earl", "root, signed 16 minutes from now"),
    (By::AlteredBody, "body", "root, the body (the query of a GET) altered after signing"),
    (By::AlteredHeader, "head", "root, a signed header altered after signing"),
    (By::UnsignedHeader, "extr", "root, an x-amz- header added after signing"),
    (By::ExpiredToken, "exp", "a role that may do all, its session over for a second (or a bearer token of yesterday)"),
    (By::GarbageToken, "garb", "a session token (or bearer token) that is garbage"),
    (By::SwappedToken, "swap", "the key of one session with the token of another (or the session token as bearer token)"),
    (By::NoToken, "bare", "the key of a session without its token"),
    (By::Bare, "role", "a role of the management account without a policy"),
    (By::Gone, "gone", "the same role, naming things that are not there"),
    (By::Denied, "deny", "a role that may do all, with an explicit deny of this action"),
    (By::Unbound, "othr", "a role that may do all but this action (NotAction)"),
    (By::Part, "part", "a role that may do this action on instances and identity stores, on nothing in them"),
    (By::PartGone, "pgon", "the same role, naming things that are not there"),
    (By::MemberRoot, "mroo", "the root of a member account"),
    (By::MemberRole, "mrol", "a role of a member account without a policy"),
    (By::MemberAdmin, "madm", "a role of a member account that may do all"),
    (By::MemberGone, "mgon", "the same role, naming things that are not there"),
    (By::Stranger, "strg", "the root of an account outside the organization (made by hand: no call makes one)"),
    (By::Foreign, "forn", "root, naming an instance or identity store that is not this one"),
    (By::Allowed, "may", "a role that may do this action and nothing else (or a person's bearer token)"),
];

/// Broken credentials: none of these may ever get past verification.
const BROKEN: &[By] = &[
    By::Nobody,
    By::WrongSecret,
    By::UnknownKey,
    By::WrongRegion,
    By::WrongService,
    By::Late,
    By::Early,
    By::AlteredBody,
    By::AlteredHeader,
    By::UnsignedHeader,
    By::ExpiredToken,
    By::GarbageToken,
    By::SwappedToken,
    By::NoToken,
];

/// Valid credentials that may not do the action: none of these may hear anything but that access is denied.
const POWERLESS: &[By] = &[By::Bare, By::Gone, By::Denied, By::Unbound, By::MemberRole];

/// Codes by the short marks of the table: as JSON has them, as Query has them.
#[rustfmt::skip]
const MARKS: &[(&str, &str, &str)] = &[
    ("AD", "AccessDeniedException", "AccessDenied"),
    ("MISS", "MissingAuthenticationTokenException", "MissingAuthenticationToken"),
    ("SIG", "InvalidSignatureException", "SignatureDoesNotMatch"),
    ("KEY", "UnrecognizedClientException", "InvalidClientTokenId"),
    ("EXP", "ExpiredTokenException", "ExpiredToken"),
    ("UNAU", "UnauthorizedException", ""),
    ("NF", "ResourceNotFoundException", "NoSuchEntity"),
    ("GRNT", "InvalidGrantException", ""),
    ("TOKN", "InvalidIdentityTokenException", "InvalidIdentityToken"),
];

/// The marks of a refusal at verification.
const REFUSED: &[&str] = &["MISS", "SIG", "KEY", "EXP", "UNAU"];

/// Everybody who is whoever they say may ask who they are: STS's own rule, no policy can take it away.
fn is_for_everybody(meta: &OperationMeta) -> bool {
    meta.auth == Auth::SigV4 && meta.name == "GetCallerIdentity"
}

/// The sessions that the table's callers use.
struct Sessions(BTreeMap<By, Credentials>);

impl Sessions {
    /// Of the roles that serve every operation.
    async fn new(world: &World) -> Self {
        let bare = world.role(OWNER, "bare", &[]).await;
        let admin = world.role(OWNER, "admin", &[("all", allow("*"))]).await;
        let member = world.role(MEMBER, "bare", &[]).await;
        let member_admin = world.role(MEMBER, "admin", &[("all", allow("*"))]).await;
        let mut all = BTreeMap::new();
        for (by, role, age) in [
            (By::Bare, &bare, 0),
            (By::Gone, &bare, 0),
            (By::GarbageToken, &admin, 0),
            (By::SwappedToken, &admin, 0),
            (By::NoToken, &admin, 0),
            (By::ExpiredToken, &admin, 3_601),
            (By::MemberRole, &member, 0),
            (By::MemberAdmin, &member_admin, 0),
            (By::MemberGone, &member_admin, 0),
        ] {
            all.insert(by, world.session(role, Duration::from_secs(age)).await);
        }
        Self(all)
    }

    /// Of the roles whose policies name the operation's action.
    async fn of_action(&mut self, world: &World, meta: &OperationMeta) {
        let deny = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": meta.action, "Resource": "*"},
        ]});
        let others = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "NotAction": meta.action, "Resource": "*"},
        ]});
        let part = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": meta.action,
            "Resource": ["arn:aws:sso:::instance/*", "arn:aws:identitystore::*:identitystore/*"]}]});
        let policies =
            [(By::Denied, deny), (By::Unbound, others), (By::Part, part), (By::Allowed, allow(meta.action))];
        for (by, policy) in policies {
            let name = format!("{by:?}{}{}", meta.service, meta.name).to_lowercase();
            let role =
                world.role(OWNER, name.get(..name.len().min(64)).unwrap(), &[("policy", policy)]).await;
            let session = world.session(&role, Duration::ZERO).await;
            if by == By::Part {
                self.0.insert(By::PartGone, session.clone());
            }
            self.0.insert(by, session);
        }
    }

    fn sign(&self, by: By, signing: Signing) -> Signing {
        let Some(session) = self.0.get(&by) else { return signing };
        let token = match by {
            By::GarbageToken => Some("Z2FyYmFnZQ==".to_owned()),
            By::SwappedToken => {
                self.0.get(&By::MemberAdmin).map(|other| other.session_token.expose().to_owned())
            }
            By::NoToken => None,
            _ => Some(session.session_token.expose().to_owned()),
        };
        let secret = session.secret_access_key.expose().to_owned();
        Signing { key_id: session.access_key_id.clone(), secret, token, ..signing }
    }
}

/// The input of an operation, its placeholders filled in.
fn filled(template: &Value, words: &Words) -> Value {
    let mut text = template.to_string();
    for (name, value) in words {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    serde_json::from_str(&text).unwrap()
}

/// The call of `by`; nothing where there is nothing to call with.
fn call(
    world: &World,
    sessions: &Sessions,
    (meta, template): (&OperationMeta, &Value),
    by: By,
) -> Option<Plain> {
    let ordinary = filled(template, &world.words);
    let input = match by {
        by if by.names_what_is_gone() => {
            Some(filled(template, &world.gone())).filter(|input| *input != ordinary)?
        }
        By::Foreign => Some(filled(template, &world.foreign())).filter(|input| *input != ordinary)?,
        _ => ordinary,
    };
    let mut plain = Plain::new(meta, &input);
    let root = |account| world.root(account, meta.signing_name);
    let mut signing = sessions.sign(by, root(OWNER));
    match by {
        By::Nobody => return Some(plain),
        By::WrongSecret => signing.secret = signing.secret.to_lowercase(),
        By::UnknownKey => signing.key_id = "AKIAIOSFODNN7EXAMPLE".into(),
        By::WrongRegion => signing.region = "eu-west-1".into(),
        By::WrongService => signing.service = "s3".into(),
        By::Late => signing.date = world.date(-16 * 60),
        By::Early => signing.date = world.date(16 * 60),
        By::MemberRoot => signing = root(MEMBER),
        By::Stranger => signing = root(STRANGER),
        By::GarbageToken if meta.auth == Auth::Bearer => plain.put("x-amz-sso_bearer_token", "garbage"),
        By::SwappedToken if meta.auth == Auth::Bearer => {
            plain.put("x-amz-sso_bearer_token", signing.token.as_deref().unwrap());
        }
        _ => {}
    }
    plain.sign(&signing);
    match by {
        By::AlteredBody if plain.method == "GET" => plain.query.push_str("&max_result=1"),
        By::AlteredBody if meta.protocol == Protocol::Query => plain.body.push_str("&MaxItems=1"),
        By::AlteredBody => plain.body.push(' '),
        By::AlteredHeader => {
            let (_, value) = plain.headers.iter().find(|(name, _)| name == "content-type").unwrap();
            let value = format!("{value}; charset=utf-8");
            plain.put("content-type", &value);
        }
        By::UnsignedHeader => plain.put("x-amz-extra", "1"),
        _ => {}
    }
    Some(plain)
}

/// The short mark of an answer.
fn mark(meta: &OperationMeta, answer: &Answer) -> String {
    if answer.status.is_success() {
        return "ok".to_owned();
    }
    assert!(answer.status.is_client_error(), "{} {}: {answer:?}", meta.service, meta.name);
    let code = answer.error_type();
    match meta.protocol {
        Protocol::AwsJson => assert_eq!(answer.body["__type"], code, "{answer:?}"),
        Protocol::Query => assert!(answer.text.contains(&format!("<Code>{code}</Code>")), "{answer:?}"),
        Protocol::RestJson => {}
    }
    assert!(answer.headers.contains_key("x-amzn-requestid"), "{answer:?}");
    let known = MARKS.iter().find(|(_, json, query)| match meta.protocol {
        Protocol::Query => *query == code,
        _ => *json == code,
    });
    known.map_or_else(|| code.to_owned(), |(mark, ..)| (*mark).to_owned())
}

/// What a refusal says, without what names the thing asked for.
fn message(answer: &Answer, world: &World) -> String {
    let mut text = match answer.body.get("message").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => answer.text.split("<RequestId>").next().unwrap_or_default().to_owned(),
    };
    let (here, gone) = (&world.words, world.gone());
    let mut names: Vec<&String> = here.values().chain(gone.values()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        text = text.replace(name.as_str(), "…");
    }
    text
}

/// Whatever the table says, this holds.
fn assert_sound(meta: &OperationMeta, by: By, mark: &str) {
    let at = format!("{} {} by {by:?}: {mark}", meta.service, meta.name);
    match meta.auth {
        Auth::SigV4 if BROKEN.contains(&by) => assert!(REFUSED.contains(&mark), "{at}"),
        Auth::SigV4 if is_for_everybody(meta) => assert_eq!(mark, "ok", "{at}"),
        Auth::SigV4 if POWERLESS.contains(&by) => assert_eq!(mark, "AD", "{at}"),
        Auth::Bearer if by != By::Allowed => assert_eq!(mark, "UNAU", "{at}"),
        Auth::Bearer => assert_eq!(mark, "ok", "{at}"),
        Auth::SigV4 | Auth::Anonymous => {}
    }
}

/// When the allowed caller's turn is: reads, then what adds, then what removes, parts before the whole.
fn turn(meta: &OperationMeta) -> (u8, &'static str) {
    let removes = ["Delete", "Detach", "Untag"].iter().any(|word| meta.name.starts_with(word));
    let whole = ["DeleteUser", "DeleteGroup", "DeletePermissionSet"].contains(&meta.name);
    let rank = match (meta.read_only, removes, whole) {
        (true, ..) => 0,
        (false, false, _) => 1,
        (false, true, false) => 2,
        (false, true, true) => 3,
    };
    (rank, meta.name)
}

type Cells = BTreeMap<(&'static str, &'static str), BTreeMap<By, String>>;

fn printed(cells: &Cells) -> String {
    let mut out = String::from(
        "What every operation answers to every kind of caller. Written by the test of the same name with PORTICO_BLESS=1.\n\nCallers\n",
    );
    for (_, head, says) in COLUMNS {
        writeln!(out, "  {head:<5}{says}").unwrap();
    }
    out.push_str(
        "\nAnswers\n  ok   success\n  -    the operation names nothing that could be another's or absent\n",
    );
    for (mark, json, query) in MARKS {
        let query = if query.is_empty() { String::new() } else { format!(" (Query: {query})") };
        writeln!(out, "  {mark:<5}{json}{query}").unwrap();
    }
    let mut service = "";
    for meta in operations() {
        if meta.service != service {
            service = meta.service;
            let heads = joined(COLUMNS, |(_, head, _)| format!(" {head:<4}"));
            writeln!(out, "\n{:<58}{}", service, heads.trim_end()).unwrap();
        }
        let row = &cells[&(meta.service, meta.name)];
        let marks = joined(COLUMNS, |(by, ..)| format!(" {:<4}", row.get(by).map_or("-", String::as_str)));
        writeln!(out, "  {:<56}{}", meta.name, marks.trim_end()).unwrap();
    }
    out
}

fn inputs() -> BTreeMap<String, Value> {
    let inputs: BTreeMap<String, Value> = serde_json::from_str(include_str!("authorisation.json")).unwrap();
    let here: BTreeSet<String> = inputs.keys().cloned().collect();
    let served: BTreeSet<String> =
        operations().iter().map(|meta| format!("{} {}", meta.service, meta.name)).collect();
    assert_eq!(here, served, "every operation has its valid input in authorisation.json, and no other");
    inputs
}

/// The table as it is filled in.
struct Filling<'w> {
    world: &'w World,
    sessions: Sessions,
    inputs: BTreeMap<String, Value>,
    cells: Cells,
}

impl Filling<'_> {
    fn call(&self, meta: &OperationMeta, by: By) -> Option<Plain> {
        let template = &self.inputs[&format!("{} {}", meta.service, meta.name)];
        call(self.world, &self.sessions, (meta, template), by)
    }

    async fn cell(&mut self, meta: &OperationMeta, by: By, plain: &Plain) -> Answer {
        let answer = self.world.served.call(plain.request()).await;
        let mark = mark(meta, &answer);
        assert_sound(meta, by, &mark);
        self.cells.entry((meta.service, meta.name)).or_default().insert(by, mark);
        answer
    }

    /// Everybody but those whose call may succeed and change what the others see.
    async fn refusals(&mut self, meta: &OperationMeta) {
        self.sessions.of_action(self.world, meta).await;
        let mut said = BTreeMap::new();
        for (by, ..) in COLUMNS {
            if *by == By::Allowed || (*by == By::ExpiredToken && meta.auth == Auth::Bearer) {
                continue;
            }
            // What has no parts would be done, not refused.
            if *by == By::Part && self.call(meta, By::PartGone).is_none() {
                continue;
            }
            let Some(plain) = self.call(meta, *by) else { continue };
            let answer = self.cell(meta, *by, &plain).await;
            said.insert(*by, message(&answer, self.world));
        }
        let name = (meta.service, meta.name);
        for (by, by_gone) in PAIRS {
            let refusal = |by: &By| self.cells[&name].get(by).is_some_and(|mark| mark == "AD");
            let pair = (said.get(by), said.get(by_gone));
            let (Some(there), Some(absent)) = pair else { continue };
            if refusal(by) || refusal(by_gone) {
                assert_eq!(there, absent, "{name:?} by {by:?}: a refusal tells what is there");
            }
        }
        let row = &self.cells[&name];
        assert_eq!(
            row[&By::Stranger],
            row[&By::MemberRoot],
            "{name:?}: no stranger may do more than a member"
        );
    }

    /// Whoever may: a role with the action, a person with a token.
    async fn allowed(&mut self, meta: &OperationMeta, bearer: &str) {
        self.sessions.of_action(self.world, meta).await;
        let mut plain = self.call(meta, By::Allowed).unwrap();
        if meta.auth == Auth::Bearer {
            plain
                .headers
                .retain(|(name, _)| !["authorization", "x-amz-security-token"].contains(&name.as_str()));
            plain.put("x-amz-sso_bearer_token", bearer);
        }
        self.cell(meta, By::Allowed, &plain).await;
        self.world.work().await;
    }

    /// A token that was good, a day later.
    async fn expired_bearer(&mut self, bearer: &str) {
        let of_people: Vec<_> = operations().into_iter().filter(|meta| meta.auth == Auth::Bearer).collect();
        let ask = |filling: &Self, meta| {
            let mut plain = filling.call(meta, By::Nobody).unwrap();
            plain.put("x-amz-sso_bearer_token", bearer);
            plain
        };
        let good = self.world.served.call(ask(self, operation("sso", "ListAccounts")).request()).await;
        assert!(good.status.is_success(), "{good:?}");
        self.world.served.wait(24 * 3_600);
        for meta in of_people {
            self.cell(meta, By::ExpiredToken, &ask(self, meta)).await;
        }
    }
}

async fn filled_table(world: &World) -> Cells {
    let sessions = Sessions::new(world).await;
    let mut filling = Filling { world, sessions, inputs: inputs(), cells: Cells::new() };
    for meta in operations() {
        filling.refusals(meta).await;
    }
    let jane = world.bearer(world.word("user"), "jane").await;
    let john = world.bearer(world.word("other"), "john").await;
    let mut rest = operations();
    rest.retain(|meta| meta.auth != Auth::Anonymous);
    rest.sort_by_key(|meta| turn(meta));
    for meta in rest {
        filling.allowed(meta, &jane).await;
    }
    filling.expired_bearer(&john).await;
    filling.cells
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so; nothing that is served reads it"
)]
fn is_blessed() -> bool {
    std::env::var_os("PORTICO_BLESS").is_some_and(|value| value == "1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authorisation() {
    let world = World::new().await;
    let table = printed(&filled_table(&world).await);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/authorisation.txt");
    if is_blessed() {
        std::fs::write(&path, &table).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> = table.lines().filter(|line| !wanted.lines().any(|has| has == *line)).collect();
    assert!(table == wanted, "authorisation.txt says otherwise:\n{}", changed.join("\n"));
}
