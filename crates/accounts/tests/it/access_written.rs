//! Who reaches what is written by whoever asks: here a line for each row, which is read again.

use accounts::access::{self, Access, Beside, Of, Question};
use accounts::effective_access::Reach;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSetId;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use store::db::Store;

use crate::world::{account, group};

/// `USER ACCOUNT SET` and what grants it, `KIND ID` each.
fn line(row: &Access) -> String {
    let mut words = vec![row.user_id.as_str(), row.account_id.as_str(), row.permission_set_id.as_str()];
    words.extend(row.granted_by.iter().flat_map(|by| [by.kind(), by.id()]));
    words.join(" ")
}

fn row(line: &str) -> Access {
    let words: Vec<&str> = line.split(' ').collect();
    let by = words[3..].chunks(2).map(|by| match by[0] {
        "USER" => Principal::User(UserId::trusted(by[1])),
        _ => group(by[1]),
    });
    Access {
        user_id: UserId::trusted(words[0]),
        account_id: account(words[1]),
        permission_set_id: PermissionSetId::trusted(words[2]),
        granted_by: by.collect(),
    }
}

/// A page of the list. Its first line says where it ends.
pub(crate) fn listed(
    of: (&Store, &Reach),
    cx: &Cx,
    at: (&InstanceId, &Of, Option<Timestamp>),
    page: &PageRequest,
) -> Result<Page<Access>, Fault> {
    let (instance, asked, then) = at;
    let question = Question { instance, of: asked, at: then, last_used: false };
    let write = |page: &Page<Access>, _: &Beside| {
        let head = [page.next.clone().unwrap_or_default()];
        Ok(head.into_iter().chain(page.items.iter().map(line)).collect::<Vec<_>>().join("\n"))
    };
    let written = access::list(of, cx, &question, page, write)?;
    let mut lines = written.split('\n');
    let next = lines.next().filter(|next| !next.is_empty()).map(str::to_owned);
    Ok(Page { items: lines.map(row).collect(), next })
}
