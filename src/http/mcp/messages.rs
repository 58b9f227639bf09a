//! The messages of the protocol as the API's description shows them.
//!
//! They are read and written as JSON by `protocol`; a test sends what this describes, and what not.

#![allow(dead_code, reason = "describes messages, and is never made")]

use serde_json::Value;
use utoipa::ToSchema;

/// A message, or a list of 1 to 64 in revision 2025-03-26.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum McpBody {
    One(McpMessage),
    List(Vec<Value>),
}

/// A request, or a notification when it has no `id` (JSON-RPC 2.0).
#[derive(ToSchema)]
#[schema(example = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}))]
pub struct McpMessage {
    pub jsonrpc: JsonRpc,
    #[schema(required = false, nullable = false)]
    pub id: Option<McpId>,
    pub method: String,
    #[schema(required = false, nullable = false, value_type = Object)]
    pub params: Option<Value>,
}

/// The version of JSON-RPC.
#[derive(ToSchema)]
pub enum JsonRpc {
    #[serde(rename = "2.0")]
    Two,
}

/// Repeated in the answer.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum McpId {
    Text(String),
    Number(i64),
}

/// Revisions of the protocol.
#[derive(ToSchema)]
pub enum McpVersion {
    #[serde(rename = "2026-07-28")]
    V2026_07_28,
    #[serde(rename = "2025-11-25")]
    V2025_11_25,
    #[serde(rename = "2025-06-18")]
    V2025_06_18,
    #[serde(rename = "2025-03-26")]
    V2025_03_26,
    #[serde(rename = "2024-11-05")]
    V2024_11_05,
}

/// The answer to a message, or to a list of them.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum McpAnswer {
    One(McpReply),
    List(Vec<McpReply>),
}

/// A result or an error.
#[derive(ToSchema)]
pub struct McpReply {
    pub jsonrpc: JsonRpc,
    /// Null when the message has none that can be repeated.
    #[schema(required)]
    pub id: Option<McpId>,
    #[schema(required = false, nullable = false, value_type = Object)]
    pub result: Option<Value>,
    #[schema(required = false, nullable = false)]
    pub error: Option<McpError>,
}

/// Why there is no result.
#[derive(ToSchema)]
pub struct McpError {
    pub code: i64,
    pub message: String,
    #[schema(required = false, nullable = false)]
    pub data: Option<Value>,
}
