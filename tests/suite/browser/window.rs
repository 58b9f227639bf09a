//! A browser and its window, with what a person does in it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::Scheme;

const WAIT: Duration = Duration::from_secs(30);
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with a profile of its own; ends with the test, also when that fails.
pub struct Browser {
    driver: Child,
    address: String,
    profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        // A test that failed has closed no window, and the browser outlives a driver that is killed.
        let _ = Command::new("pkill").arg("-f").arg(self.profile.path()).stderr(Stdio::null()).status();
    }
}

impl Browser {
    /// Starts the driver, or says why there is none.
    pub fn start() -> Result<Self, String> {
        let driver = find(&["chromedriver"]).ok_or("chromedriver is not installed")?;
        find(&CHROMIUM).ok_or("chromium is not installed")?;
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

    /// Opens a window for the server at `app`.
    pub async fn open(&self, scheme: Scheme, app: &str) -> Window {
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
            "--lang=en",
            profile.as_str(),
        ];
        if scheme == Scheme::Dark {
            flags.push("--blink-settings=preferredColorScheme=0");
        }
        let downloads = self.profile.path().join("downloads");
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": {
                "args": flags,
                "binary": find(&CHROMIUM),
                "prefs": {"download.default_directory": downloads, "intl.accept_languages": "en"},
            },
        }) else {
            unreachable!("an object was written")
        };
        // The driver is on this machine, so that no connection needs TLS.
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&self.address).await.expect("a session");
        let session = client.session_id().await.expect("a session").expect("its id");
        let driver = format!("{}/session/{session}", self.address);
        Window { client, driver, app: app.to_owned(), downloads }
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

/// A window of the browser, before a server.
#[derive(Clone)]
pub struct Window {
    pub client: Client,
    /// The session at the driver.
    driver: String,
    /// `http://127.0.0.1:PORT`
    pub app: String,
    /// Where files are saved.
    pub downloads: PathBuf,
}

impl Window {
    pub async fn close(self) {
        self.client.close().await.expect("closed");
    }

