//! The Query protocol: a form whose dotted, numbered names spell structures (`Tags.member.1.Key`), read into JSON beside the shape so
//! that the same check serves it.

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

/// A parsed form.
#[derive(Debug, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Parses a form. A name given twice is refused.
    pub fn parse(body: &[u8]) -> Result<Self, WireError> {
        let mut form = BTreeMap::new();
        for (count, pair) in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).enumerate() {
            if count >= PARAMETERS_MAX {
                return Err(WireError::Serialization(format!(
                    "the form has more than {PARAMETERS_MAX} parameters"
                )));
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if form.insert(name.clone(), value).is_some() {
                return Err(WireError::Serialization(format!("parameter '{name}' is given more than once")));
            }
        }
        Ok(Self(form))
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The input that the form spells.
    pub fn input(&self, shape: &'static Shape) -> Result<Value, WireError> {
        let mut tree = Tree::default();
        for (name, value) in &self.0 {
            if !matches!(name.as_str(), "Action" | "Version") {
                tree.insert(name, value)?;
            }
        }
        Ok(tree.to_value(shape, "")?.unwrap_or_else(|| Value::Object(Map::new())))
    }
}

fn decode(bytes: &[u8]) -> Result<String, WireError> {
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced).decode_utf8().map(std::borrow::Cow::into_owned);
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

    /// `None` for nothing given. Names that the shape does not know are ignored, as AWS does.
    fn to_value(&self, shape: &'static Shape, path: &str) -> Result<Option<Value>, WireError> {
        match shape {
            Shape::Structure { members, .. } => {
                let mut object = Map::new();
                for member in *members {
                    if let Some(child) = self.children.get(member.name)
                        && let Some(value) = child.to_value(member.shape, member.name)?
                    {
                        object.insert(member.name.to_owned(), value);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
            Shape::List { item, .. } => {
                let items = self.children.get("member").unwrap_or(self);
                let mut numbered = BTreeMap::new();
                for (number, child) in &items.children {
                    let number: u32 = number.parse().map_err(|_| {
                        WireError::Serialization(format!(
                            "'{path}' is a list: '{number}' is not a position in it"
                        ))
                    })?;
                    numbered.insert(number, child);
                }
                let values: Result<Vec<_>, _> =
                    numbered.values().map(|child| child.to_value(item, path)).collect();
                Ok(Some(Value::Array(values?.into_iter().flatten().collect())))
            }
            _ => self.text.as_deref().map(|text| parse_scalar(text, shape, path)).transpose(),
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
    use crate::check::check;
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
        let text = check(&input, &constraints::ASSUME_ROLE_REQUEST).unwrap_err().message().to_owned();
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
}
