//! A form that was sent, as of the moment when all of it had come. A body may come long after its head: who is signed in, and what time it is, are
//! asked only then, so that a session that ended in between opens nothing and nothing is dated before its end.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;

use crate::portal::Portal;
use crate::visitor::Visitor;

/// A form, and who sent it.
#[derive(Debug)]
pub struct Posted {
    /// Who.
    pub visitor: Visitor,
    /// What the browser said with it.
    pub headers: HeaderMap,
    /// The query of the address that it was sent to.
    pub query: String,
    /// What was sent.
    pub body: Bytes,
}

impl FromRequest<Portal> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let mut head = parts.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), portal)
            .await
            .map_err(IntoResponse::into_response)?;
        let visitor = Visitor::from_request_parts(&mut head, portal).await?;
        let query = head.uri.query().unwrap_or_default().to_owned();
        Ok(Self { visitor, headers: head.headers, query, body })
    }
}
