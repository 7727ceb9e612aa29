// How is a chart drawn? Panes stand above each other on one axis of time, in UTC; below them a strip shows the whole run.
//
// Two canvases lie on each other: what is slow to draw is drawn when the view moves, the crosshair whenever the pointer does.

import { button, element, freshId, write } from "./dom.js";
import { timeTicks, valueTicks } from "./axis.js";
import { hold } from "./hand.js";
import { View } from "./view.js";
import { timeText } from "./words.js";

const FONT = "11px system-ui, sans-serif";
const FONT_STRONG = "600 11px system-ui, sans-serif";
const [HEAD, GAP, TIMES, STRIP, STRIP_GAP] = [20, 10, 22, 30, 6];
// A canvas is not made larger than this, however dense the screen is.
const RATIO_MAX = 3;

const COLOURS = [
  "paper",
  "ink",
  "soft",
  "line",
  "up",
  "down",
  "up-body",
  "buy",
  "sell",
  "gain",
  "loss",
  "flat",
  "first",
  "second",
  "honey-deep",
];

// Draws `panes` into `host`: `{name, height, layers, unit}` each, from the top. `whole` is the run's stretch of time and
// `step` its rows' distance, in seconds. Returns the view, so that a table can move it, and a function that ends it all.
export function chart(host, { name, panes, whole, step, strip }) {
  const view = new View(whole, step);
  const base = element("canvas", { class: "base", "aria-hidden": "true" });
  const over = element("canvas", { class: "over", "aria-hidden": "true" });
  const tip = element("div", { class: "tip", hidden: true });
  const helpId = freshId("chart-help");
  const frame = element(
    "div",
    {
      class: "canvas",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "chart",
      "aria-label": name,
      "aria-describedby": helpId,
    },
    base,
    over,
    tip,
  );
  const readout = element("div", { class: "readout" });
  const spoken = element("p", { class: "hidden", "aria-live": "polite" });
  const note = element("span", { class: "soft" });
  const it = {
    name,
    panes,
    view,
    base,
    over,
    tip,
    frame,
    readout,
    spoken,
    note,
    strip,
    hover: null,
    near: null,
    drag: null,
    colours: {},
    grounds: [],
    isBaseDue: true,
    isOverDue: true,
  };
  host.replaceChildren(tools(it), readout, frame, element("p", { class: "hidden", id: helpId }, HELP), spoken);
  view.listen((what) => {
    if (what === "view") [it.isBaseDue, it.near] = [true, null];
    due(it);
  });
  const watcher = new ResizeObserver(() => {
    it.isBaseDue = true;
    due(it);
  });
  watcher.observe(frame);
  const onTheme = () => {
    it.colours = {};
    it.isBaseDue = true;
    due(it);
  };
  document.addEventListener("hive-theme", onTheme);
  hold(it, () => due(it));
  due(it);
  return {
    view,
    focus: () => frame.focus(),
    // Shows one executor, by its number in the result.
    choose(index) {
      for (const pane of panes) for (const layer of pane.layers) if (layer.choose) show(it, layer, index);
    },
    end() {
      watcher.disconnect();
      document.removeEventListener("hive-theme", onTheme);
    },
  };
}

const HELP =
  "Left and right arrows move the crosshair, with Shift they move the view. Plus and minus zoom, 0 shows the whole run, " +
  "Home and End go to its ends. N and P go to the next and the previous executor.";

function tools(it) {
  const { view } = it;
  const acts = [
    ["Zoom in", "+", () => view.zoom(0.5)],
    ["Zoom out", "\u2212", () => view.zoom(2)],
    ["Earlier", "←", () => view.move(-0.5)],
    ["Later", "→", () => view.move(0.5)],
    ["Whole run", "Whole run", () => view.showAll()],
  ];
  return element(
    "div",
    { class: "tools", role: "group", "aria-label": `View of the chart: ${it.name}` },
    acts.map(([label, text, act]) =>
      button(text, act, { class: "small", "aria-label": label === text ? null : label, title: label }),
    ),
    it.note,
  );
}

