//! Several sources of one person: each has its word, of each attribute one wins, and what it does not say another does.

use directory::attribute_precedence::{self, Precedence, Ranked};
use directory::owners::Owned;
use directory::provisioning::{self, Meant, Person};
use directory::source_id::SourceId;
use directory::user_sources::{self, Outcome};
use directory::users;
use model::directory::attribute_precedence::Outranked;
use model::directory::user::{User, UserId, UserProfile, UserStatus};
use model::fault::{ConflictReason, Fault, FaultKind};
use model::job::Queue;
use model::sources::provisioning_tenant::TenantId;
use serde_json::{Value, json};
use store::jobs::Claim;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::owners::{FIRST, SECOND, arrive, bring, by, external_idp, hand_over, is_refused, issuer, tenant};
use crate::support::{at, cx, describe, make, make_group, person, set};

const STATE: FaultKind = FaultKind::Conflict(ConflictReason::State);

/// Two tenants, the first with somebody whom it owns, of whom the second speaks too.
struct Two<'f> {
    f: &'f Fixture,
    entra: TenantId,
    hr: TenantId,
    jane: UserId,
}

impl<'f> Two<'f> {
    async fn new(f: &'f Fixture) -> Self {
        let (entra, hr) = (tenant(f, FIRST, "Entra ID").await, tenant(f, SECOND, "Workday").await);
        let jane = bring(f, &entra, "jane").await.id;
        let two = Self { f, entra, hr, jane };
        assert!(two.link(&two.hr).await.is_empty());
        two
    }

    async fn link(&self, to: &TenantId) -> Vec<user_sources::Failure> {
        let to = SourceId::Tenant(to.clone());
        let cx = cx(self.f, "LinkUsersToSource");
        user_sources::link(&self.f.store, &cx, (&at(self.f), &to), vec![self.jane.clone()]).await.unwrap()
    }

    async fn unlink(&self, from: &TenantId, dry_run: bool) -> Outcome {
        let (from, cx) = (SourceId::Tenant(from.clone()), cx(self.f, "UnlinkUsersFromSource"));
        let how = (vec![self.jane.clone()], dry_run);
        user_sources::unlink(&self.f.store, &cx, (&at(self.f), &from), how).await.unwrap()
    }

    /// A tenant changes what it said.
    async fn say(&self, tenant: &TenantId, with: fn(&mut Person)) -> Result<User, Fault> {
        let meant = Meant { id: self.jane.clone(), revision: None, issuer: issuer(tenant) };
        let with = move |user: &User| {
            let mut said = Person { profile: user.profile.clone(), status: user.status, external_id: None };
            with(&mut said);
            Ok(said)
        };
        let nothing_else = None::<fn(&mut Tx<'_>, &model::cx::Cx, &User) -> Result<(), Fault>>;
        let cx = by(self.f, tenant);
        provisioning::change(&self.f.store, &cx, &at(self.f), meant, (with, nothing_else)).await
    }

    async fn decide(&self, precedence: Precedence) -> attribute_precedence::Plan {
        let cx = cx(self.f, "PutAttributePrecedence");
        let plan =
            attribute_precedence::put(&self.f.store, &cx, &at(self.f), (precedence, false)).await.unwrap();
        work(self.f).await;
        plan
    }

    fn order(&self, hr_first: &[&str], outranked: Outranked) -> Precedence {
        let hr = Ranked::Source(SourceId::Tenant(self.hr.clone()));
        let exceptions = hr_first.iter().map(|path| ((*path).to_owned(), vec![hr.clone()])).collect();
        Precedence { exceptions, outranked, ..Precedence::default() }
    }

    fn profile(&self) -> UserProfile {
        describe(&self.f.store, &cx(self.f, "DescribeUser"), &at(self.f), &self.jane).unwrap().profile
    }

    fn title(&self) -> Option<String> {
        self.profile().attributes.get("Title").and_then(Value::as_str).map(str::to_owned)
    }

    /// Whose an attribute is, and who else says something.
    fn whose(&self, path: &str) -> (Option<String>, Vec<Option<String>>) {
        let cx = cx(self.f, "DescribeUserSources");
        let (sources, attributes) =
            user_sources::describe(&self.f.store, &cx, &at(self.f), &self.jane).unwrap();
        let name = |at: usize| sources[at].source.as_ref().and_then(|named| named.name.clone());
        let found = attributes.into_iter().find(|one| one.path == path);
        found.map_or((None, Vec::new()), |one| {
            (name(one.owner), one.kept_aside.into_iter().map(name).collect())
        })
    }

    async fn set_here(&self, path: &str, value: Value) -> Result<User, Fault> {
        let cx = cx(self.f, "UpdateUser");
        users::update(&self.f.store, &cx, &at(self.f), &self.jane, set(path, value)).await
    }
}

/// Carries out whatever waits.
async fn work(f: &Fixture) {
    loop {
        let (cx, now) = (cx(f, "Work"), f.now);
        let claim = move |tx: &mut Tx<'_>, _: &model::cx::Cx| {
            let hold = std::time::Duration::from_secs(1);
            store::jobs::claim(tx, now, &Claim { queue: Queue::Work, after: "", limit: 9, hold })
        };
        let jobs = f.store.maintain(&cx, claim).await.unwrap();
        if jobs.is_empty() {
            return;
        }
        for job in jobs {
            attribute_precedence::run_one(&f.store, &cx, &job).await.unwrap();
        }
    }
}

