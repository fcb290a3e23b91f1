//! Proofs of possession (RFC 9449) at the addresses of an application. Where its tokens are bound to keys no request goes without a proof; where they are not, none is taken: a proof
//! is never ignored. Each is good once, and remembered for as long as it could come again.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::dpop::{Expected, Proof};
use model::applications::oidc_application::OidcSettings;
use model::cx::Cx;
use model::fault::{Fault, OAuthError};
use model::limits::CLOCK_SKEW;
use model::secret::Secret;
use store::signin::used_proofs;
use store::tx::Tx;

/// A key that somebody proved to hold.
#[derive(Debug, Clone)]
pub(crate) struct Proved {
    /// Its thumbprint.
    pub(crate) key: String,
    proof: Proof,
}

pub(crate) fn refused(why: &str) -> Fault {
    Fault::oauth(OAuthError::InvalidDpopProof, format!("The proof in the DPoP header is refused: {why}."))
}

/// What a request proves that must prove as much as the application's settings say.
pub(crate) fn proved(
    cx: &Cx,
    settings: &OidcSettings,
    (given, address): (Option<&Secret>, &str),
) -> Result<Option<Proved>, Fault> {
    match (settings.dpop_bound_tokens, given) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(Fault::oauth(
            OAuthError::InvalidRequest,
            "There is a DPoP header, and the application's tokens are bound to no key (DpopBoundTokens is false).",
        )),
        (true, None) => Err(Fault::oauth(
            OAuthError::InvalidDpopProof,
            "The DPoP header is missing: the application's tokens are bound to a key (DpopBoundTokens is true).",
        )),
        (true, Some(proof)) => of(cx, proof, ("POST", address)).map(Some),
    }
}

/// What a proof for this request proves.
pub(crate) fn of(cx: &Cx, given: &Secret, (method, address): (&str, &str)) -> Result<Proved, Fault> {
    let urls = [address.to_owned()];
    let expected = Expected { method, urls: &urls, now: cx.now.seconds(), skew: CLOCK_SKEW.as_secs() };
    let proof = Proof::verify(given.expose(), &expected).map_err(|error| refused(&error.to_string()))?;
    Ok(Proved { key: proof.thumbprint.clone(), proof })
}

impl Proved {
    /// Whether it was made for a request with this access token (RFC 9449 §4.3).
    pub(crate) fn is_for(&self, token: &Secret) -> bool {
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.expose().as_bytes()));
        self.proof.access_token_hash.as_ref() == Some(&hash)
    }

    /// Remembers the proof; refuses one that came before (RFC 9449 §11.1).
    pub(crate) fn use_up(&self, tx: &mut Tx<'_>, cx: &Cx) -> Result<(), Fault> {
        let hash = tx.keyring().hash_token(&format!("{}.{}", self.proof.thumbprint, self.proof.id));
        if used_proofs::insert(tx, &hash, cx.now.plus(CLOCK_SKEW * 2))? {
            return Ok(());
        }
        Err(refused("its jti was used before"))
    }
}
