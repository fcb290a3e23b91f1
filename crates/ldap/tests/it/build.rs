//! Answers as a server would write them, and entries as they come out of them.

use ldap::entry::{Attribute, Entry};
use ldap::message::{Body, Message};

/// An element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(u8::try_from(short).unwrap()),
        long => {
            out.push(0x84);
            out.extend(u32::try_from(long).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

/// Elements in a row.
pub(crate) fn row(elements: &[Vec<u8>]) -> Vec<u8> {
    elements.concat()
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    element(0x04, content)
}

/// A message with this number, body, and whatever follows it.
pub(crate) fn message(id: u8, body: &[u8], rest: &[u8]) -> Vec<u8> {
    element(0x30, &row(&[element(0x02, &[id]), body.to_vec(), rest.to_vec()]))
}

/// How an operation ended.
pub(crate) fn outcome(tag: u8, code: u8, said: &str) -> Vec<u8> {
    element(tag, &row(&[element(0x0a, &[code]), octets(b""), octets(said.as_bytes())]))
}

/// The body of an entry.
pub(crate) fn entry_body(dn: &[u8], attributes: &[(&str, &[&[u8]])]) -> Vec<u8> {
    let list: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(name, values)| {
            let set: Vec<Vec<u8>> = values.iter().map(|value| octets(value)).collect();
            element(0x30, &row(&[octets(name.as_bytes()), element(0x31, &row(&set))]))
        })
        .collect();
    element(0x64, &row(&[octets(dn), element(0x30, &row(&list))]))
}

/// An entry, read from what a server would send.
pub(crate) fn entry(dn: &str, attributes: &[(&str, &[&[u8]])]) -> Entry {
    let bytes = message(1, &entry_body(dn.as_bytes(), attributes), &[]);
    match Message::read(&bytes).unwrap().body {
        Body::Entry(entry) => entry,
        _ => Entry::default(),
    }
}

/// An entry of texts.
pub(crate) fn texts(attributes: &[(&str, &str)]) -> Entry {
    let all = attributes.iter().map(|(name, value)| Attribute::new(*name, vec![value.as_bytes().to_vec()]));
    Entry::new("uid=x,dc=example", all.collect())
}
