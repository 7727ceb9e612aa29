//! How does a stream of any size pass between blocking code and the engine, in little memory?

use std::io;
use std::io::Read;
use std::io::Write;
use std::panic;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;

use bollard::errors::Error as Fault;
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::mpsc;

use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::progress::Progress;

/// How much is gathered before it is sent, in bytes.
const PIECE_BYTES: usize = 256 * 1024;

/// How many pieces wait to be sent.
const PIECE_COUNT_MAX: usize = 8;

/// One piece of what is sent.
enum Piece {
    Bytes(Vec<u8>),
    /// Nothing follows. Without it, what was sent is not whole, and the request has to break off.
    End,
}

/// What is sent, piece by piece.
pub(super) type Outgoing = Pin<Box<dyn Stream<Item = io::Result<Vec<u8>>> + Send>>;

/// Sends what `produce` writes on a thread of its own; `deliver` makes the request of it and waits for the answer.
///
/// # Errors
///
/// Returns what `deliver` returns, and [`Error::Local`] when `produce` failed by itself.
pub(super) fn send<T>(
    doing: &'static str,
    progress: &dyn Progress,
    produce: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
    deliver: impl FnOnce(Outgoing) -> Result<T, Error>,
) -> Result<T, Error> {
    let (sender, receiver) = mpsc::channel(PIECE_COUNT_MAX);
    let receiver = Arc::new(Mutex::new(receiver));
    let is_refused = AtomicBool::new(false);
    let (delivered, produced) = thread::scope(|scope| {
        let mut outbox = Outbox { sender, piece: Vec::new(), progress, is_refused: &is_refused };
        let producer = scope.spawn(move || {
            produce(&mut outbox)?;
            outbox.end()
        });
        let delivered = deliver(outgoing(Arc::clone(&receiver)));
        // An engine that has heard enough must not leave the producer waiting.
        receiver.lock().unwrap_or_else(PoisonError::into_inner).close();
        (delivered, producer.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)))
    });
    match produced {
        Err(source) if !is_refused.load(Ordering::Relaxed) => Err(local(source, "writing what is sent", doing)),
        _ => delivered,
    }
}

/// Returns what is wrong, when an engine's answer was read or a request's body was written through `std::io`.
pub(super) fn local(error: io::Error, what: &'static str, doing: &'static str) -> Error {
    error.downcast::<Error>().unwrap_or_else(|source| Error::Local { what, doing, source })
}

fn outgoing(receiver: Arc<Mutex<mpsc::Receiver<Piece>>>) -> Outgoing {
    Box::pin(stream::unfold(Some(receiver), |receiver| async move {
        let receiver = receiver?;
        let next =
            std::future::poll_fn(|context| receiver.lock().unwrap_or_else(PoisonError::into_inner).poll_recv(context));
        match next.await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Piece::End) => None,
            None => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
        }
    }))
}

/// Gathers what is written into pieces.
struct Outbox<'a> {
    sender: mpsc::Sender<Piece>,
    piece: Vec<u8>,
    progress: &'a dyn Progress,
    is_refused: &'a AtomicBool,
}

impl Outbox<'_> {
    fn send(&self, piece: Piece) -> io::Result<()> {
        self.sender.blocking_send(piece).map_err(|_| {
            self.is_refused.store(true, Ordering::Relaxed);
            io::ErrorKind::BrokenPipe.into()
        })
    }

    fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.send(Piece::End)
    }
}

impl Write for Outbox<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = &bytes[..bytes.len().min(PIECE_BYTES - self.piece.len())];
        self.piece.extend_from_slice(taken);
        if self.piece.len() == PIECE_BYTES {
            self.flush()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        let byte_count = piece.len() as u64;
        self.send(Piece::Bytes(piece))?;
        self.progress.advance(byte_count);
        Ok(())
    }
}

/// Reads an answer that comes in pieces.
pub(super) struct Inbox<'e, S, B> {
    engine: &'e Engine,
    doing: &'static str,
    pieces: S,
    /// The piece that is being read, and how far.
    piece: Option<(B, usize)>,
}

impl<'e, S, B> Inbox<'e, S, B>
where
    S: Stream<Item = Result<B, Fault>> + Unpin,
    B: AsRef<[u8]>,
{
    pub(super) fn new(engine: &'e Engine, doing: &'static str, pieces: S) -> Self {
        Self { engine, doing, pieces, piece: None }
    }

    /// Waits for the head of the answer, so that a refusal is told before anything is read.
    pub(super) fn begin(mut self) -> Result<Self, Error> {
        self.piece = self.engine.piece(self.doing, &mut self.pieces)?.map(|piece| (piece, 0));
        Ok(self)
    }
}

impl<S, B> Read for Inbox<'_, S, B>
where
    S: Stream<Item = Result<B, Fault>> + Unpin,
    B: AsRef<[u8]>,
{
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some((piece, read)) = &mut self.piece {
                let rest = &piece.as_ref()[*read..];
                let count = rest.len().min(into.len());
                if count > 0 || into.is_empty() {
                    into[..count].copy_from_slice(&rest[..count]);
                    *read += count;
                    return Ok(count);
                }
            }
            match self.engine.piece(self.doing, &mut self.pieces).map_err(io::Error::other)? {
                Some(piece) => self.piece = Some((piece, 0)),
                None => return Ok(0),
            }
        }
    }
}
