//! A server process of any make: started on its own processor, asked by the kernel what it costs, ended when dropped.

use std::ffi::OsStr;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::http::{self, Connection};

/// The processor that servers run on; the client has another.
pub(crate) const SERVER_CPU: &str = "0";
/// How long a server may take to answer at first.
const START_MAX: Duration = Duration::from_secs(60);
/// Clock ticks a second in `/proc/PID/stat`: fixed in Linux's interface (proc(5), sysconf(3)).
const TICKS: f64 = 100.0;

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// Resident memory, bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// The process's own.
    pub(crate) anonymous: u64,
    /// Pages of mapped files, which the kernel may take back at any time.
    pub(crate) file: u64,
}

/// What a process has used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Processor time in the program itself, seconds.
    pub(crate) own_seconds: f64,
    /// Processor time in the kernel on its behalf, seconds.
    pub(crate) kernel_seconds: f64,
    /// Pages that were in memory and had to be mapped.
    pub(crate) page_faults: f64,
}

impl Usage {
    /// What was used since then.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            own_seconds: self.own_seconds - before.own_seconds,
            kernel_seconds: self.kernel_seconds - before.kernel_seconds,
            page_faults: self.page_faults - before.page_faults,
        }
    }
}

/// A port that nobody listens on.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Process {
    /// Starts a program with its arguments on the servers' processor, with its output in `log`. `address` is where it will listen.
    pub(crate) fn start<S: AsRef<OsStr>>(
        command: &[S],
        log: &Path,
        address: SocketAddr,
    ) -> anyhow::Result<Self> {
        let out = File::create(log).with_context(|| log.display().to_string())?;
        let child = Command::new("taskset")
            .args(["-c", SERVER_CPU])
            .args(command)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("taskset")?;
        Ok(Self { child, address })
    }

    /// Waits until `GET path` is answered; how long that took.
    pub(crate) async fn answers(&mut self, path: &str) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let host = self.address.to_string();
        let request = http::request("GET", path, &[("host", &host)], "");
        loop {
            if let Ok(answer) = Connection::new(self.address).call(&request).await
                && answer.status < 500
            {
                return Ok(begun.elapsed());
            }
            self.require_running(begun)?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error when the server has ended or has been waited for since `begun` for too long.
    pub(crate) fn require_running(&mut self, begun: Instant) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the server ended before it answered: {status}");
        }
        if begun.elapsed() > START_MAX {
            bail!("the server did not answer within {} s", START_MAX.as_secs());
        }
        Ok(())
    }

    /// What the process has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        usage_of(self.child.id())
    }

    /// Resident memory now.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kib.map(|kib| kib * 1024).with_context(|| format!("{name} in /proc/PID/status"))
        };
        Ok(Memory { anonymous: field("RssAnon:")?, file: field("RssFile:")? })
    }

    /// SIGTERM, and waits until it is done.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        while self.child.try_wait()?.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// What a process has used so far.
pub(crate) fn usage_of(id: u32) -> anyhow::Result<Usage> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // Fields are counted from behind the name, which may hold anything: minflt is the 10th of all, utime and stime the 14th and 15th.
    let (_, fields) = text.rsplit_once(')').context("/proc/PID/stat")?;
    let field = |number: usize| {
        let field = fields.split_whitespace().nth(number - 3).and_then(|field| field.parse::<f64>().ok());
        field.with_context(|| format!("field {number} of /proc/PID/stat"))
    };
    Ok(Usage { own_seconds: field(14)? / TICKS, kernel_seconds: field(15)? / TICKS, page_faults: field(10)? })
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
