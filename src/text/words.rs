//! Words: where they are, and the forms under which two of them count as the same.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::irregular::base;
use super::spelling::american;

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::English));

/// A word of a text with the forms it is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Lower case, without accents and possessive ending.
    pub folded: String,
    /// English stem of `folded`.
    pub stem: String,
    /// The word begins with an upper-case letter.
    pub capital: bool,
}

/// The words of a text in order.
#[must_use]
pub fn terms(text: &str) -> Vec<Term> {
    word_ranges(text)
        .map(|range| {
            let word = &text[range.clone()];
            let folded = fold(word);
            let stem = stem(&folded);
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            Term { range, folded, stem, capital }
        })
        .collect()
}

/// Byte ranges of words: runs of letters and digits, with apostrophes between letters and with
/// points and commas between digits; each Chinese, Japanese or Korean character by itself.
pub fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(is_word)?;
        let first = text[start..].chars().next()?;
        rest = if is_cjk(first) { start + first.len_utf8() } else { word_end(text, start) };
        Some(start..rest)
    })
}

/// Lower case, accents dropped, a possessive `'s` removed.
#[must_use]
pub fn fold(word: &str) -> String {
    let bare = ["'s", "’s", "'S", "’S"].iter().find_map(|s| word.strip_suffix(s)).unwrap_or(word);
    if bare.is_ascii() {
        return bare.to_ascii_lowercase();
    }
    bare.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(plain_apostrophe).collect()
}

/// The English stem of a folded word in one spelling, irregular forms brought to their base; numbers lose their thousands separators.
#[must_use]
pub fn stem(folded: &str) -> String {
    if folded.starts_with(|c: char| c.is_ascii_digit()) {
        return folded.replace(',', "");
    }
    STEMS.with_borrow_mut(|known| {
        if let Some(stem) = known.get(folded) {
            return stem.clone();
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let stem = ENGLISH.stem(&american(base(folded))).into_owned();
        known.insert(folded.to_owned(), stem.clone());
        stem
    })
}

/// Words of which each thread remembers the stem: a question is compared with the same sentences
/// many times over.
const REMEMBERED: usize = 4096;

thread_local! {
    static STEMS: RefCell<HashMap<String, String>> = RefCell::default();
}

/// The last words of a text, at most this many.
#[must_use]
pub fn last_words(text: &str, most: usize) -> &str {
    let words: Vec<Range<usize>> = word_ranges(text).collect();
    match words.len().checked_sub(most) {
        Some(skip) if skip > 0 => &text[words[skip].start..],
        _ => text,
    }
}

/// A text with a capital at its beginning.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}

/// Whether a character is a word by itself.
#[must_use]
pub fn is_cjk(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn plain_apostrophe(c: char) -> char {
    if c == '’' { '\'' } else { c }
}

fn word_end(text: &str, start: usize) -> usize {
    let mut chars = text[start..].char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, n)| *n);
        let joins = match c {
            '\'' | '’' => last.is_alphabetic() && next.is_some_and(char::is_alphabetic),
            '.' | ',' => last.is_ascii_digit() && next.is_some_and(|n| n.is_ascii_digit()),
            _ => is_word(c) && !is_cjk(c),
        };
        if !joins {
            return start + at;
        }
        last = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        terms(text).into_iter().map(|t| t.folded).collect()
    }

    #[test]
    fn words_keep_inner_apostrophes_and_decimal_points() {
        assert_eq!(folded("Don't pay $1,000.50, Ana’s café!"), ["don't", "pay", "1,000.50", "ana", "cafe"]);
    }

    #[test]
    fn hyphens_and_missing_spaces_separate_words() {
        assert_eq!(folded("China-ASEAN thrive,innovations"), ["china", "asean", "thrive", "innovations"]);
    }

    #[test]
    fn each_cjk_character_is_a_word() {
        assert_eq!(folded("南宁 2024年"), ["南", "宁", "2024", "年"]);
    }

    #[test]
    fn numbers_compare_without_thousands_separators() {
        assert_eq!(terms("1,000")[0].stem, terms("1000")[0].stem);
    }
}
