// What can be drawn in a pane of a chart? Each layer knows its bounds, its drawing, and what it reads at a time.
//
// `ground` says where things are: `x(time)`, `y(value)`, the plot's `left`, `right`, `top`, `bottom`, and the view's `from`, `to`.

import { fixed, plain, signed, timeText, tone } from "./words.js";
import { reached } from "./pyramid.js";

const BAR_PIXELS_LEAST = 3;
const MARKS_MAX = 700;
const ZERO_SPANS = 3;
const CELL_PIXELS = 8;
const CELLS_HIGH = 4096;
const KINDS = ["buy", "sell", "gain", "loss", ""];
const SIZE_OUTLINED = 3.2;

// Candles of `step` seconds, stamped at their open time.
export function candleLayer(pyramid, step) {
  return {
    pyramid,
    bounds: (from, to) => pyramid.bounds(from, to),
    draw(brush, ground, colours) {
      const most = Math.max(8, Math.floor((ground.right - ground.left) / BAR_PIXELS_LEAST));
      const { floor, first, end } = pyramid.seen(ground.from, ground.to, most);
      const span = step * floor.joined;
      const room = ground.x(ground.from + span) - ground.x(ground.from);
      const body = Math.max(1, Math.min(Math.round(room * 0.68), 15));
      for (const isUp of [true, false]) {
        brush.beginPath();
        for (let row = first; row < end; row += 1) {
          if (floor.close[row] >= floor.open[row] !== isUp) continue;
          const x = Math.round(ground.x(floor.time[row] + span / 2)) + 0.5;
          brush.moveTo(x, ground.y(floor.high[row]));
          brush.lineTo(x, ground.y(floor.low[row]));
        }
        brush.strokeStyle = isUp ? colours.up : colours.down;
        brush.lineWidth = 1;
        brush.stroke();
        brush.fillStyle = isUp ? colours.upBody : colours.down;
        for (let row = first; row < end && body > 1; row += 1) {
          if (floor.close[row] >= floor.open[row] !== isUp) continue;
          const x = Math.round(ground.x(floor.time[row] + span / 2) - body / 2);
          const top = ground.y(Math.max(floor.open[row], floor.close[row]));
          const height = Math.max(1, ground.y(Math.min(floor.open[row], floor.close[row])) - top);
          brush.fillRect(x, top, body, height);
          if (isUp && body > 2) brush.strokeRect(x + 0.5, top + 0.5, body - 1, Math.max(0, height - 1));
        }
      }
      return floor.joined > 1 ? `${floor.joined} candles to a bar` : "";
    },
    at(time) {
      const row = pyramid.rowAt(time);
      if (row < 0) return [];
      const floor = pyramid.floors[0];
      return ["open", "high", "low", "close"].map((key) => ({ name: key.charAt(0).toUpperCase(), text: plain(floor[key][row]) }));
    },
  };
}

// A line that keeps its value until the next one. `colour` is the name of a colour; `dash` and `fill` are optional.
export function lineLayer(pyramid, { name, colour, decimals, dash, fill, isDrawdown, unit, middle = 0 }) {
  const from = pyramid.time;
  return {
    pyramid,
    bounds: (start, end) => {
      const seen = pyramid.bounds(start, end);
      // Zero is shown with what is filled down to it, unless it is so far away that nothing else would be seen.
      const isFar = seen && Math.max(seen[0], -seen[1]) > ZERO_SPANS * (seen[1] - seen[0]);
      return seen && fill && !isFar ? [Math.min(seen[0], 0), Math.max(seen[1], 0)] : seen;
    },
    draw(brush, ground, colours) {
      if (from.length === 0) return "";
      const { floor, first, end } = pyramid.seen(ground.from, ground.to, Math.max(16, ground.right - ground.left));
      const line = () => {
        let y = ground.y(floor.open[first]);
        brush.moveTo(ground.x(floor.time[first] + middle), y);
        for (let row = first; row < end; row += 1) {
          const x = ground.x(floor.time[row] + middle);
          brush.lineTo(x, y);
          if (floor.joined > 1) {
            brush.lineTo(x, ground.y(floor.high[row]));
            brush.lineTo(x, ground.y(floor.low[row]));
          }
          y = ground.y(floor.close[row]);
          brush.lineTo(x, y);
        }
      };
      if (fill) {
        brush.beginPath();
        line();
        brush.lineTo(ground.x(floor.time[end - 1] + middle), ground.y(0));
        brush.lineTo(ground.x(floor.time[first] + middle), ground.y(0));
        brush.closePath();
        brush.globalAlpha = 0.2;
        brush.fillStyle = colours[colour];
        brush.fill();
        brush.globalAlpha = 1;
      }
      brush.beginPath();
      line();
      brush.strokeStyle = colours[colour];
      brush.lineWidth = 1.6;
      brush.lineJoin = "round";
      brush.setLineDash(dash || []);
      brush.stroke();
      brush.setLineDash([]);
      return "";
    },
    at(time) {
      const row = pyramid.rowAt(time);
      if (row < 0 || from.length === 0) return [];
      const value = pyramid.floors[0].close[row];
      return [
        {
          name,
          text: `${isDrawdown ? fixed(value, decimals) : signed(value, decimals)}${unit || ""}`,
          tone: isDrawdown ? "" : tone(value),
          colour,
        },
      ];
    },
  };
}

