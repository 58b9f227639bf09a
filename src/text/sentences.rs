//! Where sentences begin and end, in published text with its abbreviations, quotations and
//! missing spaces ("collaboration.The energy", "zones. these aim").

use std::ops::Range;

use super::words::is_cjk;

/// Never end a sentence, whatever follows.
const TITLES: &[&str] = &[
    "adm", "capt", "cf", "cmdr", "col", "dr", "drs", "e.g", "eg", "fig", "gen", "gov", "hon", "i.e", "ie", "lt", "maj",
    "messrs", "mr", "mrs", "ms", "mt", "mx", "pres", "prof", "rep", "rev", "sen", "sgt", "st", "supt", "vs", "viz",
];

/// End a sentence only before a word that usually opens one.
const SHORT_FORMS: &[&str] = &[
    "a.m", "am", "approx", "apr", "art", "aug", "ave", "bros", "co", "corp", "dec", "dept", "ed", "est", "etc", "feb",
    "inc", "jan", "jr", "jul", "jun", "ltd", "mar", "no", "nos", "nov", "oct", "p.m", "pm", "ph.d", "pp", "sep",
    "sept", "sr", "u.k", "u.n", "u.s", "u.s.a", "vol",
];

/// Words that open sentences far more often than they follow an abbreviation or a file name's point.
const OPENERS: &[&str] = &[
    "a", "after", "all", "an", "and", "as", "at", "but", "by", "during", "for", "from", "he", "here", "how", "however",
    "i", "if", "in", "it", "its", "more", "no", "not", "on", "one", "our", "she", "so", "some", "that", "the", "their",
    "then", "there", "these", "they", "this", "those", "to", "under", "we", "what", "when", "where", "which", "while",
    "who", "why", "with", "yes", "you",
];

/// A run of words without any mark of an end is cut here, so that transcripts without punctuation
/// can be quoted in pieces.
const MOST_WORDS: usize = 80;

/// Byte ranges of the sentences of one paragraph, without the white space between them. Every word
/// is in exactly one.
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if at < start || !is_terminator(c) {
            continue;
        }
        let end = after_closers(text, at + c.len_utf8());
        if ends_sentence(text, start, at, c, end) {
            push(text, start..end, &mut found);
            start = end;
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    let end = start + slice.trim().len();
    if start >= end {
        return;
    }
    // A lone mark of punctuation belongs to the sentence before it.
    if !text[start..end].contains(char::is_alphanumeric)
        && let Some(last) = found.last_mut()
    {
        last.end = end;
        return;
    }
    cut_long(text, start..end, found);
}

/// Cuts a sentence of more than [`MOST_WORDS`] words after a comma, semicolon or dash near the
/// limit, else between two words.
fn cut_long(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut start = range.start;
    loop {
        let gaps: Vec<usize> = text[start..range.end]
            .char_indices()
            .filter(|(_, c)| c.is_whitespace())
            .map(|(i, _)| start + i)
            .take(MOST_WORDS)
            .collect();
        if gaps.len() < MOST_WORDS {
            found.push(start..range.end);
            return;
        }
        let soft = |gap: &&usize| text[start..**gap].ends_with([',', ';', ':', '—', '–', '}']);
        let cut = *gaps[MOST_WORDS / 2..].iter().rev().find(soft).unwrap_or(&gaps[MOST_WORDS - 1]);
        found.push(start..cut);
        start = cut + text[cut..].len() - text[cut..].trim_start().len();
    }
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '｡')
}

fn is_closer(c: char) -> bool {
    matches!(c, '”' | '"' | '’' | '\'' | '»' | ')' | ']' | '」' | '』' | '）')
}

/// The end of a run of closing marks and further terminators.
fn after_closers(text: &str, from: usize) -> usize {
    let mut end = from;
    for c in text[from..].chars() {
        let opens_next = matches!(c, '"' | '\'')
            && text[end + 1..].starts_with(char::is_alphanumeric)
            && text[..end].ends_with(char::is_whitespace);
        if opens_next || !(is_closer(c) || is_terminator(c)) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

fn ends_sentence(text: &str, start: usize, at: usize, c: char, end: usize) -> bool {
    if matches!(c, '。' | '！' | '？' | '｡') {
        return true;
    }
    let rest = &text[end..];
    let trimmed = rest.trim_start();
    let Some(next) = trimmed.chars().find(|n| n.is_alphanumeric()) else { return true };
    let spaced = trimmed.len() < rest.len();
    let closed = text[at + c.len_utf8()..end].contains(is_closer);
    let opens_quote = trimmed.starts_with(['“', '«', '„', '「', '(', '[', '‘']);
    let before = word_before(&text[start..at]);
    let after = word_at(trimmed);
    if c == '…' || text[at..end].starts_with("..") {
        return spaced && (next.is_uppercase() || opens_quote);
    }
    if matches!(c, '!' | '?') {
        return if spaced { !next.is_lowercase() || !closed } else { next.is_uppercase() };
    }
    if is_abbreviation(before, after) {
        return false;
    }
    match (spaced, next.is_lowercase()) {
        (true, false) => true,
        (true, true) => !closed && before.chars().count() >= 3,
        (false, false) => {
            before.chars().count() >= 3 && !next.is_numeric() && !before.ends_with(char::is_numeric)
                || is_cjk(next)
                || opens_quote
                || (closed && next.is_uppercase())
        }
        (false, true) => !closed && before.chars().count() >= 3 && OPENERS.contains(&after),
    }
}

/// The last word before a full stop, points inside it kept ("U.S"), and one space before the stop
/// forgiven ("Mr .").
fn word_before(text: &str) -> &str {
    let text = text.trim_end();
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '.' | '’' | '\''))
        .last()
        .map_or(text.len(), |(i, _)| i);
    &text[start..]
}

