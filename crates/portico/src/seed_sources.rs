//! Where people come from, in a seed: provisioning tenants with the tokens that they are given, identity providers by which people sign in, and directories
//! ([`crate::seed_directories`]). Secrets are named, never written in the seed itself; what a provider says of itself is heard before the transaction
//! that makes the instance.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::secret::Secret;
use model::sources::external_idp::{
    Arrivals, ClientAuthentication, ExternalIdpId, ExternalIdpSettings, ExternalIdpStatus, GroupRule,
    OidcIdp, Protocol, SamlIdp, SubjectMatch,
};
use model::sources::provisioning_tenant::TenantId;
use sources::beginnings::{self, Heard};
use sources::external_idps::NewExternalIdp;
use sources::our_side::{self, OurSide};
use sources::tenants::Settings;
use sources::tokens::NewToken;
use store::instances::signing_keys::SigningKey;
use store::tx::Tx;

use crate::seed_directories::ReadDirectory;
use crate::seed_file::SeedFile;
use crate::seed_reading::{Around, said, text};
use crate::seed_source_file::{
    ExternalIdentityProvider, Oidc, ProvisioningTenant, Saml, SeedArrivals, Token,
};

/// Sources, ready to be written.
#[derive(Default)]
pub(crate) struct Sources {
    tenants: Vec<ReadTenant>,
    providers: Vec<ReadProvider>,
    directories: Vec<ReadDirectory>,
    /// What signs for us, where a provider speaks SAML.
    key: Option<SigningKey>,
}

#[derive(Debug)]
struct ReadTenant {
    id: Option<String>,
    name: String,
    tokens: Vec<(NewToken, Secret)>,
}

#[derive(Debug)]
struct ReadProvider {
    id: Option<String>,
    status: ExternalIdpStatus,
    /// Its groups are names yet.
    heard: Heard,
}

/// Reads secrets and documents, and hears providers. Errors name the source and the file, variable or address.
pub(crate) async fn read(file: &SeedFile, (around, cx): (&Around, &Cx)) -> anyhow::Result<Sources> {
    let mut sources = Sources::default();
    for tenant in &file.provisioning_tenants {
        let read = read_tenant(tenant, &around.base);
        sources.tenants.push(read.with_context(|| format!("provisioning tenant {}", tenant.name))?);
    }
    for provider in &file.external_identity_providers {
        let named = || format!("identity provider {}", provider.name);
        let heard = hear(provider, (around, cx)).await.with_context(named)?;
        let is_saml = matches!(heard.heard.new.settings.protocol, Protocol::Saml(_));
        if is_saml && sources.key.is_none() {
            sources.key = Some(our_side::make_key(cx).await.map_err(said)?);
        }
        sources.providers.push(heard);
    }
    for directory in &file.directories {
        let read = ReadDirectory::of(directory, around, cx.mode);
        sources.directories.push(read.with_context(|| format!("directory {}", directory.name))?);
    }
    Ok(sources)
}

fn read_tenant(tenant: &ProvisioningTenant, base: &Path) -> anyhow::Result<ReadTenant> {
    let token = |(at, token): (usize, &Token)| {
        let secret = token.secret.read(base).with_context(|| format!("token {}", at + 1))?;
        Ok((NewToken { name: token.name.clone(), validity_days: token.validity_days }, secret))
    };
    let tokens = tenant.tokens.iter().enumerate().map(token).collect::<anyhow::Result<_>>()?;
    Ok(ReadTenant { id: tenant.id.clone(), name: tenant.name.clone(), tokens })
}

async fn hear(
    provider: &ExternalIdentityProvider,
    (around, cx): (&Around, &Cx),
) -> anyhow::Result<ReadProvider> {
    let new = provider.described(&around.base)?;
    let heard = beginnings::hear(cx, &around.outbound, new).await.map_err(said)?;
    let status = if provider.enabled { ExternalIdpStatus::Enabled } else { ExternalIdpStatus::Disabled };
    Ok(ReadProvider { id: provider.id.clone(), status, heard })
}

impl ExternalIdentityProvider {
    /// What is to be connected; the groups of its rules are names yet.
    fn described(&self, base: &Path) -> anyhow::Result<NewExternalIdp> {
        let (protocol, metadata, issuer, client_secret) = match (&self.saml, &self.oidc) {
            (Some(saml), None) => {
                let file = saml.metadata_file.as_ref();
                let metadata = file.map(|file| text(&base.join(file), u64::MAX)).transpose()?;
                (saml.protocol(), metadata, saml.entity_id.clone(), None)
            }
            (None, Some(oidc)) => {
                let secret = oidc.client_secret.as_ref().map(|secret| secret.read(base));
                let secret = secret.transpose().context("clientSecret")?;
                (oidc.protocol(), None, Some(oidc.issuer.clone()), secret)
            }
            _ => bail!("it needs saml or oidc, one of them: what it speaks"),
        };
        let settings = ExternalIdpSettings {
            name: self.name.clone(),
            protocol,
            domains: self.domains.clone(),
            any_domain: self.any_domain,
            required: self.required_for_domains,
            hidden: self.hidden,
            subject: self.subject.unwrap_or(SubjectMatch::UserName),
            subject_from: self.subject_from.clone(),
            trust_mfa: self.trust_mfa,
            arrivals: self.arrivals.rules(),
            tags: self.session_tags.clone(),
        };
        Ok(NewExternalIdp { settings, metadata, issuer, client_secret })
    }
}

