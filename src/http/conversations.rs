//! The doors to what was asked before: a conversation is shown again or deleted, a reply is rated.
//!
//! Here it is decided who may: whoever was given an id that cannot be guessed. How conversations are
//! kept is told in `conversation` and `store`.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::percent_decode_str;

use super::error::Failure;
use super::wire::{BodyProblems, ConversationReply, FeedbackReply, FeedbackRequest, Problem};
use super::{State, body, json};
use crate::conversation::ConversationId;

/// Shows a conversation again.
///
/// Whoever has an id that the server made can read its conversation, and so can whoever is given
/// it. A conversation under an id that a client chose is shown to callers with a key, and where the
/// server is reached from its own machine alone; one of a messenger never.
#[utoipa::path(
    get, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "The `conversation_id` of a reply")),
    responses(
        (status = 200, description = "The conversation", body = ConversationReply),
        (status = 404, description = "There is no such conversation to be read", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Busy; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let id = permitted(&state, &request)?;
    let (stored, id) = state.work(move |shared| (shared.conversations.read(&id), id)).await?;
    let stored = stored?.ok_or(Failure::NoSuchConversation)?;
    Ok(json(&ConversationReply::new(id.as_str(), stored)))
}

/// Deletes the texts of a conversation: questions, replies and comments. Who may read it may do so.
#[utoipa::path(
    delete, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "The `conversation_id` of a reply")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "There is no such conversation to be deleted", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Busy; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot be written", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn forget(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let id = permitted(&state, &request)?;
    if state.work(move |shared| shared.conversations.forget(&id)).await?? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Failure::NoSuchConversation)
    }
}

/// Rates a reply, in place of how it was rated before.
#[utoipa::path(
    post, path = "/api/v1/feedback", tag = "conversations", request_body = FeedbackRequest,
    responses(
        (status = 200, description = "What is kept", body = FeedbackReply),
        (status = 404, description = "There is no such reply", body = Problem, content_type = "application/problem+json"),
        BodyProblems,
        (status = 503, description = "The database cannot be written", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rate(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let (reply_id, feedback) = FeedbackRequest::read(&body::read(&request, payload).await?)?;
    let (kept, reply_id) = state.work(move |shared| (shared.conversations.rate(&reply_id, feedback), reply_id)).await?;
    let kept = kept?.ok_or(Failure::NoSuchReply)?;
    Ok(json(&FeedbackReply { reply_id, rating: kept.rating.into(), comment: kept.comment }))
}

/// The id in the address, if its conversation may be read and deleted over HTTP. A refusal looks as
/// if there were none.
fn permitted(state: &State, request: &HttpRequest) -> Result<ConversationId, Failure> {
    let given = request.match_info().get("id").map(|given| percent_decode_str(given).decode_utf8());
    let given = given.transpose().map_err(|_| Failure::NoSuchConversation)?.unwrap_or(Cow::Borrowed(""));
    let id = ConversationId::parse(&given).map_err(|_| Failure::NoSuchConversation)?;
    let known = || state.access.role(request.headers()).is_some();
    // A caller whom a proxy brought is not on this machine, whatever the settings say.
    let local = || state.options.local && state.access.is_from_here(request);
    if id.is_secret() || local() || known() { Ok(id) } else { Err(Failure::NoSuchConversation) }
}
