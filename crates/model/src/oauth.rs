//! The words of OAuth as sso-oidc speaks them (RFC 6749, 7636, 8628).

/// A grant that CreateToken redeems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    /// `authorization_code`
    AuthorizationCode,
    /// `urn:ietf:params:oauth:grant-type:device_code`
    DeviceCode,
    /// `refresh_token`
    RefreshToken,
}

impl GrantType {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::AuthorizationCode, Self::DeviceCode, Self::RefreshToken]
            .into_iter()
            .find(|grant| grant.as_str() == value)
    }
}

/// The scope that opens the portal API: accounts, roles and role credentials.
pub const SCOPE_ACCOUNT_ACCESS: &str = "sso:account:access";
