//! What is decided of an application that speaks OpenID Connect as a form has it: addresses and claims a line each.

use edge_portal::words::language::Language;
use serde_json::{Value, json};

use crate::field::Spec;
use crate::fields::Fields;
use crate::lines::{
    filled, halves, is_carried, lines, number, text, texts, typed_number, without_nulls, words,
};
use crate::sheet::{Blank, Choice, Sheet, word};

const fn spec(name: &'static str, label: &'static str, named: &'static str, kind: &'static str) -> Spec {
    Spec { name, label, named, required: false, kind }
}

const AUTHENTICATION: Choice = Choice {
    name: "authentication",
    label: "app-oidc-authentication",
    options: &[
        ("CLIENT_SECRET", "app-oidc-secret"),
        ("PRIVATE_KEY_JWT", "app-oidc-private-key"),
        ("NONE", "app-oidc-none"),
    ],
};
const ALGORITHM: Choice = Choice {
    name: "algorithm",
    label: "app-oidc-algorithm",
    options: &[("RS256", "app-oidc-rs256"), ("ES256", "app-oidc-es256")],
};

/// The form.
pub(crate) const BLANK: Blank = Blank {
    specs: &[
        spec("redirect_uris", "app-oidc-redirect-uris", "redirecturis", "textarea"),
        spec("logout_uris", "app-oidc-logout-uris", "postlogoutredirecturis", "textarea"),
        spec("back_channel_logout_uri", "app-oidc-back-channel", "backchannellogouturi", "url"),
        Spec { name: "scopes", label: "app-oidc-scopes", named: "scopes", required: true, kind: "text" },
        spec("claims", "app-oidc-claims", "claimmappings", "textarea"),
        spec("key_set", "app-oidc-key-set", "keyset", "textarea"),
        spec("token_minutes", "app-oidc-token-minutes", "accesstokenminutes", "number"),
    ],
    boxes: &[
        "refresh_tokens",
        "without_pkce",
        "client_credentials",
        "device_code",
        "pushed_requests",
        "dpop_bound_tokens",
    ],
    choices: &[AUTHENTICATION, ALGORITHM],
};

/// What is in force, or would be: what GetApplicationOidcConfiguration answers of it.
pub(crate) fn of(language: Language, now: &Value) -> Sheet {
    let ticked = |is: bool| if is { "yes".to_owned() } else { String::new() };
    let granted = |grant: &str| ticked(texts(&now["FurtherGrants"]).lines().any(|one| one == grant));
    let scopes = texts(&now["Scopes"]).replace('\n', " ");
    let pairs = [
        ("redirect_uris", texts(&now["RedirectUris"])),
        ("logout_uris", texts(&now["PostLogoutRedirectUris"])),
        ("scopes", if scopes.is_empty() { "openid profile email".to_owned() } else { scopes }),
        ("claims", lines(&now["ClaimMappings"], claim)),
        ("key_set", text(now, "KeySet")),
        ("token_minutes", number(now, "AccessTokenMinutes")),
        ("authentication", text(now, "ClientAuthentication")),
        ("algorithm", text(now, "SigningAlgorithm")),
        ("refresh_tokens", ticked(now["RefreshTokens"] == true)),
        ("without_pkce", ticked(now["RequirePkce"] == false)),
        ("client_credentials", granted("CLIENT_CREDENTIALS")),
        ("device_code", granted("DEVICE_CODE")),
        ("pushed_requests", ticked(now["RequirePushedRequests"] == true)),
        ("dpop_bound_tokens", ticked(now["DpopBoundTokens"] == true)),
        ("back_channel_logout_uri", text(now, "BackChannelLogoutUri")),
    ];
    Sheet::of(language, &BLANK, &pairs)
}

/// `account = acme-${user:subject}`; with which scope it is told in brackets, where with one: `roles [groups] = ${user:groupNames}`.
fn claim(one: &Value) -> String {
    let scope = one["Scope"].as_str().map(|scope| format!(" [{scope}]")).unwrap_or_default();
    format!("{}{scope} = {}", text(one, "Name"), text(one, "Value"))
}

