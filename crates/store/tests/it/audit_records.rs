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
