// Which runs were there? A list that is filtered, leafed back in, compared from and tidied.

import { button, element, freshId, write } from "./dom.js";
import { announce, complain } from "./notice.js";
import { server } from "./server.js";
import { sure } from "./ask.js";
import {
  count,
  durationText,
  hasEnded,
  NONE,
  seconds,
  signed,
  signedPercent,
  stateOf,
  stateText,
  timeText,
  titled,
  tone,
} from "./words.js";

const PAGE_ROWS = 30;
const REFRESH_MS = 3000;
const STATES = [
  ["", "any"],
  ["pending", "waiting"],
  ["running", "running"],
  ["complete", "complete"],
  ["failed", "failed"],
  ["cancelled", "stopped"],
  ["superseded", "replaced"],
  ["interrupted", "interrupted"],
];

// Shows the list in `host`; returns a function that ends it.
export function history(host, { compare }) {
  const it = { jobs: [], next: null, state: "", words: "", chosen: [], compare, isOver: false };
  const stateId = freshId("state");
  const wordsId = freshId("words");
  it.table = element("tbody", {});
  it.note = element("p", { class: "soft", role: "status" });
  it.both = button("Compare", () => compare(it.chosen[0], it.chosen[1]), { class: "main small" });
  it.older = button("Older runs", () => more(it), { hidden: true });
  const head = ["Compare", "Run", "State", "Accepted", "Took", "Profit", "Return", "Executors", ""];
  const numbers = [4, 5, 6, 7];
  host.replaceChildren(
    element("h1", { tabindex: "-1" }, "History"),
    element(
      "div",
      { class: "tools" },
      element(
        "span",
        { class: "filter" },
        element("label", { for: stateId }, "State"),
        element(
          "select",
          {
            id: stateId,
            change: (event) => {
              it.state = event.target.value;
              load(it);
            },
          },
          STATES.map(([value, name]) => element("option", { value }, name)),
        ),
      ),
      element(
        "span",
        { class: "filter" },
        element("label", { for: wordsId }, "Title"),
        element("input", {
          id: wordsId,
          type: "search",
          autocomplete: "off",
          input: (event) => {
            it.words = event.target.value.trim().toLowerCase();
            draw(it);
          },
        }),
      ),
      it.both,
    ),
    it.note,
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs, newest first" },
      element(
        "table",
        { class: "history" },
        element("caption", { class: "hidden" }, "Runs, newest first"),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            head.map((name, index) =>
              element(
                "th",
                { scope: "col", class: numbers.includes(index) ? "number" : null },
                name ? element("span", {}, name) : element("span", { class: "hidden" }, "Actions"),
              ),
            ),
          ),
        ),
        it.table,
      ),
    ),
    element("div", { class: "pager" }, it.older),
  );
  load(it);
  it.timer = setInterval(() => refresh(it), REFRESH_MS);
  return () => {
    it.isOver = true;
    clearInterval(it.timer);
  };
}

async function load(it) {
  try {
    const { jobs, next } = await server.jobs({ state: it.state, limit: PAGE_ROWS });
    [it.jobs, it.next] = [jobs || [], next ?? null];
    draw(it);
  } catch (error) {
    complain(error, "The list of runs could not be loaded");
  }
}

async function more(it) {
  try {
    const { jobs, next } = await server.jobs({ state: it.state, limit: PAGE_ROWS, before: it.next });
    [it.jobs, it.next] = [[...it.jobs, ...(jobs || [])], next ?? null];
    draw(it);
  } catch (error) {
    complain(error, "Older runs could not be loaded");
  }
}

// What still runs is asked for again; a list at rest is left alone.
async function refresh(it) {
  if (it.isOver || document.hidden || it.isAsking || !it.jobs.some((job) => !hasEnded(job))) return;
  it.isAsking = true;
  try {
    const { jobs } = await server.jobs({ state: it.state, limit: PAGE_ROWS });
    const fresh = jobs || [];
    const known = new Set(fresh.map((job) => job.id));
    it.jobs = [...fresh, ...it.jobs.filter((job) => !known.has(job.id) && hasEnded(job))];
    if (!it.isOver) draw(it);
  } catch {
    // The next time may go better; what is shown stays.
  } finally {
    it.isAsking = false;
  }
}

