// What the server keeps: conversations by id, and ratings of replies.

import { Conversation } from "./conversation.js";
import { exchangeOf } from "./store.js";

const address = (id) => `/api/v1/conversations/${encodeURIComponent(id)}`;

/** The conversation as the server has it, or null when it has none. */
export async function fetchConversation(id) {
  const response = await fetch(address(id));
  if (!response.ok) return null;
  const { updated, exchanges } = await response.json();
  const shown = exchanges.map(({ reply, feedback }) => exchangeOf({ question: reply?.question, reply, feedback }));
  return new Conversation({ id, updated, exchanges: shown.filter((exchange) => exchange) });
}

/** Whether it is gone from the server: deleted now, or not there. */
export async function deleteConversation(id) {
  try {
    const response = await fetch(address(id), { method: "DELETE" });
    return response.ok || response.status === 404;
  } catch {
    return false;
  }
}

/** What is kept of a rating (`up` or `down`) with its comment, if any: the same, or null. A server that
    keeps no texts keeps no comment. */
export async function rate(reply, { rating, comment }, { base = "", headers = {} } = {}) {
  try {
    const response = await fetch(`${base}/api/v1/feedback`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ reply_id: reply.id, rating, comment: comment || null }),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
