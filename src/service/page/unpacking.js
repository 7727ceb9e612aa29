// Who reads a large result while the page stays usable? This, in a thread of its own.

import { ask } from "./server.js";
import { unpacked } from "./packet.js";

self.addEventListener("message", async ({ data: path }) => {
  try {
    const result = unpacked(await ask("GET", path));
    const buffers = [...Object.values(result.candles), result.profit.time, result.profit.total, result.profit.drawdown].map(
      (column) => column.buffer,
    );
    self.postMessage({ result }, [...new Set(buffers)]);
  } catch (error) {
    const { message, status = 0, code = "", hint = null } = error;
    self.postMessage({ error: { message, status, code, hint } });
  }
});
