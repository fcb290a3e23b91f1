//! Tags by resource ARN.

use std::collections::HashMap;

use model::fault::Fault;
use model::instances::tag::Tags;

use crate::error::StoreError;
use crate::row::{list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    UPSERT = "INSERT INTO tags (resource_arn, tag_key, tag_value) VALUES (?1, ?2, ?3)
              ON CONFLICT (resource_arn, tag_key) DO UPDATE SET tag_value = excluded.tag_value";
    DELETE = "DELETE FROM tags WHERE resource_arn = ?1 AND tag_key = ?2";
    DELETE_ALL = "DELETE FROM tags WHERE resource_arn = ?1";
    ALL_OF_BOTH = "SELECT resource_arn, tag_key, tag_value FROM tags WHERE resource_arn IN (?1, ?2)";
    ALL_OF_EACH = "SELECT resource_arn, tag_key, tag_value FROM tags WHERE resource_arn IN (SELECT value FROM json_each(?1))";
    ALL_OF = "SELECT tag_key, tag_value FROM tags WHERE resource_arn = ?1 ORDER BY tag_key";
}

/// Sets a tag.
pub fn upsert(tx: &mut Tx<'_>, resource: &str, key: &str, value: &str) -> Result<(), Fault> {
    tx.execute_one(&UPSERT, params![resource, key, value])
}

/// Takes a tag away; one that is not there is no error.
pub fn delete(tx: &mut Tx<'_>, resource: &str, key: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![resource, key])?;
    Ok(())
}

/// Takes every tag of a resource away.
pub fn delete_all(tx: &mut Tx<'_>, resource: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_ALL, params![resource])?;
    Ok(())
}

/// The tags of two resources.
pub fn all_of_both(rx: &mut Rx<'_>, one: &str, other: &str) -> Result<(Tags, Tags), StoreError> {
    let (mut of_one, mut of_other) = (Tags::new(), Tags::new());
    for (resource, key, value) in
        rx.all(&ALL_OF_BOTH, params![one, other], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))?
    {
        let tags = if resource == one { &mut of_one } else { &mut of_other };
        tags.insert(key, value);
    }
    Ok((of_one, of_other))
}

/// The tags of each of these resources that has any.
pub fn all_of_each<'a>(
    rx: &mut Rx<'_>,
    resources: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, Tags>, StoreError> {
    let mut tags = HashMap::<String, Tags>::new();
    rx.all(&ALL_OF_EACH, params![&list(resources)], |row| {
        tags.entry(row.text(0)?).or_default().insert(row.text(1)?, row.text(2)?);
        Ok(())
    })?;
    Ok(tags)
}

/// The tags of a resource: 75 at most.
pub fn all_of(rx: &mut Rx<'_>, resource: &str) -> Result<Tags, StoreError> {
    Ok(rx.all(&ALL_OF, params![resource], |row| Ok((row.text(0)?, row.text(1)?)))?.into_iter().collect())
}
