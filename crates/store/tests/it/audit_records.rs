//! Audit records are read newest first, in pages that neither repeat nor skip.

testkit::on_both_engines!(records_page_newest_first, |fixture: testkit::fixture::Fixture| async move {
    for second in 0..5 {
        let later = fixture.later(std::time::Duration::from_secs(second + 1));
        let cx = later.root("sso.amazonaws.com", &format!("Event{second}"));
        fixture.store.write(&cx, |_, _| Ok(())).await.unwrap();
    }
    let page = |before: String, limit| {
        let store = fixture.store.clone();
        move || store.read(|rx| Ok(store::audit_records::page_backward(rx, &before, "", limit)?)).unwrap()
    };
    let first = page("g".to_owned(), 2)();
    assert_eq!(
        first.iter().map(|record| record.event_name.as_str()).collect::<Vec<_>>(),
        ["Event4", "Event3"]
    );
    let second = page(first[1].event_id.clone(), 2)();
    assert_eq!(
        second.iter().map(|record| record.event_name.as_str()).collect::<Vec<_>>(),
        ["Event2", "Event1"]
    );
});

testkit::on_both_engines!(
    a_record_whose_commit_was_in_doubt_is_written_again_and_stays_one,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "ListInstances");
        let record = std::sync::Arc::new(cx.record(model::event::Outcome::Success));
        for _ in 0..2 {
            let record = record.clone();
            let again = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
                store::audit_records::insert_once(tx, &record)
            };
            fixture.store.maintain(&cx, again).await.unwrap();
        }
        let found =
            fixture.store.read(|rx| Ok(store::audit_records::page_backward(rx, "g", "", 10)?)).unwrap();
        assert_eq!(found.iter().filter(|found| found.event_id == record.event_id).count(), 1);
    }
);

testkit::on_both_engines!(
    a_resource_of_any_length_is_recorded_and_found_and_forgotten,
    |fixture: testkit::fixture::Fixture| async move {
        let long = format!("arn:{}", "é".repeat(20_000));
        let cx = fixture.root("sso.amazonaws.com", "TagResource");
        cx.event().touch("AWS::SSO::Instance", long.clone());
        cx.event().touch("AWS::SSO::Instance", "a\0b");
        let record = std::sync::Arc::new(cx.record(model::event::Outcome::Success));
        let row = record.clone();
        let insert =
            move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| store::audit_records::insert(tx, &row);
        fixture.store.maintain(&cx, insert).await.unwrap();
        let found = |name: &str| {
            let by = store::audit_records::By::Resource(name);
            let all =
                fixture.store.read(|rx| Ok(store::audit_records::page_by(rx, by, ("g", ""), 10)?)).unwrap();
            all.into_iter().map(|record| record.event_id).collect::<Vec<_>>()
        };
        let ids = [record.event_id.clone()];
        assert_eq!((found(&long), found("AWS::SSO::Instance")), (ids.to_vec(), ids.to_vec()));
        let row = record.clone();
        let delete =
            move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| store::audit_records::delete(tx, &row);
        assert!(fixture.store.maintain(&cx, delete).await.unwrap());
        assert!(found(&long).is_empty() && found("AWS::SSO::Instance").is_empty());
    }
);
