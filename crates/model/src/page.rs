//! Pages of lists: how many, after which row, and the opaque token between two calls.
//!
//! A token names the last row that was given, not an offset, so rows that come or go between two calls are neither repeated nor
//! skipped. It is bound to its operation and filters: a token from another list is refused, and so is an altered one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

use crate::fault::Fault;

/// What a caller asks for: at most `limit` rows after `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many rows, at least 1.
    pub limit: usize,
    /// The key of the last row already given.
    pub after: Option<String>,
}

impl PageRequest {
    /// The first page of `limit` rows.
    pub const fn first(limit: usize) -> Self {
        Self { limit, after: None }
    }

    /// The key to start after, as the smallest text when starting at the front.
    pub fn after_or_start(&self) -> &str {
        self.after.as_deref().unwrap_or("")
    }

    /// The number of rows to read: one more than wanted, to learn whether another page follows.
    pub fn rows(&self) -> i64 {
        i64::try_from(self.limit.saturating_add(1)).unwrap_or(i64::MAX)
    }

    /// Cuts `rows` (read with [`Self::rows`]) to a page; `key` names a row's place in the order.
    pub fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = if more { rows.last().map(key) } else { None };
        Page { items: rows, next }
    }

    /// Cuts rows (read with [`Self::rows`]) to a page as they come.
    pub const fn cut(&self) -> Cut {
        Cut { left: self.limit, last: None, more: false }
    }

    /// A page of a list that is at hand as a whole, in the order of its keys.
    pub fn page_of<T>(&self, mut all: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        all.sort_by_key(&key);
        all.retain(|row| key(row).as_str() > self.after_or_start());
        self.page(all, key)
    }
}

/// Cuts rows to a page as they come.
#[derive(Debug)]
pub struct Cut {
    left: usize,
    /// The key of the page's last row, once the page is full.
    last: Option<String>,
    more: bool,
}

impl Cut {
    /// Whether the next row, in the order of its key, belongs to the page.
    pub fn takes(&mut self, key: &str) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            self.more = true;
            return false;
        };
        self.left = left;
        if left == 0 {
            self.last = Some(key.to_owned());
        }
        true
    }

    /// The key to continue after, when there are more rows.
    pub fn next(self) -> Option<String> {
        self.last.filter(|_| self.more)
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The key to continue after, when there may be more.
    pub next: Option<String>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None }
    }
}

impl<T> Page<T> {
    /// The same page of other values.
    pub fn map<U>(self, with: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(with).collect(), next: self.next }
    }
}

/// Which list a token belongs to: the operation and everything that selects rows in it.
#[derive(Debug, Clone)]
pub struct PageScope(u64);

impl PageScope {
    /// The scope of `operation` with the inputs that select its rows.
    pub fn new(operation: &str, selectors: &[&str]) -> Self {
        let parts = std::iter::once(&operation).chain(selectors);
        Self(parts.fold(0xCBF2_9CE4_8422_2325, |hash, part| sum(hash, part)))
    }

    /// Reads `MaxResults` (already checked against the model) and `NextToken`.
    pub fn request(
        &self,
        max_results: Option<i64>,
        token: Option<&str>,
        default: usize,
    ) -> Result<PageRequest, Fault> {
        let limit = max_results.and_then(|count| usize::try_from(count).ok()).unwrap_or(default).max(1);
        let after = token.filter(|token| !token.is_empty()).map(|token| self.decode(token)).transpose()?;
        Ok(PageRequest { limit, after })
    }

    /// The token for the page after `key`.
    pub fn encode(&self, key: &str) -> String {
        let mut bytes = sum(self.0, key).to_be_bytes().to_vec();
        bytes.extend_from_slice(key.as_bytes());
        URL_SAFE.encode(bytes)
    }

    fn decode(&self, token: &str) -> Result<String, Fault> {
        let refused =
            || Fault::validation("NextToken is not a token that this operation returned for the same input");
        let bytes = URL_SAFE.decode(token).map_err(|_| refused())?;
        let (told, key) = bytes.split_at_checked(8).ok_or_else(refused)?;
        let key = String::from_utf8(key.to_vec()).map_err(|_| refused())?;
        // U+0000 is in no key of ours, and no text for PostgreSQL.
        if told == sum(self.0, &key).to_be_bytes() && !key.contains('\0') { Ok(key) } else { Err(refused()) }
    }
}

/// FNV-1a over `part` and its end: a checksum against mix-ups and alterations, not a defence; a token grants nothing.
fn sum(hash: u64, part: &str) -> u64 {
    part.bytes()
        .chain([0])
        .fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_round_and_is_bound_to_its_list() {
        let scope = PageScope::new("ListGroups", &["d-1234567890"]);
        let token = scope.encode("after me");
        let request = scope.request(Some(5), Some(&token), 100).unwrap();
        assert_eq!(request, PageRequest { limit: 5, after: Some("after me".to_owned()) });
        assert!(PageScope::new("ListUsers", &["d-1234567890"]).request(None, Some(&token), 100).is_err());
        assert!(scope.request(None, Some("AAAA"), 100).is_err());
        assert!(scope.request(None, Some("%"), 100).is_err());
        assert!(scope.request(None, Some(&scope.encode("a\0")), 100).is_err());
        for at in 0..token.len() {
            let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            let altered = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            assert!(scope.request(None, Some(&altered), 100).is_err(), "{altered}");
        }
    }

    #[test]
    fn a_page_knows_whether_more_follows() {
        let request = PageRequest::first(2);
        assert_eq!(request.page(vec![1, 2, 3], i32::to_string).next.as_deref(), Some("2"));
        assert_eq!(request.page(vec![1, 2], i32::to_string).next, None);
        let cut = |rows: &[&str]| {
            let mut cut = request.cut();
            let taken = rows.iter().filter(|row| cut.takes(row)).count();
            (taken, cut.next())
        };
        assert_eq!(cut(&["1", "2", "3"]), (2, Some("2".to_owned())));
        assert_eq!((cut(&["1", "2"]), cut(&["1"]), cut(&[])), ((2, None), (1, None), (0, None)));
        let rest = PageRequest { limit: 2, after: Some("1".to_owned()) };
        assert_eq!(rest.page_of(vec![3, 1, 2], i32::to_string), Page { items: vec![2, 3], next: None });
    }
}
