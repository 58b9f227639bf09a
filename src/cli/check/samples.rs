//! What templates are given, in samples that reach every branch: each outcome with and without all that
//! may be absent.
//!
//! The names are those of the views in `answer::compose`, `ask::refusal` and `channels::render`, and
//! only what occurs together there does here, so that no template has to be ready for more.

use serde_json::{Value, json};

use crate::answer::{Decision, Place, Shape};
use crate::channels::render::Note;

const URL: &str = "/documents/sample#p-1";

/// The samples of a template, of all messengers the same.
pub(super) fn of(name: &str) -> Vec<Value> {
    match name {
        "answer" => answers(),
        "refusal" => refusals(),
        "note" => notes(),
        _ => messages(),
    }
}

/// Answers of one part, and one of several that the sources answer in part.
fn answers() -> Vec<Value> {
    let one = [statement(Place::Main, Some("Ann Lee"), "of", 1)];
    let two = [statement(Place::Main, Some("Ann Lee"), "", 1), statement(Place::Main, None, "of", 2)];
    let list = [
        statement(Place::LeadIn, None, "", 1),
        statement(Place::Item, Some("Ann Lee"), "of", 1),
        statement(Place::Item, None, "", 2),
    ];
    let mut parts = vec![part(Some(Shape::List), Some(2), &list), part(Some(Shape::List), Some(2), &one)];
    for shape in [Shape::Fact, Shape::Quote, Shape::Several] {
        parts.extend([part(Some(shape), None, &one), part(Some(shape), None, &two)]);
    }
    for statements in [&two[..], &one[..], &[]] {
        parts.push(part(Some(Shape::Count), Some(2), statements));
    }
    let mut samples: Vec<Value> = parts.iter().map(|part| json!({ "parts": [part] })).collect();
    parts.push(part(None, None, &[]));
    samples.push(json!({ "parts": parts }));
    samples
}

fn part(shape: Option<Shape>, count: Option<usize>, statements: &[Value]) -> Value {
    json!({ "question": "Who spoke?", "shape": shape, "count": count, "statements": statements })
}

fn statement(place: Place, speaker: Option<&str>, key: &str, marks: usize) -> Value {
    let marks: Vec<Value> = (1..=marks).map(|n| json!({ "n": n, "url": URL })).collect();
    json!({
        "text": "Words of a source.",
        "before": "“Words ",
        "key": key,
        "after": " a source.”",
        "speaker": speaker,
        "place": place,
        "marks": marks,
    })
}

/// Refusals for every reason: of one question, and of two asked at once.
fn refusals() -> Vec<Value> {
    let mut samples = Vec::new();
    for reason in Decision::REASONS {
        let single = refusals_for(reason);
        samples.extend(single.iter().map(|first| {
            let mut several = first.clone();
            several["parts"] = json!([first, refusal("below_threshold", &[], 0)]);
            several
        }));
        samples.extend(single);
    }
    samples.push(refusal("language", &[], 0));
    samples
}

fn refusals_for(reason: &str) -> Vec<Value> {
    let missing: [&[&str]; 3] = [&[], &["Bergen"], &["Bergen", "Oslo", "1814"]];
    missing.iter().flat_map(|missing| (0..16).map(move |bits| refusal(reason, missing, bits))).collect()
}

/// Each bit is something that may be absent.
fn refusal(reason: &str, missing: &[&str], bits: u8) -> Value {
    let with = |bit: u8| bits & (1 << bit) != 0;
    let names_somebody = matches!(reason, "unknown_speaker" | "speaker_silent");
    let contradiction = json!({
        "text": "Words of a source.",
        "speaker": with(3).then_some("Bo Chen"),
        "url": URL,
    });
    json!({
        "question": "Who spoke?",
        "reason": reason,
        "speaker": (names_somebody || with(0)).then_some("Ann Lee"),
        "topic": if with(1) { "trade" } else { "" },
        "contradiction": (reason == "false_premise").then_some(contradiction),
        "missing": missing,
        "languages": ["English", "Thai"],
        "related": with(2),
        "item": (reason == "no_such_item").then_some(9),
        "parts": [],
    })
}

fn notes() -> Vec<Value> {
    let notes = [Note::Greeting, Note::Thanks, Note::TooLong, Note::Busy, Note::Failed];
    notes.into_iter().map(|note| json!({ "note": note })).collect()
}

/// Answers and refusals as a messenger is to show them.
fn messages() -> Vec<Value> {
    let source = |speaker: Option<&str>| {
        json!({
            "n": 1,
            "mark": "[1]",
            "title": "A dialogue",
            "speaker": speaker,
            "text": "Words of a source.",
            "url": URL,
        })
    };
    let words = json!({ "words": "Words of a source.", "url": null });
    let mark = json!({ "words": "[1]", "url": URL });
    let sources = vec![source(None), source(Some("Ann Lee"))];
    let mut samples = Vec::new();
    for read_as in [None, Some("Who spoke of trade?")] {
        let message = |answered: bool, pieces: &[&Value], sources: &[Value], suggestions: &[&str]| {
            json!({
                "answered": answered,
                "read_as": read_as,
                "pieces": pieces,
                "sources": sources,
                "suggestions": suggestions,
            })
        };
        samples.push(message(true, &[&words, &mark], &sources, &[]));
        for suggestions in [&["Who spoke?"][..], &[]] {
            samples.push(message(false, &[&words], &sources, suggestions));
            samples.push(message(false, &[&words], &[], suggestions));
        }
    }
    samples
}
