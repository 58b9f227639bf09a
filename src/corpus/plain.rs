//! Text as a reader sees it, with the way back to the bytes it came from.
//!
//! Markdown marks, list markers and line breaks are left out of [`Plain::text`]; every piece of it
//! knows its bytes in the source, so that a range of words becomes a byte range that can be quoted.

use std::ops::Range;

/// A run of `text` and the source bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub plain: Range<usize>,
    pub source: Range<usize>,
}

/// Words as read, and where each of them stands in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// White space as one space, none at the ends.
    pub text: String,
    /// In order, covering `text`. A segment whose two ranges have one length maps byte by byte and
    /// is the same text, but for a byte of white space or of markup that is read as a space; any
    /// other (an entity, an escape, a gap read as a space) maps as a whole.
    pub segments: Vec<Segment>,
    /// Source ranges of inline elements, delimiters included (`**bold**`, `[text](address)`).
    /// A quote holds both delimiters of a mark or neither.
    pub marks: Vec<Range<usize>>,
}

/// Puts a [`Plain`] together piece by piece.
#[derive(Debug, Default)]
pub struct PlainBuilder {
    plain: Plain,
    space: Option<Range<usize>>,
}

impl PlainBuilder {
    /// Adds `text`, read from `source`; white space collapses as it is added. When the two differ
    /// in bytes the piece maps as a whole.
    pub fn push(&mut self, text: &str, source: Range<usize>, same_bytes: bool) {
        debug_assert!(!same_bytes || text.len() == source.len());
        if !same_bytes {
            if text.chars().all(char::is_whitespace) {
                self.push_space(source);
            } else {
                // A piece that is not byte for byte the same has no inner white space to collapse
                // in practice (entities, escapes); if it has, it still maps as a whole.
                let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.append(&joined, source);
            }
            return;
        }
        let mut at = 0;
        for (start, c) in text.char_indices() {
            if c.is_whitespace() {
                if at < start {
                    self.append(&text[at..start], source.start + at..source.start + start);
                }
                let end = start + c.len_utf8();
                self.push_space(source.start + start..source.start + end);
                at = end;
            }
        }
        if at < text.len() {
            self.append(&text[at..], source.start + at..source.end);
        }
    }

    /// Adds white space that stands at `source` (a line break, the gap between two parts).
    pub fn push_space(&mut self, source: Range<usize>) {
        self.space = Some(match self.space.take() {
            Some(open) => open.start.min(source.start)..open.end.max(source.end),
            None => source,
        });
    }

    /// Notes an inline element with its delimiters.
    pub fn mark(&mut self, source: Range<usize>) {
        self.plain.marks.push(source);
    }

    /// Length of the text so far, counting a space that is still to be written.
    #[must_use]
    pub fn next_offset(&self) -> usize {
        self.plain.text.len() + usize::from(self.space.is_some() && !self.plain.text.is_empty())
    }

    #[must_use]
    pub fn finish(self) -> Plain {
        self.plain
    }

    fn append(&mut self, text: &str, source: Range<usize>) {
        if let Some(space) = self.space.take()
            && !self.plain.text.is_empty()
        {
            self.extend(" ", space);
        }
        self.extend(text, source);
    }

    fn extend(&mut self, text: &str, source: Range<usize>) {
        let start = self.plain.text.len();
        self.plain.text.push_str(text);
        let plain = start..self.plain.text.len();
        if let Some(last) = self.plain.segments.last_mut()
            && last.source.end == source.start
            && last.source.len() == last.plain.len()
            && source.len() == plain.len()
        {
            last.plain.end = plain.end;
            last.source.end = source.end;
            return;
        }
        self.plain.segments.push(Segment { plain, source });
    }
}

impl Plain {
    /// Adds what follows in the source, after one space that stands for the gap between the two.
    /// Returns the range of `text` that the added words take.
    pub fn append(&mut self, other: Plain) -> Range<usize> {
        if let (Some(end), Some(start)) = (self.source_end(), other.source_start()) {
            let at = self.text.len();
            self.text.push(' ');
            self.segments.push(Segment { plain: at..at + 1, source: end.min(start)..start });
        }
        let base = self.text.len();
        let moved = |s: Segment| Segment { plain: s.plain.start + base..s.plain.end + base, source: s.source };
        self.text.push_str(&other.text);
        self.segments.extend(other.segments.into_iter().map(moved));
        self.marks.extend(other.marks);
        base..self.text.len()
    }

    fn source_start(&self) -> Option<usize> {
        self.segments.first().map(|s| s.source.start)
    }

    fn source_end(&self) -> Option<usize> {
        self.segments.last().map(|s| s.source.end)
    }

