//! What an administrator decides of an application that speaks OAuth 2.0 and OpenID Connect, as the text of a row holds it: where codes go, how the application
//! proves who it is, what it may be told. What templates and key sets say is judged by `applications`, which knows both; here are the words, the bounds, and
//! what must go together.

use serde::{Deserialize, Serialize};

use crate::applications::application::ApplicationId;
use crate::applications::redirect_uri::RedirectUri;
use crate::fault::Fault;
use crate::sources::checks::{called, most, unique};
use crate::timestamp::Timestamp;
use crate::words::words;

/// Addresses of one kind at most.
pub const URIS_MAX: usize = 50;
/// Scopes at most.
pub const SCOPES_MAX: usize = 50;
/// Characters of a scope at most.
pub const SCOPE_CHARACTERS_MAX: usize = 80;
/// Claims of an application's own at most.
pub const CLAIMS_MAX: usize = 50;
/// Characters of a claim's name at most.
pub const CLAIM_NAME_MAX: usize = 256;
/// Client secrets of an application that have not ended, at most: one that is used, one that takes its place, and room for a mistake.
pub const SECRETS_MAX: u64 = 5;
/// Minutes that an access token lives.
pub const ACCESS_TOKEN_MINUTES: std::ops::RangeInclusive<u32> = 5..=60;

/// The scope by which an ID token comes, and without which nothing is told of a person.
pub const OPENID: &str = "openid";
/// The scope by which `groups` is told.
pub const GROUPS: &str = "groups";
/// Scopes that mean a person (OpenID Connect Core §5.4 and §11, and ours).
const OF_PEOPLE: [&str; 7] = [OPENID, "profile", "email", GROUPS, "address", "phone", "offline_access"];
/// What the scopes of AWS begin with: tokens of these applications open nothing of AWS's, and must not look as if they did.
const RESERVED_SCOPES: [&str; 4] = ["sso:", "sts:", "aws:", "sso-portal:"];
/// Claims that say whose a token is, for whom and since when (OpenID Connect Core §2 and §5.1, RFC 7519 §4.1, RFC 9449 §6): no mapping changes one.
const OURS: [&str; 21] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "cnf",
    "events",
    "act",
    "scope",
    "client_id",
];

words! {
    /// How an application proves that it is itself.
    ClientAuthentication {
        /// Not at all: it runs where it can keep no secret. PKCE is all that holds its codes.
        None = "NONE",
        /// By a secret: `client_secret_basic` or `client_secret_post`.
        Secret = "CLIENT_SECRET",
        /// By a token that it signs: `private_key_jwt`.
        PrivateKeyJwt = "PRIVATE_KEY_JWT",
    }
}

words! {
    /// By what an application may have tokens beside codes.
    FurtherGrant {
        /// By being itself: tokens of its own, without a person (RFC 6749 §4.4).
        ClientCredentials = "CLIENT_CREDENTIALS",
        /// By a code that a person types elsewhere (RFC 8628).
        DeviceCode = "DEVICE_CODE",
    }
}

words! {
    /// What ID tokens are signed with.
    SigningAlgorithm {
        /// RSA of 2,048 bits with SHA-256: what every client reads.
        Rs256 = "RS256",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
    }
}

/// A claim of an application's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimMapping {
    /// What the application calls it.
    pub name: String,
    /// The template.
    pub value: String,
    /// With which scope it is told; with every sign-in where none is named.
    pub scope: Option<String>,
}

