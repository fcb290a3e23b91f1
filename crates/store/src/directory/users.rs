//! Users. Each is read together with its external ids by one statement: an outer join gives a row for each external id, and
//! the rows of one user are folded into one.

use std::collections::{BTreeMap, HashSet};

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{
    ExternalId, Name, OtherValues, TypedValue, User, UserId, UserProfile, UserStatus,
};
use model::fault::Fault;
use model::instances::instance::Instance;
use model::name_key::name_key;
use model::page::PageRequest;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::directory::external_ids::{self, Holder, Identified, fold};
use crate::directory::user_texts;
use crate::error::StoreError;
use crate::instances::instances;
use crate::row::{Row, list, params};
use crate::signin::users_without_mfa_device;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`user`] reads.
macro_rules! columns {
    () => {
        "u.user_id, u.identity_store_id, u.user_name, u.display_name, u.profile, u.status, u.revision, u.created_at, u.created_by,
         u.updated_at, u.updated_by, e.issuer, e.external_id"
    };
}
/// Every external id of the user, if there is any.
macro_rules! external {
    () => {
        " LEFT JOIN external_ids e ON e.resource_id = u.user_id "
    };
}

/// Where the columns of an external id begin, and those of the instance.
const EXTERNAL: usize = 11;
const INSTANCE: usize = 13;

statements! {
    INSERT = "INSERT INTO users (user_id, identity_store_id, user_name, user_name_key, display_name, email_key, profile, status,
              revision, created_at, created_by, updated_at, updated_by, enabled_since)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?10)";
    UPDATE = "UPDATE users SET user_name = ?2, user_name_key = ?3, display_name = ?4, email_key = ?5, profile = ?6,
              enabled_since = CASE WHEN status = ?7 THEN enabled_since ELSE ?9 END, status = ?7, revision = ?8, updated_at = ?9, updated_by = ?10 WHERE user_id = ?1";
    END_ENABLED = "INSERT INTO ended_enabled_users (user_id, since, ended_at)
              SELECT user_id, enabled_since, CAST(?2 AS BIGINT) FROM users
              WHERE user_id = ?1 AND status = 'ENABLED' AND enabled_since < ?2 ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM users WHERE user_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM users u", external!(),
              "WHERE u.identity_store_id = ?1 AND u.user_id = ?2 ORDER BY e.issuer, e.external_id");
    FIND_WITH_INSTANCE = concat!("SELECT ", columns!(), ", i.instance_id, i.owner_account_id, i.identity_store_id, i.name, i.region, i.created_at
              FROM instances i LEFT JOIN users u ON u.identity_store_id = i.identity_store_id AND u.user_id = ?2", external!(),
              "WHERE i.identity_store_id = ?1 ORDER BY e.issuer, e.external_id");
    FIND_STANDING = "SELECT user_name, status, not_before FROM users WHERE identity_store_id = ?1 AND user_id = ?2";
    FIND_BY_USER_NAME = concat!("SELECT ", columns!(), " FROM users u", external!(),
              "WHERE u.identity_store_id = ?1 AND u.user_name_key = ?2 ORDER BY e.issuer, e.external_id");
    PAGE = concat!("SELECT ", columns!(), " FROM (SELECT * FROM users WHERE identity_store_id = ?1 AND user_id > ?2
              ORDER BY user_id LIMIT ?3) u", external!(), "ORDER BY u.user_id, e.issuer, e.external_id");
    KEY_AT = "SELECT user_id FROM users WHERE identity_store_id = ?1 AND user_id > ?2 ORDER BY user_id LIMIT 1 OFFSET ?3";
    FIND_ID = "SELECT user_id FROM users WHERE identity_store_id = ?1 AND user_id = ?2";
    EXISTING = "SELECT user_id FROM users WHERE identity_store_id = ?1 AND user_id IN (SELECT value FROM json_each(?2))";
    FIND_ID_BY_USER_NAME = "SELECT user_id FROM users WHERE identity_store_id = ?1 AND user_name_key = ?2";
    FIND_ID_BY_EMAIL = "SELECT user_id FROM users WHERE identity_store_id = ?1 AND email_key = ?2";
    COUNT = "SELECT COUNT(*) FROM users WHERE identity_store_id = ?1";
    SET_NOT_BEFORE = "UPDATE users SET not_before = ?2 WHERE user_id = ?1 AND not_before < ?2";
}

