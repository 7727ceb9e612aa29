//! How does the service tell what happens: lines for people, or an object a line?

use std::io::IsTerminal as _;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lines for people.
    Text,
    /// An object a line.
    Json,
}

/// Begins to log, to standard error; panics of handlers and jobs are in the log, too.
pub fn begin(form: Form) {
    let writer = BoxMakeWriter::new(std::io::stderr);
    let has_colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // Where somebody else logs already, that goes on.
    let _ = tracing::subscriber::set_global_default(subscriber(form, writer, has_colour, SystemTime));
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = panic.payload_as_str().unwrap_or("a panic without words");
        tracing::error!(place, said, "a bug of hive: something panicked");
    }));
}

/// Returns what writes the log, for whoever wants it elsewhere.
pub fn subscriber<T>(
    form: Form,
    writer: BoxMakeWriter,
    has_colour: bool,
    time: T,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    T: FormatTime + Send + Sync + 'static,
{
    let plain = tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_timer(time).with_writer(writer);
    match form {
        Form::Text => Box::new(plain.with_target(false).with_ansi(has_colour).finish()),
        Form::Json => Box::new(plain.with_target(false).json().flatten_event(true).with_ansi(false).finish()),
    }
}
