//! `portico revoke-issued`: everything issued before now is void. Works beside a server that runs, which heeds it from its next request on.

use std::sync::Arc;

use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::{Cx, Surroundings};
use model::entropy::SystemEntropy;
use model::event::EventHead;
use model::instance::Instance;

use crate::cli::Where;
use crate::clock::SystemClock;
use crate::readable::readable;
use crate::serve;
use crate::settings::{self, File};

/// A call that whoever holds the data directory makes, seen as the event `name`.
pub(crate) fn local(instance: &Instance, mode: model::limits::Mode, name: &str) -> Cx {
    let surroundings = Surroundings {
        region: instance.region.as_str().into(),
        owner: instance.owner.clone(),
        mode,
        entropy: Arc::new(SystemEntropy::default()),
    };
    let head =
        EventHead { source: "sso.amazonaws.com".to_owned(), name: name.to_owned(), ..EventHead::default() };
    Cx::new(&surroundings, Caller::service(instance.owner.clone()), SystemClock.now(), head)
}

/// Runs `portico revoke-issued`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn run(place: &Where) -> anyhow::Result<()> {
    let file = File::read(place)?;
    let location = settings::location(place, &file)?;
    let (store, instance) = serve::open(&place.data_dir, &location, 1)?;
    let cx = local(&instance, settings::mode(None, &file)?, "RevokeIssued");
    let at = instances::revocations::revoke_issued(&store, &cx, &instance).await;
    store.close();
    println!(
        "Void is whatever was issued until {}: sign-in sessions, tokens, codes, client registrations and role credentials. Passwords and \
         the root key stay.",
        at.map_err(|fault| readable(&fault))?.rfc3339()
    );
    Ok(())
}
