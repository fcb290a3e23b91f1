//! What is decided of an identity provider as a form has it: lists are lines, rules are lines with an equals sign.

use edge_portal::words::language::Language;
use serde_json::{Value, json};

use crate::field::{Field, Spec};
use crate::fields::Fields;
use crate::lines::{lines, rule_text, rules, text, texts, without_nulls, words};

/// What it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// SAML 2.0.
    Saml,
    /// OpenID Connect.
    Oidc,
}

impl Speaks {
    /// As an address names it.
    pub(crate) fn of(text: &str) -> Self {
        if text == "oidc" { Self::Oidc } else { Self::Saml }
    }

    /// The same.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::Oidc => "oidc",
        }
    }
}

const fn spec(name: &'static str, label: &'static str, named: &'static str, kind: &'static str) -> Spec {
    Spec { name, label, named, required: false, kind }
}

/// The fields that both have.
pub(crate) const COMMON: [Spec; 7] = [
    Spec { name: "name", label: "idp-name", named: "name", required: true, kind: "text" },
    spec("domains", "idp-domains", "domains", "textarea"),
    spec("subject_from", "idp-subject-from", "subjectfrom", "text"),
    spec("attributes", "idp-attributes", "attributes", "textarea"),
    spec("groups_from", "idp-groups-from", "groupsfrom", "text"),
    spec("groups", "idp-groups", "groups", "textarea"),
    spec("tags", "idp-tags", "sessiontags", "textarea"),
];
/// Those of SAML.
pub(crate) const SAML: [Spec; 2] = [
    spec("metadata_url", "idp-metadata-url", "metadataurl", "url"),
    spec("metadata_xml", "idp-metadata-xml", "metadata", "textarea"),
];
/// Those of OpenID Connect.
pub(crate) const OIDC: [Spec; 4] = [
    spec("issuer", "idp-issuer", "issuer", "url"),
    spec("client_id", "idp-client-id", "clientid", "text"),
    spec("password_client", "idp-client-secret", "clientsecret", "password"),
    spec("scopes", "idp-scopes", "scopes", "text"),
];

/// Words for boxes: their names in the form and in the API.
const BOXES: [(&str, &str); 4] = [
    ("any_domain", "AnyDomain"),
    ("required", "RequiredForDomains"),
    ("hidden", "Hidden"),
    ("trust_mfa", "TrustMfa"),
];
const SAML_BOXES: [(&str, &str); 4] = [
    ("sign_requests", "SignRequests"),
    ("allow_unsolicited", "AllowUnsolicited"),
    ("allow_sha1", "AllowSha1"),
    ("allow_aes_cbc", "AllowAesCbc"),
];

/// The form.
pub(crate) struct Form {
    pub(crate) speaks: Speaks,
    pub(crate) fields: Vec<Field>,
    pub(crate) specs: Vec<Spec>,
    pub(crate) ticked: Vec<&'static str>,
    pub(crate) subject: String,
    pub(crate) authentication: String,
}

impl Form {
    /// How we prove ourselves at a token endpoint: the API's words, and the protocol's.
    pub(crate) const AUTHENTICATIONS: [(&'static str, &'static str); 3] = [
        ("CLIENT_SECRET_BASIC", "client_secret_basic"),
        ("CLIENT_SECRET_POST", "client_secret_post"),
        ("NONE", "none"),
    ];

    /// An empty one.
    pub(crate) fn new(language: Language, speaks: Speaks) -> Self {
        let fields = Fields::of([
            ("subject", "USER_NAME"),
            ("authentication", "CLIENT_SECRET_BASIC"),
            ("scopes", "profile email"),
        ]);
        Self::typed(language, speaks, &fields)
    }

    /// What was typed.
    pub(crate) fn typed(language: Language, speaks: Speaks, typed: &Fields) -> Self {
        let own: &[Spec] = match speaks {
            Speaks::Saml => &SAML,
            Speaks::Oidc => &OIDC,
        };
        let specs: Vec<Spec> = COMMON[..1].iter().chain(own).chain(&COMMON[1..]).copied().collect();
        let value = |spec: &Spec| if spec.kind == "password" { "" } else { typed.whole(spec.name) };
        let boxes = BOXES.iter().chain(&SAML_BOXES).map(|(name, _)| *name).chain(["create", "update"]);
        Self {
            speaks,
            fields: specs.iter().map(|spec| Field::new(language, spec, value(spec))).collect(),
            ticked: boxes.filter(|name| typed.is_ticked(name)).collect(),
            subject: typed.text("subject").to_owned(),
            authentication: typed.text("authentication").to_owned(),
            specs,
        }
    }

