// The exchanges on the page, each in its place: question, progress, reply or error.

import { actionsNode } from "./actions.js";
import { replyNode } from "./answer.js";
import { button, element, unseen } from "./element.js";
import { t } from "./texts.js";

export class Thread {
  /** `page` as in `answer` and `actions`, with `retry(exchange)`, `askAlone(exchange, alone)`, `follows(exchange)`. */
  constructor(node, page) {
    Object.assign(this, { node, page, shown: new WeakMap() });
  }

  clear() {
    this.node.replaceChildren();
  }

  /** Shows an exchange in its place, or in a new one at the end. */
  show(exchange) {
    const node = this.#render(exchange);
    const before = this.shown.get(exchange);
    if (before?.isConnected) before.replaceWith(node);
    else this.node.append(node);
    this.shown.set(exchange, node);
    return node;
  }

  /** Tells in words how far an exchange is. */
  progress(exchange, text, detail = "") {
    const [words, nearest] = this.shown.get(exchange)?.querySelectorAll(".waiting-words") ?? [];
    if (words) words.textContent = text;
    if (nearest) nearest.textContent = detail;
  }

  /** The exchange that a node stands in. */
  exchangeOf(node, exchanges) {
    return exchanges.find((e) => this.shown.get(e)?.contains(node));
  }

  remove(exchange) {
    this.shown.get(exchange)?.remove();
  }

  #render(exchange) {
    const { question, reply, error } = exchange;
    return element(
      "article",
      { class: "exchange" },
      element("h2", { class: "asked" }, unseen(`${t("you_asked")} `), question),
      error ? this.#failed(exchange) : reply ? [this.#readAs(exchange), replyNode(exchange, this.page), actionsNode(exchange, this.page)] : waiting(),
    );
  }

  #failed(exchange) {
    return element(
      "div",
      { class: "reply failed", role: "alert" },
      element("p", {}, exchange.error),
      button({ class: "quiet" }, () => this.page.retry(exchange), t("try_again")),
    );
  }

  /** How the question was understood, when that differs, and the way to have it otherwise. */
  #readAs(exchange) {
    const { question, interpreted_question: read } = exchange.reply;
    const undo = (alone, key) => button({ class: "plain" }, () => this.page.askAlone(exchange, alone), t(key));
    if (exchange.alone) return element("p", { class: "read-as" }, t("taken_alone"), " ", undo(false, "taken_alone_undo"));
    if (!read || read.trim() === question.trim()) return null;
    const follows = this.page.follows(exchange);
    return element("p", { class: "read-as" }, element("strong", {}, t("read_as")), " ", element("q", { lang: exchange.reply.locale }, read), " ", follows && undo(true, "read_as_undo"));
  }
}

function waiting() {
  const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("span"), element("span"), element("span"));
  return element("div", { class: "waiting" }, dots, element("p", { class: "waiting-words" }, t("looking")), element("p", { class: "waiting-words nearest" }));
}
