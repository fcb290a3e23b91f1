//! Who acts for an application, and what it may come by: the gate of CreateTokenWithIAM, and what its grants and access scopes say. An application that is
//! not there answers as one for which nobody may act.

use model::accounts::organizational_unit::UnitPath;
use model::applications::access_scope::AccessScope;
use model::applications::application::{Application, ApplicationArn, Switch};
use model::applications::authentication_method::{AuthenticationMethod, AuthenticationMethodType};
use model::applications::grant::{Grant, GrantType};
use model::applications::trusted_token_issuer::TrustedTokenIssuerArn;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::{Fault, OAuthError};
use model::instances::instance::Instance;
use model::page::PageRequest;
use policy::document::{Document, Kind};
use policy::{resource, trust};
use store::applications::{access_scopes, authentication_methods, grants};
use store::tx::Rx;

use crate::application_access::may_use;
use crate::assertions::Authorized;

/// The action that is asked about.
const ACTION: &str = "sso-oauth:CreateTokenWithIAM";
/// What every application may have, whatever its access scopes say (AWS, CreateTokenWithIAM, `scope`).
const DEFAULT_SCOPES: [&str; 3] = ["openid", "aws", "sts:identity_context"];
/// Access scopes of an application are read at once.
const SCOPES_READ: usize = 1_000;

/// An application for which the caller may act.
pub(crate) struct Acting {
    pub(crate) instance: Instance,
    pub(crate) application: Application,
    grants: Vec<Grant>,
    scopes: Vec<AccessScope>,
}

/// Passes the gate: the application's actor policy and the caller's own policies let them act for it, and it is enabled.
pub(crate) fn enter(rx: &mut Rx<'_>, cx: &Cx, arn: &ApplicationArn) -> Result<Acting, Fault> {
    let denied = || {
        let caller = match cx.caller.arn() {
            arn if arn.is_empty() => "anonymous".to_owned(),
            arn => arn,
        };
        Fault::access_denied(format!(
            "User: {caller} is not authorized to perform: {ACTION} on resource: {arn}"
        ))
    };
    let instance = store::instances::instances::find(rx, &arn.instance_id)?.ok_or_else(denied)?;
    let found = store::applications::applications::find(rx, &arn.id)?;
    let application = found.filter(|found| found.arn() == *arn).ok_or_else(denied)?;
    let method = authentication_methods::find(rx, &application.id, AuthenticationMethodType::Iam)?;
    let actors = match &method {
        Some(AuthenticationMethod::Iam { actor_policy }) => Document::from_value(actor_policy, Kind::Actor)?,
        None => return Err(denied()),
    };
    let tags = store::instances::tags::all_of(rx, &arn.to_string())?;
    let path = match cx.caller.account_id() {
        Some(own) if *own == arn.account_id => UnitPath::ROOT,
        _ => store::accounts::accounts::path_of(rx, &arn.account_id)?,
    };
    let resource = resource::application(cx, arn, &instance, tags, path);
    if !trust::may_act(cx, &actors, &resource, ACTION) {
        return Err(denied());
    }
    if application.status != Switch::Enabled {
        return Err(Fault::oauth(OAuthError::UnauthorizedClient, "The application is disabled."));
    }
    Ok(Acting {
        grants: grants::all_of(rx, &application.id)?,
        scopes: access_scopes::page(rx, &application.id, &PageRequest::first(SCOPES_READ))?,
        instance,
        application,
    })
}

impl Acting {
    fn grant(&self, kind: GrantType) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.kind() == kind)
    }

    /// Refuses a grant that the application has not.
    pub(crate) fn require_grant(&self, kind: GrantType) -> Result<(), Fault> {
        if self.grant(kind).is_some() {
            return Ok(());
        }
        let message =
            format!("The application has no grant {}: PutApplicationGrant gives it one.", kind.as_str());
        Err(Fault::oauth(OAuthError::UnauthorizedClient, message))
    }

    /// Whether it may refresh what it gets.
    pub(crate) fn may_refresh(&self) -> bool {
        self.grant(GrantType::RefreshToken).is_some()
    }

    /// The issuers whose tokens it may bring, and for whom those must be.
    pub(crate) fn authorized_issuers(&self) -> Vec<Authorized> {
        let Some(Grant::JwtBearer { authorized_token_issuers }) = self.grant(GrantType::JwtBearer) else {
            return Vec::new();
        };
        let read = authorized_token_issuers.iter().filter_map(|one| {
            let issuer = TrustedTokenIssuerArn::parse(&one.trusted_token_issuer_arn)?;
            Some(Authorized { issuer, audiences: one.authorized_audiences.clone() })
        });
        read.collect()
    }

    /// The scopes that a token gets: those that are asked for, or all that the application may have.
    pub(crate) fn granted(&self, asked: &[String]) -> Result<Vec<String>, Fault> {
        let own = self.scopes.iter().map(|scope| scope.scope.as_str());
        let may: Vec<&str> = DEFAULT_SCOPES.into_iter().chain(own).collect();
        let mut granted: Vec<String> = Vec::new();
        let asked: Vec<&str> =
            if asked.is_empty() { may.clone() } else { asked.iter().map(String::as_str).collect() };
        for scope in asked {
            if !may.contains(&scope) {
                let shown: String = scope.chars().take(160).collect();
                let message = format!(
                    "The application may not have the scope {shown}: PutApplicationAccessScope gives it one."
                );
                return Err(Fault::oauth(OAuthError::InvalidScope, message));
            }
            if !granted.iter().any(|one| one == scope) {
                granted.push(scope.to_owned());
            }
        }
        Ok(granted)
    }

    /// Refuses scopes that are not those of the tokens that are renewed: a token's scopes are its family's. Those that the application may not have any
    /// more end it.
    pub(crate) fn require_same_scopes(&self, asked: &[String], own: &[String]) -> Result<(), Fault> {
        let same = asked.len() == own.len() && asked.iter().all(|scope| own.contains(scope));
        if !asked.is_empty() && !same {
            let message = "scope must be left out, or be that of the tokens that are renewed";
            return Err(Fault::oauth(OAuthError::InvalidScope, message));
        }
        self.granted(own).map(drop)
    }

    /// Refuses who may not use the application.
    pub(crate) fn require_access(&self, rx: &mut Rx<'_>, person: &UserId) -> Result<(), Fault> {
        if may_use(rx, &self.application.id, person)? {
            return Ok(());
        }
        let message = "The person may not use the application: they are disabled, or not assigned to it.";
        Err(Fault::oauth(OAuthError::AccessDenied, message))
    }
}
