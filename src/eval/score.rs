//! Is this reply right? Holds a question against its reply, by the rules of the question sets.
//!
//! Sees one reply at a time; figures over many are made in `summary`.

use serde::Serialize;

use super::questions::Question;
use super::text::one_space;
use crate::ask::{Citation, Reply};

/// What was found about one reply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    pub answered: bool,
    /// Answered rightly, or rightly refused.
    pub right: bool,
    /// What is wrong, one short sentence each; empty when right.
    pub faults: Vec<Fault>,
    /// Share of cited passages that hold evidence; absent unless answered and answerable and the
    /// set says what the evidence is.
    pub citation_precision: Option<f64>,
    /// Share of the evidence that is cited, 0 when not answered; absent where there is none to cite.
    pub citation_recall: Option<f64>,
}

/// Why a reply is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The engine gave an error instead of a reply.
    Failed(String),
    /// Answerable, but refused; with the reason of the trace.
    NotAnswered(String),
    /// The sources do not answer, but the system did.
    AnsweredThoughUnanswerable,
    /// A `must` was not found.
    MustMissing(String),
    /// A `must_not` was found.
    MustNotFound(String),
    /// No snippet of this group stands in a cited passage.
    EvidenceMissing(String),
    /// None of the relevant blocks is cited.
    NothingRelevantCited,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::NotAnswered(reason) => write!(f, "not answered ({reason})"),
            Self::AnsweredThoughUnanswerable => f.write_str("answered though unanswerable"),
            Self::MustMissing(pattern) => write!(f, "wrong quote: must /{pattern}/ not found"),
            Self::MustNotFound(pattern) => write!(f, "wrong quote: must_not /{pattern}/ found"),
            Self::EvidenceMissing(snippet) => write!(f, "evidence missing: {snippet:?}"),
            Self::NothingRelevantCited => f.write_str("none of the relevant blocks cited"),
        }
    }
}

impl Score {
    /// Holds a question against its reply.
    #[must_use]
    pub fn of(question: &Question, reply: &Reply) -> Self {
        let faults = match (reply, question.answerable) {
            (Reply::Answer(answer), true) => faults(question, &answer.head.text, &answer.citations),
            (Reply::Answer(_), false) => vec![Fault::AnsweredThoughUnanswerable],
            (Reply::Abstention(refusal), true) => {
                vec![Fault::NotAnswered(refusal.head.trace.reason.clone().unwrap_or_else(|| "no reason given".into()))]
            }
            (Reply::Abstention(_), false) => Vec::new(),
        };
        let citations: &[Citation] = match reply {
            Reply::Answer(answer) => &answer.citations,
            Reply::Abstention(_) => &[],
        };
        let answered = matches!(reply, Reply::Answer(_));
        Self {
            answered,
            right: faults.is_empty(),
            faults,
            citation_precision: (answered && question.answerable).then(|| precision(question, citations)).flatten(),
            citation_recall: question.answerable.then(|| recall(question, citations)).flatten(),
        }
    }

    /// The engine gave no reply.
    #[must_use]
    pub fn failed(question: &Question, error: &str) -> Self {
        Self {
            answered: false,
            right: false,
            faults: vec![Fault::Failed(error.to_owned())],
            citation_precision: None,
            citation_recall: question.answerable.then(|| recall(question, &[])).flatten(),
        }
    }
}

fn faults(question: &Question, answer: &str, citations: &[Citation]) -> Vec<Fault> {
    let said = said(answer, citations);
    let found = |regex: &&regex::Regex| said.iter().any(|text| regex.is_match(text));
    let must = question.must.iter().filter(|r| !found(r)).map(|r| Fault::MustMissing(r.to_string()));
    let must_not = question.must_not.iter().filter(found).map(|r| Fault::MustNotFound(r.to_string()));
    let missing = groups(question).into_iter().filter(|group| !citations.iter().any(|c| holds_any(c, group)));
    let evidence = missing.map(|group| Fault::EvidenceMissing(group.join(" | ")));
    let relevant = !question.relevant.is_empty() && !citations.iter().any(|c| is_relevant(question, c));
    let relevant = relevant.then_some(Fault::NothingRelevantCited);
    must.chain(must_not).chain(evidence).chain(relevant).collect()
}

/// What the reader of the reply is told: the answer, then each quote and whose words it is.
fn said(answer: &str, citations: &[Citation]) -> Vec<String> {
    let quoted = citations.iter().flat_map(|c| [Some(&c.quote_text), c.speaker.as_ref()]).flatten();
    std::iter::once(one_space(answer)).chain(quoted.map(|text| one_space(text))).collect()
}

/// The groups of snippets of each of which one must be cited.
fn groups(question: &Question) -> Vec<&[String]> {
    let any = (!question.evidence.is_empty()).then_some(question.evidence.as_slice());
    any.into_iter().chain(question.evidence_all.iter().map(Vec::as_slice)).collect()
}

fn holds_any(citation: &Citation, snippets: &[String]) -> bool {
    let passage = one_space(&citation.passage);
    snippets.iter().any(|snippet| passage.contains(snippet))
}

fn is_relevant(question: &Question, citation: &Citation) -> bool {
    question.relevant.contains(&format!("{}#{}", citation.document, citation.anchor))
}

