//! `examples/evaluate.py`: counts as right what `dialogdesk eval` does, and says what is wrong.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::helpers::{TestApp, binary, shared_index, shipped_knowledge};

/// One question for each way in which a reply can be right or wrong, beside some of the shipped set.
const EVERY_VERDICT: &str = r#"{"id":"x-right","question":"What did Dr. Mei Lin say about openness?","answerable":true,"must":["OPENNESS"],"must_not":["chess"],"relevant":["turn-2","turn-4","turn-6","turn-8","turn-10","turn-12","turn-14"]}
{"id":"x-must","question":"What did Dr. Mei Lin say about openness?","answerable":true,"must":["chess","open"]}
{"id":"x-must-not","question":"What did Dr. Mei Lin say about openness?","answerable":true,"must_not":["mei\\s+lin","open"]}
{"id":"x-evidence","question":"What did Dr. Mei Lin say about openness?","answerable":true,"evidence":["no  such \"words\"","nor these"],"evidence_all":[["openness"],["not there"]]}
{"id":"x-relevant","question":"Who organized the dialog?","answerable":true,"relevant":["about"]}
{"id":"x-refused","question":"How many students attend the university of Reykjavik?","answerable":true,"relevant":["p-1"]}
{"id":"x-answered","question":"What did Dr. Mei Lin say about openness?","answerable":false}
{"id":"x-silent","question":"What did Dr. Mei Lin say about chess?","answerable":false}
{"id":"x-follow","question":"What did she say about openness?","history":["Who is Dr. Mei Lin?"],"documents":["global-mayors-dialogue-nanning"],"answerable":true,"must":["open"],"note":"n"}
"#;

/// A question set with every verdict, written into a folder.
fn every_verdict(folder: &Path) -> String {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/collections/nanning/questions.jsonl");
    let shipped = std::fs::read_to_string(shipped).expect("the shipped set");
    let some: String = shipped.lines().step_by(6).map(|line| format!("{line}\n")).collect();
    let file = folder.join("set.jsonl");
    std::fs::write(&file, format!("{EVERY_VERDICT}{some}")).expect("can write");
    file.display().to_string()
}

/// Without the packages of the machine, so that the standard library is all there is.
fn evaluate(arguments: &[&str]) -> std::process::Output {
    let python = std::env::var("DIALOGDESK_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/evaluate.py");
    Command::new(python).args(["-I", "-S"]).arg(script).args(arguments).output().expect("python runs")
}

#[test]
fn the_example_over_http_and_eval_find_the_same_right() {
    let (app, folder) = (TestApp::start(), tempfile::tempdir().expect("a folder"));
    let set = every_verdict(folder.path());
    let [ours, theirs] = ["ours.json", "theirs.json"].map(|name| folder.path().join(name).display().to_string());
    let eval =
        binary("eval", &shipped_knowledge(), shared_index()).args([&set, "--json", &ours]).output().expect("runs");
    assert!(eval.status.success(), "{}", String::from_utf8_lossy(&eval.stderr));
    let output = evaluate(&[&set, "--url", &app.address, "--json", &theirs]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |file: &str| -> Value { serde_json::from_slice(&std::fs::read(file).expect("written")).expect("JSON") };
    let (ours, theirs) = (read(&ours), read(&theirs));
    let verdicts = (ours["collections"][0]["questions"].as_array().unwrap(), theirs["questions"].as_array().unwrap());
    assert_eq!(verdicts.0.len(), verdicts.1.len());
    for (our, their) in verdicts.0.iter().zip(verdicts.1) {
        for same in ["id", "answered", "right", "faults", "confidence", "answer"] {
            assert_eq!(their[same], our[same], "{same} of {our:#}");
        }
    }
    for fault in ["must /", "must_not /", "evidence missing", "relevant", "not answered (", "though unanswerable"] {
        let told = verdicts.0.iter().any(|verdict| verdict["faults"].to_string().contains(fault));
        assert!(told, "no question of the set shows the fault {fault:?}, so that it is not compared");
    }
    for (name, value) in theirs["figures"].as_object().unwrap() {
        // Shares stand with their intervals, counts alone.
        let our = &ours["total"][name];
        let our = our.as_f64().or(our["value"].as_f64());
        let close = our.zip(value.as_f64()).is_some_and(|(our, their)| (our - their).abs() < 1e-9);
        assert!(close, "{name}: ours {our:?}, theirs {value}");
    }
}

#[test]
fn the_example_explains_itself_and_says_what_is_wrong() {
    let (app, folder) = (TestApp::start(), tempfile::tempdir().expect("a folder"));
    let help = evaluate(&["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("Example:"));
    let refused = |arguments: &[&str], told: &[&str]| {
        let output = evaluate(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(!complaint.contains("Traceback"), "{complaint}");
        told.iter().for_each(|told| assert!(complaint.contains(told), "{told} is not in {complaint}"));
    };
    let set = folder.path().join("wrong.jsonl").display().to_string();
    let lines = [
        "{",
        r#"{"id":"a","question":"q","answerable":true,"musst":["x"]}"#,
        r#"{"id":"b","question":"q"}"#,
        r#"{"id":"c","question":"q","answerable":true,"must":["("]}"#,
        r#"{"id":"d","question":"q","answerable":true}"#,
        r#"{"id":"d","question":"q","answerable":true}"#,
        r#"{"id":"e","question":" ","answerable":true}"#,
        r#"{"id":"f","question":"q","answerable":true,"documents":["none"]}"#,
        r#"{"id":"g","question":"q","answerable":true,"relevant":"p-1"}"#,
        r#"[]"#,
    ];
    std::fs::write(&set, lines.join("\n")).expect("can write");
    let told = [
        "line 1",
        "'musst'",
        "line 3: `answerable`",
        "line 4: '('",
        "line 6: the id 'd'",
        "line 7",
        "line 8: there is no document 'none'",
        "line 9: `relevant`",
        "line 10",
    ];
    refused(&[&set, "--url", &app.address], &told);
    refused(&["none.jsonl", "--url", &app.address], &["none.jsonl cannot be read"]);
    refused(&[&set, "--url", "http://127.0.0.1:1"], &["cannot be reached", "dialogdesk serve"]);
    refused(&[&set, "--url", "nonsense"], &["nonsense"]);
    refused(&[&set, "--url", &app.url("/healthz?")], &["does not answer like Dialogdesk"]);
    refused(&[], &["QUESTIONS.jsonl"]);
    let good = folder.path().join("good.jsonl").display().to_string();
    std::fs::write(&good, r#"{"id":"a","question":"Who?","answerable":true,"must":["nowhere to be found"]}"#)
        .expect("can write");
    let low = evaluate(&[&good, "--url", &app.address, "--min-accuracy", "0.5"]);
    assert_eq!(low.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&low.stderr).contains("below 0.500"));
}
