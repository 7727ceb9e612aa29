// How is a job followed? By the server's events; by asking again and again where events do not come through.

import { Refusal, server } from "./server.js";
import { hasEnded } from "./words.js";

// So many broken streams in a row, and the page asks instead.
const BREAKS_MAX = 3;
const ASK_EVERY_MS = 1000;
const ASK_EVERY_MS_MAX = 15000;
const STEPS_KEPT = 100;

// Calls `show` with the job, as often as it changes, until it has ended or the returned function is called. `tell` gets a text
// about how the page hears of it, and `""` when all is well.
export function follow(job, show, tell) {
  const watched = { job: { ...job, steps: [...(job.steps || [])] }, isOver: false, breaks: 0, source: null, timer: 0 };
  const end = () => {
    watched.isOver = true;
    clearTimeout(watched.timer);
    if (watched.source) watched.source.close();
  };
  const update = (changes) => {
    if (watched.isOver) return;
    Object.assign(watched.job, changes);
    if (hasEnded(watched.job)) end();
    show(watched.job);
  };
  if (hasEnded(job)) {
    show(watched.job);
    return end;
  }
  const talk = { watched, update, end, tell };
  show(watched.job);
  if (typeof EventSource === "function") listen(talk);
  else askAgain(talk, ASK_EVERY_MS);
  return end;
}

function listen(talk) {
  const { watched, update, tell } = talk;
  const source = new EventSource(server.eventsPath(watched.job.id));
  watched.source = source;
  const take = (event) => {
    if (watched.isOver) return;
    const content = parsed(event.data);
    if (content === null) return;
    watched.breaks = 0;
    tell("");
    // A reconnected stream may replay what is known: its ids rise.
    const id = Number(event.lastEventId);
    if (id > 0) {
      if (id <= (watched.lastId || 0)) return;
      watched.lastId = id;
    }
    if (event.type === "step") addStep(talk, content);
    else if (event.type === "state") settle(talk, content);
    else if (!isPast(watched.job, content))
      update({ ...(content.stage && content.stage !== watched.job.stage ? BEGIN : {}), ...known(content) });
  };
  // A stream says when it is over; what ends without that word was cut off.
  source.addEventListener("end", () => {
    source.close();
    askOnce(talk).catch(() => askAgain(talk, ASK_EVERY_MS));
  });
  for (const kind of ["stage", "progress", "step", "state", "message"]) source.addEventListener(kind, take);
  source.addEventListener("error", () => broken(talk));
}

// A stream begins with what has been, so its first step takes the place of those that came with the job.
function addStep({ watched, update }, step) {
  const before = watched.hasSteps ? watched.job.steps : [];
  watched.hasSteps = true;
  update({ steps: [...before, step].slice(-STEPS_KEPT) });
}

const KEYS = [
  "state",
  "stage",
  "stage_label",
  "message",
  "progress",
  "done",
  "total",
  "eta_s",
  "is_paused",
  "error",
  "attempts",
  "started_at",
  "completed_at",
  "has_result",
  "summary",
  "is_cached",
];

// A stage counts anew.
const BEGIN = { progress: 0, done: 0, total: 0, eta_s: null };

const STATES = ["pending", "running"];
const STAGES = ["validating", "fetching_candles", "calculating", "complete"];

// A stream begins with what has been; the job that was asked for before it may be further on. Another attempt begins anew.
function isPast(job, content) {
  if (content.attempts > job.attempts) return false;
  if (content.state && STATES.indexOf(content.state) < STATES.indexOf(job.state)) return true;
  const stage = content.stage || job.stage;
  if (STAGES.indexOf(stage) !== STAGES.indexOf(job.stage)) return STAGES.indexOf(stage) < STAGES.indexOf(job.stage);
  return content.done < job.done;
}

function known(content) {
  const changes = {};
  for (const key of KEYS) if (content[key] !== undefined) changes[key] = content[key];
  return changes;
}

// The end of a job is asked for in full: it brings times, summary and error.
async function settle(talk, content) {
  const changes = known(content);
  if (!hasEnded({ state: changes.state })) {
    if (!isPast(talk.watched.job, changes)) talk.update(changes);
    return;
  }
  const full = await server.job(talk.watched.job.id).catch(() => null);
  talk.update(full ? { ...full, steps: full.steps || talk.watched.job.steps } : changes);
}

async function broken(talk) {
  const { watched, tell } = talk;
  if (watched.isOver) return;
  watched.breaks += 1;
  tell("The stream of events broke; reconnecting.");
  if (watched.source.readyState !== EventSource.CLOSED && watched.breaks < BREAKS_MAX) {
    // A stream ends with its job: only the job knows.
    await askOnce(talk).catch(() => {});
    return;
  }
  watched.source.close();
  askAgain(talk, ASK_EVERY_MS);
}

async function askOnce({ watched, update }) {
  const job = await server.job(watched.job.id);
  update({ ...job, steps: job.steps || watched.job.steps });
}

async function askAgain(talk, wait) {
  const { watched, end, tell } = talk;
  if (watched.isOver) return;
  let next = ASK_EVERY_MS;
  try {
    await askOnce(talk);
    tell("No live events: asking every second.");
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) {
      tell("The job was deleted.");
      end();
      return;
    }
    next = Math.min(wait * 2, ASK_EVERY_MS_MAX);
    tell(`${error.message}; asking again in ${Math.round(next / 1000)} s.`);
  }
  if (!watched.isOver) watched.timer = setTimeout(() => askAgain(talk, next), next);
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
