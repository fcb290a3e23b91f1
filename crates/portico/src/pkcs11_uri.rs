//! The address of a key in a token (RFC 7512): which token and object, in which library, and where the PIN is. One parser turns the text into the type;
//! what is not understood is refused, for an address that means less than it says could mean another key.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use percent_encoding::percent_decode_str;

const SCHEME: &str = "pkcs11:";
/// Bytes of an address at most.
const LENGTH_MAX: usize = 2_048;

/// The address of a secret key in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pkcs11Uri {
    /// As it was given.
    pub(crate) text: String,
    /// The token's label (`token`).
    pub(crate) token: Option<String>,
    /// The token's serial number (`serial`).
    pub(crate) serial: Option<String>,
    /// The key's label (`object`).
    pub(crate) object: Option<String>,
    /// The key's id (`id`).
    pub(crate) id: Option<Vec<u8>>,
    /// The library (`module-path`).
    pub(crate) module: PathBuf,
    /// The file that holds the PIN (`pin-source`).
    pub(crate) pin_file: PathBuf,
}

impl Pkcs11Uri {
    /// Whether a text is meant as such an address.
    pub(crate) fn may_be(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }

    /// Reads an address.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        if text.len() > LENGTH_MAX || text.chars().any(|one| one.is_control() || one == ' ') {
            bail!("a pkcs11: address has at most {LENGTH_MAX} bytes, and no blank or control character");
        }
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut token, mut serial, mut object, mut id) = (None, None, None, None);
        for (name, value) in pairs(path, ';')? {
            match name {
                "token" => set(&mut token, name, utf8(value)?)?,
                "serial" => set(&mut serial, name, utf8(value)?)?,
                "object" => set(&mut object, name, utf8(value)?)?,
                "id" => set(&mut id, name, value)?,
                "type" if value == b"secret-key" => {}
                "type" => bail!("type in a pkcs11: address must be secret-key: the key that seals is one"),
                other => bail!(
                    "{other} in a pkcs11: address is not supported; token, serial, object, id and type are"
                ),
            }
        }
        let (mut module, mut pin_file) = (None, None);
        for (name, value) in pairs(query, '&')? {
            match name {
                "module-path" => set(&mut module, name, utf8(value)?)?,
                "pin-source" => set(&mut pin_file, name, utf8(value)?)?,
                "pin-value" => bail!(
                    "pin-value would stand in portico.key, beside what it opens: put the PIN in a file of its own and name that by pin-source"
                ),
                other => bail!(
                    "{other} in the query of a pkcs11: address is not supported; module-path and pin-source are"
                ),
            }
        }
        if token.is_none() && serial.is_none() {
            bail!("a pkcs11: address must name the token, by token or serial");
        }
        if object.is_none() && id.is_none() {
            bail!("a pkcs11: address must name the key, by object or id");
        }
        let module =
            absolute("module-path", module.as_deref()).context("the library of the token's maker")?;
        let pin_file = pin_file.as_deref().map(|file| file.strip_prefix("file:").unwrap_or(file));
        let pin_file = absolute("pin-source", pin_file).context("the file that holds the PIN")?;
        Ok(Self { text: text.to_owned(), token, serial, object, id, module, pin_file })
    }
}

fn absolute(name: &str, value: Option<&str>) -> anyhow::Result<PathBuf> {
    let value = value.with_context(|| format!("{name} is missing in the pkcs11: address"))?;
    let value = value.strip_prefix("//").map_or(value, |rest| rest.strip_prefix("localhost").unwrap_or(rest));
    if !value.starts_with('/') {
        bail!("{name} in a pkcs11: address must be an absolute path, not {value:?}");
    }
    Ok(value.into())
}

fn set<T>(place: &mut Option<T>, name: &str, value: T) -> anyhow::Result<()> {
    if place.replace(value).is_some() {
        bail!("{name} stands twice in the pkcs11: address");
    }
    Ok(())
}

fn utf8(value: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(value).context("a part of the pkcs11: address is not UTF-8")
}

fn pairs(text: &str, between: char) -> anyhow::Result<Vec<(&str, Vec<u8>)>> {
    let parts = text.split(between).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part
                .split_once('=')
                .with_context(|| format!("{part:?} in the pkcs11: address has no value"))?;
            if value.is_empty() {
                bail!("{name} in the pkcs11: address is empty");
            }
            Ok((name, percent_decode_str(value).collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/portico/pin";

    #[test]
    fn an_address_names_a_key_its_library_and_its_pin() {
        let text = format!("pkcs11:token=Our%20token;object=root%3B1;type=secret-key?{QUERY}");
        let read = Pkcs11Uri::parse(&text).unwrap();
        assert_eq!(
            (read.token.as_deref(), read.object.as_deref(), &read.id),
            (Some("Our token"), Some("root;1"), &None)
        );
        assert_eq!(read.module, PathBuf::from("/usr/lib/softhsm/libsofthsm2.so"));
        assert_eq!(read.pin_file, PathBuf::from("/etc/portico/pin"));
        assert_eq!(read.text, text);
        let by_id =
            Pkcs11Uri::parse("PKCS11:serial=1f;id=%01%ff?module-path=/m&pin-source=file:///pin").unwrap();
        assert_eq!((by_id.serial.as_deref(), by_id.id), (Some("1f"), Some(vec![1, 0xff])));
        assert_eq!(by_id.pin_file, PathBuf::from("/pin"));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (text, why) in [
            (format!("pkcs11:object=a?{QUERY}"), "must name the token"),
            (format!("pkcs11:token=a?{QUERY}"), "must name the key"),
            ("pkcs11:token=a;object=b?pin-source=/pin".to_owned(), "module-path is missing"),
            ("pkcs11:token=a;object=b?module-path=/m".to_owned(), "pin-source is missing"),
            ("pkcs11:token=a;object=b?module-path=m&pin-source=/pin".to_owned(), "absolute"),
            ("pkcs11:token=a;object=b?module-path=/m&pin-source=|/bin/pin".to_owned(), "absolute"),
            ("pkcs11:token=a;object=b?module-path=/m&pin-value=1".to_owned(), "pin-value"),
            (format!("pkcs11:token=a;token=b;object=b?{QUERY}"), "token stands twice"),
            (format!("pkcs11:token=a;object=b;slot-id=1?{QUERY}"), "slot-id"),
            (format!("pkcs11:token=a;object=b;type=private?{QUERY}"), "secret-key"),
            (format!("pkcs11:token=;object=b?{QUERY}"), "token in the pkcs11: address is empty"),
            (format!("pkcs11:token=a;object?{QUERY}"), "has no value"),
            (format!("pkcs11:token=a;object=b\n?{QUERY}"), "control character"),
            (format!("pkcs11:token=%ff;object=b?{QUERY}"), "UTF-8"),
        ] {
            let refused = format!("{:#}", Pkcs11Uri::parse(&text).unwrap_err());
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
