// Where do the lines of a chart's grid stand, and what do they say?

import { MINUS } from "./words.js";

// Round numbers in a range, at most about so many. Returns `{all: [[value, text]], text}`; `text` writes any value as they are
// written, with one digit more.
export function valueTicks(low, high, most, unit = "") {
  const raw = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 2.5, 5, 10].map((it) => it * power).find((it) => it >= raw * 0.999) || raw;
  const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(size) + 1e-9) + (isQuarter(size) ? 1 : 0)));
  const all = [];
  const first = Math.ceil(low / size - 1e-9);
  for (let step = first; step * size <= high + size * 1e-9; step += 1)
    all.push([step * size, written(step * size, decimals) + unit]);
  return { all, text: (value) => written(value, Math.min(decimals + 1, 12)) + unit };
}

function isQuarter(size) {
  const digits = size / 10 ** Math.floor(Math.log10(size) + 1e-9);
  return Math.abs(digits - 2.5) < 1e-6;
}

function written(value, decimals) {
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

const SIZES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 172800, 604800];
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTH_S = 2629746;
const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
// 1970-01-05 was a Monday: weeks begin with it.
const MONDAY = 4 * 86400;

// Round times in UTC, at most about so many: `[{time, text, isGreater}]`; a greater one begins a day, a month or a year.
export function timeTicks(from, to, most) {
  const raw = (to - from) / Math.max(most, 1);
  const size = SIZES.find((it) => it >= raw);
  return size ? steadyTicks(from, to, size) : monthTicks(from, to, MONTHS.find((it) => it * MONTH_S >= raw) || MONTHS.at(-1));
}

function steadyTicks(from, to, size) {
  const offset = size === 604800 ? MONDAY : 0;
  const all = [];
  for (let time = Math.ceil((from - offset) / size) * size + offset; time <= to; time += size) {
    const date = new Date(time * 1000);
    const isDay = time % 86400 === 0;
    if (isDay) {
      const isMonth = date.getUTCDate() === 1;
      const isYear = isMonth && date.getUTCMonth() === 0;
      const text = isYear ? String(date.getUTCFullYear()) : `${date.getUTCDate()} ${NAMES[date.getUTCMonth()]}`;
      all.push({ time, text, isGreater: size < 86400 || isMonth });
    } else {
      all.push({ time, text: date.toISOString().slice(11, size < 60 ? 19 : 16), isGreater: false });
    }
  }
  return all;
}

function monthTicks(from, to, months) {
  const start = new Date(from * 1000);
  const all = [];
  let month = Math.floor((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months;
  for (;;) {
    const time = Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000;
    if (time > to) return all;
    const isYear = month % 12 === 0;
    if (time >= from) all.push({ time, text: isYear ? String(month / 12) : NAMES[month % 12], isGreater: isYear });
    month += months;
  }
}
