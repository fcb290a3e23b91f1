//! The catalogs: what each language says, compiled in and read once.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::language::Language;

/// The files of a language.
macro_rules! files {
    ($tag:literal) => {
        [
            include_str!(concat!("../../words/", $tag, "/frame.ftl")),
            include_str!(concat!("../../words/", $tag, "/sign-in.ftl")),
            include_str!(concat!("../../words/", $tag, "/access.ftl")),
            include_str!(concat!("../../words/", $tag, "/portal.ftl")),
            include_str!(concat!("../../words/", $tag, "/security.ftl")),
            include_str!(concat!("../../words/", $tag, "/refusals.ftl")),
            include_str!(concat!("../../words/", $tag, "/console.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-people.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-groups.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-identity-providers.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-directories.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-applications.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-service-users.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-accounts.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-permission-sets.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-assignments.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-access.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-trail.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-settings.ftl")),
            include_str!(concat!("../../words/", $tag, "/console-overview.ftl")),
        ]
    };
}

type Catalog = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Catalog> = LazyLock::new(|| read(Language::English));
static GERMAN: LazyLock<Catalog> = LazyLock::new(|| read(Language::German));

/// The text of the files.
pub(crate) const fn files(language: Language) -> [&'static str; 20] {
    match language {
        Language::English => files!("en"),
        Language::German => files!("de"),
    }
}

/// A whole number with its digits in threes, as people of a language write it. What is no such number is left to Fluent.
fn grouped(value: &FluentValue<'_>, separator: char) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    if number.value.fract() != 0.0 || number.value < 1_000.0 {
        return None;
    }
    let digits = format!("{:.0}", number.value);
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    Some(text)
}

fn read(language: Language) -> Catalog {
    let mut catalog = FluentBundle::new_concurrent(vec![language.identifier()]);
    // The marks would be characters of what people copy. No language that there is is written from right to left.
    catalog.set_use_isolating(false);
    match language {
        Language::English => catalog.set_formatter(Some(|value, _| grouped(value, ','))),
        Language::German => catalog.set_formatter(Some(|value, _| grouped(value, '.'))),
    }
    for file in files(language) {
        // What does not parse is missing then; tests refuse such a catalog.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
        if let Err(errors) = catalog.add_resource(resource) {
            tracing::error!(language = language.tag(), ?errors, "a catalog says something twice");
        }
    }
    catalog
}

/// The message of this name, with its arguments; the name, should there be no such message.
pub(crate) fn format(language: Language, name: &str, arguments: &FluentArgs<'_>) -> String {
    let catalog: &Catalog = match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    };
    let Some(pattern) = catalog.get_message(name).and_then(|message| message.value()) else {
        tracing::error!(language = language.tag(), name, "a catalog does not say this");
        return name.to_owned();
    };
    let mut errors = Vec::new();
    let text = catalog.format_pattern(pattern, Some(arguments), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{name}: {errors:?}");
    if !errors.is_empty() {
        tracing::error!(language = language.tag(), name, ?errors, "a message was not said as it should");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, english) in [
            (0.0, None),
            (999.0, None),
            (1_000.0, Some("1,000")),
            (1_234_567.0, Some("1,234,567")),
            (1_000.5, None),
        ] {
            assert_eq!(grouped(&FluentValue::from(number), ',').as_deref(), english, "{number}");
        }
        let mut given = FluentArgs::new();
        given.set("count", 2_001);
        assert_eq!(format(Language::German, "overview-count", &given), "2.001");
        assert_eq!(format(Language::English, "overview-count", &given), "2,001");
    }
}
