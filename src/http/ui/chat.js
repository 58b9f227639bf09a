// The web chat: sends questions, shows answers with their quotes, keeps the conversation.
//
// Everything that comes from the server or the person is put into the page as text, never as markup.
// The conversation lives in this tab (session storage), so that a look into a document and the way
// back lose nothing.
"use strict";

const STORE = "dialogdesk.conversation";
// The server reads at most 20 messages and 64 KiB; this leaves room for the rest of the request.
const HISTORY_MESSAGES = 20;
const HISTORY_BYTES = 32 * 1024;

const page = {
  form: document.getElementById("composer"),
  box: document.getElementById("question"),
  send: document.getElementById("send"),
  filter: document.getElementById("documents"),
  welcome: document.getElementById("welcome"),
  conversation: document.getElementById("conversation"),
  restart: document.getElementById("restart"),
  status: document.getElementById("status"),
};

let exchanges = restore();
let busy = false;

function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") node.className = value;
    else if (key === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// ---- conversation -------------------------------------------------------------------------------

function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((e) => e && typeof e.question === "string" && e.reply) : [];
  } catch {
    return [];
  }
}

function keep() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(exchanges.filter((e) => e.reply)));
  } catch {
    // A full or forbidden store costs the way back, not the answer.
  }
}

/** Earlier messages, oldest first, as many of the last ones as the server reads. */
function history() {
  const messages = exchanges
    .filter((e) => e.reply)
    .flatMap((e) => [
      { role: "user", content: e.question },
      { role: "assistant", content: e.reply.answer },
    ]);
  const encoder = new TextEncoder();
  const kept = [];
  let bytes = 0;
  for (const message of messages.slice(-HISTORY_MESSAGES).reverse()) {
    bytes += encoder.encode(JSON.stringify(message)).length;
    if (bytes > HISTORY_BYTES) break;
    kept.unshift(message);
  }
  return kept;
}

