//! Words of a text as index terms: the chain of `text`, cut to the language of the document.
//!
//! Lower case, accents dropped, English words stemmed in one spelling. Words of other languages
//! keep their form.

use tantivy::tokenizer::Token;

use crate::text::{fold, stem, word_ranges};

/// Longest word in bytes; a longer run of letters is no word anybody asks for.
const LONGEST_WORD: usize = 60;

/// Terms of a text in this language (BCP 47).
pub(super) fn terms(text: &str, language: &str) -> Vec<Token> {
    let english = is_english(language);
    tokens(text, |word| if english { stem(&fold(word)) } else { fold(word) })
}

/// Words as printed, in lower case.
pub(super) fn printed(text: &str) -> Vec<Token> {
    tokens(text, str::to_lowercase)
}

/// The terms that each word inside `word` may be indexed as: its stem in English documents, its
/// plain form in others.
pub(super) fn forms(word: &str) -> Vec<Vec<String>> {
    let both = |range| {
        let plain = fold(&word[range]);
        let stem = stem(&plain);
        if stem == plain { vec![stem] } else { vec![stem, plain] }
    };
    word_ranges(word).map(both).collect()
}

fn is_english(language: &str) -> bool {
    language.split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case("en"))
}

fn tokens(text: &str, form: impl Fn(&str) -> String) -> Vec<Token> {
    let short = word_ranges(text).filter(|r| r.len() <= LONGEST_WORD);
    let token = |(position, range): (usize, std::ops::Range<usize>)| Token {
        offset_from: range.start,
        offset_to: range.end,
        position,
        text: form(&text[range]),
        position_length: 1,
    };
    short.enumerate().map(token).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tokens: &[Token]) -> Vec<&str> {
        tokens.iter().map(|token| token.text.as_str()).collect()
    }

    #[test]
    fn english_is_stemmed_other_languages_are_not_and_accents_are_folded_in_both() {
        assert_eq!(texts(&terms("Cities' Résumés", "en-GB")), ["citi", "resum"]);
        assert_eq!(texts(&terms("Cités", "fr")), ["cites"]);
        assert_eq!(texts(&printed("Les Cités")), ["les", "cités"]);
        assert_eq!(forms("low-carbon cities"), [vec!["low"], vec!["carbon"], vec!["citi", "cities"]]);
    }
}
