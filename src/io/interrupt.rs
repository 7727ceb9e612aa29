//! Has the user asked hive to stop while something runs that has to be stopped first?
//!
//! A program in a group of its own, or a container, does not hear the terminal's Ctrl-C. While a [`Listening`] lives, hive
//! hears it instead of dying of it, so that whoever waits can stop what runs and return. At all other times Ctrl-C does
//! what it always does.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use signal_hook::consts::SIGHUP;
use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;

/// What is known of the signals of this process: there is one set of them.
#[derive(Debug, Default)]
struct Signals {
    /// How many wait for something.
    listening: AtomicUsize,
    /// Whether none does, so that a signal ends hive at once.
    idle: Arc<AtomicBool>,
    /// Whether a signal came while somebody listened.
    raised: Arc<AtomicBool>,
}

static SIGNALS: OnceLock<Signals> = OnceLock::new();

/// Hears Ctrl-C, and the signals that ask hive to end, as long as it lives.
#[derive(Debug)]
pub struct Listening(&'static Signals);

impl Listening {
    /// Begins to listen.
    #[must_use]
    pub fn begin() -> Self {
        let signals = SIGNALS.get_or_init(|| {
            let signals = Signals { idle: Arc::new(AtomicBool::new(true)), ..Signals::default() };
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                // Where a signal cannot be listened to, it ends hive as before.
                let _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&signals.idle));
                let _ = signal_hook::flag::register(signal, Arc::clone(&signals.raised));
            }
            signals
        });
        signals.listening.fetch_add(1, Ordering::SeqCst);
        signals.idle.store(false, Ordering::SeqCst);
        Self(signals)
    }

    /// Returns whether hive was asked to stop.
    #[must_use]
    pub fn is_asked_to_stop(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if self.0.listening.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.store(true, Ordering::SeqCst);
        }
    }
}
