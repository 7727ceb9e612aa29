// Which keys do what? They act outside of fields, and can be switched off.

import { button, element, kept } from "./dom.js";

const WRITING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

// `acts` are `[key, what it does, act]`.
export function shortcuts(acts) {
  const isOn = () => kept.read("keys") !== false;
  const help = () => showHelp(acts, isOn);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
    if (event.target instanceof Element && event.target.matches(WRITING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      help();
      return;
    }
    if (!isOn()) return;
    const found = acts.find(([key]) => key.toLowerCase() === event.key.toLowerCase());
    if (!found) return;
    event.preventDefault();
    found[2]();
  });
  return help;
}

function showHelp(acts, isOn) {
  const row = (key, text) => element("tr", {}, element("th", { scope: "row" }, element("kbd", {}, key)), element("td", {}, text));
  const table = (name, rows) => element("table", { class: "keys" }, element("caption", {}, name), element("tbody", {}, rows));
  const before = document.activeElement;
  const box = element("input", {
    type: "checkbox",
    id: "keys-on",
    checked: isOn(),
    change: (event) => kept.write("keys", event.target.checked),
  });
  const dialog = element(
    "dialog",
    { class: "sheet", "aria-labelledby": "help-title" },
    element("h2", { id: "help-title" }, "Keys"),
    table("Anywhere outside of fields", [...acts.map(([key, text]) => row(key, text)), row("?", "This help")]),
    table("In a chart", [
      row("← →", "Move the crosshair"),
      row("Shift ← →", "Move the view"),
      row("+ −", "Zoom"),
      row("0", "Whole run"),
      row("Home End", "First and last row"),
      row("N P", "Next and previous executor"),
      row("Esc", "Let go"),
    ]),
    element("p", {}, box, " ", element("label", { for: "keys-on" }, "Single keys act on the page")),
  );
  dialog.append(
    element(
      "div",
      { class: "buttons" },
      button("Close", () => dialog.close(), { autofocus: true }),
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before && before.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
