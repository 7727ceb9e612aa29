// Is a reader sure? A dialog that says what will be lost, and waits.

import { button, element } from "./dom.js";

// Resolves to whether the reader agreed. Focus goes back to where it was.
export function sure(title, text, agree) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const dialog = element(
      "dialog",
      { class: "sheet", "aria-labelledby": "sure-title" },
      element("h2", { id: "sure-title" }, title),
      element("p", {}, text),
    );
    let isAgreed = false;
    dialog.append(
      element(
        "div",
        { class: "buttons" },
        button(
          agree,
          () => {
            isAgreed = true;
            dialog.close();
          },
          { class: "danger" },
        ),
        button("Keep", () => dialog.close(), { autofocus: true }),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before && before.isConnected) before.focus();
      resolve(isAgreed);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
