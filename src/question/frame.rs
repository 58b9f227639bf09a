//! The two words a question turns on: the thing asked for ("which *universities*") and what is said
//! of it or done ("why did the club *fold*"). An answer that covers everything else and not these
//! answers another question.
//!
//! Read off the order of words alone; where it does not tell, nothing is returned.

use std::ops::Range;

use super::lexicon::{is_auxiliary, is_be, is_interrogative, is_plural};
use crate::text::{Term, is_stop_word, terms};

/// Bytes of the question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Frame {
    pub(super) focus: Option<Range<usize>>,
    pub(super) predicate: Option<Range<usize>>,
    /// Several things are asked for ("which *universities*").
    pub(super) several: bool,
}

/// Finds both words of a question.
pub(super) fn frame(text: &str) -> Frame {
    let words = terms(text);
    let Some(asking) = words.iter().position(|w| is_interrogative(&w.folded)) else { return Frame::default() };
    let focus = focus(text, &words, asking);
    let predicate = predicate(text, &words, asking, focus.map_or(asking, |f| f));
    let range = |at: usize| words[at].range.clone();
    let direct = matches!(words[asking].folded.as_str(), "which" | "what");
    let auxiliary = words.get(asking + 1).is_some_and(|w| is_auxiliary(&w.folded));
    Frame {
        focus: focus.map(range),
        predicate: predicate.filter(|p| Some(*p) != focus).map(range),
        several: direct && !auxiliary && focus.is_some_and(|at| is_plural(&words[at].folded)),
    }
}

/// The run of content words from a word on; punctuation ends it.
fn chunk(text: &str, words: &[Term], from: usize) -> Range<usize> {
    let mut end = from;
    while end < words.len() && !is_stop_word(&words[end].folded) && !is_auxiliary(&words[end].folded) {
        let broken = end > from
            && text[words[end - 1].range.end..words[end].range.start].contains([',', ';', ':', '?', '(', '—']);
        if broken {
            break;
        }
        end += 1;
    }
    from..end
}

/// The noun after "which", "what", "how many", "who is the".
fn focus(text: &str, words: &[Term], asking: usize) -> Option<usize> {
    let word = words[asking].folded.as_str();
    let next = words.get(asking + 1)?.folded.as_str();
    let run = match word {
        "how" if matches!(next, "many" | "much") => chunk(text, words, asking + 2),
        "which" | "what" | "whose" if !is_auxiliary(next) => chunk(text, words, asking + 1),
        "what" | "who" | "which" if is_be(next) => {
            let start = (asking + 2..words.len()).find(|&at| !is_stop_word(&words[at].folded))?;
            // "What is she planning": a pronoun in between makes it a question about doing.
            let plain = words[asking + 2..start]
                .iter()
                .all(|w| matches!(w.folded.as_str(), "the" | "a" | "an" | "its" | "their" | "his" | "her" | "main"));
            if !plain {
                return None;
            }
            chunk(text, words, start)
        }
        _ => return None,
    };
    let plural = run.clone().find(|&at| is_plural(&words[at].folded));
    let ended_by_auxiliary = words.get(run.end).is_some_and(|w| is_auxiliary(&w.folded) || w.folded == "of");
    match run.len() {
        0 => None,
        1 => Some(run.start),
        _ if plural.is_some() => plural,
        _ if ended_by_auxiliary || is_be(next) => Some(run.end - 1),
        // "Which body put the …": the verb belongs to the run.
        _ => Some(run.end - 2),
    }
}

/// What is said of the subject.
fn predicate(text: &str, words: &[Term], asking: usize, after: usize) -> Option<usize> {
    let auxiliary = (asking + 1..words.len()).find(|&at| is_auxiliary(&words[at].folded));
    let Some(auxiliary) = auxiliary else {
        // "Who opposed the plan?", "which body put …": the verb follows what is asked for.
        let run = chunk(text, words, after + 1);
        return (!run.is_empty()).then_some(run.start);
    };
    let start = (auxiliary + 1..words.len()).find(|&at| !is_stop_word(&words[at].folded))?;
    let run = chunk(text, words, start);
    let pronoun = words[auxiliary + 1..start]
        .iter()
        .any(|w| matches!(w.folded.as_str(), "he" | "she" | "they" | "it" | "we" | "you" | "this" | "that" | "there"));
    if pronoun || run.len() == 1 {
        // "did the club of nine fold": with one word before a preposition the verb stands later.
        let of = words.get(run.end).is_some_and(|w| matches!(w.folded.as_str(), "of" | "in" | "from" | "for" | "and"));
        if pronoun || !of || words[run.start].folded.ends_with("ed") {
            return Some(run.start);
        }
        let later = (run.end + 1..words.len()).find(|&at| !is_stop_word(&words[at].folded))?;
        let rest = chunk(text, words, later);
        return (rest.len() > 1).then(|| rest.end - 1);
    }
    let named = run.clone().take_while(|&at| words[at].capital).count();
    if named > 0 {
        return (run.start + named < run.end).then_some(run.start + named);
    }
    run.end.checked_sub(1).filter(|at| *at >= run.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Option<&str>, Option<&str>) {
        let frame = frame(text);
        (frame.focus.map(|r| &text[r]), frame.predicate.map(|r| &text[r]))
    }

    #[test]
    fn the_words_a_question_turns_on_are_found() {
        for (text, focus, predicate) in [
            ("Which universities take part in the exchange?", Some("universities"), Some("take")),
            ("Which body put the fair on?", Some("body"), Some("put")),
            ("How many jobs will the zone create?", Some("jobs"), Some("create")),
            ("Who is the mayor of Ashcombe?", Some("mayor"), None),
            ("What was the budget of the fair?", Some("budget"), None),
            ("Why did the club fold?", None, Some("fold")),
            ("Why did Ada Whitlock resign as chair?", None, Some("resign")),
            ("When was Tom Reed appointed?", None, Some("appointed")),
            ("Where did she study?", None, Some("study")),
            ("Who opposed the new pier?", None, Some("opposed")),
            ("Why was the old pier closed?", None, Some("closed")),
        ] {
            assert_eq!(found(text), (focus, predicate), "{text}");
        }
    }

    #[test]
    fn words_without_a_question_turn_on_nothing() {
        assert_eq!(frame("ferry timetable winter"), Frame::default());
        assert_eq!(frame(""), Frame::default());
    }
}