fn titled(said: &mut Person, title: &str) {
    said.profile.attributes.insert("Title".to_owned(), json!(title));
}

fn hr_title(said: &mut Person) {
    titled(said, "Head of IT");
}

fn entra_title(said: &mut Person) {
    titled(said, "Engineer");
}

testkit::on_both_engines!(a_linked_source_says_what_nobody_above_it_says, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    assert_eq!(two.say(&two.hr, hr_title).await.unwrap().profile.attributes["Title"], "Head of IT");
    assert_eq!(two.whose("title"), (Some("Workday".to_owned()), vec![]));
    assert_eq!(two.whose("userName"), (Some("Entra ID".to_owned()), vec![]));
    let refused = two.say(&two.hr, |said| said.profile.display_name = "J".to_owned()).await.unwrap_err();
    is_refused(
        refused,
        FaultKind::AccessDenied,
        &["displayName is owned by", "Entra ID", FIRST, "PutAttributePrecedence"],
    );
    // The owner says something of it now: it is above.
    two.say(&two.entra, entra_title).await.unwrap();
    assert_eq!(two.title().as_deref(), Some("Engineer"));
    assert_eq!(two.whose("title"), (Some("Entra ID".to_owned()), vec![Some("Workday".to_owned())]));
    // What the other says again it said before, and is not refused.
    two.say(&two.hr, hr_title).await.unwrap();
    let refused = two.say(&two.hr, |said| titled(said, "Chief")).await.unwrap_err();
    is_refused(refused, FaultKind::AccessDenied, &["title is owned by"]);
    // It comes forward when the owner says nothing any more.
    two.say(&two.entra, |said| drop(said.profile.attributes.shift_remove("Title"))).await.unwrap();
    assert_eq!(two.title().as_deref(), Some("Head of IT"));
    let refused = two.set_here("title", json!("Here")).await.unwrap_err();
    is_refused(refused, STATE, &["title is owned by", "Workday", "PutAttributePrecedence"]);
});