/// What the `profile` column holds: everything that no other column does.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Stored {
    name: Name,
    emails: Vec<TypedValue>,
    attributes: Map<String, Value>,
    extensions: BTreeMap<String, Value>,
    others: BTreeMap<String, OtherValues>,
}

/// [`Stored`] on its way in.
#[derive(Serialize)]
struct Storing<'a> {
    name: &'a Name,
    emails: &'a [TypedValue],
    attributes: &'a Map<String, Value>,
    extensions: &'a BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    others: &'a BTreeMap<String, OtherValues>,
}

fn stored(profile: &UserProfile) -> Result<String, Fault> {
    serde_json::to_string(&Storing {
        name: &profile.name,
        emails: &profile.emails,
        attributes: &profile.attributes,
        extensions: &profile.extensions,
        others: &profile.others,
    })
    .map_err(Fault::internal)
}

fn email_key(profile: &UserProfile) -> Option<String> {
    profile.primary_email().map(name_key)
}

/// A user as it lies in its row: what has no column of its own is JSON text still, under the names of the wire. Whoever only answers it need
/// not take it apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UserRow<'r> {
    /// `UserId`
    pub id: &'r str,
    /// `IdentityStoreId`
    pub identity_store_id: &'r str,
    /// `UserName`
    pub user_name: &'r str,
    /// `DisplayName`
    pub display_name: &'r str,
    /// `UserStatus`
    pub status: UserStatus,
    /// `ExternalIds`
    pub external_ids: &'r [ExternalId],
    /// `Revision`
    pub revision: i64,
    /// `CreatedAt`
    pub created_at: Timestamp,
    /// `CreatedBy`
    pub created_by: &'r str,
    /// `UpdatedAt`
    pub updated_at: Timestamp,
    /// `UpdatedBy`
    pub updated_by: &'r str,
    profile: &'r str,
}

/// What the `profile` column holds: [`Stored`], of which most is JSON text still.
#[derive(Debug, Deserialize)]
pub struct ProfileParts<'a> {
    /// The name's parts.
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<TypedValue>,
    /// All attributes without a rule of their own.
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    /// Extensions by schema.
    #[serde(borrow, default)]
    pub extensions: BTreeMap<String, &'a RawValue>,
}

impl<'a> ProfileParts<'a> {
    /// The parts of the name, an object of JSON.
    pub fn name(&self) -> &'a str {
        self.name.map_or("{}", RawValue::get)
    }

    /// All attributes without a rule of their own, an object of JSON.
    pub fn attributes(&self) -> &'a str {
        self.attributes.map_or("{}", RawValue::get)
    }
}

fn corrupt(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("a user's profile is not the JSON expected: {error}"))
}

impl<'r> UserRow<'r> {
    fn of(row: &'r Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text_ref(0)?,
            identity_store_id: row.text_ref(1)?,
            user_name: row.text_ref(2)?,
            display_name: row.text_ref(3)?,
            profile: row.text_ref(4)?,
            status: row.word(5, UserStatus::parse)?,
            external_ids: &[],
            revision: row.int(6)?,
            created_at: row.time(7)?,
            created_by: row.text_ref(8)?,
            updated_at: row.time(9)?,
            updated_by: row.text_ref(10)?,
        })
    }

    /// What has no column of its own, part by part.
    pub fn parts(&self) -> Result<ProfileParts<'r>, StoreError> {
        serde_json::from_str(self.profile).map_err(|error| corrupt(&error))
    }

    /// The user as a whole.
    pub fn opened(&self) -> Result<User, StoreError> {
        let stored = serde_json::from_str(self.profile).map_err(|error| corrupt(&error))?;
        let Stored { name, emails, attributes, extensions, others } = stored;
        let (user_name, display_name) = (self.user_name.to_owned(), self.display_name.to_owned());
        Ok(User {
            id: UserId::trusted(self.id),
            identity_store_id: IdentityStoreId::trusted(self.identity_store_id),
            profile: UserProfile { user_name, display_name, name, emails, others, attributes, extensions },
            status: self.status,
            external_ids: self.external_ids.to_vec(),
            revision: self.revision,
            created_at: self.created_at,
            created_by: self.created_by.to_owned(),
            updated_at: self.updated_at,
            updated_by: self.updated_by.to_owned(),
        })
    }
}

