//! What every part of a pass knows: of which directory it is, how its entries are read, and when it is.

use std::sync::Arc;

use ldap::cursor::{Cursor, Point};
use ldap::reading::Reading;
use time::OffsetDateTime;

use crate::ldap::settings::Settings;

/// What every part of a pass knows.
pub(crate) struct Context {
    pub(crate) settings: Arc<Settings>,
    pub(crate) reading: Arc<Reading>,
    pub(crate) mark: [u8; 32],
    pub(crate) now: OffsetDateTime,
}

impl Context {
    pub(crate) fn cursor(&self, point: Point) -> Cursor {
        Cursor { settings: self.mark, point }
    }
}
