// How is one field of a form shown, read and refused? By its kind, as the controller's own schema says.

import { button, element, freshId, prose } from "./dom.js";
import { spaced, titled, valueText } from "./words.js";

const NUMBERS = ["decimal", "integer", "number"];
const LISTS = { decimal_list: "numbers", integer_list: "whole numbers", text_list: "texts", number_list: "numbers" };

// Returns `{key, node, control, read, write, refuse, isChanged}`. `read` returns `{value}`, `{}` where nothing is said, or
// `{problem}`.
export function field(spec, change) {
  const id = freshId("field");
  const control = controlOf(spec, id);
  const error = element("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const doc = spec.doc ? element("p", { class: "field-doc", id: `${id}-doc` }, prose(spec.doc), limits(spec)) : null;
  const initial = spec.default === undefined ? null : spec.default;
  const back = button(
    "Default",
    () => {
      it.write(initial);
      change();
      control.focus();
    },
    { class: "link", hidden: true, "aria-label": `${nameOf(spec)}: back to the default, ${valueText(initial) || "empty"}` },
  );
  control.setAttribute("aria-describedby", [doc ? doc.id : null, error.id].filter(Boolean).join(" "));
  if (spec.is_required) control.setAttribute("aria-required", "true");
  const label = element(
    "label",
    { for: id },
    nameOf(spec),
    spec.is_required ? element("span", { class: "unit", "aria-hidden": "true" }, "\u00a0*") : null,
    spec.unit ? element("span", { class: "unit" }, ` ${spec.unit}`) : null,
  );
  const head = element("div", { class: "field-head" }, label, back);
  const node =
    spec.kind === "flag"
      ? element("div", { class: "field flag" }, element("div", { class: "field-head" }, control, label, back), doc, error)
      : element("div", { class: "field" }, head, control, doc, error);
  node.title = spec.key;
  const it = {
    key: spec.key,
    spec,
    node,
    control,
    read: () => readOf(spec, control),
    write(value) {
      writeOf(spec, control, value);
      it.refresh();
    },
    // An empty message takes a refusal back.
    refuse(message) {
      error.hidden = !message;
      error.replaceChildren(...prose(message || ""));
      control.setAttribute("aria-invalid", message ? "true" : "false");
      node.classList.toggle("wrong", Boolean(message));
    },
    isChanged() {
      const { value, problem } = it.read();
      return Boolean(problem) || !isSame(value ?? null, initial, spec.kind);
    },
    refresh() {
      const isChanged = it.isChanged();
      back.hidden = !isChanged || initial === null;
      node.classList.toggle("changed", isChanged);
    },
    // Tells at once what the page can know by itself.
    check() {
      const { problem } = it.read();
      it.refuse(problem || "");
      return !problem;
    },
  };
  control.addEventListener("input", () => {
    it.refuse("");
    it.refresh();
    change();
  });
  control.addEventListener("change", () => {
    it.check();
    it.refresh();
    change();
  });
  it.write(initial);
  return it;
}

function nameOf(spec) {
  return spec.title || titled(spec.key);
}

function limits({ min, max }) {
  const has = (value) => value !== null && value !== undefined;
  if (has(min) && has(max)) return ` From ${min} to ${max}.`;
  if (has(min)) return ` At least ${min}.`;
  return has(max) ? ` At most ${max}.` : "";
}

function choicesOf(spec) {
  return (spec.choices || []).map((choice) =>
    choice && typeof choice === "object" ? choice : { value: choice, title: String(choice) },
  );
}

function controlOf(spec, id) {
  if (spec.kind === "flag") return element("input", { type: "checkbox", id });
  if (spec.kind === "choice") {
    const none = spec.is_required ? [] : [element("option", { value: "" }, "–")];
    return element(
      "select",
      { id },
      none,
      choicesOf(spec).map(({ value, title }) => element("option", { value: JSON.stringify(value) }, title || spaced(value))),
    );
  }
  if (isStructured(spec)) return element("textarea", { id, rows: "3", spellcheck: "false", class: "mono", autocomplete: "off" });
  const isNumber = NUMBERS.includes(spec.kind);
  return element("input", {
    type: "text",
    id,
    inputmode: isNumber ? (spec.kind === "integer" ? "numeric" : "decimal") : null,
    spellcheck: "false",
    autocomplete: "off",
    class: isNumber || LISTS[spec.kind] ? "mono" : null,
    placeholder: LISTS[spec.kind] ? "comma-separated" : null,
  });
}

function isStructured({ kind }) {
  return (
    kind === "object" ||
    kind === "list" ||
    kind === "object_list" ||
    !["text", "flag", "choice", ...NUMBERS, ...Object.keys(LISTS)].includes(kind)
  );
}

function writeOf(spec, control, value) {
  if (spec.kind === "flag") control.checked = value === true || value === "true";
  else if (spec.kind === "choice") writeChoice(spec, control, value);
  else if (value === null || value === undefined) control.value = "";
  else if (isStructured(spec)) {
    control.value = typeof value === "string" ? value : JSON.stringify(value, null, 1);
    control.rows = Math.min(TEXT_ROWS_MAX, Math.max(2, control.value.split("\n").length));
  } else control.value = Array.isArray(value) ? value.join(", ") : String(value);
}

function writeChoice(spec, control, value) {
  const text = value === null || value === undefined ? "" : JSON.stringify(value);
  const known = [...control.options].find((option) => option.value === text);
  // `OrderType.LIMIT`, `LIMIT` and 2 may all mean one thing: what is not listed is added rather than lost.
  if (!known && text !== "") control.append(element("option", { value: text }, String(value)));
  control.value = known || text !== "" ? text : control.options.length > 0 && spec.is_required ? control.options[0].value : "";
}

// Decimals stay texts: what was typed is what is sent, to the last digit.
function readOf(spec, control) {
  if (spec.kind === "flag") return { value: control.checked };
  const text = control.value.trim();
  if (text === "") return emptyOf(spec);
  if (spec.kind === "choice") return { value: JSON.parse(text) };
  if (spec.kind === "text") return { value: text };
  if (isStructured(spec)) return structured(spec, text);
  if (LISTS[spec.kind]) return listOf(spec, text);
  return numberOf(spec, text);
}

// Some keys have to be there and may be empty: their default says so.
function emptyOf({ is_required: isRequired, default: initial }) {
  if (!isRequired) return {};
  if (initial === "") return { value: "" };
  return Array.isArray(initial) && initial.length === 0 ? { value: [] } : { problem: "A value is needed." };
}

const TEXT_ROWS_MAX = 10;
const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numberOf(spec, text) {
  const isInteger = spec.kind === "integer";
  if (!(isInteger ? INTEGER : DECIMAL).test(text))
    return { problem: `“${text}” is not a ${isInteger ? "whole " : ""}number; write it like ${isInteger ? "60" : "0.001"}.` };
  const number = Number(text);
  const outside = outsideOf(spec, number);
  if (outside) return { problem: outside };
  return { value: spec.kind === "decimal" && typeof spec.default !== "number" ? text : number };
}

function outsideOf({ min, max }, number) {
  if (min !== null && min !== undefined && number < Number(min)) return `${number} is less than ${min}.`;
  return max !== null && max !== undefined && number > Number(max) ? `${number} is more than ${max}.` : "";
}

function listOf(spec, text) {
  const parts = text
    .replace(/^\[|\]$/g, "")
    .split(",")
    .map((part) => part.trim());
  if (spec.kind === "text_list") return { value: parts };
  const test = spec.kind === "integer_list" ? INTEGER : DECIMAL;
  const wrong = parts.find((part) => !test.test(part));
  if (wrong !== undefined)
    return { problem: `“${wrong}” is not a number; write ${LISTS[spec.kind]} with commas between them, like 0.01, 0.02.` };
  const outside = parts.map((part) => outsideOf(spec, Number(part))).find(Boolean);
  if (outside) return { problem: outside };
  // Hummingbot's own configurations write lists as texts.
  if (!Array.isArray(spec.default)) return { value: parts.join(",") };
  return { value: spec.kind === "decimal_list" && typeof spec.default[0] === "string" ? parts : parts.map(Number) };
}

function structured(spec, text) {
  if (!/^[[{"]|^null$/.test(text)) return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `This is not JSON: ${error.message}` };
  }
}

function isSame(one, other, kind) {
  const isNone = (value) => value === null || value === "" || (Array.isArray(value) && value.length === 0);
  if (isNone(one) || isNone(other)) return isNone(one) === isNone(other) || (kind === "flag" && !one === !other);
  const plain = (value) => {
    if (LISTS[kind])
      return (Array.isArray(value) ? value : String(value).split(","))
        .map((part) => String(part).trim())
        .map((part) => (DECIMAL.test(part) ? Number(part) : part))
        .join(",");
    if (NUMBERS.includes(kind)) return Number(value);
    return typeof value === "object" ? JSON.stringify(value) : value;
  };
  return plain(one) === plain(other);
}
