//! `portico init`: a new instance, its organization, its management account with a root key, its first administrator, and what the seed
//! file says; all in one transaction. On a directory that holds an instance it refuses and changes nothing; what an `init` left behind that
//! was killed gives way (see [`crate::beginning`]).

use std::path::Path;
use std::sync::Arc;

use accounts::accounts::NewAccount;
use anyhow::bail;
use audit::folder::Folder;
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::{Cx, Surroundings};
use model::directory::identity_store::IdentityStoreId;
use model::entropy::{Entropy, SystemEntropy, bytes};
use model::event::EventHead;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::{Instance, InstanceId};
use model::limits::Mode;
use model::secret::Secret;
use serde_json::json;
use signin::hashing::{Hasher, PasswordHash};
use sources::our_side::OurSide;
use store::db::{Location, Store};
use store::instances::signing_keys::{self, SigningKey};
use store::tx::Tx;

use crate::beginning::{self, Held, Start};
use crate::cli::{Init, Output};
use crate::clock::SystemClock;
use crate::readable::readable;
use crate::seed::{self, Seed};
use crate::seed_file::{self, Documents};
use crate::seed_instance::Given;
use crate::seed_reading::Around;
use crate::settings::{self, File};
use crate::{alone, files, idp_key, init_administrator, root_key};

/// Everything that a new instance begins with.
struct Beginning {
    instance: Instance,
    organization: Organization,
    access_key_id: String,
    secret_access_key: Secret,
    /// The management account's name and address.
    management: (String, String),
    administrator: String,
    administrator_password: Secret,
    administrator_hash: PasswordHash,
    idp_key: SigningKey,
    start: Start,
    /// Records of the trail that are in files.
    in_files: u64,
}

/// Runs `portico init`.
pub(crate) async fn run(init: Init) -> anyhow::Result<()> {
    if !is_region(&init.region) {
        bail!("region {:?} must look like us-east-1", init.region);
    }
    let public_url = init.public_url.as_deref().map(settings::check_public_url).transpose()?;
    let documents = match &init.seed {
        Some(path) => seed_file::open(path)?,
        None => Box::new(std::iter::empty()),
    };
    let (given, documents) = Given::read(documents)?;
    let base = init.seed.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    let owner = given.owner(init.management_account_id.as_deref())?;
    let data_dir = &init.place.data_dir;
    let configured = File::read(&init.place)?;
    let location = settings::location(&init.place, &configured)?;
    let mode = settings::mode(init.mode.as_deref(), &configured)?;
    let endpoint = settings::endpoint(public_url.as_deref(), &configured)?;
    let around = Around {
        base,
        outbound: settings::outbound(init.outbound, configured)?,
        ours: OurSide { base_url: signin::page_host::base_url(&endpoint) },
    };
    files::make_private_dir(data_dir)?;
    let _directory = alone::directory(data_dir)?;
    // Another directory may name the same database: what is decided here must hold until the instance is made.
    let _database = alone::with_database("init", &location)?;
    let start = beginning::decide(data_dir, &location, init.anew)?;
    let had_database = beginning::may_hold(&location);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let keyring = root_key::create_pending(data_dir, entropy.as_ref())?;
    let settings = [
        ("public_url", public_url.as_deref()),
        ("database", init.place.database.as_deref()),
        ("mode", init.mode.as_deref()),
    ];
    // Before the instance is there: a server that finds one must know where it is.
    let wrote = settings::write_file(data_dir, settings)?;
    if !wrote {
        note_given(settings);
    }
    let wish = Wish {
        region: init.region.clone(),
        mode,
        owner,
        given,
        administrator: init.administrator.clone(),
        start,
        entropy,
    };
    let keep_old = !matches!(wish.start, Start::Instead { key_is_pending: false, .. });
    let made = match Box::pin(make(&location, keyring, wish, (documents, around))).await {
        Ok(made) => made,
        Err(error) => return Err(undo(data_dir, &location, (wrote, had_database), error)),
    };
    root_key::settle(data_dir, keep_old)?;
    print(&made, &endpoint, (init.output, data_dir));
    Ok(())
}

