//! How are candles read from a Parquet file?
//!
//! Columns are found by name, whatever their order: `timestamp`, `open`, `high`, `low`, `close`, `volume`; others are ignored.
//! Prices and volumes are numbers of any width. A timestamp is a date and time of any unit, or a number, in which case its
//! size tells whether it counts seconds, milliseconds, microseconds or nanoseconds; a number may be a float.

use parquet::basic::ConvertedType;
use parquet::basic::LogicalType;
use parquet::basic::TimeUnit;
use parquet::basic::Type;
use parquet::column::reader::ColumnReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::types::ColumnDescriptor;

use crate::market::Candles;

/// What a Parquet file begins with.
pub const MAGIC: &[u8] = b"PAR1";

/// The most rows that are read, as many as a candle file of 4 GiB has.
pub const ROWS_MAX: i64 = 90_000_000;

/// The columns, in the order in which they are read.
const NAMES: [&str; 6] = ["timestamp", "open", "high", "low", "close", "volume"];

/// How many rows are read at once.
const CHUNK_ROWS: usize = 65_536;

/// Epoch seconds beyond the year 9999 are milliseconds or finer.
const LATEST_SECOND: i64 = 253_402_300_799;

const NANOSECONDS: i64 = 1_000_000_000;

/// What is wrong with a Parquet file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what the fields hold")]
pub enum Error {
    /// The file cannot be read at all.
    #[error("the file is damaged, or of a kind that is not read")]
    Format(#[source] Box<ParquetError>),
    /// There are too many rows.
    #[error("{rows} rows are more than the {ROWS_MAX} that are read")]
    TooMany { rows: i64 },
    /// There is no row.
    #[error("there are no candles")]
    Empty,
    /// A column is not there.
    #[error("there is no column `{name}` among {found}")]
    Missing { name: &'static str, found: String },
    /// A column is of a type that is no number and no time.
    #[error("column `{name}` is of type {found}, but {expected} was expected")]
    Kind { name: &'static str, found: String, expected: &'static str },
    /// A value is not there.
    #[error("row {row}: `{name}` is null")]
    Null { row: usize, name: &'static str },
    /// A number is NaN or infinite.
    #[error("row {row}: `{name}` is not finite")]
    NotFinite { row: usize, name: &'static str },
    /// A price is zero or negative.
    #[error("row {row}: `{name}` is {value}, but prices are greater than zero")]
    NotPositive { row: usize, name: &'static str, value: f64 },
    /// A timestamp has a fraction of a second.
    #[error("row {row}: the timestamp is not a whole number of seconds")]
    FractionalTime { row: usize },
    /// A row is not later than the row before.
    #[error("row {row} has timestamp {time}, which is not after {previous} of the row before")]
    NotRising { row: usize, time: i64, previous: i64 },
}

impl From<ParquetError> for Error {
    fn from(error: ParquetError) -> Self {
        Self::Format(Box::new(error))
    }
}

/// The values of a column.
enum Values {
    Whole(Vec<i64>),
    Float(Vec<f64>),
}

/// Reads the candles of a file's bytes.
///
/// # Errors
///
/// Names the column, and the row counted from 1, that is wrong.
pub fn read(bytes: Vec<u8>) -> Result<Candles, Error> {
    // The library asserts what its own writers keep to, and a file may be damaged anywhere.
    let read = std::panic::catch_unwind(|| read_sound(bytes));
    read.unwrap_or_else(|_| Err(damaged("what it says of itself does not hold")))
}

fn damaged(what: &str) -> Error {
    Error::Format(Box::new(ParquetError::General(what.to_owned())))
}

fn read_sound(bytes: Vec<u8>) -> Result<Candles, Error> {
    let byte_count = bytes.len() as u64;
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes))?;
    let metadata = reader.metadata().file_metadata();
    let rows = metadata.num_rows();
    if rows > ROWS_MAX {
        return Err(Error::TooMany { rows });
    }
    let columns = metadata.schema_descr().columns();
    let mut places = Vec::with_capacity(NAMES.len());
    for name in NAMES {
        let place = columns.iter().position(|column| {
            let path = column.path().parts();
            path.len() == 1 && path[0].eq_ignore_ascii_case(name)
        });
        let found = || columns.iter().map(|column| format!("`{}`", column.path())).collect::<Vec<_>>().join(", ");
        places.push(place.ok_or_else(|| Error::Missing { name, found: found() })?);
    }
    let mut all: Vec<Values> = Vec::with_capacity(NAMES.len());
    for (name, place) in NAMES.into_iter().zip(&places) {
        let column = &columns[*place];
        let unit = unit(name, column)?;
        let mut values: Option<Values> = None;
        let mut row = 0;
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            check_place(group.metadata().column(*place), byte_count)?;
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
            let read = read_column(name, group.get_column_reader(*place)?, column, rows, row)?;
            row += rows;
            match (&mut values, read) {
                (None, read) => values = Some(read),
                (Some(Values::Whole(values)), Values::Whole(more)) => values.extend(more),
                (Some(Values::Float(values)), Values::Float(more)) => values.extend(more),
                // All groups of a file have the same columns.
                (Some(_), _) => return Err(kind(name, column, "one type")),
            }
        }
        let values = values.ok_or(Error::Empty)?;
        all.push(if name == NAMES[0] { Values::Whole(seconds(values, unit)?) } else { values });
    }
    candles(all)
}

/// Checks that a column of a group of rows is inside the file: the library takes it for granted.
fn check_place(column: &ColumnChunkMetaData, byte_count: u64) -> Result<(), Error> {
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let place = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
    match place {
        Some((start, length)) if start.saturating_add(length) <= byte_count => Ok(()),
        _ => Err(damaged("a column is outside of the file")),
    }
}

/// Reads a column of a group of rows; `before` is how many rows are before the group.
fn read_column(
    name: &'static str,
    reader: ColumnReader,
    column: &ColumnDescriptor,
    rows: usize,
    before: usize,
) -> Result<Values, Error> {
    let level_max = column.max_def_level();
    Ok(match reader {
        ColumnReader::Int32ColumnReader(reader) => {
            Values::Whole(values(name, reader, level_max, rows, before)?.into_iter().map(i64::from).collect())
        }
        ColumnReader::Int64ColumnReader(reader) => Values::Whole(values(name, reader, level_max, rows, before)?),
        ColumnReader::Int96ColumnReader(reader) => {
            let all = values(name, reader, level_max, rows, before)?;
            Values::Whole(all.iter().map(parquet::data_type::Int96::to_nanos).collect())
        }
        ColumnReader::FloatColumnReader(reader) => {
            Values::Float(values(name, reader, level_max, rows, before)?.into_iter().map(f64::from).collect())
        }
        ColumnReader::DoubleColumnReader(reader) => Values::Float(values(name, reader, level_max, rows, before)?),
        _ => return Err(kind(name, column, "a number")),
    })
}

fn values<T: DataType>(
    name: &'static str,
    mut reader: ColumnReaderImpl<T>,
    level_max: i16,
    rows: usize,
    before: usize,
) -> Result<Vec<T::T>, Error> {
    let mut all: Vec<T::T> = Vec::new();
    let mut row = 0;
    while row < rows {
        let mut levels = Vec::new();
        let (count, found, _) = reader.read_records(CHUNK_ROWS.min(rows - row), Some(&mut levels), None, &mut all)?;
        if count == 0 {
            return Err(damaged(&format!("column {name} ends after {row} rows of {rows}")));
        }
        if found < count {
            let null = levels.iter().position(|level| *level < level_max).unwrap_or_default();
            return Err(Error::Null { row: before + row + null + 1, name });
        }
        row += count;
    }
    Ok(all)
}

/// Returns how many units of a column of times are in a second; `None` where its type does not say.
fn unit(name: &'static str, column: &ColumnDescriptor) -> Result<Option<i64>, Error> {
    let physical = column.physical_type();
    let is_number = matches!(physical, Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE);
    let logical = column.logical_type_ref();
    let is_time = name == NAMES[0];
    let expected = if is_time { "a date and time, or a number" } else { "a number" };
    if column.max_rep_level() > 0 || matches!(logical, Some(LogicalType::Decimal { .. })) {
        return Err(kind(name, column, expected));
    }
    if !is_time {
        return if is_number { Ok(None) } else { Err(kind(name, column, expected)) };
    }
    match (logical, column.converted_type(), physical) {
        (_, _, Type::INT96) => Ok(Some(NANOSECONDS)),
        (Some(LogicalType::Timestamp(time)), ..) => Ok(Some(match time.unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => NANOSECONDS,
        })),
        (_, ConvertedType::TIMESTAMP_MILLIS, _) => Ok(Some(1_000)),
        (_, ConvertedType::TIMESTAMP_MICROS, _) => Ok(Some(1_000_000)),
        (Some(LogicalType::Date | LogicalType::Time(_)), ..) => Err(kind(name, column, expected)),
        _ if is_number => Ok(None),
        _ => Err(kind(name, column, expected)),
    }
}

fn kind(name: &'static str, column: &ColumnDescriptor, expected: &'static str) -> Error {
    let found = match column.logical_type_ref() {
        Some(logical) => format!("{logical:?}"),
        None => format!("{:?}", column.physical_type()),
    };
    Error::Kind { name, found, expected }
}

/// Returns times in seconds.
fn seconds(values: Values, unit: Option<i64>) -> Result<Vec<i64>, Error> {
    let whole = match values {
        Values::Whole(values) => values,
        Values::Float(values) => {
            let whole = |(row, value): (usize, f64)| {
                if !value.is_finite() {
                    return Err(Error::NotFinite { row: row + 1, name: NAMES[0] });
                }
                if value.fract() != 0.0 || value.abs() >= i64::MAX as f64 {
                    return Err(Error::FractionalTime { row: row + 1 });
                }
                #[allow(clippy::cast_possible_truncation, reason = "whole and within bounds, as checked above")]
                Ok(value as i64)
            };
            values.into_iter().enumerate().map(whole).collect::<Result<_, _>>()?
        }
    };
    // The latest is the largest, and one unit holds for all.
    let latest = whole.iter().copied().max().unwrap_or_default();
    let by_size = || [1, 1_000, 1_000_000].into_iter().find(|by| latest / by <= LATEST_SECOND);
    let unit = unit.unwrap_or_else(|| by_size().unwrap_or(NANOSECONDS));
    let second = |(row, value): (usize, i64)| {
        if value.rem_euclid(unit) == 0 {
            Ok(value.div_euclid(unit))
        } else {
            Err(Error::FractionalTime { row: row + 1 })
        }
    };
    whole.into_iter().enumerate().map(second).collect()
}

/// Puts checked columns together.
fn candles(all: Vec<Values>) -> Result<Candles, Error> {
    let mut candles = Candles::default();
    for (name, values) in NAMES.into_iter().zip(all) {
        let values = match (name, values) {
            ("timestamp", Values::Whole(times)) => {
                candles.time = times;
                continue;
            }
            (_, Values::Whole(values)) => values.into_iter().map(|value| value as f64).collect(),
            (_, Values::Float(values)) => values,
        };
        for (row, value) in values.iter().enumerate() {
            if !value.is_finite() {
                return Err(Error::NotFinite { row: row + 1, name });
            }
            if *value <= 0.0 && name != "volume" {
                return Err(Error::NotPositive { row: row + 1, name, value: *value });
            }
        }
        *match name {
            "open" => &mut candles.open,
            "high" => &mut candles.high,
            "low" => &mut candles.low,
            "close" => &mut candles.close,
            _ => &mut candles.volume,
        } = values;
    }
    if candles.is_empty() {
        return Err(Error::Empty);
    }
    let columns = [&candles.open, &candles.high, &candles.low, &candles.close, &candles.volume];
    assert!(
        columns.iter().all(|column| column.len() == candles.len()),
        "each column was read to the end of each group"
    );
    if let Some(at) = candles.time.windows(2).position(|pair| pair[0] >= pair[1]) {
        let (previous, time) = (candles.time[at], candles.time[at + 1]);
        return Err(Error::NotRising { row: at + 2, time, previous });
    }
    Ok(candles)
}
