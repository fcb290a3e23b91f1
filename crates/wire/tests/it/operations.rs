//! Every operation that is served, with what turns JSON into its types: what the type system keeps from being a table elsewhere.

use serde_json::Value;
use wire::check;
use wire::error::WireError;
use wire::generated;
use wire::operation::{Operation, OperationMeta};

/// One operation and its types.
pub(crate) struct Row {
    pub(crate) meta: &'static OperationMeta,
    /// JSON to the input structure, without the check.
    pub(crate) input: fn(Value) -> Result<(), String>,
    /// JSON to the input structure, by way of the check.
    pub(crate) checked: fn(Value) -> Result<(), WireError>,
    /// JSON to the output structure and back.
    pub(crate) output: fn(Value) -> Result<Value, String>,
}

fn row<O: Operation>(output: fn(Value) -> Result<Value, String>) -> Row {
    Row {
        meta: O::META,
        input: |value| {
            serde_json::from_value::<O::Input>(value).map(|_| ()).map_err(|error| error.to_string())
        },
        checked: |value| check::input::<O>(value).map(|_| ()),
        output,
    }
}

macro_rules! rows {
    ($($service:ident::$resource:ident: $($operation:ident),+;)+) => {
        vec![$($({
            use generated::$service::$resource::$operation;
            row::<$operation>(|value| {
                let output: <$operation as Operation>::Output =
                    serde_json::from_value(value).map_err(|error| error.to_string())?;
                serde_json::to_value(&output).map_err(|error| error.to_string())
            })
        }),+),+]
    };
}

/// Every operation that is served.
pub(crate) fn all() -> Vec<Row> {
    wire::every_operation!(rows)
}

/// The lists that codegen writes.
pub(crate) const LISTS: [&[&OperationMeta]; 8] = [
    generated::cloudtrail::OPERATIONS,
    generated::iam::OPERATIONS,
    generated::identitystore::OPERATIONS,
    generated::organizations::OPERATIONS,
    generated::sso::OPERATIONS,
    generated::sso_admin::OPERATIONS,
    generated::sso_oidc::OPERATIONS,
    generated::sts::OPERATIONS,
];

#[test]
fn the_table_has_every_operation() {
    let mut here: Vec<_> = all().iter().map(|row| (row.meta.service, row.meta.name)).collect();
    let mut there: Vec<_> =
        LISTS.iter().flat_map(|list| list.iter()).map(|meta| (meta.service, meta.name)).collect();
    here.sort_unstable();
    there.sort_unstable();
    assert_eq!(here, there);
}

#[test]
fn operations_without_input_take_an_empty_object() {
    let describe = all().into_iter().find(|row| row.meta.name == "DescribeOrganization").unwrap();
    assert_eq!((describe.checked)(serde_json::json!({})), Ok(()));
    assert_eq!((describe.checked)(serde_json::json!({"unknown": null})), Ok(()));
    assert!((describe.checked)(serde_json::json!({"unknown": 1})).is_err());
    assert!((describe.checked)(serde_json::json!([])).is_err());
}

#[test]
fn faults_of_the_service_are_500_and_those_of_the_caller_are_not() {
    for meta in LISTS.iter().flat_map(|list| list.iter()) {
        for error in meta.errors {
            let own = matches!(error.code, "InternalServerException" | "ServiceFailure" | "ServiceException");
            assert_eq!(error.status >= 500, own, "{} {}", meta.name, error.code);
        }
    }
}
