//! Second factors: what is asked of whom, and what attackers try.

use model::cx::Cx;
use model::directory::user::{UserId, UserStatus};
use model::fault::{Fault, FaultKind};
use model::instances::instance::Instance;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::DirectoryAnswer;
use model::signin::mfa::{DeviceKind, MfaPolicy, PromptMode, WithoutDevice};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use signin::devices::{self, Act, Enrolee};
use signin::factors::{self, Proof};
use signin::flows::{self, Next, Progress};
use signin::mfa_devices::{self, NewPolicy, Visit};
use signin::passkey_sign_in::{self, PasskeySignIn};
use signin::passwords::{self, NewPassword};
use signin::sign_in::{self, Brought, PasswordSignIn};
use signin::webauthn::Challenge;
use store::tx::Rx;
use testkit::fixture::Fixture;

use crate::authenticator::{Authenticator, Says};
use crate::world::{JANE, PASSWORD, SignedIn, World};

const SAM: &str = "22222222-2222-4222-8222-222222222222";

/// The code of a base32 secret at a moment: an app of our own.
pub(crate) fn app_code(secret: &str, now: Timestamp) -> Secret {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = 0_u64;
    let (mut held, mut bytes) = (0, Vec::new());
    for letter in secret.chars() {
        bits = bits << 5 | ALPHABET.find(letter).unwrap() as u64;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 255) as u8);
        }
    }
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = aws_lc_rs::hmac::sign(&key, &(now.seconds() / 30).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7FFF_FFFF;
    Secret::new(format!("{:06}", number % 1_000_000))
}

impl World {
    pub(crate) async fn policy(&self, policy: MfaPolicy) {
        let cx = self.fixture.root("sso-directory.amazonaws.com", "PutMfaDeviceManagementForDirectory");
        let new = NewPolicy {
            policy,
            forced: true,
            administrators: |_: &mut Rx<'_>, _: &Cx, _: &Instance, _: Visit<'_>| Ok(()),
        };
        mfa_devices::put_policy(&self.fixture.store, &cx, &self.config, (&self.at(), new)).await.unwrap();
    }

    pub(crate) async fn begin_from(&self, ip: &str, brought: Brought) -> Result<Progress, Fault> {
        let attempt =
            PasswordSignIn { user_name: "jane".to_owned(), password: Secret::new(PASSWORD), brought };
        let cx = self.anonymous(ip);
        sign_in::by_password(&self.fixture.store, &cx, &self.config, &self.hasher, attempt).await
    }

    pub(crate) async fn begin(&self) -> Secret {
        let Progress::More(flow) = self.begin_from("192.0.2.1", Brought::default()).await.unwrap() else {
            panic!("nothing more is asked for")
        };
        flow
    }

    pub(crate) fn pending(&self, flow: &Secret) -> Option<flows::Pending> {
        let cx = self.anonymous("192.0.2.1");
        self.fixture.store.read(|rx| flows::open(rx, &cx, &self.config, flow)).unwrap()
    }

    pub(crate) async fn prove(&self, flow: &Secret, proof: Proof) -> Result<Progress, Fault> {
        let cx = self.anonymous("192.0.2.1");
        factors::prove(&self.fixture.store, &cx, &self.config, (flow, proof), false).await
    }

    /// Jane registers an app; its secret.
    pub(crate) async fn with_app(&self, session: &PortalSession) -> String {
        let (cx, who) = (self.person(session), Enrolee::Session(Box::new(session.clone())));
        let new = devices::start_totp(&self.fixture.store, &cx, &self.config, &who).unwrap();
        let secret = new.secret.expose().to_owned();
        let given = (&new.state, &app_code(&secret, self.fixture.now), "Phone");
        devices::add_totp(&self.fixture.store, &cx, &self.config, &who, given).await.unwrap();
        secret
    }

    fn question(&self, flow: &Secret) -> Challenge {
        let cx = self.anonymous("192.0.2.1");
        let pending = self.pending(flow).unwrap();
        factors::ask(&self.fixture.store, &cx, &self.config, &pending).unwrap().unwrap()
    }

