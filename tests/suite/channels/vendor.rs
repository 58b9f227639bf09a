//! A vendor on loopback: notes what it is sent and answers as the test says.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longest time until a request arrives; answering on a loaded machine takes a while.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it is watched that nothing arrives.
const QUIET: Duration = Duration::from_millis(600);

pub struct Vendor {
    /// `http://127.0.0.1:PORT`
    pub address: String,
    inside: Arc<Inside>,
}

#[derive(Default)]
struct Inside {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    seen: Vec<Request>,
    script: VecDeque<Scripted>,
    /// What is fetched and is no message, by the end of the path.
    fixed: Vec<(&'static str, Value)>,
    fetched: Vec<Request>,
}

/// What the vendor was sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// Null where it was no JSON.
    pub body: Value,
    pub raw: String,
    pub at: Instant,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

#[derive(Debug, Clone)]
struct Scripted {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Vendor {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let inside = Arc::new(Inside::default());
        let serving = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serve(stream, &serving));
            }
        });
        Self { address, inside }
    }

    /// Answers a GET or POST of something that is no message, by the end of its path.
    pub fn fix(&self, path_end: &'static str, body: Value) {
        self.state().fixed.push((path_end, body));
    }

    /// How the next message that was not spoken of yet is answered.
    pub fn next(&self, status: u16, headers: &[(&'static str, &str)], body: Value) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.state().script.push_back(Scripted { status, headers, body });
    }

    /// All messages so far, when there are at least `count`.
    pub fn messages(&self, count: usize) -> Vec<Request> {
        let waiting = self.inside.changed.wait_timeout_while(self.state(), PATIENCE, |s| s.seen.len() < count);
        let (state, _) = waiting.expect("no test panics inside");
        assert!(
            state.seen.len() >= count,
            "{} of {count} messages within {PATIENCE:?}: {:#?}",
            state.seen.len(),
            state.seen
        );
        state.seen.clone()
    }

    /// All messages so far, after watching that no more than `count` come.
    pub fn only(&self, count: usize) -> Vec<Request> {
        self.messages(count);
        std::thread::sleep(QUIET);
        let seen = self.messages(count);
        assert_eq!(seen.len(), count, "{seen:#?}");
        seen
    }

    /// What was fetched or posted that is no message.
    pub fn fetched(&self, path_end: &str) -> Vec<Request> {
        self.state().fetched.iter().filter(|request| request.path.ends_with(path_end)).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inside.state.lock().expect("no test panics inside")
    }
}

fn serve(mut stream: TcpStream, inside: &Inside) {
    let Some(request) = read(&stream) else { return };
    let answer = {
        let mut state = inside.state.lock().expect("no test panics inside");
        let fixed = state.fixed.iter().find(|(end, _)| request.path.ends_with(end)).map(|(_, body)| body.clone());
        if let Some(body) = fixed {
            state.fetched.push(request);
            Scripted { status: 200, headers: Vec::new(), body }
        } else {
            state.seen.push(request);
            let n = state.seen.len();
            state.script.pop_front().unwrap_or_else(|| taken(n))
        }
    };
    inside.changed.notify_all();
    let body = answer.body.to_string();
    let extra: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 {} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{extra}\r\n",
        answer.status,
        body.len()
    );
    let _ = stream.write_all((head + &body).as_bytes());
}

/// What each vendor says to a message that it takes, all in one.
fn taken(n: usize) -> Scripted {
    let body = json!({
        "ok": true, "code": 0, "id": format!("m{n}"), "messages": [{ "id": format!("m{n}") }],
        "data": { "message_id": format!("m{n}") }, "result": { "message_id": n },
    });
    Scripted { status: 200, headers: Vec::new(), body }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, v)| v.parse().ok());
    let mut raw = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut raw).ok()?;
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let body = serde_json::from_str(&raw).unwrap_or_default();
    Some(Request { method, path, headers, body, raw, at: Instant::now() })
}
