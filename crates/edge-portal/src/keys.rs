//! A role's page: short-lived keys, shown once, and the profile to paste.
//!
//! Keys are asked for by a form and shown by another page, so that going back and forth asks nobody to send a form again. In between they travel sealed, in a
//! cookie that lives for a minute, opens for one session and one role, and is taken away by the page that shows it: no address holds a secret, nothing waits on the
//! server, and it needs no script, as `history.replaceState` would.

use accounts::own_access::{Elsewhere, OwnAccess};
use accounts::portal_choices;
use accounts::reaching::reach;
use accounts::role_credentials::Grants;
use accounts::role_sessions::Credentials;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use model::accounts::account::AccountId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use store::sealing::Purpose;

use crate::listing::has_console;
use crate::message::{Frame, fault, render, stale_form};
use crate::open_console::keys_address;
use crate::portal::Portal;
use crate::posted::Posted;
use crate::profile::Of;
use crate::shell::Shell;
use crate::start::own_access;
use crate::visitor::{Visitor, cookie, cookie_name, set_cookie};
use crate::words::moment::Moment;
use crate::words::sentence::Sentence;
use crate::{form, headers, profile, profile_names, sign_in, verify};

/// The cookie that carries keys from the form to the page.
const CARRIED: &str = "portico_keys";
/// How long it lives, seconds.
const CARRIED_SECONDS: u64 = 60;
/// Characters of a cookie's value that every browser keeps (RFC 6265, section 6.1: 4,096 bytes with its name and attributes).
const COOKIE_MAX: usize = 3_800;

struct Keys {
    expires: Moment,
    /// Each shell: what it is called, and its lines.
    shells: [(Sentence, String); 3],
    credentials: String,
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage<'a> {
    frame: Frame,
    account_id: &'a str,
    account_name: &'a str,
    role: &'a str,
    about: &'a str,
    console: bool,
    role_encoded: String,
    profile_name: String,
    commands: String,
    profile: String,
    shared: String,
    variables: String,
    is_elsewhere: bool,
    process: String,
    csrf: String,
    keys: Option<Keys>,
}

/// The role that an address or a form is about.
struct Asked<'a> {
    account: &'a str,
    role: &'a str,
}

impl<'a> Asked<'a> {
    fn read(pairs: &'a [(String, String)]) -> Self {
        let field = |name| form::field(pairs, name).unwrap_or_default();
        Self { account: field("account"), role: field("role") }
    }

    fn account(&self) -> Result<AccountId, Fault> {
        AccountId::parse(self.account).map_err(|_| no_access())
    }

    /// Where the keys of this role are sealed for.
    fn place(&self, session: &PortalSession) -> String {
        format!("keys {} {} {}", session.user.session_id, self.account, self.role)
    }
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("ListAccountRoles");
    let raw = query.unwrap_or_default();
    let Some(session) = &visitor.session else {
        return sign_in::first(&portal, &format!("/start/keys?{raw}"));
    };
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let asked = Asked::read(&pairs);
    let Some(carried) = cookie(&headers, &cookie_name(&portal, CARRIED)) else {
        return page(&portal, &visitor, &asked, None).await;
    };
    let issued = carried_keys(&portal, &asked.place(session), carried);
    let issued = issued.filter(|issued| visitor.cx.now < issued.expires_at);
    let mut response = page(&portal, &visitor, &asked, issued.as_ref()).await;
    set_cookie(&portal, &mut response, CARRIED, "", Some(0));
    response
}