    /// The person of a session registers a key.
    pub(crate) async fn with_key(
        &self,
        session: &PortalSession,
        key: &Authenticator,
    ) -> Result<Progress, Fault> {
        let (cx, who) = (self.person(session), Enrolee::Session(Box::new(session.clone())));
        let asked = devices::start_webauthn(&self.fixture.store, &cx, &self.config, &who)?;
        let answer = key.create(&asked, &Says { counter: 0, ..Says::default() });
        let given = (&asked.state, answer.as_str(), "Key");
        devices::add_webauthn(&self.fixture.store, &cx, &self.config, &who, given).await
    }

    async fn answer(&self, flow: &Secret, asked: &Challenge, answer: String) -> Result<Progress, Fault> {
        self.prove(flow, Proof::Webauthn { state: asked.state.clone(), answer }).await
    }

    async fn passkey(&self, asked: &Challenge, answer: String, bound_to: &str) -> Result<Progress, Fault> {
        let attempt = PasskeySignIn {
            state: asked.state.clone(),
            answer,
            bound_to: bound_to.to_owned(),
            brought: Brought::default(),
        };
        let cx = self.anonymous("192.0.2.1");
        let attempt = (attempt, DirectoryAnswer::Welcome);
        passkey_sign_in::by_passkey_of(&self.fixture.store, &cx, &self.config, attempt).await
    }

    fn root_cx(&self) -> Cx {
        self.fixture.root("sso-directory.amazonaws.com", "DeleteMfaDeviceForUser")
    }
}

pub(crate) fn is_unauthorized<T: std::fmt::Debug>(result: &Result<T, Fault>) -> bool {
    matches!(result.as_ref().map_err(Fault::kind), Err(FaultKind::Unauthorized))
}

testkit::on_both_engines!(an_app_is_asked_for_and_no_code_counts_twice, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let first = world.sign_in().await;
    let secret = world.with_app(&first.session).await;
    // The code by which it was registered is used.
    let flow = world.begin().await;
    assert_eq!(world.pending(&flow).unwrap().next, Next::Factor);
    let used = Proof::Totp(app_code(&secret, world.fixture.now));
    assert!(is_unauthorized(&world.prove(&flow, used).await));
    let later = world.later(30);
    let code = app_code(&secret, later.fixture.now);
    let signed_in = SignedIn::of(later.prove(&flow, Proof::Totp(code.clone())).await.unwrap());
    assert_eq!(signed_in.session.proofs.credential_type(), "PASSWORD,TOTP");
    assert_eq!(signed_in.session.proofs.mfa_at, Some(later.fixture.now));
    // TOTP replay: the same code in another sign-in.
    let again = later.begin().await;
    assert!(is_unauthorized(&later.prove(&again, Proof::Totp(code)).await));
    // The flow that is over is over.
    assert!(later.pending(&flow).is_none());
    let records = world.records("CredentialVerification");
    assert!(records.iter().any(|record| record.contains("\"CredentialType\":\"TOTP\"")), "{records:?}");
    assert!(world.records("UserAuthentication").iter().any(|record| record.contains("PASSWORD,TOTP")));
});

testkit::on_both_engines!(guesses_spread_over_factors_are_slowed_together, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    world.with_app(&session).await;
    let flow = world.begin().await;
    for number in 0..5 {
        let proof = if number % 2 == 0 {
            Proof::Totp(Secret::new("000000"))
        } else {
            Proof::Code(Secret::new("aaaa-bbbb-cccc"))
        };
        assert!(is_unauthorized(&world.prove(&flow, proof).await), "{number}");
    }
    let slowed = world.prove(&flow, Proof::Code(Secret::new("aaaa-bbbb-cccc"))).await.unwrap_err();
    assert!(matches!(slowed.kind(), FaultKind::Throttled(_)));
    // Another flow of the same person from the same place is no way around.
    let other = world.begin().await;
    let slowed = world.prove(&other, Proof::Totp(Secret::new("000000"))).await.unwrap_err();
    assert!(matches!(slowed.kind(), FaultKind::Throttled(_)));
});

