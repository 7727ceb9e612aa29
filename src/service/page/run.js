// How does one job stand? Its stages, its progress and its steps while it runs; what came of it afterwards.

import { button, element, write } from "./dom.js";
import { announce, complain, errorNode } from "./notice.js";
import { follow } from "./watch.js";
import { result } from "./result.js";
import { server } from "./server.js";
import {
  count,
  durationText,
  hasEnded,
  many,
  NONE,
  percent,
  plain,
  seconds,
  spaced,
  stateOf,
  stateText,
  timeText,
  titled,
  valueText,
} from "./words.js";

const STAGES = [
  ["validating", "Validating inputs"],
  ["fetching_candles", "Fetching candles"],
  ["calculating", "Calculating"],
  ["complete", "Complete"],
];
// Steps come by the thousand; a table that is written more often than this cannot be read.
const STEPS_EVERY_MS = 250;
const STEPS_SHOWN = 100;
// A progress that is said aloud more often than by quarters is noise.
const SPOKEN_PARTS = 4;

// Shows a job in `host`; returns a function that ends it. `use(request)` puts its request into the form.
export function run(host, job, { use, compare, again, ended }) {
  const it = { host, use, compare, again, ended, job, spoken: "", endResult: null, isShown: false };
  build(it);
  it.clock = setInterval(() => showTimes(it), 500);
  const end = follow(
    job,
    (changed) => {
      it.job = changed;
      show(it);
    },
    (text) => {
      write(it.channel, text);
      it.channel.hidden = text === "";
    },
  );
  return {
    stop: () => act(it, "Stop", server.cancel),
    togglePause: () => act(it, "Pause", stateOf(it.job) === "paused" ? server.resume : server.pause),
    get job() {
      return it.job;
    },
    end() {
      end();
      clearInterval(it.clock);
      clearTimeout(it.stepsTimer);
      if (it.endResult) it.endResult();
    },
  };
}

function build(it) {
  it.chip = element("span", { class: "chip" });
  it.title = element("h2", { id: "run-title", tabindex: "-1" });
  it.stages = element("ol", { class: "stages", "aria-label": "Stages" });
  it.bar = element("progress", { max: "1", "aria-label": "Progress of the stage" });
  it.message = element("p", { class: "message" });
  it.figures = element("dl", { class: "facts" });
  it.channel = element("p", { class: "warning", hidden: true });
  it.stop = button("Stop", () => act(it, "Stop", server.cancel), { class: "danger", title: "Stop (X)" });
  it.pause = button("Pause", () => act(it, "Pause", stateOf(it.job) === "paused" ? server.resume : server.pause), {
    title: "Pause or resume (P)",
  });
  it.live = element(
    "div",
    { class: "live" },
    it.stages,
    it.bar,
    it.message,
    element("div", { class: "buttons" }, it.stop, it.pause),
    it.channel,
  );
  it.trouble = element("div", {});
  it.steps = element("tbody", {});
  it.stepsHead = element("tr", {});
  it.stepsBox = element(
    "details",
    { class: "steps", open: true, hidden: true },
    element("summary", {}, "Recent steps"),
    element(
      "div",
      { class: "scroll low", tabindex: "0", role: "region", "aria-label": "Recent steps, newest first" },
      element("table", {}, element("thead", {}, it.stepsHead), it.steps),
    ),
  );
  it.outcome = element("div", {});
  it.buttons = element("div", { class: "buttons head-buttons" });
  it.host.replaceChildren(
    element("div", { class: "run-head" }, element("div", {}, it.title, it.chip), it.buttons),
    it.figures,
    it.live,
    it.trouble,
    it.outcome,
    it.stepsBox,
  );
}

