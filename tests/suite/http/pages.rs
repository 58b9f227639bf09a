//! The pages for people: `GET /`, `GET /documents/{slug}`, the assets.

use crate::helpers::{NANNING, Seen, TestApp};

const FILE: &str = "---\ntitle: \"Talk <script>alert(1)</script>\"\nsource_url: javascript:alert(1)\n---\n\n\
    ## Part <img src=x onerror=alert(1)>\n\n\
    The *harbour* opens at six & closes at nine. <script>alert(2)</script>\n\n\
    - one\n  - inner\n- two\n\n\
    **Ann:** Is it **open** on Sundays?\n\n**Bob:** Yes, it is.\n";

#[test]
fn every_block_stands_on_the_page_under_its_anchor() {
    let app = TestApp::start();
    let page = app.page(NANNING, "").text();
    for block in app.document(NANNING).json()["blocks"].as_array().unwrap() {
        let anchor = block["anchor"].as_str().unwrap();
        assert_eq!(page.matches(&format!(" id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
}

#[test]
fn the_links_of_a_reply_lead_to_the_marked_quote() {
    let app = TestApp::start();
    let reply = app.answer("What did Dr. Mei Lin say about openness?");
    for citation in reply["citations"].as_array().unwrap() {
        let url = citation["url"].as_str().unwrap();
        let page = app.get(url.split('#').next().unwrap()).text();
        let marked: String = page.split("<mark>").skip(1).filter_map(|p| p.split("</mark>").next()).collect();
        let plain = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        assert_eq!(plain(&marked), plain(citation["quote_text"].as_str().unwrap()), "{url}");
        assert!(page.contains(&format!("id=\"{}\"", citation["anchor"].as_str().unwrap())));
    }
}

#[test]
fn a_mark_that_does_not_fit_is_ignored() {
    let app = TestApp::start();
    for mark in
        ["1-2-00000000", "9999999-99999999-00000000", "x", "", "5-1-aaaaaaaa", "-1--2-%00", "0-99999999999999999999-a"]
    {
        let seen = app.page(NANNING, &format!("?mark={mark}"));
        assert_eq!((seen.status, seen.text().contains("<mark>")), (200, false), "{mark}");
    }
}

#[test]
fn what_a_file_holds_never_becomes_markup() {
    let app = TestApp::with_knowledge(&[("talk.md", FILE.as_bytes())]);
    for page in [app.page("talk", "").text(), app.get("/").text()] {
        for markup in ["<script>alert", "<img", "href=\"javascript:"] {
            assert!(!page.contains(markup), "{markup} in {page}");
        }
    }
}

#[test]
fn pages_carry_headers_that_allow_nothing_from_elsewhere() {
    let app = TestApp::start();
    for seen in
        [app.get("/"), app.page(NANNING, ""), app.get("/nothing"), app.get("/assets/style.css"), app.documents()]
    {
        let policy = seen.header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(rule), "{rule} in {policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        assert!(!seen.header("referrer-policy").is_empty());
    }
    for page in [app.get("/").text(), app.page(NANNING, "").text()] {
        assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"));
        assert!(page.match_indices("<script").all(|(at, _)| page[at..].starts_with("<script src=\"/assets/")));
    }
}

#[test]
fn assets_are_sent_once_and_compressed() {
    let app = TestApp::start();
    let seen = Seen::of(app.request("GET", "/assets/style.css").header("accept-encoding", "gzip"));
    assert_eq!((seen.header("content-encoding"), seen.header("content-type")), ("gzip", "text/css; charset=utf-8"));
    assert!(seen.bytes.starts_with(&[0x1f, 0x8b]));
    let known = Seen::of(app.request("GET", "/assets/style.css").header("if-none-match", seen.header("etag")));
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let small = Seen::of(app.request("GET", "/healthz").header("accept-encoding", "gzip"));
    assert_eq!((small.header("content-encoding"), small.text().as_str()), ("", r#"{"status":"ok"}"#));
}

#[test]
fn a_browser_gets_a_page_where_a_program_gets_a_problem() {
    let app = TestApp::start();
    let seen = Seen::of(app.request("GET", "/documents/no-such").header("accept", "text/html,*/*;q=0.8"));
    assert_eq!((seen.status, seen.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(seen.text().contains(&format!("/documents/{NANNING}")));
    assert_eq!(app.page("no-such", "").problem(), "no-such-document");
}

#[test]
fn head_is_answered_like_get_without_a_body() {
    let app = TestApp::start();
    let (get, head) = (app.get("/healthz"), Seen::of(app.request("HEAD", "/healthz")));
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-type"), get.header("content-type"));
}
