//! Who is let in, and what is refused: keys, sessions, rates, pages of other sites.

use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::helpers::{ADMIN_KEY, NANNING, Seen, TestApp, binary, shipped_knowledge};

const QUESTION: &str = "What did Dr. Mei Lin say about openness?";

/// A key and its hash, as the command makes them.
fn new_key() -> (String, String) {
    let output = binary("key", &shipped_knowledge(), std::path::Path::new("data")).output().expect("it runs");
    let key = String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned();
    let advice = String::from_utf8(output.stderr).expect("UTF-8");
    let hash = advice.split('"').nth(1).expect("a hash").to_owned();
    assert!(hash.starts_with("sha256:") && !advice.contains(&key));
    (key, hash)
}

/// A server that asks for keys, and a key for reading.
fn closed(folder: &tempfile::TempDir) -> (TestApp, String) {
    let (key, hash) = new_key();
    let settings = [
        ("DIALOGDESK_ACCESS_REQUIRED", "true"),
        ("DIALOGDESK_ACCESS_READ_KEYS", hash.as_str()),
        ("DIALOGDESK_ADMIN_KEY", ADMIN_KEY),
    ];
    (TestApp::with_data(folder.path(), &settings, &[]), key)
}

fn ask(app: &TestApp, headers: &[(&str, &str)]) -> Seen {
    let request = app.request("POST", "/api/v1/ask").json(&json!({ "question": QUESTION }));
    Seen::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
}

/// Every operation of the description, with something in the place of each parameter.
fn operations(app: &TestApp, key: &str) -> Vec<(String, String)> {
    let api = Seen::of(app.request("GET", "/openapi.json").bearer_auth(key)).json();
    let of_path = |(path, methods): (&String, &Value)| {
        let path =
            ["slug", "name", "model", "id"].iter().fold(path.clone(), |p, n| p.replace(&format!("{{{n}}}"), "x"));
        let methods: Vec<String> = methods.as_object().expect("methods").keys().map(|m| m.to_uppercase()).collect();
        methods.into_iter().map(move |method| (method, path.clone())).collect::<Vec<_>>()
    };
    api["paths"].as_object().expect("paths").iter().flat_map(of_path).collect()
}

#[test]
fn where_a_key_is_needed_nothing_is_told_without_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, key) = closed(&folder);
    let open = ["/healthz", "/readyz", "/assets/x", "/sign-in", "/sign-out", "/widget.js"];
    let operations = operations(&app, &key);
    assert!(operations.len() > 20);
    for (method, path) in &operations {
        let send = |authorization: &str| Seen::of(app.request(method, path).header("authorization", authorization));
        for wrong in ["", "Bearer wrong", &format!("Basic {key}"), &format!("Bearer {}", &key[1..])] {
            let seen = send(wrong);
            // Messengers sign what they send; one that is off has no address.
            if open.contains(&path.as_str()) || path.starts_with("/channels/") {
                assert_ne!(seen.status, 403, "{method} {path}");
                continue;
            }
            assert_eq!(seen.status, 401, "{method} {path} with {wrong:?}: {}", seen.text());
            assert!(seen.header("www-authenticate").starts_with("Bearer") || path == "/admin/report");
            if path.starts_with("/v1/") {
                assert_eq!(seen.json()["error"]["code"], "unauthorized", "{path}");
            } else if path != "/admin/report" {
                assert_eq!(seen.problem(), "unauthorized", "{path}");
            }
        }
        assert_ne!(send(&format!("Bearer {key}")).status, 401, "{method} {path}");
    }
    assert_eq!(app.get("/no/such/address").status, 401, "nor whether an address exists");
    assert_eq!(ask(&app, &[("authorization", &format!("Bearer {key}"))]).status, 200);
}

#[test]
fn a_key_for_reading_opens_no_admin_route_and_the_admin_key_opens_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, key) = closed(&folder);
    assert_eq!(app.reindex(Some(&key)).problem(), "admin-key-needed");
    assert_eq!(app.report(Some(&key)).problem(), "admin-key-needed");
    assert_eq!(app.report(None).problem(), "unauthorized");
    assert_eq!(app.report(Some(ADMIN_KEY)).status, 200);
    assert_eq!(ask(&app, &[("authorization", &format!("Bearer {ADMIN_KEY}"))]).status, 200);
    assert_eq!(app.reindex(Some(ADMIN_KEY)).status, 202);
}