fn word_at(text: &str) -> &str {
    let start = text.find(char::is_alphanumeric).unwrap_or(text.len());
    let end = text[start..].find(|c: char| !c.is_alphanumeric()).map_or(text.len(), |i| start + i);
    &text[start..end]
}

fn is_abbreviation(before: &str, after: &str) -> bool {
    let lower = before.to_lowercase();
    let lower = lower.rsplit(['’', '\'']).next().unwrap_or(&lower);
    if TITLES.contains(&lower) {
        return true;
    }
    let opens = OPENERS.contains(&after.to_lowercase().as_str()) && after.starts_with(char::is_uppercase);
    // "U.S." and "J. Smith": one upper-case letter before the stop. "I." and a list's "a." do end.
    let initial = before.chars().count() == 1 && before.chars().all(char::is_uppercase) && before != "I";
    let dotted =
        before.contains('.') && before.split('.').all(|p| p.chars().count() <= 2 && p.chars().all(char::is_alphabetic));
    if initial {
        return !opens;
    }
    // "May." and "no." are words too: short forms count only when what follows cannot open a sentence.
    let listed = SHORT_FORMS.contains(&lower);
    let number_follows = after.starts_with(|c: char| c.is_ascii_digit());
    match lower {
        "no" | "nos" | "art" | "fig" | "pp" | "vol" | "mar" | "jan" | "feb" | "apr" | "jun" | "jul" | "aug" | "sep"
        | "sept" | "oct" | "nov" | "dec" => number_follows,
        "am" | "pm" | "est" | "ed" | "co" => listed && !opens && after.starts_with(char::is_lowercase),
        _ => (listed || dotted) && !opens,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = sentences(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_a_sentence() {
        check("Dr. Ann B. Lee left. She met Mr. Fox.", &["Dr. Ann B. Lee left.", "She met Mr. Fox."]);
        check(
            "Over 600 billion U.S. dollars in 2019. The rest later.",
            &["Over 600 billion U.S. dollars in 2019.", "The rest later."],
        );
        check("She lives in the U.S. The bridge is new.", &["She lives in the U.S.", "The bridge is new."]);
    }

    #[test]
    fn a_missing_space_or_capital_does_not_join_two_sentences() {
        check("We met for collaboration.The energy was high.", &["We met for collaboration.", "The energy was high."]);
        check("It was a key topic. these zones aim high.", &["It was a key topic.", "these zones aim high."]);
        check("a topic of discussion.how do these help?", &["a topic of discussion.", "how do these help?"]);
        check("See example.com or node.js for more.", &["See example.com or node.js for more."]);
        check("Dr.Mei Lin spoke at 4.5 per cent.", &["Dr.Mei Lin spoke at 4.5 per cent."]);
    }

    #[test]
    fn closing_quotes_stay_with_their_sentence() {
        check("He said, “It grows.” She left.", &["He said, “It grows.”", "She left."]);
        check("“Why?” she asked. “Because.”", &["“Why?” she asked.", "“Because.”"]);
        check("she remarked.By adopting it, we win.", &["she remarked.", "By adopting it, we win."]);
        check("it works,” she explained.Initiatives follow.", &["it works,” she explained.", "Initiatives follow."]);
    }

    #[test]
    fn spaced_punctuation_of_transcripts_ends_sentences() {
        check("She 's not here yet . She 's late !", &["She 's not here yet .", "She 's late !"]);
        check("OK . Yeah .", &["OK .", "Yeah ."]);
    }

    #[test]
    fn other_scripts_end_with_their_own_marks() {
        check("你好。我是记者！是吗？", &["你好。", "我是记者！", "是吗？"]);
    }

    #[test]
    fn words_without_any_mark_are_cut_into_pieces_that_keep_every_word() {
        let text = "word ".repeat(500);
        let found = sentences(&text);
        assert!(found.len() > 4);
        let words: usize = found.iter().map(|r| text[r.clone()].split_whitespace().count()).sum();
        assert_eq!(words, 500);
    }

    #[test]
    fn nothing_gives_nothing() {
        check("", &[]);
        check("   ", &[]);
        check("…", &["…"]);
    }
}
