// How is a controller configured? By a form made from its schema, as JSON, or by the name of a file that the server keeps.

import { button, element, freshId, kept, prose } from "./dom.js";
import { field } from "./field.js";

// Fields are shown in these groups; what no group names belongs to the strategy itself.
const GROUPS = [
  [
    "Market",
    /^(connector_name|trading_pair|total_amount_quote|leverage|position_mode|candles_connector|candles_trading_pair|interval|candles_config)$/,
  ],
  ["Strategy", null],
  [
    "Barriers",
    /^(stop_loss|take_profit|time_limit|trailing_stop|take_profit_order_type|.*_order_type|triple_barrier_config|executor_refresh_time|cooldown_time|max_executors_per_side)$/,
  ],
  ["Rarely changed", /^(id|manual_kill_switch|initial_positions|skip_rebalance|position_rebalance_threshold_pct)$/],
];
const FIXED = ["controller_name", "controller_type"];

// Returns `{node, read, write, refuse, check}`: the configuration of a controller in three ways of entering it.
export function controllerForm(change) {
  const it = { forms: [], fields: new Map(), way: "form", change, others: {} };
  const selectId = freshId("controller");
  it.select = element("select", {
    id: selectId,
    change: () => {
      show(it, it.select.value, it.drafts.get(it.select.value) || {});
      change();
    },
  });
  it.drafts = new Map();
  it.about = element("p", { class: "field-doc", id: `${selectId}-doc` });
  it.select.setAttribute("aria-describedby", it.about.id);
  it.body = element("div", { class: "fields" });
  it.text = element("textarea", {
    id: freshId("json"),
    rows: "18",
    spellcheck: "false",
    class: "mono",
    autocomplete: "off",
    input: change,
  });
  it.file = element("select", { id: freshId("file"), change });
  it.textError = element("p", { class: "field-error", id: `${it.text.id}-error`, hidden: true });
  it.text.setAttribute("aria-describedby", it.textError.id);
  it.fileError = element("p", { class: "field-error", hidden: true });
  it.panels = {
    form: element(
      "div",
      {},
      element("div", { class: "field" }, element("label", { for: selectId }, "Controller"), it.select, it.about),
      it.body,
      element("p", { class: "field-doc needed" }, "What is marked with * cannot be left out."),
    ),
    json: element(
      "div",
      { class: "field", hidden: true },
      element("label", { for: it.text.id }, "Configuration as JSON"),
      it.text,
      it.textError,
    ),
    file: element(
      "div",
      { class: "field", hidden: true },
      element("label", { for: it.file.id }, "Configuration of the server"),
      it.file,
      element("p", { class: "field-doc" }, "Files of the folder that `hive serve` was given for configurations."),
      it.fileError,
    ),
  };
  it.ways = ways(it);
  const node = element(
    "fieldset",
    { class: "plain strategy" },
    element("legend", {}, "Strategy"),
    element("div", { class: "ways" }, it.ways, explaining()),
    ...Object.values(it.panels),
  );
  return {
    node,
    fill: (forms, files) => fill(it, forms, files),
    read: () => read(it),
    write: (config) => write(it, config),
    refuse: (fields) => refuse(it, fields),
    check: () => check(it),
    // Whether the form has a market to set, and sets it.
    setMarket: (connector, pair) => setMarket(it, connector, pair),
  };
}

function ways(it) {
  const name = freshId("way");
  const way = (value, text) =>
    element(
      "label",
      { class: "choice" },
      element("input", { type: "radio", name, value, checked: value === "form", change: () => go(it, value) }),
      element("span", {}, text),
    );
  return element(
    "div",
    { class: "choices", role: "radiogroup", "aria-label": "How the strategy is entered" },
    way("form", "Form"),
    way("json", "JSON"),
    way("file", "File"),
  );
}

