//! What a provider says of itself (OpenID Connect Discovery 1.0 §3, §4; RFC 8414; RFC 9207 §3), once it is who was asked and offers what a sign-in
//! needs. Who fetches it, and what addresses may be reached, is not known here.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::address::Address;
use crate::algorithm::Algorithm;
use crate::json::{kind, object, shown};
use crate::openid::method::Method;

/// Bytes of a document at most. Those of large providers have about 8,000.
pub const BYTES_MAX: usize = 65_536;
/// Where the document is, below the issuer.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// A provider, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name, to the letter as its tokens have it.
    pub issuer: String,
    /// Where people are sent to sign in.
    pub authorization_endpoint: String,
    /// Where a code is exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more is said of a person.
    pub userinfo_endpoint: Option<String>,
    /// Where people are sent to sign out there too.
    pub end_session_endpoint: Option<String>,
    /// What it signs ID tokens with, as far as it is accepted.
    pub algorithms: Vec<Algorithm>,
    /// How a client may prove itself at the token endpoint, as far as it is known.
    pub methods: Vec<Method>,
    /// Whether it says that it looks at the proof that a code comes back to who asked for it (PKCE with S256). It is sent in any case.
    pub announces_pkce: bool,
    /// Whether its answers say whose they are (`iss`, RFC 9207). If so, one that does not is refused.
    pub answers_with_issuer: bool,
    /// Whether it tells when somebody signs out there.
    pub logout: Logout,
}

/// What a provider tells when somebody signs out there (Back-Channel Logout §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logout {
    /// Nothing.
    Untold,
    /// Who it was.
    Told,
    /// Which session ended: ID tokens and logout tokens have a `sid`.
    ToldWithSession,
}

/// Why a provider cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DiscoveryError {
    /// The issuer is no address that can be asked.
    #[error("the issuer {issuer} {wanted}")]
    Issuer {
        /// As it was given.
        issuer: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// No JSON object, too long, too deep, or with a member given twice.
    #[error("the provider's metadata is no acceptable JSON: {0}")]
    Json(String),
    /// A member is missing.
    #[error("the provider's metadata has no {0}: is it the metadata of an OpenID Connect provider?")]
    Missing(&'static str),
    /// A member is of another type.
    #[error("the provider's metadata has a {member} that is {found}, not {wanted}")]
    Kind {
        /// The member.
        member: &'static str,
        /// What it is.
        found: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// Somebody else's metadata.
    #[error(
        "the provider calls itself {found}, not {asked}: enter the issuer as the provider writes it, to the letter and with or without a slash at its end"
    )]
    OtherIssuer {
        /// What it says.
        found: String,
        /// Who was asked.
        asked: String,
    },
    /// An address that cannot be used.
    #[error("the provider's {member} {address} {wanted}")]
    Address {
        /// The member.
        member: &'static str,
        /// The address.
        address: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// Something that a sign-in needs is not offered.
    #[error("the provider's {member} are {found}, without {wanted}: {remedy}")]
    NotOffered {
        /// The member.
        member: &'static str,
        /// What it says.
        found: String,
        /// What must be among it.
        wanted: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Something is demanded that is not done here.
    #[error(
        "the provider demands {0}, which is not done here: switch it off at the provider, for this client at least"
    )]
    Demanded(&'static str),
}

/// Where a provider's metadata is (Discovery §4).
pub fn address(issuer: &str) -> Result<String, DiscoveryError> {
    issuer_address(issuer)?;
    Ok(format!("{}{WELL_KNOWN}", issuer.strip_suffix('/').unwrap_or(issuer)))
}

fn issuer_address(issuer: &str) -> Result<Address<'_>, DiscoveryError> {
    let refused = |wanted| DiscoveryError::Issuer { issuer: shown(issuer), wanted };
    let address = Address::read(issuer).map_err(refused)?;
    if address.query.is_some() || address.has_fragment {
        return Err(refused("must have no ? and no #"));
    }
    if !address.is_https && !address.is_loopback() {
        return Err(refused("must begin with https:// unless it is on this machine"));
    }
    Ok(address)
}

/// Whether an issuer's name begins with `https://`; one that does not is on this machine.
pub(crate) fn is_https(issuer: &str) -> Result<bool, DiscoveryError> {
    issuer_address(issuer).map(|address| address.is_https)
}

impl Provider {
    /// Reads the metadata that was got from [`address`] of `issuer`.
    pub fn read(issuer: &str, document: &[u8]) -> Result<Self, DiscoveryError> {
        let may_be_http = !is_https(issuer)?;
        let document = Document::of(issuer, document)?;
        document.offers_a_sign_in()?;
        let optional = |member| document.optional_address(member, may_be_http);
        let required =
            |member| document.optional_address(member, may_be_http)?.ok_or(DiscoveryError::Missing(member));
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            jwks_uri: required("jwks_uri")?,
            userinfo_endpoint: optional("userinfo_endpoint")?,
            end_session_endpoint: optional("end_session_endpoint")?,
            algorithms: document.algorithms()?,
            methods: document.methods()?,
            announces_pkce: document.list("code_challenge_methods_supported")?.is_some(),
            answers_with_issuer: document.truth("authorization_response_iss_parameter_supported")?,
            logout: document.logout()?,
        })
    }

    /// How a client that has a secret, or none, proves itself: in a header where the provider takes that.
    pub fn method(&self, has_secret: bool) -> Result<Method, DiscoveryError> {
        if !has_secret {
            return Ok(Method::Nothing);
        }
        let known = [Method::Basic, Method::Post];
        known.into_iter().find(|method| self.methods.contains(method)).ok_or_else(|| {
            DiscoveryError::NotOffered {
                member: "token_endpoint_auth_methods_supported",
                found: "others".to_owned(),
                wanted: "client_secret_basic and client_secret_post".to_owned(),
                remedy: "have it take one of these, or register a client without a secret there",
            }
        })
    }
}

