//! Whose pages they are: the name, the picture and the colour that people know their organization by, and where they find help. Constructors
//! validate; a colour that somebody could not read is refused with the ratio that it has.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::signin::colour::Colour;
use crate::signin::letter::MailAddress;

/// Characters of the portal's name.
pub const NAME_MAX: usize = 64;
/// Characters of the help line, and of the address behind it.
pub const HELP_TEXT_MAX: usize = 200;
/// Characters of the address.
pub const HELP_LINK_MAX: usize = 512;
/// What text must have with what it stands on (WCAG 2.2, 1.4.3).
pub const TEXT_CONTRAST: f64 = 4.5;

/// What the accent colour is written on by day: page, card, quiet surface. `assets/portico.css` of the pages says the same.
pub const LIGHT_PAPERS: [Colour; 3] =
    [Colour::of(0xf6, 0xf5, 0xf1), Colour::of(0xff, 0xff, 0xff), Colour::of(0xed, 0xf2, 0xf5)];
/// By night.
pub const DARK_PAPERS: [Colour; 3] =
    [Colour::of(0x12, 0x16, 0x1c), Colour::of(0x1a, 0x20, 0x29), Colour::of(0x20, 0x28, 0x33)];

/// What an administrator decided. What is absent is as it is by default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PortalSettings {
    /// What the portal is called.
    pub name: Option<String>,
    /// The colour of links and buttons by day.
    pub accent_color: Option<Colour>,
    /// By night; without it the other, lightened until it reads.
    pub accent_color_dark: Option<Colour>,
    /// A line of plain text for who needs help.
    pub help_text: Option<String>,
    /// An address of https or mailto.
    pub help_link: Option<HelpLink>,
}

impl PortalSettings {
    /// Refuses what cannot be shown or read.
    pub fn checked(self) -> Result<Self, Fault> {
        for (field, text, most) in
            [("Name", &self.name, NAME_MAX), ("HelpText", &self.help_text, HELP_TEXT_MAX)]
        {
            if let Some(text) = text {
                line(field, text, most)?;
            }
        }
        for (field, colour, papers, toward) in [
            ("AccentColor", self.accent_color, LIGHT_PAPERS, Colour::BLACK),
            ("AccentColorDark", self.accent_color_dark, DARK_PAPERS, Colour::WHITE),
        ] {
            if let Some(colour) = colour {
                readable(field, colour, &papers, toward)?;
            }
        }
        Ok(self)
    }

    /// The two colours that pages have, by day and by night; none: their own.
    pub fn accents(&self) -> Option<(Accent, Accent)> {
        let given = (self.accent_color, self.accent_color_dark);
        let (light, dark) = match given {
            (None, None) => return None,
            (Some(light), Some(dark)) => (light, dark),
            (Some(one), None) | (None, Some(one)) => (one, one),
        };
        let light = light.until_it_reads(&LIGHT_PAPERS, TEXT_CONTRAST, Colour::BLACK);
        let dark = dark.until_it_reads(&DARK_PAPERS, TEXT_CONTRAST, Colour::WHITE);
        Some((
            Accent::on(light, LIGHT_PAPERS[1], (Colour::BLACK, Colour::WHITE)),
            Accent::on(dark, DARK_PAPERS[1], (Colour::WHITE, Colour::of(0x0c, 0x17, 0x20))),
        ))
    }
}

/// The colour of links and buttons, and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// It.
    pub accent: Colour,
    /// Under the pointer.
    pub over: Colour,
    /// What is written on both.
    pub ink: Colour,
    /// A surface that is only touched by it, on which it is written.
    pub wash: Colour,
}

impl Accent {
    fn on(accent: Colour, card: Colour, (stronger, ink): (Colour, Colour)) -> Self {
        let reads = |wash: &Colour| accent.contrast(*wash) >= TEXT_CONTRAST;
        let wash = (0..=12).rev().map(|share| card.mixed(accent, share)).find(reads).unwrap_or(card);
        Self { accent, over: accent.mixed(stronger, 16), ink, wash }
    }
}

fn line(field: &str, text: &str, most: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    if !(1..=most).contains(&length) {
        return Err(Fault::validation(format!("{field} must have 1 to {most} characters, not {length}")));
    }
    // The marks that show text backwards would let a name say another (CVE-2021-42574).
    let turns =
        |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    if text.chars().any(|c| c.is_control() || turns(c)) || text.trim() != text {
        return Err(Fault::validation(format!(
            "{field} must be one line without control characters or marks of direction, and without spaces around it"
        )));
    }
    Ok(())
}

fn readable(field: &str, colour: Colour, papers: &[Colour], toward: Colour) -> Result<(), Fault> {
    let Some((ratio, paper)) = colour.least_contrast(papers).filter(|(ratio, _)| *ratio < TEXT_CONTRAST)
    else {
        return Ok(());
    };
    let near = colour.until_it_reads(papers, TEXT_CONTRAST, toward);
    // Rounded down: what is said must not look like enough.
    let ratio = (ratio * 100.0).floor() / 100.0;
    Err(Fault::validation(format!(
        "{field} {colour} has a contrast of {ratio:.2}:1 with {paper}, on which links are written in it, and needs {TEXT_CONTRAST}:1. The nearest that has it is {near}"
    )))
}

/// An address that a page may link to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HelpLink(String);

