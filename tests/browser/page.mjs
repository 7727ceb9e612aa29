// Does the page do what a reader expects, in a real browser and against a real server?
//
// Driven by `tests/it/page.rs`, which says in the environment where things are: PAGE_URL, PAGE_TOKEN_URL and PAGE_TOKEN (the same
// server with a token), PAGE_MODULES (a folder with `playwright-core` and `axe-core`), PAGE_BROWSER, PAGE_PICTURES. Each check is
// a line on stdout when it is done; the first one that fails ends it all with what was expected.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { PAGE_URL, PAGE_TOKEN_URL, PAGE_TOKEN, PAGE_MODULES, PAGE_BROWSER, PAGE_PICTURES } = process.env;
const require = createRequire(join(PAGE_MODULES, "node_modules", "here.js"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];
// Machines that test are slow and busy: nothing here measures time.
const PATIENCE_MS = Number(process.env.PAGE_PATIENCE_MS || 120_000);
const SIZES = [
  { name: "1280-light", width: 1280, height: 860, colorScheme: "light" },
  { name: "390-dark", width: 390, height: 844, colorScheme: "dark", hasTouch: true },
  { name: "390-light", width: 390, height: 844, colorScheme: "light", hasTouch: true },
  { name: "1280-dark", width: 1280, height: 860, colorScheme: "dark" },
];

const browser = await chromium.launch({ executablePath: PAGE_BROWSER, args: FLAGS });

function done(what) {
  console.log(`done: ${what}`);
}

// A page that writes down what its console says, and what it asks of others than its own server.
async function opened(url, { name, width, height, ...rest }, quiet = []) {
  const context = await browser.newContext({ viewport: { width, height }, ...rest });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const heard = { errors: [], strangers: [], quiet };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) heard.errors.push(message.text());
  });
  page.on("pageerror", (error) => heard.errors.push(String(error.stack || error)));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (!["data:", "blob:"].includes(asked.protocol) && asked.origin !== new URL(url).origin) heard.strangers.push(request.url());
  });
  await page.addInitScript({ content: AXE });
  await page.goto(`${url}/`);
  await ready(page);
  return { context, page, heard, name };
}

async function ready(page) {
  await page.waitForSelector("body[data-ready=yes]");
}

// What a browser says of an answer that a test provokes is no error of the page.
async function closed({ context, heard }) {
  const errors = heard.errors.filter((text) => !heard.quiet.some((known) => text.includes(known)));
  assert.deepEqual(errors, [], "the console has no errors");
  assert.deepEqual(heard.strangers, [], "nobody but its own server is asked");
  await context.close();
}

