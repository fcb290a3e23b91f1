//! Filters (RFC 7644 §3.4.2.2), read against the schema of what is filtered: whatever names no attribute, or compares what cannot be compared so,
//! is refused while it is read. How a filter is matched is in [`crate::matching`].

mod tokens;

use serde_json::Value;

use crate::error::{Error, ScimType};
use crate::path::{Place, brief, readable};
use crate::resource::{flag, moment};
use crate::schema::{Attribute, Kind, ResourceType};
use tokens::{Token, Tokens};

/// Bytes of a filter at most.
pub const BYTES_MAX: usize = 8_192;
/// Comparisons of a filter at most.
pub const COMPARISONS_MAX: usize = 100;
/// Parentheses and brackets within one another at most.
pub const DEPTH_MAX: usize = 16;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Eq,
    /// `ne`
    Ne,
    /// `co`
    Contains,
    /// `sw`
    Begins,
    /// `ew`
    Ends,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        const WORDS: [(&str, Operator); 9] = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("co", Operator::Contains),
            ("sw", Operator::Begins),
            ("ew", Operator::Ends),
            ("gt", Operator::Greater),
            ("ge", Operator::GreaterOrEqual),
            ("lt", Operator::Less),
            ("le", Operator::LessOrEqual),
        ];
        WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, operator)| *operator)
    }

    const fn is_of_text(self) -> bool {
        matches!(self, Self::Contains | Self::Begins | Self::Ends)
    }

    const fn is_of_order(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual)
    }
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A date and time.
    Moment(time::OffsetDateTime),
    /// `null`: nothing there.
    Nothing,
}

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    And(Vec<Filter>),
    /// One of them at least.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// `attribute operator value`
    Compare(Place, Operator, Literal),
    /// `attribute pr`
    Present(Place),
    /// `attribute[filter]`: one value for which the filter holds.
    Value(Place, Box<Filter>),
}

impl Filter {
    /// Reads a filter of resources of this kind.
    pub fn parse(kind: &'static ResourceType, text: &str) -> Result<Self, Error> {
        Self::read(text, Scope::Resource(kind))
    }

    /// Reads what stands between the brackets of a path, about the values of this attribute.
    pub fn parse_values(attribute: &'static Attribute, text: &str) -> Result<Self, Error> {
        Self::read(text, Scope::Values(attribute))
    }

    fn read(text: &str, scope: Scope) -> Result<Self, Error> {
        if text.len() > BYTES_MAX {
            return Err(Error::filter(format!(
                "filter must have at most {BYTES_MAX} bytes; it has {}",
                text.len()
            )));
        }
        let mut parser = Parser { tokens: Tokens::new(text), comparisons: 0, depth: 0 };
        let filter = parser.or(scope)?;
        match parser.tokens.next()? {
            None => Ok(filter),
            Some(token) => Err(Error::filter(format!("filter: {token} is not expected where it stands"))),
        }
    }

    /// The conditions that must all hold.
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether it looks at this attribute.
    pub fn looks_at(&self, attribute: &Attribute) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|inner| inner.looks_at(attribute)),
            Self::Not(inner) => inner.looks_at(attribute),
            Self::Compare(place, ..) | Self::Present(place) | Self::Value(place, _) => {
                place.attribute == attribute
            }
        }
    }
}

