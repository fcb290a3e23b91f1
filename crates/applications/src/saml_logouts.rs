//! Single logout (SAML profiles 4.4), both ways: an application signs its person out here, and a person who signs out here signs out of the applications that they
//! went to. Nobody's session ends by what is not proved. The session here is over before any application hears of it: one that does not answer
//! holds up nothing but the news to the next. On its way the browser takes along a mark, under which it is known how far it is.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::applications::application::ApplicationId;
use model::applications::saml_application::{RELAY_STATE_MAX, SamlBinding, SamlSettings, SingleLogout};
use model::applications::saml_participant::SamlParticipant;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::saying::Saying;
use model::secret::Secret;
use model::timestamp::Timestamp;
use saml::algorithm::Accepted;
use saml::envelope::{Envelope, Kind};
use saml::key::SigningKey;
use saml::logout::{Expected, LogoutRequest, LogoutResponse, NewLogoutRequest, NewLogoutResponse};
use saml::name_id::NameId;
use saml::redirect::{Outgoing, Parameter, Received};
use saml::status::{PARTIAL_LOGOUT, Status};
use saml::verify::{Signed, verify_message};
use serde::{Deserialize, Serialize};
use store::accounts::used_assertions;
use store::applications::{saml_applications, saml_participants, saml_sign_outs};
use store::db::Store;
use store::sealing::Purpose;
use store::signin::{portal_sessions, sign_outs};
use store::tx::{Rx, Tx};

use crate::addresses::Addresses;
use crate::saml_certificates::{moment, signing_key};
use crate::saml_questions::{CLOCK, Came, ID_MAX, LIFETIME, keys, refused, speaking, unpacked};
use crate::saml_sign_ons::fresh;

/// How long an application may take to go on.
const WAIT: Duration = Duration::from_mins(10);
/// Sessions that a request may name.
const INDEXES_MAX: usize = 100;
/// Bytes of a RelayState that a query string gives back at most (SAML bindings 3.4.3).
const RELAY_STATE_BYTES: usize = 80;

/// Where a browser is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoTo {
    /// To this address.
    Address(String),
    /// To this address, with a form.
    Form {
        /// Where.
        action: String,
        /// What.
        fields: Vec<(&'static str, String)>,
    },
    /// To a page of ours, under this mark, where the browser brings its cookies.
    Onward(String),
    /// Nowhere: everybody who could be told is. With an address where the person may go on, and what they know it by, if there was one.
    Nowhere(Option<(String, String)>),
}

/// How far a sign-out is.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Way {
    /// The cookies of the sessions that ended, hashed: whose browser holds one is led on.
    browsers: Vec<String>,
    /// Who is still to be told.
    left: Vec<Stop>,
    /// Who is being told, and by which request.
    at: Option<(String, String)>,
    /// Who asked, and is answered at the end.
    from: Option<Origin>,
    /// Where the person may go on at the end, and what they know it by.
    then: Option<(String, String)>,
    /// Whether somebody who was told did not sign the person out, or could not be told.
    is_partial: bool,
}

/// An application that is to be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stop {
    application_id: String,
    /// Nothing where all of the person's are meant.
    session_index: String,
    name_id: String,
    name_id_format: String,
}

/// The application that asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Origin {
    application_id: String,
    request_id: String,
    relay_state: Option<String>,
}

impl From<SamlParticipant> for Stop {
    fn from(participant: SamlParticipant) -> Self {
        Self {
            application_id: participant.application_id.as_str().to_owned(),
            session_index: participant.session_index,
            name_id: participant.name_id,
            name_id_format: participant.name_id_format,
        }
    }
}

/// What sign-outs on their way are sealed for.
const PLACE: &str = "saml sign-out";

