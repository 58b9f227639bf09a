//! Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}`.
//!
//! What went wrong and with which status is told in `http::error`; this only dresses it.

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};

use super::MODEL;
use super::wire::{ErrorBody, ErrorEnvelope};
use crate::http::error::Failure;

/// Why a request of these doors got no answer.
#[derive(Debug)]
pub(in crate::http) enum Refusal {
    NoSuchModel,
    Other(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

/// An address that leads nowhere, told in the terms of those who asked.
#[must_use]
pub(in crate::http) fn unknown_route(request: &HttpRequest) -> Error {
    let failure = Failure::UnknownRoute;
    if request.path().starts_with("/v1/") { Refusal::Other(failure).into() } else { failure.into() }
}

impl Refusal {
    fn envelope(&self) -> ErrorEnvelope {
        let (message, param, code) = match self {
            Self::NoSuchModel => {
                (format!("There is one model, `{MODEL}`."), Some("model".to_owned()), "model_not_found".to_owned())
            }
            Self::Other(failure) => (failure.problem().detail, param(failure), failure.kind().replace('-', "_")),
        };
        ErrorEnvelope { error: ErrorBody { message, kind: kind(self.status_code()), param, code } }
    }
}

/// The part of the request that is wrong.
fn param(failure: &Failure) -> Option<String> {
    match failure {
        Failure::MissingField { path } | Failure::WrongType { path, .. } | Failure::BadValue { path, .. } => {
            Some(path.clone()).filter(|path| !path.is_empty())
        }
        Failure::Ask { field, .. } if failure.status_code() == StatusCode::BAD_REQUEST => Some((*field).to_owned()),
        _ => None,
    }
}

/// The family that clients sort errors into.
fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.envelope().error.message)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoSuchModel => StatusCode::NOT_FOUND,
            Self::Other(failure) => failure.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Self::Other(failure) = self {
            failure.log();
            failure.headers(&mut response);
        }
        response.insert_header((header::CACHE_CONTROL, "no-store")).json(self.envelope())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::AskError;

    #[test]
    fn an_error_names_its_family_its_place_and_a_stable_code() {
        let told = |failure: Failure| serde_json::to_value(Refusal::from(failure).envelope()).unwrap()["error"].clone();
        let missing = told(Failure::MissingField { path: "messages".into() });
        assert_eq!(
            missing,
            serde_json::json!({
                "message": "Add the field `messages`.",
                "type": "invalid_request_error", "param": "messages", "code": "missing_field"
            })
        );
        let busy = told(Failure::QueueFull);
        assert_eq!((busy["type"].as_str(), busy["param"].as_str()), (Some("rate_limit_error"), None));
        let broken = told(Failure::Ask { field: "messages", error: AskError::Encoder("secret".into()) });
        assert_eq!(broken["type"], "server_error");
        assert!(broken["param"].is_null() && !broken.to_string().contains("secret"));
    }

    #[test]
    fn a_full_queue_says_when_to_come_back() {
        let response = Refusal::from(Failure::QueueFull).error_response();
        assert_eq!(response.status(), 429);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }
}
