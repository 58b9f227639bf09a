//! What was asked through the doors, in the report: printed, exported, and asked again by `eval`.

use std::path::Path;

use serde_json::{Value, json};

use crate::helpers::{TestApp, binary, shipped_knowledge};

const ANSWERED: &str = "What did Dr. Mei Lin say about cultural exchanges?";
const FOLLOW_UP: &str = "and on openness?";
const REFUSED: &str = "How many students attend the university of Reykjavik?";

/// Asks, follows up, is refused twice, and rates the follow-up down.
fn ask_around(app: &TestApp) {
    let first = app.answer(ANSWERED);
    let next = app.ask(&json!({ "question": FOLLOW_UP, "conversation_id": first["conversation_id"] })).json();
    app.answer(REFUSED);
    app.answer(&REFUSED.to_uppercase());
    let rated = json!({ "reply_id": next["id"], "rating": "down", "comment": "=too long" });
    assert_eq!(app.feedback(&rated).status, 200);
    assert_eq!(app.feedback(&json!({ "reply_id": first["id"], "rating": "up" })).status, 200);
}

/// What `dialogdesk report` prints, and its exit code.
fn report(data: &Path, flags: &[&str]) -> (i32, String, String) {
    let output = binary("report", &shipped_knowledge(), data).args(flags).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_was_asked_is_printed_and_exported_beside_a_running_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = TestApp::with_data(folder.path(), &[], &[]);
    ask_around(&app);
    let (code, said, _) = report(folder.path(), &[]);
    assert_eq!(code, 0);
    for line in [
        "api              4        2 (50 %)",
        "rated up 1, rated down 1",
        "2 × HOW MANY STUDENTS",
        "“=too long”",
        "Asked last",
    ] {
        assert!(said.contains(line), "{line} in\n{said}");
    }
    let (_, said, _) = report(folder.path(), &["--json", "--since", "1"]);
    let told: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&told["questions"], &told["refusal_rate"]), (&json!(4), &json!(0.5)));
    assert_eq!(
        (&told["refused_questions"][0]["times"], &told["low_rated"][0]["question"]),
        (&json!(2), &json!(FOLLOW_UP))
    );
    let last = &told["recent_questions"];
    assert_eq!((&last[3]["question"], &last[3]["rating"]), (&json!(ANSWERED), &json!("up")), "{last:#}");
    let file = folder.path().join("log.csv");
    let (code, said, _) = report(folder.path(), &["--csv", &file.display().to_string()]);
    let table = std::fs::read_to_string(&file).expect("a table");
    assert_eq!((code, said.as_str(), table.matches("\r\n").count()), (0, "", 5), "{table}");
    assert!(table.contains(",down,\"'=too long\"") && table.starts_with("reply_id,asked_at,channel,"), "{table}");
}

#[test]
fn yesterdays_failures_are_a_question_set_that_eval_asks_again() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let app = TestApp::with_data(folder.path(), &[], &[]);
        ask_around(&app);
        app.ask(&json!({ "question": REFUSED, "documents": ["global-mayors-dialogue-nanning"] }));
    }
    let file = folder.path().join("failures.jsonl");
    let name = file.display().to_string();
    let (code, _, said) = report(folder.path(), &["--questions", &name]);
    assert!(code == 0 && said.contains("4 questions"), "{said}");
    let lines = std::fs::read_to_string(&file).expect("a set");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let follow_up = lines.iter().find(|line| line["question"] == FOLLOW_UP).expect("the one rated down");
    assert_eq!((&follow_up["history"], &follow_up["answerable"]), (&json!([ANSWERED]), &json!(true)));
    let eval = binary("eval", &shipped_knowledge(), folder.path()).arg(&file).output().expect("it runs");
    let said = String::from_utf8_lossy(&eval.stdout);
    assert!(eval.status.success() && said.contains("4 questions"), "{said}{}", String::from_utf8_lossy(&eval.stderr));
    report(folder.path(), &["--questions", &name, "--only", "low-rated"]);
    assert_eq!(std::fs::read_to_string(&file).expect("a set").lines().count(), 1);
}

#[test]
fn a_report_of_nothing_and_one_asked_for_wrongly_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, said) = report(folder.path(), &[]);
    assert!(code == 1 && said.contains("nothing was asked yet"), "{said}");
    assert!(!folder.path().join("dialogdesk.db").exists(), "a report makes no database");
    for wrong in [&["--since", "yesterday"][..], &["--since", "0"], &["--only", "refused"], &["--only", "some"]] {
        assert_eq!(report(folder.path(), wrong).0, 2, "{wrong:?}");
    }
}
