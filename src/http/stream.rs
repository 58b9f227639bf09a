//! The door for one question as server-sent events: what was found, then the answer, then how it
//! came about.
//!
//! Asks as `ask` does. What goes wrong before anything was found is a problem like elsewhere; after
//! that it is an `error` event, because the status is sent already.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, rt, web};
use tokio::sync::mpsc::{self, UnboundedSender};

use super::error::Failure;
use super::sse::{self, Frame, Frames, ServerSentEvent};
use super::wire::{AskRequest, BodyProblems, HitBody, Problem, SearchReply};
use super::{State, ask, body, milliseconds};
use crate::ask::Hit;
use crate::conversation::Channel;

/// Answers one question as a stream of events: `hits` (a `SearchReply` with the best ten passages),
/// `answer` (an `AskReply`, its `trace` null), `trace` (an object), in this order and each once.
/// What fails after `hits` is an `error` event (a `Problem`), and the stream ends there.
#[utoipa::path(
    post, path = "/api/v1/ask/stream", tag = "questions", request_body = AskRequest,
    responses(
        (status = 200, description = "Events `hits`, `answer`, `trace`", body = ServerSentEvent, content_type = "text/event-stream"),
        BodyProblems,
        (status = 500, description = "A fault of the server", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn stream(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let asked = AskRequest::read(&body::read(&request, payload).await?, "")?;
    let channel = ask::channel_of(&request);
    let (send, mut receive) = mpsc::unbounded_channel();
    rt::spawn(answer(state, AskRequest { explain: true, ..asked }, channel, started, send));
    let first = receive.recv().await.ok_or(Failure::Crashed)??;
    Ok(Frames::new(first, receive).respond())
}

/// Works until the reply is sent. A client that has gone gives its place in the queue back; work
/// that has begun goes on to its end.
async fn answer(
    state: web::Data<State>,
    asked: AskRequest,
    channel: Channel,
    started: Instant,
    send: UnboundedSender<Frame>,
) {
    let sender = send.clone();
    let work = state.work(move |shared| {
        let mut tell = |hits: Vec<Hit>| {
            let hits = hits.into_iter().map(HitBody::from).collect();
            let found = SearchReply { hits, took_ms: milliseconds(started) };
            let _ = sender.send(Ok(sse::named("hits", &found)));
        };
        let mut reply = ask::answer(shared, asked, channel, started, Some(&mut tell))?;
        let trace = reply.trace.take().unwrap_or_default();
        let _ = sender.send(Ok(sse::named("answer", &reply)));
        let _ = sender.send(Ok(sse::named("trace", &trace)));
        Ok(())
    });
    let result = tokio::select! {
        result = work => result.and_then(|done| done),
        () = send.closed() => return,
    };
    if let Err(failure) = result {
        let _ = send.send(Err(failure));
    }
}
