//! The Model Context Protocol without its transports: one message in, at most one message out.
//!
//! Serves revision 2026-07-28, in which each request names its version and capabilities, and the
//! older ones that begin with `initialize`, without keeping a session for either. What the tools
//! and resources are is told in `tools` and `resources`; HTTP's own rules in `mod.rs`.
//!
//! Written over serde because rmcp brings sixteen crates and a transport of its own (tower, sessions,
//! body limits) that actix would have to be adapted to, for the eight methods below.

use serde_json::{Map, Value, json};

use super::{Desk, resources, tools};
use crate::http::error::Failure;

/// Revisions of the protocol that are served, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    V2024_11_05,
    V2025_03_26,
    V2025_06_18,
    V2025_11_25,
    V2026_07_28,
}

impl Version {
    const ALL: [Self; 5] =
        [Self::V2026_07_28, Self::V2025_11_25, Self::V2025_06_18, Self::V2025_03_26, Self::V2024_11_05];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The revision of this name, if it is served.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == name)
    }

    /// Whether each request names its version, and there is no `initialize`.
    #[must_use]
    pub fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|version| version.name()).collect()
    }
}

/// The newest revision that `initialize` can agree on.
const NEWEST_WITH_INITIALIZE: Version = Version::V2025_11_25;

pub(super) const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const SERVER_KEY: &str = "io.modelcontextprotocol/serverInfo";

/// How long a client may keep what does not change while the program runs.
const KEEP_MS: u64 = 3_600_000;
/// How long a client may keep what a rebuild of the index changes.
const KEEP_DOCUMENTS_MS: u64 = 10_000;

const INSTRUCTIONS: &str = "Answers questions over published dialogs (articles, interviews, transcripts) in verbatim \
    quotes. Call `ask` with a question; when `outcome` is `answered`, repeat the quotes word for word, each with its \
    speaker and link. When it is `abstained`, the sources do not answer: say so, and offer `related` only as the nearest \
    passages. `search` ranks passages without answering, `read_passage` gives one with its neighbours.";

/// Why a message has no result (JSON-RPC 2.0, and the codes of the protocol).
#[derive(Debug)]
pub struct RpcError {
    pub code: i64,
    pub message: String,
    pub data: Option<Value>,
    /// What failed on the server's side; over HTTP it gives the status.
    pub failure: Option<Box<Failure>>,
}

impl RpcError {
    pub const PARSE: i64 = -32700;
    pub const INVALID_REQUEST: i64 = -32600;
    pub const METHOD_NOT_FOUND: i64 = -32601;
    pub const INVALID_PARAMS: i64 = -32602;
    pub const INTERNAL: i64 = -32603;
    pub const RESOURCE_NOT_FOUND: i64 = -32002;
    pub const HEADER_MISMATCH: i64 = -32020;
    pub const UNSUPPORTED_VERSION: i64 = -32022;

    /// An error that its code and a sentence tell.
    #[must_use]
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None, failure: None }
    }

    /// The request asks for a revision that is not served.
    #[must_use]
    pub fn unsupported(requested: &str) -> Self {
        let data = json!({ "supported": Version::names(), "requested": shorten(requested) });
        Self { data: Some(data), ..Self::new(Self::UNSUPPORTED_VERSION, "Unsupported protocol version") }
    }

    /// The message as it is sent.
    #[must_use]
    pub fn to_message(&self, id: &Value) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        json!({ "jsonrpc": "2.0", "id": id, "error": error })
    }
}

impl From<Failure> for RpcError {
    /// Not the client's fault: the cause stays in the log.
    fn from(failure: Failure) -> Self {
        failure.log();
        let told = failure.problem().detail;
        Self { failure: Some(Box::new(failure)), ..Self::new(Self::INTERNAL, told) }
    }
}

/// What a client sends.
#[derive(Debug)]
pub enum Incoming<'a> {
    Request(Request<'a>),
    /// Nothing has to be done about any of them.
    Notification,
}

