//! What users are found by: the beginnings of their names and primary addresses, each a row of its own beside the user, so that a page of what
//! begins with a text costs the same wherever it is and however many there are. Written with the user's row by [`super::users`]. Addresses besides the
//! primary one have a place of their own too, where whoever has one is found by the whole of it.

use std::collections::BTreeSet;

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{Name, TypedValue, User, UserId, UserProfile, UserStatus};
use model::fault::Fault;
use model::name_key::name_key;
use model::page::PageRequest;
use model::timestamp::Timestamp;
use serde::Deserialize;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// What of the `profile` column of users somebody is found by.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: Name,
    emails: Vec<TypedValue>,
}

fn profile_of(text: &str) -> Result<UserProfile, StoreError> {
    let Named { name, emails } = serde_json::from_str(text).map_err(|error| {
        StoreError::Corrupt(format!("a user's profile is not the JSON expected: {error}"))
    })?;
    Ok(UserProfile { name, emails, ..UserProfile::default() })
}

/// Letters of a text that are kept; nobody types more to find somebody.
pub const LETTERS_MAX: usize = 200;
/// Users that are given their texts by one step of the migration.
const STEP: i64 = 1_000;

/// The rows of one place and status from where the last page ended, in order.
macro_rules! arm {
    ($name:literal, $place:literal, $status:literal) => {
        concat!(
            "SELECT * FROM (SELECT t.text, t.user_id, t.place FROM user_texts t WHERE t.identity_store_id = ?1 AND t.place = ",
            $place,
            " AND t.status = ",
            $status,
            " AND (t.text, t.user_id) > (?2, ?3) AND t.text < ?4 ORDER BY t.text, t.user_id LIMIT ?5) AS ",
            $name
        )
    };
}

/// How many earlier texts the same user is found by: everybody comes once, by the first. Counted for the rows of the page alone, so that a page costs
/// the same whatever people are called.
macro_rules! earlier {
    () => {
        "(SELECT COUNT(*) FROM user_texts o WHERE o.user_id = m.user_id AND o.text >= ?6 AND o.text < ?4
            AND o.place < 3 AND (o.text < m.text OR (o.text = m.text AND o.place < m.place)))"
    };
}

/// The users of the first rows of these arms together.
macro_rules! page {
    ($earlier:expr, $($arm:expr),+) => {
        concat!("SELECT m.text, u.user_id, u.user_name, u.display_name, u.status, u.profile, u.created_at, ", $earlier, " FROM (",
            $($arm,)+ " ORDER BY text, user_id, place LIMIT ?5) m CROSS JOIN users u WHERE u.user_id = m.user_id ORDER BY m.text, m.user_id, m.place")
    };
}

macro_rules! and {
    () => {
        " UNION ALL "
    };
}

statements! {
    INSERT = "INSERT INTO user_texts (identity_store_id, place, status, text, user_id)
            SELECT CAST(?1 AS TEXT), v.place, CAST(?2 AS TEXT), v.text, CAST(?3 AS TEXT) FROM (SELECT 0 AS place, CAST(?4 AS TEXT) AS text UNION ALL SELECT 1, CAST(?5 AS TEXT)
              UNION ALL SELECT 2, CAST(?6 AS TEXT) UNION ALL SELECT 2, CAST(?7 AS TEXT) UNION ALL SELECT 2, CAST(?8 AS TEXT)) v
            WHERE v.text IS NOT NULL";
    INSERT_MORE = "INSERT INTO user_texts (identity_store_id, place, status, text, user_id)
            SELECT CAST(?1 AS TEXT), CAST(?2 AS BIGINT), CAST(?3 AS TEXT), value, CAST(?4 AS TEXT) FROM json_each(?5)";
    DELETE = "DELETE FROM user_texts WHERE user_id = ?1";
    PAGE_BY_OTHER_ADDRESS = "SELECT user_id FROM user_texts WHERE identity_store_id = ?1 AND place = 3 AND status IN ('ENABLED', 'DISABLED') AND text = ?2
              AND user_id > ?3 ORDER BY user_id LIMIT ?4";
    FOUND = page!(
        earlier!(), arm!("a", "0", "'ENABLED'"), and!(), arm!("b", "1", "'ENABLED'"), and!(),
        arm!("c", "2", "'ENABLED'"), and!(), arm!("d", "0", "'DISABLED'"), and!(),
        arm!("e", "1", "'DISABLED'"), and!(), arm!("f", "2", "'DISABLED'")
    );
    FOUND_OF = page!(
        earlier!(), arm!("a", "0", "?7"), and!(), arm!("b", "1", "?7"), and!(), arm!("c", "2", "?7")
    );
    LISTED = page!("CAST(0 AS BIGINT)", arm!("a", "?6", "'ENABLED'"), and!(), arm!("b", "?6", "'DISABLED'"));
    LISTED_OF = page!("CAST(0 AS BIGINT)", arm!("a", "?6", "?7"));
    // For the migration, which must not depend on columns of later ones.
    UNTOLD = "SELECT user_id, identity_store_id, user_name, display_name, status, profile FROM users WHERE user_id > ?1 ORDER BY user_id LIMIT ?2";
}

/// In which order a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By user name.
    UserName,
    /// By display name.
    DisplayName,
}

/// Which users.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those of whom a text begins so, in the order of these texts.
    Beginning(&'a str),
    /// All.
    All(Sort),
}

