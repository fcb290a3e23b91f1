//! Lists: what an index can find of a filter is looked up, everything else is looked through, a bounded number of rows, a page of which is kept.

use directory::counting::Position;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::{Fault, FaultKind};
use model::page::{Page as Rows, PageRequest, PageScope};
use scim::error::{Error, ScimType};
use scim::filter::Filter;
use scim::listing::{Given, Page, Query, Start};
use scim::matching::holds;
use scim::projection::Projection;
use scim::resource::Resource;
use scim::schema::Attribute;

use crate::asked::Kind;
use crate::op::Op;
use crate::refused::Refused;
use crate::strict;

/// Resources of a page where nobody says how many.
pub(crate) const PAGE_USUAL: usize = 100;
/// Resources of a page at most.
pub(crate) const PAGE_MAX: usize = 1_000;
/// Rows that a filter may look through.
const SCAN_MAX: usize = 100_000;
/// Rows that are read at once for it.
const SCAN_STEP: usize = 500;
/// Resources that may be put in order.
const SORT_MAX: usize = 5_000;
/// Members that one answer shows at most, of all its groups together.
pub(crate) const RELATED_MAX: usize = 50_000;

/// Resources of a page at most.
pub(crate) fn page_max(op: &Op) -> usize {
    if op.is_strict() { PAGE_USUAL } else { PAGE_MAX }
}

/// What an index finds: some rows, and the condition that they are all of, where the rows themselves do not show it.
pub(crate) struct Indexed<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) settled: Option<usize>,
}

/// Users or groups, to be listed.
pub(crate) trait Listed: Sized + Send {
    /// A row.
    type Row: Clone + Send;
    const KIND: Kind;

    /// A page of all, by id.
    fn page(&self, op: &Op, page: &PageRequest) -> Result<Rows<Self::Row>, Fault>;
    /// The place of a number.
    fn position(&self, op: &Op, number: u64) -> Result<Position, Fault>;
    /// What an index finds of a filter, if any can.
    fn indexed(&self, op: &Op, filter: &Filter) -> Result<Option<Indexed<Self::Row>>, Refused>;
    /// The row's id.
    fn id(row: &Self::Row) -> &str;
    /// What has rows of its own: groups of a user, members of a group.
    fn related() -> &'static Attribute;
    /// The resource, with what is related to it if that is wanted.
    fn resource(&mut self, op: &Op, row: Self::Row, related: bool) -> Result<Resource, Refused>;
}

/// A list of users or groups.
pub(crate) async fn list<L: Listed>(op: &Op, mut listed: L, given: &Given) -> Result<Page, Refused> {
    let kind = op.resource_type(L::KIND);
    let mut query = if op.is_strict() {
        strict::query(L::KIND, given)?
    } else {
        Query::read(kind, given, (PAGE_USUAL, PAGE_MAX))?
    };
    if op.is_strict() {
        query.projection = Projection::Usual;
    }
    let told = |name: &str| given.get(name).unwrap_or_default();
    let selectors = [op.base.as_str(), kind.endpoint, told("filter"), told("sortBy"), told("sortOrder")];
    let scope = PageScope::new("scim", &selectors);
    let after = match &query.start {
        Start::Cursor(cursor) => {
            let request = scope.request(None, Some(cursor), 1);
            let refused =
                |_| Error::bad(ScimType::InvalidCursor, "cursor is none that was answered for the same list");
            request.map_err(refused)?.after
        }
        Start::First | Start::Index(_) => None,
    };
    let found = if query.filter.is_none() && query.order.is_none() {
        plain(op, &listed, (&query, after))?
    } else {
        Box::pin(chosen(op, &mut listed, (&query, after))).await?
    };
    let wants = !op.is_strict() && query.projection.wants(L::related());
    let mut resources = Vec::with_capacity(found.kept.len());
    for kept in found.kept {
        let resource = match kept {
            Kept::Row(row) => listed.resource(op, row, wants || op.is_strict())?,
            Kept::Resource(resource) => resource,
        };
        resources.push(query.projection.of(kind, resource));
    }
    let by_number = match query.start {
        Start::Index(index) => Some(index),
        Start::First | Start::Cursor(_) => None,
    };
    let next_cursor = found.next.filter(|_| by_number.is_none()).map(|key| scope.encode(&key));
    Ok(Page { resources, total: Some(found.total), start_index: by_number, next_cursor })
}

/// Part of a page: a row that is made a resource once all are chosen, or one that was made for being chosen.
enum Kept<T> {
    Row(T),
    Resource(Resource),
}

struct Found<T> {
    kept: Vec<Kept<T>>,
    total: u64,
    /// The key after which the next page begins, if there is one.
    next: Option<String>,
}

/// A page of all.
fn plain<L: Listed>(
    op: &Op,
    listed: &L,
    (query, after): (&Query, Option<String>),
) -> Result<Found<L::Row>, Refused> {
    let number = if let Start::Index(index) = query.start { index.saturating_sub(1) } else { 0 };
    let position = listed.position(op, number)?;
    if query.count == 0 || number >= position.total {
        return Ok(Found { kept: Vec::new(), total: position.total, next: None });
    }
    let page = listed.page(op, &PageRequest { limit: query.count, after: after.or(position.after) })?;
    let kept = page.items.into_iter().map(Kept::Row).collect();
    Ok(Found { kept, total: position.total, next: page.next })
}

