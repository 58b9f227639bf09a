//! Quotes and their addresses: the one place that turns chosen words into a byte range, and the
//! check that every quote equals its bytes before a reply leaves.

use std::ops::Range;

use memchr::memmem::Finder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{Scene, Statement};
use crate::corpus::{Block, BlockId, BlockKind, Document, Segment};
use crate::reply::Citation;

/// Why a statement cannot be cited: a bug, never an outcome.
#[derive(Debug, thiserror::Error)]
pub enum CiteError {
    #[error("no bytes stand for the words {0:?} of {1}")]
    NoBytes(std::ops::Range<usize>, String),
    #[error("the bytes {0}..{1} of {2} are not the quote")]
    Mismatch(usize, usize, String),
}

/// Cites a statement as number `n`.
///
/// # Errors
/// [`CiteError`] when the words have no bytes or the bytes are not the words.
pub fn cite(scene: Scene<'_>, statement: &Statement, n: usize) -> Result<Citation, CiteError> {
    let document = &scene.snapshot.corpus.documents[statement.document];
    let speaker = statement.speaker.map(|id| scene.people.get(id).name.clone());
    cite_from(document, statement, speaker, n)
}

/// The same with the statement's document and speaker looked up.
fn cite_from(
    document: &Document,
    statement: &Statement,
    speaker: Option<String>,
    n: usize,
) -> Result<Citation, CiteError> {
    let block = &document.blocks[statement.block];
    let place = || format!("{}#{}", document.slug, block.anchor);
    let (bytes, words) = block
        .text
        .quote(statement.words.clone())
        .ok_or_else(|| CiteError::NoBytes(statement.words.clone(), place()))?;
    let quote =
        document.source.get(bytes.clone()).ok_or_else(|| CiteError::Mismatch(bytes.start, bytes.end, place()))?;
    let quote_text = block.text.text[words.clone()].to_owned();
    let citation = Citation {
        n,
        document: document.slug.clone(),
        title: document.title.clone(),
        anchor: block.anchor.to_string(),
        kind: kind(block),
        heading: heading(document, statement.block),
        speaker,
        turn: block.turn(),
        quote: quote.to_owned(),
        url: url(document, block, quote, &quote_text, &bytes),
        quote_text,
        start: bytes.start,
        end: bytes.end,
        passage: block.text.text.clone(),
        source_url: document.front_matter.source_url.clone(),
    };
    verify(document, block, &words, &citation)?;
    Ok(citation)
}

/// Cites a whole passage, for the nearest passages of a refusal.
///
/// # Errors
/// [`CiteError`], as [`cite`].
pub fn passage_citation(scene: Scene<'_>, passage: crate::corpus::PassageId, n: usize) -> Result<Citation, CiteError> {
    let p = &scene.snapshot.corpus.passages[passage as usize];
    let statement = Statement {
        document: p.document,
        block: p.block,
        words: p.range.clone(),
        speaker: scene.voice_of(p.document, p.block, &p.range),
        place: super::Place::Main,
        repeats: None,
        key: None,
        score: 0.0,
    };
    cite(scene, &statement, n)
}

/// The promise: the quote is the bytes, and the bytes read as the words. Every run of the block's text
/// that the quote holds is compared with the bytes of the snapshot's copy that it was read from, and
/// the quote must begin after the label.
fn verify(document: &Document, block: &Block, words: &Range<usize>, citation: &Citation) -> Result<(), CiteError> {
    let read = |segment: &Segment| {
        let (plain, bytes) = (block.text.text.get(segment.plain.clone()), document.source.get(segment.source.clone()));
        match (plain, bytes) {
            (Some(plain), Some(bytes)) if segment.plain.len() == segment.source.len() => {
                plain.bytes().zip(bytes.bytes()).all(|(read, byte)| reads_as(read, byte))
            }
            // What an entity or an escape stands for, and what is markup in a gap, the parser alone knows.
            (plain, bytes) => plain.is_some() && bytes.is_some(),
        }
    };
    let inside = |s: &&Segment| s.source.start < citation.end && s.source.end > citation.start;
    let same = block.text.segments.iter().filter(inside).all(read);
    let printed = document.source.get(citation.start..citation.end) == Some(citation.quote.as_str())
        && block.text.text.get(words.clone()) == Some(citation.quote_text.as_str());
    let whole = !citation.quote.is_empty() && words.start >= block.body;
    if same && printed && whole {
        return Ok(());
    }
    Err(CiteError::Mismatch(citation.start, citation.end, format!("{}#{}", citation.document, citation.anchor)))
}

