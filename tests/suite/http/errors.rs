//! Whatever is wrong with a request is a problem that says what to change.

use serde_json::json;

use crate::helpers::{Seen, TestApp};

#[test]
fn a_body_that_does_not_fit_is_a_400_with_its_place() {
    let app = TestApp::start();
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "empty-body", "object"),
        (b"{\"question\":", "broken-json", "line 1"),
        (b"{\n\"question\": \"x\",,}", "broken-json", "line 2, column 17"),
        (b"{\"question\":\"\xff\"}", "not-utf-8", "offset 13"),
        (b"{\"question\":\"a\",\"question\":\"b\"}", "duplicate-field", "`question`"),
        (b"[]", "wrong-type", "an object"),
        (b"{}", "missing-field", "`question`"),
        (b"{\"question\":null}", "wrong-type", "`question`"),
        (b"{\"question\":7}", "wrong-type", "`question`"),
        (b"{\"question\":\"x\",\"qestion\":1,\"limit\":2}", "unknown-field", "`qestion`, `limit`"),
        (b"{\"question\":\"x\",\"explain\":\"yes\"}", "wrong-type", "`explain`"),
        (b"{\"question\":\"x\",\"documents\":\"a\"}", "wrong-type", "`documents`"),
        (b"{\"question\":\"x\",\"documents\":[1]}", "wrong-type", "`documents[0]`"),
        (
            b"{\"question\":\"x\",\"history\":[{\"role\":\"system\",\"content\":\"y\"}]}",
            "bad-value",
            "`history[0].role`",
        ),
        (b"{\"question\":\"x\",\"history\":[{\"role\":\"user\"}]}", "missing-field", "`history[0].content`"),
        (b"{\"question\":\" \\n\\t \"}", "empty-question", "`question`"),
        (b"{\"question\":1e999}", "broken-json", "line 1"),
    ];
    for (body, kind, place) in cases {
        let seen = app.post_bytes("/api/v1/ask", *body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!((seen.status, seen.problem().as_str()), (400, *kind), "{shown}");
        assert!(seen.json()["detail"].as_str().unwrap().contains(place), "{shown}: {}", seen.text());
    }
}

#[test]
fn limits_are_kept_to_the_character() {
    let app = TestApp::start();
    let ask = |question: &str| app.ask(&json!({ "question": question }));
    // A word of one letter is one word piece, so the first limit that is met is the one of pieces.
    assert_eq!(ask(&"ü".repeat(2001)).problem(), "question-too-long");
    assert_eq!(ask(&"a ".repeat(1000)).problem(), "question-too-long");
    assert_eq!(ask(&format!("{}openness?{}", " ".repeat(3000), " ".repeat(3000))).status, 200);
    let history = |n: usize| vec![json!({"role": "user", "content": "openness?"}); n];
    assert_eq!(app.ask(&json!({"question": "openness?", "history": history(20)})).status, 200);
    let seen = app.ask(&json!({"question": "openness?", "history": history(21)}));
    assert_eq!((seen.status, seen.problem().as_str()), (400, "history-too-long"));
}

#[test]
fn a_body_over_64_kib_is_a_413() {
    let app = TestApp::start();
    for path in ["/api/v1/ask", "/api/v1/ask/stream", "/api/v1/ask/batch", "/api/v1/search", "/api/v1/feedback"] {
        let seen = app.post_bytes(path, vec![b' '; 64 * 1024 + 1]);
        assert_eq!((seen.status, seen.problem().as_str()), (413, "body-too-large"), "{path}");
    }
    assert_eq!(app.post_bytes("/api/v1/ask", vec![b' '; 64 * 1024]).status, 400);
}

#[test]
fn a_body_that_is_not_declared_as_json_is_a_415() {
    let app = TestApp::start();
    let send = |content_type: Option<&str>| {
        let request = app.request("POST", "/api/v1/ask").body(r#"{"question":"openness?"}"#);
        Seen::of(match content_type {
            Some(given) => request.header("content-type", given),
            None => request,
        })
    };
    for wrong in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        let seen = send(wrong);
        assert_eq!((seen.status, seen.problem().as_str()), (415, "unsupported-media-type"), "{wrong:?}");
    }
    assert_eq!(send(Some("Application/JSON; charset=utf-8")).status, 200);
    let gzip = app
        .request("POST", "/api/v1/ask")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    assert_eq!(Seen::of(gzip.body("x")).problem(), "unsupported-content-encoding");
}

#[test]
fn an_unknown_route_is_a_404_and_another_method_a_405_that_names_the_right_one() {
    let app = TestApp::start();
    for path in [
        "/nothing",
        "/api/v1/",
        "/api/v1/ask/",
        "/api/v2/ask",
        "/documents",
        "/assets/nothing.css",
        "/..%2f..%2fetc",
        "/%ff",
    ] {
        let seen = app.get(path);
        assert_eq!((seen.status, seen.problem().starts_with("unknown-route")), (404, true), "{path}");
    }
    for (path, operations) in app.openapi()["paths"].as_object().unwrap() {
        let named = |path: String, name: &&str| path.replace(&format!("{{{name}}}"), "x");
        let path = ["slug", "name", "model", "id"].iter().fold(path.clone(), named);
        let has = |method| operations.get(method).is_some();
        let allowed = match (has("get"), has("post"), has("delete")) {
            // What vendors send, and no HEAD.
            (true, true, _) if path.starts_with("/channels/") => "GET, POST",
            (true, true, _) => "GET, HEAD, POST",
            (_, true, _) => "POST",
            (_, _, true) => "GET, HEAD, DELETE",
            _ => "GET, HEAD",
        };
        let seen = Seen::of(app.request("PATCH", &path));
        assert_eq!((seen.status, seen.header("allow")), (405, allowed), "{path}");
        if path.starts_with("/v1/") {
            assert_eq!(seen.json()["error"]["code"], "method_not_allowed", "{path}");
        } else {
            assert_eq!(seen.problem(), "method-not-allowed", "{path}");
        }
    }
}

#[test]
fn nothing_internal_reaches_a_client() {
    let app = TestApp::start();
    for seen in [app.get("/nothing"), app.ask(&json!({"question": 1})), app.page("no-such", "")] {
        let text = seen.text();
        for internal in ["src/", ".rs", "panicked", "serde", env!("CARGO_MANIFEST_DIR")] {
            assert!(!text.contains(internal), "{internal} in {text}");
        }
    }
}
