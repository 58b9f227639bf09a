//! Whether a question is in none of the documents' languages, and in which one it is then refused.

use super::Serving;
use crate::prompts::Prompts;
use crate::question::{self, Question};
use crate::text::{is_stop_word, terms};

/// The language of a question (ISO 639-3) that is surely in none of the documents' languages.
pub(super) fn foreign(serving: &Serving, question: &Question) -> Option<&'static str> {
    let words = terms(question.as_str());
    let is_known = |word: &str| is_stop_word(word) || serving.snapshot.lexical.document_frequency(word) > 0;
    let known = words.iter().filter(|t| is_known(&t.folded)).count();
    let share = known as f64 / words.len().max(1) as f64;
    let languages: Vec<&str> = serving.languages.iter().map(String::as_str).collect();
    question::foreign(question.as_str(), &languages, share)
}

/// The locale to refuse a question of this language in: who asks in a language reads it. That of the
/// request stays where it is of this language, and where there are no words in this one.
pub(super) fn locale<'a>(prompts: &'a Prompts, language: &str, wish: &'a str) -> &'a str {
    let Some(language) = whatlang::Lang::from_code(language) else { return wish };
    let fits = |locale: &&str| {
        question::language_name(locale) == language.eng_name() && prompts.speaks(locale, "refusal") == *locale
    };
    std::iter::once(wish).chain(prompts.locales().iter().map(String::as_str)).find(fits).unwrap_or(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_the_question_is_spoken_where_it_has_words() {
        let folder = tempfile::tempdir().unwrap();
        for (locale, formats) in [("fr", "txt md"), ("zh-CN", "txt md"), ("zh-TW", "txt md"), ("de", "txt")] {
            std::fs::create_dir(folder.path().join(locale)).unwrap();
            for format in formats.split(' ') {
                std::fs::write(folder.path().join(locale).join(format!("refusal.{format}")), "x").unwrap();
            }
        }
        let prompts = Prompts::load(Some(folder.path())).unwrap();
        for (language, wish, spoken) in [
            ("fra", "en", "fr"),
            ("cmn", "en", "zh-CN"),
            ("cmn", "zh-TW", "zh-TW"),
            ("deu", "en", "en"),
            ("deu", "fr", "fr"),
            ("spa", "fr", "fr"),
            ("no language", "fr", "fr"),
        ] {
            assert_eq!(locale(&prompts, language, wish), spoken, "{language}, {wish}");
        }
    }
}
