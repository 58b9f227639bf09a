//! The doors to the documents: the list, one of them, its source, its readable page.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Failure;
use super::page::{DocumentPage, Mark};
use super::wire::{DocumentDetail, DocumentList, DocumentSummary, FileErrorBody, Problem};
use super::{State, json};
use crate::corpus::Corpus;

/// Lists the documents that are served, and the files that are not.
#[utoipa::path(get, path = "/api/v1/documents", tag = "documents", responses(
    (status = 200, description = "The documents, by slug", body = DocumentList),
    (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(state: web::Data<State>) -> Result<HttpResponse, Failure> {
    let snapshot = state.snapshot()?;
    let counts = passages_by_document(&snapshot.corpus);
    let documents = snapshot.corpus.documents.iter().zip(counts).map(|(d, n)| DocumentSummary::new(d, n)).collect();
    let errors = snapshot.file_errors.iter().map(FileErrorBody::from).collect();
    Ok(json(&DocumentList { documents, errors }))
}

/// Describes one document with everything in it that can be cited.
#[utoipa::path(get, path = "/api/v1/documents/{slug}", tag = "documents", params(("slug" = String, Path, description = "As in the list")),
    responses(
        (status = 200, description = "The document", body = DocumentDetail),
        (status = 404, description = "No such document", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn detail(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let snapshot = state.snapshot()?;
    let index = find(&snapshot.corpus, &request)?;
    let passages = snapshot.corpus.passages.iter().filter(|p| p.document == index).count();
    Ok(json(&DocumentDetail::new(&snapshot.corpus.documents[index], passages)))
}

/// The file, byte for byte, as the serving snapshot keeps it.
#[utoipa::path(get, path = "/api/v1/documents/{slug}/source", tag = "documents", params(("slug" = String, Path, description = "As in the list")),
    responses(
        (status = 200, description = "The file; ranges of citations count in its bytes", body = String, content_type = "text/markdown"),
        (status = 304, description = "As named by `If-None-Match`"),
        (status = 404, description = "No such document", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn source(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let snapshot = state.snapshot()?;
    let document = &snapshot.corpus.documents[find(&snapshot.corpus, &request)?];
    let tag = format!("\"{}\"", document.sha256);
    let body = || document.source.as_bytes().to_vec();
    Ok(cached(&request, &tag, "text/markdown; charset=utf-8", body))
}

/// The readable page; `?mark=start-end-hash` marks a quote.
#[utoipa::path(get, path = "/documents/{slug}", tag = "pages",
    params(
        ("slug" = String, Path, description = "As in the list"),
        ("mark" = Option<String>, Query, description = "`{start}-{end}-{first 8 hex of the SHA-256 of those bytes}`; ignored when it does not fit"),
    ),
    responses(
        (status = 200, description = "The page, with `id=\"{anchor}\"` on every block", body = String, content_type = "text/html"),
        (status = 404, description = "No such document; a page for browsers", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No snapshot serves yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn page(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let snapshot = match state.snapshot() {
        Ok(snapshot) => snapshot,
        Err(failure) => return failed(&state, &request, failure),
    };
    match find(&snapshot.corpus, &request) {
        Ok(index) => {
            let document = &snapshot.corpus.documents[index];
            let mark = Mark::of_query(request.query_string()).filter(|m| m.fits(&document.source));
            let page = DocumentPage::new(document, mark.as_ref());
            Ok(html(StatusCode::OK, state.pages.document(&page, &request)?))
        }
        Err(failure) => failed(&state, &request, failure),
    }
}

/// A page for people and a problem for programs.
fn failed(state: &State, request: &HttpRequest, failure: Failure) -> Result<HttpResponse, Failure> {
    let accept = request.headers().get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/html") {
        return Err(failure);
    }
    let problem = failure.problem();
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let documents = state.engine.snapshot().map(|s| super::ui::document_links(&s.corpus)).unwrap_or_default();
    Ok(html(status, state.pages.failure(&problem, &documents, request)?))
}

/// A page that is asked for again each time, because the snapshot behind it may have changed.
pub(super) fn html(status: StatusCode, page: String) -> HttpResponse {
    html_kept(status, page, "no-cache")
}

/// A page that nobody between may keep, nor the browser once it was left.
pub(super) fn private_html(status: StatusCode, page: String) -> HttpResponse {
    html_kept(status, page, "no-store")
}

fn html_kept(status: StatusCode, page: String, cache_control: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::VARY, "accept, accept-language, cookie"))
        .body(page)
}

/// Bytes under a validator, or 304 when the client has them.
pub(super) fn cached(
    request: &HttpRequest,
    tag: &str,
    content_type: &str,
    body: impl FnOnce() -> Vec<u8>,
) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let bare = tag.trim_start_matches("W/");
    let same = known.split(',').any(|k| k.trim() == "*" || k.trim().trim_start_matches("W/") == bare);
    let status = if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if same { response.finish() } else { response.content_type(content_type).body(body()) }
}

fn find(corpus: &Corpus, request: &HttpRequest) -> Result<usize, Failure> {
    request.match_info().get("slug").and_then(|slug| corpus.document(slug)).ok_or(Failure::NoSuchDocument)
}

fn passages_by_document(corpus: &Corpus) -> Vec<usize> {
    let mut counts = vec![0; corpus.documents.len()];
    for passage in &corpus.passages {
        if let Some(count) = counts.get_mut(passage.document) {
            *count += 1;
        }
    }
    counts
}
