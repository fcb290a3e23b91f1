//! Users: what is required, what is unique, what an update does, what goes with them.

use std::time::Duration;

use directory::patch::Update;
use directory::users::{self, NewUser, UserKey};
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{ExternalId, User, UserId, UserProfile, UserStatus};
use model::fault::{ConflictReason, FaultKind, ResourceType};
use model::page::PageRequest;
use model::signin::invitation::{InvitationId, Purpose};
use model::signin::mfa::{Method, Proofs};
use serde_json::{Value, json};
use store::signin::invitations::NewInvitation;
use store::signin::passwords::Password;
use store::signin::portal_sessions::NewPortalSession;
use store::tx::{Rx, Tx};
use testkit::fixture::Fixture;

use crate::support::{at, cx, describe, is_duplicate, is_missing, make, person, record_of, set};

testkit::on_both_engines!(a_user_is_made_and_described, |fixture: Fixture| async move {
    let made = make(&fixture, "Jane").await;
    assert_eq!((made.status, made.revision, made.created_at), (UserStatus::Enabled, 1, fixture.now));
    assert_eq!(made.created_by, "arn:aws:iam::111122223333:root");
    let described = describe(&fixture.store, &cx(&fixture, "DescribeUser"), &at(&fixture), &made.id);
    assert_eq!(described.unwrap(), made);
    let record: Value = serde_json::from_str(&record_of(&fixture, "CreateUser").json).unwrap();
    assert_eq!(record["eventName"], "CreateUser");
    assert_eq!(record["responseElements"]["userId"], made.id.as_str());
    assert_eq!(record["resources"][0]["ARN"], made.id.arn());
});

testkit::on_both_engines!(what_the_service_requires_is_named, |fixture: Fixture| async move {
    type Spoil = fn(&mut UserProfile);
    let cases: [(&str, Spoil); 9] = [
        ("userName is a required attribute", |jane| jane.user_name.clear()),
        ("displayname: The attribute displayname is required", |jane| jane.display_name.clear()),
        ("givenname: The attribute givenname is required", |jane| jane.name.given_name = None),
        ("familyname: The attribute familyname is required", |jane| {
            jane.name.family_name = Some(String::new());
        }),
        (
            "displayname: The attribute displayname is required, name: The attribute name is required",
            |jane| {
                jane.display_name.clear();
                jane.name = model::directory::user::Name::default();
            },
        ),
        ("reserved name Administrator", |jane| "administrator".clone_into(&mut jane.user_name)),
        ("emails must have exactly 1 item", |jane| jane.emails.push(jane.emails[0].clone())),
        ("no attribute of this name: ShoeSize", |jane| {
            jane.attributes.insert("ShoeSize".to_owned(), json!("43"));
        }),
        ("x:y:z is not an extension", |jane| {
            jane.extensions.insert("x:y:z".to_owned(), json!({}));
        }),
    ];
    for (word, spoil) in cases {
        let mut jane = person("jane");
        spoil(&mut jane);
        let fault = users::create(&fixture.store, &cx(&fixture, "CreateUser"), &at(&fixture), jane)
            .await
            .unwrap_err();
        assert_eq!(*fault.kind(), FaultKind::Validation, "{word}");
        assert!(fault.message().contains(word), "{word}: {fault}");
    }
    let page = PageRequest::first(9);
    let none = users::list(&fixture.store, &cx(&fixture, "ListUsers"), &at(&fixture), None, &page).unwrap();
    assert!(none.items.is_empty());
});

testkit::on_both_engines!(names_and_addresses_are_unique, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    let create = async |profile| {
        users::create(&fixture.store, &cx(&fixture, "CreateUser"), &at(&fixture), profile).await
    };
    let fault = create(UserProfile { emails: vec![], ..person("JANE") }).await.unwrap_err();
    assert!(is_duplicate(&fault) && fault.message() == "Duplicate UserName", "{fault}");
    let fault = create(UserProfile { user_name: "other".to_owned(), ..person("Jane") }).await.unwrap_err();
    assert!(is_duplicate(&fault) && fault.message() == "Duplicate Email", "{fault}");
    let john = make(&fixture, "john").await;
    let update = async |id: &UserId, change| {
        users::update(&fixture.store, &cx(&fixture, "UpdateUser"), &at(&fixture), id, change).await
    };
    assert!(is_duplicate(&update(&john.id, set("userName", json!("Jane"))).await.unwrap_err()));
    assert!(is_duplicate(
        &update(&john.id, set("emails", json!([{"value": "JANE@example.com"}]))).await.unwrap_err()
    ));
    let renamed = update(&jane.id, set("userName", json!("Jane"))).await.unwrap();
    assert_eq!(renamed.profile.user_name, "Jane", "one's own name may change its case");
});

