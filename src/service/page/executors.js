// Which executors were there? A table that is sorted, filtered and leafed through, so that a hundred thousand do no harm.

import { button, element, freshId, write } from "./dom.js";
import { count, durationText, fixed, many, plain, signed, signedPercent, spaced, timeText, tone } from "./words.js";

const PAGE_ROWS = 50;

// key, heading, unit, how a cell reads, whether it is a number.
const COLUMNS = [
  ["opened", "Opened", "UTC", (it) => timeText(it.opened), false],
  ["side", "Side", "", (it) => it.side, false],
  ["level", "Level", "", (it) => it.level || "–", false],
  ["entry", "Entry", "", (it) => plain(it.entry), true],
  ["exit", "Exit", "", (it) => plain(it.exit), true],
  ["profit", "Profit", "quote", (it) => signed(it.profit, 4), true],
  ["profitShare", "Profit", "%", (it) => signedPercent(it.profitShare, 3).replace(" %", ""), true],
  ["closeType", "Ended by", "", (it) => spaced(it.closeType), false],
  ["lasted", "Lasted", "", (it) => durationText(it.closed - it.opened), true],
  ["filled", "Filled", "quote", (it) => fixed(it.filled, 2), true],
  ["fees", "Fees", "quote", (it) => fixed(it.fees, 4), true],
  ["closed", "Closed", "UTC", (it) => timeText(it.closed), false],
];

export function executors(host, all, show) {
  for (const it of all) it.lasted = it.closed - it.opened;
  const it = { all, show, sort: "opened", isDown: false, page: 0, type: "", traded: "" };
  const types = [...new Set(all.map((each) => each.closeType))].sort();
  const select = (text, options, act) => {
    const id = freshId("filter");
    return element(
      "span",
      { class: "filter" },
      element("label", { for: id }, text),
      element(
        "select",
        {
          id,
          change: (event) => {
            act(event.target.value);
            it.page = 0;
            draw(it);
          },
        },
        options.map(([value, name]) => element("option", { value }, name)),
      ),
    );
  };
  it.count = element("span", { class: "soft", role: "status" });
  it.body = element("tbody", {});
  it.heads = new Map(
    COLUMNS.map(([key, name, unit, , isNumber]) => [
      key,
      element(
        "th",
        { scope: "col", class: isNumber ? "number" : null },
        button(
          [
            name,
            unit ? element("span", { class: "unit" }, ` ${unit}`) : null,
            element("span", { class: "arrow", "aria-hidden": "true" }),
          ],
          () => {
            it.isDown = it.sort === key ? !it.isDown : isNumber;
            it.sort = key;
            it.page = 0;
            draw(it);
          },
          { class: "sort" },
        ),
      ),
    ]),
  );
  it.back = button("Previous", () => turn(it, -1), { class: "small" });
  it.forth = button("Next", () => turn(it, 1), { class: "small" });
  it.where = element("span", { class: "soft" });
  const table = element(
    "table",
    {},
    element("caption", { class: "hidden" }, "Executors. The time of opening shows one in the chart."),
    element("thead", {}, element("tr", {}, [...it.heads.values()])),
    it.body,
  );
  host.replaceChildren(
    element("h3", { id: "executors-title" }, "Executors"),
    element(
      "div",
      { class: "tools" },
      select("Ended by", [["", "anything"], ...types.map((name) => [name, spaced(name)])], (value) => {
        it.type = value;
      }),
      select(
        "Position",
        [
          ["", "with or without"],
          ["yes", "with"],
          ["no", "without"],
        ],
        (value) => {
          it.traded = value;
        },
      ),
      it.count,
    ),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of executors" }, table),
    element("div", { class: "pager" }, it.back, it.where, it.forth),
  );
  draw(it);
}

function turn(it, by) {
  it.page += by;
  draw(it);
}

function chosen(it) {
  const rows = it.all.filter(
    (each) => (it.type === "" || each.closeType === it.type) && (it.traded === "" || each.filled > 0 === (it.traded === "yes")),
  );
  const order = it.isDown ? -1 : 1;
  const key = it.sort;
  return rows.sort((one, other) => {
    const [left, right] = [one[key], other[key]];
    const by = typeof left === "number" ? left - right : String(left).localeCompare(String(right), "en", { numeric: true });
    return by * order || one.index - other.index;
  });
}

function draw(it) {
  const rows = chosen(it);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  it.page = Math.min(Math.max(it.page, 0), pages - 1);
  for (const [key, head] of it.heads) {
    const isSorted = key === it.sort;
    head.setAttribute("aria-sort", isSorted ? (it.isDown ? "descending" : "ascending") : "none");
    write(head.querySelector(".arrow"), isSorted ? (it.isDown ? " ↓" : " ↑") : "");
  }
  const seen = rows.slice(it.page * PAGE_ROWS, (it.page + 1) * PAGE_ROWS);
  it.body.replaceChildren(
    ...(seen.length > 0
      ? seen.map((row) => rowNode(it, row))
      : [element("tr", {}, element("td", { colspan: COLUMNS.length, class: "soft" }, "There are none."))]),
  );
  write(
    it.count,
    rows.length === it.all.length ? many(rows.length, "executor") : `${count(rows.length)} of ${many(it.all.length, "executor")}`,
  );
  write(it.where, `Page ${it.page + 1} of ${pages}`);
  it.back.disabled = it.page === 0;
  it.forth.disabled = it.page >= pages - 1;
  it.back.parentElement.hidden = pages === 1;
}

function rowNode(it, row) {
  const cells = COLUMNS.map(([key, , , text, isNumber]) => {
    if (key === "opened") {
      const label = `${text(row)}: show in the chart`;
      return element(
        "th",
        { scope: "row" },
        row.filled > 0
          ? button(text(row), () => it.show(row), { class: "link", "aria-label": label, title: "Show in the chart" })
          : text(row),
      );
    }
    const kind = [
      isNumber ? "number" : "",
      key === "side" ? `side ${row.side}` : "",
      key === "profit" || key === "profitShare" ? tone(row.profit) : "",
    ]
      .filter(Boolean)
      .join(" ");
    return element("td", { class: kind || null }, text(row));
  });
  return element("tr", {}, cells);
}
