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
    let document = &*scene.snapshot.corpus.documents[statement.document];
    let block = &document.blocks[statement.block];
    let place = || format!("{}#{}", document.slug, block.anchor);
    let (bytes, words) = block
        .text
        .quote(statement.words.clone())
        .ok_or_else(|| CiteError::NoBytes(statement.words.clone(), place()))?;
    let quote =
        document.source.get(bytes.clone()).ok_or_else(|| CiteError::Mismatch(bytes.start, bytes.end, place()))?;
    let quote_text = block.text.text[words.clone()].to_owned();
    let speaker = statement.speaker.map(|id| scene.people.get(id).name.clone());
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

/// The promise: the bytes read as the words. Every run of the block's text that the quote holds is
/// compared with the bytes of the snapshot's copy that it was read from, and the quote must begin
/// after the label.
fn verify(document: &Document, block: &Block, words: &Range<usize>, citation: &Citation) -> Result<(), CiteError> {
    let read = |segment: &Segment| {
        let (plain, bytes) = (block.text.text.get(segment.plain.clone()), document.source.get(segment.source.clone()));
        match (plain, bytes) {
            // White space reads as one space, and an entity or escape as what it stands for.
            (Some(plain), Some(bytes)) if segment.plain.len() == segment.source.len() => {
                plain.bytes().zip(bytes.bytes()).all(|(p, b)| p == b || p == b' ')
            }
            (plain, bytes) => plain.is_some() && bytes.is_some(),
        }
    };
    let inside = |s: &&Segment| s.source.start < citation.end && s.source.end > citation.start;
    let same = block.text.segments.iter().filter(inside).all(read);
    let whole = !citation.quote.is_empty() && words.start >= block.body;
    if same && whole {
        return Ok(());
    }
    Err(CiteError::Mismatch(citation.start, citation.end, format!("{}#{}", citation.document, citation.anchor)))
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
