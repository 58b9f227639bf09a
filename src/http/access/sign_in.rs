//! How a person signs in: a page asks for the key once, and the browser keeps a session in its
//! place. The key itself is kept nowhere.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, rt, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::State;
use crate::http::documents::private_html;
use crate::http::error::Failure;
use crate::http::wire::Problem;

/// Most bytes of the form.
const FORM_LIMIT: usize = 8 * 1024;
const FORM_TIMEOUT: Duration = Duration::from_secs(10);

/// What the form sends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SignIn {
    /// An API key.
    key: String,
    /// Where to go then, on this server.
    #[serde(default)]
    #[schema(required = false)]
    next: String,
}

/// What the page shows.
#[derive(Serialize)]
pub(in crate::http) struct SignInPage {
    next: String,
    /// What went wrong before.
    refused: Option<Refused>,
}

/// Why a key did not open what was asked for; the page has words for each.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Refused {
    UnknownKey,
    /// It is one for asking and reading.
    NotAdmin,
}

/// The page that asks for a key.
#[utoipa::path(get, path = "/sign-in", tag = "pages",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub async fn show(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    page(&state, &request, "/", None, StatusCode::OK)
}

/// Signs a browser in with a key: a cookie stands for it until the evening, or until it signs out.
#[utoipa::path(post, path = "/sign-in", tag = "pages",
    request_body(content = SignIn, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Signed in; goes on to `next`"),
        (status = 400, description = "The form does not fit", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The key is wrong: the page again", body = String, content_type = "text/html"),
        (status = 403, description = "The page that calls is of another site", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The form did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The form is too long", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    check_own_page(request.headers())?;
    let form = read_form(payload).await?;
    let next = local(&form.next);
    match state.access.role_of_key(form.key.trim()) {
        Some(role) => {
            let cookie = state.access.sessions.begin(role, is_secure(&state));
            Ok(go_to(&next, cookie))
        }
        None => page(&state, &request, &next, Some(Refused::UnknownKey), StatusCode::UNAUTHORIZED),
    }
}

/// Signs a browser out.
#[utoipa::path(post, path = "/sign-out", tag = "pages", responses(
    (status = 303, description = "Signed out; goes on to the first page"),
    (status = 403, description = "The page that calls is of another site", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many tries; `Retry-After` says for how long", body = Problem, content_type = "application/problem+json"),
))]
pub async fn sign_out(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    check_own_page(request.headers())?;
    Ok(go_to("/", state.access.sessions.end(request.headers(), is_secure(&state))))
}

/// The page that asks for a key in place of the one that is asked for, and leads there then.
pub(in crate::http) fn before(
    state: &State,
    request: &HttpRequest,
    refused: Option<Refused>,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    page(state, request, request.uri().path_and_query().map_or("/", |address| address.as_str()), refused, status)
}

/// The page that asks for a key, and leads to `next` then.
fn page(
    state: &State,
    request: &HttpRequest,
    next: &str,
    refused: Option<Refused>,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let page = SignInPage { next: local(next), refused };
    Ok(private_html(status, state.pages.sign_in(&page, request)?))
}

async fn read_form(payload: web::Payload) -> Result<SignIn, Failure> {
    let bytes = rt::time::timeout(FORM_TIMEOUT, payload.to_bytes_limited(FORM_LIMIT))
        .await
        .map_err(|_| Failure::BodyTimeout)?
        .map_err(|_| Failure::BodyTooLarge { limit: FORM_LIMIT })?
        .map_err(|_| Failure::BodyInterrupted)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| Failure::NotUtf8 { offset: e.valid_up_to() })?;
    // A form is written like the query of an address.
    let form = web::Query::<SignIn>::from_query(text);
    form.map(web::Query::into_inner).map_err(|_| Failure::MissingField { path: "key".into() })
}

/// Refuses forms that a page of another site sends: it could sign somebody out, or in with a key of
/// its own choice.
pub(in crate::http) fn check_own_page(headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign = match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, own)| own != host),
        (None, Some(_), None) => true,
        // No browser: there is nobody whose session could be used.
        (None, None, _) => false,
    };
    if foreign { Err(Failure::ForeignOrigin) } else { Ok(()) }
}

/// An address on this server; anything else is the first page. Browsers read a backslash as a slash.
fn local(next: &str) -> String {
    let fits = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/\\")
        && next.bytes().all(|b| b.is_ascii_graphic());
    if fits { next.to_owned() } else { "/".to_owned() }
}

fn is_secure(state: &State) -> bool {
    state.options.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}

fn go_to(next: &str, cookie: String) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, next))
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        for fine in ["/", "/admin/report?since=7", "/documents/a?mark=1-2-ab"] {
            assert_eq!(local(fine), fine);
        }
        for wrong in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x", "/ä"] {
            assert_eq!(local(wrong), "/", "{wrong}");
        }
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let fine = |headers: &[(&'static str, &'static str)]| {
            let add = |request: TestRequest, header: &(&'static str, &'static str)| request.insert_header(*header);
            let request = headers.iter().fold(TestRequest::post(), add).to_http_request();
            check_own_page(request.headers()).is_ok()
        };
        assert!(fine(&[]) && fine(&[("sec-fetch-site", "same-origin")]));
        assert!(fine(&[("origin", "http://desk:8080"), ("host", "desk:8080")]));
        assert!(!fine(&[("sec-fetch-site", "cross-site")]) && !fine(&[("sec-fetch-site", "same-site")]));
        assert!(!fine(&[("origin", "http://desk:3000"), ("host", "desk:8080")]));
        assert!(!fine(&[("origin", "null"), ("host", "desk:8080")]));
    }
}
