// The web chat: puts the parts together. What each does is told in its own file: asking in `ask`,
// how a conversation is kept in `conversation`, `store` and `server`, how it looks in `thread`.

import { AskError, ask as askServer } from "./ask.js";
import { Conversation } from "./conversation.js";
import { copy } from "./copy.js";
import { dropdown } from "./dropdown.js";
import { bringIntoView, element, elsewhere, icon } from "./element.js";
import { conversationMarkdown, save } from "./export.js";
import { Filter } from "./filter.js";
import { Menu } from "./menu.js";
import { Panel } from "./panel.js";
import { local, quotesOf, whose } from "./quotes.js";
import { fetchConversation, rate } from "./server.js";
import { listen } from "./shortcuts.js";
import * as store from "./store.js";
import { load, t } from "./texts.js";
import { Thread } from "./thread.js";
import { summary } from "./why.js";

const language = document.documentElement.lang;
await load(language);

const byId = (id) => document.getElementById(id);
const [form, box, send, welcome, status, toast] = ["composer", "question", "send", "welcome", "status", "toast"].map(byId);
const languages = new Map([...document.querySelectorAll("[data-slug]")].map((node) => [node.dataset.slug, node.lang]));
const filter = new Filter(byId("filter"));

let conversation = new Conversation();
// What is being asked now; it can be stopped.
let running = null;

const page = {
  base: "",
  origin: location.origin,
  language,
  box,
  several: filter.boxes.length > 1,
  languageOf: (slug) => languages.get(slug) ?? null,
  ask,
  tell,
  chosen: () => filter.chosen,
  chosenText: () => filter.text,
  lookIn: (slugs) => (filter.choose(slugs), panel.closeOver(), box.focus()),
  current: () => conversation.id,
  follows: (exchange) => conversation.follows(exchange),
  retry: (exchange) => answer(exchange),
  askAlone: (exchange, alone) => answer(Object.assign(exchange, { alone })),
  openConversation: (id) => (panel.hide(), history.pushState({}, "", `/c/${encodeURIComponent(id)}`), openAddress()),
  removed: (id) => id === conversation.id && fresh(),
  rate: async (exchange) => {
    const kept = await rate(exchange.reply, exchange.feedback);
    if (kept) store.keep(conversation);
    return kept;
  },
};

const thread = new Thread(byId("exchanges"), page);
const panel = new Panel(byId("panel"), { ...page, ask: (question, slugs) => (panel.closeOver(), ask(question, slugs)) });
const menu = new Menu(byId("menu"), byId("menu-button"), page);

// ---- asking --------------------------------------------------------------------------------------

/** Asks a new question, in the documents chosen or in these. */
function ask(question, documents = filter.chosen) {
  question = question.trim();
  if (!question || running) return;
  answer(conversation.add(question, documents));
}

/** Gets the reply to an exchange that has none, or another one. */
async function answer(exchange) {
  if (running) return;
  running = new AbortController();
  const { signal } = running;
  const asked = conversation;
  const before = exchange.reply;
  Object.assign(exchange, { error: null, reply: null });
  busy(true);
  bringIntoView(show(exchange));
  tell(t("looking"));
  try {
    const body = asked.request(exchange, language);
    const { reply, trace } = await askServer(body, { onhits: (hits) => progress(exchange, hits), signal });
    asked.answered(exchange, reply, summary(reply, trace));
    store.keep(asked);
  } catch (error) {
    exchange.reply = before;
    if (!signal.aborted) exchange.error = error instanceof AskError ? error.message : t("error_unreachable");
  }
  running = null;
  busy(false);
  if (asked !== conversation) return;
  if (signal.aborted && !before) return withdraw(exchange);
  const focus = document.activeElement === document.body || document.activeElement === box;
  bringIntoView(show(exchange));
  addressed();
  menu.show();
  tell(announcement(exchange));
  if (focus) box.focus({ preventScroll: true });
}

/** Takes back a question that was stopped before it had a reply. */
function withdraw(exchange) {
  conversation.exchanges.splice(conversation.exchanges.indexOf(exchange), 1);
  thread.remove(exchange);
  box.value ||= exchange.question;
  dress();
  tell(t("stopped"));
  box.focus();
}

function progress(exchange, hits) {
  const places = [...new Set(hits.slice(0, 3).map(whose))].join(", ");
  thread.progress(exchange, t("reading", { count: hits.length }), places && t("reading_from", { places }));
}

function announcement({ reply, error }) {
  if (error) return error;
  const outcome = reply.outcome === "answered" ? t("answer_announced", { count: reply.citations.length }) : `${t("refused_label")}.`;
  return `${outcome} ${reply.answer}`;
}

function busy(now) {
  form.setAttribute("aria-busy", String(now));
  send.classList.toggle("stops", now);
  send.querySelector("[data-name]").textContent = t(now ? "stop" : "send");
}

// ---- the page ------------------------------------------------------------------------------------

let fading;

/** Tells those who do not see the page, and everyone when `seen`. What lies behind a dialog that
    covers the page is not read out, so that the dialog tells it itself. */
function tell(text, seen = false) {
  (document.querySelector("dialog:modal [role=status]") ?? status).textContent = text;
  if (!seen) return;
  toast.textContent = text;
  // Shown anew, it lies above a dialog that was opened since.
  toast.hidePopover();
  toast.showPopover();
  clearTimeout(fading);
  fading = setTimeout(() => toast.hidePopover(), 4000);
}

