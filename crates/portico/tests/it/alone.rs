//! A SQLite database and the data directory of its server are one process's own, whichever directory names it, until that process ends.

use std::process::{Child, Stdio};

use crate::commands::error_of;
use crate::upgrade::{Engine, Place};

/// The database of `place` as another directory names it, with the key of the first.
fn beside(place: &Place, data: &std::path::Path) -> Vec<String> {
    let database = format!("sqlite://{}", place.file().display());
    vec!["--data-dir".into(), data.display().to_string(), "--database".into(), database]
}

fn refused(command: &mut std::process::Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    error_of(&output)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_runs_on_the_database_of_a_server_and_what_is_refused_says_what_to_do() {
    let (place, other) = (Place::new(Engine::Sqlite).await, tempfile::tempdir().unwrap());
    place.run("init", &[]).unwrap();
    std::fs::copy(place.home.data().join("portico.key"), other.path().join("portico.key")).unwrap();
    let (process, _) = place.serve().await;
    let lock = std::fs::canonicalize(place.home.data()).unwrap().join("portico.db.lock");
    for command in ["serve", "init", "migrate"] {
        let mut second = std::process::Command::new(env!("CARGO_BIN_EXE_portico"));
        let second = second.arg(command).args(beside(&place, other.path()));
        let second = if command == "serve" { second.args(["--listen", "127.0.0.1:9"]) } else { second };
        let said = refused(second);
        assert!(said.contains("`portico serve`") && said.contains("stop it first"), "{command}: {said}");
        assert!(said.contains(lock.to_str().unwrap()), "{command}: {said}");
    }
    // Nor on its directory with another database: what a server keeps beside its database is there.
    let aside = format!("sqlite://{}", other.path().join("aside.db").display());
    for command in ["serve", "init"] {
        let said = refused(&mut place.command(command, &["--database", &aside]));
        assert!(said.contains("at work in") && said.contains("stop the server"), "{command}: {said}");
    }
    // `kill -9`, and whoever comes next begins at once.
    drop(process);
    assert!(lock.exists(), "a killed process leaves the file, not the lock");
    let (process, _) = place.serve().await;
    assert!(process.stop().success());
    assert!(!lock.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_begin_in_one_database_from_two_directories_one_makes_its_instance() {
    for _ in 0..3 {
        let place = Place::new(Engine::Sqlite).await;
        std::fs::create_dir_all(place.home.data()).unwrap();
        let directories: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let running: Vec<Child> = directories
            .iter()
            .map(|directory| {
                let mut init = std::process::Command::new(env!("CARGO_BIN_EXE_portico"));
                init.arg("init").args(beside(&place, directory.path()));
                init.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let ended: Vec<_> = running.into_iter().map(|init| init.wait_with_output().unwrap()).collect();
        let made = ended.iter().filter(|output| output.status.success()).count();
        assert_eq!(made, 1, "{ended:?}");
        for (directory, output) in directories.iter().zip(&ended) {
            let said = error_of(output);
            assert!(
                output.status.success()
                    || said.contains("`portico init`")
                    || said.contains("holds the instance"),
                "{said}"
            );
            let key = directory.path().join("portico.key");
            assert_eq!(key.exists(), output.status.success(), "a key is kept of the instance that is there");
            assert!(!directory.path().join("portico.key.new").exists(), "{said}");
        }
        assert_eq!(place.number("SELECT COUNT(*) FROM instances").await, 1);
    }
}
