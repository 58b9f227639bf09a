//! Requests and messages as the vendors' own clients sign, check and read them.

use serde_json::{Map, Value, json};

use super::messengers::{Headers, SECRET, now};
use super::{QUESTION, Scene, quotes, shows_all};
use crate::helpers::{python_with, run_client};

/// The client signs and posts a question, and another run of it reads the message that came.
fn passes(module: &str, script: &str, messenger: &str) {
    let Some(python) = python_with(module) else { return };
    let scene = Scene::with(&[messenger]);
    let (app, place) = (&scene.app, &scene.places[0]);
    let event = place.question(QUESTION, "1").to_string();
    let posted = run_client(&python, script, &["post", &app.url(&place.messenger.path()), SECRET, &event]);
    assert_eq!(posted["status"], 200, "{posted}");
    let forged = run_client(&python, script, &["post", &app.url(&place.messenger.path()), "another-secret", &event]);
    assert_eq!(forged["status"], 401, "{forged}");
    let read = reads(&scene, &python, script);
    let buttons = read["buttons"].as_array().expect("a list");
    assert!(buttons.len() == 2 && buttons[0].as_str().is_some_and(|b| b.starts_with("up:")), "{read}");
}

/// The client takes the very request that is posted here, refuses it with another signature where
/// `signed` names the header of one, and reads the message that came.
fn agrees(module: &str, script: &str, messenger: &str, signed: Option<&str>) {
    let Some(python) = python_with(module) else { return };
    let scene = Scene::with(&[messenger]);
    let (app, place) = (&scene.app, &scene.places[0]);
    let body = (place.messenger.wrap)(&place.question(QUESTION, "1"));
    let text = String::from_utf8(body.clone()).expect("text");
    let headers = (place.messenger.sign)(&body, now(), &place.vendor);
    let take = |headers: &Headers| {
        let headers: Map<String, Value> = headers.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
        let headers = Value::Object(headers).to_string();
        run_client(&python, script, &["take", &(place.messenger.secret)(), &headers, &text])
    };
    let taken = take(&headers);
    assert!(taken["text"].as_str().is_some_and(|text| text.contains(QUESTION)), "{taken}");
    if let Some(name) = signed {
        let mut forged = headers.clone();
        let signature = &mut forged.iter_mut().find(|(n, _)| *n == name).expect("a signature").1;
        let last = signature.pop().expect("a value");
        signature.push(if last == '0' { '1' } else { '0' });
        assert!(take(&forged)["refused"].is_string());
    }
    assert_eq!(place.post_with(app, body, headers).status, 200);
    reads(&scene, &python, script);
}

/// What the client reads of the one answer: the quotes and links of the same answer over HTTP.
fn reads(scene: &Scene, python: &str, script: &str) -> Value {
    let place = &scene.places[0];
    let message = place.vendor.only(1).pop().expect("an answer");
    let read: Value = run_client(python, script, &["read", &message.raw]);
    let reply = scene.app.answer(QUESTION);
    shows_all(read["text"].as_str().expect("a text"), &quotes(&reply), place.messenger.name);
    let links: Vec<&str> = read["links"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for (link, citation) in links.iter().zip(reply["citations"].as_array().expect("a list")) {
        let url = citation["url"].as_str().expect("a text").split(":~:").next().unwrap_or_default();
        assert_eq!(*link, format!("https://desk.example.org{url}"));
    }
    assert_eq!(links.len(), quotes(&reply).len());
    read
}

#[test]
fn feishus_own_client_takes_what_is_taken_and_reads_what_is_sent() {
    agrees("lark_oapi", "feishu_client.py", "feishu", Some("x-lark-signature"));
}

#[test]
fn discords_own_client_takes_what_is_taken() {
    agrees("discord_interactions", "discord_client.py", "discord", Some("x-signature-ed25519"));
}

#[test]
fn microsofts_own_types_read_what_is_taken_and_what_is_sent() {
    agrees("microsoft_agents.activity", "teams_client.py", "teams", None);
}

#[test]
fn slacks_own_client_signs_what_is_taken_and_reads_what_is_sent() {
    passes("slack_sdk", "slack_client.py", "slack");
}

#[test]
fn lines_own_client_signs_what_is_taken_and_reads_what_is_sent() {
    passes("linebot", "line_client.py", "line");
}
