//! What a statement says, taken apart as people would say it, free of any language: which actions, on what, under which conditions. Whoever
//! puts it into words says neither more nor less than the statement; what has no plain words keeps its own text. Never: decides anything.

use crate::condition::{Condition, Quantifier};
use crate::document::{Document, Effect, Selection, Statement};
use crate::operator::{Operator, Order, Test};
pub use crate::things::{Account, IamKind, Name, Thing};
use crate::variable::Template;

/// How far a statement reaches, of actions or of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent<T> {
    /// All there are.
    Everything,
    /// These.
    Only(Vec<T>),
    /// All but these.
    AllBut(Vec<T>),
    /// None at all: all but everything.
    Nothing,
}

/// A statement in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Allow or deny.
    pub effect: Effect,
    /// What is done, by service.
    pub acts: Extent<Acts>,
    /// On what.
    pub things: Extent<Thing>,
    /// All of these must hold.
    pub clauses: Vec<Clause>,
}

/// Actions of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acts {
    /// The service, as actions name it: `s3`.
    pub service: String,
    /// Which of its actions.
    pub names: Vec<Name>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// One that has plain words.
    Plain(Plain),
    /// Whether a key has a value at all.
    Present {
        /// The key.
        key: String,
        /// Whether it must have one, or must have none.
        wanted: bool,
    },
    /// One that has none: its own text.
    Literal(String),
}

/// Whose values are compared, and what becomes of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The value of the key.
    Value,
    /// Every value of the key.
    EveryValue,
    /// One value of the key at least.
    AnyValue,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same text.
    Equal,
    /// The same text, in whatever case.
    EqualAnyCase,
    /// Fits a text with wildcards.
    Fits,
    /// Fits an ARN, each part of which is matched by itself.
    FitsArn,
    /// The same number.
    Number,
    /// A smaller number.
    Less,
    /// A smaller number, or the same.
    AtMost,
    /// A greater number.
    More,
    /// A greater number, or the same.
    AtLeast,
    /// The same moment.
    At,
    /// An earlier moment.
    Before,
    /// An earlier moment, or the same.
    Until,
    /// A later moment.
    After,
    /// A later moment, or the same.
    Since,
    /// The same of true and false.
    Truth,
    /// An address of a network.
    Within,
}

/// A condition that has plain words: the subject is, or is not, so to one of the values at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The key.
    pub key: String,
    /// Which of its values.
    pub subject: Subject,
    /// How.
    pub comparison: Comparison,
    /// Whether it must not be so to any of the values.
    pub negated: bool,
    /// The values, one at least.
    pub values: Vec<String>,
    /// Whether it holds where the key has no value.
    pub or_absent: bool,
}

impl Document {
    /// Each statement in parts.
    pub fn in_parts(&self) -> Vec<Parts> {
        self.statements.iter().map(Statement::parts).collect()
    }
}

impl Statement {
    fn parts(&self) -> Parts {
        Parts {
            sid: self.sid.clone(),
            effect: self.effect,
            acts: extent(&self.actions, |source| matches!(source, "*" | "*:*"), acts),
            things: extent(
                &self.resources,
                |source| source == "*",
                |list| list.iter().map(Thing::of).collect(),
            ),
            clauses: self.conditions.iter().map(clause).collect(),
        }
    }
}

fn extent<T>(
    selection: &Selection,
    is_everything: impl Fn(&str) -> bool,
    parts: impl Fn(&[Template]) -> Vec<T>,
) -> Extent<T> {
    let everything = selection.named().iter().any(|text| is_everything(text.source()));
    match (selection, everything) {
        (Selection::Only(_), true) => Extent::Everything,
        (Selection::AllBut(_), true) => Extent::Nothing,
        (Selection::Only(list), false) => Extent::Only(parts(list)),
        (Selection::AllBut(list), false) => Extent::AllBut(parts(list)),
    }
}

