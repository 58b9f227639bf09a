//! Which other sites may have the chat in their pages: listed origins alone are told by the headers
//! of CORS that they may read what the widget fetches.
//!
//! To all others nothing is added, so that their browsers keep the answers from them. Who may ask
//! without a browser is no matter of origins.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use super::State;

/// What the widget reads, and nothing else.
const SHARED: [&str; 3] = ["/api/v1/ask/stream", "/api/v1/feedback", "/api/v1/documents"];
const SHARED_BELOW: &str = "/assets/";

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, x-dialogdesk-channel");
/// Seconds that a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Lets listed origins read, and answers their browsers when they ask before they send.
pub async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().filter(|state| is_shared(&request, state)).cloned();
    let allowed = state.as_ref().and_then(|state| among(&state.options.origins, request.headers()));
    if request.method() == Method::OPTIONS && allowed.is_some() {
        let mut response = HttpResponse::new(StatusCode::NO_CONTENT);
        tell(response.headers_mut(), allowed.as_ref());
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        return Ok(request.into_response(response));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if state.is_some() {
        tell(response.headers_mut(), allowed.as_ref());
    }
    Ok(response)
}

/// Whether some other site may read what is asked for. Where none is listed nothing changes.
fn is_shared(request: &ServiceRequest, state: &State) -> bool {
    let read_by_widget = SHARED.contains(&request.path()) || request.path().starts_with(SHARED_BELOW);
    read_by_widget && !state.options.origins.is_empty()
}

/// The origin of these headers, if it is one of those listed.
pub(super) fn among(listed: &[String], headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    listed.iter().any(|one| one.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

fn tell(headers: &mut HeaderMap, allowed: Option<&HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}
