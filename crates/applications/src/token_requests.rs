//! What CreateTokenWithIAM is asked for, read by its grant: what a grant needs is there, and what belongs to another one is not.

use model::applications::application::ApplicationArn;
use model::applications::grant::GrantType;
use model::fault::{Fault, OAuthError};
use model::secret::Secret;

/// What a token is, in RFC 8693's words (§3).
pub(crate) const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(crate) const REFRESH_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// The input of CreateTokenWithIAM.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// `clientId`
    pub application: ApplicationArn,
    /// `grantType`
    pub grant_type: String,
    /// `code`
    pub code: Option<Secret>,
    /// `redirectUri`
    pub redirect_uri: Option<String>,
    /// `codeVerifier`
    pub code_verifier: Option<Secret>,
    /// `refreshToken`
    pub refresh_token: Option<Secret>,
    /// `assertion`
    pub assertion: Option<Secret>,
    /// `subjectToken`
    pub subject_token: Option<Secret>,
    /// `subjectTokenType`
    pub subject_token_type: Option<String>,
    /// `requestedTokenType`
    pub requested_token_type: Option<String>,
    /// `scope`
    pub scopes: Vec<String>,
}

impl TokenRequest {
    /// Whether an exchange is to give a refresh token too.
    pub(crate) fn wants_refresh_token(&self) -> bool {
        self.requested_token_type.as_deref() == Some(REFRESH_TOKEN_TYPE)
    }
}

/// What an application brings.
#[derive(Debug, Clone)]
pub(crate) enum Grant {
    /// A code that somebody's sign-in here gave it.
    Code {
        /// The code.
        code: Secret,
        /// Where it was sent.
        redirect_uri: String,
        /// What the challenge was made of.
        verifier: Secret,
    },
    /// A token of a trusted issuer.
    Assertion {
        /// The token.
        assertion: Secret,
    },
    /// A refresh token of its own.
    Refresh {
        /// The token.
        refresh_token: Secret,
    },
    /// An access token of another application.
    Exchange {
        /// The token.
        subject_token: Secret,
        /// Whether a refresh token is wanted, which is a grant of its own.
        wants_refresh: bool,
    },
}

impl Grant {
    /// Reads the grant.
    pub(crate) fn of(request: &TokenRequest) -> Result<Self, Fault> {
        let needed = |name: &str, value: &Option<Secret>| {
            let given = value.clone().filter(|value| !value.expose().is_empty());
            given.ok_or_else(|| {
                invalid_request(format!("{name} is required for grantType {}", request.grant_type))
            })
        };
        let (grant, own): (Self, &[&str]) = match GrantType::parse(&request.grant_type) {
            Some(GrantType::JwtBearer) => {
                (Self::Assertion { assertion: needed("assertion", &request.assertion)? }, &["assertion"])
            }
            Some(GrantType::RefreshToken) => (
                Self::Refresh { refresh_token: needed("refreshToken", &request.refresh_token)? },
                &["refreshToken"],
            ),
            Some(GrantType::TokenExchange) => {
                let subject_token = needed("subjectToken", &request.subject_token)?;
                token_type("subjectTokenType", request.subject_token_type.as_deref(), &[ACCESS_TOKEN_TYPE])?;
                if request.requested_token_type.is_some() {
                    let wanted = [ACCESS_TOKEN_TYPE, REFRESH_TOKEN_TYPE];
                    token_type("requestedTokenType", request.requested_token_type.as_deref(), &wanted)?;
                }
                let own = &["subjectToken", "subjectTokenType", "requestedTokenType"];
                (Self::Exchange { subject_token, wants_refresh: request.wants_refresh_token() }, own)
            }
            Some(GrantType::AuthorizationCode) => {
                let redirect_uri = request.redirect_uri.as_deref().map(Secret::new);
                let code = Self::Code {
                    code: needed("code", &request.code)?,
                    redirect_uri: needed("redirectUri", &redirect_uri)?.expose().to_owned(),
                    verifier: needed("codeVerifier", &request.code_verifier)?,
                };
                // The scopes are those that the browser asked for.
                if !request.scopes.is_empty() {
                    let why = "scope does not belong to grantType authorization_code: /authorize takes it";
                    return Err(invalid_request(why.to_owned()));
                }
                (code, &["code", "redirectUri", "codeVerifier"])
            }
            None => {
                let served = GrantType::ALL.map(GrantType::as_str).join(", ");
                let message = format!("grantType must be one of {served}");
                return Err(Fault::oauth(OAuthError::UnsupportedGrantType, message));
            }
        };
        nothing_else(request, own)?;
        Ok(grant)
    }

    /// Its kind, as the grants of applications have it.
    pub(crate) const fn kind(&self) -> GrantType {
        match self {
            Self::Code { .. } => GrantType::AuthorizationCode,
            Self::Assertion { .. } => GrantType::JwtBearer,
            Self::Refresh { .. } => GrantType::RefreshToken,
            Self::Exchange { .. } => GrantType::TokenExchange,
        }
    }

    /// Whether it needs the grant of refresh tokens beside its own.
    pub(crate) const fn wants_refresh(&self) -> bool {
        matches!(self, Self::Exchange { wants_refresh: true, .. })
    }
}

fn invalid_request(message: String) -> Fault {
    Fault::oauth(OAuthError::InvalidRequest, message)
}

fn token_type(member: &str, given: Option<&str>, wanted: &[&str]) -> Result<(), Fault> {
    match given {
        Some(given) if wanted.contains(&given) => Ok(()),
        Some(given) => {
            Err(invalid_request(format!("{member} is {given}: it must be {}", wanted.join(" or "))))
        }
        None => Err(invalid_request(format!("{member} is required: {}", wanted.join(" or ")))),
    }
}

/// What belongs to another grant is refused: it would be ignored otherwise, and whoever sent it meant something by it.
fn nothing_else(request: &TokenRequest, own: &[&str]) -> Result<(), Fault> {
    let given = [
        ("code", request.code.is_some()),
        ("redirectUri", request.redirect_uri.is_some()),
        ("codeVerifier", request.code_verifier.is_some()),
        ("refreshToken", request.refresh_token.is_some()),
        ("assertion", request.assertion.is_some()),
        ("subjectToken", request.subject_token.is_some()),
        ("subjectTokenType", request.subject_token_type.is_some()),
        ("requestedTokenType", request.requested_token_type.is_some()),
    ];
    match given.iter().find(|(name, given)| *given && !own.contains(name)) {
        Some((name, _)) => {
            Err(invalid_request(format!("{name} does not belong to grantType {}", request.grant_type)))
        }
        None => Ok(()),
    }
}