/// What an administrator decides. What was added since the first rows were written is absent from those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a decision of its own, and is kept under its name"
)]
pub struct OidcSettings {
    /// Where codes go.
    pub redirect_uris: Vec<String>,
    /// Where a browser goes after a sign-out that the application asked for.
    pub post_logout_redirect_uris: Vec<String>,
    /// How the application proves that it is itself.
    pub authentication: ClientAuthentication,
    /// The keys by which it does, as a JSON Web Key Set, where it signs.
    pub key_set: Option<String>,
    /// Whether a code is given without a challenge.
    pub require_pkce: bool,
    /// Whether it is given refresh tokens.
    pub refresh_tokens: bool,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// What it is told beside the claims of its scopes, or in the place of one.
    pub claims: Vec<ClaimMapping>,
    /// What its ID tokens are signed with.
    pub signing_algorithm: SigningAlgorithm,
    /// How long its access tokens live.
    pub access_token_minutes: u32,
    /// By what it may have tokens beside codes.
    #[serde(default)]
    pub further_grants: Vec<FurtherGrant>,
    /// Whether a question counts only where the application pushed it (RFC 9126).
    #[serde(default)]
    pub require_pushed_requests: bool,
    /// Whether its tokens are bound to a key that it proves to hold (RFC 9449).
    #[serde(default)]
    pub dpop_bound_tokens: bool,
    /// Where it is told that somebody's session ended (OpenID Connect Back-Channel Logout 1.0).
    #[serde(default)]
    pub back_channel_logout_uri: Option<String>,
}

impl OidcSettings {
    /// What can hold; each refusal names the field. Templates and key sets are the caller's to judge.
    pub fn checked(self) -> Result<Self, Fault> {
        if self.redirect_uris.is_empty() && self.further_grants.is_empty() {
            return Err(Fault::validation(
                "RedirectUris has 0 entries, 1 at least where FurtherGrants has none: nobody could sign in",
            ));
        }
        for (field, uris) in [
            ("RedirectUris", &self.redirect_uris),
            ("PostLogoutRedirectUris", &self.post_logout_redirect_uris),
        ] {
            most(field, uris.len(), URIS_MAX)?;
            unique(field, uris.iter().map(String::as_str))?;
            uris.iter().try_for_each(|uri| RedirectUri::parse(field, uri).map(drop))?;
        }
        self.check_authentication()?;
        self.check_grants()?;
        self.check_scopes()?;
        self.check_claims()?;
        if !ACCESS_TOKEN_MINUTES.contains(&self.access_token_minutes) {
            return Err(Fault::validation(format!(
                "AccessTokenMinutes is {}, {} to {} are possible",
                self.access_token_minutes,
                ACCESS_TOKEN_MINUTES.start(),
                ACCESS_TOKEN_MINUTES.end()
            )));
        }
        Ok(self)
    }

    fn check_authentication(&self) -> Result<(), Fault> {
        let signs = self.authentication == ClientAuthentication::PrivateKeyJwt;
        if signs != self.key_set.is_some() {
            return Err(Fault::validation(
                "KeySet goes with ClientAuthentication PRIVATE_KEY_JWT, which needs it, and with no other",
            ));
        }
        if self.authentication == ClientAuthentication::None && !self.require_pkce {
            return Err(Fault::validation(
                "RequirePkce cannot be false where ClientAuthentication is NONE: nothing else ties a code to who asked for it",
            ));
        }
        Ok(())
    }

    fn check_grants(&self) -> Result<(), Fault> {
        unique("FurtherGrants", self.further_grants.iter().map(|grant| grant.as_str()))?;
        let own = FurtherGrant::ClientCredentials;
        if self.further_grants.contains(&own) && self.authentication == ClientAuthentication::None {
            return Err(Fault::validation(format!(
                "FurtherGrants holds {}, and ClientAuthentication is NONE: whoever knows the client id would have the application's tokens",
                own.as_str()
            )));
        }
        Ok(())
    }

