//! Questions that the documents themselves bring up: what an interviewer asked, and headings that ask.

use crate::corpus::{Block, BlockKind, Corpus, Document};
use crate::text::{capitalised, sentences, word_ranges};

/// Most candidates over all documents; each is asked once of a snapshot that serves.
const MOST: usize = 24;
/// Longer and shorter ones make poor suggestions.
const WORDS: std::ops::RangeInclusive<usize> = 5..=24;

/// Candidates for suggestions, taken from each document in turn so that all of them are heard.
#[must_use]
pub fn candidates(corpus: &Corpus) -> Vec<String> {
    let mut by_document: Vec<_> = corpus.documents.iter().map(|d| questions(d).into_iter()).collect();
    let mut found = Vec::new();
    while found.len() < MOST {
        let before = found.len();
        for questions in &mut by_document {
            found.extend(questions.next());
        }
        if found.len() == before {
            break;
        }
    }
    found.truncate(MOST);
    found
}

fn questions(document: &Document) -> Vec<String> {
    let asks = |b: &&Block| matches!(b.kind, BlockKind::Turn { .. } | BlockKind::Heading { .. });
    let mut found: Vec<String> = Vec::new();
    for block in document.blocks.iter().filter(asks) {
        let text = block.body_text();
        let question = sentences(text).into_iter().map(|r| &text[r]).rfind(|s| s.ends_with('?'));
        let Some(question) = question.filter(|q| WORDS.contains(&word_ranges(q).count())) else { continue };
        let question = capitalised(question);
        if !found.contains(&question) {
            found.push(question);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}
