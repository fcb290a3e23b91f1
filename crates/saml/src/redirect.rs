//! The HTTP-Redirect binding (SAML bindings 3.4): a message in a query string, packed with DEFLATE, signed outside of its text. The
//! signature is over the octets of the query string as its writer encoded them, so that reading begins with the raw text and decodes only
//! what it does not need to verify. Knows no HTTP: a location and a query string are texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::algorithm::{Accepted, Algorithm};
use crate::envelope::{Envelope, Kind};
use crate::error::Error;
use crate::guard::{BYTES_MAX, parse};
use crate::key::{PublicKey, SigningKey};
use crate::names::DEFLATE;
use crate::reading::{address, base64};
use crate::shape;
use crate::verify::Signed;

/// What is escaped of a value: all but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The longest RelayState that is written, bytes: the binding's own limit (3.4.3).
const RELAY_STATE_WRITTEN_MAX: usize = 80;
/// The longest that is read. Identity providers break the limit of 80 with the address of a page that a person is to arrive at.
const RELAY_STATE_READ_MAX: usize = 2_048;

const RELAY_STATE: &str = "RelayState";
const SIGNATURE_ALGORITHM: &str = "SigAlg";
const SIGNATURE: &str = "Signature";
const ENCODING: &str = "SAMLEncoding";
/// Every parameter of the binding.
const PARAMETERS: [&str; 6] =
    ["SAMLRequest", "SAMLResponse", RELAY_STATE, SIGNATURE_ALGORITHM, SIGNATURE, ENCODING];

/// The parameter that a message travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `SAMLRequest`
    Request,
    /// `SAMLResponse`
    Response,
}

impl Parameter {
    /// Its name, in a query string and in a form alike.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message to send.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The receiver's address: https or http, without a fragment. It may have a query of its own.
    pub location: &'a str,
    /// What the message is.
    pub parameter: Parameter,
    /// Its text, without a signature in it.
    pub message: &'a str,
    /// What the receiver is to give back, 80 bytes at most. People see it: nothing secret, and nothing that is trusted when it returns.
    /// Letters, digits, `-`, `.` and `_` are the safe choice: pysaml2 and others decode a query string and encode it anew, their way,
    /// before they verify.
    pub relay_state: Option<&'a str>,
}

impl Outgoing<'_> {
    /// The address that the browser is sent to.
    pub fn url(&self) -> Result<String, Error> {
        Ok(format!("{}{}", self.start()?, self.parameters()?))
    }

    /// The same, signed.
    pub fn signed_url(&self, key: &SigningKey) -> Result<String, Error> {
        let algorithm = pair(SIGNATURE_ALGORITHM, key.algorithm());
        let octets = format!("{}&{algorithm}", self.parameters()?);
        let signature = STANDARD.encode(key.sign(octets.as_bytes())?);
        Ok(format!("{}{octets}&{}", self.start()?, pair(SIGNATURE, &signature)))
    }

    /// The location up to where parameters follow.
    fn start(&self) -> Result<String, Error> {
        let location = address(self.location)?;
        if location.contains('#') {
            return Err(Error::Shape("a Location with a fragment: a query string cannot follow it"));
        }
        let Some((_, query)) = location.split_once('?') else { return Ok(format!("{location}?")) };
        let taken = |pair: &str| known(pair.split_once('=').map_or(pair, |(name, _)| name));
        for pair in query.split('&') {
            if taken(pair)?.is_some() {
                return Err(Error::Shape("a Location whose query has a parameter of the binding already"));
            }
        }
        let joint = if query.is_empty() || query.ends_with('&') { "" } else { "&" };
        Ok(format!("{location}{joint}"))
    }

    /// The message and the RelayState, as they are signed.
    fn parameters(&self) -> Result<String, Error> {
        let message = pair(self.parameter.name(), &STANDARD.encode(deflate(self.message)?));
        match self.relay_state {
            None => Ok(message),
            Some(state) if state.len() > RELAY_STATE_WRITTEN_MAX => {
                Err(Error::Limit("80 bytes of RelayState"))
            }
            Some(state) => Ok(format!("{message}&{}", pair(RELAY_STATE, state))),
        }
    }
}

