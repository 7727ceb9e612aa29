//! Moments, days and lengths of candles: from the words of a recipe to seconds.

use jiff::Timestamp;
use jiff::civil::Date;
use toml::value::Datetime;

use super::Check;
use super::INTERVALS;
use crate::recipe::error::Error;
use crate::recipe::located::Located;
use crate::recipe::schema::Day;
use crate::recipe::schema::Moment;
use crate::recipe::schema::hint;

/// Returns a moment's epoch seconds.
pub(super) fn epoch(check: &mut Check, key: &'static str, written: &Located<Moment>) -> i64 {
    let problem = match &written.value {
        Moment::Seconds(seconds) => match Timestamp::from_second(*seconds) {
            Ok(_) => return *seconds,
            Err(_) => "out of range".to_owned(),
        },
        Moment::DateTime(moment) => match seconds(moment) {
            Ok(seconds) => return seconds,
            Err(problem) => problem,
        },
    };
    check.errors.push(Error::BadDate {
        key,
        expected: "a moment",
        example: "2024-03-11T00:00:00Z",
        problem,
        at: check.at(&written.span),
    });
    0
}

/// Returns a day as `YYYY-MM-DD`.
pub(super) fn day(check: &mut Check, key: &'static str, written: &Located<Day>) -> String {
    let day = &written.value.0;
    let problem = if day.time.is_some() {
        "has a time".to_owned()
    } else {
        match day.to_string().parse::<Date>() {
            Ok(day) => return day.to_string(),
            Err(_) => "is not in the calendar".to_owned(),
        }
    };
    check.errors.push(Error::BadDate {
        key,
        expected: "a day",
        example: "2027-03-31",
        problem,
        at: check.at(&written.span),
    });
    String::new()
}

/// Returns the seconds of a length of candles; one minute when none is given.
pub(super) fn interval(check: &mut Check, written: Option<&Located<String>>) -> i64 {
    let Some(written) = written else {
        return 60;
    };
    let found = INTERVALS.iter().find(|(name, _)| *name == written.value);
    if let Some((_, seconds)) = found {
        return *seconds;
    }
    let names: Vec<&str> = INTERVALS.iter().map(|(name, _)| *name).collect();
    check.errors.push(Error::BadResolution {
        value: written.value.clone(),
        hint: hint(&written.value, names.iter().copied()),
        known: names.join(" "),
        at: check.at(&written.span),
    });
    60
}

fn seconds(moment: &Datetime) -> Result<i64, String> {
    if moment.date.is_none() {
        return Err("has no date".to_owned());
    }
    if moment.time.is_none() {
        return Err("has no time".to_owned());
    }
    if moment.offset.is_none() {
        return Err("has no offset: add `Z` for UTC".to_owned());
    }
    let timestamp = moment.to_string().parse::<Timestamp>().map_err(|_| "is not in the calendar".to_owned())?;
    if timestamp.subsec_nanosecond() != 0 {
        return Err("has a fraction of a second".to_owned());
    }
    Ok(timestamp.as_second())
}