async function act(it, what, ask) {
  if (hasEnded(it.job) || it.isAsking) return;
  it.isAsking = true;
  try {
    const job = await ask(it.job.id);
    // The events tell the rest, and where there are none, this does.
    if (job && job.id === it.job.id && !hasEnded(it.job)) {
      Object.assign(it.job, { is_paused: job.is_paused, state: hasEnded(job) ? it.job.state : job.state });
      show(it);
    }
  } catch (error) {
    complain(error, `${what} failed`);
  } finally {
    it.isAsking = false;
  }
}

function show(it) {
  const { job } = it;
  const state = stateOf(job);
  write(it.title, job.title || titled(job.kind || "job"));
  write(it.chip, stateText(job));
  it.chip.className = `chip ${state}`;
  it.host.dataset.state = state;
  it.host.dataset.job = job.id;
  showTimes(it);
  speak(it, state);
  const isOver = hasEnded(job);
  it.live.hidden = isOver;
  if (!isOver) showLive(it, state);
  // Much is told while it runs, and looked at once when it has ended.
  const isLate = isOver || !it.stepsTimer;
  if (isLate) showSteps(it);
  if (!isOver && !it.stepsTimer) {
    it.stepsTimer = setTimeout(() => {
      it.stepsTimer = 0;
      showSteps(it);
    }, STEPS_EVERY_MS);
  }
  if (isOver && !it.isShown) showEnd(it);
}

function showLive(it, state) {
  const { job } = it;
  const at = STAGES.findIndex(([name]) => name === job.stage);
  const items = STAGES.map(([name, label], index) => {
    const kind = state === "pending" ? "ahead" : index < at ? "done" : index === at ? "now" : "ahead";
    return element(
      "li",
      { class: kind, "aria-current": kind === "now" ? "step" : null },
      label,
      kind === "done" ? element("span", { class: "hidden" }, " (done)") : null,
    );
  });
  if (it.stageShown !== `${job.stage} ${state}`) {
    it.stageShown = `${job.stage} ${state}`;
    it.stages.replaceChildren(...items);
  }
  const isKnown = typeof job.progress === "number" && state !== "pending";
  if (isKnown) it.bar.value = job.progress;
  else it.bar.removeAttribute("value");
  it.bar.setAttribute("aria-valuetext", isKnown ? percent(job.progress, 0) : "not started");
  const units = job.total > 0 ? `${count(job.done)} of ${count(job.total)}` : job.done > 0 ? count(job.done) : "";
  write(
    it.message,
    [state === "pending" ? "Waiting for a free worker." : job.message, isKnown ? percent(job.progress, 0) : "", units]
      .filter(Boolean)
      .join(" · "),
  );
  write(it.pause, state === "paused" ? "Resume" : "Pause");
  it.pause.disabled = state === "pending";
}

