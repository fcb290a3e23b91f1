//! A form of many fields, by name: texts, boxes that are ticked or not, and choices of a few words. Knows nothing of what it decides.

use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;

use crate::administrator::Administrator;
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;

/// A choice of a few words, the first of them unless another is chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// What it is called in the catalogs.
    pub(crate) label: &'static str,
    /// The API's words, and what they are called in the catalogs.
    pub(crate) options: &'static [(&'static str, &'static str)],
}

/// What a form has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blank {
    /// Texts.
    pub(crate) specs: &'static [Spec],
    /// Boxes.
    pub(crate) boxes: &'static [&'static str],
    /// Choices.
    pub(crate) choices: &'static [Choice],
}

/// A choice as a page shows it.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) name: &'static str,
    pub(crate) label: Sentence,
    /// The words, what they are called, and whether it is this one.
    pub(crate) options: Vec<(&'static str, Sentence, bool)>,
}

/// The form, with what is in it.
#[derive(Debug)]
pub(crate) struct Sheet {
    blank: &'static Blank,
    fields: Vec<Field>,
    chosen: Vec<Chosen>,
    ticked: Vec<&'static str>,
}

impl Sheet {
    /// With what was typed, but for passwords and keys: nobody sees them twice.
    pub(crate) fn typed(language: Language, blank: &'static Blank, typed: &Fields) -> Self {
        let value = |spec: &Spec| if spec.name.starts_with("password") { "" } else { typed.whole(spec.name) };
        let chosen = |choice: &Choice| {
            let word = typed.text(choice.name);
            let known = choice.options.iter().any(|(option, _)| *option == word);
            let options = choice.options.iter().enumerate();
            Chosen {
                name: choice.name,
                label: language.say(choice.label),
                options: options
                    .map(|(at, (option, label))| {
                        let is_it = if known { *option == word } else { at == 0 };
                        (*option, language.say(label), is_it)
                    })
                    .collect(),
            }
        };
        Self {
            blank,
            fields: blank.specs.iter().map(|spec| Field::new(language, spec, value(spec))).collect(),
            chosen: blank.choices.iter().map(chosen).collect(),
            ticked: blank.boxes.iter().copied().filter(|name| typed.is_ticked(name)).collect(),
        }
    }

    /// With what is in force, by the names of the form; a box is ticked where its name has a text.
    pub(crate) fn of(language: Language, blank: &'static Blank, now: &[(&'static str, String)]) -> Self {
        let kept = now.iter().filter(|(name, value)| !(value.is_empty() && blank.boxes.contains(name)));
        let typed = Fields::of(kept.map(|(name, value)| (*name, value.as_str())));
        Self::typed(language, blank, &typed)
    }

    /// The field of a name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The choice of a name.
    pub(crate) fn choice(&self, name: &str) -> Option<&Chosen> {
        self.chosen.iter().find(|choice| choice.name == name)
    }

    /// Whether a box is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.ticked.contains(&name)
    }

    /// Whether one of these says anything, or was refused: what is folded is then open.
    pub(crate) fn is_any<'n>(&self, names: impl AsRef<[&'n str]>) -> bool {
        let names = names.as_ref();
        let mut fields = self.fields.iter().filter(|field| names.contains(&field.name));
        fields.any(|field| !field.value.is_empty() || field.fault.is_some())
            || names.iter().any(|name| self.has(name))
    }

    /// A refusal, said beside the field that it names; else what the head of the form says.
    pub(crate) fn refuse(&mut self, admin: &Administrator, why: &Fault) -> Option<Trouble> {
        Trouble::beside(admin, why, self.blank.specs, &mut self.fields)
    }
}

/// The word of a choice that was typed; the first where it is none of its words.
pub(crate) fn word(choice: &Choice, typed: &Fields) -> &'static str {
    let word = typed.text(choice.name);
    match choice.options.iter().find(|(option, _)| *option == word) {
        Some((option, _)) => option,
        None => choice.options.first().map_or("", |(option, _)| option),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLANK: Blank = Blank {
        specs: &[Spec { name: "who", label: "console", named: "who", required: true, kind: "text" }],
        boxes: &["often", "loud"],
        choices: &[Choice { name: "how", label: "console", options: &[("A", "console"), ("B", "console")] }],
    };

    #[test]
    fn what_is_typed_stays_and_a_choice_is_always_one_of_its_words() {
        let typed = Fields::of([("who", "Ada"), ("often", "yes"), ("how", "C")]);
        let sheet = Sheet::typed(Language::English, &BLANK, &typed);
        assert_eq!(sheet.field("who").unwrap().value, "Ada");
        assert!(sheet.has("often") && !sheet.has("loud"));
        let words: Vec<_> =
            sheet.choice("how").unwrap().options.iter().map(|(word, _, is)| (*word, *is)).collect();
        assert_eq!(words, [("A", true), ("B", false)]);
        assert_eq!(word(&BLANK.choices[0], &typed), "A");
        assert_eq!(word(&BLANK.choices[0], &Fields::of([("how", "B")])), "B");
    }

    #[test]
    fn a_box_without_a_text_is_not_ticked() {
        let now = [("often", "yes".to_owned()), ("loud", String::new()), ("how", "B".to_owned())];
        let sheet = Sheet::of(Language::English, &BLANK, &now);
        assert!(sheet.has("often") && !sheet.has("loud"));
        assert!(sheet.is_any(["loud", "often"]) && !sheet.is_any(["loud", "who"]));
        assert!(sheet.field("nobody").is_none() && sheet.choice("nobody").is_none());
    }
}
