//! Does the process live, does it serve, and how is it doing?

use actix_web::{HttpResponse, web};

use super::error::Failure;
use super::wire::{Health, Problem, Readiness};
use super::{State, json};

/// Answers as long as the process lives.
#[utoipa::path(get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "The process lives", body = Health)))]
pub async fn live() -> HttpResponse {
    json(&Health { status: "ok" })
}

/// Answers 200 only when a snapshot serves.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "A snapshot serves", body = Readiness),
    (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
))]
pub async fn ready(state: web::Data<State>) -> Result<HttpResponse, Failure> {
    let snapshot = state.snapshot()?;
    Ok(json(&Readiness {
        status: "ready",
        knowledge_version: snapshot.manifest.knowledge_version.clone(),
        documents: snapshot.corpus.documents.len(),
        passages: snapshot.corpus.passages.len(),
    }))
}

/// Counts and times in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text format", body = String, content_type = "text/plain")))]
pub async fn metrics(state: web::Data<State>) -> HttpResponse {
    let snapshot = state.engine.snapshot();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(super::metrics::render(snapshot.as_deref()))
}
