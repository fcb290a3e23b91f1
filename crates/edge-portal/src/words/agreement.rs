//! The languages say the same, and the pages say nothing that the catalogs do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;
use model::fault::{Fault, FaultKind};
use model::saying::{CharacterClass, Classes, PasskeyTrouble, Saying, Seconds};
use model::signin::password_policy::PasswordRule;

use super::catalog::files;
use super::language::Language;
use super::sentence::Part;

/// What templates show that no language says otherwise: the name of the product, a command.
const SAME_EVERYWHERE: [&str; 7] =
    ["Portico", "aws sso login --profile", "~/.aws/credentials", "~/.aws/config", "SCIM 2.0", "ARN", "PEM"];

type Variables = BTreeSet<String>;

/// The messages of a language, each with its variables.
fn messages(language: Language) -> BTreeMap<String, Variables> {
    let mut found = BTreeMap::new();
    for file in files(language) {
        let resource = parse(file).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag()));
        assert!(!file.chars().any(|letter| ('\u{E000}'..='\u{F8FF}').contains(&letter)), "private use");
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let name = message.id.name.to_owned();
                    assert!(message.attributes.is_empty(), "{name} has attributes");
                    let mut variables = Variables::new();
                    of_pattern(&message.value.expect("a message says something"), &mut variables);
                    assert!(found.insert(name.clone(), variables).is_none(), "{name} is said twice");
                }
                Entry::Term(term) => panic!("a term: {}", term.id.name),
                Entry::Junk { content } => panic!("junk: {content}"),
                _ => {}
            }
        }
    }
    found
}

fn of_pattern(pattern: &Pattern<&str>, variables: &mut Variables) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, variables);
        }
    }
}

fn of_expression(expression: &Expression<&str>, variables: &mut Variables) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, variables),
        Expression::Select { selector, variants } => {
            of_inline(selector, variables);
            for variant in variants {
                of_pattern(&variant.value, variables);
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, variables: &mut Variables) {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => of_expression(expression, variables),
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("this needs more than a variable: {other:?}"),
    }
}

/// Every file of a folder and of those in it with this ending, here and in the console, whose pages say what the same catalogs hold.
fn read(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut waiting: Vec<_> = [".", "../edge-console"]
        .map(|own| Path::new(env!("CARGO_MANIFEST_DIR")).join(own).join(folder))
        .into_iter()
        .filter(|folder| folder.exists())
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// The texts in quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1)
}

/// Those about directories.
const OF_DIRECTORIES: [Saying; 10] = [
    Saying::DirectoryAccountOff,
    Saying::DirectoryPasswordOver,
    Saying::DirectoryPasswordShort,
    Saying::DirectoryPasswordWeak,
    Saying::DirectoryPasswordUsed,
    Saying::DirectoryPasswordSoon,
    Saying::DirectoryPasswordRule,
    Saying::DirectoryPasswordKept,
    Saying::DirectoryNotNow,
    Saying::DirectoryAway,
];

/// Every variant once.
fn of_applications() -> [Saying; 5] {
    let application = || "Wiki".to_owned();
    [
        Saying::ApplicationNotAssigned { application: application() },
        Saying::ApplicationOff { application: application() },
        Saying::ApplicationOver,
        Saying::ApplicationUnnamed { called: "EMAIL_ADDRESS".to_owned() },
        Saying::ApplicationSignOutOver,
    ]
}

