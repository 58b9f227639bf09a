//! Which questions was the confidence fitted on? Figures on those are no evidence.
//!
//! Known again by content, not by name: a file by its hash, a question by its own words and those
//! before it, so that adding a line to a file or joining two files hides nothing.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::questions::Question;
use super::run::{Asked, Outcome};
use super::text::one_space;
use crate::answer::FittedOn;

/// Hex digits of a question. Of two thousand fitted questions one in two million others is taken for
/// one of them by chance.
const DIGITS: usize = 8;

/// What is written down about a set that is fitted on.
#[must_use]
pub fn record(asked: &Asked) -> FittedOn {
    let answerable = asked.outcomes.iter().filter(|o| o.question.answerable).count();
    FittedOn {
        collection: asked.name.clone(),
        answerable,
        unanswerable: asked.outcomes.len() - answerable,
        hash: asked.hash.clone(),
        questions: asked.outcomes.iter().map(|o| fingerprint(&o.question)).collect(),
    }
}

/// How many of the questions with these outcomes, from a file of this hash, were fitted on.
#[must_use]
pub fn count(fitted_on: &[FittedOn], hash: &str, outcomes: &[Outcome]) -> usize {
    if fitted_on.iter().any(|set| set.hash == hash) {
        return outcomes.len();
    }
    let known: BTreeSet<&[u8]> = fitted_on.iter().flat_map(|set| set.questions.as_bytes().chunks(DIGITS)).collect();
    outcomes.iter().filter(|o| known.contains(fingerprint(&o.question).as_bytes())).count()
}

fn fingerprint(question: &Question) -> String {
    let words: Vec<String> =
        question.history.iter().chain([&question.question]).map(|text| one_space(text).to_lowercase()).collect();
    let digest = Sha256::digest(words.join("\n").as_bytes());
    digest.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{asked, outcome};
    use super::*;

    fn about(question: &str) -> Outcome {
        let mut outcome = outcome(r#""answerable":true"#, Some(0.9), true, &[]);
        outcome.question.question = question.to_owned();
        outcome
    }

    #[test]
    fn a_question_that_was_fitted_on_is_known_again_in_another_file() {
        let mut fitted = asked("fitted");
        fitted.outcomes = vec![about("Who paid?"), about("When  was it built?")];
        let records = [record(&fitted)];
        assert_eq!((records[0].answerable, records[0].questions.len()), (2, 2 * DIGITS));
        let joined = [about("Where is it?"), about("when was it built?"), about("Who paid?")];
        assert_eq!(count(&records, "another hash", &joined), 2);
        assert_eq!(count(&records, "another hash", &joined[..1]), 0);
        let mut later = about("Who paid?");
        later.question.history = vec!["What was built?".to_owned()];
        assert_eq!(count(&records, "another hash", &[later]), 0, "it is another question after another one");
    }

    #[test]
    fn a_file_is_known_by_its_hash_where_its_questions_were_not_written_down() {
        let old = FittedOn { questions: String::new(), ..record(&asked("old")) };
        let outcomes = [about("Who paid?")];
        assert_eq!(count(std::slice::from_ref(&old), &old.hash, &outcomes), 1);
        assert_eq!(count(&[old], "another hash", &outcomes), 0);
    }
}
