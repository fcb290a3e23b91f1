//! What entries mean: whom they are of, what is told of them, and who is in a group.

use ldap::attribute::AttributeName;
use ldap::dn::Dn;
use ldap::entry::Range;
use ldap::found::{GroupKey, Member};
use ldap::id::EntryId;
use ldap::mapping::{Field, Mapping};
use ldap::reading::{Reading, Unreadable};
use ldap::schema::Schema;
use time::OffsetDateTime;

use crate::build::{entry, texts};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
/// S-1-5-21-1-2-3-1104.
const SID: &[u8] = &[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x50, 4, 0, 0];
const GUID: &[u8] =
    &[0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];

fn reading(schema: Schema) -> Reading {
    Reading { schema, mapping: Mapping::of(schema) }
}

#[test]
fn a_person_of_active_directory() {
    let entry = entry(
        r"CN=Doe\, Jane,OU=People,DC=example,DC=test",
        &[
            ("objectGUID", &[GUID]),
            ("objectSid", &[SID]),
            ("primaryGroupID", &[b"513"]),
            ("userPrincipalName", &[b"jane@example.test"]),
            ("sAMAccountName", &[b"jane"]),
            ("givenName", &[b" Jane "]),
            ("sn", &[b"Doe"]),
            ("mail", &[b"jane@example.test", b"j.doe@example.test"]),
            ("department", &[b"Payments"]),
            ("company", &[b"  "]),
            ("title", &[b"\xff\xfe"]),
            ("userAccountControl", &[b"512"]),
            ("cn;lang-de", &[b"Hanna"]),
        ],
    );
    let person = reading(Schema::ActiveDirectory).person(&entry, NOW).unwrap();
    assert_eq!(person.id.as_str(), "00112233-4455-6677-8899-aabbccddeeff");
    assert_eq!(person.user_name.as_deref(), Some("jane@example.test"));
    assert_eq!(person.account_name.as_deref(), Some("jane"));
    assert_eq!(person.primary_group, GroupKey::parse("S-1-5-21-1-2-3-513"));
    let field = |field: Field| person.fields.get(&field).map(|values| values.join("|"));
    assert_eq!(field(Field::GivenName).as_deref(), Some("Jane"));
    assert_eq!(field(Field::Email).as_deref(), Some("jane@example.test|j.doe@example.test"));
    assert_eq!(field(Field::Department).as_deref(), Some("Payments"));
    // Only of spaces, no text, in another language: none.
    assert_eq!(field(Field::Organization), None);
    assert_eq!(field(Field::Title), None);
    assert_eq!(field(Field::DisplayName), None);
    assert!(person.state.is_enabled());
}

#[test]
fn a_guid_that_happens_to_be_text_is_a_guid() {
    let entry = entry("CN=a,DC=x", &[("objectGUID", &[b"abcdefghijklmnop"])]);
    let id = reading(Schema::ActiveDirectory).id(&entry).unwrap();
    assert_eq!(id.as_str(), "64636261-6665-6867-696a-6b6c6d6e6f70");
    let filter = id.filter(&AttributeName::parse("objectguid").unwrap()).unwrap();
    assert_eq!(filter.to_string(), "(objectguid=abcdefghijklmnop)");
}

#[test]
fn an_identifier_is_one_in_every_spelling() {
    let id = |value: &str| {
        let entry = texts(&[("entryUUID", value)]);
        reading(Schema::OpenLdap).id(&entry).map(|id| id.to_string())
    };
    let same = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    assert_eq!(id("0F1E2D3C-4b5a-6978-8796-A5B4C3D2E1F0").as_deref(), Ok(same));
    let bytes =
        [0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x69, 0x78, 0x87, 0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0];
    assert_eq!(EntryId::of_uuid(bytes).as_str(), same);
    assert_eq!(id(""), Err(Unreadable::Id));
    assert_eq!(id("a b"), Err(Unreadable::Id));
    assert_eq!(id(&"a".repeat(200)), Err(Unreadable::Id));
    assert_eq!(EntryId::parse("A"), None);
}

#[test]
fn an_entry_without_identifier_or_name_is_nobody() {
    let reading = reading(Schema::OpenLdap);
    assert_eq!(reading.person(&texts(&[("uid", "a")]), NOW), Err(Unreadable::Id));
    let nameless = entry("no name", &[("entryUUID", &[b"a-b"])]);
    assert_eq!(reading.person(&nameless, NOW), Err(Unreadable::Dn));
}

#[test]
fn members_of_every_kind_of_group() {
    let entry = entry(
        "cn=g,dc=x",
        &[
            ("entryUUID", &[b"a-b"]),
            ("cn", &[b"g"]),
            ("gidNumber", &[b"20001"]),
            ("member", &[b"uid=a,dc=x", b"not a name", b""]),
            ("uniqueMember", &[br"uid=b\2C c,dc=x"]),
            ("memberUid", &[b"d", b"*)(uid=*"]),
        ],
    );
    let group = reading(Schema::OpenLdap).group(&entry).unwrap();
    let dn = |text: &str| Member::Dn(Dn::parse(text).unwrap());
    let account = |text: &str| Member::Account(text.to_owned());
    assert_eq!(group.members, [dn("uid=a,dc=x"), dn(r"uid=b\, c,dc=x"), account("d"), account("*)(uid=*")]);
    assert_eq!(group.key, GroupKey::parse("gid:20001"));
}

#[test]
fn a_range_says_what_is_missing() {
    let entry = entry("cn=g,dc=x", &[("member", &[]), ("member;range=0-1499", &[b"uid=a,dc=x"])]);
    let member = entry.attribute("MEMBER").unwrap();
    assert_eq!(member.range, Some(Range { first: 0, last: Some(1_499) }));
    assert_eq!(member.range.and_then(Range::next), Some(1_500));
    assert_eq!(Range { first: 1_500, last: None }.next(), None);
    for odd in ["member;range=0", "member;range=5-1", "member;range=a-b", "member;range=0-99999999999"] {
        let entry = super::build::entry("cn=g,dc=x", &[(odd, &[b"uid=a,dc=x"])]);
        assert_eq!(entry.attribute("member"), None, "{odd}");
    }
}

#[test]
fn what_is_huge_is_left_out() {
    let long = vec![b'a'; 5_000];
    let many: Vec<Vec<u8>> = (0..500).map(|number: u32| format!("{number}@x").into_bytes()).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let entry = entry("cn=g,dc=x", &[("entryUUID", &[b"a"]), ("title", &[&long]), ("mail", &many)]);
    let person = reading(Schema::OpenLdap).person(&entry, NOW).unwrap();
    assert_eq!(person.fields.get(&Field::Title), None);
    assert_eq!(person.fields.get(&Field::Email).map(Vec::len), Some(50));
}

#[test]
fn photos_are_never_asked_for() {
    for schema in Schema::ALL {
        let asked = reading(schema).person_attributes();
        for photo in ["jpegPhoto", "photo", "thumbnailPhoto", "userPassword", "unicodePwd"] {
            assert!(!asked.iter().any(|name| name.eq_ignore_ascii_case(photo)), "{schema:?}");
        }
        assert!(!asked.iter().any(|name| name == "*"));
    }
}
