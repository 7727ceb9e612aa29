//! How are the candles of a file read, or those of a generator?

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::io::files;
use crate::io::parquet;
use crate::market::Candles;
use crate::market::synthetic::Walk;
use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Synthetic;
use crate::workflow::Error;
use crate::workflow::Project;

/// The largest candle file that is unpacked, in bytes: a century of minutes.
const CANDLE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// Fewer rows than these are parsed as fast as they are looked up.
const CACHED_ROWS_MIN: usize = 10_000;

/// Reads the candles that a recipe names, with their checksum, `sha256:…`.
///
/// # Errors
///
/// Names the file and the line that is wrong.
pub fn source(project: &Project, source: &CandleSource) -> Result<(Candles, String), Error> {
    match source {
        CandleSource::File(file) => {
            let (candles, sha256) = self::file(project, file)?;
            Ok((candles, format!("sha256:{sha256}")))
        }
        CandleSource::Synthetic(synthetic) => {
            Ok((walk(synthetic).candles(), format!("sha256:{}", synthetic_sha256(synthetic))))
        }
    }
}

/// Returns the walk that a recipe describes.
pub(super) fn walk(synthetic: &Synthetic) -> Walk {
    // The texts were checked when the recipe was resolved.
    let number = |text: &str| text.parse::<f64>().unwrap_or(1.0);
    Walk {
        seed: synthetic.seed,
        rows: synthetic.rows as usize,
        start: synthetic.start,
        interval: synthetic.interval,
        price: number(&synthetic.price),
        tick: number(&synthetic.tick),
        volume: number(&synthetic.volume),
        volatility_bps: f64::from(synthetic.volatility_bps),
    }
}

/// Returns what made-up candles are known by: the hash of what they are made from.
pub(super) fn synthetic_sha256(synthetic: &Synthetic) -> String {
    files::sha256_hex(format!("{synthetic:?}").as_bytes())
}

/// Reads a candle file, or the columns that it was parsed to before; returns them with the file's hash.
///
/// The columns are found by the hash of the whole file. The lock and every report name that hash anyway, so it costs nothing
/// more, and unlike a time stamp it never mistakes one file for another.
///
/// # Errors
///
/// Names the file and the line that is wrong.
pub fn file(project: &Project, file: &str) -> Result<(Candles, String), Error> {
    let (path, cache) = (project.path(file), project.cache());
    let sha256 = files::sha256_of_file(&path)?;
    if let Some(candles) = cache.candles(&sha256) {
        return Ok((candles, sha256));
    }
    let bytes = files::read(&path)?;
    // Somebody may have written to the file in the meantime.
    let sha256 = files::sha256_hex(&bytes);
    let candles = parse(bytes, file)?;
    if candles.len() >= CACHED_ROWS_MIN {
        // Where nothing can be written, the file is parsed each time.
        let _ = cache.keep_candles(&sha256, &candles);
    }
    Ok((candles, sha256))
}

/// Parses the bytes of a candle file: CSV, gzipped CSV or Parquet, as its first bytes tell.
///
/// # Errors
///
/// Names the file and the line that is wrong.
pub fn parse(bytes: Vec<u8>, file: &str) -> Result<Candles, Error> {
    if bytes.starts_with(parquet::MAGIC) {
        return parquet::read(bytes).map_err(|source| Error::Parquet { file: file.to_owned(), source });
    }
    let format = || Error::CandleFormat { file: file.to_owned() };
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).take(CANDLE_BYTES_MAX).read_to_string(&mut text).map_err(|_| format())?;
        Cow::Owned(text)
    } else {
        Cow::Borrowed(std::str::from_utf8(&bytes).map_err(|_| format())?)
    };
    Candles::parse_csv(&text).map_err(|source| Error::Candles { file: file.to_owned(), source })
}
