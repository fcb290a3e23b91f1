//! The identifier of a subject: an assertion says it, and a message that ends a session says it again, to the letter.

use roxmltree::Node;

use crate::error::Error;
use crate::reading::text;
use crate::writer::Xml;

/// The identifier of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    /// The identifier.
    pub value: String,
    /// What kind of identifier it is.
    pub format: Option<String>,
    /// The domain that it belongs to.
    pub qualifier: Option<String>,
    /// The service provider, or group of them, that it was made for.
    pub sp_qualifier: Option<String>,
}

impl NameId {
    pub(crate) fn read(element: Node<'_, '_>) -> Result<Self, Error> {
        let value = text(element)?;
        if value.is_empty() {
            return Err(Error::Shape("an empty NameID"));
        }
        let owned = |name| element.attribute(name).map(str::to_owned);
        Ok(Self {
            value,
            format: owned("Format"),
            qualifier: owned("NameQualifier"),
            sp_qualifier: owned("SPNameQualifier"),
        })
    }

    /// Where the prefix `saml` is not declared yet, `namespace` declares it.
    pub(crate) fn write(&self, out: &mut Xml, namespace: Option<&str>) -> Result<(), Error> {
        let attributes = [
            ("xmlns:saml", namespace),
            ("Format", self.format.as_deref()),
            ("NameQualifier", self.qualifier.as_deref()),
            ("SPNameQualifier", self.sp_qualifier.as_deref()),
        ];
        out.leaf("saml:NameID", &attributes, &self.value)
    }
}
