//! The words of one paragraph, heading, row or code block, put together from Markdown's inline
//! events with the byte range of each. Knows nothing of blocks; see `markdown`.

use std::ops::Range;

use super::label::Label;
use crate::corpus::{Plain, PlainBuilder};

/// Elements that hold nothing, so that no closing tag follows.
const VOID: [&str; 5] = ["br", "hr", "img", "input", "wbr"];

/// Collects inline events of one block.
#[derive(Debug)]
pub struct Inline<'a> {
    source: &'a str,
    label: Option<Label>,
    label_words: PlainBuilder,
    words: PlainBuilder,
    /// End of what has been read, so that a backslash in the gap before a text is seen.
    done: usize,
    /// HTML elements that are open: name and start.
    tags: Vec<(String, usize)>,
    raw: bool,
}

impl<'a> Inline<'a> {
    /// A block that begins at byte `start` of `source`, with its turn label if it has one. `raw`
    /// text (code) has no escapes.
    pub fn new(source: &'a str, start: usize, label: Option<Label>, raw: bool) -> Self {
        let mut label_words = PlainBuilder::default();
        if let Some(label) = &label {
            label_words.mark(label.open.start..label.close.end);
        }
        Self { source, label, label_words, words: PlainBuilder::default(), done: start, tags: Vec::new(), raw }
    }

    /// The label's words and the block's other words.
    pub fn finish(self) -> (Plain, Plain) {
        (self.label_words.finish(), self.words.finish())
    }

    /// A text event. It differs from its bytes where it is an entity.
    pub fn text(&mut self, text: &str, range: Range<usize>) {
        let escaped = !self.raw && range.start > self.done && self.source.as_bytes()[range.start - 1] == b'\\';
        let start = range.start;
        self.done = range.end.max(self.done);
        if self.source.get(range.clone()) != Some(text) {
            // At the end of a heading the parser counts a tab to the entity before it.
            let printed = self.source.get(range.clone()).map_or(range.len(), |s| s.trim_end().len());
            self.push_whole(text, start..start + printed);
        } else if escaped && text.starts_with(|c: char| c.is_ascii_punctuation()) {
            self.push_whole(&text[..1], start - 1..start + 1);
            self.push_same(start + 1..range.end);
        } else {
            self.push_same(range);
        }
    }

    /// A code span, back-ticks included in `range`.
    pub fn code(&mut self, text: &str, range: Range<usize>) {
        self.mark(range.clone());
        self.done = range.end.max(self.done);
        let Some(slice) = self.source.get(range.clone()) else { return };
        let ticks = slice.len() - slice.trim_start_matches('`').len();
        let inner = range.start + ticks..range.end.saturating_sub(ticks).max(range.start + ticks);
        match self.source.get(inner.clone()) {
            Some(inside) if inside.split_whitespace().eq(text.split_whitespace()) => self.push_same(inner),
            // Continuation lines of a quote hold `>`, cells hold `\|`: such code is quoted whole.
            _ => self.push_whole(text, range),
        }
    }

    /// White space: a line break, or what stands between two cells.
    pub fn space(&mut self, range: Range<usize>) {
        let in_label = self.in_label(range.start);
        self.done = range.end.max(self.done);
        if in_label { self.label_words.push_space(range) } else { self.words.push_space(range) }
    }

    /// The gap up to `start`, read as a space.
    pub fn gap(&mut self, start: usize) {
        self.space(self.done.min(start)..start);
    }

    /// An element with its delimiters. One that reaches from the label into the words is left out:
    /// a quote must not take in the label.
    pub fn mark(&mut self, range: Range<usize>) {
        match &self.label {
            Some(label) if range.end <= label.end => self.label_words.mark(range),
            Some(label) if range.start < label.end => {}
            _ => self.words.mark(range),
        }
    }

    /// A tag or comment inside the text: never shown; an element is a mark.
    pub fn html(&mut self, html: &str, range: Range<usize>) {
        self.done = range.end.max(self.done);
        let name = tag_name(html);
        if name == "br" {
            self.space(range);
        } else if html.starts_with("</") {
            if let Some(open) = self.tags.iter().rposition(|(n, _)| *n == name) {
                let start = self.tags[open].1;
                self.tags.truncate(open);
                self.mark(start..range.end);
            }
        } else if !name.is_empty() && !html.ends_with("/>") && !VOID.contains(&name.as_str()) {
            self.tags.push((name, range.start));
        }
    }

    fn in_label(&self, at: usize) -> bool {
        self.label.as_ref().is_some_and(|l| at < l.end)
    }

    fn push_whole(&mut self, text: &str, range: Range<usize>) {
        let in_label = self.in_label(range.start);
        if in_label { self.label_words.push(text, range, false) } else { self.words.push(text, range, false) }
    }

    /// Text that is its bytes, less the delimiters of the label.
    fn push_same(&mut self, range: Range<usize>) {
        let Some(label) = &self.label else { return push(&mut self.words, self.source, range) };
        let (name, colon, rest) =
            (label.open.end..label.close.start, label.close.end..label.end, label.end..usize::MAX);
        push(&mut self.label_words, self.source, overlap(&range, &name));
        push(&mut self.label_words, self.source, overlap(&range, &colon));
        push(&mut self.words, self.source, overlap(&range, &rest));
    }
}

fn push(words: &mut PlainBuilder, source: &str, range: Range<usize>) {
    if let Some(text) = source.get(range.clone()) {
        words.push(text, range, true);
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

/// `<Br />` and `</br>` are `br`; a comment has no name.
fn tag_name(html: &str) -> String {
    let inside = html.trim_start_matches('<').trim_start_matches('/');
    inside.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}
