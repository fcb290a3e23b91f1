//! What a request claims about its signature, and whether the claim holds.

use aws_lc_rs::hmac;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;

use crate::canonical::canonical_request;
use crate::error::Error;
use crate::instant::{format_basic, from_http_date, parse_basic};
use crate::keys::SigningKeys;
use crate::request::{Request, hex, sha256_hex};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Signed headers at most, and characters of an Authorization header at most.
const SIGNED_HEADERS_MAX: usize = 64;
const AUTHORIZATION_MAX: usize = 4_096;
/// The longest life of a presigned request: seven days.
const EXPIRES_MAX: i64 = 604_800;

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

/// The claim, parsed and not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The access key id.
    pub access_key_id: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
    day: String,
    region: String,
    service: String,
    date: String,
    signed_headers: Vec<String>,
    signature: String,
    expires: Option<i64>,
}

impl Presented {
    /// Parses the claim, for which no body is looked at. [`Error::Missing`] when there is none.
    pub fn parse(request: &Request<'_>) -> Result<Self, Error> {
        let header = request.single("authorization")?;
        let presigned = query_parameter(request.query, "X-Amz-Algorithm")?.is_some();
        match (header, presigned) {
            (Some(_), true) => Err(Error::Incomplete(
                "the request is signed both in a header and in its query string".to_owned(),
            )),
            (Some(header), false) => Self::from_header(request, header),
            (None, true) => Self::from_query(request),
            (None, false) => Err(Error::Missing),
        }
    }

