//! What is kept of questions: conversations, feedback, the log; and what is not.

use std::path::Path;

use serde_json::{Value, json};

use crate::helpers::{Seen, TestApp, binary, shipped_knowledge};

const FIRST: &str = "What did Dr. Mei Lin say about cultural exchanges?";
const NEXT: &str = "and on openness?";

fn ask_in(app: &TestApp, question: &str, conversation: &Value) -> Value {
    let seen = app.ask(&json!({ "question": question, "conversation_id": conversation, "explain": true }));
    assert_eq!(seen.status, 200, "{}", seen.text());
    seen.json()
}

fn id(value: &Value) -> &str {
    value.as_str().expect("an id")
}

/// Whether a text stands in any file of the database.
fn on_disk(data: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(data).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of_database = |path: &std::path::PathBuf| path.display().to_string().contains("dialogdesk.db");
    let holds = |path| std::fs::read(path).expect("a file").windows(text.len()).any(|w| w == text.as_bytes());
    files.filter(of_database).any(holds)
}

fn rows(data: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(data.join("dialogdesk.db")).expect("a database");
    connection.query_row(sql, [], |row| row.get(0)).expect("a row")
}

#[test]
fn a_conversation_is_shown_again_as_it_was_sent_and_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with_data(folder.path(), &[], &[]);
    let first = ask_in(&app, FIRST, &Value::Null);
    let next = ask_in(&app, NEXT, &first["conversation_id"]);
    let conversation = id(&first["conversation_id"]);
    let rated = json!({ "reply_id": next["id"], "rating": "up", "comment": " an apt comment " });
    assert_eq!(app.feedback(&rated).status, 200);

    let shown = app.conversation(conversation).json();
    assert_eq!(shown["id"], first["conversation_id"]);
    let time = |value: &Value| value.as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok()).expect("a time");
    assert!(time(&shown["created"]) <= time(&shown["updated"]));
    for (exchange, sent) in shown["exchanges"].as_array().expect("a list").iter().zip([&first, &next]) {
        let mut sent = sent.clone();
        assert!(sent["trace"].is_object());
        sent["trace"] = Value::Null;
        assert_eq!(exchange["reply"], sent);
        time(&exchange["at"]);
    }
    let feedback = |n: usize| shown["exchanges"][n]["feedback"].clone();
    assert_eq!((feedback(0), feedback(1)), (Value::Null, json!({ "rating": "up", "comment": "an apt comment" })));
    assert_eq!(shown["exchanges"].as_array().map(Vec::len), Some(2));

    assert!(on_disk(folder.path(), FIRST) && on_disk(folder.path(), "an apt comment"));
    let deleted = app.delete_conversation(conversation);
    assert_eq!((deleted.status, deleted.bytes.len()), (204, 0));
    for text in [FIRST, NEXT, "an apt comment", conversation] {
        assert!(!on_disk(folder.path(), text), "{text} is still there");
    }
    assert_eq!(app.conversation(conversation).problem(), "no-such-conversation");
    assert_eq!(app.delete_conversation(conversation).status, 404);
    assert_eq!(rows(folder.path(), "SELECT count(*) FROM questions"), 2);
    let alone = ask_in(&app, NEXT, &first["conversation_id"]);
    assert!(!id(&alone["interpreted_question"]).contains("Lin"), "{alone}");
}

#[test]
fn a_follow_up_is_understood_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let conversation = {
        let mut app = TestApp::with_data(folder.path(), &[], &[]);
        let reply = ask_in(&app, FIRST, &Value::Null);
        // Not asked to stop: what is written must be there after a crash as well.
        app.kill();
        reply["conversation_id"].clone()
    };
    let app = TestApp::with_data(folder.path(), &[], &[]);
    let reply = ask_in(&app, NEXT, &conversation);
    assert!(id(&reply["interpreted_question"]).contains("Lin"), "{reply}");
    let shown = app.conversation(id(&conversation)).json();
    assert_eq!(shown["exchanges"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_a_client_brought_is_understood_after_a_restart_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = json!([{ "role": "user", "content": FIRST }]);
    let body = json!({ "question": "openness?", "history": history, "conversation_id": "mine" });
    assert_eq!(TestApp::with_data(folder.path(), &[], &[]).ask(&body).status, 200);
    let reply = ask_in(&TestApp::with_data(folder.path(), &[], &[]), "and about trade?", &json!("mine"));
    assert!(id(&reply["interpreted_question"]).contains("Lin"), "{reply}");
}

#[test]
fn without_a_log_no_question_is_stored_and_feedback_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let app = TestApp::with_data(folder.path(), &[], &["--no-log"]);
        let first = ask_in(&app, FIRST, &json!("an id that tells of cultural exchanges"));
        let next = ask_in(&app, NEXT, &first["conversation_id"]);
        assert!(id(&next["interpreted_question"]).contains("Lin"), "follow-ups go on: {next}");
        let rated = app.feedback(&json!({ "reply_id": next["id"], "rating": "down", "comment": FIRST })).json();
        assert_eq!(rated, json!({ "reply_id": next["id"], "rating": "down", "comment": null }));
        assert_eq!(app.conversation(id(&ask_in(&app, FIRST, &Value::Null)["conversation_id"])).status, 404);
        let messages =
            json!({ "messages": [{ "role": "user", "content": FIRST }, { "role": "user", "content": NEXT }] });
        assert_eq!(app.post("/v1/chat/completions", &messages).status, 200);
    }
    assert_eq!(rows(folder.path(), "SELECT count(*) FROM questions"), 4);
    assert_eq!(rows(folder.path(), "SELECT count(*) FROM feedback WHERE rating = 'down'"), 1);
    for text in ["cultural", "openness", "Mei Lin"] {
        assert!(!on_disk(folder.path(), text), "{text} is stored");
    }
}

