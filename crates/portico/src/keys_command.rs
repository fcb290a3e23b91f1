//! `portico keys`: the keys of an instance are listed, replaced and retired by whoever holds the data directory. Works beside servers that run, and nobody is
//! signed out but by `retire`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use applications::token_keys::{self, PURPOSE};
use instances::data_keys::{self, HEARD, SETTLED};
use instances::signing_keys;
use model::clock::Clock as _;
use model::cx::Cx;
use model::entropy::SystemEntropy;
use model::fault::Fault;
use model::instances::data_key::{DataKey, EncryptionStatus};
use model::instances::instance::Instance;
use sources::our_side::{self, SAML_SP};
use store::db::{Location, Store};
use store::instances::signing_keys::SAML_IDP;
use store::tx::Tx;

use crate::alone::{self, Alone, Holder};
use crate::cli::{Keys, Retire, RetireSigning, RotateRoot, RotateSigning, SigningPurpose, Where};
use crate::clock::SystemClock;
use crate::custody::Custody;
use crate::readable::readable;
use crate::root_key::Replacing;
use crate::settings::{self, File};
use crate::{host, idp_key, root_key, serve};

/// Runs `portico keys`.
pub(crate) async fn run(command: Keys) -> anyhow::Result<()> {
    match command {
        Keys::List(place) => list(&place),
        Keys::Rotate(place) => rotate(&place).await,
        Keys::Retire(retire) => self::retire(&retire).await,
        Keys::RotateRoot(rotate) => rotate_root(&rotate).await,
        Keys::RotateSigning(rotate) => rotate_signing(&rotate).await,
        Keys::RetireSigning(retire) => retire_signing(retire).await,
    }
}

/// An instance that is open, and who else has it.
struct Opened {
    store: Store,
    instance: Instance,
    location: Location,
    mode: model::limits::Mode,
    alone: Result<Alone, Holder>,
}

impl Opened {
    fn open(place: &Where) -> anyhow::Result<Self> {
        let file = File::read(place)?;
        let location = settings::location(place, &file)?;
        let mode = settings::mode(None, &file)?;
        let alone = alone::or_server("keys", &location)?;
        let (store, instance) = serve::open(&place.data_dir, &location, 1)?;
        Ok(Self { store, instance, location, mode, alone })
    }

    fn call(&self, name: &'static str) -> Cx {
        host::call(&self.instance, self.mode, name)
    }

    /// Whether no server can have the database.
    fn is_quiet(&self) -> bool {
        self.alone.is_ok() && matches!(self.location, Location::Sqlite(_))
    }