    fn check_scopes(&self) -> Result<(), Fault> {
        most("Scopes", self.scopes.len(), SCOPES_MAX)?;
        unique("Scopes", self.scopes.iter().map(String::as_str))?;
        for scope in &self.scopes {
            // RFC 6749 §3.3.
            let is_letter = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
            if scope.is_empty() || scope.len() > SCOPE_CHARACTERS_MAX || !scope.bytes().all(is_letter) {
                let shown: String = scope.chars().take(SCOPE_CHARACTERS_MAX).collect();
                return Err(Fault::validation(format!(
                    "Scopes: {shown} must have 1 to {SCOPE_CHARACTERS_MAX} printable ASCII characters and no space, quote or backslash"
                )));
            }
            if let Some(begin) = RESERVED_SCOPES.into_iter().find(|begin| scope.starts_with(begin)) {
                return Err(Fault::validation(format!(
                    "Scopes: {scope} begins with {begin}, as scopes of AWS do: no token of CreateTokenWithIAM is given here"
                )));
            }
        }
        if self.scopes.iter().any(|scope| scope == OPENID) {
            return Ok(());
        }
        Err(Fault::validation(format!("Scopes must hold {OPENID}: it is by this that anybody signs in")))
    }

    fn check_claims(&self) -> Result<(), Fault> {
        most("ClaimMappings", self.claims.len(), CLAIMS_MAX)?;
        unique("ClaimMappings.Name", self.claims.iter().map(|claim| claim.name.as_str()))?;
        for claim in &self.claims {
            if called("ClaimMappings.Name", &claim.name, CLAIM_NAME_MAX)? != claim.name {
                return Err(Fault::validation("ClaimMappings.Name has white space around it"));
            }
            if OURS.contains(&claim.name.as_str()) {
                return Err(Fault::validation(format!(
                    "ClaimMappings.Name is {}, which says whose a token is or for whom: no mapping changes it",
                    claim.name
                )));
            }
            if let Some(scope) = claim.scope.as_ref().filter(|scope| !self.scopes.contains(scope)) {
                return Err(Fault::validation(format!("ClaimMappings.Scope: {scope} is none of Scopes")));
            }
        }
        Ok(())
    }

    /// Whether it may have tokens by this.
    pub fn grants(&self, grant: FurtherGrant) -> bool {
        self.further_grants.contains(&grant)
    }

    /// What it may ask for itself: scopes that tell of a person are none of these.
    pub fn own_scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(String::as_str).filter(|scope| !OF_PEOPLE.contains(scope))
    }

    /// The registered redirect URI that admits what was asked for.
    pub fn admits(&self, asked: &str) -> bool {
        admitted(&self.redirect_uris, asked)
    }

    /// Whether a browser may go there after a sign-out.
    pub fn admits_after_sign_out(&self, asked: &str) -> bool {
        admitted(&self.post_logout_redirect_uris, asked)
    }
}

fn admitted(registered: &[String], asked: &str) -> bool {
    let Ok(asked) = RedirectUri::parse("redirect_uri", asked) else { return false };
    let mut all = registered.iter().filter_map(|uri| RedirectUri::parse("RedirectUris", uri).ok());
    all.any(|uri| uri.admits(&asked))
}

