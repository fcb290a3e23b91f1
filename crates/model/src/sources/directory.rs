//! Directories (Active Directory, OpenLDAP, 389-DS) from which people are read and which are asked when they sign in: what an administrator decided of
//! one. Filters, names and certificates are texts here: whoever speaks the protocol reads them.

use serde::{Deserialize, Serialize};

use crate::accounts::account::AccountId;
use crate::directory::identity_store::IdentityStoreId;
use crate::entropy::{Entropy, uuid};
use crate::fault::Fault;
use crate::id::{is_uuid, string_id};
use crate::sources::checks::{called, most, unique};
use crate::sources::external_idp::{AttributeRule, CALLED_MAX};
use crate::sources::provisioning_tenant::NAME_MAX;
use crate::timestamp::Timestamp;
use crate::words::words;

/// Directories of an identity store at most.
pub const DIRECTORIES_MAX: u64 = 100;
/// Servers of a directory, pinned certificates, and bases of each kind, at most.
pub const SERVERS_MAX: usize = 10;
/// Attributes that are mapped otherwise than by default, at most.
pub const ATTRIBUTES_MAX: usize = 100;
/// Characters of an address, a DN and a filter at most.
pub const TEXT_MAX: usize = 1_024;
/// Characters of the certificates of an own authority at most.
pub const CERTIFICATES_TEXT_MAX: usize = 65_536;
/// What no brake holds: so many may be disabled, emptied or deleted by one run, however few there are.
pub const BRAKE_FREE: u64 = 5;

string_id!(
    /// A UUID.
    DirectoryId,
    "directory id",
    is_uuid
);

impl DirectoryId {
    /// A fresh one.
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        Self(uuid(entropy).to_string())
    }

    /// What external ids of its people and groups have as their issuer: it stays the same wherever the directory moves.
    pub fn issuer(&self) -> String {
        [ISSUER, self.as_str()].concat()
    }

    /// The directory that an issuer is of, if it is of one.
    pub fn of_issuer(issuer: &str) -> Option<Self> {
        Self::parse(issuer.strip_prefix(ISSUER)?).ok()
    }
}

/// What stands before the id.
const ISSUER: &str = "urn:portico:directory:";

words! {
    /// Whether runs are scheduled.
    DirectoryStatus {
        /// They are.
        Enabled = "ENABLED",
        /// They are not; who asks for one gets one, and people sign in.
        Paused = "PAUSED",
    }
}

words! {
    /// What kind of server it is: which attributes and classes it has, and how it says what changed.
    DirectorySchema {
        /// Active Directory, and Samba as a domain controller.
        ActiveDirectory = "ACTIVE_DIRECTORY",
        /// OpenLDAP.
        OpenLdap = "OPENLDAP",
        /// 389-DS, and FreeIPA.
        Ds389 = "DS389",
    }
}

words! {
    /// How connections to servers become safe that DNS names.
    DnsSecurity {
        /// By TLS from the first byte.
        Ldaps = "LDAPS",
        /// By TLS once it was asked for.
        StartTls = "START_TLS",
    }
}

words! {
    /// What is off unless an administrator asks for it.
    #[derive(Default)]
    Switch {
        /// It is on.
        Enabled = "ENABLED",
        /// It is not.
        #[default]
        Disabled = "DISABLED",
    }
}

impl Switch {
    /// Whether it is on.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Enabled)
    }
}

/// A domain whose servers DNS names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsDomain {
    /// Its name.
    pub name: String,
    /// How connections become safe.
    pub security: DnsSecurity,
}

/// How many wrong passwords the directory takes before it locks an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lockout {
    /// So many,
    pub attempts: u32,
    /// within so many minutes; 0: it forgets none before a right password.
    pub minutes: u32,
}

impl Default for Lockout {
    fn default() -> Self {
        Self { attempts: 5, minutes: 30 }
    }
}

