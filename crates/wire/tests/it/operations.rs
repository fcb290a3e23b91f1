//! Every operation that is served, with what turns JSON into its types: what the type system keeps from being a table elsewhere.

use serde_json::Value;
use wire::check::Strangers;
use wire::error::WireError;
use wire::generated;
use wire::input::{self, Input, Taking};
use wire::operation::{Operation, OperationMeta};

/// One operation and its types.
pub(crate) struct Row {
    pub(crate) meta: &'static OperationMeta,
    /// JSON to the input structure and back, without the check.
    pub(crate) input: fn(Value) -> Result<Value, String>,
    /// The same by way of the check, and what is shown of it.
    pub(crate) taken: fn(&Value) -> Result<Taken, WireError>,
    /// The same from text, in one pass where that takes it.
    pub(crate) read: fn(&[u8]) -> Result<Taken, WireError>,
    /// The same in one pass.
    pub(crate) one_pass: fn(&str) -> Option<Taken>,
    /// JSON to the output structure and back.
    pub(crate) output: fn(Value) -> Result<Value, String>,
}

/// An input, and what is shown of it.
pub(crate) type Taken = (Value, String);

/// As most operations take their input.
pub(crate) const HOW: Taking = Taking { strangers: Strangers::Refused, shows: true };

fn taken<T: serde::Serialize>(input: &Input<T>) -> Taken {
    (serde_json::to_value(&input.given).unwrap_or_default(), input.shown.as_str().to_owned())
}

fn back<T: serde::Serialize + serde::de::DeserializeOwned>(value: Value) -> Result<Value, String> {
    let structure: T = serde_json::from_value(value).map_err(|error| error.to_string())?;
    serde_json::to_value(&structure).map_err(|error| error.to_string())
}

macro_rules! rows {
    ($($service:ident::$resource:ident: $($operation:ident),+;)+) => {
        vec![$($({
            use generated::$service::$resource::$operation;
            Row {
                meta: <$operation as Operation>::META,
                input: back::<<$operation as Operation>::Input>,
                taken: |value| input::take::<$operation>(value, HOW).map(|input| taken(&input)),
                read: |text| input::read::<$operation>(text, HOW).map(|input| taken(&input)),
                one_pass: |text| input::in_one_pass::<$operation>(text).map(|input| taken(&input)),
                output: back::<<$operation as Operation>::Output>,
            }
        }),+),+]
    };
}

/// Every operation that is served.
pub(crate) fn all() -> Vec<Row> {
    wire::every_operation!(rows)
}

/// The lists that codegen writes.
pub(crate) const LISTS: [&[&OperationMeta]; 10] = [
    generated::cloudtrail::OPERATIONS,
    generated::iam::OPERATIONS,
    generated::identitystore::OPERATIONS,
    generated::organizations::OPERATIONS,
    generated::portico::OPERATIONS,
    generated::signin::OPERATIONS,
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
    let nothing = Ok((serde_json::json!({}), "null".to_owned()));
    assert_eq!((describe.taken)(&serde_json::json!({})), nothing);
    assert_eq!((describe.taken)(&serde_json::json!({"unknown": null})), nothing);
    assert_eq!((describe.read)(b" "), nothing);
    assert!((describe.taken)(&serde_json::json!({"unknown": 1})).is_err());
    assert!((describe.taken)(&serde_json::json!([])).is_err());
}

#[test]
fn faults_of_the_service_are_500_and_those_of_the_caller_are_not() {
    for meta in LISTS.iter().flat_map(|list| list.iter()) {
        for error in meta.errors {
            // The last one is a simulation that could not be carried out, which AWS takes upon itself.
            let own = matches!(
                error.code,
                "InternalServerException" | "ServiceFailure" | "ServiceException" | "PolicyEvaluation"
            );
            assert_eq!(error.status >= 500, own, "{} {}", meta.name, error.code);
        }
    }
}