#[expect(
    clippy::print_stderr,
    reason = "for the person at the command line; the answer goes to standard output"
)]
fn note_given(given: [(&str, Option<&str>); 3]) {
    for (key, value) in given {
        if value.is_some() {
            eprintln!(
                "portico.toml was there before and stays as it is: see that it says what {key} should be"
            );
        }
    }
}

/// The Region pattern of the sso-admin model.
fn is_region(region: &str) -> bool {
    let parts: Vec<&str> = region.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let Some((last, words)) = parts.split_last() else { return false };
    region.len() <= 32
        && (2..=3).contains(&words.len())
        && words.iter().all(word)
        && last.len() == 1
        && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Takes back what a failed `init` made, so that the next one finds the directory as it was; unless the instance may have been made, which
/// only the database knows.
fn undo(
    data_dir: &Path,
    location: &Location,
    (wrote, had_database): (bool, bool),
    error: anyhow::Error,
) -> anyhow::Error {
    let pending = root_key::read_pending(data_dir).map_or_else(root_key::none, Ok);
    let is_anothers = match pending.and_then(|pending| beginning::look(location, pending)) {
        Ok(Held::Nothing) => false,
        // Another directory's `init` was first in the same database.
        Ok(Held::Instance { ours: false, .. }) => true,
        Ok(Held::Instance { ours: true, .. }) | Err(_) => {
            return error.context("whether the instance was made is not known: run the same command again");
        }
    };
    let _ = root_key::discard_pending(data_dir);
    if wrote {
        let _ = std::fs::remove_file(data_dir.join("portico.toml"));
    }
    if let Location::Sqlite(path) = location
        && !had_database
        && !is_anothers
    {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            let _ = std::fs::remove_file(name);
        }
    }
    error
}

/// What the new instance is to be, and what it may take the place of.
struct Wish {
    region: String,
    mode: Mode,
    owner: Option<AccountId>,
    given: Given,
    administrator: String,
    start: Start,
    entropy: Arc<dyn Entropy>,
}

async fn make(
    location: &Location,
    keyring: store::sealing::Keyring,
    wish: Wish,
    (documents, around): (Documents, Around),
) -> anyhow::Result<Arc<Beginning>> {
    let store = Store::open_to_fill(location, keyring).map_err(|fault| readable(&fault))?;
    let now = SystemClock.now();
    store::migrate::run(&store, now).map_err(|fault| readable(&fault))?;
    let number = u64::from_be_bytes(bytes::<8>(wish.entropy.as_ref())) % 900_000_000_000 + 100_000_000_000;
    let owner = wish.owner.clone().unwrap_or_else(|| AccountId::trusted(number.to_string()));
    let surroundings = Surroundings {
        region: wish.region.as_str().into(),
        owner: owner.clone(),
        organization: None,
        mode: wish.mode,
        primary: None,
        entropy: wish.entropy.clone(),
    };
    let head =
        EventHead { source: "sso.amazonaws.com".into(), name: "StartSSO".into(), ..EventHead::default() };
    let cx = Cx::new(&surroundings, Caller::service(owner.clone()), now, head);
    let hasher = Hasher::new(1, 16);
    let administrator_password = Secret::new(password(&cx));
    let administrator_hash = signin::passwords::hash(&hasher, &cx, &administrator_password)
        .await
        .map_err(|fault| readable(&fault))?;
    let (feed, seed) = seed::ends(documents, around);
    let in_files = beginning::in_files(&store)?;
    let beginning =
        Arc::new(begin(wish, &cx, owner, (administrator_password, administrator_hash, in_files))?);
    let rows = beginning.clone();
    let writing = store.write(&cx, move |tx, cx| write(tx, cx, &rows, &seed));
    let (written, fed) = tokio::join!(writing, feed.run(&hasher, &cx));
    // What is wrong with the seed comes first: the transaction then only knows that it is not whole.
    fed?;
    written.map_err(|fault| readable(&fault))?;
    if let (Start::Instead { .. }, Some(folder)) = (&beginning.start, Folder::of(&store)) {
        // The making of the instance that gave way.
        folder.clear().map_err(|fault| readable(&fault))?;
    }
    store.close();
    Ok(beginning)
}

