//! `portico root-access-key`: the root's access keys are made anew, or ended, by whoever holds the data directory. Works beside a server that runs, which
//! heeds it before the command ends.

use accounts::access_keys;
use anyhow::bail;

use crate::alone;
use crate::cli::{RootAccessKey, Where};
use crate::host;
use crate::readable::readable;
use crate::serve;
use crate::settings::{self, File};

/// Runs `portico root-access-key`.
pub(crate) async fn run(command: &RootAccessKey) -> anyhow::Result<()> {
    match command {
        RootAccessKey::Rotate(place) => change(place, true).await,
        RootAccessKey::Disable(place) => change(place, false).await,
    }
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn change(place: &Where, renew: bool) -> anyhow::Result<()> {
    let file = File::read(place)?;
    let location = settings::location(place, &file)?;
    let alone = alone::or_server("root-access-key", &location)?;
    let (store, instance) = serve::open(&place.data_dir, &location, 1)?;
    let name = if renew { "CreateAccessKey" } else { "DeleteAccessKey" };
    let cx = host::call(&instance, settings::mode(None, &file)?, name);
    let done = if renew {
        access_keys::rotate_root(&store, &cx, &instance).await.map(|made| (Some(made), 0))
    } else {
        access_keys::disable_root(&store, &cx, &instance).await.map(|ended| (None, ended))
    };
    store.close();
    let (made, ended) = done.map_err(|fault| readable(&fault))?;
    if let Err(server) = alone
        && !store::db::heard(&location).map_err(|fault| readable(&fault))?
    {
        bail!("it is written, but nobody saw that the server heeds it: {server}");
    }
    match made {
        Some(made) => println!(
            "AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n\nThis is shown once. All other keys of the root have ended.",
            made.id,
            made.secret.expose()
        ),
        None => {
            println!(
                "{ended} keys of the root have ended. `portico root-access-key rotate` makes a new one."
            );
        }
    }
    Ok(())
}
