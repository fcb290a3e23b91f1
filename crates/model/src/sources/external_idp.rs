//! External identity providers: what an administrator decided of one by which people sign in, and what of it holds. The protocols are not here.

use serde::{Deserialize, Serialize};

use crate::directory::identity_store::IdentityStoreId;
use crate::entropy::Entropy;
use crate::fault::Fault;
use crate::id::string_id;
use crate::limits::Mode;
use crate::sources::checks::{called, checked_domain, most, unique};
use crate::sources::provisioning_tenant::{NAME_MAX, fresh_of_tenants, is_of_tenants};
use crate::timestamp::Timestamp;
use crate::words::words;

/// Providers of an identity store at most: AWS has one.
pub const EXTERNAL_IDPS_MAX: (u64, u64) = (1, 50);
/// Certificates of a provider at most.
pub const CERTIFICATES_MAX: u64 = 20;
/// Domains that a provider speaks for, attributes that it gives, rules for groups and session tags, at most.
pub const DOMAINS_MAX: usize = 100;
/// Rules of each kind at most.
pub const RULES_MAX: usize = 200;
/// Scopes that are asked for at most.
pub const SCOPES_MAX: usize = 50;
/// Characters of what a provider calls something at most.
pub const CALLED_MAX: usize = 256;

string_id!(
    /// Hexadecimal digits in the form that AWS gives tenants: it stands in the address that a SAML provider answers to.
    ExternalIdpId,
    "identity provider configuration id",
    is_of_tenants
);

impl ExternalIdpId {
    /// A fresh one.
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        Self(fresh_of_tenants(entropy))
    }
}

words! {
    /// Whether people can sign in by it.
    ExternalIdpStatus {
        /// They can.
        Enabled = "ENABLED",
        /// They cannot; who is signed in stays so.
        Disabled = "DISABLED",
    }
}

words! {
    /// How a provider proves itself to be asked for tokens.
    ClientAuthentication {
        /// `client_secret_basic`
        Basic = "CLIENT_SECRET_BASIC",
        /// `client_secret_post`
        Post = "CLIENT_SECRET_POST",
        /// `none`
        Nothing = "NONE",
    }
}

words! {
    /// What finds the person that a provider means.
    SubjectMatch {
        /// What it calls them is their user name.
        UserName = "USER_NAME",
        /// What it calls them is an external id of theirs, with the provider as its issuer: they are linked.
        ExternalId = "EXTERNAL_ID",
    }
}

/// A provider that speaks SAML 2.0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "what an administrator says yes or no to")]
pub struct SamlIdp {
    /// Where its metadata is fetched again; none where it was given as text.
    pub metadata_url: Option<String>,
    /// Whether requests to it are signed, though its metadata does not ask for it.
    pub sign_requests: bool,
    /// Whether signatures and digests with SHA-1 count.
    pub allow_sha1: bool,
    /// Whether assertions encrypted with AES-CBC are opened, in responses that are signed around them.
    pub allow_aes_cbc: bool,
    /// Whether it may begin sign-ins.
    pub allow_unsolicited: bool,
    /// The entity ID that we have for it.
    pub sp_entity_id: String,
    /// Where it answers to.
    pub acs_url: String,
}

/// A provider that speaks OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcIdp {
    /// The id that it gave us.
    pub client_id: String,
    /// How we prove that.
    pub authentication: ClientAuthentication,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
}

/// What it speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// SAML 2.0.
    Saml(SamlIdp),
    /// OpenID Connect.
    Oidc(OidcIdp),
}

impl Protocol {
    /// The word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Saml(_) => "SAML",
            Self::Oidc(_) => "OIDC",
        }
    }
}

/// An attribute of the directory and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeRule {
    /// The attribute's path, as operations of the identity store name it.
    pub attribute: String,
    /// The provider's attribute or claim.
    pub from: String,
}

/// A group and the value that puts people into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// What the provider calls it.
    pub value: String,
    /// The group.
    pub group_id: String,
}

/// A session tag and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The tag's key.
    pub key: String,
    /// The provider's attribute or claim.
    pub from: String,
}

/// What becomes of people who come for the first time, and again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Arrivals {
    /// Whether somebody who is not known is made.
    pub create: bool,
    /// Whether somebody who comes again becomes what the provider says now.
    pub update: bool,
    /// What is taken over.
    pub attributes: Vec<AttributeRule>,
    /// The attribute or claim that says which groups somebody is in.
    pub groups_from: Option<String>,
    /// The groups that it decides: who comes without a value leaves its group.
    pub groups: Vec<GroupRule>,
}