/// Somebody has signed out here, in a browser that held this token: where their browser goes, to sign them out of the applications that they went to.
pub async fn begin(
    store: &Store,
    cx: &Cx,
    ours: &Addresses,
    (participants, token, then): (Vec<SamlParticipant>, &str, Option<(String, String)>),
) -> Result<GoTo, Fault> {
    let left = participants.into_iter().map(Stop::from).collect();
    let browsers = vec![hex(&store.keyring().hash_token(token))];
    go_on(store, cx, ours, Way { browsers, left, at: None, from: None, then, is_partial: false }).await
}

/// Whom somebody who signs out everywhere signs out of, of what all their sessions were told to: each application is asked once for each name that it knows them by, and by no
/// session, which means all of them (SAML core 3.7.1).
pub fn everywhere(participants: Vec<SamlParticipant>) -> Vec<SamlParticipant> {
    let mut all: Vec<SamlParticipant> =
        participants.into_iter().map(|one| SamlParticipant { session_index: String::new(), ..one }).collect();
    let place = |one: &SamlParticipant| {
        (one.application_id.to_string(), one.name_id.clone(), one.name_id_format.clone())
    };
    all.sort_by_cached_key(place);
    all.dedup_by_key(|one| place(one));
    all
}

/// A browser comes to go on with a sign-out, with the tokens that it holds. Only one in which an ended session was signed in is told more: what applications call a person,
/// and which they went to, is nothing for whoever carries a message of one of them. Elsewhere the application that asked hears that not all is done.
pub async fn resume(
    store: &Store,
    cx: &Cx,
    ours: &Addresses,
    (mark, tokens): (&str, &[Secret]),
) -> Result<GoTo, Fault> {
    let mut way = taken(store, cx, mark, |way| way.at.is_none()).await?;
    let mut hashes = tokens.iter().map(|token| hex(&store.keyring().hash_token(token.expose())));
    if !hashes.any(|hash| way.browsers.contains(&hash)) {
        way.is_partial |= !way.left.is_empty();
        way.left.clear();
    }
    go_on(store, cx, ours, way).await
}

/// Keeps how far a sign-out is, under a mark that the browser takes along.
async fn keep(store: &Store, cx: &Cx, mark: &str, way: &Way) -> Result<(), Fault> {
    let text = serde_json::to_vec(way).map_err(Fault::internal)?;
    let sealed = STANDARD.encode(store.keyring().seal(cx.entropy(), Purpose::Form, PLACE, &text)?);
    let (hash, until) = (store.keyring().hash_token(mark), cx.now.plus(WAIT));
    store.maintain(cx, move |tx, _| saml_sign_outs::insert(tx, &hash, &sealed, until)).await
}

fn over() -> Fault {
    Fault::say(FaultKind::Validation, Saying::ApplicationSignOutOver)
}

/// How far a sign-out is, once, with the call's record, if it is as whoever comes would have it.
async fn taken(store: &Store, cx: &Cx, mark: &str, fits: impl Fn(&Way) -> bool) -> Result<Way, Fault> {
    let hash = store.keyring().hash_token(mark);
    let found = store.read(|rx| Ok(saml_sign_outs::find(rx, &hash, cx.now)?))?.ok_or_else(over)?;
    let sealed = STANDARD.decode(found).map_err(Fault::internal)?;
    let text = store.keyring().open(Purpose::Form, PLACE, &sealed).ok_or_else(over)?;
    let way: Way = serde_json::from_slice(&text).map_err(Fault::internal)?;
    if !fits(&way) {
        return Err(refused("it answers another sign-out than the one that was asked for"));
    }
    let first = store
        .write(cx, move |tx, _| if saml_sign_outs::delete(tx, &hash)? { Ok(()) } else { Err(over()) })
        .await;
    first.map(|()| way)
}

/// What was proved without cookies goes on where the browser brings them; what is left of it, if anything.
async fn led_on(store: &Store, cx: &Cx, ours: &Addresses, way: Way) -> Result<GoTo, Fault> {
    if way.left.is_empty() {
        return go_on(store, cx, ours, way).await;
    }
    let mark = mark(cx);
    keep(store, cx, &mark, &way).await?;
    Ok(GoTo::Onward(mark))
}

