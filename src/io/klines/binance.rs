//! How does Binance tell the candles of its spot markets?
//!
//! `GET /api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=MS&endTime=MS&limit=1000`, oldest first, both ends included:
//!
//! ```json
//! [[1499040000000, "0.01634790", "0.80000000", "0.01575800", "0.01577100", "148976.11427815", 1499644799999, …], …]
//! ```
//!
//! Each address of the internet has a weight to spend in each minute of the clock; every answer tells how much is spent. Who
//! goes on after a 429 is shut out with a 418, for minutes at first and for days in the end.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::io::klines::venue::Interval;
use crate::io::klines::venue::Pair;
use crate::io::klines::venue::Refusal;
use crate::io::klines::venue::Row;
use crate::io::klines::venue::Stretch;
use crate::io::klines::venue::Venue;
use crate::io::klines::venue::excerpt;
use crate::io::klines::venue::number;
use crate::io::klines::venue::rows;

/// The weight of a minute that is spent at most: four fifths of the 6000 that there are, since bots may share the address.
const WEIGHT_MAX: u64 = 4_800;

/// Tells of a fault on the exchange's own side.
const CODES_PASSING: [i64; 3] = [-1000, -1001, -1007];

/// Tells of too many requests, by address and by orders.
const CODES_BUSY: [i64; 2] = [-1003, -1015];

const INTERVALS: [Interval; 13] = [
    Interval { name: "1s", seconds: 1, code: "1s" },
    Interval { name: "1m", seconds: 60, code: "1m" },
    Interval { name: "3m", seconds: 180, code: "3m" },
    Interval { name: "5m", seconds: 300, code: "5m" },
    Interval { name: "15m", seconds: 900, code: "15m" },
    Interval { name: "30m", seconds: 1_800, code: "30m" },
    Interval { name: "1h", seconds: 3_600, code: "1h" },
    Interval { name: "2h", seconds: 7_200, code: "2h" },
    Interval { name: "4h", seconds: 14_400, code: "4h" },
    Interval { name: "6h", seconds: 21_600, code: "6h" },
    Interval { name: "8h", seconds: 28_800, code: "8h" },
    Interval { name: "12h", seconds: 43_200, code: "12h" },
    Interval { name: "1d", seconds: 86_400, code: "1d" },
];

/// Binance's spot markets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binance;

impl Venue for Binance {
    fn name(&self) -> &'static str {
        "binance"
    }

    fn base_url(&self) -> &'static str {
        "https://api.binance.com"
    }

    fn intervals(&self) -> &'static [Interval] {
        &INTERVALS
    }

    fn page_rows_max(&self) -> i64 {
        1_000
    }

    fn address(&self, base: &Url, pair: &Pair, interval: &Interval, stretch: Stretch) -> Url {
        let mut url = base.clone();
        url.set_path(&format!("{}/api/v3/klines", base.path().trim_end_matches('/')));
        url.query_pairs_mut()
            .append_pair("symbol", &format!("{}{}", pair.base, pair.quote))
            .append_pair("interval", interval.code)
            .append_pair("startTime", &(stretch.from * 1_000).to_string())
            // The end is included.
            .append_pair("endTime", &(stretch.to * 1_000 - 1).to_string())
            .append_pair("limit", &self.page_rows_max().to_string());
        url
    }

    fn read(&self, status: u16, answer: &Value) -> Result<Vec<Row>, Refusal> {
        if let Some(code) = answer.get("code").and_then(Value::as_i64) {
            let text = excerpt(answer["msg"].as_str().unwrap_or_default());
            return Err(match code {
                code if CODES_BUSY.contains(&code) => Refusal::Busy,
                code if CODES_PASSING.contains(&code) => Refusal::Passing(format!("{text} (code {code})")),
                code => Refusal::Said(format!("{text} (code {code})")),
            });
        }
        if status != 200 {
            return Err(Refusal::Said(excerpt(&answer.to_string())));
        }
        rows(answer, |fields| {
            let [time, open, high, low, close, volume, ..] = fields else { return None };
            let values = [number(open)?, number(high)?, number(low)?, number(close)?, number(volume)?];
            let time = time.as_i64().filter(|time| time % 1_000 == 0)? / 1_000;
            Some(Row { time, values })
        })
    }

    fn wait(&self, header: &dyn Fn(&str) -> Option<u64>, since_epoch: Duration, window: Duration) -> Option<Duration> {
        let is_spent = header("x-mbx-used-weight-1m").is_some_and(|used| used >= WEIGHT_MAX);
        // Weights are forgotten at each full minute.
        let passed_ms = since_epoch.as_millis() % window.as_millis().max(1);
        is_spent.then(|| window.saturating_sub(Duration::from_millis(u64::try_from(passed_ms).unwrap_or_default())))
    }
}
