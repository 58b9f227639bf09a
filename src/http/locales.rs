//! In which language the pages speak: one file of texts for each, and which one a request gets.
//!
//! Texts of the interface alone. Documents and quotes stay in their language, and what an answer
//! says around its quotes comes from `prompts`.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::header;
use serde::Serialize;

/// The language of requests that ask for none there is, and of texts that another file lacks.
const FALLBACK: &str = "en";

/// The cookie that the menu of the page sets.
const CHOICE: &str = "dialogdesk_language";

/// Codes that browsers send for languages that have a file under another one.
const OTHER_CODES: [(&str, &str); 2] = [("tl", "fil"), ("in", "id")];

/// The languages there are.
pub struct Locales {
    known: BTreeMap<String, Locale>,
    english: Locale,
}

/// The texts of a language.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Locale {
    /// BCP 47.
    pub code: String,
    pub texts: BTreeMap<String, String>,
}

/// An entry of the menu.
#[derive(Debug, Serialize)]
pub struct Choice {
    pub code: String,
    /// In the language itself.
    pub name: String,
}

impl Locales {
    /// Reads files of texts by language code. A language takes from English what its file lacks.
    ///
    /// # Errors
    /// The code of a file that is no JSON object of texts, with the reason.
    pub fn read<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Self, (String, serde_json::Error)> {
        let mut known = BTreeMap::new();
        for (code, bytes) in files {
            let texts = serde_json::from_slice(bytes).map_err(|error| (code.to_owned(), error))?;
            known.insert(code.to_owned(), Locale { code: code.to_owned(), texts });
        }
        let english: Locale = known.get(FALLBACK).cloned().unwrap_or_default();
        for locale in known.values_mut() {
            for (key, text) in &english.texts {
                locale.texts.entry(key.clone()).or_insert_with(|| text.clone());
            }
        }
        Ok(Self { known, english })
    }

    /// What the menu offers, by code.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        let name = |locale: &Locale| locale.texts.get("language_name").cloned().unwrap_or_else(|| locale.code.clone());
        self.known.values().map(|locale| Choice { code: locale.code.clone(), name: name(locale) }).collect()
    }

    /// English, for pages that are written in it.
    #[must_use]
    pub fn english(&self) -> &Locale {
        &self.english
    }

    /// The language that was chosen in the menu, else the best that the browser accepts.
    #[must_use]
    pub fn of(&self, request: &HttpRequest) -> &Locale {
        let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        self.pick(header(header::COOKIE), header(header::ACCEPT_LANGUAGE))
    }

    fn pick(&self, cookies: &str, accepted: &str) -> &Locale {
        let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        let chosen = pairs.find_map(|(name, value)| (name == CHOICE).then_some(value));
        let wanted = chosen.into_iter().chain(by_preference(accepted));
        wanted.filter_map(|tag| self.find(tag)).next().unwrap_or(&self.english)
    }

    /// The language of a tag: `zh-Hant-TW` is read as `zh`.
    fn find(&self, tag: &str) -> Option<&Locale> {
        let code = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let code = OTHER_CODES.iter().find(|(other, _)| *other == code).map_or(code.as_str(), |(_, ours)| ours);
        self.known.get(code)
    }
}

/// The tags of an `Accept-Language` header, most wanted first and equals in their order.
fn by_preference(header: &str) -> Vec<&str> {
    let mut tags: Vec<(&str, f32)> = header.split(',').filter_map(weighted).collect();
    tags.sort_by(|a, b| b.1.total_cmp(&a.1));
    tags.into_iter().filter(|(_, weight)| *weight > 0.0).map(|(tag, _)| tag).collect()
}

fn weighted(entry: &str) -> Option<(&str, f32)> {
    let mut parts = entry.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
    Some((tag, weight.unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales() -> Locales {
        let files = [
            ("en", r#"{"language_name": "English", "ask": "Ask"}"#),
            ("fil", r#"{"language_name": "Filipino"}"#),
            ("id", r#"{"language_name": "Bahasa Indonesia", "ask": "Tanya"}"#),
            ("zh", r#"{"language_name": "中文", "ask": "提问"}"#),
        ];
        Locales::read(files.iter().map(|(code, text)| (*code, text.as_bytes()))).unwrap()
    }

    #[test]
    fn the_menu_wins_over_the_browser_and_english_is_the_last_resort() {
        let locales = locales();
        let pick = |cookies: &str, accepted: &str| locales.pick(cookies, accepted).code.clone();
        for (cookies, accepted, expected) in [
            ("", "", "en"),
            ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("", "de, id;q=0.5, zh;q=0.7", "zh"),
            ("", "in-ID", "id"),
            ("", "tl", "fil"),
            ("", "zh;q=0, en", "en"),
            ("", "zh;q=many", "en"),
            ("a=b; dialogdesk_language=id", "zh", "id"),
            ("dialogdesk_language=xx", "zh", "zh"),
            ("dialogdesk_language=", "", "en"),
        ] {
            assert_eq!(pick(cookies, accepted), expected, "{cookies} | {accepted}");
        }
    }

    #[test]
    fn a_text_that_a_language_lacks_is_in_english() {
        let locales = locales();
        assert_eq!(locales.known["fil"].texts["ask"], "Ask");
        let names: Vec<String> = locales.choices().into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["English", "Filipino", "Bahasa Indonesia", "中文"]);
    }

    #[test]
    fn a_file_that_is_no_list_of_texts_is_named() {
        for text in ["[]", "{\"ask\": 1}", "{"] {
            let read = Locales::read([("xx", text.as_bytes())].into_iter());
            assert_eq!(read.err().unwrap().0, "xx");
        }
    }
}