fn mark(cx: &Cx) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy()))
}

/// A message of an application at the address for sign-outs.
pub async fn receive(
    store: &Store,
    cx: &Cx,
    (ours, id): (&Addresses, &ApplicationId),
    came: Came<'_>,
) -> Result<GoTo, Fault> {
    // Whether it is switched on does not matter: who signs out of it, or was, is to be signed out everywhere.
    let settings = store.read(|rx| speaking(rx, cx, id).map(|(_, settings)| settings))?;
    if settings.single_logout.is_none() {
        return Err(refused("the application has no SingleLogoutService in its settings"));
    }
    let here = ours.sign_out(id);
    let expected = Expected { destinations: &[&here], now: moment(cx)?, skew: CLOCK, lifetime: LIFETIME };
    let (signed, kind, relay_state) = proved(&settings, came)?;
    if let Some(length) = relay_state.as_ref().map(String::len).filter(|length| *length > RELAY_STATE_MAX) {
        return Err(refused(format_args!("its RelayState has {length} bytes, {RELAY_STATE_MAX} at most")));
    }
    if kind == Kind::LogoutRequest {
        let request = LogoutRequest::read(&signed).map_err(refused)?;
        request.check(&expected).map_err(refused)?;
        is_of(&settings, &request.issuer)?;
        let way = end(store, cx, id, (request, relay_state)).await?;
        return led_on(store, cx, ours, way).await;
    }
    let response = LogoutResponse::read(&signed).map_err(refused)?;
    response.check(&expected).map_err(refused)?;
    is_of(&settings, &response.issuer)?;
    let way = told(store, cx, id, (&response, relay_state.as_deref())).await?;
    led_on(store, cx, ours, way).await
}

fn is_of(settings: &SamlSettings, issuer: &str) -> Result<(), Fault> {
    if issuer == settings.audience {
        return Ok(());
    }
    let found: String = issuer.chars().take(200).collect();
    Err(refused(format_args!("it is of {found}, not of {}", settings.audience)))
}

/// A message, proved, and what goes with it.
fn proved(settings: &SamlSettings, came: Came<'_>) -> Result<(Signed, Kind, Option<String>), Fault> {
    let (keys, accepted) = (keys(settings)?, Accepted::with_sha1(settings.allow_sha1));
    let (signed, relay_state) = match came {
        Came::Query(query) => {
            let received = Received::read(query).map_err(refused)?;
            let relay_state = received.relay_state().map(str::to_owned);
            (received.verify(&keys, accepted).map_err(refused)?, relay_state)
        }
        Came::Form(message, relay_state) => {
            let text = unpacked("the message", message)?;
            (verify_message(&text, &keys, accepted).map_err(refused)?, relay_state.map(str::to_owned))
        }
    };
    match Envelope::read(signed.as_str()).map_err(refused)?.kind {
        kind @ (Kind::LogoutRequest | Kind::LogoutResponse) => Ok((signed, kind, relay_state)),
        _ => Err(refused("it is about no sign-out")),
    }
}

/// Ends the sessions that a request means, once, with its record; who else was told of them.
async fn end(
    store: &Store,
    cx: &Cx,
    id: &ApplicationId,
    (request, relay_state): (LogoutRequest, Option<String>),
) -> Result<Way, Fault> {
    if request.id.len() > ID_MAX {
        return Err(refused(format_args!("its ID has {} characters, {ID_MAX} at most", request.id.len())));
    }
    let indexes = request.session_indexes.len();
    if indexes > INDEXES_MAX {
        return Err(refused(format_args!("it names {indexes} sessions, {INDEXES_MAX} at most")));
    }
    let until = request.good_until(LIFETIME).saturating_add(CLOCK);
    let until = Timestamp::from_seconds(until.unix_timestamp() + 1);
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            if !used_assertions::insert(tx, &format!("saml application {id}"), &request.id, until)? {
                return Err(refused(format_args!("the request {} came before", request.id)));
            }
            let ended = end_in(tx, &id, &request)?;
            cx.event().detail("sessionsEnded", ended.sessions.len().to_string());
            cx.event().detail("sessionIds", ended.sessions);
            cx.event().detail("userIds", ended.users);
            let from = Origin {
                application_id: id.as_str().to_owned(),
                request_id: request.id.clone(),
                relay_state: relay_state.clone(),
            };
            let (browsers, left, is_partial) = (ended.browsers, ended.left, ended.is_partial);
            Ok(Way { browsers, left, at: None, from: Some(from), then: None, is_partial })
        })
        .await
}

