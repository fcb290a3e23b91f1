//! Sign-ins that take more than one step, and people who prove themselves again: what was proved so far is a row, found by a value that the browser
//! holds. What comes next is decided anew at each step, by the person's devices and the directory's policy as they are now.

use std::time::Duration;

use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::user::{User, UserStatus};
use model::entropy::uuid;
use model::event::Outcome;
use model::fault::{Fault, FaultKind};
use model::name_key::name_key;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::mfa::{CodeKind, Method, MfaPolicy, PromptMode, Proofs, WithoutDevice};
use model::signin::portal_session::PortalSession;
use store::audit::audit_records;
use store::db::Store;
use store::signin::mfa_devices::Kept;
use store::signin::sign_in_flows::{self, SignInFlow};
use store::tx::{Rx, Tx};

use crate::attempts::DeviceOf;
use crate::config::Config;
use crate::workflow::Workflow;
use crate::{mailed_codes, notices, sessions, settings};

/// How long a sign-in may take, from its first step on.
pub const FLOW: Duration = Duration::from_mins(15);

/// What a person must do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Give a second factor.
    Factor,
    /// Choose another password.
    NewPassword,
    /// Register a device.
    Device,
    /// Nothing: the sign-in is over.
    Done,
}

/// A sign-in that is not over.
#[derive(Debug, Clone)]
pub struct Pending {
    pub(crate) hash: [u8; 32],
    pub(crate) flow: SignInFlow,
    /// Whose.
    pub user: User,
    /// What comes next.
    pub next: Next,
    /// The person's devices that count.
    pub(crate) devices: Vec<Kept>,
    /// The policy by which that was decided.
    pub policy: MfaPolicy,
    /// Whether the person has recovery codes, or a code of an administrator's.
    pub has_codes: bool,
    by_mail: bool,
    /// How often an administrator let the person try again.
    pub(crate) unlocks: i64,
}

impl Pending {
    /// Whether its person proves themselves again, in a session that they have.
    pub const fn is_again(&self) -> bool {
        self.flow.session_id.is_some()
    }

    /// Whether the password that is to be changed is a directory's.
    pub const fn changes_there(&self) -> bool {
        self.flow.must_change
    }

    /// The person's devices that count, of this kind.
    pub(crate) fn devices_of(&self, kind: model::signin::mfa::DeviceKind) -> impl Iterator<Item = &Kept> {
        self.devices.iter().filter(move |kept| kept.device.kind == kind)
    }

    /// Whether the person can use a device of this kind.
    pub fn has(&self, kind: model::signin::mfa::DeviceKind) -> bool {
        self.devices_of(kind).next().is_some()
    }

    /// Whether a code is mailed to who has no device.
    pub fn by_mail(&self) -> bool {
        self.by_mail
    }
}

/// How far a sign-in got.
#[derive(Debug, Clone)]
pub enum Progress {
    /// It is over: a session.
    SignedIn(Box<SignedIn>),
    /// Something is left to do; the value is for the browser to hold.
    More(Secret),
}

/// A new session, or one in which its person has proved themselves again.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: PortalSession,
    /// Its cookie value, where it is new: given out here and never again.
    pub token: Option<Secret>,
    /// A value for a long-lived cookie that marks the device as known to this user. It opens nothing.
    pub device: Option<Secret>,
    /// A value for a long-lived cookie by which a second factor is not asked for again.
    pub remembered: Option<Secret>,
}

/// What every step of a sign-in that came too late says.
fn over() -> Fault {
    Fault::say(FaultKind::Unauthorized, Saying::SignInOver)
}

/// What is decided on: the person's devices that count, the policy, and whether there are codes.
pub(crate) struct Grounds {
    pub(crate) devices: Vec<Kept>,
    pub(crate) policy: MfaPolicy,
    pub(crate) must_change: bool,
    has_codes: bool,
    /// Whether a code is mailed: the person has no device, the policy says so, and there is an address.
    pub(crate) by_mail: bool,
}

impl Grounds {
    /// As they are now.
    pub(crate) fn read(rx: &mut Rx<'_>, cx: &Cx, config: &Config, user: &PortalUser) -> Result<Self, Fault> {
        let policy: MfaPolicy = settings::find(rx, &user.identity_store_id)?;
        Self::under(rx, cx, config, (user, policy))
    }