// What each field means takes room that those who know it would rather have. Screen readers are told in any case.
function explaining() {
  const toggle = button("Explain", () => set(toggle.getAttribute("aria-pressed") !== "true"), {
    class: "small quiet",
    title: "Show what each field means",
  });
  const set = (isOn) => {
    toggle.setAttribute("aria-pressed", String(isOn));
    document.documentElement.classList.toggle("terse", !isOn);
    kept.write("explain", isOn);
  };
  set(kept.read("explain") ?? window.matchMedia("(min-width: 36rem)").matches);
  return toggle;
}

// What was entered one way is taken along to the other, where it can be.
function go(it, way) {
  if (way === "json" && it.way === "form") it.text.value = JSON.stringify(collected(it).config, null, 2);
  if (way === "form" && it.way === "json") {
    const { config } = textConfig(it);
    if (config) writeForm(it, config);
  }
  setWay(it, way);
  it.change();
}

function setWay(it, way) {
  it.way = way;
  for (const [name, panel] of Object.entries(it.panels)) panel.hidden = name !== way;
  for (const input of it.ways.querySelectorAll("input")) input.checked = input.value === way;
}

function fill(it, forms, files) {
  it.forms = forms;
  const types = [...new Set(forms.map((form) => form.type))];
  it.select.replaceChildren(
    ...types.map((type) =>
      element(
        "optgroup",
        { label: String(type).replaceAll("_", " ") },
        forms.filter((form) => form.type === type).map((form) => element("option", { value: form.name }, form.name)),
      ),
    ),
  );
  it.file.replaceChildren(
    element("option", { value: "" }, files.length > 0 ? "Choose a file" : "There are none"),
    ...files.map((name) => element("option", { value: name }, name)),
  );
  if (forms.length > 0) show(it, forms.some((form) => form.name === "pmm_simple") ? "pmm_simple" : forms[0].name, {});
}

function show(it, name, values) {
  const form = it.forms.find((form) => form.name === name);
  it.select.value = name;
  it.fields = new Map();
  it.others = {};
  it.about.replaceChildren(...prose(form ? form.doc || form.title || "" : ""));
  if (!form) return;
  const change = () => {
    it.drafts.set(name, collected(it).config);
    it.change();
  };
  for (const spec of form.fields) if (!FIXED.includes(spec.key)) it.fields.set(spec.key, field(spec, change));
  const groupOf = (spec) =>
    (GROUPS.find(([title, keys]) => title === spec.group || (!spec.group && keys && keys.test(spec.key))) || GROUPS[1])[0];
  it.body.replaceChildren(
    ...GROUPS.map(([title]) => {
      const fields = [...it.fields.values()].filter((each) => groupOf(each.spec) === title);
      if (fields.length === 0) return "";
      const isOpen = title !== "Rarely changed" || fields.some((each) => each.spec.is_required);
      return element(
        "details",
        { class: "group", open: isOpen },
        element("summary", {}, title),
        element(
          "div",
          { class: "grid" },
          fields.map((each) => each.node),
        ),
      );
    }),
  );
  for (const [key, value] of Object.entries(values)) {
    const known = it.fields.get(key);
    if (known) known.write(value);
    else if (!FIXED.includes(key)) it.others[key] = value;
  }
}

// The configuration as the form says it: what is shown is what is replayed. A schema's default is what a form begins with, and not
// always what a release takes by itself. Flags alone are left out where they are as usual: not each release knows each of them.
function collected(it) {
  const form = it.forms.find((form) => form.name === it.select.value);
  const config = form ? { controller_name: form.name, controller_type: form.type } : {};
  const problems = [];
  for (const each of it.fields.values()) {
    const { value, problem } = each.read();
    if (problem) problems.push({ key: each.key, problem });
    else if (value !== undefined && (each.spec.kind !== "flag" || each.spec.is_required || each.isChanged()))
      config[each.key] = value;
    // A default that was deleted is said to be nothing, or it would come back.
    else if (value === undefined && each.isChanged()) config[each.key] = null;
  }
  // Keys that this schema does not name are kept: they came from a configuration that was written elsewhere.
  return { config: { ...config, ...it.others }, problems };
}

