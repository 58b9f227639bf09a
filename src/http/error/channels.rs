//! How the requests of messengers' vendors are refused. A vendor reads the status alone, an operator
//! the sentence.

use actix_web::http::StatusCode;

use super::{Failure, Row, row};
use crate::channels::Refusal;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::UnknownRoute,
            Refusal::WrongMethod => Self::MethodNotAllowed { allowed: "POST" },
            Refusal::TooLarge { limit } => Self::BodyTooLarge { limit },
            other => Self::Channel(other),
        }
    }
}

/// The row of a refusal.
pub(super) fn row_of(refusal: Refusal) -> Row {
    use StatusCode as S;
    match refusal {
        Refusal::Unknown | Refusal::WrongMethod | Refusal::TooLarge { .. } => Failure::from(refusal).row(),
        Refusal::Forged => row(
            S::UNAUTHORIZED,
            "not-signed",
            "The request is not signed by the vendor",
            "Sign the body with the secret that this server was started with.",
        ),
        Refusal::Stale => row(
            S::UNAUTHORIZED,
            "stale",
            "The signature is too old",
            "Sign and send requests within five minutes, and set the clocks of both sides right.",
        ),
        Refusal::Forbidden => row(
            S::FORBIDDEN,
            "not-for-us",
            "The request is not meant for this server",
            "Enter the same app and token on this server and at the vendor's.",
        ),
        Refusal::Malformed => row(
            S::BAD_REQUEST,
            "malformed",
            "The body is not in the vendor's form",
            "Send what the vendor's documents describe.",
        ),
        Refusal::Unchecked | Refusal::Full => row(
            S::SERVICE_UNAVAILABLE,
            "try-later",
            "The server cannot take this now",
            "Send it again after the time that the header `Retry-After` gives in seconds.",
        ),
    }
}