    /// As they would be under this policy.
    fn under(
        rx: &mut Rx<'_>,
        cx: &Cx,
        config: &Config,
        (user, policy): (&PortalUser, MfaPolicy),
    ) -> Result<Self, Fault> {
        let mut devices = store::signin::mfa_devices::list_by_user(rx, &user.user_id)?;
        devices.retain(|kept| policy.allows(kept.device.kind));
        let password = store::signin::passwords::find(rx, &user.user_id)?;
        let mut codes = 0;
        if !devices.is_empty() || policy.without_device != WithoutDevice::Allow {
            for kind in [CodeKind::Recovery, CodeKind::Bypass] {
                codes += store::signin::one_time_codes::count(rx, (&user.user_id, kind), cx.now)?;
            }
        }
        // Only these people are written to.
        let mut by_mail = devices.is_empty() && policy.without_device == WithoutDevice::Email;
        if by_mail {
            let found = store::directory::users::find(rx, &user.identity_store_id, &user.user_id)?;
            by_mail = found.is_some_and(|user| mailed_codes::can_reach(config, &user));
        }
        Ok(Self {
            by_mail,
            devices,
            policy,
            must_change: password.is_some_and(|password| password.must_change)
                && crate::directories::of(rx, &user.user_id)?.is_none(),
            has_codes: codes > 0,
        })
    }

    /// What comes next for somebody who proved this. `Forbidden` for who cannot go on at all.
    pub(crate) fn next(&self, proofs: &Proofs, known_browser: bool) -> Result<Next, Fault> {
        let has_device = !self.devices.is_empty();
        let is_asked = match (self.policy.prompt_mode, has_device) {
            (PromptMode::AlwaysOn, true) => true,
            (PromptMode::ContextAware, true) => !known_browser,
            (PromptMode::Disabled, _) => false,
            (_, false) => self.policy.without_device == WithoutDevice::Email,
        };
        if proofs.mfa_at.is_none() && is_asked {
            if has_device || self.by_mail || self.has_codes {
                return Ok(Next::Factor);
            }
            return Err(Fault::say(FaultKind::Forbidden, Saying::NoMailForCode));
        }
        if self.must_change && proofs.methods.contains(&Method::Password) {
            return Ok(Next::NewPassword);
        }
        match self.policy.without_device {
            _ if has_device || self.policy.prompt_mode == PromptMode::Disabled => Ok(Next::Done),
            WithoutDevice::Register => Ok(Next::Device),
            // Whom an administrator gave a code may come in once, to register one.
            WithoutDevice::Block if proofs.methods.contains(&Method::Bypass) => Ok(Next::Device),
            WithoutDevice::Block if self.has_codes && proofs.mfa_at.is_none() => Ok(Next::Factor),
            WithoutDevice::Block => Err(Fault::say(FaultKind::Forbidden, Saying::NoDeviceNoEntry)),
            WithoutDevice::Email | WithoutDevice::Allow => Ok(Next::Done),
        }
    }
}

/// Whether somebody could sign in, in a browser that is new, if this policy were in force.
pub(crate) fn could_enter(
    rx: &mut Rx<'_>,
    cx: &Cx,
    config: &Config,
    (user, policy): (&User, &MfaPolicy),
) -> Result<bool, Fault> {
    let has_password = store::signin::passwords::find(rx, &user.id)?.is_some()
        || crate::directories::of(rx, &user.id)?.is_some();
    let person = portal_user(cx, user, String::new());
    let grounds = Grounds::under(rx, cx, config, (&person, policy.clone()))?;
    let by_passkey = policy.passwordless && grounds.devices.iter().any(|kept| kept.credential.is_some());
    let proofs = Proofs { methods: vec![Method::Password], mfa_at: None };
    Ok(by_passkey || (has_password && grounds.next(&proofs, false).is_ok()))
}

pub(crate) fn portal_user(cx: &Cx, user: &User, session_id: String) -> PortalUser {
    PortalUser {
        user_id: user.id.clone(),
        user_name: user.profile.user_name.clone(),
        identity_store_id: user.identity_store_id.clone(),
        account_id: cx.owner.clone(),
        session_id,
    }
}

pub(crate) fn proofs(flow: &SignInFlow) -> Proofs {
    Proofs { methods: flow.methods.clone(), mfa_at: flow.mfa_at }
}

/// The sign-in whose value a browser holds, and what comes next in it; `None` when it is over, or somebody was disabled, or given another password.
pub fn open(rx: &mut Rx<'_>, cx: &Cx, config: &Config, token: &Secret) -> Result<Option<Pending>, Fault> {
    let hash = rx.keyring().hash_token(token.expose());
    let Some(flow) = sign_in_flows::find(rx, &hash)?.filter(|flow| cx.now < flow.expires_at) else {
        return Ok(None);
    };
    let user = store::directory::users::find(rx, &config.identity_store_id, &flow.user_id)?;
    let Some(user) = user.filter(|user| user.status == UserStatus::Enabled) else { return Ok(None) };
    if flow.methods.contains(&Method::Password) {
        let kept = store::signin::passwords::find(rx, &flow.user_id)?;
        // Who has none here was asked for that of their directory.
        if kept.map(|kept| kept.hash).unwrap_or_default() != flow.password_hash {
            return Ok(None);
        }
    }
    if let Some(session) = &flow.session_id
        && sessions::live(rx, session, cx.now)?.is_none()
    {
        return Ok(None);
    }
    let mut grounds = Grounds::read(rx, cx, config, &portal_user(cx, &user, String::new()))?;
    grounds.must_change |= flow.must_change;
    let next = match flow.session_id {
        // Who proves themselves again is asked for what they have.
        Some(_) if proofs(&flow).mfa_at.is_none() => Next::Factor,
        Some(_) => Next::Done,
        None => grounds.next(&proofs(&flow), flow.known_browser)?,
    };
    let Grounds { devices, policy, has_codes, by_mail, .. } = grounds;
    let unlocks = store::signin::unlocks::times(rx, &flow.user_id)?;
    Ok(Some(Pending { hash, flow, user, next, devices, policy, has_codes, by_mail, unlocks }))
}

