//! What an application is told of somebody who is signed in: the answer to what it asked, or one to nothing that it asked. The one gate to it is
//! `application_access`; what is said is signed by the application's own key, noted with the session that it is said of, and leaves once that and its
//! record are durable. A request is answered once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::applications::application::{Application, ApplicationId};
use model::applications::saml_application::{NameIdFormat, SamlSettings};
use model::applications::saml_participant::SamlParticipant;
use model::cx::Cx;
use model::directory::user::User;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::minted::Minted;
use model::saying::Saying;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::certificate::Certificate;
use saml::key::{PublicKey, SigningKey};
use saml::metadata::{Endpoint, HTTP_POST, HTTP_REDIRECT, IdpMetadata};
use saml::sign::NewRefusal;
use saml::status::{
    INVALID_NAME_ID_POLICY, NO_AUTHN_CONTEXT, NO_PASSIVE, REQUESTER, RESPONDER, Status, UNKNOWN_PRINCIPAL,
    UNSUPPORTED_BINDING,
};
use saml::verify::verify_accepting;
use store::accounts::used_assertions;
use store::applications::{saml_applications, saml_certificates, saml_participants};
use store::db::Store;
use store::signin::portal_sessions;
use store::tx::Rx;

use crate::addresses::Addresses;
use crate::application_access::may_use;
use crate::authn_contexts;
use crate::saml_assertions::{Told, name_id as name_id_of, told};
use crate::saml_certificates::{moment, signing_key};
use crate::saml_questions::{Asked, Question, usable};

/// A form for an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What people know the application by.
    pub application: String,
    /// Where it goes.
    pub action: String,
    /// The message, as base64.
    pub response: String,
    /// What the application gets back, or is given.
    pub relay_state: Option<String>,
}

/// What comes of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The browser takes this there.
    Form(Form),
    /// The same, and why nobody is signed in by it.
    Refusal(Form, String),
    /// Its person signs in first.
    SignIn,
    /// They prove themselves again first.
    ProveAgain,
}

/// Who we are to an application: its addresses and certificates. It holds nothing that is not for everybody.
pub fn metadata(store: &Store, cx: &Cx, (ours, id): (&Addresses, &ApplicationId)) -> Result<String, Fault> {
    let (settings, certificates) = store.read(|rx| {
        let (_, settings) = usable(rx, cx, id)?;
        Ok((settings, saml_certificates::list(rx, id)?))
    })?;
    let certificates: Vec<Certificate> = certificates
        .iter()
        .map(|held| Certificate::from_der(&held.der).map_err(Fault::internal))
        .collect::<Result<_, _>>()?;
    let both = |location: String| -> Vec<Endpoint> {
        let endpoint = |binding: &str| Endpoint {
            binding: binding.to_owned(),
            location: location.clone(),
            response_location: None,
            index: None,
        };
        vec![endpoint(HTTP_POST), endpoint(HTTP_REDIRECT)]
    };
    let document = IdpMetadata {
        entity_id: ours.sign_in(id),
        valid_until: None,
        certificates,
        encryption_certificates: Vec::new(),
        single_sign_on: both(ours.sign_in(id)),
        // Nobody is signed out by whoever can prove nothing.
        single_logout: if settings.single_logout.is_some() { both(ours.sign_out(id)) } else { Vec::new() },
        name_id_formats: vec![settings.subject.format.uri().to_owned()],
        wants_signed_requests: settings.require_signed_requests,
    };
    document.write().map_err(Fault::internal)
}

/// What an application would be told of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What people know the application by.
    pub application: String,
    /// What an application reads.
    pub assertion: Assertion,
    /// The whole answer, in plain text and without what its signatures are worth: pages are copied into letters.
    pub response: String,
}

