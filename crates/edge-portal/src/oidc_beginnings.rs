//! How programs of applications that speak OpenID Connect begin what a person goes on with: questions that they push (RFC 9126), and sign-ins at devices that show a code (RFC 8628).
//! Like `oidc_programs`, whose forms, clients and refusals these are.

use applications::oidc_devices;
use applications::oidc_pushed;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::oidc_applications::ours;
use crate::oidc_programs::{SOURCE, by_basic, fields, given, parsed, presented, proof, refusal, written};
use crate::portal::Portal;
use crate::posted::Posted;

/// `POST /oauth2/{id}/par`
pub(crate) async fn push(State(portal): State<Portal>, Path(id): Path<String>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.of_program(SOURCE, "PushAuthorizationRequest", false);
    let pushed = async {
        let pairs = fields((&headers, &body))?;
        let (presented, proof, id) = (presented(&headers, &pairs)?, proof(&headers)?, parsed(id)?);
        let at = (&ours(&portal), &id);
        oidc_pushed::push(&portal.store, &visitor.cx, at, (presented, &pairs, proof.as_ref())).await
    };
    match pushed.await {
        Ok(pushed) => {
            let said = json!({ "request_uri": pushed.request_uri.expose(), "expires_in": pushed.expires_in });
            written(StatusCode::CREATED, &said)
        }
        Err(refused) => refusal(&portal, &visitor, &refused, by_basic(&headers)),
    }
}

/// `POST /oauth2/{id}/device_authorization`
pub(crate) async fn start_device(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    sent: Posted,
) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.of_program(SOURCE, "StartDeviceAuthorization", false);
    let started = async {
        let pairs = fields((&headers, &body))?;
        let (presented, id) = (presented(&headers, &pairs)?, parsed(id)?);
        let at = (&ours(&portal), &id);
        oidc_devices::start(&portal.store, &visitor.cx, at, (presented, given(&pairs, "scope"))).await
    };
    match started.await {
        Ok(started) => {
            let code = started.user_code.expose();
            let said = json!({
                "device_code": started.device_code.expose(), "user_code": code, "verification_uri": started.verification_uri,
                "verification_uri_complete": format!("{}?user_code={code}", started.verification_uri),
                "expires_in": started.expires_in, "interval": started.interval,
            });
            written(StatusCode::OK, &said)
        }
        Err(refused) => refusal(&portal, &visitor, &refused, by_basic(&headers)),
    }
}
