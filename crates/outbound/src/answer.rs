//! What came back: a status, a kind, and bytes within bounds.

use std::fmt;

use zeroize::Zeroizing;

/// An answer. Its body may hold tokens: it is wiped when dropped, and never printed.
pub struct Answer {
    status: u16,
    media_type: Option<String>,
    body: Zeroizing<Vec<u8>>,
}

impl Answer {
    pub(crate) fn new(status: u16, media_type: Option<String>, body: Zeroizing<Vec<u8>>) -> Self {
        Self { status, media_type, body }
    }

    /// 200 to what was got; to what was posted whatever is no redirect.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether it is from 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The kind that its `Content-Type` claims, in lower case and without parameters: `application/json`. None where it claims none, or several.
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// Its body: as many bytes as were announced, and at most as many as the terms allow.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answer")
            .field("status", &self.status)
            .field("media_type", &self.media_type)
            .field("bytes", &self.body.len())
            .finish()
    }
}