// Executors: a triangle where one is entered (up for a buyer, down for a seller), a square where it is left, and a line
// between the two in the colour of its result. A gain's square is full, a loss's is hollow, so that colour is not all.
//
// `middle` is from the time of an event to the middle of the candle in which it is drawn.
export function tradeLayer(known, middle = 0) {
  const trades = known.map((trade) => ({ ...trade, at: trade.opened + middle, end: trade.closed + middle }));
  const order = [...trades.keys()].sort((left, right) => trades[left].at - trades[right].at);
  const opened = Float64Array.from(order, (index) => trades[index].at);
  // No trade lasts longer than this, so one that is in view has begun since then.
  const longest = trades.reduce((most, trade) => Math.max(most, trade.end - trade.at), 0);
  const state = { chosen: null, place: -1, cursor: null };
  const inView = (from, to) => {
    const found = [];
    for (let at = reached(opened, from - longest); at < order.length && opened[at] <= to; at += 1) {
      const trade = trades[order[at]];
      if (trade.end >= from) found.push(trade);
    }
    return found;
  };
  return {
    bounds: () => null,
    trades,
    // Marks one, at which the crosshair stands from now on.
    choose(index, cursor) {
      Object.assign(state, { chosen: index, cursor, place: order.findIndex((row) => trades[row].index === index) });
    },
    byIndex: (index) => trades.find((trade) => trade.index === index) || null,
    // The next one, or the one before: of the chosen one while the crosshair stands there, and otherwise of a time.
    next: (time, by) => {
      const isThere = state.chosen !== null && state.cursor === time;
      const at = isThere ? state.place + by : by > 0 ? reached(opened, time) : reached(opened, time) - 1;
      return at >= 0 && at < order.length ? trades[order[at]] : null;
    },
    draw(brush, ground, colours) {
      const seen = inView(ground.from, ground.to);
      const isThin = seen.length > MARKS_MAX;
      const taken = new Set();
      // Of marks that would lie on each other, one is drawn; cells are numbers because texts are slow to make.
      const isFirstOf = (x, y, kind) => {
        if (!isThin) return true;
        const key = (Math.round(x / CELL_PIXELS) * CELLS_HIGH + Math.round(y / CELL_PIXELS)) * KINDS.length + KINDS.indexOf(kind);
        if (taken.has(key)) return false;
        taken.add(key);
        return true;
      };
      // Many marks are small ones, or nobody sees the price.
      const size = isThin ? 2.2 : Math.max(2.4, Math.min(4.8, (0.6 * (ground.right - ground.left)) / seen.length));
      if (seen.length < (ground.right - ground.left) / 3)
        for (const trade of seen) path(brush, ground, colours, trade, state.chosen === trade.index);
      let drawn = 0;
      for (const trade of seen) {
        const [x, y] = [ground.x(trade.at), ground.y(trade.entry)];
        if (isFirstOf(x, y, trade.side)) {
          entry(brush, x, y, state.chosen === trade.index ? size * 1.6 : size, trade.side, colours);
          drawn += 1;
        }
        const [endX, endY] = [ground.x(trade.end), ground.y(trade.exit)];
        if (isFirstOf(endX, endY, tone(trade.profit)))
          exit(brush, endX, endY, state.chosen === trade.index ? size * 1.5 : size * 0.8, trade, colours);
      }
      return isThin ? `${drawn} of ${seen.length} executors drawn` : "";
    },
    at: () => [],
    near(x, y, ground) {
      let [best, least] = [null, 14 * 14];
      for (const trade of inView(ground.from, ground.to)) {
        for (const [time, price] of [
          [trade.at, trade.entry],
          [trade.end, trade.exit],
        ]) {
          const [dx, dy] = [ground.x(time) - x, ground.y(price) - y];
          const distance = dx * dx + dy * dy;
          if (distance < least) [best, least] = [{ trade, x: ground.x(time), y: ground.y(price) }, distance];
        }
      }
      return best;
    },
  };
}

function path(brush, ground, colours, trade, isChosen) {
  brush.beginPath();
  brush.moveTo(ground.x(trade.at), ground.y(trade.entry));
  brush.lineTo(ground.x(trade.end), ground.y(trade.exit));
  brush.strokeStyle = colours[tone(trade.profit) || "flat"];
  brush.lineWidth = isChosen ? 2 : 1;
  brush.globalAlpha = isChosen ? 1 : 0.55;
  brush.setLineDash(isChosen ? [] : [3, 3]);
  brush.stroke();
  brush.setLineDash([]);
  brush.globalAlpha = 1;
}

function entry(brush, x, y, size, side, colours) {
  const tip = side === "buy" ? -size : size;
  brush.beginPath();
  brush.moveTo(x, y + tip);
  brush.lineTo(x + size, y - tip * 0.75);
  brush.lineTo(x - size, y - tip * 0.75);
  brush.closePath();
  brush.fillStyle = colours[side];
  brush.fill();
  if (size < SIZE_OUTLINED) return;
  brush.strokeStyle = colours.paper;
  brush.lineWidth = 1;
  brush.stroke();
}

function exit(brush, x, y, half, trade, colours) {
  const kind = tone(trade.profit);
  brush.beginPath();
  brush.rect(x - half, y - half, half * 2, half * 2);
  brush.fillStyle = kind === "gain" ? colours.gain : colours.paper;
  brush.fill();
  brush.strokeStyle = colours[kind || "flat"];
  brush.lineWidth = half < SIZE_OUTLINED ? 1 : 1.5;
  brush.stroke();
}

// What a trade says when it is pointed at, as lines.
export function tradeLines(trade) {
  return [
    `${trade.side === "buy" ? "Buy" : "Sell"}${trade.level ? ` ${trade.level}` : ""}`,
    `in  ${timeText(trade.opened)} at ${plain(trade.entry)}`,
    `out ${timeText(trade.closed)} at ${plain(trade.exit)}`,
    `${trade.closedBy}: ${signed(trade.profit, 4)} (${signed(trade.profitShare * 100, 3)} %)`,
  ];
}