/// A message that came in a query string. Nothing of it is proved before [`Received::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    parameter: Parameter,
    message: String,
    relay_state: Option<String>,
    seal: Option<Seal>,
}

/// The signature of a query string.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seal {
    /// What is signed, to the octet as it came.
    octets: String,
    algorithm: String,
    signature: Vec<u8>,
}

impl Received {
    /// From a query string as it came, without its `?`. Parameters that are not of the binding are passed over.
    pub fn read(query: &str) -> Result<Self, Error> {
        if query.len() > BYTES_MAX {
            return Err(Error::Limit("256 KiB of query string"));
        }
        let raw = Raw::read(query)?;
        let (parameter, packed) = match (raw.of("SAMLRequest"), raw.of("SAMLResponse")) {
            (Some(packed), None) => (Parameter::Request, packed),
            (None, Some(packed)) => (Parameter::Response, packed),
            _ => return Err(Error::Shape("not exactly one of SAMLRequest and SAMLResponse")),
        };
        if let Some(encoding) = raw.of(ENCODING).map(decoded).transpose()?
            && encoding != DEFLATE
        {
            return Err(Error::Shape("a SAMLEncoding other than DEFLATE"));
        }
        let message = inflate(&decoded_base64(packed)?)?;
        // Whatever is no message is refused here, so that nobody meets it between reading and verifying.
        parse(&message)?;
        let relay_state = raw.of(RELAY_STATE).map(decoded_form).transpose()?;
        if relay_state.as_ref().is_some_and(|state| state.len() > RELAY_STATE_READ_MAX) {
            return Err(Error::Limit("2,048 bytes of RelayState"));
        }
        Ok(Self { parameter, message, relay_state, seal: raw.seal(parameter, packed)? })
    }

    /// Which parameter it came in.
    pub const fn parameter(&self) -> Parameter {
        self.parameter
    }

    /// The message, unproved: [`crate::envelope::Envelope::read`] says whose keys to hold it against.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is to be given back, unproved.
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// Whether it claims to be signed.
    pub const fn is_signed(&self) -> bool {
        self.seal.is_some()
    }

    /// Verifies the signature over message and RelayState against `keys` (any of them) and returns the whole message in canonical form.
    /// A signature within the message counts for nothing: the binding has senders take it out. A Response is refused, since none
    /// travels this way (SAML profiles 4.1.2).
    pub fn verify(&self, keys: &[PublicKey], accepted: Accepted) -> Result<Signed, Error> {
        let seal = self.seal.as_ref().ok_or(Error::Shape("no Signature in the query string"))?;
        let algorithm = Algorithm::find(&seal.algorithm, accepted)?;
        let octets = seal.octets.as_bytes();
        if !keys.iter().any(|key| key.verifies_query(algorithm, octets, &seal.signature)) {
            return Err(Error::Signature("no known key made it over this message and RelayState"));
        }
        let document = parse(&self.message)?;
        let root = document.root_element();
        shape::without_assertion(root)?;
        let is_answer = Envelope::of(root)?.kind == Kind::LogoutResponse;
        if is_answer != (self.parameter == Parameter::Response) {
            return Err(Error::Shape("an answer in SAMLRequest, or a request in SAMLResponse"));
        }
        Signed::whole(root)
    }
}

/// The parameters of the binding in a query string, not decoded.
struct Raw<'a>([Option<&'a str>; PARAMETERS.len()]);

impl<'a> Raw<'a> {
    fn read(query: &'a str) -> Result<Self, Error> {
        let mut values = [None; PARAMETERS.len()];
        for (name, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
            let place = known(name)?.and_then(|at| values.get_mut(at));
            if place.is_some_and(|place| place.replace(value).is_some()) {
                return Err(Error::Shape("a parameter of the binding that is repeated"));
            }
        }
        Ok(Self(values))
    }