function textConfig(it) {
  try {
    const config = JSON.parse(it.text.value);
    if (config === null || typeof config !== "object" || Array.isArray(config))
      return { problem: 'A configuration is an object: { "controller_name": … }.' };
    return { config };
  } catch (error) {
    return { problem: `This is not JSON: ${placed(error.message, it.text.value)}` };
  }
}

// Browsers say a place in characters or in lines; people read lines.
function placed(message, text) {
  const found = /position (\d+)/.exec(message);
  if (!found || /line \d+/.test(message)) return message;
  const before = text.slice(0, Number(found[1]));
  return `${message} (line ${before.split("\n").length}, column ${before.length - before.lastIndexOf("\n")})`;
}

// Returns `{config}`, or `{config: null}` where something is wrong.
function read(it) {
  if (it.way === "file") return { config: it.file.value || null };
  if (it.way === "json") return { config: textConfig(it).config || null };
  const { config, problems } = collected(it);
  return { config: problems.length > 0 ? null : config, draft: config };
}

function check(it) {
  refuse(it, []);
  if (it.way === "file") {
    it.fileError.hidden = it.file.value !== "";
    it.fileError.textContent = "Choose a file.";
    return it.file.value === "" ? it.file : null;
  }
  if (it.way === "json") {
    const { problem } = textConfig(it);
    return problem ? tellText(it, problem) : null;
  }
  const wrong = [...it.fields.values()].filter((each) => !each.check());
  return wrong.length > 0 ? opened(wrong[0].control) : null;
}

function tellText(it, problem) {
  it.textError.hidden = false;
  it.textError.textContent = problem;
  it.text.setAttribute("aria-invalid", "true");
  return it.text;
}

// A field in a closed group cannot be seen.
function opened(control) {
  const group = control.closest("details");
  if (group) group.open = true;
  return control;
}

// Shows what the server refuses at the fields it names; returns the first control, and marks those that found a place.
function refuse(it, refusals) {
  it.textError.hidden = true;
  it.fileError.hidden = true;
  it.text.setAttribute("aria-invalid", "false");
  for (const each of it.fields.values()) each.refuse("");
  let first = null;
  for (const refusal of refusals) {
    const loc = refusal.loc || [];
    const [head, key] = loc[0] === "body" ? loc.slice(1) : loc;
    if (head !== "config") continue;
    const known = it.way === "form" && (key === "controller_name" || key === "controller_type" ? null : it.fields.get(key));
    if (known) {
      known.refuse(refusal.message);
      refusal.isShown = true;
      first = first || opened(known.control);
    } else if (it.way === "json") {
      tellText(it, [it.textError.textContent, `${loc.join(" › ")}: ${refusal.message}`].filter(Boolean).join("\n"));
      refusal.isShown = true;
      first = first || it.text;
    } else if (it.way === "file") {
      it.fileError.hidden = false;
      it.fileError.textContent = refusal.message;
      refusal.isShown = true;
      first = first || it.file;
    }
  }
  return first;
}

// Shows a configuration that was used before.
function write(it, config) {
  if (typeof config === "string") {
    if (![...it.file.options].some((option) => option.value === config))
      it.file.append(element("option", { value: config }, config));
    it.file.value = config;
    setWay(it, "file");
    return;
  }
  if (!config || typeof config !== "object") return;
  it.text.value = JSON.stringify(config, null, 2);
  if (it.forms.some((form) => form.name === config.controller_name)) {
    writeForm(it, config);
    if (it.way === "file") setWay(it, "form");
  } else setWay(it, "json");
}

function setMarket(it, connector, pair) {
  const fields = [it.fields.get("connector_name"), it.fields.get("trading_pair")];
  if (it.way !== "form" || fields.includes(undefined)) return;
  fields[0].write(connector);
  fields[1].write(pair);
  it.drafts.set(it.select.value, collected(it).config);
  it.change();
}

function writeForm(it, config) {
  if (it.forms.some((form) => form.name === config.controller_name)) show(it, config.controller_name, config);
}
