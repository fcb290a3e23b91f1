//! What is taken away counts at the very next call, and what is given too, whatever is remembered between: each kind of change is made again and
//! again while callers on several threads ask. Whoever began to ask after a change was answered, and had the answer before the next one began, must
//! have been told the state between. On both engines. `cargo xtask kill revocations` is the long form, on the real binary.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use accounts::role_sessions::{Credentials, NewSession};
use http::StatusCode;
use model::accounts::account::{AccountId, AccountState};
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::permission_set::PermissionSetArn;
use model::accounts::role::Role;
use model::caller::{Caller, OnBehalfOf};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::signin::mfa::{Method, Proofs};
use model::signin::oauth::{ClientId, FamilyId, TokenFamily};
use model::signin::portal_session::PortalSession;
use serde_json::json;
use store::signin::portal_sessions::NewPortalSession;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::requests::{Plain, Signing};
use crate::served::Served;
use crate::world::{MEMBER, World, allow, operation};

/// How long each kind is changed to and fro.
const LASTS: Duration = Duration::from_millis(600);
const READERS: usize = 3;

type Change = Arc<dyn Fn(&mut Tx<'_>, &Cx, bool) -> Result<(), Fault> + Send + Sync>;

/// A call, and what its answer shows while the caller may.
#[derive(Clone)]
struct Question {
    plain: Plain,
    shows: &'static str,
}

struct Hammer {
    world: World,
    tries: AtomicU64,
}

impl Hammer {
    async fn ask(&self, question: &Question) -> bool {
        let answer = self.world.served.call(question.plain.request()).await;
        assert!(!answer.status.is_server_error(), "{answer:?}");
        answer.status == StatusCode::OK && answer.text.contains(question.shows)
    }

    /// Asks while `phase` says that nothing is under way; the next call after each change is asked by whoever makes it.
    async fn read(&self, question: &Question, phase: &AtomicU64, ended: &AtomicBool) {
        while !ended.load(Ordering::SeqCst) {
            let before = phase.load(Ordering::SeqCst);
            let may = self.ask(question).await;
            if before.is_multiple_of(2) && before == phase.load(Ordering::SeqCst) {
                assert_eq!(may, before.is_multiple_of(4), "{}", question.shows);
                self.tries.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    async fn change(&self, change: &Change, give: bool) {
        let (change, cx) = (change.clone(), self.cx());
        self.world.served.app.store.maintain(&cx, move |tx, cx| change(tx, cx, give)).await.unwrap();
    }

    fn cx(&self) -> Cx {
        self.world.served.fixture.cx(Caller::service(AccountId::trusted(MEMBER)), "test", "Change")
    }

    /// Takes away and gives back, again and again.
    async fn kind(self: &Arc<Self>, question: Question, change: Change) {
        let (phase, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        assert!(self.ask(&question).await, "at first they may: {}", question.shows);
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..READERS {
            let (hammer, question) = (self.clone(), question.clone());
            let (phase, ended) = (phase.clone(), ended.clone());
            readers.spawn(async move { hammer.read(&question, &phase, &ended).await });
        }
        let until = Instant::now() + LASTS;
        while Instant::now() < until {
            for give in [false, true] {
                phase.fetch_add(1, Ordering::SeqCst);
                self.change(&change, give).await;
                phase.fetch_add(1, Ordering::SeqCst);
                for _ in 0..2 {
                    assert_eq!(self.ask(&question).await, give, "the very next call: {}", question.shows);
                    self.tries.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        ended.store(true, Ordering::SeqCst);
        while let Some(read) = readers.join_next().await {
            read.unwrap();
        }
    }
}

fn as_bearer(name: &str, input: &serde_json::Value, token: &str, shows: &'static str) -> Question {
    let mut plain = Plain::new(operation("sso", name), input);
    plain.put("x-amz-sso_bearer_token", token);
    Question { plain, shows }
}

fn who_am_i(signing: &Signing) -> Question {
    let mut plain = Plain::new(operation("sts", "GetCallerIdentity"), &json!({}));
    plain.sign(signing);
    Question { plain, shows: "" }
}

/// The session and the family of a token: what a change takes away it can give back.
fn session(session: PortalSession, token: &str) -> Change {
    let family = FamilyId::parse(token.split('.').next().unwrap()).unwrap();
    Arc::new(move |tx, _, give| {
        let id = &session.user.session_id;
        if !give {
            return store::signin::sign_outs::one(tx, id).map(drop);
        }
        let new = NewPortalSession {
            token_hash: [9; 32],
            session_id: id.clone(),
            user_id: session.user.user_id.clone(),
            source_ip: session.source_ip.clone(),
            user_agent: session.user_agent.clone(),
            created_at: session.created_at,
            expires_at: session.expires_at,
            proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
            idle: None,
            external: None,
            tags: std::collections::BTreeMap::new(),
        };
        store::signin::portal_sessions::insert(tx, &new)?;
        let of = TokenFamily {
            id: family.clone(),
            client_id: ClientId::trusted("client"),
            user_id: session.user.user_id.clone(),
            session_id: id.clone(),
            scopes: Vec::new(),
            created_at: session.created_at,
            generation: 0,
            exchanged_at: Vec::new(),
        };
        store::signin::tokens::insert(tx, &of)
    })
}

impl Hammer {
    fn word(&self, name: &str) -> String {
        self.world.word(name).to_owned()
    }

    fn jane(&self) -> UserId {
        UserId::trusted(self.word("user"))
    }

    fn assignment(&self, set: &str, principal: Principal) -> AccountAssignment {
        let set = PermissionSetArn::parse(self.world.word(set)).unwrap();
        AccountAssignment { account_id: AccountId::trusted(MEMBER), permission_set_id: set.id, principal }
    }

    fn membership(&self) -> Change {
        let (group, jane) = (GroupId::trusted(self.word("group")), self.jane());
        let row = Membership {
            id: MembershipId::trusted(self.word("membership")),
            identity_store_id: self.world.served.fixture.instance.identity_store_id.clone(),
            group_id: group,
            user_id: jane,
            created_at: self.world.served.fixture.now,
            created_by: String::new(),
        };
        Arc::new(move |tx, cx, give| {
            if give {
                return store::directory::memberships::insert(tx, &row);
            }
            store::directory::memberships::delete(tx, &row.group_id, &row.user_id, cx.now)
        })
    }

    fn assigned(row: AccountAssignment) -> Change {
        Arc::new(move |tx, cx, give| {
            if give {
                assert!(store::accounts::account_assignments::insert(tx, &row, cx.now)?);
                return Ok(());
            }
            store::accounts::account_assignments::delete(tx, &row, cx.now)
        })
    }

    /// Her status, or herself.
    fn person(&self, herself: bool) -> Change {
        let store = &self.world.served.app.store;
        let at = self.world.served.fixture.instance.identity_store_id.clone();
        let jane =
            store.read(|rx| Ok(store::directory::users::find(rx, &at, &self.jane())?)).unwrap().unwrap();
        Arc::new(move |tx, cx, give| match (herself, give) {
            (true, true) => store::directory::users::insert(tx, &jane),
            (true, false) => store::directory::users::delete(tx, &jane.id, cx.now),
            (false, _) => {
                let status = if give { UserStatus::Enabled } else { UserStatus::Disabled };
                store::directory::users::update(tx, &model::directory::user::User { status, ..jane.clone() })
            }
        })
    }

    fn member_state() -> Change {
        Arc::new(|tx, cx, give| {
            let state = if give { AccountState::Active } else { AccountState::Suspended };
            store::accounts::accounts::set_state(tx, &AccountId::trusted(MEMBER), state, cx.now)
        })
    }

    /// Credentials of a role, of Jane's.
    async fn credentials(&self, role: &Role) -> Credentials {
        let (role, jane) = (role.clone(), self.jane());
        let identity_store_id = self.world.served.fixture.instance.identity_store_id.clone();
        let mint = move |tx: &mut Tx<'_>, cx: &Cx| {
            let new = NewSession {
                role: &role.reference(),
                session_name: "jane".to_owned(),
                lifetime: Duration::from_secs(3_600),
                tags: std::collections::BTreeMap::new(),
                provided_context: None,
                federated_provider: None,
                on_behalf_of: Some(OnBehalfOf {
                    user_id: jane.clone(),
                    identity_store_id: identity_store_id.clone(),
                }),
                policies: Vec::new(),
                mfa_at: None,
                handed_on: <_>::default(),
            };
            accounts::role_sessions::credentials(tx.keyring(), cx, &new)
        };
        self.world.served.app.store.write(&self.cx(), mint).await.unwrap()
    }

    fn signing(&self, credentials: &Credentials, service: &str) -> Signing {
        Signing {
            key_id: credentials.access_key_id.clone(),
            secret: credentials.secret_access_key.expose().to_owned(),
            token: Some(credentials.session_token.expose().to_owned()),
            ..self.world.root(MEMBER, service)
        }
    }
}

testkit::on_both_engines!(what_is_taken_away_counts_at_the_very_next_call, |fixture: Fixture| async move {
    let world = World::over(Served::over(fixture)).await;
    let hammer = Arc::new(Hammer { world, tries: AtomicU64::new(0) });
    let token = hammer.world.bearer(hammer.world.word("user"), "jane").await;
    let (store, now) = (&hammer.world.served.app.store, hammer.world.served.fixture.now);
    let mut sessions = store
        .read(|rx| Ok(store::signin::portal_sessions::list_by_user(rx, &hammer.jane(), now, 1)?))
        .unwrap();
    let signed_in = session(sessions.remove(0), &token);
    // She has one set by herself and another by her group.
    let by_herself = hammer.assignment("set_two", Principal::User(hammer.jane()));
    let by_group = Principal::Group(GroupId::trusted(hammer.word("group")));
    hammer.change(&Hammer::assigned(hammer.assignment("set", by_group)), true).await;
    hammer.change(&Hammer::assigned(hammer.assignment("set", Principal::User(hammer.jane()))), false).await;

    let roles = |shows| as_bearer("ListAccountRoles", &json!({"accountId": MEMBER}), &token, shows);
    hammer.kind(roles(r#""roleName":"set""#), hammer.membership()).await;
    hammer.kind(roles(r#""roleName":"set-two""#), Hammer::assigned(by_herself.clone())).await;
    let wanted = json!({"accountId": MEMBER, "roleName": "set-two"});
    let credentials = as_bearer("GetRoleCredentials", &wanted, &token, "secretAccessKey");
    hammer.kind(credentials, Hammer::assigned(by_herself)).await;
    let accounts = as_bearer("ListAccounts", &json!({}), &token, MEMBER);
    hammer.kind(accounts.clone(), signed_in).await;
    for herself in [false, true] {
        hammer.kind(accounts.clone(), hammer.person(herself)).await;
    }
    hammer.kind(accounts, Hammer::member_state()).await;
    hammer.kind(who_am_i(&hammer.world.root(MEMBER, "sts")), Hammer::member_state()).await;

    let role = hammer.world.role(MEMBER, "tried", &[("inline", allow("iam:GetRole"))]).await;
    let credentials = hammer.credentials(&role).await;
    for herself in [false, true] {
        hammer.kind(who_am_i(&hammer.signing(&credentials, "sts")), hammer.person(herself)).await;
    }
    let mut ask = Plain::new(operation("iam", "GetRole"), &json!({"RoleName": "tried"}));
    ask.sign(&hammer.signing(&credentials, "iam"));
    let policy: Change = Arc::new(move |tx, _, give| {
        let action = if give { "iam:GetRole" } else { "s3:*" };
        let inline_policies = vec![("inline".to_owned(), allow(action))];
        store::accounts::roles::upsert(tx, &Role { inline_policies, ..role.clone() })
    });
    hammer.kind(Question { plain: ask, shows: "tried" }, policy).await;
    let tries = hammer.tries.load(Ordering::Relaxed);
    assert!(tries > 200, "{tries}");
});