/// What attributes are looked for in.
#[derive(Debug, Clone, Copy)]
enum Scope {
    Resource(&'static ResourceType),
    Values(&'static Attribute),
}

impl Scope {
    fn place(self, name: &str) -> Result<Place, Error> {
        match self {
            Self::Resource(kind) => readable(kind, name).map_err(|error| Error {
                scim_type: Some(ScimType::InvalidFilter),
                detail: format!("filter: {}", error.detail),
                ..error
            }),
            Self::Values(of) => of
                .part(name)
                .or_else(|| Some(of).filter(|_| of.parts().is_empty() && name.eq_ignore_ascii_case("value")))
                .map(|attribute| Place { extension: None, attribute, part: None })
                .ok_or_else(|| {
                    Error::filter(format!("filter: {} is no attribute of {}", brief(name), of.name))
                }),
        }
    }
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    comparisons: usize,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self, scope: Scope) -> Result<Filter, Error> {
        let mut any = vec![self.and(scope)?];
        while self.tokens.takes_word("or")? {
            any.push(self.and(scope)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Filter::Or(any) })
    }

    fn and(&mut self, scope: Scope) -> Result<Filter, Error> {
        let mut all = vec![self.not(scope)?];
        while self.tokens.takes_word("and")? {
            all.push(self.not(scope)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Filter::And(all) })
    }

    fn not(&mut self, scope: Scope) -> Result<Filter, Error> {
        if self.tokens.begins_group_after("not")? {
            return Ok(Filter::Not(Box::new(self.inside(scope, &Token::Close)?)));
        }
        if self.tokens.takes(&Token::Open)? {
            return self.inside(scope, &Token::Close);
        }
        self.condition(scope)
    }

    /// What stands up to `end`, of which the beginning is taken.
    fn inside(&mut self, scope: Scope, end: &Token<'_>) -> Result<Filter, Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::filter(format!(
                "filter: at most {DEPTH_MAX} groups may lie within one another"
            )));
        }
        let filter = self.or(scope)?;
        self.depth -= 1;
        if self.tokens.takes(end)? {
            return Ok(filter);
        }
        Err(Error::filter(format!("filter: {end} is missing")))
    }

    fn condition(&mut self, scope: Scope) -> Result<Filter, Error> {
        self.comparisons += 1;
        if self.comparisons > COMPARISONS_MAX {
            return Err(Error::filter(format!("filter must have at most {COMPARISONS_MAX} comparisons")));
        }
        let name = match self.tokens.next()? {
            Some(Token::Word(name)) => name,
            Some(other) => {
                return Err(Error::filter(format!("filter: {other} stands where an attribute is wanted")));
            }
            None => return Err(Error::filter("filter ends where an attribute is wanted")),
        };
        let place = scope.place(name)?;
        if self.tokens.takes(&Token::OpenBracket)? {
            return self.values(scope, place, name);
        }
        let word = match self.tokens.next()? {
            Some(Token::Word(word)) => word,
            Some(other) => return Err(no_operator(&other.to_string())),
            None => return Err(Error::filter(format!("filter ends after {}", brief(name)))),
        };
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(place));
        }
        let operator = Operator::parse(word).ok_or_else(|| no_operator(&brief(word)))?;
        let value = self.tokens.value()?;
        let literal = literal(&place, operator, value)?;
        Ok(Filter::Compare(place, operator, literal))
    }

    fn values(&mut self, scope: Scope, place: Place, name: &str) -> Result<Filter, Error> {
        let is_of_resource = matches!(scope, Scope::Resource(_));
        if !is_of_resource || place.part.is_some() || place.attribute.parts().is_empty() {
            return Err(Error::filter(format!("filter: {} has no values to look into", brief(name))));
        }
        let inner = self.inside(Scope::Values(place.attribute), &Token::CloseBracket)?;
        Ok(Filter::Value(place, Box::new(inner)))
    }
}

fn no_operator(word: &str) -> Error {
    Error::filter(format!(
        "filter: {word} is no operator; these are eq, ne, co, sw, ew, pr, gt, ge, lt and le"
    ))
}

