// A reply as text for elsewhere: plain or Markdown, with its sources as absolute links.

import { element } from "./element.js";
import { local, place, quoted, quotesOf } from "./quotes.js";
import { t } from "./texts.js";

/** The choices of the copy menu. */
export function copyItems(exchange, page) {
  const item = (key, write) => ({ text: t(key), run: () => copy(write(exchange, page.origin), page.tell) });
  return [item("copy_text", asText), item("copy_markdown", asMarkdown)];
}

/** Copies a text and tells everyone whether it was. */
export async function copy(text, tell) {
  tell(t((await toClipboard(text)) ? "copied" : "copy_failed"), true);
}

/** The question, the answer and a numbered list of sources. */
function asText({ reply }, origin) {
  const source = (q) => {
    const words = reply.outcome === "answered" ? "" : `\n    ${quoted(q.quote_text)}`;
    return `[${q.n}] ${q.speaker ? `${q.speaker}, ` : ""}${place(q)}${words}\n    ${local(q.url, origin)}`;
  };
  return [reply.question, reply.answer.trim(), quotesOf(reply).map(source).join("\n")].filter((part) => part).join("\n\n") + "\n";
}

/** The same in Markdown, each number a link. */
export function asMarkdown({ reply }, origin) {
  const source = (q) => {
    const words = reply.outcome === "answered" ? "" : `: ${escaped(quoted(q.quote_text))}`;
    return `${q.n}. ${q.speaker ? `**${escaped(q.speaker)}**, ` : ""}[${escaped(place(q))}](${local(q.url, origin)})${words}`;
  };
  const answer = absolute(reply.answer_markdown ?? escaped(reply.answer), origin).trim();
  return [`**${escaped(reply.question)}**`, answer, quotesOf(reply).map(source).join("\n")].filter((part) => part).join("\n\n") + "\n";
}

/** The links of the server's Markdown lead to the server from everywhere, and to the mark alone. */
function absolute(markdown, origin) {
  return markdown.replace(/\]\((\/[^)\s]*)\)/g, (_, url) => `](${local(url, origin)})`);
}

/** Characters that Markdown would read as marks, and line breaks as spaces. */
export function escaped(text) {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]()<>#+!|~]/g, "\\$&");
}

/** Whether the text is in the clipboard. Pages of plain HTTP are not given the newer interface. */
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = element("textarea", { class: "visually-hidden", readonly: true });
    box.value = text;
    // Also in a page that knows none of our classes.
    Object.assign(box.style, { position: "fixed", opacity: "0" });
    const focused = document.activeElement;
    (document.querySelector("dialog:modal") ?? document.body).append(box);
    box.select();
    const copied = document.execCommand("copy");
    box.remove();
    focused?.focus();
    return copied;
  }
}
