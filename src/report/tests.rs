//! Reports over a database of the tests' own.

use std::collections::BTreeSet;

use super::question_set::{Choice, choose};
use super::*;
use crate::store::{Entry, Feedback, StoreOptions};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + 60 * minute).unwrap()
}

fn entry(reply_id: &str, question: &str, outcome: Outcome) -> Entry {
    Entry {
        reply_id: reply_id.to_owned(),
        at: at(0),
        channel: "api",
        conversation_id: None,
        question: question.to_owned(),
        interpreted_question: question.to_owned(),
        history: Vec::new(),
        documents: Vec::new(),
        outcome,
        confidence: 0.1,
        knowledge_version: "k".to_owned(),
        took_ms: 1.0,
        citations: vec!["a#p-1".to_owned()],
    }
}

/// A store with (question, outcome, channel) a minute apart; ids are `r0`, `r1`, ….
fn store(asked: &[(&str, Outcome, &'static str)]) -> Store {
    let store = Store::in_memory(StoreOptions::default()).unwrap();
    for (n, (question, outcome, channel)) in asked.iter().enumerate() {
        let entry = entry(&format!("r{n}"), question, *outcome);
        let (at, confidence) = (at(n as i64), 0.1 * (n + 1) as f64);
        store.note(&Entry { at, channel, confidence, ..entry }, None);
    }
    store
}

fn rate(store: &Store, reply: &str, rating: Rating, comment: Option<&str>) {
    let feedback = Feedback { rating, comment: comment.map(str::to_owned) };
    assert!(store.rate(reply, feedback, at(99)).unwrap().is_some());
}

use Outcome::{Abstained, Answered};

#[test]
fn refusals_are_counted_by_channel_and_by_question_however_it_is_spelt() {
    let store = store(&[
        ("Who came?", Answered, "web"),
        ("Where is the orchard?", Abstained, "web"),
        ("where is  the ORCHARD", Abstained, "slack"),
        ("Why?", Abstained, "api"),
    ]);
    let report = Report::read(&store, Timestamp::MIN).unwrap();
    assert_eq!((report.all, report.all.refusal_rate()), (Count { questions: 4, refused: 3 }, Some(0.75)));
    let channels: Vec<(&str, usize, usize)> =
        report.channels.iter().map(|(name, count)| (name.as_str(), count.questions, count.refused)).collect();
    assert_eq!(channels, [("api", 1, 1), ("slack", 1, 1), ("web", 2, 1)]);
    let refused: Vec<(&str, usize)> = report.refused.iter().map(|q| (q.question.as_str(), q.times)).collect();
    assert_eq!(refused, [("where is  the ORCHARD", 2), ("Why?", 1)]);
    assert!((report.refused[0].confidence - 0.3).abs() < 1e-9 && report.refused[0].last_asked == at(2));
    let later = Report::read(&store, at(3)).unwrap();
    assert_eq!((later.all.questions, later.refused.len()), (1, 1));
    let none = Report::read(&store, at(50)).unwrap();
    assert_eq!((none.all.refusal_rate(), none.channels.len()), (None, 0));
}

#[test]
fn the_last_replies_that_were_rated_down_come_first_with_their_comments() {
    let store = store(&[("a?", Answered, "web"), ("b?", Answered, "web"), ("c?", Abstained, "web")]);
    rate(&store, "r0", Rating::Down, Some("not this"));
    rate(&store, "r1", Rating::Up, None);
    rate(&store, "r2", Rating::Down, None);
    let report = Report::read(&store, Timestamp::MIN).unwrap();
    assert_eq!((report.rated_up, report.rated_down), (1, 2));
    let low: Vec<&str> = report.low_rated.iter().map(|q| q.reply_id.as_str()).collect();
    assert_eq!(low, ["r2", "r0"]);
    assert_eq!(report.low_rated[1].feedback.as_ref().unwrap().comment.as_deref(), Some("not this"));
}

#[test]
fn whatever_was_asked_is_among_the_last_questions_with_its_rating() {
    let store = store(&[("a?", Answered, "web"), ("b?", Abstained, "web"), ("c?", Answered, "api")]);
    rate(&store, "r0", Rating::Up, None);
    let report = Report::read(&store, Timestamp::MIN).unwrap();
    let recent: Vec<(&str, Option<Rating>)> =
        report.recent.iter().map(|q| (q.reply_id.as_str(), q.feedback.as_ref().map(|f| f.rating))).collect();
    assert_eq!(recent, [("r2", None), ("r1", None), ("r0", Some(Rating::Up))]);
}

#[test]
fn the_lists_are_bounded_and_questions_without_texts_are_counted() {
    let questions: Vec<String> = (0..200).map(|n| format!("Question {n}?")).collect();
    let asked: Vec<_> = questions.iter().map(|q| (q.as_str(), Abstained, "api")).collect();
    let store = store(&asked);
    (0..200).for_each(|n| rate(&store, &format!("r{n}"), Rating::Down, None));
    let report = Report::read(&store, Timestamp::MIN).unwrap();
    assert_eq!((report.refused.len(), report.low_rated.len(), report.rated_down), (LISTED, LISTED, 200));
    assert_eq!((report.low_rated[0].reply_id.as_str(), report.recent.len()), ("r199", LISTED));
    assert_eq!(report.without_text, 0);
}

#[test]
fn what_was_refused_and_what_was_rated_down_become_a_question_set_that_says_what_it_rests_on() {
    let store = store(&[
        ("Refused?", Abstained, "web"),
        ("Refused?", Abstained, "web"),
        ("Refused and complained of?", Abstained, "web"),
        ("Answered badly?", Answered, "web"),
        ("Answered well?", Answered, "web"),
    ]);
    rate(&store, "r2", Rating::Down, Some("it is in the report"));
    rate(&store, "r3", Rating::Down, None);
    let lines = |choice| {
        let chosen = choose(&store, Timestamp::MIN, choice, &BTreeSet::new()).unwrap();
        let lines: Vec<serde_json::Value> = chosen.lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), chosen.questions);
        lines
    };
    let short = |line: &serde_json::Value| (line["id"].as_str().unwrap().to_owned(), line["answerable"] == true);
    let named = |choice| lines(choice).iter().map(short).collect::<Vec<_>>();
    let of = |list: &[(&str, bool)]| list.iter().map(|(id, a)| ((*id).to_owned(), *a)).collect::<Vec<_>>();
    assert_eq!(named(Choice::Refused), of(&[("r1", false), ("r2", true)]));
    assert_eq!(named(Choice::LowRated), of(&[("r2", true), ("r3", true)]));
    assert_eq!(named(Choice::Failures), of(&[("r1", false), ("r2", true), ("r3", true)]));
    assert_eq!(named(Choice::All).len(), 4);
    let notes: Vec<String> =
        lines(Choice::Failures).iter().map(|line| line["note"].as_str().unwrap().to_owned()).collect();
    assert!(notes[0].contains("asked 2 times") && notes[0].contains("taken to be unanswerable"), "{}", notes[0]);
    assert!(notes[1].contains("\"it is in the report\"") && notes[1].contains("answerable"), "{}", notes[1]);
    assert!(notes[2].contains("from a#p-1, rated down"), "{}", notes[2]);
}

