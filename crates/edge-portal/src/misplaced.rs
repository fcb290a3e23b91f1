//! Pages are on one host name, which no program that asks for a code may listen on (docs/decisions/0007-cookies-know-no-port.md). A page that
//! is asked for at a loopback address, as AWS CLI does with `/authorize`, leads to itself on that name; nothing there ever sets a cookie.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method, Uri, header};

use crate::portal::Portal;
use crate::visitor::{COOKIES, cookie, cookie_name, set_cookie};
use crate::{headers, return_to};

/// Lets a request pass that is where it belongs. HEAD passes anywhere: AWS CLI asks a start URL with it, and follows one redirect only.
pub async fn lead_home(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let asked_at = authority(request.uri(), request.headers());
    if request.method() == Method::HEAD || !portal.signin.is_misplaced(&asked_at) {
        return next.run(request).await;
    }
    let place = request.uri().path_and_query().map_or("/start", |place| place.as_str());
    // No page of ours sends a form here. What came is dropped; the page it may have come from is shown anew.
    let place = if request.method() == Method::GET { place } else { return_to::safe(place) };
    let mut response =
        headers::redirect(&format!("{}{place}", portal.signin.portal_base_url), portal.is_secure());
    for base in COOKIES {
        // Left by a server that still had its pages here, and sent to every listener of the machine since.
        if cookie(request.headers(), &cookie_name(&portal, base)).is_some() {
            set_cookie(&portal, &mut response, base, "", Some(0));
        }
    }
    response
}

/// Host and port that the request is for. HTTP/2 carries them in the URI.
fn authority(uri: &Uri, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    uri.authority().map_or_else(|| host.unwrap_or_default().to_owned(), ToString::to_string)
}
