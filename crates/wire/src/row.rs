//! Answers written from rows where they lie: the texts that borrowed structures hold, and lists written row by row.

use std::fmt;

use jsontext::writer::Unwritable;
use serde::{Serialize, Serializer};

use crate::operation::Operation;
use crate::shape::{Member, Shape};

/// A text of two parts, as an ARN that ends with an id is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Text<'a> {
    before: &'static str,
    text: &'a str,
}

impl<'a> Text<'a> {
    /// `text` after what always stands before it.
    pub const fn after(before: &'static str, text: &'a str) -> Self {
        Self { before, text }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::after("", text)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.before)?;
        out.write_str(self.text)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.before.is_empty() { to.serialize_str(self.text) } else { to.collect_str(self) }
    }
}

/// An answer that is a list and the token of its next page, written as the rows come.
#[derive(Debug)]
pub struct List {
    json: String,
    rows: usize,
    token: &'static str,
    /// Why a row could not be written.
    failed: Option<Unwritable>,
}

impl List {
    /// The answer of `O`, by the names that its output has for the list and the token.
    pub fn of<O: Operation>() -> Self {
        let members: &[Member] = match O::META.output {
            Shape::Structure { members, .. } => members,
            _ => &[],
        };
        let named =
            |is_it: &dyn Fn(&&Member) -> bool| members.iter().find(is_it).map_or("", |found| found.name);
        let list = named(&|member| matches!(member.shape, Shape::List { .. }));
        let token = named(&|member| member.name.eq_ignore_ascii_case("NextToken"));
        let mut json = String::with_capacity(2_048);
        json.push('{');
        jsontext::text::quoted(&mut json, list);
        json.push_str(":[");
        Self { json, rows: 0, token, failed: None }
    }

    /// Writes a row.
    pub fn push(&mut self, row: &impl Serialize) {
        if self.rows > 0 {
            self.json.push(',');
        }
        self.rows += 1;
        if let Err(error) = jsontext::append(&mut self.json, row) {
            self.failed.get_or_insert(error);
        }
    }

    /// The answer as JSON.
    pub fn finish(mut self, token: Option<&str>) -> Result<String, Unwritable> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.json.push(']');
        if let Some(token) = token {
            self.json.push(',');
            jsontext::text::quoted(&mut self.json, self.token);
            self.json.push(':');
            jsontext::text::quoted(&mut self.json, token);
        }
        self.json.push('}');
        Ok(self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::identitystore::memberships::ListGroupMemberships;
    use crate::generated::identitystore::shapes::{GroupMembershipRow, ListGroupMembershipsResponse};
    use crate::generated::sso::portal::ListAccounts;

    #[test]
    fn a_list_written_by_rows_is_the_lists_structure() {
        let mut list = List::of::<ListGroupMemberships>();
        for id in ["a", "b\"c"] {
            let row = GroupMembershipRow {
                identity_store_id: "d".into(),
                membership_id: id.into(),
                membership_arn: Text::after("arn:", id),
                ..GroupMembershipRow::default()
            };
            list.push(&row);
        }
        let json = list.finish(Some("t")).unwrap();
        let read: ListGroupMembershipsResponse = serde_json::from_str(&json).unwrap();
        assert_eq!(read.next_token.as_deref(), Some("t"));
        assert_eq!(read.group_memberships[1].membership_arn, "arn:b\"c");
        assert_eq!(jsontext::to_string(&read).unwrap().len(), json.len());
        assert_eq!(
            List::of::<ListAccounts>().finish(Some("t")).unwrap(),
            r#"{"accountList":[],"nextToken":"t"}"#
        );
        assert_eq!(List::of::<ListAccounts>().finish(None).unwrap(), r#"{"accountList":[]}"#);
    }
}