async function accessible(page, where) {
  const { violations } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter((it) => ["serious", "critical"].includes(it.impact));
  const told = serious.map((it) => `${it.id}: ${it.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(told, [], `axe has no serious finding in ${where}`);
}

async function picture({ page, name }, what, fullPage = true) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= room, `${what} fits into ${name}: ${wide} of ${room} pixels`);
  if (PAGE_PICTURES) await page.screenshot({ path: join(PAGE_PICTURES, `${name}-${what}.png`), fullPage });
}

// One of the two is hidden now and then, and a hidden one has no role.
const settings = (page) => page.locator("#settings");
const run = (page) => page.locator("#run");

async function jobId(page) {
  await page.waitForFunction(() => location.hash.startsWith("#/jobs/"));
  return page.evaluate(() => decodeURIComponent(location.hash.slice("#/jobs/".length)));
}

// The form is a controller's own: what it says, what it refuses, how it is sent.
async function fill(page, { window, cost }) {
  const form = settings(page);
  if (!(await form.isVisible())) await page.getByRole("button", { name: "Show settings" }).click();
  await form.getByLabel("Controller", { exact: true }).selectOption("pmm_simple");
  await setField(form, "connector_name", "binance_perpetual");
  await setField(form, "trading_pair", "BTC-USDT");
  await setField(form, "total_amount_quote", "1000");
  await setField(form, "buy_spreads", "0.001");
  await setField(form, "sell_spreads", "0.001");
  await setField(form, "stop_loss", "0.003");
  await setField(form, "take_profit", "0.002");
  await setField(form, "time_limit", "1800");
  await setField(form, "executor_refresh_time", "900");
  await form.getByLabel("Resolution").selectOption("1m");
  await form.getByLabel("Trade cost").fill(cost);
  await form.getByRole("button", { name: window }).click();
}

// Fields are found by their keys, which the schema guarantees; their names are for people.
async function setField(form, key, value) {
  const control = form.locator(`.field[title="${key}"]`).locator("input, select, textarea").first();
  await control.evaluate((node) => {
    const group = node.closest("details");
    if (group) group.open = true;
  });
  await control.fill(value);
}

async function start(page) {
  const before = await run(page).evaluate((node) => node.dataset.job || "");
  await settings(page).getByRole("button", { name: "Start backtest" }).click();
  const told = await page.waitForFunction((before) => {
    const trouble = document.querySelector(".form-trouble .trouble");
    if (trouble) return trouble.innerText;
    return (document.getElementById("run").dataset.job || before) !== before ? "accepted" : false;
  }, before);
  assert.equal(await told.jsonValue(), "accepted");
  return jobId(page);
}

async function complete(page, id) {
  await page.waitForSelector(`#run[data-job="${id}"][data-state=complete]`);
  await page.waitForSelector("#run [data-ready=yes]");
}

// Every state and stage that the page showed, in order: written down by the page itself, so that none is too short to see.
async function watchStates(page) {
  await page.evaluate(() => {
    window.seen = [];
    const look = () => {
      const stage = document.querySelector('#run .live:not([hidden]) [aria-current="step"]');
      const mark = [document.getElementById("run").dataset.state, stage ? stage.textContent : ""].filter(Boolean).join(": ");
      if (mark && window.seen.at(-1) !== mark) window.seen.push(mark);
      const bar = document.querySelector("#run .live:not([hidden]) progress");
      if (bar && bar.position >= 0) window.most = Math.max(window.most || 0, bar.position);
    };
    new MutationObserver(look).observe(document.getElementById("run"), {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
}

async function firstRun(view) {
  const { page } = view;
  await accessible(page, "the form");
  await picture(view, "form");
  // What can be known without a server is said at the field, and nothing is lost.
  await fill(page, { window: "Last day", cost: "0.06" });
  const form = settings(page);
  await setField(form, "stop_loss", "much");
  await form.getByRole("button", { name: "Start backtest" }).click();
  const wrong = form.locator('.field[title="stop_loss"] [aria-invalid=true]');
  await wrong.waitFor();
  assert.equal(await wrong.evaluate((node) => node === document.activeElement), true, "the wrong field has the focus");
  assert.match(await form.locator('.field[title="stop_loss"] .field-error').textContent(), /not a number/);
  assert.equal(await wrong.inputValue(), "much");
  await setField(form, "stop_loss", "0.003");
  done(`${view.name}: a wrong number is refused at its field`);

  await watchStates(page);
  const id = await start(page);
  await complete(page, id);
  const seen = await page.evaluate(() => window.seen);
  assert.equal(seen.at(-1), "complete", `it was seen to end: ${seen.join("; ")}`);
  done(`${view.name}: a run from the form: ${seen.join("; ")}`);
  await accessible(page, "a result");
  await picture(view, "result");
  return id;
}

async function looksAtResult({ page, name }, id) {
  const packet = await page.evaluate(async (id) => (await fetch(`/api/jobs/${id}/result`)).json(), id);
  const text = await run(page).innerText();
  const figure = Math.abs(packet.results.net_pnl_quote).toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  assert.ok(text.includes(figure), `net profit ${figure} is shown`);
  const count = packet.executors.length;
  assert.ok(count > 0, "there are executors to show");
  assert.ok(text.includes(`${count.toLocaleString("en-US")} executor`), `${count} executors are counted`);
  // The chart: something is painted in it, and keys move it.
  const canvas = page.locator("#run .canvas");
  const painted = await canvas.locator("canvas.base").evaluate((node) => {
    const { data } = node.getContext("2d").getImageData(0, 0, node.width, node.height);
    let count = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count += 1;
    return count / (data.length / 4);
  });
  assert.ok(painted > 0.02, `${painted} of the chart is painted`);
  await canvas.focus();
  const whole = await canvas.evaluate((node) => Number(node.dataset.to) - Number(node.dataset.from));
  for (const key of ["+", "+", "n"]) await page.keyboard.press(key);
  await page.waitForFunction((whole) => {
    const { from, to } = document.querySelector("#run .canvas").dataset;
    return Number(to) - Number(from) < whole / 2;
  }, whole);
  await page.locator("#run .tip").waitFor();
  assert.match(await page.locator("#run .tip").textContent(), /^(Buy|Sell)/);
  await page.keyboard.press("0");
  // The table: sorted by profit, the best is first.
  await page.getByRole("button", { name: /^Profit quote/ }).click();
  const best = Math.max(...packet.executors.map((it) => it.net_pnl_quote));
  const first = await page.locator("#run table:has(.sort) tbody tr").first().innerText();
  const written = Math.abs(best).toLocaleString("en-US", { minimumFractionDigits: 4, maximumFractionDigits: 4 });
  assert.ok(first.includes(written), `${written} is first: ${first}`);
  for (const file of ["executors.csv", "pnl.csv", "result"]) {
    const link = await page.locator(`#run a[href="/api/jobs/${id}/${file}"]`).getAttribute("href");
    const answer = await page.evaluate(async (link) => (await fetch(link)).status, link);
    assert.equal(answer, 200, `${link} can be taken along`);
  }
  done(`${name}: the result is the server's, the chart moves, the table sorts`);
}

async function refusedByServer({ page, name }) {
  const form = settings(page);
  await form.getByText("JSON", { exact: true }).click();
  const area = form.getByLabel("Configuration as JSON");
  const config = JSON.parse(await area.inputValue());
  await area.fill(JSON.stringify({ ...config, no_such_key: 1 }));
  await form.getByRole("button", { name: "Start backtest" }).click();
  await form.locator(".form-trouble .trouble").waitFor();
  const told = await form.innerText();
  assert.match(told, /no_such_key/, "what the server refuses is told");
  assert.match(told, /HV08\d\d/, "with its code");
  assert.match(await area.inputValue(), /no_such_key/, "and what was entered is kept");
  await area.fill("{");
  await form.getByRole("button", { name: "Start backtest" }).click();
  await form.getByText("This is not JSON").waitFor();
  await area.fill(JSON.stringify(config));
  await form.getByText("Form", { exact: true }).click();
  done(`${name}: what the server refuses is told, and kept`);
}

// A long run is paused, found again after a reload, goes on, and is stopped.
async function stopped(view) {
  const { page, name } = view;
  await fill(page, { window: "All", cost: "0.06" });
  // Many levels: work that takes longer than a hand needs, on a quick machine too. It is stopped long before its end.
  const levels = Array.from({ length: 8 }, (_, index) => ((index + 1) / 1000).toFixed(3)).join(", ");
  await setField(settings(page), "buy_spreads", levels);
  await setField(settings(page), "sell_spreads", levels);
  await watchStates(page);
  const id = await start(page);
  await page.waitForSelector("#run[data-state=running]");
  await run(page).getByRole("button", { name: "Pause" }).click();
  await page.waitForSelector("#run[data-state=paused]");
  const shown = await run(page)
    .locator("progress")
    .evaluate((bar) => bar.value);
  assert.ok(shown < 1, `a paused run is not shown as done: ${shown}`);
  await accessible(page, "a paused run");
  await picture(view, "paused");
  await page.reload();
  await ready(page);
  assert.equal(await jobId(page), id);
  await page.waitForSelector(`#run[data-job="${id}"][data-state=paused]`);
  done(`${name}: a reload finds the run`);
  // Without an address, too: who opens the page anew is led to what runs.
  await page.goto(`${new URL(page.url()).origin}/`);
  await ready(page);
  await page.waitForSelector(`#run[data-job="${id}"]`);
  assert.equal(await jobId(page), id);
  done(`${name}: a new visit finds it, too`);
  await watchStates(page);
  await run(page).getByRole("button", { name: "Resume" }).click();
  await page.waitForSelector("#run[data-state=running]");
  await page.waitForFunction(() => document.querySelectorAll("#run .steps tbody tr").length > 2);
  await page.waitForFunction(() => (window.most || 0) > 0);
  await picture(view, "running");
  await run(page).getByRole("button", { name: "Stop" }).click();
  await page.waitForSelector("#run[data-state=cancelled]");
  await run(page)
    .getByText(/^Stopped/)
    .waitFor();
  const state = await page.evaluate(async (id) => (await (await fetch(`/api/jobs/${id}`)).json()).state, id);
  assert.equal(state, "cancelled");
  done(`${name}: a run is paused, resumed, watched and stopped`);
  return id;
}

async function compared(view, one, other) {
  const { page, name } = view;
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "History" }).click();
  await page.locator(`tr[data-job="${one}"]`).waitFor();
  for (const id of [one, other]) await page.locator(`tr[data-job="${id}"] input[type=checkbox]`).check();
  await accessible(page, "the history");
  await picture(view, "history");
  await page.getByRole("button", { name: "Compare the two" }).click();
  await page.waitForSelector("#compare [data-ready=yes]");
  assert.deepEqual(await page.evaluate(() => location.hash.split("/").slice(2)), [one, other]);
  const results = await page.evaluate(
    (ids) => Promise.all(ids.map(async (id) => (await (await fetch(`/api/jobs/${id}/result`)).json()).results)),
    [one, other],
  );
  const row = await page.locator("#compare tbody tr").first().innerText();
  const [left, right] = results.map((it) => it.net_pnl_quote);
  const by = Math.abs(right - left).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  assert.ok(row.includes(by), `the difference of profit is ${by}: ${row}`);
  const differing = await page.getByRole("region", { name: "What was asked for" }).innerText();
  assert.match(differing, /trade_cost/);
  await accessible(page, "a comparison");
  await picture(view, "comparison");
  // The address alone shows the same.
  await page.reload();
  await page.waitForSelector("#compare [data-ready=yes]");
  done(`${name}: two runs are compared`);
}

async function tidied({ page, name }, id) {
  await page.goto(`${new URL(page.url()).origin}/#/jobs`);
  const row = page.locator(`tr[data-job="${id}"]`);
  await row.getByRole("button", { name: /^Delete/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Keep" }).click();
  assert.equal(await row.count(), 1, "nothing is deleted without a yes");
  await row.getByRole("button", { name: /^Delete/ }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(async (id) => (await fetch(`/api/jobs/${id}`)).status, id), 404);
  await page.goto(`${new URL(page.url()).origin}/#/jobs/${id}`);
  await run(page).getByText("This run cannot be shown").waitFor();
  done(`${name}: a run is deleted, and its address says so`);
}

async function byKeyboard({ page, name }) {
  await page.locator("#main").focus();
  await page.keyboard.press("h");
  await page.waitForSelector("#history:not([hidden])");
  await page.keyboard.press("c");
  await page.waitForSelector("#compare:not([hidden])");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await accessible(page, "the help");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("b");
  await page.waitForSelector("#backtest:not([hidden])");
  const dark = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await dark();
  await page.keyboard.press("t");
  assert.notEqual(await dark(), before, "the theme turns");
  await page.reload();
  await ready(page);
  assert.notEqual(await dark(), before, "and is kept");
  await page.getByRole("button", { name: /^Theme/ }).click();
  done(`${name}: keys and theme`);
}

// What each form begins with can be run, or the page says why Hummingbot itself cannot.
async function everyController() {
  const view = await opened(PAGE_URL, SIZES[0], ["status of 422"]);
  const { page } = view;
  const form = settings(page);
  const names = await page.evaluate(async () => (await (await fetch("/api/controllers")).json()).controllers.map((it) => it.name));
  assert.ok(names.length > 10, `there are controllers: ${names}`);
  const outcomes = [];
  for (const name of names) {
    await form.getByLabel("Controller", { exact: true }).selectOption(name);
    await setField(form, "connector_name", "binance_perpetual");
    await setField(form, "trading_pair", "BTC-USDT");
    const before = await run(page).evaluate((node) => node.dataset.job || "");
    await form.getByRole("button", { name: "Start backtest" }).click();
    const outcome = await page.waitForFunction((before) => {
      const trouble = document.querySelector(".form-trouble .trouble");
      if (trouble) return `refused: ${trouble.innerText}`;
      const { job, state } = document.getElementById("run").dataset;
      return (job || before) !== before && ["complete", "failed"].includes(state) ? state : false;
    }, before);
    outcomes.push([name, await outcome.jsonValue()]);
  }
  const wrong = outcomes.filter(([, outcome]) => outcome !== "complete" && !/fails in Hummingbot's own backtester/.test(outcome));
  assert.deepEqual(wrong, [], "each form runs as it begins");
  assert.ok(outcomes.filter(([, outcome]) => outcome === "complete").length > 8, `most of them run: ${JSON.stringify(outcomes)}`);
  done(`${names.length} controllers, each as its form begins`);
  await closed(view);
}

// Events that do not come through are replaced by asking.
async function withoutEvents() {
  const view = await opened(PAGE_URL, SIZES[0], ["ERR_FAILED"]);
  const { page } = view;
  await page.route("**/api/jobs/*/events", (route) => route.abort());
  await fill(page, { window: "Last day", cost: "0.04" });
  const id = await start(page);
  await complete(page, id);
  done("a run is followed without events");
  await closed(view);
}

async function behindToken() {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.addInitScript({ content: AXE });
  await page.goto(`${PAGE_TOKEN_URL}/`);
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Not signed in").waitFor();
  await accessible(page, "the sign-in");
  await picture({ page, name: "390-light" }, "sign-in");
  await page.getByLabel("Token").fill(PAGE_TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await ready(page);
  await settings(page).getByLabel("Controller", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the session");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
  assert.deepEqual(errors, []);
  await context.close();
  done("a token opens the page, and signing out closes it");
}

try {
  for (const size of SIZES) {
    const view = await opened(PAGE_URL, size, ["status of 422", "status of 404"]);
    const one = await firstRun(view);
    await looksAtResult(view, one);
    if (size === SIZES[0]) await refusedByServer(view);
    await fill(view.page, { window: "Last day", cost: "0.02" });
    const other = await start(view.page);
    await complete(view.page, other);
    await compared(view, one, other);
    await view.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Backtest" }).click();
    if (size === SIZES[0] || size === SIZES[1]) {
      const ended = await stopped(view);
      await byKeyboard(view);
      await tidied(view, ended);
    }
    await closed(view);
  }
  await everyController();
  await withoutEvents();
  if (PAGE_TOKEN_URL) await behindToken();
  done("all");
} finally {
  await browser.close();
}
