//! The schemas of RFC 7643 §4 that people and groups are described by, with the attributes that this kit's users keep, and the attributes
//! that every resource has (§3.1).

use super::{Attribute, Kind, ResourceType, Returned, Schema};

const TYPE: Attribute = Attribute::text("type", "What it is used for, such as work or home.");
const PRIMARY: Attribute =
    Attribute::text("primary", "Whether it is the one that is used first.").of(Kind::Flag);
const DISPLAY: Attribute = Attribute::text("display", "A name for people to read.");

static META: &[Attribute] = &[
    Attribute::text("resourceType", "The kind of resource.").exact().read_only(),
    Attribute::text("created", "When it was made.").of(Kind::Moment).read_only(),
    Attribute::text("lastModified", "When it was last changed.").of(Kind::Moment).read_only(),
    Attribute::text("location", "Its address.").of(Kind::Reference(&["uri"])).exact().read_only(),
    Attribute::text("version", "Its version: an entity tag.").exact().read_only(),
];

/// What every resource has besides the attributes of its schemas.
pub static COMMON: &[Attribute] = &[
    Attribute::text("schemas", "The schemas that it is described by.")
        .of(Kind::Reference(&["uri"]))
        .many()
        .exact()
        .returned(Returned::Always),
    Attribute::text("id", "Its id, given by the server.")
        .exact()
        .read_only()
        .returned(Returned::Always)
        .unique(),
    Attribute::text("externalId", "Its id at whoever provisions it.").exact(),
    Attribute::text("meta", "When it was made and changed, and where it is.")
        .of(Kind::Complex(META))
        .read_only(),
];

static NAME: &[Attribute] = &[
    Attribute::text("formatted", "The whole name as it is displayed."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "Middle names."),
    Attribute::text("honorificPrefix", "A title before the name."),
    Attribute::text("honorificSuffix", "What follows the name."),
];

static EMAIL: &[Attribute] = &[Attribute::text("value", "The address."), TYPE, PRIMARY];
static PHONE: &[Attribute] = &[Attribute::text("value", "The number."), TYPE, PRIMARY];
static ROLE: &[Attribute] = &[Attribute::text("value", "The role."), TYPE, PRIMARY];
static DISPLAYED: &[Attribute] = &[Attribute::text("value", "The value itself."), DISPLAY, TYPE, PRIMARY];
static PHOTO: &[Attribute] = &[
    Attribute::text("value", "Where the picture is.").of(Kind::Reference(&["external"])).exact(),
    DISPLAY,
    TYPE,
    PRIMARY,
];
static ADDRESS: &[Attribute] = &[
    Attribute::text("formatted", "The whole address."),
    Attribute::text("streetAddress", "Street and number."),
    Attribute::text("locality", "City."),
    Attribute::text("region", "State or region."),
    Attribute::text("postalCode", "Postal code."),
    Attribute::text("country", "Country, ISO 3166-1 alpha-2."),
    TYPE,
    PRIMARY,
];
static GROUP_OF: &[Attribute] = &[
    Attribute::text("value", "The id of the group.").exact().read_only(),
    Attribute::text("$ref", "The address of the group.").of(Kind::Reference(&["Group"])).exact().read_only(),
    DISPLAY.read_only(),
    TYPE.read_only(),
];

/// The URN of [`USER`].
const USER_ID: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const USER_NAME: Attribute = Attribute::text("userName", "The name to sign in with.").required().unique();
const NAME_PARTS: Attribute = Attribute::text("name", "The parts of the name.").of(Kind::Complex(NAME));
const DISPLAY_NAME: Attribute = Attribute::text("displayName", "The name that others see.").required();
const NICK_NAME: Attribute = Attribute::text("nickName", "A casual name.");
const PROFILE_URL: Attribute = Attribute::text("profileUrl", "Where more about the person is.")
    .of(Kind::Reference(&["external"]))
    .exact();
const TITLE: Attribute = Attribute::text("title", "Such as Vice President.");
const USER_TYPE: Attribute = Attribute::text("userType", "How the person belongs to the organization.");
const PREFERRED_LANGUAGE: Attribute = Attribute::text("preferredLanguage", "As Accept-Language has it.");
const LOCALE: Attribute = Attribute::text("locale", "Such as en-US.");
const TIMEZONE: Attribute = Attribute::text("timezone", "Such as Europe/Berlin.");
const ACTIVE: Attribute =
    Attribute::text("active", "Whether the person may sign in.").of(Kind::Flag).required();