/// A message that wants an answer.
#[derive(Debug)]
pub struct Request<'a> {
    pub id: &'a Value,
    pub method: &'a str,
    pub params: &'a Map<String, Value>,
}

impl<'a> Incoming<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// [`RpcError::INVALID_REQUEST`] when it is none, or the answer to a request that was never sent.
    pub fn read(message: &'a Value) -> Result<Self, RpcError> {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        let invalid = |reason: &str| RpcError::new(RpcError::INVALID_REQUEST, reason);
        let object = message.as_object().ok_or_else(|| invalid("A message must be one JSON object"))?;
        if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(invalid("`jsonrpc` must be \"2.0\""));
        }
        let method =
            object.get("method").and_then(Value::as_str).ok_or_else(|| invalid("`method` must be a string"))?;
        let Some(id) = object.get("id") else { return Ok(Self::Notification) };
        if !is_id(id) {
            return Err(invalid("`id` must be a string or a whole number"));
        }
        let params = match object.get("params") {
            None => &NONE,
            Some(params) => params.as_object().ok_or_else(|| invalid("`params` must be an object"))?,
        };
        Ok(Self::Request(Request { id, method, params }))
    }
}

/// Whether a value is an id: a text, or a whole number of 64 bits.
pub(super) fn is_id(value: &Value) -> bool {
    value.is_string() || value.is_i64()
}

impl Request<'_> {
    /// The revision that the request names itself, if any.
    ///
    /// # Errors
    /// [`RpcError::INVALID_PARAMS`] when it names one and leaves out what belongs to it;
    /// [`RpcError::UNSUPPORTED_VERSION`].
    pub fn version(&self) -> Result<Option<Version>, RpcError> {
        let missing = |key: &str| RpcError::new(RpcError::INVALID_PARAMS, format!("`params._meta` must have `{key}`"));
        let Some(meta) = self.params.get("_meta").and_then(Value::as_object) else { return Ok(None) };
        let Some(named) = meta.get(VERSION_KEY) else { return Ok(None) };
        let named = named.as_str().ok_or_else(|| missing(VERSION_KEY))?;
        let version = Version::named(named).filter(|version| version.is_modern());
        let version = version.ok_or_else(|| RpcError::unsupported(named))?;
        if !meta.get(CAPABILITIES_KEY).is_some_and(Value::is_object) {
            return Err(missing(CAPABILITIES_KEY));
        }
        Ok(Some(version))
    }

    /// Whether answering takes more than looking something up.
    #[must_use]
    pub fn is_work(&self) -> bool {
        self.method == "tools/call"
    }

    /// A parameter that must be a text.
    ///
    /// # Errors
    /// [`RpcError::INVALID_PARAMS`].
    pub fn text(&self, name: &str) -> Result<&str, RpcError> {
        let text = self.params.get(name).and_then(Value::as_str);
        text.ok_or_else(|| RpcError::new(RpcError::INVALID_PARAMS, format!("`params.{name}` must be a string")))
    }
}

/// Answers a request under the revision that it names, else under the one agreed on before.
///
/// # Errors
/// [`RpcError`].
pub fn answer(desk: &Desk<'_>, request: &Request<'_>, agreed: Version) -> Result<Value, RpcError> {
    let named = request.version()?;
    let version = named.unwrap_or(agreed);
    if version.is_modern() && named.is_none() {
        let text = format!("`params._meta` must have `{VERSION_KEY}` and `{CAPABILITIES_KEY}`");
        return Err(RpcError::new(RpcError::INVALID_PARAMS, text));
    }
    let (mut result, keep) = match (request.method, version.is_modern()) {
        ("server/discover", true) => (discover(), Some(KEEP_MS)),
        ("initialize", false) => (initialize(request)?, None),
        ("ping", false) => (json!({}), None),
        ("tools/list", _) => (tools::list(version), Some(KEEP_MS)),
        ("tools/call", _) => (tools::call(desk, request, version)?, None),
        ("resources/list", _) => (resources::list(desk, request)?, Some(KEEP_DOCUMENTS_MS)),
        ("resources/templates/list", _) => (resources::templates(), Some(KEEP_MS)),
        ("resources/read", _) => (resources::read(desk, request, version)?, Some(KEEP_DOCUMENTS_MS)),
        (method, _) => {
            let text = format!("There is no method `{}`", shorten(method));
            return Err(RpcError::new(RpcError::METHOD_NOT_FOUND, text));
        }
    };
    if version.is_modern() {
        result["resultType"] = json!("complete");
        result["_meta"] = json!({ SERVER_KEY: server() });
        if let Some(milliseconds) = keep {
            result["ttlMs"] = json!(milliseconds);
            // Who may read the documents is the operator's to say.
            result["cacheScope"] = json!("private");
        }
    }
    Ok(json!({ "jsonrpc": "2.0", "id": request.id, "result": result }))
}

