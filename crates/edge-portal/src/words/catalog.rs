//! The catalogs: what each language says, compiled in and read once.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

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
pub(crate) const fn files(language: Language) -> [&'static str; 18] {
    match language {
        Language::English => files!("en"),
        Language::German => files!("de"),
    }
}

fn read(language: Language) -> Catalog {
    let mut catalog = FluentBundle::new_concurrent(vec![language.identifier()]);
    // The marks would be characters of what people copy. No language that there is is written from right to left.
    catalog.set_use_isolating(false);
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
