//! Who may ask: whose token, password or session is right?

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use ring::hmac;
use ring::rand::SecureRandom as _;
use ring::rand::SystemRandom;

use crate::service::answer;
use crate::service::bound;
use crate::service::error::Error;

/// The name of the session's cookie.
pub const COOKIE: &str = "hive_session";

/// A text that nobody may see: it is not kept, only what it is compared with, and it is never written.
#[derive(Clone)]
pub struct Secret {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Secret {
    /// Takes a secret. What was given is compared under a key of this process, in a time that does not tell how much is right.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random());
        let tag = hmac::sign(&key, text.as_bytes());
        Self { key, tag }
    }

    /// Returns whether a text is the secret.
    #[must_use]
    pub fn is(&self, given: &str) -> bool {
        hmac::verify(&self.key, given.as_bytes(), self.tag.as_ref()).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// Returns 32 bytes that nobody can guess.
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has random numbers, or nothing here is safe");
    bytes
}

/// Returns an id that nobody can guess.
fn random_id() -> String {
    answer::hex(&random())
}

/// What opens the service.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The token of scripts and of the page.
    pub token: Option<Secret>,
    /// User and password of HTTP Basic; where no user is named, any is right.
    pub password: Option<(Option<String>, Secret)>,
}

impl Keys {
    /// Returns whether a key is needed.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.token.is_some() || self.password.is_some()
    }

    fn opens_with_token(&self, given: &str) -> bool {
        self.token.as_ref().is_some_and(|token| token.is(given))
    }

    /// Hummingbot's clients send nothing but HTTP Basic, so that a token may stand where the password does.
    fn opens_with_basic(&self, user: &str, password: &str) -> bool {
        let is_password = self.password.as_ref().is_some_and(|(name, secret)| {
            let is_user = name.as_deref().is_none_or(|name| Secret::new(name).is(user));
            // Both are compared, whatever the first one says.
            secret.is(password) & is_user
        });
        is_password | self.opens_with_token(password)
    }

    /// Returns whether what somebody typed into the page is right: the token or the password.
    fn opens_with_typed(&self, given: &str) -> bool {
        self.opens_with_token(given) | self.password.as_ref().is_some_and(|(_, secret)| secret.is(given))
    }
}

/// Keys, and the sessions that were opened with them.
#[derive(Debug)]
pub struct Access {
    keys: Keys,
    /// Whether the cookie travels on encrypted connections only.
    is_encrypted: bool,
    sessions: Mutex<IndexMap<String, Instant>>,
    wrong: Mutex<Option<(Instant, u32)>>,
}

impl Access {
    /// Begins without sessions.
    #[must_use]
    pub fn new(keys: Keys, is_encrypted: bool) -> Self {
        Self { keys, is_encrypted, sessions: Mutex::default(), wrong: Mutex::default() }
    }

    /// Returns whether a key is needed.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.keys.is_locked()
    }

    /// Lets a request in, or says why not.
    ///
    /// # Errors
    ///
    /// Refuses where no credentials, or wrong ones, were sent.
    pub fn check(&self, headers: &HeaderMap, now: Instant) -> Result<(), Error> {
        if !self.is_locked() {
            return Ok(());
        }
        if self.has_session(headers, now) {
            return Ok(());
        }
        let Some(given) = headers.get(header::AUTHORIZATION) else {
            return Err(Error::Unauthorised { is_wrong: false });
        };
        if given.to_str().is_ok_and(|given| self.opens(given)) { Ok(()) } else { Err(self.refuse(now)) }
    }

    /// Returns whether the request carries the cookie of a session that lasts.
    #[must_use]
    pub fn has_session(&self, headers: &HeaderMap, now: Instant) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |id: &str| sessions.get(id).is_some_and(|until| now < *until);
        cookies(headers).any(lasts)
    }

    /// Opens a session for who typed the token or the password; returns the cookie to be set.
    ///
    /// # Errors
    ///
    /// Refuses what is neither.
    pub fn open(&self, typed: &str, now: Instant) -> Result<String, Error> {
        if self.is_locked() && !self.keys.opens_with_typed(typed) {
            return Err(self.refuse(now));
        }
        let id = random_id();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, until| now < *until);
        while sessions.len() >= bound::SESSIONS_MAX {
            sessions.shift_remove_index(0);
        }
        sessions.insert(id.clone(), now + bound::SESSION_TIME_MAX);
        Ok(self.cookie(&id, bound::SESSION_TIME_MAX.as_secs()))
    }

    /// Ends the request's session; returns the cookie that makes the browser forget it.
    #[must_use]
    pub fn close(&self, headers: &HeaderMap) -> String {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        for id in cookies(headers) {
            sessions.shift_remove(id);
        }
        self.cookie("", 0)
    }

    fn cookie(&self, id: &str, seconds: u64) -> String {
        let secure = if self.is_encrypted { "; Secure" } else { "" };
        format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
    }

    fn opens(&self, authorization: &str) -> bool {
        let Some((scheme, rest)) = authorization.split_once(' ') else {
            return false;
        };
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.keys.opens_with_token(rest);
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return false;
        }
        let decoded = STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        pair.is_some_and(|(user, password)| self.keys.opens_with_basic(user, password))
    }

    /// Counts a wrong guess, and answers it as long as there are few.
    fn refuse(&self, now: Instant) -> Error {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = match *wrong {
            Some((since, count)) if now.duration_since(since) < bound::WRONG_TIME => (since, count + 1),
            _ => (now, 1),
        };
        *wrong = Some((since, count));
        if count > bound::WRONG_MAX { Error::TooManyWrong } else { Error::Unauthorised { is_wrong: true } }
    }
}

/// Returns the values of the session's cookie: more than one where somebody has set some for other paths.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}