fn sayings() -> Vec<Saying> {
    let missing = || Classes(CharacterClass::ALL.to_vec());
    let mut all = vec![
        Saying::Internal,
        Saying::Unavailable,
        Saying::InDoubt,
        Saying::NoRoomForRecord,
        Saying::RecordInDoubt,
        Saying::WrongPassword,
        Saying::WrongPasskey,
        Saying::WrongCode,
        Saying::TooManyAttempts { seconds: Seconds(12) },
        Saying::TooManyAttempts { seconds: Seconds(1) },
        Saying::TooManySignIns,
        Saying::TooManyLetters { seconds: Seconds(600) },
        Saying::TooManyMailedCodes { seconds: Seconds(1) },
        Saying::ExternalFailed { provider: "Acme".to_owned() },
        Saying::ExternalRequired { provider: "Acme".to_owned() },
        Saying::SignInOver,
        Saying::NoMailForCode,
        Saying::NoDeviceNoEntry,
        Saying::SessionEnded,
        Saying::SessionUnknown,
        Saying::NotFresh,
        Saying::NoDeviceAsked,
        Saying::DevicesManaged,
        Saying::KindNotTaken { kind: "TOTP" },
        Saying::TooManyDevices { most: 2, kind: "WEBAUTHN" },
        Saying::SecretOutdated,
        Saying::WrongFirstCode,
        Saying::RegisteredAlready,
        Saying::NoSuchDevice,
        Saying::NoSuchSession,
        Saying::NoSuchProgram,
        Saying::DeviceFirst,
        Saying::DeviceNameLength { most: 64, given: 65 },
        Saying::DeviceNameControls,
        Saying::PasswordLength { low: 8, high: 64, given: 123 },
        Saying::PasswordControls,
        Saying::PasswordRepeats,
        Saying::PasswordLacks { missing: missing() },
        Saying::PasswordLacksOr { missing: missing(), characters: 15 },
        Saying::PasswordKnown,
        Saying::PasswordHadBefore { count: 3 },
        Saying::PasswordNotRight,
        Saying::OldPasswordNotRight,
        Saying::PasswordChangedMeanwhile,
        Saying::LinkVoid,
        Saying::UnknownUserCode,
        Saying::ConsentTakenBack,
        Saying::ProgramUnknown,
        Saying::NoSuchRole,
        Saying::NoRoleAtHome,
        Saying::TooManyFavourites { most: 50 },
        Saying::SearchTooLong { most: 256, given: 257 },
        Saying::TemplateOdd { part: "]".to_owned() },
        Saying::TemplateLength { most: 100, given: 0 },
    ];
    all.extend(OF_DIRECTORIES);
    all.extend(of_applications());
    all.extend(PasskeyTrouble::ALL.iter().map(|why| Saying::PasskeyRefused { why: *why }));
    all
}

fn told(language: Language, saying: &Saying) -> String {
    language.told(&Fault::say(FaultKind::Forbidden, saying.clone()))
}

#[test]
fn every_language_says_everything_of_the_same_things() {
    let english = messages(Language::English);
    for language in Language::ALL {
        assert_eq!(messages(language), english, "{}", language.tag());
    }
}

#[test]
fn every_name_is_in_the_catalogs_and_everything_there_is_said() {
    let messages = messages(Language::English);
    let templates = read("templates", "html");
    let sources = read("src", "rs");
    let mut said: BTreeSet<&str> = Saying::NAMES.iter().copied().collect();
    for (file, text) in templates.iter().chain(&sources).filter(|(file, _)| !file.ends_with("agreement.rs")) {
        for after in text.split("say(\"").skip(1) {
            let (name, _) = after.split_once('"').unwrap();
            assert!(messages.contains_key(name), "{file} says {name}");
        }
        said.extend(quoted(text));
    }
    let sayings = sayings();
    let listed = sayings.iter().flat_map(Saying::arguments).filter_map(|(_, argument)| match argument {
        model::saying::Argument::Words(words) => Some(words),
        _ => None,
    });
    said.extend(listed.flatten());
    let unsaid: Vec<&String> = messages.keys().filter(|name| !said.contains(name.as_str())).collect();
    assert!(unsaid.is_empty(), "nobody says {unsaid:?}");
}

