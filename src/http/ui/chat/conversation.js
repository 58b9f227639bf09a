// A conversation: its exchanges, and what the next question tells the server of those before it.
//
// An exchange is `{ question, documents, alone, reply, why, feedback, error }`: `alone` when it was
// asked as a question of its own, `why` what is kept of the trace. Nothing here touches the page.

// The server reads at most 20 messages and 64 KiB; this leaves room for the rest of the request.
const HISTORY_MESSAGES = 20;
const HISTORY_BYTES = 32 * 1024;

// A history that the client brings wins over what the server remembers; this one says nothing.
const NOTHING_SAID = [{ role: "assistant", content: "…" }];

export class Conversation {
  constructor({ id = null, updated = new Date().toISOString(), exchanges = [] } = {}) {
    this.id = id;
    this.updated = updated;
    this.exchanges = exchanges;
  }

  /** What it is called in a list: the first question. */
  get title() {
    return this.exchanges.find((e) => e.reply)?.question ?? "";
  }

  /** A new exchange at the end; its reply is to come. */
  add(question, documents) {
    const exchange = { question, documents, alone: false, reply: null, why: null, feedback: null, error: null };
    this.exchanges.push(exchange);
    return exchange;
  }

  /** Whether something was said before an exchange. */
  follows(exchange) {
    return this.exchanges.indexOf(exchange) > 0;
  }

  /** The body of the request for an exchange that is already in its place. */
  request(exchange, locale) {
    const before = this.exchanges.slice(0, this.exchanges.indexOf(exchange)).filter((e) => e.reply);
    const body = { question: exchange.question, documents: exchange.documents, locale };
    if (this.id) body.conversation_id = this.id;
    if (before.length) body.history = exchange.alone ? NOTHING_SAID : messages(before);
    return body;
  }

  /** Takes up a reply. */
  answered(exchange, reply, why) {
    Object.assign(exchange, { reply, why, error: null, feedback: null });
    this.id ??= reply.conversation_id;
    this.updated = new Date().toISOString();
  }
}

/** Earlier messages, oldest first, as many of the last ones as the server reads. */
function messages(exchanges) {
  const all = exchanges.flatMap((e) => [
    { role: "user", content: e.question },
    { role: "assistant", content: e.reply.answer },
  ]);
  const encoder = new TextEncoder();
  const kept = [];
  let bytes = 0;
  for (const message of all.slice(-HISTORY_MESSAGES).reverse()) {
    bytes += encoder.encode(JSON.stringify(message)).length;
    if (bytes > HISTORY_BYTES) break;
    kept.unshift(message);
  }
  return kept;
}
