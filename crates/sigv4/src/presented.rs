//! What a request claims about its signature, and whether the claim holds. The claim borrows from its request, so that neither is ever judged with
//! another of its kind.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;

use crate::canonical::{Path, canonical_request};
use crate::error::Error;
use crate::instant::{format_basic, from_http_date, parse_basic};
use crate::keys::SigningKeys;
use crate::request::{Request, digits, sha256_digits};
use crate::split::{split, split_once};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Signed headers at most, and characters of an Authorization header at most.
const SIGNED_HEADERS_MAX: usize = 64;
const AUTHORIZATION_MAX: usize = 4_096;
/// The longest life of a presigned request: seven days.
const EXPIRES_MAX: i64 = 604_800;
/// What stands for the body where S3's callers do not sign it: they send it over TLS, whole or in chunks.
pub const UNSIGNED: [&str; 2] = ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"];
/// Room for an ordinary canonical request.
const CANONICAL_BYTES: usize = 1_024;

/// What the verifier expects of the claim.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Now, seconds since the epoch.
    pub now: i64,
    /// How far the claim's date may lie from now, seconds.
    pub skew: i64,
    /// How long a presigned request holds, seconds, whatever it says itself; `None`: for as long as it says.
    pub presigned: Option<i64>,
    /// The Regions that the claim's scope may name.
    pub regions: &'a [&'a str],
    /// The service called.
    pub service: &'a str,
}

/// The claim: parsed, of the expected scope and time, and not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented<'a> {
    request: Request<'a>,
    /// `ID/DAY/REGION/SERVICE/aws4_request`.
    credential: Cow<'a, str>,
    /// Of temporary credentials.
    session_token: Option<Cow<'a, str>>,
    date: Cow<'a, str>,
    /// `date` in seconds since the epoch.
    at: i64,
    /// Lower-case names, in order, separated by `;`.
    signed_headers: Cow<'a, str>,
    signature: [u8; 32],
    expires: Option<i64>,
}

impl<'a> Presented<'a> {
    /// The claim of a request, of the expected scope and time; for neither is the key looked for or the body looked at. [`Error::Missing`] when there is
    /// none.
    pub fn parse(request: Request<'a>, expected: Expected<'_>) -> Result<Self, Error> {
        let header = request.single("authorization")?;
        let presigned = query_parameter(request.query, "X-Amz-Algorithm")?.is_some();
        let claim = match (header, presigned) {
            (Some(_), true) => Err(Error::Incomplete(
                "the request is signed both in a header and in its query string".to_owned(),
            )),
            (Some(header), false) => Self::from_header(request, header),
            (None, true) => Self::from_query(request),
            (None, false) => Err(Error::Missing),
        }?;
        claim.check(expected)?;
        Ok(claim)
    }

    /// The access key id.
    pub fn access_key_id(&self) -> &str {
        self.scope().0
    }

    /// The session token of temporary credentials.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// The access key id and the scope.
    fn scope(&self) -> (&str, &str) {
        split_once(&self.credential, b'/').unwrap_or_default()
    }