#[test]
fn a_server_that_others_can_reach_asks_for_a_key_unless_it_is_public() {
    let folder = tempfile::tempdir().expect("a folder");
    let everywhere = ["--listen", "0.0.0.0:0"];
    {
        let app = TestApp::with_data(folder.path(), &[], &everywhere);
        assert_eq!(ask(&app, &[]).problem(), "unauthorized");
        assert_eq!(app.get("/healthz").status, 200);
    }
    let public = TestApp::with_data(folder.path(), &[], &[everywhere[0], everywhere[1], "--public"]);
    assert_eq!(ask(&public, &[]).status, 200);
    assert_eq!(public.reindex(Some("guess")).problem(), "admin-off");
    let asked = json!({ "question": QUESTION, "conversation_id": "guessable" });
    assert_eq!(public.ask(&asked).status, 200);
    assert_eq!(public.conversation("guessable").status, 404);
}

#[test]
fn a_browser_signs_in_with_a_key_and_out_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, key) = closed(&folder);
    let client = Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
    let page = format!("/documents/{NANNING}");
    let seen = Seen::of(app.request("GET", &page).header("accept", "text/html"));
    assert_eq!((seen.status, seen.header("content-type")), (401, "text/html; charset=utf-8"));
    assert!(seen.text().contains("name=\"key\"") && !seen.text().contains("openness"));

    let sign_in = |body: &str, headers: &[(&str, &str)]| {
        let request = client.post(app.url("/sign-in")).header("content-type", "application/x-www-form-urlencoded");
        Seen::of(headers.iter().fold(request, |r, (name, value)| r.header(*name, *value)).body(body.to_owned()))
    };
    let wrong = sign_in("key=wrong&next=%2Fdocs", &[]);
    assert!(wrong.status == 401 && wrong.text().contains("role=\"alert\"") && wrong.header("set-cookie").is_empty());
    let form = format!("key={key}&next=https://evil.example/");
    for foreign in [&[("sec-fetch-site", "cross-site")][..], &[("origin", "https://evil.example")]] {
        assert_eq!(sign_in(&form, foreign).problem(), "foreign-origin");
    }
    for (body, status) in [("", 400), ("next=/", 400), ("key=a&key=b", 400), (&"k".repeat(9000), 413)] {
        assert_eq!(sign_in(body, &[]).status, status, "{:.20}", body);
    }
    let seen = sign_in(&form, &[("sec-fetch-site", "same-origin")]);
    assert_eq!((seen.status, seen.header("location")), (303, "/"), "nobody is sent elsewhere");
    let set = seen.header("set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && !set.contains(&key), "{set}");
    let cookie = [("cookie", set.split(';').next().expect("a pair"))];
    assert_eq!(ask(&app, &cookie).status, 200);
    let with_cookie = |method: &str, path: &str| {
        Seen::of(client.request(method.parse().expect("a method"), app.url(path)).header(cookie[0].0, cookie[0].1))
    };
    assert_eq!(with_cookie("GET", &page).status, 200);
    assert_eq!(with_cookie("GET", "/api/v1/report").problem(), "admin-key-needed");
    let report = with_cookie("GET", "/admin/report");
    assert!(report.status == 403 && report.text().contains("admin key"), "{}", report.text());
    let foreign = app.request("POST", "/sign-out").header(cookie[0].0, cookie[0].1);
    assert_eq!(Seen::of(foreign.header("sec-fetch-site", "cross-site")).problem(), "foreign-origin");
    assert_eq!(ask(&app, &cookie).status, 200, "no other site signs anybody out");
    assert_eq!(with_cookie("POST", "/sign-out").status, 303);
    assert_eq!(ask(&app, &cookie).status, 401);
}

#[test]
fn no_page_of_another_site_uses_the_session_of_an_operator() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DIALOGDESK_ADMIN_KEY", ADMIN_KEY), ("DIALOGDESK_SERVER_PUBLIC_URL", "https://desk.example.org")];
    let app = TestApp::with_data(folder.path(), &settings, &[]);
    let client = Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
    let form = client.post(app.url("/sign-in")).header("content-type", "application/x-www-form-urlencoded");
    let seen = Seen::of(form.body(format!("key={ADMIN_KEY}")));
    let cookie = seen.header("set-cookie").to_owned();
    assert!(seen.status == 303 && cookie.ends_with("; Secure"), "browsers come over TLS here: {cookie}");
    let pair = cookie.split(';').next().expect("a pair");
    let rebuild = |name: &str, value: &str| {
        Seen::of(app.request("POST", "/api/v1/reindex").header("cookie", pair).header(name, value))
    };
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        assert_eq!(rebuild(name, value).problem(), "foreign-origin", "{name}: {value}");
    }
    assert_eq!(rebuild("sec-fetch-site", "same-origin").status, 202);
}