/// When it is read, and what a run may take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Seconds between incremental runs.
    pub incremental_seconds: u32,
    /// Hours between full runs.
    pub full_hours: u32,
    /// Of all that the directory has here, the percentage that a run disables, empties or deletes at most.
    pub brake_percent: u32,
    /// Days after which who is not found any more is deleted.
    pub remove_after_days: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { incremental_seconds: 60, full_hours: 24, brake_percent: 10, remove_after_days: 30 }
    }
}

/// Which entries are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Below which names people are.
    pub user_bases: Vec<String>,
    /// Below which names groups are; where people are without.
    pub group_bases: Vec<String>,
    /// Which entries there are people; those of the schema without.
    pub user_filter: Option<String>,
    /// Which entries there are groups.
    pub group_filter: Option<String>,
}

/// What an administrator decides of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySettings {
    /// What people know it by.
    pub name: String,
    /// What kind of server it is.
    pub schema: DirectorySchema,
    /// `ldaps://host[:port]`, or `ldap://host[:port]` for StartTLS, in the order in which they are tried; none where DNS names them.
    pub servers: Vec<String>,
    /// The domain whose servers are asked.
    #[serde(default)]
    pub dns_domain: Option<DnsDomain>,
    /// Certificates of the authority that signs those of the servers, PEM; the system's without.
    pub ca_certificates: Option<String>,
    /// SHA-256 of certificates that the servers have, hexadecimal: any of them counts, and no other.
    pub pinned_certificates: Vec<String>,
    /// Who we are there by a password.
    pub bind_dn: Option<String>,
    /// The certificate by which we are somebody there, PEM.
    #[serde(default)]
    pub client_certificate: Option<String>,
    /// The name of the domain before `\`.
    pub domain: Option<String>,
    /// Which entries are read.
    pub scope: Scope,
    /// Where the user name comes from; where the schema has it without.
    pub user_name_from: Option<String>,
    /// Where attributes come from that come from elsewhere than by default.
    pub attributes: Vec<AttributeRule>,
    /// When it is read.
    pub schedule: Schedule,
    /// When it locks accounts.
    pub lockout: Lockout,
    /// Whether changes are listened for.
    #[serde(default)]
    pub watch: Switch,
    /// Whether people change their password of the directory here.
    #[serde(default)]
    pub password_change: Switch,
}

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The id.
    pub id: DirectoryId,
    /// Whose people it brings.
    pub identity_store_id: IdentityStoreId,
    /// Whether runs are scheduled.
    pub status: DirectoryStatus,
    /// What was decided of it.
    pub settings: DirectorySettings,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When last changed.
    pub updated_at: Timestamp,
    /// By whom (an ARN).
    pub updated_by: String,
}

/// A directory that changes people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synchronizer {
    /// The account that owns the instance.
    pub account_id: AccountId,
    /// Where it writes.
    pub identity_store_id: IdentityStoreId,
    /// Itself.
    pub directory_id: DirectoryId,
    /// What people call it.
    pub name: String,
}

impl Synchronizer {
    /// What `CreatedBy` keeps and the trail shows.
    pub fn arn(&self) -> String {
        format!("arn:aws:identitystore::{}:directory/{}", self.account_id, self.directory_id)
    }
}

fn text(field: &str, text: &str) -> Result<String, Fault> {
    called(field, text, TEXT_MAX)
}

fn texts(field: &str, all: &[String]) -> Result<Vec<String>, Fault> {
    most(field, all.len(), SERVERS_MAX)?;
    let all: Vec<String> = all.iter().map(|one| text(field, one)).collect::<Result<_, _>>()?;
    unique(field, all.iter().map(String::as_str))?;
    Ok(all)
}

fn within(field: &str, value: u32, (low, high): (u32, u32)) -> Result<(), Fault> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Fault::validation(format!("{field} must be {low} to {high}; it is {value}")))
    }
}

