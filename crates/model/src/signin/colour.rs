//! A colour of the pages, and how well it reads on another (WCAG 2.2, contrast ratio). Knows nothing of which colours the pages have.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An opaque colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// From its three parts.
    pub const fn of(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// From `#` and six hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok().filter(|_| number)?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126_f64.mul_add(red, 0.7152_f64.mul_add(green, 0.0722 * blue))
    }

    /// The contrast of the two, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    /// The least contrast with any of these.
    pub fn least_contrast(self, with: &[Self]) -> Option<(f64, Self)> {
        let all = with.iter().map(|other| (self.contrast(*other), *other));
        all.min_by(|one, two| one.0.total_cmp(&two.0))
    }

    /// This with so many hundredths of another in it; all of it from 100 on.
    #[must_use]
    pub fn mixed(self, other: Self, hundredths: u8) -> Self {
        let share = u16::from(hundredths.min(100));
        let mut parts = [0; 3];
        for ((part, own), others) in parts.iter_mut().zip(self.0).zip(other.0) {
            let sum = u16::from(own) * (100 - share) + u16::from(others) * share;
            *part = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(parts)
    }

    /// The first of this, mixed more and more with `other`, that has this contrast with each of these.
    #[must_use]
    pub fn until_it_reads(self, on: &[Self], least: f64, other: Self) -> Self {
        let reads = |colour: &Self| colour.least_contrast(on).is_none_or(|(ratio, _)| ratio >= least);
        (0..100).map(|share| self.mixed(other, share)).find(reads).unwrap_or(other)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(out, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no colour such as #1d5c83"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits_and_nothing_else() {
        assert_eq!(Colour::parse("#1D5c83").map(String::from), Some("#1d5c83".to_owned()));
        for bad in ["", "#", "1d5c83", "#1d5c8", "#1d5c833", "#1d5c8g", "#+d5c83", "#1d5c8é", "red", "#fff"]
        {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let ratio = |one, two| (Colour::contrast(one, two) * 100.0).round() / 100.0;
        assert!((ratio(Colour::WHITE, Colour::BLACK) - 21.0).abs() < f64::EPSILON);
        // The grey that just passes on white (W3C, Understanding 1.4.3), and the next lighter one.
        assert!(Colour::of(0x76, 0x76, 0x76).contrast(Colour::WHITE) >= 4.5);
        assert!(Colour::of(0x77, 0x77, 0x77).contrast(Colour::WHITE) < 4.5);
    }

    #[test]
    fn what_does_not_read_is_mixed_until_it_does() {
        let yellow = Colour::of(0xff, 0xcc, 0x00);
        let darker = yellow.until_it_reads(&[Colour::WHITE], 4.5, Colour::BLACK);
        assert!(darker.contrast(Colour::WHITE) >= 4.5 && darker != Colour::BLACK, "{darker}");
        assert_eq!(yellow.until_it_reads(&[Colour::BLACK], 4.5, Colour::WHITE), yellow);
    }
}
