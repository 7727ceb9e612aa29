// How do two runs differ? In their measures, in their lines of profit, and in what they were asked for.

import { button, element, freshId, scrolled } from "./dom.js";
import { chart } from "./chart.js";
import { difference, figures, measures, MISSING } from "./measure.js";
import { errorNode } from "./notice.js";
import { lineLayer } from "./layer.js";
import { Pyramid } from "./pyramid.js";
import { resultOf } from "./fetched.js";
import { server } from "./server.js";
import { timeText, valueText } from "./words.js";

const CHOICES_MAX = 100;

// Shows two runs in `host`; `one` and `other` may be missing. Returns a function that ends it.
export function comparison(host, one, other, go) {
  const it = { isOver: false, end: () => {} };
  const body = element("div", { class: "comparison", "aria-live": "off" });
  const choices = element("div", { class: "tools chooser" });
  host.replaceChildren(element("h1", { tabindex: "-1" }, "Compare two runs"), choices, body);
  chooser(choices, one, other, go).catch((error) => choices.append(errorNode(error, "The list of runs could not be loaded")));
  if (one && other) {
    body.append(element("p", { class: "soft" }, "Reading both results…"));
    both(it, body, one, other).catch((error) => {
      if (!it.isOver) body.replaceChildren(errorNode(error, "The runs could not be compared"));
    });
  }
  return () => {
    it.isOver = true;
    it.end();
  };
}

async function chooser(host, one, other, go) {
  const { jobs } = await server.jobs({ state: "complete", limit: CHOICES_MAX });
  const runs = (jobs || []).filter((job) => job.kind === "backtest");
  const select = (text, kind, value) => {
    const id = freshId("run");
    const known = runs.some((job) => job.id === value);
    const options = runs.map((job) =>
      element("option", { value: job.id, selected: job.id === value }, `${job.title}, ${timeText(job.created_at)}`),
    );
    const control = element(
      "select",
      { id },
      element("option", { value: "" }, runs.length > 0 ? "Choose a run" : "There is no complete run"),
      value && !known ? element("option", { value, selected: true }, value) : null,
      options,
    );
    return {
      control,
      node: element(
        "span",
        { class: "filter wide" },
        element("label", { for: id }, element("i", { class: `swatch ${kind}`, "aria-hidden": "true" }), text),
        control,
      ),
    };
  };
  const [first, second] = [select("First", "first", one), select("Second", "second", other)];
  const act = () => {
    if (first.control.value && second.control.value) go(first.control.value, second.control.value);
  };
  first.control.addEventListener("change", act);
  second.control.addEventListener("change", act);
  host.replaceChildren(
    first.node,
    second.node,
    button(
      "Swap",
      () => {
        if (one && other) go(other, one);
      },
      { disabled: !(one && other) },
    ),
  );
}

async function both(it, body, one, other) {
  const [jobs, results] = await Promise.all([
    Promise.all([server.job(one), server.job(other)]),
    Promise.all([resultOf(one), resultOf(other)]),
  ]);
  if (it.isOver) return;
  const box = element("div", { class: "chart" });
  body.replaceChildren(
    element(
      "section",
      { "aria-labelledby": "both-measures" },
      element("h2", { id: "both-measures" }, "Measures"),
      measureTable(
        jobs,
        results.map((result, index) => figures(jobs[index], result.results)),
      ),
    ),
    element(
      "section",
      { "aria-labelledby": "both-charts" },
      element("h2", { id: "both-charts" }, "Profit and drawdown"),
      box,
      element(
        "p",
        { class: "legend" },
        element("span", {}, element("i", { class: "swatch first", "aria-hidden": "true" }), "first"),
        element("span", {}, element("i", { class: "swatch second", "aria-hidden": "true" }), "second, dashed"),
      ),
    ),
    element(
      "section",
      { "aria-labelledby": "both-requests" },
      element("h2", { id: "both-requests" }, "What was asked for"),
      requestTable(jobs),
    ),
  );
  it.end = showLines(box, results);
  body.dataset.ready = "yes";
}

