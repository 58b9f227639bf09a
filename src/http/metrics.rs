//! What is counted, under which names, in the text format of Prometheus. Questions are counted where
//! they are asked, in `conversation`.
//!
//! Labels come from closed sets: never a slug, an id or a word that a person typed.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::conversation;
use crate::index::Snapshot;

/// Upper bounds of the answer time in seconds: an answer takes some milliseconds.
const ANSWER_SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The recorder is one for the process, whatever is started and stopped in it.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

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
    conversation::describe_counts();
    describe_counter!("dialogdesk_http_requests_total", "Requests by method, route and status.");
    describe_histogram!("dialogdesk_http_request_duration_seconds", "Time from the request to its response.");
    describe_gauge!("dialogdesk_index_documents", "Documents that are served.");
    describe_gauge!("dialogdesk_index_passages", "Passages that are searched.");
    describe_gauge!("dialogdesk_build_info", "Always 1; the labels name the build.");
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
