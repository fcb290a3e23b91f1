//! JSON beside a shape, out of a string of bytes: the bytes are what the property tests vary and shrink.

use serde_json::{Map, Value, json};
use wire::shape::Shape;

/// What every secret text holds, so that a leak can be seen.
pub(crate) const MARK: &str = "s3cr3t";

const TEXTS: [&str; 12] = [
    "",
    "a",
    "d-1234567890",
    "111122223333",
    "Größe\u{a0}\u{3000}",
    "a\u{0}b\u{7f}",
    "\u{10ffff}\u{fffe}",
    "<&>\"'\r\n\t",
    "arn:aws:sso:::instance/ssoins-1234567890abcdef",
    "8f5a0c52-1111-2222-3333-444455556666",
    "PT1H",
    "%s{0}$(x)",
];

/// A source of choices.
pub(crate) struct Choices<'b> {
    bytes: &'b [u8],
    /// Whether wrong types and missing members may appear.
    pub(crate) wild: bool,
}

impl<'b> Choices<'b> {
    pub(crate) fn new(bytes: &'b [u8], wild: bool) -> Self {
        Self { bytes, wild }
    }

    /// A number below `below`; 0 once the bytes are used up.
    fn pick(&mut self, below: u8) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        first % below
    }

    fn text(&mut self) -> String {
        let text = TEXTS[usize::from(self.pick(12))];
        if self.pick(8) == 7 { text.repeat(400) } else { text.to_owned() }
    }
}

/// A value of that shape: with all required members and the right types, unless the choices are wild.
pub(crate) fn value(shape: &Shape, choices: &mut Choices<'_>) -> Value {
    if choices.wild && choices.pick(10) == 9 {
        return wrong(choices);
    }
    match shape {
        Shape::Structure { members, .. } => {
            let mut object = Map::new();
            for member in *members {
                let wanted = member.required && !choices.wild;
                if wanted || choices.pick(3) == 0 {
                    object.insert(member.name.to_owned(), value(member.shape, choices));
                }
            }
            if choices.pick(4) == 1 {
                object.insert("NotInTheModel".to_owned(), json!({"a": [1]}));
            }
            Value::Object(object)
        }
        Shape::List { item, .. } => (0..choices.pick(4)).map(|_| value(item, choices)).collect(),
        Shape::Map { value: entry, .. } => {
            let entries = (0..choices.pick(3)).map(|_| (choices.text(), value(entry, choices)));
            Value::Object(entries.collect())
        }
        Shape::Text { secret: true, .. } => format!("{MARK}{}", choices.text()).into(),
        Shape::Text { values, .. } if !values.is_empty() && choices.pick(3) > 0 => values[0].into(),
        Shape::Text { .. } => choices.text().into(),
        Shape::Blob { .. } => "AAEC".into(),
        Shape::Integer { .. } => [json!(0), json!(5), json!(-1), json!(i64::MAX), json!(i64::MIN)]
            [usize::from(choices.pick(5))]
        .clone(),
        Shape::Float => json!(1.5),
        Shape::Boolean => json!(choices.pick(2) == 1),
        Shape::Timestamp => json!([1_650_989_104.461, 0.0, -1.5, 9e9][usize::from(choices.pick(4))]),
        Shape::Document => json!({ "held": [MARK] }),
    }
}

fn wrong(choices: &mut Choices<'_>) -> Value {
    match choices.pick(9) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!(1e300),
        4 => json!(u64::MAX),
        5 => json!(true),
        6 => json!([null, [null]]),
        7 => json!({"": null, "member": {"entry": []}}),
        _ => json!(choices.text()),
    }
}
