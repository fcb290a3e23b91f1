//! Condition operators by name and what each asks of one value of the request and one of the policy. IAM user guide, "IAM JSON policy
//! elements: Condition operators". Does not know keys, nor how several values are joined.

use std::net::IpAddr;

use crate::value::{Network, arn_matches, boolean, moment, number};
use crate::wildcard::{Glob, matches};

/// How one value of the request is held against one of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    Equal,
    EqualIgnoreCase,
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// An operator without its quantifier and `IfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `Null`: whether the key is absent.
    Null,
    /// All others.
    Compare {
        /// The comparison.
        test: Test,
        /// Whether it is turned around, as in `StringNotEquals`.
        negated: bool,
    },
}

impl Operator {
    /// The operator of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (test, negated) = match name {
            "Null" => return Some(Self::Null),
            "StringEquals" => (Test::Equal, false),
            "StringNotEquals" => (Test::Equal, true),
            "StringEqualsIgnoreCase" => (Test::EqualIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Test::EqualIgnoreCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "NumericEquals" => (Test::Number(Order::Equal), false),
            "NumericNotEquals" => (Test::Number(Order::Equal), true),
            "NumericLessThan" => (Test::Number(Order::Less), false),
            "NumericLessThanEquals" => (Test::Number(Order::LessOrEqual), false),
            "NumericGreaterThan" => (Test::Number(Order::Greater), false),
            "NumericGreaterThanEquals" => (Test::Number(Order::GreaterOrEqual), false),
            "DateEquals" => (Test::Date(Order::Equal), false),
            "DateNotEquals" => (Test::Date(Order::Equal), true),
            "DateLessThan" => (Test::Date(Order::Less), false),
            "DateLessThanEquals" => (Test::Date(Order::LessOrEqual), false),
            "DateGreaterThan" => (Test::Date(Order::Greater), false),
            "DateGreaterThanEquals" => (Test::Date(Order::GreaterOrEqual), false),
            "Bool" => (Test::Bool, false),
            "BinaryEquals" => (Test::Binary, false),
            "IpAddress" => (Test::Ip, false),
            "NotIpAddress" => (Test::Ip, true),
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            _ => return None,
        };
        Some(Self::Compare { test, negated })
    }

    /// Whether its values may hold policy variables. IAM user guide, "Condition operators", says it under each kind: strings, booleans and
    /// ARNs may, all others may not.
    pub(crate) fn takes_variables(self) -> bool {
        match self {
            Self::Null => false,
            Self::Compare { test, .. } => match test {
                Test::Equal | Test::EqualIgnoreCase | Test::Like | Test::Bool | Test::Arn => true,
                Test::Number(_) | Test::Date(_) | Test::Binary | Test::Ip => false,
            },
        }
    }

    /// Whether a value without variables can be read at all: one that cannot is a mistake in the policy, found when it is written
    /// rather than when it denies.
    pub(crate) fn can_read(self, value: &str) -> bool {
        match self {
            Self::Null => boolean(value).is_some(),
            Self::Compare { test, .. } => match test {
                Test::Number(_) => number(value).is_some(),
                Test::Date(_) => moment(value).is_some(),
                Test::Bool => boolean(value).is_some(),
                Test::Ip => Network::read(value).is_some(),
                Test::Equal | Test::EqualIgnoreCase | Test::Like | Test::Binary | Test::Arn => true,
            },
        }
    }
}

impl Test {
    /// Whether the request's value is the policy's; `None` when one of the two cannot be read as what is compared.
    pub(crate) fn matches(self, given: &str, wanted: &[Glob]) -> Option<bool> {
        let text = || wanted.iter().map(|glob| glob.letter()).collect::<String>();
        match self {
            Self::Like => Some(matches(wanted, given)),
            Self::Arn => Some(arn_matches(given, wanted)),
            Self::Equal | Self::Binary => Some(given.chars().eq(wanted.iter().map(|glob| glob.letter()))),
            Self::EqualIgnoreCase => Some(given.to_lowercase() == text().to_lowercase()),
            Self::Number(order) => Some(order.holds(&number(given)?, &number(&text())?)),
            Self::Date(order) => Some(order.holds(&moment(given)?, &moment(&text())?)),
            Self::Bool => Some(boolean(given)? == boolean(&text())?),
            Self::Ip => Some(Network::read(&text())?.contains(given.parse::<IpAddr>().ok()?)),
        }
    }
}