fn user(row: &Row<'_>) -> Result<(User, Option<ExternalId>), StoreError> {
    Ok((UserRow::of(row)?.opened()?, external_ids::joined(row, EXTERNAL)?))
}

impl Identified for User {
    fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }
    fn external_ids(&mut self) -> &mut Vec<ExternalId> {
        &mut self.external_ids
    }
}

/// Adds a user and its external ids.
pub fn insert(tx: &mut Tx<'_>, new: &User) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            &new.profile.user_name,
            &name_key(&new.profile.user_name),
            &new.profile.display_name,
            email_key(&new.profile).as_ref(),
            &stored(&new.profile)?,
            new.status.as_str(),
            new.revision,
            new.created_at,
            &new.created_by,
            new.updated_at,
            &new.updated_by
        ],
    )?;
    user_texts::insert(tx, new)?;
    for external in &new.external_ids {
        external_ids::insert(tx, &new.identity_store_id, Holder::User, new.id.as_str(), external)?;
    }
    Ok(())
}

/// Writes a user's profile, status and revision. External ids stay as they are.
pub fn update(tx: &mut Tx<'_>, user: &User) -> Result<(), Fault> {
    if user.status != UserStatus::Enabled {
        tx.insert(&END_ENABLED, params![user.id.as_str(), user.updated_at])?;
    }
    tx.execute_one(
        &UPDATE,
        params![
            user.id.as_str(),
            &user.profile.user_name,
            &name_key(&user.profile.user_name),
            &user.profile.display_name,
            email_key(&user.profile).as_ref(),
            &stored(&user.profile)?,
            user.status.as_str(),
            user.revision,
            user.updated_at,
            &user.updated_by
        ],
    )?;
    match user.status {
        UserStatus::Enabled => users_without_mfa_device::add(tx, &user.id)?,
        UserStatus::Disabled => users_without_mfa_device::remove(tx, &user.id)?,
    }
    user_texts::delete(tx, &user.id)?;
    user_texts::insert(tx, user)
}

/// Removes a user and its external ids, as of `at`. What else hangs on the user (memberships, password, sessions) is the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &UserId, at: Timestamp) -> Result<(), Fault> {
    tx.insert(&END_ENABLED, params![id.as_str(), at])?;
    external_ids::delete_by_resource(tx, id.as_str())?;
    users_without_mfa_device::remove(tx, id)?;
    user_texts::delete(tx, id)?;
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// The user with this id.
pub fn find(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &UserId) -> Result<Option<User>, StoreError> {
    Ok(fold(rx.all(&FIND, params![store.as_str(), id.as_str()], user)?).pop())
}

/// What `with` makes of the user with this id, in the identity store whose instance `enter` lets the caller into; `None` when there is no such user.
/// One statement, which sees one snapshot. A user with external ids has a row for each of them: those of one who has none are never copied.
pub fn describe<T>(
    rx: &mut Rx<'_>,
    (store, id): (&IdentityStoreId, &UserId),
    enter: impl FnOnce(Option<&Instance>) -> Result<(), Fault>,
    with: impl Fn(&UserRow<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let params = params![store.as_str(), id.as_str()];
    let Some(instance) = instances::known_by_identity_store(rx, store) else {
        let mut found = (None, None, Vec::new());
        rx.all(&FIND_WITH_INSTANCE, params, |row| {
            let (instance, user, external_ids) = &mut found;
            if instance.is_none() {
                *instance = Some(instances::joined(row, INSTANCE)?);
            }
            if row.opt_text(0)?.is_some() {
                external_ids.extend(external_ids::joined(row, EXTERNAL)?);
                if user.is_none() {
                    *user = Some(UserCopy::of(&UserRow::of(row)?));
                }
            }
            Ok(())
        })?;
        let (instance, user, external_ids) = found;
        instances::know(rx, instance.as_ref());
        enter(instance.as_ref())?;
        return user.map(|user| with(&user.row(&external_ids))).transpose();
    };
    enter(Some(&instance))?;
    let (mut made, mut copy, mut external_ids) = (None, None, Vec::new());
    rx.all(&FIND, params, |row| {
        match external_ids::joined(row, EXTERNAL)? {
            None => made = Some(with(&UserRow::of(row)?)),
            Some(external) => {
                external_ids.push(external);
                if copy.is_none() {
                    copy = Some(UserCopy::of(&UserRow::of(row)?));
                }
            }
        }
        Ok(())
    })?;
    match (made, copy) {
        (Some(made), _) => made.map(Some),
        (None, copy) => copy.map(|user| with(&user.row(&external_ids))).transpose(),
    }
}

/// A [`UserRow`] that outlives its row.
struct UserCopy {
    texts: [String; 7],
    status: UserStatus,
    revision: i64,
    times: [Timestamp; 2],
}

impl UserCopy {
    fn of(row: &UserRow<'_>) -> Self {
        let texts = [
            row.id,
            row.identity_store_id,
            row.user_name,
            row.display_name,
            row.created_by,
            row.updated_by,
            row.profile,
        ];
        Self {
            texts: texts.map(str::to_owned),
            status: row.status,
            revision: row.revision,
            times: [row.created_at, row.updated_at],
        }
    }

    fn row<'r>(&'r self, external_ids: &'r [ExternalId]) -> UserRow<'r> {
        let [id, identity_store_id, user_name, display_name, created_by, updated_by, profile] = &self.texts;
        let [created_at, updated_at] = self.times;
        UserRow {
            id,
            identity_store_id,
            user_name,
            display_name,
            status: self.status,
            external_ids,
            revision: self.revision,
            created_at,
            created_by,
            updated_at,
            updated_by,
            profile,
        }
    }
}

/// A user's name and whether it may do anything: what is asked of everybody who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `UserName`
    pub user_name: String,
    /// `UserStatus`
    pub status: UserStatus,
    /// What was issued to the user at this time or earlier is void.
    pub not_before: Timestamp,
}