function show(it, layer, index) {
  const trade = layer.byIndex(index);
  if (!trade) return;
  const cursor = trade.at - it.view.step / 2;
  layer.choose(index, cursor);
  it.view.look(trade.at, trade.end);
  it.view.point(cursor);
}

function due(it) {
  it.isOverDue = true;
  if (it.frameId) return;
  it.frameId = requestAnimationFrame(() => {
    it.frameId = 0;
    if (!it.frame.isConnected || it.frame.clientWidth === 0) return;
    if (it.isBaseDue) drawBase(it);
    if (it.isOverDue) drawOver(it);
  });
}

function colours(it) {
  if (it.colours.paper) return it.colours;
  const style = getComputedStyle(it.frame);
  for (const name of COLOURS)
    it.colours[name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = style.getPropertyValue(`--${name}`).trim();
  return it.colours;
}

// Gives a canvas as many pixels as the screen has there, and a brush in units of the page.
function fitted(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, RATIO_MAX);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const brush = canvas.getContext("2d");
  brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  brush.clearRect(0, 0, width, height);
  return brush;
}

// Room for what is in view, with a little air.
function scaleOf(pane, view) {
  let [low, high] = [Infinity, -Infinity];
  for (const layer of pane.layers) {
    const seen = layer.bounds(view.from, view.to);
    if (seen) [low, high] = [Math.min(low, seen[0]), Math.max(high, seen[1])];
  }
  if (low > high) [low, high] = [0, 1];
  const span = high - low || Math.abs(high) * 0.002 || 1;
  return [low - span * 0.07, pane.isBelowZero && high === 0 ? span * 0.02 : high + span * 0.07];
}

function drawBase(it) {
  it.isBaseDue = false;
  const { view, panes, frame } = it;
  const width = frame.clientWidth;
  const isNarrow = width < 560;
  const heights = panes.map((pane) => Math.round(pane.height * (isNarrow ? 0.78 : 1)));
  const height = heights.reduce((sum, each) => sum + each + HEAD + GAP, 0) + TIMES + STRIP_GAP + STRIP;
  frame.style.setProperty("height", `${height}px`);
  const brush = fitted(it.base, width, height);
  const tints = colours(it);
  brush.font = FONT;
  const scales = panes.map((pane, index) => {
    const [low, high] = scaleOf(pane, view);
    return { low, high, ticks: valueTicks(low, high, Math.max(2, Math.floor(heights[index] / 32)), pane.unit) };
  });
  const texts = scales.flatMap((scale) => scale.ticks.all.map(([, text]) => brush.measureText(text).width));
  const axis = Math.ceil(Math.max(38, ...texts)) + 12;
  const right = width - axis;
  const times = timeTicks(view.from, view.to, Math.max(2, Math.floor(right / (isNarrow ? 58 : 72))));
  let top = 0;
  it.grounds = [];
  const notes = [];
  for (const [index, pane] of panes.entries()) {
    const { low, high, ticks } = scales[index];
    const [above, below] = [top + HEAD, top + HEAD + heights[index]];
    const ground = {
      pane,
      left: 0,
      right,
      top: above,
      bottom: below,
      from: view.from,
      to: view.to,
      ticks,
      width,
      x: (time) => ((time - view.from) / (view.to - view.from)) * right,
      y: (value) => below - ((value - low) / (high - low)) * (below - above),
      timeAt: (x) => view.from + (x / right) * (view.to - view.from),
      valueAt: (y) => low + ((below - y) / (below - above)) * (high - low),
    };
    it.grounds.push(ground);
    grid(brush, ground, times, tints);
    brush.save();
    brush.beginPath();
    brush.rect(0, above - 1, right, below - above + 2);
    brush.clip();
    for (const layer of pane.layers) {
      const told = layer.draw(brush, ground, tints);
      if (told) notes.push(told);
    }
    brush.restore();
    brush.font = FONT_STRONG;
    brush.fillStyle = tints.soft;
    brush.textAlign = "left";
    brush.fillText(pane.name, 2, top + 13);
    top = below + GAP;
  }
  it.bottom = top - GAP;
  timeAxis(brush, it.grounds[0], times, it.bottom, tints);
  it.stripTop = it.bottom + TIMES + STRIP_GAP;
  drawStrip(it, brush, right, tints);
  write(it.note, notes.join(" · "));
  frame.setAttribute("aria-label", `${it.name}, from ${timeText(view.from)} to ${timeText(view.to)} UTC`);
  frame.dataset.from = String(view.from);
  frame.dataset.to = String(view.to);
}