#[test]
fn every_way_of_asking_is_logged_with_its_channel_and_outcome() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let app = TestApp::with_data(folder.path(), &[], &[]);
        app.answer(FIRST);
        app.ask_stream(&json!({ "question": FIRST }));
        app.ask_batch(&json!({ "questions": [FIRST, "How many students attend the university of Reykjavik?", ""] }));
        app.post("/v1/chat/completions", &json!({ "messages": [{ "role": "user", "content": FIRST }] }));
        let call = json!({ "name": "ask", "arguments": { "question": FIRST } });
        app.post("/mcp", &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call }));
        app.search(&json!({ "query": FIRST }));
    }
    let count = |rule: &str| rows(folder.path(), &format!("SELECT count(*) FROM questions WHERE {rule}"));
    let channels = ["api", "batch", "openai", "mcp"].map(|channel| count(&format!("channel = '{channel}'")));
    assert_eq!(channels, [2, 2, 1, 1]);
    assert_eq!((count("outcome = 'answered'"), count("outcome = 'abstained'")), (5, 1));
    assert_eq!(count("citations LIKE '[\"global-mayors-dialogue-nanning#%'"), 5);
    assert_eq!(count("confidence BETWEEN 0 AND 1 AND took_ms > 0 AND knowledge_version <> ''"), 6);
}

#[test]
fn only_who_was_given_an_id_reads_its_conversation() {
    let folder = tempfile::tempdir().expect("a folder");
    let public = [("DIALOGDESK_SERVER_PUBLIC_URL", "https://desk.example.org")];
    let app = TestApp::with_data(folder.path(), &public, &[]);
    let given = ask_in(&app, FIRST, &Value::Null);
    ask_in(&app, FIRST, &json!("user-42"));
    assert_eq!(app.conversation(id(&given["conversation_id"])).status, 200);
    assert_eq!(app.conversation("user-42").problem(), "no-such-conversation");
    assert_eq!(app.delete_conversation("user-42").problem(), "no-such-conversation");
    drop(app);
    let local = TestApp::with_data(folder.path(), &[], &[]);
    assert_eq!(local.conversation("user-42").status, 200, "nobody else reaches a server of this machine alone");
    assert_eq!(local.conversation("user%2d42").status, 200);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        for method in ["GET", "DELETE"] {
            let request = local.request(method, "/api/v1/conversations/user-42").header(header, "203.0.113.9");
            assert_eq!(Seen::of(request).problem(), "no-such-conversation", "{method} through a proxy, {header}");
        }
    }
    assert_eq!(local.conversation("user-42").status, 200, "nor was it deleted");
    for odd in ["", "x", "%00", "%ff", "..", "%2e%2e%2fx", "'%20OR%201=1", &"x".repeat(4000)] {
        assert_eq!(local.conversation(odd).status, 404, "{odd}");
    }
}

