//! What can go wrong at the doors, and how it is told: the one table from a failure to its status,
//! type, title and detail (RFC 9457).
//!
//! How to add a failure: give it a variant in our own terms, then a row in `Failure::row`. The
//! `kind` is a promise to clients and never changes; the detail is a sentence that says what to
//! change. Causes inside the program go to the log and never into an answer.

mod channels;

use std::fmt::Write as _;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

use super::wire::Problem;
use crate::ask::AskError;
use crate::channels::Refusal;
use crate::store::StoreError;

/// Media type of every error.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request got no reply.
#[derive(Debug)]
pub enum Failure {
    UnknownRoute,
    MethodNotAllowed {
        allowed: &'static str,
    },
    UnsupportedMediaType {
        given: Option<String>,
    },
    UnsupportedCoding {
        given: String,
    },
    BodyTooLarge {
        limit: usize,
    },
    BodyTimeout,
    BodyInterrupted,
    EmptyBody,
    NotUtf8 {
        offset: usize,
    },
    BrokenJson {
        message: String,
        line: usize,
        column: usize,
    },
    DuplicateField {
        message: String,
        line: usize,
        column: usize,
    },
    UnknownFields {
        unknown: Vec<String>,
        known: &'static [&'static str],
    },
    MissingField {
        path: String,
    },
    WrongType {
        path: String,
        expected: &'static str,
        found: &'static str,
    },
    /// A value of the right type that is none of those allowed; `rule` completes "`path` …".
    BadValue {
        path: String,
        rule: String,
    },
    /// A page of another site calls.
    ForeignOrigin,
    /// A request of a messenger's vendor, or of somebody who claims to be it.
    Channel(Refusal),
    /// No document has the slug in the address.
    NoSuchDocument,
    /// None has this id, or its conversation is not for whoever asks.
    NoSuchConversation,
    NoSuchReply,
    /// What was to be kept, read or deleted was not.
    Store(StoreError),
    /// Admin routes are off because no key is set.
    AdminOff,
    Unauthorized,
    /// The key is known and opens less than this.
    AdminKeyNeeded,
    /// A client asks faster than it may.
    RateLimited {
        seconds: u64,
    },
    /// More questions at once than a client without a key may ever ask.
    BatchOverLimit {
        limit: u32,
    },
    ReindexRunning,
    Reindex(String),
    /// As many requests are under way as the settings allow.
    QueueFull,
    /// `field` is what the request calls the text: `question` or `query`.
    Ask {
        field: &'static str,
        error: AskError,
    },
    /// A page could not be rendered.
    Page(minijinja::Error),
    /// The work panicked or was cut off.
    Crashed,
}

/// A row of the table.
struct Row {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
}

