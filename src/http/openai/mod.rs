//! The doors for software that speaks OpenAI's chat completions.
//!
//! A conversation comes in, its last question goes to the engine like any other, and the reply goes
//! out as a message with links. `wire` has the JSON, `content` the message, `error` the envelope.

mod content;
mod error;
pub mod wire;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use actix_web::{HttpRequest, HttpResponse, web};

use super::links::Base;
use super::sse::ServerSentEvent;
use super::wire::AskReply;
use super::{State, body, json};
use crate::conversation::Channel;
use crate::http::error::Failure;
use content::Content;
pub(super) use error::{Refusal, unknown_route};
use wire::{ChatCompletion, ChatRequest, ErrorEnvelope, Model, ModelList};

/// The one model: whatever name a request gives, this is what answers.
pub const MODEL: &str = "dialogdesk";

/// Most bytes of a body: clients send the whole conversation each time.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Answers the last user message of a conversation, as OpenAI's chat completions do.
///
/// The user and assistant messages before it are its history, of which the last 19 are read; system
/// messages and settings of language models have no effect, because nothing is written but quotes.
/// `content` holds the answer with a link `[[n]](url)` for each citation; `annotations` names the
/// same links with their places in `content`, counted in Unicode characters, the end exclusive.
/// A refusal has no annotations; it lists the nearest passages as links. With `stream` the answer
/// comes as server-sent events: chunks of type `chat.completion.chunk`, the annotations in the last
/// one that holds content, then `[DONE]`.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "openai", request_body = ChatRequest,
    responses(
        (status = 200, description = "Answered or refused; with `stream` as server-sent events", content(
            (ChatCompletion = "application/json"), (ServerSentEvent = "text/event-stream"))),
        (status = 400, description = "The request does not fit", body = ErrorEnvelope),
        (status = 408, description = "The body did not arrive in time", body = ErrorEnvelope),
        (status = 413, description = "The body has more than 1 MiB", body = ErrorEnvelope),
        (status = 415, description = "The body is not declared as JSON", body = ErrorEnvelope),
        (status = 429, description = "Busy; `Retry-After` says for how long", body = ErrorEnvelope),
        (status = 500, description = "A fault of the server", body = ErrorEnvelope),
        (status = 503, description = "No snapshot serves yet", body = ErrorEnvelope),
    )
)]
pub(super) async fn chat(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let started = Instant::now();
    let asked = ChatRequest::read(&body::read_up_to(BODY_LIMIT, &request, payload).await?)?;
    let put = asked.to_ask();
    let work = move |shared: &State| shared.conversations.answer_alone(&put, Channel::OpenAi, started);
    let told = state.work(work).await?.map_err(|error| Failure::Ask { field: "messages", error })?;
    let reply = AskReply::new(told, false);
    let content = Content::of(&reply, &Base::of(&request, state.options.public_url.as_deref()));
    let completion = ChatCompletion::new(&asked, &reply, content, now());
    if asked.stream {
        return Ok(wire::chunks(&completion, asked.wants_usage()).respond());
    }
    Ok(json(&completion))
}

/// Lists the one model.
#[utoipa::path(get, path = "/v1/models", tag = "openai",
    responses((status = 200, description = "The one model", body = ModelList)))]
pub(super) async fn models() -> HttpResponse {
    json(&ModelList { object: "list", data: vec![Model::default()] })
}

/// Describes the one model.
#[utoipa::path(get, path = "/v1/models/{model}", tag = "openai", params(("model" = String, Path, description = "`dialogdesk`")),
    responses(
        (status = 200, description = "The one model", body = Model),
        (status = 404, description = "No such model", body = ErrorEnvelope),
    )
)]
pub(super) async fn model(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    if request.match_info().get("model") == Some(MODEL) {
        Ok(json(&Model::default()))
    } else {
        Err(Refusal::NoSuchModel)
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
