//! What is asked, one operation at a time, and its record: of a request, and of each operation of a bulk request.

use model::cx::Cx;
use model::event::Outcome;
use model::fault::Fault;
use scim::error::Error;
use scim::listing::Given;

use crate::answer::Answer;
use crate::asked::{Asked, Kind};
use crate::op::Op;
use crate::password::Body;
use crate::refused::{self, Refused};
use crate::state::Scim;
use crate::{discovery, groups, search, users};

/// Does what is asked, which is no bulk request.
pub(crate) async fn single(op: &Op, asked: &Asked, body: Body) -> Result<Answer, Refused> {
    let body = &body.0;
    match asked {
        Asked::List(Kind::Users) => users::list(op, &op.given).await,
        Asked::List(Kind::Groups) => groups::list(op, &op.given).await,
        Asked::Search(None) => search::everywhere(op, body).await,
        Asked::Search(Some(Kind::Users)) => users::list(op, &Given::of_body(body)?).await,
        Asked::Search(Some(Kind::Groups)) => groups::list(op, &Given::of_body(body)?).await,
        Asked::Create(Kind::Users) => users::create(op, body).await,
        Asked::Create(Kind::Groups) => groups::create(op, body).await,
        Asked::Get(Kind::Users, id) => users::get(op, id),
        Asked::Get(Kind::Groups, id) => groups::get(op, id),
        Asked::Put(Kind::Users, id) => users::put(op, id, body).await,
        Asked::Put(Kind::Groups, id) => groups::put(op, id, body).await,
        Asked::Patch(Kind::Users, id) => users::patch(op, id, body).await,
        Asked::Patch(Kind::Groups, id) => groups::patch(op, id, body).await,
        Asked::Delete(Kind::Users, id) => users::delete(op, id).await,
        Asked::Delete(Kind::Groups, id) => groups::delete(op, id).await,
        Asked::Config => discovery::config(op),
        Asked::Types(id) => discovery::types(op, id.as_deref()),
        Asked::Schemas(id) => discovery::schemas(op, id.as_deref()),
        Asked::Me => {
            Err(Error::new(501, "Me is not served: whoever calls with this token is no person").into())
        }
        Asked::WrongMethod | Asked::Bulk => {
            Err(Error::new(405, "This method is none of this address").into())
        }
        Asked::Nothing => Err(Error::new(404, "There is nothing at this address").into()),
    }
}

/// Records what was done, unless its change took the record along.
pub(crate) async fn record(
    scim: &Scim,
    cx: &Cx,
    asked: &Asked,
    result: &Result<Answer, Refused>,
) -> Result<(), Fault> {
    if cx.event().is_recorded() {
        return Ok(());
    }
    match result {
        Ok(_) => scim.recorder.record(cx.record(Outcome::Success).to_keep()).await,
        Err(refused) => {
            refused::log(refused, asked.name(), &cx.request_id);
            scim.recorder.tally(cx, Outcome::Failure { code: refused.code(), message: &refused.message() });
            Ok(())
        }
    }
}
