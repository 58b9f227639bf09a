// How a reply looks: an answer in quotes with numbered sources, or a refusal with what is nearest.
// What can be done with it (rate, copy, ask why) is told in `actions`.

import { button, element, unseen } from "./element.js";
import { lines } from "./emphasis.js";
import { local, placeNodes, quoted, quotesOf, whose } from "./quotes.js";
import { t } from "./texts.js";

/**
 * The node of a reply.
 *
 * `page` is where it stands: `base` before the addresses of links and `origin` before those on paper,
 * `target` of links, `language` of the interface, `languageOf(slug)`, `ask(question)`.
 */
export function replyNode(exchange, page) {
  const { reply } = exchange;
  const refused = reply.outcome === "abstained";
  const quotes = quotesOf(reply);
  return element(
    "div",
    { class: refused ? "reply refused" : "reply answered", "data-outcome": reply.outcome },
    refused && element("p", { class: "label refused-label" }, t("refused_label")),
    element("div", { class: "answer", lang: reply.locale }, blocks(reply, quotes, page)),
    reply.degraded && element("p", { class: "notice" }, t("degraded")),
    quotes.length > 0 && sources(quotes, refused, page),
    refused && reply.suggestions.length > 0 && suggestions(reply.suggestions, page),
  );
}

/** The lines of the answer; items that follow each other stand in one list. */
function blocks(reply, quotes, page) {
  const nodes = [];
  for (const { kind, pieces } of lines(reply)) {
    const content = pieces.map((piece, i) => (i === 0 && kind === "quote" && isName(piece) ? speaker(piece) : shown(piece, quotes, page)));
    if (kind === "item") {
      if (nodes.at(-1)?.nodeName !== "UL") nodes.push(element("ul"));
      nodes.at(-1).append(element("li", {}, content));
    } else {
      nodes.push(element(kind === "quote" ? "blockquote" : "p", { class: kind }, content));
    }
  }
  return nodes;
}

/** A quote that names its speaker opens with the name in bold and a colon. */
function isName({ text, bold }) {
  return bold && /[:：]$/.test(text);
}

function speaker({ text }) {
  return element("strong", { class: "said-by" }, text.slice(0, -1));
}

/** Words, or the number of a quote as a link to it. */
function shown({ text, bold, n }, quotes, page) {
  if (!n) return bold ? element("strong", {}, text) : text;
  const quote = quotes.find((q) => q.n === n);
  return quote ? marker(quote, page) : `[${n}]`;
}

function marker(quote, page) {
  const label = t("quote_open", { n: quote.n, whose: whose(quote) });
  return element("a", { class: "marker", href: local(quote.url, page.base), "aria-label": label, "data-quote": quote.n, lang: page.language, target: page.target }, String(quote.n));
}

/** Where the quotes stand. An answer shows their words already, so that they come with what stands
    around them on demand; a refusal shows them. */
function sources(quotes, refused, page) {
  const label = refused ? t("nearest") : t("sources", { count: quotes.length });
  return element(
    "div",
    { class: "sources" },
    element("h3", { class: "label" }, label),
    element("ol", {}, quotes.map((quote) => source(quote, refused, page))),
  );
}

function source(quote, refused, page) {
  const lang = page.languageOf(quote.document);
  return element(
    "li",
    { class: "source" },
    element("span", { class: "number", "aria-hidden": "true" }, String(quote.n)),
    element(
      "p",
      { class: "where" },
      quote.speaker && element("strong", { lang }, quote.speaker),
      quote.speaker && " · ",
      element("a", { href: local(quote.url, page.base), "data-quote": quote.n, "data-address": local(quote.url, page.origin), target: page.target }, placeNodes(quote, lang)),
    ),
    refused ? element("blockquote", { lang }, quoted(quote.quote_text)) : context(quote, lang),
  );
}

/** The whole passage with the quote marked in it, made when it is first wanted. */
function context({ passage, quote_text: words, n }, lang) {
  const at = passage.indexOf(words);
  const parts = () => (at < 0 ? [passage] : [passage.slice(0, at), element("mark", {}, words), passage.slice(at + words.length)]);
  const summary = element("summary", {}, t("passage_show"), unseen(` ${t("passage_show_of", { n })}`));
  const node = element("details", { class: "context" }, summary);
  node.addEventListener("toggle", () => node.append(element("blockquote", { lang }, parts())), { once: true });
  return node;
}

function suggestions(questions, page) {
  const items = questions.map((q) => element("li", {}, button({ class: "suggestion" }, () => page.ask(q), q)));
  return element("div", { class: "more" }, element("h3", { class: "label" }, t("could_ask")), element("ul", { class: "suggestions" }, items));
}
