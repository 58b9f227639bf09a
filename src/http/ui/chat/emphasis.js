// Reads the Markdown that the server writes of an answer: lines that are quotes, items or words,
// with bold words and numbered links. Anything else in it is text.

/**
 * The lines of a reply as `{ kind: "quote" | "item" | "words", pieces }`; a piece is
 * `{ text, bold }` or `{ n }`, the number of a citation.
 *
 * Markdown that does not say the same words as the plain answer is not trusted: the answer is read
 * instead, which has no bold words.
 */
export function lines(reply) {
  const marked = read(reply.answer_markdown ?? "", inline);
  return bare(marked) === bare(read(reply.answer, plain)) ? marked : read(reply.answer, plain);
}

function read(text, pieces) {
  return text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => {
      const [, mark, words] = /^\s*([>\-•](?=\s))?\s*(.*)$/.exec(line);
      return { kind: mark === ">" ? "quote" : mark ? "item" : "words", pieces: pieces(words) };
    });
}

function plain(text) {
  return text.split(/(\[\d+\])/).filter((piece) => piece).map((piece) => {
    const n = /^\[(\d+)\]$/.exec(piece)?.[1];
    return n ? { n: Number(n) } : { text: piece, bold: false };
  });
}

function inline(text) {
  const pieces = [];
  let bold = false;
  let words = "";
  const flush = () => {
    if (words) pieces.push({ text: words, bold });
    words = "";
  };
  for (let rest = text; rest; ) {
    const link = /^\[\\\[(\d+)\\\]\]\([^)\s]*\)/.exec(rest);
    if (link) {
      flush();
      pieces.push({ n: Number(link[1]) });
      rest = rest.slice(link[0].length);
    } else if (rest.startsWith("**")) {
      flush();
      bold = !bold;
      rest = rest.slice(2);
    } else {
      const escaped = rest[0] === "\\" && rest.length > 1 ? 1 : 0;
      const character = String.fromCodePoint(rest.codePointAt(escaped));
      words += character;
      rest = rest.slice(escaped + character.length);
    }
  }
  flush();
  return pieces;
}

function bare(lines) {
  return lines.flatMap(({ pieces }) => pieces.map((p) => (p.n ? `[${p.n}]` : p.text))).join("").replace(/\s+/g, "");
}
