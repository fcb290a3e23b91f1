//! Sessions that accounts elsewhere gave: whoever loses what they reached loses them too, whatever the reason, and nobody else does.

use std::time::Duration;

use accounts::connected_sessions as sessions;
use accounts::connected_work::Ended;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSet;
use model::accounts::role::Role;
use model::directory::user::UserId;
use model::job::{Job, JobKind};
use serde_json::json;
use store::accounts::connected_sessions::{self, NewConnectedSession};
use testkit::elsewhere::Elsewhere;
use testkit::fixture::Fixture;

use crate::account_drifts::standing;
use crate::world::{
    ADMINS, DEV, JANE, JOHN, MANAGEMENT, World, account, group, is_denied, jane, john, refusal,
};

const HOUR: Duration = Duration::from_hours(1);

impl World {
    /// Credentials of `role` are given to `user`, good for an hour.
    async fn given(&self, set: &PermissionSet, role: &Role, (user, name): (&'static str, &'static str)) {
        let (set, role) = (set.id.clone(), role.name.as_str().to_owned());
        self.fixture
            .store
            .maintain(&self.worker(), move |tx, cx| {
                let new = NewConnectedSession {
                    account_id: &account(DEV),
                    role_name: &role,
                    session_name: name,
                    permission_set_id: &set,
                    user_id: &UserId::trusted(user),
                    expires_at: cx.now.plus(HOUR),
                };
                connected_sessions::note(tx, &new, cx.now)
            })
            .await
            .unwrap();
    }

    async fn swept(&self) -> usize {
        sessions::sweep(&self.fixture.store, &self.worker()).await.unwrap()
    }

    async fn revoked_there(&self, elsewhere: &Elsewhere, job: &Job) -> Ended {
        assert_eq!(job.kind, JobKind::SessionRevocation);
        let reach = self.way_there(elsewhere);
        sessions::run_one(&self.fixture.store, &self.worker(), &reach, job).await.unwrap()
    }

    fn void(&self, role: &Role) -> Vec<String> {
        let (of, now) = (account(DEV), self.fixture.now);
        let found = self.fixture.store.read(|rx| {
            Ok::<_, model::fault::Fault>(connected_sessions::revoked(rx, &of, role.name.as_str(), now)?)
        });
        found.unwrap().into_iter().map(|(name, _)| name).collect()
    }

    /// The one job that is due, carried out where the role stands.
    async fn carried_there(&self, role: &Role) -> Vec<String> {
        let elsewhere = Elsewhere::empty(DEV);
        elsewhere.answers("GetRole", &standing(role, 43_200, self.fixture.instance.id.as_str()));
        let job = self.connected_job().await;
        assert_eq!(self.revoked_there(&elsewhere, &job).await, Ended::Done);
        elsewhere.taken()
    }
}

testkit::on_both_engines!(
    whoever_loses_what_they_reached_loses_their_sessions_and_nobody_else_does,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world.connect(DEV).await.unwrap();
        let (at, set, role) = world.provisioned("Admin").await;
        at.assign(&set, DEV, john()).await;
        let at = at.later(1);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        at.given(&set, &role, (JANE, "jane")).await;
        at.given(&set, &role, (JOHN, "john")).await;
        assert_eq!(at.swept().await, 0);
        // Jane's assignment ends; the role stays for John.
        at.unassign(&set, DEV, jane()).await;
        let at = at.later(1_000);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        assert_eq!(at.swept().await, 1);
        assert_eq!(at.void(&role), ["jane"]);
        let at = at.later(1);
        let calls = at.carried_there(&role).await;
        assert!(calls.contains(&"PutRolePolicy".to_owned()), "{calls:?}");
        assert_eq!(at.swept().await, 0, "once");
        // She reaches it again, by a group, and what she is given then is good, until she loses that too.
        at.assign(&set, DEV, group(ADMINS)).await;
        let at = at.later(1);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        let at = at.later(1);
        at.given(&set, &role, (JANE, "jane")).await;
        assert_eq!(at.swept().await, 0);
        let at = at.later(1);
        at.unassign(&set, DEV, Principal::Group(model::directory::group::GroupId::trusted(ADMINS))).await;
        let at = at.later(1);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        assert_eq!(at.swept().await, 1);
        let at = at.later(1);
        at.carried_there(&role).await;
        // When the last of what was void has ended, the policy goes.
        let at = at.later(3_700_000);
        assert_eq!(at.swept().await, 2);
        let at = at.later(1);
        let calls = at.carried_there(&role).await;
        assert!(calls.contains(&"DeleteRolePolicy".to_owned()), "{calls:?}");
        assert_eq!((at.void(&role), at.swept().await), (Vec::new(), 0));
    }
);

testkit::on_both_engines!(a_persons_sessions_are_void_when_somebody_says_so, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.connect(DEV).await.unwrap();
    let (at, set, role) = world.provisioned("Admin").await;
    at.given(&set, &role, (JANE, "jane")).await;
    let (store, instance) = (&at.fixture.store, &at.fixture.instance.id);
    let nobody = at.session(MANAGEMENT, &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}));
    let of = (&UserId::trusted(JANE), None);
    refusal(sessions::revoke(store, &nobody, instance, of).await.map(|_| ()), is_denied);
    let elsewhere = account(MANAGEMENT);
    let cx = at.cx("RevokeUserRoleSessions");
    assert_eq!(sessions::revoke(store, &cx, instance, (of.0, Some(&elsewhere))).await.unwrap(), 0);
    assert_eq!(sessions::revoke(store, &cx, instance, of).await.unwrap(), 1);
    assert_eq!(at.void(&role), ["jane"]);
    // What the account refuses is told.
    let at = at.later(1);
    let job = at.connected_job().await;
    let refusing = Elsewhere::empty(DEV);
    refusing.answers("GetRole", &standing(&role, 43_200, at.fixture.instance.id.as_str()));
    refusing.refuses("PutRolePolicy", 409, "LimitExceeded");
    assert_eq!(at.revoked_there(&refusing, &job).await, Ended::Done);
    let records = at.records("RoleSessionRevocation");
    assert!(records[0].to_string().contains("iam:PutRolePolicy failed with LimitExceeded"), "{records:?}");
    // A role without our mark is not touched.
    sessions::revoke(&at.fixture.store, &at.cx("x"), &at.fixture.instance.id, of).await.unwrap();
    let at = at.later(1);
    let theirs = Elsewhere::empty(DEV);
    theirs.answers("GetRole", &standing(&role, 43_200, "ssoins-theirs"));
    assert_eq!(at.revoked_there(&theirs, &at.connected_job().await).await, Ended::Done);
    assert!(!theirs.taken().contains(&"PutRolePolicy".to_owned()));
});
