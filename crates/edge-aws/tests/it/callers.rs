//! The kinds of callers of the authorisation table, and the call that each of them makes. Must not know what they are answered.

use std::collections::BTreeMap;
use std::time::Duration;

use accounts::role_sessions::Credentials;
use serde_json::{Value, json};
use wire::operation::{Auth, OperationMeta, Protocol};

use crate::requests::{Plain, Signing};
use crate::world::{MEMBER, OWNER, STRANGER, Words, World, allow};

/// Who calls, or what is wrong with the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
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
    Presigned,
    PresignedLate,
    Bearer,
    DisabledPerson,
    SignedOut,
    MadeAgain,
    Changed,
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
    Inside,
    OtherSet,
    OtherAccount,
    Tagged,
    OtherTag,
    Allowed,
}

/// Callers who name what is there, and the same callers naming what is not.
pub(crate) const PAIRS: &[(By, By)] =
    &[(By::Bare, By::Gone), (By::Part, By::PartGone), (By::MemberAdmin, By::MemberGone)];

impl By {
    pub(crate) fn names_what_is_gone(self) -> bool {
        PAIRS.iter().any(|(_, gone)| *gone == self)
    }
}

/// A column: who, its head, what it says in the legend.
pub(crate) type Column = (By, &'static str, &'static str);

/// How a call is signed: what is wrong with its proof, or unusual.
#[rustfmt::skip]
pub(crate) const PROOFS: &[Column] = &[
    (By::Nobody, "none", "no signature"),
    (By::WrongSecret, "secr", "root's key id, signed with another secret"),
    (By::UnknownKey, "key", "a key id that nobody has"),
    (By::Stranger, "strg", "the root key of an account outside the organization (made by hand: no call makes one)"),
    (By::WrongRegion, "regn", "root, scoped to another Region"),
    (By::WrongService, "serv", "root, scoped to another service"),
    (By::Late, "late", "root, signed 16 minutes ago"),
    (By::Early, "earl", "root, signed 16 minutes from now"),
    (By::AlteredBody, "body", "root, the body (the query of a GET) altered after signing"),
    (By::AlteredHeader, "head", "root, a signed header altered after signing"),
    (By::UnsignedHeader, "extr", "root, an x-amz- header added after signing"),
    (By::Presigned, "pres", "a role without a policy, presigned for a minute, used in time"),
    (By::PresignedLate, "plat", "root, presigned for a minute, used in the next"),
    (By::ExpiredToken, "exp", "a role that may do all, its session over for a second (or a bearer token of yesterday)"),
    (By::GarbageToken, "garb", "a session token (or bearer token) that is garbage"),
    (By::SwappedToken, "swap", "the key of one session with the token of another (or the session token as bearer token)"),
    (By::NoToken, "bare", "the key of a session without its token"),
    (By::MadeAgain, "made", "a session of a role that was removed and made again under its name"),
    (By::Bearer, "bear", "a person's bearer token where a signature is wanted"),
    (By::DisabledPerson, "disb", "the bearer token of a person who was disabled since"),
    (By::SignedOut, "sout", "the bearer token of a person who signed out since"),
];

