//! Results for other programs: TREC runs and qrels, JUnit.

use std::fmt::Write;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run::{Asked, Outcome};
use super::score::Fault;
use super::summary::ranking;

/// The lines of a TREC run (`qid Q0 docno rank score tag`) of one ranking. Scores fall by one from
/// rank to rank, so that tools which sort by score keep our order.
#[must_use]
pub fn trec_run(collections: &[Asked], name: &str) -> String {
    let mut out = String::new();
    for (id, outcome) in with_query_ids(collections) {
        let found = outcome.trace().map_or(&[][..], |trace| ranking(trace, name));
        for (at, block) in found.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{id} Q0 {block} {} {} dialogdesk-{name}", at + 1, found.len() - at);
        }
    }
    out
}

/// The lines of TREC qrels (`qid 0 docno 1`).
#[must_use]
pub fn trec_qrels(collections: &[Asked]) -> String {
    let mut out = String::new();
    for (id, outcome) in with_query_ids(collections) {
        for block in &outcome.question.relevant {
            let _ = writeln!(out, "{id} 0 {block} 1");
        }
    }
    out
}

/// Ids as in the files; with several collections each is put below the collection's name, since two
/// files may use one id.
fn with_query_ids(collections: &[Asked]) -> impl Iterator<Item = (String, &Outcome)> {
    let several = collections.len() > 1;
    collections.iter().flat_map(move |asked| {
        asked.outcomes.iter().map(move |outcome| {
            let id = &outcome.question.id;
            (if several { format!("{}/{id}", asked.name) } else { id.clone() }, outcome)
        })
    })
}

/// One suite per collection, one case per question.
///
/// # Errors
/// When the XML cannot be written, which does not happen with text in memory.
pub fn junit(collections: &[Asked]) -> Result<String, String> {
    let mut report = Report::new("dialogdesk eval");
    for Asked { name, outcomes, .. } in collections {
        let mut suite = TestSuite::new(name.as_str());
        suite.add_test_cases(outcomes.iter().map(|outcome| case(name, outcome)));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| error.to_string())
}

fn case(collection: &str, outcome: &Outcome) -> TestCase {
    let mut case = TestCase::new(outcome.question.id.as_str(), status(outcome));
    case.set_classname(format!("{collection}.{}", outcome.question.category));
    case.set_time(Duration::from_secs_f64(outcome.milliseconds / 1000.0));
    case
}

fn status(outcome: &Outcome) -> TestCaseStatus {
    let faults = &outcome.score.faults;
    if faults.is_empty() {
        return TestCaseStatus::success();
    }
    let failed = matches!(faults[0], Fault::Failed(_));
    let mut status = TestCaseStatus::non_success(if failed { NonSuccessKind::Error } else { NonSuccessKind::Failure });
    let messages: Vec<String> = faults.iter().map(ToString::to_string).collect();
    status.set_message(messages.join("; "));
    let said = outcome.head.as_ref().map_or("", |head| head.text.as_str());
    status.set_description(format!("question: {}\nsaid: {said}", outcome.question.question));
    status
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::asked;
    use super::*;

    #[test]
    fn runs_and_qrels_are_written_as_trec_tools_read_them() {
        let mut collections = vec![asked("nanning")];
        collections[0].outcomes.truncate(2);
        let id = &collections[0].outcomes[0].question.id;
        let run = trec_run(&collections, "reranked");
        assert!(run.starts_with(&format!("{id} Q0 one#p-1 1 2 dialogdesk-reranked\n")), "{run}");
        assert!(run.contains(&format!("{id} Q0 one#p-2 2 1 dialogdesk-reranked\n")), "{run}");
        assert!(trec_qrels(&collections).starts_with(&format!("{id} 0 one#p-1 1\n")));
        assert_eq!(trec_run(&collections, "dense"), "");
    }

    #[test]
    fn ids_of_several_collections_are_kept_apart() {
        let collections = [asked("a"), asked("b")];
        let qrels = trec_qrels(&collections);
        let ids: std::collections::BTreeSet<&str> = qrels.lines().filter_map(|l| l.split(' ').next()).collect();
        assert!(ids.iter().any(|id| id.starts_with("a/")) && ids.iter().any(|id| id.starts_with("b/")), "{qrels}");
    }

    #[test]
    fn junit_tells_failures_from_errors() {
        let xml = junit(&[asked("nanning")]).unwrap();
        assert!(xml.contains(r#"tests="5""#) && xml.contains(r#"failures="2" errors="1""#), "{xml}");
        assert!(xml.contains("answered though unanswerable") && xml.contains(r#"classname="nanning.who""#), "{xml}");
    }
}
