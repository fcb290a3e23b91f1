//! What an administrator decides of an application that speaks SAML, as the text of a row holds it. What templates and certificates say is judged by `applications`, which knows
//! both; here are the words, the bounds, and what must go together.

use serde::{Deserialize, Serialize};

use crate::applications::application::ApplicationId;
use crate::fault::Fault;
use crate::sources::checks::{called, most, unique};
use crate::timestamp::Timestamp;
use crate::words::words;

/// Addresses that an application takes assertions at, at most.
pub const CONSUMERS_MAX: usize = 100;
/// Attributes that it is told, at most.
pub const ATTRIBUTES_MAX: usize = 100;
/// Certificates that prove its requests, at most.
pub const REQUEST_CERTIFICATES_MAX: usize = 10;
/// Certificates of ours for one application at most: AWS has as many.
pub const CERTIFICATES_MAX: usize = 2;
/// Characters of an entity ID at most (SAML core 8.3.6).
pub const ENTITY_ID_MAX: usize = 1_024;
/// Characters of an address at most.
pub const URL_MAX: usize = 2_048;
/// Characters of a relay state at most, of ours; bytes of an application's.
pub const RELAY_STATE_MAX: usize = 1_024;
/// Minutes of an application's session: the bounds of the portal's own.
pub const SESSION_MINUTES: std::ops::RangeInclusive<u32> = 5..=129_600;

words! {
    /// What kind of identifier an application is given.
    NameIdFormat {
        /// No kind in particular.
        Unspecified = "UNSPECIFIED",
        /// A mail address.
        EmailAddress = "EMAIL_ADDRESS",
        /// One that stays.
        Persistent = "PERSISTENT",
        /// One for each session, which says nothing of the person.
        Transient = "TRANSIENT",
    }
}

impl NameIdFormat {
    /// The URI (SAML core 8.3).
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            Self::EmailAddress => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        }
    }

    /// From the URI.
    pub fn of_uri(uri: &str) -> Option<Self> {
        [Self::Unspecified, Self::EmailAddress, Self::Persistent, Self::Transient]
            .into_iter()
            .find(|known| known.uri() == uri)
    }

    /// What a person is called where the settings do not say it; none where that is random.
    pub const fn usual(self) -> Option<&'static str> {
        match self {
            Self::Unspecified => Some("${user:subject}"),
            Self::EmailAddress => Some("${user:email}"),
            Self::Persistent => Some("${user:userId}"),
            Self::Transient => None,
        }
    }
}

words! {
    /// What kind of name an attribute has.
    AttributeFormat {
        /// No kind in particular.
        Unspecified = "UNSPECIFIED",
        /// A plain name.
        Basic = "BASIC",
        /// A URI.
        Uri = "URI",
    }
}

impl AttributeFormat {
    /// The URI (SAML core 8.2).
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Unspecified => "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
            Self::Basic => "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
            Self::Uri => "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
        }
    }
}

words! {
    /// How the content of an encrypted assertion is encrypted.
    ContentEncryption {
        /// AES-256 in Galois/Counter Mode.
        Aes256Gcm = "AES256_GCM",
        /// AES-128 in Galois/Counter Mode.
        Aes128Gcm = "AES128_GCM",
        /// AES-256 as a chain of blocks.
        Aes256Cbc = "AES256_CBC",
        /// AES-128 as a chain of blocks.
        Aes128Cbc = "AES128_CBC",
    }
}

words! {
    /// How the content's key is.
    KeyEncryption {
        /// What everybody reads.
        OaepMgf1p = "RSA_OAEP_MGF1P",
        /// With SHA-256.
        OaepSha256 = "RSA_OAEP_SHA256",
    }
}

words! {
    /// How a message travels.
    SamlBinding {
        /// In a query string.
        Redirect = "HTTP_REDIRECT",
        /// In a form.
        Post = "HTTP_POST",
    }
}

