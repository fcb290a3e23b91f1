//! A server process of our own, on a free port, with what `init` printed.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A client of one of the SDK's crates, with the root key.
macro_rules! client {
    ($sdk:ident, $server:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .endpoint_url(&$server.base)
                .region($sdk::config::Region::new("us-east-1"))
                .credentials_provider($server.keys())
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .build(),
        )
    };
}
pub(crate) use client;

/// A running server; killed when dropped.
pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) made: Value,
    _process: Process,
    _home: tempfile::TempDir,
}

impl Server {
    /// Makes an instance from the example and serves it.
    pub(crate) async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let address = free_address();
        let base = format!("http://{address}");
        let data = home.path().join("data");
        let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme.yaml");
        let init = Command::new(env!("CARGO_BIN_EXE_portico"))
            .args(["init", "--output", "json", "--public-url", &base, "--seed", seed, "--data-dir"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        let made = serde_json::from_slice(&init.stdout).unwrap();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_portico"));
        // An issuer of tokens may run beside it.
        serve.args([
            "serve",
            "--outbound-allow",
            "127.0.0.1",
            "--listen",
            &address.to_string(),
            "--data-dir",
        ]);
        serve.arg(&data);
        let (process, _) = Process::listening(&mut serve, &[address]).await;
        Self { base, made, _process: process, _home: home }
    }

    /// The root key.
    pub(crate) fn keys(&self) -> aws_credential_types::Credentials {
        aws_credential_types::Credentials::from_keys(
            self.made("accessKeyId"),
            self.made("secretAccessKey"),
            None,
        )
    }

    /// A text of what `init` printed.
    pub(crate) fn made(&self, key: &str) -> String {
        self.made[key].as_str().unwrap().to_owned()
    }
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A process; killed when dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Asks the process to stop and waits until it has; how it ended.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.0.wait().unwrap()
    }

    /// Waits until the process ends by itself, and no longer than ten seconds; how it ended.
    pub(crate) async fn ended(mut self) -> std::process::ExitStatus {
        for _ in 0..400 {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the process goes on")
    }

    /// Starts a server and waits until it listens on one of the addresses; which.
    pub(crate) async fn listening(command: &mut Command, addresses: &[SocketAddr]) -> (Self, SocketAddr) {
        Self::logging(command.stderr(Stdio::null()), addresses).await
    }

    /// [`Self::listening`] with the standard error that the command has.
    pub(crate) async fn logging(command: &mut Command, addresses: &[SocketAddr]) -> (Self, SocketAddr) {
        let mut process = Self(command.spawn().unwrap());
        for _ in 0..400 {
            for address in addresses {
                if tokio::net::TcpStream::connect(address).await.is_ok() {
                    return (process, *address);
                }
            }
            assert!(process.0.try_wait().unwrap().is_none(), "the server ended");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the server did not start")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
