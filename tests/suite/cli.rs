//! The command line as scripts see it: exit codes, and what is told where.

use std::path::Path;
use std::process::{Command, Output};

use dialogdesk::config::RUNTIME_LIBRARY;
use serde_json::{Value, json};

use crate::helpers::{NANNING, TestApp, binary, shared_index, shipped_knowledge};

/// Runs the program in `folder`, with the model and runtime of the repository.
fn dialogdesk(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().expect("the program runs")
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialogdesk"));
    command.current_dir(folder).args(arguments).env_remove("DIALOGDESK_CONFIG");
    command.env("DIALOGDESK_MODELS_DIR", root.join("models"));
    let runtime = root.join("runtime").join(RUNTIME_LIBRARY);
    if std::env::var_os("ORT_DYLIB_PATH").is_none() && runtime.is_file() {
        command.env("ORT_DYLIB_PATH", runtime);
    }
    command
}

/// A folder with a knowledge file and a question set beside it: one question that the file answers
/// by every measure, one whose anchor is another block's.
fn collection() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("knowledge")).expect("can write");
    let article =
        "# The harbour\n\nThe harbour was opened in 1923.\n\nThe old lighthouse keeper was called Anna Berg.\n";
    std::fs::write(folder.path().join("knowledge/harbour.md"), article).expect("can write");
    let questions = r#"{"id":"opened","question":"When was the harbour opened?","answerable":true,"must":["1923"],"relevant":["p-1"]}
{"id":"keeper","question":"What was the lighthouse keeper called?","answerable":true,"must":["Anna"],"relevant":["p-1"]}
"#;
    std::fs::write(folder.path().join("questions.jsonl"), questions).expect("can write");
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Searches the shipped knowledge, in the index that the tests share.
fn search(query: &str, flags: &[&str]) -> Output {
    let mut command = binary("search", &shipped_knowledge(), shared_index());
    command.arg(query).args(flags).output().expect("the program runs")
}

/// The JSON of such a search.
fn searched(query: &str, flags: &[&str]) -> Value {
    let output = search(query, &[flags, &["--json"][..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON alone on standard output")
}

#[test]
fn wrong_usage_is_exit_code_2_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = dialogdesk(folder.path(), &["eval"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("QUESTIONS.jsonl"), "{}", text(&output.stderr));
}

#[test]
fn wrong_settings_are_exit_code_2_and_all_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dialogdesk.toml"), "[server]\nlisten = 1\nport = 2\n").expect("can write");
    let output = dialogdesk(folder.path(), &["index"]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("line 2: server.listen must be a text"), "{message}");
    assert!(message.contains("line 3: there is no setting server.port"), "{message}");
}

#[test]
fn check_names_problems_of_several_areas_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dialogdesk.toml"), "answer = 1\n[models]\nruntime = \"none.so\"\n")
        .expect("can write");
    let output = dialogdesk(folder.path(), &["check", "--knowledge", "nowhere"]);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}");
    for expected in ["there is no setting answer", "there is no folder nowhere", "none.so", "error(s)"] {
        assert!(report.contains(expected), "{expected:?} is missing in:\n{report}");
    }
}

#[test]
fn a_short_admin_key_is_refused_and_the_command_that_makes_one_works_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = program(folder.path(), arguments);
        command.env("DIALOGDESK_ADMIN_KEY", "short").output().expect("the program runs")
    };
    let (index, check, key) = (run(&["index"]), run(&["check"]), run(&["key"]));
    assert_eq!(index.status.code(), Some(2));
    let told = "DIALOGDESK_ADMIN_KEY: must have at least 8 characters";
    assert!(text(&index.stderr).contains(told), "{}", text(&index.stderr));
    assert!(text(&check.stdout).contains(told), "{}", text(&check.stdout));
    assert_eq!(key.status.code(), Some(0), "{}", text(&key.stderr));
    assert!(text(&key.stdout).starts_with("dialogdesk_"));
}

