//! What an application is told of a person, as administrators write it: AWS's `${user:email}` and its siblings (user guide, "Attribute mappings"), with other
//! text around them or none at all. Parsed when it is written, so that whatever cannot be filled is refused there; filled when an answer is signed. Never
//! learns of a protocol.

use model::directory::user::{ExternalId, UserProfile};
use model::fault::Fault;
use model::sources::directory::DirectoryId;

/// Characters of a template at most.
const LENGTH_MAX: usize = 1_024;

/// What a template is filled from.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The person's id.
    pub user_id: &'a str,
    /// What is known of them.
    pub profile: &'a UserProfile,
    /// What other systems call them.
    pub external_ids: &'a [ExternalId],
    /// The groups that they are in, also by a group within one.
    pub groups: &'a [InGroup],
}

/// A group of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InGroup {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Of(Variable),
}

/// What can be said of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    Subject,
    Email,
    Name,
    GivenName,
    FamilyName,
    MiddleName,
    PreferredUsername,
    AdGuid,
    Groups,
    GroupNames,
    UserId,
}

/// All of them. AWS's first; `groups` is the ids, as it is there.
const VARIABLES: [(&str, Variable); 11] = [
    ("user:subject", Variable::Subject),
    ("user:email", Variable::Email),
    ("user:name", Variable::Name),
    ("user:givenName", Variable::GivenName),
    ("user:familyName", Variable::FamilyName),
    ("user:middleName", Variable::MiddleName),
    ("user:preferredUsername", Variable::PreferredUsername),
    ("user:AD_GUID", Variable::AdGuid),
    ("user:groups", Variable::Groups),
    ("user:groupNames", Variable::GroupNames),
    ("user:userId", Variable::UserId),
];
/// AWS's that nobody here could fill: no source tells a SID.
const UNKNOWN_HERE: &str = "user:AD_SID";

impl Variable {
    fn is_several(self) -> bool {
        matches!(self, Self::Groups | Self::GroupNames)
    }

    fn values(self, person: &Person<'_>) -> Vec<String> {
        let profile = person.profile;
        let one = match self {
            Self::Groups => return person.groups.iter().map(|group| group.id.clone()).collect(),
            Self::GroupNames => return person.groups.iter().map(|group| group.name.clone()).collect(),
            Self::Subject | Self::PreferredUsername => Some(profile.user_name.as_str()),
            Self::Email => profile.primary_email(),
            Self::Name => Some(profile.display_name.as_str()),
            Self::GivenName => profile.name.given_name.as_deref(),
            Self::FamilyName => profile.name.family_name.as_deref(),
            Self::MiddleName => profile.name.middle_name.as_deref(),
            Self::AdGuid => person
                .external_ids
                .iter()
                .find(|known| DirectoryId::of_issuer(&known.issuer).is_some())
                .map(|known| known.id.as_str()),
            Self::UserId => Some(person.user_id),
        };
        one.filter(|value| !value.is_empty()).map(str::to_owned).into_iter().collect()
    }
}

impl Template {
    /// From its text; `field` is where it stands, for what is said of it.
    pub fn parse(field: &str, text: &str) -> Result<Self, Fault> {
        let length = text.chars().count();
        if length == 0 || length > LENGTH_MAX {
            return Err(Fault::validation(format!(
                "{field} has {length} characters, 1 to {LENGTH_MAX} are possible"
            )));
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, after) = after.split_once('}').ok_or_else(|| {
                Fault::validation(format!(
                    "{field} has ${{ without the }} that ends it, at character {}",
                    length - rest.chars().count() + before.chars().count() + 1
                ))
            })?;
            parts.push(Part::Of(variable(field, name)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let several = parts.iter().filter(|part| matches!(part, Part::Of(of) if of.is_several())).count();
        if several > 1 {
            return Err(Fault::validation(format!(
                "{field} names the groups {several} times: once at most, for a value of each group"
            )));
        }
        Ok(Self(parts))
    }

    /// Whether it may come to more than one value.
    pub fn is_several(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Of(of) if of.is_several()))
    }

