// How does a result come to the page? Read in another thread, and kept for as long as it is likely to be looked at again.

import { Refusal, server } from "./server.js";

const KEPT_MAX = 3;
const results = new Map();

export async function resultOf(id) {
  const known = results.get(id);
  if (known) return known;
  const result = await unpackedElsewhere(server.resultPath(id));
  results.set(id, result);
  while (results.size > KEPT_MAX) results.delete(results.keys().next().value);
  return result;
}

function unpackedElsewhere(path) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./unpacking.js", import.meta.url), { type: "module" });
    const end = (act, value) => {
      worker.terminate();
      act(value);
    };
    worker.addEventListener("message", ({ data }) => {
      if (data.error) end(reject, new Refusal(data.error.message, data.error));
      else end(resolve, data.result);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      end(reject, new Refusal(`the result could not be read: ${event.message || "its reader did not start"}`));
    });
    worker.postMessage(path);
  });
}
