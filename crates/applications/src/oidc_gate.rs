//! The way to an application that is asked by OpenID Connect, and what was decided of it. That of administrators is `gate.rs`.

use model::applications::application::{Application, ApplicationArn, ApplicationId, Switch};
use model::applications::oidc_application::{ClientAuthentication, OPENID, OidcApplication, OidcSettings};
use model::caller::Identity;
use model::client_address;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use store::applications::{applications, oidc_applications};
use store::tx::Rx;

use crate::applications::KIND;

/// What was decided of an application, for whoever may know it.
pub(crate) fn decided(rx: &mut Rx<'_>, arn: &ApplicationArn) -> Result<OidcApplication, Fault> {
    oidc_applications::find(rx, &arn.id)?.ok_or_else(|| {
        Fault::not_found(format!("Nothing is decided of {arn} yet: PutApplicationOidcConfiguration does"))
            .with_resource_id(arn.to_string())
    })
}

/// An application that somebody asks by its protocol, and what was decided of it. Whatever becomes of the call, its record names the application.
pub(crate) fn usable(
    rx: &mut Rx<'_>,
    cx: &Cx,
    id: &ApplicationId,
) -> Result<(Application, OidcSettings), Fault> {
    let gone = || Fault::not_found("There is no such application, or it does not speak OpenID Connect");
    let application = applications::find(rx, id)?.ok_or_else(gone)?;
    let (event, arn) = (cx.event(), application.arn().to_string());
    event.touch(KIND, arn.as_str());
    event.detail("application_arn", arn);
    event.detail("application_name", application.name.as_str());
    let settings = oidc_applications::find(rx, id)?.ok_or_else(gone)?.settings;
    if application.status != Switch::Enabled {
        // A stranger is told nothing but what they brought.
        let is_stranger = matches!(cx.caller.identity(), Identity::Anonymous);
        let application = if is_stranger { id.to_string() } else { application.name };
        let off = Saying::ApplicationOff { application };
        return Err(Fault::say(FaultKind::Forbidden, off));
    }
    Ok((application, settings))
}

/// What may wait of an application at a time.
pub(crate) const WAITING_MAX: u64 = 2_000;
/// What may wait from one site, of an application that proves nothing: anybody can ask in its name.
const WAITING_OF_SOURCE_MAX: u64 = 100;
/// How many questions may wait for people of one site who sign in.
const SIGNING_IN_OF_SOURCE_MAX: u64 = 100;
/// After how many seconds there may be room again.
const ROOM_SECONDS: u32 = 30;

/// Whose share the caller takes of what may wait: everything that one customer may have been given is one.
pub(crate) fn site(cx: &Cx) -> String {
    let address = cx.source_ip.parse();
    address.map_or_else(|_| cx.source_ip.to_string(), |address| client_address::site(address).to_string())
}

/// Refuses where so many questions wait for people who sign in where the caller is.
pub(crate) fn require_room_to_sign_in(waiting: u64) -> Result<(), Fault> {
    if waiting < SIGNING_IN_OF_SOURCE_MAX {
        return Ok(());
    }
    let message = format!(
        "{waiting} sign-ins at this application wait for people of the caller's address, as many as may: go back to the application in a while and begin again"
    );
    Err(Fault::new(FaultKind::Throttled(ROOM_SECONDS), message))
}

/// Refuses where an application has enough of something that waits: of so many in all, of which so many came from where the caller is.
pub(crate) fn require_room(settings: &OidcSettings, (all, of_source): (u64, u64)) -> Result<(), Fault> {
    let proves_nothing = settings.authentication == ClientAuthentication::None;
    let (what, most) = if proves_nothing && of_source >= WAITING_OF_SOURCE_MAX {
        ("the caller's address", WAITING_OF_SOURCE_MAX)
    } else if all >= WAITING_MAX {
        ("the application", WAITING_MAX)
    } else {
        return Ok(());
    };
    let message = format!("{most} requests of {what} wait, as many as may: try again later");
    Err(Fault::new(FaultKind::Throttled(ROOM_SECONDS), message))
}

/// Whether what was granted lets an application be told who somebody is.
pub(crate) fn has_openid(scopes: &[String]) -> bool {
    scopes.iter().any(|scope| scope == OPENID)
}