/// What a request ended.
#[derive(Default)]
struct Ended {
    sessions: Vec<String>,
    users: Vec<String>,
    /// See [`Way`].
    browsers: Vec<String>,
    left: Vec<Stop>,
    /// Whether there may be more than are ended at once.
    is_partial: bool,
}

fn end_in(tx: &mut Tx<'_>, id: &ApplicationId, request: &LogoutRequest) -> Result<Ended, Fault> {
    let (name, mut ended) = (&request.name_id.value, Ended::default());
    let mut meant = Vec::new();
    if request.session_indexes.is_empty() {
        meant = saml_participants::named(tx, id, name)?;
        ended.is_partial = meant.len() >= saml_participants::NAMED_MAX;
    }
    for index in &request.session_indexes {
        meant.extend(saml_participants::named_by_index(tx, id, (name, index))?);
    }
    for participant in meant {
        let session = participant.session_id;
        let others = saml_participants::of_session(tx, &session)?;
        ended.left.extend(others.into_iter().filter(|other| other.application_id != *id).map(Stop::from));
        let browser = portal_sessions::token_hash(tx, &session)?;
        if sign_outs::one(tx, &session)? {
            ended.browsers.extend(browser.map(|hash| hex(&hash)));
            ended.sessions.push(session);
            let user = participant.user_id.as_str();
            if !ended.users.iter().any(|known| known == user) {
                ended.users.push(user.to_owned());
            }
        }
    }
    Ok(ended)
}

/// An application was told, and says what became of it.
async fn told(
    store: &Store,
    cx: &Cx,
    id: &ApplicationId,
    (response, relay_state): (&LogoutResponse, Option<&str>),
) -> Result<Way, Fault> {
    let asked = (id.as_str().to_owned(), response.in_response_to.clone());
    let is_success = response.status.is_success();
    cx.event().detail("isSignedOutThere", is_success);
    let mark = relay_state.ok_or_else(over)?;
    let way = taken(store, cx, mark, |way| way.at.as_ref() == Some(&asked)).await?;
    Ok(Way { at: None, is_partial: way.is_partial || !is_success, ..way })
}

/// To the next application that takes sign-outs; or to the one that asked; or nowhere.
async fn go_on(store: &Store, cx: &Cx, ours: &Addresses, mut way: Way) -> Result<GoTo, Fault> {
    while let Some(stop) = way.left.pop() {
        let id = ApplicationId::trusted(&stop.application_id);
        let Some((logout, key)) = store.read(|rx| takes_sign_outs(rx, &id))? else {
            way.is_partial = true;
            continue;
        };
        let (request_id, mark) = (fresh(cx), mark(cx));
        // One that cannot be asked holds up nobody else's news.
        let Ok(go_to) = ask(cx, (ours, &id), (&stop, &request_id, &mark), (&logout, &key)) else {
            way.is_partial = true;
            continue;
        };
        way.at = Some((stop.application_id, request_id));
        keep(store, cx, &mark, &way).await?;
        return Ok(go_to);
    }
    match &way.from {
        None => Ok(GoTo::Nowhere(way.then)),
        Some(from) => answer(store, cx, ours, (from, way.is_partial)),
    }
}

