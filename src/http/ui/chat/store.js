// The conversations that this browser keeps: each under a key of its own, so that one that is broken
// costs no other. Bounded in number and size; the oldest go first.

import { Conversation } from "./conversation.js";

const PREFIX = "dialogdesk.conversation.";
const MOST = 50;
// Characters of one conversation; a browser keeps about five million for a site.
const LONGEST = 90_000;

/** The conversations, last used first. What does not read as one is left out. */
export function all() {
  return keys()
    .map((key) => read(key))
    .filter((conversation) => conversation)
    .sort((a, b) => b.updated.localeCompare(a.updated) || a.id.localeCompare(b.id));
}

export function get(id) {
  return read(PREFIX + id);
}

/** Keeps a conversation that has an id. A full or forbidden store costs the history, not the answer. */
export function keep(conversation) {
  if (!conversation.id || !conversation.title) return;
  const text = fitting(conversation);
  const others = all().filter((old) => old.id !== conversation.id);
  others.slice(MOST - 1).forEach((old) => remove(old.id));
  for (let tries = 0; tries <= MOST; tries += 1) {
    try {
      localStorage.setItem(PREFIX + conversation.id, text);
      return;
    } catch {
      const oldest = all().filter((c) => c.id !== conversation.id).at(-1);
      if (!oldest) return;
      remove(oldest.id);
    }
  }
}

export function remove(id) {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // Nothing is kept where nothing may be.
  }
}

/** A conversation as text: without the first exchanges when it is long. */
function fitting({ id, updated, exchanges }) {
  let kept = exchanges.filter((e) => e.reply).map(({ error, ...exchange }) => exchange);
  for (;;) {
    const text = JSON.stringify({ id, updated, exchanges: kept });
    if (text.length <= LONGEST || kept.length === 1) return text;
    kept = kept.slice(1);
  }
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    if (!kept || PREFIX + kept.id !== key || typeof kept.updated !== "string" || !Array.isArray(kept.exchanges)) return null;
    const exchanges = kept.exchanges.map(exchangeOf).filter((exchange) => exchange);
    return exchanges.length ? new Conversation({ id: kept.id, updated: kept.updated, exchanges }) : null;
  } catch {
    return null;
  }
}

/** An exchange of parts that the page can show, or null. */
export function exchangeOf(kept) {
  if (!kept || typeof kept.question !== "string" || !isReply(kept.reply)) return null;
  return {
    question: kept.question,
    documents: Array.isArray(kept.documents) ? kept.documents.filter((slug) => typeof slug === "string") : [],
    alone: kept.alone === true,
    reply: kept.reply,
    why: kept.why && Array.isArray(kept.why.places) ? kept.why : null,
    feedback: kept.feedback && ["up", "down"].includes(kept.feedback.rating) ? kept.feedback : null,
    error: null,
  };
}

function isReply(reply) {
  const texts = (value, names) => names.every((name) => typeof value?.[name] === "string");
  const quotes = (list) => Array.isArray(list) && list.every((q) => Number.isInteger(q?.n) && texts(q, ["title", "quote_text", "passage", "url"]));
  return (
    texts(reply, ["id", "question", "interpreted_question", "answer", "locale"]) &&
    ["answered", "abstained"].includes(reply.outcome) &&
    Number.isFinite(reply.confidence) &&
    quotes(reply.citations) &&
    quotes(reply.related) &&
    Array.isArray(reply.suggestions) &&
    reply.suggestions.every((s) => typeof s === "string")
  );
}