    /// Opens an address of the server and waits until the page is ready.
    pub async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.app)).await.expect("opened");
        self.ready().await;
    }

    pub async fn reload(&self) {
        self.client.refresh().await.expect("reloaded");
        self.ready().await;
    }

    async fn ready(&self) {
        self.until(
            "return document.readyState === 'complete' && \
                    (!document.querySelector('#composer') || 'ready' in document.documentElement.dataset)",
        )
        .await;
    }

    /// Gives the page this many CSS pixels, also fewer than a window can have.
    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Lays the page out as it would be printed, or as on a screen again.
    pub async fn media(&self, media: &str) {
        self.devtools("Emulation.setEmulatedMedia", json!({"media": media})).await;
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let url = format!("{}/goog/cdp/execute", self.driver);
        let body = json!({"cmd": command, "params": parameters});
        let send = move || reqwest::blocking::Client::new().post(url).json(&body).send().map(|r| r.status().as_u16());
        let status = tokio::task::spawn_blocking(send).await.expect("it ran").expect("an answer");
        assert_eq!(status, 200, "{command}");
    }

    /// The first element, when it is there.
    pub async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(WAIT).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|e| panic!("{css}: {e}"))
    }

    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.expect("a list").len()
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("text")
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await;
        // What gets the focus comes clear of the bars at the top and the bottom; a click alone may not.
        self.script(&format!("document.querySelector({css:?}).scrollIntoView({{block: 'center'}})")).await;
        self.find(css).await.click().await.unwrap_or_else(|e| panic!("{css}: {e}"));
    }

    /// Types into the element that has the focus or into the one that is named.
    pub async fn enter(&self, css: &str, text: &str) {
        self.find(css).await.send_keys(text).await.unwrap_or_else(|e| panic!("{css}: {e}"));
    }

    /// Asks, and waits for the reply.
    pub async fn ask(&self, question: &str) {
        let replies = self.count(".reply").await;
        self.enter("#question", question).await;
        self.press(Key::Enter).await;
        self.until(&format!("return document.querySelectorAll('.reply').length > {replies}")).await;
    }

    /// What the API replies to the same question, with its trace.
    pub async fn reply_of_api(&self, question: &str) -> Value {
        let body = json!({"question": question, "explain": true}).to_string();
        let ask = format!(
            "return fetch('/api/v1/ask', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, \
             body: {body:?} }}).then(r => r.json())"
        );
        self.script(&ask).await
    }

    /// Opens the first number of an answer: the document in the panel, at the marked quote.
    pub async fn open_quote(&self) {
        self.click(".marker").await;
        self.find("#panel mark").await;
    }

    /// Opens the chat, asks and opens the first quote.
    pub async fn ask_and_open_quote(&self, question: &str) {
        self.go("/").await;
        self.ask(question).await;
        self.open_quote().await;
    }

    /// Waits until a dialog is closed.
    pub async fn closed(&self, dialog: &str) {
        self.until(&format!("return !document.querySelector({dialog:?}).open")).await;
    }

    pub async fn press(&self, key: Key) {
        self.chord(&[key.into()]).await;
    }

    /// Holds all keys but the last, and strikes that.
    pub async fn chord(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keyboard".into());
        for &value in keys {
            actions = actions.then(KeyAction::Down { value });
        }
        for &value in keys.iter().rev() {
            actions = actions.then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.expect("pressed");
    }

    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Waits until a script gives true.
    pub async fn until(&self, script: &str) {
        let until = Instant::now() + WAIT;
        while self.client.execute(script, Vec::new()).await.ok() != Some(Value::Bool(true)) {
            assert!(Instant::now() < until, "never: {script}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// What has the focus: its id, class or name.
    pub async fn focused(&self) -> String {
        let focused =
            self.script("const e = document.activeElement; return e?.id || e?.className || e?.localName || ''");
        focused.await.as_str().unwrap_or_default().to_owned()
    }

    /// Lets the page reach its server no more, until [`online`](Self::online).
    pub async fn offline(&self) {
        self.script("window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('offline'))").await;
    }

    pub async fn online(&self) {
        self.script("window.fetch = window.realFetch").await;
    }

    /// Fails when the page has asked anyone but its server for anything.
    pub async fn asked_nobody_else(&self) {
        let others = "return performance.getEntriesByType('resource').map(e => e.name) \
                      .filter(name => !name.startsWith(location.origin))";
        assert_eq!(self.script(others).await, json!([]));
    }

    /// Lets the stream of an answer stop after its first event, until the page calls `goOn()`. Who
    /// gives the answer up before is heard or, as when all of it has come already, not.
    pub async fn hold_answers_back(&self, heard: bool) {
        let hold = "const real = fetch; window.fetch = async (...asked) => { \
            const response = await real(...asked); if (!String(asked[0]).includes('stream')) return response; \
            const [hits, ...rest] = (await response.text()).split('\\n\\n'); const encoder = new TextEncoder(); \
            return new Response(new ReadableStream({ start(stream) { \
              stream.enqueue(encoder.encode(hits + '\\n\\n')); const { signal } = asked[1]; \
              if (HEARD) signal.addEventListener('abort', () => stream.error(signal.reason)); \
              window.goOn = () => { if (HEARD && signal.aborted) return; \
                stream.enqueue(encoder.encode(rest.join('\\n\\n'))); stream.close(); }; } })); }";
        self.script(&hold.replace("HEARD", &heard.to_string())).await;
    }

    /// Lets the page note in `errors` what goes wrong in it and nobody catches.
    pub async fn collect_errors(&self) {
        let collect = "window.errors = []; addEventListener('error', e => errors.push(e.message)); \
                       addEventListener('unhandledrejection', e => errors.push(String(e.reason)))";
        self.script(collect).await;
    }

    /// CSS pixels that the page is wider than its window.
    pub async fn overflow(&self) -> i64 {
        let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.script(wide).await.as_i64().expect("a number")
    }

    pub async fn screenshot(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("a file");
    }
}
