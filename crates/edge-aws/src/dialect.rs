//! How an answer is written: by the protocol of the operation and, in the Query protocol, by what the caller accepts.

use http::{HeaderMap, header};
use serde_json::Value;
use wire::operation::Protocol;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    AwsJson,
    RestJson,
    QueryXml,
    QueryJson,
}

/// An error of the Query protocol.
pub(crate) struct QueryError<'e> {
    pub(crate) namespace: &'e str,
    pub(crate) code: &'e str,
    pub(crate) message: &'e str,
    /// Whether it is the caller's.
    pub(crate) sender: bool,
}

impl Dialect {
    /// Of the answer to a call with these headers.
    pub(crate) fn new(protocol: Protocol, headers: &HeaderMap) -> Self {
        match protocol {
            Protocol::AwsJson => Self::AwsJson,
            Protocol::RestJson => Self::RestJson,
            Protocol::Query if accepts_json(headers) => Self::QueryJson,
            Protocol::Query => Self::QueryXml,
        }
    }

    /// The media type.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::AwsJson => wire::aws_json::CONTENT_TYPE,
            Self::RestJson => wire::rest_json::CONTENT_TYPE,
            Self::QueryXml => wire::xml::CONTENT_TYPE,
            Self::QueryJson => wire::query_json::CONTENT_TYPE,
        }
    }

    /// An error as each dialect writes it where the code and the text are all there is to it.
    pub(crate) fn plain_error(
        self,
        error: &QueryError<'_>,
        members: &[(&str, Value)],
        request_id: &str,
    ) -> Vec<u8> {
        let QueryError { namespace, code, message, sender } = *error;
        match self {
            Self::AwsJson | Self::RestJson => wire::aws_json::error(code, message, members),
            Self::QueryXml => wire::xml::error(namespace, code, message, sender, request_id),
            Self::QueryJson => wire::query_json::error(code, message, sender, request_id),
        }
    }
}

/// XML unless JSON is asked for by name: `*/*` is what clients send that expect XML.
fn accepts_json(headers: &HeaderMap) -> bool {
    let named = |wanted: &str| {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|range| {
            let media_type = range.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case(wanted)
        })
    };
    named("application/json") && !named("text/xml") && !named("application/xml")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn json_is_written_for_whom_asks_for_it_by_name() {
        let of = |accept: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            Dialect::new(Protocol::Query, &headers)
        };
        for accept in ["application/json", "Application/JSON; q=0.9", "application/json, */*"] {
            assert_eq!(of(accept), Dialect::QueryJson, "{accept}");
        }
        for accept in ["*/*", "", "text/xml, application/json", "application/json-seq"] {
            assert_eq!(of(accept), Dialect::QueryXml, "{accept}");
        }
        assert_eq!(Dialect::new(Protocol::Query, &HeaderMap::new()), Dialect::QueryXml);
    }
}
