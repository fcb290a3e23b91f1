//! Resources as people would call them. A star in the ARN of a resource reaches across colons and slashes, so that a name for what a text
//! matches is only given where it is the same things, no more and no fewer. Knows only of kinds that policies name every day.

use crate::variable::Template;

/// Names that a text with stars fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// Any.
    Every,
    /// This one.
    Is(String),
    /// Those that begin so.
    Begins(String),
    /// Those that end so.
    Ends(String),
    /// Those in which this stands.
    Contains(String),
    /// Those that fit a text, which has wildcards within.
    Fits(String),
}

impl Name {
    /// Of a text in which `*` and `?` are wild.
    pub fn of(text: &str) -> Self {
        let inner = text.trim_matches('*');
        let wild = inner.contains(['*', '?']);
        match (text.starts_with('*'), text.ends_with('*')) {
            _ if wild => Self::Fits(text.to_owned()),
            (true, _) if inner.is_empty() => Self::Every,
            (false, false) => Self::Is(text.to_owned()),
            (false, true) => Self::Begins(inner.to_owned()),
            (true, false) => Self::Ends(inner.to_owned()),
            (true, true) => Self::Contains(inner.to_owned()),
        }
    }
}

/// What a resource of a statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// Buckets, not what is in them.
    Buckets(Name),
    /// Buckets and everything in them.
    BucketsAndObjects(Name),
    /// Objects of buckets.
    Objects {
        /// Of which buckets.
        bucket: Name,
        /// Which, by their keys.
        key: Name,
    },
    /// Something of IAM, by path and name.
    Iam {
        /// What.
        kind: IamKind,
        /// Which.
        name: Name,
        /// Where.
        account: Account,
    },
    /// AWS accounts, as IAM Identity Center names them.
    Accounts(Name),
    /// Permission sets, by instance and id.
    PermissionSets(Name),
    /// Instances of IAM Identity Center.
    Instances(Name),
    /// One thing, by its ARN.
    Exactly(String),
    /// What fits a text: it has wildcards or variables.
    Fits(String),
}

/// A kind of thing in IAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IamKind {
    /// A role.
    Role,
    /// A user.
    User,
    /// A group.
    Group,
    /// A policy.
    Policy,
}

/// The account of an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// Any.
    Every,
    /// This one.
    Is(String),
    /// AWS itself, whose managed policies these are.
    Aws,
}

impl Thing {
    /// The thing of this text.
    pub(crate) fn of(text: &Template) -> Self {
        let source = text.source();
        let wild = source.contains(['*', '?']);
        if source.contains("${") {
            return Self::Fits(source.to_owned());
        }
        named(source).unwrap_or_else(|| {
            if wild { Self::Fits(source.to_owned()) } else { Self::Exactly(source.to_owned()) }
        })
    }
}

fn named(source: &str) -> Option<Thing> {
    if let Some(path) = source.strip_prefix("arn:aws:s3:::") {
        return bucket(path);
    }
    if let Some(rest) = source.strip_prefix("arn:aws:iam::") {
        return iam(rest);
    }
    let (kind, rest) = source.strip_prefix("arn:aws:sso:::")?.split_once('/')?;
    let name = Name::of(rest);
    match kind {
        "account" => Some(Thing::Accounts(name)),
        "permissionSet" => Some(Thing::PermissionSets(name)),
        "instance" => Some(Thing::Instances(name)),
        _ => None,
    }
}

fn bucket(path: &str) -> Option<Thing> {
    match path.split_once('/') {
        None => match Name::of(path) {
            name @ Name::Is(_) => Some(Thing::Buckets(name)),
            // The star reaches into the buckets.
            name @ (Name::Every | Name::Begins(_)) => Some(Thing::BucketsAndObjects(name)),
            _ => None,
        },
        Some((bucket, key)) => match (Name::of(bucket), Name::of(key)) {
            (bucket @ Name::Is(_), key) => Some(Thing::Objects { bucket, key }),
            // Of a star before the slash only "everything" is plain: it could take a part of the key.
            (bucket @ (Name::Every | Name::Begins(_)), key @ Name::Every) => {
                Some(Thing::Objects { bucket, key })
            }
            _ => None,
        },
    }
}

fn iam(rest: &str) -> Option<Thing> {
    let (account, path) = rest.split_once(':')?;
    let account = match account {
        "*" => Account::Every,
        "aws" => Account::Aws,
        number if !number.contains(['*', '?']) => Account::Is(number.to_owned()),
        _ => return None,
    };
    let (kind, name) = path.split_once('/')?;
    let kind = match kind {
        "role" => IamKind::Role,
        "user" => IamKind::User,
        "group" => IamKind::Group,
        "policy" => IamKind::Policy,
        _ => return None,
    };
    Some(Thing::Iam { kind, name: Name::of(name), account })
}