/// What an application would be told now of somebody who may use it. Nothing is sent, and nothing of it could be.
pub fn look(
    store: &Store,
    cx: &Cx,
    (ours, id): (&Addresses, &ApplicationId),
    session: &PortalSession,
) -> Result<Shown, Fault> {
    let (application, settings) = store.read(|rx| usable(rx, cx, id))?;
    let settings = SamlSettings { encryption: None, ..settings };
    let around = Around { store, cx, ours, application: &application, settings: &settings };
    let read = store.read(|rx| around.person(rx, session))?;
    let class = authn_contexts::class(session, None, None);
    let new = Told {
        id: fresh(cx),
        response_id: fresh(cx),
        issuer: ours.sign_in(id),
        recipient: around.consumer(None)?,
        in_response_to: None,
        class: class.ok_or_else(|| Fault::internal("a session that was begun in no way"))?,
        session_index: read.session_index.clone(),
        name_id: read.name_id.clone(),
    };
    let text = told(cx, &new, (&settings, session), (&read.person(), &read.key))?;
    // Read as the application reads it.
    let key = PublicKey::from_certificate(read.key.certificate()).map_err(Fault::internal)?;
    let accepted = Accepted::with_sha1(settings.sign_with_sha1);
    let signed = verify_accepting(&text, &[key], accepted).map_err(Fault::internal)?;
    let assertion = Assertion::read(&signed).map_err(Fault::internal)?;
    Ok(Shown { application: application.name.clone(), assertion, response: worthless(&text) })
}

/// A message without the values of its signatures.
fn worthless(message: &str) -> String {
    const START: &str = "<ds:SignatureValue>";
    const END: &str = "</ds:SignatureValue>";
    let mut parts = message.split(START);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.split_once(END).map_or("", |(_, rest)| rest);
        format!("{text}{START}…{END}{rest}")
    })
}

/// What comes of a question, for whoever's session this is.
pub async fn answer(
    store: &Store,
    cx: &Cx,
    (ours, question): (&Addresses, &Question),
    session: Option<&PortalSession>,
) -> Result<Next, Fault> {
    let id = question.application_id();
    let (application, settings) = store.read(|rx| usable(rx, cx, &id))?;
    let around = Around { store, cx, ours, application: &application, settings: &settings };
    if let Some(asked) = &question.asked
        && let Some(next) = around.before(asked, session)?
    {
        return Ok(next);
    }
    match session {
        Some(session) => around.tell(question.asked.as_ref(), session).await,
        None => Ok(Next::SignIn),
    }
}

/// What an answer is made with.
struct Around<'a> {
    store: &'a Store,
    cx: &'a Cx,
    ours: &'a Addresses,
    application: &'a Application,
    settings: &'a SamlSettings,
}

