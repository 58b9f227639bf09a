// The words of the interface, in the language of the page. One file for each language; what it says
// about documents and answers is never here.

let texts = {};
let plural = new Intl.PluralRules("en");

/** Reads the texts of a language from the server at `base` (empty: the one of this page). */
export async function load(language, base = "") {
  const response = await fetch(`${base}/assets/locales/${language}.json`);
  if (!response.ok) throw new Error(`no texts in ${language}`);
  texts = await response.json();
  plural = new Intl.PluralRules(language);
}

/** A text with its placeholders filled in. One that says `count` may have a form for one and for others. */
export function t(key, values = {}) {
  const form = "count" in values ? `${key}.${plural.select(values.count) === "one" ? "one" : "other"}` : key;
  const text = texts[form] ?? texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
