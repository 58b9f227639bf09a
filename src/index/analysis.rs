//! Words of a text as index terms: one chain for passages and for questions.
//!
//! Lower case, accents folded to ASCII, English words stemmed (Snowball's English stemmer). Words
//! of other languages keep their form.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer, Token,
};

/// Longest word in bytes; a longer run of letters is no word anybody asks for.
const LONGEST_WORD: usize = 60;

/// The chains. Each call writes to scratch space inside, so a thread has its own copy.
#[derive(Clone)]
pub(super) struct Analysis {
    stemmed: TextAnalyzer,
    folded: TextAnalyzer,
    printed: TextAnalyzer,
}

impl Analysis {
    pub(super) fn new() -> Self {
        let words = || TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(LONGEST_WORD));
        let folded = || words().filter(LowerCaser).filter(AsciiFoldingFilter);
        Self {
            stemmed: folded().filter(Stemmer::new(Language::English)).build(),
            folded: folded().build(),
            printed: words().filter(LowerCaser).build(),
        }
    }

    /// Terms of a text in this language (BCP 47).
    pub(super) fn terms(&mut self, text: &str, language: &str) -> Vec<Token> {
        tokens(if is_english(language) { &mut self.stemmed } else { &mut self.folded }, text)
    }

    /// Words as printed, in lower case.
    pub(super) fn printed(&mut self, text: &str) -> Vec<Token> {
        tokens(&mut self.printed, text)
    }

    /// The terms that each word inside `word` may be indexed as: its stem in English documents,
    /// its plain form in others.
    pub(super) fn forms(&mut self, word: &str) -> Vec<Vec<String>> {
        let stems = tokens(&mut self.stemmed, word);
        let plain = tokens(&mut self.folded, word);
        let both = stems
            .into_iter()
            .zip(plain)
            .map(|(stem, plain)| if stem.text == plain.text { vec![stem.text] } else { vec![stem.text, plain.text] });
        both.collect()
    }
}

fn is_english(language: &str) -> bool {
    language.split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case("en"))
}

fn tokens(analyzer: &mut TextAnalyzer, text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    analyzer.token_stream(text).process(&mut |token| found.push(token.clone()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tokens: &[Token]) -> Vec<&str> {
        tokens.iter().map(|token| token.text.as_str()).collect()
    }

    #[test]
    fn english_is_stemmed_other_languages_are_not_and_accents_are_folded_in_both() {
        let mut analysis = Analysis::new();
        assert_eq!(texts(&analysis.terms("Cities' Résumés", "en-GB")), ["citi", "resum"]);
        assert_eq!(texts(&analysis.terms("Cités", "fr")), ["cites"]);
        assert_eq!(texts(&analysis.printed("Les Cités")), ["les", "cités"]);
        assert_eq!(analysis.forms("low-carbon cities"), [vec!["low"], vec!["carbon"], vec!["citi", "cities"]]);
    }
}
