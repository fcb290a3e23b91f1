//! A user as IAM knows one: what administrators' calls about passwords and sessions are authorised on.

use model::access::Resource;
use model::directory::user::UserId;
use model::fault::Fault;
use store::tx::Rx;

use crate::config::Config;

/// Who a user is, for an administrator's call about them: `identitystore` user of the one directory.
pub(crate) fn resource(rx: &mut Rx<'_>, config: &Config, user: &UserId) -> Result<Resource, Fault> {
    let instance = store::instances::instances::find_by_identity_store(rx, &config.identity_store_id)?
        .ok_or_else(|| Fault::internal("the directory that signs in belongs to no instance"))?;
    Ok(Resource { arn: user.arn(), owner: Some(instance.owner), ..Resource::default() })
}
