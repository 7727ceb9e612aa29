// What is asked for? The whole form of a backtest: strategy, window, and how it is replayed.

import { button, element, freshId, kept, place, write } from "./dom.js";
import { complain, errorNode } from "./notice.js";
import { controllerForm } from "./form.js";
import { period } from "./period.js";
import { server } from "./server.js";

const RESOLUTIONS = ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "4h", "1d"];
const DRAFT = "draft";

// Builds the form into `host`. `start(request)` begins a run and returns a promise; `open(id)` shows a job.
export function settings(host, { start, open }) {
  const it = { isWriting: false, isBusy: false };
  const changed = () => {
    it.window.show();
    keep(it);
  };
  it.strategy = controllerForm(changed);
  it.resolution = choice(
    "Resolution",
    RESOLUTIONS.map((name) => [name, name]),
    "1m",
    "How long one step of the replay is. The candles' interval has to divide it.",
    changed,
  );
  it.cost = figure(
    "Trade cost",
    "%",
    "0.06",
    "What one trade costs, in percent of what is traded: 0.06 is 6 hundredths of a percent.",
    changed,
  );
  it.mode = choice(
    "Mode",
    [
      ["", "parity"],
      ["causal", "causal"],
    ],
    "",
    "Parity repeats Hummingbot's own backtest, look-ahead and all. Causal runs the same strategy on what was known at each moment.",
    changed,
  );
  it.profile = choice("Profile", [["", "server's"]], "", "Which Hummingbot release's behaviour is replayed.", changed);
  it.window = period(
    () => market(it),
    changed,
    (wanted) => download(it, wanted, open),
    (connector, pair) => it.strategy.setMarket(connector, pair),
  );
  it.trouble = element("div", { role: "alert", class: "form-trouble" });
  it.submit = element("button", { type: "submit", class: "main" }, "Start backtest");
  const replay = element(
    "fieldset",
    { class: "plain" },
    element("legend", {}, "Replay"),
    element("div", { class: "grid two" }, it.resolution.node, it.cost.node, it.mode.node, it.profile.node),
  );
  it.form = element(
    "form",
    {
      novalidate: true,
      "aria-label": "Backtest",
      submit: (event) => {
        event.preventDefault();
        send(it, start);
      },
    },
    it.strategy.node,
    element(
      "div",
      { class: "side-column" },
      it.window.node,
      replay,
      element(
        "div",
        { class: "submit" },
        it.trouble,
        it.submit,
        button("Reset", () => reset(it), { class: "quiet" }),
      ),
    ),
  );
  host.replaceChildren(it.form);
  return {
    load: () => load(it),
    show: (request) => show(it, request),
    // More candles came in.
    refresh: async () => {
      const candles = await server.candles().catch(() => null);
      if (candles) it.window.fill(candles);
    },
    submit: () => it.form.requestSubmit(),
  };
}

function labelled(text, unit, control, doc) {
  const error = element("p", { class: "field-error", id: `${control.id}-error`, hidden: true });
  const told = element("p", { class: "field-doc", id: `${control.id}-doc` }, doc);
  control.setAttribute("aria-describedby", `${told.id} ${error.id}`);
  const node = element(
    "div",
    { class: "field" },
    element("label", { for: control.id }, text, unit ? element("span", { class: "unit" }, ` ${unit}`) : null),
    control,
    told,
    error,
  );
  const refuse = (message) => {
    error.hidden = !message;
    write(error, message);
    control.setAttribute("aria-invalid", message ? "true" : "false");
  };
  return { node, control, refuse };
}

function choice(text, options, initial, doc, change) {
  const control = element(
    "select",
    { id: freshId("choice"), change },
    options.map(([value, name]) => element("option", { value, selected: value === initial }, name)),
  );
  const it = labelled(text, "", control, doc);
  it.write = (value) => {
    const wanted = value ?? "";
    if (![...control.options].some((option) => option.value === wanted))
      control.append(element("option", { value: wanted }, wanted));
    control.value = wanted;
  };
  return it;
}

function figure(text, unit, initial, doc, change) {
  const control = element("input", {
    type: "text",
    inputmode: "decimal",
    id: freshId("figure"),
    value: initial,
    class: "mono",
    autocomplete: "off",
  });
  const it = labelled(text, unit, control, doc);
  control.addEventListener("input", () => {
    it.refuse("");
    change();
  });
  it.write = (value) => {
    control.value = value;
  };
  return it;
}

function market(it) {
  const { config, draft } = it.strategy.read();
  const said = draft || (config && typeof config === "object" ? config : {});
  const form = it.forms && it.forms.find((each) => each.name === said.controller_name);
  const of = (key) => said[key] || (form && (form.fields.find((each) => each.key === key) || {}).default) || "";
  return {
    connector: of("candles_connector") || of("connector_name"),
    pair: of("candles_trading_pair") || of("trading_pair"),
    resolution: it.resolution.control.value,
  };
}

