//! Which files does a project's page on the index list?

use html5gum::Token;
use html5gum::Tokenizer;
use serde::Deserialize;
use url::Url;

use crate::io::address;
use crate::io::download::Page;
use crate::io::index::Error;

/// What hive would like to be answered in: JSON, else HTML.
pub const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1";

/// One file that the page lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where the file is, without a fragment.
    pub url: Url,
    /// What the file is called.
    pub file_name: String,
    /// The published SHA-256 in lower-case hex; `None` when there is none.
    pub sha256: Option<String>,
    /// The Python versions that the release is for, `>=3.10`; `None` when it does not say.
    pub requires_python: Option<String>,
    /// Why the file was withdrawn, possibly an empty text; `None` when it was not.
    pub yanked: Option<String>,
    /// The file's size in bytes; `None` when it is not published.
    pub byte_count: Option<u64>,
}

/// Returns the files that a page lists, in its order, whether it is JSON (PEP 691) or HTML (PEP 503).
///
/// # Errors
///
/// Returns [`Error::Answer`] for any other kind of page and [`Error::Json`] for JSON of another shape.
pub fn parse(page: &Page) -> Result<Vec<Link>, Error> {
    match kind(page) {
        Some(Kind::Json) => from_json(page),
        Some(Kind::Html) => Ok(from_html(page)),
        None => Err(Error::Answer {
            url: address::shown(&page.url),
            found: page.content_type.clone().unwrap_or_else(|| "something without a content type".to_owned()),
        }),
    }
}

enum Kind {
    Json,
    Html,
}

fn kind(page: &Page) -> Option<Kind> {
    let Some(content_type) = &page.content_type else {
        // A file has no content type; its first letter tells.
        return match page.body.trim_ascii_start().first() {
            Some(b'{') => Some(Kind::Json),
            Some(b'<') => Some(Kind::Html),
            _ => None,
        };
    };
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/json" => Some(Kind::Json),
        "text/html" | "application/xhtml+xml" => Some(Kind::Html),
        media if media.starts_with("application/vnd.pypi.simple.") && media.ends_with("+json") => Some(Kind::Json),
        media if media.starts_with("application/vnd.pypi.simple.") && media.ends_with("+html") => Some(Kind::Html),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Project {
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: Hashes,
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Yanked,
    size: Option<u64>,
}

#[derive(Deserialize, Default)]
struct Hashes {
    sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Flag(bool),
    Reason(String),
}

impl Default for Yanked {
    fn default() -> Self {
        Self::Flag(false)
    }
}

fn from_json(page: &Page) -> Result<Vec<Link>, Error> {
    let project: Project =
        serde_json::from_slice(&page.body).map_err(|source| Error::Json { url: address::shown(&page.url), source })?;
    let links = project.files.into_iter().filter_map(|file| {
        let (url, fragment_sha256) = resolve(&page.url, &page.url, &file.url)?;
        Some(Link {
            url,
            file_name: file.filename,
            sha256: file.hashes.sha256.and_then(|digest| sha256(&digest)).or(fragment_sha256),
            requires_python: file.requires_python,
            yanked: match file.yanked {
                Yanked::Flag(false) => None,
                Yanked::Flag(true) => Some(String::new()),
                Yanked::Reason(reason) => Some(reason),
            },
            byte_count: file.size,
        })
    });
    Ok(links.collect())
}

fn from_html(page: &Page) -> Vec<Link> {
    let mut base = page.url.clone();
    let mut links = Vec::new();
    for Ok(token) in Tokenizer::new(page.body.as_slice()) {
        let Token::StartTag(tag) = token else {
            continue;
        };
        let attribute =
            |name: &[u8]| tag.attributes.get(name).map(|value| String::from_utf8_lossy(value.as_ref()).into_owned());
        let Some(href) = attribute(b"href") else {
            continue;
        };
        match tag.name.as_slice() {
            b"base" => base = page.url.join(href.trim()).unwrap_or(base),
            b"a" => {
                let Some((url, sha256)) = resolve(&base, &page.url, &href) else {
                    continue;
                };
                links.push(Link {
                    file_name: address::file_name(&url),
                    url,
                    sha256,
                    requires_python: attribute(b"data-requires-python"),
                    yanked: attribute(b"data-yanked"),
                    byte_count: None,
                });
            }
            _ => {}
        }
    }
    links
}

/// Returns a link's full address and the SHA-256 of its fragment, or `None` for a link that is no address.
fn resolve(base: &Url, page: &Url, href: &str) -> Option<(Url, Option<String>)> {
    let mut url = base.join(href.trim()).ok()?;
    // A page over the network must not make hive read this machine's files.
    if url.scheme() == "file" && page.scheme() != "file" {
        return None;
    }
    let sha256 = url
        .fragment()
        .and_then(|fragment| fragment.split('&').find_map(|part| part.strip_prefix("sha256=")))
        .and_then(sha256);
    url.set_fragment(None);
    Some((url, sha256))
}

/// Returns the digest in lower case when it is one.
fn sha256(digest: &str) -> Option<String> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|letter| letter.is_ascii_hexdigit());
    is_digest.then(|| digest.to_ascii_lowercase())
}
