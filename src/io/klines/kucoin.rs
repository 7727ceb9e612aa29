//! How does KuCoin tell the candles of its spot markets?
//!
//! `GET /api/v1/market/candles?type=1min&symbol=BTC-USDT&startAt=S&endAt=S`, newest first, at most 1500 rows of time, open,
//! close, high, low, volume and turnover:
//!
//! ```json
//! {"code": "200000", "data": [["1545904980", "0.058", "0.049", "0.058", "0.049", "0.018", "0.000945"], …]}
//! ```
//!
//! What goes wrong is a code of its own, mostly with status 200. Each answer tells what is left of the quota and when it is
//! filled again.

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

/// The code of an answer that is one.
const CODE_FINE: &str = "200000";

/// Tells of too many requests.
const CODES_BUSY: [&str; 2] = ["429000", "200002"];

/// Tells of a fault on the exchange's own side.
const CODES_PASSING: [&str; 2] = ["500000", "230003"];

/// The part of the quota that is left alone.
const SHARE_LEFT: u64 = 10;

const INTERVALS: [Interval; 12] = [
    Interval { name: "1m", seconds: 60, code: "1min" },
    Interval { name: "3m", seconds: 180, code: "3min" },
    Interval { name: "5m", seconds: 300, code: "5min" },
    Interval { name: "15m", seconds: 900, code: "15min" },
    Interval { name: "30m", seconds: 1_800, code: "30min" },
    Interval { name: "1h", seconds: 3_600, code: "1hour" },
    Interval { name: "2h", seconds: 7_200, code: "2hour" },
    Interval { name: "4h", seconds: 14_400, code: "4hour" },
    Interval { name: "6h", seconds: 21_600, code: "6hour" },
    Interval { name: "8h", seconds: 28_800, code: "8hour" },
    Interval { name: "12h", seconds: 43_200, code: "12hour" },
    Interval { name: "1d", seconds: 86_400, code: "1day" },
];

/// KuCoin's spot markets.
#[derive(Debug, Clone, Copy)]
pub(super) struct KuCoin;

impl Venue for KuCoin {
    fn name(&self) -> &'static str {
        "kucoin"
    }

    fn base_url(&self) -> &'static str {
        "https://api.kucoin.com"
    }

    fn intervals(&self) -> &'static [Interval] {
        &INTERVALS
    }

    fn page_rows_max(&self) -> i64 {
        // An answer has 1500 rows at most. Whether the candle that opens at the end is one of them is told nowhere; where it
        // is, there is still room for it.
        1_499
    }

    fn address(&self, base: &Url, pair: &Pair, interval: &Interval, stretch: Stretch) -> Url {
        let mut url = base.clone();
        url.set_path(&format!("{}/api/v1/market/candles", base.path().trim_end_matches('/')));
        url.query_pairs_mut()
            .append_pair("type", interval.code)
            .append_pair("symbol", &format!("{}-{}", pair.base, pair.quote))
            .append_pair("startAt", &stretch.from.to_string())
            .append_pair("endAt", &stretch.to.to_string());
        url
    }

    fn read(&self, status: u16, answer: &Value) -> Result<Vec<Row>, Refusal> {
        let Some(code) = answer["code"].as_str() else {
            let text = excerpt(&answer.to_string());
            return Err(if status == 200 { Refusal::Shape(text) } else { Refusal::Said(text) });
        };
        if code != CODE_FINE {
            let text = format!("{} (code {})", excerpt(answer["msg"].as_str().unwrap_or_default()), excerpt(code));
            return Err(match code {
                code if CODES_BUSY.contains(&code) => Refusal::Busy,
                code if CODES_PASSING.contains(&code) => Refusal::Passing(text),
                _ => Refusal::Said(text),
            });
        }
        // A stretch without candles has no rows, and sometimes none to speak of.
        if answer["data"].is_null() {
            return Ok(Vec::new());
        }
        rows(&answer["data"], |fields| {
            let [time, open, close, high, low, volume, ..] = fields else { return None };
            let values = [number(open)?, number(high)?, number(low)?, number(close)?, number(volume)?];
            let time = match time {
                Value::String(text) => text.parse().ok()?,
                value => value.as_i64()?,
            };
            Some(Row { time, values })
        })
    }

    fn wait(
        &self,
        header: &dyn Fn(&str) -> Option<u64>,
        _since_epoch: Duration,
        _window: Duration,
    ) -> Option<Duration> {
        let (limit, left) = (header("gw-ratelimit-limit")?, header("gw-ratelimit-remaining")?);
        let is_spent = left <= limit / SHARE_LEFT;
        is_spent.then(|| Duration::from_millis(header("gw-ratelimit-reset").unwrap_or_default()))
    }
}
