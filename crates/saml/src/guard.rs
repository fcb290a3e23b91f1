//! The limits of a message, held in one linear pass over its tokens before anything builds a tree of it: parsers are quadratic in
//! the number of attributes, and recursion needs a bounded depth. A DTD or a processing instruction has no place in SAML.

use roxmltree::Document;
use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::error::Error;

/// The longest message, bytes.
pub(crate) const BYTES_MAX: usize = 256 * 1024;
/// The deepest nesting.
const DEPTH_MAX: usize = 64;
/// The most attributes of one element, namespace declarations among them.
const ATTRIBUTES_MAX: usize = 64;
/// The most tokens.
const TOKENS_MAX: usize = 20_000;
/// The most namespace declarations in the scope of one element. roxmltree holds each of them against each other one on every element
/// that declares one more: without this bound, 93 KB within all the others took a debug build 53 seconds.
const NAMESPACES_MAX: usize = 64;

/// The tree of a message within the limits.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    guard(text)?;
    Document::parse(text).map_err(|error| Error::Xml(error.to_string()))
}

/// Refuses what is too large or of a kind that SAML does not use.
fn guard(text: &str) -> Result<(), Error> {
    if text.len() > BYTES_MAX {
        return Err(Error::Limit("256 KiB"));
    }
    let mut open = Open::default();
    for (count, token) in Tokenizer::from(text).enumerate() {
        if count >= TOKENS_MAX {
            return Err(Error::Limit("20,000 tokens"));
        }
        match token.map_err(|error| Error::Xml(error.to_string()))? {
            Token::ElementStart { .. } => open.element()?,
            Token::Attribute { prefix, local, .. } => {
                open.attribute(
                    prefix.as_str() == "xmlns" || (prefix.is_empty() && local.as_str() == "xmlns"),
                )?;
            }
            Token::ElementEnd { end: ElementEnd::Close(..) | ElementEnd::Empty, .. } => open.close(),
            Token::DtdStart { .. }
            | Token::EmptyDtd { .. }
            | Token::EntityDeclaration { .. }
            | Token::DtdEnd { .. } => return Err(Error::Xml("a DTD".to_owned())),
            Token::ProcessingInstruction { .. } => {
                return Err(Error::Xml("a processing instruction".to_owned()));
            }
            Token::Declaration { .. }
            | Token::Comment { .. }
            | Token::ElementEnd { end: ElementEnd::Open, .. }
            | Token::Text { .. }
            | Token::Cdata { .. } => {}
        }
    }
    Ok(())
}

/// The elements that are open at one point of the message.
#[derive(Default)]
struct Open {
    /// Namespace declarations of each.
    declarations: Vec<usize>,
    /// Their sum.
    in_scope: usize,
    /// Attributes of the innermost one so far.
    attributes: usize,
}

impl Open {
    fn element(&mut self) -> Result<(), Error> {
        self.declarations.push(0);
        self.attributes = 0;
        if self.declarations.len() > DEPTH_MAX { Err(Error::Limit("64 nested elements")) } else { Ok(()) }
    }

    fn attribute(&mut self, declares: bool) -> Result<(), Error> {
        self.attributes += 1;
        if self.attributes > ATTRIBUTES_MAX {
            return Err(Error::Limit("64 attributes of an element"));
        }
        if declares {
            self.in_scope += 1;
            if let Some(own) = self.declarations.last_mut() {
                *own += 1;
            }
        }
        if self.in_scope > NAMESPACES_MAX {
            Err(Error::Limit("64 namespace declarations in scope"))
        } else {
            Ok(())
        }
    }

    fn close(&mut self) {
        self.in_scope = self.in_scope.saturating_sub(self.declarations.pop().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_holds_at_its_edge() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(guard(&nested(64)), Ok(()));
        assert_eq!(guard(&nested(65)), Err(Error::Limit("64 nested elements")));
        let wide = |count: usize| {
            let attributes: Vec<String> = (0..count).map(|number| format!(" a{number}=''")).collect();
            format!("<a{}/>", attributes.concat())
        };
        assert_eq!(guard(&wide(64)), Ok(()));
        assert_eq!(guard(&wide(65)), Err(Error::Limit("64 attributes of an element")));
        assert_eq!(guard(&format!("<a>{}</a>", "<b/>".repeat(9_998))), Ok(()));
        assert_eq!(guard(&format!("<a>{}</a>", "<b/>".repeat(10_000))), Err(Error::Limit("20,000 tokens")));
        let long = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7));
        assert_eq!(guard(&long(BYTES_MAX)), Ok(()));
        assert_eq!(guard(&long(BYTES_MAX + 1)), Err(Error::Limit("256 KiB")));
    }

    #[test]
    fn namespaces_are_counted_on_the_way_from_the_root() {
        let declared = |prefix: char| -> String {
            let declarations: Vec<String> = (0..32).map(|at| format!(" xmlns:{prefix}{at}='u'")).collect();
            declarations.concat()
        };
        let (first, second) = (declared('p'), declared('q'));
        assert_eq!(guard(&format!("<a{first}><b{second}/><c{second}></c><d{second}/></a>")), Ok(()));
        assert_eq!(guard(&format!("<a{first}{second}/>")), Ok(()));
        let refused = Err(Error::Limit("64 namespace declarations in scope"));
        assert_eq!(guard(&format!("<a{first}><b{second}><c xmlns='u'/></b></a>")), refused);
        assert_eq!(guard(&format!("<a{first}><b{second}><c xmlns:r='u'/></b></a>")), refused);
    }

    #[test]
    fn no_dtd_and_no_processing_instruction() {
        for bad in [
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "<?php x?><a/>",
            "<a><?x y?></a>",
        ] {
            assert!(matches!(guard(bad), Err(Error::Xml(_))), "{bad}");
        }
        assert_eq!(guard("<?xml version='1.0' encoding='UTF-8'?><a><!-- b --><![CDATA[c]]></a>"), Ok(()));
    }
}
