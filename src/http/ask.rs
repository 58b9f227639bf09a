//! The doors for questions: one at a time, or a batch.
//!
//! Reads the request, adds what was said before, calls `Engine::ask` off the async threads, and
//! writes the reply. What an answer is made of is told in `ask`.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Failure;
use super::metrics::{self, Channel};
use super::wire::{AskReply, AskRequest, BatchEntry, BatchReply, BatchRequest, BodyProblems, Problem};
use super::{State, body, json, milliseconds};
use crate::ask::{Ask, Hit, Message, Reply};

/// Answers one question.
#[utoipa::path(
    post, path = "/api/v1/ask", tag = "questions", request_body = AskRequest,
    responses(
        (status = 200, description = "Answered or abstained", body = AskReply),
        BodyProblems,
        (status = 500, description = "A fault of the server", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ask(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let asked = AskRequest::read(&body::read(&request, payload).await?, "")?;
    let channel = Channel::of(&request);
    let reply = state.work(move |shared| answer(shared, asked, channel, started)).await??;
    Ok(json(&reply))
}

/// Answers up to 64 questions in order; a question that fails has a problem in its place.
#[utoipa::path(
    post, path = "/api/v1/ask/batch", tag = "questions", request_body = BatchRequest,
    responses(
        (status = 200, description = "A reply or a problem for each question, in order", body = BatchReply),
        BodyProblems,
    )
)]
pub async fn batch(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let batch = BatchRequest::read(&body::read(&request, payload).await?)?;
    let replies = state.work(move |shared| answer_all(shared, &batch)).await?;
    Ok(json(&BatchReply { replies }))
}

fn answer_all(state: &State, batch: &BatchRequest) -> Vec<BatchEntry> {
    let one = |(i, item)| {
        let asked = AskRequest::read_item(item, &format!("questions[{i}]"))?;
        answer(state, asked, Channel::Batch, Instant::now())
    };
    let entry = |result: Result<AskReply, Failure>| match result {
        Ok(reply) => BatchEntry::Reply(Box::new(reply)),
        Err(failure) => {
            failure.log();
            BatchEntry::Problem(failure.problem())
        }
    };
    batch.questions.iter().enumerate().map(one).map(entry).collect()
}

/// Answers one request and remembers the exchange. Blocks the calling thread.
fn answer(state: &State, asked: AskRequest, channel: Channel, started: Instant) -> Result<AskReply, Failure> {
    answer_telling(state, asked, channel, started, None)
}

/// The same, and tells what was found before the answer is chosen from it.
pub(super) fn answer_telling(
    state: &State,
    asked: AskRequest,
    channel: Channel,
    started: Instant,
    tell: Option<&mut dyn FnMut(Vec<Hit>)>,
) -> Result<AskReply, Failure> {
    let brought: Vec<Message> = asked.history.iter().cloned().map(Message::from).collect();
    let remembered = || asked.conversation_id.as_deref().map(|id| state.conversations.history(id)).unwrap_or_default();
    let history = if brought.is_empty() { remembered() } else { brought.clone() };
    let reply = put(state, &asked.to_ask(history), channel, started, tell)?;
    let conversation_id = conversation_of(&asked);
    if let Some(id) = &conversation_id {
        remember(state, id, (!brought.is_empty()).then_some(brought), &reply);
    }
    Ok(AskReply::new(reply, conversation_id, asked.explain, milliseconds(started)))
}

/// Puts a question to the engine and counts it; nothing is remembered. Blocks the calling thread.
pub(super) fn put(
    state: &State,
    ask: &Ask,
    channel: Channel,
    started: Instant,
    tell: Option<&mut dyn FnMut(Vec<Hit>)>,
) -> Result<Reply, Failure> {
    let result = state.engine.ask_telling(ask, tell);
    metrics::answered(channel, &result, started.elapsed());
    result.map_err(|error| Failure::Ask { field: "question", error })
}

/// The given id, or a new one for a request that brings neither an id nor a history.
fn conversation_of(asked: &AskRequest) -> Option<String> {
    let fresh = || asked.history.is_empty().then(|| uuid::Uuid::new_v4().to_string());
    asked.conversation_id.clone().or_else(fresh)
}

fn remember(state: &State, id: &str, brought: Option<Vec<Message>>, reply: &Reply) {
    let head = match reply {
        Reply::Answer(answer) => &answer.head,
        Reply::Abstention(abstention) => &abstention.head,
    };
    state.conversations.note(id, brought, &head.question, &head.text);
}