// Loads what the server knows. What fails is told, and the rest of the form works.
async function load(it) {
  const tell = (what) => (error) => {
    complain(error, what);
    return null;
  };
  const [forms, configs, candles, profiles] = await Promise.all([
    server.controllers().catch(tell("Controllers could not be loaded")),
    server.configs().catch(tell("Configurations could not be loaded")),
    server.candles().catch(tell("The candle store could not be read")),
    server.profiles().catch(tell("Profiles could not be loaded")),
  ]);
  it.isWriting = true;
  const draft = it.isLoaded ? current(it) : kept.read(DRAFT);
  it.forms = forms || [];
  it.strategy.fill(it.forms, configs || []);
  if (profiles) {
    it.profile.control.replaceChildren(
      element("option", { value: "" }, profiles.default ? `server's (${profiles.default})` : "server's"),
      ...profiles.names.map((name) => element("option", { value: name }, name)),
    );
  }
  if (draft && !it.isShown) apply(it, draft);
  if (it.isShown) apply(it, it.isShown);
  if (candles) it.window.fill(candles);
  it.isWriting = false;
  it.isLoaded = forms !== null;
}

// What is in the form now, complete or not.
function current(it) {
  const { config, draft } = it.strategy.read();
  const { start, end } = it.window.read();
  return {
    config: config ?? draft,
    start_time: start,
    end_time: end,
    backtesting_resolution: it.resolution.control.value,
    cost: it.cost.control.value,
    mode: it.mode.control.value,
    profile: it.profile.control.value,
  };
}

function apply(it, draft) {
  if (draft.config) it.strategy.write(draft.config);
  it.window.write(draft.start_time ?? NaN, draft.end_time ?? NaN);
  if (draft.backtesting_resolution) it.resolution.write(draft.backtesting_resolution);
  if (draft.cost !== undefined) it.cost.write(draft.cost);
  else if (typeof draft.trade_cost === "number") it.cost.write(percentText(draft.trade_cost));
  it.mode.write(draft.mode === "parity" ? "" : draft.mode);
  it.profile.write(draft.profile);
}

// 0.0006 times 100 is 0.06, not 0.059999999999999994.
function percentText(share) {
  return String(Number((share * 100).toPrecision(12)));
}

// Shows what a run was asked for.
function show(it, request) {
  it.isShown = request;
  if (!it.forms) return;
  it.isWriting = true;
  apply(it, request);
  it.isWriting = false;
  keep(it);
}

function keep(it) {
  if (!it.isWriting && it.forms) kept.write(DRAFT, current(it));
}

function reset(it) {
  kept.write(DRAFT, null);
  it.isShown = null;
  it.isLoaded = false;
  it.trouble.replaceChildren();
  it.cost.write("0.06");
  it.resolution.write("1m");
  it.mode.write("");
  it.window.write(NaN, NaN);
  it.strategy.refuse([]);
  load(it);
}

async function send(it, start) {
  if (it.isBusy) return;
  it.trouble.replaceChildren();
  const cost = Number(it.cost.control.value.trim().replace(",", "."));
  const isCost = it.cost.control.value.trim() !== "" && Number.isFinite(cost);
  it.cost.refuse(isCost ? "" : "Write a number of percent, like 0.06.");
  it.mode.refuse("");
  it.resolution.refuse("");
  it.profile.refuse("");
  const wrong = it.strategy.check() || it.window.check() || (isCost ? null : it.cost.control);
  if (wrong) {
    wrong.focus();
    return;
  }
  const now = current(it);
  // A hundredth of what was typed, without the noise of binary fractions.
  const request = {
    start_time: now.start_time,
    end_time: now.end_time,
    backtesting_resolution: now.backtesting_resolution,
    trade_cost: Number((cost / 100).toPrecision(12)),
    config: now.config,
  };
  if (now.mode) request.mode = now.mode;
  if (now.profile) request.profile = now.profile;
  busy(it, true);
  try {
    await start(request);
  } catch (error) {
    refuse(it, error);
  } finally {
    busy(it, false);
  }
}

function busy(it, isBusy) {
  it.isBusy = isBusy;
  it.submit.setAttribute("aria-disabled", String(isBusy));
  write(it.submit, isBusy ? "Starting…" : "Start backtest");
}

const PLACES = [
  ["trade_cost", "cost"],
  ["backtesting_resolution", "resolution"],
  ["mode", "mode"],
  ["profile", "profile"],
];

function refuse(it, error) {
  const fields = error.fields || [];
  let first = it.strategy.refuse(fields);
  first = it.window.refuse(fields) || first;
  for (const [key, name] of PLACES) {
    const found = fields.filter((each) => (each.loc || []).at(-1) === key && !(each.loc || []).includes("config"));
    for (const each of found) each.isShown = true;
    it[name].refuse(found.map((each) => each.message).join(" "));
    if (found.length > 0) first = first || it[name].control;
  }
  it.trouble.replaceChildren(errorNode(error, "Not started"));
  if (first) first.focus();
  else place("announcer").textContent = `Not started: ${error.message}`;
}

async function download(it, { connector, pair, resolution, start, end }, open) {
  try {
    const job = await server.download({ connector, pair, interval: resolution, start, end });
    open(job.id);
  } catch (error) {
    it.trouble.replaceChildren(errorNode(error, "No download"));
  }
}
