//! The doors for questions: one at a time, or a batch.
//!
//! Reads the request, asks in its conversation off the async threads, and writes the reply. What
//! comes before and after an answer is told in `conversation`, what it is made of in `ask`.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Failure;
use super::wire::{AskReply, AskRequest, BatchEntry, BatchReply, BatchRequest, BodyProblems, Problem};
use super::{State, body, json};
use crate::conversation::{Channel, Tell};

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
    let channel = channel_of(&request);
    let reply = state.work(move |shared| answer(shared, asked, channel, started, None)).await??;
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
    // One was counted before the body was read.
    state.access.count(&request, batch.questions.len() - 1)?;
    let replies = state.work(move |shared| answer_all(shared, &batch)).await?;
    Ok(json(&BatchReply { replies }))
}

fn answer_all(state: &State, batch: &BatchRequest) -> Vec<BatchEntry> {
    let one = |(i, item)| {
        let asked = AskRequest::read_item(item, &format!("questions[{i}]"))?;
        answer(state, asked, Channel::Batch, Instant::now(), None)
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

/// Answers one request, and tells what was found before the answer is chosen from it. Blocks the
/// calling thread.
pub(super) fn answer(
    state: &State,
    asked: AskRequest,
    channel: Channel,
    started: Instant,
    tell: Option<Tell<'_>>,
) -> Result<AskReply, Failure> {
    let explain = asked.explain;
    let told = state.conversations.answer(asked.into_asked(channel, started), tell);
    told.map(|told| AskReply::new(told, explain)).map_err(Failure::of_question)
}

/// The web chat names itself; everyone else is the API.
pub(super) fn channel_of(request: &HttpRequest) -> Channel {
    let web = request.headers().get("x-dialogdesk-channel").is_some_and(|v| v == "web");
    if web { Channel::Web } else { Channel::Api }
}
