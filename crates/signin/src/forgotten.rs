//! "I forgot my password". Whoever asks hears the same after the same work, whether or not there is such a person: all that happens for the page is
//! that a job is written. The worker finds out whom it is about, and mails a link to the address that the directory has. Nobody is written to
//! who never had a password: to let somebody in is for an administrator.

use std::time::Duration;

use model::caller::Caller;
use model::cx::Cx;
use model::directory::user::{UserId, UserStatus};
use model::entropy::uuid_by_time;
use model::event::{EventHead, HIDDEN, Outcome};
use model::fault::{Fault, FaultKind};
use model::job::{Job, JobKind};
use model::name_key::name_key;
use model::saying::{Saying, Seconds};
use model::signin::invitation::Purpose;
use store::db::Store;
use store::tx::Tx;

use crate::attempts::{Guess, Letters};
use crate::config::Config;
use crate::{invitations, mails, passwords};

/// How long a link holds that somebody asked for by themselves.
const VALIDITY: Duration = Duration::from_hours(1);
/// The lane of all such jobs: one after another.
const LANE: &str = "forgotten";

/// Somebody asks for a link for the user of this name. `Throttled` when too many are asked for from the same place, whoever they are for.
pub async fn ask(store: &Store, cx: &Cx, config: &Config, user_name: &str) -> Result<(), Fault> {
    let head = EventHead::of_service("signin.amazonaws.com", "PasswordRecoveryRequested");
    let cx = cx.clone().with_caller(Caller::anonymous()).with_event(head);
    let (key, store_id) = (name_key(user_name), config.identity_store_id.clone());
    store
        .write(&cx, move |tx, cx| {
            let asking = Guess::asking(tx.keyring(), &cx.source_ip);
            asking.reserve(tx, cx.now).map_err(|fault| too_many(&fault))?;
            let known = store::signin::passwords::find_credential(tx, &store_id, &key)?;
            // A name that is nobody's may be a password typed into the wrong field.
            cx.event().add("UserName", known.as_ref().map_or(HIDDEN, |known| &known.user_name));
            if let Some(known) = &known {
                cx.event().name_user(&known.user_name);
            }
            if Letters::forgotten(tx.keyring(), &key).may_send(tx, cx.now)? {
                let user = known.as_ref().map_or("", |known| known.user_id.as_str());
                let subject = format!("{user} {}", cx.source_ip);
                let job = uuid_by_time(cx.entropy(), cx.now).to_string();
                store::jobs::insert(tx, &job, JobKind::ForgottenPassword, (LANE, &subject), cx.now)?;
            }
            Ok(())
        })
        .await
}

fn too_many(fault: &Fault) -> Fault {
    match fault.kind() {
        FaultKind::Throttled(seconds) => {
            Fault::say(FaultKind::Throttled(*seconds), Saying::TooManyLetters { seconds: Seconds(*seconds) })
        }
        _ => fault.clone(),
    }
}

/// Mails the link that a job is about, if there is anybody to mail it to.
pub async fn run_one(store: &Store, cx: &Cx, config: &Config, job: &Job) -> Result<(), Fault> {
    let token = crate::random::token(cx);
    let (config, job) = (config.clone(), job.clone());
    store
        .maintain(cx, move |tx, cx| {
            if !store::jobs::take(tx, &job.id)? {
                return Ok(());
            }
            let (user, source_ip) = job.subject.split_once(' ').unwrap_or_default();
            let Some(person) = whom(tx, &config, user)? else { return Ok(()) };
            store::signin::invitations::delete_by_purpose(tx, &person.id, Purpose::Forgotten)?;
            let head = EventHead::of_service("sso-directory.amazonaws.com", "CreateInvitation");
            let mut step = cx.of_service(head);
            // Nothing else of this is in the trail before it.
            step.now = cx.now;
            step.source_ip = source_ip.into();
            let until = cx.now.plus(VALIDITY);
            let made =
                invitations::make_in(tx, &step, &config, &person, (Purpose::Forgotten, until, &token))?;
            step.event().touch("AWS::IdentityStore::User", person.id.arn());
            step.event().name_user(&person.profile.user_name);
            step.event().add("InvitationId", made.id.as_str());
            step.event().add("Purpose", Purpose::Forgotten.as_str());
            step.event().detail("CreateInvitation", "Success");
            store::audit::audit_records::insert(tx, &step.record(Outcome::Success))
        })
        .await?;
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
    Ok(())
}

/// The person, if a link may be mailed to them.
fn whom(tx: &mut Tx<'_>, config: &Config, user: &str) -> Result<Option<model::directory::user::User>, Fault> {
    if user.is_empty() || !config.mails {
        return Ok(None);
    }
    let user = UserId::trusted(user);
    let person = store::directory::users::find(tx, &config.identity_store_id, &user)?;
    let Some(person) = person.filter(|person| person.status == UserStatus::Enabled) else { return Ok(None) };
    let has_password = passwords::of_ours(tx, &user)?.is_some();
    Ok((has_password && mails::address_of(&person).is_some()).then_some(person))
}
