
"use strict";

// What hive knows. Texts are put in as texts and never as markup.
const known = JSON.parse(document.getElementById("data").textContent);
const why = known.why;
const candles = known.candles;
const first = why.first_divergence || null;

function element(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function place(id) {
  return document.getElementById(id);
}

function timeText(seconds) {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString().slice(0, 19).replace("T", " ");
}

function shortTime(seconds, span) {
  const text = timeText(seconds);
  if (span > 3 * 86400) return text.slice(5, 10);
  return span > 600 ? text.slice(5, 16) : text.slice(11, 19);
}

function valueText(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "object") return Object.entries(value).map(([name, count]) => `${name} ${count}`).join(", ") || "none";
  return String(value);
}

// Six digits are as many as a reader takes in; the whole number is in the title.
function signed(value) {
  if (typeof value !== "number") return "";
  if (value === 0) return "0";
  return (value > 0 ? "+" : "") + String(Number(value.toPrecision(6)));
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function who(event) {
  return [event.level, event.side].filter(Boolean).join(" ") || "an executor";
}

const CHANGES = {
  missing: "only the golden has it",
  new: "only the result of now has it",
  changed: "both have it, and it differs",
};

// Rows are lists of cells; a cell is a text, a node, or {text, kind, title}. The first one heads its row.
function table(caption, heads, rows) {
  const cell = (value, index) => {
    const it = value instanceof Node || typeof value !== "object" || value === null ? { text: value } : value;
    const node = element(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {});
    if (it.kind) node.className = it.kind;
    if (it.title) node.title = it.title;
    node.append(it.text instanceof Node ? it.text : valueText(it.text));
    return node;
  };
  const head = heads.map((name) => {
    const it = typeof name === "string" ? { text: name } : name;
    return element("th", { scope: "col", class: it.kind || "" }, it.text);
  });
  const body = rows.map((row) => {
    const cells = Array.isArray(row) ? row : row.cells;
    return element("tr", row.kind ? { class: row.kind } : {}, ...cells.map(cell));
  });
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...body)));
}

function number(value, title) {
  return { text: value, kind: "number", title };
}

const VERDICTS = {
  drift: "the result is not what its golden says",
  identical: "the result is what its golden says, to the last bit",
  "within-tolerance": "metrics differ, and no more than their rules allow",
  "no-golden": "nobody has accepted a golden of this scenario yet",
};

function showVerdict() {
  const link = first ? element("a", { href: "#first" }, "go to the first divergence") : null;
  place("verdict").append(element("span", { class: `word ${why.verdict}` }, why.verdict.replaceAll("-", " ")),
    VERDICTS[why.verdict] || "", first ? ": " : "", ...(link ? [link] : []));
}

function showSummary() {
  const engine = why.profile ? `${why.engine}, profile ${why.profile}` : why.engine;
  const facts = [["Engine", engine], ["Mode", why.mode],
    ["Candles", `${why.candle_count} of ${why.resolution_s} s`]];
  if (why.executors) {
    const it = why.executors;
    facts.push(["Executors", `${it.golden} in the golden, ${it.now} now`],
      ["Missing, new, changed", `${it.missing}, ${it.new}, ${it.changed}`], ["The same", it.same]);
  }
  place("summary").append(element("dl", {}, ...facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, valueText(value))))));
}

function showFirst() {
  const section = place("first");
  section.append(element("h2", { id: "first-title" }, "The first divergence"));
  if (!first) {
    const text = why.verdict === "no-golden" ? "There is no golden to differ from."
      : `What happened is the same, executor by executor${why.has_same_columns ? "" : ", in the columns that both ledgers have"}.`;
    section.append(element("p", {}, text));
    return;
  }
  section.append(element("p", {}, element("strong", {}, `${timeText(first.time)} UTC, ${first.event}: ${who(first)}. `),
    `Executor ${first.golden_row || "–"} of the golden, ${first.now_row || "–"} now: ${CHANGES[first.change]}.`));
  const rows = first.fields.map((field) => ({
    kind: field.differs ? "differs" : "",
    cells: [field.field, withTime(field.field, field.golden), withTime(field.field, field.now), distance(field)],
  }));
  const both = table("The executor in both runs", ["field", "golden", "now", "difference"], rows.concat(barrierRows()));
  both.classList.add("pair");
  section.append(both);
  if (first.candles.length > 0) section.append(element("h3", {}, "What the engine saw then"), candleTable());
  section.append(...didThen());
  if (first.golden_unknown) {
    section.append(element("p", { class: "soft" }, `Of the golden's side only the ledger is known: ${first.golden_unknown}.`));
  }
  if (first.now_unknown) {
    section.append(element("p", { class: "soft" }, `Of the result's side only the ledger is known: ${first.now_unknown}.`));
  }
  if (first.answer) {
    section.append(element("h3", {}, "What upstream reports of it now"), element("p", {}, element("code", {}, JSON.stringify(first.answer))));
  }
}