fn row(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Row {
    Row { status, kind, title, detail: detail.into() }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// Why a question got no reply, where the request calls it that.
    #[must_use]
    pub fn of_question(error: AskError) -> Self {
        Self::Ask { field: "question", error }
    }

    /// Last part of the problem's `type`; never changes.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.row().kind
    }

    /// As it is sent, also inside the replies of a batch.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let row = self.row();
        Problem {
            kind: format!("urn:dialogdesk:problem:{}", row.kind),
            title: row.title.to_owned(),
            status: row.status.as_u16(),
            detail: row.detail,
            unknown_fields: match self {
                Self::UnknownFields { unknown, .. } => unknown.clone(),
                _ => Vec::new(),
            },
            known_documents: match self {
                Self::Ask { error: AskError::UnknownDocument { known, .. }, .. } => known.clone(),
                _ => Vec::new(),
            },
        }
    }

    /// Writes what the answer leaves out to the log.
    pub fn log(&self) {
        match self {
            Self::Ask { error, .. } if self.status_code() == StatusCode::INTERNAL_SERVER_ERROR => {
                tracing::error!(%error, "a question failed");
            }
            Self::Page(error) => tracing::error!(%error, "a page could not be rendered"),
            Self::Store(error) => tracing::error!(%error, "the database does not work"),
            Self::Reindex(error) => tracing::error!(%error, "a rebuild could not be started"),
            Self::Crashed => tracing::error!("a request was cut off by a panic or the shutdown"),
            _ => tracing::debug!(kind = self.kind(), "a request was refused"),
        }
    }

    fn row(&self) -> Row {
        use StatusCode as S;
        match self {
            Self::UnknownRoute => row(
                S::NOT_FOUND,
                "unknown-route",
                "Nothing lives at this address",
                "Check the path against /openapi.json, which lists every route.",
            ),
            Self::MethodNotAllowed { allowed } => row(
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "This address has another method",
                format!("Use {allowed}."),
            ),
            Self::UnsupportedMediaType { given } => row(
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The body is not declared as JSON",
                format!("Send the header `Content-Type: application/json`, not {}.", given_type(given.as_deref())),
            ),
            Self::UnsupportedCoding { given } => row(
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-content-encoding",
                "The body is compressed",
                format!("Send the body as it is, without `Content-Encoding: {}`.", cut(given)),
            ),
            Self::BodyTooLarge { limit } => row(
                S::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "The body is too large",
                format!("Send at most {limit} bytes; leave out the oldest messages."),
            ),
            Self::BodyTimeout => row(
                S::REQUEST_TIMEOUT,
                "body-timeout",
                "The body did not arrive in time",
                "Send the whole body within ten seconds.",
            ),
            Self::BodyInterrupted => row(
                S::BAD_REQUEST,
                "body-interrupted",
                "The body ended early",
                "Send as many bytes as `Content-Length` announces.",
            ),
            Self::EmptyBody => row(
                S::BAD_REQUEST,
                "empty-body",
                "The body is empty",
                "Send a JSON object, as /openapi.json describes it.",
            ),
            Self::NotUtf8 { offset } => row(
                S::BAD_REQUEST,
                "not-utf-8",
                "The body is not UTF-8",
                format!("Encode the body as UTF-8; the byte at offset {offset} does not fit."),
            ),
            Self::BrokenJson { message, line, column } => row(
                S::BAD_REQUEST,
                "broken-json",
                "The body is not valid JSON",
                format!("Mend the JSON at line {line}, column {column}: {}.", cut(message)),
            ),
            Self::DuplicateField { message, line, column } => row(
                S::BAD_REQUEST,
                "duplicate-field",
                "A field stands twice",
                format!("Send each field once; at line {line}, column {column}, {}.", message),
            ),
            Self::UnknownFields { unknown, known } => row(
                S::BAD_REQUEST,
                "unknown-field",
                "The request has fields that are not known",
                format!("Leave out {}; known here: {}.", quoted(unknown), quoted(known)),
            ),
            Self::MissingField { path } => {
                row(S::BAD_REQUEST, "missing-field", "A field is missing", format!("Add the field `{path}`."))
            }
            Self::WrongType { path, expected, found } => row(
                S::BAD_REQUEST,
                "wrong-type",
                "A value has the wrong type",
                format!("Send {expected} as {}, not {found}.", place(path)),
            ),
            Self::BadValue { path, rule } => {
                row(S::BAD_REQUEST, "bad-value", "A value is not allowed", format!("`{path}` {rule}."))
            }
            Self::ForeignOrigin => row(
                S::FORBIDDEN,
                "foreign-origin",
                "The page that calls is of another site",
                "Call from a page of this machine, or set `server.public_url` to the address the page is served from.",
            ),
            Self::Channel(refusal) => channels::row_of(*refusal),
            Self::NoSuchDocument => row(
                S::NOT_FOUND,
                "no-such-document",
                "There is no such document",
                "Check the slug against /api/v1/documents, which lists the documents that are served.",
            ),
            Self::NoSuchConversation => row(
                S::NOT_FOUND,
                "no-such-conversation",
                "There is no such conversation",
                "Check the id against the `conversation_id` of a reply; conversations are deleted after some time.",
            ),
            Self::NoSuchReply => row(
                S::NOT_FOUND,
                "no-such-reply",
                "There is no such reply",
                "Check `reply_id` against the `id` of a reply; replies are forgotten after some time.",
            ),
            Self::Store(_) => row(
                S::SERVICE_UNAVAILABLE,
                "storage-failed",
                "The database does not work",
                "Try again later; if it stays, tell the operator the time of the request, the log names the cause.",
            ),
            Self::AdminOff => row(
                S::FORBIDDEN,
                "admin-off",
                "Admin routes are off",
                "Set DIALOGDESK_ADMIN_KEY on the server, or list an admin key in its settings, to switch them on.",
            ),
            Self::Unauthorized => row(
                S::UNAUTHORIZED,
                "unauthorized",
                "A key is missing or wrong",
                "Send the header `Authorization: Bearer` with a key of this server, or sign in at /sign-in.",
            ),
            Self::AdminKeyNeeded => row(
                S::FORBIDDEN,
                "admin-key-needed",
                "This needs the admin key",
                "Send the header `Authorization: Bearer` with an admin key; yours is for asking and reading.",
            ),
            Self::RateLimited { seconds } => row(
                S::TOO_MANY_REQUESTS,
                "rate-limited",
                "Too many questions in a short time",
                format!("Try again in {seconds} s, or use an API key."),
            ),
            Self::BatchOverLimit { limit } => row(
                S::BAD_REQUEST,
                "batch-over-limit",
                "Too many questions at once",
                format!("Send at most {limit} questions at a time, or use an API key."),
            ),
            Self::ReindexRunning => row(
                S::CONFLICT,
                "reindex-running",
                "A rebuild is already running",
                "Wait until it is done; /readyz names the version that serves.",
            ),
            Self::QueueFull => busy(),
            Self::Ask { field, error } => ask_row(field, error),
            Self::Reindex(_) | Self::Page(_) | Self::Crashed => internal(),
        }
    }
}