#[test]
fn check_tells_who_is_let_in_and_who_is_not() {
    let folder = collection();
    let check = |settings: &[(&str, &str)]| {
        let output = program(folder.path(), &["check"]).envs(settings.iter().copied()).output();
        text(&output.expect("the program runs").stdout)
    };
    let (elsewhere, sites) =
        (("DIALOGDESK_SERVER_LISTEN", "0.0.0.0:8080"), ("DIALOGDESK_SERVER_ORIGINS", "https://a.example"));
    let (unanswered, widget) = ("every question will be refused", "add data-key=");
    let here = check(&[sites]);
    assert!(here.contains("everyone who reaches the server may ask") && !here.contains(widget), "{here}");
    let closed = check(&[elsewhere, sites]);
    assert!(
        closed.contains("who has a key may ask") && closed.contains(unanswered) && closed.contains(widget),
        "{closed}"
    );
    assert!(closed.contains("https://a.example"), "{closed}");
    let key = ("DIALOGDESK_ADMIN_KEY", "a-key-for-tests");
    let with_key = check(&[elsewhere, key]);
    assert!(!with_key.contains(unanswered) && !with_key.contains(widget), "{with_key}");
    let public = check(&[elsewhere, sites, ("DIALOGDESK_ACCESS_REQUIRED", "false")]);
    assert!(public.contains("everyone who reaches the server may ask") && !public.contains(widget), "{public}");
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let folder = tempfile::tempdir().expect("a folder");
    for command in ["serve", "index", "ask", "search", "eval", "calibrate", "check"] {
        let output = dialogdesk(folder.path(), &[command, "--help"]);
        let help = text(&output.stdout);
        assert!(output.status.success() && help.contains(&format!("dialogdesk {command}")), "{help}");
        assert!(help.contains("--knowledge") && help.contains("Example"), "{help}");
    }
}

#[test]
fn a_taken_port_is_named_with_the_flag_that_changes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = dialogdesk(folder.path(), &["serve", "--listen", &address]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains(&address) && message.contains("--listen"), "{message}");
}

#[test]
fn ask_prints_what_the_api_sends_and_builds_a_missing_snapshot() {
    let folder = collection();
    let output = dialogdesk(folder.path(), &["ask", "When was the harbour opened?", "--json"]);
    let reply: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone on standard output");
    assert!(folder.path().join("data/current").is_file());
    let keys: Vec<&str> = reply.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = "id question interpreted_question outcome confidence answer answer_markdown citations related \
                    suggestions conversation_id locale knowledge_version model degraded took_ms trace";
    assert_eq!(keys.join(" "), expected);
    assert!(reply["trace"].is_null() && reply.to_string().contains("1923"), "{reply}");
}

#[test]
fn search_prints_what_the_api_sends() {
    let app = TestApp::start();
    let cases: [(&[&str], Value); 4] = [
        (&[], json!({})),
        (&["--limit", "3"], json!({ "limit": 3 })),
        (&["--mode", "lexical", "--document", NANNING], json!({ "mode": "lexical", "documents": [NANNING] })),
        (&["--mode", "dense", "--limit", "12"], json!({ "mode": "dense", "limit": 12 })),
    ];
    for (flags, mut body) in cases {
        let query = "smart city traffic";
        body["query"] = json!(query);
        let seen = app.search(&body);
        assert_eq!(seen.status, 200, "{}", seen.text());
        let (told, sent) = (searched(query, flags), seen.json());
        let keys = |reply: &Value| reply.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&told), keys(&sent));
        assert!(told["took_ms"].is_number() && !told["hits"][0].is_null(), "{told}");
        assert_eq!(told["hits"], sent["hits"], "{flags:?}");
    }
}

