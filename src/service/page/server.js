// What does the server say? Its refusals become errors that keep code, hint and fields.

export class Refusal extends Error {
  constructor(message, { status = 0, code = "", hint = null, fields = [], retryAfter = null } = {}) {
    super(message);
    this.name = "Refusal";
    Object.assign(this, { status, code, hint, fields, retryAfter });
  }
}

const SILENT = "the server does not answer";

// Called when the server wants to know who asks.
let onUnknown = () => {};

export function whenUnknown(act) {
  onUnknown = act;
}

// Asks, and returns what JSON comes back; `null` where nothing does.
export async function ask(method, path, body) {
  const answer = await reach(method, path, body);
  const text = await answer.text().catch(() => {
    throw new Refusal("the connection broke in the middle of an answer", { hint: "is `hive serve` still running?" });
  });
  const value = parsed(text);
  if (answer.ok) {
    if (text !== "" && value === undefined)
      throw new Refusal(`the answer to ${method} ${path} is not JSON`, { status: answer.status });
    return value === undefined ? null : value;
  }
  const refusal = refused(answer, value, method, path);
  if (answer.status === 401) onUnknown();
  throw refusal;
}

async function reach(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal(SILENT, { hint: "is `hive serve` still running? What you entered is kept." });
  }
}

function parsed(text) {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(answer, value, method, path) {
  const error = value && typeof value.error === "object" && value.error ? value.error : {};
  const told = error.message || (value && typeof value.error === "string" ? value.error : null) || (value && value.detail);
  const message =
    typeof told === "string" ? told : `${method} ${path} was answered with ${answer.status} ${answer.statusText}`.trim();
  return new Refusal(message, {
    status: answer.status,
    code: error.code || "",
    hint: error.hint || null,
    fields: Array.isArray(error.fields) ? error.fields : [],
    retryAfter: answer.headers.get("Retry-After"),
  });
}

const job = (id) => `/api/jobs/${encodeURIComponent(id)}`;

export const server = {
  session: () => ask("GET", "/api/session"),
  signIn: (token) => ask("POST", "/api/session", { token }),
  signOut: () => ask("DELETE", "/api/session"),
  version: () => ask("GET", "/api/version"),
  controllers: async () => listed(await ask("GET", "/api/controllers"), "controllers"),
  configs: async () => listed(await ask("GET", "/api/configs"), "configs").map(named),
  candles: async () => listed(await ask("GET", "/api/candles"), "candles"),
  profiles: async () => {
    const answer = await ask("GET", "/api/profiles");
    return {
      names: listed(answer, "profiles").map(named),
      default: answer && typeof answer.default === "string" ? answer.default : null,
    };
  },
  download: (wanted) => ask("POST", "/api/candles/download", wanted),
  start: (request) => ask("POST", "/api/jobs", request),
  jobs: ({ state, before, limit }) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ state, before, limit })) if (value) query.set(name, value);
    return ask("GET", `/api/jobs?${query}`);
  },
  job: (id) => ask("GET", job(id)),
  cancel: (id) => ask("POST", `${job(id)}/cancel`),
  pause: (id) => ask("POST", `${job(id)}/pause`),
  resume: (id) => ask("POST", `${job(id)}/resume`),
  remove: (id) => ask("DELETE", job(id)),
  eventsPath: (id) => `${job(id)}/events`,
  resultPath: (id) => `${job(id)}/result`,
  executorsPath: (id) => `${job(id)}/executors.csv`,
  profitPath: (id) => `${job(id)}/pnl.csv`,
};

function listed(answer, key) {
  if (Array.isArray(answer)) return answer;
  return answer && Array.isArray(answer[key]) ? answer[key] : [];
}

function named(entry) {
  return typeof entry === "string" ? entry : entry.name;
}
