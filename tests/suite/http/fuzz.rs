//! Whatever bytes arrive, a client is told what is wrong and the server goes on.

use std::time::Instant;

use serde_json::Value;

use crate::helpers::TestApp;

/// Clients that send at a time.
const CLIENTS: usize = 4;

/// How much each client sends to each address.
#[derive(Clone, Copy)]
struct Amount {
    bodies: usize,
    /// Those of them at most that ask something: an answer takes some 150 ms of a core, a refusal well
    /// under one.
    asking: usize,
}

/// With `DIALOGDESK_TEST_ALL=1`: 10,000 bodies to each address, from all clients together.
const ALL: Amount = Amount { bodies: 10_000 / CLIENTS, asking: 5 };
/// Otherwise 1,000, because whoever changes something else waits for them.
const SOME: Amount = Amount { bodies: 1_000 / CLIENTS, asking: 3 };

/// What was sent to one address.
#[derive(Clone, Copy, Default)]
struct Sent {
    bodies: usize,
    asking: usize,
}

const SEEDS: &[&str] = &[
    r#"{"question":"What did she say?","history":[{"role":"user","content":"Who is Mei Lin?"}],"documents":[],"locale":"en","explain":true}"#,
    r#"{"questions":["a",{"question":"b","conversation_id":"c"},null]}"#,
    r#"{"model":"x","messages":[{"role":"system","content":"y"},{"role":"user","content":[{"type":"text","text":"trade?"}]}],"stream":true,"stream_options":{"include_usage":true}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_passage","arguments":{"document":"global-mayors-dialogue-nanning","anchor":"p-1","around":2}}}"#,
    r#"[{"jsonrpc":"2.0","id":"a","method":"resources/read","params":{"uri":"dialogdesk://documents/global-mayors-dialogue-nanning#about"}}]"#,
    r#"{"reply_id":"1f0c3f9e-5c8e-4a53-9d3a-0a8f6a3f7a11","rating":"down","comment":"no"}"#,
    r#"{"query":"trade","mode":"lexical","limit":3,"documents":["global-mayors-dialogue-nanning"]}"#,
    "key=a-key&next=%2Fadmin%2Freport",
];

/// Where bodies are sent, and the field without which nothing is asked there.
const DOORS: [(&str, Option<&str>); 10] = [
    ("/api/v1/ask", Some("question")),
    ("/api/v1/ask/stream", Some("question")),
    ("/api/v1/ask/batch", Some("questions")),
    ("/api/v1/search", Some("query")),
    ("/v1/chat/completions", Some("messages")),
    ("/api/v1/feedback", None),
    ("/mcp", None),
    ("/sign-in", None),
    // These two refuse whatever comes: no admin key is set, and the messenger is off.
    ("/api/v1/reindex", None),
    ("/channels/slack/events", None),
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
    "&key=",
    "%ff",
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

/// Whether the engine may be asked with this body at a door: it is JSON and has the field.
fn asks(body: &[u8], field: Option<&str>) -> bool {
    let has = |field: &str| serde_json::from_slice::<Value>(body).is_ok_and(|value| !value[field].is_null());
    field.is_some_and(has)
}

/// Sends bodies to each door in turn, and tells how many it took.
fn send(app: &TestApp, seed: usize, amount: Amount) -> [Sent; DOORS.len()] {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let mut sent = [Sent::default(); DOORS.len()];
    for _ in 0..amount.bodies {
        for ((path, field), sent) in DOORS.into_iter().zip(&mut sent) {
            let mut bytes = body(&mut random);
            while sent.asking == amount.asking && asks(&bytes, field) {
                bytes = body(&mut random);
            }
            sent.asking += usize::from(asks(&bytes, field));
            let seen = app.post_bytes(path, bytes.clone());
            assert!(seen.status < 500, "{path} {}: {}", String::from_utf8_lossy(&bytes), seen.text());
            sent.bodies += 1;
        }
    }
    sent
}

#[test]
fn no_body_makes_the_server_fail() {
    let app = TestApp::start();
    let all = std::env::var("DIALOGDESK_TEST_ALL").is_ok_and(|value| value == "1");
    let amount = if all { ALL } else { SOME };
    let started = Instant::now();
    let sent: Vec<[Sent; DOORS.len()]> = std::thread::scope(|scope| {
        let app = &app;
        let clients: Vec<_> = (0..CLIENTS).map(|seed| scope.spawn(move || send(app, seed, amount))).collect();
        clients.into_iter().map(|client| client.join().expect("no body was answered with a 500")).collect()
    });
    for (door, (path, field)) in DOORS.into_iter().enumerate() {
        let bodies: usize = sent.iter().map(|sent| sent[door].bodies).sum();
        let asking: usize = sent.iter().map(|sent| sent[door].asking).sum();
        assert_eq!(bodies, amount.bodies * CLIENTS, "{path}");
        let reached = (1..=amount.asking * CLIENTS).contains(&asking);
        assert_eq!(reached, field.is_some(), "{path}: {asking} bodies asked something");
    }
    println!("{} bodies to each of {} addresses in {:?}", amount.bodies * CLIENTS, DOORS.len(), started.elapsed());
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
