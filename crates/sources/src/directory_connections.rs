//! From what an administrator decided of a directory to what speaks to it. Every text of the protocol is read here, once, so that a filter or name that is
//! wrong is refused where it is given and not at night.

use std::time::Duration;

use ldap::attribute::AttributeName;
use ldap::dn::Dn;
use ldap::filter::Filter;
use ldap::mapping::{Field, Mapping};
use ldap::schema::Schema;
use ldap::scope::Scope;
use model::fault::Fault;
use model::secret::Secret;
use model::sources::directory::{Directory, DirectorySchema, DirectorySettings, DnsSecurity};
use model::timestamp::Timestamp;
use outbound::client::Outbound;
use outbound::ldap::directory::Directory as Connected;
use outbound::ldap::settings::{Account, Security, Server, Servers, Settings, Trust};
use store::db::Store;
use time::OffsetDateTime;

use crate::directory_secrets::opened;

/// How long the directory may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The attributes of a person by the paths that operations of the identity store have for them.
const PATHS: &[(&str, Field)] = &[
    ("name.givenName", Field::GivenName),
    ("name.middleName", Field::MiddleName),
    ("name.familyName", Field::FamilyName),
    ("name.formatted", Field::Formatted),
    ("displayName", Field::DisplayName),
    ("nickName", Field::NickName),
    ("emails.value", Field::Email),
    ("phoneNumbers.work", Field::WorkPhone),
    ("phoneNumbers.mobile", Field::MobilePhone),
    ("phoneNumbers.home", Field::HomePhone),
    ("title", Field::Title),
    ("userType", Field::UserType),
    ("preferredLanguage", Field::PreferredLanguage),
    ("profileUrl", Field::ProfileUrl),
    ("addresses.streetAddress", Field::Street),
    ("addresses.locality", Field::Locality),
    ("addresses.region", Field::Region),
    ("addresses.postalCode", Field::PostalCode),
    ("addresses.country", Field::Country),
    ("department", Field::Department),
    ("division", Field::Division),
    ("organization", Field::Organization),
    ("costCenter", Field::CostCenter),
    ("employeeNumber", Field::EmployeeNumber),
    ("manager", Field::Manager),
];

fn refused(field: &str, given: &str, why: impl std::fmt::Display) -> Fault {
    Fault::validation(format!("{field}: {given}: {why}"))
}

fn name(field: &str, given: &str) -> Result<Dn, Fault> {
    let read = Dn::parse(given).map_err(|flaw| refused(field, given, flaw))?;
    if read.is_root() {
        return Err(refused(field, given, "it names nothing"));
    }
    Ok(read)
}

fn attribute(field: &str, given: &str) -> Result<AttributeName, Fault> {
    AttributeName::parse(given).ok_or_else(|| refused(field, given, "it is not the name of an attribute"))
}

fn schema(schema: DirectorySchema) -> Schema {
    match schema {
        DirectorySchema::ActiveDirectory => Schema::ActiveDirectory,
        DirectorySchema::OpenLdap => Schema::OpenLdap,
        DirectorySchema::Ds389 => Schema::Ds389,
    }
}

/// Those of a kind that an administrator means: what is no person never is one, whatever their filter says.
fn narrowed(field: &str, kind: Filter, given: Option<&str>) -> Result<Filter, Fault> {
    let Some(given) = given else { return Ok(kind) };
    let filter = Filter::parse(given).map_err(|flaw| refused(field, given, flaw))?;
    Ok(Filter::And(vec![kind, filter]))
}

fn scope(settings: &DirectorySettings, schema: Schema) -> Result<Scope, Fault> {
    let given = &settings.scope;
    let names =
        |field: &str, all: &[String]| all.iter().map(|one| name(field, one)).collect::<Result<Vec<_>, _>>();
    Ok(Scope {
        people: names("UserBases", &given.user_bases)?,
        groups: names("GroupBases", &given.group_bases)?,
        people_filter: narrowed("UserFilter", schema.people(), given.user_filter.as_deref())?,
        group_filter: narrowed("GroupFilter", schema.groups(), given.group_filter.as_deref())?,
    })
}

fn mapping(settings: &DirectorySettings, schema: Schema) -> Result<Mapping, Fault> {
    let mut mapping = Mapping::of(schema);
    if let Some(from) = &settings.user_name_from {
        mapping.user_name = vec![attribute("UserNameFrom", from)?];
    }
    for rule in &settings.attributes {
        let known = PATHS.iter().find(|(path, _)| *path == rule.attribute);
        let (_, field) = known.ok_or_else(|| {
            let all: Vec<&str> = PATHS.iter().map(|(path, _)| *path).collect();
            refused("Attributes.Attribute", &rule.attribute, format!("one of {}", all.join(", ")))
        })?;
        mapping.fields.insert(*field, vec![attribute("Attributes.From", &rule.from)?]);
    }
    Ok(mapping)
}

fn trust(settings: &DirectorySettings) -> Result<Trust, Fault> {
    let pins = settings.pinned_certificates.iter().map(|digest| pin(digest));
    let pins = pins.collect::<Result<Vec<_>, _>>()?;
    let system = settings.ca_certificates.is_none() && pins.is_empty();
    Ok(Trust { system, authorities: settings.ca_certificates.clone(), pins })
}

fn pin(digest: &str) -> Result<[u8; 32], Fault> {
    let mut bytes = [0_u8; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        let digits = digest.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        *byte = digits.ok_or_else(|| refused("PinnedCertificates", digest, "64 hexadecimal digits"))?;
    }
    Ok(bytes)
}

fn servers(settings: &DirectorySettings) -> Result<Servers, Fault> {
    let Some(domain) = &settings.dns_domain else {
        let named = settings.servers.iter().map(|server| Server::parse(server));
        return Ok(Servers::Named(named.collect::<Result<_, _>>()?));
    };
    let security = match domain.security {
        DnsSecurity::Ldaps => Security::Tls,
        DnsSecurity::StartTls => Security::StartTls,
    };
    Ok(Servers::OfDomain { domain: domain.name.clone(), security })
}

fn account(settings: &DirectorySettings, secret: Secret) -> Account {
    match (&settings.client_certificate, &settings.bind_dn) {
        (Some(chain), _) => Account::Certificate { chain: chain.clone(), key: secret },
        (None, name) => Account::Simple { name: name.clone().unwrap_or_default(), password: secret },
    }
}

/// What speaks to a directory of these settings; or what is wrong with them.
pub(crate) fn connected(
    outbound: &Outbound,
    settings: &DirectorySettings,
    secret: Secret,
) -> Result<Connected, Fault> {
    let schema = schema(settings.schema);
    let settings = Settings {
        servers: servers(settings)?,
        trust: trust(settings)?,
        account: account(settings, secret),
        schema,
        mapping: mapping(settings, schema)?,
        scope: scope(settings, schema)?,
        timeout: TIMEOUT,
    };
    Connected::new(outbound, settings)
}

/// A moment as the protocol's kit has it.
pub fn moment(now: Timestamp) -> Result<OffsetDateTime, Fault> {
    OffsetDateTime::from_unix_timestamp(now.seconds()).map_err(Fault::internal)
}

/// What speaks to a directory as it is kept.
pub fn connect(store: &Store, outbound: &Outbound, directory: &Directory) -> Result<Connected, Fault> {
    connected(outbound, &directory.settings, opened(store, directory)?)
}
