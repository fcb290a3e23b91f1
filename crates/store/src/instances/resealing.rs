//! Seals what is kept anew, with the data key in use. Each row is changed only if it is still what was read, so that any number of servers may do it at once
//! and be killed anywhere. What is kept for minutes (answers of providers, pushed questions) is left to end by itself.

use model::applications::application::ApplicationId;
use model::cx::Cx;
use model::fault::Fault;

use crate::db::Store;
use crate::row::params;
use crate::sealing::{Purpose, head_of};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

/// Rows of one table that are sealed anew in one transaction.
const SLICE: usize = 100;

/// A column whose values are sealed.
struct Column {
    /// Its table and its name.
    name: &'static str,
    /// The next rows behind two keys (?1, ?2) that do not begin with ?3: their keys and the value.
    page: &'static Statement,
    /// How many values have ?1 as their first ?2 bytes.
    count: &'static Statement,
    /// Replaces the value ?3 by ?4.
    set: &'static Statement,
    purpose: Purpose,
    /// What the value is bound to, from the row's keys.
    place: fn(&str, &str) -> String,
}

/// The statements and the description of every such column. A key that is one column stands twice.
macro_rules! columns {
    ($($page:ident, $count:ident, $set:ident: $table:literal, $first:literal, $second:literal, $sealed:literal, $purpose:ident, $place:expr;)+) => {
        statements! {
            $($page = concat!("SELECT ", $first, ", ", $second, ", ", $sealed, " FROM ", $table, " WHERE (", $first, ", ", $second, ") > (?1, ?2) AND ", $sealed,
                " IS NOT NULL AND length(", $sealed, ") > 0 AND substr(", $sealed, ", 1, 5) <> ?3 ORDER BY ", $first, ", ", $second, " LIMIT 100");
            $count = concat!("SELECT COUNT(*) FROM ", $table, " WHERE ", $sealed, " IS NOT NULL AND substr(", $sealed, ", 1, CAST(CAST(?2 AS BIGINT) AS INTEGER)) = ?1");
            $set = concat!("UPDATE ", $table, " SET ", $sealed, " = ?4 WHERE ", $first, " = ?1 AND ", $second, " = ?2 AND ", $sealed, " = ?3");)+
        }
        static COLUMNS: &[Column] = &[
            $(Column { name: concat!($table, ".", $sealed), page: &$page, count: &$count, set: &$set, purpose: Purpose::$purpose, place: $place },)+
        ];
    };
}

columns! {
    ACCESS_KEYS, ACCESS_KEYS_OF, SET_ACCESS_KEY: "access_keys", "access_key_id", "access_key_id", "sealed_secret", AccessKey, own;
    ACCOUNTS, ACCOUNTS_OF, SET_ACCOUNT: "account_connections", "account_id", "account_id", "sealed_secret", AccountSecret, own;
    DIRECTORIES, DIRECTORIES_OF, SET_DIRECTORY: "directories", "directory_id", "directory_id", "sealed_password", DirectoryPassword, own;
    IDPS, IDPS_OF, SET_IDP: "external_idps", "external_idp_id", "external_idp_id", "sealed_secret", ClientSecret, own;
    LETTERS, LETTERS_OF, SET_LETTER: "mails", "mail_id", "mail_id", "sealed_content", Letter, own;
    DEVICES, DEVICES_OF, SET_DEVICE: "mfa_devices", "device_id", "device_id", "sealed_secret", MfaSecret, own;
    OIDC_KEYS, OIDC_KEYS_OF, SET_OIDC_KEY: "oidc_keys", "application_id", "key_id", "sealed_private_key", SigningKey, of_oidc;
    CERTIFICATES, CERTIFICATES_OF, SET_CERTIFICATE: "saml_certificates", "application_id", "certificate_id", "sealed_private_key", SigningKey, of_saml;
    ORGANIZATIONS, ORGANIZATIONS_OF, SET_ORGANIZATION: "organization_connections", "organization_id", "organization_id", "sealed_secret", AccountSecret, own;
    SIGNING_KEYS, SIGNING_KEYS_OF, SET_SIGNING_KEY: "signing_keys", "key_id", "key_id", "sealed_private_key", SigningKey, own;
}

