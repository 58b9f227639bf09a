//! The web chat and the document pages in a real browser (Chromium, driven over WebDriver).
//!
//! Screenshots go to `target/screenshots`. Without a browser on the machine the tests say so in a
//! line and pass, unless `DIALOGDESK_TEST_ALL=1` asks for all of them.

use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::helpers::TestApp;

const ANSWERABLE: &str = "What did Dr. Mei Lin say about openness?";
const UNANSWERABLE: &str = "How many students attend the university of Reykjavik?";
const WAIT: Duration = Duration::from_secs(30);

/// A browser with a window of its own; ends with the test, also when that fails.
struct Browser {
    driver: Child,
    address: String,
    profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Starts the driver, or says why there is none.
    fn start() -> Result<Self, String> {
        let driver = find(&["chromedriver"]).ok_or("chromedriver is not installed")?;
        find(&["chromium", "chromium-browser", "google-chrome"]).ok_or("chromium is not installed")?;
        let port = free_port();
        let mut command = Command::new(driver);
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = command.spawn().map_err(|e| format!("chromedriver does not start: {e}"))?;
        let browser = Self {
            driver,
            address: format!("http://127.0.0.1:{port}"),
            profile: tempfile::tempdir().map_err(|e| e.to_string())?,
        };
        let until = Instant::now() + WAIT;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                return Err("chromedriver does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(browser)
    }

    async fn open(&self, dark: bool) -> Client {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let mut flags = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-prefers-reduced-motion",
            profile.as_str(),
        ];
        if dark {
            flags.push("--blink-settings=preferredColorScheme=0");
        }
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": {"args": flags, "binary": find(&["chromium", "chromium-browser", "google-chrome"])},
            "goog:loggingPrefs": {"browser": "ALL"},
        }) else {
            unreachable!("an object was written")
        };
        // The driver is on this machine, so that no connection needs TLS.
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities).connect(&self.address).await.expect("a session")
    }
}

/// The first of these programs that is installed.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name))).find(|p| p.is_file())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

/// Runs a test with a server and a browser window, in the scheme asked for.
fn with_browser<F: Future<Output = ()>>(dark: bool, test: impl FnOnce(Client, String) -> F) {
    let browser = match Browser::start() {
        Ok(browser) => browser,
        Err(reason) => {
            assert!(std::env::var_os("DIALOGDESK_TEST_ALL").is_none_or(|v| v != "1"), "{reason}");
            println!("left out: {reason}");
            return;
        }
    };
    let app = TestApp::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = browser.open(dark).await;
        test(client.clone(), app.address.clone()).await;
        client.close().await.expect("closed");
    });
}

async fn screenshot(client: &Client, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{name}.png")), client.screenshot().await.expect("a picture")).expect("a file");
}

async fn find_one(client: &Client, css: &str) -> fantoccini::elements::Element {
    let found = client.wait().at_most(WAIT).for_element(Locator::Css(css)).await;
    found.unwrap_or_else(|e| panic!("{css}: {e}"))
}

async fn text_of(client: &Client, css: &str) -> String {
    find_one(client, css).await.text().await.expect("text")
}

async fn ask(client: &Client, question: &str) {
    find_one(client, "#question").await.send_keys(question).await.expect("typed");
    press(client, Key::Enter).await;
}

async fn press(client: &Client, key: Key) {
    let stroke = KeyActions::new("keyboard".into())
        .then(KeyAction::Down { value: key.into() })
        .then(KeyAction::Up { value: key.into() });
    client.perform_actions(stroke).await.expect("pressed");
}

async fn script(client: &Client, script: &str) -> Value {
    client.execute(script, Vec::new()).await.expect("a script")
}

#[test]
fn an_answer_leads_to_the_marked_quote_and_back() {
    with_browser(false, |client, address| async move {
        client.set_window_size(1280, 900).await.unwrap();
        client.goto(&address).await.unwrap();
        screenshot(&client, "chat-empty-1280-light").await;
        ask(&client, ANSWERABLE).await;
        let marker = find_one(&client, ".reply[data-outcome=answered] .marker").await;
        assert_eq!(marker.text().await.unwrap(), "1");
        let quote = text_of(&client, ".source blockquote").await;
        screenshot(&client, "chat-answer-1280-light").await;
        marker.click().await.unwrap();
        let marked = text_of(&client, "mark").await;
        assert!(quote.contains(marked.trim_matches(['“', '”'])) || marked.contains(&quote), "{marked} | {quote}");
        let visible = script(
            &client,
            "const r = document.querySelector('mark').getBoundingClientRect(); \
                                       return r.top >= 0 && r.top < innerHeight",
        )
        .await;
        assert_eq!(visible, true, "the marked quote is in sight");
        screenshot(&client, "document-mark-1280-light").await;
        client.back().await.unwrap();
        find_one(&client, ".reply[data-outcome=answered]").await;
    });
}

