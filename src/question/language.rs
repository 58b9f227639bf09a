//! Whether a question is in a language that the documents are not in.
//!
//! The encoder reads English; a question in another language would get random passages.

use whatlang::{Lang, Script};

/// Shorter texts are too short for their letters to tell a language.
const LEAST_LETTERS: usize = 12;

/// From this share of known words on, a text in Latin letters is not foreign, …
const KNOWN_LATIN: f64 = 0.35;
/// … and from this one on, no text is.
const KNOWN: f64 = 0.5;

/// The ISO 639-3 code of the question's language when it is surely not one of `languages` (BCP 47).
///
/// `known_share` is the share of the question's words that the documents hold: a text of known
/// words is never foreign, whatever its letters suggest.
#[must_use]
pub fn foreign(question: &str, languages: &[&str], known_share: f64) -> Option<&'static str> {
    // Most questions end here, so that nothing has to guess their language.
    if languages.is_empty() || known_share >= KNOWN {
        return None;
    }
    let info = whatlang::detect(question)?;
    let served = languages.iter().filter_map(|l| three_letters(l)).any(|code| code == info.lang().code());
    if served {
        return None;
    }
    let letters = question.chars().filter(|c| c.is_alphabetic()).count();
    let latin = info.script() == Script::Latin;
    let sure = if latin {
        letters >= LEAST_LETTERS && known_share < KNOWN_LATIN
    } else {
        !languages.iter().any(|l| shares_script(l, info.script()))
    };
    (sure && info.lang() != Lang::Eng).then(|| info.lang().code())
}

/// The English name of a language (BCP 47), for a refusal; the tag itself when it is not listed.
#[must_use]
pub fn language_name(language: &str) -> &str {
    let two = language.split(['-', '_']).next().unwrap_or(language);
    three_letters(&two.to_lowercase()).and_then(Lang::from_code).map_or(language, |l| l.eng_name())
}

/// ISO 639-3 for the languages documents are likely to be in.
fn three_letters(language: &str) -> Option<&'static str> {
    let two = language.split(['-', '_']).next()?.to_lowercase();
    Some(match two.as_str() {
        "en" => "eng",
        "zh" => "cmn",
        "id" => "ind",
        "ms" => "ind",
        "th" => "tha",
        "vi" => "vie",
        "fr" => "fra",
        "de" => "deu",
        "es" => "spa",
        "pt" => "por",
        "ru" => "rus",
        "ja" => "jpn",
        "ko" => "kor",
        "my" => "mya",
        "km" => "khm",
        "tl" | "fil" => "tgl",
        _ => return None,
    })
}

fn shares_script(language: &str, script: Script) -> bool {
    match language.split(['-', '_']).next() {
        Some("zh" | "ja") => matches!(script, Script::Mandarin | Script::Hiragana | Script::Katakana),
        Some("ko") => script == Script::Hangul,
        Some("th") => script == Script::Thai,
        Some("ru") => script == Script::Cyrillic,
        Some("my") => script == Script::Myanmar,
        Some("km") => script == Script::Khmer,
        _ => script == Script::Latin,
    }
}

#[cfg(test)]
mod tests {
    use super::foreign;

    #[test]
    fn other_languages_are_noticed_and_english_is_not() {
        assert_eq!(foreign("对话的主题是什么？", &["en"], 0.0), Some("cmn"));
        assert_eq!(foreign("Quel était le thème principal de la conférence des maires ?", &["en"], 0.1), Some("fra"));
        assert!(foreign("Quel est le thème de l'événement ?", &["en"], 0.2).is_some());
        assert_eq!(foreign("What was the theme of the conference?", &["en"], 0.6), None);
        assert_eq!(foreign("mei lin openess", &["en"], 0.7), None);
        assert_eq!(foreign("对话的主题是什么？", &["en", "zh"], 0.0), None);
    }
}
