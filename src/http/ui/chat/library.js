// The sources in the panel: search in them, browse documents and the people who speak in them.

import { button, element, elsewhere } from "./element.js";
import { placeNodes } from "./quotes.js";
import { t } from "./texts.js";

const MOST_HITS = 20;

// Asked of documents in English, whatever language the page speaks.
const whatSaid = (name) => `What did ${name} say?`;

export class Library {
  /**
   * `page` has `open(url)`, `ask(question, slugs)`, `lookIn(slugs)`, `chosen()` (slugs) and
   * `chosenText()`, `languageOf(slug)`, `several` (documents), `tell`.
   */
  constructor(page) {
    this.page = page;
    this.box = element("input", { type: "search", id: "search", placeholder: t("search_placeholder"), autocomplete: "off", maxlength: "2000" });
    this.results = element("div", { class: "results" });
    this.list = element("div", { class: "library-list" });
    const form = element(
      "form",
      { class: "search", role: "search", on: { submit: (event) => (event.preventDefault(), this.search()) } },
      element("label", { for: "search" }, t("search_label")),
      element("div", { class: "field" }, this.box, element("button", { type: "submit", class: "quiet" }, t("search_button"))),
    );
    this.box.addEventListener("input", () => this.box.value.trim() || this.#show(null));
    this.node = element("div", { class: "library" }, form, this.results, this.list);
    this.#browse();
  }

  focus() {
    this.box.focus();
    this.box.select();
  }

  async search() {
    const query = this.box.value.trim();
    if (!query) return this.#show(null);
    const response = await post("/api/v1/search", { query, documents: this.page.chosen(), limit: MOST_HITS });
    const count = response.hits?.length ?? 0;
    const told = response.problem ?? (count ? t("search_found", { count }) : t("search_none"));
    this.page.tell(told);
    // The choice of the question holds here too; it must not go unnoticed.
    const within = this.page.chosen().length > 0 && element("p", { class: "where" }, `${t("look_in")}: ${this.page.chosenText()}`);
    this.#show(element("h3", { class: "label" }, told), within, element("ol", { class: "hits" }, (response.hits ?? []).map((hit) => this.#hit(hit, query))));
  }

  /** Shows results in place of the list, or the list again. */
  #show(...nodes) {
    this.results.replaceChildren(...nodes.filter((node) => node));
    this.list.hidden = nodes[0] !== null;
  }

  #hit(hit, query) {
    const lang = this.page.languageOf(hit.document);
    const words = hit.speaker && hit.turn ? unlabelled(hit.text) : hit.text;
    return element(
      "li",
      {},
      this.#link(`/documents/${hit.document}#${hit.anchor}`, { lang }, element("strong", {}, hit.speaker ?? hit.heading ?? hit.title)),
      element("p", { class: "where" }, placeNodes(hit, lang)),
      element("p", { class: "hit-text", lang }, emphasized(words, query)),
    );
  }

  #link(url, properties, ...children) {
    const open = (event) => {
      if (elsewhere(event)) return;
      event.preventDefault();
      this.page.open(url);
    };
    return element("a", { href: url, ...properties, on: { click: open } }, ...children);
  }

  async #browse() {
    const documents = await fetch("/api/v1/documents").then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (!documents) return this.list.replaceChildren(element("p", { role: "alert" }, t("error_unreachable")));
    this.list.replaceChildren(element("h3", { class: "label" }, t("documents")), element("ul", { class: "shelf" }, documents.documents.map((d) => this.#document(d))));
  }

  #document(d) {
    const about = [d.publisher, d.published, d.place].filter((part) => part).join(" · ");
    const people = d.speakers.map(({ name, roles }) => element("li", {}, this.#speaker(d, name, roles)));
    return element(
      "li",
      {},
      this.#link(`/documents/${d.slug}`, { lang: d.language, class: "document-title" }, d.title),
      about && element("p", { class: "where" }, about),
      people.length > 0 && element("ul", { class: "people", "aria-label": t("people_in", { title: d.title }) }, people),
      this.page.several && button({ class: "plain" }, () => this.page.lookIn([d.slug]), t("ask_here")),
    );
  }

  #speaker(d, name, roles) {
    return button({ class: "person", lang: d.language, title: roles[0] ?? null }, () => this.#person(d, name), name);
  }

  /** What a person says in a document: the turns, or that the text quotes the person. */
  async #person(d, name) {
    const detail = await fetch(`/api/v1/documents/${d.slug}`).then((r) => r.json()).catch(() => null);
    const turns = (detail?.blocks ?? []).filter((b) => b.speaker === name);
    const back = button({ class: "plain", "data-back": true }, () => (this.#show(null), this.focus()), t("back_to_sources"));
    const ask = button({ class: "quiet", lang: "en" }, () => this.page.ask(whatSaid(name), [d.slug]), whatSaid(name));
    const items = turns.map((b) => element("li", {}, this.#link(`/documents/${d.slug}#${b.anchor}`, {}, t("turn", { n: b.turn })), element("p", { class: "hit-text", lang: d.language }, unlabelled(b.text))));
    const count = turns.length ? t("speaker_turns", { count: turns.length }) : t("speaker_quoted");
    this.#show(back, element("h3", {}, t("speaker_heading", { name })), element("p", { class: "where" }, `${d.title} · ${count}`), ask, element("ol", { class: "hits" }, items));
    back.focus();
  }
}

/** A turn without the label that says who speaks. */
function unlabelled(text) {
  return text.replace(/^[^:：]{1,80}[:：]\s*/, "");
}

async function post(url, body) {
  try {
    const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const json = await response.json();
    return response.ok ? json : { problem: json.detail };
  } catch {
    return { problem: t("error_unreachable") };
  }
}

/** The words of the query set off in a text, whatever their ending. */
function emphasized(text, query) {
  const words = query.match(/[\p{L}\p{N}]{3,}/gu) ?? [];
  if (!words.length) return [text];
  const any = new RegExp(`(?<![\\p{L}\\p{N}])((?:${words.map((w) => w.slice(0, Math.max(4, w.length - 2))).join("|")})[\\p{L}\\p{N}]*)`, "giu");
  return text.split(any).map((piece, i) => (i % 2 ? element("strong", {}, piece) : piece));
}