impl Around<'_> {
    /// What has to come before anybody is told anything, or in its place.
    fn before(&self, asked: &Asked, session: Option<&PortalSession>) -> Result<Option<Next>, Fault> {
        let refuse = |code, second, why: &str| self.refuse(asked, (code, second), why).map(Some);
        if asked.binding.as_deref().is_some_and(|binding| binding != HTTP_POST) {
            return refuse(
                REQUESTER,
                UNSUPPORTED_BINDING,
                "the answer was wanted by another binding than HTTP-POST",
            );
        }
        let given = self.settings.subject.format;
        let wanted = asked.name_id_format.as_deref();
        let fits = |uri: &str| uri == given.uri() || uri == NameIdFormat::Unspecified.uri();
        if !wanted.is_none_or(fits) {
            return refuse(
                REQUESTER,
                INVALID_NAME_ID_POLICY,
                &format!(
                    "another kind of NameID was asked for than {}, which the application is given",
                    given.as_str()
                ),
            );
        }
        let is_proved = match session {
            None => false,
            Some(session) => !asked.force_authn || session.verified_at >= asked.came_at(),
        };
        match (is_proved, asked.is_passive, session) {
            (true, ..) => Ok(None),
            (false, true, _) => {
                refuse(RESPONDER, NO_PASSIVE, "nobody could be signed in without being asked")
            }
            (false, false, None) => Ok(Some(Next::SignIn)),
            (false, false, Some(_)) => Ok(Some(Next::ProveAgain)),
        }
    }

    /// An answer that signs nobody in.
    fn refuse(&self, asked: &Asked, (code, second): (&str, &str), why: &str) -> Result<Next, Fault> {
        let key = self.store.read(|rx| signing_key(rx, &self.application.id, self.settings))?;
        let action = self.consumer(Some(asked))?;
        let (issuer, status) = (self.ours.sign_in(&self.application.id), Status::failure(code, Some(second)));
        let refusal = NewRefusal {
            id: &fresh(self.cx),
            issuer: &issuer,
            destination: &action,
            in_response_to: &asked.id,
            issued_at: moment(self.cx)?,
            status: &status,
        };
        let text = refusal.write_signed(&key).map_err(Fault::internal)?;
        self.noted(&action);
        Ok(Next::Refusal(self.form(action, &text, asked.relay_state.clone()), why.to_owned()))
    }

    /// The address of the settings that takes the answer; it may be gone meanwhile.
    fn consumer(&self, asked: Option<&Asked>) -> Result<String, Fault> {
        let found = self.settings.consumer(None, asked.map(|asked| asked.consumer));
        let gone = || Fault::say(FaultKind::Validation, Saying::ApplicationOver);
        found.map(|consumer| consumer.url.clone()).ok_or_else(gone)
    }

    fn form(&self, action: String, text: &str, relay_state: Option<String>) -> Form {
        Form {
            application: self.application.name.clone(),
            action,
            response: STANDARD.encode(text),
            relay_state,
        }
    }

    /// What the record says beside the person.
    fn noted(&self, action: &str) {
        let event = self.cx.event();
        event.detail("assertion_consumer_service", action);
    }

    async fn tell(&self, asked: Option<&Asked>, session: &PortalSession) -> Result<Next, Fault> {
        let action = self.consumer(asked)?;
        let id = &self.application.id;
        let read = self.store.read(|rx| self.person(rx, session))?;
        let context = asked.and_then(Asked::context);
        let least = asked.filter(|asked| asked.force_authn).map(Asked::came_at);
        let Some(class) = authn_contexts::class(session, context.as_ref(), least) else {
            let asked = asked.ok_or_else(|| Fault::internal("a context that nobody asked for"))?;
            let why = "how the person signed in is not how the application wants it";
            return self.refuse(asked, (RESPONDER, NO_AUTHN_CONTEXT), why);
        };
        if let Some(asked) = asked
            && let Some(wanted) = &asked.subject
            && !is_called(&read, wanted)
        {
            let why = "another person was asked for than the one who is signed in";
            return self.refuse(asked, (RESPONDER, UNKNOWN_PRINCIPAL), why);
        }
        let new = Told {
            id: fresh(self.cx),
            response_id: fresh(self.cx),
            issuer: self.ours.sign_in(id),
            recipient: action.clone(),
            in_response_to: asked.map(|asked| asked.id.clone()),
            class,
            session_index: read.session_index.clone(),
            name_id: read.name_id.clone(),
        };
        let text = told(self.cx, &new, (self.settings, session), (&read.person(), &read.key))?;
        self.noted(&action);
        self.cx.event().detail("assertion_id", new.id.as_str());
        self.keep(asked, &read, session).await?;
        let relay_state = match asked {
            Some(asked) => asked.relay_state.clone(),
            None => self.settings.relay_state.clone(),
        };
        let form = Minted::new(self.form(action, &text, relay_state)).release(self.cx)?;
        Ok(Next::Form(form))
    }

    /// Notes who was told of whom, and which request is answered, with the record.
    async fn keep(&self, asked: Option<&Asked>, read: &Read, session: &PortalSession) -> Result<(), Fault> {
        let new = SamlParticipant {
            session_id: session.user.session_id.clone(),
            user_id: session.user.user_id.clone(),
            application_id: self.application.id.clone(),
            session_index: read.session_index.clone(),
            name_id: read.name_id.clone(),
            name_id_format: self.settings.subject.format.uri().to_owned(),
            created_at: self.cx.now,
        };
        let once = asked.map(|asked| (asked.id.clone(), Timestamp::from_seconds(asked.counts_until)));
        let issuer = format!("saml application {}", self.application.id);
        let (name, settings) = (self.application.name.clone(), self.settings.clone());
        self.store
            .write(self.cx, move |tx, cx| {
                is_still_so(tx, cx, &new, (&name, &settings))?;
                if let Some((request, until)) = &once
                    && !used_assertions::insert(tx, &issuer, request, *until)?
                {
                    return Err(Fault::say(FaultKind::Validation, Saying::ApplicationOver)
                        .with_context("the request was answered before"));
                }
                saml_participants::put(tx, &new)
            })
            .await
    }

    /// Whom a session is of, and what they are called, once they may use the application.
    fn person(&self, rx: &mut Rx<'_>, session: &PortalSession) -> Result<Read, Fault> {
        let (id, user) = (&self.application.id, &session.user);
        if !may_use(rx, id, &user.user_id)? {
            let application = self.application.name.clone();
            return Err(Fault::say(FaultKind::Forbidden, Saying::ApplicationNotAssigned { application }));
        }
        let found = store::directory::users::find(rx, &user.identity_store_id, &user.user_id)?;
        let found = found.ok_or_else(|| Fault::say(FaultKind::Unauthorized, Saying::SignInOver))?;
        let groups = crate::saml_assertions::groups(rx, self.settings, &found)?;
        let key = signing_key(rx, id, self.settings)?;
        let (session_index, name_id) = (String::new(), String::new());
        let mut read = Read { user: found, groups, session_index, name_id, key };
        let format = self.settings.subject.format;
        let named = match format {
            NameIdFormat::Transient => None,
            _ => Some(name_id_of(self.settings, &read.person())?),
        };
        // The same session is called the same there, however often somebody comes. Where it is called something else by now, the application may still ask by what it
        // was told before: that stays, under its own index.
        let before = saml_participants::of_session(rx, &user.session_id)?;
        let before = before.into_iter().find(|it| {
            it.application_id == *id
                && it.name_id_format == format.uri()
                && named.as_ref().is_none_or(|named| it.name_id == *named)
        });
        (read.session_index, read.name_id) = match (before, named) {
            (Some(before), _) => (before.session_index, before.name_id),
            (None, Some(named)) => (fresh(self.cx), named),
            (None, None) => (fresh(self.cx), fresh(self.cx)),
        };
        Ok(read)
    }
}

