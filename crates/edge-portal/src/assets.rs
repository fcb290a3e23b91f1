//! The style sheet, the script and the icon, and what a portal has of its own: named by their content, so that browsers may keep them for ever.

use std::io::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::id::hex;

use crate::portal::Portal;

struct Asset {
    path: String,
    content_type: &'static str,
    content: &'static str,
    /// The content packed by gzip. Pages themselves are not packed: what a visitor gave and what is secret stand in them side by side, and the length of
    /// the packed page would tell of both (the BREACH attack).
    packed: Vec<u8>,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset(
            "portico.css",
            "text/css; charset=utf-8",
            concat!(include_str!("../assets/portico.css"), include_str!("../assets/console.css")),
        ),
        asset(
            "portico.js",
            "text/javascript; charset=utf-8",
            concat!(include_str!("../assets/portico.js"), include_str!("../assets/console.js")),
        ),
        asset("icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")),
    ]
});

fn asset(name: &str, content_type: &'static str, content: &'static str) -> Asset {
    let hash: String = hex(digest(&SHA256, content.as_bytes()).as_ref()).chars().take(16).collect();
    let packed = packed(content.as_bytes()).unwrap_or_default();
    Asset { path: format!("/assets/{hash}/{name}"), content_type, content, packed }
}

fn packed(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(content)?;
    packer.finish()
}

/// Whether a browser takes what is packed by gzip (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let said = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

/// The style sheet's path.
pub fn css() -> &'static str {
    &ASSETS[0].path
}

/// The script's path.
pub fn js() -> &'static str {
    &ASSETS[1].path
}

/// The icon's path, for a portal without a picture of its own.
pub fn icon() -> &'static str {
    &ASSETS[2].path
}

pub(crate) async fn serve(
    State(portal): State<Portal>,
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let path = format!("/assets/{hash}/{name}");
    match ASSETS.iter().find(|asset| asset.path == path) {
        Some(asset) if takes_gzip(&headers) && !asset.packed.is_empty() => {
            let mut response = for_ever(asset.content_type, asset.packed.as_slice());
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            varying(response)
        }
        Some(asset) => varying(for_ever(asset.content_type, asset.content)),
        None => own(&portal, (&path, &name)).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()),
    }
}

/// What is packed or not as the browser asks.
fn varying(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// What this portal has of its own, if it still has it under this path.
fn own(portal: &Portal, (path, name): (&str, &str)) -> Option<Response> {
    let brand = portal.brand();
    match name {
        "brand.css" => {
            let style = brand.style.clone().filter(|style| style.path == path)?;
            Some(for_ever("text/css; charset=utf-8", style.text))
        }
        "logo" => {
            brand.logo.as_ref().filter(|logo| *logo == path)?;
            let at = &portal.signin.identity_store_id;
            let logo = portal.store.read(|rx| signin::portal_settings::logo(rx, at)).ok().flatten()?;
            Some(for_ever(logo.kind().content_type(), logo.bytes().to_vec()))
        }
        _ => None,
    }
}

fn for_ever(content_type: &'static str, content: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_is_packed_is_the_same_and_small() {
        let mut whole = 0;
        for asset in ASSETS.iter() {
            let mut unpacked = String::new();
            GzDecoder::new(asset.packed.as_slice()).read_to_string(&mut unpacked).expect("gzip");
            assert_eq!(unpacked, asset.content);
            whole += asset.packed.len();
        }
        // With the 48,000 bytes that a first page of the portal has at most, what a browser loads stays within 60 KB (61,440 bytes).
        assert!(whole <= 13_440, "{whole}");
    }

    #[test]
    fn only_who_takes_gzip_gets_it() {
        for (said, takes) in [
            ("gzip, deflate, br, zstd", true),
            ("GZIP;q=0.5", true),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip;q=x", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, said.parse().expect("a header"));
            assert_eq!(takes_gzip(&headers), takes, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
