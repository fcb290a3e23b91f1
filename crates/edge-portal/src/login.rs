//! `/v1/authorize`: where `aws login` sends a browser. The person signs in, chooses an account and a role, and the answer goes to the AWS CLI: by a
//! redirect to this machine, or shown, to be carried to another one.

use accounts::own_access::OwnAccess;
use accounts::role_credentials::Grants;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use model::accounts::account::AccountId;
use model::fault::{Fault, FaultKind};
use model::limits::LOGIN_CODE_CARRIED;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::console_login::{ChosenRole, LoginClient};
use signin::authorize::Refusal;
use signin::login_requests::{self, Answer, LoginRequest};

use crate::authorize::origin;
use crate::form::encoded;
use crate::listing::{self, AccountRow, rows};
use crate::message::{Frame, fault, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::start::own_access;
use crate::visitor::Visitor;
use crate::words::sentence::minutes;
use crate::{form, headers, keys, message, sign_in};

/// Where the page is.
pub(crate) const PATH: &str = "/v1/authorize";
/// What CloudTrail calls a person's answer.
const EVENT: &str = "AuthorizeOAuth2Access";
/// What stands behind the question in a URL, beside what the AWS CLI asks: the search.
const SEARCH: &str = "q";
const PAGE: &str = "page";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    frame: Frame,
    notice: Option<&'a str>,
    remote: bool,
    program: &'static str,
    sends_to: Option<&'a str>,
    who: &'a str,
    /// The parameters of the question, to come along with a search.
    asked: Vec<&'a (String, String)>,
    query: &'a str,
    total: usize,
    found: usize,
    page: usize,
    pages: usize,
    accounts: Vec<AccountRow>,
    /// There is one role to choose.
    only: bool,
    action: &'a str,
    csrf: String,
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage<'a> {
    frame: Frame,
    code: &'a str,
    account: &'a str,
    role: &'a str,
    minutes: usize,
}

/// Reads the request again on each step: what a form says of it is never believed.
fn open(
    portal: &Portal,
    visitor: &Visitor,
    pairs: &[(String, String)],
) -> Result<LoginRequest, Box<Response>> {
    login_requests::open(&portal.signin, pairs).map_err(|refusal| match refusal {
        Refusal::Page(refused) => Box::new(fault(portal, visitor, &refused)),
        Refusal::Redirect(to) => Box::new(headers::redirect(&to, portal.is_secure())),
    })
}

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing_of("signin.amazonaws.com", EVENT);
    let raw = query.unwrap_or_default();
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let request = match open(&portal, &visitor, &pairs) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    if visitor.session.is_none() {
        return sign_in::first(&portal, &format!("{PATH}?{raw}"));
    }
    let asked = Asked { request: &request, raw: &raw, pairs: &pairs };
    page(&portal, &visitor, &asked, None).await
}

/// A question, and the URL that it came in.
struct Asked<'a> {
    request: &'a LoginRequest,
    raw: &'a str,
    pairs: &'a [(String, String)],
}

impl LoginPage<'_> {
    /// The address of another page of the same.
    fn at(&self, page: usize) -> String {
        let mut pairs: Vec<String> =
            self.asked.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        if !self.query.is_empty() {
            pairs.push(format!("{SEARCH}={}", encoded(self.query)));
        }
        pairs.push(format!("{PAGE}={page}"));
        format!("{PATH}?{}", pairs.join("&"))
    }
}

