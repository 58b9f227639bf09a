// A document for the panel: the content of its page, at the passage that an address names.

import { element } from "./element.js";

// The ids of a document's page could be those of this one.
const PREFIX = "at-";

/** Fetches a page (`/documents/{slug}?mark=…#anchor`) and gives its content and where to look. */
export async function fetchDocument(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.querySelector("main");
  if (!main) throw new Error("no content");
  for (const node of main.querySelectorAll("[id]")) node.id = PREFIX + node.id;
  for (const link of main.querySelectorAll('a[href^="#"]')) link.setAttribute("href", `#${PREFIX}${link.hash.slice(1)}`);
  // In a page of its own the header is the main one's; here it would be a second one of this page.
  for (const header of main.querySelectorAll("header")) header.replaceWith(...header.childNodes);
  const content = element("div", { class: "document", lang: main.lang }, [...main.childNodes].map((n) => document.importNode(n, true)));
  return { content, title: main.querySelector("h1")?.textContent ?? "", anchor: anchorOf(url) };
}

function anchorOf(url) {
  const hash = new URL(url, location.href).hash.slice(1).split(":~:")[0];
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

/** Marks the block and brings the quote into sight. */
export function lookAt(content, anchor) {
  const block = anchor ? content.querySelector(`#${CSS.escape(PREFIX + anchor)}`) : null;
  block?.classList.add("target");
  (content.querySelector("mark") ?? block)?.scrollIntoView({ block: "center" });
}

/** Links inside the document move it; all others are links. */
export function followInside(content, event) {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  content.querySelector(`#${CSS.escape(link.hash.slice(1))}`)?.scrollIntoView({ block: "start" });
}
