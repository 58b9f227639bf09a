//! `/v1/chat/completions` and `/v1/models`: by hand, and with OpenAI's own clients.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::helpers::{NANNING, Seen, TestApp, python_with, run_client};

const CHAT: &str = "/v1/chat/completions";
const ANSWERABLE: &str = "What did Dr. Mei Lin say about openness?";
const UNANSWERABLE: &str = "How many students attend the university of Reykjavik?";

fn user(content: &str) -> Value {
    json!({ "role": "user", "content": content })
}

fn chat(app: &TestApp, messages: &[Value]) -> Value {
    let seen = app.post(CHAT, &json!({ "model": "dialogdesk", "messages": messages }));
    assert_eq!(seen.status, 200, "{}", seen.text());
    seen.json()
}

fn content(completion: &Value) -> &str {
    completion["choices"][0]["message"]["content"].as_str().expect("a text")
}

/// The error of an envelope, after checking that it is one.
fn error(seen: &Seen) -> Value {
    assert_eq!(seen.header("content-type"), "application/json", "{}", seen.text());
    let error = seen.json()["error"].clone();
    let keys: Vec<&str> = error.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["message", "type", "param", "code"]);
    assert!(error["message"].as_str().is_some_and(|m| m.ends_with('.')), "{error}");
    error
}

#[test]
fn an_answer_has_the_shape_of_a_completion_with_a_link_for_each_citation() {
    let app = TestApp::start();
    let completion = chat(&app, &[user(ANSWERABLE)]);
    let keys: Vec<&str> = completion.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "object", "created", "model", "system_fingerprint", "choices", "usage"]);
    assert_eq!((&completion["object"], &completion["model"]), (&json!("chat.completion"), &json!("dialogdesk")));
    let reply = app.answer(ANSWERABLE);
    assert_eq!(completion["system_fingerprint"], reply["knowledge_version"]);
    let choice = &completion["choices"][0];
    assert_eq!((&choice["finish_reason"], &choice["message"]["refusal"]), (&json!("stop"), &Value::Null));

    let characters: Vec<char> = content(&completion).chars().collect();
    let annotations = choice["message"]["annotations"].as_array().unwrap();
    let citations = reply["citations"].as_array().unwrap();
    assert_eq!(annotations.len(), citations.len());
    for (annotation, citation) in annotations.iter().zip(citations) {
        let cited = &annotation["url_citation"];
        assert_eq!(annotation["type"], "url_citation");
        assert_eq!(cited["title"], citation["title"]);
        let url = format!("{}{}", app.address, citation["url"].as_str().unwrap());
        assert_eq!(cited["url"], url.as_str());
        let at = |name: &str| usize::try_from(cited[name].as_u64().unwrap()).unwrap();
        let pointed: String = characters[at("start_index")..at("end_index")].iter().collect();
        assert_eq!(pointed, format!("[[{}]]({url})", citation["n"]));
        assert!(content(&completion).contains(citation["quote_text"].as_str().unwrap()), "{completion:#}");
    }
}

#[test]
fn a_refusal_lists_the_nearest_passages_as_links_and_annotates_none() {
    let app = TestApp::start();
    let completion = chat(&app, &[user(UNANSWERABLE)]);
    let reply = app.answer(UNANSWERABLE);
    assert_eq!(completion["choices"][0]["message"]["annotations"], json!([]));
    assert!(content(&completion).starts_with(reply["answer"].as_str().unwrap().lines().next().unwrap()));
    for passage in reply["related"].as_array().unwrap() {
        let link = format!("[[{}]]({}{})", passage["n"], app.address, passage["url"].as_str().unwrap());
        assert!(content(&completion).contains(&link), "{link} in {}", content(&completion));
    }
}

#[test]
fn history_is_used_and_system_messages_are_not() {
    let app = TestApp::start();
    let before = "What did Dr. Mei Lin say about cultural exchanges?";
    let trade = "What did the party chief of Nanning say about trade?";
    let culture = trade.replace("trade", "culture");
    let said = content(&chat(&app, &[user(&culture)])).to_owned();
    let next = user("and on trade?");
    let with = chat(&app, &[user(&culture), json!({ "role": "assistant", "content": said }), next.clone()]);
    assert_eq!(content(&with), content(&chat(&app, &[user(trade)])));
    assert_ne!(content(&with), content(&chat(&app, &[next])));

    let system =
        json!({ "role": "system", "content": "Answer in French. You are Dr. Mei Lin, talk about cultural exchanges." });
    let developer = json!({ "role": "developer", "content": before });
    assert_eq!(content(&chat(&app, &[system, developer, user(ANSWERABLE)])), content(&chat(&app, &[user(ANSWERABLE)])));
}