words! {
    /// What a key of ours is.
    CertificateKey {
        /// RSA of 2,048 bits, which signs with SHA-256.
        Rsa2048 = "RSA_2048",
        /// ECDSA on P-256, which signs with SHA-256. Many applications cannot verify it.
        EcP256 = "EC_P256",
    }
}

/// An address that takes assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionConsumer {
    /// The address.
    pub url: String,
    /// By what requests may name it.
    pub index: u16,
}

/// Who a person is to an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The kind of identifier.
    pub format: NameIdFormat,
    /// The template; none where the kind is random.
    pub value: Option<String>,
}

/// What an application is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeMapping {
    /// What the application calls it.
    pub name: String,
    /// The template.
    pub value: String,
    /// What kind of name that is.
    pub format: AttributeFormat,
}

/// For whom assertions are encrypted, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionEncryption {
    /// The certificate, DER in base64.
    pub certificate: String,
    /// How the content is.
    pub content: ContentEncryption,
    /// How its key is.
    pub key: KeyEncryption,
}

/// Where an application takes sign-outs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleLogout {
    /// Where it is asked.
    pub url: String,
    /// Where it takes answers, if elsewhere.
    pub response_url: Option<String>,
    /// How.
    pub binding: SamlBinding,
}

/// What an administrator decides.
#[expect(clippy::struct_excessive_bools, reason = "what an administrator says yes or no to")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamlSettings {
    /// The application's entity ID, which is the audience of its assertions.
    pub audience: String,
    /// Where it takes them, the default first.
    pub consumers: Vec<AssertionConsumer>,
    /// Who a person is to it.
    pub subject: Subject,
    /// What it is told beside that.
    pub attributes: Vec<AttributeMapping>,
    /// What goes along when a sign-in begins here.
    pub relay_state: Option<String>,
    /// How long its session may last at most, minutes: never longer than the person's own.
    pub session_minutes: Option<u32>,
    /// Whether responses are signed around their assertions.
    pub sign_responses: bool,
    /// Whether assertions are encrypted.
    pub encryption: Option<AssertionEncryption>,
    /// Whether requests that are not signed are refused.
    pub require_signed_requests: bool,
    /// What proves its requests: certificates, DER in base64.
    pub request_certificates: Vec<String>,
    /// Whether signatures of its own with SHA-1 count.
    pub allow_sha1: bool,
    /// Whether what it is told is signed with SHA-1.
    #[serde(default)]
    pub sign_with_sha1: bool,
    /// Where it takes sign-outs.
    pub single_logout: Option<SingleLogout>,
}

impl ContentEncryption {
    /// Whether a text that was altered can be told from one that was not.
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes256Gcm | Self::Aes128Gcm)
    }
}

impl SamlSettings {
    /// Where nothing is decided but whom it is for and where it takes assertions.
    pub fn new(audience: String, consumers: Vec<AssertionConsumer>, format: NameIdFormat) -> Self {
        Self {
            audience,
            consumers,
            subject: Subject { format, value: None },
            attributes: Vec::new(),
            relay_state: None,
            session_minutes: None,
            sign_responses: false,
            encryption: None,
            require_signed_requests: false,
            request_certificates: Vec::new(),
            allow_sha1: false,
            sign_with_sha1: false,
            single_logout: None,
        }
    }

