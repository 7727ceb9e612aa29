//! Which file of the page is asked for?
//!
//! The files are in the binary. Debug builds read them from the disk each time.

use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use rust_embed::Embed;

use crate::service::answer;
use crate::service::error::Error;

#[derive(Embed)]
#[folder = "src/service/page/"]
struct Files;

/// What may be given out, and as what; other files in the folder are not the page's.
const MEDIA: [(&str, &str); 7] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
];

/// Gives the page.
pub async fn index(headers: HeaderMap) -> Result<Response, Error> {
    file(&headers, "index.html")
}

/// Gives one of the page's files.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    file(&headers, &name)
}

fn file(headers: &HeaderMap, name: &str) -> Result<Response, Error> {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let media = MEDIA.iter().find(|(known, _)| *known == ending).map(|(_, media)| *media);
    // Only names that are in the folder: a path has no way out of it.
    let is_name = !name.contains(['/', '\\']) && !name.starts_with('.');
    let (Some(media), true) = (media, is_name) else {
        return Err(Error::UnknownPath);
    };
    let file = Files::get(name).ok_or(Error::UnknownPath)?;
    let tag = format!("\"{}\"", answer::hex(&file.metadata.sha256_hash()[..8]));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        answer::empty(StatusCode::NOT_MODIFIED)
    } else {
        answer::typed(StatusCode::OK, media, Body::from(file.data))
    };
    // A newer hive has newer files under the same names, so that browsers ask each time.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}