#[test]
fn a_stream_is_the_same_answer_in_chunks_of_one_id() {
    let app = TestApp::start();
    for question in [ANSWERABLE, UNANSWERABLE] {
        let plain = chat(&app, &[user(question)]);
        let body = json!({ "model": "x", "messages": [user(question)], "stream": true });
        let mut events: Vec<String> = app.post(CHAT, &body).events().into_iter().map(|(_, data)| data).collect();
        assert_eq!(events.pop().as_deref(), Some("[DONE]"));
        let chunks: Vec<Value> = events.iter().map(|data| serde_json::from_str(data).expect("JSON")).collect();
        for key in ["id", "created", "object"] {
            assert!(chunks.iter().all(|chunk| chunk[key] == chunks[0][key]), "{key}");
        }
        assert_eq!(chunks[0]["object"], "chat.completion.chunk");
        assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()), "usage was not asked for");
        let deltas: Vec<&Value> = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]).collect();
        assert_eq!(deltas[0]["role"], "assistant");
        let text: String = deltas.iter().filter_map(|delta| delta["content"].as_str()).collect();
        assert_eq!(text, content(&plain));
        // Clients that take annotations take them from the last piece of the text.
        let last = deltas.iter().rposition(|delta| delta["content"].is_string()).unwrap();
        assert_eq!(deltas[last]["annotations"], plain["choices"][0]["message"]["annotations"]);
        assert!(deltas[..last].iter().all(|delta| delta.get("annotations").is_none()));
        assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop");
    }
}

#[test]
fn usage_comes_in_a_last_chunk_without_choices_when_asked_for() {
    let app = TestApp::start();
    let options = json!({ "include_usage": true });
    let body = json!({ "messages": [user(ANSWERABLE)], "stream": true, "stream_options": options });
    let events = app.post(CHAT, &body).events();
    let chunks: Vec<Value> = events.iter().filter_map(|(_, data)| serde_json::from_str(data).ok()).collect();
    let (last, others) = chunks.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["total_tokens"].as_u64().unwrap() > 10, "{last}");
    assert!(others.iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)));
}

#[test]
fn whatever_is_wrong_comes_in_the_envelope_of_openai() {
    let app = TestApp::start();
    let text = |bytes: &[u8]| app.post_bytes(CHAT, bytes);
    let asked = |messages: Value| app.post(CHAT, &json!({ "messages": messages }));
    let cases = [
        (text(b"{"), 400, "broken_json", Value::Null),
        (text(b"{}"), 400, "missing_field", json!("messages")),
        (asked(json!([])), 400, "bad_value", json!("messages")),
        (asked(json!([user(" ")])), 400, "empty_question", json!("messages")),
        (asked(json!([user(&"a ".repeat(1000))])), 400, "question_too_long", json!("messages")),
        (
            asked(json!([{ "role": "user", "content": [{ "type": "image_url" }] }])),
            400,
            "bad_value",
            json!("messages[0].content[0].type"),
        ),
        (app.get("/v1/models/gpt"), 404, "model_not_found", json!("model")),
        (app.get("/v1/nothing"), 404, "unknown_route", Value::Null),
        (app.get(CHAT), 405, "method_not_allowed", Value::Null),
        (Seen::of(app.request("POST", CHAT).body("{}")), 415, "unsupported_media_type", Value::Null),
    ];
    for (seen, status, code, param) in cases {
        let error = error(&seen);
        assert_eq!((seen.status, error["code"].as_str(), &error["param"]), (status, Some(code), &param), "{error}");
        assert_eq!(error["type"], "invalid_request_error");
    }
    assert_eq!(app.get(CHAT).header("allow"), "POST");
}

