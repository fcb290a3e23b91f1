//! Who can reach what, as a file for a spreadsheet. What people call themselves is text there too, whatever it begins with.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::names::{Named, Names};
use crate::page::{Room, go, refused};
use crate::reached::{AT_ONCE, Access, Question};

/// Pages of a file: what is longer is asked of the API, which has no end.
const PAGES_MAX: usize = 100;
const COLUMNS: [&str; 8] = [
    "UserId",
    "UserName",
    "DisplayName",
    "AccountId",
    "AccountName",
    "PermissionSet",
    "PermissionSetArn",
    "GrantedBy",
];

/// `GET /console/access.csv`
pub(crate) async fn download(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let Some(question) = Question::asked(&query) else { return go(&desk, Room::Access.path()) };
    let mut text = line(COLUMNS.into_iter());
    let mut token: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = match question.page(&desk, &mut admin, (AT_ONCE, token.as_deref())).await {
            Ok(found) => found,
            Err(why) => return refused(&desk, &admin, Room::Access, &why),
        };
        let names = Names::of(&desk, &mut admin, found.rows.iter().flat_map(Access::things)).await;
        for row in &found.rows {
            text.push_str(&row_of(&desk, &names, row));
        }
        token = found.next_token;
        if token.is_none() {
            break;
        }
    }
    if token.is_some() {
        let more = admin.visitor.language.say("access-file-more").to_string();
        text.push_str(&line([more.as_str()].into_iter()));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"access.csv\""),
    ];
    (headers, text).into_response()
}

fn row_of(desk: &Desk, names: &Names, row: &Access) -> String {
    let (who, set, account) = (row.who(), row.what(), row.place());
    let person = names.named(&who);
    // Whoever has no other name goes by the one they sign in with.
    let user_name = if person.about.is_empty() { &person.title } else { &person.about };
    let direct = row.is_direct().then(|| "USER".to_owned());
    let groups = row.groups().map(|group| format!("GROUP {}", names.named(&group).title));
    let by: Vec<String> = direct.into_iter().chain(groups).collect();
    let Named { title: set_name, .. } = names.named(&set);
    let Named { title: account_name, .. } = names.named(&account);
    let (arn, by) = (set.reference(desk), by.join("; "));
    let cells = [&who.id, user_name, &person.title, &account.id, &account_name, &set_name, &arn, &by];
    line(cells.into_iter().map(String::as_str))
}

/// A line (RFC 4180).
fn line<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let cells: Vec<String> = cells.map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. Spreadsheets take what begins so for a formula, in quotes or not; an apostrophe before it says that it is text (OWASP, CSV Injection).
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let mark = if is_formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("Jane", "\"Jane\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("\t=1", "\"'\t=1\""),
            ("a\"b,c\r\n=1", "\"a\"\"b,c\r\n=1\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
