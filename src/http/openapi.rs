//! The API's description of itself, made from the handlers and the wire types.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::access::{self, sign_in};
use super::{admin, ask, channels, conversations, docs, documents, health, mcp, openai, search, stream, ui};

/// The description of every route.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dialogdesk",
        description = "Answers questions over published dialogs in verbatim, cited quotes. \
                       Answering and abstaining are two normal outcomes; both are 200. \
                       Errors are `application/problem+json` (RFC 9457) with a stable `type`."
    ),
    paths(
        ui::chat,
        ui::conversation,
        ui::widget,
        ui::asset,
        documents::page,
        docs::page,
        ask::ask,
        stream::stream,
        ask::batch,
        search::search,
        conversations::rate,
        conversations::read,
        conversations::forget,
        openai::chat,
        openai::models,
        openai::model,
        mcp::post,
        channels::events,
        channels::verify,
        channels::slack_command,
        documents::list,
        documents::detail,
        documents::source,
        admin::reindex,
        admin::report,
        admin::report_page,
        sign_in::show,
        sign_in::sign_in,
        sign_in::sign_out,
        health::live,
        health::ready,
        health::metrics,
        describe
    ),
    components(schemas(mcp::McpVersion, mcp::PassageReply)),
    modifiers(&Keys),
    tags(
        (name = "questions", description = "Ask and search"),
        (name = "conversations", description = "What was asked, and what was thought of it"),
        (name = "openai", description = "For clients of OpenAI's chat completions; errors have OpenAI's envelope"),
        (name = "mcp", description = "For clients of the Model Context Protocol"),
        (name = "channels", description = "For the vendors of messengers; see docs/channels"),
        (name = "documents", description = "What is served"),
        (name = "pages", description = "For people"),
        (name = "operation", description = "For operators")
    )
)]
struct Description;

struct Keys;

/// Which addresses need a key is told by `access`; here it is only written down.
impl Modify for Keys {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let schemes = [
            ("admin_key", "The value of DIALOGDESK_ADMIN_KEY on the server, or another admin key."),
            ("api_key", "A key for asking and reading, where the server asks for one; an admin key does too."),
        ];
        for (name, description) in schemes {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
            api.components.get_or_insert_default().add_security_scheme(name, SecurityScheme::Http(scheme));
        }
        for (path, item) in &mut api.paths.paths {
            let operations = [&mut item.get, &mut item.post, &mut item.delete];
            for operation in operations.into_iter().flatten().filter(|_| !access::is_open(path)) {
                let optional = [SecurityRequirement::default(), SecurityRequirement::new("api_key", [""; 0])];
                operation.security.get_or_insert(optional.into());
                operation.responses.responses.entry("401".to_owned()).or_insert_with(|| without_a_key(path).into());
            }
        }
    }
}

fn without_a_key(path: &str) -> Response {
    let (media_type, schema) = match path.starts_with("/v1/") {
        true => ("application/json", "ErrorEnvelope"),
        false => ("application/problem+json", "Problem"),
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let description = "The server asks for a key, and it is missing or wrong";
    ResponseBuilder::new().description(description).content(media_type, content).build()
}

/// Written once: it depends on nothing but the program.
static JSON: LazyLock<String> = LazyLock::new(|| Description::openapi().to_pretty_json().unwrap_or_default());

/// The description, read back.
pub fn description() -> &'static Value {
    static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&JSON).unwrap_or_default());
    &DESCRIPTION
}

/// A schema of the description by name, with those it names beside it: for clients that know no
/// OpenAPI.
#[must_use]
pub fn schema(name: &str) -> Value {
    static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
        let inside = JSON.replace("#/components/schemas/", "#/$defs/");
        let api: Value = serde_json::from_str(&inside).unwrap_or_default();
        api["components"]["schemas"].clone()
    });
    let mut named = BTreeMap::new();
    let mut open = vec![name.to_owned()];
    while let Some(next) = open.pop() {
        if let Entry::Vacant(place) = named.entry(next) {
            let schema = SCHEMAS[place.key()].clone();
            let schema = place.insert(schema).to_string();
            let names = schema.split("\"#/$defs/").skip(1).filter_map(|rest| rest.split('"').next());
            open.extend(names.map(str::to_owned));
        }
    }
    let mut schema = named.remove(name).unwrap_or_default();
    if !named.is_empty() {
        schema["$defs"] = serde_json::json!(named);
    }
    schema
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operation",
    responses((status = 200, description = "OpenAPI", body = Object, content_type = "application/json")))]
pub async fn describe() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(JSON.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_named_is_described() {
        let api: serde_json::Value = serde_json::from_str(&JSON).unwrap();
        let text = JSON.as_str();
        for (at, _) in text.match_indices("\"#/components/schemas/") {
            let name = text[at + 22..].split('"').next().unwrap();
            assert!(api["components"]["schemas"][name].is_object(), "{name} is named and not described");
        }
    }

    #[test]
    fn optional_fields_of_a_request_may_be_null_and_left_out() {
        let api: serde_json::Value = serde_json::from_str(&JSON).unwrap();
        let ask = &api["components"]["schemas"]["AskRequest"];
        assert_eq!(ask["required"], serde_json::json!(["question"]), "{ask:#}");
        let nullable = |name: &str| ask["properties"][name].to_string().contains("null");
        for name in ["history", "conversation_id", "documents", "locale", "explain"] {
            assert!(nullable(name), "{name}: {}", ask["properties"][name]);
        }
    }
}
