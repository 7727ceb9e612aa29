// Where do errors stand until somebody has read them?

import { button, element, place, prose } from "./dom.js";

// The oldest one gives way, so that a server that is gone does not fill the page.
const SHOWN_MAX = 5;

export function errorNode(error, what) {
  const parts = [what ? element("strong", {}, `${what}: `) : null, ...prose(error.message || String(error))];
  if (error.code) parts.push(" ", element("code", { class: "code" }, error.code));
  const node = element("div", { class: "trouble" }, element("p", {}, parts));
  if (error.hint) node.append(element("p", { class: "hint" }, "Hint: ", prose(error.hint)));
  if (error.retryAfter) node.append(element("p", { class: "hint" }, `The server asks to wait ${error.retryAfter} s.`));
  // One problem alone stands in the message already.
  const rest = (error.fields || []).filter((field) => !field.isShown && !String(error.message).includes(field.message));
  if (rest.length > 0) {
    node.append(
      element(
        "ul",
        {},
        rest.map((field) => element("li", {}, element("code", {}, (field.loc || []).join(" › ")), " ", prose(field.message))),
      ),
    );
  }
  return node;
}

// Shows an error above everything; the same one is shown once.
export function complain(error, what) {
  const shelf = place("notices");
  const node = errorNode(error, what);
  const text = node.textContent;
  for (const old of shelf.children) if (old.dataset.text === text) return;
  const row = element("div", { class: "notice", role: "alert" }, node);
  row.dataset.text = text;
  row.append(button("Dismiss", () => row.remove(), { class: "quiet" }));
  shelf.append(row);
  while (shelf.children.length > SHOWN_MAX) shelf.firstElementChild.remove();
}

// Says something to those who listen instead of looking.
export function announce(text) {
  place("announcer").textContent = text;
}
