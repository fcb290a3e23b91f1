//! When an account that is somewhere else is looked at by itself.

use std::time::Duration;

use model::accounts::account::AccountId;
use model::accounts::account_connection::ConnectionSettings;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use store::accounts::account_drifts;
use store::tx::Tx;

/// Decides when an account is first looked at by itself: sometime within the interval, so that accounts that were connected together are looked at one after
/// another, and so are those that waited while the server was stopped.
pub(crate) fn plan(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: &AccountId,
    settings: &ConnectionSettings,
) -> Result<(), Fault> {
    let share = u32::from(u16::from_le_bytes(bytes::<2>(cx.entropy())));
    let sometime = |every: Duration| cx.now.plus(every / u32::from(u16::MAX) * share);
    account_drifts::plan(tx, account, settings.drift_detection_every().map(sometime))
}