function withTime(field, text) {
  const isTime = ["opened", "filled", "closed", "time limit"].includes(field) && text !== null && text !== undefined;
  return isTime ? { text: timeText(Number(text)), title: String(text) } : text;
}

function distance(field) {
  if (field.difference === null) return field.differs && field.golden !== null && field.now !== null ? "differs" : "";
  if (field.ulps !== null) {
    // Far apart, the number of floats between the two says nothing.
    const far = field.ulps > ULPS_TOLD ? "" : `, ${counted(field.ulps, "ULP")}`;
    return { text: signed(Number(field.difference)) + far, title: `${field.difference}, ${counted(field.ulps, "ULP")}` };
  }
  const unit = ["opened", "filled", "closed"].includes(field.field) ? " s" : "";
  return { text: signed(Number(field.difference)) + unit, title: field.difference };
}

const ULPS_TOLD = 1e6;

const BARRIERS = [["from_price", "barriers from"], ["stop_loss", "stop loss"], ["take_profit", "take profit"],
  ["trailing_activation", "trailing stop armed"], ["trailing_delta", "trailing distance"], ["time_limit", "time limit"],
  ["limit_price", "limit price"], ["stop_loss_share", "stop loss share"]];

function barrierRows() {
  const { golden, now } = first.barriers;
  const of = (side, key) => (side && side[key] !== null && side[key] !== undefined ? side[key] : null);
  const named = (side, key) => (key === "from_price" && of(side, key) !== null ? `${side[key]}, ${side.from}` : of(side, key));
  return BARRIERS.filter(([key]) => of(golden, key) !== null || of(now, key) !== null).map(([key, name]) => {
    const isOther = golden && now && of(golden, key) !== of(now, key);
    return { kind: isOther ? "differs" : "",
      cells: [name, withTime(name, named(golden, key)), withTime(name, named(now, key)), isOther ? "differs" : ""] };
  });
}

function candleTable() {
  const figures = ["reference_price", "spread_multiplier", "signal"].filter((key) => first.computes[key]);
  const heads = ["candle, UTC", ...["open", "high", "low", "close", "volume"].map((text) => number(text)),
    ...figures.map((key) => key.replace("_", " "))];
  const seen = (row, key) => {
    const [golden, now] = [row.golden, row.now].map((side) => (side ? side[key] : null));
    if (golden !== null && now !== null && golden !== now) return `golden ${golden}, now ${now}`;
    return now === null ? golden : now;
  };
  const rows = first.candles.map((row) => ({
    kind: row.is_event ? "event" : "",
    cells: [timeText(row.time) + (row.is_event ? " ◀" : ""), ...["open", "high", "low", "close", "volume"].map((key) => number(row[key])),
      ...figures.map((key) => seen(row, key))],
  }));
  return table("Candles around the first divergence, which is marked ◀", heads, rows);
}

// What the controllers did at the candle of the event, the same things once.
function didThen() {
  const row = first.candles.find((candle) => candle.is_event);
  if (!row || (!row.golden && !row.now)) return [];
  const [golden, now] = [row.golden, row.now].map((seen) => (seen ? seen.actions : []));
  const alone = (these, those) => these.filter((action) => !those.includes(action));
  const lines = [["The golden's controller", alone(golden, now)], ["The controller now", alone(now, golden)],
    ["Both runs: the controller", golden.filter((action) => now.includes(action))]];
  const told = lines.filter(([, actions]) => actions.length > 0);
  const name = element("p", {}, "At that candle:");
  if (told.length === 0) return [element("p", {}, "At that candle the controller does nothing.")];
  return [name, element("ul", {}, ...told.flatMap(([side, actions]) =>
    actions.map((action) => element("li", {}, `${side} ${action}.`))))];
}

