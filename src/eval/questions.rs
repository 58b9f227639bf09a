//! Question sets: what a line of the file says and what is wrong with it.
//!
//! Parses and checks against the served corpus; how a reply is judged is told in `score`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::text::one_space;
use crate::ask::{Ask, Message, Role};
use crate::corpus::{Anchor, Corpus};

/// One line of a question set.
#[derive(Debug, Clone)]
pub struct Question {
    pub id: String,
    /// Groups the figures; `-` when absent.
    pub category: String,
    pub question: String,
    /// Earlier questions of the user, oldest first.
    pub history: Vec<String>,
    /// Slugs the question is asked of; empty means all.
    pub documents: Vec<String>,
    pub answerable: bool,
    /// Every one must be found, case-insensitively.
    pub must: Vec<Regex>,
    /// None may be found.
    pub must_not: Vec<Regex>,
    /// Snippets with white space as one space; one is enough.
    pub evidence: Vec<String>,
    /// One of each group must be cited.
    pub evidence_all: Vec<Vec<String>>,
    /// `slug#anchor` of the relevant blocks.
    pub relevant: Vec<String>,
}

/// What is wrong with a question set, with its line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    pub line: usize,
    pub message: String,
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The questions, and what looks like a slip but does not keep the set from being run.
#[derive(Debug, Default)]
pub struct QuestionSet {
    pub questions: Vec<Question>,
    pub warnings: Vec<LineProblem>,
}

/// Why a question set cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum QuestionsError {
    #[error("{file} cannot be read: {error}")]
    Unreadable { file: String, error: std::io::Error },
    #[error("{file} has {} problem(s):{}", problems.len(), listed(problems))]
    Wrong { file: String, problems: Vec<LineProblem> },
}

fn listed(problems: &[LineProblem]) -> String {
    problems.iter().map(|p| format!("\n  {p}")).collect()
}

/// A line as written. Absent keys and `null` are the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    category: Option<String>,
    question: String,
    history: Option<Vec<String>>,
    documents: Option<Vec<String>>,
    answerable: bool,
    must: Option<Vec<String>>,
    must_not: Option<Vec<String>>,
    evidence: Option<Vec<String>>,
    evidence_all: Option<Vec<Vec<String>>>,
    relevant: Option<Vec<String>>,
    #[serde(rename = "note")]
    _note: Option<serde_json::Value>,
    #[serde(rename = "turn")]
    _turn: Option<serde_json::Value>,
    #[serde(rename = "correction_evidence")]
    _correction_evidence: Option<serde_json::Value>,
}

impl QuestionSet {
    /// Reads a file and checks it against the documents that are served.
    ///
    /// # Errors
    /// [`QuestionsError`] with every line that is wrong.
    pub fn read(file: &Path, corpus: &Corpus) -> Result<Self, QuestionsError> {
        let name = file.display().to_string();
        let text =
            std::fs::read_to_string(file).map_err(|error| QuestionsError::Unreadable { file: name.clone(), error })?;
        Self::parse(&text, corpus).map_err(|problems| QuestionsError::Wrong { file: name, problems })
    }

    /// Parses JSON Lines; empty lines are skipped.
    ///
    /// # Errors
    /// Every line that is wrong.
    pub fn parse(text: &str, corpus: &Corpus) -> Result<Self, Vec<LineProblem>> {
        let mut set = Self::default();
        let mut problems = Vec::new();
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let at = |message| LineProblem { line: index + 1, message };
            match parse_line(line, corpus) {
                Err(messages) => problems.extend(messages.into_iter().map(at)),
                Ok(question) => {
                    if let Some(first) = ids.insert(question.id.clone(), index + 1) {
                        problems.push(at(format!("the id {:?} stands on line {first} already", question.id)));
                    }
                    set.warnings.extend(slips(&question, corpus).into_iter().map(at));
                    set.questions.push(question);
                }
            }
        }
        if problems.is_empty() { Ok(set) } else { Err(problems) }
    }
}