#[test]
fn questions_of_documents_that_are_gone_and_without_texts_are_left_out_and_counted() {
    let store = Store::in_memory(StoreOptions { texts: false, ..StoreOptions::default() }).unwrap();
    let entry = |id: &str, documents: &[&str]| Entry {
        history: vec!["before?".to_owned()],
        documents: documents.iter().map(|d| (*d).to_owned()).collect(),
        ..entry(id, "q?", Abstained)
    };
    store.note(&entry("r0", &[]), None);
    let served: BTreeSet<String> = ["here".to_owned()].into();
    let chosen = choose(&store, Timestamp::MIN, Choice::All, &served).unwrap();
    assert_eq!((chosen.questions, chosen.without_text), (0, 1));
    assert_eq!(Report::read(&store, Timestamp::MIN).unwrap().without_text, 1);
    let store = Store::in_memory(StoreOptions::default()).unwrap();
    store.note(&entry("r1", &["gone"]), None);
    store.note(&entry("r2", &["here"]), None);
    let chosen = choose(&store, Timestamp::MIN, Choice::All, &served).unwrap();
    assert_eq!((chosen.questions, chosen.without_document), (1, 1));
    assert!(chosen.lines.contains("\"history\":[\"before?\"]") && chosen.lines.contains("\"documents\":[\"here\"]"));
}

#[test]
fn a_complaint_about_an_earlier_reply_stays_with_the_question() {
    let store = store(&[("Where?", Abstained, "web"), ("Where?", Abstained, "web")]);
    rate(&store, "r0", Rating::Down, Some("page 3"));
    rate(&store, "r1", Rating::Up, None);
    let chosen = choose(&store, Timestamp::MIN, Choice::All, &BTreeSet::new()).unwrap();
    assert_eq!(chosen.questions, 1);
    let line: serde_json::Value = serde_json::from_str(&chosen.lines).unwrap();
    assert_eq!(
        (&line["id"], &line["category"], &line["answerable"]),
        (&"r1".into(), &"low-rated".into(), &true.into())
    );
    assert!(line["note"].as_str().unwrap().contains("rated down: \"page 3\""), "{line}");
}

#[test]
fn the_refused_questions_that_are_told_apart_are_bounded_and_all_are_counted() {
    let store = store(&[("q?", Abstained, "web")]);
    let mut logged = Vec::new();
    store.each_question(Timestamp::MIN, &mut |one| logged.push(one)).unwrap();
    let mut tally = Tally::default();
    for n in 0..TOLD_APART + 10 {
        tally.add(Logged { interpreted_question: Some(format!("q{n}")), ..logged[0].clone() });
    }
    assert_eq!((tally.refused.len(), tally.all.refused), (TOLD_APART, TOLD_APART + 10));
    tally.add(Logged { interpreted_question: Some("q0".to_owned()), ..logged[0].clone() });
    assert_eq!(tally.refused["q0"].times, 2, "one that is known goes on being counted");
}
