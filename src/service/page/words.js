// How do numbers, times and names read?

export const MINUS = "\u2212";
export const NONE = "–";

const STATES = {
  pending: "waiting",
  running: "running",
  paused: "paused",
  complete: "complete",
  failed: "failed",
  cancelled: "stopped",
  superseded: "replaced",
  interrupted: "interrupted",
};

const ENDED = ["complete", "failed", "cancelled", "superseded", "interrupted"];

export function stateText(job) {
  return STATES[stateOf(job)] || stateOf(job);
}

export function stateOf(job) {
  return job.is_paused && !ENDED.includes(job.state) ? "paused" : job.state;
}

export function hasEnded(job) {
  return ENDED.includes(job.state);
}

// Seconds since the epoch, of a number or of RFC 3339.
export function seconds(value) {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value === "") return NaN;
  const number = Number(value);
  return Number.isFinite(number) ? number : Date.parse(value) / 1000;
}

export function timeText(value) {
  const time = new Date(seconds(value) * 1000);
  if (Number.isNaN(time.getTime())) return NONE;
  const text = time.toISOString().slice(0, 19).replace("T", " ");
  return text.endsWith(":00") ? text.slice(0, 16) : text;
}

export function dayText(value) {
  const time = new Date(seconds(value) * 1000);
  return Number.isNaN(time.getTime()) ? NONE : time.toISOString().slice(0, 10);
}

export function durationText(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return NONE;
  if (value < 0.0005) return "0 ms";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} s`;
  const whole = Math.round(value);
  const [days, hours, minutes, rest] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
}

const formats = new Map();

function format(decimals) {
  if (!formats.has(decimals)) {
    formats.set(decimals, new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  }
  return formats.get(decimals);
}

export function fixed(value, decimals) {
  if (typeof value !== "number" || !Number.isFinite(value)) return NONE;
  const text = format(decimals).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

export function count(value) {
  return fixed(value, 0);
}

export function signed(value, decimals) {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

// Enough digits for the size of it: a price of 0.00001234 keeps four of them, one of 67,000 keeps two decimals.
export function plain(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return "0";
  const decimals = size >= 1000 ? 2 : Math.min(10, Math.max(2, 5 - Math.ceil(Math.log10(size))));
  return fixed(value, decimals);
}

export function percent(value, decimals = 2) {
  return typeof value === "number" && Number.isFinite(value) ? `${fixed(value * 100, decimals)} %` : NONE;
}

export function signedPercent(value, decimals = 2) {
  return typeof value === "number" && Number.isFinite(value) ? `${signed(value * 100, decimals)} %` : NONE;
}

// Which colour a result has: `gain`, `loss` or none.
export function tone(value) {
  if (typeof value !== "number" || value === 0) return "";
  return value > 0 ? "gain" : "loss";
}

export function many(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

// `TAKE_PROFIT` and `take_profit` read as “take profit”.
export function spaced(name) {
  return String(name).replaceAll("_", " ").toLowerCase();
}

export function titled(name) {
  const text = spaced(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// A value of a configuration as one line.
export function valueText(value) {
  if (value === null || value === undefined) return NONE;
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

// Seconds of an interval such as `3m`.
export function intervalSeconds(text) {
  const found = /^(\d+)([smhdw])$/.exec(String(text));
  return found ? Number(found[1]) * UNITS[found[2]] : NaN;
}
