//! Whose portal it is, as every page shows it: its name, its picture, the style sheet that sets its colour, the line for who needs help. Known
//! until an administrator changes it, so that a page costs no look-up.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use model::directory::identity_store::IdentityStoreId;
use model::id::hex;
use model::signin::portal_settings::{Accent, HelpLink};
use signin::portal_settings::{self, Shown};
use store::db::Store;
use store::generations::{Changes, Known};
use store::tables::Table;

/// What the portal is called where nobody gave it or the instance a name.
const UNNAMED: &str = "Portico";
/// Directories known at most: a server has one.
const KNOWN_MAX: usize = 4;

/// What pages show.
#[derive(Debug, Clone)]
pub struct Brand {
    /// What the portal is called.
    pub name: String,
    /// Whether somebody called it that.
    pub is_named: bool,
    /// The path of the picture.
    pub logo: Option<String>,
    /// What HTTP calls the picture.
    pub logo_type: Option<String>,
    /// The style sheet with the colour.
    pub style: Option<Style>,
    /// The line for who needs help, and where it leads.
    pub help: Option<(Option<String>, Option<HelpLink>)>,
}

/// A style sheet of this portal's own.
#[derive(Debug, Clone)]
pub struct Style {
    /// Where it is, by its content.
    pub path: String,
    /// It.
    pub text: String,
}

/// What is known of whose portal it is.
#[derive(Debug, Clone)]
pub struct Brands(Arc<Known<String, Arc<Brand>>>);

impl Default for Brands {
    fn default() -> Self {
        let from = Changes::to(&[Table::DirectorySettings, Table::Instances]);
        Self(Arc::new(Known::new(from, KNOWN_MAX)))
    }
}

impl Brands {
    /// Whose portal it is. Where the store cannot be asked, nobody's: the page has its own way to say so.
    pub fn of(&self, store: &Store, at: &IdentityStoreId) -> Arc<Brand> {
        let read =
            || store.read(|rx| portal_settings::shown(rx, at)).map(|shown| Some(Arc::new(brand(shown))));
        let found = self.0.find(store.generations(), at.as_str(), read);
        found.ok().flatten().unwrap_or_else(|| Arc::new(brand(Shown::default())))
    }
}

fn brand(shown: Shown) -> Brand {
    let Shown { settings, name, logo } = shown;
    let style = settings.accents().map(|(light, dark)| style(light, dark));
    let has_help = settings.help_text.is_some() || settings.help_link.is_some();
    Brand {
        is_named: name.is_some(),
        name: name.unwrap_or_else(|| UNNAMED.to_owned()),
        logo: logo.as_ref().map(|logo| format!("/assets/{}/logo", logo.hash)),
        logo_type: logo.map(|logo| logo.content_type),
        style,
        help: has_help.then_some((settings.help_text, settings.help_link)),
    }
}

/// After the one style sheet, which names these colours.
fn style(light: Accent, dark: Accent) -> Style {
    let colours = |Accent { accent, over, ink, wash }: Accent| {
        format!(":root {{ --accent: {accent}; --accent-over: {over}; --accent-ink: {ink}; --wash: {wash}; }}")
    };
    let text = format!("{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", colours(light), colours(dark));
    let hash: String = hex(digest(&SHA256, text.as_bytes()).as_ref()).chars().take(16).collect();
    Style { path: format!("/assets/{hash}/brand.css"), text }
}

#[cfg(test)]
mod tests {
    use model::signin::portal_settings::{DARK_PAPERS, LIGHT_PAPERS};

    #[test]
    fn the_style_sheet_has_the_papers_that_colours_are_held_to() {
        let css = include_str!("../assets/portico.css");
        let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
        for (papers, text) in [(LIGHT_PAPERS, light), (DARK_PAPERS, dark)] {
            for (name, paper) in ["paper", "card", "soft"].iter().zip(papers) {
                assert!(text.contains(&format!("--{name}: {paper};")), "--{name}: {paper}");
            }
        }
    }
}
