//! The documents as resources: `dialogdesk://documents/{slug}`, a passage after `#`.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use super::Desk;
use super::protocol::{Request, RpcError, Version, shorten};
use crate::ask::AskError;
use crate::corpus::{Anchor, Corpus, Document};
use crate::http::error::Failure;

const SCHEME: &str = "dialogdesk://documents/";
/// Documents of one page of the list.
const PAGE: usize = 100;
/// What stands plainly after `#`.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address of a passage as a resource.
fn uri(slug: &str, anchor: &str) -> String {
    format!("{SCHEME}{slug}#{}", utf8_percent_encode(anchor, FRAGMENT))
}

/// The address of a passage on the page of its document.
pub(super) fn page(slug: &str, anchor: &str) -> String {
    format!("/documents/{slug}#{}", utf8_percent_encode(anchor, FRAGMENT))
}

/// A link to a passage, for the content of a result.
pub(super) fn link(slug: &str, anchor: &str, title: &str) -> Value {
    json!({ "type": "resource_link", "uri": uri(slug, anchor), "name": format!("{slug}#{anchor}"), "title": title,
        "mimeType": "text/plain" })
}

/// The document of this slug.
///
/// # Errors
/// A failure that names those there are.
pub(super) fn find<'a>(corpus: &'a Corpus, slug: &str) -> Result<&'a Arc<Document>, Failure> {
    let unknown = || AskError::UnknownDocument {
        slug: slug.to_owned(),
        known: corpus.documents.iter().map(|d| d.slug.clone()).collect(),
    };
    let at = corpus.document(slug).ok_or_else(|| Failure::Ask { field: "document", error: unknown() })?;
    Ok(&corpus.documents[at])
}

/// A page of the documents, by slug.
pub(super) fn list(desk: &Desk<'_>, request: &Request<'_>) -> Result<Value, RpcError> {
    let from = match request.params.get("cursor") {
        None | Some(Value::Null) => 0,
        Some(cursor) => cursor
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| RpcError::new(RpcError::INVALID_PARAMS, "`params.cursor` is none that was given out"))?,
    };
    let snapshot = desk.snapshot()?;
    let documents = &snapshot.corpus.documents;
    let listed: Vec<Value> = documents.iter().skip(from).take(PAGE).map(|d| describe(d)).collect();
    let mut result = json!({ "resources": listed });
    let next = from.saturating_add(PAGE);
    if next < documents.len() {
        result["nextCursor"] = json!(next.to_string());
    }
    Ok(result)
}

fn describe(document: &Document) -> Value {
    let front = &document.front_matter;
    let about: Vec<&str> =
        [&front.publisher, &front.published, &front.place].into_iter().flatten().map(String::as_str).collect();
    let mut resource = json!({
        "uri": format!("{SCHEME}{}", document.slug), "name": document.slug, "title": document.title,
        "mimeType": "text/markdown", "size": document.source.len(),
    });
    if !about.is_empty() {
        resource["description"] = json!(about.join(", "));
    }
    resource
}

/// How a passage is addressed.
pub(super) fn templates() -> Value {
    json!({ "resourceTemplates": [{
        "uriTemplate": format!("{SCHEME}{{slug}}{{#anchor}}"), "name": "passage", "title": "A passage of a document",
        "description": "A turn, paragraph, list item or heading, by the anchor of a citation or hit.",
        "mimeType": "text/plain",
    }] })
}

/// A document byte for byte, or a passage as a reader sees it.
pub(super) fn read(desk: &Desk<'_>, request: &Request<'_>, version: Version) -> Result<Value, RpcError> {
    let uri = request.text("uri")?;
    let snapshot = desk.snapshot()?;
    let (mime_type, text) = content(&snapshot.corpus, uri).ok_or_else(|| {
        let code = if version.is_modern() { RpcError::INVALID_PARAMS } else { RpcError::RESOURCE_NOT_FOUND };
        RpcError { data: Some(json!({ "uri": shorten(uri) })), ..RpcError::new(code, "Resource not found") }
    })?;
    Ok(json!({ "contents": [{ "uri": uri, "mimeType": mime_type, "text": text }] }))
}

fn content(corpus: &Corpus, uri: &str) -> Option<(&'static str, String)> {
    let address = uri.strip_prefix(SCHEME)?;
    let (slug, anchor) = address.split_once('#').map_or((address, None), |(slug, anchor)| (slug, Some(anchor)));
    let document = &corpus.documents[corpus.document(slug)?];
    let Some(anchor) = anchor else { return Some(("text/markdown", document.source.to_string())) };
    let anchor = Anchor::parse(&percent_decode_str(anchor).decode_utf8().ok()?).ok()?;
    let blocks: Vec<&str> =
        document.blocks.iter().filter(|block| block.anchor == anchor).map(|block| block.text.text.as_str()).collect();
    (!blocks.is_empty()).then(|| ("text/plain", blocks.join("\n")))
}