impl DirectorySettings {
    /// The settings as they are kept, or what is wrong with them, as far as it can be told without the protocol.
    pub fn checked(mut self) -> Result<Self, Fault> {
        self.name = called("Name", &self.name, NAME_MAX)?;
        self.servers = texts("Servers", &self.servers)?;
        if self.servers.is_empty() != self.dns_domain.is_some() {
            return Err(Fault::validation(
                "Servers must name at least one server, or DnsDomain a domain whose servers DNS names; not both",
            ));
        }
        self.pinned_certificates = texts("PinnedCertificates", &self.pinned_certificates)?
            .into_iter()
            .map(|digest| checked_digest(&digest))
            .collect::<Result<_, _>>()?;
        self.bind_dn = self.bind_dn.map(|name| text("BindDn", &name)).transpose()?;
        if self.bind_dn.is_some() == self.client_certificate.is_some() {
            return Err(Fault::validation(
                "BindDn must say who the server is in the directory, or ClientCertificate prove it; not both",
            ));
        }
        self.domain = self.domain.map(|domain| called("Domain", &domain, NAME_MAX)).transpose()?;
        if self.domain.as_ref().is_some_and(|domain| domain.contains('\\')) {
            return Err(Fault::validation("Domain is what stands before the \\ alone"));
        }
        if let Some(from) = &self.user_name_from {
            self.user_name_from = Some(called("UserNameFrom", from, CALLED_MAX)?);
        }
        self.scope = self.scope.checked()?;
        self.check_attributes()?;
        self.schedule.check()?;
        within("Lockout.Attempts", self.lockout.attempts, (2, 1_000))?;
        within("Lockout.Minutes", self.lockout.minutes, (0, 99_999))?;
        self.check_certificates()?;
        Ok(self)
    }

    fn check_attributes(&self) -> Result<(), Fault> {
        most("Attributes", self.attributes.len(), ATTRIBUTES_MAX)?;
        for rule in &self.attributes {
            called("Attributes.Attribute", &rule.attribute, CALLED_MAX)?;
            called("Attributes.From", &rule.from, CALLED_MAX)?;
        }
        unique("Attributes.Attribute", self.attributes.iter().map(|rule| rule.attribute.as_str()))
    }

    fn check_certificates(&self) -> Result<(), Fault> {
        for (field, pem) in
            [("CaCertificates", &self.ca_certificates), ("ClientCertificate", &self.client_certificate)]
        {
            let length = pem.as_ref().map_or(0, |pem| pem.chars().count());
            if length > CERTIFICATES_TEXT_MAX {
                return Err(Fault::validation(format!(
                    "{field} has {length} characters, {CERTIFICATES_TEXT_MAX} at most"
                )));
            }
        }
        if self.ca_certificates.is_some() && !self.pinned_certificates.is_empty() {
            return Err(Fault::validation(
                "CaCertificates and PinnedCertificates cannot both be there: a certificate that is pinned counts whoever signed it",
            ));
        }
        Ok(())
    }
}

/// SHA-256 in lower-case hexadecimal digits, as people copy it with colons too.
fn checked_digest(digest: &str) -> Result<String, Fault> {
    let digest = digest.replace(':', "").to_ascii_lowercase();
    if crate::id::is_lower_hex(&digest, 64) {
        return Ok(digest);
    }
    Err(Fault::validation(format!("PinnedCertificates: {digest} is not a SHA-256 in 64 hexadecimal digits")))
}

impl Scope {
    fn checked(mut self) -> Result<Self, Fault> {
        self.user_bases = texts("UserBases", &self.user_bases)?;
        if self.user_bases.is_empty() {
            return Err(Fault::validation("UserBases must say below which DN people are"));
        }
        self.group_bases = texts("GroupBases", &self.group_bases)?;
        for (field, filter) in
            [("UserFilter", &mut self.user_filter), ("GroupFilter", &mut self.group_filter)]
        {
            if let Some(given) = filter {
                *given = text(field, given)?;
            }
        }
        Ok(self)
    }
}

