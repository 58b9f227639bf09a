//! The tools: `ask`, `search`, `read_passage`. What they take, and what they give back.
//!
//! Their arguments are read and their replies written as those of the API; a call that a client can
//! put right fails as a result, so that the model behind it reads why.

use std::time::Instant;

use actix_web::ResponseError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::protocol::{Request, RpcError, Version, shorten};
use super::{Desk, resources};
use crate::corpus::Anchor;
use crate::http::body::Fields;
use crate::http::error::Failure;
use crate::http::openapi;
use crate::http::wire::{AskReply, AskRequest, BlockBody, CitationBody, HitBody, SearchReply, SearchRequest};

/// Most passages before and after the one that is read.
const AROUND_LIMIT: usize = 10;

const ASK: &[&str] = &["question", "history", "documents", "locale"];
const READ_PASSAGE: &[&str] = &["document", "anchor", "around"];

/// A passage with its neighbours, in the order of the document.
#[derive(Debug, Serialize, ToSchema)]
pub struct PassageReply {
    /// Slug.
    pub document: String,
    pub title: String,
    /// Where the document was published.
    #[schema(required)]
    pub source_url: Option<String>,
    /// Address of the passage on the document's page.
    pub url: String,
    pub passages: Vec<BlockBody>,
}

/// The tools, always in this order.
pub(super) fn list(version: Version) -> Value {
    let documents = json!({ "type": "array", "items": { "type": "string" },
        "description": "Slugs of the documents to use; absent means all. The resources list them." });
    let ask = json!({
        "question": { "type": "string", "minLength": 1, "maxLength": 2000, "description": "One question in plain words" },
        "history": { "type": "array", "maxItems": 20, "description": "The conversation before, oldest first; the user's messages are enough",
            "items": { "type": "object", "required": ["role", "content"], "additionalProperties": false, "properties": {
                "role": { "type": "string", "enum": ["user", "assistant"] }, "content": { "type": "string" } } } },
        "documents": documents,
        "locale": { "type": "string", "description": "BCP 47; the language of the words around the quotes" },
    });
    let search = json!({
        "query": { "type": "string", "minLength": 1, "maxLength": 2000 },
        "documents": documents,
        "mode": { "type": "string", "enum": ["hybrid", "lexical", "dense"], "default": "hybrid", "description": "`hybrid` is the ranking that `ask` uses" },
        "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 10 },
    });
    let read = json!({
        "document": { "type": "string", "description": "Slug, as in a citation or hit" },
        "anchor": { "type": "string", "description": "As in a citation or hit, such as `turn-6` or `p-3`" },
        "around": { "type": "integer", "minimum": 0, "maximum": AROUND_LIMIT, "default": 0, "description": "How many passages before and after to give as well" },
    });
    let tool = |name: &str, title: &str, description: &str, properties: Value, required: &[&str], reply: &str| {
        let mut tool = json!({
            "name": name,
            "description": description,
            "inputSchema": { "type": "object", "properties": properties, "required": required, "additionalProperties": false },
        });
        // Reading has no effects: the same call has the same result.
        if version >= Version::V2025_03_26 {
            tool["annotations"] = json!({ "title": title, "readOnlyHint": true, "openWorldHint": false });
        }
        if version >= Version::V2025_06_18 {
            tool["title"] = json!(title);
            tool["outputSchema"] = openapi::schema(reply);
        }
        tool
    };
    json!({ "tools": [
        tool("ask", "Ask the sources",
            "Answers a question in verbatim quotes from the documents, each with its speaker and a link, or says that the \
             sources do not answer and gives the nearest passages.", ask, &["question"], "AskReply"),
        tool("search", "Search the sources", "Ranks passages for a query, without answering.", search, &["query"], "SearchReply"),
        tool("read_passage", "Read a passage", "Gives a passage word for word, with its neighbours if wanted.",
            read, &["document", "anchor"], "PassageReply"),
    ] })
}

/// Calls a tool.
pub(super) fn call(desk: &Desk<'_>, request: &Request<'_>, version: Version) -> Result<Value, RpcError> {
    let none = Value::Object(Map::new());
    let arguments = request.params.get("arguments").unwrap_or(&none);
    let done = match request.text("name")? {
        "ask" => ask(desk, arguments),
        "search" => search(desk, arguments),
        "read_passage" => read_passage(desk, arguments),
        other => {
            let text = format!("There is no tool `{}`; there are `ask`, `search`, `read_passage`", shorten(other));
            return Err(RpcError::new(RpcError::INVALID_PARAMS, text));
        }
    };
    match done {
        Ok(done) => Ok(done.into_result(version)),
        Err(failure) if failure.status_code().is_client_error() && failure.status_code() != 429 => Ok(json!({
            "content": [{ "type": "text", "text": failure.problem().detail }], "isError": true
        })),
        Err(failure) => Err(failure.into()),
    }
}