testkit::on_both_engines!(an_order_decides_by_attribute_and_shows_its_plan, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    two.say(&two.entra, entra_title).await.unwrap();
    two.decide(two.order(&["title"], Outranked::Keep)).await;
    assert_eq!(two.title().as_deref(), Some("Engineer"), "HR says nothing yet");
    two.say(&two.hr, hr_title).await.unwrap();
    assert_eq!(two.title().as_deref(), Some("Head of IT"));
    // The owner's word is kept aside.
    two.say(&two.entra, |said| titled(said, "Principal")).await.unwrap();
    assert_eq!(two.title().as_deref(), Some("Head of IT"));
    assert_eq!(two.whose("title"), (Some("Workday".to_owned()), vec![Some("Entra ID".to_owned())]));

    // Another order: told first, and nothing happens.
    let other = two.order(&[], Outranked::Refuse);
    let tried = attribute_precedence::put(
        &fixture.store,
        &cx(&fixture, "PutAttributePrecedence"),
        &at(&fixture),
        (other.clone(), true),
    )
    .await;
    let plan = tried.unwrap();
    let [change] = plan.outcome.changes.as_slice() else { panic!("{plan:?}") };
    assert_eq!((&change.user_id, change.path.as_str()), (&two.jane, "title"));
    assert_eq!((&change.before, &change.after), (&Some(json!("Head of IT")), &Some(json!("Principal"))));
    assert!(!plan.are_more);
    work(&fixture).await;
    assert_eq!(two.title().as_deref(), Some("Head of IT"));
    assert_eq!(two.decide(other).await.outcome, plan.outcome);
    assert_eq!(two.title().as_deref(), Some("Principal"));
    let kept = attribute_precedence::get(&fixture.store, &cx(&fixture, "Get"), &at(&fixture)).unwrap();
    assert_eq!(kept, two.order(&[], Outranked::Refuse));
});

testkit::on_both_engines!(
    a_source_leaves_only_when_told_and_nothing_is_lost,
    |fixture: Fixture| async move {
        let two = Two::new(&fixture).await;
        two.decide(two.order(&["title"], Outranked::Keep)).await;
        two.say(&two.entra, entra_title).await.unwrap();
        two.say(&two.hr, |said| {
            hr_title(said);
            said.profile.attributes.insert("NickName".to_owned(), json!("J"));
        })
        .await
        .unwrap();
        let plan = two.unlink(&two.hr, true).await;
        let [change] = plan.changes.as_slice() else { panic!("{plan:?}") };
        assert_eq!((change.path.as_str(), &change.after), ("title", &Some(json!("Engineer"))));
        assert_eq!(two.title().as_deref(), Some("Head of IT"));
        assert_eq!(two.unlink(&two.hr, false).await, plan);
        assert_eq!(two.title().as_deref(), Some("Engineer"));
        assert_eq!(two.profile().attributes["NickName"], "J", "what nobody else says stays");
        assert_eq!(two.whose("nickName"), (Some("Entra ID".to_owned()), vec![]));
        let again = two.unlink(&two.hr, false).await;
        assert!(again.failures[0].reason.contains("not linked"), "{again:?}");
        two.say(&two.hr, hr_title).await.unwrap_err();

        // The owner is handed over, not unlinked; what it said its successor says.
        two.link(&two.hr).await;
        two.say(&two.hr, hr_title).await.unwrap();
        let refused = two.unlink(&two.entra, false).await;
        assert!(refused.failures[0].reason.contains("TakeOwnership"), "{refused:?}");
        assert!(two.link(&two.entra).await[0].reason.contains("owned by this source already"));
        assert!(hand_over(&fixture, vec![Owned::User(two.jane.clone())], Some(&two.hr)).await.is_empty());
        assert_eq!(two.profile().user_name, "jane");
        assert_eq!(two.whose("userName"), (Some("Workday".to_owned()), vec![]));
        two.say(&two.entra, entra_title).await.unwrap_err();
        two.say(&two.hr, |said| said.profile.user_name = "jane2".to_owned()).await.unwrap();
    }
);

testkit::on_both_engines!(whether_somebody_is_there_is_their_owners_to_say, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    two.say(&two.hr, hr_title).await.unwrap();
    let refused = two.say(&two.hr, |said| said.status = UserStatus::Disabled).await.unwrap_err();
    is_refused(refused, FaultKind::AccessDenied, &["active is owned by", "Entra ID"]);
    two.say(&two.entra, |said| said.status = UserStatus::Disabled).await.unwrap();
    let said = two.say(&two.hr, |said| said.status = UserStatus::Enabled).await.unwrap();
    assert_eq!(said.status, UserStatus::Disabled, "it does not let in");
    // Its deletion takes away its word alone.
    users::delete(&fixture.store, &by(&fixture, &two.hr), &at(&fixture), &two.jane, None).await.unwrap();
    assert_eq!(two.title().as_deref(), Some("Head of IT"));
    assert_eq!(two.whose("title"), (Some("Entra ID".to_owned()), vec![]));
    let gone = users::delete(&fixture.store, &by(&fixture, &two.hr), &at(&fixture), &two.jane, None).await;
    is_refused(gone.unwrap_err(), FaultKind::AccessDenied, &["Entra ID"]);
    users::delete(&fixture.store, &by(&fixture, &two.entra), &at(&fixture), &two.jane, None).await.unwrap();
});