/// What the instance begins with: what the seed gives of it, and the rest drawn.
fn begin(
    wish: Wish,
    cx: &Cx,
    owner: AccountId,
    (administrator_password, administrator_hash, in_files): (Secret, PasswordHash, u64),
) -> anyhow::Result<Beginning> {
    let Wish { region, given, administrator, start, .. } = wish;
    let drawn = accounts::account_creations::organization_ids(cx);
    let organization = Organization {
        id: given.organization_id.unwrap_or(drawn.0),
        management_account_id: owner.clone(),
        root_id: given.root_id.unwrap_or(drawn.1),
        created_at: cx.now,
    };
    let drawn = || InstanceId::trusted(format!("ssoins-{}", hex(&bytes::<8>(cx.entropy()))));
    let instance_id = given.instance_id.unwrap_or_else(drawn);
    let drawn = || IdentityStoreId::trusted(format!("d-{}", hex(&bytes::<5>(cx.entropy()))));
    let access_key_id = accounts::key_ids::access_key_id("AKIA", &owner, cx.entropy());
    let account = given.management_account;
    let (name, email) = account.map(|account| (account.name, account.email)).unwrap_or_default();
    Ok(Beginning {
        in_files,
        idp_key: idp_key::make(cx, &instance_id)?,
        management: (
            name.unwrap_or_else(|| "management".to_owned()),
            email.unwrap_or_else(|| format!("management@{}.invalid", organization.id)),
        ),
        instance: Instance {
            id: instance_id,
            owner,
            identity_store_id: given.identity_store_id.unwrap_or_else(drawn),
            name: given.name,
            region,
            created_at: cx.now,
        },
        organization,
        access_key_id,
        secret_access_key: Secret::new(secret_key(cx)),
        administrator,
        administrator_hash,
        administrator_password,
        start,
    })
}

/// The place for the new instance: an empty database, or one that it may clear. Asked here, in the transaction that makes it, since
/// somebody else may have made or used one meanwhile.
fn make_room(tx: &mut Tx<'_>, start: &Start, in_files: u64) -> Result<(), Fault> {
    let there = store::instances::instances::find_organizations(tx)?;
    match (there, start) {
        (None, _) => Ok(()),
        (Some(there), Start::Instead { id, .. })
            if there.id == *id && store::instances::beginnings::is_unused(tx, in_files)? =>
        {
            store::instances::beginnings::clear(tx)
        }
        (Some(there), _) => Err(Fault::conflict(format!(
            "the database holds the instance {} already: nothing was changed",
            there.id
        ))),
    }
}

fn write(tx: &mut Tx<'_>, cx: &Cx, beginning: &Beginning, seed: &Seed) -> Result<(), Fault> {
    make_room(tx, &beginning.start, beginning.in_files)?;
    let instance = &beginning.instance;
    store::accounts::organizations::insert(tx, &beginning.organization)?;
    store::instances::instances::insert(tx, instance)?;
    store::instances::key_checks::put(tx, cx, &instance.id)?;
    signing_keys::insert(tx, cx, signing_keys::SAML_IDP, &beginning.idp_key)?;
    let management = NewAccount {
        id: Some(instance.owner.clone()),
        name: beginning.management.0.clone(),
        email: beginning.management.1.clone(),
        path: UnitPath::ROOT,
    };
    accounts::accounts::insert_in(tx, cx, &management, "CREATED")?;
    store::accounts::access_keys::insert(
        tx,
        cx,
        &beginning.access_key_id,
        &instance.owner,
        &beginning.secret_access_key,
    )?;
    // The seed may have the administrator, when it was read from an instance.
    seed.write(tx, cx, instance)?;
    let administrator = (beginning.administrator.as_str(), &beginning.administrator_hash);
    init_administrator::settle(tx, cx, instance, administrator)
}

/// Forty characters, as AWS's secret keys have.
fn secret_key(cx: &Cx) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    letters(ALPHABET, &bytes::<40>(cx.entropy()))
}

/// Twenty letters of 57 that are easy to copy, seven of them twice as likely: 115 bits. What stands between and after them satisfies the
/// strict policy too.
fn password(cx: &Cx) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789ABCDEFG";
    format!(
        "{}-{}aA7",
        letters(ALPHABET, &bytes::<10>(cx.entropy())),
        letters(ALPHABET, &bytes::<10>(cx.entropy()))
    )
}

