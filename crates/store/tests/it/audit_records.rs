//! Audit records are read newest first, in pages that neither repeat nor skip.

testkit::on_both_engines!(records_page_newest_first, |fixture: testkit::fixture::Fixture| async move {
    for second in 0..5 {
        let later = fixture.later(std::time::Duration::from_secs(second + 1));
        let cx = later.root("sso.amazonaws.com", &format!("Event{second}"));
        fixture.store.write(&cx, |_, _| Ok(())).await.unwrap();
    }
    let page = |before: String, limit| {
        let store = fixture.store.clone();
        move || {
            store.read(|rx| Ok(store::audit::audit_records::page_backward(rx, &before, "", limit)?)).unwrap()
        }
    };
    let first = page("g".to_owned(), 2)();
    assert_eq!(first.iter().map(|record| &*record.event_name).collect::<Vec<_>>(), ["Event4", "Event3"]);
    let second = page(first[1].event_id.clone(), 2)();
    assert_eq!(second.iter().map(|record| &*record.event_name).collect::<Vec<_>>(), ["Event2", "Event1"]);
});

testkit::on_both_engines!(
    a_record_whose_commit_was_in_doubt_is_written_again_and_stays_one,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "ListInstances");
        let record = std::sync::Arc::new(cx.record(model::event::Outcome::Success));
        for _ in 0..2 {
            let record = record.clone();
            let again = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
                store::audit::audit_records::insert_once(tx, record.to_keep())
            };
            fixture.store.maintain(&cx, again).await.unwrap();
        }
        let found = fixture
            .store
            .read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 10)?))
            .unwrap();
        assert_eq!(found.iter().filter(|found| found.event_id == record.event_id).count(), 1);
    }
);

testkit::on_both_engines!(
    records_that_a_piece_holds_are_taken_away_and_no_others,
    |fixture: testkit::fixture::Fixture| async move {
        for second in 0..3 {
            let later = fixture.later(std::time::Duration::from_secs(second + 1));
            let cx = later.root("sso.amazonaws.com", &format!("Event{second}"));
            fixture.store.write(&cx, |_, _| Ok(())).await.unwrap();
        }
        let all = fixture.store.read(|rx| Ok(store::audit::audit_records::oldest(rx, 10)?)).unwrap();
        let gone = [all[3].event_id.clone(), all[1].event_id.clone(), "absent".to_owned()];
        let cx = fixture.root("sso.amazonaws.com", "Keep");
        let delete = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
            store::audit::audit_records::delete(tx, &gone.each_ref().map(String::as_str))
        };
        assert_eq!(fixture.store.maintain(&cx, delete).await.unwrap(), 2);
        let left = fixture.store.read(|rx| Ok(store::audit::audit_records::oldest(rx, 10)?)).unwrap();
        assert_eq!(left, [all[0].clone(), all[2].clone()]);
    }
);