testkit::on_both_engines!(
    a_session_swapped_between_two_factors_opens_nothing,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let session = world.sign_in().await.session;
        let secret = world.with_app(&session).await;
        let flow = world.begin().await;
        let later = world.later(60);
        // Another password, or none any more: what the first factor proved counts no longer.
        later.set_password(JANE, "another horse entirely").await;
        assert!(later.pending(&flow).is_none());
        let code = Proof::Totp(app_code(&secret, later.fixture.now));
        assert!(is_unauthorized(&later.prove(&flow, code).await));
        // Disabled in between.
        let attempt = PasswordSignIn {
            user_name: "jane".to_owned(),
            password: Secret::new("another horse entirely"),
            brought: Brought::default(),
        };
        let cx = later.anonymous("192.0.2.1");
        let begun =
            sign_in::by_password(&later.fixture.store, &cx, &later.config, &later.hasher, attempt).await;
        let Progress::More(flow) = begun.unwrap() else { panic!("nothing more is asked for") };
        later.set_status(JANE, UserStatus::Disabled.as_str()).await;
        assert!(later.pending(&flow).is_none());
        let code = Proof::Totp(app_code(&secret, later.fixture.now));
        assert!(is_unauthorized(&later.prove(&flow, code).await));
        // Too late.
        later.set_status(JANE, UserStatus::Enabled.as_str()).await;
        assert!(later.later(16 * 60).pending(&flow).is_none());
    }
);

testkit::on_both_engines!(
    a_remembered_browser_is_not_asked_until_it_is_forgotten,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let session = world.sign_in().await.session;
        let secret = world.with_app(&session).await;
        let world = world.later(60);
        let flow = world.begin().await;
        let (cx, proof) = (world.anonymous("192.0.2.1"), Proof::Totp(app_code(&secret, world.fixture.now)));
        let proved = factors::prove(&world.fixture.store, &cx, &world.config, (&flow, proof), true).await;
        let Progress::SignedIn(signed_in) = proved.unwrap() else { panic!("more is asked for") };
        let remembered = signed_in.remembered.clone().unwrap();
        let brought = || Brought { remembered: Some(remembered.clone()), ..Brought::default() };
        let known = SignedIn::of(world.begin_from("192.0.2.7", brought()).await.unwrap());
        assert_eq!(known.session.proofs.mfa_at, None, "no factor was given");
        // Another browser is asked, and always is who so decides.
        assert!(matches!(world.begin_from("192.0.2.7", Brought::default()).await, Ok(Progress::More(_))));
        let always = MfaPolicy { prompt_mode: PromptMode::AlwaysOn, ..MfaPolicy::default() };
        world.policy(always).await;
        assert!(matches!(world.begin_from("192.0.2.7", brought()).await, Ok(Progress::More(_))));
        world.policy(MfaPolicy::default()).await;
        let own =
            devices::list_own(&world.fixture.store, &world.person(&known.session), &known.session).unwrap();
        assert_eq!(own.browsers.len(), 1);
        let forget = Act::Forget(own.browsers[0].id.clone());
        devices::act(&world.fixture.store, &world.person(&known.session), &known.session, forget)
            .await
            .unwrap();
        assert!(matches!(world.begin_from("192.0.2.7", brought()).await, Ok(Progress::More(_))));
    }
);

testkit::on_both_engines!(
    recovery_codes_and_an_administrators_code_work_once,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let session = world.sign_in().await.session;
        let cx = world.person(&session);
        let none = devices::make_recovery_codes(&world.fixture.store, &cx, &session).await.unwrap_err();
        assert!(none.message().contains("Register a device first"), "{none:?}");
        world.with_app(&session).await;
        let session = world
            .fixture
            .store
            .read(|rx| Ok(store::signin::portal_sessions::find(rx, &session.user.session_id)?.unwrap()));
        let session = session.unwrap();
        let codes = devices::make_recovery_codes(&world.fixture.store, &cx, &session).await.unwrap();
        assert_eq!(codes.len(), 10);
        let flow = world.begin().await;
        let typed = codes[3].expose().to_uppercase().replace('-', " ");
        let signed_in = SignedIn::of(world.prove(&flow, Proof::Code(Secret::new(typed))).await.unwrap());
        assert!(signed_in.session.proofs.mfa_at.is_some());
        let flow = world.begin().await;
        assert!(is_unauthorized(&world.prove(&flow, Proof::Code(codes[3].clone())).await));
        let user = UserId::trusted(JANE);
        let (code, _) =
            mfa_devices::create_bypass(&world.fixture.store, &world.root_cx(), (&world.at(), &user))
                .await
                .unwrap();
        let (newer, until) =
            mfa_devices::create_bypass(&world.fixture.store, &world.root_cx(), (&world.at(), &user))
                .await
                .unwrap();
        assert!(is_unauthorized(&world.prove(&flow, Proof::Code(code)).await), "a newer one took its place");
        let late = world.later(until.since(world.fixture.now).as_secs());
        let flow_late = late.begin().await;
        assert!(
            is_unauthorized(&late.prove(&flow_late, Proof::Code(newer.clone())).await),
            "its time is over"
        );
        assert!(matches!(world.prove(&flow, Proof::Code(newer)).await, Ok(Progress::SignedIn(_))));
    }
);

