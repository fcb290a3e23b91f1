//! What is known of an operation: everything that serving it needs but the code behind it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::shape::Shape;

/// How an operation speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON 1.1: `POST /` and `X-Amz-Target`.
    AwsJson,
    /// REST-JSON: method and path.
    RestJson,
    /// Query: parameters with `Action`, in a form or a URL, answered in XML or JSON.
    Query,
}

/// What authenticates a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Signature Version 4.
    SigV4,
    /// An access token in `x-amz-sso_bearer_token`.
    Bearer,
    /// Nothing outside the input itself.
    Anonymous,
}

/// A modelled error of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorMeta {
    /// The code on the wire.
    pub code: &'static str,
    /// The HTTP status where the protocol binds it.
    pub status: u16,
}

/// What is known of an operation.
#[derive(Debug)]
pub struct OperationMeta {
    /// botocore's name of the service: `sso-admin`, `identitystore`, …
    pub service: &'static str,
    /// `CreateUser`
    pub name: &'static str,
    /// How it speaks.
    pub protocol: Protocol,
    /// What authenticates it.
    pub auth: Auth,
    /// The service in the signature's scope.
    pub signing_name: &'static str,
    /// `X-Amz-Target`, for JSON 1.1.
    pub target: &'static str,
    /// `Version`, for Query.
    pub api_version: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with a query string where it tells operations apart.
    pub path: &'static str,
    /// The element around a Query result.
    pub result_wrapper: &'static str,
    /// The namespace of Query XML.
    pub xml_namespace: &'static str,
    /// Where CloudTrail says the event comes from.
    pub event_source: &'static str,
    /// The IAM action.
    pub action: &'static str,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Whether it lists in pages.
    pub paginated: bool,
    /// The resource file that it lives in.
    pub resource: &'static str,
    /// What the input may be.
    pub input: &'static Shape,
    /// What the output is.
    pub output: &'static Shape,
    /// Its modelled errors.
    pub errors: &'static [ErrorMeta],
}

/// The input or output of an operation that has none: an empty object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// An operation as a type: its input, its output, what is known of it.
pub trait Operation {
    /// The input.
    type Input: DeserializeOwned + Send + 'static;
    /// The output.
    type Output: Serialize + Send;
    /// What is known of it.
    const META: &'static OperationMeta;
}
