//! `portico init`: a new instance, its organization, its management account with a root key, its first administrator, and what the seed
//! file says; all in one transaction. On a directory that holds an instance it refuses and changes nothing.

use std::path::Path;
use std::sync::Arc;

use accounts::accounts::NewAccount;
use accounts::permission_sets::NewPermissionSet;
use anyhow::bail;
use directory::users::NewUser;
use model::account::AccountId;
use model::account_assignment::{AccountAssignment, Principal};
use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::{Cx, Surroundings};
use model::entropy::{Entropy, SystemEntropy, bytes};
use model::event::EventHead;
use model::fault::Fault;
use model::id::hex;
use model::identity_store::IdentityStoreId;
use model::instance::{Instance, InstanceId};
use model::limits::Mode;
use model::organization::Organization;
use model::secret::Secret;
use model::user::{Name, UserProfile};
use serde_json::json;
use signin::hashing::{Hasher, PasswordHash};
use store::db::{Location, Store};
use store::signing_keys::{self, SigningKey};
use store::tx::Tx;

use crate::cli::{Init, Output};
use crate::clock::SystemClock;
use crate::readable::readable;
use crate::seed::{self, Seed};
use crate::seed_file::{self, Documents};
use crate::settings::{self, DEFAULT_LISTEN, File};
use crate::{files, idp_key, root_key};

const ADMINISTRATOR: &str = "admin";

/// Everything that a new instance begins with.
struct Beginning {
    instance: Instance,
    organization: Organization,
    access_key_id: String,
    secret_access_key: Secret,
    administrator_password: Secret,
    administrator_hash: PasswordHash,
    idp_key: SigningKey,
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
    let data_dir = &init.place.data_dir;
    let configured = File::read(&init.place)?;
    let location = settings::location(&init.place, &configured)?;
    let mode = settings::mode(init.mode.as_deref(), &configured)?;
    if root_key::exists(data_dir) {
        bail!("{} holds an instance already: nothing was changed", data_dir.display());
    }
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    files::make_private_dir(data_dir)?;
    let keyring = root_key::create(data_dir, entropy.as_ref())?;
    let made = make(&location, keyring, (&init.region, mode, entropy), documents).await;
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            undo(data_dir, &location);
            return Err(error);
        }
    };
    let given = [
        ("public_url", public_url.as_deref()),
        ("database", init.place.database.as_deref()),
        ("mode", init.mode.as_deref()),
    ];
    settings::write_file(data_dir, given)?;
    let endpoint = public_url.unwrap_or_else(|| format!("http://{DEFAULT_LISTEN}"));
    print(&made, &endpoint, init.output);
    Ok(())
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

/// Takes back what a failed `init` made, so that the next one finds the directory as it was.
fn undo(data_dir: &Path, location: &Location) {
    let _ = std::fs::remove_file(data_dir.join("portico.key"));
    if let Location::Sqlite(path) = location {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            let _ = std::fs::remove_file(name);
        }
    }
}

async fn make(
    location: &Location,
    keyring: store::sealing::Keyring,
    (region, mode, entropy): (&str, Mode, Arc<dyn Entropy>),
    documents: Documents,
) -> anyhow::Result<Arc<Beginning>> {
    let store = Store::open_to_fill(location, keyring).map_err(|fault| readable(&fault))?;
    let now = SystemClock.now();
    store::migrate::run(&store, now).map_err(|fault| readable(&fault))?;
    if !store.read(|rx| Ok(store::instances::list(rx)?)).map_err(|fault| readable(&fault))?.is_empty() {
        bail!("the database holds an instance already: nothing was changed");
    }
    let number = u64::from_be_bytes(bytes::<8>(entropy.as_ref())) % 900_000_000_000 + 100_000_000_000;
    let owner = AccountId::parse(number.to_string()).map_err(|fault| readable(&fault))?;
    let surroundings = Surroundings { region: region.into(), owner: owner.clone(), mode, entropy };
    let head = EventHead {
        source: "sso.amazonaws.com".to_owned(),
        name: "StartSSO".to_owned(),
        ..EventHead::default()
    };
    let cx = Cx::new(&surroundings, Caller::service(owner.clone()), now, head);
    let (organization_id, root_id) = accounts::account_creations::organization_ids(&cx);
    let hasher = Hasher::new(1, 16);
    let administrator_password = Secret::new(password(&cx));
    let instance_id = InstanceId::trusted(format!("ssoins-{}", hex(&bytes::<8>(cx.entropy()))));
    let (feed, seed) = seed::ends(documents);
    let beginning = Arc::new(Beginning {
        idp_key: idp_key::make(&cx, &instance_id)?,
        instance: Instance {
            id: instance_id,
            owner: owner.clone(),
            identity_store_id: IdentityStoreId::trusted(format!("d-{}", hex(&bytes::<5>(cx.entropy())))),
            name: None,
            region: region.to_owned(),
            created_at: now,
        },
        organization: Organization {
            id: organization_id,
            management_account_id: owner,
            root_id,
            created_at: now,
        },
        access_key_id: accounts::role_sessions::key_id("AKIA", cx.entropy()),
        secret_access_key: Secret::new(secret_key(&cx)),
        administrator_hash: signin::passwords::hash(&hasher, &cx, &administrator_password)
            .await
            .map_err(|fault| readable(&fault))?,
        administrator_password,
    });
    let rows = beginning.clone();
    let writing = store.write(&cx, move |tx, cx| write(tx, cx, &rows, &seed));
    let (written, fed) = tokio::join!(writing, feed.run(&hasher, &cx));
    // What is wrong with the seed comes first: the transaction then only knows that it is not whole.
    fed?;
    written.map_err(|fault| readable(&fault))?;
    Ok(beginning)
}

