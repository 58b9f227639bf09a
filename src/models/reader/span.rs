//! Which words of the passage answer: the best span of tokens, as bytes of the passage.
//!
//! Source: the span head of BERT for SQuAD (Devlin et al., 2019), where a span's score is the sum of
//! a start and an end logit and the first token stands for "no answer". Knows nothing of sessions.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// Longest span in tokens: longer ones are not an answer but the passage again.
const MOST_TOKENS: usize = 30;

/// The span with the highest sum of start and end logit among `tokens`, first and last included. Of
/// equal ones the earliest start, then the earliest end.
pub(super) fn best(scores: &[[f32; 2]], tokens: Range<usize>) -> Option<(Range<usize>, f32)> {
    let mut best: Option<(Range<usize>, f32)> = None;
    for first in tokens.clone() {
        for last in first..tokens.end.min(first + MOST_TOKENS) {
            let score = scores[first][0] + scores[last][1];
            if best.as_ref().is_none_or(|(_, highest)| score > *highest) {
                best = Some((first..last + 1, score));
            }
        }
    }
    best
}

/// Widens a span of tokens so that it cuts no word into its pieces.
pub(super) fn whole_words(words: &[Option<u32>], span: Range<usize>) -> Range<usize> {
    let joined = |at: usize| at > 0 && at < words.len() && words[at].is_some() && words[at - 1] == words[at];
    let Range { mut start, mut end } = span;
    while joined(start) {
        start -= 1;
    }
    while joined(end) {
        end += 1;
    }
    start..end
}

/// The bytes that the tokens of `span` cover. The tokenizer drops combining accents, so one that
/// follows the last letter is taken in.
pub(super) fn bytes(passage: &str, offsets: &[(usize, usize)], span: Range<usize>) -> Option<Range<usize>> {
    let tokens = offsets.get(span)?;
    let (start, end) = (tokens.first()?.0, tokens.last()?.1);
    let marks = passage.get(end..)?.chars().take_while(|c| is_combining_mark(*c)).map(char::len_utf8);
    let end = end + marks.sum::<usize>();
    passage.get(start..end).map(|_| start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_span_runs_forward_within_the_passage_and_the_first_of_equal_ones_wins() {
        let scores = [[9.0, 9.0], [0.0, 5.0], [3.0, 1.0], [3.0, 1.0], [9.0, 9.0]];
        assert_eq!(best(&scores, 1..4), Some((1..2, 5.0)), "the end before the start is no span");
        assert_eq!(best(&scores, 2..4), Some((2..3, 4.0)));
        assert_eq!(best(&scores, 2..2), None);
    }

    #[test]
    fn a_span_has_at_most_thirty_tokens() {
        let mut scores = vec![[0.0, 0.0]; 40];
        scores[2][0] = 1.0;
        scores[2 + MOST_TOKENS][1] = 1.0;
        assert!(best(&scores, 0..40).unwrap().1 < 2.0);
        scores[1 + MOST_TOKENS][1] = 1.0;
        assert_eq!(best(&scores, 0..40), Some((2..2 + MOST_TOKENS, 2.0)));
    }

    #[test]
    fn a_span_is_widened_to_whole_words() {
        let words = [None, Some(0), Some(1), Some(1), Some(1), Some(2), None, None];
        assert_eq!(whole_words(&words, 3..4), 2..5);
        assert_eq!(whole_words(&words, 5..6), 5..6, "special tokens belong to no word");
    }

    #[test]
    fn an_accent_that_follows_its_letter_is_taken_in() {
        let passage = "cafe\u{301} 南";
        assert_eq!(bytes(passage, &[(0, 4), (7, 10)], 0..1), Some(0..6));
        assert_eq!(bytes(passage, &[(0, 4), (7, 10)], 0..2), Some(0..10));
        assert_eq!(bytes(passage, &[(0, 5)], 0..1), None, "a cut character is no range");
    }
}
