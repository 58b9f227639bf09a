//! The door for software that speaks the Model Context Protocol over HTTP, at `/mcp`.
//!
//! HTTP's own rules: who may call from a browser, which headers must agree with the message, which
//! status an error has. What a message means is told in `protocol`; `dialogdesk mcp` speaks the same
//! over standard input and output.

mod headers;
mod messages;
pub mod protocol;
mod resources;
mod tools;

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::Value;

use super::error::Failure;
use super::links::Base;
use super::wire::Problem;
use super::{State, body, json, origins};
use crate::ask::{Ask, AskError, Engine};
use crate::conversation::{Channel, Told};
use crate::index::Snapshot;
pub use messages::McpVersion;
use messages::{McpAnswer, McpBody};
use protocol::{Incoming, RpcError, Version};
pub use tools::PassageReply;

/// What a client without the header speaks.
const WITHOUT_HEADER: Version = Version::V2025_03_26;
/// The last revision in which several messages may come as one list.
const LAST_WITH_LISTS: Version = Version::V2025_03_26;
/// Most messages of a list.
const LIST_LIMIT: usize = 64;

/// What a message is answered with.
pub struct Desk<'a> {
    pub engine: &'a Engine,
    pub base: Base,
    /// Puts a question to the engine, and counts and logs it where that is done.
    pub put: &'a dyn Fn(&Ask) -> Result<Told, AskError>,
}

impl Desk<'_> {
    fn snapshot(&self) -> Result<Arc<Snapshot>, Failure> {
        self.engine.snapshot().ok_or(Failure::Ask { field: "question", error: AskError::NotReady })
    }
}

/// What a message gets.
pub enum Answered {
    Nothing,
    Result(Value),
    Error { id: Value, error: RpcError },
}

impl Answered {
    /// The message that goes back, if any.
    #[must_use]
    pub fn into_message(self) -> Option<Value> {
        match self {
            Self::Nothing => None,
            Self::Result(message) => Some(message),
            Self::Error { id, error } => Some(error.to_message(&id)),
        }
    }
}

/// Answers one message under the revision agreed on.
#[must_use]
pub fn answer(desk: &Desk<'_>, message: &Value, agreed: Version) -> Answered {
    let answered = Incoming::read(message).and_then(|incoming| match incoming {
        Incoming::Notification => Ok(Answered::Nothing),
        Incoming::Request(request) => protocol::answer(desk, &request, agreed).map(Answered::Result),
    });
    answered.unwrap_or_else(|error| Answered::Error { id: id_of(message), error })
}

/// The id of a message, or null where it has none that can be repeated.
fn id_of(message: &Value) -> Value {
    message.get("id").filter(|id| protocol::is_id(id)).cloned().unwrap_or_default()
}

/// Whether a list of so many messages is read.
#[must_use]
pub fn takes_list(spoken: Version, length: usize) -> bool {
    spoken <= LAST_WITH_LISTS && (1..=LIST_LIMIT).contains(&length)
}