fn own(id: &str, _: &str) -> String {
    id.to_owned()
}

fn of_oidc(application: &str, key: &str) -> String {
    crate::applications::oidc_keys::place(&ApplicationId::trusted(application), key)
}

fn of_saml(application: &str, certificate: &str) -> String {
    crate::applications::saml_certificates::place(&ApplicationId::trusted(application), certificate)
}

/// How many values are sealed with the data key of this number, column by column (`table.column`).
pub fn counts(rx: &mut Rx<'_>, number: u32) -> Result<Vec<(&'static str, usize)>, Fault> {
    let head = head_of(number);
    let length = i64::try_from(head.len()).unwrap_or(1);
    let of = |column: &Column| {
        let count = rx.first(column.count, params![&head, length], |row| row.int(0))?.unwrap_or(0);
        Ok((column.name, usize::try_from(count).unwrap_or(0)))
    };
    COLUMNS.iter().map(of).collect()
}

/// How many values are sealed with the data key of this number.
pub fn count(rx: &mut Rx<'_>, number: u32) -> Result<usize, Fault> {
    Ok(counts(rx, number)?.into_iter().map(|(_, count)| count).sum())
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resealed {
    /// How many values were sealed anew.
    pub values: usize,
    /// What does not open, and stays as it was: column and row.
    pub broken: Vec<String>,
}

/// Seals everything that is kept with the data key in use, where another one sealed it; `told` hears after each transaction how many it was so far. Nothing
/// else may be sealing with former ones any more. What does not open is left as it is, and named.
pub async fn run(store: &Store, cx: &Cx, mut told: impl FnMut(usize)) -> Result<Resealed, Fault> {
    let mut all = Resealed::default();
    for column in COLUMNS {
        let mut behind = (String::new(), String::new());
        loop {
            let from = behind.clone();
            let slice = store.maintain(cx, move |tx, cx| reseal(tx, cx, column, &from)).await?;
            all.values += slice.done.values;
            if slice.done.values > 0 {
                told(all.values);
            }
            all.broken.extend(slice.done.broken);
            match slice.last {
                Some(last) if slice.seen == SLICE => behind = last,
                _ => break,
            }
        }
    }
    Ok(all)
}

struct Slice {
    seen: usize,
    done: Resealed,
    last: Option<(String, String)>,
}

fn reseal(
    tx: &mut Tx<'_>,
    cx: &Cx,
    column: &Column,
    (first, second): &(String, String),
) -> Result<Slice, Fault> {
    let head = head_of(tx.keyring().in_use());
    let rows = tx.all(column.page, params![first, second, &head], |row| {
        Ok(((row.text(0)?, row.text(1)?), row.blob(2)?))
    })?;
    let (seen, mut done) = (rows.len(), Resealed::default());
    let mut last = None;
    for ((first, second), value) in rows {
        let place = (column.place)(&first, &second);
        match tx.keyring().open(column.purpose, &place, &value) {
            Some(plain) => {
                let anew = tx.keyring().seal(cx.entropy(), column.purpose, &place, &plain)?;
                let changed = tx.execute(column.set, params![&first, &second, &value, &anew])?;
                done.values += usize::from(changed > 0);
            }
            None => done.broken.push(format!("{} of {place}", column.name)),
        }
        last = Some((first, second));
    }
    Ok(Slice { seen, done, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sealed_column_is_sealed_anew_but_what_ends_by_itself() {
        let by_itself =
            ["data_keys.sealed_key", "external_answers.sealed_answer", "oidc_pushed_requests.sealed_request"];
        let mut here: Vec<&str> = COLUMNS.iter().map(|column| column.name).chain(by_itself).collect();
        here.sort_unstable();
        assert_eq!(crate::migrate::columns_that_begin("sealed_"), here);
    }
}
