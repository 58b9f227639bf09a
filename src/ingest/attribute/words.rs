//! Words and punctuation of a text with their places, and the quotations among them.

use std::ops::Range;

use super::lexicon::is_abbreviation;

/// A word, or one punctuation character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// Bytes of the tokenised text.
    pub range: Range<usize>,
}

impl Token<'_> {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(char::is_alphanumeric)
    }

    pub fn is_capitalised(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    pub fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }

    /// Whether a sentence ends here. Full stops of abbreviations and initials are inside words.
    pub fn ends_sentence(&self) -> bool {
        matches!(self.text, "." | "!" | "?" | "…" | "。" | "！" | "？")
    }

    pub fn is_dash(&self) -> bool {
        matches!(self.text, "—" | "–" | "-")
    }
}

/// Splits a text. `remarked.By` is three tokens, `Dr.Mei` is `Dr.` and `Mei`.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let end = if c.is_alphanumeric() { word_end(text, at) } else { at + c.len_utf8() };
        if !c.is_whitespace() {
            tokens.push(Token { text: &text[at..end], range: at..end });
        }
        at = end;
    }
    tokens
}

fn word_end(text: &str, start: usize) -> usize {
    let mut part = start;
    let mut chars = text[start..].char_indices().map(|(i, c)| (start + i, c)).peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match c {
            '.' if text[part..at].chars().count() == 1 && !text[part..at].starts_with(|c: char| c.is_numeric()) => {
                part = at + 1;
                if !next.is_some_and(char::is_alphanumeric) || text[part..].chars().nth(1) != Some('.') {
                    return part;
                }
            }
            '.' if is_abbreviation(&text[part..at]) => return at + 1,
            '.' if text[..at].ends_with(char::is_numeric) && next.is_some_and(char::is_numeric) => {}
            '-' | '‑' | '\'' | '’' | '&' if next.is_some_and(char::is_alphanumeric) => {}
            c if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) => {}
            _ => return at,
        }
    }
    text.len()
}

/// A quotation, by its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// The opening mark.
    pub open: usize,
    /// The closing mark, or where an unclosed quotation ends.
    pub close: usize,
    pub closed: bool,
}

/// Quotations in order, never one inside another.
pub fn quotations(text: &str, tokens: &[Token<'_>]) -> Vec<Quotation> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    for (i, token) in tokens.iter().enumerate() {
        match open {
            None if opens(text, token) => open = Some((i, token.text)),
            Some((start, mark)) if closes(text, mark, token) => {
                found.push(Quotation { open: start, close: i, closed: true });
                open = None;
            }
            _ => {}
        }
    }
    if let Some((start, mark)) = open.filter(|(_, mark)| *mark != "\"" && *mark != "‘") {
        debug_assert!(!mark.is_empty());
        found.push(Quotation { open: start, close: tokens.len(), closed: false });
    }
    found
}

fn opens(text: &str, token: &Token<'_>) -> bool {
    let before = text[..token.range.start].chars().next_back();
    let after = text[token.range.end..].chars().next();
    let at_word_start =
        before.is_none_or(|c| c.is_whitespace() || "([—–-:,".contains(c)) && after.is_some_and(|c| !c.is_whitespace());
    match token.text {
        "“" | "«" | "„" | "「" | "『" => true,
        // Swedish and Finnish open with the mark that closes elsewhere; a straight one may be an inch.
        "”" | "\"" => at_word_start,
        // The same character is an apostrophe at the start of a word ("‘tis"); see `closes`.
        "‘" => at_word_start,
        _ => false,
    }
}

fn closes(text: &str, mark: &str, token: &Token<'_>) -> bool {
    let before = text[..token.range.start].chars().next_back();
    match mark {
        "“" | "”" => matches!(token.text, "”" | "\""),
        "«" => token.text == "»",
        "„" => matches!(token.text, "“" | "”"),
        "「" => token.text == "」",
        "『" => token.text == "』",
        "\"" => matches!(token.text, "\"" | "”"),
        // An apostrophe does not follow punctuation.
        "‘" => token.text == "’" && before.is_some_and(|c| ",.?!".contains(c)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Vec<String> {
        let tokens = tokens(text);
        let inner = |q: &Quotation| {
            let end = tokens.get(q.close).map_or(text.len(), |t| t.range.start);
            text[tokens[q.open].range.end..end].to_owned()
        };
        quotations(text, &tokens).iter().map(inner).collect()
    }

    #[test]
    fn full_stops_of_titles_and_initials_end_no_sentence() {
        let text = "Dr.Mei J. Lin of the U.S. team remarked.By 3.5 percent.";
        let words: Vec<&str> = tokens(text).iter().map(|t| t.text).collect();
        let expected =
            ["Dr.", "Mei", "J.", "Lin", "of", "the", "U.S.", "team", "remarked", ".", "By", "3.5", "percent", "."];
        assert_eq!(words, expected);
    }

    #[test]
    fn quotations_are_found_in_every_style() {
        assert_eq!(quoted("“a,” x “b.”"), ["a,", "b."]);
        assert_eq!(quoted("\"a,\" x \"b.\" 5\" wide"), ["a,", "b."]);
        assert_eq!(quoted("«a», „b“ and „c” 「d」 ”e”"), ["a", "b", "c", "d", "e"]);
        assert_eq!(quoted("‘don’t go,’ the cities’ mayor"), ["don’t go,"]);
        assert_eq!(quoted("“never closed"), ["never closed"]);
        assert_eq!(quoted("\"never closed"), Vec::<String>::new());
    }
}
