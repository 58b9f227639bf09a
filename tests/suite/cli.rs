//! The command line as scripts see it: exit codes, and what is told where.

use std::process::{Command, Output};

fn dialogdesk(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialogdesk"));
    command.current_dir(folder).args(arguments).env_remove("DIALOGDESK_CONFIG").output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
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