fn discover() -> Value {
    json!({ "supportedVersions": Version::names(), "capabilities": capabilities(), "instructions": INSTRUCTIONS })
}

fn initialize(request: &Request<'_>) -> Result<Value, RpcError> {
    let wished = Version::named(request.text("protocolVersion")?).filter(|version| !version.is_modern());
    Ok(json!({
        "protocolVersion": wished.unwrap_or(NEWEST_WITH_INITIALIZE).name(),
        "capabilities": capabilities(),
        "serverInfo": server(),
        "instructions": INSTRUCTIONS,
    }))
}

fn capabilities() -> Value {
    json!({ "tools": {}, "resources": {} })
}

fn server() -> Value {
    json!({ "name": "dialogdesk", "title": "Dialogdesk", "version": env!("CARGO_PKG_VERSION") })
}

/// Words from outside, cut so that an answer never grows with what was sent.
pub(super) fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_request_a_notification_or_refused() {
        let request = json!({ "jsonrpc": "2.0", "id": "a", "method": "ping" });
        assert!(matches!(Incoming::read(&request), Ok(Incoming::Request(Request { method: "ping", .. }))));
        let notification = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert!(matches!(Incoming::read(&notification), Ok(Incoming::Notification)));
        for wrong in [
            json!([]),
            json!("ping"),
            json!({ "id": 1, "method": "ping" }),
            json!({ "jsonrpc": "1.0", "id": 1, "method": "ping" }),
            json!({ "jsonrpc": "2.0", "id": 1 }),
            json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
            json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }),
            json!({ "jsonrpc": "2.0", "id": 1.5, "method": "ping" }),
            json!({ "jsonrpc": "2.0", "id": u64::MAX, "method": "ping" }),
            json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": [] }),
        ] {
            assert_eq!(Incoming::read(&wrong).unwrap_err().code, RpcError::INVALID_REQUEST, "{wrong}");
        }
    }

    #[test]
    fn a_request_names_a_revision_with_all_that_belongs_to_it() {
        let version = |meta: Value| {
            let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } });
            let Ok(Incoming::Request(request)) = Incoming::read(&message) else { panic!("a request") };
            request.version().map_err(|error| error.code)
        };
        assert_eq!(version(json!({ "progressToken": 1 })), Ok(None));
        let full = json!({ VERSION_KEY: "2026-07-28", CAPABILITIES_KEY: {} });
        assert_eq!(version(full), Ok(Some(Version::V2026_07_28)));
        assert_eq!(version(json!({ VERSION_KEY: "2026-07-28" })), Err(RpcError::INVALID_PARAMS));
        assert_eq!(version(json!({ VERSION_KEY: 1, CAPABILITIES_KEY: {} })), Err(RpcError::INVALID_PARAMS));
        for other in ["2031-01-01", "2025-06-18", ""] {
            let meta = json!({ VERSION_KEY: other, CAPABILITIES_KEY: {} });
            assert_eq!(version(meta), Err(RpcError::UNSUPPORTED_VERSION), "{other}");
        }
    }
}
