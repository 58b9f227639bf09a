// The side panel: a document at a quoted passage, or the sources to search and browse.
//
// Everything in it has an address of its own; the panel is the short way there. While it is open the
// browser's way back closes it.

import { copy } from "./copy.js";
import { followInside, fetchDocument, lookAt } from "./document.js";
import { button, element, icon, unseen } from "./element.js";
import { Library } from "./library.js";
import { Sheet } from "./sheet.js";
import { t } from "./texts.js";

export class Panel {
  /** `page` has `box`, which gets the focus back when nothing else can, and what `Library` asks for but `open`. */
  constructor(dialog, page) {
    this.page = page;
    this.head = dialog.querySelector(".sheet-head");
    this.body = dialog.querySelector(".sheet-body");
    this.sheet = new Sheet(dialog, {
      roomy: "(min-width: 64rem)",
      fallback: () => page.box,
      // The entry that opening it made is taken back.
      onclose: () => {
        this.leaving = Boolean(history.state?.panel);
        if (this.leaving) history.back();
      },
    });
    this.library = new Library({ ...page, open: (url) => this.openDocument(url, { fromLibrary: true }) });
    this.body.addEventListener("click", (event) => followInside(this.body, event));
    this.turn = 0;
    this.leaving = false;
  }

  get isOpen() {
    return this.sheet.isOpen;
  }

  /** Opens a document; `quotes` are those of the reply it was opened from as `{ n, url }`, `n` the one to show. */
  async openDocument(url, { quotes = [], n = null, opener, fromLibrary = false } = {}) {
    const turn = (this.turn += 1);
    this.#note({ url, quotes, n, fromLibrary });
    this.#headOf(url, quotes, n, fromLibrary);
    this.#fill(element("p", { class: "waiting-words" }, t("source_loading")));
    this.sheet.open(opener);
    try {
      const { content, title, anchor } = await fetchDocument(url);
      if (turn !== this.turn) return;
      this.title.textContent = title;
      this.#fill(content);
      lookAt(content, anchor);
    } catch {
      if (turn !== this.turn) return;
      const failed = element("p", { role: "alert" }, t("source_failed"));
      this.#fill(failed, button({ class: "quiet" }, () => this.openDocument(url, { quotes, n, fromLibrary }), t("try_again")));
    }
  }

  /** Opens the sources, with the box to search them ready. */
  openLibrary({ opener, search = false } = {}) {
    this.turn += 1;
    this.#note({ library: true });
    this.#headNodes(t("sources_all"));
    this.#fill(this.library.node);
    this.sheet.open(opener);
    // While it was closed, the place where something else was left could not be given up.
    this.body.scrollTop = 0;
    if (search) this.library.focus();
  }

  /** Shows what an entry of the browser's history names, or closes. */
  restore(state) {
    if (!state) return this.sheet.hide();
    if (state.library) this.openLibrary();
    else this.openDocument(state.url, state);
  }

  close() {
    this.sheet.close();
  }

  /** Closes it where it covers the page. */
  closeOver() {
    this.sheet.closeOver();
  }

  /** Closes it for good: another conversation begins. */
  hide() {
    this.sheet.hide();
  }

  #note(panel) {
    const how = history.state?.panel ? "replaceState" : "pushState";
    if (JSON.stringify(history.state?.panel) !== JSON.stringify(panel)) history[how]({ ...history.state, panel }, "");
  }

  #fill(...nodes) {
    this.body.replaceChildren(...nodes);
    this.body.scrollTop = 0;
  }

  #headOf(url, quotes, n, fromLibrary) {
    const back = fromLibrary && button({ class: "tool" }, () => this.openLibrary(), icon("before"), t("back_to_sources"));
    const link = button({ class: "tool" }, () => copy(new URL(url, location.href).href, this.page.tell), icon("copy"), element("span", { class: "words" }, t("copy_link")));
    const page = element("a", { class: "tool", href: url, target: "_blank" }, icon("page"), element("span", { class: "words" }, t("open_page")));
    this.#headNodes(t("source"), back, this.#steps(quotes, n), link, page);
  }

  /** From one quote of the reply to the next. */
  #steps(quotes, n) {
    const at = quotes.findIndex((q) => q.n === n);
    if (quotes.length < 2 || at < 0) return null;
    const step = (to, name) => {
      const quote = quotes[to];
      const go = () => this.openDocument(quote.url, { quotes, n: quote.n });
      return button({ class: "tool", disabled: !quote, title: t(name) }, go, icon(name === "quote_next" ? "next" : "before"), unseen(t(name)));
    };
    return element("span", { class: "steps" }, step(at - 1, "quote_before"), element("span", {}, t("quote_of", { n, count: quotes.length })), step(at + 1, "quote_next"));
  }

  #headNodes(title, ...tools) {
    this.title = element("h2", { id: "panel-title", tabindex: "-1", "data-first": true }, title);
    const close = button({ class: "tool close", title: t("close") }, () => this.close(), icon("close"), unseen(t("close")));
    const row = tools.filter((tool) => tool);
    this.head.replaceChildren(element("div", { class: "sheet-title" }, this.title, close), ...(row.length ? [element("div", { class: "tools" }, row)] : []));
  }
}
