// Who asks? A form for the token where the server wants one. The server keeps it in a cookie that no script can read.

import { element } from "./dom.js";
import { errorNode } from "./notice.js";
import { server } from "./server.js";

// Asks until the server lets the reader in. What was entered elsewhere on the page stays as it is.
export function signIn(host) {
  return new Promise((resolve) => {
    const trouble = element("div", { role: "alert" });
    const token = element("input", {
      type: "password",
      id: "token",
      autocomplete: "current-password",
      required: true,
      spellcheck: "false",
    });
    const send = element("button", { type: "submit", class: "main" }, "Sign in");
    const form = element(
      "form",
      {
        class: "sign-in",
        "aria-labelledby": "sign-in-title",
        submit: async (event) => {
          event.preventDefault();
          trouble.replaceChildren();
          if (token.value === "") {
            token.focus();
            return;
          }
          send.disabled = true;
          try {
            await server.signIn(token.value);
            host.hidden = true;
            host.replaceChildren();
            resolve();
          } catch (error) {
            trouble.replaceChildren(errorNode(error, "Not signed in"));
            token.select();
          } finally {
            send.disabled = false;
          }
        },
      },
      element("h1", { id: "sign-in-title" }, "Sign in"),
      element(
        "p",
        {},
        "This server wants a token. It stands in the file or variable that ",
        element("code", {}, "hive serve"),
        " was started with.",
      ),
      element("div", { class: "field" }, element("label", { for: "token" }, "Token"), token),
      trouble,
      send,
    );
    host.replaceChildren(form);
    host.hidden = false;
    token.focus();
  });
}
