//! How do bytes come from an address: over HTTP, or from a `file://` one?

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;
use ureq::ResponseExt;
use ureq::config::RedirectAuthHeaders;
use ureq::tls::PemItem;
use ureq::tls::RootCerts;
use ureq::tls::TlsConfig;
use url::Url;

use crate::io::address::authorization;
use crate::io::address::file_name;
use crate::io::address::is_loopback;
use crate::io::address::shown;
use crate::io::address::without_credentials;
use crate::io::files;
use crate::io::files::CHUNK_BYTES;
use crate::io::files::Hashing;
use crate::io::progress::Progress;

/// The largest file that is downloaded, 512 MiB.
pub const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The largest page that is read into memory, 64 MiB.
pub const PAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How often an address is tried before a passing fault counts as a lasting one.
pub const ATTEMPT_COUNT_MAX: u32 = 3;

/// The wait before the second attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(1);
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A download that failed. Addresses are shown without credentials and queries.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Nobody answered.
    #[error("`{url}` cannot be reached")]
    #[diagnostic(
        code("HV0332"),
        help(
            "check the network and the proxy variables (`HTTPS_PROXY`, `NO_PROXY`); what was fetched before works with `--offline`"
        )
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What the last attempt met.
        source: Box<ureq::Error>,
    },

    /// The server's certificate is not trusted, or the handshake failed.
    #[error("no trusted connection to `{url}`")]
    #[diagnostic(
        code("HV0338"),
        help("behind an inspecting proxy, name its certificates with `SSL_CERT_FILE` or `PIP_CERT`")
    )]
    Untrusted {
        /// The address.
        url: String,
        /// What the handshake met.
        source: Box<ureq::Error>,
    },

    /// The server, or the folder of a `file://` address, has no such thing.
    #[error("`{url}` does not exist")]
    #[diagnostic(code("HV0333"))]
    Missing {
        /// The address.
        url: String,
    },

    /// The server refused.
    #[error("`{url}` answers with HTTP status {status}")]
    #[diagnostic(code("HV0333"))]
    Status {
        /// The address.
        url: String,
        /// The status of the last attempt.
        status: u16,
        /// What to do about this status.
        #[help]
        advice: Option<&'static str>,
    },

    /// What is offered exceeds the limit.
    #[error("`{url}` is larger than the {limit} bytes that hive downloads")]
    #[diagnostic(code("HV0334"))]
    TooLarge {
        /// The address.
        url: String,
        /// The limit, in bytes.
        limit: u64,
    },

    /// The connection ended before the announced length was there.
    #[error("the download of `{url}` broke off after {received} bytes{}", of_announced(*announced))]
    #[diagnostic(code("HV0335"), help("run the command again"))]
    BrokenOff {
        /// The address.
        url: String,
        /// How many bytes arrived in the last attempt.
        received: u64,
        /// How many were announced; `None` when the server did not say.
        announced: Option<u64>,
        /// What the connection met; `None` when it just ended.
        source: Option<io::Error>,
    },

    /// The bytes are not those that were asked for.
    #[error("`{url}` has sha256 {found}, expected {expected}")]
    #[diagnostic(
        code("HV0336"),
        help(
            "nothing was kept; if the release was really replaced, correct the recipe's `sha256` and run `hive lock`"
        )
    )]
    Mismatch {
        /// The address.
        url: String,
        /// The hash that the index, the recipe or the lock names.
        expected: String,
        /// The hash of what arrived.
        found: String,
    },

    /// The file of trusted certificates is of no use.
    #[error("`{}` holds no certificates to trust", path.display())]
    #[diagnostic(code("HV0337"), help("`PIP_CERT` and pip's `global.cert` name a file of PEM certificates"))]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; `None` when it holds no certificate.
        source: Option<Box<ureq::Error>>,
    },

    /// The address is of a kind that hive does not fetch.
    #[error("`{url}` is neither `http`, `https` nor `file`")]
    #[diagnostic(code("HV0339"))]
    Scheme {
        /// The address.
        url: String,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

impl Error {
    /// Tells whether the same request may succeed a moment later.
    fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::BrokenOff { .. } => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}

/// A page, read as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the page finally came from, after all redirects; relative links start here.
    pub url: Url,
    /// What the server says the page is; `None` when it does not say.
    pub content_type: Option<String>,
    /// The page.
    pub body: Vec<u8>,
}

