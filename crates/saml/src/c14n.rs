//! Exclusive XML Canonicalization 1.0 without comments (<https://www.w3.org/TR/xml-exc-c14n/>) of an element and what is in it.
//!
//! roxmltree resolves names but forgets prefixes, which the canonical form needs: they are read from the source text.

use roxmltree::{Attribute, Node, NodeId};

use crate::error::Error;

/// A long namespace name that many children use is written once for each of them: without a bound, 256 KiB could become gigabytes.
const OUTPUT_MAX: usize = 1024 * 1024;

/// What to write beside the element itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options<'a> {
    /// An element to leave out: the signature of the enveloped-signature transform.
    pub(crate) omit: Option<NodeId>,
    /// The `PrefixList` of `InclusiveNamespaces`, `#default` for the default namespace.
    pub(crate) inclusive: &'a str,
}

/// The canonical text of `element`.
pub(crate) fn canonicalize(element: Node<'_, '_>, options: Options<'_>) -> Result<String, Error> {
    let mut writer = Writer { options, rendered: Vec::new(), out: String::new() };
    writer.element(element)?;
    Ok(writer.out)
}

struct Writer<'a> {
    options: Options<'a>,
    /// The namespace declarations written by the open elements: prefix (empty for the default) and name; the last one counts.
    rendered: Vec<(String, String)>,
    out: String,
}

impl Writer<'_> {
    fn element(&mut self, element: Node<'_, '_>) -> Result<(), Error> {
        let before = self.rendered.len();
        let name = qname(element)?;
        self.out.push('<');
        self.out.push_str(name);
        self.namespaces(element, prefix(name))?;
        self.attributes(element)?;
        self.out.push('>');
        for child in element.children() {
            if child.is_text() {
                text(&mut self.out, child.text().unwrap_or_default());
            } else if child.is_element() && Some(child.id()) != self.options.omit {
                self.element(child)?;
            }
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self.rendered.truncate(before);
        if self.out.len() > OUTPUT_MAX {
            return Err(Error::Limit("1 MiB of canonical text"));
        }
        Ok(())
    }

    /// Declares what the element uses visibly, and what the PrefixList names, unless an open element has declared just that.
    fn namespaces(&mut self, element: Node<'_, '_>, own: &str) -> Result<(), Error> {
        let mut wanted =
            vec![(own.to_owned(), element.tag_name().namespace().unwrap_or_default().to_owned())];
        for attribute in element.attributes() {
            let prefix = prefix(attribute_qname(element, &attribute)?);
            if !prefix.is_empty() {
                wanted.push((prefix.to_owned(), attribute.namespace().unwrap_or_default().to_owned()));
            }
        }
        for listed in self.options.inclusive.split_ascii_whitespace() {
            let prefix = if listed == "#default" { None } else { Some(listed) };
            match (prefix, element.lookup_namespace_uri(prefix)) {
                (_, Some(name)) => wanted.push((prefix.unwrap_or_default().to_owned(), name.to_owned())),
                (None, None) => wanted.push((String::new(), String::new())),
                (Some(_), None) => {}
            }
        }
        wanted.sort();
        wanted.dedup();
        for (prefix, name) in wanted {
            let now = self.rendered.iter().rev().find(|(rendered, _)| *rendered == prefix);
            let now = now.map(|(_, name)| name.as_str());
            // No default namespace is the state at the start: it is written only to end another.
            if prefix == "xml" || now.unwrap_or_default() == name {
                continue;
            }
            self.out.push_str(" xmlns");
            if !prefix.is_empty() {
                self.out.push(':');
                self.out.push_str(&prefix);
            }
            self.out.push_str("=\"");
            attribute_value(&mut self.out, &name);
            self.out.push('"');
            self.rendered.push((prefix, name));
            if self.out.len() > OUTPUT_MAX {
                return Err(Error::Limit("1 MiB of canonical text"));
            }
        }
        Ok(())
    }

    /// Attributes by namespace name, those without one first, then by local name.
    fn attributes(&mut self, element: Node<'_, '_>) -> Result<(), Error> {
        let mut attributes: Vec<_> = element.attributes().collect();
        attributes.sort_by_key(|attribute| (attribute.namespace().unwrap_or_default(), attribute.name()));
        for attribute in attributes {
            self.out.push(' ');
            self.out.push_str(attribute_qname(element, &attribute)?);
            self.out.push_str("=\"");
            attribute_value(&mut self.out, attribute.value());
            self.out.push('"');
        }
        Ok(())
    }
}