#[test]
fn a_search_is_in_the_ranking_asked_for_and_no_longer_than_asked_for() {
    let hits = |flags: &[&str]| searched("cities", flags)["hits"].as_array().expect("a list").clone();
    assert_eq!(hits(&[]).len(), 10);
    assert_eq!(hits(&["--limit", "1"]).len(), 1);
    let lexical = hits(&["--mode", "lexical", "--limit", "4"]);
    assert!(lexical.len() == 4 && lexical.iter().all(|hit| hit["lexical_rank"] == hit["rank"]), "{lexical:?}");
    assert!(lexical.iter().all(|hit| hit["dense_rank"].is_null()), "nothing is encoded for it: {lexical:?}");
    let dense = hits(&["--mode", "dense"]);
    assert!(dense.len() == 10 && dense.iter().all(|hit| hit["dense_rank"] == hit["rank"]), "{dense:?}");
    let said = text(&search("cities", &["--limit", "2"]).stdout);
    assert!(said.starts_with(&format!("  1. {NANNING}#")), "{said}");
    assert!(said.contains("\n  2. ") && !said.contains("\n  3. "), "{said}");
}

#[test]
fn a_search_in_no_ranking_or_for_no_number_of_hits_is_wrong_usage() {
    for (flags, told) in [
        (["--mode", "fuzzy"], "hybrid, lexical, dense"),
        (["--limit", "many"], "--limit"),
        (["--limit", "0"], "between 1 and 100"),
        (["--limit", "101"], "between 1 and 100"),
    ] {
        let output = search("cities", &flags);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {message}");
        assert!(message.contains(told) && output.stdout.is_empty(), "{flags:?}: {message}");
    }
}

