//! BM25 over passages and their context (tantivy).
//!
//! Four fields: `body` and `context` are scored; `any` holds the terms of both and knows how many
//! passages have one; `printed` holds the words before folding and stemming, and is the dictionary
//! that unknown words are looked up in. The index is one segment written by one thread in passage
//! order, so a document number is a passage id and nothing has to be mapped.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;
use tantivy::index::SegmentReader;
use tantivy::query::{BooleanQuery, BoostQuery, EnableScoring, FuzzyTermQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index, InvertedIndexReader, ReloadPolicy, Searcher, TERMINATED, TantivyDocument, Term};

use super::analysis;
use super::{PassageFilter, Scored, best};
use crate::corpus::{Corpus, PassageRef};

/// A word of the passage itself counts this much …
const BODY: f32 = 1.0;
/// … and one of its context (title, headings, speaker, the question answered) this much.
const CONTEXT: f32 = 0.5;

/// An unknown word of fewer letters is not expanded, …
const NEAR_LETTERS: usize = 4;
/// … one of as many letters may be wrong in two places instead of one.
const FAR_LETTERS: usize = 8;
/// Near words that an unknown word is searched as.
const EXPANSIONS: usize = 3;
/// Weight of a near word by the number of edits (a swap of neighbours is one).
const NEAR_WEIGHTS: [f32; 3] = [1.0, 0.7, 0.4];

/// Unknown words whose near words are remembered: a question looks each of its own up several times.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(32).unwrap();

/// Room for the terms of one segment while it is written; it grows beyond when needed.
const WRITER_BYTES: usize = 50_000_000;

/// A question as terms. Put together by `retrieve`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LexicalQuery {
    /// Words as typed, lower case, without stop words; stemming and expansion are the index's.
    pub words: Vec<String>,
    /// Unknown words are not searched as near ones.
    pub exact: bool,
}

/// The lexical index of a snapshot.
pub struct LexicalIndex {
    searcher: Searcher,
    fields: Fields,
    any: std::sync::Arc<InvertedIndexReader>,
    printed: std::sync::Arc<InvertedIndexReader>,
    /// All near words of the unknown words that were looked up last.
    near: Mutex<LruCache<String, Vec<Weighted>>>,
}

#[derive(Clone, Copy)]
struct Fields {
    body: Field,
    context: Field,
    any: Field,
    printed: Field,
}

/// A term to search, with its weight.
type Weighted = (String, f32);