    fn from_header(request: &Request<'_>, header: &str) -> Result<Self, Error> {
        if header.len() > AUTHORIZATION_MAX {
            return Err(incomplete("the Authorization header is too long"));
        }
        let parts = header
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| incomplete("Authorization header requires 'AWS4-HMAC-SHA256'."))?;
        let (mut credential, mut signed, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (name, value) = part
                .trim()
                .split_once('=')
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
            (Some(date), _) => date.to_owned(),
            (None, Some(date)) => {
                from_http_date(date).ok_or_else(|| incomplete("the Date header is not a date"))?
            }
            (None, None) => {
                return Err(incomplete(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                ));
            }
        };
        let claim = Self::assemble(
            credential.ok_or_else(|| incomplete("Authorization header requires 'Credential' parameter."))?,
            signed.ok_or_else(|| incomplete("Authorization header requires 'SignedHeaders' parameter."))?,
            signature.ok_or_else(|| incomplete("Authorization header requires 'Signature' parameter."))?,
            date,
        )?;
        let session_token = request.single("x-amz-security-token")?.map(str::to_owned);
        claim.require_signed(request)?;
        Ok(Self { session_token, ..claim })
    }

    fn from_query(request: &Request<'_>) -> Result<Self, Error> {
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
            &parameter("X-Amz-Credential")?,
            &parameter("X-Amz-SignedHeaders")?,
            &parameter("X-Amz-Signature")?,
            parameter("X-Amz-Date")?,
        )?;
        claim.require_signed(request)?;
        Ok(Self {
            expires: Some(expires),
            session_token: query_parameter(request.query, "X-Amz-Security-Token")?,
            ..claim
        })
    }

    fn assemble(credential: &str, signed: &str, signature: &str, date: String) -> Result<Self, Error> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key_id, day, region, service, "aws4_request"] = parts.as_slice() else {
            return Err(incomplete(
                "Credential must be an access key id and a scope of date, Region, service and 'aws4_request'",
            ));
        };
        let plain = |text: &str| {
            !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if ![access_key_id, day, region, service].iter().all(|part| plain(part)) {
            return Err(incomplete("Credential has an empty or malformed part"));
        }
        if parse_basic(&date).is_none() || !date.starts_with(day) || day.len() != 8 {
            return Err(Error::Invalid(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP"
                    .to_owned(),
            ));
        }
        let signed_headers: Vec<String> = signed.split(';').map(str::to_owned).collect();
        let ordered = signed_headers.iter().zip(signed_headers.iter().skip(1)).all(|(one, next)| one < next);
        let lower = signed_headers
            .iter()
            .all(|name| !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase()));
        if signed_headers.len() > SIGNED_HEADERS_MAX || !ordered || !lower {
            return Err(incomplete("SignedHeaders must be lower-case names in order, each once"));
        }
        if signature.len() != 64 || !signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Error::mismatch());
        }
        Ok(Self {
            access_key_id: (*access_key_id).to_owned(),
            session_token: None,
            day: (*day).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            date,
            signed_headers,
            signature: signature.to_owned(),
            expires: None,
        })
    }

    /// `host` and every `x-amz-` header that is there must be signed: what is not signed could have been added or altered on the way.
    /// (`x-amzn-trace-id` and the like are set by proxies and mean nothing to us.) A signed header must be there once and be UTF-8, so that
    /// what is hashed is what is read.
    fn require_signed(&self, request: &Request<'_>) -> Result<(), Error> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        if !is_signed("host") {
            return Err(Error::Invalid(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
            ));
        }
        for (name, _) in request.headers {
            if name.starts_with("x-amz-") && !is_signed(name) {
                return Err(Error::Invalid(format!(
                    "'{name}' must be a 'SignedHeader' in the AWS Authorization."
                )));
            }
        }
        // Doubled, a header could be read by its first value and signed as both joined.
        for name in &self.signed_headers {
            request.single(name)?;
        }
        match self
            .signed_headers
            .iter()
            .find(|signed| !request.headers.iter().any(|(name, _)| name == signed))
        {
            Some(absent) => Err(Error::Invalid(format!("signed header '{absent}' is not in the request"))),
            None => Ok(()),
        }
    }

    /// A declared body hash must be the body's: unsigned payloads are for S3.
    fn require_body(request: &Request<'_>) -> Result<(), Error> {
        match request.single("x-amz-content-sha256")? {
            Some(declared) if declared != request.body_sha256 => Err(Error::Invalid(
                "The value of 'X-Amz-Content-SHA256' is not the SHA-256 of the body".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Whether the claim is of the expected scope and time, which is seen before anybody looks for the key or at the body.
    pub fn check(&self, expected: Expected<'_>) -> Result<(), Error> {
        if !expected.regions.contains(&self.region.as_str()) {
            return Err(Error::Invalid(format!(
                "Credential should be scoped to a valid region, not '{}'.",
                self.region
            )));
        }
        if self.service != expected.service {
            return Err(Error::Invalid(format!(
                "Credential should be scoped to correct service: '{}'.",
                expected.service
            )));
        }
        self.check_date(expected)
    }

    /// Whether the claim holds, for the claimed key's secret.
    pub fn verify(
        &self,
        request: &Request<'_>,
        secret: &str,
        keys: &SigningKeys,
        expected: Expected<'_>,
    ) -> Result<(), Error> {
        self.check(expected)?;
        Self::require_body(request)?;
        let without = self.expires.is_some().then_some("X-Amz-Signature");
        let signed: Vec<&str> = self.signed_headers.iter().map(String::as_str).collect();
        let canonical = canonical_request(request, &signed, without);
        let text = format!(
            "{ALGORITHM}\n{}\n{}/{}/{}/aws4_request\n{}",
            self.date,
            self.day,
            self.region,
            self.service,
            sha256_hex(canonical.as_bytes())
        );
        let key = keys.get(secret, &self.day, &self.region, &self.service);
        let right = hex(hmac::sign(&key, text.as_bytes()).as_ref());
        if bool::from(right.as_bytes().ct_eq(self.signature.as_bytes())) {
            Ok(())
        } else {
            Err(Error::mismatch())
        }
    }

    fn check_date(&self, expected: Expected<'_>) -> Result<(), Error> {
        let at = parse_basic(&self.date).unwrap_or(i64::MIN);
        let minutes = expected.skew / 60;
        let now = format_basic(expected.now);
        if at > expected.now.saturating_add(expected.skew) {
            let latest = format_basic(expected.now.saturating_add(expected.skew));
            return Err(Error::Invalid(format!(
                "Signature not yet current: {} is still later than {latest} ({now} + {minutes} min.)",
                self.date
            )));
        }
        let (life, shown) = match (self.expires, expected.presigned) {
            (Some(_), Some(life)) => (life, format!("{} min.", life / 60)),
            (Some(expires), None) => (expires, format!("{expires} s")),
            (None, _) => (expected.skew, format!("{minutes} min.")),
        };
        let oldest = expected.now.saturating_sub(life);
        if at < oldest {
            let oldest = format_basic(oldest);
            return Err(Error::Invalid(format!(
                "Signature expired: {} is now earlier than {oldest} ({now} - {shown})",
                self.date
            )));
        }
        Ok(())
    }
}

/// The one query parameter of this name, decoded; refused when it is there more than once.
fn query_parameter(query: &str, name: &str) -> Result<Option<String>, Error> {
    let mut found = None;
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if percent_decode_str(key).decode_utf8().is_ok_and(|key| key == name) {
            let value = percent_decode_str(value)
                .decode_utf8()
                .map_err(|_| incomplete("the query string is not UTF-8"))?;
            if found.replace(value.into_owned()).is_some() {
                return Err(incomplete(&format!("'{name}' is given more than once")));
            }
        }
    }
    Ok(found)
}

fn incomplete(message: &str) -> Error {
    Error::Incomplete(message.to_owned())
}
