//! Resources and conditions of statements in the visitor's language.

use edge_portal::words::language::Language;
use policy::in_words::{Account, Clause, Comparison, IamKind, Name, Plain, Subject, Thing};

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and(language: Language, mut list: Vec<String>) -> String {
    let Some(last) = list.pop() else { return String::new() };
    if list.is_empty() {
        return last;
    }
    language.say("sets-and").with("some", list.join(", ")).with("last", last).into()
}

/// What a resource is.
pub(crate) fn thing(language: Language, thing: &Thing) -> String {
    let named = |name: &'static str, text: &str| language.say(name).with("name", text).to_string();
    match thing {
        Thing::Buckets(Name::Is(bucket)) => named("sets-bucket", bucket),
        Thing::BucketsAndObjects(Name::Every) => language.say("sets-buckets-all").into(),
        Thing::BucketsAndObjects(Name::Begins(start)) => named("sets-buckets-begin", start),
        Thing::Objects { bucket, key } => objects(language, bucket, key),
        Thing::Iam { kind, name, account } => of_iam(language, *kind, name, account),
        Thing::Accounts(Name::Every) => language.say("sets-accounts-all").into(),
        Thing::Accounts(Name::Is(id)) => named("sets-account", id),
        Thing::PermissionSets(Name::Every) => language.say("sets-sets-all").into(),
        Thing::Instances(Name::Every) => language.say("sets-instances-all").into(),
        Thing::Instances(Name::Is(id)) => named("sets-instance", id),
        Thing::Exactly(arn) => arn.clone(),
        Thing::Fits(text) => named("sets-fits-arn", text),
        Thing::Accounts(name) => named("sets-fits-arn", &format!("arn:aws:sso:::account/{}", source(name))),
        Thing::PermissionSets(name) => one_or_many(language, "permissionSet", name),
        Thing::Instances(name) => one_or_many(language, "instance", name),
        Thing::Buckets(name) | Thing::BucketsAndObjects(name) => {
            named("sets-fits-arn", &format!("arn:aws:s3:::{}", source(name)))
        }
    }
}

fn one_or_many(language: Language, kind: &str, name: &Name) -> String {
    let arn = format!("arn:aws:sso:::{kind}/{}", source(name));
    match name {
        Name::Is(_) => arn,
        _ => language.say("sets-fits-arn").with("name", arn).into(),
    }
}

/// The text that a name came from.
fn source(name: &Name) -> String {
    match name {
        Name::Every => "*".to_owned(),
        Name::Is(text) | Name::Fits(text) => text.clone(),
        Name::Begins(text) => format!("{text}*"),
        Name::Ends(text) => format!("*{text}"),
        Name::Contains(text) => format!("*{text}*"),
    }
}

fn objects(language: Language, bucket: &Name, key: &Name) -> String {
    match (bucket, key) {
        (Name::Every, Name::Every) => language.say("sets-objects-all").into(),
        (Name::Begins(start), Name::Every) => {
            language.say("sets-objects-of-begin").with("name", start).into()
        }
        (Name::Is(bucket), Name::Every) => language.say("sets-objects-of").with("name", bucket).into(),
        (Name::Is(bucket), key) => {
            let (name, text) = match key {
                Name::Is(text) => ("sets-object", text),
                Name::Begins(text) => ("sets-objects-begin", text),
                Name::Ends(text) => ("sets-objects-end", text),
                Name::Contains(text) => ("sets-objects-contain", text),
                Name::Fits(text) => ("sets-objects-fit", text),
                Name::Every => ("sets-objects-fit", bucket),
            };
            language.say(name).with("key", text).with("name", bucket).into()
        }
        (bucket, key) => {
            let arn = format!("arn:aws:s3:::{}/{}", source(bucket), source(key));
            language.say("sets-fits-arn").with("name", arn).into()
        }
    }
}

