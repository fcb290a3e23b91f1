//! What others said, made fit for a message: one line, short, nothing that moves a cursor.

/// Characters that are kept.
const SAID_MAX: usize = 300;

/// One line, cut where it is long.
pub(crate) fn short(said: &str) -> String {
    let spaced: String = said.chars().map(|kept| if is_harmless(kept) { kept } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SAID_MAX).collect()
}

/// No control character, nor one that turns the direction of what follows (Unicode's bidirectional formatting) or is not seen.
fn is_harmless(kept: char) -> bool {
    !kept.is_control()
        && !matches!(kept, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