impl LexicalIndex {
    /// Opens the index in `folder`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let opened = Self::try_open(folder).map_err(|error| error.to_string())?;
        opened.ok_or_else(|| "it does not have exactly one segment".into())
    }

    fn try_open(folder: &Path) -> tantivy::Result<Option<Self>> {
        let index = Index::open_in_dir(folder)?;
        let field = |name| index.schema().get_field(name);
        let fields =
            Fields { body: field("body")?, context: field("context")?, any: field("any")?, printed: field("printed")? };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let [segment] = searcher.segment_readers() else { return Ok(None) };
        let (any, printed) = (segment.inverted_index(fields.any)?, segment.inverted_index(fields.printed)?);
        let near = Mutex::new(LruCache::new(REMEMBERED));
        Ok(Some(Self { searcher, fields, any, printed, near }))
    }

    /// The `limit` best passages by BM25, best first. Words that the index does not know are
    /// expanded through its dictionary into near words with a lower weight.
    #[must_use]
    pub fn search(&self, query: &LexicalQuery, limit: usize, filter: Option<&PassageFilter>) -> Vec<Scored> {
        let terms = self.terms(query);
        if terms.is_empty() || limit == 0 {
            return Vec::new();
        }
        let found = logged(self.score(&self.query(&terms), filter), Vec::new);
        best(found, limit)
    }

    /// How many passages hold this word's stem in body or context; 0 when unknown. For a word that
    /// is several (`low-carbon`) the rarest counts.
    #[must_use]
    pub fn document_frequency(&self, word: &str) -> u64 {
        let forms = analysis::forms(word);
        let frequency = |forms: Vec<String>| forms.iter().map(|form| self.frequency(form)).max().unwrap_or(0);
        forms.into_iter().map(frequency).min().unwrap_or(0)
    }

    /// The nearest words of the dictionary for an unknown word (at most `limit`), each with its
    /// weight in 0..1, best first; words as the documents print them, lower case.
    #[must_use]
    pub fn near_words(&self, word: &str, limit: usize) -> Vec<(String, f32)> {
        let word = word.to_lowercase();
        let letters = word.chars().count();
        // A number is right or another one: 2025 is no misprint of 2026.
        if letters < NEAR_LETTERS || !word.chars().all(char::is_alphabetic) {
            return Vec::new();
        }
        let remembered = || self.near.lock().unwrap_or_else(PoisonError::into_inner);
        let known = remembered().get(&word).map(|near| near.iter().take(limit).cloned().collect());
        known.unwrap_or_else(|| {
            let near = self.all_near_words(&word, if letters < FAR_LETTERS { 1 } else { 2 });
            let first = near.iter().take(limit).cloned().collect();
            remembered().put(word, near);
            first
        })
    }

    /// Every word of the dictionary at most `edits` away, with its weight, nearest and then most
    /// frequent first.
    fn all_near_words(&self, word: &str, edits: u8) -> Vec<Weighted> {
        let mut near = logged(self.within(word, edits), Vec::new);
        near.sort_by(|a, b| (a.1, std::cmp::Reverse(a.2), &a.0).cmp(&(b.1, std::cmp::Reverse(b.2), &b.0)));
        near.into_iter().map(|(word, edits, _)| (word, NEAR_WEIGHTS[edits.min(2)])).collect()
    }

    #[must_use]
    pub fn passages(&self) -> usize {
        self.segment().max_doc() as usize
    }

    /// The terms of a question, each once, with weights.
    fn terms(&self, query: &LexicalQuery) -> Vec<Weighted> {
        let mut terms: Vec<Weighted> = Vec::new();
        for word in &query.words {
            for forms in analysis::forms(word) {
                let known: Vec<&String> = forms.iter().filter(|form| self.frequency(form) > 0).collect();
                let known = match forms.last() {
                    Some(plain) if known.is_empty() && !query.exact => self.expand(plain),
                    _ => known.into_iter().map(|form| (form.clone(), 1.0)).collect(),
                };
                known.into_iter().for_each(|term| add(&mut terms, term));
            }
        }
        terms
    }

    /// An unknown word as the terms of its near words.
    fn expand(&self, word: &str) -> Vec<Weighted> {
        let near = self.near_words(word, EXPANSIONS);
        let forms = near.into_iter().flat_map(|(word, weight)| {
            analysis::forms(&word).into_iter().flatten().map(move |form| (form, weight)).collect::<Vec<_>>()
        });
        forms.filter(|(form, _)| self.frequency(form) > 0).collect()
    }

    fn query(&self, terms: &[Weighted]) -> BooleanQuery {
        let clause = |field, boost: f32, (term, weight): &Weighted| {
            let term = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
            Box::new(BoostQuery::new(Box::new(term), boost * weight)) as Box<dyn Query>
        };
        let both = |term| [clause(self.fields.body, BODY, term), clause(self.fields.context, CONTEXT, term)];
        BooleanQuery::union(terms.iter().flat_map(both).collect())
    }

    /// Scores every passage that matches; the filter applies before anything is cut.
    fn score(&self, query: &BooleanQuery, filter: Option<&PassageFilter>) -> tantivy::Result<Vec<Scored>> {
        let weight = query.weight(EnableScoring::enabled_from_searcher(&self.searcher))?;
        let mut scorer = weight.scorer(self.segment(), 1.0)?;
        let mut found = Vec::new();
        let mut passage = scorer.doc();
        while passage != TERMINATED {
            if filter.is_none_or(|filter| filter.contains(passage)) {
                found.push(Scored { passage, score: scorer.score() });
            }
            passage = scorer.advance();
        }
        Ok(found)
    }

    fn frequency(&self, term: &str) -> u64 {
        let info = self.any.terms().get(term.as_bytes()).map(|info| info.map_or(0, |info| info.doc_freq.into()));
        logged(info.map_err(Into::into), || 0)
    }

    /// Printed words with the same first letter, at most `edits` away: word, edits, passages.
    fn within(&self, word: &str, edits: u8) -> tantivy::Result<Vec<(String, usize, u32)>> {
        let first = &word[..word.chars().next().map_or(0, char::len_utf8)];
        let automaton =
            FuzzyTermQuery::new(Term::from_field_text(self.fields.printed, word), edits, true).automaton()?;
        let mut words = self.printed.terms().search(automaton).ge(first).into_stream()?;
        let mut found = Vec::new();
        while words.advance() {
            let Ok(candidate) = std::str::from_utf8(words.key()) else { continue };
            if !candidate.starts_with(first) {
                break;
            }
            found.push((candidate.to_owned(), strsim::osa_distance(word, candidate), words.value().doc_freq));
        }
        Ok(found)
    }

    fn segment(&self) -> &SegmentReader {
        self.searcher.segment_reader(0)
    }
}

