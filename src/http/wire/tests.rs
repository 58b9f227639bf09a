//! Reading requests and writing replies, without a server.

use std::time::Instant;

use serde_json::json;

use super::*;
use crate::ask::{self, Mode};

fn refused(value: serde_json::Value) -> String {
    AskRequest::read(&value, "").err().map_or_else(|| "accepted".into(), |f| format!("{}: {f}", f.kind()))
}

#[test]
fn null_absent_and_empty_mean_the_same() {
    let bare = AskRequest::read(&json!({"question": "q"}), "").unwrap();
    let null = json!({"question": "q", "history": null, "conversation_id": null, "documents": null, "locale": null,
                      "explain": null});
    let null = AskRequest::read(&null, "").unwrap();
    let empty = json!({"question": "q", "history": [], "conversation_id": "", "documents": []});
    let empty = AskRequest::read(&empty, "").unwrap();
    for read in [null, empty] {
        assert_eq!(format!("{read:?}"), format!("{bare:?}"));
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_path() {
    let history = |message| refused(json!({"question": "q", "history": [{"role": "user", "content": "a"}, message]}));
    assert_eq!(refused(json!({})), "missing-field: Add the field `question`.");
    assert_eq!(refused(json!({"question": 5})), "wrong-type: Send a string as `question`, not a number.");
    assert_eq!(refused(json!([])), "wrong-type: Send an object as the body, not a list.");
    assert!(history(json!({"role": "system", "content": "x"})).contains("`history[1].role`"));
    assert!(history(json!({"role": "user"})).contains("`history[1].content`"));
    assert!(history(json!({"role": "user", "content": "x", "name": 1})).contains("`history[1].name`"));
    assert!(refused(json!({"question": "q", "documents": ["a", 1]})).contains("`documents[1]`"));
    assert!(refused(json!({"qestion": "q", "x": 1})).contains("`qestion`, `x`"));
}

#[test]
fn a_batch_holds_1_to_64_items() {
    let of = |n: usize| BatchRequest::read(&json!({"questions": vec!["q"; n]}));
    assert!(of(1).is_ok() && of(64).is_ok());
    assert!(of(0).is_err() && of(65).is_err());
}

#[test]
fn a_batch_item_is_a_question_or_a_request() {
    assert_eq!(AskRequest::read_item(&json!("q"), "questions[0]").unwrap().question, "q");
    assert_eq!(AskRequest::read_item(&json!({"question": "q"}), "questions[0]").unwrap().question, "q");
    let failure = AskRequest::read_item(&json!(3), "questions[1]").unwrap_err();
    assert!(failure.to_string().contains("`questions[1]`"));
}

#[test]
fn a_search_has_its_defaults_and_its_modes() {
    let search = SearchRequest::read(&json!({"query": "q"})).unwrap().into_search();
    assert_eq!((search.mode, search.limit), (Mode::Hybrid, 10));
    for wrong in [
        json!({"query": "q", "mode": "fuzzy"}),
        json!({"query": "q", "limit": -1}),
        json!({"query": "q", "limit": 1.5}),
    ] {
        assert!(SearchRequest::read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn absent_values_of_a_reply_are_null_and_in_the_order_of_the_contract() {
    let head = Head {
        question: "q".into(),
        interpreted_question: "q".into(),
        confidence: 0.1,
        text: "t".into(),
        markdown: "t".into(),
        locale: "en".into(),
        knowledge_version: "k".into(),
        model: "m".into(),
        degraded: false,
        trace: Trace::default(),
    };
    let reply = Reply::Abstention(ask::Abstention { head, related: Vec::new(), suggestions: Vec::new() });
    let value = serde_json::to_value(AskReply::new(Told::new(reply, None, Instant::now()), false)).unwrap();
    let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let contract = "id question interpreted_question outcome confidence answer answer_markdown citations related \
                    suggestions conversation_id locale knowledge_version model degraded took_ms trace";
    assert_eq!(keys, contract.split_whitespace().collect::<Vec<_>>());
    assert!(value["trace"].is_null() && value["conversation_id"].is_null());
}
