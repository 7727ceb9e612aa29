// Which theme does the page start in? Runs before anything is drawn, so that a dark page does not flash white.
"use strict";

try {
  const kept = localStorage.getItem("hive.theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // A browser that keeps nothing shows what its system prefers.
}
