// What a citation says of itself: whose words, where they stand, and the address of the place.

import { element } from "./element.js";
import { t } from "./texts.js";

export function whose(quote) {
  return quote.speaker ?? quote.title;
}

/** The heading above, unless it says what the title says. */
function headingOf({ heading, title }) {
  return heading && !title.startsWith(heading) ? heading : null;
}

export function place(quote) {
  const at = quote.turn ? t("turn", { n: quote.turn }) : headingOf(quote);
  return at ? t("place", { title: quote.title, at }) : quote.title;
}

/** The same as nodes: what the document says is in its language, the rest in that of the page. */
export function placeNodes(quote, lang) {
  const title = element("span", { lang }, quote.title);
  const heading = headingOf(quote);
  const at = quote.turn ? t("turn", { n: quote.turn }) : heading && element("span", { lang }, heading);
  if (!at) return [title];
  const parts = t("place", { title: "\u0000", at: "\u0001" }).split(/([\u0000\u0001])/);
  return parts.map((part) => (part === "\u0000" ? title : part === "\u0001" ? at : part));
}

/** Only addresses on the server become links. The text directive is left out: a browser marks the
    first place that looks alike, the page itself marks the bytes that are quoted. */
export function local(url, base = "") {
  return typeof url === "string" && /^\/(?![/\\])/.test(url) ? base + url.split(":~:")[0] : "#";
}

/** Words that hold a quotation say themselves what is quoted; others get quotation marks. */
export function quoted(text) {
  return /[“”"«»„「]/.test(text) ? text : `“${text}”`;
}

/** The quotes of a reply: cited ones, or the nearest passages of a refusal. */
export function quotesOf(reply) {
  return reply.outcome === "answered" ? reply.citations : reply.related;
}
