//! What the reader was given for each question, with whether it answers: pairs to train a reader on.
//!
//! The passages are those that a search would wrongly quote, which no other source of pairs has.
//! `models/reader/train.py` reads the form.

use serde::Serialize;

use super::questions::Question;
use super::run::Asked;
use super::text::one_space;
use crate::reply::{PassageRead, Read};

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    question: &'a str,
    source: &'a str,
    passages: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    text: String,
    answerable: bool,
    /// Characters of `text`, from and to.
    span: Option<(usize, usize)>,
    /// That there is no span is known.
    no_answer: bool,
}

/// JSON Lines, one for each question whose passages were read.
///
/// # Errors
/// When JSON cannot be written, which does not happen with such values.
pub fn json_lines(collections: &[Asked]) -> Result<String, serde_json::Error> {
    let mut lines = String::new();
    for Asked { name, outcomes, .. } in collections {
        for outcome in outcomes {
            // Of questions asked at once one was read, and what answers the other is no answer to it.
            let single = outcome.trace().filter(|trace| trace.queries.len() < 2);
            let Some(Read { question, passages }) = single.and_then(|trace| trace.read.as_ref()) else {
                continue;
            };
            let passages: Vec<Pair> = passages.iter().filter_map(|read| pair(&outcome.question, read)).collect();
            if !passages.is_empty() {
                lines += &serde_json::to_string(&Line { id: &outcome.question.id, question, source: name, passages })?;
                lines.push('\n');
            }
        }
    }
    Ok(lines)
}

/// None where it cannot be told: the block answers, but perhaps not by the words that were read; or
/// nothing says where the answer stands.
fn pair(question: &Question, read: &PassageRead) -> Option<Pair> {
    if question.answerable && question.snippets().next().is_none() && question.relevant.is_empty() {
        return None;
    }
    let words = one_space(&read.words);
    let found = question.snippets().find_map(|snippet| words.find(snippet).map(|at| (at, at + snippet.len())));
    let relevant = question.answerable && question.relevant.contains(&read.place);
    let evidence = question.snippets().next().is_some();
    if found.is_none() && relevant && evidence {
        return None;
    }
    let before = read.before.chars().count();
    let characters = |bytes: usize| before + words[..bytes].chars().count();
    let answerable = question.answerable && (found.is_some() || relevant);
    let span = found.filter(|_| answerable).map(|(from, to)| (characters(from), characters(to)));
    Some(Pair { text: format!("{}{words}", read.before), answerable, span, no_answer: !answerable })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::outcome;
    use super::*;

    /// The lines for a question with these keys, for which two passages were read.
    fn lines(keys: &str) -> Vec<serde_json::Value> {
        lines_of(keys, &["where was it"])
    }

    /// The same for one in which so many were asked.
    fn lines_of(keys: &str, queries: &[&str]) -> Vec<serde_json::Value> {
        let passage = |place: &str, words: &str| PassageRead {
            place: place.into(),
            before: "Ms. Åkesson: ".into(),
            words: words.into(),
        };
        let passages =
            vec![passage("one#p-1", "“Café”: it was  held in\nNanning."), passage("one#p-2", "It was cold.")];
        let mut outcome = outcome(keys, Some(0.5), true, &[]);
        let trace = outcome.head.as_mut().map(|head| &mut head.trace).unwrap();
        trace.queries = queries.iter().map(|&query| query.to_owned()).collect();
        trace.read = Some(Read { question: "where was it".into(), passages });
        let asked = Asked { name: "set".into(), hash: String::new(), fitted: 0, outcomes: vec![outcome] };
        json_lines(&[asked]).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_question_that_does_not_say_where_its_answer_stands_makes_no_pairs() {
        assert!(lines(r#""answerable":true,"must":["Nanning"]"#).is_empty());
        assert_eq!(lines(r#""answerable":false"#).len(), 1, "what nothing answers needs no evidence");
    }

    #[test]
    fn the_words_that_answer_are_told_in_characters_of_what_was_read() {
        let lines = lines(r#""answerable":true,"evidence":["held in Nanning"]"#);
        assert_eq!(lines.len(), 1);
        let (first, second) = (&lines[0]["passages"][0], &lines[0]["passages"][1]);
        let text: Vec<char> = first["text"].as_str().unwrap().chars().collect();
        let at = |n: usize| first["span"][n].as_u64().unwrap() as usize;
        assert_eq!(text[at(0)..at(1)].iter().collect::<String>(), "held in Nanning");
        assert!(first["answerable"].as_bool().unwrap() && !first["no_answer"].as_bool().unwrap());
        assert!(!second["answerable"].as_bool().unwrap() && second["no_answer"].as_bool().unwrap());
        assert_eq!(lines[0]["question"], "where was it");
    }

    #[test]
    fn what_is_unanswerable_has_no_passage_that_answers() {
        let lines = lines(r#""answerable":false,"evidence":["held in Nanning"]"#);
        assert!(lines[0]["passages"].as_array().unwrap().iter().all(|p| p["no_answer"].as_bool().unwrap()));
    }

    #[test]
    fn questions_asked_at_once_are_left_out() {
        let keys = r#""answerable":true,"evidence":["held in Nanning"]"#;
        assert!(lines_of(keys, &["where was it", "was it cold"]).is_empty());
    }

    #[test]
    fn a_block_that_answers_by_other_words_than_were_read_is_left_out() {
        let lines = lines(r#""answerable":true,"evidence":["forty mayors"],"relevant":["one#p-2"]"#);
        assert_eq!(lines[0]["passages"].as_array().unwrap().len(), 1);
    }
}
