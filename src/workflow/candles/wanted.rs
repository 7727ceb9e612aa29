//! Which candles are to be downloaded?

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use url::Url;

use crate::io::klines;
use crate::io::klines::Order;
use crate::io::klines::Pace;
use crate::io::klines::Pair;
use crate::io::klines::registry;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::candles::name;
use crate::workflow::candles::name::Name;

/// Candles that are asked for from an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The exchange, by the name of Hummingbot's connector: `binance`, `kucoin`.
    pub connector: String,
    /// The trading pair, `BTC-USDT`.
    pub pair: String,
    /// The length of a candle, `1m`.
    pub interval: String,
    /// The earliest open time, epoch seconds.
    pub start: i64,
    /// The latest open time, epoch seconds, as in a scenario; candles that have not ended yet are left out.
    pub end: i64,
    /// Another address than the exchange's own.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "written", deserialize_with = "read")]
    #[schemars(with = "Option<String>")]
    pub base_url: Option<Url>,
    /// Whether that address may be one of this machine or its networks. No request can say so: who runs hive decides.
    #[serde(skip)]
    pub allow_private: bool,
}

impl Wanted {
    /// Checks what can be checked without asking the exchange.
    ///
    /// # Errors
    ///
    /// Says what is wrong, and what there is instead.
    pub fn check(&self, project: &Project) -> Result<(), Error> {
        self.order(project, Pace::default())?.check()?;
        Ok(())
    }

    /// Returns what a job that downloads them is called.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {} {}", self.connector, self.pair, self.interval)
    }

    /// Returns what the exchange is asked for, and which file is made or extended.
    pub(super) fn order(&self, project: &Project, pace: Pace) -> Result<Order, klines::Error> {
        let known: Vec<&str> = registry::VENUES.iter().map(|venue| venue.name()).collect();
        let no_venue = || klines::Error::Venue { connector: self.connector.clone(), known: name::quoted(&known) };
        let venue = registry::named(&self.connector).ok_or_else(no_venue)?;
        let pair = Pair::parse(&self.pair).ok_or_else(|| klines::Error::Pair { pair: self.pair.clone() })?;
        let offered: Vec<&str> = venue.intervals().iter().map(|interval| interval.name).collect();
        let interval = venue.intervals().iter().find(|interval| interval.name == self.interval);
        let interval = *interval.ok_or_else(|| klines::Error::Interval {
            connector: venue.name(),
            interval: self.interval.clone(),
            offered: name::quoted(&offered),
        })?;
        let name = Name {
            connector: venue.name().to_owned(),
            pair: format!("{}-{}", pair.base, pair.quote),
            interval: interval.name.to_owned(),
            interval_s: interval.seconds,
        };
        Ok(Order {
            venue,
            pair,
            interval,
            start: self.start,
            end: self.end,
            base: self.base_url.clone(),
            allow_private: self.allow_private,
            file: project.path(&format!("{}/{}.csv", name::FOLDER, name.stem())),
            pace,
        })
    }
}

/// Reads a moment: a day, whose first second is meant, a date and time with its zone, or epoch seconds.
///
/// # Errors
///
/// Says how a moment is written.
pub fn moment(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_second());
    }
    // A date and time without a zone would be read as the day, without its time.
    let day = text
        .parse::<Date>()
        .ok()
        .filter(|_| !text.contains(['T', 't', ' ']))
        .and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let expected = "a day, `2024-03-11`, a moment, `2024-03-11T00:00:00Z`, or epoch seconds";
    day.map(|day| day.timestamp().as_second()).ok_or_else(|| format!("`{text}` is not {expected}"))
}

#[allow(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn written<S: Serializer>(url: &Option<Url>, serializer: S) -> Result<S::Ok, S::Error> {
    url.as_ref().map(Url::as_str).serialize(serializer)
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| Url::parse(&text).map_err(|error| D::Error::custom(format!("`{text}` is no address: {error}"))))
        .transpose()
}
