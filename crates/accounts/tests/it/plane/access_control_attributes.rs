//! Attributes for access control: what becomes a tag of a role's session, when, and what is refused.

use std::collections::BTreeMap;

use accounts::access_control_attributes::{create, delete, describe, update};
use model::accounts::account_assignment::Principal;
use model::caller::Identity;
use model::cx::Cx;
use model::directory::user::{User, UserId};
use model::fault::{Fault, FaultKind};
use model::limits::Mode;
use serde_json::{Value, json};

use crate::plane::support::{ADMIN, MEMBER, World, refused};

const DEPARTMENT: (&str, &str) = ("Department", "${path:enterprise.department}");
const COST_CENTER: (&str, &str) = ("CostCenter", "${path:enterprise.costCenter}");

fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, source)| ((*key).to_owned(), (*source).to_owned())).collect()
}

impl World {
    fn administrator(&self, operation: &str) -> Cx {
        self.fixture.root("sso.amazonaws.com", operation)
    }

    async fn switch_on(&self, pairs: &[(&str, &str)]) -> Result<(), Fault> {
        let cx = self.administrator("CreateInstanceAccessControlAttributeConfiguration");
        create(&self.fixture.store, &cx, &self.fixture.instance.id, given(pairs)).await
    }

    async fn switch_to(&self, pairs: &[(&str, &str)]) -> Result<(), Fault> {
        let cx = self.administrator("UpdateInstanceAccessControlAttributeConfiguration");
        update(&self.fixture.store, &cx, &self.fixture.instance.id, given(pairs)).await
    }

    async fn switch_off(&self) -> Result<(), Fault> {
        let cx = self.administrator("DeleteInstanceAccessControlAttributeConfiguration");
        delete(&self.fixture.store, &cx, &self.fixture.instance.id).await
    }

    fn switched(&self) -> Result<Vec<(String, String)>, Fault> {
        let cx = self.administrator("DescribeInstanceAccessControlAttributeConfiguration");
        let found = describe(&self.fixture.store, &cx, &self.fixture.instance.id)?;
        Ok(found.into_iter().map(|one| (one.key, one.source.into())).collect())
    }

    /// What the enterprise says of a person.
    async fn enterprise(&self, user: &UserId, attributes: Value) {
        let (identity_store_id, id) = (self.fixture.instance.identity_store_id.clone(), user.clone());
        self.change(move |tx, _| {
            let mut found: User = store::directory::users::find(tx, &identity_store_id, &id)?.unwrap();
            found.profile.extensions.insert("aws:identitystore:enterprise".to_owned(), attributes.clone());
            store::directory::users::update(tx, &found)
        })
        .await;
    }

    /// The tags of the session that a person gets now.
    async fn tags(&self, user: &UserId) -> BTreeMap<String, String> {
        let issued = self.issue(user, MEMBER, "Admin").await.unwrap();
        let caller = self.caller(&issued).unwrap();
        let Identity::Role(session) = caller.identity() else { unreachable!("{caller:?}") };
        session.tags.clone()
    }

    async fn jane(&self) -> UserId {
        let jane = self.person("jane").await;
        let set = self.permission_set("Admin", "PT1H", &[ADMIN]).await;
        self.assign(MEMBER, &set, Principal::User(jane.clone())).await;
        jane
    }

    /// What jane's sign-in brought.
    async fn sign_in_brought(&self, user: &UserId, tags: &[(&str, &str)]) {
        self.sign_in_with(user, map(tags)).await;
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    given(pairs).into_iter().collect()
}

testkit::on_both_engines!(
    attributes_are_tags_as_they_are_when_credentials_are_asked_for,
    |fixture| async move {
        let world = World::new(fixture).await;
        let jane = world.jane().await;
        world.enterprise(&jane, json!({"department": "engines", "costCenter": "4100"})).await;
        assert_eq!(world.tags(&jane).await, map(&[]));

        world
            .switch_on(&[
                DEPARTMENT,
                ("Name", "${path:userName}"),
                ("Division", "${path:enterprise.division}"),
            ])
            .await
            .unwrap();
        assert_eq!(
            world.tags(&jane).await,
            map(&[("Department", "engines"), ("Name", "jane")]),
            "no division, no tag"
        );

        world.enterprise(&jane, json!({"department": "sales"})).await;
        assert_eq!(world.tags(&jane).await["Department"], "sales");

        world.switch_to(&[COST_CENTER]).await.unwrap();
        assert_eq!(world.tags(&jane).await, map(&[]));
        world.enterprise(&jane, json!({"costCenter": "4200"})).await;
        assert_eq!(world.tags(&jane).await, map(&[("CostCenter", "4200")]));

        let records = world.records("GetRoleCredentials");
        let told: Vec<Value> = records
            .iter()
            .map(|record| {
                serde_json::from_str::<Value>(&record.json).unwrap()["serviceEventDetails"]["principal_tags"]
                    .clone()
            })
            .filter(|tags| !tags.is_null())
            .collect();
        assert!(told.contains(&json!({"CostCenter": "4200"})), "{told:?}");

        world.switch_off().await.unwrap();
        assert_eq!(world.tags(&jane).await, map(&[]));
    }
);

testkit::on_both_engines!(what_is_configured_goes_before_what_the_sign_in_brought, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.jane().await;
    world.enterprise(&jane, json!({"department": "engines"})).await;
    world.sign_in_brought(&jane, &[("department", "root"), ("Team", "blue")]).await;
    assert_eq!(world.tags(&jane).await, map(&[("department", "root"), ("Team", "blue")]));
    world.switch_on(&[DEPARTMENT]).await.unwrap();
    assert_eq!(world.tags(&jane).await, map(&[("Department", "engines"), ("Team", "blue")]));
});

