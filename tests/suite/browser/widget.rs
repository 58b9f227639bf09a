//! The chat in a page of another site.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use dialogdesk::http::access::KeyHash;
use serde_json::json;

use super::access::{axe, clean};
use super::window::Window;
use super::{ANSWERABLE, Scheme, UNANSWERABLE, in_scheme};
use crate::helpers::{NANNING, READER_KEY, Seen, TestApp, shipped_knowledge};

/// In the widget's shadow root.
const ROOT: &str = "const root = document.querySelector('.dialogdesk-widget')?.shadowRoot;";

/// A site of somebody else, whose style would spoil whatever it reached. The script comes from
/// `desk`, an address that is known later than this one.
struct Site {
    origin: String,
    listener: TcpListener,
}

impl Site {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        Self { origin, listener }
    }

    /// `attributes` stand in the script's element.
    fn serve(self, desk: &str, attributes: &str) {
        let page = format!(
            "<!doctype html><html lang=\"en\"><title>Another site</title><style>html {{ font-size: 40px }} \
             * {{ color: red !important; text-transform: uppercase !important }} button {{ display: none !important }}</style>\
             <body><h1>Another site</h1><script src=\"{desk}/widget.js\" {attributes}></script></body></html>"
        );
        std::thread::spawn(move || self.listener.incoming().flatten().for_each(|stream| answer(stream, &page)));
    }
}

fn answer(mut stream: TcpStream, page: &str) {
    let _ = stream.read(&mut [0; 4096]);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n";
    let _ = write!(stream, "{head}content-length: {}\r\n\r\n{page}", page.len());
}

/// A server that lists these origins.
fn desk(origins: &str) -> TestApp {
    let file = std::fs::read(shipped_knowledge().join(format!("{NANNING}.md"))).expect("the document");
    TestApp::with_knowledge_and(&[("nanning.md", &file)], &[("DIALOGDESK_SERVER_ORIGINS", origins)])
}

/// The widget alone: the page around it is somebody else's.
async fn clean_widget(w: &Window, what: &str) {
    let Some(axe) = axe() else { return };
    w.script("window.axeOn = document.querySelector('.dialogdesk-widget')").await;
    clean(w, &axe, what).await;
}

async fn visit(w: &Window, site: Site) {
    visit_with(w, site, "").await;
}

async fn visit_with(w: &Window, site: Site, attributes: &str) {
    let origin = site.origin.clone();
    site.serve(&w.app, attributes);
    w.client.goto(&origin).await.expect("opened");
}

#[test]
fn a_line_of_script_puts_the_chat_into_a_listed_site() {
    let site = Site::new();
    let origins = format!("https://www.example.org, {}", site.origin);
    in_scheme(
        Scheme::Light,
        || desk(&origins),
        |w| async move {
            visit(&w, site).await;
            w.until(&format!("{ROOT} return Boolean(root?.querySelector('.opener')?.checkVisibility())")).await;
            w.script(&format!("{ROOT} root.querySelector('.opener').click()")).await;
            assert_eq!(w.script(&format!("{ROOT} return root.activeElement.localName")).await, "textarea");
            let ask = |question: &str| {
                format!(
                    "{ROOT} root.querySelector('textarea').value = {question:?}; root.querySelector('form').requestSubmit()"
                )
            };
            w.script(&ask(ANSWERABLE)).await;
            w.until(&format!("{ROOT} return Boolean(root.querySelector('.reply[data-outcome=answered]'))")).await;
            let link = w.script(&format!("{ROOT} return root.querySelector('.marker').href")).await;
            assert!(link.as_str().unwrap().starts_with(&format!("{}/documents/{NANNING}?mark=", w.app)), "{link}");
            w.script(&ask(UNANSWERABLE)).await;
            w.until(&format!("{ROOT} return Boolean(root.querySelector('.reply[data-outcome=abstained]'))")).await;
            w.script(&format!("{ROOT} root.querySelector('.thumb').click()")).await;
            w.until(&format!("{ROOT} return Boolean(root.querySelector('form.comment'))")).await;
            w.screenshot("widget").await;
            let looks = w.script(&format!("{ROOT} const s = getComputedStyle(root.querySelector('.said-by')); return [s.color, s.textTransform, s.fontSize]")).await;
            assert_eq!(looks, json!(["rgb(35, 34, 31)", "none", "15px"]), "the site's style stays outside");
            let outside = w
                .script("const s = getComputedStyle(document.querySelector('h1')); return [s.color, s.fontWeight]")
                .await;
            assert_eq!(outside, json!(["rgb(255, 0, 0)", "700"]), "and ours inside");
            assert_eq!(w.script("return Object.keys(localStorage).length").await, 0);
            clean_widget(&w, "the widget").await;
        },
    );
}

#[test]
fn a_site_that_is_not_listed_gets_no_chat() {
    let site = Site::new();
    in_scheme(
        Scheme::Light,
        || desk("https://www.example.org"),
        |w| async move {
            visit(&w, site).await;
            w.until("return performance.getEntriesByType('resource').some(e => e.name.endsWith('/widget/main.js'))")
                .await;
            assert_eq!(w.script("return document.querySelector('.dialogdesk-widget')").await, json!(null));
            let read = format!("return fetch('{}/api/v1/documents').then(() => 'read', () => 'refused')", w.app);
            assert_eq!(w.script(&read).await, "refused");
        },
    );
}

