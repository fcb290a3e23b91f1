//! Every operation by every kind of caller: what each is answered. The whole is a table, `authorisation.txt`, that a person reads and
//! signs off; a change of it is written only with `PORTICO_BLESS=1`. What must hold whatever the table says is asserted beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;
use wire::operation::{Auth, OperationMeta, Protocol};

use crate::callers::{BROKEN, By, Column, PAIRS, PERMISSIONS, POWERLESS, PROOFS, Sessions, call};
use crate::requests::{Plain, joined};
use crate::served::Answer;
use crate::world::{World, operation, operations};

/// Codes by the short marks of the table: as JSON has them, as Query has them.
#[rustfmt::skip]
const MARKS: &[(&str, &str, &str)] = &[
    ("AD", "AccessDeniedException", "AccessDenied"),
    ("MISS", "MissingAuthenticationTokenException", "MissingAuthenticationToken"),
    ("SIG", "InvalidSignatureException", "SignatureDoesNotMatch"),
    ("KEY", "UnrecognizedClientException", "InvalidClientTokenId"),
    ("EXP", "ExpiredTokenException", "ExpiredToken"),
    ("INC", "IncompleteSignatureException", "IncompleteSignature"),
    ("UNAU", "UnauthorizedException", ""),
    ("NF", "ResourceNotFoundException", "NoSuchEntity"),
    ("DUP", "ConflictException", "EntityAlreadyExists"),
    ("GRNT", "InvalidGrantException", ""),
    ("TOKN", "InvalidIdentityTokenException", "InvalidIdentityToken"),
];

/// What stands before the reasons of a refusal.
const SEALED: &str = "Encoded authorization failure message: ";

/// The marks of a refusal at verification.
const REFUSED: &[&str] = &["MISS", "SIG", "KEY", "EXP", "INC", "UNAU"];

/// Those whose permission covers just what they name.
const AUTHORISED: &[By] = &[By::Inside, By::Tagged, By::Allowed];

/// What the management account is refused though its policies allow it: it has the organization's instance, which no call ends, and no other, and in SQLite
/// that has one Region, which is not removed.
pub(crate) const NOT_FOR_MANAGEMENT: &[&str] =
    &["AddRegion", "CreateInstance", "DeleteInstance", "RemoveRegion"];

/// Everybody who is whoever they say may ask who they are: STS's own rule, no policy can take it away.
fn is_for_everybody(meta: &OperationMeta) -> bool {
    meta.auth == Auth::SigV4 && meta.name == "GetCallerIdentity"
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
    // What is sealed is another text each time, and of the same length whatever it says.
    match text.split_once(SEALED) {
        Some((before, sealed)) => {
            let length =
                sealed.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
            format!("{before}{SEALED}{}", length.count())
        }
        None => text,
    }
}

/// Whatever the table says, this holds.
fn assert_sound(meta: &OperationMeta, by: By, mark: &str) {
    let at = format!("{} {} by {by:?}: {mark}", meta.service, meta.name);
    match meta.auth {
        Auth::SigV4 if BROKEN.contains(&by) => assert!(REFUSED.contains(&mark), "{at}"),
        Auth::SigV4 if is_for_everybody(meta) => assert_eq!(mark, "ok", "{at}"),
        // Whoever holds a key may, and nobody by a session.
        Auth::SigV4 if meta.name == "GetSessionToken" => {
            assert_eq!(mark == "ok", by == By::MemberRoot, "{at}");
        }
        Auth::SigV4 if POWERLESS.contains(&by) => assert_eq!(mark, "AD", "{at}"),
        Auth::SigV4 if AUTHORISED.contains(&by) && NOT_FOR_MANAGEMENT.contains(&meta.name) => {
            assert_eq!(mark, "ValidationException", "{at}");
        }
        Auth::SigV4 if AUTHORISED.contains(&by) => assert_eq!(mark, "ok", "{at}"),
        Auth::Bearer if by != By::Allowed => assert_eq!(mark, "UNAU", "{at}"),
        Auth::Bearer => assert_eq!(mark, "ok", "{at}"),
        Auth::SigV4 | Auth::Anonymous => {}
    }
}

