//! Doors for the operator. Always behind the admin key; without one they are off.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::Deserialize;

use super::access::sign_in::{self, Refused};
use super::access::{self, Role};
use super::documents::{html, private_html};
use super::error::Failure;
use super::wire::{Problem, ReindexReply, ReportReply};
use super::{State, json};
use crate::report::{Report, since};

/// Starts a rebuild of the index and returns at once.
pub type Reindex = Arc<dyn Fn() -> Result<(), ReindexError> + Send + Sync>;

/// Why a rebuild could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ReindexError {
    #[error("a rebuild is already running")]
    AlreadyRunning,
    /// For the log; clients are not told.
    #[error("the rebuild could not be started: {0}")]
    Failed(String),
}

/// Starts a rebuild of the index; the serving snapshot serves until the new one is complete.
#[utoipa::path(post, path = "/api/v1/reindex", tag = "operation", security(("admin_key" = [])), responses(
    (status = 202, description = "Started", body = ReindexReply),
    (status = 401, description = "The key is missing or wrong", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "No admin key is set on the server, or the key is for reading", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many tries; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "A rebuild is running", body = Problem, content_type = "application/problem+json"),
))]
pub async fn reindex(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    // A session of the report page comes along with whatever a page of the same site sends.
    sign_in::check_own_page(request.headers())?;
    state.access.require(Role::Admin, request.headers())?;
    let start = Arc::clone(&state.reindex);
    match web::block(move || start()).await.map_err(|_| Failure::Crashed)? {
        Ok(()) => Ok(HttpResponse::Accepted().json(ReindexReply { status: "started" })),
        Err(ReindexError::AlreadyRunning) => Err(Failure::ReindexRunning),
        Err(ReindexError::Failed(reason)) => Err(Failure::Reindex(reason)),
    }
}

/// What a report is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    since: Option<String>,
}

/// Sums up what was asked: refusals by channel, questions refused most often, replies rated down.
#[utoipa::path(get, path = "/api/v1/report", tag = "operation", security(("admin_key" = [])),
    params(("since" = Option<String>, Query, pattern = r"^([1-9][0-9]{0,5}|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]))$", description = "The last so many days, or a day to begin with (UTC), where the month has it also 29 to 31; 30 days when absent")),
    responses(
        (status = 200, description = "The report", body = ReportReply),
        (status = 400, description = "`since` does not fit", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The key is missing or wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "No admin key is set on the server, or the key is for reading", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Busy; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn report(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    state.access.require(Role::Admin, request.headers())?;
    let (_, report) = read_report(&state, &request).await?;
    Ok(json(&report))
}

/// The same as a page for people, who sign in there with the admin key.
#[utoipa::path(get, path = "/admin/report", tag = "pages",
    params(("since" = Option<String>, Query, pattern = r"^([1-9][0-9]{0,5}|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]))$", description = "As for the report of the API")),
    responses(
        (status = 200, description = "The report", body = String, content_type = "text/html"),
        (status = 400, description = "`since` does not fit", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "A page to sign in", body = String, content_type = "text/html"),
        (status = 403, description = "No admin key is set on the server: a page that says so, or a problem", content(
            (String = "text/html"), (Problem = "application/problem+json"))),
        (status = 429, description = "Busy; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn report_page(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    match state.access.require(Role::Admin, request.headers()) {
        Ok(()) => {}
        Err(Failure::Unauthorized) => return sign_in::before(&state, &request, None, StatusCode::UNAUTHORIZED),
        Err(Failure::AdminKeyNeeded) => {
            return sign_in::before(&state, &request, Some(Refused::NotAdmin), StatusCode::FORBIDDEN);
        }
        Err(failure) if access::wants_page(&request) => {
            return Ok(html(StatusCode::FORBIDDEN, state.pages.failure(&failure.problem(), &[], &request)?));
        }
        Err(failure) => return Err(failure),
    }
    let (since, report) = read_report(&state, &request).await?;
    Ok(private_html(StatusCode::OK, state.pages.report(&since, &report, &request)?))
}

/// The report that the address asks for, and since when as it says.
async fn read_report(state: &web::Data<State>, request: &HttpRequest) -> Result<(String, ReportReply), Failure> {
    let bad = |rule: String| Failure::BadValue { path: "since".into(), rule };
    let query = web::Query::<ReportQuery>::from_query(request.query_string());
    let query = query.map_err(|_| bad("is the one thing that the address may ask for, once".to_owned()))?;
    let asked = query.into_inner().since.unwrap_or_else(|| since::DEFAULT_DAYS.to_string());
    let since = since::parse(&asked, Timestamp::now()).map_err(bad)?;
    let report = state.work(move |shared| Report::read(shared.conversations.store(), since)).await??;
    Ok((asked, report.into()))
}
