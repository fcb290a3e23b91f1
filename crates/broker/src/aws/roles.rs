//! Roles in an account that is somewhere else: read, brought to what is wanted, taken away; and the SAML provider that they trust. One call at a time, and
//! none that changes nothing. A role that does not bear our mark at our path is left alone, whatever its name.

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{Role, Tag};
use model::accounts::account::AccountId;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::aws::access::{Access, Reach};
use crate::aws::failure::Failure;
use crate::aws::steps::{MARK, SHUT, Standing, Step, Wanted, dismantling, shut_policy, shut_trust, steps};
use crate::local::INLINE_POLICY_NAME;

/// Pages of a list at most: of policies a role has no more than a few.
pub(crate) const PAGES_MAX: usize = 100;

/// The SAML provider that roles trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its ARN in the account.
    pub arn: String,
    /// What it believes.
    pub metadata: String,
}

/// An account's IAM, and what is asked of it.
pub(crate) struct Account<'a> {
    pub(crate) id: &'a AccountId,
    pub(crate) iam: Client,
}

/// Brings the role to what is wanted, with the provider that it trusts; answers its unique id.
pub async fn ensure(
    access: &Access,
    reach: &Reach,
    provider: &Provider,
    wanted: &Wanted,
) -> Result<String, Failure> {
    let account = Account::enter(access, reach).await?;
    account.ensure_provider(provider).await?;
    let found = account.role(&wanted.name).await?;
    let (mut id, standing) = match &found {
        None => (None, None),
        Some(role) => {
            let standing = account.standing(role).await?;
            account.require_ours(&wanted.name, &wanted.path, (&standing, &wanted.mark))?;
            (Some(role.role_id().to_owned()), Some(standing))
        }
    };
    let steps = steps(standing.as_ref(), wanted);
    account.require_policies(&steps, wanted).await?;
    for step in steps {
        tracing::debug!(account = %account.id, role = wanted.name, ?step, "a step in an account");
        if let Some(new) = account.take(&step, wanted).await? {
            id = Some(new);
        }
    }
    id.ok_or_else(|| Failure::found(account.id, "iam:CreateRole", "no role was answered".to_owned()))
}

/// Brings the SAML provider to what is wanted.
pub async fn ensure_provider(access: &Access, reach: &Reach, provider: &Provider) -> Result<(), Failure> {
    Account::enter(access, reach).await?.ensure_provider(provider).await
}

/// Takes the role away. One that is not there is gone already, and one that is not ours is left alone: for us it is gone too.
pub async fn remove(
    access: &Access,
    reach: &Reach,
    (name, path): (&str, &str),
    mark: &str,
) -> Result<(), Failure> {
    let account = Account::enter(access, reach).await?;
    let Some(role) = account.role(name).await? else { return Ok(()) };
    let standing = account.standing(&role).await?;
    if let Err(failure) = account.require_ours(name, path, (&standing, mark)) {
        tracing::warn!(account = %account.id, role = name, %failure, "a role that was to go is not ours any more");
        return Ok(());
    }
    for step in dismantling(&standing) {
        account.policy_step(&step, name, None).await?;
    }
    let call = "iam:DeleteRole";
    match account.iam.delete_role().role_name(name).send().await {
        Ok(_) => Ok(()),
        Err(error) => absent_is_done(Failure::of(account.id, call, &error)),
    }
}

/// What was to go and is not there is gone.
fn absent_is_done(failure: Failure) -> Result<(), Failure> {
    if failure.is_absent() { Ok(()) } else { Err(failure) }
}

/// A document as IAM writes it: JSON, percent-encoded.
fn document(text: &str) -> Option<Value> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    serde_json::from_str(&decoded).ok()
}

impl<'a> Account<'a> {
    pub(crate) async fn enter(access: &'a Access, reach: &Reach) -> Result<Self, Failure> {
        let credentials = access.credentials(reach).await?;
        // A key by which another account is reached would make there what is meant for this one, and take away what is there.
        let identity = access.identity(reach, &credentials).await?;
        let whose = identity.account().unwrap_or_default();
        if whose != access.account.as_str() {
            let said = format!("the credentials are of account {whose}");
            return Err(Failure::found(&access.account, "sts:GetCallerIdentity", said));
        }
        Ok(Self { id: &access.account, iam: access.iam(reach, credentials) })
    }

    fn unreadable(&self, call: &'static str) -> Failure {
        Failure::found(self.id, call, "a policy document was answered that cannot be read".to_owned())
    }

    fn require_ours(
        &self,
        name: &str,
        path: &str,
        (standing, mark): (&Standing, &str),
    ) -> Result<(), Failure> {
        if standing.path == path && standing.mark.as_deref() == Some(mark) {
            return Ok(());
        }
        Err(Failure::found(
            self.id,
            "iam:GetRole",
            format!(
                "the role {name} is there and was not made by this instance: its path is {} and its tag {MARK} is {}. It is left alone",
                standing.path,
                standing.mark.as_deref().unwrap_or("absent")
            ),
        ))
    }

