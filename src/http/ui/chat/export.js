// A whole conversation as a Markdown file.

import { asMarkdown, escaped } from "./copy.js";
import { element } from "./element.js";
import { t } from "./texts.js";

/** The conversation in Markdown, with absolute links. */
export function conversationMarkdown(conversation, origin, language) {
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(conversation.updated));
  const link = conversation.id ? `\n\n<${origin}/c/${encodeURIComponent(conversation.id)}>` : "";
  const parts = conversation.exchanges.filter((e) => e.reply).map((exchange) => {
    const [, ...rest] = asMarkdown(exchange, origin).split("\n\n");
    return [`## ${escaped(exchange.question)}`, ...rest].join("\n\n").trim();
  });
  return [`# ${escaped(conversation.title)}`, t("export_note", { date }) + link, ...parts].join("\n\n") + "\n";
}

/** Hands a text to the browser as a file, and gives the file's name. */
export function save(text, title) {
  const words = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  const name = `${words || "conversation"}.md`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
  const link = element("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return name;
}