/// The same that asks for a key.
fn closed_desk(origin: &str) -> TestApp {
    let hash = KeyHash::of(READER_KEY).to_string();
    let settings = [
        ("DIALOGDESK_SERVER_ORIGINS", origin),
        ("DIALOGDESK_ACCESS_REQUIRED", "true"),
        ("DIALOGDESK_ACCESS_READ_KEYS", hash.as_str()),
    ];
    TestApp::with_knowledge_and(&[("harbour.md", b"# Harbour\n\nThe harbour was opened in 1923.\n")], &settings)
}

#[test]
fn where_the_server_asks_for_a_key_the_script_may_name_one() {
    let site = Site::new();
    let app = closed_desk(&site.origin);
    in_scheme(
        Scheme::Light,
        || app,
        |w| async move {
            visit_with(&w, site, &format!("data-open data-key=\"{READER_KEY}\"")).await;
            w.until(&format!("{ROOT} return Boolean(root?.querySelector('textarea'))")).await;
            let ask = "root.querySelector('textarea').value = 'When was the harbour opened?'; root.querySelector('form').requestSubmit()";
            w.script(&format!("{ROOT} {ask}")).await;
            w.until(&format!("{ROOT} return Boolean(root.querySelector('.reply[data-outcome=answered]'))")).await;
            w.script(&format!("{ROOT} root.querySelector('.thumb').click()")).await;
            w.until(&format!("{ROOT} return Boolean(root.querySelector('form.comment'))")).await;
        },
    );
}

#[test]
fn where_the_server_asks_for_a_key_and_the_page_has_none_that_fits_it_is_told_so() {
    for attributes in ["data-open", "data-open data-key=\"another\""] {
        let site = Site::new();
        let app = closed_desk(&site.origin);
        in_scheme(
            Scheme::Light,
            || app,
            |w| async move {
                visit_with(&w, site, attributes).await;
                w.until(&format!("{ROOT} return Boolean(root?.querySelector('.lead'))")).await;
                let told = w.script(&format!("{ROOT} return root.querySelector('.lead').textContent")).await;
                assert!(told.as_str().unwrap().contains("asks for a key"), "{told}");
                assert_eq!(w.script(&format!("{ROOT} return root.querySelector('textarea')")).await, json!(null));
                w.script(&format!("{ROOT} root.querySelector('.close').click()")).await;
                w.script(&format!("{ROOT} root.querySelector('.opener').click()")).await;
                let focused = format!("{ROOT} return root.activeElement.classList.contains('close')");
                assert_eq!(w.script(&focused).await, true);
                w.screenshot("widget-closed").await;
                clean_widget(&w, "the closed widget").await;
            },
        );
    }
}

#[test]
fn only_listed_origins_are_told_that_they_may_read_and_only_what_the_widget_needs() {
    let app = desk("https://www.example.org,http://localhost:3000");
    let preflight = |path: &str, origin: &str| {
        let request = app.request("OPTIONS", path).header("origin", origin);
        Seen::of(request.header("access-control-request-method", "POST"))
    };
    for path in ["/api/v1/ask/stream", "/api/v1/feedback", "/api/v1/documents", "/assets/widget/main.js"] {
        let seen = preflight(path, "https://www.example.org");
        assert_eq!(
            (seen.status, seen.header("access-control-allow-origin")),
            (204, "https://www.example.org"),
            "{path}"
        );
        assert!(seen.header("access-control-allow-headers").contains("content-type"));
        for other in [
            "https://example.org",
            "https://www.example.org.evil.test",
            "http://www.example.org",
            "null",
            "https://WWW.example.org",
        ] {
            let seen = preflight(path, other);
            assert_eq!((seen.status, seen.header("access-control-allow-origin")), (405, ""), "{path} {other}");
        }
    }
    for path in ["/api/v1/ask", "/api/v1/reindex", "/api/v1/conversations/x", "/", "/metrics"] {
        assert_eq!(preflight(path, "https://www.example.org").header("access-control-allow-origin"), "", "{path}");
    }
    let read = |origin: &str| Seen::of(app.request("GET", "/api/v1/documents").header("origin", origin));
    let (listed, other) = (read("http://localhost:3000"), read("http://localhost:3001"));
    assert_eq!(listed.header("access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(other.header("access-control-allow-origin"), "");
    for seen in [listed, other] {
        let vary: Vec<&str> = seen.headers.get_all("vary").iter().filter_map(|v| v.to_str().ok()).collect();
        assert!(vary.iter().any(|v| v.contains("origin")), "{vary:?}");
        assert_eq!(seen.header("access-control-allow-credentials"), "");
    }
}

#[test]
fn without_listed_origins_nothing_is_shared() {
    let app = TestApp::start();
    let seen = Seen::of(app.request("GET", "/api/v1/documents").header("origin", "https://www.example.org"));
    assert_eq!((seen.status, seen.header("access-control-allow-origin")), (200, ""));
    assert_eq!(Seen::of(app.request("GET", "/widget.js")).header("content-type"), "text/javascript; charset=utf-8");
}
