//! The dispatch table: every operation that is served, found by target, by action and version, or by method and path.

use std::collections::{BTreeSet, HashMap};

#[cfg(test)]
use wire::generated;
use wire::operation::Protocol;

use crate::route::Route;

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    by_target: HashMap<&'static str, Route>,
    by_action: HashMap<(&'static str, &'static str), Route>,
    by_path: HashMap<(&'static str, &'static str), Route>,
}

impl Table {
    /// The table of all rows.
    pub(crate) fn new() -> Self {
        let mut table =
            Self { by_target: HashMap::new(), by_action: HashMap::new(), by_path: HashMap::new() };
        for route in routes() {
            let meta = route.meta;
            match meta.protocol {
                Protocol::AwsJson => table.by_target.insert(without_package(meta.target), route),
                Protocol::Query => table.by_action.insert((meta.api_version, meta.name), route),
                Protocol::RestJson => table.by_path.insert((meta.method, meta.path), route),
            };
        }
        table
    }

    /// The operation of an `X-Amz-Target`.
    pub(crate) fn find_target(&self, target: &str) -> Option<&Route> {
        self.by_target.get(without_package(target))
    }

    /// The operation of a Query form.
    pub(crate) fn find_action(&self, version: &str, action: &str) -> Option<&Route> {
        self.by_action
            .iter()
            .find(|((has_version, name), _)| *has_version == version && *name == action)
            .map(|(_, route)| route)
    }

    /// The operation of a method and path. Of several that share them, the one that the query tells apart; else the one that nothing does.
    pub(crate) fn find_path(&self, method: &str, path: &str, query: &str) -> Option<&Route> {
        let fits = |wanted: &str| match wanted.split_once('?') {
            None => wanted == path,
            Some((wanted, apart)) => wanted == path && query.split('&').any(|pair| pair == apart),
        };
        self.by_path
            .iter()
            .filter(|((has_method, has_path), _)| *has_method == method && fits(has_path))
            .max_by_key(|((_, has_path), _)| has_path.len())
            .map(|(_, route)| route)
    }

    /// Every path of REST operations.
    pub(crate) fn paths(&self) -> BTreeSet<(&'static str, &'static str)> {
        let bare = |path: &'static str| path.split_once('?').map_or(path, |(path, _)| path);
        self.by_path.keys().map(|(method, path)| (*method, bare(path))).collect()
    }
}

/// CloudTrail's target has two forms, and AWS takes both: botocore's model puts a package before the service's name, the models that the newer
/// SDKs (Rust, Go, JavaScript) are made from do not.
fn without_package(target: &str) -> &str {
    let rest = target.strip_prefix("com.amazonaws.cloudtrail.v20131101.");
    rest.filter(|rest| rest.starts_with("CloudTrail_20131101.")).unwrap_or(target)
}

/// Every row.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = crate::sso_admin::routes::routes();
    all.extend(crate::identitystore::routes::routes());
    all.extend(crate::portal::routes::routes());
    all.extend(crate::sso_oidc::routes::routes());
    all.extend(crate::aws_signin::routes::routes());
    all.extend(crate::organizations::routes::routes());
    all.extend(crate::iam::routes::routes());
    all.extend(crate::sts::routes::routes());
    all.extend(crate::cloudtrail::routes::routes());
    all.extend(crate::portico::routes::routes());
    all
}

/// Every operation that the models say is served.
#[cfg(test)]
pub(crate) fn modelled() -> impl Iterator<Item = &'static wire::operation::OperationMeta> {
    [
        generated::sso_admin::OPERATIONS,
        generated::identitystore::OPERATIONS,
        generated::sso::OPERATIONS,
        generated::sso_oidc::OPERATIONS,
        generated::organizations::OPERATIONS,
        generated::iam::OPERATIONS,
        generated::sts::OPERATIONS,
        generated::cloudtrail::OPERATIONS,
        generated::portico::OPERATIONS,
        generated::signin::OPERATIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_served_has_its_row_and_no_other() {
        let rows: BTreeSet<String> =
            routes().iter().map(|route| format!("{} {}", route.meta.service, route.meta.name)).collect();
        let wanted: BTreeSet<String> =
            modelled().map(|meta| format!("{} {}", meta.service, meta.name)).collect();
        let rowless: Vec<_> = wanted.difference(&rows).collect();
        assert!(rowless.is_empty(), "no row in edge-aws/src/SERVICE/routes.rs: {rowless:?}");
        let unserved: Vec<_> = rows.difference(&wanted).collect();
        assert!(unserved.is_empty(), "a row, and no line in api/overlay.json: {unserved:?}");
        assert_eq!(routes().len(), rows.len(), "no operation twice");
    }

    #[test]
    fn what_shares_a_path_is_told_apart_by_the_query() {
        let table = Table::new();
        let found = |query: &str| table.find_path("POST", "/token", query).map(|route| route.meta.name);
        assert_eq!(found(""), Some("CreateToken"));
        assert_eq!(found("aws_iam=t"), Some("CreateTokenWithIAM"));
        assert_eq!(found("a=b&aws_iam=t"), Some("CreateTokenWithIAM"));
        assert_eq!(found("aws_iam=true"), Some("CreateToken"));
        assert!(table.paths().contains(&("POST", "/token")));
    }

    #[test]
    fn cloudtrail_is_found_with_its_package_and_without() {
        let table = Table::new();
        let found = |target: &str| table.find_target(target).map(|route| route.meta.name);
        let package = "com.amazonaws.cloudtrail.v20131101.";
        assert_eq!(found("CloudTrail_20131101.LookupEvents"), Some("LookupEvents"));
        assert_eq!(found(&format!("{package}CloudTrail_20131101.LookupEvents")), Some("LookupEvents"));
        assert_eq!(found(&format!("{package}SWBExternalService.ListInstances")), None);
    }
}