/// What an administrator decides of a provider.
#[expect(clippy::struct_excessive_bools, reason = "what an administrator says yes or no to")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalIdpSettings {
    /// What people know it by.
    pub name: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// The domains of user names that it speaks for, in lower case. Whoever gives such a name is led to it.
    pub domains: Vec<String>,
    /// Whether it speaks for people of every domain.
    pub any_domain: bool,
    /// Whether people of its domains sign in by it and in no other way.
    pub required: bool,
    /// Whether the sign-in page does not show it.
    pub hidden: bool,
    /// What finds the person that it means.
    pub subject: SubjectMatch,
    /// The attribute or claim that says whom it means; none is the NameID, or `sub`.
    pub subject_from: Option<String>,
    /// Whether a second factor that it says was given counts here.
    pub trust_mfa: bool,
    /// What becomes of people who come.
    pub arrivals: Arrivals,
    /// What of it becomes session tags.
    pub tags: Vec<TagRule>,
}

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIdp {
    /// The id.
    pub id: ExternalIdpId,
    /// Whose people it brings.
    pub identity_store_id: IdentityStoreId,
    /// Whether people can sign in by it.
    pub status: ExternalIdpStatus,
    /// Its entity ID, or its issuer: what external ids of its people have as theirs. It never changes.
    pub issuer: String,
    /// What was decided of it.
    pub settings: ExternalIdpSettings,
    /// What it last said of itself: SAML metadata, or a discovery document.
    pub document: String,
    /// When that was fetched or given.
    pub fetched_at: Timestamp,
    /// Why it could not be fetched since.
    pub fetch_error: Option<String>,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When last changed.
    pub updated_at: Timestamp,
    /// By whom (an ARN).
    pub updated_by: String,
}

impl ExternalIdp {
    /// Whether people can sign in by it.
    pub fn is_enabled(&self) -> bool {
        self.status == ExternalIdpStatus::Enabled
    }

    /// Whether it may speak for somebody of this user name.
    pub fn speaks_for(&self, user_name: &str) -> bool {
        self.settings.any_domain || self.settings.is_of_its_domains(user_name)
    }
}

impl ExternalIdpSettings {
    /// Whether a user name is of one of its domains.
    pub fn is_of_its_domains(&self, user_name: &str) -> bool {
        let domain = user_name.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        domain.is_some_and(|domain| self.domains.contains(&domain))
    }

    /// The settings as they are kept, or what is wrong with them.
    pub fn checked(mut self, mode: Mode) -> Result<Self, Fault> {
        self.name = called("Name", &self.name, NAME_MAX)?;
        self.domains = self.domains.iter().map(|domain| checked_domain(domain)).collect::<Result<_, _>>()?;
        self.domains.sort_unstable();
        self.domains.dedup();
        most("Domains", self.domains.len(), DOMAINS_MAX)?;
        if let Some(from) = &self.subject_from {
            self.subject_from = Some(called("SubjectFrom", from, CALLED_MAX)?);
        }
        if let Protocol::Oidc(oidc) = &self.protocol {
            oidc.check()?;
        }
        self.arrivals = self.arrivals.checked()?;
        most("SessionTags", self.tags.len(), RULES_MAX)?;
        for rule in &self.tags {
            called("SessionTags.Key", &rule.key, 128)?;
            called("SessionTags.From", &rule.from, CALLED_MAX)?;
        }
        unique("SessionTags.Key", self.tags.iter().map(|rule| rule.key.as_str()))?;
        self.agree()?;
        match mode {
            Mode::Strict => self.checked_as_aws_has_it(),
            Mode::Relaxed => Ok(self),
        }
    }

    /// Whether what was decided goes together.
    fn agree(&self) -> Result<(), Fault> {
        let by_name = self.subject == SubjectMatch::UserName;
        if by_name && self.domains.is_empty() && !self.any_domain {
            return Err(Fault::validation(
                "Domains must name the domains of the user names that the provider speaks for, or AnyDomain must be true: it could say that somebody is the administrator of another source",
            ));
        }
        let names = self.arrivals.attributes.iter().any(|rule| rule.attribute == "userName");
        if by_name && names {
            return Err(Fault::validation(
                "Attributes.Attribute userName is only for Subject EXTERNAL_ID: by USER_NAME the subject is the user name",
            ));
        }
        if !by_name && self.arrivals.create && !names {
            return Err(Fault::validation(
                "Attributes must say where the userName of somebody who is created comes from: with Subject EXTERNAL_ID the subject is not one",
            ));
        }
        if self.required && self.domains.is_empty() {
            return Err(Fault::validation("RequiredForDomains needs Domains: it says for whom"));
        }
        if self.arrivals.groups_from.is_some() == self.arrivals.groups.is_empty() {
            return Err(Fault::validation(
                "GroupsFrom and Groups need each other: which attribute says it, and which groups it decides",
            ));
        }
        Ok(())
    }

    /// AWS speaks SAML alone, takes the NameID for the user name, and makes nobody (aws-capabilities 2.6).
    fn checked_as_aws_has_it(self) -> Result<Self, Fault> {
        let beyond = match &self.protocol {
            Protocol::Oidc(_) => Some("Oidc"),
            Protocol::Saml(_) if self.subject != SubjectMatch::UserName => Some("Subject EXTERNAL_ID"),
            Protocol::Saml(_) if self.subject_from.is_some() => Some("SubjectFrom"),
            Protocol::Saml(saml) if saml.allow_sha1 => Some("AllowSha1"),
            Protocol::Saml(saml) if saml.allow_aes_cbc => Some("AllowAesCbc"),
            Protocol::Saml(_) if self.arrivals != Arrivals::default() => Some("Arrivals"),
            Protocol::Saml(_) if self.trust_mfa => Some("TrustMfa"),
            Protocol::Saml(_) if !self.tags.is_empty() => Some("SessionTags"),
            Protocol::Saml(_) => None,
        };
        beyond.map_or(Ok(self), |what| {
            Err(Fault::validation(format!("{what} is not there in strict mode: AWS has no such thing")))
        })
    }
}

