//! What a server says of itself (RFC 4512 §5.1, MS-ADTS §3.1.1.3.2).

use ldap::dn::Dn;
use ldap::entry::Entry;
use ldap::malformed::Malformed;

use crate::ldap::asking;
use crate::ldap::failure::Why;
use crate::ldap::session::Session;

const ATTRIBUTES: &[&str] = &[
    "namingContexts",
    "defaultNamingContext",
    "configurationNamingContext",
    "supportedControl",
    "dsServiceName",
    "highestCommittedUSN",
];

/// What a server says of itself.
#[derive(Debug)]
pub(crate) struct Root {
    entry: Entry,
}

impl Root {
    pub(crate) async fn read(session: &mut Session) -> Result<Self, Why> {
        let entry = asking::entry(session, "", ATTRIBUTES).await?;
        Ok(Self { entry: entry.ok_or(Malformed("a server that says nothing of itself"))? })
    }

    pub(crate) fn has_control(&self, name: &str) -> bool {
        self.entry.texts("supportedControl").any(|control| control == name)
    }

    /// The domain of a domain controller.
    pub(crate) fn domain(&self) -> Option<Dn> {
        Dn::parse(self.entry.text("defaultNamingContext")?).ok()
    }

    /// Where the configuration of a forest is.
    pub(crate) fn configuration(&self) -> Option<&str> {
        self.entry.text("configurationNamingContext")
    }

    /// The entry of the domain controller itself.
    pub(crate) fn service(&self) -> Option<&str> {
        self.entry.text("dsServiceName")
    }

    /// The number of its last change.
    pub(crate) fn highest_usn(&self) -> Option<i64> {
        self.entry.number("highestCommittedUSN")
    }

    /// Where its entries begin, for messages.
    pub(crate) fn contexts(&self) -> Vec<&str> {
        self.entry.texts("namingContexts").collect()
    }
}
