//! One permission set, as all pages about it begin: what it is, and the pages that there are.

use std::borrow::Borrow;

use edge_aws::inside::Op;
use edge_portal::words::language::Language;
use model::accounts::permission_set::SessionDuration;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::command;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::encoded;

/// A page about a permission set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What it is.
    Overview,
    /// Managed policies and the boundary.
    Policies,
    /// The inline policy.
    Inline,
    /// Where it is provisioned.
    Accounts,
    /// A question about what it allows.
    Ask,
    /// Tags.
    Tags,
}

impl Tab {
    /// As they are listed.
    pub(crate) const ALL: [Self; 6] =
        [Self::Overview, Self::Policies, Self::Inline, Self::Accounts, Self::Ask, Self::Tags];

    /// What it is called in the catalogs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Overview => "sets-tab-overview",
            Self::Policies => "sets-tab-policies",
            Self::Inline => "sets-tab-inline",
            Self::Accounts => "sets-tab-accounts",
            Self::Ask => "sets-tab-ask",
            Self::Tags => "sets-tab-tags",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Policies => "/policies",
            Self::Inline => "/inline",
            Self::Accounts => "/accounts",
            Self::Ask => "/ask",
            Self::Tags => "/tags",
        }
    }
}

/// As DescribePermissionSet answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    pub(crate) permission_set_arn: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) session_duration: String,
    #[serde(default)]
    pub(crate) relay_state: String,
    pub(crate) created_date: Moment,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    permission_set: Described,
}

/// A permission set.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) it: Described,
    instance_arn: String,
    tab: Tab,
}

impl Set {
    /// Asks for one, for a page of `tab`.
    pub(crate) async fn of(
        desk: &Desk,
        admin: &mut Administrator,
        id: &str,
        tab: Tab,
    ) -> Result<Self, Fault> {
        let instance_arn = desk.instance_arn();
        let input = json!({"InstanceArn": instance_arn, "PermissionSetArn": desk.permission_set_arn(id)});
        let answer: Answer = admin.call(desk, Op("sso-admin", "DescribePermissionSet"), input).await?;
        Ok(Self { it: answer.permission_set, instance_arn, tab })
    }

    /// Whether this is the page that is shown.
    pub(crate) fn is_at(&self, tab: Tab) -> bool {
        self.tab == tab
    }

    /// Where a page about it is.
    pub(crate) fn at(&self, tab: Tab) -> String {
        self.below(tab.end())
    }

    /// Where something of it is.
    pub(crate) fn below(&self, end: &str) -> String {
        format!("{}{end}", place(&self.it.permission_set_arn))
    }

    /// The input of a call about it, with more in it.
    pub(crate) fn with(&self, more: Value) -> Value {
        let mut input =
            json!({"InstanceArn": self.instance_arn, "PermissionSetArn": self.it.permission_set_arn});
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        input
    }

    /// The instance and it as what is tagged.
    pub(crate) fn tagged(&self, more: Value) -> Value {
        let mut input = json!({"InstanceArn": self.instance_arn, "ResourceArn": self.it.permission_set_arn});
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        input
    }

    /// The command that makes a call about it.
    pub(crate) fn command(&self, operation: &'static str, more: Value) -> String {
        command::text(Op("sso-admin", operation), &self.with(more))
    }

    /// How long a session is, as people say it.
    pub(crate) fn session(&self, language: impl Borrow<Language>) -> String {
        duration(*language.borrow(), &self.it.session_duration)
    }
}

/// Where a permission set's page is.
pub(crate) fn place(arn: &str) -> String {
    let id = arn.splitn(3, '/').nth(2).unwrap_or_default();
    format!("/console/permission-sets/{}", encoded(id))
}

/// An ISO 8601 duration as people say it: `4 hours`. What is none is said as it is.
pub(crate) fn duration(language: Language, iso: &str) -> String {
    let Ok(duration) = SessionDuration::parse(iso) else { return iso.to_owned() };
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (hours, minutes, seconds) =
        (duration.seconds() / 3_600, duration.seconds() / 60 % 60, duration.seconds() % 60);
    let parts = [("sets-hours", hours), ("sets-minutes", minutes), ("sets-seconds", seconds)];
    let said = parts.into_iter().filter(|(_, number)| *number > 0);
    let said: Vec<String> =
        said.map(|(name, number)| language.say(name).count("count", count(number)).to_string()).collect();
    said.join(" ")
}

/// Whole hours of which a session may be, chosen in a form: what is in force comes first if it is none of them.
pub(crate) fn durations(language: Language, now: &str) -> Vec<(String, String)> {
    let hours = SessionDuration::parse(now).ok().filter(|it| it.seconds() % 3_600 == 0);
    let hours = hours.map(|it| it.seconds() / 3_600);
    let mut all: Vec<(String, String)> = (1..=12)
        .map(|hour| {
            // What is written otherwise, PT60M, stays as it is written.
            let iso = if hours == Some(hour) { now.to_owned() } else { format!("PT{hour}H") };
            let said = duration(language, &iso);
            (iso, said)
        })
        .collect();
    if hours.is_none() && !now.is_empty() {
        all.insert(0, (now.to_owned(), duration(language, now)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_do() {
        for (iso, expected) in
            [("PT4H", "4 hours"), ("PT60M", "1 hour"), ("PT90M", "1 hour 30 minutes"), ("P1D", "P1D")]
        {
            assert_eq!(duration(Language::English, iso), expected);
        }
        assert_eq!(duration(Language::German, "PT1H"), "1 Stunde");
        let choices = durations(Language::English, "PT60M");
        assert_eq!((choices.len(), choices[0].0.as_str(), choices[1].0.as_str()), (12, "PT60M", "PT2H"));
        assert_eq!(durations(Language::English, "PT90M").len(), 13);
    }

    #[test]
    fn a_permission_set_has_its_place() {
        assert_eq!(place("arn:aws:sso:::permissionSet/ssoins-1/ps-a/b"), "/console/permission-sets/ps-a%2Fb");
    }
}
