//! The door for searching without answering.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Failure;
use super::wire::{BodyProblems, HitBody, Problem, SearchReply, SearchRequest};
use super::{State, body, json, milliseconds};

/// Ranks passages for a query.
#[utoipa::path(
    post, path = "/api/v1/search", tag = "questions", request_body = SearchRequest,
    responses(
        (status = 200, description = "The ranking, best first", body = SearchReply),
        BodyProblems,
        (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn search(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let asked = SearchRequest::read(&body::read(&request, payload).await?)?.into_search();
    let hits = state
        .work(move |shared| shared.engine.search(&asked))
        .await?
        .map_err(|error| Failure::Ask { field: "query", error })?;
    Ok(json(&SearchReply { hits: hits.into_iter().map(HitBody::from).collect(), took_ms: milliseconds(started) }))
}