/// The standing of the user with this id.
pub fn find_standing(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    id: &UserId,
) -> Result<Option<Standing>, StoreError> {
    rx.first(&FIND_STANDING, params![store.as_str(), id.as_str()], |row| {
        Ok(Standing {
            user_name: row.text(0)?,
            status: row.word(1, UserStatus::parse)?,
            not_before: row.time(2)?,
        })
    })
}

/// Makes void whatever was issued to a user at `at` or earlier; a later mark stays.
pub(crate) fn set_not_before(tx: &mut Tx<'_>, id: &UserId, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&SET_NOT_BEFORE, params![id.as_str(), at])?;
    Ok(())
}

/// The user with this name key ([`model::name_key::name_key`]).
pub fn find_by_user_name(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    user_name_key: &str,
) -> Result<Option<User>, StoreError> {
    Ok(fold(rx.all(&FIND_BY_USER_NAME, params![store.as_str(), user_name_key], user)?).pop())
}

/// A store's users by id.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    request: &PageRequest,
) -> Result<Vec<User>, StoreError> {
    let params = params![store.as_str(), request.after_or_start(), request.rows()];
    Ok(fold(rx.all(&PAGE, params, user)?))
}

/// Whether there is such a user.
pub fn exists(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &UserId) -> Result<bool, StoreError> {
    rx.exists(&FIND_ID, params![store.as_str(), id.as_str()])
}

/// Which of these users there are.
pub fn existing<'a>(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    ids: impl IntoIterator<Item = &'a UserId>,
) -> Result<HashSet<UserId>, StoreError> {
    let ids = list(ids.into_iter().map(UserId::as_str));
    let found = rx.all(&EXISTING, params![store.as_str(), &ids], |row| Ok(UserId::trusted(row.text(0)?)))?;
    Ok(found.into_iter().collect())
}

/// The id of the user with this name key.
pub fn find_id_by_user_name(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    user_name_key: &str,
) -> Result<Option<UserId>, StoreError> {
    rx.first(&FIND_ID_BY_USER_NAME, params![store.as_str(), user_name_key], |row| {
        Ok(UserId::trusted(row.text(0)?))
    })
}

/// The id of the user with this key of its primary address.
pub fn find_id_by_email(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    email_key: &str,
) -> Result<Option<UserId>, StoreError> {
    rx.first(&FIND_ID_BY_EMAIL, params![store.as_str(), email_key], |row| Ok(UserId::trusted(row.text(0)?)))
}

/// The id of the user of this number, from 0, of those whose ids are greater, in the order of ids. Reads as many as come before it.
pub fn key_at(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    (after, number): (&str, i64),
) -> Result<Option<String>, StoreError> {
    rx.first(&KEY_AT, params![store.as_str(), after, number], |row| row.text(0))
}

/// How many users a store has. Reads them all.
pub fn count(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![store.as_str()])
}