/// A user as it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it was found by.
    pub text: String,
    /// Whether it is found by an earlier text too.
    pub again: bool,
    /// `UserId`
    pub id: UserId,
    /// `UserName`
    pub user_name: String,
    /// `DisplayName`
    pub display_name: String,
    /// `UserStatus`
    pub status: UserStatus,
    /// Its primary address.
    pub email: Option<String>,
    /// `CreatedAt`
    pub created_at: Timestamp,
}

/// The text that somebody is looked for by.
pub fn key(text: &str) -> String {
    name_key(text).chars().take(LETTERS_MAX).collect()
}

/// What is found after the last one, in order of text and id. Who is found by several texts comes by each.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    (which, status): (Which<'_>, Option<UserStatus>),
    after: Option<(&str, &str)>,
    rows: i64,
) -> Result<Vec<Found>, StoreError> {
    // No text begins with the last character there is.
    let end = |text: &str| format!("{text}\u{10FFFF}");
    match which {
        Which::Beginning(text) => {
            let (from, id) = after.unwrap_or((text, ""));
            let end = end(text);
            match status {
                None => rx.all(&FOUND, params![store.as_str(), from, id, &end, rows, text], found),
                Some(status) => rx.all(
                    &FOUND_OF,
                    params![store.as_str(), from, id, &end, rows, text, status.as_str()],
                    found,
                ),
            }
        }
        Which::All(sort) => {
            let (from, id) = after.unwrap_or_default();
            let (end, place) = (end(""), i64::from(sort == Sort::DisplayName));
            match status {
                None => rx.all(&LISTED, params![store.as_str(), from, id, &end, rows, place], found),
                Some(status) => rx.all(
                    &LISTED_OF,
                    params![store.as_str(), from, id, &end, rows, place, status.as_str()],
                    found,
                ),
            }
        }
    }
}

fn found(row: &Row<'_>) -> Result<Found, StoreError> {
    let profile = profile_of(row.text_ref(5)?)?;
    Ok(Found {
        text: row.text(0)?,
        again: row.int(7)? > 0,
        id: UserId::trusted(row.text(1)?),
        user_name: row.text(2)?,
        display_name: row.text(3)?,
        status: row.word(4, UserStatus::parse)?,
        email: profile.primary_email().map(str::to_owned),
        created_at: row.time(6)?,
    })
}

/// Texts of the second place that one statement writes: the primary address and the two parts of a name.
const MORE: usize = 3;
/// The place of what is found by its beginning, of addresses besides the primary one too.
const BEGINNINGS: i64 = 2;
/// The place of addresses besides the primary one, which are found whole.
const OTHER_ADDRESSES: i64 = 3;

/// What a user is found by: its user name, its display name, and what begins otherwise than these and one another.
fn texts(profile: &UserProfile) -> (String, String, Vec<String>) {
    let (name, display) = (key(&profile.user_name), key(&profile.display_name));
    let others =
        [profile.primary_email(), profile.name.family_name.as_deref(), profile.name.given_name.as_deref()];
    let mut more: Vec<String> = Vec::new();
    let others = others.into_iter().flatten().chain(profile.other_emails());
    for text in others.map(key).filter(|text| !text.is_empty()) {
        let told = [&name, &display].into_iter().chain(&more).any(|longer| longer.starts_with(&text));
        if !told {
            more.push(text);
        }
    }
    (name, display, more)
}

/// Adds what a new user is found by.
pub(crate) fn insert(tx: &mut Tx<'_>, user: &User) -> Result<(), Fault> {
    let (name, display, more) = texts(&user.profile);
    let (store, status, id) = (user.identity_store_id.as_str(), user.status.as_str(), user.id.as_str());
    let (first, rest) = more.split_at(more.len().min(MORE));
    let mut first = first.iter();
    tx.insert(
        &INSERT,
        params![store, status, id, &name, &display, first.next(), first.next(), first.next()],
    )?;
    let whole: BTreeSet<String> = user.profile.other_emails().map(key).collect();
    for (place, texts) in [
        (BEGINNINGS, list(rest.iter().map(String::as_str))),
        (OTHER_ADDRESSES, list(whole.iter().map(String::as_str))),
    ] {
        if !whole.is_empty() {
            tx.execute(&INSERT_MORE, params![store, place, status, id, &texts])?;
        }
    }
    Ok(())
}

/// The users who have this address besides their primary one, by id.
pub fn page_by_other_address(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    address: &str,
    page: &PageRequest,
) -> Result<Vec<UserId>, StoreError> {
    let key = key(address);
    rx.all(&PAGE_BY_OTHER_ADDRESS, params![store.as_str(), &key, page.after_or_start(), page.rows()], |row| {
        Ok(UserId::trusted(row.text(0)?))
    })
}

/// Takes away what a user is found by.
pub(crate) fn delete(tx: &mut Tx<'_>, id: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}

/// Writes what the users are found by who were there before there were such rows.
pub(crate) fn fill(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let mut after = String::new();
    loop {
        let users = tx.all(&UNTOLD, params![&after, STEP], |row| {
            let (user_name, display_name) = (row.text(2)?, row.text(3)?);
            let profile = UserProfile { user_name, display_name, ..profile_of(row.text_ref(5)?)? };
            Ok((row.text(0)?, row.text(1)?, row.text(4)?, profile))
        })?;
        let Some((last, ..)) = users.last() else { return Ok(()) };
        after.clone_from(last);
        for (id, store, status, profile) in &users {
            let (name, display, more) = texts(profile);
            let mut more = more.iter();
            tx.insert(
                &INSERT,
                params![store, status, id, &name, &display, more.next(), more.next(), more.next()],
            )?;
        }
    }
}
