//! An entry as a server sent it: its name and attributes, every value as bytes. What a value means, the reader of it says.

use crate::ber::{self, Reader, SEQUENCE, SET};
use crate::malformed::Malformed;

/// Values and attributes of one entry at most: an empty value takes two bytes on its way and twelve times as many here.
const VALUES_MAX: usize = 1_000_000;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its distinguished name as the server wrote it.
    pub dn: String,
    attributes: Vec<Attribute>,
}

/// An attribute with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, without options.
    pub name: String,
    /// Which of the values these are, where the server did not send all: the first, and the last or none where it is the end (MS-ADTS §3.1.1.3.1.3.3).
    pub range: Option<Range>,
    /// The values.
    pub values: Vec<Vec<u8>>,
}

/// A part of the values of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The place of the first of them.
    pub first: u32,
    /// The place of the last of them; none where these are the last that there are.
    pub last: Option<u32>,
}

impl Entry {
    /// One that is made here, for tests and for what is asked by name.
    pub fn new(dn: impl Into<String>, attributes: Vec<Attribute>) -> Self {
        Self { dn: dn.into(), attributes }
    }

    /// Reads what is inside of a SearchResultEntry (RFC 4511 §4.5.2).
    pub(crate) fn read(mut inside: Reader<'_>) -> Result<Self, Malformed> {
        let dn = inside.text()?.to_owned();
        let mut list = inside.inside(SEQUENCE)?;
        let (mut attributes, mut count) = (Vec::new(), 0_usize);
        let mut one_more = || {
            count += 1;
            if count > VALUES_MAX { Err(Malformed("an entry of more than a million values")) } else { Ok(()) }
        };
        while !list.is_empty() {
            one_more()?;
            let mut one = list.inside(SEQUENCE)?;
            let description = ber::text(one.octets()?)?;
            let mut set = one.inside(SET)?;
            let mut values = Vec::new();
            while !set.is_empty() {
                one_more()?;
                values.push(set.octets()?.to_vec());
            }
            attributes.extend(Attribute::described(description, values));
        }
        Ok(Self { dn, attributes })
    }

    /// How much it takes to hold it, roughly, in bytes.
    pub fn size(&self) -> usize {
        self.dn.len() + self.attributes.iter().map(Attribute::size).sum::<usize>()
    }

    /// The attributes, in the order in which they came.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The values of an attribute; none of it where there is none.
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attribute(name).map(|attribute| attribute.values.as_slice()).unwrap_or_default()
    }

    /// An attribute that has values, by its name: case does not count. AD sends `member` without values beside `member;range=0-1499`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name) && !attribute.values.is_empty())
    }

    /// Its first value.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.values(name).first().map(Vec::as_slice)
    }

    /// Its first value that is text and not only of spaces, without those around it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    /// All of its values that are such text. What is not UTF-8 is no text.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values(name)
            .iter()
            .filter_map(|value| std::str::from_utf8(value).ok())
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// Its first value as a number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// Its first value as a truth value (RFC 4517 §3.3.3); servers write either case.
    pub fn is_true(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Puts what came later of an attribute that came in parts behind what is there.
    pub fn append(&mut self, name: &str, more: Attribute) {
        match self
            .attributes
            .iter_mut()
            .find(|one| one.name.eq_ignore_ascii_case(name) && !one.values.is_empty())
        {
            Some(attribute) => {
                attribute.values.extend(more.values);
                attribute.range = more.range;
            }
            None => self.attributes.push(more),
        }
    }
}

impl Attribute {
    /// How much it takes to hold it, roughly, in bytes.
    pub fn size(&self) -> usize {
        let values = self.values.iter().map(|value| size_of::<Vec<u8>>() + value.len());
        size_of::<Self>() + self.name.len() + values.sum::<usize>()
    }

    /// An attribute without options.
    pub fn new(name: impl Into<String>, values: Vec<Vec<u8>>) -> Self {
        Self { name: name.into(), range: None, values }
    }

    /// By its description, which may hold options. Values in some language (`cn;lang-de`) are others than those without, and nobody asked for them.
    fn described(description: &str, values: Vec<Vec<u8>>) -> Option<Self> {
        let mut words = description.split(';');
        let name = words.next().unwrap_or_default().to_owned();
        let mut range = None;
        for option in words {
            if option.eq_ignore_ascii_case("binary") {
                continue;
            }
            range = Some(Range::parse(option)?);
        }
        Some(Self { name, range, values })
    }
}

impl Range {
    /// `range=0-1499` or `range=1500-*`.
    fn parse(option: &str) -> Option<Self> {
        let (key, bounds) = option.split_once('=')?;
        let (first, last) = bounds.split_once('-')?;
        if !key.eq_ignore_ascii_case("range") {
            return None;
        }
        let first = first.parse().ok()?;
        let last = if last == "*" { None } else { Some(last.parse().ok().filter(|last| *last >= first)?) };
        Some(Self { first, last })
    }

    /// Where the next part begins; none after the last.
    pub fn next(self) -> Option<u32> {
        self.last?.checked_add(1)
    }
}
