// What came of a backtest? Measures, charts, executors, and files to take along.

import { chart } from "./chart.js";
import { element } from "./dom.js";
import { errorNode } from "./notice.js";
import { executors } from "./executors.js";
import { figures, measures, MISSING } from "./measure.js";
import { candleLayer, lineLayer, tradeLayer } from "./layer.js";
import { Pyramid } from "./pyramid.js";
import { resultOf } from "./fetched.js";
import { server } from "./server.js";
import { count, spaced, tone } from "./words.js";

// Shows the result of a job; returns a function that ends it.
export function result(host, job) {
  const shown = { isOver: false, end: () => {} };
  const tiles = element("section", { "aria-labelledby": "measures-title" });
  const charts = element("section", { "aria-labelledby": "charts-title" }, element("p", { class: "soft" }, "Reading the result…"));
  const table = element("section", { "aria-labelledby": "executors-title" });
  host.replaceChildren(tiles, charts, table, downloads(job.id));
  if (job.summary) showMeasures(tiles, figures(job, {}));
  resultOf(job.id)
    .then((unpacked) => {
      if (shown.isOver) return;
      showMeasures(tiles, figures(job, unpacked.results));
      const view = showCharts(charts, unpacked, job);
      shown.end = view ? view.end : shown.end;
      executors(table, unpacked.executors, (trade) => {
        if (!view) return;
        view.choose(trade.index);
        charts.scrollIntoView({ block: "start" });
        view.focus();
      });
      host.dataset.ready = "yes";
    })
    .catch((error) => {
      if (!shown.isOver) charts.replaceChildren(errorNode(error, "The result could not be shown"));
    });
  return () => {
    shown.isOver = true;
    shown.end();
  };
}

function showMeasures(host, results) {
  const tiles = measures(results).map((measure) => measureTile(measure, results[measure.key]));
  const types = results.close_types && typeof results.close_types === "object" ? Object.entries(results.close_types) : [];
  host.replaceChildren(
    element("h3", { id: "measures-title" }, "Measures"),
    element("ul", { class: "measures" }, tiles),
    types.length > 0 ? closeTypes(types) : "",
  );
}

// A tile that can be pointed at and focused: what it means is read out with it.
function measureTile(measure, value) {
  const isNone = typeof value !== "number";
  const toned =
    measure.better !== 0 &&
    ["net_pnl_quote", "net_pnl", "unrealized_pnl_quote", "position_realized_pnl_quote"].includes(measure.key)
      ? tone(value)
      : "";
  const meaning = `${measure.meaning}${isNone ? ` ${MISSING}` : ""}`;
  const tip = element("span", { class: "meaning", "aria-hidden": "true" }, meaning);
  const name = element(
    "button",
    {
      type: "button",
      class: "measure-name",
      "aria-label": `${measure.name}${measure.unit ? `, ${measure.unit}` : ""}: ${meaning}`,
      keydown: (event) => {
        if (event.key === "Escape") event.currentTarget.blur();
      },
    },
    measure.name,
  );
  return element(
    "li",
    { class: "measure" },
    name,
    tip,
    element("span", { class: `measure-value ${toned}`, title: isNone ? null : String(value) }, measure.text(value)),
    element("span", { class: "unit" }, measure.unit),
  );
}

function closeTypes(types) {
  const all = types.reduce((sum, [, number]) => sum + number, 0);
  const rows = [...types]
    .sort((one, other) => other[1] - one[1])
    .map(([name, number]) => {
      const bar = element("span", { class: "share" });
      bar.style.setProperty("width", `${Math.max(1, (number / all) * 100)}%`);
      return element(
        "li",
        {},
        element("span", {}, spaced(name)),
        element("span", { class: "share-ground" }, bar),
        element("span", { class: "number" }, count(number)),
      );
    });
  return element("div", { class: "close-types" }, element("h4", {}, "How executors ended"), element("ul", {}, rows));
}

function showCharts(host, unpacked, job) {
  const { candles, profit, step } = unpacked;
  const box = element("div", { class: "chart" });
  host.replaceChildren(element("h3", { id: "charts-title" }, "Price, profit, drawdown"), box, legend());
  if (candles.time.length === 0 && profit.time.length === 0) {
    box.replaceChildren(element("p", { class: "soft" }, "The result has neither candles nor a line of profit."));
    return null;
  }
  const quote = quoteOf(job);
  // In parity things are stamped with their candle's open time, in a causal replay with its close: both stand in its middle.
  const middle = job.request && job.request.mode === "causal" ? -step / 2 : step / 2;
  const trades = unpacked.executors
    .filter((it) => it.filled > 0 && it.entry > 0 && it.exit > 0)
    .map((it) => ({ ...it, opened: it.filledAt, closedBy: spaced(it.closeType) }));
  const price = new Pyramid(candles.time, candles.open, candles.high, candles.low, candles.close);
  const total = Pyramid.ofLine(profit.time, profit.total);
  const drawdown = Pyramid.ofLine(profit.time, profit.drawdown);
  const panes = [
    { name: `Price${quote}`, height: 300, layers: [candleLayer(price, step), tradeLayer(trades, middle)] },
    { name: `Profit${quote}`, height: 120, layers: [lineLayer(total, { name: "profit", colour: "first", decimals: 2, middle })] },
    {
      name: `Drawdown${quote}`,
      height: 80,
      isBelowZero: true,
      layers: [lineLayer(drawdown, { name: "drawdown", colour: "loss", decimals: 2, fill: true, isDrawdown: true, middle })],
    },
  ];
  const ends = [candles.time, profit.time].filter((times) => times.length > 0);
  const from = Math.min(...ends.map((times) => times[0]));
  const to = Math.max(...ends.map((times) => times.at(-1))) + step;
  return chart(box, {
    name: `${job.title || "Backtest"}: price with executors, profit and drawdown`,
    panes: candles.time.length > 0 ? panes : panes.slice(1),
    whole: [from, to],
    step,
    strip: candles.time.length > 0 ? price : total,
  });
}

function quoteOf(job) {
  const config = job.request && typeof job.request.config === "object" ? job.request.config : {};
  const pair = String((config && config.trading_pair) || "");
  return pair.includes("-") ? `, ${pair.split("-").at(-1)}` : "";
}

function legend() {
  const entry = (kind, text) => element("span", {}, element("i", { class: `mark ${kind}`, "aria-hidden": "true" }), text);
  return element(
    "p",
    { class: "legend" },
    entry("buy", "bought"),
    entry("sell", "sold"),
    entry("gain", "left with a gain"),
    entry("loss", "left with a loss"),
    element("span", { class: "soft by-touch" }, "Drag to move, two fingers to zoom, touch to read."),
    element(
      "span",
      { class: "soft by-pointer" },
      "Drag to move; Ctrl and wheel to zoom; Shift and drag to zoom into a stretch; double-click for all. " +
        "With the keyboard: arrows, + and \u2212, N and P for executors.",
    ),
  );
}

function downloads(id) {
  const link = (path, text, name) => element("a", { href: path, download: name, class: "button small" }, text);
  return element(
    "section",
    { class: "downloads", "aria-label": "Downloads" },
    element("h3", {}, "Take along"),
    element(
      "div",
      { class: "buttons" },
      link(server.resultPath(id), "Result, JSON", `backtest-${id}.json`),
      link(server.executorsPath(id), "Executors, CSV", `executors-${id}.csv`),
      link(server.profitPath(id), "Profit, CSV", `pnl-${id}.csv`),
    ),
  );
}
