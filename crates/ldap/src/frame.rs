//! Where a message ends in what has come so far, before anything of it is read. A server cannot have us hold more than the bound.

use crate::ber;
use crate::malformed::Malformed;

/// How many bytes the first message has; none while that cannot be known. Whether all of them have come is the caller's to see.
pub fn length(buffer: &[u8], bytes_max: usize) -> Result<Option<usize>, Malformed> {
    if buffer.first().is_some_and(|tag| *tag != ber::SEQUENCE) {
        return Err(Malformed("a message that does not begin as one"));
    }
    let Some((_, head, content)) = ber::head(buffer)? else { return Ok(None) };
    let length = head.saturating_add(content);
    if length > bytes_max {
        Err(Malformed("a message that is longer than is taken"))
    } else {
        Ok(Some(length))
    }
}
