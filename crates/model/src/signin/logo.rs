//! A picture that an administrator gives the pages: PNG, JPEG or WebP by its own first bytes, small, still, and looked at no further. SVG is
//! refused: it is a document, in which scripts, styles and addresses of other hosts may stand.

use crate::fault::Fault;

/// Bytes at most.
pub const LOGO_BYTES_MAX: usize = 65_536;
/// Pixels of a side.
pub const LOGO_SIDE: std::ops::RangeInclusive<u32> = 16..=2_048;

/// What kind of picture it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoKind {
    /// Portable Network Graphics (RFC 2083).
    Png,
    /// JPEG.
    Jpeg,
    /// WebP (RFC 9649).
    Webp,
}

impl LogoKind {
    /// What HTTP calls it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }
}

/// A picture that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    bytes: Vec<u8>,
    kind: LogoKind,
}

impl Logo {
    /// From what was given.
    pub fn new(bytes: Vec<u8>) -> Result<Self, Fault> {
        let refused = |why: String| Fault::validation(format!("Logo {why}"));
        if bytes.is_empty() || bytes.len() > LOGO_BYTES_MAX {
            return Err(refused(format!("must have 1 to {LOGO_BYTES_MAX} bytes, not {}", bytes.len())));
        }
        let Some((kind, found)) = look(&bytes) else {
            return Err(refused(unknown(&bytes).to_owned()));
        };
        let Some(Picture { width, height, moves }) = found else {
            return Err(refused(format!("begins as {} and is none", kind.content_type())));
        };
        if moves {
            return Err(refused(
                "moves: some people cannot read beside what moves. Give a still one".to_owned(),
            ));
        }
        if !LOGO_SIDE.contains(&width) || !LOGO_SIDE.contains(&height) {
            let (low, high) = (LOGO_SIDE.start(), LOGO_SIDE.end());
            return Err(refused(format!(
                "must have {low} to {high} pixels on each side, not {width} x {height}"
            )));
        }
        Ok(Self { bytes, kind })
    }

    /// What kind of picture.
    pub const fn kind(&self) -> LogoKind {
        self.kind
    }

    /// It.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn unknown(bytes: &[u8]) -> &'static str {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii_start().starts_with(b"<") {
        "is SVG or another text, in which scripts and addresses of other hosts may stand. Give PNG, JPEG or WebP"
    } else {
        "is not PNG, JPEG or WebP by its first bytes"
    }
}

struct Picture {
    width: u32,
    height: u32,
    moves: bool,
}

fn look(bytes: &[u8]) -> Option<(LogoKind, Option<Picture>)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some((LogoKind::Png, png(bytes)))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some((LogoKind::Jpeg, jpeg(bytes)))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some((LogoKind::Webp, webp(bytes)))
    } else {
        None
    }
}

/// A number in network order, of at most four bytes.
fn big(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    let bytes = bytes.get(from..from.checked_add(count)?)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// The same, the least byte first.
fn little(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    let bytes = bytes.get(from..from.checked_add(count)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// Chunks of a length, a name, content and a checksum; what moves says so before its pixels (`acTL`).
fn png(bytes: &[u8]) -> Option<Picture> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let (width, height) = (big(bytes, 16, 4)?, big(bytes, 20, 4)?);
    let mut at = 8_usize;
    loop {
        let length = usize::try_from(big(bytes, at, 4)?).ok()?;
        match bytes.get(at.checked_add(4)?..at.checked_add(8)?)? {
            b"IDAT" => return Some(Picture { width, height, moves: false }),
            b"acTL" => return Some(Picture { width, height, moves: true }),
            _ => at = at.checked_add(length)?.checked_add(12)?,
        }
    }
}

/// Segments of a mark and a length; the sides stand in the one that begins a frame (ITU-T T.81, B.2.2).
fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let mut at = 2_usize;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let mark = *bytes.get(at.checked_add(1)?)?;
        match mark {
            0xff => at += 1,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let (height, width) =
                    (big(bytes, at.checked_add(5)?, 2)?, big(bytes, at.checked_add(7)?, 2)?);
                return Some(Picture { width, height, moves: false });
            }
            0xd9 | 0xda => return None,
            _ => {
                let length = usize::try_from(big(bytes, at.checked_add(2)?, 2)?).ok()?;
                at = at.checked_add(2)?.checked_add(length)?;
            }
        }
    }
}

