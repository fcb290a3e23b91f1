//! Encrypted assertions (XML-Enc, SAML core 2.3.4). Encryption says nothing about who wrote: anybody can encrypt for a certificate that is
//! in metadata. So either the Response is signed around what is encrypted, and what is decrypted is then the text that the signature covers, or what was decrypted
//! is a message like any other: one Assertion that is signed itself. Whatever signatures there are must verify, and one of them there must be.

use roxmltree::Node;

use crate::algorithm::Accepted;
use crate::decryption::{Cipher, DecryptionKey, Transport, decrypt};
use crate::error::Error;
use crate::guard::parse;
use crate::key::PublicKey;
use crate::names::{ASSERTION, DSIG, ELEMENT, ENCRYPTED_KEY, XENC, XENC11};
use crate::reading::{at_most_one, bytes, children, is};
use crate::shape::{self, method_of};
use crate::verify::{Signed, outermost};

/// The most keys that content may be encrypted for: each costs a private operation of each of ours.
const KEYS_MAX: usize = 8;

/// Decrypts the one encrypted assertion of a Response with a key of ours and verifies it, and the Response where that is signed, against
/// `keys` of the sender. The result is read like that of [`crate::verify::verify`].
///
/// The Assertion is parsed by itself: namespaces that only the Response declares are not known in it.
pub fn open(
    message: &str,
    ours: &[DecryptionKey],
    keys: &[PublicKey],
    accepted: Accepted,
) -> Result<Signed, Error> {
    let document = parse(message)?;
    let root = document.root_element();
    let encrypted = shape::encrypted_assertion(root)?;
    // Before a private key is used: what a Response says of its signature must be true.
    let around = outermost(root, &[root], (keys, accepted))?;
    let plain = match &around {
        None => decrypted(encrypted, ours, Accepted::default())?,
        // Of the text that was hashed, and no other: what is decrypted is what the sender signed.
        Some(around) => {
            let document = parse(around.as_str())?;
            decrypted(shape::encrypted_assertion(document.root_element())?, ours, accepted)?
        }
    };
    let text =
        std::str::from_utf8(&plain).map_err(|_| Error::Shape("decrypted content that is not UTF-8"))?;
    let document = parse(text)?;
    let root = document.root_element();
    if !is(root, ASSERTION, "Assertion") {
        return Err(Error::Shape("decrypted content that is not an Assertion"));
    }
    shape::assertion(root)?;
    match (outermost(root, &[root], (keys, accepted))?, around) {
        (Some(signed), _) => Ok(signed),
        (None, Some(_)) => Signed::whole(root),
        (None, None) => Err(Error::Shape(
            "a decrypted Assertion that is not signed itself, in a Response that is not signed either: let the identity provider sign one of them",
        )),
    }
}

/// What was encrypted. `accepted` has AES-CBC only where the sender is known to have written just this.
fn decrypted(
    encrypted: Node<'_, '_>,
    ours: &[DecryptionKey],
    accepted: Accepted,
) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
    let parts = children(encrypted)?;
    let (data, beside): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|node| is(*node, XENC, "EncryptedData"));
    let [data] = data.as_slice() else {
        return Err(Error::Shape("not exactly one EncryptedData in an EncryptedAssertion"));
    };
    if !matches!(data.attribute("Type"), None | Some(ELEMENT)) {
        return Err(Error::Shape("EncryptedData of another type than an element"));
    }
    let found = parts_of(*data)?;
    if !children(found.method)?.is_empty() {
        return Err(Error::Shape("an EncryptionMethod of content with parameters"));
    }
    let cipher = Cipher::find(method_of(found.method)?)?;
    if !cipher.is_authenticated() && !accepted.has_cbc() {
        return Err(Error::Shape(
            "content encrypted with AES-CBC: have the provider use AES-GCM, or let it use AES-CBC by AllowAesCbc and sign the Response around it",
        ));
    }
    let wrapped = wrapped(found.key_info, &beside)?;
    decrypt((cipher, &bytes(found.value)?), &wrapped, ours)
}