fn write(tx: &mut Tx<'_>, cx: &Cx, beginning: &Beginning, seed: &Seed) -> Result<(), Fault> {
    let instance = &beginning.instance;
    store::organizations::insert(tx, &beginning.organization)?;
    store::instances::insert(tx, instance)?;
    signing_keys::insert(tx, cx, signing_keys::SAML_IDP, &beginning.idp_key)?;
    let management = NewAccount {
        id: Some(instance.owner.clone()),
        name: "management".to_owned(),
        email: format!("management@{}.invalid", beginning.organization.id),
    };
    accounts::accounts::insert_in(tx, cx, &management, "CREATED")?;
    store::access_keys::insert(
        tx,
        cx,
        &beginning.access_key_id,
        &instance.owner,
        &beginning.secret_access_key,
    )?;
    let administrator = NewUser::new(
        instance.identity_store_id.clone(),
        UserProfile {
            user_name: ADMINISTRATOR.to_owned(),
            display_name: "Administrator of Portico".to_owned(),
            name: Name {
                given_name: Some("Portico".to_owned()),
                family_name: Some("Administrator".to_owned()),
                ..Name::default()
            },
            ..UserProfile::default()
        },
    );
    let administrator = directory::users::insert_in(tx, cx, administrator)?;
    signin::passwords::put(tx, cx, &administrator.id, &beginning.administrator_hash)?;
    let set = NewPermissionSet {
        id: None,
        name: "AdministratorAccess".to_owned(),
        description: Some("Full access to every service".to_owned()),
        session_duration: None,
        relay_state: None,
        tags: std::collections::BTreeMap::new(),
    };
    let set = accounts::permission_sets::insert_in(tx, cx, &instance.id, &set)?;
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    accounts::permission_set_policies::attach_managed_in(tx, &set.id, policy)?;
    let assignment = AccountAssignment {
        account_id: instance.owner.clone(),
        permission_set_id: set.id,
        principal: Principal::User(administrator.id),
    };
    accounts::account_assignments::assign_in(tx, cx, instance, &assignment)?;
    seed.write(tx, cx, instance)
}

/// Forty characters, as AWS's secret keys have.
fn secret_key(cx: &Cx) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    letters(ALPHABET, &bytes::<40>(cx.entropy()))
}

/// 24 characters from an alphabet of 64 that is easy to copy: 144 bits. A symbol and a digit satisfy the strict policy too.
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
fn print(made: &Beginning, endpoint: &str, output: Output) {
    let instance = &made.instance;
    let start_url = format!("https://{}.awsapps.com/start", instance.identity_store_id);
    let portal_url = format!("{endpoint}/start");
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
                "administrator": { "userName": ADMINISTRATOR, "password": made.administrator_password.expose() },
            })
        ),
        Output::Text => println!(
            "A new instance is ready. These secrets are shown this once.\n\n\
             AWS access portal   {portal_url}\n\
             Administrator       {ADMINISTRATOR}   {}\n\
             Root key            {}   {}\n\
             Management account  {}\n\
             Instance            {}\n\
             Identity store      {}\n\
             Start URL           {start_url}   (what AWS CLI wants as sso_start_url)\n\n\
             Next: portico serve --data-dir DIR",
            made.administrator_password.expose(),
            made.access_key_id,
            made.secret_access_key.expose(),
            instance.owner,
            instance.id.arn(),
            instance.identity_store_id,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
