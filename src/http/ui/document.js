// A document's page: brings the marked quote into sight and opens the contents where there is room.
// The page is complete without it.
"use strict";

const contents = document.querySelector(".contents details");
const wide = matchMedia("(min-width: 70rem)");
if (contents) {
  contents.open = wide.matches;
  wide.addEventListener("change", () => (contents.open = wide.matches));
}

// A text directive in the address may have led to words that only look alike; the mark is exact.
// The browser follows the directive a moment after the page is loaded, so the mark waits for that.
// The way back to this page keeps the place where it was left.
const mark = document.querySelector("mark");
const returning = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
if (mark && !returning) {
  addEventListener("load", () => setTimeout(() => mark.scrollIntoView({ block: "center" }), 50));
}
