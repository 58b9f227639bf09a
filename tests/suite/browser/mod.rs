//! The web chat and the document pages in a real browser (Chromium, driven over WebDriver).
//!
//! Screenshots go to `target/screenshots`. Without a browser on the machine the tests say so in a
//! line and pass, unless `DIALOGDESK_TEST_ALL=1` asks for all of them.

mod access;
mod asking;
mod hostile;
mod judging;
mod keeping;
mod languages;
mod operator;
mod panel;
mod pictures;
mod sources;
mod taking;
mod widget;
mod window;

use std::future::Future;

use crate::helpers::TestApp;
use window::{Browser, Window};

const ANSWERABLE: &str = "What did Dr. Mei Lin say about openness?";
const UNANSWERABLE: &str = "How many students attend the university of Reykjavik?";

/// What opens the reasons of the last reply.
const WHY: &str = ".exchange:last-child .tools > [aria-expanded]";

/// In a script: `key`, under which the browser keeps a conversation, and the conversation itself.
const KEPT: &str = "const key = Object.keys(localStorage).find(k => k.startsWith('dialogdesk.conversation.')); \
                    const kept = JSON.parse(localStorage.getItem(key));";

/// Which colours the device prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
}

/// Runs a test with a server over the shipped knowledge and a browser window.
fn with_browser<F: Future<Output = ()>>(test: impl FnOnce(Window) -> F) {
    in_scheme(Scheme::Light, TestApp::start, test);
}

/// Runs a test with a server over several documents and a browser window.
fn with_documents<F: Future<Output = ()>>(test: impl FnOnce(Window) -> F) {
    in_scheme(Scheme::Light, several_documents, test);
}

/// The same in the colours asked for, with a server that is started when there is a browser.
fn in_scheme<F: Future<Output = ()>>(scheme: Scheme, app: impl FnOnce() -> TestApp, test: impl FnOnce(Window) -> F) {
    let browser = match Browser::start() {
        Ok(browser) => browser,
        Err(reason) => {
            assert!(std::env::var_os("DIALOGDESK_TEST_ALL").is_none_or(|v| v != "1"), "{reason}");
            println!("left out: {reason}");
            return;
        }
    };
    let app = app();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let window = browser.open(scheme, &app.address).await;
        window.size(1280, 900).await;
        test(window.clone()).await;
        window.close().await;
    });
}

/// The documents of the question sets beside the shipped one.
fn several_documents() -> TestApp {
    let read = |path: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    TestApp::with_knowledge(&[
        ("global-mayors-dialogue-nanning.md", &read("knowledge/global-mayors-dialogue-nanning.md")),
        ("harbour-council.md", &read("tests/collections/harbour/knowledge/harbour-council.md")),
        ("phones-panel.md", &read("tests/collections/panel/knowledge/phones-panel.md")),
    ])
}