    /// Waits until a server that has the same file has noticed what was written.
    fn heard(&self) -> anyhow::Result<()> {
        if let Err(server) = &self.alone
            && !store::db::heard(&self.location).map_err(|fault| readable(&fault))?
        {
            bail!("it is written, but nobody saw that the server heeds it: {server}");
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn list(place: &Where) -> anyhow::Result<()> {
    let opened = Opened::open(place)?;
    let now = SystemClock.now();
    let found = data_keys::list(&opened.store, &opened.instance, now)
        .and_then(|found| Ok((found, signing_keys::list(&opened.store, now)?)));
    opened.store.close();
    let ((keys, in_use), signing) = found.map_err(|fault| readable(&fault))?;
    println!("root key     kept by {}", root_key::keeper(&place.data_dir)?.name());
    for one in keys {
        println!("data key {:<3} {:<8} {} values", one.key.number, standing(&one.key, in_use), one.sealed);
        if let Some(failure) = one.key.failure {
            println!("             {failure}");
        }
    }
    for one in signing {
        let standing = match (one.signs, one.key.signs_from > now) {
            (true, _) => "signs".to_owned(),
            (false, true) => format!("signs from {}", one.key.signs_from.rfc3339()),
            (false, false) => "believed".to_owned(),
        };
        println!("signing key  {:<8} {} {}", word_of(&one.key.purpose), one.key.id, standing);
    }
    Ok(())
}

/// What the command line calls a purpose.
fn word_of(purpose: &str) -> &str {
    match purpose {
        SAML_IDP => "accounts",
        PURPOSE => "applications",
        SAML_SP => "providers",
        other => other,
    }
}

/// Connected accounts are told; everybody else asks.
fn tell(tx: &mut Tx<'_>, cx: &Cx, purpose: &str) -> Result<(), Fault> {
    if purpose == SAML_IDP {
        accounts::account_trust::renew(tx, cx)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn rotate_signing(rotate: &RotateSigning) -> anyhow::Result<()> {
    let opened = Opened::open(&rotate.place)?;
    let cx = opened.call("RotateSigningKey");
    let (purpose, new) = match rotate.purpose {
        SigningPurpose::Accounts => (SAML_IDP, idp_key::make(&cx, &opened.instance.id)?),
        SigningPurpose::Applications => (PURPOSE, token_keys::make(&cx).map_err(|fault| readable(&fault))?),
        SigningPurpose::Providers => {
            (SAML_SP, our_side::make_key(&cx).await.map_err(|fault| readable(&fault))?)
        }
    };
    let (id, signs_from) =
        (new.id.clone(), cx.now.plus(Duration::from_secs(u64::from(rotate.after) * 3_600)));
    let new = (purpose, new, signs_from);
    let done = signing_keys::rotate(&opened.store, &cx, &opened.instance, new, tell).await;
    opened.store.close();
    done.map_err(|fault| readable(&fault))?;
    opened.heard()?;
    let told = match rotate.purpose {
        SigningPurpose::Accounts => "The server has connected accounts trust it.",
        SigningPurpose::Applications => "Applications find it among the keys of the issuer.",
        SigningPurpose::Providers => "Give identity providers the metadata anew by then.",
    };
    println!("Key {id} is published, and signs from {} on. {told}", signs_from.rfc3339());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn retire_signing(retire: RetireSigning) -> anyhow::Result<()> {
    let opened = Opened::open(&retire.place)?;
    let cx = opened.call("RetireSigningKey");
    let done = signing_keys::retire(&opened.store, &cx, &opened.instance, retire.id.clone(), tell).await;
    opened.store.close();
    done.map_err(|fault| readable(&fault))?;
    opened.heard()?;
    println!("Key {} is retired: it is published no more.", retire.id);
    Ok(())
}

fn standing(key: &DataKey, in_use: u32) -> &'static str {
    match key {
        DataKey { retired_at: Some(_), .. } => "retired",
        DataKey { number, resealed_at: None, .. } if *number >= in_use => "begins",
        DataKey { number, .. } if *number == in_use => "in use",
        _ => "believed",
    }
}

/// How long what is kept may take to be sealed anew once everything is ready for it: as long as it takes, if it goes on; so long if nothing happens.
const PATIENCE: Duration = Duration::from_secs(120);

impl Opened {
    /// Makes a data key, and has it in use everywhere; its number.
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    async fn rotate(&self) -> anyhow::Result<u32> {
        let quiet = self.is_quiet();
        let cx = self.call("RotateDataKey");
        // Where nobody else seals, nobody need be waited for.
        let seals_from = if quiet { cx.now.minus(SETTLED) } else { cx.now.plus(HEARD) };
        let made = data_keys::rotate(&self.store, &cx, &self.instance, seals_from).await;
        let number = made.map_err(|fault| readable(&fault))?;
        self.heard()?;
        println!("Data key {number} is made.");
        if !quiet {
            println!("Servers hear of it and seal with it from {} s on.", HEARD.as_secs());
            tokio::time::sleep(HEARD + SETTLED).await;
        }
        self.reseal().await?;
        println!("What is kept is sealed with data key {number}.");
        Ok(number)
    }

    /// Seals what is kept with the newest data key, unless a server has done so.
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    async fn reseal(&self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let cx = self.call("ResealData");
            let told = |sealed| println!("{sealed} values are sealed with it …");
            let done = data_keys::reseal(&self.store, &cx, told).await.map_err(|fault| readable(&fault))?;
            let (status, _) = data_keys::encryption(&self.store).map_err(|fault| readable(&fault))?;
            let is_over = status == EncryptionStatus::Enabled;
            if done.is_some() || is_over {
                return Ok(());
            }
            // A clock that was set back meanwhile.
            if Instant::now() > until {
                bail!(
                    "what is kept is not sealed with the new data key yet: a server goes on with it, see `portico keys list`"
                );
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn rotate(place: &Where) -> anyhow::Result<()> {
    let opened = Opened::open(place)?;
    let done = opened.rotate().await;
    opened.store.close();
    let number = done?;
    println!(
        "Role credentials and tokens of before go on until they end: `portico keys retire {}` ends them at once.",
        number - 1
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn retire(retire: &Retire) -> anyhow::Result<()> {
    let opened = Opened::open(&retire.place)?;
    let done = opened.retire(retire.number, retire.force).await;
    opened.store.close();
    done.map_err(|fault| readable(&fault))?;
    opened.heard()?;
    println!("Data key {} is retired: what it signed is believed by no server in a moment.", retire.number);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn rotate_root(rotate: &RotateRoot) -> anyhow::Result<()> {
    let data_dir: &Path = &rotate.place.data_dir;
    // Before the database is opened, which ends what another one left.
    let right = root_key::replacing(data_dir)?;
    let custody = match &rotate.to {
        Some(keeper) => root_key::keeper_named(keeper)?,
        None => root_key::keeper(data_dir)?,
    };
    let opened = Opened::open(&rotate.place)?;
    let done = opened.rotate_root(data_dir, custody.as_ref(), &right).await;
    opened.store.close();
    let first_is_believed = done?;
    opened.heard()?;
    println!(
        "The root key is new, kept by {}. Servers that run go on; every other server and Region needs a copy of \
         {folder}/portico.key before it begins again, and before `portico keys rotate` or `retire`.\n{folder}/portico.key.old is the former \
         one, by which alone backups of before open: move it to them, or delete it.",
        custody.name(),
        folder = data_dir.display()
    );
    if first_is_believed {
        println!(
            "What the first root key of this instance signed is believed until `portico keys retire 0`: role credentials and tokens of before end with that."
        );
    }
    Ok(())
}

impl Opened {
    async fn retire(&self, number: u32, force: bool) -> Result<(), Fault> {
        // Whoever sealed with it last has to have stopped.
        let (keys, _) = data_keys::list(&self.store, &self.instance, SystemClock.now())?;
        if let Some(resealed_at) = keys.last().and_then(|newest| newest.key.resealed_at) {
            tokio::time::sleep(resealed_at.plus(SETTLED).since(SystemClock.now()).min(SETTLED)).await;
        }
        let cx = self.call("RetireDataKey");
        data_keys::sweep(&self.store, &cx).await?;
        data_keys::retire(&self.store, &cx, &self.instance, (number, force)).await
    }

    /// Replaces the root key; whether data key 0, which the first root key is, is believed still.
    async fn rotate_root(
        &self,
        data_dir: &Path,
        custody: &dyn Custody,
        right: &Replacing,
    ) -> anyhow::Result<bool> {
        let listed = || {
            data_keys::list(&self.store, &self.instance, SystemClock.now()).map_err(|fault| readable(&fault))
        };
        let keyring = root_key::create_next(data_dir, &SystemEntropy::default(), custody, right)?;
        let (keys, in_use) = listed()?;
        if in_use == 0 && keys.len() == 1 {
            // The root key is the one data key: it has to give way as that too, or whoever has it has everything as before.
            self.rotate().await?;
        } else {
            self.reseal().await?;
        }
        let cx = self.call("RotateRootKey");
        // Should it fail: whether the database has taken the key, the next start finds out.
        data_keys::take_root(&self.store, &cx, &self.instance, Arc::new(keyring))
            .await
            .map_err(|fault| readable(&fault))?;
        root_key::settle_next(data_dir)?;
        let (keys, _) = listed()?;
        Ok(keys.iter().any(|one| one.key.number == 0 && one.key.retired_at.is_none()))
    }
}
