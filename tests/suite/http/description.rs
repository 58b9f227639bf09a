//! The API does what its description says: Schemathesis sends what it describes and what it does
//! not, and the page that explains it shows all of it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::helpers::{ADMIN_KEY, TestApp, python_with};

/// Requests for each operation in a phase; the whole run takes half a minute where it has two cores.
const EXAMPLES: &str = "15";

#[test]
fn schemathesis_finds_nothing() {
    let Some(python) = python_with("schemathesis") else { return };
    let (app, folder) = (TestApp::with_admin_key(), tempfile::tempdir().expect("a folder"));
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/schemathesis_checks.py");
    let mut command = Command::new(python);
    // It keeps what it found in the working directory, and the next run must not begin with that.
    command.current_dir(folder.path()).env("SCHEMATHESIS_HOOKS", checks).env("PYTHONWARNINGS", "ignore");
    command.args(["-m", "schemathesis.cli", "run", &app.url("/openapi.json"), "--checks", "all"]);
    command.args(["--exclude-checks", "positive_data_acceptance", "--warnings", "off", "--continue-on-failure"]);
    command.args(["--max-examples", EXAMPLES, "--seed", "7", "--workers", "2"]);
    command.args(["--header", &format!("Authorization: Bearer {ADMIN_KEY}")]);
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", said.lines().filter(|line| line.contains("generated")).collect::<String>());
}

#[test]
fn the_page_shows_every_operation_and_schema_and_asks_for_nothing_from_elsewhere() {
    let app = TestApp::start();
    let seen = app.get("/docs");
    assert_eq!((seen.status, seen.header("content-type")), (200, "text/html; charset=utf-8"));
    let (page, api) = (seen.text(), app.openapi());
    let entries = |value: &Value| value.as_object().expect("an object").clone();
    for (path, methods) in entries(&api["paths"]) {
        for (method, operation) in entries(&methods) {
            let heading = format!("<span class=\"method\">{}</span> {path}</code></h3>", method.to_uppercase());
            assert!(page.replace("&#x2f;", "/").contains(&heading), "{heading}");
            assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{path} belongs to one group");
        }
    }
    for (name, schema) in entries(&api["components"]["schemas"]) {
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
        let fields = schema["properties"].as_object().cloned().unwrap_or_default();
        fields.keys().for_each(|field| assert!(page.contains(&format!("<code>{field}</code>")), "{name}.{field}"));
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "an id stands twice");
    for target in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let target = target.replace("&#x2f;", "/");
        match target.strip_prefix('#') {
            Some(anchor) => assert!(ids.contains(&anchor), "#{anchor} leads nowhere"),
            None => assert_eq!(app.get(&target).status, 200, "{target}"),
        }
    }
    assert!(page.split("src=\"").skip(1).all(|rest| rest.starts_with("/assets/")), "a script from elsewhere");
    assert!(
        page.match_indices("<script").all(|(at, _)| page[at..].starts_with("<script src=")),
        "a script in the page"
    );
    for outside in ["style=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}