fn ask_row(field: &str, error: &AskError) -> Row {
    use StatusCode as S;
    match error {
        AskError::NotReady => {
            row(S::SERVICE_UNAVAILABLE, "not-ready", "The index is being built", "Try again when /readyz answers 200.")
        }
        AskError::EmptyQuestion => row(
            S::BAD_REQUEST,
            "empty-question",
            "The question is empty",
            format!("Send 1 to 2,000 characters that are not all white space as `{field}`."),
        ),
        AskError::QuestionTooLong { characters, limit } => row(
            S::BAD_REQUEST,
            "question-too-long",
            "The question is too long",
            format!("Shorten `{field}` to {limit} characters; it has {characters}."),
        ),
        AskError::TooManyPieces { pieces, limit } => row(
            S::BAD_REQUEST,
            "question-too-long",
            "The question is too long",
            format!("Shorten `{field}` to {limit} word pieces; it has {pieces}."),
        ),
        AskError::HistoryTooLong { messages, limit } => row(
            S::BAD_REQUEST,
            "history-too-long",
            "The history is too long",
            format!("Send the last {limit} messages as `history`; it has {messages}."),
        ),
        AskError::UnknownDocument { slug, known } => row(
            S::BAD_REQUEST,
            "unknown-document",
            "A document is not known",
            format!("There is no document `{}`; `documents` may name {}.", cut(slug), known_list(known)),
        ),
        AskError::LimitOutOfRange { limit, most } => row(
            S::BAD_REQUEST,
            "bad-value",
            "A value is not allowed",
            format!("`limit` must be from 1 to {most}, not {limit}."),
        ),
        AskError::Busy => busy(),
        AskError::Encoder(_) | AskError::Citation(_) | AskError::Template(_) => internal(),
    }
}

fn busy() -> Row {
    row(
        StatusCode::TOO_MANY_REQUESTS,
        "busy",
        "The server is busy",
        "Try again after the time that the header `Retry-After` gives in seconds.",
    )
}

fn internal() -> Row {
    row(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "Something went wrong on the server",
        "Try again; if it stays, tell the operator the time of the request, the log names the cause.",
    )
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.row().detail)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.row().status
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let mut response = HttpResponse::build(self.status_code());
        self.headers(&mut response);
        let body = serde_json::to_vec(&self.problem()).unwrap_or_default();
        response.content_type(PROBLEM_JSON).insert_header((header::CACHE_CONTROL, "no-store")).body(body)
    }
}

impl Failure {
    /// Headers that the status asks for.
    pub(super) fn headers(&self, response: &mut HttpResponseBuilder) {
        match self {
            Self::MethodNotAllowed { allowed } => response.insert_header((header::ALLOW, *allowed)),
            Self::Unauthorized => response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"dialogdesk\"")),
            Self::QueueFull | Self::Ask { error: AskError::Busy, .. } => {
                response.insert_header((header::RETRY_AFTER, "1"))
            }
            Self::Ask { error: AskError::NotReady, .. } | Self::Channel(Refusal::Full | Refusal::Unchecked) => {
                response.insert_header((header::RETRY_AFTER, "5"))
            }
            Self::RateLimited { seconds } => response.insert_header((header::RETRY_AFTER, seconds.to_string())),
            _ => response,
        };
    }
}

fn given_type(given: Option<&str>) -> String {
    given.map_or_else(|| "none".to_owned(), |g| format!("`{}`", cut(g)))
}

fn place(path: &str) -> String {
    if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") }
}

fn quoted(names: &[impl AsRef<str>]) -> String {
    names.iter().map(|n| format!("`{}`", n.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The first fifty; the member `known_documents` holds all.
fn known_list(known: &[String]) -> String {
    if known.is_empty() {
        return "none, as no document is served".to_owned();
    }
    let shown = known.len().min(50);
    let mut text = quoted(&known[..shown]);
    if shown < known.len() {
        let _ = write!(text, " and {} more", known.len() - shown);
    }
    text
}

/// Words from outside, cut so that an answer never grows with what was sent.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests;