function showInputs() {
  const section = place("inputs");
  section.append(element("h2", { id: "inputs-title" }, "What was made otherwise"));
  const changes = why.made_differently || [];
  if (changes.length === 0) {
    section.append(element("p", {}, why.verdict === "no-golden" ? "There is no golden." : "Nothing: both were made of the same inputs."));
    return;
  }
  section.append(table("Inputs that differ", ["input", "golden", "now"],
    changes.map((it) => [it.name, { text: it.golden || "–", kind: "text" }, { text: it.now || "–", kind: "text" }])));
}

function showMetrics() {
  const section = place("metrics");
  section.append(element("h2", { id: "metrics-title" }, "Metrics that moved, and which executors moved them"));
  const metrics = why.metrics || [];
  if (metrics.length === 0) {
    section.append(element("p", {}, "None."));
    return;
  }
  const heads = ["metric", "golden", "now", "difference", "missing", "new", "changed", "fees"];
  const rows = metrics.map((it) => {
    const parts = it.parts ? ["missing", "new", "changed", "fees"].map((key) => number(signed(it.parts[key]), String(it.parts[key])))
      : [{ text: typeof it.difference === "number" ? "not split" : "", kind: "soft" }, "", "", ""];
    const difference = number(signed(it.difference) + (it.within_tolerance ? " (within tolerance)" : ""), String(it.difference));
    const value = (value) => ({ text: valueText(value), kind: value !== null && typeof value === "object" ? "text" : "" });
    return [it.metric, value(it.golden), value(it.now), difference, ...parts];
  });
  section.append(table("Metrics", heads.map((text, index) => (index > 2 ? number(text) : text)), rows),
    element("p", { class: "soft" }, "A metric that is not split is not decided by the ledger alone."));
}

function showEvents() {
  const section = place("events");
  section.append(element("h2", { id: "events-title" }, "All events that differ, in order of time"));
  const events = why.events || [];
  if (events.length === 0) {
    section.append(element("p", {}, "None."));
    return;
  }
  const rows = events.map((event) => {
    const show = element("button", { type: "button", "aria-label": `Show ${timeText(event.time)} in the chart` }, timeText(event.time));
    show.addEventListener("click", () => {
      look(event.time);
      place("chart").scrollIntoView({ block: "center" });
    });
    const fields = event.change === "changed"
      ? event.fields.map((field) => `${field.field} ${valueText(field.golden)} → ${valueText(field.now)}`).join("; ")
      : CHANGES[event.change];
    return [show, event.event, who(event), event.change, { text: fields, kind: "text" }];
  });
  section.append(table(`${counted(events.length, "event")} of ${why.event_count}`, ["time, UTC", "event", "executor", "change", "what differs"], rows));
}

const step = why.resolution_s;
const whole = candles.time.length > 0
  ? [candles.time[0] - step, candles.time[candles.time.length - 1] + 2 * step] : [0, step];
const LEAST_SPAN = 8 * step;
const SHOWN_AT_FIRST = (place("chart").clientWidth < 600 ? 45 : 90) * step;
// In a parity replay things happen at a candle's open time, in a causal one at its close: both are drawn in its middle.
const MIDDLE = why.mode === "causal" ? -step / 2 : step / 2;
const MARKS_MAX = 900;
let view = first ? around(first.time, SHOWN_AT_FIRST) : whole.slice();
let pointer = null;
let isDrawing = false;

function around(time, span) {
  return within([time - span / 2, time + span / 2]);
}

// Keeps a view inside the run, and no closer than a few candles.
function within([from, to]) {
  const all = whole[1] - whole[0];
  const span = Math.min(Math.max(to - from, LEAST_SPAN), all);
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(middle - span / 2, whole[0]), whole[1] - span);
  return [start, start + span];
}

function look(time) {
  show(around(time, Math.min(view[1] - view[0], SHOWN_AT_FIRST)));
}

function zoom(factor, at) {
  const middle = at === undefined ? (view[0] + view[1]) / 2 : at;
  show([middle - (middle - view[0]) * factor, middle + (view[1] - middle) * factor]);
}

