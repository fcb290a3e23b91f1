//! The keys of the root of the management account: they open everything, whatever policies say.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, refused};
use crate::sent::Sent;
use crate::service_users::holder::{Holder, Key, NewKey};

#[derive(Template)]
#[template(path = "service_users/root.html")]
struct RootPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    holder: Holder,
    keys: Vec<Key>,
    made: Option<NewKey>,
    create_key: String,
}

/// The page.
pub(crate) async fn root(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    page(&desk, admin, &query, Ok(None)).await
}

/// Makes a key.
pub(crate) async fn make_root_key(State(desk): State<Desk>, Sent { mut admin, fields: _ }: Sent) -> Response {
    let made = Holder(None).make(&desk, &mut admin).await;
    page(&desk, admin, &Fields::default(), made.map(Some)).await
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    query: &Fields,
    made: Result<Option<NewKey>, Fault>,
) -> Response {
    let holder = Holder(None);
    let keys = match holder.keys(desk, &mut admin).await {
        Ok(keys) => keys,
        Err(why) => return refused(desk, &admin, Room::ServiceUsers, &made.err().unwrap_or(why)),
    };
    let trouble = made.as_ref().err().map(|why| Trouble::of(&admin, why));
    let status = made.as_ref().err().map_or(StatusCode::OK, Trouble::status);
    let page = RootPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::ServiceUsers).after(&admin, query),
        trouble,
        create_key: holder.create_command(desk),
        holder,
        keys,
        made: made.unwrap_or_default(),
    };
    answer(desk, &admin, status, &page)
}
