// What does the page show, and when? The address after `#` decides: a backtest, one job, the history, a comparison.

import { button, element, place, write } from "./dom.js";
import { announce, complain, errorNode } from "./notice.js";
import { comparison } from "./compare.js";
import { history } from "./history.js";
import { run } from "./run.js";
import { server, whenUnknown } from "./server.js";
import { settings } from "./settings.js";
import { shortcuts } from "./help.js";
import { signIn } from "./session.js";

const TABS = [
  ["backtest", "#/", "Backtest"],
  ["history", "#/jobs", "History"],
  ["compare", "#/compare", "Compare"],
];
const NARROW = window.matchMedia("(max-width: 60rem)");

const page = { run: null, endView: null, jobId: null, isSigningIn: false };

const form = settings(place("settings"), {
  start: async (request) => {
    const job = await server.start(request);
    announce("Accepted.");
    go(`#/jobs/${encodeURIComponent(job.id)}`);
  },
  open: (id) => go(`#/jobs/${encodeURIComponent(id)}`),
});

function go(address) {
  if (location.hash === address) route();
  else location.hash = address;
}

function showTab(name) {
  for (const [tab, address] of TABS) {
    place(tab).hidden = tab !== name;
    const link = document.querySelector(`nav a[href="${address}"]`);
    if (tab === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${TABS.find(([tab]) => tab === name)[2]} · hive`;
}

function leave() {
  if (page.endView) page.endView();
  page.endView = null;
}

async function route() {
  const [kind, ...ids] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
  leave();
  if (kind === "jobs" && ids.length === 0) {
    showTab("history");
    page.endView = history(place("history"), { compare: (one, other) => go(compareAddress(one, other)) });
  } else if (kind === "compare") {
    showTab("compare");
    page.endView = comparison(place("compare"), ids[0], ids[1], (one, other) => go(compareAddress(one, other)));
  } else {
    showTab("backtest");
    if (kind === "jobs") await showJob(ids[0]);
    else if (!page.run) await findRunning();
    else showSettings(true);
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function compareAddress(one, other) {
  return other ? `#/compare/${encodeURIComponent(one)}/${encodeURIComponent(other)}` : `#/compare/${encodeURIComponent(one)}`;
}

// Who comes back finds what runs, and otherwise nothing at all.
async function findRunning() {
  showSettings(true);
  const found = await Promise.all(["running", "pending"].map((state) => server.jobs({ state, limit: 1 }))).catch(() => []);
  const job = found.flatMap((answer) => answer.jobs || [])[0];
  if (!job || page.run || location.hash.replace(/^#\/?/, "") !== "") return;
  replaceAddress(`#/jobs/${encodeURIComponent(job.id)}`);
  await showJob(job.id);
}

function replaceAddress(address) {
  window.history.replaceState(null, "", address);
}

async function showJob(id) {
  const host = place("run");
  if (page.jobId === id && page.run) {
    showSettings(!NARROW.matches);
    return;
  }
  endRun();
  page.jobId = id;
  place("backtest").classList.remove("alone");
  host.replaceChildren(element("p", { class: "soft" }, "Looking for the run…"));
  let job;
  try {
    job = await server.job(id);
  } catch (error) {
    if (page.jobId !== id) return;
    page.jobId = null;
    host.replaceChildren(
      errorNode(error, "This run cannot be shown"),
      element("p", {}, element("a", { href: "#/jobs" }, "Look for it in the history")),
    );
    return;
  }
  if (page.jobId !== id) return;
  if (job.kind === "backtest" && job.request) form.show(job.request);
  page.run = run(host, job, {
    use: (request) => {
      form.show(request);
      showSettings(true);
      place("settings").querySelector("select, input, textarea").focus();
    },
    compare: (one) => go(compareAddress(one)),
    ended: (ended) => {
      if (ended.kind === "download") form.refresh();
    },
    again: async (request) => {
      try {
        const next = await server.start(request);
        go(`#/jobs/${encodeURIComponent(next.id)}`);
      } catch (error) {
        complain(error, "Not started");
      }
    },
  });
  showSettings(!NARROW.matches);
  document.title = `${job.title || "Run"} · hive`;
  place("run-title").focus({ preventScroll: !NARROW.matches });
}

function endRun() {
  if (page.run) page.run.end();
  [page.run, page.jobId] = [null, null];
}

// On a narrow screen settings and run do not fit beside each other: one of them folds.
function showSettings(isShown) {
  place("backtest").classList.toggle("folded", !isShown);
  const toggle = place("fold");
  toggle.hidden = place("backtest").classList.contains("alone");
  write(toggle, isShown ? "Hide settings" : "Show settings");
  toggle.setAttribute("aria-expanded", String(isShown));
}

place("fold").addEventListener("click", () => showSettings(place("backtest").classList.contains("folded")));

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

// Each turn but the last one changes what is seen.
function themes() {
  return DARK.matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
}

function theme() {
  return document.documentElement.dataset.theme || "system";
}

function turnTheme() {
  const all = themes();
  const next = all[(all.indexOf(theme()) + 1) % all.length];
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("hive.theme", next);
  } catch {
    // It holds for this visit.
  }
  showTheme();
  announce(`Theme: ${next}.`);
}

function showTheme() {
  write(place("theme"), `Theme: ${theme()}`);
  document.dispatchEvent(new CustomEvent("hive-theme"));
}

const help = shortcuts([
  ["B", "Backtest", () => go("#/")],
  ["H", "History", () => go("#/jobs")],
  ["C", "Compare", () => go("#/compare")],
  [
    "S",
    "Start with the settings shown",
    () => {
      if (!place("backtest").hidden) form.submit();
    },
  ],
  ["X", "Stop the run shown", () => page.run && !place("backtest").hidden && page.run.stop()],
  ["P", "Pause or resume it", () => page.run && !place("backtest").hidden && page.run.togglePause()],
  [
    "F",
    "Show or hide the settings",
    () => {
      if (!place("fold").hidden) showSettings(place("backtest").classList.contains("folded"));
    },
  ],
  ["T", "Theme: as the system, light, dark", turnTheme],
]);

// The address after `#` is the page's own: a jump inside of it must not change what is shown.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  place("main").focus();
});
place("theme").addEventListener("click", turnTheme);
place("help").addEventListener("click", help);
DARK.addEventListener("change", showTheme);
window.addEventListener("hashchange", route);
window.addEventListener("unhandledrejection", (event) =>
  complain(event.reason instanceof Error ? event.reason : new Error(String(event.reason)), "The page stumbled"),
);

// Once, however many answers say at once that they do not know who asks.
whenUnknown(async () => {
  if (page.isSigningIn) return;
  page.isSigningIn = true;
  await signIn(place("session"));
  page.isSigningIn = false;
  place("notices").replaceChildren();
  showSignOut(true);
  endRun();
  await form.load();
  await route();
});

function showSignOut(isShown) {
  place("sign-out").replaceChildren(
    isShown
      ? button(
          "Sign out",
          async () => {
            try {
              await server.signOut();
              location.reload();
            } catch (error) {
              complain(error, "Not signed out");
            }
          },
          { class: "quiet small" },
        )
      : "",
  );
}

async function begin() {
  showTheme();
  try {
    const session = await server.session();
    if (session && session.needs_token && !session.authenticated) {
      page.isSigningIn = true;
      await signIn(place("session"));
      page.isSigningIn = false;
    }
    showSignOut(Boolean(session && session.needs_token));
  } catch (error) {
    complain(error, "The server could not be asked who may come in");
  }
  server
    .version()
    .then((version) => write(place("version"), versionText(version)))
    .catch(() => {});
  await Promise.all([form.load(), route()]);
  document.body.dataset.ready = "yes";
}

function versionText(version) {
  const number = version && (version.hive || version.version);
  return number ? `hive ${number}` : "hive";
}

begin();