testkit::on_both_engines!(of_many_who_race_for_a_name_one_wins, |fixture: Fixture| async move {
    let mut racers = Vec::new();
    for _ in 0..8 {
        let fixture = fixture.clone();
        racers.push(tokio::spawn(async move {
            // Told that nothing was changed, a client tries again.
            loop {
                match users::create(
                    &fixture.store,
                    &cx(&fixture, "CreateUser"),
                    &at(&fixture),
                    person("jane"),
                )
                .await
                {
                    Err(fault) if *fault.kind() == FaultKind::Unavailable => {}
                    done => return done,
                }
            }
        }));
    }
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(fault) => assert!(is_duplicate(&fault), "{fault}"),
        }
    }
    assert_eq!(won, 1);
});

testkit::on_both_engines!(an_update_is_all_or_nothing_and_counts, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    let later = fixture.later(Duration::from_mins(1));
    let update = async |change: Update| {
        users::update(&later.store, &cx(&later, "UpdateUser"), &at(&later), &jane.id, change).await
    };
    let mut mixed = set("title", json!("Dr"));
    mixed.operations.extend(set("userStatus", json!("DISABLED")).operations);
    assert_eq!(*update(mixed).await.unwrap_err().kind(), FaultKind::Validation);
    let seen = describe(&later.store, &cx(&later, "DescribeUser"), &at(&later), &jane.id).unwrap();
    assert_eq!(seen, jane, "nothing of a refused update stays");

    let changed =
        update(Update { revision: Some("1".to_owned()), ..set("title", json!("Dr")) }).await.unwrap();
    assert_eq!((changed.revision, changed.updated_at, changed.created_at), (2, later.now, jane.created_at));
    assert_eq!(changed.profile.attributes["Title"], "Dr");
    let record: Value = serde_json::from_str(&record_of(&later, "UpdateUser").json).unwrap();
    assert_eq!(record["responseElements"]["revision"], "2");
    let stale =
        update(Update { revision: Some("1".to_owned()), ..set("title", json!("Prof")) }).await.unwrap_err();
    assert_eq!(*stale.kind(), FaultKind::Conflict(ConflictReason::ConcurrentModification));
    let stale =
        users::delete(&later.store, &cx(&later, "DeleteUser"), &at(&later), &jane.id, Some("1".to_owned()))
            .await;
    assert_eq!(*stale.unwrap_err().kind(), FaultKind::Conflict(ConflictReason::ConcurrentModification));
    users::delete(&later.store, &cx(&later, "DeleteUser"), &at(&later), &jane.id, Some("2".to_owned()))
        .await
        .unwrap();
});

testkit::on_both_engines!(users_are_found_by_what_they_are_known_by, |fixture: Fixture| async move {
    let external = ExternalId { issuer: "https://idp".to_owned(), id: "7".to_owned() };
    let store_id = fixture.instance.identity_store_id.clone();
    let new = NewUser {
        external_ids: vec![external.clone()],
        status: UserStatus::Disabled,
        ..NewUser::new(store_id, person("Jane"))
    };
    let insert = async |new: NewUser| {
        let cx = cx(&fixture, "CreateUser");
        fixture.store.write(&cx, move |tx, cx| users::insert_in(tx, cx, new.clone())).await
    };
    let jane = insert(new.clone()).await.unwrap();
    let again = NewUser { profile: person("john"), ..new };
    assert_eq!(insert(again).await.unwrap_err().message(), "Duplicate ExternalId");
    let find = |key: UserKey| users::get_id(&fixture.store, &cx(&fixture, "GetUserId"), &at(&fixture), &key);
    assert_eq!(find(UserKey::UserName("JANE".to_owned())).unwrap(), jane.id);
    assert_eq!(find(UserKey::Email("Jane@EXAMPLE.com".to_owned())).unwrap(), jane.id);
    assert_eq!(find(UserKey::ExternalId(external.clone())).unwrap(), jane.id);
    let other = ExternalId { issuer: "https://other".to_owned(), ..external.clone() };
    for key in
        [UserKey::UserName("jan".to_owned()), UserKey::Email("x@y.z".to_owned()), UserKey::ExternalId(other)]
    {
        assert!(is_missing(&find(key).unwrap_err(), ResourceType::User));
    }
    let page = PageRequest::first(9);
    let by_name =
        |name| users::list(&fixture.store, &cx(&fixture, "ListUsers"), &at(&fixture), Some(name), &page);
    let found = by_name("jane").unwrap().items;
    assert_eq!(found, [jane]);
    assert_eq!(found[0].external_ids, [external]);
    assert!(by_name("john").unwrap().items.is_empty());
});

