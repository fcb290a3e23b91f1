//! The Query protocol: a form whose dotted, numbered names spell structures (`Tags.member.1.Key`), read into JSON beside the shape so
//! that the same check serves it. The parameters come in the body of a POST or in a URL.

use std::collections::BTreeMap;

use percent_encoding::percent_decode;
use serde_json::{Map, Number, Value};

use crate::error::WireError;
use crate::shape::Shape;

/// The media type of requests.
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";
/// Parameters of a form at most.
const PARAMETERS_MAX: usize = 2_000;
/// Dots in a name at most.
const DEPTH_MAX: usize = 12;

/// The parameters of a call.
#[derive(Debug, Default)]
pub struct Form {
    parameters: BTreeMap<String, String>,
    in_url: bool,
}

impl Form {
    /// Parses the body of a POST. A name given twice is refused.
    pub fn parse(body: &[u8]) -> Result<Self, WireError> {
        let mut form = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            form.insert(pair)?;
        }
        Ok(form)
    }

    /// Parses a body together with the query string of the URL, in either of which parameters may stand. What signs a URL (`X-Amz-…`; SDKs
    /// move headers there, too) is no parameter. A plus sign is a space there as in the body, and where the signature is made: else one could be put in
    /// the place of the other on the way.
    pub fn with_url(query: &str, body: &[u8]) -> Result<Self, WireError> {
        let mut form = Self::parse(body)?;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            form.in_url |= form.insert(pair.as_bytes())?;
        }
        form.parameters.retain(|name, _| !signs(name));
        Ok(form)
    }

    /// Takes a pair in; whether it is a parameter.
    fn insert(&mut self, pair: &[u8]) -> Result<bool, WireError> {
        let refused = |why: String| Err(WireError::Serialization(why));
        if self.parameters.len() >= PARAMETERS_MAX {
            return refused(format!("the form has more than {PARAMETERS_MAX} parameters"));
        }
        let spaced: Vec<u8> = pair.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        let mut halves = spaced.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        let is_parameter = !signs(&name);
        if self.parameters.contains_key(&name) {
            return refused(format!("parameter '{name}' is given more than once"));
        }
        self.parameters.insert(name, value);
        Ok(is_parameter)
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Whether a parameter stands in the URL.
    pub const fn is_in_url(&self) -> bool {
        self.in_url
    }

    /// The input that the form spells.
    pub fn input(&self, shape: &'static Shape) -> Result<Value, WireError> {
        let mut tree = Tree::default();
        for (name, value) in &self.parameters {
            if !matches!(name.as_str(), "Action" | "Version") {
                tree.insert(name, value)?;
            }
        }
        Ok(tree.to_value(shape, "")?.unwrap_or_else(|| Value::Object(Map::new())))
    }
}

/// Whether a name is of what signs a URL.
fn signs(name: &str) -> bool {
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"))
}

fn decode(bytes: &[u8]) -> Result<String, WireError> {
    let text = percent_decode(bytes).decode_utf8().map(std::borrow::Cow::into_owned);
    text.map_err(|_| WireError::Serialization("the form is not UTF-8".to_owned()))
}

#[derive(Debug, Default)]
struct Tree {
    text: Option<String>,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    fn insert(&mut self, name: &str, value: &str) -> Result<(), WireError> {
        if name.split('.').count() > DEPTH_MAX {
            return Err(WireError::Serialization(format!(
                "parameter '{name}' is nested more than {DEPTH_MAX} levels deep"
            )));
        }
        let mut at = self;
        for part in name.split('.') {
            at = at.children.entry(part.to_owned()).or_default();
        }
        at.text = Some(value.to_owned());
        Ok(())
    }

    /// `None` for nothing given. Nothing that was given is lost: what does not fit the shape is refused, and names that it does not know go on
    /// to the check, which knows what to say of them.
    fn to_value(&self, shape: &'static Shape, path: &str) -> Result<Option<Value>, WireError> {
        match shape {
            Shape::Structure { members, .. } => {
                self.without_text("a structure", path)?;
                let mut object = Map::new();
                for (name, child) in &self.children {
                    let value = match members.iter().find(|member| member.name == name) {
                        Some(member) => child.to_value(member.shape, member.name)?,
                        None => Some(Value::String(String::new())),
                    };
                    object.extend(value.map(|value| (name.clone(), value)));
                }
                Ok(Some(Value::Object(object)))
            }
            Shape::List { item, .. } => self.items(item, path).map(Some),
            _ if !self.children.is_empty() => {
                Err(WireError::Serialization(format!("'{path}' must be a value without parts")))
            }
            _ => self.text.as_deref().map(|text| parse_scalar(text, shape, path)).transpose(),
        }
    }

    /// The items of a list, by their numbers: `Tags.member.1` or `Tags.1`.
    fn items(&self, item: &'static Shape, path: &str) -> Result<Value, WireError> {
        let refused = |why: String| WireError::Serialization(format!("'{path}' is a list: {why}"));
        self.without_text("a list", path)?;
        let items = self.children.get("member").unwrap_or(self);
        items.without_text("a list", path)?;
        if !std::ptr::eq(items, self) && self.children.len() > 1 {
            return Err(refused("its items are given both with 'member' and without".to_owned()));
        }
        let mut numbered = BTreeMap::new();
        for (text, child) in &items.children {
            let number: u32 =
                text.parse().map_err(|_| refused(format!("'{text}' is not a position in it")))?;
            if numbered.insert(number, child).is_some() {
                return Err(refused(format!("position {number} is given more than once")));
            }
        }
        let values: Result<Vec<_>, _> = numbered.values().map(|child| child.to_value(item, path)).collect();
        Ok(Value::Array(values?.into_iter().flatten().collect()))
    }