    fn of(&self, name: &str) -> Option<&'a str> {
        let found = PARAMETERS.iter().zip(self.0).find(|(known, _)| **known == name);
        found.and_then(|(_, value)| value)
    }

    /// The signed octets are put together in the binding's order, whatever the order in the query string (3.4.4.1).
    fn seal(&self, parameter: Parameter, packed: &str) -> Result<Option<Seal>, Error> {
        let (algorithm, signature) = match (self.of(SIGNATURE_ALGORITHM), self.of(SIGNATURE)) {
            (None, None) => return Ok(None),
            (Some(algorithm), Some(signature)) => (algorithm, signature),
            _ => return Err(Error::Shape("one of SigAlg and Signature without the other")),
        };
        let state = self.of(RELAY_STATE).map(|state| format!("&{RELAY_STATE}={state}")).unwrap_or_default();
        Ok(Some(Seal {
            octets: format!("{}={packed}{state}&{SIGNATURE_ALGORITHM}={algorithm}", parameter.name()),
            algorithm: decoded(algorithm)?,
            signature: decoded_base64(signature)?,
        }))
    }
}

/// Which parameter of the binding a name is. One that becomes such a name only by decoding is refused: what one reader passes over,
/// another would take.
fn known(name: &str) -> Result<Option<usize>, Error> {
    let place = |name: &str| PARAMETERS.iter().position(|known| *known == name);
    let found = place(name);
    let by_decoding = percent_decode_str(name).decode_utf8().is_ok_and(|name| place(&name).is_some());
    if found.is_none() && by_decoding {
        return Err(Error::Shape("a parameter of the binding whose name is percent-encoded"));
    }
    Ok(found)
}

/// A parameter, in the one spelling that every verifier makes again: pysaml2 7.5 and python3-saml 1.16 decode and encode what was signed as forms are, with
/// `+` for a space (findings/saml-signed-query-in-another-spelling.sh).
fn pair(name: &str, value: &str) -> String {
    format!("{name}={}", utf8_percent_encode(value, ESCAPED)).replace("%20", "+")
}

fn decoded(value: &str) -> Result<String, Error> {
    let text = percent_decode_str(value).decode_utf8();
    text.map(String::from).map_err(|_| Error::Shape("a parameter that is not UTF-8"))
}

/// A value as forms write it, with `+` for a space.
fn decoded_form(value: &str) -> Result<String, Error> {
    decoded(&value.replace('+', " "))
}

/// Of base64, where a `+` that its writer forgot to escape is itself.
fn decoded_base64(value: &str) -> Result<Vec<u8>, Error> {
    base64(&decoded(value)?).ok_or(Error::Shape("a parameter that is not base64"))
}

fn deflate(message: &str) -> Result<Vec<u8>, Error> {
    // What cannot be packed grows by a few bytes for every few KiB.
    let mut out = Vec::with_capacity(message.len() + message.len() / 16 + 64);
    match Compress::new(Compression::best(), false).compress_vec(
        message.as_bytes(),
        &mut out,
        FlushCompress::Finish,
    ) {
        Ok(Status::StreamEnd) => Ok(out),
        _ => Err(Error::Shape("a message that DEFLATE cannot pack")),
    }
}

/// Unpacks no more than a message may have: one byte more is room enough to know that it has more.
fn inflate(packed: &[u8]) -> Result<String, Error> {
    let mut out = Vec::with_capacity(BYTES_MAX + 1);
    let mut unpacker = Decompress::new(false);
    let status = unpacker.decompress_vec(packed, &mut out, FlushDecompress::Finish);
    if out.len() > BYTES_MAX {
        return Err(Error::Limit("256 KiB of message, once it is unpacked"));
    }
    let is_whole = unpacker.total_in() == packed.len() as u64;
    if !matches!(status, Ok(Status::StreamEnd)) || !is_whole {
        return Err(Error::Shape("a message that is not one whole stream of raw DEFLATE"));
    }
    out.shrink_to_fit();
    String::from_utf8(out).map_err(|_| Error::Shape("a message that is not UTF-8"))
}
