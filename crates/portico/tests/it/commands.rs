//! The command line as an operator meets it: what a second `init` does, which setting wins, what is refused and how it is said. Knows nothing of what the server answers.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use crate::server::{Process, free_address};

/// A data directory of our own.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// `portico COMMAND --data-dir DATA ARGUMENTS…`, without any `PORTICO_…` variable of whoever runs the tests.
    pub(crate) fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut portico = portico();
        portico.arg(command).arg("--data-dir").arg(self.data()).args(arguments);
        portico
    }

    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Output {
        self.command(command, arguments).output().unwrap()
    }

    pub(crate) fn initialised() -> Self {
        let home = Self::new();
        let init = home.run("init", &["--output", "json"]);
        assert!(init.status.success(), "{}", error_of(&init));
        home
    }

    /// Every file with its bytes.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.data()).unwrap().map(Result::unwrap);
        entries
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
            .collect()
    }

    fn add_to_configuration(&self, line: &str) {
        let path = self.data().join("portico.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{text}{line}\n")).unwrap();
    }
}

pub(crate) fn portico() -> Command {
    let mut portico = Command::new(env!("CARGO_BIN_EXE_portico"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PORTICO_") {
            portico.env_remove(name);
        }
    }
    portico
}

pub(crate) fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_second_init_refuses_and_changes_nothing() {
    let home = Home::initialised();
    let before = home.files();
    let again = home.run("init", &["--output", "json"]);
    assert!(!again.status.success());
    assert!(
        error_of(&again).contains("holds an instance already: nothing was changed"),
        "{}",
        error_of(&again)
    );
    assert!(again.stdout.is_empty());
    assert_eq!(before, home.files());
}

#[test]
fn an_init_that_fails_leaves_nothing_behind() {
    let home = Home::new();
    let seed = home.folder.path().join("seed.yaml");
    std::fs::write(&seed, "users:\n  - userName: jane\n    displayName: Jane\n    nickname: J\n").unwrap();
    let init = home.run("init", &["--seed", seed.to_str().unwrap()]);
    assert!(!init.status.success());
    let text = error_of(&init);
    assert!(text.contains("nickname") && text.contains("line"), "it must name the key and its line: {text}");
    assert!(!home.data().exists() || home.files().is_empty(), "{:?}", home.files().keys());

    std::fs::write(&seed, "assignments:\n  - { user: nobody, permissionSet: None, accounts: [none] }\n")
        .unwrap();
    let init = home.run("init", &["--seed", seed.to_str().unwrap()]);
    assert!(!init.status.success());
    assert!(!home.data().exists() || home.files().is_empty(), "{:?}", home.files().keys());
    assert!(home.run("init", &[]).status.success(), "the next one must find the directory as it was");
}

#[tokio::test]
async fn a_flag_wins_over_the_variable_and_the_variable_over_the_file() {
    let home = Home::initialised();
    let [file, variable, flag] = [free_address(), free_address(), free_address()];
    home.add_to_configuration(&format!("listen = \"{file}\""));
    for (command, wins) in [
        (&mut home.command("serve", &[]), file),
        (home.command("serve", &[]).env("PORTICO_LISTEN", variable.to_string()), variable),
        (
            home.command("serve", &["--listen", &flag.to_string()])
                .env("PORTICO_LISTEN", variable.to_string()),
            flag,
        ),
    ] {
        let (_process, listens) = Process::listening(command, &[file, variable, flag]).await;
        assert_eq!(listens, wins);
    }
}

#[test]
fn the_mode_of_init_binds_the_seed_and_stays() {
    let seed = |home: &Home| {
        let path = home.folder.path().join("seed.yaml");
        let password = "correct horse battery staple";
        let text = format!(
            "users:\n  - {{ userName: jane, displayName: J, name: {{ givenName: J, familyName: D }}, password: {{ plain: {password} }} }}\n"
        );
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let strict = Home::new();
    let refused = strict.run("init", &["--mode", "strict", "--seed", &seed(&strict)]);
    assert!(!refused.status.success());
    assert!(error_of(&refused).contains("an upper-case letter"), "{}", error_of(&refused));
    let made = strict.run("init", &["--mode", "strict"]);
    assert!(made.status.success(), "{}", error_of(&made));
    let written = std::fs::read_to_string(strict.data().join("portico.toml")).unwrap();
    assert!(written.contains("mode = \"strict\""), "{written}");
    let relaxed = Home::new();
    let made = relaxed.run("init", &["--seed", &seed(&relaxed)]);
    assert!(made.status.success(), "{}", error_of(&made));
    let lax = Home::new().run("init", &["--mode", "lax"]);
    assert!(error_of(&lax).contains("relaxed or strict"), "{}", error_of(&lax));
}

#[test]
fn what_the_configuration_cannot_mean_is_refused_by_name() {
    for (line, names) in [
        ("listne = \"127.0.0.1:1\"", "listne"),
        ("mode = \"lax\"", "relaxed or strict"),
        ("tls_cert = \"cert.pem\"", "--tls-key"),
        ("public_url = \"https://sso.example.org/path\"", "must not have a path"),
    ] {
        let home = Home::initialised();
        home.add_to_configuration(line);
        let serve = home.run("serve", &["--listen", &free_address().to_string()]);
        assert!(!serve.status.success(), "{line}");
        assert!(error_of(&serve).contains(names), "{line}: {}", error_of(&serve));
    }
}

#[test]
fn an_address_that_nobody_can_come_to_is_no_public_url() {
    let home = Home::initialised();
    for every in ["0.0.0.0:8765", "[::]:8765", "127.0.0.1:0"] {
        let serve = home.run("serve", &["--listen", every]);
        assert!(!serve.status.success(), "{every}");
        assert!(error_of(&serve).contains("--public-url"), "{}", error_of(&serve));
    }
    let init = Home::new().run("init", &["--public-url", "http://0.0.0.0:8765"]);
    assert!(!init.status.success());
    assert!(error_of(&init).contains("every address"), "{}", error_of(&init));
}

#[test]
fn a_database_of_a_newer_version_is_refused_with_what_to_do() {
    let home = Home::initialised();
    let database = rusqlite::Connection::open(home.data().join("portico.db")).unwrap();
    database.execute("INSERT INTO schema_migrations (version, applied_at) VALUES (1000, 0)", []).unwrap();
    for command in ["serve", "migrate", "revoke-issued"] {
        let refused = home.run(command, &[]);
        assert!(!refused.status.success(), "{command}");
        assert!(error_of(&refused).contains("newer program"), "{command}: {}", error_of(&refused));
    }
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let home = Home::new();
    let serve = home.run("serve", &[]);
    assert!(!serve.status.success());
    assert!(error_of(&serve).contains("portico init"), "{}", error_of(&serve));

    let home = Home::initialised();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let serve = home.run("serve", &["--listen", &address]);
    assert!(!serve.status.success());
    assert!(error_of(&serve).contains(&address), "{}", error_of(&serve));
}

#[test]
fn only_the_owner_may_read_the_key_and_the_configuration() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::initialised();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.data()), 0o700);
    for name in home.files().keys() {
        assert_eq!(mode(&home.data().join(name)), 0o600, "{name}");
    }
}

#[test]
fn version_and_completions_need_no_instance() {
    let version = portico().arg("version").output().unwrap();
    assert!(version.status.success());
    assert!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish"] {
        let script = portico().args(["completions", shell]).output().unwrap();
        assert!(script.status.success());
        assert!(String::from_utf8_lossy(&script.stdout).contains("data-dir"), "{shell}");
    }
}