    /// Empty text is how an empty list or structure is written.
    fn without_text(&self, what: &str, path: &str) -> Result<(), WireError> {
        match self.text.as_deref() {
            Some(text) if !text.is_empty() => {
                Err(WireError::Serialization(format!("'{path}' must be {what}, in parts of its own")))
            }
            _ => Ok(()),
        }
    }
}

/// A text as the JSON value of a scalar shape.
pub(crate) fn parse_scalar(text: &str, shape: &'static Shape, name: &str) -> Result<Value, WireError> {
    let refused = |wanted: &str| WireError::Serialization(format!("'{name}' must be {wanted}"));
    match shape {
        Shape::Integer { .. } => text
            .parse::<i64>()
            .map(|number| Value::Number(Number::from(number)))
            .map_err(|_| refused("an integer")),
        Shape::Float => text
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or_else(|| refused("a number")),
        Shape::Boolean => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(refused("true or false")),
        },
        _ => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Strangers, check};
    use crate::generated::sts::constraints;

    #[test]
    fn a_form_spells_structures_and_lists() {
        let body = b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FX\
            &RoleSessionName=a+b&DurationSeconds=900&Tags.member.2.Key=two&Tags.member.2.Value=2&Tags.member.1.Key=one&Tags.member.1.Value=";
        let form = Form::parse(body).unwrap();
        let input = form.input(&constraints::ASSUME_ROLE_REQUEST).unwrap();
        assert_eq!(input["RoleArn"], "arn:aws:iam::111122223333:role/X");
        assert_eq!(input["DurationSeconds"], 900);
        assert_eq!(input["Tags"][0]["Key"], "one");
        assert_eq!(input["Tags"][1]["Value"], "2");
        let text = check(&input, &constraints::ASSUME_ROLE_REQUEST, Strangers::Refused)
            .unwrap_err()
            .message()
            .to_owned();
        assert!(text.contains("roleSessionName"), "{text}");
    }

    #[test]
    fn doubled_names_and_bad_numbers_are_refused() {
        assert!(Form::parse(b"a=1&a=2").is_err());
        assert!(Form::parse(b"a=%ff").is_err());
        let form = Form::parse(b"DurationSeconds=abc").unwrap();
        assert!(form.input(&constraints::ASSUME_ROLE_REQUEST).is_err());
        let form = Form::parse(b"Tags.member.x.Key=1").unwrap();
        assert!(form.input(&constraints::ASSUME_ROLE_REQUEST).is_err());
    }
    #[test]
    fn nothing_that_was_given_is_lost() {
        let refused = |form: &str| {
            let form = Form::parse(form.as_bytes()).unwrap();
            let checked = form.input(&constraints::ASSUME_ROLE_REQUEST).and_then(|input| {
                check(&input, &constraints::ASSUME_ROLE_REQUEST, Strangers::Refused).map(|()| input)
            });
            checked.unwrap_err().message().to_owned()
        };
        for (form, word) in [
            ("PolicyArns.member.1.Arn=arn", "'policyArns.1.member.Arn'"),
            ("PolicyArns.Member.1.arn=arn", "'Member' is not a position"),
            ("policyArns.member.1.arn=arn", "'policyArns'"),
            ("PolicyArns=arn", "'PolicyArns' must be a list"),
            ("PolicyArns.member=arn", "'PolicyArns' must be a list"),
            ("PolicyArns.member.1=arn", "'PolicyArns' must be a structure"),
            ("PolicyArns.member.1.arn.x=arn", "'arn' must be a value without parts"),
            ("PolicyArns.member.1.arn=a&PolicyArns.2.arn=b", "both with 'member' and without"),
            ("PolicyArns.member.1.arn=a&PolicyArns.member.01.arn=b", "position 1 is given more than once"),
            ("Policy.Statement=x", "'Policy' must be a value without parts"),
        ] {
            let text = refused(form);
            assert!(text.contains(word), "{form}: {text}");
        }
        let empty = Form::parse(b"PolicyArns=&Tags.member=").unwrap();
        let input = empty.input(&constraints::ASSUME_ROLE_REQUEST).unwrap();
        assert_eq!(
            (input["PolicyArns"].clone(), input["Tags"].clone()),
            (Value::from(vec![0; 0]), Value::from(vec![0; 0]))
        );
    }

    #[test]
    fn parameters_stand_in_the_url_or_in_the_body_and_once() {
        let form = Form::with_url("Action=A%2BB&X-Amz-Date=1&x-amz-user-agent=js", b"Version=a+b").unwrap();
        assert_eq!((form.get("Action"), form.get("Version")), (Some("A+B"), Some("a b")));
        assert_eq!((form.get("X-Amz-Date"), form.get("x-amz-user-agent")), (None, None));
        assert!(form.is_in_url());
        assert!(!Form::with_url("X-Amz-Date=1", b"Action=A").unwrap().is_in_url());
        assert!(Form::with_url("Action=A", b"Action=A").is_err());
        assert!(Form::with_url("Action=A&Acti%6fn=A", b"").is_err());
        // As the signature reads it: `%20` and `+` are one and the same.
        assert_eq!(Form::with_url("Action=A+B", b"").unwrap().get("Action"), Some("A B"));
    }
}
