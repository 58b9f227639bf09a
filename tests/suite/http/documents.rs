//! `GET /api/v1/documents…`.

use serde_json::json;

use crate::helpers::{NANNING, Seen, TestApp, shipped_knowledge};

#[test]
fn the_list_says_what_is_served() {
    let list = TestApp::start().documents().json();
    assert_eq!(list["errors"], json!([]));
    let document = &list["documents"][0];
    let contract =
        "slug title title_is_ours publisher published place language tags source_url path speakers counts problems";
    assert_eq!(document.as_object().unwrap().keys().collect::<Vec<_>>(), contract.split(' ').collect::<Vec<_>>());
    assert_eq!(document["slug"], NANNING);
    let lin = document["speakers"].as_array().unwrap().iter().find(|s| s["name"] == "Dr. Mei Lin").expect("a speaker");
    assert!(lin["variants"].as_array().unwrap().len() > 1, "{lin}");
    assert!(document["counts"]["turns"].as_u64().unwrap() > 5);
}

#[test]
fn a_document_lists_its_blocks_by_their_bytes() {
    let app = TestApp::start();
    let detail = app.document(NANNING).json();
    let source = app.source(NANNING).text();
    let blocks = detail["blocks"].as_array().unwrap();
    assert_eq!(detail["counts"]["blocks"], blocks.len());
    for block in blocks {
        let at = |name: &str| usize::try_from(block[name].as_u64().unwrap()).unwrap();
        assert!(source.get(at("start")..at("end")).is_some_and(|t| !t.is_empty()), "{block}");
    }
    let turn = blocks.iter().find(|b| b["anchor"] == "turn-2").expect("a second turn");
    assert_eq!((turn["kind"].as_str(), turn["turn"].as_u64()), (Some("turn"), Some(2)));
    assert_eq!(turn["speaker"], "Dr. Mei Lin");
    assert!(!detail["headings"].as_array().unwrap().is_empty());
}

#[test]
fn the_source_is_the_file_byte_for_byte_under_a_validator() {
    let app = TestApp::start();
    let seen = app.source(NANNING);
    assert_eq!(seen.header("content-type"), "text/markdown; charset=utf-8");
    assert_eq!(seen.bytes, std::fs::read(shipped_knowledge().join(format!("{NANNING}.md"))).unwrap());
    let again = |tag: &str| {
        Seen::of(app.request("GET", &format!("/api/v1/documents/{NANNING}/source")).header("if-none-match", tag))
    };
    let known = again(seen.header("etag"));
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    assert_eq!(again("\"other\"").status, 200);
}

#[test]
fn an_unknown_slug_is_a_404() {
    let app = TestApp::start();
    for seen in [app.document("no-such"), app.source("no-such"), app.document("a%2fb"), app.page("no-such", "")] {
        assert_eq!((seen.status, seen.problem().as_str()), (404, "no-such-document"));
    }
}

#[test]
fn a_file_that_is_not_served_is_named_and_a_byte_order_mark_counts() {
    let app = TestApp::with_knowledge(&[
        ("good.md", b"\xef\xbb\xbf# Harbour\n\nThe harbour opens at six in the morning.\n"),
        ("sub/bad.md", b"# Broken \xff\n"),
    ]);
    let list = app.documents().json();
    assert_eq!(list["documents"].as_array().unwrap().len(), 1, "{list:#}");
    assert_eq!(list["errors"][0]["path"], "sub/bad.md");
    assert!(app.source("good").bytes.starts_with(b"\xef\xbb\xbf"));
}