testkit::on_both_engines!(pages_neither_repeat_nor_skip, |fixture: Fixture| async move {
    let mut made: Vec<UserId> = Vec::new();
    for number in 0..7 {
        made.push(make(&fixture.later(Duration::from_secs(number)), &format!("user{number}")).await.id);
    }
    let mut listed = Vec::new();
    let mut request = PageRequest::first(3);
    loop {
        let page =
            users::list(&fixture.store, &cx(&fixture, "ListUsers"), &at(&fixture), None, &request).unwrap();
        assert!(page.items.len() <= 3);
        listed.extend(page.items.into_iter().map(|user| user.id));
        if listed.len() == 3 {
            // Who goes between two pages moves nobody else.
            users::delete(&fixture.store, &cx(&fixture, "DeleteUser"), &at(&fixture), &made[1], None)
                .await
                .unwrap();
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    assert_eq!(listed, made, "in the order in which they were made");
});

/// Gives a user a password and a session.
async fn sign_in(fixture: &Fixture, user: &User) {
    let id = user.id.clone();
    let row = NewPortalSession {
        token_hash: [9; 32],
        session_id: "session".to_owned(),
        user_id: id.clone(),
        source_ip: "192.0.2.1".to_owned(),
        user_agent: String::new(),
        created_at: fixture.now,
        expires_at: fixture.now.plus(Duration::from_hours(1)),
        proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
        idle: None,
        external: None,
        tags: std::collections::BTreeMap::new(),
    };
    fixture
        .store
        .maintain(&cx(fixture, "Test"), move |tx, cx| {
            let password = Password {
                hash: "$argon2id$".to_owned(),
                changed_at: cx.now,
                must_change: false,
                expires_at: None,
                former: Vec::new(),
            };
            store::signin::passwords::put(tx, &id, &password)?;
            store::signin::portal_sessions::insert(tx, &row)
        })
        .await
        .unwrap();
    assert!(has_session(fixture, user));
}

/// Whether a session's row is there, the user being there or not.
fn has_session(fixture: &Fixture, user: &User) -> bool {
    let find = |rx: &mut Rx<'_>| {
        Ok(store::signin::portal_sessions::is_from_source(rx, &user.id, "192.0.2.1", fixture.now)?)
    };
    fixture.store.read(find).unwrap()
}

testkit::on_both_engines!(a_deleted_user_leaves_nothing_to_sign_in_with, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    sign_in(&fixture, &jane).await;
    users::delete(&fixture.store, &cx(&fixture, "DeleteUser"), &at(&fixture), &jane.id, None).await.unwrap();
    assert_eq!(
        record_of(&fixture, "DeleteUser").resources,
        [("AWS::IdentityStore::User".to_owned(), jane.id.arn())]
    );
    assert!(!has_session(&fixture, &jane));
    let password = fixture.store.read(|rx| Ok(store::signin::passwords::find(rx, &jane.id)?)).unwrap();
    assert_eq!(password, None);
    let gone = describe(&fixture.store, &cx(&fixture, "DescribeUser"), &at(&fixture), &jane.id).unwrap_err();
    assert!(is_missing(&gone, ResourceType::User));
    assert_eq!((gone.message(), gone.resource_id()), ("USER not found.", Some(jane.id.as_str())));
    let again =
        users::delete(&fixture.store, &cx(&fixture, "DeleteUser"), &at(&fixture), &jane.id, None).await;
    assert!(is_missing(&again.unwrap_err(), ResourceType::User));
    make(&fixture, "jane").await;
});

