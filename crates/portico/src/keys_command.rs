//! `portico keys`: the keys of an instance are listed, replaced and retired by whoever holds the data directory. Works beside servers that run, and nobody is
//! signed out but by `retire`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use applications::token_keys::{self, PURPOSE};
use instances::data_keys::{self, HEARD, SETTLED};
use instances::signing_keys;
use model::clock::Clock as _;
use model::cx::Cx;
use model::entropy::SystemEntropy;
use model::fault::{Fault, FaultKind};
use model::instances::data_key::DataKey;
use model::instances::instance::Instance;
use sources::our_side::{self, SAML_SP};
use store::db::{Location, Store};
use store::instances::signing_keys::SAML_IDP;
use store::tx::Tx;

use crate::alone::{self, Alone, Holder};
use crate::cli::{Keys, Retire, RetireSigning, RotateRoot, RotateSigning, SigningPurpose, Where};
use crate::clock::SystemClock;
use crate::readable::readable;
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

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn rotate(place: &Where) -> anyhow::Result<()> {
    let opened = Opened::open(place)?;
    let quiet = opened.is_quiet();
    let heard = if quiet { Duration::ZERO } else { HEARD };
    let cx = opened.call("RotateDataKey");
    let made = data_keys::rotate(&opened.store, &cx, &opened.instance, heard).await;
    let number = made.map_err(|fault| readable(&fault))?;
    opened.heard()?;
    println!("Data key {number} is made.");
    if !quiet {
        println!("Servers hear of it and seal with it from {} s on.", HEARD.as_secs());
        tokio::time::sleep(HEARD + SETTLED).await;
    }
    let told = |sealed| println!("{sealed} values are sealed with it …");
    let mut later = opened.call("ResealData");
    if quiet {
        // Nobody else seals, so that nobody need be waited for.
        later.now = later.now.plus(SETTLED);
    }
    let done = data_keys::reseal(&opened.store, &later, told).await;
    opened.store.close();
    done.map_err(|fault| readable(&fault))?;
    println!(
        "What is kept is sealed with data key {number}. Sessions and tokens of before go on until they end: \
         `portico keys retire {}` ends them at once.",
        number - 1
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn retire(retire: &Retire) -> anyhow::Result<()> {
    let opened = Opened::open(&retire.place)?;
    let cx = opened.call("RetireDataKey");
    let done = data_keys::retire(&opened.store, &cx, &opened.instance, retire.number).await;
    opened.store.close();
    done.map_err(|fault| readable(&fault))?;
    opened.heard()?;
    println!("Data key {} is retired: what it signed is believed by no server in a moment.", retire.number);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn rotate_root(rotate: &RotateRoot) -> anyhow::Result<()> {
    let data_dir: &Path = &rotate.place.data_dir;
    let opened = Opened::open(&rotate.place)?;
    let custody = match &rotate.to {
        Some(keeper) => root_key::keeper_named(keeper)?,
        None => root_key::keeper(data_dir)?,
    };
    let (next, keyring) = root_key::create_next(data_dir, &SystemEntropy::default(), custody.as_ref())?;
    let cx = opened.call("RotateRootKey");
    let done = data_keys::take_root(&opened.store, &cx, &opened.instance, Arc::new(keyring)).await;
    opened.store.close();
    if let Err(fault) = done {
        // A database that went away may have taken the key: the next start looks.
        if *fault.kind() != FaultKind::Unavailable {
            next.discard();
        }
        return Err(readable(&fault));
    }
    next.settle()?;
    opened.heard()?;
    println!(
        "The root key is new, kept by {}. Servers that run go on; every other server and Region needs a copy of \
         {folder}/portico.key before it begins again.\n{folder}/portico.key.old is the former one, by which alone backups of \
         before open: move it to them, or delete it.",
        custody.name(),
        folder = data_dir.display()
    );
    Ok(())
}