#[test]
fn templates_give_each_message_what_stands_in_it() {
    let messages = messages(Language::English);
    let mut checked = 0;
    for (file, text) in read("templates", "html") {
        for after in text.split("say(\"").skip(1) {
            let (name, rest) = after.split_once('"').unwrap();
            let rest = rest.split(['}', '%']).next().unwrap();
            let given: Variables = [".with(\"", ".mark(\"", ".count(\""]
                .iter()
                .flat_map(|way| rest.split(way).skip(1))
                .map(|given| given.split_once('"').unwrap().0.to_owned())
                .collect();
            assert_eq!(messages.get(name), Some(&given), "{file}: {name}");
            checked += given.len();
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn templates_have_no_words_of_their_own() {
    for (file, text) in read("templates", "html") {
        let uncommented = without(&text, "{#", "#}");
        let shaped = without(&uncommented, "{% block main_class %}", "{% endblock %}");
        let plain = without(&without(&shaped, "{{", "}}"), "{%", "%}");
        for said in ["title=\"", "placeholder=\"", "aria-label=\"", "alt=\"", "data-next=\"", "data-say"] {
            for value in plain.split(said).skip(1) {
                let value = value.split('"').next().unwrap();
                let is_wordless = said == "data-say" || !value.contains(char::is_alphabetic);
                assert!(is_wordless || value == "XXXX-XXXX", "{file}: {said}{value}");
            }
        }
        let shown =
            SAME_EVERYWHERE.iter().fold(without(&plain, "<", ">"), |text, same| text.replace(same, ""));
        assert!(!shown.contains(char::is_alphabetic), "{file}: {}", shown.trim());
    }
}

/// A text without what is between two marks.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        kept.push_str(before);
        rest = after.split_once(to).map_or("", |(_, rest)| rest);
    }
    kept + rest
}

#[test]
fn scripts_have_no_words_of_their_own() {
    for (file, text) in read("assets", "js") {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for (index, text) in line.split('"').enumerate() {
                let is_sentence = index % 2 == 1 && text.starts_with(|first: char| first.is_uppercase());
                assert!(!is_sentence || text.ends_with("Error"), "{file}: {text}");
            }
        }
    }
}

#[test]
fn the_english_catalog_says_what_the_domain_says() {
    let mut names = BTreeSet::new();
    for saying in sayings() {
        assert_eq!(told(Language::English, &saying), saying.to_string());
        names.insert(saying.name());
    }
    assert_eq!(names, Saying::NAMES.iter().copied().collect(), "every saying is looked at");
}

#[test]
fn no_other_language_says_anything_in_english() {
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        for saying in sayings() {
            let other = told(language, &saying);
            assert_ne!(other, saying.to_string());
            assert!(!other.contains(['{', '}', '$']) && other != saying.name(), "{other}");
        }
    }
    let (english, german) = (Language::English, Language::German);
    assert_eq!(told(german, &Saying::WrongCode), "Dieser Code stimmt nicht, oder er wurde schon verwendet.");
    let one = told(german, &Saying::TooManyAttempts { seconds: Seconds(1) });
    assert!(one.contains("in einer Sekunde noch"), "{one}");
    // What has no name in the catalogs is said as it is.
    let technical = Fault::validation("client_id is missing");
    assert_eq!(german.told(&technical), "client_id is missing");
    assert_eq!(english.told(&technical), "client_id is missing");
}

#[test]
fn the_english_rule_of_passwords_is_the_domain_s() {
    for passphrase in [None, Some(15)] {
        for remembered in [0, 1, 24] {
            for refuse_breached in [false, true] {
                let rule = PasswordRule { low: 8, high: 64, passphrase, remembered, refuse_breached };
                assert_eq!(Language::English.rule(&rule).to_string(), rule.to_string());
                let german = Language::German.rule(&rule).to_string();
                assert!(german.starts_with("8 bis 64 Zeichen mit") && german.ends_with('.'), "{german}");
                assert_eq!(german.contains("mindestens 15"), passphrase.is_some(), "{german}");
                assert_eq!(german.contains("keines Ihrer letzten 24"), remembered == 24, "{german}");
                assert_eq!(german.contains("öffentlich"), refuse_breached, "{german}");
            }
        }
    }
}

#[test]
fn what_stands_in_a_sentence_is_never_read_as_part_of_it() {
    let part = |text: &str, marked| Part { text: text.to_owned(), marked };
    for odd in
        ["{ $command }", "\u{E000}", "\u{E001}\u{E000}", "`x` *y* <b>z</b>", "{", "\n[one] x", "\"", ""]
    {
        let sentence =
            Language::German.say("login-code-warning").with("role", odd).with("account", "\u{E000}1");
        let whole = format!(
            "Geben Sie ihn niemandem. Wer ihn hat und die Anmeldung begonnen hat, kann in Ihrem Namen als {odd} im Konto \u{E000}1 handeln."
        );
        assert_eq!(sentence.to_string(), whole);
        assert_eq!(sentence.parts(), [part(&whole, false)]);
        let sentence =
            Language::English.say("login-code-lead").mark("command", odd).count("minutes", 5_usize);
        let parts = [
            part("Paste this code where ", false),
            part(odd, true),
            part(" asks for it. It works once, within 5 minutes.", false),
        ];
        assert_eq!(sentence.parts(), parts);
    }
}
