//! `POST /api/v1/search`.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::helpers::{NANNING, TestApp};

fn hits(app: &TestApp, body: &Value) -> Vec<Value> {
    let seen = app.search(body);
    assert_eq!(seen.status, 200, "{}", seen.text());
    seen.json()["hits"].as_array().unwrap().clone()
}

#[test]
fn hits_have_the_shape_of_the_contract_and_one_per_anchor() {
    let app = TestApp::start();
    for mode in ["hybrid", "lexical", "dense"] {
        let found = hits(&app, &json!({"query": "smart city traffic management", "mode": mode, "limit": 20}));
        assert!(!found.is_empty(), "{mode}");
        let contract =
            "rank document title anchor kind heading speaker turn text score lexical_rank dense_rank".split(' ');
        assert_eq!(found[0].as_object().unwrap().keys().collect::<Vec<_>>(), contract.collect::<Vec<_>>());
        let anchors: HashSet<&str> = found.iter().map(|h| h["anchor"].as_str().unwrap()).collect();
        assert_eq!(anchors.len(), found.len(), "{mode}");
        for (i, hit) in found.iter().enumerate() {
            assert_eq!(hit["rank"], i + 1);
            assert_eq!(hit["document"], NANNING);
            assert!(!hit["text"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn the_limit_is_ten_and_from_1_to_100() {
    let app = TestApp::start();
    assert_eq!(hits(&app, &json!({"query": "cities"})).len(), 10);
    assert_eq!(hits(&app, &json!({"query": "cities", "limit": 1})).len(), 1);
    assert!(hits(&app, &json!({"query": "cities", "limit": 100})).len() > 10);
    for limit in [json!(0), json!(101), json!(-1), json!(1.5), json!("10"), json!(u64::MAX)] {
        let seen = app.search(&json!({"query": "cities", "limit": limit}));
        assert_eq!(seen.status, 400, "{limit}");
        assert!(seen.json()["detail"].as_str().unwrap().contains("limit"), "{limit}: {}", seen.text());
    }
}

#[test]
fn what_does_not_fit_is_a_400_that_says_what_to_change() {
    let app = TestApp::start();
    let cases = [
        (json!({}), "missing-field"),
        (json!({"query": "  "}), "empty-question"),
        (json!({"query": "x".repeat(2001)}), "question-too-long"),
        (json!({"query": "x", "mode": "fuzzy"}), "bad-value"),
        (json!({"query": "x", "question": "y"}), "unknown-field"),
        (json!({"query": "x", "documents": ["no-such"]}), "unknown-document"),
    ];
    for (body, kind) in cases {
        let seen = app.search(&body);
        assert_eq!((seen.status, seen.problem().as_str()), (400, kind), "{body}");
    }
    let empty = app.search(&json!({"query": ""})).json();
    assert!(empty["detail"].as_str().unwrap().contains("`query`"), "{empty}");
}
