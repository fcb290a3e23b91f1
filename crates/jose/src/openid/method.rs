//! The ways in which a client proves itself at a token endpoint. Its secret is not here.

/// How a client proves itself at the token endpoint (Core §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `client_secret_basic`: the secret in a header.
    Basic,
    /// `client_secret_post`: the secret in the body.
    Post,
    /// `none`: a client without a secret; PKCE alone ties the code to it.
    Nothing,
}

impl Method {
    /// All of them, the one that every provider must have first.
    pub const ALL: [Self; 3] = [Self::Basic, Self::Post, Self::Nothing];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::Nothing => "none",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }
}
