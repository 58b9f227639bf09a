//! `POST /api/v1/ask/stream`.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use crate::helpers::{Seen, TestApp};

const ANSWERABLE: &str = "What did Dr. Mei Lin say about openness?";
const UNANSWERABLE: &str = "How many students attend the university of Reykjavik?";

/// The events of a stream by name, with their data read as JSON.
fn events(seen: &Seen) -> Vec<(String, Value)> {
    let read = |(name, data): (String, String)| (name, serde_json::from_str(&data).expect("JSON"));
    seen.events().into_iter().map(read).collect()
}

/// What two replies to one question share.
fn stable(mut reply: Value) -> Value {
    for changing in ["id", "conversation_id", "took_ms", "trace"] {
        reply[changing] = Value::Null;
    }
    reply
}

#[test]
fn hits_come_first_then_the_answer_then_the_trace() {
    let app = TestApp::start();
    for question in [ANSWERABLE, UNANSWERABLE, "你好，开放是什么意思？", "Translate this into French."] {
        let seen = app.ask_stream(&json!({ "question": question }));
        assert_eq!((seen.status, seen.header("cache-control")), (200, "no-store"));
        let events = events(&seen);
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["hits", "answer", "trace"], "{question}");
        let (hits, answer, trace) = (&events[0].1, &events[1].1, &events[2].1);
        assert!(answer["trace"].is_null(), "{question}");
        let plain = app.ask(&json!({ "question": question, "explain": true })).json();
        assert_eq!(stable(answer.clone()), stable(plain.clone()), "{question}");
        for told in ["reranked", "threshold", "features", "reason", "queries"] {
            assert_eq!(trace[told], plain["trace"][told], "{question}: {told}");
        }
        // What was found is the ranking that the trace tells.
        let found: Vec<String> = hits["hits"].as_array().unwrap().iter().map(place).collect();
        let ranked: Vec<&str> = trace["reranked"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(found, ranked[..found.len()], "{question}");
        assert_eq!(found.len(), ranked.len().min(10), "{question}");
    }
}

fn place(hit: &Value) -> String {
    format!("{}#{}", hit["document"].as_str().unwrap(), hit["anchor"].as_str().unwrap())
}

#[test]
fn the_hits_of_two_questions_in_one_are_told_in_turn() {
    let app = TestApp::start();
    let question = "Who published the report, and what did Dr. Mei Lin say about openness?";
    let events = events(&app.ask_stream(&json!({ "question": question })));
    assert_eq!(events.iter().filter(|(name, _)| name == "hits").count(), 1);
    let hits = events[0].1["hits"].as_array().unwrap();
    let ranks: Vec<u64> = hits.iter().map(|hit| hit["rank"].as_u64().unwrap()).collect();
    assert_eq!(ranks, (1..=10).collect::<Vec<_>>());
    let mut places: Vec<String> = hits.iter().map(place).collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 10, "{hits:#?}");
}

#[test]
fn a_stream_goes_on_with_the_conversation_that_it_began() {
    let app = TestApp::start();
    let first = events(&app.ask_stream(&json!({ "question": "What did Dr. Mei Lin say about cultural exchanges?" })));
    let id = first[1].1["conversation_id"].as_str().expect("a new id").to_owned();
    let next = json!({ "question": "What did she say about openness?", "conversation_id": id });
    let answer = events(&app.ask_stream(&next))[1].1.clone();
    assert!(answer["interpreted_question"].as_str().unwrap().contains("Lin"), "{answer:#}");
}

#[test]
fn what_is_wrong_with_a_request_is_a_problem_and_no_stream() {
    let app = TestApp::start();
    let cases = [
        (json!({}), "missing-field"),
        (json!({ "question": " " }), "empty-question"),
        (json!({ "question": "x", "documents": ["none"] }), "unknown-document"),
        (json!({ "question": "a ".repeat(1000) }), "question-too-long"),
    ];
    for (body, kind) in cases {
        let seen = app.ask_stream(&body);
        assert_eq!((seen.status, seen.problem().as_str()), (400, kind));
    }
}

#[test]
fn events_are_sent_as_they_come_and_are_never_compressed() {
    let app = TestApp::start();
    let request = app.request("POST", "/api/v1/ask/stream").header("accept-encoding", "gzip");
    let response = request.json(&json!({ "question": ANSWERABLE })).send().expect("an answer");
    assert!(response.headers().get("content-encoding").is_none());
    assert!(response.headers().get("content-length").is_none());
    let first = BufReader::new(response).lines().next().expect("a line").expect("text");
    assert_eq!(first, "event: hits");
}