function move(share) {
  const by = (view[1] - view[0]) * share;
  show([view[0] + by, view[1] + by]);
}

function show(next) {
  view = within(next);
  redraw();
}

// The first place in a sorted list at which a time is reached.
function reached(times, time) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function redraw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
}

// Where things are on the drawing.
function ground() {
  const width = Math.max(place("chart").clientWidth, 240);
  const isNarrow = width < 600;
  const [right, priceTop, priceHeight, profitHeight] = [isNarrow ? 58 : 76, 22, isNarrow ? 250 : 340, isNarrow ? 90 : 120];
  const plot = width - right;
  const profitTop = priceTop + priceHeight + 46;
  const x = (time) => ((time - view[0]) / (view[1] - view[0])) * plot;
  return { width, plot, x, priceTop, priceHeight, profitTop, profitHeight, height: profitTop + profitHeight + 10 };
}

// Candles in view, joined so that each has room on the screen.
function bars(it) {
  const from = Math.max(reached(candles.time, view[0]) - 1, 0);
  const to = Math.min(reached(candles.time, view[1]) + 1, candles.time.length);
  const room = (step / (view[1] - view[0])) * it.plot;
  const joined = Math.max(1, Math.ceil(4 / room));
  const all = [];
  for (let row = Math.floor(from / joined) * joined; row < to; row += joined) {
    const end = Math.min(row + joined, candles.time.length);
    let [high, low] = [-Infinity, Infinity];
    for (let index = row; index < end; index += 1) {
      high = Math.max(high, candles.high[index]);
      low = Math.min(low, candles.low[index]);
    }
    all.push({ time: (candles.time[row] + candles.time[end - 1]) / 2, open: candles.open[row], close: candles.close[end - 1], high, low });
  }
  return { all, joined, body: Math.max(1, Math.min(room * joined * 0.7, 14)) };
}

function scale(low, high, top, height) {
  const span = high - low || Math.abs(high) * 0.001 || 1;
  const [bottom, ceiling] = [low - span * 0.06, high + span * 0.06];
  return { y: (value) => top + height - ((value - bottom) / (ceiling - bottom)) * height, bottom, ceiling };
}

// Round numbers in a range.
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 5, 10].map((it) => it * power).find((it) => it >= raw) || raw;
  const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(size))));
  const all = [];
  for (let value = Math.ceil(low / size) * size; value <= high; value += size) all.push([value, value.toFixed(decimals)]);
  return all;
}

function timeTicks(it) {
  const span = view[1] - view[0];
  const raw = span / Math.max(2, Math.floor(it.plot / 110));
  const sizes = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];
  const size = sizes.find((size) => size >= raw) || raw;
  const all = [];
  for (let time = Math.ceil(view[0] / size) * size; time <= view[1]; time += size) all.push(time);
  return all.map((time) => [time, shortTime(time, span)]);
}

// Triangles for the way in, up for a buyer; squares for the way out.
function markPath(x, y, size, isBuy, isEntry) {
  if (!isEntry) return `M${x - size * 0.7} ${y - size * 0.7}h${size * 1.4}v${size * 1.4}h${-size * 1.4}z`;
  const tip = isBuy ? -size : size;
  return `M${x} ${y + tip}L${x + size} ${y - tip * 0.7}L${x - size} ${y - tip * 0.7}z`;
}

const SERIES = [["same", "in both runs", 2.6], ["now", why.executors ? "now alone" : "now", 4.2], ["golden", "golden alone", 6.4]];

function marks(it, prices, kind, label, size) {
  const trades = known.trades[kind];
  if (!trades) return [];
  const [from, to] = [reached(trades.time, view[0]), reached(trades.time, view[1])];
  const isThinned = to - from > MARKS_MAX;
  const taken = new Set();
  const all = [];
  for (let index = from; index < to; index += 1) {
    const [x, y] = [it.x(trades.time[index] + MIDDLE), prices.y(trades.price[index])];
    const key = isThinned ? `${Math.round(x / 8)} ${Math.round(y / 8)} ${trades.buy[index]} ${trades.entry[index]}` : index;
    if (taken.has(key) || y < it.priceTop - 4 || y > it.priceTop + it.priceHeight + 4) continue;
    taken.add(key);
    const path = markPath(x, y, size, trades.buy[index] === 1, trades.entry[index] === 1);
    all.push(drawn("path", { class: kind, d: path }, drawn("title", {}, `${tradeText(trades, index)}, ${label}`)));
  }
  return all;
}