pub(crate) async fn issue(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers: head, body, .. } = sent;
    let visitor = visitor.doing("GetRoleCredentials");
    let Some(session) = &visitor.session else { return sign_in::first(&portal, "/start") };
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &head)) else {
        return stale_form(&portal, &visitor);
    };
    let asked = Asked::read(&pairs);
    let account = match asked.account() {
        Ok(account) => account,
        Err(refused) => return fault(&portal, &visitor, &refused),
    };
    let own_address = keys_address(&account, asked.role);
    match signin::devices::has_proved_lately(&portal.store, &visitor.cx, session) {
        Ok(true) => {}
        Ok(false) => return verify::first(&portal, &own_address),
        Err(refused) => return fault(&portal, &visitor, &refused),
    }
    let issued = match credentials(&portal, &visitor, &account, asked.role).await {
        Ok(issued) => issued,
        Err(refused) => return *refused,
    };
    match carried(&portal, &visitor, &asked.place(session), &issued) {
        Ok(value) if value.len() <= COOKIE_MAX => {
            let mut response = headers::redirect(&own_address, portal.is_secure());
            set_cookie(&portal, &mut response, CARRIED, &value, Some(CARRIED_SECONDS));
            response
        }
        // No name is so long; should one be, the keys are shown by the answer to the form.
        Ok(_) => page(&portal, &visitor, &asked, Some(&issued)).await,
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// Credentials of a role, handed out and remembered; or what is answered instead. Those of a connected account its own STS gives.
async fn credentials(
    portal: &Portal,
    visitor: &Visitor,
    account: &AccountId,
    role: &str,
) -> Result<Credentials, Box<Response>> {
    let refused = |refused: &Fault| Box::new(fault(portal, visitor, refused));
    let own = own_access(portal, visitor).await?;
    visitor.cx.event().detail("role_name", role);
    visitor.cx.event().detail("account_id", account.as_str());
    if own.role(account.as_str(), role).is_none() {
        return Err(refused(&no_access()));
    }
    let reach = || reach(&portal.outbound, portal.clock.clone());
    let issued = Grants::default().issue_anywhere(&portal.store, (&visitor.cx, reach), account, role).await;
    let (minted, used) = match issued {
        Ok(issued) => issued,
        // What the account said is for its administrator, who hears of it from whoever was refused.
        Err(why) if matches!(why.kind(), FaultKind::Forbidden) && own.elsewhere(account).is_none() => {
            return Err(refused(&no_access()));
        }
        Err(why) => return Err(refused(&why)),
    };
    let issued = portal.recorder.release(&visitor.cx, minted).await.map_err(|why| refused(&why))?;
    used.note(&portal.store, &visitor.cx).await;
    remember(portal, visitor, account, role).await;
    Ok(issued)
}

/// Puts the role first on the person's portal. Whether that goes well decides nothing: the keys are made.
pub(crate) async fn remember(portal: &Portal, visitor: &Visitor, account: &AccountId, role: &str) {
    if let Err(refused) = portal_choices::took(&portal.store, &visitor.cx, account, role).await {
        tracing::warn!(%refused, context = refused.context(), "a role that was taken is not remembered");
    }
}

/// Keys as the cookie carries them.
fn carried(portal: &Portal, visitor: &Visitor, place: &str, issued: &Credentials) -> Result<String, Fault> {
    let plain = zeroize::Zeroizing::new(format!(
        "{}\n{}\n{}\n{}",
        issued.access_key_id,
        issued.secret_access_key.expose(),
        issued.session_token.expose(),
        issued.expires_at.micros()
    ));
    let keyring = portal.store.keyring();
    let sealed = keyring.seal(visitor.cx.entropy(), Purpose::Form, place, plain.as_bytes())?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// The keys that a cookie carries, if it was made for this place.
fn carried_keys(portal: &Portal, place: &str, value: &str) -> Option<Credentials> {
    let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
    let plain = portal.store.keyring().open(Purpose::Form, place, &sealed)?;
    let mut lines = std::str::from_utf8(&plain).ok()?.split('\n');
    Some(Credentials {
        access_key_id: lines.next()?.to_owned(),
        secret_access_key: Secret::new(lines.next()?),
        session_token: Secret::new(lines.next()?),
        expires_at: Timestamp::from_micros(lines.next()?.parse().ok()?),
    })
}

fn no_access() -> Fault {
    Fault::say(FaultKind::Forbidden, Saying::NoSuchRole)
}

async fn page(
    portal: &Portal,
    visitor: &Visitor,
    asked: &Asked<'_>,
    issued: Option<&Credentials>,
) -> Response {
    let own = match own_access(portal, visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    shown(portal, visitor, (&own, asked), issued)
}

fn shown(
    portal: &Portal,
    visitor: &Visitor,
    (own, asked): (&OwnAccess, &Asked<'_>),
    issued: Option<&Credentials>,
) -> Response {
    let Some((account, role)) = own.role(asked.account, asked.role) else {
        return fault(portal, visitor, &no_access());
    };
    visitor.saw(portal, "ListAccountRoles");
    let name = profile_names::usual_name(own, account, &role.name);
    let section = format!("{}_{}", account.id, role.name);
    let elsewhere = own.elsewhere(&account.id);
    let of = Of { account: &account.id, elsewhere, role: &role.name };
    let page = KeysPage {
        frame: Frame::new(portal, visitor),
        account_id: account.id.as_str(),
        account_name: &account.name,
        role: &role.name,
        about: role.description.as_deref().unwrap_or_default(),
        console: has_console(portal, &account.id),
        role_encoded: form::encoded(&role.name),
        commands: profile::commands(portal, &name, of),
        profile: profile::section(portal, &name, of),
        shared: profile::shared_with(portal, &account.id, elsewhere),
        variables: profile::variables(portal, elsewhere),
        is_elsewhere: elsewhere.is_some(),
        process: format!("credential_process = aws configure export-credentials --profile {name}"),
        profile_name: name,
        csrf: visitor.csrf(portal),
        keys: issued.map(|issued| keys(portal, visitor, issued, (&section, elsewhere))),
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

fn keys(
    portal: &Portal,
    visitor: &Visitor,
    issued: &Credentials,
    (section, elsewhere): (&str, Option<&Elsewhere>),
) -> Keys {
    let (id, secret, token) =
        (&issued.access_key_id, issued.secret_access_key.expose(), issued.session_token.expose());
    let region = profile::region_of(portal, elsewhere);
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_SESSION_TOKEN", token),
        ("AWS_REGION", region),
        // Not every program reads the other.
        ("AWS_DEFAULT_REGION", region),
    ];
    // Where every call goes, if there is one such place.
    let endpoint = match elsewhere {
        // The keys are good here only: whatever the shell calls goes here, so that no token of ours reaches Amazon. The Go SDK does not heed
        // the variable for all services where it takes a further role, hence the one for STS.
        None => {
            let endpoint = portal.signin.endpoint.as_str();
            variables.extend([("AWS_ENDPOINT_URL", endpoint), ("AWS_ENDPOINT_URL_STS", endpoint)]);
            Some(endpoint)
        }
        // They are good there only.
        Some(Elsewhere { iam_endpoint, sts_endpoint, .. }) => {
            let own = [("AWS_ENDPOINT_URL_STS", sts_endpoint), ("AWS_ENDPOINT_URL_IAM", iam_endpoint)];
            variables.extend(own.into_iter().filter_map(|(name, place)| Some((name, place.as_deref()?))));
            iam_endpoint.as_deref().filter(|place| Some(*place) == sts_endpoint.as_deref())
        }
    };
    let endpoint = endpoint.map(|endpoint| format!("endpoint_url = {endpoint}\n")).unwrap_or_default();
    let shells = [
        (visitor.language.say("keys-posix"), Shell::Posix),
        (visitor.language.say("keys-powershell"), Shell::Pwsh),
        (visitor.language.say("keys-cmd"), Shell::Cmd),
    ];
    Keys {
        expires: visitor.language.moment(issued.expires_at, visitor.cx.now),
        shells: shells.map(|(name, shell)| (name, shell.set(variables.iter().copied()))),
        credentials: format!(
            "[{section}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n\
             region = {region}\n{endpoint}"
        ),
    }
}
