// The chat in a page of another site: a button in the corner that opens a small chat. It lives in a
// shadow root, so that neither page changes how the other looks, and keeps nothing in the browser.

import { AskError, ask as askServer } from "../chat/ask.js";
import { Conversation } from "../chat/conversation.js";
import { button, element, icon, unseen } from "../chat/element.js";
import { rate } from "../chat/server.js";
import { load, t } from "../chat/texts.js";
import { Thread } from "../chat/thread.js";
import { summary } from "../chat/why.js";

const STYLES = ["style.css", "chat.css", "widget/widget.css"];

/** Adds the widget of the server at `base` to this page. */
export async function start(base, options) {
  const language = await texts(base, options.language ?? document.documentElement.lang ?? navigator.language);
  const server = { base, headers: options.key ? { Authorization: `Bearer ${options.key}` } : {} };
  const documents = await readDocuments(server);
  const host = element("div", { class: "dialogdesk-widget", lang: language, "data-theme": options.theme });
  const root = host.attachShadow({ mode: "open" });
  // Sheets that are there at once: the widget is never seen without its looks.
  root.adoptedStyleSheets = await Promise.all(STYLES.map((name) => sheet(`${base}/assets/${name}`)));
  root.append(new Widget(server, language, documents, options).node);
  document.body.append(host);
}

/** The documents of the server, or null where it asks for a key that this page has not. */
async function readDocuments({ base, headers }) {
  const response = await fetch(`${base}/api/v1/documents`, { headers });
  if (response.ok) return (await response.json()).documents;
  if (response.status !== 401) throw new Error(`the documents cannot be read (${response.status})`);
  console.warn(
    `Dialogdesk: ${base} asks for a key. Add data-key="…" to the script with a key for asking that \`dialogdesk key\` makes ` +
      "(whoever sees this page can read it), or serve with --public.",
  );
  return null;
}

/** Loads the texts of the language, or of English where there is none. */
async function texts(base, wanted) {
  const language = String(wanted || "en").toLowerCase().split("-")[0];
  const known = await load(/^[a-z]{2,3}$/.test(language) ? language : "en", base).then(() => true, () => false);
  if (!known) await load("en", base);
  return known ? language : "en";
}

/** A style sheet in pixels: a `rem` is as large as the page around the chat makes it. */
async function sheet(url) {
  const text = await fetch(url).then((response) => response.text());
  return new CSSStyleSheet().replace(text.replace(/(\d*\.?\d+)rem\b/g, (_, n) => `${n * 16}px`));
}

class Widget {
  constructor(server, language, documents, options) {
    this.closed = !documents;
    this.server = server;
    this.languages = new Map((documents ?? []).map((d) => [d.slug, d.language]));
    this.documents = (options.documents ?? "").split(/\s+/).filter((slug) => this.languages.has(slug));
    this.conversation = new Conversation();
    this.running = null;
    this.language = language;
    this.#build(options);
    this.thread = new Thread(this.exchanges, {
      base: server.base,
      origin: server.base,
      language,
      target: "_blank",
      languageOf: (slug) => this.languages.get(slug) ?? null,
      ask: (question) => this.ask(question),
      tell: (text) => (this.status.textContent = text),
      follows: (exchange) => this.conversation.follows(exchange),
      retry: (exchange) => this.#answer(exchange),
      askAlone: (exchange, alone) => this.#answer(Object.assign(exchange, { alone })),
      rate: ({ reply, feedback }) => rate(reply, feedback, this.server),
    });
  }

  #build(options) {
    this.exchanges = element("div", { class: "exchanges", tabindex: "0", role: "region", "aria-label": t("conversation") }, element("p", { class: "lead" }, t(this.closed ? "widget_no_key" : "welcome_lead")));
    this.status = element("div", { class: "visually-hidden", role: "status" });
    this.box = element("textarea", { rows: "1", maxlength: "2000", placeholder: t("question_placeholder"), "aria-label": t("question_label"), on: { keydown: (e) => this.#key(e) } });
    const form = element(
      "form",
      { class: "composer", on: { submit: (e) => (e.preventDefault(), this.#take()) } },
      element("div", { class: "field" }, this.box, element("button", { type: "submit", class: "send" }, unseen(t("send")), icon("send"))),
    );
    this.close = button({ class: "tool close", title: t("widget_close") }, () => this.toggle(false), icon("close"), unseen(t("widget_close")));
    const page = element("a", { class: "tool", href: `${this.server.base}/`, target: "_blank", rel: "noopener" }, t("open_page"));
    this.window = element("section", { class: "window", role: "dialog", "aria-label": "Dialogdesk", hidden: true, on: { keydown: (e) => e.key === "Escape" && this.toggle(false) } }, element("header", {}, element("strong", {}, "Dialogdesk"), page, this.close), this.exchanges, !this.closed && form, this.status);
    this.opener = button({ class: "opener", "aria-expanded": "false" }, () => this.toggle(this.window.hidden), icon("ask"), t("widget_open"));
    this.node = element("div", { class: "widget" }, this.window, this.opener);
    if ("open" in options) this.toggle(true, false);
  }

  toggle(open, focus = true) {
    this.window.hidden = !open;
    this.opener.hidden = open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (!focus) return;
    const first = this.closed ? this.close : this.box;
    (open ? first : this.opener).focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#take();
  }

  #take() {
    if (this.running) return;
    const question = this.box.value;
    this.box.value = "";
    this.ask(question);
  }

  ask(question) {
    if (!question.trim() || this.running) return;
    this.exchanges.querySelector(".lead")?.remove();
    this.#answer(this.conversation.add(question.trim(), this.documents));
  }

  async #answer(exchange) {
    if (this.running) return;
    this.running = exchange;
    Object.assign(exchange, { error: null, reply: null });
    this.#show(exchange);
    this.status.textContent = t("looking");
    try {
      const { reply, trace } = await askServer(this.conversation.request(exchange, this.language), {
        ...this.server,
        onhits: (hits) => this.thread.progress(exchange, t("reading", { count: hits.length })),
      });
      this.conversation.answered(exchange, reply, summary(reply, trace));
      this.status.textContent = reply.answer;
    } catch (error) {
      exchange.error = error instanceof AskError ? error.message : t("error_unreachable");
      this.status.textContent = exchange.error;
    }
    this.running = null;
    this.#show(exchange);
  }

  /** Scrolls the chat alone, never the page around it. */
  #show(exchange) {
    const node = this.thread.show(exchange);
    this.exchanges.scrollTop = node.offsetTop - this.exchanges.offsetTop;
  }
}
