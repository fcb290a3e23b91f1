//! Housekeeping: rows whose time is over go, in small batches, so that nobody waits behind a large deletion.

use std::time::Duration;

use model::cx::Cx;
use model::fault::Fault;
use store::db::Store;
use store::tx::Tx;

/// Rows of one transaction.
const BATCH: i64 = 500;
/// Transactions of one kind in one run; what is left waits for the next run.
const BATCHES_MAX: usize = 40;
/// How long a lapsed code stays, so that its client hears "expired" and not "unknown", and a replay is noticed.
const CODE_GRACE: Duration = Duration::from_hours(1);

/// How long an assertion that was accepted is remembered beyond its time: a clock that went ahead and is set back gives the assertion its
/// time again, and it must not be good twice.
const ASSERTION_GRACE: Duration = Duration::from_hours(24);

type Delete = fn(&mut Tx<'_>, &Cx) -> Result<u64, Fault>;

const KINDS: [Delete; 8] = [
    |tx, cx| store::sign_outs::expired(tx, cx.now, BATCH),
    |tx, cx| store::tokens::delete_expired_access(tx, cx.now, BATCH),
    |tx, cx| store::tokens::delete_expired_refresh(tx, cx.now, BATCH),
    |tx, cx| store::authorization_codes::delete_expired(tx, cx.now.minus(CODE_GRACE), BATCH),
    |tx, cx| store::device_authorizations::delete_expired(tx, cx.now.minus(CODE_GRACE), BATCH),
    |tx, cx| store::oauth_clients::delete_expired(tx, cx.now, BATCH),
    |tx, cx| store::signin_attempts::delete_old(tx, cx.now.minus(crate::attempts::MEMORY), BATCH),
    |tx, cx| store::used_assertions::delete_expired(tx, cx.now.minus(ASSERTION_GRACE), BATCH),
];

/// Removes what has expired; how many rows. Meant to be called every few minutes.
pub async fn expire(store: &Store, cx: &Cx) -> Result<u64, Fault> {
    let mut removed = 0_u64;
    for delete in KINDS {
        for _ in 0..BATCHES_MAX {
            let rows = store.maintain(cx, delete).await?;
            removed = removed.saturating_add(rows);
            if rows < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(removed)
}
