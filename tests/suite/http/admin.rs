//! The admin routes, and how another snapshot comes to serve.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{ADMIN_KEY, TestApp, binary};

/// Longest time until another snapshot serves, on a loaded machine.
const LONGEST: Duration = Duration::from_secs(120);

/// A knowledge folder below `folder`, with one file.
fn knowledge(folder: &Path, slug: &str, text: &str) -> PathBuf {
    let knowledge = folder.join(slug);
    std::fs::create_dir(&knowledge).expect("a folder");
    std::fs::write(knowledge.join(format!("{slug}.md")), text).expect("a file");
    knowledge
}

/// The version of the knowledge that serves.
fn version(app: &TestApp) -> Value {
    let ready = app.get("/readyz");
    assert_eq!(ready.status, 200, "{}", ready.text());
    ready.json()["knowledge_version"].take()
}

#[test]
fn without_a_key_set_admin_routes_are_a_403() {
    let app = TestApp::start();
    for key in [None, Some(""), Some("guess")] {
        let seen = app.reindex(key);
        assert_eq!((seen.status, seen.problem().as_str()), (403, "admin-off"), "{key:?}");
    }
}

#[test]
fn a_rebuild_starts_only_with_the_right_key_and_under_load() {
    let app = TestApp::with_admin_key();
    for key in [None, Some(""), Some("guess")] {
        let seen = app.reindex(key);
        assert_eq!((seen.status, seen.problem().as_str()), (401, "unauthorized"), "{key:?}");
        assert!(seen.header("www-authenticate").starts_with("Bearer"));
    }
    let seen = app.reindex(Some(ADMIN_KEY));
    assert_eq!(seen.status, 202, "{}", seen.text());
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        assert_eq!(app.answer("What did Dr. Mei Lin say about openness?")["outcome"], "answered");
    }
}

#[test]
fn questions_are_answered_while_the_changed_knowledge_is_indexed_and_then_it_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "# The harbour\n\nThe harbour was opened in 1923. Its pier is made of oak.\n";
    let harbour = knowledge(folder.path(), "harbour", text);
    let app = TestApp::over(&harbour, &folder.path().join("data"), &[("DIALOGDESK_ADMIN_KEY", ADMIN_KEY)]);
    let added = "The keeper of the lighthouse raises carrier pigeons.";
    let is_found = || {
        let hits = app.search(&json!({"query": "Who raises carrier pigeons?", "mode": "lexical"})).json();
        hits["hits"].as_array().expect("hits").iter().any(|hit| hit["text"] == added)
    };
    assert!(!is_found());
    let first = version(&app);

    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..3 {
            let (tell, app) = (tell.clone(), &app);
            // Until nobody listens any more; what is answered with anything but 200 fails the test.
            scope.spawn(move || while tell.send(app.answer("When was the harbour opened?")).is_ok() {});
        }
        drop(tell);
        let next = || told.recv_timeout(LONGEST).expect("an answer")["knowledge_version"].take();
        assert_eq!(next(), first);

        std::fs::write(harbour.join("harbour.md"), format!("{text}\n{added}\n")).expect("a file");
        let until = Instant::now() + LONGEST;
        let mut started = app.reindex(Some(ADMIN_KEY));
        // The server watches the folder, so that it may have begun by itself.
        while started.status == 409 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
            started = app.reindex(Some(ADMIN_KEY));
        }
        assert_eq!(started.status, 202, "{}", started.text());
        while next() == first {
            assert!(Instant::now() < until, "the changed knowledge does not serve");
        }
    });
    assert_ne!(version(&app), first);
    assert!(is_found());
}

#[test]
fn a_snapshot_that_another_process_built_is_taken_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let harbour = knowledge(folder.path(), "harbour", "# The harbour\n\nThe harbour was opened in 1923.\n");
    // Another folder than the one that the server watches, which it would index itself.
    let lighthouse = knowledge(folder.path(), "lighthouse", "# The lighthouse\n\nIts keeper is called Anna Berg.\n");
    let app = TestApp::over(&harbour, &data, &[]);
    let first = version(&app);

    let built = binary("index", &lighthouse, &data).output().expect("the binary starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let until = Instant::now() + LONGEST;
    while version(&app) == first {
        assert!(Instant::now() < until, "the new snapshot does not serve");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (second, told) = (version(&app), String::from_utf8_lossy(&built.stdout).into_owned());
    assert!(told.contains(second.as_str().expect("a version")), "{second} is not what was built: {told}");
    assert_eq!((app.document("lighthouse").status, app.document("harbour").status), (200, 404));
    assert_eq!(app.answer("What is the keeper called?")["knowledge_version"], second);
}
