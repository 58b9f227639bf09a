//! The page that explains the API, made from its description: no script, nothing from elsewhere.
//!
//! Only arranges what `/openapi.json` says; the words stand with the handlers and the wire types.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

use super::documents::html;
use super::error::Failure;
use super::{State, openapi};

/// What the template sees.
#[derive(Debug, Serialize)]
pub struct ApiPage {
    description: Vec<Paragraph>,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
}

/// Operations that belong together.
#[derive(Debug, Serialize)]
struct Group {
    name: String,
    description: String,
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
struct Operation {
    /// For links: `post-api-v1-ask`.
    anchor: String,
    method: String,
    path: String,
    summary: Vec<Run>,
    description: Vec<Paragraph>,
    parameters: Vec<Field>,
    request: Vec<Content>,
    responses: Vec<Response>,
    needs_key: bool,
}

#[derive(Debug, Serialize)]
struct Response {
    status: String,
    description: Vec<Run>,
    content: Vec<Content>,
}

/// A body of one media type.
#[derive(Debug, Serialize)]
struct Content {
    media_type: String,
    kind: Vec<Kind>,
    example: Option<String>,
}

#[derive(Debug, Serialize)]
struct Schema {
    name: String,
    description: Vec<Paragraph>,
    /// What it is when it has no fields of its own.
    kind: Vec<Kind>,
    fields: Vec<Field>,
    example: Option<String>,
}

/// A field of a schema, or a parameter of an address.
#[derive(Debug, Serialize)]
struct Field {
    name: String,
    /// Where a parameter stands.
    place: Option<String>,
    required: bool,
    kind: Vec<Kind>,
    description: Vec<Run>,
}

/// A piece of a type's name, a link when it names a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Kind {
    text: String,
    schema: bool,
}

/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Run {
    text: String,
    code: bool,
}

type Paragraph = Vec<Run>;

/// The API, explained.
#[utoipa::path(get, path = "/docs", tag = "pages",
    responses((status = 200, description = "The page that explains the API", body = String, content_type = "text/html")))]
pub async fn page(state: web::Data<State>) -> Result<HttpResponse, Failure> {
    Ok(html(StatusCode::OK, state.pages.api(&ApiPage::of(openapi::description()))?))
}

impl ApiPage {
    /// Arranges a description.
    #[must_use]
    pub fn of(api: &Value) -> Self {
        let group = |tag: &Value| {
            let name = text(&tag["name"]);
            Group { operations: operations(api, &name), description: text(&tag["description"]), name }
        };
        let schemas = entries(&api["components"]["schemas"]).map(|(name, schema)| Schema::of(name, schema));
        Self {
            description: paragraphs(&text(&api["info"]["description"])),
            groups: items(&api["tags"]).map(group).collect(),
            schemas: schemas.collect(),
        }
    }
}

fn operations(api: &Value, tag: &str) -> Vec<Operation> {
    let of_path = |(path, methods)| entries(methods).map(move |(method, operation)| (path, method, operation));
    let tagged = |(_, _, operation): &(&str, &str, &Value)| items(&operation["tags"]).any(|t| t == tag);
    let all = entries(&api["paths"]).flat_map(of_path).filter(tagged);
    all.map(|(path, method, operation)| Operation::of(path, method, operation)).collect()
}

impl Operation {
    fn of(path: &str, method: &str, operation: &Value) -> Self {
        let response = |(status, response): (&str, &Value)| Response {
            status: status.to_owned(),
            description: runs(&text(&response["description"])),
            content: contents(&response["content"]),
        };
        let parameter = |parameter: &Value| Field {
            name: text(&parameter["name"]),
            place: Some(text(&parameter["in"])),
            required: parameter["required"] == true,
            kind: kind(&parameter["schema"]),
            description: runs(&text(&parameter["description"])),
        };
        let words: Vec<&str> = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
        Self {
            anchor: [&[method], words.as_slice()].concat().join("-"),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: runs(&text(&operation["summary"])),
            description: paragraphs(&text(&operation["description"])),
            parameters: items(&operation["parameters"]).map(parameter).collect(),
            request: contents(&operation["requestBody"]["content"]),
            responses: entries(&operation["responses"]).map(response).collect(),
            needs_key: items(&operation["security"]).any(|needed| needed.get("admin_key").is_some()),
        }
    }
}

impl Schema {
    fn of(name: &str, schema: &Value) -> Self {
        let required: Vec<&Value> = items(&schema["required"]).collect();
        let fields = fields(schema).into_iter().map(|(name, field)| Field {
            required: required.iter().any(|r| *r == name),
            name: name.to_owned(),
            place: None,
            kind: kind(field),
            description: runs(&text(&field["description"])),
        });
        let fields: Vec<Field> = fields.collect();
        Self {
            name: name.to_owned(),
            description: paragraphs(&text(&schema["description"])),
            kind: if fields.is_empty() { kind(schema) } else { Vec::new() },
            fields,
            example: example(schema),
        }
    }
}

