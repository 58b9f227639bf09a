//! What the headers of a message must say: whose page calls, and the same as the body.
//!
//! Proxies route by these headers, so that one that says other than the body is refused rather than
//! believed (revision 2026-07-28, streamable HTTP).

use actix_web::http::header::{self, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::protocol::{RpcError, VERSION_KEY, Version, shorten};
use crate::http::error::Failure;

const VERSION: &str = "mcp-protocol-version";
const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";

/// Lets in calls that come from no page, from pages of this machine, and from the server's own
/// address in the settings. The `Host` of the request proves nothing: a page whose name was made to
/// lead here has the same one as its origin.
///
/// # Errors
/// [`Failure::ForeignOrigin`].
pub(super) fn check_origin(headers: &HeaderMap, public_url: Option<&str>) -> Result<(), Failure> {
    let own = public_url.map(origin_of);
    let allowed = |origin: &str| is_loopback(origin) || own.is_some_and(|own| own.eq_ignore_ascii_case(origin));
    let all = headers.get_all(header::ORIGIN).all(|origin| origin.to_str().is_ok_and(allowed));
    if all { Ok(()) } else { Err(Failure::ForeignOrigin) }
}

/// `https://desk.example.org` of `https://desk.example.org/path`.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |at| &url[..host + at])
}

fn is_loopback(origin: &str) -> bool {
    let Some(address) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else {
        return false;
    };
    let (host, port) = match address.strip_prefix('[') {
        Some(v6) => v6.split_once(']').unwrap_or_default(),
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    if !port.is_empty() && port.strip_prefix(':').is_none_or(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    let is_loopback = |ip: std::net::IpAddr| ip.is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

/// The revision that the headers name, after checking that they say what the body says.
///
/// # Errors
/// [`RpcError::HEADER_MISMATCH`], [`RpcError::UNSUPPORTED_VERSION`].
pub(super) fn check(headers: &HeaderMap, body: &Value) -> Result<Option<Version>, RpcError> {
    let given = one(headers, VERSION)?;
    let in_body = body["params"]["_meta"].get(VERSION_KEY);
    if in_body.is_some_and(|version| version.as_str() != given) {
        return Err(mismatch(VERSION, VERSION_KEY));
    }
    let version = given.map(|given| Version::named(given).ok_or_else(|| RpcError::unsupported(given))).transpose()?;
    if version.is_some_and(Version::is_modern) && body.get("id").is_some() {
        check_route(headers, body)?;
    }
    Ok(version)
}

/// The method, and the name of what it is about.
fn check_route(headers: &HeaderMap, body: &Value) -> Result<(), RpcError> {
    let method = body["method"].as_str();
    if one(headers, METHOD)? != method {
        return Err(mismatch(METHOD, "method"));
    }
    let key = match method {
        Some("tools/call" | "prompts/get") => "name",
        Some("resources/read") => "uri",
        _ => return Ok(()),
    };
    let given = one(headers, NAME)?.map(decoded);
    match body["params"][key].as_str() {
        Some(name) if given != Some(Some(name.to_owned())) => Err(mismatch(NAME, key)),
        // Without a name the message itself is wrong, which is told further in.
        _ => Ok(()),
    }
}

/// The value of a header that may stand once; two readers might read two.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, RpcError> {
    let mut values = headers.get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(RpcError::new(RpcError::HEADER_MISMATCH, format!("The header `{name}` stands more than once")));
    }
    let text = first.map(|value| value.to_str().map(str::trim));
    text.transpose()
        .map_err(|_| RpcError::new(RpcError::HEADER_MISMATCH, format!("The header `{name}` cannot be read")))
}

/// A name that no header can hold stands there as `=?base64?…?=`.
fn decoded(value: &str) -> Option<String> {
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|v| v.strip_suffix("?=")) else {
        return Some(value.to_owned());
    };
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}

fn mismatch(header: &str, key: &str) -> RpcError {
    let text = format!("The header `{header}` must be sent and say the same as `{}` of the message", shorten(key));
    RpcError::new(RpcError::HEADER_MISMATCH, text)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde_json::json;

    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let add = |request: TestRequest, (name, value): &(&'static str, &str)| request.append_header((*name, *value));
        list.iter().fold(TestRequest::post(), add).to_http_request().headers().clone()
    }

    #[test]
    fn pages_of_other_sites_are_kept_out() {
        let lets_in =
            |origin: &str| check_origin(&headers(&[("origin", origin)]), Some("https://desk.example.org/ask")).is_ok();
        for own in [
            "http://localhost",
            "http://localhost:3000",
            "https://127.0.0.1:8080",
            "http://[::1]:8080",
            "https://desk.example.org",
        ] {
            assert!(lets_in(own), "{own}");
        }
        for foreign in [
            "https://evil.example",
            "http://desk.example.org",
            "https://desk.example.org:444",
            "https://desk.example.org.evil.example",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://[::1].evil.example:80",
            "null",
            "",
            "file://localhost",
        ] {
            assert!(!lets_in(foreign), "{foreign}");
        }
        assert!(check_origin(&headers(&[]), None).is_ok());
    }

    #[test]
    fn headers_must_say_what_the_message_says() {
        let meta = json!({ VERSION_KEY: "2026-07-28" });
        let call = json!({ "id": 1, "method": "tools/call", "params": { "name": "ask", "_meta": meta } });
        let version = (VERSION, "2026-07-28");
        let code = |list: &[(&'static str, &str)]| check(&headers(list), &call).err().map(|error| error.code);
        assert_eq!(code(&[version, (METHOD, "tools/call"), (NAME, "ask")]), None);
        assert_eq!(code(&[version, (METHOD, "tools/call"), (NAME, "=?base64?YXNr?=")]), None);
        for wrong in [
            &[][..],
            &[(VERSION, "2025-06-18"), (METHOD, "tools/call"), (NAME, "ask")],
            &[version, (NAME, "ask")],
            &[version, (METHOD, "tools/list"), (NAME, "ask")],
            &[version, (METHOD, "tools/call")],
            &[version, (METHOD, "tools/call"), (NAME, "search")],
            &[version, (METHOD, "tools/call"), (NAME, "=?base64?YXN?=")],
            &[version, version, (METHOD, "tools/call"), (NAME, "ask")],
        ] {
            assert_eq!(code(wrong), Some(RpcError::HEADER_MISMATCH), "{wrong:?}");
        }
        let plain = json!({ "id": 1, "method": "ping" });
        let other = check(&headers(&[(VERSION, "2031-01-01")]), &plain);
        assert_eq!(other.unwrap_err().code, RpcError::UNSUPPORTED_VERSION);
        assert_eq!(check(&headers(&[(VERSION, "2025-06-18")]), &plain).unwrap(), Some(Version::V2025_06_18));
        assert_eq!(check(&headers(&[]), &plain).unwrap(), None);
    }
}