impl HelpLink {
    /// From `https://host…` or `mailto:name@host`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refused = |why: &str| Fault::validation(format!("HelpLink {why}"));
        let length = text.chars().count();
        if length > HELP_LINK_MAX {
            return Err(refused(&format!("must have at most {HELP_LINK_MAX} characters, not {length}")));
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'`'))
        {
            return Err(refused("must be ASCII without spaces, quotes or brackets: write others as %XX"));
        }
        if let Some(address) = text.strip_prefix("mailto:") {
            MailAddress::parse(address).map_err(|fault| refused(&format!("{text}: {}", fault.message())))?;
            return Ok(Self(text.to_owned()));
        }
        let Some(rest) = text.strip_prefix("https://") else {
            return Err(refused("must begin with https:// or mailto:"));
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // Before an @ stands a name that looks like a host.
        if authority.is_empty() || authority.contains('@') || authority.starts_with([':', '.']) {
            return Err(refused("must name a host behind https://, and nobody before it"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it.
    pub fn shown(&self) -> &str {
        let shown = self.0.strip_prefix("mailto:").or_else(|| self.0.strip_prefix("https://"));
        shown.unwrap_or(&self.0).trim_end_matches('/')
    }
}

impl fmt::Display for HelpLink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<HelpLink> for String {
    fn from(link: HelpLink) -> Self {
        link.0
    }
}

impl TryFrom<String> for HelpLink {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|fault| fault.message().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(light: Option<&str>, dark: Option<&str>) -> PortalSettings {
        let colour = |text: Option<&str>| text.map(|text| Colour::parse(text).unwrap());
        PortalSettings {
            accent_color: colour(light),
            accent_color_dark: colour(dark),
            ..PortalSettings::default()
        }
    }

    #[test]
    fn a_colour_that_cannot_be_read_is_refused_with_its_ratio_and_the_nearest_that_can() {
        let told = of(Some("#ffcc00"), None).checked().unwrap_err();
        let why = "AccentColor #ffcc00 has a contrast of 1.34:1 with #edf2f5, on which links are written in it, and needs 4.5:1. The nearest that has it is #";
        assert!(told.message().starts_with(why), "{told}");
        let near = Colour::parse(told.message().rsplit(' ').next().unwrap()).unwrap();
        assert!(of(Some(&near.to_string()), None).checked().is_ok());
        let told = of(None, Some("#1d5c83")).checked().unwrap_err();
        assert!(told.message().starts_with("AccentColorDark #1d5c83 has a contrast of 2."), "{told}");
        assert!(of(Some("#1d5c83"), Some("#86bde0")).checked().is_ok());
    }

    #[test]
    fn whatever_colour_is_given_reads_on_every_surface_of_both_themes() {
        let hues = (0..=0xff).step_by(15);
        let colours = hues.flat_map(|hue| {
            [Colour::of(hue, 40, 255 - hue), Colour::of(255, hue, hue / 2), Colour::of(hue, hue, hue)]
        });
        for given in colours {
            let (light, dark) = of(Some(&given.to_string()), None).accents().unwrap();
            for (accent, papers) in [(light, LIGHT_PAPERS), (dark, DARK_PAPERS)] {
                let mut on = papers.into_iter().chain([accent.wash]);
                let faint = on.find(|paper| accent.accent.contrast(*paper) < TEXT_CONTRAST);
                assert_eq!(faint, None, "{given}: {accent:?}");
                let mut under = [accent.accent, accent.over].into_iter();
                assert!(
                    under.all(|under| accent.ink.contrast(under) >= TEXT_CONTRAST),
                    "{given}: {accent:?}"
                );
            }
        }
        assert_eq!(of(None, None).accents(), None);
    }

    #[test]
    fn a_link_for_help_leads_by_https_or_to_a_mailbox() {
        for good in
            ["https://help.acme.example/sign-in?x=1#y", "https://10.0.0.1:8443", "mailto:it@acme.example"]
        {
            assert_eq!(HelpLink::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(HelpLink::parse("https://help.acme.example/").unwrap().shown(), "help.acme.example");
        for bad in [
            "",
            "http://help.acme.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "//help.acme.example",
            "https://",
            "https:///x",
            "https://acme.example@evil.example/",
            "https://help.acme.example/a b",
            "https://help.acme.example/\"x",
            "mailto:",
            "mailto:it@acme.example?subject=x",
            "mailto:it@acme.example,all@acme.example",
            "HTTPS://help.acme.example",
        ] {
            assert!(HelpLink::parse(bad).is_err(), "{bad}");
        }
        let long = format!("https://help.acme.example/{}", "a".repeat(HELP_LINK_MAX));
        assert!(HelpLink::parse(&long).unwrap_err().message().contains("at most 512 characters, not 538"));
    }

    #[test]
    fn a_name_is_one_line() {
        let named = |name: &str| PortalSettings { name: Some(name.to_owned()), ..PortalSettings::default() };
        assert!(named("Acme Größe & Söhne <b>").checked().is_ok());
        for bad in ["", " Acme", "Acme\n", "a\u{202e}b", "a\u{0}"] {
            assert!(named(bad).checked().is_err(), "{bad:?}");
        }
        assert!(
            named(&"é".repeat(65)).checked().unwrap_err().message().contains("1 to 64 characters, not 65")
        );
    }
}