/// Its own fields and those of the schemas that it takes in.
fn fields(schema: &Value) -> Vec<(&str, &Value)> {
    let inherited = items(&schema["allOf"]).flat_map(fields);
    entries(&schema["properties"]).chain(inherited).collect()
}

fn contents(content: &Value) -> Vec<Content> {
    let one = |(media_type, body): (&str, &Value)| Content {
        media_type: media_type.to_owned(),
        kind: kind(&body["schema"]),
        example: example(body),
    };
    entries(content).map(one).collect()
}

fn example(schema: &Value) -> Option<String> {
    let example = schema.get("example").or_else(|| schema["examples"].get(0))?;
    serde_json::to_string_pretty(example).ok()
}

/// A type in words: `list of CitationBody`, `string or null`, `1 to 100`.
fn kind(schema: &Value) -> Vec<Kind> {
    let plain = |text: &str| vec![Kind { text: text.to_owned(), schema: false }];
    if let Some(name) = schema["$ref"].as_str() {
        return vec![Kind { text: name.rsplit('/').next().unwrap_or(name).to_owned(), schema: true }];
    }
    for choice in ["oneOf", "anyOf"] {
        if schema[choice].is_array() {
            return either(items(&schema[choice]).map(kind).collect());
        }
    }
    if schema["allOf"].is_array() {
        return items(&schema["allOf"]).map(kind).next().unwrap_or_default();
    }
    if schema["enum"].is_array() {
        return either(items(&schema["enum"]).map(|value| plain(&value.to_string())).collect());
    }
    match &schema["type"] {
        Value::Array(types) => {
            let of_type = |t: &Value| {
                let mut one = schema.clone();
                one["type"] = t.clone();
                kind(&one)
            };
            either(types.iter().map(of_type).collect())
        }
        Value::String(name) if name == "array" => [plain("list of "), kind(&schema["items"])].concat(),
        Value::String(name) if name == "null" => plain(name),
        Value::String(name) => plain(&format!("{name}{}", limits(schema))),
        _ => plain("anything"),
    }
}

fn either(kinds: Vec<Vec<Kind>>) -> Vec<Kind> {
    let or = || Kind { text: " or ".to_owned(), schema: false };
    let mut joined = Vec::new();
    for (index, kind) in kinds.into_iter().enumerate() {
        if index > 0 {
            joined.push(or());
        }
        joined.extend(kind);
    }
    joined
}

fn limits(schema: &Value) -> String {
    let bound = |least: &str, most: &str| match (schema[least].as_f64(), schema[most].as_f64()) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("from {least}")),
        (None, Some(most)) => Some(format!("to {most}")),
        (None, None) => None,
    };
    let characters = bound("minLength", "maxLength").map(|range| format!("{range} characters"));
    bound("minimum", "maximum").or(characters).map(|range| format!(" ({range})")).unwrap_or_default()
}

fn paragraphs(text: &str) -> Vec<Paragraph> {
    text.split("\n\n").filter(|p| !p.trim().is_empty()).map(runs).collect()
}

/// Words between backticks are code.
fn runs(text: &str) -> Vec<Run> {
    let text = text.replace('\n', " ");
    let pieces = text.split('`').enumerate().filter(|(_, piece)| !piece.is_empty());
    pieces.map(|(index, piece)| Run { text: piece.to_owned(), code: index % 2 == 1 }).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(schema: Value) -> String {
        kind(&schema).into_iter().map(|k| if k.schema { format!("<{}>", k.text) } else { k.text }).collect()
    }

    #[test]
    fn types_are_told_in_words() {
        assert_eq!(words(json!({ "$ref": "#/components/schemas/HitBody" })), "<HitBody>");
        assert_eq!(words(json!({ "type": "array", "items": { "$ref": "#/a/X" } })), "list of <X>");
        assert_eq!(
            words(json!({ "type": ["string", "null"], "maxLength": 128 })),
            "string (to 128 characters) or null"
        );
        assert_eq!(words(json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/a/X" }] })), "null or <X>");
        assert_eq!(words(json!({ "type": "string", "enum": ["a", "b"] })), "\"a\" or \"b\"");
        assert_eq!(words(json!({ "type": "integer", "minimum": 1, "maximum": 100 })), "integer (1 to 100)");
        assert_eq!(words(json!({})), "anything");
    }

    #[test]
    fn code_stands_between_backticks() {
        let run = |text: &str, code| Run { text: text.into(), code };
        assert_eq!(runs("Sends `a`\nand b."), [run("Sends ", false), run("a", true), run(" and b.", false)]);
    }
}