#[test]
fn the_report_page_is_off_without_an_admin_key_and_escapes_what_was_asked() {
    let off = TestApp::start();
    assert_eq!(off.get("/admin/report").problem(), "admin-off");
    let page = Seen::of(off.request("GET", "/admin/report").header("accept", "text/html"));
    assert_eq!((page.status, page.header("content-type")), (403, "text/html; charset=utf-8"));
    let app = TestApp::with_admin_key();
    let hostile = "How many <script>alert(1)</script> \"quotes\" are in Reykjavik?";
    let reply = app.answer(hostile);
    let rated = json!({ "reply_id": reply["id"], "rating": "down", "comment": "<img src=x onerror=alert(2)>" });
    assert_eq!(app.feedback(&rated).status, 200);
    let with_key = |path: &str| Seen::of(app.request("GET", path).bearer_auth(ADMIN_KEY));
    let page = with_key("/admin/report").text();
    assert!(page.contains("&lt;script&gt;") && page.contains("&lt;img"), "{page}");
    assert!(!page.contains("<script>") && !page.contains("<img") && !page.contains(" style="));
    assert_eq!(with_key("/api/v1/report?since=1").json()["low_rated"][0]["question"], hostile);
    for wrong in ["since=0", "since=x", "until=1", "since=1&since=2", "since="] {
        assert_eq!(with_key(&format!("/api/v1/report?{wrong}")).problem(), "bad-value", "{wrong}");
    }
    let sign_in = app.get("/admin/report");
    assert!(sign_in.status == 401 && sign_in.text().contains("name=\"key\""));
    assert_eq!(sign_in.header("cache-control"), "no-store");
}

/// A request that counts as a question and takes no time.
fn small(app: &TestApp, from: &str) -> Seen {
    Seen::of(app.request("POST", "/api/v1/feedback").json(&json!({})).header("x-forwarded-for", from))
}

/// Sends what takes no time until it is too much, faster than one a second.
fn too_many(mut send: impl FnMut(usize) -> Seen) -> Seen {
    assert_ne!(send(0).status, 429, "the first is let through");
    (1..300).map(send).find(|seen| seen.status == 429).expect("never too many")
}

#[test]
fn a_client_that_asks_too_fast_waits_and_others_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (key, hash) = new_key();
    let settings = [
        ("DIALOGDESK_SERVER_TRUSTED_PROXIES", "127.0.0.1"),
        ("DIALOGDESK_LIMITS_PER_SECOND", "1"),
        ("DIALOGDESK_LIMITS_BURST", "3"),
        ("DIALOGDESK_ACCESS_READ_KEYS", hash.as_str()),
    ];
    let app = TestApp::with_data(folder.path(), &settings, &[]);
    let refused = too_many(|_| small(&app, "198.51.100.1"));
    assert_eq!(refused.problem(), "rate-limited");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=2).contains(&seconds)));
    assert_eq!(ask(&app, &[("x-forwarded-for", "198.51.100.2")]).status, 200, "others are not held up");
    // What a client adds to the header itself makes it no other client.
    too_many(|n| small(&app, &format!("203.0.113.{}, 198.51.100.3", n % 250)));
    let bearer = format!("Bearer {key}");
    let with_key = [("x-forwarded-for", "198.51.100.1"), ("authorization", bearer.as_str())];
    assert!((0..8).all(|_| ask(&app, &with_key).status == 200), "clients with a key are not limited");
    assert!((0..8).all(|_| ask(&app, &[]).status == 200), "nor are clients of this machine");
    assert_eq!(Seen::of(app.request("GET", "/").header("x-forwarded-for", "198.51.100.1")).status, 200);
}