const EMAILS: Attribute = Attribute::text("emails", "E-mail addresses.").of(Kind::Complex(EMAIL)).many();
const PHONE_NUMBERS: Attribute =
    Attribute::text("phoneNumbers", "Telephone numbers.").of(Kind::Complex(PHONE)).many();
const PHOTOS: Attribute = Attribute::text("photos", "Pictures.").of(Kind::Complex(PHOTO)).many();
const ADDRESSES: Attribute =
    Attribute::text("addresses", "Postal addresses.").of(Kind::Complex(ADDRESS)).many();
const ROLES: Attribute =
    Attribute::text("roles", "Roles at whoever provisions the person.").of(Kind::Complex(ROLE)).many();
const GROUPS_OF_USER: Attribute = Attribute::text("groups", "The groups that the person is in.")
    .of(Kind::Complex(GROUP_OF))
    .many()
    .read_only()
    .returned(Returned::Request);

/// `User`, RFC 7643 §4.1, without certificates.
pub static USER: Schema = Schema {
    id: USER_ID,
    name: "User",
    description: "A person",
    attributes: &[
        USER_NAME,
        NAME_PARTS,
        DISPLAY_NAME,
        NICK_NAME,
        PROFILE_URL,
        TITLE,
        USER_TYPE,
        PREFERRED_LANGUAGE,
        LOCALE,
        TIMEZONE,
        ACTIVE,
        Attribute::text("password", "The password to sign in with.").exact().write_only(),
        EMAILS.of(Kind::Complex(DISPLAYED)),
        PHONE_NUMBERS.of(Kind::Complex(DISPLAYED)),
        Attribute::text("ims", "Addresses for instant messages.").of(Kind::Complex(DISPLAYED)).many(),
        PHOTOS,
        ADDRESSES,
        Attribute::text("entitlements", "What the person is entitled to at whoever provisions them.")
            .of(Kind::Complex(DISPLAYED))
            .many(),
        ROLES.of(Kind::Complex(DISPLAYED)),
        GROUPS_OF_USER,
    ],
};

/// [`USER`] without the password, the names that values have for people to read, and what only some servers keep.
pub static LEAN_USER: Schema = Schema {
    attributes: &[
        USER_NAME,
        NAME_PARTS,
        DISPLAY_NAME,
        NICK_NAME,
        PROFILE_URL,
        TITLE,
        USER_TYPE,
        PREFERRED_LANGUAGE,
        LOCALE,
        TIMEZONE,
        ACTIVE,
        EMAILS,
        PHONE_NUMBERS,
        PHOTOS,
        ADDRESSES,
        ROLES,
        GROUPS_OF_USER,
    ],
    ..USER
};

static MANAGER: &[Attribute] = &[
    Attribute::text("value", "The id of the manager."),
    Attribute::text("$ref", "The address of the manager.").of(Kind::Reference(&["User"])).exact(),
    Attribute::text("displayName", "The name of the manager."),
];

/// The enterprise extension of `User`, RFC 7643 §4.3.
pub static ENTERPRISE: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "A person in an organization",
    attributes: &[
        Attribute::text("employeeNumber", "The number that the organization gave."),
        Attribute::text("costCenter", "The cost center."),
        Attribute::text("organization", "The organization."),
        Attribute::text("division", "The division."),
        Attribute::text("department", "The department."),
        Attribute::text("manager", "The manager.").of(Kind::Complex(MANAGER)),
    ],
};

static MEMBER: &[Attribute] = &[
    Attribute::text("value", "The id of the member.").exact().immutable(),
    Attribute::text("$ref", "The address of the member.").of(Kind::Reference(&["User"])).exact().immutable(),
    Attribute::text("type", "What kind of resource the member is.").usually(&["User"]).immutable(),
    DISPLAY.read_only().returned(Returned::Request),
];

/// `Group`, RFC 7643 §4.2.
pub static GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "A group of people",
    attributes: &[
        Attribute::text("displayName", "The name.").required().unique(),
        Attribute::text("members", "Who is in it.").of(Kind::Complex(MEMBER)).many(),
    ],
};

/// People.
pub static USERS: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "People",
    schema: &USER,
    extensions: &[&ENTERPRISE],
};

/// People as [`LEAN_USER`] has them.
pub static LEAN_USERS: ResourceType = ResourceType { schema: &LEAN_USER, ..USERS };

/// Groups.
pub static GROUPS: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "Groups of people",
    schema: &GROUP,
    extensions: &[],
};
