//! What a form or a query says, by the names of its fields. Text as it was typed: the operation that it is given to judges it.

use edge_portal::form;

/// Bytes of a form of the console at most: the longest policy, each byte of it percent-encoded.
pub(crate) const FORM_MAX: usize = 256 * 1_024;

/// The fields, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// From the text of a form or query; `None` when it is too large or no text.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        form::pairs_within(text, FORM_MAX).map(Self)
    }

    /// What a form begins with.
    pub(crate) fn of<'f>(pairs: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// What was typed in a field, without blanks around it; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.whole(name).trim()
    }

    /// What was typed in a field, to the letter.
    pub(crate) fn whole(&self, name: &str) -> &str {
        form::field(&self.0, name).unwrap_or_default()
    }

    /// [`Self::text`], if there is any.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether there is such a field, empty or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Whether a box is ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.has(name)
    }

    /// Every value of a field that may be there many times, such as the boxes of a list.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All of it.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}