#[test]
fn a_refusal_looks_different_and_offers_questions() {
    with_browser(true, |client, address| async move {
        client.set_window_size(1280, 900).await.unwrap();
        client.goto(&address).await.unwrap();
        screenshot(&client, "chat-empty-1280-dark").await;
        ask(&client, ANSWERABLE).await;
        let answered = find_one(&client, ".reply[data-outcome=answered]").await;
        screenshot(&client, "chat-answer-1280-dark").await;
        ask(&client, UNANSWERABLE).await;
        let refused = find_one(&client, ".reply[data-outcome=abstained]").await;
        let background = "background-color";
        assert_ne!(refused.css_value(background).await.unwrap(), answered.css_value(background).await.unwrap());
        assert!(text_of(&client, ".refused .label").await.to_lowercase().contains("not in the documents"));
        screenshot(&client, "chat-refusal-1280-dark").await;
    });
}

#[test]
fn a_keyboard_is_enough() {
    with_browser(false, |client, address| async move {
        client.goto(&address).await.unwrap();
        let focused = "return document.activeElement?.id || document.activeElement?.className || ''";
        assert_eq!(script(&client, focused).await, "question");
        ask(&client, ANSWERABLE).await;
        find_one(&client, ".reply[data-outcome=answered]").await;
        assert_eq!(script(&client, focused).await, "question", "the focus is back in the box");
        let shift_tab = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: Key::Shift.into() })
            .then(KeyAction::Down { value: Key::Tab.into() })
            .then(KeyAction::Up { value: Key::Tab.into() })
            .then(KeyAction::Up { value: Key::Shift.into() });
        client.perform_actions(shift_tab).await.unwrap();
        assert_eq!(script(&client, "return document.activeElement.closest('.source') !== null").await, true);
        press(&client, Key::Enter).await;
        find_one(&client, "mark").await;
    });
}

#[test]
fn a_follow_up_is_read_with_what_came_before() {
    with_browser(false, |client, address| async move {
        client.goto(&address).await.unwrap();
        ask(&client, "What did Dr. Mei Lin say about cultural exchanges?").await;
        find_one(&client, ".reply[data-outcome]").await;
        ask(&client, "What did she say about openness?").await;
        let read = text_of(&client, ".exchange:nth-child(2) .read-as").await;
        assert!(read.starts_with("Read as:") && read.contains("Lin"), "{read}");
        assert!(text_of(&client, "#status").await.len() > 10, "the answer is announced");
    });
}

#[test]
fn nothing_scrolls_sideways_at_320_pixels() {
    with_browser(false, |client, address| async move {
        client.set_window_size(320, 700).await.unwrap();
        client.goto(&address).await.unwrap();
        let width = script(&client, "return innerWidth").await.as_u64().unwrap();
        assert!(width <= 320, "the window is {width} pixels wide");
        let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(script(&client, overflow).await, 0, "the empty chat at {width}");
        screenshot(&client, "chat-empty-320-light").await;
        ask(&client, ANSWERABLE).await;
        find_one(&client, ".reply[data-outcome=answered]").await;
        assert_eq!(script(&client, overflow).await, 0, "an answer at {width}");
        screenshot(&client, "chat-answer-320-light").await;
        script(&client, "document.querySelector('.marker').scrollIntoView({block: 'center'})").await;
        find_one(&client, ".marker").await.click().await.unwrap();
        find_one(&client, "mark").await;
        assert_eq!(script(&client, overflow).await, 0, "a document at {width}");
        screenshot(&client, "document-mark-320-light").await;
    });
}

#[test]
fn an_error_is_told_in_words_and_can_be_tried_again() {
    with_browser(false, |client, address| async move {
        client.goto(&address).await.unwrap();
        script(&client, "window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('offline'))")
            .await;
        ask(&client, ANSWERABLE).await;
        assert!(text_of(&client, ".failed p").await.contains("could not be reached"));
        script(&client, "window.fetch = window.realFetch").await;
        find_one(&client, ".failed button").await.click().await.unwrap();
        find_one(&client, ".reply[data-outcome=answered]").await;
    });
}

#[test]
fn the_pages_break_none_of_their_own_rules() {
    with_browser(false, |client, address| async move {
        let watch = "window.broken = []; \
                     addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective + ' ' + e.blockedURI))";
        client.goto(&address).await.unwrap();
        script(&client, watch).await;
        ask(&client, ANSWERABLE).await;
        find_one(&client, ".reply[data-outcome]").await;
        assert_eq!(script(&client, "return window.broken").await, json!([]));
        let outside = "return performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin))";
        assert_eq!(script(&client, outside).await, json!([]));
        let unlabelled = "return [...document.querySelectorAll('button, a, textarea, select')] \
                          .filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map(e => e.outerHTML)";
        assert_eq!(script(&client, unlabelled).await, json!([]));
    });
}