function show(exchange) {
  const node = thread.show(exchange);
  dress();
  return node;
}

/** Shows what an empty chat shows, or what a conversation has. */
function dress() {
  const empty = conversation.exchanges.length === 0;
  welcome.hidden = !empty;
  byId("conversation").hidden = empty;
  byId("conversation-title").textContent = conversation.title || conversation.exchanges[0]?.question || "";
  byId("share").hidden = empty;
}

/** The address of the page is the conversation's as soon as it has one. */
function addressed() {
  if (!conversation.id) return;
  history.replaceState(history.state, "", `/c/${encodeURIComponent(conversation.id)}`);
  named();
}

/** What the window is called, and the address for paper. */
function named() {
  document.title = `${conversation.title || t("page_title")} · Dialogdesk`;
  byId("paper").textContent = location.href;
}

function fresh() {
  running?.abort();
  panel.hide();
  if (location.pathname !== "/") history.pushState({}, "", "/");
  begin(new Conversation());
  tell(t("conversation_started"));
  box.focus();
}

/** Shows a conversation from its first exchange on. */
function begin(next) {
  conversation = next;
  thread.clear();
  conversation.exchanges.forEach((exchange) => thread.show(exchange));
  filter.choose(conversation.exchanges.at(-1)?.documents ?? []);
  byId("missing").hidden = true;
  named();
  dress();
  menu.show();
}

/** The id of the conversation that the address names, or null. */
function addressedId() {
  const id = /^\/c\/([^/]+)$/.exec(location.pathname)?.[1];
  try {
    return id ? decodeURIComponent(id) : null;
  } catch {
    return id;
  }
}

/** Opens the conversation that the address names: from this browser, else from the server. */
async function openAddress() {
  running?.abort();
  const id = addressedId();
  if (!id) return begin(new Conversation());
  const kept = store.get(id) ?? (tell(t("conversation_loading")), await fetchConversation(id).catch(() => null));
  begin(kept?.exchanges.length ? kept : new Conversation());
  if (conversation.exchanges.length) {
    thread.node.lastElementChild.scrollIntoView({ block: "start" });
    store.keep(conversation);
    menu.show();
  } else {
    byId("missing").hidden = false;
    history.replaceState({}, "", "/");
  }
}

// ---- what the person does ------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return running.abort();
  const question = box.value;
  box.value = "";
  ask(question);
});

box.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowUp" && !box.value) {
    box.value = conversation.exchanges.at(-1)?.question ?? "";
    event.preventDefault();
  }
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  if (!running) form.requestSubmit();
});

// A quote opens in the panel.
thread.node.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-quote]");
  if (!link || elsewhere(event)) return;
  event.preventDefault();
  const { reply } = thread.exchangeOf(link, conversation.exchanges);
  const quotes = quotesOf(reply).map((q) => ({ n: q.n, url: local(q.url) }));
  panel.openDocument(link.getAttribute("href"), { quotes, n: Number(link.dataset.quote), opener: link });
});

welcome.addEventListener("click", (event) => {
  const suggestion = event.target.closest("[data-ask]");
  const link = event.target.closest("a[data-slug]");
  if (suggestion) ask(suggestion.textContent);
  if (!link || elsewhere(event)) return;
  event.preventDefault();
  panel.openDocument(link.getAttribute("href"), { opener: link });
});

for (const node of document.querySelectorAll("[data-sources]")) node.addEventListener("click", () => panel.openLibrary({ opener: node }));
for (const node of document.querySelectorAll("[data-new]")) node.addEventListener("click", () => (menu.sheet.closeOver(), fresh()));
byId("help").addEventListener("click", () => byId("shortcuts").showModal());
byId("shortcuts").addEventListener("click", (event) => event.target.closest("[data-close]") && byId("shortcuts").close());

byId("share").append(
  dropdown({ class: "quiet" }, [icon("share"), element("span", { class: "words" }, t("share"))], [
    { text: t("copy_link"), run: () => copy(location.href, tell) },
    { text: t("export_markdown"), run: () => tell(t("saved", { name: save(conversationMarkdown(conversation, location.origin, language), conversation.title) }), true) },
    { text: t("export_print"), run: () => print() },
  ]),
);

listen({
  search: () => panel.openLibrary({ search: true }),
  fresh,
  list: () => menu.toggle(),
  help: () => byId("shortcuts").open || byId("shortcuts").showModal(),
  escape: () => (panel.isOpen ? panel.close() : menu.sheet.isOpen && menu.dialog.contains(document.activeElement) ? menu.sheet.close() : box.focus()),
});

// The way back closes the panel first; otherwise it leads to the conversation before.
addEventListener("popstate", async (event) => {
  const closed = (panel.isOpen || panel.leaving) && !event.state?.panel;
  panel.leaving = false;
  if (closed) {
    panel.hide();
    return addressed();
  }
  if (addressedId() !== conversation.id) await openAddress();
  panel.restore(event.state?.panel);
});

await openAddress();
if (history.state?.panel) panel.restore(history.state.panel);
else if (!conversation.exchanges.length && !matchMedia("(pointer: coarse)").matches) box.focus({ preventScroll: true });
document.documentElement.dataset.ready = "";
