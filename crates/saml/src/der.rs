//! The little DER that a certificate's key and dates need. Whoever issued the certificate is passed over.

pub(crate) const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;

/// The parts of a certificate that count here.
pub(crate) struct Parts<'a> {
    /// The contents of `Validity`.
    pub(crate) validity: &'a [u8],
    /// `SubjectPublicKeyInfo`, whole.
    pub(crate) spki: &'a [u8],
}

/// The first DER element of `der` if it has the tag: its content, itself whole, and what follows it.
pub(crate) fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8], &[u8])> {
    any(der).filter(|_| der.first() == Some(&tag))
}

/// The same for any tag.
pub(crate) fn any(der: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (_, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest
            .split_at_checked(usize::from(first & 0x7f))
            .filter(|(bytes, _)| (1..=3).contains(&bytes.len()))?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    let whole = der.get(..der.len() - after.len())?;
    Some((content, whole, after))
}

/// Certificate → TBSCertificate → version, serialNumber, signature, issuer, **validity**, subject, **subjectPublicKeyInfo** (RFC 5280 4.1).
pub(crate) fn certificate(der: &[u8]) -> Option<Parts<'_>> {
    let (content, _, rest) = element(der, SEQUENCE)?;
    let (tbs, _, _) = element(content, SEQUENCE).filter(|_| rest.is_empty())?;
    let tbs = element(tbs, VERSION).map_or(tbs, |(_, _, rest)| rest);
    let (_, _, rest) = element(tbs, INTEGER)?;
    let (_, _, rest) = element(rest, SEQUENCE)?;
    let (_, _, rest) = element(rest, SEQUENCE)?;
    let (validity, _, rest) = element(rest, SEQUENCE)?;
    let (_, _, rest) = element(rest, SEQUENCE)?;
    element(rest, SEQUENCE).map(|(_, spki, _)| Parts { validity, spki })
}
