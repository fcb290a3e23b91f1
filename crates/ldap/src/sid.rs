//! Security identifiers of Windows (MS-DTYP §2.4.2.2), as far as the primary group of a person needs them.

use std::fmt;

/// Numbers behind the authority at most.
const NUMBERS_MAX: usize = 15;

/// A security identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sid {
    authority: u64,
    numbers: Vec<u32>,
}

impl Sid {
    /// Reads the value of `objectSid`.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(8)?;
        let (&revision, &count) = (head.first()?, head.get(1)?);
        let count = usize::from(count);
        if revision != 1 || count > NUMBERS_MAX || rest.len() != count * 4 {
            return None;
        }
        let authority = head.iter().skip(2).fold(0, |number, byte| (number << 8) | u64::from(*byte));
        let (words, _) = rest.as_chunks::<4>();
        Some(Self { authority, numbers: words.iter().map(|word| u32::from_le_bytes(*word)).collect() })
    }

    /// That of another principal of the same domain.
    pub fn sibling(&self, relative: u32) -> Option<Self> {
        let (_, domain) = self.numbers.split_last()?;
        let numbers = domain.iter().copied().chain([relative]).collect();
        Some(Self { authority: self.authority, numbers })
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "S-1-{}", self.authority)?;
        self.numbers.iter().try_for_each(|number| write!(out, "-{number}"))
    }
}
