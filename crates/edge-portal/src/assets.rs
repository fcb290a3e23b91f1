//! The style sheet and the script: named by their content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use model::id::hex;

struct Asset {
    path: String,
    content_type: &'static str,
    content: &'static str,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
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

pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let path = format!("/assets/{hash}/{name}");
    match ASSETS.iter().find(|asset| asset.path == path) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