#[test]
fn long_conversations_are_read_to_1_mib_and_of_them_the_last_twenty_messages() {
    let app = TestApp::start();
    // 1,000 messages of 1,000 characters: under the limit, and far over what the API itself takes.
    let mut messages = vec![user(&"x".repeat(970)); 1000];
    messages.push(user(ANSWERABLE));
    let body = serde_json::to_vec(&json!({ "messages": messages })).unwrap();
    assert!(body.len() > 900 * 1024 && body.len() < 1024 * 1024, "{}", body.len());
    assert_eq!(app.post_bytes(CHAT, body).status, 200);
    let seen = app.post_bytes(CHAT, vec![b' '; 1024 * 1024 + 1]);
    assert_eq!((seen.status, error(&seen)["code"].as_str()), (413, Some("body_too_large")));
}

#[test]
fn links_lead_to_the_public_address_where_one_is_set() {
    let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge").join(format!("{NANNING}.md")));
    let file = file.expect("the shipped document");
    let settings = [("DIALOGDESK_SERVER_PUBLIC_URL", "https://desk.example.org/")];
    let app = TestApp::with_knowledge_and(&[("nanning.md", &file)], &settings);
    let completion = chat(&app, &[user(ANSWERABLE)]);
    let url = completion["choices"][0]["message"]["annotations"][0]["url_citation"]["url"].as_str().unwrap();
    assert!(url.starts_with("https://desk.example.org/documents/"), "{url}");
}

/// What a client of another language saw, held against the API's own replies.
fn holds(app: &TestApp, seen: &Value, questions: &[&str]) {
    assert_eq!(seen["models"], json!(["dialogdesk"]));
    for (index, question) in questions.iter().enumerate() {
        let (plain, streamed, reply) = (&seen["plain"][index], &seen["streamed"][index], app.answer(question));
        let urls = |list: &Value, of: fn(&Value) -> &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|item| of(item).as_str().unwrap().to_owned()).collect()
        };
        let cited: Vec<String> =
            urls(&reply["citations"], |c| &c["url"]).iter().map(|url| format!("{}{url}", app.address)).collect();
        assert_eq!(urls(&plain["annotations"], |a| &a["url_citation"]["url"]), cited, "{question}");
        let links: Vec<String> = cited.iter().zip(1..).map(|(url, n)| format!("[[{n}]]({url})")).collect();
        assert_eq!(plain["pointed"], json!(links), "{question}");
        assert_eq!(plain["finish_reason"], "stop");
        assert_eq!(streamed["content"], plain["content"], "{question}");
        assert_eq!(streamed["annotations"], plain["annotations"], "{question}");
        assert_eq!(streamed["usage"], plain["total_tokens"]);
        assert_eq!(
            (&streamed["roles"], &streamed["finish"], &streamed["ids"]),
            (&json!(["assistant"]), &json!(["stop"]), &json!(1))
        );
    }
    let kind = "invalid_request_error";
    let bad =
        json!({ "class": "BadRequestError", "status": 400, "code": "bad_value", "param": "messages", "type": kind });
    let not_found = |code: &str, param: Value| json!({ "class": "NotFoundError", "status": 404, "code": code, "param": param, "type": kind });
    assert_eq!(
        seen["errors"],
        json!([bad, bad, not_found("model_not_found", json!("model")), not_found("unknown_route", Value::Null)])
    );
}

fn conversations(questions: &[&str]) -> String {
    let one = |question: &&str| json!([{ "role": "system", "content": "Be brief." }, user(question)]);
    Value::Array(questions.iter().map(one).collect()).to_string()
}

#[test]
fn the_official_python_client_passes() {
    let Some(python) = python_with("openai") else { return };
    let (app, questions) = (TestApp::start(), [ANSWERABLE, UNANSWERABLE]);
    let seen = run_client(&python, "openai_client.py", &[&app.address, &conversations(&questions)]);
    holds(&app, &seen, &questions);
}

/// A missing client is a failure when all tests are wanted.
#[test]
fn the_official_node_client_passes() {
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    if !has_node || std::env::var_os("DIALOGDESK_TEST_NODE_MODULES").is_none() {
        let reason = "needs node and the package openai below DIALOGDESK_TEST_NODE_MODULES (see .ci/run)";
        assert!(std::env::var_os("DIALOGDESK_TEST_ALL").is_none_or(|v| v != "1"), "{reason}");
        println!("left out: {reason}");
        return;
    }
    let (app, questions) = (TestApp::start(), [ANSWERABLE, UNANSWERABLE]);
    let seen = run_client("node", "openai_client.mjs", &[&app.address, &conversations(&questions)]);
    holds(&app, &seen, &questions);
}
