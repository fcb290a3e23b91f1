//! Applications in a seed, with whom they are assigned to, and trusted token issuers: metadata and secrets read, keys made, all of it judged as the operations
//! do, before the transaction that makes the instance.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use applications::applications::NewApplication;
use applications::beginnings::{self, Beginning, Ready, Speaks};
use applications::oidc_addresses::OidcAddresses;
use applications::oidc_applications::{ACCESS_TOKEN_MINUTES, SCOPES};
use applications::oidc_clients::NewSecret;
use applications::trusted_token_issuers::NewTrustedTokenIssuer;
use model::accounts::account_assignment::Principal;
use model::applications::application::{SignInOptions, SignInOrigin, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::applications::oidc_application::{ClientAuthentication, OidcSettings, SigningAlgorithm};
use model::applications::saml_application::{
    AssertionConsumer, AttributeFormat, AttributeMapping, NameIdFormat, SamlSettings, Subject,
};
use model::applications::trusted_token_issuer::ClaimMapping;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::instances::tag::Tags;
use store::tx::Tx;

use crate::seed_application_file::{Application, OidcApplication, SamlApplication, TrustedTokenIssuer};
use crate::seed_file::SeedFile;
use crate::seed_reading::{Around, said, text};

/// Bytes of metadata and of a key set at most.
const FILE_MAX: u64 = 256 * 1_024;

/// Applications, ready to be written.
#[derive(Debug, Default)]
pub(crate) struct Applications {
    all: Vec<ReadApplication>,
    issuers: Vec<NewTrustedTokenIssuer>,
}

#[derive(Debug)]
struct ReadApplication {
    name: String,
    ready: Ready,
    users: Vec<String>,
    groups: Vec<String>,
}

/// The users and groups that the seed has, by their names.
pub(crate) type Known<'k> = (&'k BTreeMap<String, UserId>, &'k BTreeMap<String, GroupId>);

/// Reads all of it. Errors name the application and the file or variable.
pub(crate) async fn read(file: &SeedFile, (around, cx): (&Around, &Cx)) -> anyhow::Result<Applications> {
    let base_url = around.ours.base_url.clone();
    let uri: http::Uri = base_url.parse().with_context(|| format!("public URL {base_url}"))?;
    let ours = OidcAddresses { page_host: uri.host().unwrap_or_default().to_ascii_lowercase(), base_url };
    let mut read = Applications::default();
    for application in &file.applications {
        let named = || format!("application {}", application.name);
        let beginning = application.described((&around.base, cx)).with_context(named)?;
        let ready = beginnings::look_at(cx, &ours, beginning).await.map_err(said).with_context(named)?;
        read.all.push(ReadApplication {
            name: application.name.clone(),
            ready,
            users: application.users.clone(),
            groups: application.groups.clone(),
        });
    }
    read.issuers = file.trusted_token_issuers.iter().map(TrustedTokenIssuer::described).collect();
    Ok(read)
}

impl Applications {
    /// Writes all of it. The fault says about which application it is.
    pub(crate) fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        known: Known<'_>,
    ) -> Result<(), Fault> {
        for application in &self.all {
            application
                .write(tx, cx, instance, known)
                .map_err(|fault| crate::seed::about("application", &application.name, &fault))?;
        }
        for issuer in &self.issuers {
            beginnings::trust_in(tx, cx, instance, issuer)
                .map_err(|fault| crate::seed::about("trusted token issuer", &issuer.name, &fault))?;
        }
        Ok(())
    }
}

impl ReadApplication {
    fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        (users, groups): Known<'_>,
    ) -> Result<(), Fault> {
        let mut assigned = Vec::with_capacity(self.users.len() + self.groups.len());
        for name in &self.users {
            let id = users.get(name).cloned().ok_or_else(|| crate::seed_names::unknown("user", name))?;
            assigned.push(Principal::User(id));
        }
        for name in &self.groups {
            let id = groups.get(name).cloned().ok_or_else(|| crate::seed_names::unknown("group", name))?;
            assigned.push(Principal::Group(id));
        }
        self.ready.register_in(tx, cx, instance, &assigned)
    }
}

impl Application {
    fn described(&self, (base, cx): (&Path, &Cx)) -> anyhow::Result<Beginning> {
        let (custom, speaks) = match (&self.saml, &self.oidc) {
            (Some(saml), None) => ("custom-saml", Speaks::Saml(Box::new(saml.settings(base, cx)?))),
            (None, Some(oidc)) => {
                ("custom", Speaks::Oidc(Box::new(oidc.settings(base)?), oidc.secrets(base)?))
            }
            (None, None) => ("custom", Speaks::Nothing),
            (Some(_), Some(_)) => bail!("it speaks saml or oidc, not both"),
        };
        let provider = self.provider.as_deref().unwrap_or(custom);
        let switch = |is: bool| if is { Switch::Enabled } else { Switch::Disabled };
        let sign_in =
            self.start_url.clone().map(|url| SignInOptions::new(SignInOrigin::Application, Some(url)));
        Ok(Beginning {
            new: NewApplication {
                provider: ApplicationProviderId::trusted(provider),
                name: self.name.clone(),
                description: self.description.clone(),
                status: switch(self.enabled),
                visibility: switch(self.visible),
                sign_in: sign_in.transpose().map_err(said)?,
                tags: Tags::new(),
                client_token: None,
            },
            assignment_required: self.assignment_required,
            speaks,
        })
    }
}