    /// The source bytes of a range of words, with every mark that it would cut taken in whole, and
    /// the range of words that those bytes read as (wider than asked for when a mark was taken in).
    ///
    /// Returns `None` when the range is empty or outside the text.
    #[must_use]
    pub fn quote(&self, words: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        let mut source = self.source_of(&words)?;
        while let Some(mark) = self.marks.iter().find(|m| cuts(&source, m)) {
            source = source.start.min(mark.start)..source.end.max(mark.end);
        }
        let words = self.words_of(&source)?;
        Some((source, words))
    }

    fn source_of(&self, words: &Range<usize>) -> Option<Range<usize>> {
        if words.is_empty() || words.end > self.text.len() {
            return None;
        }
        let first = self.segment_at(words.start)?;
        let last = self.segment_at(words.end - 1)?;
        let start =
            if is_same(first) { first.source.start + (words.start - first.plain.start) } else { first.source.start };
        let end = if is_same(last) { last.source.start + (words.end - last.plain.start) } else { last.source.end };
        (start < end).then_some(start..end)
    }

    fn words_of(&self, source: &Range<usize>) -> Option<Range<usize>> {
        // A gap (between label and words, between cells) may hold the opening of a mark; the space
        // it is read as belongs to the quote only where all of it does.
        let gap = |s: &Segment| !is_same(s) && &self.text[s.plain.clone()] == " ";
        let whole = |s: &Segment| s.source.start >= source.start && s.source.end <= source.end;
        let overlaps = |s: &Segment| s.source.start < source.end && s.source.end > source.start;
        let inside = |s: &&Segment| overlaps(s) && (whole(s) || !gap(s));
        let first = self.segments.iter().find(inside)?;
        let last = self.segments.iter().rev().find(inside)?;
        let start =
            first.plain.start + if is_same(first) { source.start.saturating_sub(first.source.start) } else { 0 };
        let end = last.plain.end - if is_same(last) { last.source.end.saturating_sub(source.end) } else { 0 };
        Some(start..end)
    }

    fn segment_at(&self, offset: usize) -> Option<&Segment> {
        let next = self.segments.partition_point(|s| s.plain.end <= offset);
        self.segments.get(next)
    }
}

/// Whether the segment's bytes are its words.
fn is_same(segment: &Segment) -> bool {
    segment.source.len() == segment.plain.len()
}

/// A range cuts a mark when it takes in one of its delimiters and not the other.
fn cuts(range: &Range<usize>, mark: &Range<usize>) -> bool {
    let overlaps = range.start < mark.end && mark.start < range.end;
    let contains = range.start <= mark.start && mark.end <= range.end;
    let within = mark.start < range.start && range.end < mark.end;
    overlaps && !contains && !within
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a **b** &amp; c`, as the parser puts it together.
    fn plain() -> Plain {
        let mut builder = PlainBuilder::default();
        builder.push("a ", 0..2, true);
        builder.mark(2..7);
        builder.push("b", 4..5, true);
        builder.push(" ", 7..8, true);
        builder.push("&", 8..13, false);
        builder.push("  c ", 13..17, true);
        builder.finish()
    }

    #[test]
    fn white_space_is_one_space_and_none_at_the_ends() {
        assert_eq!(plain().text, "a b & c");
    }

    #[test]
    fn a_quote_widens_to_the_mark_it_would_cut() {
        assert_eq!(plain().quote(2..3), Some((4..5, 2..3)), "inside the mark nothing is cut");
        assert_eq!(plain().quote(0..3), Some((0..7, 0..3)));
        assert_eq!(plain().quote(2..5), Some((2..13, 2..5)));
    }

    #[test]
    fn an_entity_is_quoted_whole() {
        assert_eq!(plain().quote(4..5), Some((8..13, 4..5)));
        assert_eq!(plain().quote(4..7), Some((8..16, 4..7)));
    }

    #[test]
    fn nothing_is_quoted_outside_the_text() {
        assert_eq!(plain().quote(3..3), None);
        assert_eq!(plain().quote(5..99), None);
    }

    #[test]
    fn an_appended_text_keeps_its_bytes_and_the_gap_is_no_part_of_a_mark() {
        let mut label = PlainBuilder::default();
        label.push("A:", 2..4, true);
        let mut words = PlainBuilder::default();
        words.mark(7..12);
        words.push("b", 9..10, true);
        words.push(" c", 12..14, true);
        let mut plain = label.finish();
        assert_eq!(plain.append(words.finish()), 3..6);
        assert_eq!(plain.text, "A: b c");
        assert_eq!(plain.quote(3..6), Some((7..14, 3..6)));
    }
}