testkit::on_both_engines!(
    in_strict_mode_nothing_is_passed_on_while_they_are_switched_off,
    |fixture| async move {
        let mut world = World::new(fixture).await;
        let jane = world.jane().await;
        world.sign_in_brought(&jane, &[("Team", "blue")]).await;
        world.fixture.surroundings.mode = Mode::Strict;
        assert_eq!(world.tags(&jane).await, map(&[]));
        world.switch_on(&[]).await.unwrap();
        assert_eq!(world.tags(&jane).await, map(&[("Team", "blue")]));
    }
);

testkit::on_both_engines!(a_value_that_can_be_no_tag_is_refused_and_not_left_out, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.jane().await;
    world.switch_on(&[DEPARTMENT]).await.unwrap();
    for (department, said) in [
        ("R&D".to_owned(), "may not have '&'"),
        ("a\nb".to_owned(), "may not have '\\n'"),
        ("x".repeat(257), "has a value of 257 characters; a session tag may have 256"),
    ] {
        world.enterprise(&jane, json!({"department": department})).await;
        let fault = world.issue(&jane, MEMBER, "Admin").await.unwrap_err();
        assert!(matches!(fault.kind(), FaultKind::Validation), "{fault:?}");
        assert!(
            fault.message().contains("Department") && fault.message().contains(said),
            "{}",
            fault.message()
        );
    }
    world.enterprise(&jane, json!({"department": "Entwicklung Süd/2"})).await;
    assert_eq!(world.tags(&jane).await["Department"], "Entwicklung Süd/2");
    world.enterprise(&jane, json!({"department": "x".repeat(256)})).await;
    assert_eq!(world.tags(&jane).await["Department"].len(), 256);
});

testkit::on_both_engines!(more_tags_than_a_session_may_have_are_refused, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.jane().await;
    let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
    let all: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "${path:userName}")).collect();
    world.switch_on(&all).await.unwrap();
    assert_eq!(world.tags(&jane).await.len(), 50);
    world.sign_in_brought(&jane, &[("k1", "theirs")]).await;
    assert_eq!(world.tags(&jane).await["k1"], "jane");
    world.sign_in_brought(&jane, &[("Team", "blue")]).await;
    let fault = world.issue(&jane, MEMBER, "Admin").await.unwrap_err();
    assert!(fault.message().contains("51 session tags, 50 at most"), "{}", fault.message());

    world.sign_in_brought(&jane, &[]).await;
    let long = "${path:enterprise.department}";
    let all: Vec<(&str, &str)> = keys.iter().take(17).map(|key| (key.as_str(), long)).collect();
    world.switch_to(&all).await.unwrap();
    world.enterprise(&jane, json!({"department": "x".repeat(256)})).await;
    let fault = world.issue(&jane, MEMBER, "Admin").await.unwrap_err();
    assert!(fault.message().contains("4393 bytes of session tags, 4096 at most"), "{}", fault.message());
});

testkit::on_both_engines!(a_configuration_is_made_once_and_changed_where_it_is, |fixture| async move {
    let world = World::new(fixture).await;
    assert_eq!(refused(world.switched().map(|_| ())), refused(world.switch_off().await));
    assert!(matches!(world.switched().unwrap_err().kind(), FaultKind::NotFound { .. }));
    assert!(matches!(world.switch_to(&[DEPARTMENT]).await.unwrap_err().kind(), FaultKind::NotFound { .. }));
    world.switch_on(&[DEPARTMENT, COST_CENTER]).await.unwrap();
    assert_eq!(world.switched().unwrap(), given(&[DEPARTMENT, COST_CENTER]), "in their order");
    assert!(matches!(world.switch_on(&[COST_CENTER]).await.unwrap_err().kind(), FaultKind::Conflict { .. }));

    for (pairs, said) in [
        (&[("aws:Team", "${path:title}")][..], "aws: is reserved"),
        (&[("Team", "${path:title}"), ("team", "${path:title}")], "twice"),
        (&[("Team", "blue")], "leads to no attribute"),
        (&[("Team", "${path:enterprise.salary}")], "leads to no attribute"),
    ] {
        let fault = world.switch_to(pairs).await.unwrap_err();
        assert!(fault.message().contains(said), "{}", fault.message());
    }
    assert_eq!(world.switched().unwrap(), given(&[DEPARTMENT, COST_CENTER]), "a refusal changes nothing");
    world.switch_to(&[]).await.unwrap();
    assert_eq!(world.switched().unwrap(), vec![]);
    world.switch_off().await.unwrap();
    assert!(matches!(world.switched().unwrap_err().kind(), FaultKind::NotFound { .. }));
});