/// Such lines as the operation takes them.
fn claims(text: &str) -> Vec<Value> {
    let claims = halves(text).map(|(name, value)| {
        let bracketed = name.strip_suffix(']').and_then(|name| name.rsplit_once(" ["));
        let (name, scope) = bracketed.map_or((name, None), |(name, scope)| (name, Some(scope)));
        json!({ "Name": name.trim(), "Value": value, "Scope": scope })
    });
    claims.map(without_nulls).collect()
}

/// What of it the form cannot carry: whoever saves the form would change that.
pub(crate) fn uncarried(now: &Value) -> Option<&'static str> {
    let is_carried = is_carried(&now["ClaimMappings"], claim, claims);
    (!is_carried).then_some("ClaimMappings")
}

/// What the operation takes, of what was typed.
pub(crate) fn configuration(typed: &Fields) -> Value {
    let grants = [("client_credentials", "CLIENT_CREDENTIALS"), ("device_code", "DEVICE_CODE")];
    let grants = grants.into_iter().filter(|(name, _)| typed.is_ticked(name));
    without_nulls(json!({
        "RedirectUris": filled(typed.whole("redirect_uris")).collect::<Vec<_>>(),
        "PostLogoutRedirectUris": filled(typed.whole("logout_uris")).collect::<Vec<_>>(),
        "ClientAuthentication": word(&AUTHENTICATION, typed),
        "KeySet": typed.some("key_set"),
        "RequirePkce": !typed.is_ticked("without_pkce"),
        "RefreshTokens": typed.is_ticked("refresh_tokens"),
        "Scopes": words(typed.text("scopes")),
        "ClaimMappings": claims(typed.whole("claims")),
        "SigningAlgorithm": word(&ALGORITHM, typed),
        "AccessTokenMinutes": typed_number(typed.text("token_minutes")),
        "FurtherGrants": grants.map(|(_, grant)| grant).collect::<Vec<_>>(),
        "RequirePushedRequests": typed.is_ticked("pushed_requests"),
        "DpopBoundTokens": typed.is_ticked("dpop_bound_tokens"),
        "BackChannelLogoutUri": typed.some("back_channel_logout_uri"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_cannot_carry_is_found() {
        let of = |name: &str, value: &str| json!({"ClaimMappings": [{"Name": name, "Value": value}]});
        assert_eq!(uncarried(&Value::Null), None);
        assert_eq!(uncarried(&of("urn:x=y", "a = ${user:subject}")), None);
        for (name, value) in [("a = b", "x"), ("a", "x\ny"), ("a", "x\ry"), ("a", " x")] {
            assert_eq!(uncarried(&of(name, value)), Some("ClaimMappings"), "{name} {value}");
        }
    }

    #[test]
    fn what_is_in_force_is_what_is_sent_again() {
        let now = json!({
            "RedirectUris": ["https://w.example/callback", "http://127.0.0.1/callback"], "PostLogoutRedirectUris": ["https://w.example/"],
            "ClientAuthentication": "PRIVATE_KEY_JWT", "KeySet": "{\"keys\":[]}", "RequirePkce": false, "RefreshTokens": true,
            "Scopes": ["openid", "groups"],
            "ClaimMappings": [{"Name": "account", "Value": "a=${user:subject}"}, {"Name": "roles", "Value": "${user:groupNames}", "Scope": "groups"}],
            "SigningAlgorithm": "ES256", "AccessTokenMinutes": 15, "FurtherGrants": ["DEVICE_CODE"], "RequirePushedRequests": true,
            "DpopBoundTokens": true, "BackChannelLogoutUri": "https://w.example/ended",
        });
        let form = of(Language::English, &now);
        let texts =
            BLANK.specs.iter().filter_map(|spec| Some((spec.name, form.field(spec.name)?.value.as_str())));
        let words = BLANK.choices.iter().filter_map(|choice| {
            let options = &form.choice(choice.name)?.options;
            options.iter().find(|(.., is_it)| *is_it).map(|(word, ..)| (choice.name, *word))
        });
        let boxes = BLANK.boxes.iter().filter(|name| form.has(name)).map(|name| (*name, "yes"));
        assert_eq!(configuration(&Fields::of(texts.chain(words).chain(boxes))), now);
    }
}
