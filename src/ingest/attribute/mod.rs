//! Whose words is a sentence? In a turn the speaker's; in running text the person's to whom the
//! grammar around a quotation gives it, else nobody's. Reported speech without quotation marks is
//! the reporter's: see [`reported_by`].

mod clause;
mod lexicon;
mod people;
mod roles;
mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

use self::clause::Clause;
use self::people::{Capitals, Mention, People, Who};
use self::words::{Quotation, Token};
use crate::corpus::{Block, BlockKind, Document, Sentence, SpeakerId};

/// Sets [`Sentence::speaker`] for the sentences of `document`, adds the people it quotes to
/// `document.speakers`, and fills their roles. The sentences' `range` counts in the plain text of
/// their block.
pub fn attribute(document: &mut Document, sentences: &mut [Sentence]) {
    let mut spans = Vec::new();
    let given = document.speakers.len();
    // The first round learns who is quoted and what they are, so that the second knows who "the
    // mayor" is and finds forms that stand before the full name.
    for _ in 0..2 {
        spans = quoted_spans(document, given);
        roles::learn(document);
    }
    for sentence in sentences {
        sentence.speaker = match document.blocks.get(sentence.block).map(|b| &b.kind) {
            Some(BlockKind::Turn { speaker, .. }) => Some(*speaker),
            _ => spoken_by(&document.blocks, &spans, sentence),
        };
    }
}

/// Whom a sentence reports on, with or without quoting them: "Dr. Lin noted that openness is key"
/// is about Dr. Lin. `None` where it reports on nobody whom the document knows by name.
#[must_use]
pub fn reported_by(document: &Document, sentence: &str) -> Option<SpeakerId> {
    let tokens = words::tokens(sentence);
    let mentions = people::mentions(&document.speakers, &Capitals::default(), sentence, &tokens);
    let mut from = 0;
    let quotations = words::quotations(sentence, &tokens);
    let ends = quotations.iter().map(|q| (q.open, q.close + 1)).chain([(tokens.len(), tokens.len())]);
    for (to, next) in ends {
        let clause = Clause { tokens: &tokens, mentions: &mentions, from: from.min(to), to };
        if let Some(Who::Known(id)) = clause.reports() {
            return Some(id);
        }
        from = next;
    }
    None
}

/// A quotation in running text.
#[derive(Debug, Clone)]
struct Span {
    block: usize,
    /// Bytes of the block's plain text, marks included.
    range: Range<usize>,
    speaker: Option<SpeakerId>,
    /// Nothing but white space or a paragraph break parts it from the quotation before.
    joined: bool,
}

/// The speaker of the quotation that takes up most of the sentence.
fn spoken_by(blocks: &[Block], spans: &[Span], sentence: &Sentence) -> Option<SpeakerId> {
    let text = &blocks.get(sentence.block)?.text.text;
    let shared = |s: &Span| {
        let overlap = s.range.start.max(sentence.range.start)..s.range.end.min(sentence.range.end);
        text.get(overlap).map_or(0, |t| t.chars().filter(|c| c.is_alphanumeric()).count())
    };
    let own = spans.iter().filter(|s| s.block == sentence.block && s.speaker.is_some());
    // `max_by_key` gives the last of equals; the first is wanted.
    own.rev().map(|s| (shared(s), s.speaker)).filter(|(n, _)| *n > 0).max_by_key(|(n, _)| *n)?.1
}

fn quoted_spans(document: &mut Document, given: usize) -> Vec<Span> {
    let Document { blocks, speakers, .. } = document;
    let prose: Vec<(usize, &str)> =
        blocks.iter().enumerate().filter(|(_, b)| is_prose(b)).map(|(id, b)| (id, b.text.text.as_str())).collect();
    let mut capitals = Capitals::default();
    for (_, text) in &prose {
        capitals.read(&words::tokens(text));
    }
    let mut reader = Reader {
        people: People { speakers, given, capitals },
        last: None,
        pending: None,
        open: false,
        spans: Vec::new(),
    };
    for (i, (id, text)) in prose.iter().enumerate() {
        // Between two blocks that do not follow each other stands a heading or a turn.
        let next = prose.get(i + 1).filter(|(next, _)| *next == id + 1).map(|(_, text)| *text);
        reader.block(*id, text, next);
    }
    share_between_joined(&mut reader.spans);
    reader.spans
}

fn is_prose(block: &Block) -> bool {
    block.is_searched() && block.turn().is_none()
}