    fn from_header(request: Request<'a>, header: &'a str) -> Result<Self, Error> {
        if header.len() > AUTHORIZATION_MAX {
            return Err(incomplete("the Authorization header is too long"));
        }
        let parts = header
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| incomplete("Authorization header requires 'AWS4-HMAC-SHA256'."))?;
        let (mut credential, mut signed, mut signature) = (None, None, None);
        for part in split(parts, b',') {
            let (name, value) = split_once(part.trim(), b'=')
                .ok_or_else(|| incomplete("the Authorization header is malformed"))?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed,
                "Signature" => &mut signature,
                _ => return Err(incomplete("the Authorization header has an unknown part")),
            };
            if slot.replace(value).is_some() {
                return Err(incomplete("the Authorization header has a part twice"));
            }
        }
        let date = match (request.single("x-amz-date")?, request.single("date")?) {
            (Some(date), _) => Cow::Borrowed(date),
            (None, Some(date)) => {
                let date = from_http_date(date).ok_or_else(|| incomplete("the Date header is not a date"))?;
                Cow::Owned(date)
            }
            (None, None) => {
                return Err(incomplete(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                ));
            }
        };
        let part = |part: Option<&'a str>, name: &str| {
            part.ok_or_else(|| incomplete(&format!("Authorization header requires '{name}' parameter.")))
        };
        let claim = Self::assemble(
            request,
            part(credential, "Credential")?.into(),
            (part(signed, "SignedHeaders")?.into(), part(signature, "Signature")?),
            date,
        )?;
        let session_token = request.single("x-amz-security-token")?.map(Cow::Borrowed);
        claim.require_signed()?;
        Ok(Self { session_token, ..claim })
    }

    fn from_query(request: Request<'a>) -> Result<Self, Error> {
        let parameter = |name: &str| {
            query_parameter(request.query, name)?
                .ok_or_else(|| incomplete(&format!("the query string requires '{name}'")))
        };
        if parameter("X-Amz-Algorithm")? != ALGORITHM {
            return Err(incomplete("X-Amz-Algorithm must be AWS4-HMAC-SHA256"));
        }
        let expires = parameter("X-Amz-Expires")?
            .parse::<i64>()
            .ok()
            .filter(|expires| (1..=EXPIRES_MAX).contains(expires));
        let expires = expires
            .ok_or_else(|| incomplete("X-Amz-Expires must be a number of seconds from 1 to 604800"))?;
        let claim = Self::assemble(
            request,
            parameter("X-Amz-Credential")?,
            (parameter("X-Amz-SignedHeaders")?, &parameter("X-Amz-Signature")?),
            parameter("X-Amz-Date")?,
        )?;
        claim.require_signed()?;
        Ok(Self {
            expires: Some(expires),
            session_token: query_parameter(request.query, "X-Amz-Security-Token")?,
            ..claim
        })
    }

    fn assemble(
        request: Request<'a>,
        credential: Cow<'a, str>,
        (signed_headers, signature): (Cow<'a, str>, &str),
        date: Cow<'a, str>,
    ) -> Result<Self, Error> {
        let mut parts = split(&credential, b'/');
        let mut next = || parts.next();
        let (Some(access_key_id), Some(day), Some(region), Some(service), Some("aws4_request"), None) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Err(incomplete(
                "Credential must be an access key id and a scope of date, Region, service and 'aws4_request'",
            ));
        };
        let plain = |text: &str| {
            !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        drop(parts);
        if ![access_key_id, day, region, service].into_iter().all(plain) {
            return Err(incomplete("Credential has an empty or malformed part"));
        }
        let is_of_day = date.starts_with(day) && day.len() == 8;
        let Some(at) = parse_basic(&date).filter(|_| is_of_day) else {
            return Err(Error::Invalid(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP"
                    .to_owned(),
            ));
        };
        let (mut count, mut before, mut is_right) = (0, "", true);
        for name in split(&signed_headers, b';') {
            is_right &= before < name && !name.bytes().any(|byte| byte.is_ascii_uppercase());
            count += 1;
            before = name;
        }
        if count > SIGNED_HEADERS_MAX || !is_right {
            return Err(incomplete("SignedHeaders must be lower-case names in order, each once"));
        }
        let signature = hash(signature).ok_or_else(Error::mismatch)?;
        Ok(Self {
            request,
            credential,
            session_token: None,
            date,
            at,
            signed_headers,
            signature,
            expires: None,
        })
    }

    /// `host` and every `x-amz-` header that is there must be signed: what is not signed could have been added or altered on the way.
    /// (`x-amzn-trace-id` and the like are set by proxies and mean nothing to us.) A signed header must be there once and be UTF-8, so that
    /// what is hashed is what is read.
    fn require_signed(&self) -> Result<(), Error> {
        let is_signed = |name: &str| split(&self.signed_headers, b';').any(|signed| signed == name);
        if !is_signed("host") {
            return Err(Error::Invalid(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
            ));
        }
        for (name, _) in self.request.headers {
            if name.starts_with("x-amz-") && !is_signed(name) {
                return Err(Error::Invalid(format!(
                    "'{name}' must be a 'SignedHeader' in the AWS Authorization."
                )));
            }
        }
        // Doubled, a header could be read by its first value and signed as both joined.
        let mut absent = None;
        for name in split(&self.signed_headers, b';') {
            if self.request.single(name)?.is_none() {
                absent = absent.or(Some(name));
            }
        }
        match absent {
            Some(absent) => Err(Error::Invalid(format!("signed header '{absent}' is not in the request"))),
            None => Ok(()),
        }
    }

    /// Whether the claim is of the expected scope and time.
    fn check(&self, expected: Expected<'_>) -> Result<(), Error> {
        let mut scope = split(self.scope().1, b'/').skip(1);
        let (region, service) = (scope.next().unwrap_or_default(), scope.next().unwrap_or_default());
        if !expected.regions.contains(&region) {
            return Err(Error::Invalid(format!(
                "Credential should be scoped to a valid region, not '{region}'."
            )));
        }
        if service != expected.service {
            return Err(Error::Invalid(format!(
                "Credential should be scoped to correct service: '{}'.",
                expected.service
            )));
        }
        self.check_date(expected)
    }

    /// Whether the claim holds, for the request's body and the claimed key's secret.
    pub fn verify(&self, body: &[u8], secret: &str, keys: &SigningKeys) -> Result<(), Error> {
        self.verify_digits(&sha256_digits(body), secret, keys)
    }

    /// [`Self::verify`] of a body that somebody else has read: its SHA-256 in lower-case hexadecimal.
    pub fn verify_digits(&self, body: &[u8], secret: &str, keys: &SigningKeys) -> Result<(), Error> {
        // A declared body hash must be the body's: unsigned payloads are for S3.
        if self.request.single("x-amz-content-sha256")?.is_some_and(|declared| declared.as_bytes() != body) {
            return Err(Error::Invalid(
                "The value of 'X-Amz-Content-SHA256' is not the SHA-256 of the body".to_owned(),
            ));
        }
        self.matches(body, Path::EncodedAgain, (secret, keys))
    }

    /// Whether the claim of a request to S3 holds, for the claimed key's secret; says what the request declares of its body, which whoever reads the body
    /// holds against it: a SHA-256 in lower-case hexadecimal, or one of [`UNSIGNED`]. Chunks that are signed one by one are refused, since each takes
    /// the secret.
    pub fn verify_s3(&self, secret: &str, keys: &SigningKeys) -> Result<&'a str, Error> {
        let declared = match (self.request.single("x-amz-content-sha256")?, self.expires) {
            (Some(declared), _) => declared,
            (None, Some(_)) => UNSIGNED[0],
            (None, None) => return Err(incomplete("the request requires the header 'x-amz-content-sha256'")),
        };
        if hash(declared).is_none() && !UNSIGNED.contains(&declared) {
            return Err(Error::Invalid(format!(
                "The value of 'X-Amz-Content-SHA256' is '{declared}': it must be a SHA-256 in hexadecimal, {} or {}",
                UNSIGNED[0], UNSIGNED[1]
            )));
        }
        self.matches(declared.as_bytes(), Path::EncodedOnce, (secret, keys))?;
        Ok(declared)
    }

    fn matches(&self, body: &[u8], path: Path, (secret, keys): (&str, &SigningKeys)) -> Result<(), Error> {
        let without = self.expires.is_some().then_some("X-Amz-Signature");
        let mut text = Vec::with_capacity(CANONICAL_BYTES);
        canonical_request(&mut text, (&self.request, path), (&self.signed_headers, without), body);
        let canonical = sha256_digits(&text);
        text.clear();
        for part in [ALGORITHM, "\n", &self.date, "\n", self.scope().1, "\n"] {
            text.extend_from_slice(part.as_bytes());
        }
        text.extend_from_slice(&canonical);
        if bool::from(keys.sign(&self.credential, secret, &text).as_ref().ct_eq(&self.signature)) {
            Ok(())
        } else {
            Err(Error::mismatch())
        }
    }

    fn check_date(&self, expected: Expected<'_>) -> Result<(), Error> {
        let at = self.at;
        let minutes = expected.skew / 60;
        if at > expected.now.saturating_add(expected.skew) {
            let latest = format_basic(expected.now.saturating_add(expected.skew));
            return Err(Error::Invalid(format!(
                "Signature not yet current: {} is still later than {latest} ({} + {minutes} min.)",
                self.date,
                format_basic(expected.now)
            )));
        }
        let life = match (self.expires, expected.presigned) {
            (Some(_), Some(life)) => life,
            (Some(expires), None) => expires,
            (None, _) => expected.skew,
        };
        let oldest = expected.now.saturating_sub(life);
        if at < oldest {
            let shown = match (self.expires, expected.presigned) {
                (Some(expires), None) => format!("{expires} s"),
                _ => format!("{} min.", life / 60),
            };
            return Err(Error::Invalid(format!(
                "Signature expired: {} is now earlier than {} ({} - {shown})",
                self.date,
                format_basic(oldest),
                format_basic(expected.now)
            )));
        }
        Ok(())
    }
}

