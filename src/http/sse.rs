//! Server-sent events: frames, and a response body that sends them as they come.
//!
//! Knows nothing of what the events mean; only that a stream may end in a failure.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use actix_web::web::Bytes;
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::error::Failure;

/// An event of a stream.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "describes what `named` and `unnamed` write")]
pub struct ServerSentEvent {
    /// Its name; `message` where none is sent.
    pub event: String,
    /// JSON on one line.
    pub data: String,
}

/// Media type of a stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// One event with a name. JSON has no line breaks of its own, so that one `data` line holds it.
#[must_use]
pub fn named(event: &str, data: &impl Serialize) -> Bytes {
    Bytes::from(format!("event: {event}\ndata: {}\n\n", serde_json::to_string(data).unwrap_or_default()))
}

/// One event that is known by its data alone.
#[must_use]
pub fn unnamed(data: &str) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}

/// A frame, or the failure that ends the stream as an `error` event: its status is sent already.
pub type Frame = Result<Bytes, Failure>;

/// A body whose frames arrive while it is being sent.
pub struct Frames {
    first: Option<Bytes>,
    rest: mpsc::UnboundedReceiver<Frame>,
}

impl Frames {
    /// The first frame, then all that come through a channel until its senders are gone. A few are
    /// under way at a time, so that the channel needs no bound.
    #[must_use]
    pub fn new(first: Bytes, rest: mpsc::UnboundedReceiver<Frame>) -> Self {
        Self { first: Some(first), rest }
    }

    /// The response that sends them: neither kept by caches nor held back by proxies.
    #[must_use]
    pub fn respond(self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type(EVENT_STREAM)
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header(("x-accel-buffering", "no"))
            .body(self)
    }
}

impl MessageBody for Frames {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let told = |failure: Failure| {
            failure.log();
            named("error", &failure.problem())
        };
        self.rest.poll_recv(context).map(|frame| frame.map(|frame| Ok(frame.unwrap_or_else(told))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_name_and_one_line_of_data() {
        let frame = named("answer", &serde_json::json!({"text": "two\nlines"}));
        assert_eq!(frame, "event: answer\ndata: {\"text\":\"two\\nlines\"}\n\n");
        assert_eq!(unnamed("[DONE]"), "data: [DONE]\n\n");
    }
    #[actix_web::test]
    async fn a_failure_is_the_last_event() {
        let (send, receive) = mpsc::unbounded_channel();
        send.send(Ok(unnamed("2"))).unwrap();
        send.send(Err(Failure::Crashed)).unwrap();
        drop(send);
        let body = actix_web::body::to_bytes(Frames::new(unnamed("1"), receive)).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.starts_with("data: 1\n\ndata: 2\n\nevent: error\ndata: {"), "{text}");
        assert!(text.contains("urn:dialogdesk:problem:internal") && text.ends_with("}\n\n"), "{text}");
    }
}