    /// Its values for a person: none where something that it names is not known of them, one for each group where it names those.
    pub fn fill(&self, person: &Person<'_>) -> Vec<String> {
        let mut filled = vec![String::new()];
        for part in &self.0 {
            let values = match part {
                Part::Text(text) => vec![text.clone()],
                Part::Of(variable) => variable.values(person),
            };
            filled = filled
                .iter()
                .flat_map(|so_far| values.iter().map(move |value| format!("{so_far}{value}")))
                .collect();
        }
        filled
    }
}

fn variable(field: &str, name: &str) -> Result<Variable, Fault> {
    if let Some((_, found)) = VARIABLES.iter().find(|(known, _)| *known == name) {
        return Ok(*found);
    }
    if name == UNKNOWN_HERE {
        return Err(Fault::validation(format!(
            "{field} names ${{{UNKNOWN_HERE}}}, which is not known here: no directory is asked for SIDs"
        )));
    }
    let known: Vec<String> = VARIABLES.iter().map(|(known, _)| format!("${{{known}}}")).collect();
    let shown: String = name.chars().take(64).collect();
    Err(Fault::validation(format!("{field} names ${{{shown}}}, which is none of {}", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jane() -> UserProfile {
        let mut profile = UserProfile {
            user_name: "jane".into(),
            display_name: "Jane Doe".into(),
            ..UserProfile::default()
        };
        profile.name.given_name = Some("Jane".into());
        profile.emails = vec![model::directory::user::TypedValue {
            value: Some("jane@acme.example".into()),
            primary: true,
            ..Default::default()
        }];
        profile
    }

    fn filled(text: &str) -> Vec<String> {
        let groups = ["a", "b"].map(|id| InGroup { id: id.into(), name: format!("group {id}") });
        let guid = ExternalId {
            issuer: DirectoryId::trusted("00000001-0000-4000-8000-000000000001").issuer(),
            id: "6f1c".into(),
        };
        let external_ids = [ExternalId { issuer: "https://other.example".into(), id: "x".into() }, guid];
        let person =
            Person { user_id: "u-1", profile: &jane(), external_ids: &external_ids, groups: &groups };
        Template::parse("Value", text).unwrap().fill(&person)
    }

    #[test]
    fn texts_are_filled_with_what_is_known() {
        for (text, values) in [
            ("${user:email}", vec!["jane@acme.example"]),
            ("${user:subject}", vec!["jane"]),
            ("${user:preferredUsername}", vec!["jane"]),
            ("${user:name} (${user:userId})", vec!["Jane Doe (u-1)"]),
            ("${user:AD_GUID}", vec!["6f1c"]),
            ("staff", vec!["staff"]),
            ("$5 {user:email} $$", vec!["$5 {user:email} $$"]),
            ("${user:groups}", vec!["a", "b"]),
            ("acme/${user:groupNames}/x", vec!["acme/group a/x", "acme/group b/x"]),
            // What is not known of a person leaves nothing behind, not half a value.
            ("${user:familyName}", vec![]),
            ("${user:givenName} ${user:familyName}", vec![]),
        ] {
            assert_eq!(filled(text), values, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_is_refused_by_name() {
        for (text, why) in [
            ("", "has 0 characters"),
            ("${user:email", "without the } that ends it, at character 1"),
            ("né ${user:email} ${", "at character 18"),
            ("${user:Email}", "names ${user:Email}, which is none of ${user:subject}"),
            ("${path:name.givenName}", "names ${path:name.givenName}"),
            ("${}", "names ${}"),
            ("${user:AD_SID}", "is not known here"),
            ("${user:groups}${user:groupNames}", "names the groups 2 times"),
        ] {
            let refused = Template::parse("AttributeMappings.1.Value", text).unwrap_err();
            assert!(refused.message().starts_with("AttributeMappings.1.Value "), "{text}: {refused}");
            assert!(refused.message().contains(why), "{text}: {refused}");
        }
        assert!(Template::parse("Value", &"a".repeat(1_025)).is_err());
    }
}