/// RFC 9649: lossy, lossless, or extended.
fn webp(bytes: &[u8]) -> Option<Picture> {
    match bytes.get(12..16)? {
        b"VP8 " if bytes.get(23..26)? == b"\x9d\x01\x2a" => {
            let side = |from| little(bytes, from, 2).map(|side| side & 0x3fff);
            Some(Picture { width: side(26)?, height: side(28)?, moves: false })
        }
        b"VP8L" if *bytes.get(20)? == 0x2f => {
            let bits = little(bytes, 21, 4)?;
            Some(Picture { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1, moves: false })
        }
        b"VP8X" => {
            let moves = *bytes.get(20)? & 0b10 != 0;
            Some(Picture { width: little(bytes, 24, 3)? + 1, height: little(bytes, 27, 3)? + 1, moves })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32, before_pixels: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(before_pixels);
        bytes.extend(b"\0\0\0\0IDAT\0\0\0\0");
        bytes
    }

    fn refused(bytes: Vec<u8>) -> String {
        Logo::new(bytes).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_picture_is_known_by_its_own_bytes() {
        assert_eq!(Logo::new(png_of(64, 32, b"")).unwrap().kind(), LogoKind::Png);
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\0\x20\0\x40\x03".to_vec();
        assert_eq!(Logo::new(jpeg).unwrap().kind(), LogoKind::Jpeg);
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\0\x20\0".to_vec();
        assert_eq!(Logo::new(lossy).unwrap().kind().content_type(), "image/webp");
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x3f\xc0\x0f\0".to_vec();
        assert_eq!(Logo::new(lossless).unwrap().kind(), LogoKind::Webp);
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0".to_vec();
        assert!(Logo::new(extended).is_ok());
    }

    #[test]
    fn what_may_do_more_than_be_looked_at_is_refused_and_says_why() {
        for svg in
            ["<svg xmlns='http://www.w3.org/2000/svg'/>", "\u{feff} \n<?xml version='1.0'?><svg/>", "<html>"]
        {
            assert!(refused(svg.as_bytes().to_vec()).contains("SVG"), "{svg}");
        }
        assert!(refused(b"GIF89a\x40\0\x40\0".to_vec()).contains("is not PNG, JPEG or WebP"));
        assert!(refused(Vec::new()).contains("1 to 65536 bytes, not 0"));
        assert!(refused(vec![0; LOGO_BYTES_MAX + 1]).contains("not 65537"));
        assert!(refused(png_of(15, 64, b"")).contains("16 to 2048 pixels on each side, not 15 x 64"));
        assert!(refused(png_of(64, 4_000_000_000, b"")).contains("not 64 x 4000000000"));
        assert!(refused(png_of(64, 64, b"\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0")).contains("moves"));
        let moving = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x1f\0\0".to_vec();
        assert!(refused(moving).contains("moves"));
    }

    #[test]
    fn a_picture_that_ends_anywhere_is_refused_or_taken_and_never_a_panic() {
        let whole = png_of(64, 64, b"\xff\xff\xff\xfftEXt");
        for pictures in [whole, b"\xff\xd8\xff\xe0\xff\xffab\xff\xc0\0\x11\x08\0\x20\0\x40".to_vec()] {
            for end in 0..=pictures.len() {
                let _ = Logo::new(pictures.get(..end).unwrap_or_default().to_vec());
            }
        }
        assert!(refused(b"\x89PNG\r\n\x1a\n".to_vec()).contains("begins as image/png and is none"));
    }
}