impl SamlApplication {
    fn settings(&self, base: &Path, cx: &Cx) -> anyhow::Result<SamlSettings> {
        let by_hand = self.audience.is_some() || !self.assertion_consumer_services.is_empty();
        let mut settings = match (&self.metadata_file, by_hand) {
            (Some(file), false) => {
                let document = text(&base.join(file), FILE_MAX)?;
                beginnings::imported(cx, document, self.entity_id.clone()).map_err(said)?
            }
            (None, true) => self.by_hand()?,
            _ => bail!("saml needs metadataFile, or audience and assertionConsumerServices, one of them"),
        };
        if let Some(subject) = &self.subject {
            let format = subject.format.unwrap_or(settings.subject.format);
            settings.subject = Subject { format, value: subject.value.clone() };
        }
        let mapping = |one: &crate::seed_application_file::Attribute| AttributeMapping {
            name: one.name.clone(),
            value: one.value.clone(),
            format: one.format.unwrap_or(AttributeFormat::Unspecified),
        };
        settings.attributes = self.attribute_mappings.iter().map(mapping).collect();
        settings.relay_state.clone_from(&self.relay_state);
        settings.session_minutes = self.session_duration_minutes;
        settings.sign_responses = self.sign_responses;
        Ok(settings)
    }

    fn by_hand(&self) -> anyhow::Result<SamlSettings> {
        ensure!(self.entity_id.is_none(), "entityId has no place without metadataFile");
        let consumers = self.assertion_consumer_services.iter().zip(0_u16..);
        let consumers = consumers.map(|(url, index)| AssertionConsumer { url: url.clone(), index });
        Ok(SamlSettings::new(
            self.audience.clone().unwrap_or_default(),
            consumers.collect(),
            NameIdFormat::Unspecified,
        ))
    }
}

impl OidcApplication {
    fn settings(&self, base: &Path) -> anyhow::Result<OidcSettings> {
        let key_set = self.key_set_file.as_ref().map(|file| text(&base.join(file), FILE_MAX)).transpose()?;
        Ok(OidcSettings {
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            authentication: self.client_authentication.unwrap_or(ClientAuthentication::Secret),
            key_set,
            require_pkce: self.require_pkce,
            refresh_tokens: self.refresh_tokens,
            scopes: self.scopes.clone().unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec()),
            claims: self.claim_mappings.clone(),
            signing_algorithm: self.signing_algorithm.unwrap_or(SigningAlgorithm::Rs256),
            access_token_minutes: self.access_token_minutes.unwrap_or(ACCESS_TOKEN_MINUTES),
            further_grants: Vec::new(),
            require_pushed_requests: false,
            dpop_bound_tokens: false,
            back_channel_logout_uri: None,
        })
    }

    fn secrets(&self, base: &Path) -> anyhow::Result<Vec<(NewSecret, model::secret::Secret)>> {
        let read = |(at, one): (usize, &crate::seed_application_file::ClientSecret)| {
            let secret = one.secret.read(base).with_context(|| format!("secret {}", at + 1))?;
            Ok((NewSecret { name: one.name.clone(), validity_days: one.validity_days }, secret))
        };
        self.secrets.iter().enumerate().map(read).collect()
    }
}

impl TrustedTokenIssuer {
    fn described(&self) -> NewTrustedTokenIssuer {
        NewTrustedTokenIssuer {
            name: self.name.clone(),
            issuer_url: self.issuer_url.clone(),
            mapping: ClaimMapping {
                claim: self.claim_attribute_path.clone(),
                attribute: self.identity_store_attribute_path.clone(),
            },
            client_token: None,
            tags: Tags::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(text: &str) -> Application {
        serde_yaml_ng::from_str(text).unwrap()
    }

    #[tokio::test]
    async fn an_application_speaks_one_thing_and_says_it_in_one_way() {
        let fixture = testkit::fixture::Fixture::sqlite().await;
        let cx = fixture.root("portico", "Init");
        let refused =
            |text: &str| format!("{:#}", application(text).described((Path::new("."), &cx)).unwrap_err());
        for (text, why) in [
            ("{ name: Wiki, saml: {}, oidc: { redirectUris: [] } }", "not both"),
            ("{ name: Wiki, saml: {} }", "metadataFile, or audience"),
            ("{ name: Wiki, saml: { metadataFile: a, audience: b } }", "one of them"),
            ("{ name: Wiki, saml: { audience: a, entityId: b } }", "entityId has no place"),
            ("{ name: Wiki, saml: { metadataFile: gone.xml } }", "gone.xml"),
            ("{ name: Wiki, oidc: { redirectUris: [], secrets: [{ secret: { file: gone } }] } }", "secret 1"),
        ] {
            assert!(refused(text).contains(why), "{text}: {}", refused(text));
        }
        let unknown =
            serde_yaml_ng::from_str::<Application>("name: Wiki\ncolor: red\n").unwrap_err().to_string();
        assert!(unknown.contains("color") && unknown.contains("line 2"), "{unknown}");
    }
}
