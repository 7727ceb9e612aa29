// What is in a result? Hummingbot's packet, turned into columns of numbers and rows that a table can show.

const CLOSE_TYPES = [
  "",
  "TIME_LIMIT",
  "STOP_LOSS",
  "TAKE_PROFIT",
  "EXPIRED",
  "EARLY_STOP",
  "TRAILING_STOP",
  "INSUFFICIENT_BALANCE",
  "FAILED",
  "COMPLETED",
  "POSITION_HOLD",
];

// Returns `{candles, profit, executors, results, holds, step}`; arrays of numbers are typed, so that they cross threads cheaply.
export function unpacked(packet) {
  const candles = candlesOf(packet.processed_data || {});
  const executors = (packet.executors || [])
    .map(executorOf)
    .sort((left, right) => left.opened - right.opened || left.index - right.index);
  return {
    candles,
    step: stepOf(candles.time),
    profit: profitOf(packet.pnl_timeseries || [], executors, candles.time),
    executors,
    results: packet.results && typeof packet.results === "object" ? packet.results : {},
    holds: packet.position_holds || [],
  };
}

function number(value) {
  const read = typeof value === "number" ? value : Number.parseFloat(value);
  return Number.isFinite(read) ? read : null;
}

// Columns are objects from a row's key to its value; a row's key is its time.
function candlesOf(columns) {
  const column = (name) => columns[name] || columns[`${name}_bt`] || null;
  const [open, high, low, close, volume] = ["open", "high", "low", "close", "volume"].map(column);
  const stamps = column("timestamp");
  const keys = close ? Object.keys(close) : [];
  const order = keys
    .map((key) => [number(stamps ? stamps[key] : key), key])
    .filter(([time, key]) => time !== null && number(close[key]) !== null);
  if (order.some(([time], index) => index > 0 && time < order[index - 1][0])) order.sort(([left], [right]) => left - right);
  const of = (values, or) => Float64Array.from(order, ([, key]) => number(values ? values[key] : null) ?? number(or[key]));
  const candles = { time: Float64Array.from(order, ([time]) => time) };
  if (!close)
    return {
      ...candles,
      open: new Float64Array(),
      high: new Float64Array(),
      low: new Float64Array(),
      close: new Float64Array(),
      volume: new Float64Array(),
    };
  return {
    ...candles,
    open: of(open, close),
    high: of(high, close),
    low: of(low, close),
    close: of(close, close),
    volume: of(volume, {}),
  };
}

// The most frequent distance of the first rows, in seconds.
function stepOf(times) {
  const counts = new Map();
  for (let row = 1; row < Math.min(times.length, 500); row += 1) {
    const step = times[row] - times[row - 1];
    if (step > 0) counts.set(step, (counts.get(step) || 0) + 1);
  }
  let [best, most] = [60, 0];
  for (const [step, count] of counts) if (count > most) [best, most] = [step, count];
  return best;
}

function executorOf(it, index) {
  const config = it.config || {};
  const custom = it.custom_info || {};
  const side = number(it.side ?? custom.side ?? config.side);
  const opened = number(it.timestamp) ?? 0;
  const closed = number(it.close_timestamp) ?? opened;
  const update = number(custom.open_order_last_update);
  const exit = number(custom.close_price) ?? number(config.entry_price) ?? 0;
  return {
    index,
    id: String(it.id ?? ""),
    type: String(it.type ?? config.type ?? ""),
    side: side === 2 || String(config.side).toUpperCase().includes("SELL") ? "sell" : "buy",
    level: String(custom.level_id ?? config.level_id ?? ""),
    opened,
    closed,
    // Since v2.14 the packet says when the opening order last changed: of a filled one, when it filled.
    filledAt: update !== null && update >= opened && update <= closed ? update : opened,
    entry: number(custom.current_position_average_price) || number(config.entry_price) || number(config.price) || exit,
    exit,
    filled: number(it.filled_amount_quote) ?? 0,
    profit: number(it.net_pnl_quote) ?? 0,
    profitShare: number(it.net_pnl_pct) ?? 0,
    fees: number(it.cum_fees_quote) ?? 0,
    closeType: CLOSE_TYPES[it.close_type] || (typeof it.close_type === "string" ? it.close_type.replace(/^.*\./, "") : "NONE"),
    isActive: Boolean(it.is_active),
  };
}

// The engine's own line of profit where there is one, and otherwise what has been closed, added up.
function profitOf(rows, executors, times) {
  const points =
    rows.length > 0
      ? rows.map((row) => [number(row.timestamp), number(row.total_pnl) ?? 0]).filter(([time]) => time !== null)
      : closedProfit(executors, times);
  const [time, total, drawdown] = [
    new Float64Array(points.length),
    new Float64Array(points.length),
    new Float64Array(points.length),
  ];
  // A run begins with nothing won, and that is its first peak.
  let peak = 0;
  for (const [row, [stamp, value]] of points.entries()) {
    peak = Math.max(peak, value);
    [time[row], total[row], drawdown[row]] = [stamp, value, value - peak];
  }
  return { time, total, drawdown, isFromExecutors: rows.length === 0 };
}

function closedProfit(executors, times) {
  const closed = executors.filter((it) => it.filled > 0).sort((left, right) => left.closed - right.closed);
  const points = times.length > 0 ? [[times[0], 0]] : [];
  let sum = 0;
  for (const it of closed) {
    sum += it.profit;
    if (points.length > 0 && points.at(-1)[0] === it.closed) points.at(-1)[1] = sum;
    else points.push([it.closed, sum]);
  }
  if (times.length > 0 && points.at(-1)[0] < times.at(-1)) points.push([times.at(-1), sum]);
  return points;
}