/// By service, in the order in which they are named first. Services and actions have no case.
fn acts(list: &[Template]) -> Vec<Acts> {
    let mut all: Vec<Acts> = Vec::new();
    for (service, name) in list.iter().filter_map(|text| text.source().split_once(':')) {
        let name = Name::of(name);
        match all.iter_mut().find(|acts| acts.service.eq_ignore_ascii_case(service)) {
            Some(acts) if acts.names.contains(&name) => {}
            Some(acts) => acts.names.push(name),
            None => all.push(Acts { service: service.to_owned(), names: vec![name] }),
        }
    }
    for acts in all.iter_mut().filter(|acts| acts.names.contains(&Name::Every)) {
        acts.names = vec![Name::Every];
    }
    all
}

/// Keys that have several values. Without `ForAllValues` or `ForAnyValue` their meaning depends on the effect, which nobody expects: it is not said
/// in words that make it look plain.
const SEVERAL: &[&str] = &[
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "aws:VpceOrgPaths",
];

fn clause(condition: &Condition) -> Clause {
    let literal = || Clause::Literal(condition.to_string());
    let Operator::Compare { test, negated } = condition.operator else {
        let wanted =
            |text: &str| condition.values().iter().any(|value| value.source().eq_ignore_ascii_case(text));
        return match (wanted("true"), wanted("false")) {
            (true, false) => Clause::Present { key: condition.key().to_owned(), wanted: false },
            (false, true) => Clause::Present { key: condition.key().to_owned(), wanted: true },
            _ => literal(),
        };
    };
    let (several, is_open) = (
        SEVERAL.iter().any(|key| key.eq_ignore_ascii_case(condition.key())),
        condition.values().iter().any(|value| value.source().contains("${")),
    );
    let is_single = condition.quantifier == Quantifier::Single;
    // A variable without a value, or a value that is no number, makes a negated condition depend on the effect.
    let is_doubtful = negated && (is_open || matches!(test, Test::Number(_) | Test::Date(_)));
    let Some(comparison) = comparison(test, condition) else { return literal() };
    if condition.values().is_empty() || is_doubtful || (several && is_single) {
        return literal();
    }
    let (subject, or_absent) = match condition.quantifier {
        Quantifier::Single => (Subject::Value, condition.if_exists || negated),
        Quantifier::ForAll => (Subject::EveryValue, true),
        Quantifier::ForAny => (Subject::AnyValue, condition.if_exists),
    };
    Clause::Plain(Plain {
        key: condition.key().to_owned(),
        subject,
        comparison,
        negated,
        values: condition.values().iter().map(|value| value.source().to_owned()).collect(),
        or_absent,
    })
}

/// How a test compares; `None`: it has no plain words.
fn comparison(test: Test, condition: &Condition) -> Option<Comparison> {
    let wild = condition.values().iter().any(|value| value.source().contains(['*', '?']));
    Some(match test {
        Test::Equal => Comparison::Equal,
        Test::EqualIgnoreCase => Comparison::EqualAnyCase,
        // Without a wildcard it is the same text that fits.
        Test::Like if !wild => Comparison::Equal,
        Test::Like => Comparison::Fits,
        Test::Arn => Comparison::FitsArn,
        Test::Number(Order::Equal) => Comparison::Number,
        Test::Number(Order::Less) => Comparison::Less,
        Test::Number(Order::LessOrEqual) => Comparison::AtMost,
        Test::Number(Order::Greater) => Comparison::More,
        Test::Number(Order::GreaterOrEqual) => Comparison::AtLeast,
        Test::Date(Order::Equal) => Comparison::At,
        Test::Date(Order::Less) => Comparison::Before,
        Test::Date(Order::LessOrEqual) => Comparison::Until,
        Test::Date(Order::Greater) => Comparison::After,
        Test::Date(Order::GreaterOrEqual) => Comparison::Since,
        Test::Bool => Comparison::Truth,
        Test::Ip => Comparison::Within,
        Test::Binary => return None,
    })
}