/// Whether all that an answer was made of still holds, in the transaction that notes it: who signed out, lost the application or was disabled while it was made is not
/// signed in by it, and no single logout would find it.
fn is_still_so(
    rx: &mut Rx<'_>,
    cx: &Cx,
    new: &SamlParticipant,
    (name, settings): (&str, &SamlSettings),
) -> Result<(), Fault> {
    let session = portal_sessions::find(rx, &new.session_id)?;
    let lives = session.is_some_and(|session| {
        session.is_live(cx.now) && !session.is_idle(cx.now) && session.user.user_id == new.user_id
    });
    if !lives {
        return Err(Fault::say(FaultKind::Unauthorized, Saying::SessionEnded));
    }
    if !may_use(rx, &new.application_id, &new.user_id)? {
        let application = name.to_owned();
        return Err(Fault::say(FaultKind::Forbidden, Saying::ApplicationNotAssigned { application }));
    }
    if saml_applications::find(rx, &new.application_id)?.is_none_or(|now| now.settings != *settings) {
        return Err(Fault::say(FaultKind::Validation, Saying::ApplicationOver)
            .with_context("what is decided of the application changed meanwhile"));
    }
    Ok(())
}

/// What was read of a person.
struct Read {
    user: User,
    groups: Vec<crate::attribute_templates::InGroup>,
    session_index: String,
    name_id: String,
    key: SigningKey,
}

impl Read {
    fn person(&self) -> crate::attribute_templates::Person<'_> {
        crate::attribute_templates::Person {
            user_id: self.user.id.as_str(),
            profile: &self.user.profile,
            external_ids: &self.user.external_ids,
            groups: &self.groups,
        }
    }
}

/// Whether this is what a person is called: to the application, or when they sign in.
fn is_called(read: &Read, wanted: &str) -> bool {
    let profile = &read.user.profile;
    let names = [Some(read.name_id.as_str()), Some(profile.user_name.as_str()), profile.primary_email()];
    names.into_iter().flatten().any(|name| name.to_lowercase() == wanted.to_lowercase())
}

/// An ID that was never used.
pub(crate) fn fresh(cx: &Cx) -> String {
    format!("_{}", hex(&bytes::<20>(cx.entropy())))
}
