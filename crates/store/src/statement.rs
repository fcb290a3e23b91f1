//! Statements: named constants, one text for both engines. Parameters are `?1`, `?2`, …; PostgreSQL reads them as `$1`, `$2`.

use std::sync::OnceLock;

use crate::generations::Changes;

/// A statement.
#[derive(Debug)]
pub struct Statement {
    /// `aggregate::NAME`, for logs and the registry.
    pub name: &'static str,
    /// The text as SQLite takes it.
    pub sql: &'static str,
    /// What it changes.
    pub changes: Changes,
    postgres: OnceLock<String>,
}

impl Statement {
    /// A statement; use the `statements!` macro.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, changes: Changes::of(sql), postgres: OnceLock::new() }
    }

    /// The text as PostgreSQL takes it.
    pub fn postgres_sql(&self) -> &str {
        self.postgres.get_or_init(|| {
            // The one function that each engine has under another name: the texts of a list.
            let lists = (1..=9).fold(self.sql.to_owned(), |sql, at| {
                sql.replace(
                    &format!("json_each(?{at})"),
                    &format!("json_array_elements_text(?{at}::text::json)"),
                )
            });
            lists.replace('?', "$")
        })
    }
}

/// Declares an aggregate's statements and the list `ALL` of them for the registry.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$meta])* static $name: $crate::statement::Statement =
            $crate::statement::Statement::new(concat!(module_path!(), "::", stringify!($name)), $sql);)+

        /// Every statement of this aggregate.
        pub(crate) static ALL: &[&$crate::statement::Statement] = &[$(&$name),+];
    };
}
pub(crate) use statements;
