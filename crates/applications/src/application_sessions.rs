//! How sessions with an application are: whether what CreateTokenWithIAM gives it goes on in the background for a person who has signed out, so that a job of theirs ends
//! as it began. What goes on is in [`crate::application_portal_sessions`].

use model::applications::application::{ApplicationArn, Switch};
use model::cx::Cx;
use model::fault::Fault;
use policy::require::Action;
use store::db::Store;

use crate::applications::change;
use crate::gate::guarded;

/// Says whether sessions go on in the background; what is absent stays. What has begun ends as it began.
pub async fn put(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    background: Option<Switch>,
) -> Result<(), Fault> {
    change(store, cx, (Action("sso:PutApplicationSessionConfiguration"), arn), move |application| {
        application.background_sessions = background.unwrap_or(application.background_sessions);
        Ok(())
    })
    .await
}

/// Whether sessions go on in the background.
pub fn get(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<Switch, Fault> {
    store.read(|rx| {
        let action = Action("sso:GetApplicationSessionConfiguration");
        Ok(guarded(rx, cx, action, arn)?.1.background_sessions)
    })
}