impl Question {
    /// The question as it is put to the engine.
    #[must_use]
    pub fn ask(&self) -> Ask {
        let history = self.history.iter().map(|content| Message { role: Role::User, content: content.clone() });
        Ask {
            question: self.question.clone(),
            history: history.collect(),
            documents: self.documents.clone(),
            locale: None,
            explain: true,
        }
    }

    /// Every snippet that counts as evidence.
    pub fn snippets(&self) -> impl Iterator<Item = &str> {
        self.evidence.iter().chain(self.evidence_all.iter().flatten()).map(String::as_str)
    }
}

fn parse_line(line: &str, corpus: &Corpus) -> Result<Question, Vec<String>> {
    let line: Line = serde_json::from_str(line).map_err(|error| vec![json_message(&error)])?;
    let mut wrong = Vec::new();
    if line.id.is_empty() || line.id.contains(char::is_whitespace) {
        wrong.push(format!("the id {:?} must be a text without white space", line.id));
    }
    if line.question.trim().is_empty() {
        wrong.push("the question is empty".to_owned());
    }
    let documents = line.documents.unwrap_or_default();
    for slug in documents.iter().filter(|slug| corpus.document(slug).is_none()) {
        wrong.push(format!("there is no document {slug:?}; served are {}", known(corpus)));
    }
    let must = patterns(line.must, &mut wrong);
    let must_not = patterns(line.must_not, &mut wrong);
    let evidence_all = line.evidence_all.unwrap_or_default();
    if evidence_all.iter().any(Vec::is_empty) {
        wrong.push("evidence_all holds an empty list, of which nothing can be cited".to_owned());
    }
    let mut relevant = Vec::new();
    let mut seen = BTreeSet::new();
    for anchor in line.relevant.unwrap_or_default() {
        match full_anchor(&anchor, &documents, corpus) {
            Ok(full) if seen.insert(full.clone()) => relevant.push(full),
            Ok(_) => {}
            Err(message) => wrong.push(message),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Question {
        id: line.id,
        category: line.category.filter(|c| !c.is_empty()).unwrap_or_else(|| "-".to_owned()),
        question: line.question,
        history: line.history.unwrap_or_default(),
        documents,
        answerable: line.answerable,
        must,
        must_not,
        evidence: snippets(line.evidence.unwrap_or_default()),
        evidence_all: evidence_all.into_iter().map(snippets).collect(),
        relevant,
    })
}

/// serde_json's message without its own "at line 1 column n", which would name a wrong line.
fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    format!("{message} (column {})", error.column())
}

fn snippets(texts: Vec<String>) -> Vec<String> {
    texts.iter().map(|text| one_space(text)).collect()
}

fn patterns(texts: Option<Vec<String>>, wrong: &mut Vec<String>) -> Vec<Regex> {
    let mut built = Vec::new();
    for text in texts.unwrap_or_default() {
        match RegexBuilder::new(&text).case_insensitive(true).build() {
            Ok(regex) => built.push(regex),
            Err(error) => wrong.push(format!("{text:?} is not a regular expression: {error}")),
        }
    }
    built
}

/// `slug#anchor`, where a bare anchor belongs to the only document asked of or served.
fn full_anchor(text: &str, documents: &[String], corpus: &Corpus) -> Result<String, String> {
    let (slug, anchor) = match text.split_once('#') {
        Some(both) => both,
        None => (only_document(documents, corpus).ok_or_else(|| bare(text))?, text),
    };
    Anchor::parse(anchor).map_err(|error| format!("{text:?}: {error}"))?;
    if corpus.document(slug).is_none() {
        return Err(format!("{text:?}: there is no document {slug:?}; served are {}", known(corpus)));
    }
    Ok(format!("{slug}#{anchor}"))
}

fn bare(anchor: &str) -> String {
    format!("the anchor {anchor:?} needs its document (\"slug#{anchor}\"), or exactly one in documents or served")
}

fn only_document<'a>(documents: &'a [String], corpus: &'a Corpus) -> Option<&'a str> {
    match (documents, corpus.documents.as_slice()) {
        ([one], _) => Some(one),
        ([], [one]) => Some(&one.slug),
        _ => None,
    }
}