testkit::on_both_engines!(who_has_no_device_is_treated_as_decided, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let user = UserId::trusted(JANE);
    world.policy(MfaPolicy { without_device: WithoutDevice::Block, ..MfaPolicy::default() }).await;
    let blocked = world.begin_from("192.0.2.1", Brought::default()).await.unwrap_err();
    assert_eq!(blocked.kind(), &FaultKind::Forbidden);
    // An administrator's code lets them in once, to register one.
    let (code, _) = mfa_devices::create_bypass(&world.fixture.store, &world.root_cx(), (&world.at(), &user))
        .await
        .unwrap();
    let flow = world.begin().await;
    assert!(matches!(world.prove(&flow, Proof::Code(code)).await, Ok(Progress::More(_))));
    assert_eq!(world.pending(&flow).unwrap().next, Next::Device);
    world.policy(MfaPolicy { without_device: WithoutDevice::Register, ..MfaPolicy::default() }).await;
    let flow = world.begin().await;
    assert_eq!(world.pending(&flow).unwrap().next, Next::Device);
    let (cx, who) = (world.anonymous("192.0.2.1"), Enrolee::Flow(flow.clone()));
    let new = devices::start_totp(&world.fixture.store, &cx, &world.config, &who).unwrap();
    let wrong = (&new.state, &Secret::new("000000"), "");
    assert!(devices::add_totp(&world.fixture.store, &cx, &world.config, &who, wrong).await.is_err());
    let right = (&new.state, &app_code(new.secret.expose(), world.fixture.now), "");
    let added = devices::add_totp(&world.fixture.store, &cx, &world.config, &who, right).await.unwrap();
    assert_eq!(SignedIn::of(added).session.proofs.credential_type(), "PASSWORD,TOTP");
    // A secret that was shown to one cannot be registered by another.
    let other = world.later(60);
    let flow = other.begin().await;
    let stolen = Enrolee::Flow(flow);
    let given = (&new.state, &app_code(new.secret.expose(), other.fixture.now), "");
    let refused = devices::add_totp(&other.fixture.store, &cx, &other.config, &stolen, given).await;
    assert!(refused.is_err());
    let nobody =
        MfaPolicy { allowed: vec![], without_device: WithoutDevice::Register, ..MfaPolicy::default() };
    assert!(nobody.checked(true).is_err());
});

testkit::on_both_engines!(
    a_one_time_password_leads_to_another_and_nowhere_else,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, at, user) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
        let cx = world.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
        let made =
            passwords::set(store, &cx, (&world.config, &world.hasher), (&at, &user), NewPassword::default())
                .await;
        let made = made.unwrap().unwrap();
        let begin = async |world: &World| {
            let attempt = PasswordSignIn {
                user_name: "jane".to_owned(),
                password: made.clone(),
                brought: Brought::default(),
            };
            let cx = world.anonymous("192.0.2.1");
            sign_in::by_password(&world.fixture.store, &cx, &world.config, &world.hasher, attempt).await
        };
        let Progress::More(flow) = begin(&world).await.unwrap() else { panic!("it opened") };
        assert_eq!(world.pending(&flow).unwrap().next, Next::NewPassword);
        let choose = async |new: &str| {
            let cx = world.anonymous("192.0.2.1");
            let with = (&world.config, &world.hasher);
            passwords::choose(&world.fixture.store, &cx, with, (&flow, &Secret::new(new))).await
        };
        assert!(choose(made.expose()).await.is_err(), "the same again");
        assert!(choose("short").await.is_err());
        let signed_in = SignedIn::of(choose("an entirely new sentence").await.unwrap());
        assert_eq!(signed_in.session.user_name, "Jane");
        assert!(is_unauthorized(&begin(&world).await));
        assert!(world.try_sign_in("192.0.2.1", "jane", "an entirely new sentence").await.is_ok());
        // Not used in time.
        let made =
            passwords::set(store, &cx, (&world.config, &world.hasher), (&at, &user), NewPassword::default())
                .await;
        let made = made.unwrap().unwrap();
        let late = world.later(7 * 24 * 3_600);
        let tried = late.try_sign_in("192.0.2.1", "jane", made.expose()).await;
        assert!(is_unauthorized(&tried));
    }
);

