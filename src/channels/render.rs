//! How does a reply look in a messenger? Its words with links and labels, cut into messages that the
//! messenger takes.
//!
//! A template per messenger (`prompts/en/slack.txt`, …) arranges the words. It marks labels and links
//! with [`STRONG`], [`LINK`] and their ends, which are control characters that no text from outside
//! keeps: whatever a document or a question holds, it stays words. Each messenger writes the three
//! kinds of [`Run`] in its own markup, so that a template can neither forget to escape nor break a
//! link in two.

use std::ops::Range;

use serde::Serialize;

use crate::ask::{Citation, Head, Reply};
use crate::prompts::marks::{CLOSE, LINK, STRONG, WORDS};
use crate::prompts::{Format, PromptError, Prompts};
use crate::text::{markers, sentences};

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    Words(String),
    /// A label.
    Strong(String),
    Link {
        label: String,
        url: String,
    },
}

/// What is shown as one message.
pub type Part = Vec<Run>;

/// How a messenger writes runs.
pub struct Markup {
    /// Most units of a message, written.
    pub limit: usize,
    /// What the vendor counts.
    pub units: fn(&str) -> usize,
    pub words: fn(&str) -> String,
    pub strong: fn(&str) -> String,
    pub link: fn(label: &str, url: &str) -> String,
}

impl Markup {
    /// A message as it is sent.
    #[must_use]
    pub fn write(&self, part: &[Run]) -> String {
        part.iter().map(|run| self.write_run(run)).collect()
    }

    fn write_run(&self, run: &Run) -> String {
        match run {
            Run::Words(words) => (self.words)(words),
            Run::Strong(words) => (self.strong)(words),
            Run::Link { label, url } => (self.link)(label, url),
        }
    }

    fn length(&self, run: &Run) -> usize {
        (self.units)(&self.write_run(run))
    }
}

/// A text with each character written as the messenger takes it literally.
pub(super) fn rewritten(text: &str, write: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| write(c, &mut out));
    out
}

/// Writes what HTML, and what looks like it, takes for markup by its name.
pub(super) fn html(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        other => out.push(other),
    }
}

/// Characters as JavaScript, Java and most vendors count them.
#[must_use]
pub fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The words alone, where nothing can be marked.
#[must_use]
pub fn plain(part: &[Run]) -> String {
    let words = |run: &Run| match run {
        Run::Words(words) | Run::Strong(words) => words.clone(),
        Run::Link { label, .. } => label.clone(),
    };
    part.iter().map(words).collect()
}

/// A cited or near passage, for messengers that show sources beside the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    pub n: usize,
    /// `[1]`.
    pub mark: String,
    pub title: String,
    pub speaker: Option<String>,
    pub text: String,
    /// Absolute.
    pub url: String,
}

/// What the template of a messenger sees. Texts hold no control characters beside line breaks.
#[derive(Debug, Serialize)]
struct View {
    answered: bool,
    /// The question as it was understood, where that differs from what was asked.
    read_as: Option<String>,
    /// The answer or refusal, taken apart at its marks.
    pieces: Vec<Piece>,
    /// Cited passages, or the nearest ones of a refusal.
    sources: Vec<Source>,
    suggestions: Vec<String>,
}

/// Words, or a mark with the address that it stands for.
#[derive(Debug, Serialize)]
struct Piece {
    words: String,
    url: Option<String>,
}

/// What is said beside answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// How to ask.
    Greeting,
    Thanks,
    /// The question has more characters or word pieces than are read.
    TooLong,
    /// The server cannot answer now.
    Busy,
    /// The server failed.
    Failed,
}

#[derive(Serialize)]
struct NoteView {
    note: Note,
}

/// A reply put into messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    pub parts: Vec<Part>,
    pub sources: Vec<Source>,
}