fn letters(alphabet: &[u8; 64], random: &[u8]) -> String {
    random
        .iter()
        .map(|byte| char::from(alphabet.get(usize::from(byte & 63)).copied().unwrap_or(b'A')))
        .collect()
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn print(made: &Beginning, endpoint: &str, (output, data_dir): (Output, &Path)) {
    let instance = &made.instance;
    let start_url = format!("https://{}.awsapps.com/start", instance.identity_store_id);
    let portal_url = format!("{}/start", signin::page_host::base_url(endpoint));
    match output {
        Output::Json => println!(
            "{}",
            json!({
                "endpoint": endpoint,
                "region": instance.region,
                "portalUrl": portal_url,
                "startUrl": start_url,
                "instanceArn": instance.id.arn(),
                "identityStoreId": instance.identity_store_id.as_str(),
                "managementAccountId": instance.owner.as_str(),
                "accessKeyId": made.access_key_id,
                "secretAccessKey": made.secret_access_key.expose(),
                "administrator": { "userName": made.administrator, "password": made.administrator_password.expose() },
            })
        ),
        Output::Text => println!(
            "A new instance is ready. These secrets are shown this once.\n\n\
             AWS access portal   {portal_url}\n\
             Administrator       {}   {}\n\
             Root key            {}   {}\n\
             Management account  {}\n\
             Instance            {}\n\
             Identity store      {}\n\
             Start URL           {start_url}   (what AWS CLI wants as sso_start_url)\n\n\
             Next: portico serve --data-dir {}",
            made.administrator,
            made.administrator_password.expose(),
            made.access_key_id,
            made.secret_access_key.expose(),
            instance.owner,
            instance.id.arn(),
            instance.identity_store_id,
            data_dir.display(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    /// Of two directories that begin in one SQLite file, neither of which saw it, one makes the instance.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_failed_is_taken_back_and_another_directorys_database_is_not() {
        let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = theirs.path().join("portico.db");
        let location = Location::Sqlite(file.clone());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let (mode, region) = (Mode::Relaxed, "us-east-1".to_owned());
        let wish = Wish {
            region,
            mode,
            owner: None,
            given: Given::default(),
            administrator: "admin".to_owned(),
            start: Start::Fresh,
            entropy: entropy.clone(),
        };
        let keyring = root_key::create_pending(theirs.path(), entropy.as_ref()).unwrap();
        let outbound = outbound::client::Outbound::new(outbound::terms::Terms::default()).unwrap();
        let around = Around {
            base: theirs.path().to_owned(),
            outbound,
            ours: OurSide { base_url: "http://localhost:8080".to_owned() },
        };
        Box::pin(make(&location, keyring, wish, (Box::new(std::iter::empty()), around))).await.unwrap();
        root_key::settle(theirs.path(), true).unwrap();

        root_key::create_pending(ours.path(), entropy.as_ref()).unwrap();
        std::fs::write(ours.path().join("portico.toml"), "").unwrap();
        let said = undo(ours.path(), &location, (true, false), anyhow!("refused"));
        assert_eq!(said.to_string(), "refused");
        assert_eq!(std::fs::read_dir(ours.path()).unwrap().count(), 0, "as it was found");
        let key = root_key::read(theirs.path()).unwrap();
        assert!(matches!(beginning::look(&location, key).unwrap(), Held::Instance { ours: true, .. }));

        // What holds nothing, and was not there before, goes; what was there stays.
        let own = ours.path().join("portico.db");
        for was_there in [true, false] {
            let location = Location::Sqlite(own.clone());
            let keyring = root_key::create_pending(ours.path(), entropy.as_ref()).unwrap();
            Store::open_to_fill(&location, keyring).unwrap().close();
            undo(ours.path(), &location, (false, was_there), anyhow!("refused"));
            assert_eq!(own.exists(), was_there);
        }
    }

    #[test]
    fn regions_look_like_regions() {
        for good in ["us-east-1", "us-gov-west-1", "self-host-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "home-1", "us-east-", "us-east-10", "US-EAST-1", "us_east_1", "a-b-c-d-1"] {
            assert!(!is_region(bad), "{bad}");
        }
    }
}