/// What a value is to the attribute that it is compared with.
fn literal(place: &Place, operator: Operator, value: Value) -> Result<Literal, Error> {
    let name = place.spelled();
    let compared =
        place.compared().ok_or_else(|| Error::filter(format!("filter: {name} is compared by its parts")))?;
    let wrong = |wanted: &str| Error::filter(format!("filter: {name} is compared with {wanted}"));
    if value.is_null() {
        let fits = matches!(operator, Operator::Eq | Operator::Ne);
        return if fits { Ok(Literal::Nothing) } else { Err(wrong("null by eq and ne only")) };
    }
    match (compared.kind, value) {
        (Kind::Flag, _) if operator.is_of_text() || operator.is_of_order() => {
            Err(wrong("true or false by eq and ne only"))
        }
        (Kind::Flag, Value::Bool(value)) => Ok(Literal::Flag(value)),
        (Kind::Flag, Value::String(word)) => {
            flag(&word).map(Literal::Flag).ok_or_else(|| wrong("true or false"))
        }
        (Kind::Moment, Value::String(text)) if !operator.is_of_text() => {
            moment(&text).map(Literal::Moment).ok_or_else(|| wrong("a date and time"))
        }
        (Kind::Moment, Value::String(text)) => Ok(Literal::Text(text)),
        (Kind::Text | Kind::Reference(_), Value::String(text)) => Ok(Literal::Text(text)),
        (Kind::Text, Value::Number(number)) => Ok(Literal::Text(number.to_string())),
        (Kind::Text | Kind::Reference(_), _) => Err(wrong("a string in quotation marks")),
        (Kind::Flag, _) => Err(wrong("true or false")),
        (Kind::Moment, _) => Err(wrong("a date and time in quotation marks")),
        (Kind::Complex(_), _) => Err(wrong("nothing: it is compared by its parts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core::USERS;

    #[test]
    fn and_binds_closer_than_or_and_not_needs_its_group() {
        let parsed =
            Filter::parse(&USERS, r#"title pr or userName eq "a" and not (active eq true)"#).unwrap();
        let Filter::Or(any) = parsed else { panic!("{parsed:?}") };
        assert!(matches!(&any[0], Filter::Present(_)));
        let Filter::And(all) = &any[1] else { panic!("{any:?}") };
        assert!(matches!(&all[1], Filter::Not(_)) && any[1].conjuncts().len() == 2);
    }

    #[test]
    fn words_are_read_in_any_case_and_every_operator_is_known() {
        for text in [
            r#"USERNAME EQ "a" AND Active Eq "True""#,
            r#"userName ne "a""#,
            r#"userName co "a""#,
            r#"userName sw "a\"b\u00e9""#,
            r#"userName ew "a""#,
            r#"meta.lastModified gt "2026-01-01T00:00:00Z""#,
            r#"meta.lastModified ge "2026-01-01T00:00:00Z""#,
            r#"meta.lastModified lt "2026-01-01T00:00:00Z""#,
            r#"meta.lastModified le "2026-01-01T00:00:00+01:00""#,
            r#"emails[type eq "work" and value co "@"] and not(title pr)"#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x""#,
            r"title eq null",
            r#"emails co "example.com""#,
            r"((userName pr))",
        ] {
            assert!(Filter::parse(&USERS, text).is_ok(), "{text}: {:?}", Filter::parse(&USERS, text));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_reason() {
        let deep = format!("{}title pr{}", "(".repeat(17), ")".repeat(17));
        let long = format!(r#"title eq "{}""#, "x".repeat(BYTES_MAX));
        let many = vec!["title pr"; 101].join(" or ");
        for (text, word) in [
            ("", "ends where an attribute is wanted"),
            ("userName", "ends after userName"),
            ("userName is 1", "is is no operator"),
            ("shoeSize pr", "shoeSize is no attribute of a User"),
            (r#"userName eq "a"#, "quotation mark"),
            (r"userName eq a", "is no value"),
            (r#"userName eq "a" userName"#, "is not expected"),
            ("(userName pr", ") is missing"),
            (r"active gt true", "by eq and ne only"),
            (r#"active eq "perhaps""#, "true or false"),
            (r#"name eq "x""#, "compared by its parts"),
            (r"userName eq true", "a string in quotation marks"),
            (r#"meta.created gt "yesterday""#, "a date and time"),
            (r#"userName[type eq "work"]"#, "no values to look into"),
            (r#"emails[shoe eq "work"]"#, "shoe is no attribute of emails"),
            (r#"emails[type eq "work""#, "] is missing"),
            ("not userName pr", "is no attribute"),
            (&deep, "at most 16 groups"),
            (&long, "at most 8192 bytes; it has 8203"),
            (&many, "at most 100 comparisons"),
        ] {
            let error = Filter::parse(&USERS, text).unwrap_err();
            assert!(error.detail.contains(word), "{text}: {error}");
            assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        }
    }
}