    /// Refuses before the first step what a later one would: whatever comes must be there. A role is shut while it changes, and would stay so.
    async fn require_policies(&self, steps: &[Step], wanted: &Wanted) -> Result<(), Failure> {
        let coming = steps.iter().filter_map(|step| match step {
            Step::Create => wanted.boundary.as_ref(),
            Step::PutBoundary(arn) | Step::Attach(arn) => Some(arn),
            _ => None,
        });
        for arn in coming.collect::<BTreeSet<_>>() {
            let found = self.iam.get_policy().policy_arn(arn).send().await;
            found.map_err(|error| Failure::of(self.id, "iam:GetPolicy", &error))?;
        }
        Ok(())
    }

    async fn ensure_provider(&self, provider: &Provider) -> Result<(), Failure> {
        let call = "iam:GetSAMLProvider";
        match self.iam.get_saml_provider().saml_provider_arn(&provider.arn).send().await {
            Ok(found) if found.saml_metadata_document() == Some(provider.metadata.as_str()) => Ok(()),
            Ok(_) => {
                let call = "iam:UpdateSAMLProvider";
                let update = self.iam.update_saml_provider().saml_provider_arn(&provider.arn);
                let updated = update.saml_metadata_document(&provider.metadata).send().await;
                updated.map(|_| ()).map_err(|error| Failure::of(self.id, call, &error))
            }
            Err(error) => {
                let failure = Failure::of(self.id, call, &error);
                if !failure.is_absent() {
                    return Err(failure);
                }
                let call = "iam:CreateSAMLProvider";
                let name = provider.arn.rsplit('/').next().unwrap_or_default();
                let create =
                    self.iam.create_saml_provider().name(name).saml_metadata_document(&provider.metadata);
                create.send().await.map(|_| ()).map_err(|error| Failure::of(self.id, call, &error))
            }
        }
    }

    pub(crate) async fn role(&self, name: &str) -> Result<Option<Role>, Failure> {
        match self.iam.get_role().role_name(name).send().await {
            Ok(found) => Ok(found.role),
            Err(error) => {
                let failure = Failure::of(self.id, "iam:GetRole", &error);
                if failure.is_absent() { Ok(None) } else { Err(failure) }
            }
        }
    }

    pub(crate) async fn standing(&self, role: &Role) -> Result<Standing, Failure> {
        let name = role.role_name();
        let trust = role.assume_role_policy_document().and_then(document);
        let mut inline = Vec::new();
        for policy in self.inline_names(name).await? {
            let text = self.inline_policy(name, &policy).await?;
            inline.push((policy, text));
        }
        Ok(Standing {
            path: role.path().to_owned(),
            description: role.description().unwrap_or_default().to_owned(),
            max_session_seconds: role.max_session_duration().map_or(3_600, i64::from),
            trust: trust.ok_or_else(|| self.unreadable("iam:GetRole"))?,
            mark: Self::mark(role),
            attached: self.attached(name).await?,
            inline,
            boundary: role
                .permissions_boundary()
                .and_then(|boundary| boundary.permissions_boundary_arn())
                .map(str::to_owned),
        })
    }

    /// Whom a role's mark names.
    pub(crate) fn mark(role: &Role) -> Option<String> {
        role.tags().iter().find(|tag| tag.key() == MARK).map(|tag| tag.value().to_owned())
    }

    async fn attached(&self, role: &str) -> Result<BTreeSet<String>, Failure> {
        let call = "iam:ListAttachedRolePolicies";
        let (mut all, mut marker) = (BTreeSet::new(), None);
        for _ in 0..PAGES_MAX {
            let ask = self.iam.list_attached_role_policies().role_name(role).set_marker(marker);
            let page = ask.send().await.map_err(|error| Failure::of(self.id, call, &error))?;
            let arns = page.attached_policies().iter().filter_map(|policy| policy.policy_arn());
            all.extend(arns.map(str::to_owned));
            marker = page.marker().map(str::to_owned);
            if !page.is_truncated() || marker.is_none() {
                return Ok(all);
            }
        }
        Err(Failure::found(self.id, call, format!("more than {PAGES_MAX} pages were answered")))
    }

