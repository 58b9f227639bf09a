//! What the built program costs: starting, indexing, answering alone and under load.
//!
//! Starts the release binary and talks to it over loopback HTTP with connections kept alive, as a
//! reverse proxy would. Client and server share the machine, so the figures are those of a server
//! that has a little less than all of it. Every question is asked once only, so no cache can help.
//!
//!     cargo bench --bench serve -- [--knowledge DIR] [--questions FILE] [--seconds N] [--clients N]…
//!
//! Prints a table and writes `bench-results/latest.json`. Memory and processor time are read from
//! `/proc` and absent elsewhere.

#[path = "serve/client.rs"]
mod client;
#[path = "serve/questions.rs"]
mod questions;
#[path = "serve/server.rs"]
mod server;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use client::Client;
use questions::Questions;
use serde::Serialize;
use server::{Cost, Server};

/// Anything that keeps the bench from measuring; told once, in `main`.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Options {
    knowledge: PathBuf,
    questions: PathBuf,
    seconds: u64,
    clients: Vec<usize>,
}

#[derive(Serialize)]
struct Report {
    first_start: Start,
    warm_start: Start,
    passages: u64,
    /// First start less warm start, by passage.
    indexing_ms_per_passage: f64,
    loads: Vec<Load>,
}

/// From starting the process to the line that says it is ready.
#[derive(Serialize)]
struct Start {
    seconds: f64,
    resident_mb: Option<f64>,
    peak_mb: Option<f64>,
}

#[derive(Serialize)]
struct Load {
    clients: usize,
    questions: usize,
    /// Replies that were not HTTP 200.
    refused: usize,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Share of the server's processor time that was spent inside the encoder, 0 to 1.
    encoder_share: Option<f64>,
    /// The same of encoder and reader together.
    models_share: Option<f64>,
    /// Processor time of the server by question.
    cpu_ms: Option<f64>,
    resident_mb: Option<f64>,
}

fn main() -> std::process::ExitCode {
    match options().and_then(|options| measure(&options)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options {
        knowledge: "knowledge".into(),
        questions: "tests/collections/nanning/questions.jsonl".into(),
        seconds: 5,
        clients: Vec::new(),
    };
    // cargo passes `--bench` of its own.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--knowledge" => options.knowledge = value.into(),
            "--questions" => options.questions = value.into(),
            "--seconds" => options.seconds = value.parse()?,
            "--clients" => options.clients.push(value.parse()?),
            _ => return Err(format!("there is no {flag}").into()),
        }
    }
    if options.clients.is_empty() {
        options.clients = vec![1, 2, 4, 8, 16, 32, 64];
    }
    Ok(options)
}

fn measure(options: &Options) -> Result<()> {
    let data = tempfile::tempdir()?;
    let (first, first_start) = start(options, data.path())?;
    drop(first);
    let (server, warm_start) = start(options, data.path())?;
    let passages = server.passages()?;
    #[allow(clippy::cast_precision_loss, reason = "counts")]
    let indexing = (first_start.seconds - warm_start.seconds) * 1000.0 / passages.max(1) as f64;
    let mut report = Report { first_start, warm_start, passages, indexing_ms_per_passage: indexing, loads: Vec::new() };
    print_starts(&report);

    let questions = Questions::read(&options.questions)?;
    load(&server, &questions, 1, Duration::from_secs(1))?;
    println!("\nclients  questions  refused  per second  p50 ms  p99 ms  CPU ms  encoder  both models  resident MB");
    for &clients in &options.clients {
        let load = load(&server, &questions, clients, Duration::from_secs(options.seconds))?;
        print_load(&load);
        report.loads.push(load);
    }
    std::fs::create_dir_all("bench-results")?;
    std::fs::write("bench-results/latest.json", serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

fn start(options: &Options, data: &std::path::Path) -> Result<(Server, Start)> {
    let started = Instant::now();
    let server = Server::start(&options.knowledge, data)?;
    let seconds = started.elapsed().as_secs_f64();
    let start = Start { seconds, resident_mb: server.memory("VmRSS"), peak_mb: server.memory("VmHWM") };
    Ok((server, start))
}

/// All clients ask for as long as `time` says, each its next question as soon as it has its reply.
fn load(server: &Server, questions: &Questions, clients: usize, time: Duration) -> Result<Load> {
    let replies = Mutex::new(Vec::new());
    let before = server.cost()?;
    let started = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            let mut client = Client::connect(server.address())?;
            let mut own = Vec::new();
            while started.elapsed() < time {
                let body = questions.next_body();
                let asked = Instant::now();
                let status = client.post("/api/v1/ask", &body)?;
                own.push((asked.elapsed().as_secs_f64() * 1000.0, status == 200));
            }
            replies.lock().map_err(|_| "a client panicked")?.extend(own);
            Ok(())
        };
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(move || work().map_err(|e| e.to_string()))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a client panicked".to_owned())?)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    // The server publishes its models' time a few times a second.
    std::thread::sleep(Duration::from_millis(500));
    let replies = replies.into_inner().map_err(|_| "a client panicked")?;
    Ok(summed_up(clients, &replies, seconds, before, server.cost()?, server.memory("VmRSS")))
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
fn summed_up(
    clients: usize,
    replies: &[(f64, bool)],
    seconds: f64,
    before: Cost,
    after: Cost,
    resident_mb: Option<f64>,
) -> Load {
    let mut answered: Vec<f64> = replies.iter().filter(|(_, fine)| *fine).map(|(ms, _)| *ms).collect();
    answered.sort_by(f64::total_cmp);
    let percentile = |p: f64| {
        let rank = (p * answered.len() as f64).ceil() as usize;
        answered.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    };
    let cpu = after.cpu_seconds.zip(before.cpu_seconds).map(|(after, before)| after - before);
    let spent = |seconds: fn(&Cost) -> Option<f64>| Some(seconds(&after)? - seconds(&before)?);
    let (encoder, reader) = (spent(|cost| cost.encoder_seconds), spent(|cost| cost.reader_seconds));
    let share = |seconds: f64| cpu.filter(|cpu| *cpu > 0.0).map(|cpu| seconds / cpu);
    Load {
        clients,
        questions: answered.len(),
        refused: replies.len() - answered.len(),
        per_second: answered.len() as f64 / seconds,
        p50_ms: percentile(0.5),
        p99_ms: percentile(0.99),
        encoder_share: encoder.and_then(share),
        models_share: encoder.zip(reader).and_then(|(encoder, reader)| share(encoder + reader)),
        cpu_ms: cpu.map(|cpu| cpu * 1000.0 / answered.len().max(1) as f64),
        resident_mb,
    }
}

fn print_starts(report: &Report) {
    println!("                 seconds  resident MB  peak MB");
    for (name, start) in [("first start", &report.first_start), ("with a snapshot", &report.warm_start)] {
        println!("{name:<15}  {:>7.2}  {:>11}  {:>7}", start.seconds, number(start.resident_mb), number(start.peak_mb));
    }
    println!("indexing: {:.1} ms a passage ({} passages)", report.indexing_ms_per_passage, report.passages);
}

fn print_load(load: &Load) {
    println!(
        "{:>7}  {:>9}  {:>7}  {:>10.1}  {:>6.1}  {:>6.1}  {:>6}  {:>7}  {:>11}  {:>11}",
        load.clients,
        load.questions,
        load.refused,
        load.per_second,
        load.p50_ms,
        load.p99_ms,
        number(load.cpu_ms),
        percent(load.encoder_share),
        percent(load.models_share),
        number(load.resident_mb),
    );
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"))
}