    /// As it is in force: what DescribeExternalIdPConfigurationForDirectory answers of it.
    pub(crate) fn of(language: Language, now: &Value) -> Self {
        let speaks = if now.get("Oidc").is_some() { Speaks::Oidc } else { Speaks::Saml };
        let (saml, oidc, arrivals) = (&now["Saml"], &now["Oidc"], &now["Arrivals"]);
        let mut pairs: Vec<(&str, String)> = vec![
            ("name", text(now, "Name")),
            ("domains", texts(&now["Domains"])),
            ("subject", text(now, "Subject")),
            ("subject_from", text(now, "SubjectFrom")),
            ("attributes", lines(&arrivals["Attributes"], |rule| rule_text(rule, ("Attribute", "From")))),
            ("groups_from", text(arrivals, "GroupsFrom")),
            ("groups", lines(&arrivals["Groups"], |rule| rule_text(rule, ("Value", "GroupId")))),
            ("tags", lines(&now["SessionTags"], |rule| rule_text(rule, ("Key", "From")))),
            ("metadata_url", text(saml, "MetadataUrl")),
            ("issuer", text(oidc, "Issuer")),
            ("client_id", text(oidc, "ClientId")),
            ("authentication", text(oidc, "ClientAuthentication")),
            ("scopes", texts(&oidc["Scopes"]).replace('\n', " ")),
        ];
        let is = |value: &Value, member: &str| value[member].as_bool().unwrap_or_default();
        let boxes = BOXES.iter().map(|(name, member)| (*name, is(now, member)));
        let own = SAML_BOXES.iter().map(|(name, member)| (*name, is(saml, member)));
        let more = [("create", is(arrivals, "Create")), ("update", is(arrivals, "Update"))];
        let ticked =
            boxes.chain(own).chain(more).filter(|(_, is)| *is).map(|(name, _)| (name, "yes".to_owned()));
        pairs.extend(ticked);
        Self::typed(language, speaks, &Fields::of(pairs.iter().map(|(name, value)| (*name, value.as_str()))))
    }

    /// Whether a box is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.ticked.contains(&name)
    }
}

/// What the operations take, of what was typed.
pub(crate) fn configuration(speaks: Speaks, typed: &Fields) -> Value {
    let mut all = json!({
        "Name": typed.text("name"),
        "Domains": words(typed.text("domains")),
        "Subject": typed.text("subject"),
        "SubjectFrom": typed.some("subject_from"),
        "Arrivals": {
            "Create": typed.is_ticked("create"), "Update": typed.is_ticked("update"),
            "Attributes": rules(typed.whole("attributes"), ("Attribute", "From")),
            "GroupsFrom": typed.some("groups_from"),
            "Groups": rules(typed.whole("groups"), ("Value", "GroupId")),
        },
        "SessionTags": rules(typed.whole("tags"), ("Key", "From")),
    });
    for (name, member) in BOXES {
        all[member] = Value::from(typed.is_ticked(name));
    }
    match speaks {
        Speaks::Saml => {
            all["Saml"] = json!({
                "MetadataUrl": typed.some("metadata_url"), "MetadataXml": typed.some("metadata_xml"),
            });
            for (name, member) in SAML_BOXES {
                all["Saml"][member] = Value::from(typed.is_ticked(name));
            }
        }
        Speaks::Oidc => {
            all["Oidc"] = json!({
                "Issuer": typed.text("issuer"), "ClientId": typed.text("client_id"),
                "ClientAuthentication": typed.text("authentication"), "Scopes": words(typed.text("scopes")),
            });
        }
    }
    without_nulls(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_is_what_is_sent_again() {
        let now = json!({
            "Name": "Acme", "Domains": ["acme.example", "acme.test"], "AnyDomain": false, "RequiredForDomains": true, "Hidden": false,
            "Subject": "EXTERNAL_ID", "SubjectFrom": "oid", "TrustMfa": true,
            "Arrivals": {
                "Create": true, "Update": false,
                "Attributes": [{"Attribute": "userName", "From": "http://schemas.example/claims/name=x"}],
                "GroupsFrom": "groups", "Groups": [{"Value": "eng", "GroupId": "1"}],
            },
            "SessionTags": [{"Key": "Team", "From": "groups"}],
            "Saml": {"MetadataUrl": "https://idp.example/metadata", "SignRequests": true, "AllowUnsolicited": false, "AllowSha1": false, "AllowAesCbc": true},
        });
        let form = Form::of(Language::English, &now);
        let mut typed: Vec<(&str, &str)> =
            form.fields.iter().map(|field| (field.name, field.value.as_str())).collect();
        typed.extend(form.ticked.iter().map(|name| (*name, "yes")));
        typed.push(("subject", &form.subject));
        assert_eq!(configuration(Speaks::Saml, &Fields::of(typed)), now);
    }
}