/// A reply, as its JSON is sent by the API, with the passages it points to.
struct Done {
    reply: String,
    links: Vec<Value>,
}

impl Done {
    fn new(reply: &impl Serialize, links: Vec<Value>) -> Self {
        Self { reply: serde_json::to_string(reply).unwrap_or_default(), links }
    }

    /// The same JSON twice: as a structure, and as a text for clients that know no structures. The
    /// first revisions know neither those nor links. The structure is read from the text, so that
    /// numbers are the same to the last digit.
    fn into_result(self, version: Version) -> Value {
        let text = json!({ "type": "text", "text": self.reply });
        if version < Version::V2025_06_18 {
            return json!({ "content": [text], "isError": false });
        }
        let content: Vec<Value> = std::iter::once(text).chain(self.links).collect();
        let structure: Value = serde_json::from_str(&self.reply).unwrap_or_default();
        json!({ "content": content, "structuredContent": structure, "isError": false })
    }
}

fn ask(desk: &Desk<'_>, arguments: &Value) -> Result<Done, Failure> {
    Fields::of(arguments, "", ASK)?;
    let asked = AskRequest::read(arguments, "")?;
    let told = (desk.put)(&asked.into_ask()).map_err(Failure::of_question)?;
    let mut reply = AskReply::new(told, false);
    desk.base.apply_to(&mut reply);
    let links = reply.citations.iter().chain(&reply.related).map(cited).collect();
    Ok(Done::new(&reply, links))
}

fn cited(citation: &CitationBody) -> Value {
    let speaker = citation.speaker.as_deref().map(|s| format!("{s}, ")).unwrap_or_default();
    resources::link(&citation.document, &citation.anchor, &format!("[{}] {speaker}{}", citation.n, citation.title))
}

fn search(desk: &Desk<'_>, arguments: &Value) -> Result<Done, Failure> {
    let started = Instant::now();
    let search = SearchRequest::read(arguments)?.into_search();
    let hits = desk.engine.search(&search).map_err(|error| Failure::Ask { field: "query", error })?;
    let hits: Vec<HitBody> = hits.into_iter().map(HitBody::from).collect();
    let link = |hit: &HitBody| resources::link(&hit.document, &hit.anchor, &format!("{}. {}", hit.rank, hit.title));
    let links = hits.iter().map(link).collect();
    Ok(Done::new(&SearchReply { hits, took_ms: crate::http::milliseconds(started) }, links))
}

fn read_passage(desk: &Desk<'_>, arguments: &Value) -> Result<Done, Failure> {
    let fields = Fields::of(arguments, "", READ_PASSAGE)?;
    let (slug, anchor) = (fields.required_text("document")?, fields.required_text("anchor")?);
    let around = fields.count("around")?.unwrap_or(0);
    if around > AROUND_LIMIT {
        return Err(Failure::BadValue { path: "around".into(), rule: format!("must be from 0 to {AROUND_LIMIT}") });
    }
    let snapshot = desk.snapshot()?;
    let document = resources::find(&snapshot.corpus, slug)?;
    let at = |anchor: &Anchor| document.blocks.iter().position(|block| block.anchor == *anchor);
    let first = Anchor::parse(anchor).ok().as_ref().and_then(at).ok_or_else(|| Failure::BadValue {
        path: "anchor".into(),
        rule: "names no passage of this document; `search` and `ask` give anchors".into(),
    })?;
    // The values of the front matter share one anchor and stand together.
    let last =
        first + document.blocks[first..].iter().take_while(|b| b.anchor == document.blocks[first].anchor).count();
    let range = first.saturating_sub(around)..(last + around).min(document.blocks.len());
    let anchor = &document.blocks[first].anchor;
    let reply = PassageReply {
        document: document.slug.clone(),
        title: document.title.clone(),
        source_url: document.front_matter.source_url.clone(),
        url: desk.base.absolute(&resources::page(&document.slug, anchor.as_str())),
        passages: document.blocks[range].iter().map(|block| BlockBody::new(document, block)).collect(),
    };
    let links = vec![resources::link(&document.slug, anchor.as_str(), &document.title)];
    Ok(Done::new(&reply, links))
}