/// A file that has arrived in a temporary place, and is gone when dropped.
#[derive(Debug)]
pub struct Received {
    /// The temporary file.
    pub file: NamedTempFile,
    /// The SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
    /// How many bytes it has.
    pub byte_count: u64,
}

/// Speaks HTTP: with the environment's proxies, the system's trust store, and a bound on every wait.
#[derive(Debug)]
pub struct Client {
    agent: ureq::Agent,
}

impl Client {
    /// Returns a client that trusts the system's store, or only the PEM file `certificates` where there is one.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Certificates`] when that file holds no certificates.
    pub fn new(certificates: Option<&Path>) -> Result<Self, Error> {
        let roots = match certificates {
            Some(path) => RootCerts::new_with_certs(&certificates_of(path)?),
            // Behind an inspecting proxy only the system's store knows the proxy's certificate. The verifier also
            // honours `SSL_CERT_FILE` and `SSL_CERT_DIR`.
            None => RootCerts::PlatformVerifier,
        };
        let config = ureq::Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .proxy(ureq::Proxy::try_from_env())
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .user_agent(concat!("hive/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(RESPONSE_TIMEOUT))
            .timeout_per_read(Some(READ_TIMEOUT))
            .build();
        Ok(Self { agent: config.into() })
    }

    /// Returns what the other files of this floor speak HTTP with.
    pub(super) fn agent(&self) -> &ureq::Agent {
        &self.agent
    }

    /// Reads a page into memory. A `file://` folder is answered by its `index.html`.
    ///
    /// # Errors
    ///
    /// Returns the [`Error`] of the last attempt.
    pub fn page(&self, url: &Url, accept: &str) -> Result<Page, Error> {
        repeated(|| {
            let mut answer = self.open(url, accept)?;
            let mut body = Vec::new();
            answer.copy(&mut body, Path::new("memory"), PAGE_BYTES_MAX, &mut |_| {})?;
            Ok(Page { url: answer.url, content_type: answer.content_type, body })
        })
    }

    /// Downloads a file into a temporary one in `folder`, hashing it on the way.
    ///
    /// # Errors
    ///
    /// Returns the [`Error`] of the last attempt, [`Error::Mismatch`] when `expected` is another hash.
    pub fn file(
        &self,
        url: &Url,
        expected: Option<&str>,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<Received, Error> {
        let received = repeated(|| {
            let mut answer = self.open(url, "*/*")?;
            let mut sink = Hashing::new(files::temporary_file(folder)?);
            progress.begin(&format!("download {}", file_name(url)), answer.announced);
            answer.copy(&mut sink, folder, FILE_BYTES_MAX, &mut |count| {
                progress.advance(count);
            })?;
            progress.end();
            let (file, sha256, byte_count) = sink.finish();
            Ok(Received { file, sha256, byte_count })
        })?;
        match expected {
            Some(expected) if !expected.eq_ignore_ascii_case(&received.sha256) => Err(Error::Mismatch {
                url: shown(url),
                expected: expected.to_ascii_lowercase(),
                found: received.sha256,
            }),
            _ => Ok(received),
        }
    }

    fn open(&self, url: &Url, accept: &str) -> Result<Answer, Error> {
        match url.scheme() {
            "http" | "https" => self.open_http(url, accept),
            "file" => open_file(url),
            _ => Err(Error::Scheme { url: shown(url) }),
        }
    }

    fn open_http(&self, url: &Url, accept: &str) -> Result<Answer, Error> {
        let mut bare = without_credentials(url);
        bare.set_fragment(None);
        let mut request = self.agent.get(bare.as_str()).header("Accept", accept);
        if accept == "*/*" {
            // A server that compresses an archive once more would break its hash.
            request = request.header("Accept-Encoding", "identity");
        }
        if let Some(authorization) = authorization(url) {
            request = request.header("Authorization", authorization);
        }
        let mut config = request.config().https_only(url.scheme() == "https");
        if is_loopback(url) {
            // A proxy's loopback is another machine's.
            config = config.proxy(None);
        }
        let response = config.build().call().map_err(|source| refused(url, source))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Err(Error::Missing { url: shown(url) }),
            status => {
                return Err(Error::Status { url: shown(url), status, advice: advice_for(status) });
            }
        }
        let final_url = Url::parse(&response.get_uri().to_string()).unwrap_or(bare);
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let content_type = header("content-type");
        let announced = match header("content-encoding") {
            None => header("content-length").and_then(|length| length.parse().ok()),
            // The length is that of the compressed bytes, which are not the ones that are counted.
            Some(_) => None,
        };
        Ok(Answer { url: final_url, content_type, announced, reader: Box::new(response.into_body().into_reader()) })
    }
}

/// An answer whose body has not been read yet.
struct Answer {
    url: Url,
    content_type: Option<String>,
    announced: Option<u64>,
    reader: Box<dyn Read>,
}

impl Answer {
    /// Copies the body into `sink`, which writes to `place`.
    fn copy(
        &mut self,
        sink: &mut dyn Write,
        place: &Path,
        limit: u64,
        advance: &mut dyn FnMut(u64),
    ) -> Result<(), Error> {
        let too_large = || Error::TooLarge { url: shown(&self.url), limit };
        if self.announced.is_some_and(|announced| announced > limit) {
            return Err(too_large());
        }
        let broken_off =
            |received, source| Error::BrokenOff { url: shown(&self.url), received, announced: self.announced, source };
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut received = 0;
        loop {
            let count = match self.reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken_off(received, Some(error))),
            };
            received += count as u64;
            if received > limit {
                return Err(too_large());
            }
            sink.write_all(&chunk[..count]).map_err(files::Error::writing(place))?;
            advance(count as u64);
        }
        match self.announced {
            Some(announced) if announced != received => Err(broken_off(received, None)),
            _ => Ok(()),
        }
    }
}