impl Saml {
    fn protocol(&self) -> Protocol {
        Protocol::Saml(SamlIdp {
            metadata_url: self.metadata_url.clone(),
            sign_requests: self.sign_requests,
            allow_sha1: self.allow_sha1,
            allow_aes_cbc: self.allow_aes_cbc,
            allow_unsolicited: self.allow_unsolicited,
            ..SamlIdp::default()
        })
    }
}

impl Oidc {
    fn protocol(&self) -> Protocol {
        Protocol::Oidc(OidcIdp {
            client_id: self.client_id.clone(),
            authentication: self.client_authentication.unwrap_or(ClientAuthentication::Basic),
            scopes: self.scopes.clone(),
        })
    }
}

impl SeedArrivals {
    fn rules(&self) -> Arrivals {
        let groups = self.groups.iter();
        Arrivals {
            create: self.create,
            update: self.update,
            attributes: self.attributes.clone(),
            groups_from: self.groups_from.clone(),
            groups: groups
                .map(|rule| GroupRule { value: rule.value.clone(), group_id: rule.group.clone() })
                .collect(),
        }
    }
}

impl Sources {
    /// Writes all of it. The fault says about which source it is; `groups` by the names that the seed has for them.
    pub(crate) fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (instance, ours): (&Instance, &OurSide),
        groups: &BTreeMap<String, GroupId>,
    ) -> Result<(), Fault> {
        if let Some(key) = &self.key {
            our_side::put_key_in(tx, cx, key)?;
        }
        for tenant in &self.tenants {
            tenant
                .write(tx, cx, instance)
                .map_err(|fault| crate::seed::about("provisioning tenant", &tenant.name, &fault))?;
        }
        for provider in &self.providers {
            let name = &provider.heard.new.settings.name;
            provider
                .write(tx, cx, (instance, ours), groups)
                .map_err(|fault| crate::seed::about("identity provider", name, &fault))?;
        }
        for directory in &self.directories {
            let written = directory.write(tx, cx, instance);
            written.map_err(|fault| crate::seed::about("directory", directory.name(), &fault))?;
        }
        Ok(())
    }
}

impl ReadTenant {
    fn write(&self, tx: &mut Tx<'_>, cx: &Cx, instance: &Instance) -> Result<(), Fault> {
        let id = match &self.id {
            Some(id) => TenantId::parse(id.as_str())?,
            None => TenantId::fresh(cx.entropy()),
        };
        let settings = Settings { name: Some(self.name.clone()), may_set_passwords: None };
        let made = sources::tenants::insert_in(tx, cx, instance, (id, &settings))?;
        for (new, secret) in &self.tokens {
            sources::tokens::insert_brought_in(tx, cx, &made.id, new, secret)?;
        }
        Ok(())
    }
}

impl ReadProvider {
    fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        around: (&Instance, &OurSide),
        groups: &BTreeMap<String, GroupId>,
    ) -> Result<(), Fault> {
        let id = match &self.id {
            Some(id) => ExternalIdpId::parse(id.as_str())?,
            None => ExternalIdpId::fresh(cx.entropy()),
        };
        let mut heard = self.heard.clone();
        for rule in &mut heard.new.settings.arrivals.groups {
            let group = groups.get(&rule.group_id);
            let group = group.ok_or_else(|| crate::seed_names::unknown("group", &rule.group_id))?;
            rule.group_id = group.to_string();
        }
        beginnings::connect_in(tx, cx, around, (&id, self.status), heard).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_speaks_one_thing() {
        let parsed = |text: &str| -> ExternalIdentityProvider { serde_yaml_ng::from_str(text).unwrap() };
        for text in ["name: Okta", "{ name: Okta, saml: {}, oidc: { issuer: a, clientId: b } }"] {
            let error = parsed(text).described(Path::new(".")).unwrap_err().to_string();
            assert!(error.contains("saml or oidc, one of them"), "{error}");
        }
        let unknown = serde_yaml_ng::from_str::<ExternalIdentityProvider>("name: Okta\nshoeSize: 4\n");
        let error = unknown.unwrap_err().to_string();
        assert!(error.contains("shoeSize") && error.contains("line 2"), "{error}");
    }
}
