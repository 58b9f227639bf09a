// Asks conversations through OpenAI's Node client and prints what it understood, as JSON: the same
// as openai_client.py does.
//
//     openai_client.mjs BASE_URL CONVERSATIONS     (a list of lists of messages, as JSON)
//
// The client is taken from the folder in DIALOGDESK_TEST_NODE_MODULES.
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.DIALOGDESK_TEST_NODE_MODULES, "from-here.js"));
const { OpenAI } = require("openai");
const [base, conversations] = [process.argv[2], JSON.parse(process.argv[3])];
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "none", maxRetries: 0 });

async function plain(messages) {
  const completion = await client.chat.completions.create({ model: "dialogdesk", messages });
  const choice = completion.choices[0];
  const annotations = choice.message.annotations ?? [];
  // Places count code points, of which this language has its own idea of an index.
  const characters = [...choice.message.content];
  return {
    content: choice.message.content,
    annotations,
    pointed: annotations.map((a) => characters.slice(a.url_citation.start_index, a.url_citation.end_index).join("")),
    finish_reason: choice.finish_reason,
    total_tokens: completion.usage.total_tokens,
  };
}

async function streamed(messages) {
  const seen = { content: "", annotations: [], roles: [], finish: [], usage: null };
  const ids = new Set();
  const stream = await client.chat.completions.create({
    model: "dialogdesk", messages, stream: true, stream_options: { include_usage: true },
  });
  for await (const chunk of stream) {
    ids.add(chunk.id);
    if (chunk.usage) seen.usage = chunk.usage.total_tokens;
    for (const choice of chunk.choices) {
      seen.content += choice.delta.content ?? "";
      seen.annotations.push(...(choice.delta.annotations ?? []));
      if (choice.delta.role) seen.roles.push(choice.delta.role);
      if (choice.finish_reason) seen.finish.push(choice.finish_reason);
    }
  }
  return { ...seen, ids: ids.size };
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { class: error.constructor.name, status: error.status, code: error.code, param: error.param, type: error.type };
  }
  return null;
}

async function each(list, call) {
  const results = [];
  for (const item of list) results.push(await call(item));
  return results;
}

const models = [];
for await (const model of client.models.list()) models.push(model.id);
console.log(JSON.stringify({
  models,
  plain: await each(conversations, plain),
  streamed: await each(conversations, streamed),
  errors: [
    await refused(() => client.chat.completions.create({ model: "dialogdesk", messages: [] })),
    await refused(() => client.chat.completions.create({ model: "dialogdesk", messages: [], stream: true })),
    await refused(() => client.models.retrieve("another")),
    await refused(() => client.embeddings.create({ model: "dialogdesk", input: "x" })),
  ],
}));
