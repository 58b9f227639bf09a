//! Puts the chosen statements into words: numbers citations, says repeated things once, renders
//! the templates for plain text and Markdown.

use serde::Serialize;

use super::{CiteError, Evidence, Place, Scene, Shape, Statement, cite};
use crate::prompts::{Format, PromptError, Prompts, quoted};
use crate::reply::Citation;
use crate::text::terms;

/// One question of those asked at once, with what was found; `None` when the sources do not answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'a> {
    pub question: &'a str,
    pub evidence: Option<Evidence>,
}

/// An answer in words with its citations.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    pub text: String,
    pub markdown: String,
    pub citations: Vec<Citation>,
}

/// Why an answer could not be put together: a bug in a template or in a range.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error(transparent)]
    Cite(#[from] CiteError),
    #[error(transparent)]
    Prompt(#[from] PromptError),
}

/// What the template of an answer sees.
#[derive(Debug, Serialize)]
struct AnswerView<'a> {
    parts: Vec<PartView<'a>>,
}

/// What a template sees of a part.
#[derive(Debug, Serialize)]
struct PartView<'a> {
    question: &'a str,
    shape: Option<Shape>,
    count: Option<usize>,
    statements: Vec<StatementView>,
}

/// What a template sees of a statement.
#[derive(Debug, Serialize)]
struct StatementView {
    text: String,
    /// `text` with quotation marks, taken apart around the words that answer; `key` is empty when
    /// they are not known.
    before: String,
    key: String,
    after: String,
    speaker: Option<String>,
    place: Place,
    /// Its own number and the numbers of citations that say the same: `{n, url}`.
    marks: Vec<MarkView>,
}

#[derive(Debug, Serialize)]
struct MarkView {
    n: usize,
    url: String,
}

/// A quote as the template of a refusal sees it.
#[derive(Debug, Serialize)]
pub struct QuoteView {
    pub text: String,
    pub speaker: Option<String>,
    pub url: String,
}

impl QuoteView {
    /// The words and the address of a citation.
    #[must_use]
    pub fn of(citation: &Citation) -> Self {
        let speaker = citation.speaker.clone().filter(|name| needs_label(citation, name));
        Self { text: citation.quote_text.clone(), speaker, url: citation.url.clone() }
    }
}

/// What the template of a refusal sees.
#[derive(Debug, Default, Serialize)]
pub struct RefusalView {
    /// The stable word of the trace.
    pub reason: Option<String>,
    /// Who was asked about.
    pub speaker: Option<String>,
    /// What about.
    pub topic: String,
    /// What contradicts the question; it is also the first of the nearest passages.
    pub contradiction: Option<QuoteView>,
    /// Words of the question that no document holds.
    pub missing: Vec<String>,
    /// Languages of the documents.
    pub languages: Vec<String>,
    /// Nearest passages follow.
    pub related: bool,
}

