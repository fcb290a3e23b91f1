//! UpdatePassword, RequirePasswordChange, GetPasswordPolicy, PutPasswordPolicy.

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::secret::Secret;
use model::signin::password_policy::PasswordPolicy;
use signin::passwords::{self, NewPassword};
use wire::generated::portico::shapes::{
    self, GetPasswordPolicyRequest, GetPasswordPolicyResponse, PutPasswordPolicyRequest,
    PutPasswordPolicyResponse, RequirePasswordChangeRequest, RequirePasswordChangeResponse,
    UpdatePasswordRequest, UpdatePasswordResponse,
};

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdatePasswordRequest,
) -> Result<UpdatePasswordResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let new = NewPassword {
        password: input.password.map(Secret::new),
        must_change: input.must_change.unwrap_or_default(),
    };
    let made = passwords::set(&app.store, &cx, (&app.signin, &app.hasher), (&at, &id), new).await?;
    Ok(UpdatePasswordResponse { one_time_password: made.map(|made| made.expose().to_owned()) })
}

pub(crate) async fn require_change(
    app: App,
    cx: Cx,
    input: RequirePasswordChangeRequest,
) -> Result<RequirePasswordChangeResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    passwords::require_change(&app.store, &cx, (&at, &id)).await?;
    Ok(RequirePasswordChangeResponse {})
}

pub(crate) async fn get_policy(
    app: App,
    cx: Cx,
    input: GetPasswordPolicyRequest,
) -> Result<GetPasswordPolicyResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let policy = passwords::policy(&app.store, &cx, &at)?;
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(GetPasswordPolicyResponse {
        password_policy: shapes::PasswordPolicy {
            minimum_length: Some(number(policy.minimum_length)),
            remembered_passwords: Some(number(policy.remembered)),
            refuse_breached: Some(policy.refuse_breached),
            require_character_classes: Some(policy.require_character_classes),
        },
    })
}

/// What is left out is as it is by default.
pub(crate) async fn put_policy(
    app: App,
    cx: Cx,
    input: PutPasswordPolicyRequest,
) -> Result<PutPasswordPolicyResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (given, default) = (input.password_policy, PasswordPolicy::default().in_force(cx.mode));
    let number = |number: i64| usize::try_from(number).unwrap_or_default();
    let policy = PasswordPolicy {
        minimum_length: given.minimum_length.map_or(default.minimum_length, number),
        remembered: given.remembered_passwords.map_or(default.remembered, number),
        refuse_breached: given.refuse_breached.unwrap_or(default.refuse_breached),
        require_character_classes: given
            .require_character_classes
            .unwrap_or(default.require_character_classes),
    };
    passwords::put_policy(&app.store, &cx, &at, policy).await?;
    Ok(PutPasswordPolicyResponse {})
}