/// The one query parameter of this name, decoded; refused when it is there more than once.
fn query_parameter<'a>(query: &'a str, name: &str) -> Result<Option<Cow<'a, str>>, Error> {
    let mut found = None;
    if query.is_empty() {
        return Ok(found);
    }
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if percent_decode_str(key).decode_utf8().is_ok_and(|key| key == name) {
            let value = percent_decode_str(value)
                .decode_utf8()
                .map_err(|_| incomplete("the query string is not UTF-8"))?;
            if found.replace(value).is_some() {
                return Err(incomplete(&format!("'{name}' is given more than once")));
            }
        }
    }
    Ok(found)
}

/// The value of each lower-case hexadecimal digit, and more than any for every other byte.
const VALUES: [u8; 256] = {
    let (mut values, mut number) = ([u8::MAX; 256], 0);
    while number < 16 {
        values[digits(number)[1] as usize] = number;
        number += 1;
    }
    values
};

/// The 32 bytes of 64 lower-case hexadecimal digits.
fn hash(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut out = [0; 32];
    if !rest.is_empty() || pairs.len() != out.len() {
        return None;
    }
    let mut all = 0;
    for (to, [high, low]) in out.iter_mut().zip(pairs) {
        let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
        all |= high | low;
        *to = high << 4 | low & 15;
    }
    (all < 16).then_some(out)
}

fn incomplete(message: &str) -> Error {
    Error::Incomplete(message.to_owned())
}
