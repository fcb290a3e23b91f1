//! Directories of a test's own, as the scripts start them: real servers in a scratch folder, which end with the test or with its process.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A server that a script started, and what it said of itself as lines of `NAME=VALUE`.
#[derive(Debug)]
pub struct Scratch {
    said: BTreeMap<String, String>,
    folder: TempDir,
}

impl Scratch {
    /// OpenLDAP, with people `u1`, `u2`, … and groups `g1`, ….
    pub fn slapd(people: usize, groups: usize) -> Self {
        Self::start("slapd-scratch", people, groups, &[])
    }

    /// A server that this script of `scripts/` starts, with options of its own.
    pub fn start(script: &str, people: usize, groups: usize, options: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts").join(script);
        let folder = tempfile::tempdir().expect("a folder");
        let ran = Command::new(script)
            .arg(folder.path())
            .args(["--owner", &std::process::id().to_string()])
            .args(["--people", &people.to_string(), "--groups", &groups.to_string()])
            .args(options)
            .stdin(Stdio::null())
            .output()
            .expect("the script");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let lines = String::from_utf8(ran.stdout).expect("text");
        let said = lines.lines().filter_map(|line| line.split_once('='));
        let said = said.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { said, folder }
    }

    /// What it said of itself.
    pub fn said(&self, name: &str) -> &str {
        &self.said[name]
    }

    /// The text of a file that it named.
    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.said(name)).expect("a file of the server")
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What its administrator changes, in LDIF.
    pub fn change(&self, ldif: &str) {
        let mut modifying = Command::new("ldapmodify")
            .args(["-x", "-H", self.said("LDAPS"), "-D", self.said("ADMINISTRATOR")])
            .args(["-w", self.said("ADMINISTRATOR_PASSWORD")])
            // This client calls the machine otherwise where it is called localhost.
            .env("LDAPTLS_REQCERT", "never")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ldapmodify");
        modifying.stdin.take().expect("its input").write_all(ldif.as_bytes()).expect("LDIF is read");
        let ran = modifying.wait_with_output().expect("an end");
        assert!(ran.status.success(), "{}\n{ldif}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Ends it.
    pub fn stop(&self) {
        // It has forked: only its number is known.
        let ended = Command::new("kill").arg(self.said("PID")).stderr(Stdio::null()).status();
        assert!(ended.is_ok(), "kill is not there");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.stop();
    }
}
