//! `portico revoke-issued`: everything issued before now is void. Works beside a server that runs, which heeds it before the command ends.

use anyhow::bail;
use audit::folder::Folder;

use crate::alone;
use crate::cli::Where;
use crate::host;
use crate::readable::readable;
use crate::serve;
use crate::settings::{self, File};

/// Runs `portico revoke-issued`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn run(place: &Where) -> anyhow::Result<()> {
    let file = File::read(place)?;
    let location = settings::location(place, &file)?;
    // Beside a server too: whoever revokes everything should not have to stop it first.
    let alone = alone::or_server("revoke-issued", &location)?;
    let (store, instance) = serve::open(&place.data_dir, &location, 1)?;
    let cx = host::call(&instance, settings::mode(None, &file)?, "RevokeIssued");
    let in_files = match Folder::of(&store) {
        Some(folder) => folder.glance().map_err(|fault| readable(&fault))?.1,
        None => None,
    };
    let at = instances::revocations::revoke_issued(&store, &cx, &instance, in_files).await;
    store.close();
    let at = at.map_err(|fault| readable(&fault))?;
    if let Err(server) = alone
        && !store::db::heard(&location).map_err(|fault| readable(&fault))?
    {
        bail!("it is written, but nobody saw that the server heeds it: {server}");
    }
    println!(
        "Void is whatever was issued until {}: sign-in sessions, tokens, codes, links to choose a password, client registrations and role \
         credentials. Passwords and the root key stay.",
        at.rfc3339()
    );
    Ok(())
}