async fn page(portal: &Portal, visitor: &Visitor, asked: &Asked<'_>, notice: Option<&str>) -> Response {
    let search = match listing::Asked::read(asked.pairs) {
        Ok(search) => search,
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let own = match own_access(portal, visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    visitor.saw(portal, "ViewAuthorizeClient");
    let found = own.search(&search.wanted, &[], search.page);
    let accounts = match rows(portal, &found, &[]) {
        Ok(accounts) => accounts,
        Err(refused) => return fault(portal, visitor, &refused),
    };
    let remote = asked.request.client == LoginClient::CrossDevice;
    let origin = if remote { None } else { origin(&asked.request.redirect_uri) };
    let page = LoginPage {
        frame: Frame::new(portal, visitor),
        notice,
        remote,
        program: asked.request.client.name(),
        sends_to: (!remote).then(|| origin.as_deref().unwrap_or(&asked.request.redirect_uri)),
        who: visitor.session.as_ref().map_or("", |session| &session.user_name),
        asked: asked.pairs.iter().filter(|(name, _)| name != SEARCH && name != PAGE).collect(),
        query: search.query,
        total: own.len(),
        found: found.total,
        page: found.page,
        pages: found.pages,
        accounts,
        only: is_one_role(&own),
        action: &format!("{PATH}?{}", asked.raw),
        csrf: visitor.csrf(portal),
    };
    let status = if notice.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    render(portal, visitor, status, &page, origin.as_deref())
}

fn is_one_role(own: &OwnAccess) -> bool {
    own.roles_in_all() == 1
}

pub(crate) async fn submit(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, query: raw, body } = sent;
    let visitor = visitor.doing_of("signin.amazonaws.com", EVENT);
    let Some(session) = visitor.session.clone() else {
        return sign_in::first(&portal, &format!("{PATH}?{raw}"));
    };
    let Some(fields) = form::pairs(&body).filter(|fields| visitor.sent(&portal, fields, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let request = match open(&portal, &visitor, &pairs) {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    let context = (&visitor.cx, &portal.signin);
    if form::field(&fields, "decision") != Some("approve") {
        return match login_requests::deny(&portal.store, context, &session, &request).await {
            Ok(to) => denied(&portal, &visitor, &request, to.as_deref()),
            Err(refused) => fault(&portal, &visitor, &refused),
        };
    }
    let Some(chosen) = form::field(&fields, "role").and_then(chosen) else {
        let asked = Asked { request: &request, raw: &raw, pairs: &pairs };
        let notice = visitor.language.say("login-choose").to_string();
        return page(&portal, &visitor, &asked, Some(&notice)).await;
    };
    if let Err(refused) = Grants::default().allow_login(&portal.store, &visitor.cx, &chosen, request.client) {
        return refuse(&portal, &visitor, &refused);
    }
    match login_requests::approve(&portal.store, context, &session, &request, chosen.clone()).await {
        Ok(answer) => {
            keys::remember(&portal, &visitor, &chosen.account_id, &chosen.role_name).await;
            match answer {
                Answer::Redirect(to) => send(&portal, &visitor, &request, &to),
                Answer::Show(code) => show_code(&portal, &visitor, &code, &chosen),
            }
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// `<account>/<role>`, as the page offers it.
fn chosen(value: &str) -> Option<ChosenRole> {
    let (account, role) = value.split_once('/')?;
    Some(ChosenRole { account_id: AccountId::parse(account).ok()?, role_name: role.to_owned() })
}

fn refuse(portal: &Portal, visitor: &Visitor, refused: &Fault) -> Response {
    if !matches!(refused.kind(), FaultKind::Forbidden) {
        return fault(portal, visitor, refused);
    }
    fault(portal, visitor, &Fault::say(FaultKind::Forbidden, Saying::NoSuchRole))
}

fn send(portal: &Portal, visitor: &Visitor, request: &LoginRequest, to: &str) -> Response {
    if origin(&request.redirect_uri).is_none() {
        return message::go_on(portal, visitor, to);
    }
    headers::redirect(to, portal.is_secure())
}

fn denied(portal: &Portal, visitor: &Visitor, request: &LoginRequest, to: Option<&str>) -> Response {
    let told = || message::denied(portal, visitor, visitor.language.say("login-denied"));
    to.map_or_else(told, |to| send(portal, visitor, request, to))
}

fn show_code(portal: &Portal, visitor: &Visitor, code: &Secret, chosen: &ChosenRole) -> Response {
    let page = CodePage {
        frame: Frame::new(portal, visitor),
        code: code.expose(),
        account: chosen.account_id.as_str(),
        role: &chosen.role_name,
        minutes: minutes(LOGIN_CODE_CARRIED),
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}