function grid(brush, ground, times, tints) {
  brush.strokeStyle = tints.line;
  brush.lineWidth = 1;
  brush.font = FONT;
  brush.textAlign = "left";
  brush.fillStyle = tints.soft;
  brush.beginPath();
  for (const [value, text] of ground.ticks.all) {
    const y = Math.round(ground.y(value)) + 0.5;
    if (y < ground.top - 1 || y > ground.bottom + 1) continue;
    brush.moveTo(0, y);
    brush.lineTo(ground.right, y);
    brush.fillText(text, ground.right + 7, y + 3.5);
  }
  for (const { time } of times) {
    const x = Math.round(ground.x(time)) + 0.5;
    brush.moveTo(x, ground.top);
    brush.lineTo(x, ground.bottom);
  }
  brush.stroke();
  brush.beginPath();
  brush.moveTo(ground.right + 0.5, ground.top);
  brush.lineTo(ground.right + 0.5, ground.bottom + 0.5);
  brush.lineTo(0, ground.bottom + 0.5);
  brush.strokeStyle = tints.flat;
  brush.stroke();
}

function timeAxis(brush, ground, times, bottom, tints) {
  brush.textAlign = "center";
  let end = -Infinity;
  // What begins a day goes first: where there is no room for both, it is the one that says more.
  for (const { time, text, isGreater } of times) {
    const x = ground.x(time);
    brush.font = isGreater ? FONT_STRONG : FONT;
    const half = brush.measureText(text).width / 2;
    if (x - half < end + 8 || x - half < 0 || x + half > ground.right) continue;
    brush.fillStyle = isGreater ? tints.ink : tints.soft;
    brush.fillText(text, x, bottom + 15);
    end = x + half;
  }
  brush.font = FONT;
  brush.textAlign = "left";
  brush.fillStyle = tints.soft;
  brush.fillText("UTC", ground.right + 7, bottom + 15);
}

// The whole run in little, with the view marked in it.
function drawStrip(it, brush, right, tints) {
  const { view, stripTop } = it;
  const [from, to] = view.whole;
  const x = (time) => ((time - from) / (to - from)) * right;
  brush.fillStyle = tints.line;
  brush.globalAlpha = 0.45;
  brush.fillRect(0, stripTop, right, STRIP);
  brush.globalAlpha = 1;
  const bounds = it.strip.bounds(from, to);
  if (bounds) {
    const [low, high] = bounds[0] === bounds[1] ? [bounds[0] - 1, bounds[1] + 1] : bounds;
    const y = (value) => stripTop + STRIP - 4 - ((value - low) / (high - low)) * (STRIP - 8);
    const { floor, first, end } = it.strip.seen(from, to, Math.max(16, Math.floor(right)));
    brush.beginPath();
    for (let row = first; row < end; row += 1) brush.lineTo(x(floor.time[row]), y(floor.close[row]));
    brush.strokeStyle = tints.soft;
    brush.lineWidth = 1;
    brush.stroke();
  }
  const [left, stop] = [x(view.from), x(view.to)];
  brush.fillStyle = tints.honeyDeep;
  brush.globalAlpha = 0.16;
  brush.fillRect(left, stripTop, Math.max(2, stop - left), STRIP);
  brush.globalAlpha = 1;
  brush.strokeStyle = tints.honeyDeep;
  brush.lineWidth = 1.5;
  brush.strokeRect(left + 0.75, stripTop + 0.75, Math.max(2, stop - left - 1.5), STRIP - 1.5);
}