function draw(it) {
  const rows = it.jobs.filter((job) => it.words === "" || (job.title || "").toLowerCase().includes(it.words));
  const focused = document.activeElement && it.table.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  it.table.replaceChildren(...rows.map((job) => rowNode(it, job)));
  if (focused) it.table.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  const told =
    rows.length > 0
      ? ""
      : it.jobs.length > 0 || it.state !== ""
        ? "No run is like that."
        : "There is no run yet. Start one on the Backtest tab.";
  write(it.note, told);
  it.note.hidden = told === "";
  it.older.hidden = it.next === null;
  showChosen(it);
}

function showChosen(it) {
  it.both.disabled = it.chosen.length !== 2;
  write(it.both, it.chosen.length === 2 ? "Compare the two" : `Choose ${2 - it.chosen.length} to compare`);
}

function rowNode(it, job) {
  const summary = (job.summary && job.summary.metrics) || job.summary || {};
  const started = seconds(job.started_at);
  const took = Number.isFinite(started)
    ? (Number.isFinite(seconds(job.completed_at)) ? seconds(job.completed_at) : Date.now() / 1000) - started
    : NaN;
  const isComparable = job.state === "complete" && job.kind === "backtest";
  const title = job.title || titled(job.kind || "job");
  const box = isComparable
    ? element("input", {
        type: "checkbox",
        "aria-label": `Compare ${title}, ${timeText(job.created_at)}`,
        checked: it.chosen.includes(job.id),
        change: (event) => {
          it.chosen = event.target.checked ? [...it.chosen, job.id].slice(-2) : it.chosen.filter((id) => id !== job.id);
          draw(it);
        },
      })
    : null;
  const remove = button(hasEnded(job) ? "Delete" : "Stop", () => end(it, job, title), {
    class: "small quiet",
    "aria-label": `${hasEnded(job) ? "Delete" : "Stop"} ${title}, ${timeText(job.created_at)}`,
  });
  if (box) box.dataset.key = `box ${job.id}`;
  remove.dataset.key = `end ${job.id}`;
  const link = element("a", { href: `#/jobs/${encodeURIComponent(job.id)}` }, title);
  link.dataset.key = `link ${job.id}`;
  const state = element("span", { class: `chip ${stateOf(job)}` }, stateText(job));
  const percent =
    !hasEnded(job) && job.state === "running"
      ? element("span", { class: "soft" }, ` ${Math.round((job.progress || 0) * 100)} %`)
      : null;
  const profit = summary.net_pnl_quote;
  return element(
    "tr",
    { "data-job": job.id },
    element("td", {}, box),
    element(
      "th",
      { scope: "row", class: "title" },
      link,
      element("span", { class: "narrow-only soft" }, `${stateText(job)}, ${timeText(job.created_at)}`),
    ),
    element("td", {}, state, percent),
    element("td", {}, timeText(job.created_at)),
    element("td", { class: "number" }, Number.isFinite(took) ? durationText(Math.max(0, took)) : NONE),
    element("td", { class: `number ${tone(profit)}` }, signed(profit, 2)),
    element("td", { class: `number ${tone(summary.net_pnl)}` }, signedPercent(summary.net_pnl)),
    element("td", { class: "number" }, typeof summary.total_executors === "number" ? count(summary.total_executors) : NONE),
    element("td", {}, remove),
  );
}

async function end(it, job, title) {
  const isOver = hasEnded(job);
  if (
    isOver &&
    !(await sure("Delete this run?", `${title}, accepted ${timeText(job.created_at)} UTC, and its result will be gone.`, "Delete"))
  )
    return;
  try {
    await (isOver ? server.remove(job.id) : server.cancel(job.id));
    if (isOver) {
      it.jobs = it.jobs.filter((each) => each.id !== job.id);
      it.chosen = it.chosen.filter((id) => id !== job.id);
      announce(`${title} was deleted.`);
      draw(it);
    } else await load(it);
  } catch (error) {
    complain(error, isOver ? "The run could not be deleted" : "The run could not be stopped");
  }
}