/// Whether a byte of the file is this byte of the text. White space reads as a space, and so does
/// markup between two cells (`a|b`); a byte of a word never does.
fn reads_as(read: u8, byte: u8) -> bool {
    read == byte || (read == b' ' && byte.is_ascii() && !byte.is_ascii_alphanumeric())
}

/// The name of a block's kind in replies.
#[must_use]
pub fn kind(block: &Block) -> &'static str {
    match block.kind {
        BlockKind::FrontMatter { .. } => "front_matter",
        BlockKind::Heading { .. } => "heading",
        BlockKind::Turn { .. } => "turn",
        BlockKind::Paragraph => "paragraph",
        BlockKind::ListItem { .. } => "list_item",
    }
}

/// The nearest heading above a block.
#[must_use]
pub fn heading(document: &Document, block: BlockId) -> Option<String> {
    document.blocks[block].heading.map(|h| document.blocks[h].text.text.clone())
}

/// Characters that end or split a text fragment must be escaped, as must everything not plain.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~');

/// In an anchor the dash is plain.
const ANCHOR: &AsciiSet = &FRAGMENT.remove(b'-');

/// `/documents/{slug}?mark={start}-{end}-{first 8 hex of the quote's SHA-256}#{anchor}:~:text=…`
fn url(document: &Document, block: &Block, quote: &str, quote_text: &str, bytes: &std::ops::Range<usize>) -> String {
    let hash: String = Sha256::digest(quote.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect();
    let anchor = utf8_percent_encode(block.anchor.as_str(), ANCHOR);
    format!(
        "/documents/{}?mark={}-{}-{hash}#{anchor}:~:text={}",
        document.slug,
        bytes.start,
        bytes.end,
        text_fragment(document, quote_text)
    )
}

/// The first and last words of a long quote, all words of a short one (text fragments, WICG). A
/// browser marks the first place that fits, so the first words are as many as it takes to stand in
/// one place alone.
fn text_fragment(document: &Document, quote_text: &str) -> String {
    const SHORT: usize = 10;
    const END: usize = 4;
    let escape = |words: &[&str]| utf8_percent_encode(&words.join(" "), FRAGMENT).to_string();
    let words: Vec<&str> = quote_text.split(' ').collect();
    let unique = |n: &usize| {
        let start = words[..*n].join(" ");
        let start = Finder::new(&start);
        document.blocks.iter().flat_map(|b| start.find_iter(b.text.text.as_bytes())).take(2).count() == 1
    };
    match (END..words.len().saturating_sub(END)).step_by(2).find(unique) {
        Some(start) if words.len() > SHORT => {
            format!("{},{}", escape(&words[..start]), escape(&words[words.len() - END..]))
        }
        _ => escape(&words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Place;
    use crate::ingest::parse::parse;

    fn statement(block: BlockId, words: Range<usize>) -> Statement {
        Statement { document: 0, block, words, speaker: None, place: Place::Main, repeats: None, key: None, score: 0.0 }
    }

    /// Cites these words where they stand first.
    fn cited(document: &Document, words: &str) -> Result<Citation, CiteError> {
        let place = document.blocks.iter().enumerate().find_map(|(id, b)| Some((id, b.text.text.find(words)?)));
        let (block, start) = place.expect("a block has the words");
        cite_from(document, &statement(block, start..start + words.len()), None, 1)
    }

    const SOURCE: &str = "**Dr. Lin:** Fünf **alte** Brücken,\r\nsagte sie.\r\n";
    const WORDS: &str = "Fünf alte Brücken, sagte sie.";

    #[test]
    fn a_quote_is_its_bytes_whatever_white_space_and_marks_are_among_them() {
        for (source, words, quote) in [
            (SOURCE, WORDS, "Fünf **alte** Brücken,\r\nsagte sie."),
            ("One\r\ntwo.\r\n", "One two.", "One\r\ntwo."),
            ("One\ntwo.\n", "One two.", "One\ntwo."),
            ("A\u{a0}b\tc  d.\n", "A b c d.", "A\u{a0}b\tc  d."),
            ("Die „Brücke“ von 南宁 😀.\n", "„Brücke“ von 南宁", "„Brücke“ von 南宁"),
            ("Some **bold** words.\n", "Some bold", "Some **bold**"),
            ("你好**重点**吧\n", "好重点", "好**重点**"),
            ("5 \\* 3 &amp; more.\n", "5 * 3 & more.", "5 \\* 3 &amp; more."),
            ("> said\n> again\n", "said again", "said\n> again"),
            ("|h|i|\n|---|---|\n|c|d|\n", "c d", "c|d"),
            ("| h | i |\n|---|---|\n| c | d |\n", "c d", "c | d"),
            ("\u{feff}---\r\ntitle: \"Ünï\"\r\n---\r\nText.\r\n", "Ünï", "Ünï"),
        ] {
            let document = parse("a.md", source);
            let citation = cited(&document, words).unwrap_or_else(|e| panic!("{source:?}: {e}"));
            assert_eq!((citation.quote.as_str(), citation.quote_text.as_str()), (quote, words), "{source:?}");
            assert_eq!(&source[citation.start..citation.end], quote);
        }
    }

    #[test]
    fn bytes_that_are_not_the_words_are_a_mismatch() {
        let document = parse("a.md", SOURCE);
        assert!(cited(&document, WORDS).is_ok());
        for (printed, other) in [
            ("Fünf", "Fönf"),
            ("alte", "elte"),
            ("Brücken,", "Brücken;"),
            ("sagte sie", "sagtexsie"),
            ("sagte sie", "sagteÖie"),
            ("sie.\r\n", "sie"),  // the file ends within the quote
            ("sie.\r\n", "sieé"), // the quote ends within a character
        ] {
            let copy = Document { source: SOURCE.replace(printed, other).into(), ..document.clone() };
            let cited = cited(&copy, WORDS);
            assert!(matches!(cited, Err(CiteError::Mismatch(..))), "{other}: {cited:?}");
        }
    }

    #[test]
    fn a_citation_that_is_not_what_was_read_is_a_mismatch() {
        let document = parse("a.md", SOURCE);
        let block = &document.blocks[0];
        let right = cited(&document, WORDS).expect("the words are there");
        let words = block.body..block.text.text.len();
        assert!(verify(&document, block, &words, &right).is_ok());
        for wrong in [
            Citation { quote: "Fünf alte Brücken".to_owned(), ..right.clone() },
            Citation { quote_text: "Fünf neue Brücken, sagte sie.".to_owned(), ..right.clone() },
            Citation { end: right.end - 1, ..right.clone() },
        ] {
            let verified = verify(&document, block, &words, &wrong);
            assert!(matches!(verified, Err(CiteError::Mismatch(..))), "{wrong:?}");
        }
    }

    #[test]
    fn a_label_is_never_quoted() {
        let document = parse("a.md", SOURCE);
        let with_label = cite_from(&document, &statement(0, 0..document.blocks[0].text.text.len()), None, 1);
        let message = with_label.expect_err("the label is in it").to_string();
        assert!(message.ends_with("of a#turn-1 are not the quote"), "{message}");
    }

    #[test]
    fn words_that_are_none_have_no_bytes() {
        let document = parse("a.md", "Text.\n");
        let end = document.blocks[0].text.text.len();
        for words in [end..end, 0..end + 1] {
            let error = cite_from(&document, &statement(0, words), None, 1).expect_err("no words");
            assert!(matches!(error, CiteError::NoBytes(..)) && error.to_string().ends_with("of a#p-1"), "{error}");
        }
    }
}