/// What is looked through so far.
struct Choice<'q, T> {
    query: &'q Query,
    after: Option<String>,
    kept: Vec<Kept<T>>,
    sorted: Vec<Resource>,
    total: u64,
    last: Option<String>,
    more: bool,
}

/// A page of those for which a filter holds, or in an order.
async fn chosen<L: Listed>(
    op: &Op,
    listed: &mut L,
    (query, after): (&Query, Option<String>),
) -> Result<Found<L::Row>, Refused> {
    let mut choice =
        Choice { query, after, kept: Vec::new(), sorted: Vec::new(), total: 0, last: None, more: false };
    let indexed = query.filter.as_ref().map(|filter| listed.indexed(op, filter)).transpose()?.flatten();
    if let Some(Indexed { mut rows, settled }) = indexed {
        rows.sort_by(|one, other| L::id(one).cmp(L::id(other)));
        for row in rows {
            choice.look(op, listed, row, settled)?;
        }
        return Ok(choice.found());
    }
    let mut page = PageRequest::first(SCAN_STEP);
    let mut looked = 0;
    loop {
        let rows = listed.page(op, &page)?;
        looked += rows.items.len();
        for row in rows.items {
            choice.look(op, listed, row, None)?;
        }
        let Some(next) = rows.next else { return Ok(choice.found()) };
        if looked >= SCAN_MAX {
            return Err(Error::bad(ScimType::TooMany, format!(
                "the filter has to look at more than {SCAN_MAX} resources: ask by eq for id, externalId, a name, an address or a membership"
            ))
            .into());
        }
        page.after = Some(next);
        // Others have their turn.
        tokio::task::yield_now().await;
    }
}

impl<T: Clone + Send> Choice<'_, T> {
    fn look<L: Listed<Row = T>>(
        &mut self,
        op: &Op,
        listed: &mut L,
        row: T,
        settled: Option<usize>,
    ) -> Result<(), Refused> {
        let filter = self.query.filter.as_ref();
        let conditions = filter.map_or(&[][..], Filter::conjuncts);
        let open = || {
            conditions
                .iter()
                .enumerate()
                .filter(|(at, _)| Some(*at) != settled)
                .map(|(_, condition)| condition)
        };
        let related = L::related();
        let needs = open().any(|condition| condition.looks_at(related));
        let resource = listed.resource(op, row.clone(), needs)?;
        if !open().all(|condition| holds(condition, &resource)) {
            return Ok(());
        }
        self.total += 1;
        if self.query.order.is_some() {
            if self.sorted.len() >= SORT_MAX {
                let detail = format!("sortBy puts at most {SORT_MAX} resources in order: narrow the filter");
                return Err(Error::bad(ScimType::TooMany, detail).into());
            }
            let wants = !op.is_strict() && self.query.projection.wants(related) && !needs;
            self.sorted.push(if wants { listed.resource(op, row, true)? } else { resource });
            return Ok(());
        }
        let is_due = match (&self.query.start, &self.after) {
            (Start::Index(index), _) => self.total >= *index,
            (_, Some(after)) => L::id(&row) > after.as_str(),
            (_, None) => true,
        };
        if is_due && self.kept.len() < self.query.count {
            self.last = Some(L::id(&row).to_owned());
            self.kept.push(Kept::Row(row));
        } else if is_due {
            self.more = true;
        }
        Ok(())
    }

    fn found(mut self) -> Found<T> {
        let Some(order) = self.query.order else {
            let next = self.last.filter(|_| self.more);
            return Found { kept: self.kept, total: self.total, next };
        };
        order.sort(&mut self.sorted);
        let from = match (&self.query.start, &self.after) {
            (Start::Index(index), _) => usize::try_from(index.saturating_sub(1)).unwrap_or(usize::MAX),
            (_, Some(after)) => after.parse().unwrap_or(usize::MAX),
            (_, None) => 0,
        };
        let upto = from.saturating_add(self.query.count);
        let next = (upto < self.sorted.len() && self.query.count > 0).then(|| upto.to_string());
        let kept = self.sorted.into_iter().skip(from).take(self.query.count).map(Kept::Resource).collect();
        Found { kept, total: self.total, next }
    }
}

/// One that may not be there.
pub(crate) fn if_there<T>(found: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match found {
        Err(fault) if matches!(fault.kind(), FaultKind::NotFound(_)) => Ok(None),
        found => found.map(Some),
    }
}

/// What is related, all of it, page by page.
pub(crate) fn related<T>(
    (op, most): (&Op, usize),
    page: impl Fn(&Op, &IdentityStoreRef, &PageRequest, &mut Vec<T>) -> Result<Option<String>, Fault>,
) -> Result<Vec<T>, Refused> {
    let (mut found, mut request) = (Vec::new(), PageRequest::first(PAGE_MAX));
    loop {
        let next = page(op, &op.at, &request, &mut found)?;
        if found.len() > most {
            return Err(Error::bad(ScimType::TooMany, format!(
                "an answer shows at most {RELATED_MAX} members: leave them out by excludedAttributes, or ask for one by members.value eq"
            ))
            .into());
        }
        match next {
            Some(after) => request.after = Some(after),
            None => return Ok(found),
        }
    }
}