/// Parts of one quotation have one speaker, wherever that is named.
fn share_between_joined(spans: &mut [Span]) {
    for i in 1..spans.len() {
        if spans[i].joined && spans[i].speaker.is_none() {
            spans[i].speaker = spans[i - 1].speaker;
        }
    }
    for i in (1..spans.len()).rev() {
        if spans[i].joined && spans[i - 1].speaker.is_none() {
            spans[i - 1].speaker = spans[i].speaker;
        }
    }
}

/// Reads running text in order, remembering who was last spoken of.
struct Reader<'a> {
    people: People<'a>,
    /// Whom "she" means.
    last: Option<Who>,
    /// Whom a paragraph that ends in a colon introduces.
    pending: Option<Who>,
    /// Whether the paragraph before ended inside a quotation that goes on.
    open: bool,
    spans: Vec<Span>,
}

impl Reader<'_> {
    fn block(&mut self, id: usize, text: &str, next: Option<&str>) {
        let tokens = words::tokens(text);
        let mut quotations = words::quotations(text, &tokens);
        let goes_on =
            next.is_some_and(|n| n.starts_with(['“', '„', '«', '「'])) && quotations.last().is_some_and(|q| !q.closed);
        if let Some(last) = quotations.last_mut().filter(|q| !q.closed && !goes_on) {
            last.close = sentence_end(&tokens, last.open + 1, tokens.len());
        }
        let mentions = self.people.mentions(text, &tokens);
        let piece = Piece { id, text, tokens: &tokens, mentions: &mentions, quotations: &quotations };
        for n in 0..quotations.len() {
            self.quotation(&piece, n);
        }
        self.rest(&piece);
        self.open = goes_on;
    }

    fn quotation(&mut self, piece: &Piece<'_>, n: usize) {
        let Quotation { open, close, .. } = piece.quotations[n];
        let told = piece.narration_before(n);
        let clause_start = sentence_start(piece.tokens, told.start, told.end);
        self.note_subjects(piece, told.start..clause_start);
        let before = piece.clause(clause_start..open);
        if let Some(subject) = before.main_subject() {
            self.note(subject);
        }
        let who = self.attribution(piece, n, before);
        let speaker = who.and_then(|who| self.resolve(who));
        let has_words = |range: Range<usize>| piece.tokens[range].iter().any(Token::is_word);
        let joined = if n == 0 { self.open && open == 0 } else { !has_words(told) };
        let end = piece.tokens.get(close).map_or(piece.text.len(), |t| t.range.end);
        let range = piece.tokens[open].range.start..end;
        self.spans.push(Span { block: piece.id, range, speaker, joined });
    }

    /// Whom the grammar around the quotation gives it to.
    fn attribution(&mut self, piece: &Piece<'_>, n: usize, before: Clause<'_>) -> Option<Who> {
        let after = piece.clause(piece.after(n));
        let inner = piece.inner(n);
        let is_term = before.ends_with_article() && inner.len() <= 6 && inner.last().is_none_or(Token::is_word);
        if is_term {
            return None;
        }
        let bare = !before.tokens[before.from..before.to].iter().any(Token::is_word);
        before
            .introduces()
            .or_else(|| if piece.goes_on_behind(n) { after.follows() } else { None })
            .or_else(|| after.signs())
            .or_else(|| self.pending.take().filter(|_| n == 0 && bare))
            .or_else(|| if bare && is_statement(inner) { self.continued(piece, n) } else { None })
    }

    /// A statement that stands alone is by whoever the sentence before quotes or speaks of.
    fn continued(&self, piece: &Piece<'_>, n: usize) -> Option<Who> {
        let told = piece.narration_before(n);
        let has_words = piece.tokens[told.clone()].iter().any(Token::is_word);
        let Some(end) = told.clone().rev().find(|&i| piece.tokens[i].ends_sentence()).filter(|_| has_words) else {
            // Right behind the quotation before.
            let before = self.spans.last().filter(|s| n > 0 && s.block == piece.id)?;
            return before.speaker.map(Who::Known);
        };
        let sentence = sentence_start(piece.tokens, told.start, end);
        let clause = piece.clause(sentence..end);
        let quoted = self.spans.last().filter(|s| n > 0 && sentence == told.start && s.block == piece.id);
        quoted.and_then(|s| s.speaker).map(Who::Known).or_else(|| clause.reports()).or_else(|| {
            let subject = clause.main_subject()?;
            matches!(subject.who, Who::Known(_) | Who::Pronoun).then(|| subject.who.clone())
        })
    }

    /// What follows the last quotation of a block.
    fn rest(&mut self, piece: &Piece<'_>) {
        let start = piece.quotations.last().map_or(0, |q| q.close + 1).min(piece.tokens.len());
        self.note_subjects(piece, start..piece.tokens.len());
        let clause = piece.clause(sentence_start(piece.tokens, start, piece.tokens.len())..piece.tokens.len());
        let colon = piece.tokens.last().is_some_and(|t| t.text == ":");
        self.pending = if colon { clause.introduces() } else { None };
    }

    fn note_subjects(&mut self, piece: &Piece<'_>, range: Range<usize>) {
        let mut start = range.start;
        while start < range.end {
            let end = sentence_end(piece.tokens, start, range.end);
            if let Some(subject) = piece.clause(start..end).main_subject() {
                self.note(subject);
            }
            start = end + 1;
        }
    }

    fn note(&mut self, subject: &Mention) {
        let full = |name: &str| name.contains([' ', '.']);
        match &subject.who {
            Who::Known(_) => self.last = Some(subject.who.clone()),
            Who::New(name) if full(name) => self.last = Some(subject.who.clone()),
            _ => {}
        }
    }

    fn resolve(&mut self, who: Who) -> Option<SpeakerId> {
        let id = match who {
            Who::Known(id) => id,
            Who::New(name) => self.people.enter(&name),
            Who::Role(noun) => self.people.with_role(&noun)?,
            Who::Pronoun => match self.last.clone()? {
                Who::Known(id) => id,
                Who::New(name) => self.people.enter(&name),
                Who::Pronoun | Who::Role(_) => return None,
            },
        };
        self.last = Some(Who::Known(id));
        Some(id)
    }
}

