//! What operators and their tools read: health, metrics, the API's description, the beginning and
//! the end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use dialogdesk::ingest::lock::BuildLock;
use serde_json::{Value, json};

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
fn until_a_snapshot_serves_the_server_lives_and_is_not_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let (knowledge, data) = (folder.path().join("knowledge"), folder.path().join("data"));
    std::fs::create_dir(&knowledge).expect("a folder");
    std::fs::write(knowledge.join("quay.md"), "# The quay\n\nThe quay was built in 1923.\n").expect("a file");
    // The server waits for whoever holds the lock before it builds its first snapshot.
    let building = BuildLock::acquire(&data).expect("the lock");
    let app = TestApp::listening_over(&knowledge, &data);
    let question = json!({"question": "When was the quay built?"});

    assert_eq!(app.get("/healthz").json(), json!({"status": "ok"}));
    for (asked, seen) in [
        ("readyz", app.get("/readyz")),
        ("ask", app.ask(&question)),
        ("stream", app.ask_stream(&question)),
        ("search", app.search(&json!({"query": "quay"}))),
        ("documents", app.documents()),
    ] {
        assert_eq!((seen.status, seen.problem().as_str()), (503, "not-ready"), "{asked}");
        assert!(!seen.header("retry-after").is_empty(), "{asked}");
    }
    let batch = app.ask_batch(&json!({"questions": [question]})).json();
    assert_eq!(batch["replies"][0]["type"], "urn:dialogdesk:problem:not-ready", "{batch}");

    drop(building);
    app.wait_until_ready();
    assert_eq!(app.ask(&question).status, 200);
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

#[cfg(unix)]
#[test]
fn what_is_asked_when_a_server_is_told_to_stop_is_answered_and_nothing_is_taken_after_that() {
    const QUESTION: &str = "What did Dr. Mei Lin say about openness?";
    let mut app = TestApp::start();
    let alone = app.answer(QUESTION)["answer"].clone();
    let body = json!({"question": QUESTION}).to_string();
    let mut asking: Vec<TcpStream> = (0..6).map(|_| begin_to_ask(&app, body.len())).collect();
    let (whole, halfway) = asking.split_at_mut(3);
    whole.iter_mut().for_each(|stream| stream.write_all(body.as_bytes()).expect("written"));

    app.tell_to_stop();
    let until = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(app.host()).is_ok() {
        assert!(Instant::now() < until, "it still listens");
        std::thread::sleep(Duration::from_millis(10));
    }
    halfway.iter_mut().for_each(|stream| stream.write_all(body.as_bytes()).expect("written"));

    for stream in &mut asking {
        assert_eq!(reply(stream)["answer"], alone);
    }
    assert_eq!(app.exit_code(), Some(0));
}

/// Sends the head of a question on a connection of its own, and waits until the server wants the
/// body: from then on the request is under way.
#[cfg(unix)]
fn begin_to_ask(app: &TestApp, length: usize) -> TcpStream {
    const WANTED: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    let head = format!(
        "POST /api/v1/ask HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\n\r\n",
        app.host()
    );
    let mut stream = TcpStream::connect(app.host()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    stream.write_all(head.as_bytes()).expect("written");
    let mut told = [0; WANTED.len()];
    stream.read_exact(&mut told).expect("an answer");
    assert_eq!(told, WANTED, "{}", String::from_utf8_lossy(&told));
    stream
}

/// The reply to a question, read to the end of the connection.
#[cfg(unix)]
fn reply(stream: &mut TcpStream) -> Value {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a whole answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}"))
}