/// The keys that the content is encrypted with: in its KeyInfo, or beside it where KeyInfo may point at one. Keys for others may be
/// encrypted otherwise; it is an error only if none can be tried.
fn wrapped(
    key_info: Option<Node<'_, '_>>,
    beside: &[Node<'_, '_>],
) -> Result<Vec<(Transport, Vec<u8>)>, Error> {
    let within = key_info.map(children).transpose()?.unwrap_or_default();
    let pointers: Vec<_> = within.iter().filter(|node| is(**node, DSIG, "RetrievalMethod")).collect();
    let mut keys: Vec<_> = within.iter().copied().filter(|node| is(*node, XENC, "EncryptedKey")).collect();
    match pointers.as_slice() {
        [] => keys.extend(beside),
        [pointer] => keys.push(pointed_at(**pointer, beside)?),
        _ => return Err(Error::Shape("several RetrievalMethod of one key")),
    }
    if keys.len() > KEYS_MAX {
        return Err(Error::Limit("8 encrypted keys"));
    }
    let (mut found, mut refused) = (Vec::new(), None);
    for key in keys {
        match wrapped_key(key) {
            Ok(key) => found.push(key),
            Err(Error::Algorithm(name)) => refused = refused.or(Some(Error::Algorithm(name))),
            Err(other) => return Err(other),
        }
    }
    match refused {
        Some(refused) if found.is_empty() => Err(refused),
        None if found.is_empty() => Err(Error::Shape("an EncryptedData without an EncryptedKey")),
        _ => Ok(found),
    }
}

fn pointed_at<'a, 'i>(pointer: Node<'a, 'i>, beside: &[Node<'a, 'i>]) -> Result<Node<'a, 'i>, Error> {
    let is_of_key = matches!(pointer.attribute("Type"), None | Some(ENCRYPTED_KEY));
    let id = pointer.attribute("URI").and_then(|uri| uri.strip_prefix('#')).filter(|id| !id.is_empty());
    let found = beside.iter().find(|node| id.is_some() && node.attribute("Id") == id);
    match found {
        Some(found) if is_of_key && children(pointer)?.is_empty() => Ok(*found),
        _ => Err(Error::Shape("a RetrievalMethod of something else than an EncryptedKey beside the content")),
    }
}

fn wrapped_key(key: Node<'_, '_>) -> Result<(Transport, Vec<u8>), Error> {
    if !is(key, XENC, "EncryptedKey") {
        return Err(Error::Shape("an unknown element in an EncryptedAssertion"));
    }
    let found = parts_of(key)?;
    let (mut digest, mut mask) = (None, None);
    for parameter in children(found.method)? {
        let place = if is(parameter, DSIG, "DigestMethod") {
            &mut digest
        } else if is(parameter, XENC11, "MGF") {
            &mut mask
        } else {
            return Err(Error::Shape("an unknown parameter of an EncryptionMethod"));
        };
        if place.replace(method_of(parameter)?).is_some() {
            return Err(Error::Shape("two DigestMethod or MGF of one EncryptionMethod"));
        }
    }
    let transport = Transport::find(method_of(found.method)?, digest, mask)?;
    Ok((transport, bytes(found.value)?))
}

/// What EncryptedData and EncryptedKey alike are made of.
struct Parts<'a, 'i> {
    method: Node<'a, 'i>,
    key_info: Option<Node<'a, 'i>>,
    value: Node<'a, 'i>,
}

fn parts_of<'a, 'i>(encrypted: Node<'a, 'i>) -> Result<Parts<'a, 'i>, Error> {
    let known = |node: Node<'_, '_>| {
        // The last two say whom a key is for and what it opens: which of them fits is found by trying.
        let of_encryption =
            ["EncryptionMethod", "CipherData", "EncryptionProperties", "ReferenceList", "CarriedKeyName"];
        is(node, DSIG, "KeyInfo") || of_encryption.iter().any(|name| is(node, XENC, name))
    };
    if !children(encrypted)?.into_iter().all(known) {
        return Err(Error::Shape("an unknown element in EncryptedData or EncryptedKey"));
    }
    let one = |namespace, name| {
        at_most_one(encrypted, (namespace, name), "two of a kind in EncryptedData or EncryptedKey")
    };
    let data = one(XENC, "CipherData")?.ok_or(Error::Shape("encrypted content without CipherData"))?;
    match children(data)?.as_slice() {
        [value] if is(*value, XENC, "CipherValue") => Ok(Parts {
            method: one(XENC, "EncryptionMethod")?
                .ok_or(Error::Shape("encrypted content without EncryptionMethod"))?,
            key_info: one(DSIG, "KeyInfo")?,
            value: *value,
        }),
        _ => Err(Error::Shape("a CipherData is one CipherValue: content that lies elsewhere is not fetched")),
    }
}