/// At most ten slugs, so that a message stays readable.
fn known(corpus: &Corpus) -> String {
    let slugs: Vec<&str> = corpus.documents.iter().map(|d| d.slug.as_str()).collect();
    let rest = slugs.len().saturating_sub(10);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", slugs[..slugs.len() - rest].join(", "))
}

/// Anchors and snippets that stand nowhere: likely a slip of the pen.
fn slips(question: &Question, corpus: &Corpus) -> Vec<String> {
    let missing = |full: &&String| {
        let (slug, anchor) = full.split_once('#').unwrap_or((full, ""));
        let document = corpus.document(slug).map(|at| &corpus.documents[at]);
        let anchor = Anchor::parse(anchor).ok();
        document.zip(anchor).is_none_or(|(d, a)| d.block_at(&a).is_none())
    };
    let anchors = question.relevant.iter().filter(missing).map(|full| format!("no block has the anchor {full}"));
    let asked = |slug: &String| question.documents.is_empty() || question.documents.contains(slug);
    let stands = |snippet: &str| {
        let documents = corpus.documents.iter().filter(|d| asked(&d.slug));
        documents.flat_map(|d| &d.blocks).any(|block| block.text.text.contains(snippet))
    };
    let distinct: BTreeSet<&str> = question.snippets().collect();
    let snippets = distinct.into_iter().filter(|s| !stands(s)).map(|s| format!("no block holds the snippet {s:?}"));
    anchors.chain(snippets).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::corpus;
    use super::*;

    fn problems(lines: &str) -> String {
        let problems = QuestionSet::parse(lines, &corpus()).expect_err("should be refused");
        problems.iter().map(|p| format!("{p}\n")).collect()
    }

    #[test]
    fn a_full_line_is_read() {
        let line = r#"{"id":"a","category":"c","question":"Who?","history":["Before?"],"documents":["one"],
            "answerable":true,"must":["lin"],"must_not":["x"],"evidence":["held  in\nNanning"],
            "evidence_all":[["a"],["b","c"]],"relevant":["p-1","two#p-1","p-1"],"note":"n","turn":3,
            "correction_evidence":["z"]}"#
            .replace('\n', " ");
        let set = QuestionSet::parse(&line, &corpus()).unwrap();
        let question = &set.questions[0];
        assert_eq!(question.relevant, ["one#p-1", "two#p-1"]);
        assert_eq!(question.evidence, ["held in Nanning"]);
        assert!(question.must[0].is_match("Dr. LIN"));
        assert_eq!(question.ask().history[0].role, Role::User);
    }

    #[test]
    fn every_wrong_line_is_named() {
        let lines = [
            r#"{"id":"a","question":"q","answerable":true,"musst":["x"]}"#,
            r#"{"id":"b","question":"q"}"#,
            "",
            r#"{"id":"c","question":"q","answerable":true,"must":["("]}"#,
            r#"{"id":"d","question":"q","answerable":true}"#,
            r#"{"id":"d","question":"q","answerable":true}"#,
            r#"{"id":"e e","question":" ","answerable":true,"documents":["three"]}"#,
            r#"{"id":"f","question":"q","answerable":true,"relevant":["p-1"]}"#,
        ];
        let problems = problems(&lines.join("\n"));
        for expected in [
            "line 1: unknown field `musst`",
            "line 2: missing field `answerable`",
            "line 4: \"(\" is not a regular expression",
            "line 6: the id \"d\" stands on line 5 already",
            "line 7: the id \"e e\"",
            "line 7: the question is empty",
            "line 7: there is no document \"three\"; served are one, two",
            "line 8: the anchor \"p-1\" needs its document",
        ] {
            assert!(problems.contains(expected), "{expected:?} is missing in:\n{problems}");
        }
    }

    #[test]
    fn an_anchor_or_snippet_that_stands_nowhere_is_a_warning() {
        let line = r#"{"id":"a","question":"q","documents":["one"],"answerable":true,
            "evidence":["nowhere"],"relevant":["p-9"]}"#
            .replace('\n', " ");
        let set = QuestionSet::parse(&line, &corpus()).unwrap();
        let warnings: Vec<String> = set.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings,
            ["line 1: no block has the anchor one#p-9", "line 1: no block holds the snippet \"nowhere\""]
        );
    }
}