testkit::on_both_engines!(what_is_set_here_counts_where_an_order_names_it, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    let here = ("displayName".to_owned(), vec![Ranked::Here]);
    let below = ("title".to_owned(), vec![Ranked::Source(SourceId::Tenant(two.hr.clone())), Ranked::Here]);
    let precedence = Precedence { exceptions: vec![here, below], ..Precedence::default() };
    two.decide(precedence).await;
    two.set_here("displayName", json!("Jane D.")).await.unwrap();
    let refused = two.say(&two.entra, |said| said.profile.display_name = "J".to_owned()).await.unwrap_err();
    is_refused(refused, FaultKind::AccessDenied, &["displayName is owned by the administrators here"]);
    assert_eq!(two.profile().display_name, "Jane D.");
    two.set_here("title", json!("Here")).await.unwrap();
    two.say(&two.hr, hr_title).await.unwrap();
    let refused = two.set_here("title", json!("Mine")).await.unwrap_err();
    is_refused(refused, STATE, &["title is owned by", "Workday"]);
    let refused = two.set_here("nickName", json!("J")).await.unwrap_err();
    is_refused(refused, STATE, &["nickName is owned by", "Entra ID"]);
    // What is taken away here comes from whoever says it.
    two.set_here("displayName", json!("Jane E.")).await.unwrap();
    assert_eq!(two.whose("displayName"), (None, vec![Some("Entra ID".to_owned())]));

    // Somebody of whom one source speaks, and something is set here.
    let lin = bring(&fixture, &two.entra, "lin").await.id;
    let update = users::update(
        &fixture.store,
        &cx(&fixture, "UpdateUser"),
        &at(&fixture),
        &lin,
        set("displayName", json!("Lin")),
    )
    .await;
    assert_eq!(update.unwrap().profile.display_name, "Lin");
});

testkit::on_both_engines!(somebody_made_here_may_have_sources, |fixture: Fixture| async move {
    let f = &fixture;
    let (entra, hr) = (tenant(f, FIRST, "Entra ID").await, tenant(f, SECOND, "Workday").await);
    let jane = make(f, "jane").await.id;
    let two = Two { f, entra, hr, jane };
    // Who is here already is somebody else, until an administrator says that they are not.
    let person =
        || Person { profile: person("jane"), status: UserStatus::Enabled, external_id: Some("7".to_owned()) };
    let nothing_else = |_: &mut Tx<'_>, _: &model::cx::Cx, _: &User| Ok(());
    let come = async || {
        let new = (person(), issuer(&two.hr));
        provisioning::create(&f.store, &by(f, &two.hr), &at(f), new, nothing_else).await
    };
    assert_eq!(*come().await.unwrap_err().kind(), FaultKind::Conflict(ConflictReason::Uniqueness));
    two.link(&two.hr).await;
    assert_eq!(come().await.unwrap().id, two.jane);
    assert_eq!(two.whose("userName").0, None, "the administrators here");
    let refused = two.say(&two.hr, |said| said.profile.user_name = "j2".to_owned()).await.unwrap_err();
    is_refused(refused, FaultKind::AccessDenied, &["userName is owned by the administrators here"]);
    two.set_here("title", json!("Here")).await.unwrap();
    two.set_here("title", json!("")).await.unwrap();
    assert_eq!(two.title(), None);
});

