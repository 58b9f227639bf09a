// Asks the server one question and tells what was found on the way to the answer.

import { t } from "./texts.js";

/** What goes wrong, in words for the person. */
export class AskError extends Error {}

/**
 * Sends a question as the API takes it (`/api/v1/ask/stream`).
 *
 * `onhits` is told what was found before the answer is chosen from it. Gives `{reply, trace}`; throws
 * an `AskError`, or what `signal` was aborted with.
 */
export async function ask(body, { base = "", headers = {}, channel = "web", onhits = () => {}, signal } = {}) {
  let response;
  try {
    response = await fetch(`${base}/api/v1/ask/stream`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Dialogdesk-Channel": channel, ...headers },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    throw signal?.aborted ? error : new AskError(t("error_unreachable"));
  }
  if (!response.ok) throw told(await response.json().catch(() => null), response.status);
  const found = {};
  try {
    for await (const { event, data } of events(response.body)) {
      if (event === "hits") onhits(data.hits);
      else if (event === "answer") found.reply = data;
      else if (event === "trace") found.trace = data;
      else if (event === "error") throw told(data, data.status);
    }
  } catch (error) {
    if (error instanceof AskError || signal?.aborted) throw error;
    // An answer that came is whole, whatever happened to what comes after it.
  }
  // What came to its end before it was noticed that nobody waits for it any more.
  signal?.throwIfAborted();
  if (!found.reply) throw new AskError(t("error_broken_off"));
  return found;
}

function told(problem, status) {
  if (status === 401) return new AskError(t("error_signed_out"));
  if (status === 429) return new AskError(t("error_busy"));
  if (status === 503) return new AskError(t("error_preparing"));
  return new AskError(problem?.detail ?? t("error_status", { status }));
}

/** The server-sent events of a stream. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const frames = (rest + value).split("\n\n");
    rest = frames.pop();
    for (const frame of frames) {
      const lines = frame.split("\n");
      const field = (name) => lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1).trim());
      if (field("data").length) yield { event: field("event")[0] ?? "message", data: JSON.parse(field("data").join("\n")) };
    }
  }
}
