//! What the settings of sources have in common: lists with an end, names that can be read, domains. Each refusal names the field.

use crate::fault::Fault;

/// Refuses more entries than there may be.
pub(crate) fn most(field: &str, found: usize, most: usize) -> Result<(), Fault> {
    if found <= most {
        Ok(())
    } else {
        Err(Fault::validation(format!("{field} has {found} entries, {most} at most")))
    }
}

/// Refuses an entry that is there twice.
pub(crate) fn unique<'a>(field: &str, all: impl Iterator<Item = &'a str>) -> Result<(), Fault> {
    let mut seen = std::collections::HashSet::new();
    for one in all {
        if !seen.insert(one) {
            return Err(Fault::validation(format!("{field} has {one} twice")));
        }
    }
    Ok(())
}

/// A name without white space around it; refuses one that is empty, too long, or holds what cannot be seen.
pub(crate) fn called(field: &str, text: &str, most: usize) -> Result<String, Fault> {
    let (text, length) = (text.trim().to_owned(), text.trim().chars().count());
    if length == 0 || length > most || text.chars().any(char::is_control) {
        return Err(Fault::validation(format!(
            "{field} must have 1 to {most} characters and none that cannot be seen; it has {length}"
        )));
    }
    Ok(text)
}

/// A domain in lower case; refuses what is none.
pub(crate) fn checked_domain(domain: &str) -> Result<String, Fault> {
    let domain = domain.trim().trim_start_matches('@').to_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    if domain.len() > 253 || !domain.split('.').all(label) {
        return Err(Fault::validation(format!("Domains: {domain} is not a domain such as example.com")));
    }
    Ok(domain)
}
