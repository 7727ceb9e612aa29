//! An explanation as one HTML file that needs no network and no other file.
//!
//! What is known stands in it as JSON, in an element that no browser runs. The style and the script are named by their hashes
//! in the page's policy, so that nothing else can run or be fetched, whatever a recipe, a level or a reason is called.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::cli::why::written;
use crate::workflow::Error;
use crate::workflow::Ledger;
use crate::workflow::why::Why;
use crate::workflow::why::policy_hash;
use crate::workflow::why::publish;
use crate::workflow::why::trace;
use crate::workflow::why::trace::Trade;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page.
pub(crate) fn write(why: &Why, path: &Path) -> Result<(), Error> {
    publish(path, &page(why))
}

/// Returns the page.
fn page(why: &Why) -> String {
    let title = format!("{}/{}", why.recipe, why.scenario);
    let mut page = String::new();
    // Each part is put in once and never looked through again, so none can smuggle in another one.
    for piece in PAGE.split("{{") {
        let Some((name, rest)) = piece.split_once("}}") else {
            page.push_str(piece);
            continue;
        };
        match name {
            "title" => page.push_str(&escaped(&title)),
            "style-hash" => page.push_str(&hash(STYLE)),
            "script-hash" => page.push_str(&hash(SCRIPT)),
            "style" => page.push_str(STYLE),
            "script" => page.push_str(SCRIPT),
            "data" => page.push_str(&inert(&data(why))),
            _ => unreachable!("the page has no part `{name}`"),
        }
        page.push_str(rest);
    }
    page
}

/// Returns what the page draws.
fn data(why: &Why) -> Value {
    let mut data = json!({
        "why": written::json(why),
        "candles": {
            "time": why.candles.time, "open": why.candles.open, "high": why.candles.high, "low": why.candles.low,
            "close": why.candles.close, "volume": why.candles.volume,
        },
    });
    let profit = |ledger| {
        let (times, sums) = trace::profit(ledger);
        json!({ "time": times, "sum": sums })
    };
    let columns = |trades: &[Trade], ledger: &Ledger| {
        let level = |trade: &Trade| ledger.field(trade.row, "level").unwrap_or_default().to_owned();
        json!({
            "time": trades.iter().map(|trade| trade.time).collect::<Vec<_>>(),
            "price": trades.iter().map(|trade| trade.price).collect::<Vec<_>>(),
            "buy": trades.iter().map(|trade| u8::from(trade.is_buy)).collect::<Vec<_>>(),
            "entry": trades.iter().map(|trade| u8::from(trade.is_entry)).collect::<Vec<_>>(),
            "level": trades.iter().map(level).collect::<Vec<_>>(),
        })
    };
    let now = &why.result.ledger;
    match &why.compared {
        None => {
            data["trades"] = json!({ "now": columns(&trace::trades(now, 0..now.rows.len()), now) });
            data["profit"] = json!({ "now": profit(now) });
        }
        Some(compared) => {
            let golden = &compared.golden.ledger;
            let [missing, new] = trace::differing(&compared.parting);
            let same = (0..now.rows.len()).filter(|row| new.binary_search(row).is_err());
            data["trades"] = json!({
                "same": columns(&trace::trades(now, same), now),
                "golden": columns(&trace::trades(golden, missing.iter().copied()), golden),
                "now": columns(&trace::trades(now, new.iter().copied()), now),
            });
            data["profit"] = json!({ "golden": profit(golden), "now": profit(now) });
        }
    }
    data
}

/// Returns JSON that ends no element and begins none.
fn inert(value: &Value) -> String {
    let text = value.to_string();
    let mut inert = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => inert.push_str("\\u003c"),
            '>' => inert.push_str("\\u003e"),
            '&' => inert.push_str("\\u0026"),
            other => inert.push(other),
        }
    }
    inert
}

/// Returns text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns the hash by which a page's policy names a script or a style: SHA-256, in base 64.
fn hash(text: &str) -> String {
    format!("sha256-{}", policy_hash(text))
}
