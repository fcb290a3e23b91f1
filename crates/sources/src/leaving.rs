//! A source that is taken away, within the transaction that does: whom it owned it releases. Of whom it is one of several sources, it is not taken away
//! silently: what they are would change.

use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use store::directory::{attribute_precedence, owners, user_sources};
use store::tx::Tx;

/// How many users and groups it releases.
pub(crate) fn leave_in(tx: &mut Tx<'_>, store_id: &IdentityStoreId, source: &str) -> Result<u64, Fault> {
    if user_sources::is_source(tx, source)? {
        let found = user_sources::count(tx, source)?;
        let (people, more) = (found.count, if found.at_least { " or more" } else { "" });
        return Err(Fault::conflict(format!(
            "It is one of several sources of {people}{more} users, whose attributes would change: unlink it from them first by \
             UnlinkUsersFromSource of the service portico, which tells what changes with DryRun, or hand over those whom it owns by TakeOwnership; \
             ListLinkedUsers names them"
        )));
    }
    let precedence = attribute_precedence::find(tx, store_id)?;
    let without = precedence.clone().without(source);
    if without != precedence {
        attribute_precedence::put(tx, store_id, &without)?;
    }
    owners::delete_by_source(tx, source)
}
