//! Documents become sentences, and sentences become passages with the context they are searched by.

use std::ops::Range;
use std::sync::Arc;

use super::attribute::{attribute, reported_by};
use crate::corpus::{Block, BlockId, BlockKind, Corpus, Document, Passage, Sentence, SentenceId, question_answered};
use crate::text::{last_words, sentences, word_ranges};

/// A longer block is split into windows of whole sentences of at most this many words: with its
/// context a window stays below the encoder's 256 word pieces.
const WINDOW_WORDS: usize = 110;
/// Longest context in words, part by part, so that context never crowds out the text.
const TITLE_WORDS: usize = 16;
const HEADING_WORDS: usize = 24;
const QUESTION_WORDS: usize = 40;
const LEAD_IN_WORDS: usize = 30;

/// Splits documents (sorted by slug) into sentences and passages, in source order.
#[must_use]
pub fn split(documents: Vec<Document>) -> Corpus {
    let mut corpus = Corpus::default();
    for (index, mut document) in documents.into_iter().enumerate() {
        let mut own = document_sentences(&document, index);
        attribute(&mut document, &mut own);
        let first = corpus.sentences.len() as SentenceId;
        add_passages(&document, index, &own, first, &mut corpus.passages);
        corpus.reported.extend(own.iter().map(|s| {
            let text = &document.blocks[s.block].text.text[s.range.clone()];
            s.speaker.is_none().then(|| reported_by(&document, text)).flatten()
        }));
        corpus.sentences.extend(own);
        corpus.documents.push(Arc::new(document));
    }
    corpus
}

fn document_sentences(document: &Document, index: usize) -> Vec<Sentence> {
    let mut found = Vec::new();
    for (block, b) in document.blocks.iter().enumerate().filter(|(_, b)| b.is_searched()) {
        for part in &b.parts {
            let text = &b.text.text[part.range.clone()];
            found.extend(sentences(text).into_iter().map(|r| Sentence {
                document: index,
                block,
                range: part.range.start + r.start..part.range.start + r.end,
                speaker: None,
            }));
        }
    }
    found
}

fn add_passages(document: &Document, index: usize, own: &[Sentence], first: SentenceId, passages: &mut Vec<Passage>) {
    let mut at = 0;
    while at < own.len() {
        let block = own[at].block;
        let count = own[at..].iter().take_while(|s| s.block == block).count();
        let context = context(document, block);
        for window in windows(&document.blocks[block], &own[at..at + count]) {
            let (from, to) = (at + window.start, at + window.end);
            passages.push(Passage {
                document: index,
                block,
                range: own[from].range.start..own[to - 1].range.end,
                sentences: first + from as SentenceId..first + to as SentenceId,
                context: context.clone(),
            });
        }
        at += count;
    }
}

/// Windows of about equal length over the sentences of one block.
fn windows(block: &Block, own: &[Sentence]) -> Vec<Range<usize>> {
    let words: Vec<usize> = own.iter().map(|s| count_words(&block.text.text[s.range.clone()])).collect();
    let total: usize = words.iter().sum();
    let target = total.div_ceil(total.div_ceil(WINDOW_WORDS).max(1));
    let mut found = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (i, count) in words.iter().enumerate() {
        let full = size + count > WINDOW_WORDS || size >= target;
        if i > start && full {
            found.push(start..i);
            (start, size) = (i, 0);
        }
        size += count;
    }
    found.push(start..own.len());
    found
}

/// Title, headings, speaker, question asked and list lead-in, one to a line.
fn context(document: &Document, block: BlockId) -> String {
    let mut lines = vec![first_words(&document.title, TITLE_WORDS)];
    let headings = document.breadcrumb(block).join(" – ");
    lines.push(first_words(&headings, HEADING_WORDS));
    match &document.blocks[block].kind {
        BlockKind::Turn { speaker, .. } => {
            lines.push(document.speakers[*speaker].name.clone());
            if let Some(question) = question_answered(document, block) {
                // The end of a question says what is asked; its beginning is often a greeting.
                lines.push(last_words(question, QUESTION_WORDS).to_owned());
            }
        }
        BlockKind::ListItem { list, .. } => {
            if let Some(lead_in) = document.lists[*list].lead_in {
                lines.push(last_words(document.blocks[lead_in].body_text(), LEAD_IN_WORDS).to_owned());
            }
        }
        _ => {}
    }
    lines.retain(|l| !l.is_empty());
    lines.dedup();
    lines.join("\n")
}

fn count_words(text: &str) -> usize {
    word_ranges(text).count()
}

fn first_words(text: &str, most: usize) -> String {
    match word_ranges(text).nth(most) {
        Some(next) => text[..next.start].trim_end().to_owned(),
        None => text.to_owned(),
    }
}