/// The element's name as written.
fn qname<'i>(element: Node<'_, 'i>) -> Result<&'i str, Error> {
    let rest = element.document().input_text().get(element.range().start..);
    rest.and_then(|rest| rest.strip_prefix('<'))
        .and_then(|rest| {
            rest.split(|letter: char| letter.is_ascii_whitespace() || "/>".contains(letter)).next()
        })
        .ok_or(Error::Shape("an element without its source"))
}

fn attribute_qname<'i>(element: Node<'_, 'i>, attribute: &Attribute<'_, 'i>) -> Result<&'i str, Error> {
    let text = element.document().input_text();
    text.get(attribute.range_qname()).ok_or(Error::Shape("an attribute without its source"))
}

fn prefix(qname: &str) -> &str {
    qname.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// Writes character data.
pub(crate) fn text(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

/// Writes an attribute's value, without its quotes.
pub(crate) fn attribute_value(out: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    fn of(xml: &str, name: &str, inclusive: &str) -> String {
        let document = Document::parse(xml).unwrap();
        let element = document.descendants().find(|node| node.tag_name().name() == name).unwrap();
        canonicalize(element, Options { omit: None, inclusive }).unwrap()
    }

    #[test]
    fn the_examples_of_the_recommendation() {
        // Section 2.2 of exclusive C14N: the enveloping document does not leak into the element.
        let first = r#"<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>"#;
        let second = r#"<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>"#;
        let expected = r#"<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>"#;
        assert_eq!(of(first, "elem2", ""), expected);
        assert_eq!(of(second, "elem2", ""), expected);
    }

    #[test]
    fn order_escapes_and_line_ends() {
        assert_eq!(
            of(
                "<a z='1' xmlns:b='urn:z' xmlns:c='urn:a' b:y='2' c:x='&lt;&#9;&quot;>'\r\n y=\"'\"/>",
                "a",
                ""
            ),
            "<a xmlns:b=\"urn:z\" xmlns:c=\"urn:a\" y=\"'\" z=\"1\" c:x=\"&lt;&#x9;&quot;>\" b:y=\"2\"></a>"
        );
        assert_eq!(
            of("<a>x\r\ny&#13;<!-- no -->&gt;<![CDATA[<&]]>\u{10348}</a>", "a", ""),
            "<a>x\ny&#xD;&gt;&lt;&amp;\u{10348}</a>"
        );
    }

    #[test]
    fn the_default_namespace_comes_and_goes() {
        let xml = r#"<r xmlns="urn:r" xmlns:u="urn:u"><a><b xmlns=""><c xmlns="urn:r"/></b></a></r>"#;
        assert_eq!(of(xml, "a", ""), r#"<a xmlns="urn:r"><b xmlns=""><c xmlns="urn:r"></c></b></a>"#);
        assert_eq!(of(xml, "b", ""), r#"<b><c xmlns="urn:r"></c></b>"#);
        assert_eq!(of(xml, "b", "u #default"), r#"<b xmlns:u="urn:u"><c xmlns="urn:r"></c></b>"#);
        assert_eq!(of(xml, "a", "nowhere"), of(xml, "a", ""));
    }

    #[test]
    fn what_multiplies_is_stopped() {
        let xml = format!("<a xmlns:n='{}'>{}</a>", "u".repeat(100_000), "<n:b/>".repeat(1_000));
        let document = Document::parse(&xml).unwrap();
        let refused = canonicalize(document.root_element(), Options::default());
        assert_eq!(refused, Err(Error::Limit("1 MiB of canonical text")));
    }
}
