// Which candles are there, and does the chosen window lie in them?

import { drawn, element } from "./dom.js";
import { dayText, intervalSeconds, many, seconds, timeText } from "./words.js";

const SHOWN_MAX = 6;
const GAPS_DRAWN_MAX = 400;

// The stretches of the candle store that a configuration could be replayed on, finest first.
export function fitting(all, { connector, pair }, resolution) {
  const step = intervalSeconds(resolution);
  const known = all
    .filter((it) => !it.problem)
    .map((it) => ({ ...it, from: seconds(it.start), to: seconds(it.end), step: it.interval_s || intervalSeconds(it.interval) }))
    .filter((it) => it.from < it.to);
  const same = known.filter((it) => (!connector || it.connector === connector) && (!pair || it.pair === pair));
  for (const it of same) it.isFit = !(step > 0) || (it.step > 0 && step % it.step === 0);
  return same.sort((one, other) => other.isFit - one.isFit || one.step - other.step || other.to - one.to);
}

// The markets that there are candles of, each once.
export function markets(all) {
  const known = new Map(all.filter((it) => !it.problem).map((it) => [`${it.connector} ${it.pair}`, it]));
  return [...known.values()];
}

// The stretch that presets count from: the longest of those that fit.
export function widest(coverages) {
  const fit = coverages.filter((it) => it.isFit);
  return (fit.length > 0 ? fit : coverages).reduce(
    (best, it) => (!best || it.to - it.from > best.to - best.from ? it : best),
    null,
  );
}

// What is wrong with a window; `""` where nothing is.
export function complaint(coverages, from, to) {
  if (coverages.length === 0) return "No candles of this market are in the store.";
  const fit = coverages.filter((it) => it.isFit);
  if (fit.length === 0)
    return `No candles of this market divide the resolution: there are ${coverages.map((it) => it.interval).join(", ")}.`;
  if (!(from < to)) return "";
  const touching = fit.filter((it) => it.from < to && it.to > from);
  if (touching.length === 0) return "The window lies outside of all candles.";
  const best = touching.reduce((one, it) =>
    Math.min(it.to, to) - Math.max(it.from, from) > Math.min(one.to, to) - Math.max(one.from, from) ? it : one,
  );
  // The last candle is stamped at its open time, so the end of a stretch is one candle later.
  const end = best.to + best.step;
  if (best.from > from || end < to - best.step) {
    return `Candles reach from ${timeText(best.from)} to ${timeText(best.to)} only.`;
  }
  const gaps = (best.gaps || []).filter((gap) => seconds(gap.start) < to && seconds(gap.end) >= from);
  return gaps.length > 0
    ? `${many(
        gaps.reduce((sum, gap) => sum + (gap.missing || 0), 0),
        "candle",
      )} are missing in the window, in ${many(gaps.length, "gap")}.`
    : "";
}

// A bar for each stretch, on one scale, with gaps left out and the window marked.
export function coverageBars(coverages, from, to) {
  const shown = coverages.slice(0, SHOWN_MAX);
  const hasWindow = from < to;
  const low = Math.min(...shown.map((it) => it.from), hasWindow ? from : Infinity);
  const high = Math.max(...shown.map((it) => it.to), hasWindow ? to : -Infinity);
  const x = (time) => ((time - low) / (high - low)) * 1000;
  const rows = shown.map((it) => {
    const name = `${it.connector} ${it.pair} ${it.interval}`;
    const gaps = it.gaps || [];
    const text = `${dayText(it.from)} to ${dayText(it.to)}, ${many(it.rows, "row")}${gaps.length > 0 ? `, ${many(it.gap_count ?? gaps.length, "gap")}` : ", no gap"}`;
    const bar = drawn(
      "svg",
      { viewBox: "0 0 1000 14", preserveAspectRatio: "none", class: "coverage-bar", role: "img", "aria-label": `${name}: ${text}` },
      drawn("rect", { class: "ground", x: 0, y: 3, width: 1000, height: 8 }),
      drawn("rect", {
        class: it.isFit ? "there" : "there other",
        x: x(it.from),
        y: 3,
        width: Math.max(3, x(it.to) - x(it.from)),
        height: 8,
      }),
      gaps.slice(0, GAPS_DRAWN_MAX).map((gap) =>
        drawn("rect", {
          class: "gap",
          x: x(seconds(gap.start)),
          y: 3,
          width: Math.max(2, x(seconds(gap.end) + it.step) - x(seconds(gap.start))),
          height: 8,
        }),
      ),
      hasWindow ? drawn("rect", { class: "window", x: x(from), y: 1, width: Math.max(4, x(to) - x(from)), height: 12 }) : null,
    );
    return element(
      "li",
      {},
      element("div", { class: "coverage-head" }, element("span", {}, name), element("span", { class: "soft" }, text)),
      bar,
    );
  });
  const more =
    coverages.length > shown.length ? element("li", { class: "soft" }, `and ${coverages.length - shown.length} more`) : null;
  return element("ul", { class: "coverage" }, rows, more);
}
