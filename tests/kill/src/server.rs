//! The server under test: the real binary with a directory of its own. Makes an instance, starts it and measures how long that takes,
//! ends it as hard as told. Knows nothing of the load.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// signal(7).
const SIGKILL: i32 = 9;
/// How long a start may take before it counts as none.
const START_MAX: Duration = Duration::from_secs(20);

/// How to run the binary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setting {
    /// A PostgreSQL URL; without one SQLite in the data directory.
    pub(crate) database: Option<String>,
    /// Words before the binary's own: a program that changes what it sees.
    pub(crate) wrapper: Vec<String>,
    /// Variables of its environment.
    pub(crate) environment: Vec<(String, String)>,
    /// Where it logs to, if not beside the seed file.
    pub(crate) log: Option<PathBuf>,
}

impl Setting {
    fn command(&self, binary: &Path) -> Command {
        let mut words = self.wrapper.iter();
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// How long a start took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Start {
    /// Less the time that the process stood ready to run while others had the processors: what the start costs, whatever else the machine
    /// is doing.
    pub(crate) own: Duration,
    /// By the clock on the wall.
    pub(crate) wall: Duration,
}

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    binary: PathBuf,
    setting: Setting,
    /// Its data directory.
    pub(crate) data: PathBuf,
    /// `127.0.0.1:PORT`
    pub(crate) host: String,
    /// What `init` printed.
    pub(crate) made: Value,
    process: Option<Child>,
    /// What it says.
    pub(crate) log: PathBuf,
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> anyhow::Result<String> {
    let probe = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(probe.local_addr()?.to_string())
}

impl Server {
    /// A new instance below `home` from the seed file there.
    pub(crate) async fn init(
        binary: &Path,
        home: &Path,
        data: &Path,
        setting: Setting,
    ) -> anyhow::Result<Self> {
        let host = free_address()?;
        let mut init = setting.command(binary);
        init.args(["init", "--output", "json", "--public-url", &format!("http://{host}")])
            .arg("--data-dir")
            .arg(data)
            .arg("--seed")
            .arg(home.join("seed.json"));
        if let Some(url) = &setting.database {
            init.args(["--database", url]);
        }
        let out = init.output().await.with_context(|| binary.display().to_string())?;
        ensure!(out.status.success(), "init failed: {}", String::from_utf8_lossy(&out.stderr));
        let log = setting.log.clone().unwrap_or_else(|| home.join("server.log"));
        Ok(Self {
            binary: binary.to_owned(),
            log,
            setting,
            data: data.to_owned(),
            host,
            made: serde_json::from_slice(&out.stdout)?,
            process: None,
        })
    }

    /// A second server of the same instance, not started: the same key and settings, a directory and an address of its own.
    pub(crate) fn twin(&self, home: &Path) -> anyhow::Result<Self> {
        let data = home.join("data");
        std::fs::create_dir_all(&data)?;
        for name in ["portico.key", "portico.toml"] {
            std::fs::copy(self.data.join(name), data.join(name))?;
        }
        Ok(Self {
            binary: self.binary.clone(),
            setting: self.setting.clone(),
            data,
            host: free_address()?,
            made: self.made.clone(),
            process: None,
            log: home.join("server.log"),
        })
    }

    /// A text that `init` printed.
    pub(crate) fn made(&self, key: &str) -> String {
        self.made.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Runs the process, without waiting for it to be of use.
    pub(crate) fn spawn(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.setting.command(&self.binary);
        command
            .args(["serve", "--listen", &self.host, "--trusted-proxy", "127.0.0.1"])
            .arg("--data-dir")
            .arg(&self.data)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        self.process = Some(command.spawn().context("the server could not be started")?);
        Ok(())
    }

    /// Starts the process; how long it took from there to the first answered request.
    pub(crate) async fn start(&mut self) -> anyhow::Result<Start> {
        let begun = Instant::now();
        self.spawn()?;
        self.wait_until_ready().await?;
        let wall = begun.elapsed();
        let waited = self.id().map(waited).unwrap_or_default();
        Ok(Start { own: wall.saturating_sub(waited), wall })
    }

    /// Waits until `/readyz` says so.
    pub(crate) async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !ready(&self.host).await {
            if let Some(ended) = self.process.as_mut().and_then(|process| process.try_wait().ok().flatten()) {
                bail!("the server has ended ({ended}): see {}", self.log.display());
            }
            ensure!(begun.elapsed() < START_MAX, "the server is not ready: see {}", self.log.display());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// The process's id, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// Whether the process still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// SIGKILL; returns once the process is gone. Fails when it was something else that ended it.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.start_kill()?;
        let status = process.wait().await?;
        ensure!(
            status.signal() == Some(SIGKILL),
            "the server had ended before it was killed ({status}): see {}",
            self.log.display()
        );
        Ok(())
    }

    /// Fails when the server has said that something in it panicked: a panic answers one request with 500 and would be taken for trouble.
    pub(crate) fn never_panicked(&self) -> anyhow::Result<()> {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let said = log.lines().find(|line| line.contains("panicked"));
        ensure!(said.is_none(), "the server's log: {}", said.unwrap_or_default());
        Ok(())
    }

    /// `portico audit verify`: whether no piece of the trail was altered or lost.
    pub(crate) async fn trail_is_whole(&self) -> anyhow::Result<()> {
        let mut verify = self.setting.command(&self.binary);
        verify.args(["audit", "verify", "--data-dir"]).arg(&self.data);
        let out = verify.output().await?;
        ensure!(
            out.status.success(),
            "audit verify: {}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        Ok(())
    }

    /// How many torn ends of the trail were cut at its starts, by its log.
    pub(crate) fn torn_ends(&self) -> usize {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.matches("the torn end of the audit trail was cut").count()
    }

    /// SIGTERM; returns once the process has ended in order.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let id = process.id().context("the server was gone before it was stopped")?;
        signal(id, "TERM").await?;
        let ended = tokio::time::timeout(Duration::from_secs(30), process.wait()).await;
        let status = ended.context("the server does not stop")??;
        ensure!(status.success(), "the server stopped with {status}: see {}", self.log.display());
        Ok(())
    }
}

/// The longest that a thread of a process stood in a processor's queue (the second figure of `schedstat`: proc(5)).
fn waited(id: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().filter_map(Result::ok);
    let times = threads.filter_map(|thread| {
        let figures = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        figures.split_whitespace().nth(1)?.parse().ok()
    });
    Duration::from_nanos(times.max().unwrap_or_default())
}

/// Sends a signal to a process that this program started.
pub(crate) async fn signal(id: u32, name: &str) -> anyhow::Result<()> {
    let status = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().await?;
    ensure!(status.success(), "no signal {name} to process {id}");
    Ok(())
}

/// Whether `/readyz` says yes: over a new connection each time, by hand, so that a start is measured and not a client.
async fn ready(host: &str) -> bool {
    let exchange = async {
        let mut stream = TcpStream::connect(host).await?;
        stream
            .write_all(
                format!("GET /readyz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes(),
            )
            .await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    matches!(tokio::time::timeout(Duration::from_secs(5), exchange).await, Ok(Ok(true)))
}