/// When the allowed caller's turn is: reads, then what adds, then what removes, parts before the whole.
pub(crate) fn turn(meta: &OperationMeta) -> (u8, &'static str) {
    let removes = ["Delete", "Deregister", "Detach", "Untag", "BatchDeleteAccount"].iter().any(|word| meta.name.starts_with(word))
        // Who calls with a token does not call after these.
        || ["BatchDeleteSession", "DisableUser", "UpdatePassword"].contains(&meta.name);
    let whole =
        ["DeleteUser", "DeleteGroup", "DeletePermissionSet", "DeleteServiceUser", "DeleteApplication"]
            .contains(&meta.name);
    if meta.name == "CloseAccount" {
        return (4, meta.name);
    }
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
        "What every operation answers to every kind of caller. Written by the test of the same name with PORTICO_BLESS=1.\n\nAnswers\n",
    );
    out.push_str(
        "  ok   success\n  -    the operation names nothing, or takes no proof, that this caller is about\n",
    );
    for (mark, json, query) in MARKS {
        let query = if query.is_empty() { String::new() } else { format!(" (Query: {query})") };
        writeln!(out, "  {mark:<5}{json}{query}").unwrap();
    }
    out.push_str(
        "\n\nProof: how the call is signed. Operations of a service that answer alike share a line.\n",
    );
    print_table(&mut out, PROOFS, cells, true);
    out.push_str("\n\nPermission: who calls, the proof being good.\n");
    print_table(&mut out, PERMISSIONS, cells, false);
    out
}

fn print_table(out: &mut String, columns: &[Column], cells: &Cells, folded: bool) {
    for (_, head, says) in columns {
        writeln!(out, "  {head:<5}{says}").unwrap();
    }
    let services: BTreeSet<&str> = operations().iter().map(|meta| meta.service).collect();
    for service in services {
        let heads = joined(columns, |(_, head, _)| format!(" {head:<4}"));
        writeln!(out, "\n{service:<58}{}", heads.trim_end()).unwrap();
        let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
        for ((_, name), row) in cells.range((service, "")..).take_while(|((of, _), _)| *of == service) {
            let marks =
                joined(columns, |(by, ..)| format!(" {:<4}", row.get(by).map_or("-", String::as_str)));
            match lines.iter_mut().find(|(line, _)| folded && *line == marks) {
                Some((_, names)) => names.push(name),
                None => lines.push((marks, vec![name])),
            }
        }
        let alone = lines.len() == 1;
        for (marks, names) in lines {
            let name = match names.as_slice() {
                [one] => (*one).to_owned(),
                many if alone => format!("all {} operations", many.len()),
                many => format!("{} and {} more", many[0], many.len() - 1),
            };
            writeln!(out, "  {name:<56}{}", marks.trim_end()).unwrap();
        }
    }
}

pub(crate) fn inputs() -> BTreeMap<String, Value> {
    let inputs: BTreeMap<String, Value> = serde_json::from_str(include_str!("authorisation.json")).unwrap();
    let here: BTreeSet<String> = inputs.keys().cloned().collect();
    let served: BTreeSet<String> =
        operations().iter().map(|meta| format!("{} {}", meta.service, meta.name)).collect();
    let missing: Vec<_> = served.difference(&here).collect();
    assert!(missing.is_empty(), "no valid input in edge-aws/tests/it/authorisation.json: {missing:?}");
    let strange: Vec<_> = here.difference(&served).collect();
    assert!(strange.is_empty(), "an input in authorisation.json of no operation that is served: {strange:?}");
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
        let template = &self.inputs[&format!("{} {}", meta.service, meta.name)];
        self.sessions.of_action(self.world, meta, template).await;
        let mut said = BTreeMap::new();
        for (by, ..) in PROOFS.iter().chain(PERMISSIONS) {
            if AUTHORISED.contains(by) || (*by == By::ExpiredToken && meta.auth == Auth::Bearer) {
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
    }

    /// Whoever may: a role with the action, or with the action on just these things; a person with a token.
    async fn allowed(&mut self, meta: &OperationMeta, bearer: &str) {
        let template = &self.inputs[&format!("{} {}", meta.service, meta.name)];
        self.sessions.of_action(self.world, meta, template).await;
        let mut plain = self.call(meta, By::Allowed).unwrap();
        if meta.auth == Auth::Bearer {
            plain
                .headers
                .retain(|(name, _)| !["authorization", "x-amz-security-token"].contains(&name.as_str()));
            plain.put("x-amz-sso_bearer_token", bearer);
        }
        self.world.ready(meta).await;
        self.cell(meta, By::Allowed, &plain).await;
        self.world.work().await;
        for by in [By::Inside, By::Tagged] {
            let Some(plain) = self.call(meta, by) else { continue };
            self.world.ready(meta).await;
            self.cell(meta, by, &plain).await;
            self.world.work().await;
        }
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
        // One address may call only so often without a signature.
        if meta.auth == Auth::Anonymous {
            world.served.wait(5);
        }
        filling.refusals(meta).await;
    }
    world.served.wait(5);
    let jane = world.bearer(world.word("user"), "jane").await;
    let john = world.bearer(world.word("other"), "john").await;
    world.give_device().await;
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