fn of_iam(language: Language, kind: IamKind, name: &Name, account: &Account) -> String {
    let place: String = match account {
        Account::Every => language.say("sets-in-any-account").into(),
        Account::Aws => language.say("sets-in-aws").into(),
        Account::Is(id) => language.say("sets-in-account").with("account", id).into(),
    };
    let message = match (kind, name) {
        (IamKind::Role, Name::Every) => "sets-roles-all",
        (IamKind::Role, Name::Is(_)) => "sets-role",
        (IamKind::Role, Name::Begins(_)) => "sets-roles-begin",
        (IamKind::User, Name::Every) => "sets-users-all",
        (IamKind::User, Name::Is(_)) => "sets-user",
        (IamKind::User, Name::Begins(_)) => "sets-users-begin",
        (IamKind::Group, Name::Every) => "sets-groups-all",
        (IamKind::Group, Name::Is(_)) => "sets-group",
        (IamKind::Group, Name::Begins(_)) => "sets-groups-begin",
        (IamKind::Policy, Name::Every) => "sets-policies-all",
        (IamKind::Policy, Name::Is(_)) => "sets-policy",
        (IamKind::Policy, Name::Begins(_)) => "sets-policies-begin",
        (kind, name) => return language.say("sets-fits-arn").with("name", arn(kind, name, account)).into(),
    };
    let said = language.say(message).with("place", place);
    match name {
        Name::Is(text) | Name::Begins(text) => said.with("name", text).into(),
        _ => said.into(),
    }
}

fn arn(kind: IamKind, name: &Name, account: &Account) -> String {
    let account = match account {
        Account::Every => "*",
        Account::Aws => "aws",
        Account::Is(id) => id,
    };
    let kind = match kind {
        IamKind::Role => "role",
        IamKind::User => "user",
        IamKind::Group => "group",
        IamKind::Policy => "policy",
    };
    format!("arn:aws:iam::{account}:{kind}/{}", source(name))
}

/// What a condition asks.
pub(crate) fn clause(language: Language, clause: &Clause) -> String {
    match clause {
        Clause::Literal(text) => text.clone(),
        Clause::Present { key, wanted: true } => {
            language.say("sets-if-present").with("key", self::key(language, key)).into()
        }
        Clause::Present { key, wanted: false } => {
            language.say("sets-if-absent").with("key", self::key(language, key)).into()
        }
        Clause::Plain(plain) => {
            let said = said(language, plain);
            if plain.or_absent { language.say("sets-if-or-absent").with("clause", said).into() } else { said }
        }
    }
}

/// A key by its meaning, where that is beyond doubt; its name stands there too.
fn key(language: Language, key: &str) -> String {
    if key.eq_ignore_ascii_case("aws:SourceIp") {
        return language.say("sets-key-source-ip").with("key", key).into();
    }
    key.to_owned()
}

fn said(language: Language, plain: &Plain) -> String {
    let key = key(language, &plain.key);
    let what: String = match plain.subject {
        Subject::Value => key,
        Subject::EveryValue => language.say("sets-if-every").with("key", key).into(),
        Subject::AnyValue => language.say("sets-if-any").with("key", key).into(),
    };
    let quoted = matches!(
        plain.comparison,
        Comparison::Equal | Comparison::EqualAnyCase | Comparison::Fits | Comparison::FitsArn
    );
    let one = |value: &String| {
        if quoted { language.say("sets-quoted").with("text", value).into() } else { value.clone() }
    };
    let values: Vec<String> = plain.values.iter().map(one).collect();
    let values = match values.as_slice() {
        [value] => value.clone(),
        several => language.say("sets-one-of").with("list", several.join(", ")).into(),
    };
    language.say(predicate(plain)).with("what", what).with("values", values).into()
}

fn predicate(plain: &Plain) -> &'static str {
    match (plain.comparison, plain.negated) {
        (Comparison::Equal | Comparison::Truth, false) => "sets-is",
        (Comparison::Equal | Comparison::Truth, true) => "sets-is-not",
        (Comparison::EqualAnyCase, false) => "sets-is-any-case",
        (Comparison::EqualAnyCase, true) => "sets-is-not-any-case",
        (Comparison::Fits, false) => "sets-fits",
        (Comparison::Fits, true) => "sets-fits-not",
        (Comparison::FitsArn, false) => "sets-fits-as-arn",
        (Comparison::FitsArn, true) => "sets-fits-not-as-arn",
        (Comparison::Within, false) => "sets-within",
        (Comparison::Within, true) => "sets-within-not",
        // Numbers and moments are never negated: `policy::in_words` leaves those literal.
        (Comparison::Number, _) => "sets-is-number",
        (Comparison::Less, _) => "sets-less",
        (Comparison::AtMost, _) => "sets-at-most",
        (Comparison::More, _) => "sets-more",
        (Comparison::AtLeast, _) => "sets-at-least",
        (Comparison::At, _) => "sets-at",
        (Comparison::Before, _) => "sets-before",
        (Comparison::Until, _) => "sets-until",
        (Comparison::After, _) => "sets-after",
        (Comparison::Since, _) => "sets-since",
    }
}
