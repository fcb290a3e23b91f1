//! The keys of those whose tokens are believed: heard at their discovery document, kept, and heard again when they are old or when a token names one that is
//! not among them. Nobody is asked inside a transaction, and nobody more often than [`bursts`] allows, whatever strangers bring. Who is believed, and what
//! comes of a token, is not known here: trusted token issuers are [`assertions`](crate::assertions)'s, providers of IAM are `accounts`'s.

use std::time::Duration;

use jose::jwks::KeySet;
use jose::jwt::JwtError;
use jose::openid::assertion::{Assertion, Expected};
use jose::openid::discovery;
use jose::openid::issuer::Issuer;
use jose::openid::refusal::Refusal;
use model::cx::Cx;
use model::fault::Fault;
use outbound::address::Address;
use outbound::bursts;
use outbound::client::Outbound;
use outbound::credentials::Credentials;
use store::applications::issuer_keys::{self, HeardKeys, LATER_MAX};
use store::db::Store;
use store::tx::Tx;

/// How long what was heard counts before an issuer is asked again. A key that it has taken back is believed so long at most.
const FRESH: Duration = Duration::from_hours(24);
/// How long it counts where the issuer does not answer any more: longer than a weekend, and not for ever.
const STALE_MAX: Duration = Duration::from_hours(24 * 7);

/// How far an issuer's clock may be off, seconds.
const SKEW: u64 = 120;

/// Whose keys are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'w> {
    /// Under which id what was heard is kept.
    pub id: &'w str,
    /// Its name, as its tokens have it in `iss`: where it is asked.
    pub url: &'w str,
}

/// Why a token is not taken.
#[derive(Debug)]
pub enum Unjudged {
    /// Its issuer's keys are not known now: it could not be asked, or answered something else. What went wrong is for those who run this server.
    Unheard(Fault),
    /// It does not hold.
    Refused(Refusal),
}

/// What is known of an issuer.
#[derive(Debug, Clone)]
struct Known {
    /// What it says of itself.
    issuer: Issuer,
    /// Its keys.
    keys: KeySet,
}

impl Known {
    fn read(of: Whose<'_>, heard: &HeardKeys) -> Result<Self, String> {
        let issuer = Issuer::read(of.url, heard.document.as_bytes()).map_err(|error| error.to_string())?;
        let keys = KeySet::read(heard.key_set.as_bytes()).map_err(|error| error.to_string())?;
        Ok(Self { issuer, keys })
    }
}

/// Judges a token by its issuer's keys; where they do not fit, by newer ones. No transaction is open: the issuer may be asked.
pub async fn judge(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    of: Whose<'_>,
    (token, audiences): (&str, &[String]),
) -> Result<Assertion, Unjudged> {
    let known = known(store, cx, outbound, of).await.map_err(Unjudged::Unheard)?;
    let verify = |known: &Known| {
        let expected = Expected {
            issuer: of.url,
            audiences,
            algorithms: &known.issuer.algorithms,
            now: cx.now.seconds(),
            skew: SKEW,
        };
        Assertion::verify(token, &known.keys, &expected)
    };
    let judged = match verify(&known) {
        // The issuer may have replaced its keys, some under the name that they had.
        Err(Refusal::Token(why)) if why.asks_for_newer_keys() || matches!(why, JwtError::Signature) => {
            match heard_anew(store, cx, outbound, of).await {
                Ok(newer) => verify(&newer),
                Err(_) => Err(Refusal::Token(why)),
            }
        }
        other => other,
    };
    judged.map_err(Unjudged::Refused)
}

/// What is known of an issuer, if it was heard not too long ago; else it is asked now.
async fn known(store: &Store, cx: &Cx, outbound: &Outbound, of: Whose<'_>) -> Result<Known, Fault> {
    let heard = store.read(|rx| Ok(issuer_keys::find(rx, of.id)?))?;
    let Some(heard) = heard else { return heard_anew(store, cx, outbound, of).await };
    let age = cx.now.since(heard.fetched_at);
    // Heard by a clock that was ahead: nobody knows when.
    let is_future = heard.fetched_at > cx.now.plus(LATER_MAX);
    if age < FRESH && !is_future {
        return Known::read(of, &heard).map_err(Fault::internal);
    }
    match heard_anew(store, cx, outbound, of).await {
        // It is away: what it said before counts for a while.
        Err(_) if age < STALE_MAX => Known::read(of, &heard).map_err(Fault::internal),
        other => other,
    }
}

/// Asks an issuer, and keeps what it says. The fault's sentence says what went wrong, for whoever administers the issuer's settings; it holds nothing secret.
async fn heard_anew(store: &Store, cx: &Cx, outbound: &Outbound, of: Whose<'_>) -> Result<Known, Fault> {
    if !may_ask(store, cx, of).await? {
        return Err(Fault::validation(format!(
            "{} was asked for its keys a moment ago: try again in a minute",
            of.url
        )));
    }
    let refused = |why: &dyn std::fmt::Display| Fault::validation(format!("{}: {why}", of.url));
    let address = discovery::address(of.url).map_err(|why| refused(&why))?;
    let document = get(outbound, &address, "application/json").await.map_err(|why| refused(&why))?;
    let issuer = Issuer::read(of.url, document.as_bytes()).map_err(|why| refused(&why))?;
    let accept = "application/jwk-set+json, application/json";
    let key_set = get(outbound, &issuer.jwks_uri, accept).await.map_err(|why| refused(&why))?;
    let keys = KeySet::read(key_set.as_bytes()).map_err(|why| refused(&why))?;
    let (id, heard) = (of.id.to_owned(), HeardKeys { document, key_set, fetched_at: cx.now });
    store.maintain(cx, move |tx, _| issuer_keys::set(tx, &id, &heard)).await?;
    Ok(Known { issuer, keys })
}

/// Whether an issuer may be asked now, which counts from then on, whatever comes of it.
async fn may_ask(store: &Store, cx: &Cx, of: Whose<'_>) -> Result<bool, Fault> {
    let id = of.id.to_owned();
    let ask = move |tx: &mut Tx<'_>, cx: &Cx| {
        let until = bursts::next(issuer_keys::asked_until(tx, &id)?, cx.now);
        if let Some(until) = until {
            issuer_keys::set_asked_until(tx, &id, until)?;
        }
        Ok(until.is_some())
    };
    store.maintain(cx, ask).await
}

/// The text at an address, or what went wrong.
async fn get(outbound: &Outbound, url: &str, accept: &str) -> Result<String, String> {
    let address = Address::parse(url).map_err(|flaw| flaw.to_string())?;
    let answer = outbound.get(&address, accept, Credentials::Nobody).await;
    let answer = answer.map_err(|failure| failure.to_string())?;
    let text = String::from_utf8(answer.body().to_vec());
    text.map_err(|_| format!("what {url} answers is not UTF-8 text"))
}