testkit::on_both_engines!(a_disabled_users_sessions_do_not_come_back, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    sign_in(&fixture, &jane).await;
    let set = async |status| {
        let name = if status == UserStatus::Enabled { "EnableUser" } else { "DisableUser" };
        users::set_status(&fixture.store, &cx(&fixture, name), &at(&fixture), &jane.id, status)
            .await
            .unwrap()
            .unwrap()
    };
    let disabled = set(UserStatus::Disabled).await;
    assert_eq!((disabled.status, disabled.revision), (UserStatus::Disabled, 2));
    record_of(&fixture, "DisableUser");
    let enabled = set(UserStatus::Enabled).await;
    assert_eq!(enabled.status, UserStatus::Enabled);
    record_of(&fixture, "EnableUser");
    assert!(!has_session(&fixture, &jane));
});

/// Two links of a user, of which the second was mailed.
async fn invite(fixture: &Fixture, user: &User) {
    let links = [(Purpose::Invitation, None), (Purpose::Forgotten, Some("jane@acme.example"))];
    let (user, store_id) = (user.clone(), fixture.instance.identity_store_id.clone());
    let insert = move |tx: &mut Tx<'_>, cx: &Cx| {
        for (number, (purpose, address)) in (0_u8..).zip(links) {
            let new = NewInvitation {
                id: InvitationId::trusted(format!("{}-{number}", user.id)),
                identity_store_id: store_id.clone(),
                user_id: user.id.clone(),
                purpose,
                token_hash: [number; 32],
                mailed: address.map(|address| ("a letter".to_owned(), address.to_owned())),
                created_at: cx.now,
                created_by: String::new(),
                expires_at: cx.now.plus(Duration::from_hours(1)),
            };
            store::signin::invitations::insert(tx, &new)?;
        }
        Ok(())
    };
    fixture.store.maintain(&cx(fixture, "CreateInvitation"), insert).await.unwrap();
}

fn links(fixture: &Fixture, user: &User) -> usize {
    let whose = (&user.identity_store_id, Some(&user.id));
    let page = PageRequest::first(10);
    let find = |rx: &mut Rx<'_>| Ok(store::signin::invitations::page(rx, whose, fixture.now, &page)?.len());
    fixture.store.read(find).unwrap()
}

testkit::on_both_engines!(links_end_with_the_address_and_with_the_person, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    invite(&fixture, &jane).await;
    let update = async |path: &str, value: Value| {
        let (cx, at) = (cx(&fixture, "UpdateUser"), at(&fixture));
        users::update(&fixture.store, &cx, &at, &jane.id, set(path, value)).await.unwrap();
    };
    update("title", json!("Head of links")).await;
    assert_eq!(links(&fixture, &jane), 2);
    update("emails", json!([{"Value": "jane@elsewhere.example", "Primary": true}])).await;
    assert_eq!(links(&fixture, &jane), 1, "the one that was mailed is void, also if the address comes back");
    let (cx_of, at_of) = (cx(&fixture, "DisableUser"), at(&fixture));
    users::set_status(&fixture.store, &cx_of, &at_of, &jane.id, UserStatus::Disabled).await.unwrap();
    assert_eq!(links(&fixture, &jane), 0);
    let john = make(&fixture, "john").await;
    invite(&fixture, &john).await;
    users::delete(&fixture.store, &cx(&fixture, "DeleteUser"), &at(&fixture), &john.id, None).await.unwrap();
    let token = |rx: &mut Rx<'_>| Ok(store::signin::invitations::find_by_token(rx, &[0; 32])?);
    assert!(fixture.store.read(token).unwrap().is_none());
});

testkit::on_both_engines!(a_store_is_itself_and_no_other, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    let describe = |text: &str| {
        let at = IdentityStoreRef::parse(text).unwrap();
        describe(&fixture.store, &cx(&fixture, "DescribeUser"), &at, &jane.id)
    };
    assert!(describe("arn:aws:identitystore::111122223333:identitystore/d-1234567890").is_ok());
    for other in ["d-0000000000", "arn:aws:identitystore::444455556666:identitystore/d-1234567890"] {
        assert!(is_missing(&describe(other).unwrap_err(), ResourceType::IdentityStore), "{other}");
    }
});
