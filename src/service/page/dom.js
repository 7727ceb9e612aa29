// How is a piece of the page made? Texts go in as texts and never as markup.

export function element(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawn(name, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

// A value that is a function listens; `true` is an attribute without a value; `null` and `false` are none at all.
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function place(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no place \`${id}\``);
  return found;
}

export function button(text, act, attributes) {
  return element("button", { type: "button", ...attributes, click: act }, text);
}

// A text in which what stands between backticks is code.
export function prose(text) {
  return String(text)
    .split("`")
    .map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part))
    .filter((part) => part !== "");
}

// Writes a text only where it differs: a reader's selection and a screen reader's place survive.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A table in a region that scrolls by keyboard, too. Rows are made by the caller.
export function scrolled(caption, table, attributes) {
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption, ...attributes }, table);
}

let counted = 0;

export function freshId(stem) {
  counted += 1;
  return `${stem}-${counted}`;
}

// What a browser keeps for the next visit. One that keeps nothing works all the same.
export const kept = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(`hive.${key}`));
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      localStorage.setItem(`hive.${key}`, JSON.stringify(value));
    } catch {
      // Full, or forbidden.
    }
  },
};
