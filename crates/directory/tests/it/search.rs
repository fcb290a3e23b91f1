//! Finding people and groups by how their names begin.

use directory::groups::{self, NewGroup};
use directory::search::{self, UserSearch};
use directory::users::{self, NewUser};
use model::directory::user::{TypedValue, UserStatus};
use model::fault::FaultKind;
use model::page::PageRequest;
use store::directory::user_texts::Sort;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::support::{at, cx, make, person};

/// The user names that a search finds, page by page.
fn found(fixture: &Fixture, wanted: &UserSearch, limit: usize) -> Vec<String> {
    let (cx, mut page, mut names) = (cx(fixture, "SearchUsers"), PageRequest::first(limit), Vec::new());
    loop {
        let found = search::users(&fixture.store, &cx, &at(fixture), wanted, &page).unwrap();
        assert!(found.items.len() <= limit);
        names.extend(found.items.into_iter().map(|user| user.user_name));
        match found.next {
            Some(next) => page.after = Some(next),
            None => return names,
        }
    }
}

fn query(text: &str) -> UserSearch {
    UserSearch { query: Some(text.to_owned()), ..UserSearch::default() }
}

testkit::on_both_engines!(people_are_found_by_each_of_their_names_and_once, |fixture: Fixture| async move {
    let store = fixture.instance.identity_store_id.clone();
    let add = move |tx: &mut Tx<'_>, cx: &model::cx::Cx| {
        for number in 0..30 {
            let mut new = person(&format!("u{number:02}"));
            // One text is that of many, and one person has several that begin so.
            new.display_name = format!("Smith-{number:02} Jürgen");
            new.name.family_name = Some("Smith".to_owned());
            new.name.given_name = Some("SMITHERS".to_owned());
            new.emails = vec![TypedValue {
                value: Some(format!("Mail{number:02}@example.com")),
                kind: None,
                primary: true,
            }];
            let mut new = NewUser::new(store.clone(), new);
            if number % 10 == 0 {
                new.status = UserStatus::Disabled;
            }
            users::insert_in(tx, cx, new)?;
        }
        Ok(())
    };
    fixture.store.write(&cx(&fixture, "CreateUser"), add).await.unwrap();
    make(&fixture, "Zoë").await;
    let all: Vec<String> = (0..30).map(|number| format!("u{number:02}")).collect();
    for limit in [1, 7, 100] {
        for text in ["smith", "SMITH", "u", "mail", "smithers"] {
            let mut names = found(&fixture, &query(text), limit);
            names.sort();
            assert_eq!(names, all, "{text} by {limit}");
        }
    }
    assert_eq!(found(&fixture, &query("smith-07 J\u{fc}rg"), 9), ["u07"]);
    assert_eq!(found(&fixture, &query("MAIL11@"), 9), ["u11"]);
    assert_eq!(found(&fixture, &query("ZO\u{cb}"), 9), ["Zoë"]);
    assert!(found(&fixture, &query("mith"), 9).is_empty());
    let of = |status| UserSearch { status: Some(status), ..query("smith") };
    let mut disabled = found(&fixture, &of(UserStatus::Disabled), 2);
    disabled.sort();
    assert_eq!(disabled, ["u00", "u10", "u20"]);
    assert_eq!(found(&fixture, &of(UserStatus::Enabled), 4).len(), 27);
    let list = |sort, status| UserSearch { query: None, sort, status };
    assert_eq!(found(&fixture, &list(None, None), 4)[..30], all);
    assert_eq!(found(&fixture, &list(Some(Sort::DisplayName), Some(UserStatus::Disabled)), 2).len(), 3);
    let (cx, page) = (cx(&fixture, "SearchUsers"), PageRequest::first(9));
    for wrong in [query(" "), UserSearch { sort: Some(Sort::UserName), ..query("u") }] {
        let refused = search::users(&fixture.store, &cx, &at(&fixture), &wrong, &page).unwrap_err();
        assert_eq!(*refused.kind(), FaultKind::Validation);
    }
});

testkit::on_both_engines!(what_changes_is_found_as_it_is_now, |fixture: Fixture| async move {
    let jane = make(&fixture, "Jane").await;
    let (store, id, call) = (&fixture.store, jane.id.clone(), cx(&fixture, "UpdateUser"));
    let change = move |tx: &mut Tx<'_>, _: &model::cx::Cx| {
        let mut user = jane.clone();
        "Renate".clone_into(&mut user.profile.user_name);
        store::directory::users::update(tx, &user)
    };
    store.write(&call, change).await.unwrap();
    assert_eq!(found(&fixture, &query("renate"), 9), ["Renate"]);
    users::set_status(store, &call, &at(&fixture), &id, UserStatus::Disabled).await.unwrap();
    let enabled = UserSearch { status: Some(UserStatus::Enabled), ..query("renate") };
    assert!(found(&fixture, &enabled, 9).is_empty());
    users::delete(store, &call, &at(&fixture), &id, None).await.unwrap();
    assert!(found(&fixture, &query("renate"), 9).is_empty());
});

testkit::on_both_engines!(groups_are_found_by_how_their_names_begin, |fixture: Fixture| async move {
    let store = fixture.instance.identity_store_id.clone();
    let add = move |tx: &mut Tx<'_>, cx: &model::cx::Cx| {
        for name in ["Payments", "payroll", "Data", "PAY"] {
            let new = NewGroup {
                identity_store_id: store.clone(),
                id: None,
                display_name: name.to_owned(),
                description: None,
                external_ids: Vec::new(),
            };
            groups::insert_in(tx, cx, new)?;
        }
        Ok(())
    };
    fixture.store.write(&cx(&fixture, "CreateGroup"), add).await.unwrap();
    let cx = cx(&fixture, "SearchGroups");
    for (text, wanted) in [
        (Some("Pay"), vec!["PAY", "Payments", "payroll"]),
        (None, vec!["Data", "PAY", "Payments", "payroll"]),
        (Some("x"), vec![]),
    ] {
        let (mut page, mut names) = (PageRequest::first(2), Vec::new());
        loop {
            let found = search::groups(&fixture.store, &cx, &at(&fixture), text, &page).unwrap();
            names.extend(found.items.into_iter().map(|group| group.display_name));
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        assert_eq!(names, wanted);
    }
});