/// The same, or the refusal of what is over.
pub(crate) fn require(rx: &mut Rx<'_>, cx: &Cx, config: &Config, token: &Secret) -> Result<Pending, Fault> {
    open(rx, cx, config, token)?.ok_or_else(over)
}

/// Begins a flow, whose value the browser is to hold; the hash by which it is found.
pub(crate) fn begin(tx: &mut Tx<'_>, token: &Secret, flow: &SignInFlow) -> Result<[u8; 32], Fault> {
    let hash = tx.keyring().hash_token(token.expose());
    sign_in_flows::insert(tx, &hash, flow)?;
    Ok(hash)
}

/// Somebody who has a session proves themselves again: the value that the browser is to hold. `None` for who has no device: the password is asked for.
pub async fn begin_again(
    store: &Store,
    cx: &Cx,
    config: &Config,
    session: &PortalSession,
) -> Result<Option<Secret>, Fault> {
    let grounds = store.read(|rx| Grounds::read(rx, cx, config, &session.user))?;
    if grounds.devices.is_empty() {
        return Ok(None);
    }
    let token = crate::random::token(cx);
    let flow = SignInFlow {
        user_id: session.user.user_id.clone(),
        workflow_id: Workflow::new(cx, config).id,
        password_hash: String::new(),
        methods: Vec::new(),
        mfa_at: None,
        known_browser: false,
        known_device: true,
        must_change: false,
        brought: None,
        session_id: Some(session.user.session_id.clone()),
        created_at: cx.now,
        expires_at: cx.now.plus(FLOW),
    };
    let secret = token.clone();
    store.maintain(cx, move |tx, _| begin(tx, &secret, &flow).map(|_| ())).await?;
    Ok(Some(token))
}

/// What a flow becomes when all is proved: a session, or the session that is there with what was proved again. The caller's transaction also
/// records it.
pub(crate) fn complete(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    pending: &Pending,
    token: &Secret,
) -> Result<SignedIn, Fault> {
    sign_in_flows::delete(tx, &pending.hash)?;
    let given = proofs(&pending.flow);
    let workflow = Workflow::again(config, pending.flow.workflow_id.clone());
    if let Some(id) = &pending.flow.session_id {
        let session = sessions::live(tx, id, cx.now)?.ok_or_else(over)?;
        let mut methods = session.proofs.methods.clone();
        methods.extend(given.methods.iter().filter(|method| !session.proofs.methods.contains(method)));
        let all = Proofs { methods, mfa_at: given.mfa_at.or(session.proofs.mfa_at) };
        store::signin::portal_sessions::verify(tx, id, &all, cx.now)?;
        let session = sessions::live(tx, id, cx.now)?.ok_or_else(over)?;
        return Ok(SignedIn { session, token: None, device: None, remembered: None });
    }
    let user = portal_user(cx, &pending.user, uuid(cx.entropy()).to_string());
    let session = sessions::begin(tx, cx, token, &user, (&given, pending.flow.brought.as_deref()))?;
    let signed_in = cx.clone().with_caller(Caller::portal_user(user.clone()));
    notices::sign_in_in(tx, &signed_in, config, pending.flow.known_device)?;
    let device_of = DeviceOf { user: &name_key(&user.user_name), password_hash: &pending.flow.password_hash };
    let device = Some(device_of.token(tx.keyring(), cx));
    let authenticated = workflow.authenticated(&signed_in, &given.credential_type(), &user.user_name);
    audit_records::insert(tx, &authenticated.record(Outcome::Success))?;
    Ok(SignedIn { session, token: Some(token.clone()), device, remembered: None })
}

/// Writes what was proved meanwhile, and completes the flow if nothing is left to do.
pub(crate) fn advance(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    pending: &Pending,
    tokens: (&Secret, &Secret),
) -> Result<Progress, Fault> {
    let (flow_token, session_token) = tokens;
    sign_in_flows::advance(tx, &pending.hash, &pending.flow)?;
    let pending = require(tx, cx, config, flow_token)?;
    match pending.next {
        Next::Done => Ok(Progress::SignedIn(Box::new(complete(tx, cx, config, &pending, session_token)?))),
        Next::Factor | Next::NewPassword | Next::Device => Ok(Progress::More(flow_token.clone())),
    }
}
