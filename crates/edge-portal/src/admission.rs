//! Every page begins with its visitor. While the store cannot be asked, that is an answer of its own: a person who is signed in must not be
//! told to sign in, nor treated as a stranger.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use crate::message::fault;
use crate::portal::Portal;
use crate::visitor::Visitor;

impl FromRequestParts<Portal> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Response> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, portal)
            .await
            .map_err(IntoResponse::into_response)?;
        match Self::new(portal, peer, &parts.headers) {
            (visitor, None) => Ok(visitor),
            (stranger, Some(unavailable)) => {
                Err(fault(portal, &stranger.doing("Authenticate"), &unavailable))
            }
        }
    }
}
