//! What is counted, under which names, in the text format of Prometheus.
//!
//! Labels come from closed sets: never a slug, an id or a word that a person typed.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::HttpRequest;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::ask::{AskError, Reply};
use crate::index::Snapshot;

/// Upper bounds of the answer time in seconds: an answer takes some milliseconds.
const ANSWER_SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The recorder is one for the process, whatever is started and stopped in it.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Where a question came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Api,
    Batch,
    Web,
    OpenAi,
    Mcp,
}

impl Channel {
    /// The web chat names itself; everyone else is the API.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let web = request.headers().get("x-dialogdesk-channel").is_some_and(|v| v == "web");
        if web { Self::Web } else { Self::Api }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Batch => "batch",
            Self::Web => "web",
            Self::OpenAi => "openai",
            Self::Mcp => "mcp",
        }
    }
}

/// Starts counting. A second call changes nothing.
pub fn install() {
    RECORDER.get_or_init(|| {
        let handle = recorder().map_err(|error| tracing::warn!(%error, "nothing is counted")).ok()?;
        describe();
        Some(handle)
    });
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("dialogdesk_answer_duration_seconds".into()), &ANSWER_SECONDS)?
        .set_buckets_for_metric(Matcher::Full("dialogdesk_http_request_duration_seconds".into()), &ANSWER_SECONDS)?
        .install_recorder()
}

fn describe() {
    describe_counter!("dialogdesk_answers_total", "Questions by where they came in and how they ended.");
    describe_histogram!("dialogdesk_answer_duration_seconds", "Time from the request to its reply.");
    describe_counter!("dialogdesk_http_requests_total", "Requests by method, route and status.");
    describe_histogram!("dialogdesk_http_request_duration_seconds", "Time from the request to its response.");
    describe_gauge!("dialogdesk_index_documents", "Documents that are served.");
    describe_gauge!("dialogdesk_index_passages", "Passages that are searched.");
    describe_gauge!("dialogdesk_build_info", "Always 1; the labels name the build.");
}

/// Counts a question. Questions that were refused at the door are not answers.
pub fn answered(channel: Channel, result: &Result<Reply, AskError>, took: Duration) {
    let outcome = match result {
        Ok(Reply::Answer(_)) => "answered",
        Ok(Reply::Abstention(_)) => "abstained",
        Err(
            AskError::Encoder(_) | AskError::Citation(_) | AskError::Template(_) | AskError::Busy | AskError::NotReady,
        ) => "error",
        Err(
            AskError::EmptyQuestion
            | AskError::QuestionTooLong { .. }
            | AskError::TooManyPieces { .. }
            | AskError::HistoryTooLong { .. }
            | AskError::UnknownDocument { .. }
            | AskError::LimitOutOfRange { .. },
        ) => return,
    };
    counter!("dialogdesk_answers_total", "channel" => channel.name(), "outcome" => outcome).increment(1);
    histogram!("dialogdesk_answer_duration_seconds", "channel" => channel.name()).record(took);
}

/// Counts a request under the template of its route.
pub fn requested(method: &'static str, route: String, status: u16, took: Duration) {
    let status = status.to_string();
    histogram!("dialogdesk_http_request_duration_seconds", "route" => route.clone()).record(took);
    counter!("dialogdesk_http_requests_total", "method" => method, "route" => route, "status" => status).increment(1);
}

/// Everything counted so far, with what is true now.
#[must_use]
pub fn render(snapshot: Option<&Snapshot>) -> String {
    let Some(handle) = RECORDER.get().and_then(Option::as_ref) else { return String::new() };
    let corpus = snapshot.map(|s| &s.corpus);
    gauge!("dialogdesk_index_documents").set(corpus.map_or(0, |c| c.documents.len()) as f64);
    gauge!("dialogdesk_index_passages").set(corpus.map_or(0, |c| c.passages.len()) as f64);
    gauge!("dialogdesk_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    handle.render()
}

/// Never ends: folds the samples of the histograms together now and then, without which they pile
/// up for as long as nobody reads `/metrics`.
pub async fn upkeep() -> std::convert::Infallible {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        if let Some(handle) = RECORDER.get().and_then(Option::as_ref) {
            handle.run_upkeep();
        }
    }
}
