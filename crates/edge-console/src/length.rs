//! How long something lasts, as people say it: a number and a unit. The API has minutes.

use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;

use crate::fields::Fields;

/// The units: in a form, in a choice, in a sentence, and how many minutes each has.
pub(crate) const UNITS: [(&str, &str, &str, u64); 3] = [
    ("days", "length-days", "length-count-days", 24 * 60),
    ("hours", "length-hours", "length-count-hours", 60),
    ("minutes", "length-minutes", "length-count-minutes", 1),
];

/// The largest unit that gives a whole number.
fn largest(minutes: u64) -> (&'static str, &'static str, u64) {
    let fits = UNITS.iter().find(|(_, _, _, unit)| minutes > 0 && minutes.is_multiple_of(*unit));
    fits.map_or(("minutes", "length-count-minutes", minutes), |(name, _, said, unit)| {
        (name, said, minutes / unit)
    })
}

/// So many minutes, as they are said: `8 hours`.
pub(crate) fn said(language: Language, minutes: u64) -> Sentence {
    let (_, said, count) = largest(minutes);
    language.say(said).count("count", usize::try_from(count).unwrap_or(usize::MAX))
}

/// What is in the two fields of a length, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Length {
    /// What the number's field is called; the unit's has `-unit` behind it.
    pub(crate) name: &'static str,
    pub(crate) amount: String,
    pub(crate) unit: String,
}

impl Length {
    /// Of what is in force; empty where nothing is.
    pub(crate) fn of(name: &'static str, minutes: Option<u64>) -> Self {
        let (unit, _, count) = largest(minutes.unwrap_or_default());
        let unit = if minutes.is_none() { "hours" } else { unit };
        Self { name, amount: minutes.map_or(String::new(), |_| count.to_string()), unit: unit.to_owned() }
    }

    /// As typed.
    pub(crate) fn typed(name: &'static str, fields: &Fields) -> Self {
        let unit = fields.text(&format!("{name}-unit")).to_owned();
        Self { name, amount: fields.text(name).to_owned(), unit }
    }

    /// In minutes: nothing where nothing was typed; `Err` where it is no length.
    pub(crate) fn minutes(&self) -> Result<Option<u64>, ()> {
        if self.amount.is_empty() {
            return Ok(None);
        }
        let count: u64 = self.amount.parse::<u32>().map_err(|_| ())?.into();
        let unit = UNITS.iter().find(|(name, ..)| *name == self.unit).ok_or(())?;
        Ok(Some(count * unit.3))
    }

    /// Whether this unit is chosen.
    pub(crate) fn is_in(&self, unit: &str) -> bool {
        self.unit == unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(query: &str) -> Length {
        Length::typed("session", &Fields::read(query.as_bytes()).unwrap())
    }

    #[test]
    fn minutes_are_said_as_people_do() {
        for (minutes, expected) in [
            (480, "8 hours"),
            (60, "1 hour"),
            (90, "90 minutes"),
            (1_440, "1 day"),
            (129_600, "90 days"),
            (1, "1 minute"),
            (0, "0 minutes"),
        ] {
            assert_eq!(said(Language::English, minutes).to_string(), expected);
        }
        assert_eq!(said(Language::German, 1_440).to_string(), "1 Tag");
    }

    #[test]
    fn what_is_in_force_comes_back_as_it_was() {
        for minutes in [15, 60, 480, 1_440, 129_600] {
            assert_eq!(Length::of("session", Some(minutes)).minutes(), Ok(Some(minutes)));
        }
        assert_eq!(Length::of("session", None).minutes(), Ok(None));
    }

    #[test]
    fn what_is_typed_is_a_length_or_refused() {
        assert_eq!(typed("session=2&session-unit=days").minutes(), Ok(Some(2_880)));
        assert_eq!(typed("session=+&session-unit=days").minutes(), Ok(None));
        for wrong in [
            "session=-2&session-unit=days",
            "session=2&session-unit=weeks",
            "session=2",
            "session=two&session-unit=days",
            "session=99999999999&session-unit=days",
        ] {
            assert_eq!(typed(wrong).minutes(), Err(()), "{wrong}");
        }
    }
}