/// Where an application takes sign-outs, if it does, and what signs for it.
fn takes_sign_outs(rx: &mut Rx<'_>, id: &ApplicationId) -> Result<Option<(SingleLogout, SigningKey)>, Fault> {
    let Some(found) = saml_applications::find(rx, id)? else { return Ok(None) };
    let Some(logout) = &found.settings.single_logout else { return Ok(None) };
    Ok(Some((logout.clone(), signing_key(rx, id, &found.settings)?)))
}

/// What is sent to an application: its address, its text and the name of its parameter.
struct Sent<'a> {
    location: &'a str,
    binding: SamlBinding,
    parameter: Parameter,
    relay_state: Option<&'a str>,
}

impl Sent<'_> {
    /// Signed outside of its text in a query string, within it in a form.
    fn go(
        self,
        key: &SigningKey,
        (plain, signed): (
            impl FnOnce() -> Result<String, saml::error::Error>,
            impl FnOnce() -> Result<String, saml::error::Error>,
        ),
    ) -> Result<GoTo, Fault> {
        if self.binding == SamlBinding::Redirect {
            let outgoing = Outgoing {
                location: self.location,
                parameter: self.parameter,
                message: &plain().map_err(Fault::internal)?,
                // What is too long to be given back as the binding has it is left out.
                relay_state: self.relay_state.filter(|state| state.len() <= RELAY_STATE_BYTES),
            };
            return outgoing.signed_url(key).map(GoTo::Address).map_err(Fault::internal);
        }
        let mut fields = vec![(self.parameter.name(), STANDARD.encode(signed().map_err(Fault::internal)?))];
        fields.extend(self.relay_state.map(|state| ("RelayState", state.to_owned())));
        Ok(GoTo::Form { action: self.location.to_owned(), fields })
    }
}

fn ask(
    cx: &Cx,
    (ours, id): (&Addresses, &ApplicationId),
    (stop, request_id, mark): (&Stop, &str, &str),
    (logout, key): (&SingleLogout, &SigningKey),
) -> Result<GoTo, Fault> {
    let (issuer, now) = (ours.sign_in(id), moment(cx)?);
    let name_id = NameId {
        value: stop.name_id.clone(),
        format: Some(stop.name_id_format.clone()),
        qualifier: None,
        sp_qualifier: None,
    };
    let index = [stop.session_index.as_str()];
    let request = NewLogoutRequest {
        id: request_id,
        issuer: &issuer,
        issued_at: now,
        destination: &logout.url,
        not_on_or_after: Some(now + LIFETIME),
        name_id: &name_id,
        session_indexes: if stop.session_index.is_empty() { &[] } else { &index },
    };
    let sent = Sent {
        location: &logout.url,
        binding: logout.binding,
        parameter: Parameter::Request,
        relay_state: Some(mark),
    };
    sent.go(key, (|| request.write(), || request.write_signed(key)))
}

/// Says to the application that asked what became of it.
fn answer(
    store: &Store,
    cx: &Cx,
    ours: &Addresses,
    (from, is_partial): (&Origin, bool),
) -> Result<GoTo, Fault> {
    let id = ApplicationId::trusted(&from.application_id);
    let Some((logout, key)) = store.read(|rx| takes_sign_outs(rx, &id))? else {
        return Ok(GoTo::Nowhere(None));
    };
    // Whoever asked is signed out here in any case.
    let status = if is_partial {
        Status { second: Some(PARTIAL_LOGOUT.to_owned()), ..Status::success() }
    } else {
        Status::success()
    };
    let (issuer, location) = (ours.sign_in(&id), logout.response_url.as_deref().unwrap_or(&logout.url));
    let response = NewLogoutResponse {
        id: &fresh(cx),
        issuer: &issuer,
        issued_at: moment(cx)?,
        destination: location,
        in_response_to: &from.request_id,
        status: &status,
    };
    let sent = Sent {
        location,
        binding: logout.binding,
        parameter: Parameter::Response,
        relay_state: from.relay_state.as_deref(),
    };
    sent.go(&key, (|| response.write(), || response.write_signed(&key)))
}
