//! Housekeeping: rows whose time is over go, in small transactions until none is left, so that nobody waits behind a large deletion and no flood
//! is faster than it.

use std::time::Duration;

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use store::db::Store;
use store::signin::sign_outs::EXPIRED_MAX;
use store::tx::Tx;
use tokio::time::Instant;

/// How long a lapsed code stays, so that its client hears "expired" and not "unknown", and a replay is noticed.
const CODE_GRACE: Duration = Duration::from_mins(5);

/// How long an assertion that was accepted is remembered beyond its time: a clock that went ahead and is set back gives the assertion its
/// time again, and it must not be good twice.
const ASSERTION_GRACE: Duration = Duration::from_hours(24);

/// The same for proofs of possession, which come with every renewal of `aws login`: for a clock that is set back a little.
const PROOF_GRACE: Duration = Duration::from_hours(1);

type Delete = fn(&mut Tx<'_>, &Cx) -> Result<u64, Fault>;

const KINDS: [Delete; 25] = [
    |tx, cx| store::signin::sign_outs::expired(tx, cx.now),
    |tx, cx| store::signin::authorization_codes::delete_expired(tx, cx.now.minus(CODE_GRACE)),
    |tx, cx| store::signin::console_login_codes::delete_expired(tx, cx.now.minus(CODE_GRACE)),
    |tx, cx| store::signin::device_authorizations::delete_expired(tx, cx.now.minus(CODE_GRACE)),
    |tx, cx| store::signin::oauth_clients::delete_expired(tx, cx.now),
    |tx, cx| store::signin::signin_attempts::delete_old(tx, cx.now.minus(crate::attempts::MEMORY)),
    |tx, cx| store::signin::sign_in_flows::delete_expired(tx, cx.now),
    |tx, cx| store::signin::one_time_codes::delete_expired(tx, cx.now),
    |tx, cx| store::signin::remembered_browsers::delete_expired(tx, cx.now),
    |tx, cx| store::signin::consents::delete_expired(tx, cx.now),
    |tx, cx| store::signin::used_proofs::delete_expired(tx, cx.now.minus(PROOF_GRACE)),
    |tx, cx| store::signin::invitations::delete_expired(tx, cx.now),
    crate::deliveries::delete_ended,
    crate::expiry_notices::delete_old,
    |tx, cx| store::sources::external_answers::delete_expired(tx, cx.now),
    |tx, cx| store::applications::saml_sign_outs::delete_expired(tx, cx.now),
    |tx, cx| store::applications::oidc_codes::delete_expired(tx, cx.now.minus(CODE_GRACE)),
    |tx, cx| store::applications::oidc_tokens::delete_expired(tx, cx.now),
    |tx, cx| store::applications::oidc_client_tokens::delete_expired(tx, cx.now),
    |tx, cx| store::applications::oidc_pushed_requests::delete_expired(tx, cx.now),
    |tx, cx| store::applications::oidc_devices::delete_expired(tx, cx.now.minus(CODE_GRACE)),
    |tx, cx| store::applications::oidc_participants::end_expired(tx, cx.now),
    |tx, cx| store::accounts::used_assertions::delete_expired(tx, cx.now.minus(ASSERTION_GRACE)),
    |tx, cx| store::applications::application_codes::delete_expired(tx, cx.now.minus(CODE_GRACE)),
    |tx, cx| store::applications::application_tokens::delete_expired(tx, cx.now),
];

/// Removes what has expired, and has those told that hear of a session's end; how many rows. Meant to be called a few times a minute. The kinds have a transaction each in turn, so that a
/// flood of one does not keep the others waiting, and after each nothing happens for as long as it took.
pub async fn expire(store: &Store, cx: &Cx) -> Result<u64, Fault> {
    let mut removed = 0_u64;
    let mut left = KINDS.to_vec();
    while !left.is_empty() {
        let mut more = Vec::new();
        for delete in left {
            let begun = Instant::now();
            let rows = match store.maintain(cx, delete).await {
                // In a Region that follows these rows are the primary's, which removes them.
                Err(fault) if *fault.kind() == FaultKind::AccessDenied => continue,
                rows => rows?,
            };
            removed = removed.saturating_add(rows);
            if rows >= EXPIRED_MAX {
                more.push(delete);
                tokio::time::sleep(begun.elapsed()).await;
            }
        }
        left = more;
    }
    Ok(removed)
}