testkit::on_both_engines!(a_passkey_signs_in_alone_and_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    let key = Authenticator::new("jane-key-1");
    world.with_key(&session, &key).await.unwrap();
    let says = |counter| Says { counter, handle: Some(JANE.to_owned()), ..Says::default() };
    let asked = world.ask_anybody();
    let answer = key.get(&asked, &says(1));
    let signed_in = SignedIn::of(world.passkey(&asked, answer.clone(), "this browser").await.unwrap());
    assert_eq!(signed_in.session.proofs.credential_type(), "WEBAUTHN");
    assert_eq!(signed_in.session.proofs.mfa_at, Some(world.fixture.now));
    // Replayed: the same answer, then the same question with another answer.
    assert!(is_unauthorized(&world.passkey(&asked, answer, "this browser").await));
    assert!(is_unauthorized(&world.passkey(&asked, key.get(&asked, &says(2)), "this browser").await));
    let try_one = async |says: Says, bound_to: &str| {
        let asked = world.ask_anybody();
        world.passkey(&asked, key.get(&asked, &says), bound_to).await
    };
    let refused = [
        ("another browser's question", says(10), "another browser"),
        ("a wrong origin", Says { origin: "http://localhost:9999".to_owned(), ..says(11) }, "this browser"),
        ("a wrong origin", Says { origin: "https://evil.example".to_owned(), ..says(12) }, "this browser"),
        ("a wrong RP ID", Says { rp_id: "evil.example".to_owned(), ..says(13) }, "this browser"),
        ("a wrong challenge", Says { challenge: Some("AAAA".to_owned()), ..says(14) }, "this browser"),
        ("nobody verified", Says { verified: false, ..says(15) }, "this browser"),
        ("somebody else's handle", Says { handle: Some(SAM.to_owned()), ..says(16) }, "this browser"),
        ("a counter that goes back", says(1), "this browser"),
    ];
    for (what, says, bound_to) in refused {
        assert!(is_unauthorized(&try_one(says, bound_to).await), "{what}");
    }
    let late = world.later(301);
    let asked = world.ask_anybody();
    assert!(is_unauthorized(&late.passkey(&asked, key.get(&asked, &says(20)), "this browser").await));
    assert!(try_one(says(21), "this browser").await.is_ok());
    // A key that nobody registered, and one that was removed.
    let stranger = Authenticator::new("nobodys-key");
    let asked = world.ask_anybody();
    assert!(is_unauthorized(&world.passkey(&asked, stranger.get(&asked, &says(1)), "this browser").await));
    world.policy(MfaPolicy { passwordless: false, ..MfaPolicy::default() }).await;
    assert!(is_unauthorized(&try_one(says(22), "this browser").await), "not where a password is wanted");
    world.policy(MfaPolicy { allowed: vec![DeviceKind::Totp], ..MfaPolicy::default() }).await;
    assert!(is_unauthorized(&try_one(says(23), "this browser").await), "nor where keys do not count");
});

