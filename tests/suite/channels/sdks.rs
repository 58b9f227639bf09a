//! Requests signed and messages read by the official clients of Slack and LINE.

use serde_json::Value;

use super::messengers::SECRET;
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
    let message = place.vendor.only(1).pop().expect("an answer");
    let read: Value = run_client(&python, script, &["read", &message.raw]);
    let reply = app.answer(QUESTION);
    shows_all(read["text"].as_str().expect("a text"), &quotes(&reply), messenger);
    let links: Vec<&str> = read["links"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for (link, citation) in links.iter().zip(reply["citations"].as_array().expect("a list")) {
        let url = citation["url"].as_str().expect("a text").split(":~:").next().unwrap_or_default();
        assert_eq!(*link, format!("https://desk.example.org{url}"));
    }
    assert_eq!(links.len(), quotes(&reply).len());
    let buttons = read["buttons"].as_array().expect("a list");
    assert!(buttons.len() == 2 && buttons[0].as_str().is_some_and(|b| b.starts_with("up:")), "{read}");
}

#[test]
fn slacks_own_client_signs_what_is_taken_and_reads_what_is_sent() {
    passes("slack_sdk", "slack_client.py", "slack");
}

#[test]
fn lines_own_client_signs_what_is_taken_and_reads_what_is_sent() {
    passes("linebot", "line_client.py", "line");
}