/// Share of cited passages that hold a listed snippet, or else whose anchor is relevant.
fn precision(question: &Question, citations: &[Citation]) -> Option<f64> {
    let snippets: Vec<String> = question.snippets().map(str::to_owned).collect();
    if citations.is_empty() || (snippets.is_empty() && question.relevant.is_empty()) {
        return None;
    }
    let fits = |c: &&Citation| if snippets.is_empty() { is_relevant(question, c) } else { holds_any(c, &snippets) };
    Some(share(citations.iter().filter(fits).count(), citations.len()))
}

/// Share of the groups of snippets of which one is cited, or else of the relevant blocks.
fn recall(question: &Question, citations: &[Citation]) -> Option<f64> {
    let groups = groups(question);
    if !groups.is_empty() {
        let cited = groups.iter().filter(|group| citations.iter().any(|c| holds_any(c, group))).count();
        return Some(share(cited, groups.len()));
    }
    let cited = |full: &&String| citations.iter().any(|c| format!("{}#{}", c.document, c.anchor) == **full);
    (!question.relevant.is_empty())
        .then(|| share(question.relevant.iter().filter(cited).count(), question.relevant.len()))
}

#[allow(clippy::cast_precision_loss, reason = "counts of citations")]
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of as f64
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{answer, cite, corpus, refusal};
    use super::super::questions::QuestionSet;
    use super::*;

    fn question(keys: &str) -> Question {
        let line = format!(r#"{{"id":"q","question":"Who?","documents":["one"],{keys}}}"#);
        QuestionSet::parse(&line, &corpus()).unwrap().questions.remove(0)
    }

    fn score(keys: &str, reply: &Reply) -> (bool, String) {
        let score = Score::of(&question(keys), reply);
        (score.right, score.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn must_is_searched_in_answer_quotes_and_speakers_without_case() {
        let reply =
            answer("It was  held\nin Nanning [1]", vec![cite("one", "p-1", "forty mayors\ncame", Some("Mei Lin"))]);
        assert!(score(r#""answerable":true,"must":["HELD IN", "mayors came", "mei lin"]"#, &reply).0);
        let wrong = score(r#""answerable":true,"must":["Paris", "mayors"],"must_not":["lin"]"#, &reply);
        assert_eq!(wrong.1, "wrong quote: must /Paris/ not found; wrong quote: must_not /lin/ found");
    }

    #[test]
    fn evidence_is_searched_in_the_whole_passage_with_case() {
        let reply = answer("a [1]", vec![cite("one", "p-1", "a", None)]);
        assert!(score(r#""answerable":true,"evidence":["nowhere", "held in Nanning"]"#, &reply).0);
        assert!(!score(r#""answerable":true,"evidence":["held in nanning"]"#, &reply).0);
        let both = r#""answerable":true,"evidence_all":[["held in Nanning"],["forty mayors","x"]]"#;
        assert!(score(both, &reply).0);
        let one = r#""answerable":true,"evidence_all":[["held in Nanning"],["elsewhere","x"]]"#;
        assert_eq!(score(one, &reply).1, "evidence missing: \"elsewhere | x\"");
    }

    #[test]
    fn one_relevant_block_must_be_cited_besides_the_words() {
        let reply = answer("a [1]", vec![cite("one", "p-2", "a", None)]);
        assert!(score(r#""answerable":true,"relevant":["p-1","p-2"]"#, &reply).0);
        assert_eq!(
            score(r#""answerable":true,"must":["a"],"relevant":["p-1"]"#, &reply).1,
            "none of the relevant blocks cited"
        );
    }

    #[test]
    fn refusing_is_right_exactly_when_the_sources_do_not_answer() {
        assert!(score(r#""answerable":false"#, &refusal("unknown_name")).0);
        assert_eq!(score(r#""answerable":true"#, &refusal("unknown_name")).1, "not answered (unknown_name)");
        let reply = answer("a [1]", vec![cite("one", "p-1", "a", None)]);
        assert_eq!(score(r#""answerable":false"#, &reply).1, "answered though unanswerable");
    }

    #[test]
    fn precision_counts_passages_and_recall_counts_evidence() {
        let citations = vec![cite("one", "p-1", "a", None), cite("one", "p-2", "b", None)];
        let reply = answer("a [1] b [2]", citations);
        let by_snippet = Score::of(
            &question(r#""answerable":true,"evidence_all":[["held in Nanning"],["absent"],["absent too"]]"#),
            &reply,
        );
        assert_eq!(by_snippet.citation_precision, Some(0.5));
        assert_eq!(by_snippet.citation_recall, Some(1.0 / 3.0));
        let by_anchor = Score::of(&question(r#""answerable":true,"relevant":["p-2","turn-1"]"#), &reply);
        assert_eq!((by_anchor.citation_precision, by_anchor.citation_recall), (Some(0.5), Some(0.5)));
        let refused = Score::of(&question(r#""answerable":true,"relevant":["p-2"]"#), &refusal("x"));
        assert_eq!((refused.citation_precision, refused.citation_recall), (None, Some(0.0)));
        let unlabelled = Score::of(&question(r#""answerable":true"#), &reply);
        assert_eq!((unlabelled.citation_precision, unlabelled.citation_recall), (None, None));
    }
}
