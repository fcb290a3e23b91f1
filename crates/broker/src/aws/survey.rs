//! What stands in an account: the SAML provider, the roles that should be there, and those that bear our mark and should not. Changes nothing. Where a call
//! fails in the middle, what was seen before it is still good: the next look goes on behind that.

use std::collections::BTreeSet;

use crate::aws::access::{Access, Reach};
use crate::aws::failure::Failure;
use crate::aws::roles::{Account, PAGES_MAX};
use crate::aws::steps::Standing;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Sought<'a> {
    /// The SAML provider's ARN.
    pub provider_arn: &'a str,
    /// The path of our roles.
    pub path: &'a str,
    /// What their names begin with.
    pub prefix: &'a str,
    /// What they are marked with.
    pub mark: &'a str,
    /// Roles that should be there, by name.
    pub names: BTreeSet<String>,
    /// The last name that an earlier look was done with; nothing: the look begins, and sees the provider too.
    pub done_to: &'a str,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// What the provider believes, if it is there; nothing where it was not looked for.
    pub provider: Option<Option<String>>,
    /// Roles by name, in order: those that were sought, and others that bear our mark.
    pub roles: Vec<(String, Option<Standing>)>,
    /// The last name that this look is done with.
    pub done_to: String,
    /// Why it did not come to its end.
    pub failure: Option<Failure>,
}

/// Looks.
pub async fn survey(access: &Access, reach: &Reach, sought: &Sought<'_>) -> Survey {
    let mut survey =
        Survey { provider: None, roles: Vec::new(), done_to: sought.done_to.to_owned(), failure: None };
    survey.failure = look(access, reach, sought, &mut survey).await.err();
    survey
}

async fn look(
    access: &Access,
    reach: &Reach,
    sought: &Sought<'_>,
    survey: &mut Survey,
) -> Result<(), Failure> {
    let account = Account::enter(access, reach).await?;
    if sought.done_to.is_empty() {
        survey.provider = Some(account.provider_metadata(sought.provider_arn).await?);
    }
    let mut names = sought.names.clone();
    names.extend(account.names_at(sought.path, sought.prefix).await?);
    for name in names.into_iter().filter(|name| name.as_str() > sought.done_to) {
        let standing = match account.role(&name).await? {
            Some(role)
                if sought.names.contains(&name) || Account::mark(&role).as_deref() == Some(sought.mark) =>
            {
                Some(account.standing(&role).await?)
            }
            _ => None,
        };
        survey.done_to.clone_from(&name);
        if standing.is_some() || sought.names.contains(&name) {
            survey.roles.push((name, standing));
        }
    }
    Ok(())
}

impl Account<'_> {
    /// What the provider believes, if it is there.
    async fn provider_metadata(&self, arn: &str) -> Result<Option<String>, Failure> {
        let call = "iam:GetSAMLProvider";
        match self.iam.get_saml_provider().saml_provider_arn(arn).send().await {
            Ok(found) => Ok(Some(found.saml_metadata_document().unwrap_or_default().to_owned())),
            Err(error) => {
                let failure = Failure::of(self.id, call, &error);
                if failure.is_absent() { Ok(None) } else { Err(failure) }
            }
        }
    }

    /// Names of roles at a path that begin so.
    async fn names_at(&self, path: &str, prefix: &str) -> Result<Vec<String>, Failure> {
        let call = "iam:ListRoles";
        let (mut all, mut marker) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let ask = self.iam.list_roles().path_prefix(path).max_items(1_000).set_marker(marker);
            let page = ask.send().await.map_err(|error| Failure::of(self.id, call, &error))?;
            let ours = page.roles().iter().filter(|role| role.path() == path);
            all.extend(ours.map(|role| role.role_name().to_owned()).filter(|name| name.starts_with(prefix)));
            marker = page.marker().map(str::to_owned);
            if !page.is_truncated() || marker.is_none() {
                return Ok(all);
            }
        }
        Err(Failure::found(self.id, call, format!("more than {PAGES_MAX} pages were answered")))
    }
}