/// Who calls, with a proof that holds: what they may.
#[rustfmt::skip]
pub(crate) const PERMISSIONS: &[Column] = &[
    (By::Bare, "role", "a role of the management account without a policy"),
    (By::Gone, "gone", "the same role, naming things that are not there"),
    (By::Changed, "chgd", "a session of a role that may do all when it began, and nothing since"),
    (By::Denied, "deny", "a role that may do all, with an explicit deny of this action"),
    (By::Unbound, "othr", "a role that may do all but this action (NotAction)"),
    (By::Part, "part", "a role that may do this action on instances and identity stores, on nothing in them"),
    (By::PartGone, "pgon", "the same role, naming things that are not there"),
    (By::MemberRoot, "mroo", "the root of a member account"),
    (By::MemberRole, "mrol", "a role of a member account without a policy"),
    (By::MemberAdmin, "madm", "a role of a member account that may do all"),
    (By::MemberGone, "mgon", "the same role, naming things that are not there"),
    (By::Foreign, "forn", "root, naming an instance or identity store that is not this one"),
    (By::Inside, "insd", "a role that may do this action on one permission set, one account and all users, naming those"),
    (By::OtherSet, "oset", "the same role, naming another permission set"),
    (By::OtherAccount, "oacc", "the same role, naming another account"),
    (By::Tagged, "tagd", "a role that may do this action on permission sets of one tag, naming such a one"),
    (By::OtherTag, "otag", "the same role, naming a permission set with another value of the tag"),
    (By::Allowed, "may", "a role that may do this action and nothing else (or a person's bearer token)"),
];

/// Broken credentials: none of these may ever get past verification.
pub(crate) const BROKEN: &[By] = &[
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
    By::Stranger,
    By::PresignedLate,
    By::MadeAgain,
    By::Bearer,
];

/// Valid credentials that may not do the action: none of these may hear anything but that access is denied.
pub(crate) const POWERLESS: &[By] = &[
    By::Presigned,
    By::Bare,
    By::Gone,
    By::Changed,
    By::Denied,
    By::Unbound,
    By::MemberRole,
    By::OtherSet,
    By::OtherAccount,
    By::OtherTag,
];

/// The sessions that the table's callers use.
#[derive(Default)]
pub(crate) struct Sessions {
    /// Of roles.
    keys: BTreeMap<By, Credentials>,
    /// Of people.
    bearers: BTreeMap<By, String>,
}

impl Sessions {
    /// Of the roles that serve every operation.
    pub(crate) async fn new(world: &World) -> Self {
        let bare = world.role(OWNER, "bare", &[]).await;
        let admin = world.role(OWNER, "admin", &[("all", allow("*"))]).await;
        let member = world.role(MEMBER, "bare", &[]).await;
        let member_admin = world.role(MEMBER, "admin", &[("all", allow("*"))]).await;
        let changed = world.role(OWNER, "changed", &[("all", allow("*"))]).await;
        let removed = world.role(OWNER, "removed", &[("all", allow("*"))]).await;
        let mut all = Self::default();
        for (by, role, age) in [
            (By::Bare, &bare, 0),
            (By::Gone, &bare, 0),
            (By::Presigned, &bare, 0),
            (By::Changed, &changed, 0),
            (By::MadeAgain, &removed, 0),
            (By::GarbageToken, &admin, 0),
            (By::SwappedToken, &admin, 0),
            (By::NoToken, &admin, 0),
            (By::ExpiredToken, &admin, 3_601),
            (By::MemberRole, &member, 0),
            (By::MemberAdmin, &member_admin, 0),
            (By::MemberGone, &member_admin, 0),
        ] {
            all.keys.insert(by, world.session(role, Duration::from_secs(age)).await);
        }
        world.role(OWNER, "changed", &[]).await;
        world.make_again(&removed).await;
        for (by, word, name) in [
            (By::Bearer, "other", "john"),
            (By::DisabledPerson, "disabled", "dora"),
            (By::SignedOut, "gone_home", "gail"),
        ] {
            all.bearers.insert(by, world.bearer(world.word(word), name).await);
        }
        world.disable(world.word("disabled")).await;
        world.sign_out(&all.bearers[&By::SignedOut]).await;
        all
    }