function showTimes(it) {
  const { job } = it;
  const started = seconds(job.started_at);
  const ended = seconds(job.completed_at);
  const isOver = hasEnded(job);
  const took = Number.isFinite(started)
    ? Math.max(0, (Number.isFinite(ended) ? ended : isOver ? started : Date.now() / 1000) - started)
    : NaN;
  const facts = [
    ["Accepted", `${timeText(job.created_at)} UTC`],
    [isOver ? "Took" : "Elapsed", Number.isFinite(took) ? durationText(isOver ? took : Math.floor(took)) : NONE],
  ];
  if (!isOver)
    facts.push([
      "Time left",
      typeof job.eta_s === "number" && stateOf(job) === "running"
        ? `about ${durationText(Math.max(1, Math.round(job.eta_s)))}`
        : NONE,
    ]);
  if (job.is_cached) facts.push(["Result", "known from an equal run"]);
  if (job.attempts > 1) facts.push(["Attempts", String(job.attempts)]);
  const text = JSON.stringify(facts);
  if (it.factsShown === text) return;
  it.factsShown = text;
  it.figures.replaceChildren(
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

function speak(it, state) {
  const part = Math.floor((it.job.progress || 0) * SPOKEN_PARTS);
  const mark = hasEnded(it.job) ? state : `${state} ${it.job.stage} ${part}`;
  if (mark === it.spoken) return;
  const isFirst = it.spoken === "";
  it.spoken = mark;
  if (isFirst && hasEnded(it.job)) return;
  const stage = (STAGES.find(([name]) => name === it.job.stage) || ["", ""])[1];
  announce(
    hasEnded(it.job)
      ? `Backtest ${stateText(it.job)}.`
      : state === "running"
        ? `${stage}, ${percent(part / SPOKEN_PARTS, 0)}.`
        : `Backtest ${stateText(it.job)}.`,
  );
}

// Columns are whatever the steps say; a time reads as a time.
function showSteps(it) {
  const steps = (it.job.steps || []).slice(-STEPS_SHOWN).reverse();
  it.stepsBox.hidden = steps.length === 0;
  if (steps.length === 0) return;
  const last = steps[0];
  const mark = `${steps.length} ${JSON.stringify(last)}`;
  if (it.stepsMark === mark) return;
  it.stepsMark = mark;
  const keys = [...new Set(steps.flatMap((step) => Object.keys(step)))];
  const heads = keys.join();
  if (it.stepsKeys !== heads) {
    it.stepsKeys = heads;
    it.stepsHead.replaceChildren(
      ...keys.map((key) => element("th", { scope: "col" }, titled(key.replace(/_(s|quote|pct)$/, "")), unitOf(key))),
    );
  }
  it.steps.replaceChildren(
    ...steps.map((step) =>
      element(
        "tr",
        {},
        keys.map((key) => {
          const value = step[key];
          return element("td", { class: typeof value === "number" && !isTime(key) ? "number" : null }, stepText(key, value));
        }),
      ),
    ),
  );
}

function isTime(key) {
  return /(^|_)(time|timestamp|at)$/.test(key);
}

function unitOf(key) {
  const unit = isTime(key) ? "UTC" : key.endsWith("_quote") ? "quote" : key.endsWith("_s") ? "s" : "";
  return unit ? element("span", { class: "unit" }, ` ${unit}`) : null;
}

function stepText(key, value) {
  if (isTime(key)) return timeText(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : plain(value);
  return typeof value === "string" && /^[A-Z_]+$/.test(value) ? spaced(value) : valueText(value);
}

function showEnd(it) {
  const { job } = it;
  it.isShown = true;
  it.ended(job);
  it.stepsBox.open = job.state !== "complete";
  const acts = [];
  if (job.request && job.kind === "backtest")
    acts.push(button("Use these settings", () => it.use(job.request), { class: "small" }));
  if (job.state === "complete" && job.kind === "backtest")
    acts.push(button("Compare with…", () => it.compare(job.id), { class: "small" }));
  if (job.state !== "complete" && job.request && job.kind === "backtest")
    acts.push(button("Run again", () => it.again(job.request), { class: "small" }));
  it.buttons.replaceChildren(...acts);
  if (job.state === "complete" && job.kind === "backtest") {
    it.endResult = result(it.outcome, job);
    return;
  }
  it.outcome.replaceChildren();
  if (job.error) {
    it.trouble.replaceChildren(errorNode(job.error, job.state === "failed" ? "Failed" : titled(stateText(job))));
    return;
  }
  it.trouble.replaceChildren(element("p", { class: "ending" }, endText(job)));
}

function endText(job) {
  if (job.state === "complete") return `Done${job.message ? `: ${job.message}` : ""}.`;
  const at =
    job.total > 0
      ? ` after ${count(job.done)} of ${many(job.total, "step")}`
      : job.progress > 0
        ? ` at ${percent(job.progress, 0)}`
        : "";
  if (job.state === "cancelled") return `Stopped${at}. There is no result.`;
  if (job.state === "superseded") return "A newer run of the same workspace took its place.";
  return `It ended as ${stateText(job)}${at}.`;
}