impl OidcIdp {
    /// RFC 6749 A.1 and A.4: what both may hold.
    fn check(&self) -> Result<(), Fault> {
        let printable = |byte: u8| matches!(byte, 0x20..=0x7e);
        if !(1..=CALLED_MAX).contains(&self.client_id.len()) || !self.client_id.bytes().all(printable) {
            return Err(Fault::validation(format!(
                "ClientId must have 1 to {CALLED_MAX} printable ASCII characters; it has {}",
                self.client_id.len()
            )));
        }
        most("Scopes", self.scopes.len(), SCOPES_MAX)?;
        let of_scope = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        match self.scopes.iter().find(|scope| scope.is_empty() || !scope.bytes().all(of_scope)) {
            Some(scope) => Err(Fault::validation(format!(
                "Scopes: {scope:?} is not a scope: one has neither spaces nor quotation marks nor backslashes"
            ))),
            None => Ok(()),
        }
    }
}

impl Arrivals {
    fn checked(mut self) -> Result<Self, Fault> {
        most("Attributes", self.attributes.len(), RULES_MAX)?;
        most("Groups", self.groups.len(), RULES_MAX)?;
        for rule in &self.attributes {
            called("Attributes.From", &rule.from, CALLED_MAX)?;
            if !ATTRIBUTES.contains(&rule.attribute.as_str()) {
                return Err(Fault::validation(format!(
                    "Attributes.Attribute must be one of {}; it is {}",
                    ATTRIBUTES.join(", "),
                    rule.attribute
                )));
            }
        }
        unique("Attributes.Attribute", self.attributes.iter().map(|rule| rule.attribute.as_str()))?;
        for rule in &self.groups {
            called("Groups.Value", &rule.value, CALLED_MAX)?;
        }
        unique("Groups.Value", self.groups.iter().map(|rule| rule.value.as_str()))?;
        if let Some(from) = &self.groups_from {
            self.groups_from = Some(called("GroupsFrom", from, CALLED_MAX)?);
        }
        Ok(self)
    }
}

/// The attributes that a provider can give. The user name only where the person is found by another one.
pub const ATTRIBUTES: &[&str] = &[
    "userName",
    "displayName",
    "name.givenName",
    "name.familyName",
    "emails.value",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ExternalIdpSettings {
        ExternalIdpSettings {
            name: " Acme ".to_owned(),
            protocol: Protocol::Saml(SamlIdp::default()),
            domains: vec!["@Acme.example".to_owned(), "acme.example".to_owned()],
            any_domain: false,
            required: false,
            hidden: false,
            subject: SubjectMatch::UserName,
            subject_from: None,
            trust_mfa: false,
            arrivals: Arrivals::default(),
            tags: Vec::new(),
        }
    }

    #[test]
    fn what_is_decided_is_kept_in_one_form() {
        let kept = settings().checked(Mode::Strict).unwrap();
        assert_eq!((kept.name.as_str(), kept.domains.as_slice()), ("Acme", &["acme.example".to_owned()][..]));
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<ExternalIdpSettings>(&text).unwrap(), kept);
        assert!(kept.is_of_its_domains("Jane@ACME.example"));
        for other in ["jane", "jane@acme.example.org", "jane@xacme.example", "acme.example"] {
            assert!(!kept.is_of_its_domains(other), "{other}");
        }
    }

    #[test]
    fn a_provider_speaks_for_nobody_without_being_told_for_whom() {
        let refused = |with: fn(&mut ExternalIdpSettings)| {
            let mut new = settings();
            with(&mut new);
            new.checked(Mode::Relaxed).unwrap_err().message().to_owned()
        };
        assert!(refused(|new| new.domains.clear()).contains("AnyDomain"));
        assert!(refused(|new| new.domains = vec!["not a domain".to_owned()]).contains("not a domain"));
        assert!(refused(|new| new.arrivals.groups_from = Some("groups".to_owned())).contains("GroupsFrom"));
        assert!(refused(|new| new.name = "\n".to_owned()).contains("Name"));
        let twice = AttributeRule { attribute: "title".to_owned(), from: "x".to_owned() };
        let mut new = settings();
        new.arrivals.attributes = vec![twice.clone(), twice];
        assert!(new.checked(Mode::Relaxed).unwrap_err().message().contains("twice"));
    }

    #[test]
    fn strict_mode_has_what_aws_has() {
        let mut new = settings();
        new.arrivals.create = true;
        assert!(new.checked(Mode::Strict).unwrap_err().message().contains("Arrivals"));
        let mut new = settings();
        new.subject_from = Some("mail".to_owned());
        assert!(new.clone().checked(Mode::Strict).unwrap_err().message().contains("SubjectFrom"));
        assert!(new.checked(Mode::Relaxed).is_ok());
    }
}
