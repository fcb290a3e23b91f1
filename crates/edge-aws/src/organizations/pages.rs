//! Pages as Organizations has them. Must not know what is listed.

use model::fault::Fault;
use model::limits::ORGANIZATIONS_PAGE_MAX;
use model::page::PageScope;

/// A page of at most twenty: Organizations' own limit.
pub(crate) fn limit(max_results: Option<i64>) -> i64 {
    let most = i64::try_from(ORGANIZATIONS_PAGE_MAX).unwrap_or(20);
    max_results.unwrap_or(most).min(most)
}

/// A list of one page gives out no token, so that none that comes can be its own.
pub(crate) fn refuse_token(scope: &PageScope, token: Option<&str>) -> Result<(), Fault> {
    scope.request(None, token, ORGANIZATIONS_PAGE_MAX).map(|_| ())
}
