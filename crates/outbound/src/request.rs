//! A request as it is sent: every header that there is, and a form as a body. Knows nothing of connections.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use model::secret::Secret;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::credentials::Credentials;
use crate::failure::Why;

/// Who we say that we are to everybody.
const AGENT: &str = concat!("Portico/", env!("CARGO_PKG_VERSION"));

/// What is sent, and which answers are wanted.
pub(crate) struct Outgoing {
    pub(crate) request: Request<Full<Bytes>>,
    /// Whether only 200 will do. Its opposite reads what a refusal says: OAuth's errors are bodies of 400.
    pub(crate) wants_document: bool,
}

/// Asks for a document.
pub(crate) fn get(address: &Address, accept: &str, credentials: Credentials<'_>) -> Result<Outgoing, Why> {
    let request = request(Method::GET, address, accept, credentials, Full::default())?;
    Ok(Outgoing { request, wants_document: true })
}

/// Sends a form, and wants JSON.
pub(crate) fn post_form(
    address: &Address,
    fields: &[(&str, &str)],
    credentials: Credentials<'_>,
) -> Result<Outgoing, Why> {
    posted(address, encoded(fields), credentials)
}

/// The same of a form that is written already.
pub(crate) fn post_written(
    address: &Address,
    form: &Secret,
    credentials: Credentials<'_>,
) -> Result<Outgoing, Why> {
    posted(address, Zeroizing::new(form.expose().as_bytes().to_vec()), credentials)
}

/// A form may hold secrets: it is written where it stays, and wiped when it is sent.
fn posted(
    address: &Address,
    form: Zeroizing<Vec<u8>>,
    credentials: Credentials<'_>,
) -> Result<Outgoing, Why> {
    let body = Full::new(Bytes::from_owner(form));
    let mut request = request(Method::POST, address, "application/json", credentials, body)?;
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(Outgoing { request, wants_document: false })
}

/// Sends what is written and signed already, with the headers that were signed; whatever else a request has is ours.
pub(crate) fn post_signed(
    address: &Address,
    headers: &[(&str, &str)],
    body: Zeroizing<Vec<u8>>,
) -> Result<Outgoing, Why> {
    let body = Full::new(Bytes::from_owner(body));
    let mut request = request(Method::POST, address, "*/*", Credentials::Nobody, body)?;
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        // These are of the connection, and of who we say that we are.
        if matches!(
            name.as_str(),
            "host" | "connection" | "content-length" | "transfer-encoding" | "user-agent" | "accept-encoding"
        ) {
            continue;
        }
        let unsendable = || Why::Unsendable("it has a header that no request can have");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    Ok(Outgoing { request, wants_document: false })
}

fn request(
    method: Method,
    address: &Address,
    accept: &str,
    credentials: Credentials<'_>,
    body: Full<Bytes>,
) -> Result<Request<Full<Bytes>>, Why> {
    let target: Uri = address
        .target()
        .parse()
        .map_err(|_| Why::Unsendable("its path or query holds what no request can"))?;
    let header = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Why::Unsendable("what is asked for is no kind of document"))
    };
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target;
    let headers = request.headers_mut();
    headers.insert(HOST, header(address.authority())?);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT, header(accept)?);
    // What is packed could unpack to anything.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    if let Some(value) = credentials.header()? {
        headers.insert(AUTHORIZATION, value);
    }
    Ok(request)
}

/// Never grows, so that no copy is left behind: a byte is at most three.
fn encoded(fields: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let length = |(name, value): &(&str, &str)| {
        name.len().saturating_add(value.len()).saturating_mul(3).saturating_add(2)
    };
    let all = fields.iter().map(length).fold(0_usize, usize::saturating_add);
    let mut text = Zeroizing::new(Vec::with_capacity(all));
    for (at, (name, value)) in fields.iter().enumerate() {
        if at > 0 {
            text.push(b'&');
        }
        for piece in form_urlencoded::byte_serialize(name.as_bytes()) {
            text.extend_from_slice(piece.as_bytes());
        }
        text.push(b'=');
        for piece in form_urlencoded::byte_serialize(value.as_bytes()) {
            text.extend_from_slice(piece.as_bytes());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_back_as_it_was_and_never_grows() {
        let fields =
            [("grant_type", "authorization_code"), ("ü &=+%", "\u{1F600} a\r\nb&c=d"), ("empty", "")];
        let text = encoded(&fields);
        let all: usize = fields.iter().map(|(name, value)| (name.len() + value.len()) * 3 + 2).sum();
        assert!(text.len() <= all, "it fits into what was taken for it");
        let back: Vec<_> = form_urlencoded::parse(&text).into_owned().collect();
        assert_eq!(
            back.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(),
            fields
        );
        assert!(text.is_ascii());
    }
}