/// A message of the Model Context Protocol (JSON-RPC 2.0), revisions 2026-07-28 and, with
/// `initialize`, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05. Tools: `ask`, `search`, `read_passage`;
/// resources: the documents. Answers are JSON, never a stream, and no session is kept.
#[utoipa::path(
    post, path = "/mcp", tag = "mcp", request_body = McpBody,
    params(
        ("mcp-protocol-version" = Option<McpVersion>, Header, description = "The revision that is spoken; without it 2025-03-26"),
        ("mcp-method" = Option<String>, Header, description = "The same as `method`; needed from 2026-07-28"),
        ("mcp-name" = Option<String>, Header, description = "The same as `params.name` or `params.uri`; needed from 2026-07-28"),
    ),
    responses(
        (status = 200, description = "The result, or an error of the protocol", body = McpAnswer),
        (status = 202, description = "Taken; there is nothing to answer"),
        (status = 400, description = "The message does not fit", content((McpAnswer = "application/json"), (Problem = "application/problem+json"))),
        (status = 403, description = "The page that calls is of another site", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such method", body = McpAnswer),
        (status = 408, description = "The body did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body has more than 64 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Busy, or too many questions; `Retry-After` says for how long", content((McpAnswer = "application/json"), (Problem = "application/problem+json"))),
        (status = 500, description = "A fault of the server", body = McpAnswer),
        (status = 503, description = "No snapshot serves yet", body = McpAnswer),
    )
)]
pub(super) async fn post(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    if origins::among(&state.options.origins, request.headers()).is_none() {
        headers::check_origin(request.headers(), state.options.public_url.as_deref())?;
    }
    let body = match body::read(&request, payload).await {
        Err(
            failure @ (Failure::BrokenJson { .. }
            | Failure::DuplicateField { .. }
            | Failure::NotUtf8 { .. }
            | Failure::EmptyBody),
        ) => {
            let error = RpcError::new(RpcError::PARSE, failure.problem().detail);
            return Ok(refused(&Value::Null, &error, WITHOUT_HEADER));
        }
        read => read?,
    };
    let spoken = match headers::check(request.headers(), &body) {
        Ok(version) => version.unwrap_or(WITHOUT_HEADER),
        Err(error) => return Ok(refused(&id_of(&body), &error, Version::V2026_07_28)),
    };
    let base = Base::of(&request, state.options.public_url.as_deref());
    if let Value::Array(list) = &body {
        // One was counted before the body was read.
        state.access.count(&request, list.len().saturating_sub(1))?;
        return Ok(answer_list(&state, base, body, spoken).await);
    }
    let id = id_of(&body);
    let answers = match run(&state, base, vec![body], spoken).await {
        Ok(answers) => answers,
        Err(failure) => return Ok(refused(&id, &failure.into(), spoken)),
    };
    Ok(match answers.into_iter().next().unwrap_or(Answered::Nothing) {
        Answered::Nothing => HttpResponse::Accepted().finish(),
        Answered::Result(message) => json(&message),
        Answered::Error { id, error } => refused(&id, &error, spoken),
    })
}

/// Answers a list of messages with the list of their answers.
async fn answer_list(state: &web::Data<State>, base: Base, list: Value, spoken: Version) -> HttpResponse {
    let messages = if let Value::Array(messages) = list { messages } else { Vec::new() };
    if !takes_list(spoken, messages.len()) {
        let text = format!("Send one message at a time; 2025-03-26 allows lists of 1 to {LIST_LIMIT}");
        return refused(&Value::Null, &RpcError::new(RpcError::INVALID_REQUEST, text), spoken);
    }
    let answers = match run(state, base, messages, spoken).await {
        Ok(answers) => answers,
        Err(failure) => return refused(&Value::Null, &failure.into(), spoken),
    };
    let told: Vec<Value> = answers.into_iter().filter_map(Answered::into_message).collect();
    if told.is_empty() {
        return HttpResponse::Accepted().finish();
    }
    let unread = |answer: &Value| answer["error"]["code"] == RpcError::INVALID_REQUEST;
    if told.iter().all(unread) { HttpResponse::BadRequest().json(told) } else { json(&told) }
}

/// Looks up at once, and works in the places that all questions share.
async fn run(
    state: &web::Data<State>,
    base: Base,
    messages: Vec<Value>,
    spoken: Version,
) -> Result<Vec<Answered>, Failure> {
    let is_work = |m: &Value| matches!(Incoming::read(m), Ok(Incoming::Request(request)) if request.is_work());
    let works = messages.iter().any(is_work);
    let job = move |shared: &State| {
        let put = |question: &Ask| shared.conversations.answer_alone(question, Channel::Mcp, Instant::now());
        let desk = Desk { engine: shared.conversations.engine(), base, put: &put };
        messages.iter().map(|message| answer(&desk, message, spoken)).collect()
    };
    if works { state.work(job).await } else { Ok(job(state)) }
}

/// An error with the status that the revision gives it. The older ones know errors of HTTP only for
/// messages that cannot be read, and take a 404 for the end of a session.
fn refused(id: &Value, error: &RpcError, spoken: Version) -> HttpResponse {
    let mut response = HttpResponse::build(status(error, spoken));
    if let Some(failure) = &error.failure {
        failure.headers(&mut response);
    }
    response.json(error.to_message(id))
}

fn status(error: &RpcError, spoken: Version) -> StatusCode {
    if let Some(failure) = &error.failure {
        return failure.status_code();
    }
    match error.code {
        RpcError::PARSE | RpcError::INVALID_REQUEST | RpcError::HEADER_MISMATCH | RpcError::UNSUPPORTED_VERSION => {
            StatusCode::BAD_REQUEST
        }
        RpcError::INVALID_PARAMS if spoken.is_modern() => StatusCode::BAD_REQUEST,
        RpcError::METHOD_NOT_FOUND if spoken.is_modern() => StatusCode::NOT_FOUND,
        _ => StatusCode::OK,
    }
}
