// The menu beside the chat: the conversations of this browser, and the settings of the page.

import { button, element, elsewhere, icon } from "./element.js";
import { deleteConversation } from "./server.js";
import { Sheet } from "./sheet.js";
import * as store from "./store.js";
import { t } from "./texts.js";

const THEME = "dialogdesk.theme";
const OPEN = "dialogdesk.menu";

export class Menu {
  /** `page` has `current()`, `openConversation(id)`, `removed(id)`, `tell`. */
  constructor(dialog, opener, page) {
    Object.assign(this, { dialog, opener, page });
    this.list = dialog.querySelector("#conversations");
    this.sheet = new Sheet(dialog, { roomy: "(min-width: 80rem)", fallback: () => opener, onclose: () => this.#closed() });
    opener.addEventListener("click", () => this.toggle());
    dialog.querySelector("[data-close]").addEventListener("click", () => this.sheet.close());
    this.#theme(dialog.querySelector("#theme"));
    language(dialog.querySelector("#language"));
    if (this.sheet.room.matches && remembered(OPEN) === "open") this.#appear();
  }

  toggle() {
    if (this.sheet.isOpen) return this.sheet.close();
    this.#appear();
    this.sheet.open();
    if (this.sheet.room.matches) remember(OPEN, "open");
  }

  /** Lists the conversations as they are now. */
  show() {
    const kept = store.all();
    const items = kept.map((c) => this.#item(c));
    this.list.replaceChildren(...(items.length ? items : [element("li", { class: "none" }, t("conversations_none"))]));
  }

  /** Stands there, and takes no focus. */
  #appear() {
    this.show();
    this.sheet.show(this.opener);
    this.opener.setAttribute("aria-expanded", "true");
  }

  #closed() {
    this.opener.setAttribute("aria-expanded", "false");
    remember(OPEN, "closed");
  }

  #item({ id, title }) {
    const open = (event) => {
      if (elsewhere(event)) return;
      event.preventDefault();
      this.sheet.closeOver();
      this.page.openConversation(id);
    };
    const here = this.page.current() === id ? "page" : null;
    const link = element("a", { href: `/c/${encodeURIComponent(id)}`, "aria-current": here, on: { click: open } }, title);
    const label = t("conversation_delete", { title });
    return element("li", {}, link, button({ class: "tool", title: t("delete"), "aria-label": label }, (e) => this.#confirm(e.currentTarget, id), icon("bin")));
  }

  /** Asks before it deletes. */
  #confirm(asked, id) {
    const item = asked.closest("li");
    const keep = button({ class: "plain" }, () => (this.show(), this.#focusOn(id)), t("keep"));
    const sure = button({ class: "quiet danger" }, () => this.#delete(id), t("delete"));
    item.replaceChildren(element("div", { class: "confirm", role: "group", "aria-label": t("conversation_delete_sure") }, element("p", {}, t("conversation_delete_sure")), element("div", { class: "buttons" }, sure, keep)));
    sure.focus();
  }

  async #delete(id) {
    store.remove(id);
    // What is still being answered ends first: its reply would bring the conversation back.
    this.page.removed(id);
    const gone = await deleteConversation(id);
    this.show();
    (this.list.querySelector("a") ?? this.dialog.querySelector("[data-first]")).focus();
    this.page.tell(t(gone ? "deleted" : "deleted_here_only"), true);
  }

  #focusOn(id) {
    this.list.querySelector(`a[href="/c/${CSS.escape(encodeURIComponent(id))}"]`)?.focus();
  }

  #theme(select) {
    select.value = document.documentElement.dataset.theme ?? "auto";
    select.addEventListener("change", () => {
      if (select.value === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = select.value;
      remember(THEME, select.value);
    });
  }
}

/** The server writes the page in the language of a cookie, so that it comes in it from the start. */
function language(select) {
  select.addEventListener("change", () => {
    document.cookie = `dialogdesk_language=${select.value}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  });
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds until the page is left.
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
