//! Whatever bytes arrive, a client is told what is wrong and the server goes on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::helpers::TestApp;

const BODIES: usize = 10_000;
/// A body that reaches the engine costs milliseconds; the test ends early rather than late.
const LONGEST: Duration = Duration::from_secs(20);

const SEEDS: &[&str] = &[
    r#"{"question":"What did she say?","history":[{"role":"user","content":"Who is Mei Lin?"}],"documents":[],"locale":"en","explain":true}"#,
    r#"{"questions":["a",{"question":"b","conversation_id":"c"},null]}"#,
    r#"{"model":"x","messages":[{"role":"system","content":"y"},{"role":"user","content":[{"type":"text","text":"trade?"}]}],"stream":true,"stream_options":{"include_usage":true}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_passage","arguments":{"document":"global-mayors-dialogue-nanning","anchor":"p-1","around":2}}}"#,
    r#"[{"jsonrpc":"2.0","id":"a","method":"resources/read","params":{"uri":"dialogdesk://documents/global-mayors-dialogue-nanning#about"}}]"#,
    r#"{"reply_id":"1f0c3f9e-5c8e-4a53-9d3a-0a8f6a3f7a11","rating":"down","comment":"no"}"#,
    r#"{"query":"trade","mode":"lexical","limit":3,"documents":["global-mayors-dialogue-nanning"]}"#,
];
const PATHS: [&str; 7] = [
    "/api/v1/ask",
    "/api/v1/ask/stream",
    "/api/v1/ask/batch",
    "/api/v1/search",
    "/api/v1/feedback",
    "/v1/chat/completions",
    "/mcp",
];
const PIECES: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-0",
    "1e400",
    "0.1",
    "\\u0000",
    "\\ud800",
    "\\",
    "\u{0}",
    "\u{202e}",
    "𝕢",
    "ﷺ",
    "\"question\":",
    "\"history\":",
    "\"limit\":",
    "18446744073709551616",
    "[[[[[[[[",
    "\n",
];

/// A body: a seed with pieces put in, cut out and doubled, or plain noise.
fn body(random: &mut fastrand::Rng) -> Vec<u8> {
    if random.u8(..) < 40 {
        return (0..random.usize(..300)).map(|_| random.u8(..)).collect();
    }
    let mut bytes = SEEDS[random.usize(..SEEDS.len())].as_bytes().to_vec();
    for _ in 0..random.usize(..6) {
        let at = random.usize(..=bytes.len());
        match random.u8(..4) {
            0 => drop(bytes.splice(at..at, PIECES[random.usize(..PIECES.len())].bytes())),
            1 => drop(bytes.drain(at..(at + random.usize(..8)).min(bytes.len()))),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
            _ => {
                let end = (at + random.usize(..40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

#[test]
fn no_body_makes_the_server_fail() {
    let app = TestApp::start();
    let until = Instant::now() + LONGEST;
    let sent = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let (app, sent) = (&app, &sent);
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed);
                for n in 0..BODIES * 3 / 4 {
                    if Instant::now() > until {
                        break;
                    }
                    let path = PATHS[n % PATHS.len()];
                    let body = body(&mut random);
                    let seen = app.post_bytes(path, body.clone());
                    assert!(seen.status < 500, "{path} {}: {}", String::from_utf8_lossy(&body), seen.text());
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let sent = sent.into_inner();
    println!("{sent} bodies were sent");
    assert!(sent > 1000, "only {sent} bodies were sent");
    assert_eq!(app.get("/readyz").status, 200);
}

#[test]
fn a_request_that_is_no_http_does_not_stop_the_server() {
    let app = TestApp::start();
    let requests: &[&[u8]] = &[
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for request in requests {
        let answer = app.raw(request);
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    assert_eq!(app.get("/healthz").status, 200);
}
