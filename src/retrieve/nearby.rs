//! A conversation stays where it is: passages near those that its last question was about come
//! forward when the present one leans on it ("how long did that take?").
//!
//! Near is counted in passages of one document. The preference is small: it settles what the few
//! words of a follow-up leave open and outweighs nothing that they say.

use super::{Candidate, Retrieval};
use crate::corpus::{Corpus, PassageId};

/// Best passages of the question before.
const BEST: usize = 3;
/// What each rank below the first takes off.
const RANK_STEP: f32 = 0.25;
/// Passages further away than this get nothing.
const REACH: u32 = 4;
/// What the best passage itself gains, in standard deviations.
const MOST: f32 = 0.6;

/// Prefers candidates near the best ones of the question before.
pub(super) fn prefer(corpus: &Corpus, retrieval: &mut Retrieval, before: &Retrieval) {
    let best: Vec<PassageId> = before.candidates.iter().take(BEST).map(|c: &Candidate| c.passage).collect();
    retrieval.add_scores(|passage| MOST * nearness(corpus, &best, passage));
}

/// 1 for the best passage itself, 0 for one that is far from all of them.
fn nearness(corpus: &Corpus, best: &[PassageId], passage: PassageId) -> f32 {
    let document = |id: PassageId| corpus.passages.get(id as usize).map(|p| p.document);
    let near = best.iter().enumerate().map(|(rank, &other)| {
        let apart = passage.abs_diff(other);
        if document(passage) != document(other) || apart >= REACH {
            return 0.0;
        }
        (1.0 - RANK_STEP * rank as f32) * (1.0 - apart as f32 / REACH as f32)
    });
    near.fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sample;

    #[test]
    fn passages_near_the_best_one_come_forward_and_those_of_another_document_do_not() {
        let document = |slug| sample::document(slug, "en", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
        let corpus = sample::corpus(vec![document("a"), document("b")]);
        let near = |passage| nearness(&corpus, &[6], passage);
        assert!(near(6) > near(5) && near(5) > near(4) && near(4) > 0.0);
        assert_eq!((near(2), near(7)), (0.0, 0.0));
    }
}