    /// Of the roles whose policies name the operation's action.
    pub(crate) async fn of_action(&mut self, world: &World, meta: &OperationMeta, template: &Value) {
        let deny = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": meta.action, "Resource": "*"},
        ]});
        let others = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "NotAction": meta.action, "Resource": "*"},
        ]});
        let part = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": meta.action,
            "Resource": ["arn:aws:sso:::instance/*", "arn:aws:identitystore::*:identitystore/*"]}]});
        let set = if names(template, "unused_set") { "unused_two" } else { "set_two" };
        let inside = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": meta.action,
            "Resource": ["arn:aws:sso:::instance/*", "arn:aws:identitystore:::user/*", world.word(set), format!("arn:aws:sso:::account/{MEMBER}")]}]});
        let tagged = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": meta.action, "Resource": ["arn:aws:sso:::instance/*", "arn:aws:sso:::account/*", "arn:aws:identitystore:::user/*"]},
            {"Effect": "Allow", "Action": meta.action, "Resource": "arn:aws:sso:::permissionSet/*",
             "Condition": {"StringEquals": {"aws:ResourceTag/crew": "red"}}}]});
        let policies = [
            (By::Denied, deny),
            (By::Unbound, others),
            (By::Part, part),
            (By::Inside, inside),
            (By::Tagged, tagged),
            (By::Allowed, allow(meta.action)),
        ];
        for (by, policy) in policies {
            let name = format!("{by:?}{}{}", meta.service, meta.name).to_lowercase();
            let role =
                world.role(OWNER, name.get(..name.len().min(64)).unwrap(), &[("policy", policy)]).await;
            let session = world.session(&role, Duration::ZERO).await;
            let others: &[By] = match by {
                By::Part => &[By::PartGone],
                By::Inside => &[By::OtherSet, By::OtherAccount],
                By::Tagged => &[By::OtherTag],
                _ => &[],
            };
            self.keys.extend(others.iter().map(|other| (*other, session.clone())));
            self.keys.insert(by, session);
        }
    }

    /// With these credentials for one kind of caller.
    pub(crate) fn of(by: By, credentials: Credentials) -> Self {
        Self { keys: BTreeMap::from([(by, credentials)]), ..Self::default() }
    }

    fn sign(&self, by: By, signing: Signing) -> Signing {
        let Some(session) = self.keys.get(&by) else { return signing };
        let token = match by {
            By::GarbageToken => Some("Z2FyYmFnZQ==".to_owned()),
            By::SwappedToken => {
                self.keys.get(&By::MemberAdmin).map(|other| other.session_token.expose().to_owned())
            }
            By::NoToken => None,
            _ => Some(session.session_token.expose().to_owned()),
        };
        let secret = session.secret_access_key.expose().to_owned();
        Signing { key_id: session.access_key_id.clone(), secret, token, ..signing }
    }
}

impl World {
    /// Names of the right form for what is not there.
    pub(crate) fn gone(&self) -> Words {
        let mut words = self.words.clone();
        let uuid = "00000000-0000-4000-8000-000000000000";
        for (name, value) in [
            ("set", "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-ffffffffffffffff"),
            ("unused_set", "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-ffffffffffffffff"),
            (
                "issuer",
                "arn:aws:sso::111122223333:trustedTokenIssuer/ssoins-1234567890abcdef/tti-00000000-0000-4000-8000-000000000000",
            ),
            (
                "application",
                "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-ffffffffffffffff",
            ),
            (
                "token_client",
                "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-ffffffffffffffff",
            ),
            ("account", "000000000009"),
            ("connected", "000000000009"),
            ("vacant", "000000000009"),
            ("looked_at", "000000000009"),
            ("root", "r-ffff"),
            ("unit", "ou-1234-ffffffff"),
            ("empty_unit", "ou-1234-ffffffff"),
            ("role", "absent"),
            ("bare_role", "absent"),
            ("policy", "arn:aws:iam::111122223333:policy/absent"),
            ("unused_policy", "arn:aws:iam::111122223333:policy/absent"),
            ("user_name", "nobody"),
            ("group_name", "nothing"),
            ("scp", "p-ffffffff"),
            ("unused_scp", "p-ffffffff"),
            ("car", "car-00000000000000000000000000000000"),
            ("service_user", "absent"),
            ("iam_user", "absent"),
            ("iam_bare_user", "absent"),
            ("iam_group", "absent"),
            ("iam_bare_group", "absent"),
            ("oidc_provider", "arn:aws:iam::111122223333:oidc-provider/absent.example.com"),
            ("unused_oidc_provider", "arn:aws:iam::111122223333:oidc-provider/absent.example.com"),
            ("iam_key", "AKIAAAAAAAAAAAAAAAAA"),
            ("service_key", "AKIAAAAAAAAAAAAAAAAA"),
        ] {
            words.insert(name, value.to_owned());
        }
        for name in [
            "user",
            "other",
            "invited",
            "invitation",
            "group",
            "membership",
            "creation",
            "deletion",
            "provisioning",
            "batch",
        ] {
            words.insert(name, uuid.to_owned());
        }
        words
    }
}

/// Whether an input has a placeholder.
fn names(template: &Value, word: &str) -> bool {
    template.to_string().contains(&format!("{{{word}}}"))
}

/// What a caller calls things; nothing where the input names nothing of the kind that this caller is about.
fn words_of(world: &World, meta: &OperationMeta, template: &Value, by: By) -> Option<Words> {
    let set = names(template, "set") || names(template, "unused_set");
    let (sets, account) = match by {
        by if by.names_what_is_gone() => return Some(world.gone()),
        By::Foreign => return Some(world.foreign()),
        By::Inside if set || names(template, "account") => ("two", MEMBER),
        By::OtherSet if set => ("", MEMBER),
        By::OtherAccount if names(template, "account") => ("two", OWNER),
        By::Tagged if set => ("three", MEMBER),
        By::OtherTag if set => ("two", MEMBER),
        By::Inside | By::OtherSet | By::OtherAccount | By::Tagged | By::OtherTag => return None,
        _ => return Some(world.words.clone()),
    };
    let mut words = world.words.clone();
    words.insert("account", account.to_owned());
    if !sets.is_empty() {
        words.insert("set", world.word(&format!("set_{sets}")).to_owned());
        words.insert("unused_set", world.word(&format!("unused_{sets}")).to_owned());
    }
    ["sso-admin", "portico"].contains(&meta.service).then_some(words)
}

/// The input of an operation, its placeholders filled in.
pub(crate) fn filled(template: &Value, words: &Words) -> Value {
    let mut text = template.to_string();
    for (name, value) in words {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    serde_json::from_str(&text).unwrap()
}

/// The call of `by`; nothing where there is nothing to call with.
pub(crate) fn call(
    world: &World,
    sessions: &Sessions,
    (meta, template): (&OperationMeta, &Value),
    by: By,
) -> Option<Plain> {
    let input = filled(template, &words_of(world, meta, template, by)?);
    let elsewhere = by.names_what_is_gone() || by == By::Foreign;
    if elsewhere && input == filled(template, &world.words) {
        return None;
    }
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
        // STS takes presigned calls for a quarter of an hour whatever they say.
        By::PresignedLate => signing.date = world.date(-16 * 60),
        By::Bearer if meta.auth == Auth::Bearer => return None,
        By::Bearer => {
            plain.put("authorization", &format!("Bearer {}", sessions.bearers[&by]));
            return Some(plain);
        }
        By::DisabledPerson | By::SignedOut if meta.auth != Auth::Bearer => return None,
        By::DisabledPerson | By::SignedOut => {
            plain.put("x-amz-sso_bearer_token", &sessions.bearers[&by]);
            return Some(plain);
        }
        _ => {}
    }
    match by {
        By::Presigned | By::PresignedLate => plain.presign(&signing, 60),
        _ => plain.sign(&signing),
    }
    match by {
        By::AlteredBody if plain.method == "GET" => plain.query.push_str("&max_result=1"),
        By::AlteredBody if meta.auth == Auth::Anonymous && meta.protocol == Protocol::Query => {
            plain.body.push_str("&DurationSeconds=3600");
        }
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
