// How a reply came about, in words and bars: the likelihood against the threshold, which ranking
// found each passage, and what spoke for and against an answer.

import { element } from "./element.js";
import { quotesOf, whose } from "./quotes.js";
import { t } from "./texts.js";

const RANKINGS = ["lexical", "dense", "fused", "reranked"];

// What tells a person something, by the names of the trace; `against` speaks for a refusal. The
// reader's value is a logit.
const SIGNS = [
  { name: "coverage", text: "why_sign_coverage" },
  { name: "cosine", text: "why_sign_meaning" },
  { name: "sentence_sim", text: "why_sign_sentence" },
  { name: "reader", text: "why_sign_reader", share: (x) => 1 / (1 + Math.exp(-x)) },
  { name: "agreement", text: "why_sign_agreement" },
  { name: "unknown_words", text: "why_sign_unknown", against: true },
  { name: "missing_names", text: "why_sign_names", against: true },
];

/** What is kept of a trace: it holds hundreds of places, of which the quoted ones are told. */
export function summary(reply, trace) {
  if (!trace || !Array.isArray(trace.lexical)) return null;
  const rank = (ranking, id) => trace[ranking].indexOf(id) + 1 || null;
  const places = quotesOf(reply).map((q) => {
    const id = `${q.document}#${q.anchor}`;
    return { n: q.n, whose: whose(q), ...Object.fromEntries(RANKINGS.map((r) => [r, rank(r, id)])) };
  });
  return {
    threshold: trace.threshold,
    queries: trace.queries,
    searched: { lexical: trace.lexical.length, dense: trace.dense.length },
    places,
    features: trace.features,
    stages: trace.stages_ms,
  };
}

/** The node that tells it. */
export function whyNode({ reply, why }) {
  const percent = Math.round(reply.confidence * 100);
  const threshold = why && Math.round(why.threshold * 100);
  const told = !why ? "why_confidence_alone" : reply.outcome === "answered" ? "why_answered" : "why_below";
  return element(
    "section",
    { class: "why", "aria-label": t("why") },
    element("p", {}, t(told, { percent, threshold })),
    bar(t("why_likelihood"), reply.confidence, { mark: why?.threshold, note: `${percent} %` }),
    why && details(why),
  );
}

function details(why) {
  return [
    why.queries.length > 1 && [
      element("p", {}, t("why_parts", { count: why.queries.length })),
      element("ul", {}, why.queries.map((query) => element("li", {}, query))),
    ],
    element("p", {}, t("why_searched", why.searched)),
    why.places.length > 0 && [heading("why_found"), element("ul", { class: "found" }, why.places.map(found))],
    heading("why_signs"),
    element("div", { class: "bars" }, SIGNS.map((sign) => signBar(sign, why.features))),
    element("details", {}, element("summary", {}, t("why_all")), table(why)),
  ].flat();
}

function heading(key) {
  return element("h4", { class: "label" }, t(key));
}

/** Where each ranking put a passage: the higher, the longer the bar. */
function found(at) {
  const bars = RANKINGS.map((ranking) => {
    const rank = at[ranking];
    return bar(t(`why_${ranking}`), rank ? 1 / Math.sqrt(rank) : 0, { note: rank ? t("why_rank", { rank }) : t("why_rank_none") });
  });
  return element("li", {}, element("p", { class: "found-of" }, t("why_found_of", { n: at.n }), ` · ${at.whose}`), element("div", { class: "bars" }, bars));
}

function signBar({ name, text, share = (x) => x, against }, features) {
  const value = features.find(([feature]) => feature === name)?.[1];
  if (!Number.isFinite(value)) return null;
  const part = Math.min(1, Math.max(0, share(value)));
  return bar(t(text), part, { note: `${Math.round(part * 100)} %`, against });
}

/** A bar from 0 to 1 with its words beside it; the words alone tell all that it shows. */
function bar(label, share, { mark, note, against } = {}) {
  const fill = element("span", { class: against ? "fill against" : "fill" });
  fill.style.inlineSize = `${share * 100}%`;
  const track = element("span", { class: "track", "aria-hidden": "true" }, fill);
  if (Number.isFinite(mark)) {
    const line = element("span", { class: "threshold", title: t("why_threshold", { threshold: Math.round(mark * 100) }) });
    line.style.insetInlineStart = `${mark * 100}%`;
    track.append(line);
  }
  return element("p", { class: "bar-row" }, element("span", {}, label), track, element("span", { class: "bar-note" }, note));
}

function table({ features, stages }) {
  const row = ([name, value], unit) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, unit ? `${value.toFixed(1)} ms` : value.toFixed(3)));
  const part = (caption, rows) =>
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t("why_name")), element("th", { scope: "col" }, t("why_value")))),
      element("tbody", {}, rows),
    );
  return [part(t("why_time"), stages.map((s) => row(s, true))), part(t("why_signs"), features.map((f) => row(f, false)))];
}
