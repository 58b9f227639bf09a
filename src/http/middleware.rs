//! What happens to every request and response: counted, guarded by headers, compressed.

use std::time::Instant;

use actix_http::encoding::Encoder;
use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, ContentEncoding, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{DefaultHeaders, Next};

use super::metrics;

/// Nothing but what this server serves may run, load or be contacted, and no page may frame it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                                       connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Shorter bodies fit into one packet anyway.
const COMPRESS_FROM: u64 = 1024;

/// Headers of every response.
pub fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("permissions-policy", "camera=(), geolocation=(), microphone=()"))
}

/// Counts a request and writes it to the log, by the template of its route: what a person typed
/// into an address or a body appears in neither.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let method = method_name(request.method());
    let response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    tracing::debug!(method, route, status, ms = super::milliseconds(started), "request");
    metrics::requested(method, route, status, started.elapsed());
    Ok(response)
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Compresses text over [`COMPRESS_FROM`] bytes for clients that accept gzip. A response whose
/// validator is strong (`/source`) stays byte for byte what the validator names.
pub async fn compress(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let accepted = accepts_gzip(request.headers().get(header::ACCEPT_ENCODING));
    let response = next.call(request).await?;
    Ok(response.map_body(|head, body| {
        let long = matches!(body.size(), BodySize::Sized(n) if n >= COMPRESS_FROM);
        let strong = head.headers().get(header::ETAG).is_some_and(|tag| tag.as_bytes().starts_with(b"\""));
        let fits = long && !strong && head.status != StatusCode::NOT_MODIFIED;
        let coding = if accepted && fits { ContentEncoding::Gzip } else { ContentEncoding::Identity };
        if fits && !accepted {
            head.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        Encoder::response(coding, head, body)
    }))
}

fn accepts_gzip(header: Option<&HeaderValue>) -> bool {
    let Some(listed) = header.and_then(|h| h.to_str().ok()) else { return false };
    listed.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)));
        (coding.eq_ignore_ascii_case("gzip") || coding == "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        let accepts = |text: &'static str| accepts_gzip(Some(&HeaderValue::from_static(text)));
        assert!(accepts("gzip") && accepts("br, GZIP;q=0.5") && accepts("*"));
        assert!(!accepts("br") && !accepts("gzip;q=0") && !accepts("identity") && !accepts_gzip(None));
    }
}
