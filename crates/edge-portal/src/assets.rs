//! The style sheet, the script and the icon, and what a portal has of its own: named by their content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use model::id::hex;

use crate::portal::Portal;

struct Asset {
    path: String,
    content_type: &'static str,
    content: &'static str,
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
    Asset { path: format!("/assets/{hash}/{name}"), content_type, content }
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
) -> Response {
    let path = format!("/assets/{hash}/{name}");
    match ASSETS.iter().find(|asset| asset.path == path) {
        Some(asset) => for_ever(asset.content_type, asset.content),
        None => own(&portal, (&path, &name)).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()),
    }
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