testkit::on_both_engines!(a_key_is_its_persons_second_factor_alone, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user(SAM, "Sam", "ENABLED").await;
    world.set_password(SAM, PASSWORD).await;
    let (jane, sam) = (world.sign_in().await, world.try_sign_in("192.0.2.2", "sam", PASSWORD).await.unwrap());
    let (hers, his) = (Authenticator::new("hers"), Authenticator::new("his"));
    world.with_key(&jane.session, &hers).await.unwrap();
    world.with_key(&sam.session, &his).await.unwrap();
    let sams = world
        .fixture
        .store
        .read(|rx| Ok(store::signin::portal_sessions::find(rx, &sam.session.user.session_id)?.unwrap()));
    let twice = world.with_key(&sams.unwrap(), &hers).await.unwrap_err();
    assert!(matches!(twice.kind(), FaultKind::Conflict(_)), "{twice:?}");
    let flow = world.begin().await;
    let asked = world.question(&flow);
    let says = Says { verified: false, ..Says::default() };
    let others = his.get(&asked, &Says { counter: 5, ..Says::default() });
    assert!(is_unauthorized(&world.answer(&flow, &asked, others).await), "a credential of somebody else");
    // Registered with a check of its person, it must check again.
    assert!(is_unauthorized(&world.answer(&flow, &asked, hers.get(&asked, &says)).await));
    let asked = world.question(&flow);
    let right = hers.get(&asked, &Says::default());
    // The answer to one sign-in is none to another.
    let other_flow = world.begin().await;
    assert!(is_unauthorized(&world.answer(&other_flow, &asked, right.clone()).await));
    let signed_in = SignedIn::of(world.answer(&flow, &asked, right).await.unwrap());
    assert_eq!(signed_in.session.proofs.credential_type(), "PASSWORD,WEBAUTHN");
    // Removed by an administrator, it is asked for no more.
    let (at, user) = (world.at(), UserId::trusted(JANE));
    let listed = mfa_devices::list(&world.fixture.store, &world.root_cx(), (&at, &user)).unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "Key"));
    mfa_devices::delete(&world.fixture.store, &world.root_cx(), (&at, &user), &listed[0].id).await.unwrap();
    assert!(matches!(world.begin_from("192.0.2.1", Brought::default()).await, Ok(Progress::SignedIn(_))));
});

testkit::on_both_engines!(
    devices_are_changed_by_who_proved_themselves_a_moment_ago,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let session = world.sign_in().await.session;
        let later = world.later(11 * 60);
        let (cx, who) = (later.person(&session), Enrolee::Session(Box::new(session.clone())));
        let stale = devices::start_totp(&later.fixture.store, &cx, &later.config, &who).unwrap_err();
        assert_eq!(stale.saying(), Some(&Saying::NotFresh));
        passwords::verify_own(&later.fixture.store, &cx, &later.hasher, &session, &Secret::new("wrong"))
            .await
            .unwrap_err();
        passwords::verify_own(&later.fixture.store, &cx, &later.hasher, &session, &Secret::new(PASSWORD))
            .await
            .unwrap();
        let read = |world: &World| {
            let found = world
                .fixture
                .store
                .read(|rx| Ok(store::signin::portal_sessions::find(rx, &session.user.session_id)?.unwrap()));
            found.unwrap()
        };
        let secret = later.with_app(&read(&later)).await;
        // From now on the app is what proves it.
        let latest = later.later(11 * 60);
        let cx = latest.person(&session);
        let remove = |session: PortalSession| {
            let (latest, cx) = (&latest, cx.clone());
            async move {
                let own = devices::list_own(&latest.fixture.store, &cx, &session).unwrap();
                let act = Act::Remove(own.devices[0].id.clone());
                devices::act(&latest.fixture.store, &cx, &session, act).await
            }
        };
        assert!(remove(read(&latest)).await.is_err());
        let flow =
            flows::begin_again(&latest.fixture.store, &cx, &latest.config, &read(&latest)).await.unwrap();
        let proof = Proof::Totp(app_code(&secret, latest.fixture.now));
        let Progress::SignedIn(again) = latest.prove(&flow.unwrap(), proof).await.unwrap() else {
            unreachable!()
        };
        assert!(again.token.is_none(), "the session is the one that was");
        assert_eq!(again.session.user.session_id, session.user.session_id);
        remove(read(&latest)).await.unwrap();
        let own = MfaPolicy { people_manage: false, ..MfaPolicy::default() };
        latest.policy(own).await;
        let who = Enrolee::Session(Box::new(read(&latest)));
        let refused = devices::start_totp(&latest.fixture.store, &cx, &latest.config, &who).unwrap_err();
        assert!(refused.message().contains("administrators manage"), "{refused:?}");
    }
);
