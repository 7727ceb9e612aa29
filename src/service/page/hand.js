// How does a reader take hold of a chart? By pointer, by two fingers, by wheel and by keys.

import { write } from "./dom.js";
import { tradeLines } from "./layer.js";

const CLICK_PIXELS = 5;

export function hold(it, due) {
  it.due = due;
  const { frame, view } = it;
  frame.addEventListener("keydown", (event) => pressed(it, event));
  // With the wheel alone the page scrolls, as it does everywhere.
  frame.addEventListener(
    "wheel",
    (event) => {
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !isSideways) return;
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), timeAt(it, event));
      else view.move((isSideways ? event.deltaX : event.deltaY) / 900);
    },
    { passive: false },
  );
  frame.addEventListener("dblclick", () => view.showAll());
  watchPointers(it);
}

function placeOf(it, event) {
  const box = it.frame.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function timeAt(it, event) {
  const ground = it.grounds[0];
  return ground.timeAt(Math.min(Math.max(placeOf(it, event).x, 0), ground.right));
}

function watchPointers(it) {
  const { frame, view } = it;
  const down = new Map();
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || it.grounds.length === 0) return;
    const at = placeOf(it, event);
    down.set(event.pointerId, { ...at, startX: at.x, isMoved: false });
    frame.setPointerCapture(event.pointerId);
    it.hold = at.y >= it.stripTop ? "strip" : event.shiftKey ? "choose" : "move";
    if (it.hold === "strip") slide(it, at.x);
    if (it.hold === "choose") it.drag = { from: at.x, to: at.x };
  });
  frame.addEventListener("pointermove", (event) => {
    if (it.grounds.length === 0) return;
    const at = placeOf(it, event);
    const before = down.get(event.pointerId);
    if (!before) {
      point(it, at);
      return;
    }
    const wide = apart(down);
    down.set(event.pointerId, { ...before, ...at, isMoved: before.isMoved || Math.abs(at.x - before.startX) > CLICK_PIXELS });
    if (down.size === 2 && wide > 0 && apart(down) > 0) {
      const ground = it.grounds[0];
      const middle = [...down.values()].reduce((sum, each) => sum + each.x, 0) / 2;
      view.zoom(wide / apart(down), ground.timeAt(Math.min(Math.max(middle, 0), ground.right)));
    } else if (it.hold === "strip") slide(it, at.x);
    else if (it.hold === "choose") {
      it.drag.to = at.x;
      it.due();
    } else if (down.size === 1) view.move((before.x - at.x) / it.grounds[0].right);
  });
  const up = (event) => {
    const was = down.get(event.pointerId);
    if (!was) return;
    down.delete(event.pointerId);
    const ground = it.grounds[0];
    if (it.drag) {
      const [left, right] = [it.drag.from, it.drag.to].sort((one, other) => one - other);
      it.drag = null;
      if (right - left > CLICK_PIXELS) view.show(ground.timeAt(left), ground.timeAt(Math.min(right, ground.right)));
    } else if (event.type === "pointerup" && !was.isMoved && it.hold === "move") point(it, placeOf(it, event));
    it.due();
  };
  frame.addEventListener("pointerup", up);
  frame.addEventListener("pointercancel", up);
  frame.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "touch" || down.size > 0) return;
    it.hover = null;
    it.near = null;
    view.point(null);
  });
}

function apart(down) {
  const [one, other] = [...down.values()];
  return other ? Math.abs(one.x - other.x) : 0;
}

function slide(it, x) {
  const { view } = it;
  const [from, to] = view.whole;
  const middle = from + (x / it.grounds[0].right) * (to - from);
  view.show(middle - view.span / 2, middle + view.span / 2);
}

// The crosshair stands on rows, not between them, and is drawn in their middle.
function point(it, at) {
  const ground = it.grounds[0];
  it.hover = at;
  it.near = nearest(it, at);
  const time = ground.timeAt(Math.min(Math.max(at.x, 0), ground.right));
  it.view.point(snapped(it, time));
}

function snapped({ view }, time) {
  const from = view.whole[0];
  return from + Math.floor((time - from) / view.step + 1e-9) * view.step;
}

function nearest(it, at) {
  for (const ground of it.grounds) {
    if (at.y < ground.top - 8 || at.y > ground.bottom + 8) continue;
    for (const layer of ground.pane.layers) {
      const found = layer.near ? layer.near(at.x, at.y, ground) : null;
      if (found) return { x: found.x, y: found.y, lines: tradeLines(found.trade) };
    }
  }
  return null;
}

function pressed(it, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || it.grounds.length === 0) return;
  const { view } = it;
  const step = Math.max(view.step, (view.span / it.grounds[0].right) * 2);
  const go = (time) => {
    it.hover = null;
    it.near = null;
    view.point(snapped(it, time));
    view.reveal(view.cursor);
  };
  const here = () => view.cursor ?? (view.from + view.to) / 2;
  const acts = {
    ArrowLeft: () => (event.shiftKey ? view.move(-0.2) : go(here() - step)),
    ArrowRight: () => (event.shiftKey ? view.move(0.2) : go(here() + step)),
    PageUp: () => view.move(-0.9),
    PageDown: () => view.move(0.9),
    "+": () => view.zoom(0.6),
    "=": () => view.zoom(0.6),
    "-": () => view.zoom(1.67),
    0: () => view.showAll(),
    Home: () => go(view.whole[0]),
    End: () => go(view.whole[1]),
    n: () => visit(it, here(), 1),
    p: () => visit(it, here(), -1),
    Escape: () => {
      it.near = null;
      view.point(null);
    },
  };
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  act();
  event.preventDefault();
  event.stopPropagation();
  // The readout is drawn with the next frame.
  requestAnimationFrame(() => requestAnimationFrame(() => speak(it)));
}

function visit(it, time, by) {
  for (const ground of it.grounds) {
    for (const layer of ground.pane.layers) {
      const trade = layer.next ? layer.next(time, by) : null;
      if (!trade) continue;
      const cursor = snapped(it, trade.at);
      layer.choose(trade.index, cursor);
      it.view.reveal(trade.at);
      it.view.point(cursor);
      it.isBaseDue = true;
      it.due();
      requestAnimationFrame(() => {
        const now = it.grounds.find((each) => each.pane === ground.pane);
        it.near = { x: now.x(trade.at), y: now.y(trade.entry), lines: tradeLines(trade) };
        it.due();
      });
      return;
    }
  }
}

// Says the readout aloud: only where the reader moved by keyboard, or a pointer would never be silent.
function speak(it) {
  write(it.spoken, `${it.readout.textContent}${it.near ? `; ${it.near.lines.join(", ")}` : ""}`);
}
