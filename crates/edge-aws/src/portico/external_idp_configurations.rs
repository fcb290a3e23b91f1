//! The structure `ExternalIdPConfiguration`: into settings and back. What is left out is as it is by default; metadata and secrets are never answered.

use model::directory::group::GroupId;
use model::fault::Fault;
use model::secret::Secret;
use model::sources::external_idp::{
    self, AttributeRule, ClientAuthentication, ExternalIdp, ExternalIdpSettings, GroupRule, OidcIdp,
    Protocol, SubjectMatch, TagRule,
};
use sources::external_idps::NewExternalIdp;
use wire::generated::portico::shapes::{
    ArrivalAttributeRule, ArrivalGroupRule, Arrivals, ExternalIdPConfiguration, OidcIdP, SamlIdP,
    SessionTagRule,
};

/// Where it comes from, beside its protocol.
struct Spoken {
    protocol: Protocol,
    metadata: Option<String>,
    issuer: Option<String>,
}

fn spoken(saml: Option<SamlIdP>, oidc: Option<OidcIdP>) -> Result<Spoken, Fault> {
    match (saml, oidc) {
        (Some(saml), None) => {
            let protocol = Protocol::Saml(external_idp::SamlIdp {
                metadata_url: saml.metadata_url,
                sign_requests: saml.sign_requests.unwrap_or_default(),
                allow_sha1: saml.allow_sha1.unwrap_or_default(),
                allow_aes_cbc: saml.allow_aes_cbc.unwrap_or_default(),
                allow_unsolicited: saml.allow_unsolicited.unwrap_or_default(),
                ..external_idp::SamlIdp::default()
            });
            Ok(Spoken { protocol, metadata: saml.metadata_xml, issuer: saml.entity_id })
        }
        (None, Some(oidc)) => {
            // The model's words are checked already.
            let authentication = oidc.client_authentication.as_deref().and_then(ClientAuthentication::parse);
            let protocol = Protocol::Oidc(OidcIdp {
                client_id: oidc.client_id,
                authentication: authentication.unwrap_or(ClientAuthentication::Basic),
                scopes: oidc.scopes.unwrap_or_default(),
            });
            Ok(Spoken { protocol, metadata: None, issuer: Some(oidc.issuer) })
        }
        (Some(_), Some(_)) => Err(Fault::validation("Configuration has Saml and Oidc: one of them")),
        (None, None) => Err(Fault::validation("Configuration needs Saml or Oidc: what the provider speaks")),
    }
}

fn arrivals(given: Arrivals) -> Result<external_idp::Arrivals, Fault> {
    let attributes = given.attributes.unwrap_or_default().into_iter();
    let groups = given.groups.unwrap_or_default().into_iter();
    Ok(external_idp::Arrivals {
        create: given.create.unwrap_or_default(),
        update: given.update.unwrap_or_default(),
        attributes: attributes
            .map(|rule| AttributeRule { attribute: rule.attribute, from: rule.from })
            .collect(),
        groups_from: given.groups_from,
        groups: groups
            .map(|rule| {
                let group_id = GroupId::from_reference(&rule.group_id)?.to_string();
                Ok(GroupRule { value: rule.value, group_id })
            })
            .collect::<Result<_, Fault>>()?,
    })
}

/// What a caller gave.
pub(crate) fn given(
    given: ExternalIdPConfiguration,
    client_secret: Option<String>,
) -> Result<NewExternalIdp, Fault> {
    let Spoken { protocol, metadata, issuer } = spoken(given.saml, given.oidc)?;
    let tags = given.session_tags.unwrap_or_default().into_iter();
    let settings = ExternalIdpSettings {
        name: given.name,
        protocol,
        domains: given.domains.unwrap_or_default(),
        any_domain: given.any_domain.unwrap_or_default(),
        required: given.required_for_domains.unwrap_or_default(),
        hidden: given.hidden.unwrap_or_default(),
        subject: given.subject.as_deref().and_then(SubjectMatch::parse).unwrap_or(SubjectMatch::UserName),
        subject_from: given.subject_from,
        trust_mfa: given.trust_mfa.unwrap_or_default(),
        arrivals: given.arrivals.map_or_else(|| Ok(external_idp::Arrivals::default()), arrivals)?,
        tags: tags.map(|rule| TagRule { key: rule.key, from: rule.from }).collect(),
    };
    Ok(NewExternalIdp { settings, metadata, issuer, client_secret: client_secret.map(Secret::new) })
}

fn shown_arrivals(arrivals: external_idp::Arrivals) -> Arrivals {
    let attributes = arrivals.attributes.into_iter();
    let groups = arrivals.groups.into_iter();
    Arrivals {
        create: Some(arrivals.create),
        update: Some(arrivals.update),
        attributes: Some(
            attributes
                .map(|rule| ArrivalAttributeRule { attribute: rule.attribute, from: rule.from })
                .collect(),
        ),
        groups_from: arrivals.groups_from,
        groups: Some(
            groups.map(|rule| ArrivalGroupRule { value: rule.value, group_id: rule.group_id }).collect(),
        ),
    }
}

/// What is answered: what an update takes again.
pub(crate) fn shown(idp: ExternalIdp) -> ExternalIdPConfiguration {
    let ExternalIdp { issuer, settings, .. } = idp;
    let (saml, oidc) = match settings.protocol {
        Protocol::Saml(saml) => {
            let saml = SamlIdP {
                metadata_xml: None,
                metadata_url: saml.metadata_url,
                entity_id: Some(issuer),
                sign_requests: Some(saml.sign_requests),
                allow_sha1: Some(saml.allow_sha1),
                allow_aes_cbc: Some(saml.allow_aes_cbc),
                allow_unsolicited: Some(saml.allow_unsolicited),
            };
            (Some(saml), None)
        }
        Protocol::Oidc(oidc) => {
            let oidc = OidcIdP {
                issuer,
                client_id: oidc.client_id,
                client_authentication: Some(oidc.authentication.as_str().to_owned()),
                scopes: Some(oidc.scopes),
            };
            (None, Some(oidc))
        }
    };
    let tags = settings.tags.into_iter();
    ExternalIdPConfiguration {
        name: settings.name,
        saml,
        oidc,
        domains: Some(settings.domains),
        any_domain: Some(settings.any_domain),
        required_for_domains: Some(settings.required),
        hidden: Some(settings.hidden),
        subject: Some(settings.subject.as_str().to_owned()),
        subject_from: settings.subject_from,
        trust_mfa: Some(settings.trust_mfa),
        arrivals: Some(shown_arrivals(settings.arrivals)),
        session_tags: Some(tags.map(|rule| SessionTagRule { key: rule.key, from: rule.from }).collect()),
    }
}
