//! Doors for the operator. Always behind the admin key; without one they are off.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::State;
use super::error::Failure;
use super::wire::{Problem, ReindexReply};

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
    (status = 403, description = "No key is set on the server", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "A rebuild is running", body = Problem, content_type = "application/problem+json"),
))]
pub async fn reindex(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    authorize(state.options.admin_key.as_deref(), &request)?;
    let start = Arc::clone(&state.reindex);
    match web::block(move || start()).await.map_err(|_| Failure::Crashed)? {
        Ok(()) => Ok(HttpResponse::Accepted().json(ReindexReply { status: "started" })),
        Err(ReindexError::AlreadyRunning) => Err(Failure::ReindexRunning),
        Err(ReindexError::Failed(reason)) => Err(Failure::Reindex(reason)),
    }
}

fn authorize(key: Option<&str>, request: &HttpRequest) -> Result<(), Failure> {
    let key = key.filter(|k| !k.is_empty()).ok_or(Failure::AdminOff)?;
    let given = bearer(request).ok_or(Failure::Unauthorized)?;
    // Digests have one length, so that the time tells nothing about the length of the key either.
    let same = Sha256::digest(key).as_slice().ct_eq(Sha256::digest(given).as_slice());
    if bool::from(same) { Ok(()) } else { Err(Failure::Unauthorized) }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn try_key(key: Option<&str>, header: Option<&str>) -> &'static str {
        let mut request = TestRequest::post();
        if let Some(header) = header {
            request = request.insert_header((header::AUTHORIZATION, header));
        }
        authorize(key, &request.to_http_request()).err().map_or("let in", |f| f.kind())
    }

    #[test]
    fn only_the_right_key_opens_the_admin_routes() {
        assert_eq!(try_key(Some("secret"), Some("Bearer secret")), "let in");
        assert_eq!(try_key(Some("secret"), Some("bearer secret")), "let in");
        for wrong in
            [None, Some("Bearer secre"), Some("Bearer secrets"), Some("Bearer "), Some("Basic secret"), Some("secret")]
        {
            assert_eq!(try_key(Some("secret"), wrong), "unauthorized", "{wrong:?}");
        }
    }

    #[test]
    fn without_a_key_the_admin_routes_are_off_for_everyone() {
        assert_eq!(try_key(None, Some("Bearer ")), "admin-off");
        assert_eq!(try_key(Some(""), Some("Bearer ")), "admin-off");
    }
}
