//! The doors for messengers: what a vendor posts is handed on as it came, byte for byte.
//!
//! Who may call and what is meant is told in `channels`; a messenger that is off has no address.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::Method as HttpMethod;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Failure;
use super::wire::{EventProblems, Problem};
use super::{State, body};
use crate::channels::{Ack, Door, Incoming, Method};

/// What a messenger's vendor tells of what people did: events, interactions, updates, activities, in
/// the vendor's own form. Only requests that carry the vendor's signature or token are read; what
/// they ask is answered through the vendor's API.
#[utoipa::path(
    post, path = "/channels/{name}/events", tag = "channels", request_body = Object,
    params(("name" = String, Path, description = "`slack`, `telegram`, `whatsapp`, `line`, `discord`, `feishu` or `teams`")),
    responses(
        (status = 200, description = "Taken; what the vendor expects at once"),
        EventProblems,
    )
)]
pub async fn events(
    state: web::Data<State>,
    name: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    receive(&state, &name, Door::Events, &request, payload).await
}

/// What a vendor asks when the address is entered at its place, to see that it is expected here.
#[utoipa::path(
    get, path = "/channels/{name}/events", tag = "channels",
    params(
        ("name" = String, Path, description = "`whatsapp`"),
        ("hub.mode" = Option<String>, Query, description = "`subscribe`"),
        ("hub.verify_token" = Option<String>, Query, description = "What the operator entered at Meta's"),
        ("hub.challenge" = Option<String>, Query, description = "What is sent back"),
    ),
    responses(
        (status = 200, description = "The challenge", body = String, content_type = "text/plain"),
        (status = 403, description = "Not expected here", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The messenger is off, or there is no such messenger", body = Problem, content_type = "application/problem+json"),
        (status = 405, description = "The messenger verifies otherwise", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn verify(
    state: web::Data<State>,
    name: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    receive(&state, &name, Door::Events, &request, payload).await
}

/// A slash command of Slack's, as Slack sends it.
#[utoipa::path(
    post, path = "/channels/slack/commands", tag = "channels",
    request_body(content = Object, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Taken; the answer goes to the address that Slack gave"),
        EventProblems,
    )
)]
pub async fn slack_command(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    receive(&state, "slack", Door::Commands, &request, payload).await
}

async fn receive(
    state: &web::Data<State>,
    name: &str,
    door: Door,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let limit = state.channels.body_limit(name)?;
    let bytes = body::read_bytes(limit, payload).await?;
    let incoming = incoming(door, request, bytes.to_vec());
    let (state, name) = (state.clone(), name.to_owned());
    // Looks into the store, or asks the vendor for its keys.
    let ack = web::block(move || state.channels.receive(&name, &incoming)).await.map_err(|_| Failure::Crashed)??;
    Ok(match ack {
        Ack::Empty => HttpResponse::Ok().finish(),
        Ack::Text(text) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text),
        Ack::Json(value) => HttpResponse::Ok().json(value),
    })
}

fn incoming(door: Door, request: &HttpRequest, body: Vec<u8>) -> Incoming {
    let header = |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Incoming {
        method: if *request.method() == HttpMethod::GET { Method::Get } else { Method::Post },
        door,
        headers: request.headers().iter().filter_map(header).collect(),
        query: request.query_string().to_owned(),
        body,
        at: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
    }
}