/// Adds a term, or raises the weight of one that is there.
fn add(terms: &mut Vec<Weighted>, (term, weight): Weighted) {
    match terms.iter_mut().find(|(known, _)| *known == term) {
        Some((_, known)) => *known = known.max(weight),
        None => terms.push((term, weight)),
    }
}

/// The files are mapped and were checked when they were opened, so that reading them does not fail
/// in practice; if it does, the other rankings still answer and the log says why.
fn logged<T>(result: tantivy::Result<T>, otherwise: impl FnOnce() -> T) -> T {
    result.unwrap_or_else(|error| {
        tracing::error!(%error, "the lexical index cannot be read");
        otherwise()
    })
}

/// Writes the index of a corpus into `folder`, which exists and is empty.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, corpus: &Corpus) -> tantivy::Result<()> {
    let (schema, fields) = schema();
    let directory = tantivy::directory::MmapDirectory::open(folder)?;
    // The plain `IndexWriter` flushes segments when its threads fill up and merges them in an order
    // of its own; this one writes a single segment in the order of insertion.
    let mut writer = Index::builder().schema(schema).single_segment_index_writer(directory, WRITER_BYTES)?;
    for id in 0..corpus.passages.len() as u32 {
        writer.add_document(document(fields, corpus.passage(id)))?;
    }
    writer.finalize().map(drop)
}

fn schema() -> (Schema, Fields) {
    let options = |record, norms| {
        let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_index_option(record).set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    let scored = || options(IndexRecordOption::WithFreqs, true);
    let listed = || options(IndexRecordOption::Basic, false);
    let mut schema = Schema::builder();
    let fields = Fields {
        body: schema.add_text_field("body", scored()),
        context: schema.add_text_field("context", scored()),
        any: schema.add_text_field("any", listed()),
        printed: schema.add_text_field("printed", listed()),
    };
    (schema.build(), fields)
}

fn document(fields: Fields, passage: PassageRef<'_>) -> TantivyDocument {
    let (text, context) = (passage.text(), passage.passage.context.as_str());
    let language = passage.document.language();
    let body = analysis::terms(text, language);
    let around = analysis::terms(context, language);
    let printed = [analysis::printed(text), analysis::printed(context)].concat();
    let mut document = TantivyDocument::new();
    for (field, tokens) in [
        (fields.any, [body.clone(), around.clone()].concat()),
        (fields.body, body),
        (fields.context, around),
        (fields.printed, printed),
    ] {
        document.add_pre_tokenized_text(field, pre_tokenized(tokens));
    }
    document
}

/// Positions start again with each text; the index keeps none, but counts on their order.
fn pre_tokenized(mut tokens: Vec<Token>) -> PreTokenizedString {
    (0..).zip(&mut tokens).for_each(|(position, token)| token.position = position);
    PreTokenizedString { text: String::new(), tokens }
}

#[cfg(test)]
#[path = "lexical_tests.rs"]
mod tests;