/// One block of running text, taken apart.
struct Piece<'a> {
    id: usize,
    text: &'a str,
    tokens: &'a [Token<'a>],
    mentions: &'a [Mention],
    quotations: &'a [Quotation],
}

impl<'a> Piece<'a> {
    fn clause(&self, range: Range<usize>) -> Clause<'a> {
        Clause { tokens: self.tokens, mentions: self.mentions, from: range.start, to: range.end.max(range.start) }
    }

    /// Tokens between the quotation before and this one.
    fn narration_before(&self, n: usize) -> Range<usize> {
        let start = if n == 0 { 0 } else { self.quotations[n - 1].close + 1 };
        start..self.quotations[n].open.max(start)
    }

    /// Tokens behind the quotation, up to the end of the sentence or the next quotation.
    fn after(&self, n: usize) -> Range<usize> {
        let start = (self.quotations[n].close + 1).min(self.tokens.len());
        let limit = self.quotations.get(n + 1).map_or(self.tokens.len(), |q| q.open).max(start);
        start..sentence_end(self.tokens, start, limit)
    }

    fn inner(&self, n: usize) -> &'a [Token<'a>] {
        let Quotation { open, close, .. } = self.quotations[n];
        &self.tokens[open + 1..close.max(open + 1)]
    }

    /// Whether the sentence goes on behind the quotation: not where a full stop ends it; behind `?`
    /// only in small letters or where no other quotation follows.
    fn goes_on_behind(&self, n: usize) -> bool {
        let after = self.after(n);
        let starts_small = self.tokens.get(after.start).is_some_and(|t| !t.is_capitalised());
        let leads_on = self.quotations.get(n + 1).is_some_and(|q| q.open == after.end);
        match self.inner(n).last().map(|t| t.text) {
            Some("." | "。") => false,
            Some("?" | "!" | "…") => starts_small || !leads_on,
            _ => true,
        }
    }
}

/// Long enough to be more than a term, or closed like a sentence.
fn is_statement(inner: &[Token<'_>]) -> bool {
    inner.len() >= 4 && inner.last().is_some_and(|t| t.ends_sentence() || t.text == ",") || inner.len() >= 8
}

/// The first sentence end in `from..to`, else `to`.
fn sentence_end(tokens: &[Token<'_>], from: usize, to: usize) -> usize {
    (from..to).find(|&i| tokens[i].ends_sentence()).unwrap_or(to)
}

/// Where the last sentence of `from..to` begins; an end mark right before `to` is its own.
fn sentence_start(tokens: &[Token<'_>], from: usize, to: usize) -> usize {
    (from..to).rev().find(|&i| tokens[i].ends_sentence()).map_or(from, |i| i + 1)
}
