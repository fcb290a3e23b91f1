//! The languages that there are, and which of them a browser asks for (RFC 9110 §12.5.4).

use std::cmp::Ordering;
use std::sync::LazyLock;

use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use http::{HeaderMap, header};
use unic_langid::LanguageIdentifier;

/// So many languages of a header are looked at: nobody reads more.
const RANGES_MAX: usize = 32;

/// A language that pages are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// What whoever asks for none of the others gets.
    English,
    /// German.
    German,
}

static IDENTIFIERS: LazyLock<Vec<LanguageIdentifier>> =
    LazyLock::new(|| Language::ALL.into_iter().map(Language::identifier).collect());

impl Language {
    /// All of them, in the order in which they are preferred to each other.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// What HTML and HTTP call it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What Fluent calls it.
    pub(crate) fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }

    /// The one that a browser asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let all = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let readable: Vec<&str> = all.filter_map(|value| value.to_str().ok()).collect();
        Self::wanted(&readable.join(","))
    }

    fn wanted(header: &str) -> Self {
        let mut ranges: Vec<Range<'_>> = header.split(',').take(RANGES_MAX).filter_map(Range::read).collect();
        ranges.sort_by(Range::preferred);
        let named: Vec<LanguageIdentifier> =
            ranges.iter().filter_map(|range| range.name.parse().ok()).collect();
        let wanted: Vec<LanguageIdentifier> = ranges
            .iter()
            .filter(|range| range.quality > 0.0)
            .flat_map(|range| match range.name {
                "*" => others(&named),
                name => name.parse().into_iter().collect(),
            })
            .collect();
        let english = Self::English.identifier();
        let found = negotiate_languages(&wanted, &IDENTIFIERS, Some(&english), NegotiationStrategy::Lookup);
        let found = found.first().map(|found| found.language.as_str());
        Self::ALL.into_iter().find(|language| Some(language.tag()) == found).unwrap_or(Self::English)
    }
}

/// The languages that `*` stands for: those that the header does not name.
fn others(named: &[LanguageIdentifier]) -> Vec<LanguageIdentifier> {
    let is_named = |other: &LanguageIdentifier| named.iter().any(|named| named.language == other.language);
    IDENTIFIERS.iter().filter(|other| !is_named(other)).cloned().collect()
}

/// A language of the header, and how much it is wanted.
struct Range<'h> {
    name: &'h str,
    quality: f32,
}

impl<'h> Range<'h> {
    fn read(text: &'h str) -> Option<Self> {
        let (name, weight) = text.split_once(';').unwrap_or((text, "q=1"));
        let quality: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
        (0.0..=1.0).contains(&quality).then(|| Self { name: name.trim(), quality })
    }

    /// The more wanted first; of two that are wanted alike the one that was named first.
    fn preferred(&self, other: &Self) -> Ordering {
        other.quality.total_cmp(&self.quality)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_browser_chooses_the_language() {
        let long = "xx;q=0.5,".repeat(1_200);
        for (asked, expected) in [
            ("de", Language::German),
            ("de-AT", Language::German),
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("DE-de", Language::German),
            ("de-Latn-CH-1996", Language::German),
            ("en-US,en;q=0.9,de;q=0.8", Language::English),
            ("de;q=0.8, en;q=0.9", Language::English),
            ("de; q=0.9 , en ;q=0.8", Language::German),
            ("de,en", Language::German),
            ("en,de", Language::English),
            ("fr,de;q=0.1", Language::German),
            ("fr, ja;q=0.5", Language::English),
            ("*", Language::English),
            ("fr, *;q=0.5", Language::English),
            ("en;q=0.1, *;q=0.9", Language::German),
            ("en;q=0, *", Language::German),
            ("de;q=0, *", Language::English),
            ("de;q=0", Language::English),
            ("de;q=0.000, en;q=0.001", Language::English),
            ("", Language::English),
            (",,;;q=,=", Language::English),
            ("de;q=2", Language::English),
            ("de;q=-1", Language::English),
            ("de;q=NaN", Language::English),
            ("de;q=inf", Language::English),
            ("de;level=1", Language::English),
            ("../../../etc/passwd", Language::English),
            ("deutsch", Language::English),
            (&long, Language::English),
        ] {
            assert_eq!(Language::wanted(asked), expected, "{asked}");
        }
        assert!(long.len() > 10_000);
        // What comes after so many is not read.
        assert_eq!(Language::wanted(&format!("{long}de")), Language::English);
    }

    #[test]
    fn of_several_headers_all_are_read_and_of_none_english_follows() {
        let mut headers = HeaderMap::new();
        assert_eq!(Language::of(&headers), Language::English);
        headers.append(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en;q=0.5"));
        headers.append(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
        assert_eq!(Language::of(&headers), Language::German);
        let garbled = HeaderValue::from_bytes(b"de\xff\xfe").expect("a value");
        headers.insert(header::ACCEPT_LANGUAGE, garbled);
        assert_eq!(Language::of(&headers), Language::English);
    }
}