/// Composes the answer to one or more parts, at least one of which has evidence.
///
/// # Errors
/// [`ComposeError`].
pub fn compose(
    scene: Scene<'_>,
    prompts: &Prompts,
    locale: &str,
    parts: &[Part<'_>],
) -> Result<Composed, ComposeError> {
    let mut citations: Vec<Citation> = Vec::new();
    let mut shown: Vec<Statement> = Vec::new();
    let mut views = Vec::new();
    for part in parts {
        let Some(evidence) = &part.evidence else {
            views.push(PartView { question: part.question, shape: None, count: None, statements: Vec::new() });
            continue;
        };
        let fresh = not_yet_shown(join_adjacent(&evidence.statements), &shown);
        if fresh.is_empty() && evidence.count.is_none() {
            continue;
        }
        let statements = statement_views(scene, &fresh, &mut citations)?;
        shown.extend(fresh);
        views.push(PartView {
            question: part.question,
            shape: Some(evidence.shape),
            count: evidence.count,
            statements,
        });
    }
    let view = AnswerView { parts: views };
    let text = prompts.render(locale, "answer", Format::Text, &view)?;
    let markdown = prompts.render(locale, "answer", Format::Markdown, &view)?;
    Ok(Composed { text, markdown, citations })
}

/// Numbers each shown statement and, right after it, those that repeat it.
fn statement_views(
    scene: Scene<'_>,
    statements: &[Statement],
    citations: &mut Vec<Citation>,
) -> Result<Vec<StatementView>, CiteError> {
    let mut views = Vec::new();
    for (index, statement) in statements.iter().enumerate().filter(|(_, s)| s.repeats.is_none()) {
        let repeats = statements.iter().filter(|s| s.repeats == Some(index));
        let mut marks = Vec::new();
        for said in std::iter::once(statement).chain(repeats) {
            let citation = cite(scene, said, citations.len() + 1)?;
            marks.push(MarkView { n: citation.n, url: citation.url.clone() });
            citations.push(citation);
        }
        let first = &citations[citations.len() - marks.len()];
        let [before, key, after] = taken_apart(scene, statement, &first.quote_text);
        views.push(StatementView {
            text: first.quote_text.clone(),
            before,
            key,
            after,
            speaker: first.speaker.clone().filter(|name| needs_label(first, name)),
            place: statement.place,
            marks,
        });
    }
    Ok(views)
}

/// A quote with its quotation marks around the words that answer.
fn taken_apart(scene: Scene<'_>, statement: &Statement, quote_text: &str) -> [String; 3] {
    let quoted = quoted(quote_text);
    let whole = || [quoted.clone(), String::new(), String::new()];
    let Some(key) = &statement.key else { return whole() };
    let text = &scene.snapshot.corpus.documents[statement.document].blocks[statement.block].text.text;
    let opening = quoted.find(quote_text).unwrap_or(0);
    // A quote may take in more than was chosen; then its key is not where it was looked for.
    let from = opening + key.start - statement.words.start;
    let to = from + key.len();
    match (quoted.get(..from), quoted.get(from..to), quoted.get(to..)) {
        (Some(before), Some(words), Some(after))
            if Some(words) == text.get(key.clone()) && key.len() < quote_text.len() =>
        {
            [before, words, after].map(str::to_owned)
        }
        _ => whole(),
    }
}

/// Whether the speaker is named before a quote: always in a turn, else where the text does not.
fn needs_label(citation: &Citation, name: &str) -> bool {
    citation.turn.is_some() || !names(&citation.quote_text, name)
}

/// Whether running text names the person itself ("Jane Doe, head of X, said: “…”"): then no label
/// stands before it.
fn names(text: &str, name: &str) -> bool {
    let words = terms(text);
    terms(name).last().is_some_and(|last| words.iter().any(|w| w.folded == last.folded))
}

/// What an earlier part has quoted is not quoted again; statements that repeat such a one stand for
/// themselves.
fn not_yet_shown(statements: Vec<Statement>, shown: &[Statement]) -> Vec<Statement> {
    let kept: Vec<usize> =
        (0..statements.len()).filter(|&i| !shown.iter().any(|old| within(&statements[i], old))).collect();
    let place = |old: usize| kept.iter().position(|&k| k == old);
    let renumbered = |&i: &usize| Statement { repeats: statements[i].repeats.and_then(place), ..statements[i].clone() };
    kept.iter().map(renumbered).collect()
}

/// Statements that stand next to each other in one block become one; items of lists stay apart.
fn join_adjacent(statements: &[Statement]) -> Vec<Statement> {
    let mut joined: Vec<Statement> = Vec::new();
    let mut moved: Vec<usize> = Vec::new();
    for statement in statements {
        let same = joined.iter().position(|s| {
            s.document == statement.document
                && s.block == statement.block
                && s.words.start <= statement.words.end + 1
                && statement.words.start <= s.words.end + 1
        });
        match same {
            Some(at) => {
                let words = &mut joined[at].words;
                *words = words.start.min(statement.words.start)..words.end.max(statement.words.end);
                moved.push(at);
            }
            None => {
                moved.push(joined.len());
                joined.push(statement.clone());
            }
        }
    }
    for (at, statement) in joined.iter_mut().enumerate() {
        statement.repeats = statement.repeats.map(|old| moved[old]).filter(|new| *new != at);
    }
    joined
}

fn within(statement: &Statement, old: &Statement) -> bool {
    statement.document == old.document
        && statement.block == old.block
        && old.words.start <= statement.words.start
        && statement.words.end <= old.words.end
}