#[test]
fn an_unknown_document_is_wrong_usage_and_the_known_ones_are_named() {
    let folder = collection();
    let output = dialogdesk(folder.path(), &["ask", "When?", "--document", "nope"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("harbour"), "{}", text(&output.stderr));
}

#[test]
fn eval_takes_the_knowledge_beside_the_questions_and_fails_below_the_least_accuracy() {
    let folder = collection();
    let arguments = [
        "eval",
        "questions.jsonl",
        "--json",
        "e.json",
        "--junit",
        "e.xml",
        "--qrels",
        "q",
        "--run",
        "r",
        "--save-baseline",
        "b.json",
    ];
    // Answers everything, so that the outcome does not hang on the fitted threshold.
    std::fs::write(folder.path().join("dialogdesk.toml"), "[answering]\nthreshold = 1e-9\n").expect("can write");
    let output = dialogdesk(folder.path(), &arguments);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}{}", text(&output.stderr));
    assert!(report.contains("none of the relevant blocks cited"), "{report}");
    let json = std::fs::read_to_string(folder.path().join("e.json")).expect("written");
    let evaluation: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(evaluation["total"]["answer_accuracy"]["value"], 0.5, "{report}");
    for file in ["e.xml", "q", "r", "r.lexical", "r.dense", "r.fused"] {
        assert!(folder.path().join(file).is_file(), "{file} is missing");
    }
    let strict =
        dialogdesk(folder.path(), &["eval", "questions.jsonl", "--min-accuracy", "0.9", "--baseline", "b.json"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(text(&strict.stderr).contains("0.500, below 0.900"), "{}", text(&strict.stderr));
    assert!(text(&strict.stdout).contains("all figures are the same"), "{}", text(&strict.stdout));
}

#[test]
fn a_mechanism_is_left_out_by_name_and_an_unknown_name_lists_the_known() {
    let folder = collection();
    let arguments = ["eval", "questions.jsonl", "--run", "r", "--without", "lexical,context"];
    let output = dialogdesk(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = |file: &str| std::fs::read_to_string(folder.path().join(file)).expect("written").lines().count();
    assert!(lines("r.lexical") == 0 && lines("r.dense") > 0);
    let data = std::fs::read_dir(folder.path().join("data/eval")).expect("a folder").next().expect("one").expect("one");
    assert!(data.path().join("without-context/current").is_file(), "what is indexed otherwise is kept apart");
    let wrong = dialogdesk(folder.path(), &["eval", "questions.jsonl", "--without", "rerank,magic"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("\"magic\"; known are wrappers"), "{}", text(&wrong.stderr));
}

#[test]
fn ablations_are_a_line_for_each_mechanism() {
    let folder = collection();
    let output = dialogdesk(folder.path(), &["eval", "questions.jsonl", "--ablations"]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for (_, name) in dialogdesk::mechanism::MECHANISMS {
        assert!(table.contains(&format!("| {name} |")), "{name} is missing:\n{table}");
    }
}

#[test]
fn calibrate_writes_what_it_was_fitted_on_with_its_error_rates() {
    let folder = collection();
    let more = r#"{"id":"no","question":"How deep is the harbour?","answerable":false}
{"id":"no2","question":"What did the keeper earn?","answerable":false}
"#;
    let file = folder.path().join("questions.jsonl");
    let questions = std::fs::read_to_string(&file).expect("a file") + more;
    std::fs::write(&file, questions).expect("can write");
    let output =
        dialogdesk(folder.path(), &["calibrate", "questions.jsonl", "--out", "c.json", "--balance", "questions"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let json = std::fs::read_to_string(folder.path().join("c.json")).expect("written");
    let fitted: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let set = &fitted["fitted_on"][0];
    assert_eq!((&set["answerable"], &set["unanswerable"]), (&2.into(), &2.into()));
    assert!(set["hash"].as_str().is_some_and(|hash| hash.len() == 64), "{set}");
    assert!(set["questions"].as_str().is_some_and(|digits| digits.len() == 4 * 8), "{set}");
    for rate in ["auroc", "answerable_refused", "unanswerable_refused", "ece", "threshold"] {
        assert!(fitted[rate].is_number(), "{rate} in {fitted}");
    }
}

#[test]
fn eval_fails_when_a_figure_fell_below_its_baseline() {
    let folder = collection();
    let saved =
        r#"{"format":1,"total":{},"collections":[{"name":"NAME","hash":"","figures":{"right":2.0},"wrong":[]}]}"#;
    let name = folder.path().file_name().expect("a name").to_string_lossy().into_owned();
    std::fs::write(folder.path().join("b.json"), saved.replace("NAME", &name)).expect("can write");
    let questions = folder.path().join("questions.jsonl").display().to_string();
    let output = dialogdesk(folder.path(), &["eval", &questions, "--baseline", "b.json", "--failures", "0"]);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}{}", text(&output.stderr));
    assert!(report.contains("WORSE") && report.contains("1 figure got worse by more than allowed"), "{report}");
}

#[test]
fn pairs_are_what_the_reader_was_given_and_need_one() {
    let folder = collection();
    let file = folder.path().join("pairs.jsonl");
    let asked = ["eval", "questions.jsonl", "--pairs", "pairs.jsonl", "--failures", "0"];
    let output = dialogdesk(folder.path(), &asked);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let pairs = std::fs::read_to_string(&file).expect("written");
    assert!(pairs.lines().all(|line| line.contains("\"passages\":[{")) && !pairs.is_empty(), "{pairs}");
    std::fs::remove_file(&file).expect("it is there");
    std::fs::write(folder.path().join("dialogdesk.toml"), "[answering]\nreader = false\n").expect("can write");
    let output = dialogdesk(folder.path(), &asked);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("answering.reader") && !file.exists(), "{}", text(&output.stderr));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_a_closed_pipe_is_no_error() {
    let data = tempfile::tempdir().expect("a folder");
    let ask = |stdout: std::process::Stdio| {
        std::process::Command::new(env!("CARGO_BIN_EXE_dialogdesk"))
            .args(["--data", &data.path().display().to_string(), "ask", "Who organised the dialog?"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(stdout)
            .stderr(std::process::Stdio::piped())
            .output()
            .expect("the program starts")
    };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device opens");
    let output = ask(full.into());
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("standard output cannot be written") && !message.contains("panicked"), "{message}");

    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = ask(writer.into());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
