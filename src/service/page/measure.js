// What does a figure of a result mean, in which unit, and which way is better?

import { count, fixed, percent, plain, signed, signedPercent } from "./words.js";

const share = (value) => percent(value);
const quote = (value) => signed(value, 2);

// key, name, unit, how it is written, which way is better (1 up, -1 down, 0 neither), what it means.
const ROWS = [
  [
    "net_pnl_quote",
    "Net profit",
    "quote",
    quote,
    1,
    "What all executors and held positions won or lost together, after fees, in the quote currency.",
  ],
  [
    "net_pnl",
    "Return",
    "of the budget",
    (value) => signedPercent(value),
    1,
    "Net profit as a share of the controller's total_amount_quote.",
  ],
  [
    "max_drawdown_usd",
    "Max drawdown",
    "quote",
    quote,
    1,
    "The deepest fall of the profit line below its peak so far, in the quote currency; zero or negative.",
  ],
  [
    "max_drawdown_pct",
    "Max drawdown",
    "of the budget",
    (value) => signedPercent(value),
    1,
    "The deepest fall of the profit line as a share of the budget; zero or negative.",
  ],
  [
    "sharpe_ratio",
    "Sharpe ratio",
    "no unit",
    (value) => signed(value, 3),
    1,
    "Hummingbot's own: mean over standard deviation of the level of profit. It is not annualised, and not of returns, so compare it only with itself.",
  ],
  [
    "profit_factor",
    "Profit factor",
    "ratio",
    (value) => fixed(value, 3),
    1,
    "What winners won over what losers lost. Above 1 the run made money.",
  ],
  ["accuracy", "Accuracy", "of positions", share, 1, "Share of the executors with a position that ended with a gain."],
  ["accuracy_long", "Accuracy, long", "of long positions", share, 1, "Share of the buyers that ended with a gain."],
  ["accuracy_short", "Accuracy, short", "of short positions", share, 1, "Share of the sellers that ended with a gain."],
  ["total_executors", "Executors", "count", count, 0, "How many executors the controller created, filled or not."],
  ["total_executors_with_position", "With a position", "count", count, 0, "How many executors were filled."],
  ["total_positions", "Positions", "count", count, 0, "How many executors were filled, as Hummingbot counts them in its results."],
  ["total_long", "Long", "count", count, 0, "How many of them bought first."],
  ["total_short", "Short", "count", count, 0, "How many of them sold first."],
  ["win_signals", "Won", "count", count, 1, "How many ended with a gain."],
  ["loss_signals", "Lost", "count", count, -1, "How many ended with a loss."],
  [
    "total_volume",
    "Volume",
    "quote",
    (value) => fixed(value, Math.abs(value) < 10000 ? 2 : 0),
    0,
    "What was traded, both ways, in the quote currency.",
  ],
  [
    "total_fees_quote",
    "Fees",
    "quote",
    (value) => fixed(value, 2),
    -1,
    "What trading cost by the trade cost that was set, in the quote currency.",
  ],
  [
    "unrealized_pnl_quote",
    "Unrealised",
    "quote",
    quote,
    1,
    "What positions that are still held would win or lose at the last price.",
  ],
  [
    "position_realized_pnl_quote",
    "Realised by held positions",
    "quote",
    quote,
    1,
    "What was won or lost on positions that executors handed over and that were closed later.",
  ],
];

const BY_KEY = new Map(ROWS.map(([key, name, unit, text, better, meaning]) => [key, { key, name, unit, text, better, meaning }]));

// The measures of a result, known ones first and in their order, then those the page has no words for.
export function measures(...results) {
  const keys = new Set(
    results.flatMap((result) => Object.keys(result || {}).filter((key) => typeof result[key] === "number" || result[key] === null)),
  );
  const known = [...BY_KEY.keys()].filter((key) => keys.has(key)).map((key) => BY_KEY.get(key));
  const others = [...keys].filter((key) => !BY_KEY.has(key)).sort();
  return [
    ...known,
    ...others.map((key) => ({
      key,
      name: key.replaceAll("_", " "),
      unit: "",
      text: plain,
      better: 0,
      meaning: `\`${key}\` of the result, as the engine reports it.`,
    })),
  ];
}

// The figures of a job. Hummingbot's packet says 0 for what does not exist, because its clients do arithmetic with it; the job's
// own summary says null.
export function figures(job, results) {
  const own = (job.summary && job.summary.metrics) || {};
  const known = Object.entries(own).filter(([key]) => key in results || Object.keys(results).length === 0);
  return { ...results, ...Object.fromEntries(known) };
}

// What is told of a value that does not exist.
export const MISSING = "It does not exist for this run: there is nothing to divide by.";

// How much larger the second one is, as it is written. `null` where one of them is missing.
export function difference(measure, one, other) {
  if (typeof one !== "number" || typeof other !== "number") return null;
  const by = other - one;
  const isShare = measure.text === share || measure.key === "net_pnl" || measure.key === "max_drawdown_pct";
  if (by === 0) return { by, text: "0", relative: "" };
  const relative = one === 0 ? "" : signedPercent(by / Math.abs(one), 1);
  if (isShare) return { by, text: `${signed(by * 100, 2)} pp`, relative };
  const decimals =
    (Number.isInteger(one) && Number.isInteger(other)) || Math.abs(by) >= 10000
      ? 0
      : measure.key === "sharpe_ratio" || measure.key === "profit_factor"
        ? 3
        : 2;
  return { by, text: signed(by, decimals), relative };
}