/// Puts a reply into messages of a messenger, links beginning with `base`.
///
/// # Errors
/// [`PromptError`] of the messenger's template.
pub fn reply(
    prompts: &Prompts,
    template: &str,
    markup: &Markup,
    base: &str,
    reply: &Reply,
) -> Result<Rendered, PromptError> {
    let (head, cited, suggestions, answered) = match reply {
        Reply::Answer(answer) => (&answer.head, &answer.citations, &[][..], true),
        Reply::Abstention(refusal) => (&refusal.head, &refusal.related, &refusal.suggestions[..], false),
    };
    let sources: Vec<Source> = cited.iter().map(|citation| source(citation, base)).collect();
    let view = View {
        answered,
        read_as: read_as(head),
        pieces: if answered { pieces(&head.text, cited, &sources) } else { vec![words(&head.text)] },
        sources,
        suggestions: suggestions.iter().map(|s| clean(s)).collect(),
    };
    let text = prompts.render(&head.locale, template, Format::Text, &view)?;
    Ok(Rendered { parts: split(&runs(&text), markup), sources: view.sources })
}

/// A note in the words of `prompts/en/note.txt`.
///
/// # Errors
/// [`PromptError`].
pub fn note(prompts: &Prompts, locale: &str, note: Note) -> Result<Part, PromptError> {
    prompts.render(locale, "note", Format::Text, &NoteView { note }).map(|text| runs(&text))
}

fn source(citation: &Citation, base: &str) -> Source {
    // The text fragment repeats the quote and makes a link long; the page marks the quote anyway.
    let address = citation.url.split(":~:").next().unwrap_or_default();
    Source {
        n: citation.n,
        mark: format!("[{}]", citation.n),
        title: clean(&citation.title),
        speaker: citation.speaker.as_deref().map(clean),
        text: clean(&citation.quote_text),
        url: clean(&format!("{}{address}", base.trim_end_matches('/'))),
    }
}

fn read_as(head: &Head) -> Option<String> {
    let same = head.interpreted_question.trim() == head.question.trim();
    (!same).then(|| clean(&head.interpreted_question))
}

fn words(text: &str) -> Piece {
    Piece { words: clean(text), url: None }
}

/// The answer taken apart at its `[n]`; one inside a quote is a word of the source.
fn pieces(text: &str, cited: &[Citation], sources: &[Source]) -> Vec<Piece> {
    let quotes: Vec<&str> = cited.iter().map(|c| c.quote_text.as_str()).collect();
    let mut found = Vec::new();
    let mut copied = 0;
    for (n, place) in markers(text, &quotes) {
        found.push(words(&text[copied..place.start]));
        found.push(Piece { words: sources[n - 1].mark.clone(), url: Some(sources[n - 1].url.clone()) });
        copied = place.end;
    }
    found.push(words(&text[copied..]));
    found.retain(|piece| !piece.words.is_empty());
    found
}

/// Without control characters, which mean something to templates, messengers and terminals.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

/// Reads the marks of a rendered template. What is not closed or not known is words.
fn runs(text: &str) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find([STRONG, LINK]) {
        push_words(&mut found, &rest[..at]);
        let opened = &rest[at..];
        let Some((inner, after)) = opened[1..].split_once(CLOSE) else {
            rest = &opened[1..];
            continue;
        };
        match inner.split_once(WORDS) {
            Some((url, label)) if opened.starts_with(LINK) => {
                found.push(Run::Link { label: clean(label), url: clean(url) });
            }
            _ => found.push(Run::Strong(clean(inner))),
        }
        rest = after;
    }
    push_words(&mut found, rest);
    found
}

fn push_words(found: &mut Vec<Run>, text: &str) {
    let text = clean(text);
    if !text.is_empty() {
        found.push(Run::Words(text));
    }
}

/// Cuts runs into messages of at most the limit: between sentences with their marks, and only where
/// one is longer than a message between words, and only where a word is between characters.
fn split(runs: &[Run], markup: &Markup) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut part = Part::new();
    let mut length = 0;
    for group in groups(runs) {
        let needed: usize = group.iter().map(|run| markup.length(run)).sum();
        if length + needed > markup.limit && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            length = 0;
        }
        if needed <= markup.limit {
            part.extend(group);
            length += needed;
        } else {
            let mut pieces = cut_group(&group, markup);
            part = pieces.pop().unwrap_or_default();
            length = part.iter().map(|run| markup.length(run)).sum();
            parts.extend(pieces);
        }
    }
    parts.push(part);
    parts.into_iter().map(tidy).filter(|part| !part.is_empty()).collect()
}