function tradeText(trades, index) {
  const verb = trades.entry[index] === 1 ? (trades.buy[index] === 1 ? "buys" : "sells") : "leaves";
  return `${trades.level[index] || "executor"} ${verb} at ${trades.price[index]}, ${timeText(trades.time[index])}`;
}

function profitAt(line, time) {
  const index = reached(line.time, time + 1) - 1;
  return index < 0 ? 0 : line.sum[index];
}

// A line of steps through the view, one point a pixel at most.
function profitPath(it, profits, line) {
  const [from, to] = [reached(line.time, view[0]), reached(line.time, view[1])];
  const points = [`M0 ${profits.y(profitAt(line, view[0]))}`];
  const steps = Math.max(1, Math.ceil((to - from) / (it.plot * 2)));
  for (let index = from; index < to; index += steps) {
    const last = Math.min(index + steps, to) - 1;
    points.push(`H${it.x(line.time[last] + MIDDLE).toFixed(1)}V${profits.y(line.sum[last]).toFixed(1)}`);
  }
  // A line ends where its run does.
  const end = Math.min(it.plot, Math.max(0, it.x(whole[1] - step)));
  return points.join("") + `H${end.toFixed(1)}`;
}

function profitBounds() {
  let [low, high] = [0, 0];
  for (const line of Object.values(known.profit)) {
    const [from, to] = [reached(line.time, view[0]), reached(line.time, view[1])];
    const seen = [profitAt(line, view[0]), ...line.sum.slice(from, to)];
    for (const value of seen) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

const LINES = [["from_price", "entry"], ["stop_loss", "stop loss"], ["take_profit", "take profit"], ["trailing_activation", "trailing"]];

// The barriers of the first executor that differs, from its opening on.
function barrierLines(it, prices) {
  if (!first) return [];
  const at = (field, side) => {
    const found = first.fields.find((known) => known.field === field);
    return found && found[side] !== null ? Number(found[side]) : null;
  };
  const all = [];
  for (const side of ["golden", "now"]) {
    const barriers = first.barriers[side];
    const opened = at("opened", side);
    if (!barriers || opened === null) continue;
    const from = it.x(opened + MIDDLE);
    const to = it.x(Math.max(at("closed", side) ?? view[1], opened + step) + MIDDLE);
    for (const [key, name] of LINES) {
      const y = barriers[key] === null ? NaN : prices.y(barriers[key]);
      if (!(y > it.priceTop && y < it.priceTop + it.priceHeight) || to < 0 || from > it.plot) continue;
      all.push(drawn("path", { class: `barrier ${side}`, d: `M${Math.max(from, 0)} ${y}H${Math.min(to, it.plot)}` },
        drawn("title", {}, `${name}, ${side}: ${barriers[key]}`)));
      // One name is enough for two lines in the same place.
      const [golden, now] = [first.barriers.golden, first.barriers.now];
      const isShared = golden && now && golden[key] === now[key];
      if (isShared && side === "golden") continue;
      const text = isShared ? name : `${name}, ${side}`;
      const other = first.barriers[side === "golden" ? "now" : "golden"];
      const isLower = other && other[key] > barriers[key];
      all.push(drawn("text", { x: Math.max(Math.min(to, it.plot) + 5, 5), y: isLower ? y + 12 : y - 4 }, text));
    }
  }
  return all;
}

// Room for the candles in view, and for the orders of the first divergence where they are not far away.
function priceBounds(all) {
  if (all.length === 0) return [0, 1];
  const [low, high] = [Math.min(...all.map((bar) => bar.low)), Math.max(...all.map((bar) => bar.high))];
  const isInView = first && first.time >= view[0] && first.time <= view[1];
  const orders = isInView ? ["golden", "now"].map((side) => first.barriers[side]).filter(Boolean) : [];
  const near = orders.flatMap((it) => [it.from_price, it.stop_loss, it.take_profit])
    .filter((price) => price !== null && price > low - (high - low) && price < high + (high - low));
  return [Math.min(low, ...near), Math.max(high, ...near)];
}

function draw() {
  const it = ground();
  const { all, joined, body } = bars(it);
  const prices = scale(...priceBounds(all), it.priceTop, it.priceHeight);
  const profits = scale(...profitBounds(), it.profitTop, it.profitHeight);
  const paths = { wick: "", up: "", down: "" };
  for (const bar of all) {
    const x = it.x(bar.time + step / 2);
    const [top, bottom] = [prices.y(Math.max(bar.open, bar.close)), prices.y(Math.min(bar.open, bar.close))];
    paths.wick += `M${x.toFixed(1)} ${prices.y(bar.high).toFixed(1)}V${prices.y(bar.low).toFixed(1)}`;
    paths[bar.close >= bar.open ? "up" : "down"] +=
      `M${(x - body / 2).toFixed(1)} ${top.toFixed(1)}h${body.toFixed(1)}v${Math.max(bottom - top, 0.8).toFixed(1)}h${(-body).toFixed(1)}z`;
  }
  const svg = drawn("svg", { width: it.width, height: it.height, role: "img", "aria-labelledby": "chart-name" },
    drawn("title", { id: "chart-name" }, chartName(joined)),
    drawn("clipPath", { id: "plot" }, drawn("rect", { x: 0, y: 0, width: it.plot, height: it.height })));
  for (const [value, text] of ticks(prices.bottom, prices.ceiling, 6)) svg.append(...tick(it, prices.y(value), text));
  for (const [value, text] of ticks(profits.bottom, profits.ceiling, 3)) svg.append(...tick(it, profits.y(value), text));
  for (const [time, text] of timeTicks(it)) {
    const x = it.x(time);
    svg.append(drawn("path", { class: "grid", d: `M${x} ${it.priceTop}V${it.profitTop + it.profitHeight}` }),
      drawn("text", { x, y: it.priceTop + it.priceHeight + 16, "text-anchor": x < 30 ? "start" : "middle" }, text));
  }
  const inside = drawn("g", { "clip-path": "url(#plot)" },
    ...Object.entries(paths).map(([kind, path]) => drawn("path", { class: kind, d: path })),
    ...barrierLines(it, prices),
    ...SERIES.flatMap(([kind, label, size]) => marks(it, prices, kind, label, size)),
    ...Object.entries(known.profit).map(([kind, line]) =>
      drawn("path", { class: `profit ${kind}`, d: profitPath(it, profits, line) })));
  svg.append(inside, drawn("text", { x: 4, y: it.profitTop - 6 }, "profit of what has ended, quote"), ...divergence(it));
  if (pointer !== null) svg.append(drawn("path", { class: "cross", d: `M${it.x(pointer)} ${it.priceTop}V${it.profitTop + it.profitHeight}` }));
  place("chart").replaceChildren(svg);
}

function tick(it, y, text) {
  return [drawn("path", { class: "grid", d: `M0 ${y}H${it.plot}` }), drawn("text", { x: it.plot + 5, y: y + 4 }, text)];
}

function divergence(it) {
  if (!first || first.time < view[0] || first.time > view[1]) return [];
  const x = it.x(first.time + MIDDLE);
  const isRight = x > it.plot - 110;
  return [drawn("path", { class: "mark", d: `M${x} 4V${it.profitTop + it.profitHeight}` }),
    drawn("text", { class: "mark-text", x: isRight ? x - 5 : x + 5, y: 14, "text-anchor": isRight ? "end" : "start" }, "first divergence")];
}

function chartName(joined) {
  const what = joined > 1 ? `, ${joined} candles to a bar` : "";
  return `Candles from ${timeText(view[0])} to ${timeText(view[1])} UTC${what}, with trades and profit`;
}

function readOut(time) {
  const row = Math.min(Math.max(reached(candles.time, time - step + 1), 0), candles.time.length - 1);
  if (row < 0) return;
  const open = candles.time[row];
  const profits = Object.entries(known.profit).map(([kind, line]) => `${kind} ${signed(profitAt(line, open)) || "0"}`);
  const trades = SERIES.flatMap(([kind, label]) => {
    const it = known.trades[kind] || { time: [] };
    const found = [];
    for (let index = reached(it.time, open); index < it.time.length && it.time[index] < open + step; index += 1) {
      found.push(`${tradeText(it, index)}, ${label}`);
    }
    return found;
  });
  const shown = trades.slice(0, 4).join("; ") + (trades.length > 4 ? `; ${trades.length - 4} more` : "");
  place("readout").textContent = `${timeText(open)} UTC · open ${candles.open[row]}, high ${candles.high[row]}, low ${candles.low[row]}, `
    + `close ${candles.close[row]}, volume ${candles.volume[row]} · profit: ${profits.join(", ")}${shown ? ` · ${shown}` : ""}`;
}

function showTools() {
  const toFirst = () => first && show(around(first.time, SHOWN_AT_FIRST));
  const tools = [["Closer", () => zoom(0.5)], ["Farther", () => zoom(2)], ["Earlier", () => move(-0.4)], ["Later", () => move(0.4)],
    ["Whole run", () => show(whole)]];
  if (first) tools.push(["First divergence", toFirst]);
  for (const [name, act] of tools) {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", act);
    place("tools").append(button);
  }
  const chart = place("chart");
  const keys = { ArrowLeft: () => move(-0.15), ArrowRight: () => move(0.15), "+": () => zoom(0.7), "=": () => zoom(0.7),
    "-": () => zoom(1.4), Home: () => show(whole), d: toFirst, D: toFirst };
  chart.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    act();
    readOut((view[0] + view[1]) / 2);
    event.preventDefault();
  });
  const timeAt = (event) => {
    const it = ground();
    return view[0] + ((event.clientX - chart.getBoundingClientRect().left) / it.plot) * (view[1] - view[0]);
  };
  // With the wheel alone the page scrolls.
  chart.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    zoom((event.deltaY || event.deltaX) > 0 ? 1.25 : 0.8, timeAt(event));
  }, { passive: false });
  watchPointers(chart, timeAt);
  new ResizeObserver(redraw).observe(chart);
}

