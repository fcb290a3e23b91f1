//! The words of letters, in the language of whoever they are for: catalogs of Project Fluent in `words/`, a file for each language. Knows nothing of
//! how a letter is set.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use model::directory::user::User;
use unic_langid::LanguageIdentifier;

type Catalog = FluentBundle<FluentResource>;

/// A language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// For everybody of whom no other is known.
    English,
    /// Where the directory says so.
    German,
}

static ENGLISH: LazyLock<Catalog> = LazyLock::new(|| read(Language::English));
static GERMAN: LazyLock<Catalog> = LazyLock::new(|| read(Language::German));

/// What of a person's own languages is looked at.
const LANGUAGES_MAX: usize = 16;

impl Language {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a person, as the directory has it: `preferredLanguage`, which may be a list as browsers send it (RFC 7643 §4.1.1), or else
    /// `locale`.
    pub(crate) fn of(user: &User) -> Self {
        let attributes = &user.profile.attributes;
        let text = |name: &str| attributes.get(name).and_then(|value| value.as_str());
        let said = text("PreferredLanguage").and_then(Self::first_of);
        said.or_else(|| text("Locale").and_then(Self::first_of)).unwrap_or(Self::English)
    }

    /// The one of a list that is liked best and that letters are written in.
    fn first_of(list: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in list.split(',').take(LANGUAGES_MAX) {
            let mut parts = range.split(';').map(str::trim);
            let known = parts.next().and_then(Self::by_tag);
            let quality =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            let (Some(language), Some(quality)) = (known, quality) else { continue };
            if quality > 0.0 && quality <= 1.0 && best.is_none_or(|(before, _)| quality > before) {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// `de`, `de-AT`, `de_CH`.
    fn by_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        [Self::English, Self::German].into_iter().find(|known| primary.eq_ignore_ascii_case(known.tag()))
    }

    /// Its tag (BCP 47).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }

    /// The text of the catalog.
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Self::English => include_str!("../words/en/letters.ftl"),
            Self::German => include_str!("../words/de/letters.ftl"),
        }
    }

    /// The message of this name with its texts, which are never read as part of it; the name, should there be no such message.
    pub(crate) fn say(self, name: &str, texts: &[(&'static str, &str)]) -> String {
        let catalog: &Catalog = match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        };
        let Some(pattern) = catalog.get_message(name).and_then(|message| message.value()) else {
            tracing::error!(language = self.tag(), name, "a catalog of letters does not say this");
            return name.to_owned();
        };
        let given: FluentArgs<'_> =
            texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
        let mut errors = Vec::new();
        let said = catalog.format_pattern(pattern, Some(&given), &mut errors);
        if !errors.is_empty() {
            tracing::error!(
                language = self.tag(),
                name,
                ?errors,
                "a letter was said without what belongs into it"
            );
        }
        said.into_owned()
    }
}

fn read(language: Language) -> Catalog {
    let mut catalog = FluentBundle::new_concurrent(vec![language.identifier()]);
    // The marks would be characters of what people copy.
    catalog.set_use_isolating(false);
    // What does not parse is missing then; tests refuse such a catalog.
    let resource =
        FluentResource::try_new(language.file().to_owned()).unwrap_or_else(|(resource, _)| resource);
    if let Err(errors) = catalog.add_resource(resource) {
        tracing::error!(language = language.tag(), ?errors, "a catalog of letters says something twice");
    }
    catalog
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The messages of a language, each with the variables in it.
    fn messages(language: Language) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        FluentResource::try_new(language.file().to_owned()).expect("it parses");
        let lines = language.file().lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut found = BTreeMap::new();
        for line in lines {
            let (name, text) = line.split_once(" = ").expect("a message a line");
            let variables = text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap_or_default());
            assert!(found.insert(name, variables.collect()).is_none(), "{name} is said twice");
        }
        found
    }

    #[test]
    fn every_language_says_the_same_things_with_the_same_in_them_and_in_its_own_words() {
        let english = messages(Language::English);
        for language in Language::ALL {
            assert_eq!(messages(language), english, "{}", language.tag());
        }
        for name in english.keys() {
            assert_ne!(Language::German.say(name, &[]), Language::English.say(name, &[]), "{name}");
        }
    }

    #[test]
    fn letters_say_every_message_and_no_other() {
        let source = include_str!("letters.rs").split("#[cfg(test)]").next().unwrap_or_default();
        let after = |call: &'static str| source.split(call).skip(1).filter_map(|rest| rest.split('"').next());
        let said: BTreeSet<&str> =
            ["say(\"", "say_of(\"", "say_with(\""].into_iter().flat_map(after).collect();
        assert_eq!(said, messages(Language::English).into_keys().collect());
    }

    #[test]
    fn a_list_of_languages_is_read_as_browsers_send_it() {
        for (list, expected) in [
            ("de", Some(Language::German)),
            ("de-CH", Some(Language::German)),
            ("DE_at", Some(Language::German)),
            ("en-GB", Some(Language::English)),
            ("fr, de;q=0.8, en;q=0.9", Some(Language::English)),
            ("da, en-gb;q=0.8, en;q=0.7", Some(Language::English)),
            ("fr, de", Some(Language::German)),
            ("de;q=0, en;q=0.1", Some(Language::English)),
            ("de;q=NaN", None),
            ("fr", None),
            ("deutsch", None),
            ("", None),
        ] {
            assert_eq!(Language::first_of(list), expected, "{list}");
        }
    }
}
