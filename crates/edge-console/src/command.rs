//! The command of the AWS CLI that makes a call: what a page shows beside what it does. Names are made as the CLI makes them from a model
//! (botocore's `xform_name`).

use edge_aws::inside::Op;
use serde_json::{Map, Value};

/// The command, a parameter a line.
pub(crate) fn text(Op(service, operation): Op, input: &Value) -> String {
    let mut text = format!("aws {service} {}", hyphenated(operation));
    if is_misread(input) {
        let given: Map<String, Value> = input
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(owned)
            .collect();
        text.push_str(" \\\n  --cli-input-json ");
        text.push_str(&quoted(&Value::Object(given).to_string()));
        return text;
    }
    for (name, value) in input.as_object().into_iter().flatten() {
        let flag = hyphenated(name);
        let written = match value {
            Value::Null => continue,
            Value::Bool(true) => format!("--{flag}"),
            Value::Bool(false) => format!("--no-{flag}"),
            Value::String(value) => format!("--{flag} {}", word(value)),
            Value::Number(value) => format!("--{flag} {value}"),
            Value::Array(values) if values.iter().all(Value::is_string) && !values.is_empty() => {
                let words: Vec<String> = values.iter().filter_map(Value::as_str).map(word).collect();
                format!("--{flag} {}", words.join(" "))
            }
            value => format!("--{flag} {}", quoted(&value.to_string())),
        };
        text.push_str(" \\\n  ");
        text.push_str(&written);
    }
    text
}

/// [`text`] of a call that sends what is in files: `file://…` is one that the page names, not what somebody typed.
pub(crate) fn of_files(Op(service, operation): Op, input: &Value) -> String {
    let (files, others): (Map<String, Value>, Map<String, Value>) =
        input.as_object().into_iter().flatten().map(owned).partition(|(_, value)| {
            value.as_str().is_some_and(|text| text.starts_with("file://") && text == word(text))
        });
    let mut command = text(Op(service, operation), &Value::Object(others));
    for (name, value) in files {
        let flag = hyphenated(&name);
        command.extend([" \\\n  --", &flag, " ", value.as_str().unwrap_or_default()]);
    }
    command
}

/// Whether the CLI would take a text for something else than itself: the name of a file whose content it sends, or another parameter. Such texts may be
/// somebody's name, and whoever pastes the command is an administrator.
fn is_misread(input: &Value) -> bool {
    let misread = |text: &str| {
        text.starts_with('-') || ["file://", "fileb://"].iter().any(|file| text.starts_with(file))
    };
    input.as_object().into_iter().flatten().any(|(_, value)| match value {
        Value::String(text) => misread(text),
        Value::Array(values) => values.iter().filter_map(Value::as_str).any(misread),
        _ => false,
    })
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// `ListMFADevices` as `list-mfa-devices`.
fn hyphenated(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::with_capacity(name.len() + 8);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if begins_word {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// A word of a POSIX shell.
fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_hyphenated_as_the_cli_does() {
        for (name, expected) in [
            ("ListMFADevices", "list-mfa-devices"),
            ("IdentityStoreId", "identity-store-id"),
            ("CreatePermissionSet", "create-permission-set"),
            ("InstanceArn", "instance-arn"),
            ("ListAWSServiceAccessForOrganization", "list-aws-service-access-for-organization"),
        ] {
            assert_eq!(hyphenated(name), expected);
        }
    }

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        let input = json!({
            "UserName": "jane", "DisplayName": "Jane O'Hara; rm -rf $HOME", "Emails": [{"Value": "j@x"}],
            "Ids": ["a", "b c"], "Primary": false, "Nothing": null, "Count": 3,
        });
        let text = text(Op("identitystore", "CreateUser"), &input);
        let expected = "aws identitystore create-user \\\n  --count 3 \\\n  --display-name 'Jane O'\\''Hara; rm -rf $HOME' \\\n  --emails '[{\"Value\":\"j@x\"}]' \\\n  --ids a 'b c' \\\n  --no-primary \\\n  --user-name jane";
        assert_eq!(text.split(" \\\n").count(), 7);
        assert_eq!(sorted(&text), sorted(expected));
    }

    #[test]
    fn what_the_cli_would_read_otherwise_is_json() {
        for name in ["file:///etc/passwd", "fileb://x", "--endpoint-url=http://evil.example", "-"] {
            let input = json!({"DisplayName": name, "Nothing": null});
            let expected = format!(
                "aws identitystore create-group \\\n  --cli-input-json '{{\"DisplayName\":\"{name}\"}}'"
            );
            assert_eq!(text(Op("identitystore", "CreateGroup"), &input), expected);
        }
        let input = json!({"Names": ["a", "file://b"]});
        assert!(text(Op("identitystore", "CreateGroup"), &input).contains("--cli-input-json"));
    }

    fn sorted(text: &str) -> Vec<&str> {
        let mut lines: Vec<&str> = text.split(" \\\n  ").collect();
        lines.sort_unstable();
        lines
    }
}
