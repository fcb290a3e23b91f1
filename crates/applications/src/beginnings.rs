//! Applications and trusted token issuers that an instance begins with: looked at, and their keys made, before the transaction that makes it, and registered
//! in it. Nobody is asked whether they may: whoever makes an instance may. Never learns where any of it was written down.

use model::accounts::account_assignment::Principal;
use model::applications::application::ApplicationId;
use model::applications::oidc_application::{ClientAuthentication, OidcApplication, OidcSettings};
use model::applications::saml_application::{SamlApplication, SamlSettings};
use model::applications::trusted_token_issuer::{TrustedTokenIssuerArn, TrustedTokenIssuerId};
use model::cx::Cx;
use model::entropy::{id_bytes, uuid};
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::Instance;
use model::limits::Mode;
use model::secret::Secret;
use store::applications::{application_assignments, applications, oidc_applications, saml_applications};
use store::tx::Tx;

use crate::application_providers::existing;
use crate::applications::{NewApplication, insert};
use crate::catalog::Protocol;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_clients::{NewSecret, keep_brought};
use crate::saml_applications::{Imported, said};
use crate::saml_certificates::{NewCertificate, moment};
use crate::trusted_token_issuers::{NewTrustedTokenIssuer, insert_in};
use crate::{oidc_applications as oidc, oidc_keys, saml_applications as saml, saml_certificates};

/// Characters of a name and of a description at most: the model's.
const NAME_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 128;

/// How an application is spoken to.
#[derive(Debug, Clone)]
pub enum Speaks {
    /// Nothing is decided of that.
    Nothing,
    /// SAML 2.0.
    Saml(Box<SamlSettings>),
    /// OpenID Connect, with the secrets by which the application proves itself.
    Oidc(Box<OidcSettings>, Vec<(NewSecret, Secret)>),
}

/// An application to begin with.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// What it is.
    pub new: NewApplication,
    /// Whether only those may use it to whom it is assigned.
    pub assignment_required: bool,
    /// How it is spoken to.
    pub speaks: Speaks,
}

/// An application that was looked at, with its keys.
pub struct Ready {
    id: ApplicationId,
    beginning: Beginning,
    key: Key,
}

enum Key {
    None,
    Saml(saml_certificates::Made),
    Oidc(oidc_keys::Made),
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Ready")
            .field("id", &self.id)
            .field("beginning", &self.beginning)
            .finish_non_exhaustive()
    }
}

/// The settings that an application's own metadata says, all else as it is by default.
pub fn imported(cx: &Cx, document: String, entity_id: Option<String>) -> Result<SamlSettings, Fault> {
    said(&Imported { document, entity_id, encrypt: false }, moment(cx)?, None)
}

/// Looks at an application as CreateApplication and what follows it do, and makes its keys.
pub async fn look_at(cx: &Cx, ours: &OidcAddresses, mut beginning: Beginning) -> Result<Ready, Fault> {
    let new = &beginning.new;
    within("name", &new.name, NAME_MAX)?;
    if let Some(description) = &new.description {
        within("description", description, DESCRIPTION_MAX)?;
    }
    let provider = existing(&new.provider)?;
    let id = ApplicationId::trusted(format!("apl-{}", hex(&id_bytes::<8>(cx.entropy()))));
    let wanted = match &beginning.speaks {
        Speaks::Nothing => provider.protocol,
        Speaks::Saml(_) => Protocol::Saml,
        Speaks::Oidc(..) => Protocol::Oauth,
    };
    if wanted != provider.protocol {
        return Err(Fault::validation(format!(
            "the application provider {} does not speak {}",
            provider.name,
            wanted.name()
        )));
    }
    let key = match &mut beginning.speaks {
        Speaks::Nothing => Key::None,
        Speaks::Saml(settings) => {
            **settings = saml::judged((**settings).clone())?;
            Key::Saml(saml_certificates::make(cx, &id, NewCertificate::default()).await?)
        }
        Speaks::Oidc(settings, secrets) => {
            require_relaxed(cx.mode)?;
            **settings = oidc::judged((**settings).clone(), ours)?;
            if !secrets.is_empty() && settings.authentication != ClientAuthentication::Secret {
                return Err(Fault::validation(format!(
                    "secrets: with clientAuthentication {} it has no use for one",
                    settings.authentication.as_str()
                )));
            }
            Key::Oidc(oidc_keys::make(cx, settings.signing_algorithm).await?)
        }
    };
    Ok(Ready { id, beginning, key })
}

fn within(field: &str, text: &str, most: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    if (1..=most).contains(&length) {
        return Ok(());
    }
    Err(Fault::validation(format!("{field} must have 1 to {most} characters; it has {length}")))
}

fn require_relaxed(mode: Mode) -> Result<(), Fault> {
    if mode == Mode::Strict {
        return Err(Fault::validation("in strict mode no application speaks OpenID Connect, as at AWS"));
    }
    Ok(())
}

impl Ready {
    /// Registers it, in the transaction that makes the instance, and assigns it to these.
    pub fn register_in(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        assigned: &[Principal],
    ) -> Result<(), Fault> {
        let Self { id, beginning, key } = self;
        let by = beginning.new.made_by();
        let mut made = insert(tx, cx, (instance, &instance.owner, id), (&beginning.new, &by))?;
        if !beginning.assignment_required {
            made.assignment_required = false;
            applications::update(tx, &made)?;
        }
        for principal in assigned {
            if !application_assignments::insert(tx, id, principal, cx.now)? {
                return Err(Fault::validation(format!(
                    "{} {} is named twice",
                    principal.kind(),
                    principal.id()
                )));
            }
        }
        let (application_id, updated_at, updated_by) = (id.clone(), cx.now, cx.caller.arn());
        match (&beginning.speaks, key) {
            (Speaks::Saml(settings), Key::Saml(key)) => {
                let settings = (**settings).clone();
                let new = SamlApplication { application_id, settings, updated_at, updated_by };
                saml_applications::put(tx, &new)?;
                key.keep(tx, cx, id)?;
            }
            (Speaks::Oidc(settings, secrets), Key::Oidc(key)) => {
                let settings = (**settings).clone();
                let new = OidcApplication { application_id, settings, updated_at, updated_by };
                oidc_applications::put(tx, &new)?;
                key.keep(tx, cx, (id, cx.now))?;
                for secret in secrets {
                    keep_brought(tx, cx, id, secret)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Trusts an issuer of tokens, in the transaction that makes the instance.
pub fn trust_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    new: &NewTrustedTokenIssuer,
) -> Result<(), Fault> {
    new.check()?;
    let arn = TrustedTokenIssuerArn {
        account_id: instance.owner.clone(),
        instance_id: instance.id.clone(),
        id: TrustedTokenIssuerId::trusted(format!("tti-{}", uuid(cx.entropy()))),
    };
    insert_in(tx, cx, &arn, new).map(|_| ())
}