async function request(question, slug) {
  const body = { question, history: history(), documents: slug ? [slug] : [] };
  const last = exchanges.findLast((e) => e.reply?.conversation_id);
  if (last) body.conversation_id = last.reply.conversation_id;
  let response;
  try {
    response = await fetch("/api/v1/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Dialogdesk-Channel": "web" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The server could not be reached. Check the connection and try again.");
  }
  const reply = await response.json().catch(() => null);
  if (response.ok && reply) return reply;
  if (response.status === 429) throw new Error("Many questions are being asked right now. Try again in a moment.");
  if (response.status === 503) throw new Error("The documents are still being prepared. Try again in a moment.");
  throw new Error(reply?.detail ?? `The server answered with an error (${response.status}). Try again.`);
}

async function ask(question) {
  question = question.trim();
  if (!question || busy) return;
  await send({ question, document: page.filter?.value ?? "", reply: null, error: null });
}

/** Sends a new exchange, or one that failed before. */
async function send(exchange) {
  if (busy) return;
  setBusy(true);
  exchange.error = null;
  if (!exchanges.includes(exchange)) exchanges.push(exchange);
  const place = show(exchange);
  bringIntoView(place);
  page.status.textContent = "Looking through the documents.";
  try {
    exchange.reply = await request(exchange.question, exchange.document);
    keep();
  } catch (error) {
    exchange.error = error.message;
  }
  setBusy(false);
  bringIntoView(show(exchange));
  announce(exchange);
  page.box.focus({ preventScroll: true });
}

function setBusy(now) {
  busy = now;
  page.send.disabled = now;
  page.form.setAttribute("aria-busy", String(now));
}

function announce({ reply, error }) {
  if (error) page.status.textContent = error;
  else {
    const quotes = reply.citations.length;
    const outcome = reply.outcome === "answered" ? `Answer with ${quotes} ${quotes === 1 ? "quote" : "quotes"}.` : "Not in the documents.";
    page.status.textContent = `${outcome} ${reply.answer}`;
  }
}

// ---- what is shown ------------------------------------------------------------------------------

/** Shows an exchange in its place, or in a new one at the end. */
function show(exchange) {
  const node = render(exchange);
  if (exchange.node?.isConnected) exchange.node.replaceWith(node);
  else page.conversation.append(node);
  Object.defineProperty(exchange, "node", { value: node, configurable: true, enumerable: false });
  page.welcome.hidden = true;
  page.restart.hidden = false;
  return node;
}

function render(exchange) {
  const { question, reply, error } = exchange;
  return element(
    "article",
    { class: "exchange" },
    element("h2", { class: "asked" }, element("span", { class: "visually-hidden" }, "You asked: "), question),
    error ? failed(exchange) : reply ? answered(reply) : waiting(),
  );
}

function waiting() {
  return element("div", { class: "waiting", "aria-hidden": "true" }, element("span"), element("span"), element("span"));
}

function failed(exchange) {
  return element(
    "div",
    { class: "reply failed", role: "alert" },
    element("p", {}, exchange.error),
    element("button", { type: "button", class: "quiet", onclick: () => send(exchange) }, "Try again"),
  );
}

function answered(reply) {
  const refused = reply.outcome === "abstained";
  const quotes = refused ? reply.related : reply.citations;
  return element(
    "div",
    { class: refused ? "reply refused" : "reply", "data-outcome": reply.outcome },
    readAs(reply),
    refused ? element("p", { class: "label" }, "Not in the documents") : null,
    element("div", { class: "answer", lang: reply.locale }, ...blocks(reply.answer, quotes)),
    quotes.length ? sources(quotes, refused) : null,
    refused && reply.suggestions.length ? suggestions(reply.suggestions) : null,
    element("p", { class: "meta" }, `Likelihood that the documents answer this: ${Math.round(reply.confidence * 100)} %`),
  );
}

function readAs({ question, interpreted_question: read }) {
  if (!read || read.trim() === question.trim()) return null;
  return element("p", { class: "read-as" }, element("span", {}, "Read as: "), read);
}

/** The answer's lines: paragraphs, and lists of the lines that begin with a dash. */
function blocks(text, quotes) {
  const nodes = [];
  for (const line of text.split("\n").filter((l) => l.trim())) {
    const item = /^\s*[-•]\s+(.*)$/.exec(line)?.[1];
    if (item === undefined) nodes.push(element("p", {}, ...marked(line, quotes)));
    else {
      if (nodes.at(-1)?.nodeName !== "UL") nodes.push(element("ul"));
      nodes.at(-1).append(element("li", {}, ...marked(item, quotes)));
    }
  }
  return nodes;
}

/** A line of the answer, each `[n]` a link to its quote. */
function marked(text, quotes) {
  return text.split(/(\[\d+\])/).map((piece) => {
    const n = /^\[(\d+)\]$/.exec(piece)?.[1];
    const quote = n && quotes.find((q) => q.n === Number(n));
    if (!quote) return document.createTextNode(piece);
    const label = `Quote ${n}, ${whose(quote)}, open in the document`;
    return element("a", { class: "marker", href: local(quote.url), "aria-label": label }, n);
  });
}

/** Words that hold a quotation say themselves what is quoted; others get quotation marks. */
function quoted(text) {
  return /[“”"«»„「]/.test(text) ? text : `“${text}”`;
}

/** Where the quotes stand. An answer shows their words already, so that they come with what stands
    around them on demand; a refusal shows them. */
function sources(quotes, refused) {
  const label = refused ? "Nearest passages" : quotes.length === 1 ? "Source" : "Sources";
  const items = quotes.map((quote) =>
    element(
      "li",
      { class: "source" },
      element("span", { class: "number", "aria-hidden": "true" }, String(quote.n)),
      refused ? element("blockquote", {}, quoted(quote.quote_text)) : null,
      element(
        "p",
        { class: "where" },
        quote.speaker ? element("strong", {}, quote.speaker) : null,
        quote.speaker ? " · " : null,
        element("a", { href: local(quote.url) }, place(quote)),
      ),
      refused ? null : context(quote),
    ),
  );
  return element("section", { class: "sources", "aria-label": label }, element("h3", { class: "label" }, label), element("ol", {}, ...items));
}

/** The whole passage with the quote marked in it. */
function context({ passage, quote_text: words, n }) {
  const at = passage.indexOf(words);
  const parts = at < 0 ? [passage] : [passage.slice(0, at), element("mark", {}, words), passage.slice(at + words.length)];
  const summary = element("summary", {}, "Show the passage", element("span", { class: "visually-hidden" }, ` of quote ${n}`));
  return element("details", {}, summary, element("blockquote", {}, ...parts));
}

function suggestions(questions) {
  const items = questions.map((q) => element("li", {}, element("button", { type: "button", class: "suggestion", "data-ask": "" }, q)));
  return element("section", { class: "more" }, element("h3", { class: "label" }, "You could ask"), element("ul", { class: "suggestions" }, ...items));
}

function whose(quote) {
  return quote.speaker ?? quote.title;
}

function place(quote) {
  const at = quote.turn ? `turn ${quote.turn}` : quote.heading;
  return at ? `${quote.title}, ${at}` : quote.title;
}

/** Only addresses on this server become links. The text directive is left out: a browser marks the
    first place that looks alike, the page itself marks the bytes that are quoted. */
function local(url) {
  return typeof url === "string" && /^\/(?!\/)/.test(url) ? url.split(":~:")[0] : "#";
}

function bringIntoView(node) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

// ---- what the person does -----------------------------------------------------------------------

page.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (busy) return;
  const question = page.box.value;
  page.box.value = "";
  ask(question);
});

page.box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  page.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-ask]");
  if (button) ask(button.textContent);
});

page.restart.addEventListener("click", () => {
  if (busy) return;
  exchanges = [];
  keep();
  page.conversation.replaceChildren();
  page.welcome.hidden = false;
  page.restart.hidden = true;
  page.status.textContent = "A new conversation.";
  page.box.focus();
});

exchanges.forEach(show);
if (exchanges.length) exchanges.at(-1).node.scrollIntoView({ block: "start" });
else if (!matchMedia("(pointer: coarse)").matches) page.box.focus({ preventScroll: true });
