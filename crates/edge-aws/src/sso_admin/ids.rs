//! Ids of sso-admin from their wire texts. The model's patterns have passed; what they allow and we never issue is unknown to us.

use model::accounts::account_assignment::RequestStatus;
use model::accounts::permission_set::PermissionSetArn;
use model::applications::application::ApplicationArn;
use model::applications::application_provider::ApplicationProviderId;
use model::applications::trusted_token_issuer::TrustedTokenIssuerArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::timestamp::Timestamp;
use wire::generated::sso_admin::shapes::OperationStatusFilter;
use wire::timestamp::EpochSeconds;

/// An instance by ARN. Another partition's, or one that we could not have made, is one that the caller may not see.
pub(crate) fn instance(cx: &Cx, arn: &str) -> Result<InstanceId, Fault> {
    InstanceId::from_arn(arn).ok_or_else(|| unseen(cx, arn))
}

/// The answer to an instance that the caller may not see.
pub(crate) fn unseen(cx: &Cx, arn: &str) -> Fault {
    Fault::access_denied(format!("User: {} is not authorized to access instance {arn}", cx.caller.arn()))
}

/// A permission set by ARN.
pub(crate) fn permission_set(arn: &str) -> Result<PermissionSetArn, Fault> {
    PermissionSetArn::parse(arn)
        .ok_or_else(|| Fault::not_found(format!("PermissionSet {arn} was not found")).with_resource_id(arn))
}

/// A trusted token issuer by ARN.
pub(crate) fn trusted_token_issuer(arn: &str) -> Result<TrustedTokenIssuerArn, Fault> {
    TrustedTokenIssuerArn::parse(arn).ok_or_else(|| {
        Fault::not_found(format!("TrustedTokenIssuer {arn} was not found")).with_resource_id(arn)
    })
}

/// An application by ARN.
pub(crate) fn application(arn: &str) -> Result<ApplicationArn, Fault> {
    ApplicationArn::parse(arn)
        .ok_or_else(|| Fault::not_found(format!("Application {arn} was not found")).with_resource_id(arn))
}

/// An application provider by ARN.
pub(crate) fn application_provider(arn: &str) -> Result<ApplicationProviderId, Fault> {
    ApplicationProviderId::from_arn(arn).ok_or_else(|| {
        Fault::not_found(format!("ApplicationProvider {arn} was not found")).with_resource_id(arn)
    })
}

/// A time as JSON 1.1 writes it.
pub(crate) fn seconds(at: Timestamp) -> EpochSeconds {
    EpochSeconds(at.epoch_seconds())
}

/// The status that a filter asks for.
pub(crate) fn status(filter: Option<&OperationStatusFilter>) -> Option<RequestStatus> {
    filter.and_then(|filter| filter.status.as_deref()).and_then(RequestStatus::parse)
}