impl Schedule {
    fn check(&self) -> Result<(), Fault> {
        within("IncrementalSeconds", self.incremental_seconds, (10, 86_400))?;
        within("FullHours", self.full_hours, (1, 168))?;
        within("BrakePercent", self.brake_percent, (1, 100))?;
        within("RemoveAfterDays", self.remove_after_days, (0, 3_650))
    }

    /// How many a run may take away of so many.
    pub fn brake_of(&self, all: u64) -> u64 {
        let share = u128::from(all) * u128::from(self.brake_percent) / 100;
        u64::try_from(share).unwrap_or(u64::MAX).max(BRAKE_FREE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> DirectorySettings {
        DirectorySettings {
            name: "Forest".to_owned(),
            schema: DirectorySchema::OpenLdap,
            servers: vec!["ldaps://ldap.example.com".to_owned()],
            dns_domain: None,
            ca_certificates: None,
            pinned_certificates: Vec::new(),
            bind_dn: Some("cn=portico,dc=example,dc=com".to_owned()),
            client_certificate: None,
            domain: None,
            scope: Scope { user_bases: vec!["dc=example,dc=com".to_owned()], ..Scope::default() },
            user_name_from: None,
            attributes: Vec::new(),
            schedule: Schedule::default(),
            lockout: Lockout::default(),
            watch: Switch::default(),
            password_change: Switch::default(),
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(settings().checked().is_ok());
        let refused = |change: fn(&mut DirectorySettings), field: &str| {
            let mut settings = settings();
            change(&mut settings);
            let fault = settings.checked().unwrap_err();
            assert!(fault.message().contains(field), "{}", fault.message());
        };
        refused(|settings| settings.servers.clear(), "Servers");
        let dns = |settings: &mut DirectorySettings| {
            settings.dns_domain =
                Some(DnsDomain { name: "example.com".to_owned(), security: DnsSecurity::Ldaps });
        };
        refused(dns, "not both");
        refused(|settings| settings.bind_dn = None, "ClientCertificate");
        refused(|settings| settings.client_certificate = Some("PEM".to_owned()), "not both");
        refused(|settings| settings.scope.user_bases.clear(), "UserBases");
        refused(|settings| settings.schedule.incremental_seconds = 9, "10 to 86400; it is 9");
        refused(|settings| settings.schedule.brake_percent = 0, "BrakePercent");
        refused(|settings| settings.lockout.attempts = 1, "Lockout.Attempts");
        refused(|settings| settings.lockout.minutes = 100_000, "0 to 99999; it is 100000");
        refused(|settings| settings.domain = Some("A\\b".to_owned()), "Domain");
        refused(|settings| settings.pinned_certificates.push("ab".to_owned()), "64 hexadecimal");
    }

    #[test]
    fn what_was_kept_before_there_were_more_settings_is_read() {
        let mut kept = serde_json::to_value(settings()).unwrap();
        for later in ["dns_domain", "client_certificate", "watch", "password_change"] {
            kept.as_object_mut().unwrap().remove(later).unwrap();
        }
        assert_eq!(serde_json::from_value::<DirectorySettings>(kept).unwrap(), settings());
    }

    #[test]
    fn a_digest_is_kept_as_one_spelling() {
        let mut given = settings();
        given.pinned_certificates = vec![["AB"; 32].join(":")];
        assert_eq!(given.checked().unwrap().pinned_certificates, ["ab".repeat(32)]);
    }

    #[test]
    fn a_brake_lets_few_pass_and_a_share_of_many() {
        let schedule = Schedule::default();
        assert_eq!((schedule.brake_of(0), schedule.brake_of(20), schedule.brake_of(50_000)), (5, 5, 5_000));
    }

    #[test]
    fn a_directory_is_known_by_its_issuer() {
        let id = DirectoryId::parse("3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10").unwrap();
        assert_eq!(DirectoryId::of_issuer(&id.issuer()), Some(id));
        assert_eq!(DirectoryId::of_issuer("https://idp.example"), None);
    }
}