/// An application's settings as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcApplication {
    /// The application.
    pub application_id: ApplicationId,
    /// What was decided.
    pub settings: OidcSettings,
    /// When.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> OidcSettings {
        OidcSettings {
            redirect_uris: vec!["https://app.example/cb".into(), "http://127.0.0.1/cb".into()],
            post_logout_redirect_uris: vec!["https://app.example/".into()],
            authentication: ClientAuthentication::Secret,
            key_set: None,
            require_pkce: true,
            refresh_tokens: true,
            scopes: vec!["openid".into(), "email".into()],
            claims: vec![],
            signing_algorithm: SigningAlgorithm::Rs256,
            access_token_minutes: 60,
            further_grants: vec![],
            require_pushed_requests: false,
            dpop_bound_tokens: false,
            back_channel_logout_uri: None,
        }
    }

    #[test]
    fn what_was_decided_before_there_was_more_to_decide_is_read() {
        let mut row = serde_json::to_value(settings()).unwrap();
        let fields = row.as_object_mut().unwrap();
        for later in
            ["further_grants", "require_pushed_requests", "dpop_bound_tokens", "back_channel_logout_uri"]
        {
            assert!(fields.remove(later).is_some(), "{later}");
        }
        assert_eq!(serde_json::from_value::<OidcSettings>(row).unwrap(), settings());
    }

    #[test]
    fn an_application_asks_for_nobody_s_scopes_by_itself() {
        let mut own = settings();
        own.scopes =
            ["openid", "wiki:read", "groups", "wiki:write", "offline_access"].map(str::to_owned).to_vec();
        assert_eq!(own.own_scopes().collect::<Vec<_>>(), ["wiki:read", "wiki:write"]);
    }

    #[test]
    fn a_code_goes_to_a_registered_address_alone() {
        let settings = settings().checked().unwrap();
        assert!(settings.admits("https://app.example/cb"));
        assert!(settings.admits("http://127.0.0.1:49152/cb"), "a program takes whatever port is free");
        for bad in [
            "https://app.example/cb/",
            "https://app.example/cb?x=1",
            "https://app.example:443/cb",
            "https://APP.example/cb",
            "https://app.example.evil/cb",
            "https://app.example/cb/../evil",
            "https://app.example@evil.example/cb",
            "http://app.example/cb",
            "http://localhost:49152/cb",
            "http://127.0.0.1:49152/other",
            "",
        ] {
            assert!(!settings.admits(bad), "{bad}");
        }
        assert!(settings.admits_after_sign_out("https://app.example/"));
        assert!(!settings.admits_after_sign_out("https://app.example/cb"));
    }

    #[test]
    fn what_cannot_hold_is_refused_by_its_field() {
        let refused = |field: &str, change: fn(&mut OidcSettings)| {
            let mut bad = settings();
            change(&mut bad);
            let fault = bad.checked().unwrap_err();
            assert!(fault.message().starts_with(field), "{field}: {fault}");
        };
        refused("RedirectUris", |bad| bad.redirect_uris.clear());
        refused("RedirectUris", |bad| bad.redirect_uris.push("https://app.example/cb".into()));
        refused("RedirectUris", |bad| bad.redirect_uris.push("http://app.example/cb".into()));
        refused("PostLogoutRedirectUris", |bad| {
            bad.post_logout_redirect_uris.push("javascript:alert(1)".into());
        });
        refused("KeySet", |bad| bad.key_set = Some("{}".into()));
        refused("KeySet", |bad| bad.authentication = ClientAuthentication::PrivateKeyJwt);
        refused("RequirePkce", |bad| {
            bad.authentication = ClientAuthentication::None;
            bad.require_pkce = false;
        });
        refused("FurtherGrants", |bad| {
            bad.authentication = ClientAuthentication::None;
            bad.further_grants = vec![FurtherGrant::ClientCredentials];
        });
        refused("FurtherGrants", |bad| bad.further_grants = vec![FurtherGrant::DeviceCode; 2]);
        refused("Scopes", |bad| bad.scopes.clear());
        refused("Scopes", |bad| bad.scopes.push("a b".into()));
        refused("Scopes", |bad| bad.scopes.push("sso:account:access".into()));
        refused("Scopes", |bad| bad.scopes.push("sts:identity_context".into()));
        let mapping = |name: &str, scope: Option<&str>| ClaimMapping {
            name: name.into(),
            value: "x".into(),
            scope: scope.map(Into::into),
        };
        for ours in OURS {
            let mut bad = settings();
            bad.claims.push(mapping(ours, None));
            assert!(bad.checked().unwrap_err().message().starts_with("ClaimMappings.Name"), "{ours}");
        }
        let mut bad = settings();
        bad.claims.push(mapping("department", Some("profile")));
        assert!(bad.checked().unwrap_err().message().starts_with("ClaimMappings.Scope"));
        refused("AccessTokenMinutes", |bad| bad.access_token_minutes = 61);
    }
}
