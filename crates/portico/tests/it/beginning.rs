//! What `init` does in a directory and a database that are not empty: left by an `init` that was killed, another instance's, or in use. On
//! both engines. Nothing that was used is ever cleared away, and nobody is led into a dead end.

use std::process::Stdio;
use std::time::Instant;

use serde_json::Value;

use crate::upgrade::{Engine, Place, client_at, keys, names, sign_in};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn seed(place: &Place) -> String {
    let path = place.home.folder.path().join("seed.yaml");
    std::fs::write(&path, include_str!("../../../../examples/acme.yaml")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The instance of what `init` printed is served, and its secrets are good.
async fn serves(place: &Place, made: &Value) {
    let (_process, base) = place.serve().await;
    let root = keys(&made["accessKeyId"], &made["secretAccessKey"], None);
    let users = client_at!(aws_sdk_identitystore, base.as_str(), root)
        .list_users()
        .identity_store_id(made["identityStoreId"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(!users.users().is_empty());
    let page = sign_in(&base, "admin", made["administrator"]["password"].as_str().unwrap()).await;
    assert!(page.contains("/signout"), "{page}");
}

async fn killed(engine: Engine, steps: u32) {
    let place = Place::new(engine).await;
    let seed = seed(&place);
    let arguments = ["--seed", seed.as_str(), "--output", "json"];
    let begun = Instant::now();
    let other = Place::new(engine).await;
    other.run("init", &arguments).unwrap();
    let whole = begun.elapsed();
    let (mut unseen, mut half) = (0, 0);
    for step in 0..=steps {
        let place = Place::new(engine).await;
        let mut init =
            place.command("init", &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(whole * step / steps).await;
        init.kill().unwrap();
        init.wait().unwrap();
        half += u32::from(place.home.data().join("portico.key.new").exists());
        let made = match place.run("init", &arguments) {
            Ok(printed) => printed,
            Err(refused) => {
                // It had ended, but nobody has seen what it printed.
                assert!(refused.contains("--anew"), "{refused}");
                unseen += 1;
                place.run("init", &[&arguments[..], &["--anew"]].concat()).unwrap()
            }
        };
        if step % 4 == 0 {
            serves(&place, &json(&made)).await;
        }
    }
    assert!(half > 0, "none was killed at work; {unseen} had ended before anybody saw their secrets");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_that_is_killed_at_any_step_can_be_run_again_on_sqlite() {
    killed(Engine::Sqlite, 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_that_is_killed_at_any_step_can_be_run_again_on_postgres() {
    killed(Engine::Postgres, 6).await;
}

async fn steps(engine: Engine) {
    // The key is written, or half of it; the database holds nothing.
    for half in ["", "0011", &"0".repeat(64)] {
        let place = Place::new(engine).await;
        std::fs::create_dir_all(place.home.data()).unwrap();
        let pending = place.home.data().join("portico.key.new");
        std::fs::write(&pending, half).unwrap();
        let made = json(&place.run("init", &["--output", "json"]).unwrap());
        assert!(!pending.exists());
        serves(&place, &made).await;
    }

    // The instance is committed, its key has not its name yet: nobody can have used it, so the next init begins anew.
    let place = Place::new(engine).await;
    place.run("init", &[]).unwrap();
    let key_of = |place: &Place| place.home.data().join("portico.key");
    std::fs::rename(key_of(&place), place.home.data().join("portico.key.new")).unwrap();
    for command in ["serve", "migrate", "revoke-issued"] {
        let refused = place.run(command, &[]).unwrap_err();
        assert!(refused.contains("did not end: run it again"), "{command}: {refused}");
    }
    let seed = seed(&place);
    let made = json(&place.run("init", &["--output", "json", "--seed", &seed]).unwrap());
    assert_eq!(place.number("SELECT COUNT(*) FROM instances").await, 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM users").await, 3, "with what this one was given");
    serves(&place, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_init_left_half_done_gives_way() {
    steps(Engine::Sqlite).await;
    steps(Engine::Postgres).await;
}

async fn key_without_database(engine: Engine) {
    let place = Place::new(engine).await;
    std::fs::create_dir_all(place.home.data()).unwrap();
    let key = place.home.data().join("portico.key");
    std::fs::write(&key, "11".repeat(32)).unwrap();
    for command in ["init", "serve", "revoke-issued"] {
        let refused = place.run(command, &[]).unwrap_err();
        assert!(
            refused.contains("holds no instance") && refused.contains("--database"),
            "{command}: {refused}"
        );
    }
    let made = json(&place.run("init", &["--anew", "--output", "json"]).unwrap());
    let old = std::fs::read_to_string(place.home.data().join("portico.key.old")).unwrap();
    assert_eq!(old, "11".repeat(32), "a key may be of an instance elsewhere: it is kept");
    serves(&place, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_database_holds_nothing_is_never_lost() {
    key_without_database(Engine::Sqlite).await;
    key_without_database(Engine::Postgres).await;
}

async fn database_without_key(engine: Engine) {
    let place = Place::new(engine).await;
    let made = json(&place.run("init", &["--output", "json"]).unwrap());
    let key = place.home.data().join("portico.key");
    let away = place.home.folder.path().join("key");
    std::fs::rename(&key, &away).unwrap();
    for (command, arguments) in
        [("init", &[][..]), ("init", &["--anew"]), ("serve", &[]), ("migrate", &[]), ("revoke-issued", &[])]
    {
        let refused = place.run(command, arguments).unwrap_err();
        assert!(refused.to_lowercase().contains("put"), "{command}: {refused}");
        assert!(
            refused.contains(made["instanceArn"].as_str().unwrap().rsplit('/').next().unwrap()),
            "{refused}"
        );
        assert!(!refused.contains("run `portico init`"), "no advice to begin beside an instance: {refused}");
    }
    assert!(!key.exists());
    std::fs::rename(&away, &key).unwrap();
    serves(&place, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_key_is_missing_stays_whole_and_the_key_is_asked_for() {
    database_without_key(Engine::Sqlite).await;
    database_without_key(Engine::Postgres).await;
}

async fn foreign_key(engine: Engine) {
    let place = Place::new(engine).await;
    let made = json(&place.run("init", &["--output", "json"]).unwrap());
    let key = place.home.data().join("portico.key");
    let right = std::fs::read(&key).unwrap();
    let other = Place::new(Engine::Sqlite).await;
    other.run("init", &[]).unwrap();
    std::fs::copy(other.home.data().join("portico.key"), &key).unwrap();
    for (command, arguments) in
        [("serve", &[][..]), ("migrate", &[]), ("revoke-issued", &[]), ("init", &[]), ("init", &["--anew"])]
    {
        let refused = place.run(command, arguments).unwrap_err();
        let names = refused.contains("is not the one that this database was made with")
            || refused.contains("is not its key");
        assert!(names && refused.contains("portico.key"), "{command}: {refused}");
        assert!(!refused.contains("run `portico init`"), "{refused}");
    }
    // Nor with a database of the first release, which holds no check value.
    place.sql("UPDATE instances SET key_check = NULL").await;
    let refused = place.run("serve", &[]).unwrap_err();
    assert!(refused.contains("is not the one"), "{refused}");
    std::fs::write(&key, right).unwrap();
    serves(&place, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instances_key_is_refused_by_name() {
    foreign_key(Engine::Sqlite).await;
    foreign_key(Engine::Postgres).await;
}

async fn anew(engine: Engine) {
    let place = Place::new(engine).await;
    let first = json(&place.run("init", &["--output", "json"]).unwrap());
    let refused = place.run("init", &[]).unwrap_err();
    assert!(refused.contains("nothing was changed") && refused.contains("--anew"), "{refused}");
    // A server that ran and that nobody asked for anything leaves it unused.
    let (process, base) = place.serve().await;
    let mut browser = crate::browser::Browser::new(&base);
    browser.open("/healthz").await;
    process.stop();
    let second = json(&place.run("init", &["--anew", "--output", "json"]).unwrap());
    assert_ne!(first["instanceArn"], second["instanceArn"]);
    assert_eq!(place.number("SELECT COUNT(*) FROM instances").await, 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM audit_records").await, 1);
    serves(&place, &second).await;
    let refused = place.run("init", &["--anew"]).unwrap_err();
    assert!(refused.contains("was used") && refused.contains("Nothing was changed"), "{refused}");
    serves(&place, &second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_was_used_never_gives_way_and_one_that_was_not_does_when_asked() {
    anew(Engine::Sqlite).await;
    anew(Engine::Postgres).await;
}

/// An `init` that was killed before its key got its name, in a directory that holds the key of an instance elsewhere.
async fn key_of_elsewhere(engine: Engine) {
    let place = Place::new(engine).await;
    place.run("init", &[]).unwrap();
    let file = |name: &str| place.home.data().join(name);
    std::fs::rename(file("portico.key"), file("portico.key.new")).unwrap();
    std::fs::write(file("portico.key"), "22".repeat(32)).unwrap();
    let made = json(&place.run("init", &["--output", "json"]).unwrap());
    assert_eq!(std::fs::read_to_string(file("portico.key.old")).unwrap(), "22".repeat(32));
    assert_eq!(place.number("SELECT COUNT(*) FROM instances").await, 1);
    serves(&place, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_an_instance_elsewhere_is_kept_when_an_init_goes_on() {
    key_of_elsewhere(Engine::Sqlite).await;
    key_of_elsewhere(Engine::Postgres).await;
}

async fn retained(engine: Engine) {
    let place = Place::new(engine).await;
    let made = json(&place.run("init", &["--output", "json"]).unwrap());
    let none = if matches!(engine, Engine::Sqlite) { "X''" } else { "''" };
    let gone = format!(
        "INSERT INTO audit_pieces (kind, piece, first_id, last_id, records, previous, digest, gone, places)
         VALUES ('passing', 1, '0', '1', 5, '', '', 1, {none})"
    );
    place.sql(&gone).await;
    let refused = place.run("init", &["--anew"]).unwrap_err();
    assert!(refused.contains("was used") && refused.contains("Nothing was changed"), "{refused}");
    serves(&place, &made).await;
}

/// Whoever used it may have left nothing but records, and retention has removed those.
#[tokio::test(flavor = "multi_thread")]
async fn an_instance_whose_records_went_counts_as_used() {
    retained(Engine::Sqlite).await;
    retained(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_inits_that_run_at_once_one_makes_the_instance() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = Place::new(engine).await;
        let start =
            || place.command("init", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let running: Vec<_> = (0..4).map(|_| start()).collect();
        let ended: Vec<_> = running.into_iter().map(|init| init.wait_with_output().unwrap()).collect();
        assert_eq!(ended.iter().filter(|output| output.status.success()).count(), 1, "{engine:?}: {ended:?}");
        assert_eq!(place.number("SELECT COUNT(*) FROM instances").await, 1);
    }
    // From two directories at one database the lock of a directory does not help.
    let place = Place::new(Engine::Postgres).await;
    let other = Place { home: crate::commands::Home::new(), database: place.database.clone() };
    let start = |place: &Place| {
        place.command("init", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running = [start(&place), start(&other)];
    let ended: Vec<_> = running.into_iter().map(|init| init.wait_with_output().unwrap()).collect();
    assert_eq!(ended.iter().filter(|output| output.status.success()).count(), 1, "{ended:?}");
    assert_eq!(place.number("SELECT COUNT(*) FROM instances").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_was_there_before_stays_and_holds() {
    let place = Place::new(Engine::Sqlite).await;
    std::fs::create_dir_all(place.home.data()).unwrap();
    let path = place.home.data().join("portico.toml");
    std::fs::write(&path, "mode = \"strict\"\n").unwrap();
    let made = json(&place.run("init", &["--output", "json"]).unwrap());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mode = \"strict\"\n");
    assert_eq!(names(&place.home.data()), ["portico.db", "portico.key", "portico.toml"]);
    serves(&place, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_management_account_can_be_chosen_and_the_seed_may_name_accounts_twice() {
    let place = Place::new(Engine::Sqlite).await;
    let refused = place.run("init", &["--management-account-id", "12345"]).unwrap_err();
    assert!(refused.contains("12 digits"), "{refused}");
    let path = place.home.folder.path().join("seed.yaml");
    let seed = |last: &str| {
        let text = format!(
            "accounts:
  - {{ id: '222233334444', name: twin, email: a@x.example }}
  - {{ id: '333344445555', name: twin, email: b@x.example }}
  - {{ id: '444455556666', name: '222233334444', email: c@x.example }}
users:
  - {{ userName: jane, displayName: J, name: {{ givenName: J, familyName: D }} }}
permissionSets:
  - {{ name: AdministratorAccess, managedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }}
assignments:
  - {{ user: jane, permissionSet: AdministratorAccess, accounts: ['222233334444', '111122223333'] }}
  - {{ user: jane, permissionSet: AdministratorAccess, accounts: ['{last}'] }}
"
        );
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let chosen = ["--management-account-id", "111122223333", "--output", "json", "--seed"];
    let refused = place.run("init", &[&chosen[..], &[&seed("twin")]].concat()).unwrap_err();
    assert!(refused.contains("two accounts have the name 'twin'"), "{refused}");
    let made = json(&place.run("init", &[&chosen[..], &[&seed("333344445555")]].concat()).unwrap());
    assert_eq!(made["managementAccountId"], "111122223333");
    let of = |account: &str| {
        format!(
            "SELECT COUNT(*) FROM account_assignments WHERE account_id = '{account}' AND principal_type = 'USER'"
        )
    };
    assert_eq!(
        place.number(&of("222233334444")).await,
        1,
        "twelve digits are an id, not the name of another account"
    );
    assert_eq!(place.number(&of("444455556666")).await, 0);
    assert_eq!(place.number(&of("111122223333")).await, 2, "the administrator's and jane's");
}