#[test]
fn conversations_of_messengers_are_out_of_reach_over_http() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with_data(folder.path(), &[], &[]);
    let sql = "INSERT INTO conversations VALUES ('slack:T1:C2', 1, 1); INSERT INTO exchanges \
               (conversation_id, reply_id, at, question, answer, reply) VALUES ('slack:T1:C2', 'r', 1, 'q', 'a', '{}')";
    let connection = rusqlite::Connection::open(folder.path().join("dialogdesk.db")).expect("a database");
    connection.execute_batch(sql).expect("written");
    for path in ["slack:T1:C2", "slack%3AT1%3AC2"] {
        assert_eq!(app.conversation(path).problem(), "no-such-conversation");
        assert_eq!(app.delete_conversation(path).problem(), "no-such-conversation");
    }
    let seen = app.ask(&json!({ "question": FIRST, "conversation_id": "slack:T1:C2" }));
    assert_eq!((seen.status, seen.problem().as_str()), (400, "bad-value"));
}

#[test]
fn feedback_that_does_not_fit_is_refused_and_a_new_rating_replaces_the_old() {
    let app = TestApp::start();
    let reply = app.answer(FIRST);
    let rate = |body: Value| app.feedback(&body);
    let of = |rating: Value, comment: Value| json!({ "reply_id": reply["id"], "rating": rating, "comment": comment });
    for (body, status, kind) in [
        (of(json!("sideways"), Value::Null), 400, "bad-value"),
        (of(json!(1), Value::Null), 400, "wrong-type"),
        (of(json!("up"), json!("x".repeat(2001))), 400, "bad-value"),
        (of(json!("up"), json!(7)), 400, "wrong-type"),
        (json!({ "reply_id": reply["id"] }), 400, "missing-field"),
        (json!({ "rating": "up" }), 400, "missing-field"),
        (json!({ "reply_id": reply["id"], "rating": "up", "stars": 5 }), 400, "unknown-field"),
        (json!({ "reply_id": "", "rating": "up" }), 404, "no-such-reply"),
        (json!({ "reply_id": "'; DROP TABLE questions; --", "rating": "up" }), 404, "no-such-reply"),
    ] {
        let seen = rate(body.clone());
        assert_eq!((seen.status, seen.problem().as_str()), (status, kind), "{body}");
    }
    assert_eq!(rate(of(json!("down"), json!("ü".repeat(2000)))).status, 200);
    assert_eq!(rate(of(json!("up"), json!("  "))).json()["comment"], Value::Null);
    let shown = app.conversation(id(&reply["conversation_id"])).json();
    assert_eq!(shown["exchanges"][0]["feedback"], json!({ "rating": "up", "comment": null }));
}

#[test]
fn many_that_ask_at_once_are_all_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with_data(folder.path(), &[], &[]);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let app = &app;
            scope.spawn(move || (0..5).for_each(|_| drop(ask_in(app, FIRST, &json!(format!("c{n}"))))));
        }
    });
    for n in 0..8 {
        assert_eq!(app.conversation(&format!("c{n}")).json()["exchanges"].as_array().map(Vec::len), Some(5), "{n}");
    }
}

#[test]
fn what_is_too_old_is_deleted_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let app = TestApp::with_data(folder.path(), &[], &[]);
        app.answer(FIRST);
        app.answer(NEXT);
    }
    let connection = rusqlite::Connection::open(folder.path().join("dialogdesk.db")).expect("a database");
    let age = format!(
        "UPDATE questions SET asked_at = asked_at - 8 * 86400000 WHERE question = '{FIRST}'; \
         UPDATE exchanges SET at = at - 8 * 86400000 WHERE question = '{FIRST}'"
    );
    connection.execute_batch(&age).expect("written");
    drop(connection);
    let _app = TestApp::with_data(folder.path(), &[("DIALOGDESK_STORE_RETENTION_DAYS", "7")], &[]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while on_disk(folder.path(), FIRST) {
        assert!(std::time::Instant::now() < until, "it is still there");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(on_disk(folder.path(), NEXT));
}

#[test]
fn a_database_that_cannot_be_opened_stops_the_start_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dialogdesk.db"), "not a database at all".repeat(50)).expect("a file");
    let serve = |flags: &[&str]| {
        let mut command = binary("serve", &shipped_knowledge(), folder.path());
        let output = command.args(["--listen", "127.0.0.1:0"]).args(flags).output().expect("the binary starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = serve(&[]);
    assert!(code == Some(1) && said.contains("damaged") && said.contains("move it away"), "{said}");
    std::fs::remove_file(folder.path().join("dialogdesk.db")).expect("removed");
    std::fs::create_dir(folder.path().join("dialogdesk.db")).expect("a folder in its place");
    let (code, said) = serve(&[]);
    assert!(code == Some(1) && said.contains("--no-log"), "{said}");
    let app = TestApp::with_data(folder.path(), &[], &["--no-log"]);
    let reply = app.answer(FIRST);
    assert_eq!(app.feedback(&json!({ "reply_id": reply["id"], "rating": "up" })).status, 200);
}