function measureTable(jobs, [one, other]) {
  const rows = measures(one, other).map((measure) => {
    const [left, right] = [one[measure.key], other[measure.key]];
    const by = difference(measure, left, right);
    const isBetter = by && by.by !== 0 && measure.better !== 0 ? by.by > 0 === measure.better > 0 : null;
    const kind = isBetter === null ? "" : isBetter ? "gain" : "loss";
    const value = (number) =>
      element("td", { class: "number", title: typeof number === "number" ? String(number) : MISSING }, measure.text(number));
    return element(
      "tr",
      { class: by && by.by === 0 ? "same" : null },
      element("th", { scope: "row", title: measure.meaning }, measure.name, element("span", { class: "unit" }, ` ${measure.unit}`)),
      value(left),
      value(right),
      element(
        "td",
        { class: `number ${kind}` },
        by ? by.text : "–",
        isBetter === null ? null : element("span", { class: "hidden" }, isBetter ? " (better)" : " (worse)"),
      ),
      element("td", { class: "number soft" }, by ? by.relative : ""),
    );
  });
  const head = (kind, text, job) =>
    element(
      "th",
      { scope: "col", class: "number" },
      element("i", { class: `swatch ${kind}`, "aria-hidden": "true" }),
      element("a", { href: `#/jobs/${encodeURIComponent(job.id)}`, title: job.title }, text),
    );
  return scrolled(
    "Measures of both runs",
    element(
      "table",
      { class: "both" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "Measure"),
          head("first", "first", jobs[0]),
          head("second", "second", jobs[1]),
          element("th", { scope: "col", class: "number" }, "difference"),
          element("th", { scope: "col", class: "number" }, "relative"),
        ),
      ),
      element("tbody", {}, rows),
    ),
  );
}

function showLines(box, results) {
  const lines = results.map((it) => ({
    total: Pyramid.ofLine(it.profit.time, it.profit.total),
    drawdown: Pyramid.ofLine(it.profit.time, it.profit.drawdown),
  }));
  const shown = lines.filter((it) => it.total.length > 0);
  if (shown.length === 0) {
    box.replaceChildren(element("p", { class: "soft" }, "Neither run has a line of profit."));
    return () => {};
  }
  const kinds = [
    ["first", undefined],
    ["second", [6, 3]],
  ];
  const layers = (key, more) =>
    lines.map((it, index) => {
      const [kind, dash] = kinds[index];
      return lineLayer(it[key], {
        name: more.isDrawdown ? `${kind} drawdown` : `${kind} profit`,
        colour: kind,
        dash,
        decimals: 2,
        ...more,
      });
    });
  const step = Math.min(...results.map((it) => it.step));
  const from = Math.min(...shown.map((it) => it.total.time[0]));
  const to = Math.max(...shown.map((it) => it.total.time.at(-1))) + step;
  const drawn = chart(box, {
    name: "Profit and drawdown of both runs",
    whole: [from, to],
    step,
    strip: shown[0].total,
    panes: [
      { name: "Profit, quote", height: 220, layers: layers("total", {}) },
      { name: "Drawdown, quote", height: 110, isBelowZero: true, layers: layers("drawdown", { isDrawdown: true }) },
    ],
  });
  return drawn.end;
}

// A request as a list of paths and values, so that two can be laid side by side.
function flat(value, path = "") {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[path, valueText(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, path === "" ? key : `${path}.${key}`));
}

function requestTable(jobs) {
  const [one, other] = jobs.map((job) => new Map(flat(job.request || {})));
  const keys = [...new Set([...one.keys(), ...other.keys()])];
  const isTime = (key) => key === "start_time" || key === "end_time";
  const text = (map, key) => (map.has(key) ? (isTime(key) ? `${timeText(map.get(key))} UTC` : map.get(key)) : "–");
  const differing = keys.filter((key) => one.get(key) !== other.get(key));
  if (differing.length === 0) return element("p", {}, "Both were asked for the same.");
  const rows = differing.map((key) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, key)),
      element("td", { class: "value" }, text(one, key)),
      element("td", { class: "value" }, text(other, key)),
    ),
  );
  const same = keys.length - differing.length;
  return element(
    "div",
    {},
    scrolled(
      "Settings that differ",
      element(
        "table",
        { class: "both" },
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ["Setting", "first", "second"].map((name) => element("th", { scope: "col" }, name)),
          ),
        ),
        element("tbody", {}, rows),
      ),
    ),
    element("p", { class: "soft" }, same === 1 ? "One other setting is the same." : `${same} other settings are the same.`),
  );
}