testkit::on_both_engines!(who_signs_in_is_not_refused_for_what_another_owns, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    let own = make_group(&fixture, "Own").await;
    let idp = external_idp(&fixture, &own, true);
    let kept = idp.clone();
    let insert = move |tx: &mut Tx<'_>, _: &model::cx::Cx| store::sources::external_idps::insert(tx, &kept);
    fixture.store.write(&cx(&fixture, "Connect"), insert).await.unwrap();
    let to = SourceId::Idp(idp.id.clone());
    let link = user_sources::link(
        &fixture.store,
        &cx(&fixture, "LinkUsersToSource"),
        (&at(&fixture), &to),
        vec![two.jane.clone()],
    )
    .await;
    assert!(link.unwrap().is_empty());
    assert_eq!(arrive(&fixture, &idp, "jane").await.profile.display_name, "jane Doe");
    assert_eq!(two.whose("displayName"), (Some("Entra ID".to_owned()), vec![]));
    let exceptions = vec![("displayName".to_owned(), vec![Ranked::Source(to)])];
    two.decide(Precedence { exceptions, ..Precedence::default() }).await;
    assert_eq!(arrive(&fixture, &idp, "jane").await.profile.display_name, "As it says");
    let revision = arrive(&fixture, &idp, "jane").await.revision;
    assert_eq!(arrive(&fixture, &idp, "jane").await.revision, revision, "nothing is written anew");
});

testkit::on_both_engines!(what_cannot_be_decided_is_refused_by_name, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    let hr = Ranked::Source(SourceId::Tenant(two.hr.clone()));
    let gone = Ranked::Source(SourceId::Tenant(TenantId::trusted("11111111111-2222-3333-4444-777777777777")));
    let of = |exceptions| Precedence { exceptions, ..Precedence::default() };
    let all = |order| Precedence { order, ..Precedence::default() };
    for (precedence, words) in [
        (all(vec![hr.clone(), hr.clone()]), "Order names a source twice"),
        (all(vec![hr.clone(); 21]), "Order has at most 20 items; it has 21"),
        (all(vec![gone]), "777777777777"),
        (of(vec![("shoeSize".to_owned(), vec![hr.clone()])]), "shoeSize"),
        (of(vec![("title".to_owned(), vec![])]), "no Order of title"),
        (
            of(vec![("title".to_owned(), vec![Ranked::Here]), ("Title".to_owned(), vec![Ranked::Here])]),
            "names title twice",
        ),
        (of(vec![("title".to_owned(), vec![Ranked::Here]); 51]), "at most 50 items; it has 51"),
    ] {
        let cx = cx(&fixture, "PutAttributePrecedence");
        let put = attribute_precedence::put(&fixture.store, &cx, &at(&fixture), (precedence, false)).await;
        let refused = put.unwrap_err();
        assert!(refused.message().contains(words), "{words}: {refused}");
    }
    let to = SourceId::Tenant(two.hr.clone());
    for count in [0, 101] {
        let ids = vec![two.jane.clone(); count];
        let cx = cx(&fixture, "LinkUsersToSource");
        let refused = user_sources::link(&fixture.store, &cx, (&at(&fixture), &to), ids).await.unwrap_err();
        assert!(refused.message().contains(&format!("1 to 100 users; it names {count}")), "{refused}");
    }
});

testkit::on_both_engines!(an_order_reaches_everybody_in_pieces, |fixture: Fixture| async move {
    let two = Two::new(&fixture).await;
    let mut ids = Vec::new();
    for at in 0..150 {
        ids.push(bring(&fixture, &two.entra, &format!("p{at}")).await.id);
    }
    let to = SourceId::Tenant(two.hr.clone());
    for some in ids.chunks(100) {
        let link = user_sources::link(
            &fixture.store,
            &cx(&fixture, "LinkUsersToSource"),
            (&at(&fixture), &to),
            some.to_vec(),
        )
        .await;
        assert!(link.unwrap().is_empty());
    }
    let last = ids.iter().max().unwrap().clone();
    let two = Two { jane: last, ..two };
    two.decide(two.order(&[], Outranked::Keep)).await;
    two.say(&two.entra, entra_title).await.unwrap();
    two.say(&two.hr, hr_title).await.unwrap();
    assert_eq!(two.title().as_deref(), Some("Engineer"));
    assert!(two.decide(two.order(&["title"], Outranked::Keep)).await.are_more);
    assert_eq!(two.title().as_deref(), Some("Head of IT"));
});
