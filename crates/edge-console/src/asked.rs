//! A page of the console that is asked for.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;

/// Who asks, and what the address says.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) admin: Administrator,
    pub(crate) query: Fields,
}

impl FromRequestParts<Desk> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Response> {
        let place = parts.uri.path_and_query().map_or("/console", |place| place.as_str()).to_owned();
        let admin = Administrator::of(parts, desk, &place).await?;
        let query = Fields::read(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        Ok(Self { admin, query })
    }
}
