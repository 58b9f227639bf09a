//! What operators and their tools read: health, metrics, the API's description, the end.

use serde_json::json;

use crate::helpers::{NANNING, TestApp};

#[test]
fn health_and_readiness_say_what_serves() {
    let app = TestApp::start();
    assert_eq!(app.get("/healthz").json(), json!({"status": "ok"}));
    let ready = app.get("/readyz").json();
    assert_eq!((ready["status"].as_str(), ready["documents"].as_u64()), (Some("ready"), Some(1)));
    assert_eq!(ready["knowledge_version"], app.answer("openness?")["knowledge_version"]);
}

#[test]
fn metrics_count_answers_and_requests_without_words_of_people() {
    let app = TestApp::start();
    app.answer("What did Dr. Mei Lin say about openness?");
    app.get("/api/v1/documents/a-slug-that-someone-typed");
    app.get("/an-address-that-someone-typed");
    let text = app.metrics();
    for line in [
        "dialogdesk_answers_total{channel=\"api\",outcome=",
        "dialogdesk_answer_duration_seconds_bucket{channel=\"api\",le=",
        "dialogdesk_index_documents 1",
        "dialogdesk_index_passages ",
        "dialogdesk_build_info{version=",
        "route=\"/api/v1/documents/{slug}\"",
        "route=\"unmatched\"",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("someone-typed") && !text.contains(NANNING) && !text.contains("openness"), "{text}");
}

#[test]
fn the_description_names_every_route_with_its_errors_and_an_example() {
    let api = TestApp::start().openapi();
    let paths = api["paths"].as_object().unwrap();
    for route in [
        "/",
        "/documents/{slug}",
        "/api/v1/ask",
        "/api/v1/ask/stream",
        "/api/v1/ask/batch",
        "/api/v1/search",
        "/api/v1/feedback",
        "/api/v1/conversations/{id}",
        "/api/v1/documents",
        "/api/v1/documents/{slug}",
        "/api/v1/documents/{slug}/source",
        "/api/v1/reindex",
        "/api/v1/report",
        "/admin/report",
        "/sign-in",
        "/sign-out",
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/mcp",
        "/channels/{name}/events",
        "/channels/slack/commands",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model}",
        "/openapi.json",
    ] {
        assert!(paths.contains_key(route), "{route}");
    }
    let ask = &api["paths"]["/api/v1/ask"]["post"];
    for status in ["200", "400", "413", "415", "429", "500", "503"] {
        assert!(ask["responses"][status].is_object(), "{status}");
    }
    assert!(api["components"]["schemas"]["AskRequest"]["example"].is_object());
    assert!(api["openapi"].as_str().unwrap().starts_with("3."));
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_well() {
    let mut app = TestApp::start();
    app.answer("openness?");
    assert_eq!(app.terminate(), Some(0));
}
