// Which stretch of time is replayed? Two dates in UTC, presets that know what candles there are, and the candles' coverage.

import { button, element, freshId, write } from "./dom.js";
import { complaint, coverageBars, fitting, markets, widest } from "./coverage.js";

const DAY = 86400;
const PRESETS = [
  ["Last day", DAY],
  ["Last week", 7 * DAY],
  ["Last month", 30 * DAY],
  ["All", Infinity],
];

// Returns `{node, read, write, refuse, check, show}`. `market()` says which market and resolution are meant.
export function period(market, change, download, pick) {
  const it = { market, pick, candles: [], isKnown: false };
  const input = (text) => {
    const id = freshId("time");
    const control = element("input", {
      type: "datetime-local",
      id,
      step: "60",
      required: true,
      "aria-describedby": `${id}-error`,
      input: () => {
        refuse(it, []);
        draw(it);
        change();
      },
    });
    const error = element("p", { class: "field-error", id: `${id}-error`, hidden: true });
    return {
      control,
      error,
      node: element(
        "div",
        { class: "field" },
        element("label", { for: id }, text, element("span", { class: "unit" }, " UTC")),
        control,
        error,
      ),
    };
  };
  it.start = input("From");
  it.end = input("To");
  it.bars = element("div", {});
  it.note = element("p", { class: "warning", "aria-live": "polite" });
  it.fetch = button("Download candles of this window", () => download({ ...market(), ...read(it) }), {
    class: "small",
    hidden: true,
  });
  const presets = element(
    "div",
    { class: "choices", role: "group", "aria-label": "Windows that end with the candles" },
    PRESETS.map(([name, span]) =>
      button(
        name,
        () => {
          preset(it, span);
          change();
        },
        { class: "small" },
      ),
    ),
  );
  const node = element(
    "fieldset",
    { class: "plain" },
    element("legend", {}, "Window"),
    element("div", { class: "grid" }, it.start.node, it.end.node),
    presets,
    element(
      "div",
      { class: "coverage-box" },
      element("p", { class: "box-title" }, "Candles in the store"),
      it.bars,
      it.note,
      it.fetch,
    ),
  );
  return {
    node,
    read: () => read(it),
    write(start, end) {
      if (Number.isFinite(start)) it.start.control.value = local(start);
      if (Number.isFinite(end)) it.end.control.value = local(end);
      draw(it);
    },
    fill(candles) {
      it.candles = candles;
      it.isKnown = true;
      if (!it.start.control.value && !it.end.control.value) preset(it, 2 * DAY);
      draw(it);
    },
    show: () => draw(it),
    refuse: (fields) => refuse(it, fields),
    check: () => check(it),
  };
}

// What a `datetime-local` shows has no zone: here it is always UTC.
function local(time) {
  return new Date(Math.floor(time / 60) * 60000).toISOString().slice(0, 16);
}

function moment(control) {
  const time = control.value ? Date.parse(`${control.value}Z`) / 1000 : NaN;
  return Number.isFinite(time) ? Math.floor(time) : null;
}

function read(it) {
  return { start: moment(it.start.control), end: moment(it.end.control) };
}

function here(it) {
  const { connector, pair, resolution } = it.market();
  return fitting(it.candles, { connector, pair }, resolution);
}

function preset(it, span) {
  const best = widest(here(it));
  if (!best) return;
  const end = best.to + (best.step || 0);
  it.end.control.value = local(end);
  it.start.control.value = local(Math.max(best.from, end - span));
  refuse(it, []);
  draw(it);
}

function draw(it) {
  if (!it.isKnown) return;
  const coverages = here(it);
  const { start, end } = read(it);
  it.bars.replaceChildren(coverages.length > 0 ? coverageBars(coverages, start, end) : otherMarkets(it));
  const text = coverages.length === 0 ? "" : complaint(coverages, start, end);
  write(it.note, text);
  it.note.hidden = text === "";
  const { connector, pair } = it.market();
  it.fetch.hidden = !(connector && pair && start < end && (text !== "" || coverages.length === 0));
}

const MARKETS_MAX = 8;

function pick(it, connector, pair) {
  it.pick(connector, pair);
  const { start, end } = read(it);
  if (complaint(here(it), start, end) !== "") preset(it, 2 * DAY);
}

function otherMarkets(it) {
  const there = markets(it.candles);
  if (there.length === 0) return element("p", {}, "The store has no candles yet.");
  const shown = there.slice(0, MARKETS_MAX);
  return element(
    "div",
    {},
    element("p", {}, "There are none of this market. There are some of:"),
    element(
      "div",
      { class: "choices" },
      shown.map(({ connector, pair }) => button(`${connector} ${pair}`, () => pick(it, connector, pair), { class: "small" })),
      there.length > shown.length ? element("span", { class: "soft" }, `and ${there.length - shown.length} more`) : null,
    ),
  );
}

function check(it) {
  const { start, end } = read(it);
  const fields = [];
  if (start === null) fields.push({ loc: ["start_time"], message: "A date and a time are needed." });
  if (end === null) fields.push({ loc: ["end_time"], message: "A date and a time are needed." });
  if (start !== null && end !== null && start >= end)
    fields.push({ loc: ["end_time"], message: "The end has to be after the start." });
  return refuse(it, fields);
}

function refuse(it, fields) {
  let first = null;
  for (const [key, side] of [
    ["start_time", it.start],
    ["end_time", it.end],
  ]) {
    const found = fields.filter((each) => (each.loc || []).includes(key));
    for (const each of found) each.isShown = true;
    side.error.hidden = found.length === 0;
    write(side.error, found.map((each) => each.message).join(" "));
    side.control.setAttribute("aria-invalid", found.length > 0 ? "true" : "false");
    if (found.length > 0) first = first || side.control;
  }
  return first;
}
