//! `RevokeIssued`: everything issued before now is void. For the hour after a theft or a restore; only who holds the data directory may ask
//! for it, so there is no permission to check.

use std::time::Duration;

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::record::time_of;
use model::timestamp::Timestamp;
use store::db::Store;

/// Rows of each kind that one transaction removes at most.
const BATCH: i64 = 500;
/// How far the clock of another server may be ahead of this one's.
const AHEAD_MAX: Duration = Duration::from_secs(300);

/// Makes void every portal session, token, code, client registration and role session issued until now; since when. What a server whose
/// clock is ahead has issued counts as issued before, as the trail tells; one that is far ahead is refused, because nothing issued by
/// the right time would be good until then.
///
/// `in_files` is the last id of a record that is in files beside the database.
pub async fn revoke_issued(
    store: &Store,
    cx: &Cx,
    instance: &Instance,
    in_files: Option<u128>,
) -> Result<Timestamp, Fault> {
    let arn = instance.id.arn();
    let at = store
        .write(cx, move |tx, cx| {
            let last = store::instances::revocations::last_record(tx)?.max(in_files).map_or(cx.now, time_of);
            if last > cx.now.plus(AHEAD_MAX) {
                return Err(Fault::validation(format!(
                    "the trail's last record is of {}, and the clock here says {}: set the clocks of all servers, then try again",
                    last.rfc3339(),
                    cx.now.rfc3339()
                )));
            }
            let at = cx.now.max(last);
            store::instances::revocations::set_not_before(tx, at)?;
            cx.event().touch("AWS::SSO::Instance", arn.clone());
            cx.event().detail("notBefore", at.rfc3339());
            Ok(at)
        })
        .await?;
    while store.maintain(cx, move |tx, _| store::instances::revocations::sweep(tx, at, BATCH)).await? > 0 {}
    Ok(at)
}
