//! Answers written from rows where they lie: what borrowed structures hold, and lists written row by row. What is written is known when the program is
//! compiled, but for the values.

use jsontext::json::Spliced;
use jsontext::text;

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

/// A time: milliseconds since the epoch, written as seconds with a fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Millis(pub i64);

/// What writes itself as JSON.
pub trait Write {
    /// Appends itself.
    fn write(&self, out: &mut String);
}

impl Write for Text<'_> {
    fn write(&self, out: &mut String) {
        debug_assert!(text::is_plain(self.before), "{} needs escapes", self.before);
        out.push('"');
        out.push_str(self.before);
        text::escaped(out, self.text);
        out.push('"');
    }
}

impl Write for Millis {
    fn write(&self, out: &mut String) {
        text::thousandths(out, self.0);
    }
}

impl Write for Spliced<'_> {
    fn write(&self, out: &mut String) {
        out.push_str(self.0);
    }
}

/// A row as JSON.
pub fn to_string(row: &impl Write) -> String {
    let mut out = String::with_capacity(ROOM);
    row.write(&mut out);
    out
}

/// Bytes that a row has room in.
const ROOM: usize = 1_536;

/// Rows like the first for which a list has room before it grows: some more than half of an ordinary page.
const LIKE_IT: usize = 64;

/// The members of an object, written one after another.
#[derive(Debug)]
pub struct Members<'o> {
    out: &'o mut String,
    is_first: bool,
}

impl<'o> Members<'o> {
    /// None yet.
    #[inline]
    pub fn begin(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, is_first: true }
    }

    /// Writes one; `name` is its name with a comma before it and a colon behind it.
    #[inline]
    pub fn put(&mut self, name: &'static str, value: &impl Write) {
        let name = if std::mem::take(&mut self.is_first) { name.get(1..).unwrap_or_default() } else { name };
        self.out.push_str(name);
        value.write(self.out);
    }

    /// Writes one that may be absent.
    #[inline]
    pub fn put_some(&mut self, name: &'static str, value: Option<&impl Write>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// There are no more.
    #[inline]
    pub fn end(self) {
        self.out.push('}');
    }
}

/// An answer that is a list and the token of its next page, written as the rows come.
#[derive(Debug)]
pub struct List {
    json: String,
    rows: usize,
    token: &'static str,
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
        let mut json = String::with_capacity(ROOM);
        json.push('{');
        text::quoted(&mut json, list);
        json.push_str(":[");
        Self { json, rows: 0, token }
    }

    /// Writes a row.
    pub fn push(&mut self, row: &impl Write) {
        if self.rows > 0 {
            self.json.push(',');
        }
        self.rows += 1;
        let before = self.json.len();
        row.write(&mut self.json);
        if self.rows == 1 {
            self.json.reserve(LIKE_IT * (self.json.len() - before));
        }
    }

    /// The answer as JSON.
    pub fn finish(mut self, token: Option<&str>) -> String {
        self.json.push(']');
        if let Some(token) = token {
            self.json.push(',');
            text::quoted(&mut self.json, self.token);
            self.json.push(':');
            text::quoted(&mut self.json, token);
        }
        self.json.push('}');
        self.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::identitystore::memberships::ListGroupMemberships;
    use crate::generated::identitystore::shapes::{GroupMembershipRow, ListGroupMembershipsResponse};
    use crate::generated::sso::portal::ListAccounts;
    use crate::timestamp::EpochSeconds;

    #[test]
    fn a_list_written_by_rows_is_the_lists_structure() {
        let mut list = List::of::<ListGroupMemberships>();
        for id in ["a", "b\"c"] {
            let row = GroupMembershipRow {
                identity_store_id: "d".into(),
                membership_id: id.into(),
                membership_arn: Text::after("arn:", id),
                created_at: Some(Millis(1_795_507_200_120)),
                ..GroupMembershipRow::default()
            };
            list.push(&row);
        }
        let json = list.finish(Some("t"));
        let read: ListGroupMembershipsResponse = serde_json::from_str(&json).unwrap();
        assert_eq!(read.next_token.as_deref(), Some("t"));
        assert_eq!(read.group_memberships[1].membership_arn, "arn:b\"c");
        assert_eq!(read.group_memberships[1].created_at, Some(EpochSeconds(1_795_507_200.12)));
        assert_eq!(jsontext::to_string(&read).unwrap().len(), json.len());
        assert_eq!(List::of::<ListAccounts>().finish(Some("t")), r#"{"accountList":[],"nextToken":"t"}"#);
        assert_eq!(List::of::<ListAccounts>().finish(None), r#"{"accountList":[]}"#);
    }
}