function drawOver(it) {
  it.isOverDue = false;
  const { view, frame } = it;
  const brush = fitted(it.over, frame.clientWidth, Number.parseFloat(frame.style.height));
  const tints = colours(it);
  const ground = it.grounds[0];
  readOut(it, view.cursor ?? view.to - view.step);
  if (it.drag) {
    const [left, right] = [it.drag.from, it.drag.to].sort((one, other) => one - other);
    brush.fillStyle = tints.honeyDeep;
    brush.globalAlpha = 0.15;
    brush.fillRect(left, ground.top, right - left, it.bottom - ground.top);
    brush.globalAlpha = 1;
  }
  showTip(it);
  if (view.cursor === null || view.cursor < view.from || view.cursor > view.to) return;
  const x = Math.round(ground.x(view.cursor + view.step / 2)) + 0.5;
  brush.strokeStyle = tints.soft;
  brush.setLineDash([4, 3]);
  brush.lineWidth = 1;
  brush.beginPath();
  brush.moveTo(x, ground.top);
  brush.lineTo(x, it.bottom);
  const under = it.hover && it.grounds.find((each) => it.hover.y >= each.top && it.hover.y <= each.bottom);
  if (under) {
    const y = Math.round(it.hover.y) + 0.5;
    brush.moveTo(0, y);
    brush.lineTo(under.right, y);
  }
  brush.stroke();
  brush.setLineDash([]);
  if (under) label(brush, under.ticks.text(under.valueAt(it.hover.y)), under.right + 3, it.hover.y, "left", tints, under.width);
  label(brush, timeText(view.cursor), x, it.bottom + 11, "center", tints, ground.width);
}

// A text on a dark ground, kept inside the chart.
function label(brush, text, x, y, align, tints, width) {
  brush.font = FONT;
  const wide = brush.measureText(text).width + 8;
  const left = Math.max(0, Math.min(align === "center" ? x - wide / 2 : x, width - wide));
  brush.fillStyle = tints.ink;
  brush.fillRect(left, y - 9, wide, 18);
  brush.fillStyle = tints.paper;
  brush.textAlign = "left";
  brush.fillText(text, left + 4, y + 4);
}

function readOut(it, time) {
  const parts = [element("span", { class: "when" }, `${timeText(time)} UTC`)];
  for (const pane of it.panes) {
    for (const layer of pane.layers) {
      for (const reading of layer.at(time)) {
        parts.push(
          element(
            "span",
            {},
            reading.colour ? element("i", { class: `swatch ${reading.colour}` }) : null,
            element("span", { class: "soft" }, `${reading.name} `),
            element("b", { class: reading.tone || "" }, reading.text),
          ),
        );
      }
    }
  }
  it.readout.replaceChildren(...parts);
}

function showTip(it) {
  const shown = it.near;
  it.tip.hidden = !shown;
  if (!shown) return;
  it.tip.replaceChildren(...shown.lines.map((line, index) => element(index === 0 ? "strong" : "span", {}, line)));
  const [wide, high] = [it.tip.offsetWidth, it.tip.offsetHeight];
  const left = shown.x + 14 + wide > it.frame.clientWidth ? shown.x - 14 - wide : shown.x + 14;
  const top = shown.y - high - 10 < 0 ? shown.y + 14 : shown.y - high - 10;
  it.tip.style.setProperty("transform", `translate(${Math.max(2, Math.round(left))}px, ${Math.max(2, Math.round(top))}px)`);
}