// One pointer moves the view, two of them stretch it.
function watchPointers(chart, timeAt) {
  const down = new Map();
  chart.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, event.clientX);
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (before === undefined) {
      pointer = timeAt(event);
      readOut(pointer);
      redraw();
      return;
    }
    const apart = () => Math.abs([...down.values()][0] - [...down.values()][1]);
    const wide = down.size === 2 ? apart() : 0;
    down.set(event.pointerId, event.clientX);
    if (down.size === 2 && apart() > 0 && wide > 0) zoom(wide / apart());
    else if (down.size === 1) move((before - event.clientX) / ground().plot);
  });
  const up = (event) => down.delete(event.pointerId);
  chart.addEventListener("pointerup", up);
  chart.addEventListener("pointercancel", up);
  chart.addEventListener("pointerleave", () => {
    pointer = null;
    redraw();
  });
}

function showLegend() {
  const sample = (kind, isEntry, isBuy, size) =>
    drawn("svg", { width: 16, height: 16, "aria-hidden": "true" }, drawn("path", { class: kind, d: markPath(8, 8, size, isBuy, isEntry) }));
  const line = (kind) => drawn("svg", { width: 28, height: 12, "aria-hidden": "true" }, drawn("path", { class: `profit ${kind}`, d: "M0 6H28" }));
  const entries = [
    ["bought, now", sample("now", true, true, 5)], ["sold, now", sample("now", true, false, 5)], ["left, now", sample("now", false, true, 5)],
    ["golden: the same, hollow", sample("golden", true, true, 6)], ["in both: small", sample("same", true, true, 3.4)],
    ["profit now", line("now")], ["profit golden, dashed", line("golden")],
  ];
  const hollow = element("span", {}, "A hollow candle closed higher than it opened. Drag to move; Ctrl or Shift and the wheel zoom.");
  const shown = why.executors ? entries : entries.filter(([name]) => !/golden|both/.test(name));
  place("legend").append(...shown.map(([name, node]) => element("span", {}, node, name)), hollow);
  place("readout").textContent = "Point at a candle, or move with the arrow keys, to read it.";
}

showVerdict();
showSummary();
showTools();
showLegend();
showFirst();
showInputs();
showMetrics();
showEvents();
draw();
document.body.dataset.ready = "yes";