/// A document that is an object.
pub(crate) struct Document(Map<String, Value>);

impl Document {
    /// The metadata of this issuer.
    pub(crate) fn of(issuer: &str, document: &[u8]) -> Result<Self, DiscoveryError> {
        let document = Self(object(document, BYTES_MAX).map_err(DiscoveryError::Json)?);
        let found = document.required("issuer")?;
        // Otherwise one provider could speak for another (Discovery §4.3, RFC 9700 §4.4).
        if found != issuer {
            return Err(DiscoveryError::OtherIssuer { found: shown(found), asked: shown(issuer) });
        }
        Ok(document)
    }

    fn text(&self, member: &'static str) -> Result<Option<&str>, DiscoveryError> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(of_kind(member, other, "a string")),
        }
    }

    fn required(&self, member: &'static str) -> Result<&str, DiscoveryError> {
        self.text(member)?.ok_or(DiscoveryError::Missing(member))
    }

    fn truth(&self, member: &'static str) -> Result<bool, DiscoveryError> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(other) => Err(of_kind(member, other, "a boolean")),
        }
    }

    fn list(&self, member: &'static str) -> Result<Option<Vec<&str>>, DiscoveryError> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(elements)) => {
                let texts: Option<Vec<&str>> = elements.iter().map(Value::as_str).collect();
                let wanted = "an array of strings";
                let found = "an array that holds something else";
                texts.map(Some).ok_or(DiscoveryError::Kind { member, found, wanted })
            }
            Some(other) => Err(of_kind(member, other, "an array of strings")),
        }
    }

    pub(crate) fn optional_address(
        &self,
        member: &'static str,
        may_be_http: bool,
    ) -> Result<Option<String>, DiscoveryError> {
        let Some(url) = self.text(member)? else { return Ok(None) };
        let refused = |wanted| DiscoveryError::Address { member, address: shown(url), wanted };
        let address = Address::read(url).map_err(refused)?;
        if address.has_fragment {
            return Err(refused("must have no #"));
        }
        if address.is_https || (may_be_http && address.is_loopback()) {
            return Ok(Some(url.to_owned()));
        }
        Err(refused("must begin with https://"))
    }

    /// What a sign-in needs is among what is offered, and nothing is demanded that is not done.
    fn offers_a_sign_in(&self) -> Result<(), DiscoveryError> {
        let code = "let it offer the authorization code flow";
        for (member, wanted, is_required, remedy) in [
            ("response_types_supported", "code", true, code),
            // What is left out is query and fragment, and the flows of code and implicit (Discovery §3).
            ("response_modes_supported", "query", false, code),
            ("grant_types_supported", "authorization_code", false, code),
            (
                "code_challenge_methods_supported",
                "S256",
                false,
                "let it take PKCE with S256: nothing weaker is sent",
            ),
        ] {
            let Some(found) = self.list(member)? else {
                if is_required {
                    return Err(DiscoveryError::Missing(member));
                }
                continue;
            };
            if !found.contains(&wanted) {
                let (found, wanted) = (said(&found), wanted.to_owned());
                return Err(DiscoveryError::NotOffered { member, found, wanted, remedy });
            }
        }
        for (member, what) in [
            (
                "require_pushed_authorization_requests",
                "pushed authorization requests (require_pushed_authorization_requests)",
            ),
            ("require_signed_request_object", "signed requests (require_signed_request_object)"),
        ] {
            if self.truth(member)? {
                return Err(DiscoveryError::Demanded(what));
            }
        }
        Ok(())
    }

    pub(crate) fn algorithms(&self) -> Result<Vec<Algorithm>, DiscoveryError> {
        let member = "id_token_signing_alg_values_supported";
        let found = self.list(member)?.ok_or(DiscoveryError::Missing(member))?;
        let mut known: Vec<Algorithm> = Vec::new();
        for algorithm in found.iter().filter_map(|name| Algorithm::from_name(name)) {
            if !known.contains(&algorithm) {
                known.push(algorithm);
            }
        }
        if known.is_empty() {
            return Err(DiscoveryError::NotOffered {
                member,
                found: said(&found),
                wanted: format!("any of {}", Algorithm::list(&Algorithm::ALL)),
                remedy: "let it sign ID tokens with one of these",
            });
        }
        Ok(known)
    }

    fn logout(&self) -> Result<Logout, DiscoveryError> {
        let is_told = self.truth("backchannel_logout_supported")?;
        let with_session = self.truth("backchannel_logout_session_supported")?;
        Ok(match (is_told, with_session) {
            (false, _) => Logout::Untold,
            (true, false) => Logout::Told,
            (true, true) => Logout::ToldWithSession,
        })
    }

    /// What is left out is client_secret_basic (Discovery §3).
    fn methods(&self) -> Result<Vec<Method>, DiscoveryError> {
        let Some(found) = self.list("token_endpoint_auth_methods_supported")? else {
            return Ok(vec![Method::Basic]);
        };
        let is_offered = |method: &Method| found.contains(&method.as_str());
        Ok(Method::ALL.into_iter().filter(is_offered).collect())
    }
}

/// What a list says, for people.
fn said(list: &[&str]) -> String {
    shown(&list.join(", "))
}

fn of_kind(member: &'static str, found: &Value, wanted: &'static str) -> DiscoveryError {
    DiscoveryError::Kind { member, found: kind(found), wanted }
}
