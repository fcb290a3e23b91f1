//! Lists and rules as fields of a form have them: words, lines, lines with an equals sign. Knows none of the things that they are about.

use serde_json::{Map, Value, json};

/// Words of a text, with blanks, ends of lines or commas between them.
pub(crate) fn words(text: &str) -> Vec<&str> {
    text.split(|letter: char| letter.is_whitespace() || letter == ',')
        .filter(|word| !word.is_empty())
        .collect()
}

/// The lines of a text that hold something, without blanks around them.
pub(crate) fn filled(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Lines of `left = right`; one without an equals sign has nothing on its right, which the operation refuses.
pub(crate) fn rules(text: &str, (left, right): (&str, &str)) -> Vec<Value> {
    halves(text).map(|(one, other)| json!({ left: one, right: other })).collect()
}

/// The halves of such lines.
pub(crate) fn halves(text: &str) -> impl Iterator<Item = (&str, &str)> {
    // The last one: names of attributes are addresses, which have one now and then, before what follows it.
    let halves = filled(text)
        .map(|line| line.split_once(" = ").or_else(|| line.rsplit_once('=')).unwrap_or((line, "")));
    halves.map(|(one, other)| (one.trim(), other.trim()))
}

/// A rule as its line has it.
pub(crate) fn rule_text(rule: &Value, (left, right): (&str, &str)) -> String {
    format!("{} = {}", text(rule, left), text(rule, right))
}

/// A list, each of it a line.
pub(crate) fn lines(list: &Value, line: impl Fn(&Value) -> String) -> String {
    list.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

/// A list of texts, each of it a line.
pub(crate) fn texts(list: &Value) -> String {
    lines(list, |one| one.as_str().unwrap_or_default().to_owned())
}

/// Whether a list is the same when a form has had it, a line each. Browsers send every end of a line as one.
pub(crate) fn is_carried(
    list: &Value,
    line: impl Fn(&Value) -> String,
    read: impl Fn(&str) -> Vec<Value>,
) -> bool {
    let kept = list.as_array().into_iter().flatten().cloned().map(without_nulls);
    kept.eq(read(&lines(list, line).replace('\r', "\n")))
}

/// The text of a member; empty where there is none.
pub(crate) fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

/// The number of a member as it is typed; empty where there is none.
pub(crate) fn number(value: &Value, member: &str) -> String {
    value[member].as_i64().map_or(String::new(), |number| number.to_string())
}

/// A number as it is typed. What is none goes along as it is, for the operation to refuse by name.
pub(crate) fn typed_number(typed: &str) -> Value {
    match (typed, typed.parse::<u32>()) {
        ("", _) => Value::Null,
        (_, Ok(number)) => Value::from(number),
        (other, Err(_)) => Value::from(other),
    }
}

/// Members that are not there: the API knows no null within a structure.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_rules_and_blanks_and_commas_part_words() {
        assert_eq!(
            rules("a = b\n\n c=d \ne", ("L", "R")),
            [json!({"L": "a", "R": "b"}), json!({"L": "c", "R": "d"}), json!({"L": "e", "R": ""})]
        );
        assert_eq!(words(" a.example,b.example\nc "), ["a.example", "b.example", "c"]);
    }
}