fn repeated<T>(mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPT_COUNT_MAX {
        match attempt() {
            Err(error) if error.is_passing() => thread::sleep(pause),
            outcome => return outcome,
        }
        pause *= 2;
    }
    attempt()
}

fn open_file(url: &Url) -> Result<Answer, Error> {
    let mut path = url.to_file_path().map_err(|()| Error::Scheme { url: shown(url) })?;
    if path.is_dir() {
        path.push("index.html");
    }
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Error::Missing { url: shown(url) },
        _ => files::Error::reading(&path)(error).into(),
    };
    let file = fs::File::open(&path).map_err(missing)?;
    let announced = file.metadata().map_err(missing)?.len();
    Ok(Answer { url: url.clone(), content_type: None, announced: Some(announced), reader: Box::new(file) })
}

fn refused(url: &Url, source: ureq::Error) -> Error {
    let is_handshake = match &source {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::RequireHttpsOnly(_) => true,
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
        _ => false,
    };
    let (url, source) = (shown(url), Box::new(source));
    if is_handshake { Error::Untrusted { url, source } } else { Error::Unreachable { url, source } }
}

fn advice_for(status: u16) -> Option<&'static str> {
    match status {
        401 | 403 | 407 => Some("check the credentials in the index address, or those of the proxy"),
        429 | 500.. => Some("the server is overloaded or broken: try again later"),
        _ => None,
    }
}

fn of_announced(announced: Option<u64>) -> String {
    announced.map(|announced| format!(" of {announced}")).unwrap_or_default()
}

fn certificates_of(path: &Path) -> Result<Vec<ureq::tls::Certificate<'static>>, Error> {
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&files::read(path)?) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => {
                return Err(Error::Certificates { path: path.to_owned(), source: Some(Box::new(error)) });
            }
        }
    }
    if certificates.is_empty() {
        return Err(Error::Certificates { path: path.to_owned(), source: None });
    }
    Ok(certificates)
}
