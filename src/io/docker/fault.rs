//! What does a fault of the connection mean, for what the engine was asked to do?

use std::error;
use std::io;
use std::time::Duration;

use bollard::errors::Error as Fault;

use crate::io::docker::Address;
use crate::io::docker::Error;

impl Error {
    /// Returns what a fault of the connection means, for what the engine was asked to do.
    pub(super) fn of(fault: Fault, doing: &'static str, address: &Address) -> Self {
        match fault {
            Fault::DockerResponseServerError { status_code, message } => Self::answered(status_code, &message, doing),
            Fault::DockerStreamError { error } => Self::failed(&error, doing),
            Fault::JsonDataError { .. }
            | Fault::JsonSerdeError { .. }
            | Fault::StrParseError { .. }
            | Fault::HttpHeaderNotFoundError(_)
            | Fault::HttpHeaderToStrError { .. }
            | Fault::Base64DecodeError { .. } => Self::Unreadable { doing, source: Box::new(fault) },
            Fault::SocketNotFoundError(_) => Self::NoEngine { address: address.to_string(), source: Box::new(fault) },
            Fault::HyperLegacyError { ref err } if err.is_connect() => Self::unconnected(fault, address),
            _ => Self::Gone { doing, source: Box::new(fault) },
        }
    }

    /// Returns the error for an answer that did not come.
    pub(super) fn silent(doing: &'static str, limit: Duration) -> Self {
        Self::Silent { doing, seconds: limit.as_secs_f64() }
    }

    /// Returns the error for a message at the end of a stream.
    pub(super) fn failed(message: &str, doing: &'static str) -> Self {
        let message = message.trim().to_owned();
        if is_full(&message) { Self::NoSpace { doing, message } } else { Self::Failed { doing, message } }
    }

    fn unconnected(fault: Fault, address: &Address) -> Self {
        let address = address.to_string();
        match io_kind(&fault) {
            Some(io::ErrorKind::PermissionDenied) => Self::Forbidden { address, source: Box::new(fault) },
            _ => Self::NoEngine { address, source: Box::new(fault) },
        }
    }

    fn answered(status: u16, message: &str, doing: &'static str) -> Self {
        let message = message.trim().to_owned();
        match status {
            _ if is_full(&message) => Self::NoSpace { doing, message },
            404 => Self::Unknown { doing, message },
            409 => Self::Conflict { doing, message },
            _ => Self::Refused { doing, status, message },
        }
    }

    /// Tells whether the engine only said that nothing stands at a path. What leads through a file is not there either, which
    /// engines take for a fault of their own.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::Unknown { .. } => true,
            Self::Refused { message, .. } => message.ends_with("not a directory"),
            _ => false,
        }
    }

    /// Says which program does not start, where the engine only said that the container does not.
    pub(super) fn about_start(self, command: &str, image: &str) -> Self {
        match self {
            Self::Refused { status: 400, message, .. } => {
                Self::NotStarted { command: command.to_owned(), image: image.to_owned(), message }
            }
            other => other,
        }
    }

    /// Says which image is not there, where the engine only said that something is not.
    pub(super) fn about_image(self, reference: &str) -> Self {
        match self {
            Self::Unknown { .. } => Self::NoImage { reference: reference.to_owned() },
            other => other,
        }
    }
}

/// Tells whether a message is about a disk without space.
pub(super) fn is_full(message: &str) -> bool {
    ["no space left on device", "disk quota exceeded"].iter().any(|text| message.to_lowercase().contains(text))
}

/// Returns what the system said at the bottom of a fault.
fn io_kind(fault: &(dyn error::Error + 'static)) -> Option<io::ErrorKind> {
    let mut next = Some(fault);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        next = error.source();
    }
    None
}
