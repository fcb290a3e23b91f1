//! Which attribute of a directory becomes which attribute of a person or group: a default for each kind of directory, of which an administrator may
//! alter everything. Photos are left out on purpose: they are large, and nobody here shows them.

use std::collections::BTreeMap;

use crate::attribute::AttributeName;
use crate::schema::Schema;

/// A single attribute of a person that directories know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// First name.
    GivenName,
    /// Name in the middle, or its letter.
    MiddleName,
    /// Last name.
    FamilyName,
    /// Name as it is shown.
    DisplayName,
    /// The whole name.
    Formatted,
    /// What friends say.
    NickName,
    /// Addresses of mail, the first one first.
    Email,
    /// Telephone at work.
    WorkPhone,
    /// Telephone that goes along.
    MobilePhone,
    /// Telephone at home.
    HomePhone,
    /// What the person does.
    Title,
    /// Where in the organization.
    Department,
    /// Above the department.
    Division,
    /// The organization.
    Organization,
    /// Who pays.
    CostCenter,
    /// Number of the employee.
    EmployeeNumber,
    /// Whom the person reports to: a distinguished name.
    Manager,
    /// Employee, contractor.
    UserType,
    /// Street and number.
    Street,
    /// Town.
    Locality,
    /// State or province.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
    /// Language.
    PreferredLanguage,
    /// Page about the person.
    ProfileUrl,
}

/// Which attribute becomes what. In lists, the first that has a value counts; for addresses and numbers all of them, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The stable identifier.
    pub id: AttributeName,
    /// The name by which a person signs in.
    pub user_name: Vec<AttributeName>,
    /// The short name of the account, which `memberUid` and `DOMAIN\name` mean.
    pub account_name: Vec<AttributeName>,
    /// What is told of a person.
    pub fields: BTreeMap<Field, Vec<AttributeName>>,
    /// What else an administrator wants to know of a person, by names of their own.
    pub extra: BTreeMap<String, AttributeName>,
    /// The name of a group.
    pub group_name: Vec<AttributeName>,
    /// What a group is for.
    pub group_description: Vec<AttributeName>,
    /// Where members are.
    pub members: Vec<AttributeName>,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::GivenName,
        Self::MiddleName,
        Self::FamilyName,
        Self::DisplayName,
        Self::Formatted,
        Self::NickName,
        Self::Email,
        Self::WorkPhone,
        Self::MobilePhone,
        Self::HomePhone,
        Self::Title,
        Self::Department,
        Self::Division,
        Self::Organization,
        Self::CostCenter,
        Self::EmployeeNumber,
        Self::Manager,
        Self::UserType,
        Self::Street,
        Self::Locality,
        Self::Region,
        Self::PostalCode,
        Self::Country,
        Self::PreferredLanguage,
        Self::ProfileUrl,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GivenName => "GivenName",
            Self::MiddleName => "MiddleName",
            Self::FamilyName => "FamilyName",
            Self::DisplayName => "DisplayName",
            Self::Formatted => "Formatted",
            Self::NickName => "NickName",
            Self::Email => "Email",
            Self::WorkPhone => "WorkPhone",
            Self::MobilePhone => "MobilePhone",
            Self::HomePhone => "HomePhone",
            Self::Title => "Title",
            Self::Department => "Department",
            Self::Division => "Division",
            Self::Organization => "Organization",
            Self::CostCenter => "CostCenter",
            Self::EmployeeNumber => "EmployeeNumber",
            Self::Manager => "Manager",
            Self::UserType => "UserType",
            Self::Street => "Street",
            Self::Locality => "Locality",
            Self::Region => "Region",
            Self::PostalCode => "PostalCode",
            Self::Country => "Country",
            Self::PreferredLanguage => "PreferredLanguage",
            Self::ProfileUrl => "ProfileUrl",
        }
    }

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Whether a person may have several.
    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::Email | Self::WorkPhone | Self::MobilePhone | Self::HomePhone)
    }
}

/// What all kinds have in common (RFC 4519, RFC 2798).
const COMMON: &[(Field, &[&str])] = &[
    (Field::GivenName, &["givenName"]),
    (Field::FamilyName, &["sn"]),
    (Field::DisplayName, &["displayName", "cn"]),
    (Field::Email, &["mail"]),
    (Field::WorkPhone, &["telephoneNumber"]),
    (Field::MobilePhone, &["mobile"]),
    (Field::HomePhone, &["homePhone"]),
    (Field::Title, &["title"]),
    (Field::EmployeeNumber, &["employeeNumber"]),
    (Field::Manager, &["manager"]),
    (Field::UserType, &["employeeType"]),
    (Field::Locality, &["l"]),
    (Field::Region, &["st"]),
    (Field::PostalCode, &["postalCode"]),
    (Field::PreferredLanguage, &["preferredLanguage"]),
];
/// What Active Directory has beside that, or instead. `co` is the country as people write it, `c` its code.
const ACTIVE_DIRECTORY: &[(Field, &[&str])] = &[
    (Field::MiddleName, &["middleName", "initials"]),
    (Field::Department, &["department"]),
    (Field::Division, &["division"]),
    (Field::Organization, &["company"]),
    (Field::EmployeeNumber, &["employeeID", "employeeNumber"]),
    (Field::Street, &["streetAddress"]),
    (Field::Country, &["c", "co"]),
    (Field::ProfileUrl, &["wWWHomePage"]),
];
/// What inetOrgPerson has.
const INET_ORG_PERSON: &[(Field, &[&str])] = &[
    (Field::MiddleName, &["initials"]),
    (Field::Department, &["departmentNumber", "ou"]),
    (Field::Organization, &["o"]),
    (Field::Street, &["street"]),
    (Field::Country, &["c"]),
    (Field::ProfileUrl, &["labeledURI"]),
];

impl Mapping {
    /// The default of a kind of directory.
    pub fn of(schema: Schema) -> Self {
        let special = match schema {
            Schema::ActiveDirectory => ACTIVE_DIRECTORY,
            Schema::OpenLdap | Schema::Ds389 => INET_ORG_PERSON,
        };
        let fields = COMMON.iter().chain(special).map(|(field, names)| (*field, named(names))).collect();
        let (user_name, account_name, members): (&[&str], &[&str], &[&str]) = match schema {
            Schema::ActiveDirectory => {
                (&["userPrincipalName", "sAMAccountName"], &["sAMAccountName"], &["member"])
            }
            Schema::OpenLdap => (&["uid", "mail"], &["uid"], &["member", "uniqueMember", "memberUid"]),
            Schema::Ds389 => (&["uid", "mail"], &["uid"], &["member", "uniqueMember"]),
        };
        Self {
            id: AttributeName::known(schema.id()),
            user_name: named(user_name),
            account_name: named(account_name),
            fields,
            extra: BTreeMap::new(),
            group_name: named(&["cn"]),
            group_description: named(&["description"]),
            members: named(members),
        }
    }
}

fn named(names: &'static [&'static str]) -> Vec<AttributeName> {
    names.iter().map(|name| AttributeName::known(name)).collect()
}