/// What stays together: a sentence with the label before it and the links after it.
fn groups(runs: &[Run]) -> Vec<Part> {
    let mut groups: Vec<Part> = Vec::new();
    let mut group = Part::new();
    for piece in runs.iter().flat_map(sentence_runs) {
        if begins_group(&group, &piece) {
            groups.push(std::mem::take(&mut group));
        }
        group.push(piece);
    }
    groups.push(group);
    groups.retain(|group| !group.is_empty());
    groups
}

fn begins_group(group: &[Run], next: &Run) -> bool {
    let said = |run: &Run| matches!(run, Run::Words(words) if words.contains(char::is_alphanumeric));
    let line_ended = matches!(group.last(), Some(Run::Words(words)) if words.ends_with('\n'));
    let full = group.iter().any(|run| said(run) || matches!(run, Run::Link { .. }));
    match next {
        Run::Link { .. } => false,
        Run::Strong(_) => full,
        Run::Words(words) => line_ended || (full && words.contains(char::is_alphanumeric)),
    }
}

/// Words in pieces that end where a sentence or a line does; labels and links are whole.
fn sentence_runs(run: &Run) -> Vec<Run> {
    let Run::Words(text) = run else { return vec![run.clone()] };
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let starts: Vec<usize> = sentences(line).iter().skip(1).map(|range: &Range<usize>| range.start).collect();
        let mut from = 0;
        for start in starts.into_iter().chain([line.len()]) {
            found.push(Run::Words(line[from..start].to_owned()));
            from = start;
        }
    }
    found
}

/// A group that is longer than a message, cut between words. A link is never cut.
fn cut_group(group: &[Run], markup: &Markup) -> Vec<Part> {
    let mut parts = vec![Part::new()];
    let mut length = 0;
    for run in group {
        let pieces: Vec<Run> = match run {
            Run::Words(words) | Run::Strong(words) if markup.length(run) > markup.limit => {
                words.split_inclusive(' ').flat_map(|word| cut_word(word, markup)).map(Run::Words).collect()
            }
            whole => vec![whole.clone()],
        };
        for piece in pieces {
            let needed = markup.length(&piece);
            if length + needed > markup.limit && length > 0 {
                parts.push(Part::new());
                length = 0;
            }
            length += needed;
            if let Some(part) = parts.last_mut() {
                join(part, piece);
            }
        }
    }
    parts
}

/// A word that is longer than a message, character by character; every other one whole.
fn cut_word(word: &str, markup: &Markup) -> Vec<String> {
    let fits = |text: &str| (markup.units)(&(markup.words)(text)) <= markup.limit;
    if fits(word) {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    let mut length = 0;
    for c in word.chars() {
        let needed = (markup.units)(&(markup.words)(c.encode_utf8(&mut [0; 4])));
        if length + needed > markup.limit && length > 0 {
            pieces.push(String::new());
            length = 0;
        }
        length += needed;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

fn join(part: &mut Part, run: Run) {
    match (part.last_mut(), run) {
        (Some(Run::Words(before)), Run::Words(words)) => before.push_str(&words),
        (_, run) => part.push(run),
    }
}

/// Neighbouring words become one run, and no message begins or ends with white space.
fn tidy(part: Part) -> Part {
    let mut tidied = Part::new();
    part.into_iter().for_each(|run| join(&mut tidied, run));
    if let Some(Run::Words(first)) = tidied.first_mut() {
        *first = first.trim_start().to_owned();
    }
    if let Some(Run::Words(last)) = tidied.last_mut() {
        *last = last.trim_end().to_owned();
    }
    tidied.retain(|run| !matches!(run, Run::Words(words) if words.is_empty()));
    tidied
}

#[cfg(test)]
mod tests;