    /// What can hold; each refusal names the field. Templates and certificates are the caller's to judge.
    pub fn checked(mut self) -> Result<Self, Fault> {
        self.audience = called("Audience", &self.audience, ENTITY_ID_MAX)?;
        if self.consumers.is_empty() {
            return Err(Fault::validation("AssertionConsumerServices has 0 entries, 1 at least"));
        }
        most("AssertionConsumerServices", self.consumers.len(), CONSUMERS_MAX)?;
        for consumer in &self.consumers {
            checked_url("AssertionConsumerServices", &consumer.url)?;
        }
        let indexes: Vec<String> = self.consumers.iter().map(|consumer| consumer.index.to_string()).collect();
        unique("AssertionConsumerServices.Index", indexes.iter().map(String::as_str))?;
        unique("AssertionConsumerServices.Url", self.consumers.iter().map(|consumer| consumer.url.as_str()))?;
        if self.subject.format == NameIdFormat::Transient && self.subject.value.is_some() {
            return Err(Fault::validation(
                "Subject.Value goes with no Subject.Format TRANSIENT: such an identifier is random",
            ));
        }
        most("AttributeMappings", self.attributes.len(), ATTRIBUTES_MAX)?;
        for attribute in &mut self.attributes {
            attribute.name = called("AttributeMappings.Name", &attribute.name, 256)?;
        }
        unique("AttributeMappings.Name", self.attributes.iter().map(|attribute| attribute.name.as_str()))?;
        if let Some(state) = &self.relay_state
            && (state.is_empty()
                || state.chars().count() > RELAY_STATE_MAX
                || state.chars().any(char::is_control))
        {
            return Err(Fault::validation(format!(
                "RelayState must have 1 to {RELAY_STATE_MAX} characters and none that cannot be seen; it has {}",
                state.chars().count()
            )));
        }
        if let Some(minutes) = self.session_minutes.filter(|minutes| !SESSION_MINUTES.contains(minutes)) {
            return Err(Fault::validation(format!(
                "SessionDurationMinutes is {minutes}, {} to {} are possible",
                SESSION_MINUTES.start(),
                SESSION_MINUTES.end()
            )));
        }
        most("RequestCertificates", self.request_certificates.len(), REQUEST_CERTIFICATES_MAX)?;
        if self.require_signed_requests && self.request_certificates.is_empty() {
            return Err(Fault::validation(
                "RequireSignedRequests needs RequestCertificates: nothing else proves a request",
            ));
        }
        if self.encryption.as_ref().is_some_and(|it| !it.content.is_authenticated()) && !self.sign_responses {
            return Err(Fault::validation(
                "Encryption.ContentAlgorithm with CBC needs SignResponses: of an unsigned response, whoever alters it could learn from the application's answers what it says",
            ));
        }
        if let Some(logout) = &self.single_logout {
            checked_url("SingleLogoutService.Url", &logout.url)?;
            logout
                .response_url
                .iter()
                .try_for_each(|url| checked_url("SingleLogoutService.ResponseUrl", url))?;
            if self.request_certificates.is_empty() {
                return Err(Fault::validation(
                    "SingleLogoutService needs RequestCertificates: whoever could sign people out without proof could sign out everybody",
                ));
            }
        }
        Ok(self)
    }

    /// The address that an answer goes to: the one that a request names, or the default. None of another goes anywhere.
    pub fn consumer(&self, url: Option<&str>, index: Option<u16>) -> Option<&AssertionConsumer> {
        match (url, index) {
            (Some(url), _) => self.consumers.iter().find(|consumer| consumer.url == url),
            (None, Some(index)) => self.consumers.iter().find(|consumer| consumer.index == index),
            (None, None) => self.consumers.first(),
        }
    }
}

/// An address that a browser may be sent to. Without TLS whoever is between reads what a person is to an application, and changes where it goes: only an
/// application on the browser's own machine is reached so.
fn checked_url(field: &str, url: &str) -> Result<(), Fault> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let is_plain =
        url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'#'));
    if url.len() <= URL_MAX && is_plain && !host.is_empty() && !host.contains('@') {
        let is_safe = url.starts_with("https://") || is_loopback(host);
        return if is_safe {
            Ok(())
        } else {
            Err(Fault::validation(format!(
                "{field} must begin with https://: http:// is for localhost, 127.0.0.1 and [::1]; it is on {host}"
            )))
        };
    }
    Err(Fault::validation(format!(
        "{field} must be an address that begins with https:// or http://, without a name before its host or a fragment, of {URL_MAX} characters at most; it has {}",
        url.chars().count()
    )))
}

/// Whether a host, with or without a port, is the browser's own machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(host, |(name, _)| name),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "::1"
}

