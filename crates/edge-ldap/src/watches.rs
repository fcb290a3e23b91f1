//! Listening to directories: a connection that stays for each that tells of changes, as long as this server is the one that listens
//! (`sources::directory_watches`), made again with growing waits where it ends. A change is handed on and asked about at once; many are one, a little later.

use std::time::Duration;

use model::entropy::uuid;
use model::fault::Fault;
use model::sources::directory::Directory;
use model::sources::directory_watch::{WatchState, Watching};
use outbound::ldap::failure::{Failure, Kind};
use outbound::ldap::watch::Watch;
use sources::directory_connections::connect;
use sources::directory_watches::{self, APART};
use tokio::time::{Instant, sleep, timeout};

use crate::run::Work;

/// How often it is said that this server still listens.
const BEAT: Duration = Duration::from_secs(5);
/// How long a connection may say nothing before another is made: it may be dead, and nobody noticed.
const QUIET_MAX: Duration = Duration::from_mins(5);
/// How long the longest wait before another connection is.
const PAUSE_MAX: Duration = Duration::from_mins(1);
/// The same where the account was refused: each time may be a wrong password more.
const REFUSED_PAUSE: Duration = Duration::from_mins(15);
/// How long a connection must have been there to count as one that works.
const STEADY: Duration = Duration::from_mins(1);

/// A directory that this server listens to.
#[derive(Debug)]
pub struct Listener {
    work: Work,
    directory: Directory,
    watcher: String,
}

/// Why a connection is of no more use.
enum End {
    /// It told nothing for long.
    Quiet,
    /// The directory tells nobody.
    Unsupported,
    /// It failed.
    Failed(Failure),
    /// Something here failed.
    Here(Fault),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Here(fault)
    }
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The directories that nobody listens to: this server does from now on.
pub async fn claim(work: &Work) -> Result<Vec<Listener>, Fault> {
    let mut claimed = Vec::new();
    for directory in directory_watches::list_unheard(&work.store, &work.cx())? {
        let watcher = uuid(work.surroundings.entropy.as_ref()).to_string();
        if directory_watches::claim(&work.store, &work.cx(), (&directory.id, &watcher)).await? {
            claimed.push(Listener { work: work.clone(), directory, watcher });
        }
    }
    Ok(claimed)
}

impl Listener {
    /// Listens until that is no longer this server's to do: somebody else does, or an administrator decided otherwise.
    pub async fn listen(self) {
        tokio::select! {
            () = self.keep() => {}
            () = self.go_on() => {}
        }
    }

    /// Says again and again that this server listens, for as long as it is the one.
    async fn keep(&self) {
        loop {
            sleep(BEAT).await;
            let of = (&self.directory, self.watcher.as_str());
            match directory_watches::hold(&self.work.store, &self.work.cx(), of).await {
                Ok(true) => {}
                Ok(false) => return,
                // Somebody else may listen as well by then, which harms nobody.
                Err(fault) => {
                    tracing::warn!(%fault, context = fault.context(), "listening waits for the database");
                }
            }
        }
    }

    async fn go_on(&self) {
        let mut failures = 0_u32;
        loop {
            let began = Instant::now();
            let end = self.once().await;
            failures = if began.elapsed() >= STEADY { 0 } else { failures };
            let pause = match &end {
                End::Quiet => Duration::ZERO,
                End::Unsupported => QUIET_MAX,
                End::Failed(failure) if failure.kind() == Kind::Account => REFUSED_PAUSE,
                End::Failed(_) | End::Here(_) => Duration::from_secs(1 << failures.min(6)).min(PAUSE_MAX),
            };
            if let Some((state, said)) = told(&end) {
                failures = failures.saturating_add(1);
                let directory = self.directory.id.as_str();
                tracing::warn!(directory, state = state.as_str(), said, "a directory is not listened to");
                self.say(state, None, Some(said)).await;
            }
            sleep(pause).await;
        }
    }

    /// One connection, to its end.
    async fn once(&self) -> End {
        match self.hear_out().await {
            Ok(end) | Err(end) => end,
        }
    }

    async fn hear_out(&self) -> Result<End, End> {
        let connected = connect(&self.work.store, &self.work.outbound, &self.directory)?;
        let Some(mut watch) = connected.watch().await? else { return Ok(End::Unsupported) };
        tracing::debug!(
            directory = self.directory.id.as_str(),
            server = watch.server(),
            "a directory is listened to"
        );
        self.say(WatchState::Listening, Some(watch.server().to_owned()), None).await;
        // Whatever changed while nobody listened.
        let mut is_pending = true;
        loop {
            if is_pending {
                self.hand_on().await?;
                is_pending = heard_within(&mut watch, APART).await?;
            } else if watch.changed(QUIET_MAX).await? {
                is_pending = true;
            } else {
                return Ok(End::Quiet);
            }
        }
    }

    async fn hand_on(&self) -> Result<(), Fault> {
        let of = (&self.directory.id, self.watcher.as_str());
        directory_watches::hear(&self.work.store, &self.work.cx(), of).await
    }

    async fn say(&self, state: WatchState, server: Option<String>, said: Option<String>) {
        let standing = Watching { state, server, said, since: self.work.clock.now() };
        let of = (&self.directory.id, self.watcher.as_str());
        if let Err(fault) = directory_watches::tell(&self.work.store, &self.work.cx(), of, standing).await {
            tracing::warn!(%fault, context = fault.context(), "listening waits for the database");
        }
    }
}

/// Whether anything changes within so long, all of which passes: whatever else changes until then is one with it.
async fn heard_within(watch: &mut Watch, long: Duration) -> Result<bool, Failure> {
    let mut is_heard = false;
    let all = async {
        loop {
            is_heard |= watch.changed(QUIET_MAX).await?;
        }
    };
    match timeout(long, all).await {
        Ok(ended) => ended,
        Err(_) => Ok(is_heard),
    }
}

/// What is said of the end of a connection; nothing of one that is made again at once.
fn told(end: &End) -> Option<(WatchState, String)> {
    match end {
        End::Quiet => None,
        End::Unsupported => {
            let said = "The directory tells nobody at once what changes, or not for these bases.".to_owned();
            Some((WatchState::Unsupported, said))
        }
        End::Failed(failure) => Some((WatchState::Retrying, failure.to_string())),
        End::Here(fault) => Some((WatchState::Retrying, fault.message().to_owned())),
    }
}