#[test]
fn a_batch_counts_its_questions_and_each_surface_says_too_many_in_its_terms() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [
        ("DIALOGDESK_SERVER_TRUSTED_PROXIES", "127.0.0.1"),
        ("DIALOGDESK_LIMITS_PER_SECOND", "1"),
        ("DIALOGDESK_LIMITS_BURST", "30"),
    ];
    let app = TestApp::with_data(folder.path(), &settings, &[]);
    let send = |path: &str, from: &str, body: &Value| {
        Seen::of(app.request("POST", path).json(body).header("x-forwarded-for", from))
    };
    let batch = |from: &str, n: usize| send("/api/v1/ask/batch", from, &json!({ "questions": vec![""; n] }));
    assert_eq!(batch("198.51.100.1", 30).status, 200);
    assert_eq!(batch("198.51.100.1", 30).problem(), "rate-limited");
    let over = batch("198.51.100.2", 40);
    assert_eq!((over.status, over.problem().as_str()), (400, "batch-over-limit"));
    let list = json!(vec![json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }); 30]);
    assert_eq!(send("/mcp", "198.51.100.3", &list).status, 200);
    assert_eq!(send("/mcp", "198.51.100.3", &list).problem(), "rate-limited");
    let refused = too_many(|_| send("/v1/chat/completions", "198.51.100.4", &json!({})));
    assert_eq!(refused.json()["error"]["type"], "rate_limit_error");
}

#[test]
fn behind_a_proxy_that_is_not_listed_all_share_one_rate() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DIALOGDESK_LIMITS_PER_SECOND", "1"), ("DIALOGDESK_LIMITS_BURST", "2")];
    let app = TestApp::with_data(folder.path(), &settings, &[]);
    too_many(|n| small(&app, &format!("198.51.100.{}", n % 250)));
}

#[test]
fn who_tries_keys_is_slowed_down_also_where_reading_needs_none() {
    for (required, path) in [("true", "/api/v1/documents"), ("false", "/api/v1/report")] {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = [
            ("DIALOGDESK_ACCESS_REQUIRED", required),
            ("DIALOGDESK_ADMIN_KEY", ADMIN_KEY),
            ("DIALOGDESK_LIMITS_LOOPBACK", "true"),
            ("DIALOGDESK_LIMITS_PER_SECOND", "1"),
            ("DIALOGDESK_LIMITS_BURST", "2"),
        ];
        let app = TestApp::with_data(folder.path(), &settings, &[]);
        let guess = |n: usize| Seen::of(app.request("GET", path).bearer_auth(format!("guess-{n}")));
        assert_eq!(guess(0).problem(), "unauthorized");
        too_many(guess);
        assert_eq!(app.report(Some(ADMIN_KEY)).status, 200);
    }
}

#[test]
fn only_pages_of_listed_sites_may_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DIALOGDESK_SERVER_ORIGINS", "https://www.example.org,http://localhost:3000")];
    let app = TestApp::with_data(folder.path(), &settings, &[]);
    let before = |origin: &str, path: &str| {
        let request = app.request("OPTIONS", path).header("origin", origin);
        Seen::of(request.header("access-control-request-method", "POST"))
    };
    let fine = before("https://www.example.org", "/api/v1/ask/stream");
    assert_eq!((fine.status, fine.header("access-control-allow-origin")), (204, "https://www.example.org"));
    assert!(
        fine.header("access-control-allow-headers").contains("authorization") && fine.header("vary").contains("origin")
    );
    assert!(fine.header("access-control-allow-credentials").is_empty());
    for foreign in ["https://evil.example", "https://www.example.org.evil.example", "http://www.example.org", "null"] {
        let seen = before(foreign, "/api/v1/ask/stream");
        assert_eq!((seen.status, seen.header("access-control-allow-origin")), (405, ""), "{foreign}");
        assert_eq!(ask(&app, &[("origin", foreign)]).header("access-control-allow-origin"), "");
    }
    assert_eq!(before("https://www.example.org", "/").status, 405, "pages are not for other pages");
    let documents = app.request("GET", "/api/v1/documents").header("origin", "http://localhost:3000");
    let seen = Seen::of(documents);
    assert_eq!((seen.status, seen.header("access-control-allow-origin")), (200, "http://localhost:3000"));
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let mcp = |origin: &str| Seen::of(app.request("POST", "/mcp").json(&message).header("origin", origin)).status;
    assert_eq!((mcp("https://www.example.org"), mcp("https://evil.example")), (200, 403));
    let none = TestApp::start();
    assert_eq!(ask(&none, &[("origin", "https://www.example.org")]).header("access-control-allow-origin"), "");
}