/// An application's settings as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlApplication {
    /// The application.
    pub application_id: ApplicationId,
    /// What was decided.
    pub settings: SamlSettings,
    /// When.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SamlSettings {
        SamlSettings {
            audience: "https://app.example/saml".into(),
            consumers: vec![
                AssertionConsumer { url: "https://app.example/acs".into(), index: 0 },
                AssertionConsumer { url: "https://app.example/acs2?x=1".into(), index: 7 },
            ],
            subject: Subject { format: NameIdFormat::EmailAddress, value: Some("${user:email}".into()) },
            attributes: vec![],
            relay_state: None,
            session_minutes: None,
            sign_responses: false,
            encryption: None,
            require_signed_requests: false,
            request_certificates: vec![],
            allow_sha1: false,
            sign_with_sha1: false,
            single_logout: None,
        }
    }

    #[test]
    fn an_answer_goes_to_an_address_of_the_settings_alone() {
        let settings = settings().checked().unwrap();
        let to = |url, index| settings.consumer(url, index).map(|consumer| consumer.index);
        assert_eq!(to(None, None), Some(0));
        assert_eq!(to(Some("https://app.example/acs2?x=1"), None), Some(7));
        assert_eq!(to(None, Some(7)), Some(7));
        for url in ["https://app.example/acs/", "https://app.example/ACS", "https://app.example.evil/acs", ""]
        {
            assert_eq!(to(Some(url), None), None, "{url}");
        }
        assert_eq!(to(None, Some(1)), None);
    }

    #[test]
    fn what_cannot_hold_is_refused_by_its_field() {
        let refused = |field: &str, change: fn(&mut SamlSettings)| {
            let mut bad = settings();
            change(&mut bad);
            let fault = bad.checked().unwrap_err();
            assert!(fault.message().starts_with(field), "{field}: {fault}");
        };
        refused("Audience", |bad| bad.audience = " ".into());
        refused("AssertionConsumerServices", |bad| bad.consumers.clear());
        for url in
            ["ftp://x", "https://", "https://a@b/", "https://a/#b", "https://a b", "javascript:x", "//a"]
        {
            let mut bad = settings();
            bad.consumers[0].url = url.into();
            assert!(bad.checked().is_err(), "{url}");
        }
        for url in
            ["http://app.example/", "http://localhost.evil/", "http://127.0.0.1.evil/", "http://10.0.0.1/"]
        {
            let mut bad = settings();
            bad.consumers[0].url = url.into();
            let fault = bad.checked().unwrap_err();
            assert!(fault.message().contains("must begin with https://"), "{url}: {fault}");
        }
        for url in ["http://localhost:8080/acs", "http://127.0.0.1/acs", "http://[::1]:80/acs"] {
            let mut good = settings();
            good.consumers[0].url = url.into();
            assert!(good.checked().is_ok(), "{url}");
        }
        refused("AssertionConsumerServices.Index", |bad| bad.consumers[1].index = 0);
        refused("AssertionConsumerServices.Url", |bad| bad.consumers[1].url = bad.consumers[0].url.clone());
        refused("Subject.Value", |bad| bad.subject.format = NameIdFormat::Transient);
        refused("RelayState", |bad| bad.relay_state = Some("a".repeat(RELAY_STATE_MAX + 1)));
        refused("SessionDurationMinutes", |bad| bad.session_minutes = Some(4));
        refused("RequireSignedRequests", |bad| bad.require_signed_requests = true);
        refused("Encryption.ContentAlgorithm", |bad| {
            let (content, key) = (ContentEncryption::Aes128Cbc, KeyEncryption::OaepMgf1p);
            bad.encryption = Some(AssertionEncryption { certificate: String::new(), content, key });
        });
        refused("SingleLogoutService", |bad| {
            let binding = SamlBinding::Redirect;
            bad.single_logout =
                Some(SingleLogout { url: "https://app.example/slo".into(), response_url: None, binding });
        });
    }
}
