//! How do parsed candles stand on the disk, so that a file is parsed once?
//!
//! ```text
//! hive candles 1, hive 0.1.0, sha256 HEX\n    what it is, who wrote it, the hash of the file that was parsed
//! row count                                  64 bits
//! time, open, high, low, close, volume       a column after the other: whole numbers, then floats, of 64 bits
//! CRC-32                                     32 bits, of all that stands before
//! ```
//!
//! Numbers are little-endian. Whatever is not exactly so is as good as absent: the candles are parsed again. The version of
//! hive is part of it because another one may read a file otherwise.

use std::io;
use std::io::Read;

use crc32fast::Hasher;

use crate::io::files::CHUNK_BYTES;
use crate::market::Candles;

/// To be counted up whenever the layout changes.
const FORMAT: u32 = 1;

const WORD_BYTES: usize = size_of::<u64>();
const COLUMN_COUNT: usize = 6;

fn header(sha256: &str) -> String {
    format!("hive candles {FORMAT}, hive {}, sha256 {sha256}\n", env!("CARGO_PKG_VERSION"))
}

/// Returns the bytes of candles that a file with this hash was parsed to.
#[must_use]
pub fn written(candles: &Candles, sha256: &str) -> Vec<u8> {
    let header = header(sha256);
    let size = header.len() + WORD_BYTES * (1 + COLUMN_COUNT * candles.len()) + size_of::<u32>();
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend((candles.len() as u64).to_le_bytes());
    bytes.extend(candles.time.iter().flat_map(|time| time.to_le_bytes()));
    for column in [&candles.open, &candles.high, &candles.low, &candles.close, &candles.volume] {
        bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Reads the candles of a file with this hash; `None` where the bytes are not exactly what [`written`] returns for some.
///
/// `byte_count` is how many there are: nothing is made room for that is not there.
pub fn read(from: &mut impl Read, byte_count: u64, sha256: &str) -> Option<Candles> {
    let header = header(sha256);
    let mut source = Source { from, hasher: Hasher::new(), chunk: vec![0; CHUNK_BYTES] };
    if source.next(header.len()).ok()? != header.as_bytes() {
        return None;
    }
    let rows = u64::from_le_bytes(source.next(WORD_BYTES).ok()?.try_into().ok()?);
    let payload = rows.checked_mul((COLUMN_COUNT * WORD_BYTES) as u64)?;
    let around = (header.len() + WORD_BYTES + size_of::<u32>()) as u64;
    if payload.checked_add(around)? != byte_count {
        return None;
    }
    let rows = usize::try_from(rows).ok()?;
    let candles = Candles {
        time: source.column(rows, i64::from_le_bytes).ok()?,
        open: source.column(rows, f64::from_le_bytes).ok()?,
        high: source.column(rows, f64::from_le_bytes).ok()?,
        low: source.column(rows, f64::from_le_bytes).ok()?,
        close: source.column(rows, f64::from_le_bytes).ok()?,
        volume: source.column(rows, f64::from_le_bytes).ok()?,
    };
    let expected = source.hasher.clone().finalize().to_le_bytes();
    (source.next(expected.len()).ok()? == expected).then_some(candles)
}

/// Bytes that are hashed as they are read.
struct Source<'a, R> {
    from: &'a mut R,
    hasher: Hasher,
    chunk: Vec<u8>,
}

impl<R: Read> Source<'_, R> {
    /// Reads bytes, at most [`CHUNK_BYTES`].
    fn next(&mut self, count: usize) -> io::Result<&[u8]> {
        let chunk = &mut self.chunk[..count];
        self.from.read_exact(chunk)?;
        self.hasher.update(chunk);
        Ok(chunk)
    }

    fn column<T>(&mut self, rows: usize, number: fn([u8; WORD_BYTES]) -> T) -> io::Result<Vec<T>> {
        let mut column = Vec::with_capacity(rows);
        while column.len() < rows {
            let count = (rows - column.len()).min(CHUNK_BYTES / WORD_BYTES);
            let (words, _) = self.next(count * WORD_BYTES)?.as_chunks();
            column.extend(words.iter().map(|word| number(*word)));
        }
        Ok(column)
    }
}