    async fn inline_names(&self, role: &str) -> Result<Vec<String>, Failure> {
        let call = "iam:ListRolePolicies";
        let (mut all, mut marker) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let ask = self.iam.list_role_policies().role_name(role).set_marker(marker);
            let page = ask.send().await.map_err(|error| Failure::of(self.id, call, &error))?;
            all.extend_from_slice(page.policy_names());
            marker = page.marker().map(str::to_owned);
            if !page.is_truncated() || marker.is_none() {
                return Ok(all);
            }
        }
        Err(Failure::found(self.id, call, format!("more than {PAGES_MAX} pages were answered")))
    }

    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Value, Failure> {
        let call = "iam:GetRolePolicy";
        let found = self.iam.get_role_policy().role_name(role).policy_name(policy).send().await;
        let found = found.map_err(|error| Failure::of(self.id, call, &error))?;
        document(found.policy_document()).ok_or_else(|| self.unreadable(call))
    }

    /// Takes a step; answers the id of a role that it made.
    async fn take(&self, step: &Step, wanted: &Wanted) -> Result<Option<String>, Failure> {
        let name = &wanted.name;
        match step {
            Step::Create => return self.create(wanted).await.map(Some),
            Step::Trust => {
                let update = self.iam.update_assume_role_policy().role_name(name);
                let done = update.policy_document(wanted.trust.to_string()).send().await;
                done.map_err(|error| Failure::of(self.id, "iam:UpdateAssumeRolePolicy", &error))?;
            }
            Step::Describe => {
                let update = self.iam.update_role().role_name(name).description(&wanted.description);
                let done = update.max_session_duration(seconds(wanted)).send().await;
                done.map_err(|error| Failure::of(self.id, "iam:UpdateRole", &error))?;
            }
            step => self.policy_step(step, name, wanted.inline.as_ref()).await?,
        }
        Ok(None)
    }

    async fn create(&self, wanted: &Wanted) -> Result<String, Failure> {
        let call = "iam:CreateRole";
        let tag = Tag::builder().key(MARK).value(&wanted.mark).build();
        let tag = tag.map_err(|error| Failure::found(self.id, call, error.to_string()))?;
        let made = self
            .iam
            .create_role()
            .role_name(&wanted.name)
            .path(&wanted.path)
            .assume_role_policy_document(shut_trust(&wanted.trust).to_string())
            .set_description((!wanted.description.is_empty()).then(|| wanted.description.clone()))
            .max_session_duration(seconds(wanted))
            .set_permissions_boundary(wanted.boundary.clone())
            .tags(tag)
            .send()
            .await
            .map_err(|error| Failure::of(self.id, call, &error))?;
        let id = made.role().map(|role| role.role_id().to_owned());
        id.ok_or_else(|| Failure::found(self.id, call, "no role was answered".to_owned()))
    }

    /// Takes a step that is about a policy of the role.
    async fn policy_step(&self, step: &Step, role: &str, inline: Option<&Value>) -> Result<(), Failure> {
        let iam = &self.iam;
        match step {
            Step::Shut => self.put_inline(role, (SHUT, &shut_policy())).await,
            Step::PutInline => match inline {
                Some(text) => self.put_inline(role, (INLINE_POLICY_NAME, text)).await,
                None => Ok(()),
            },
            Step::Detach(arn) => {
                let done = iam.detach_role_policy().role_name(role).policy_arn(arn).send().await;
                done.map(|_| ())
                    .or_else(|error| absent_is_done(Failure::of(self.id, "iam:DetachRolePolicy", &error)))
            }
            Step::DeleteInline(policy) => self.delete_inline(role, policy).await,
            Step::PutBoundary(arn) => {
                let put = iam.put_role_permissions_boundary().role_name(role).permissions_boundary(arn);
                let done = put.send().await;
                done.map(|_| ())
                    .map_err(|error| Failure::of(self.id, "iam:PutRolePermissionsBoundary", &error))
            }
            Step::DeleteBoundary => {
                let done = iam.delete_role_permissions_boundary().role_name(role).send().await;
                done.map(|_| ()).or_else(|error| {
                    absent_is_done(Failure::of(self.id, "iam:DeleteRolePermissionsBoundary", &error))
                })
            }
            Step::Attach(arn) => {
                let done = iam.attach_role_policy().role_name(role).policy_arn(arn).send().await;
                done.map(|_| ()).map_err(|error| Failure::of(self.id, "iam:AttachRolePolicy", &error))
            }
            Step::Create | Step::Trust | Step::Describe => Ok(()),
        }
    }

    pub(crate) async fn delete_inline(&self, role: &str, policy: &str) -> Result<(), Failure> {
        let done = self.iam.delete_role_policy().role_name(role).policy_name(policy).send().await;
        done.map(|_| ()).or_else(|error| absent_is_done(Failure::of(self.id, "iam:DeleteRolePolicy", &error)))
    }

    pub(crate) async fn put_inline(&self, role: &str, (name, text): (&str, &Value)) -> Result<(), Failure> {
        let put = self.iam.put_role_policy().role_name(role).policy_name(name);
        let done = put.policy_document(text.to_string()).send().await;
        done.map(|_| ()).map_err(|error| Failure::of(self.id, "iam:PutRolePolicy", &error))
    }
}

fn seconds(wanted: &Wanted) -> i32 {
    i32::try_from(wanted.max_session_seconds).unwrap_or(43_200)
}
