//! The pages for people: the web chat, the frame of a document's page, and the assets of both.
//!
//! Templates and assets are built into the binary; a folder with files of the same names overrides
//! them at start. Templates escape everything they are given.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use include_dir::{Dir, include_dir};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::State;
use super::docs::ApiPage;
use super::documents::{cached, html};
use super::error::Failure;
use super::page::DocumentPage;
use super::wire::Problem;
use crate::corpus::Corpus;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/http/ui");

/// Suggestions on an empty chat.
const SUGGESTIONS: usize = 4;

/// Everything the pages are made of.
pub struct Pages {
    templates: Environment<'static>,
    assets: BTreeMap<String, Asset>,
}

struct Asset {
    bytes: Vec<u8>,
    /// Weak, because a compressed copy is sent under the same one.
    tag: String,
    content_type: &'static str,
}

impl Pages {
    /// Reads the files built in, then those of the folder.
    ///
    /// # Errors
    /// A file that cannot be read, or a template that does not parse.
    pub fn load(folder: Option<&Path>) -> io::Result<Self> {
        let mut files: BTreeMap<String, Vec<u8>> =
            BUILT_IN.files().map(|f| (f.path().display().to_string(), f.contents().to_vec())).collect();
        if let Some(folder) = folder {
            files.extend(read_folder(folder)?);
        }
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut assets = BTreeMap::new();
        for (name, bytes) in files {
            if name.ends_with(".html") {
                let source = String::from_utf8(bytes).map_err(|e| broken(&name, e))?;
                templates.add_template_owned(name.clone(), source).map_err(|e| broken(&name, e))?;
            } else {
                assets.insert(name.clone(), Asset::new(&name, bytes));
            }
        }
        Ok(Self { templates, assets })
    }

    /// The page of a document.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn document(&self, page: &DocumentPage) -> Result<String, Failure> {
        self.render("document.html", context! { page => Serde(page) })
    }

    /// The page that explains the API.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn api(&self, page: &ApiPage) -> Result<String, Failure> {
        self.render("api.html", context! { page => Serde(page) })
    }

    /// The page for an address that leads nowhere.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn failure(&self, problem: &Problem, documents: &[DocumentLink]) -> Result<String, Failure> {
        self.render("failure.html", context! { problem => Serde(problem), documents => Serde(documents) })
    }

    fn chat(&self, documents: &[DocumentLink], suggestions: &[String]) -> Result<String, Failure> {
        self.render("chat.html", context! { documents => Serde(documents), suggestions => Serde(suggestions) })
    }

    fn render(&self, name: &str, context: minijinja::Value) -> Result<String, Failure> {
        self.templates.get_template(name).and_then(|template| template.render(context)).map_err(Failure::Page)
    }
}

impl Asset {
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        let digest: String = Sha256::digest(&bytes).iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self { bytes, tag: format!("W/\"{digest}\""), content_type: content_type(name) }
    }
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn read_folder(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|e| broken(&folder.display().to_string(), e))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
        }
    }
    Ok(files)
}

fn broken(name: &str, error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("page asset {name}: {error}"))
}

/// A document by name.
#[derive(Debug, Serialize)]
pub struct DocumentLink {
    pub slug: String,
    pub title: String,
}

/// The served documents by name.
#[must_use]
pub fn document_links(corpus: &Corpus) -> Vec<DocumentLink> {
    corpus.documents.iter().map(|d| DocumentLink { slug: d.slug.clone(), title: d.title.clone() }).collect()
}

/// The web chat.
#[utoipa::path(get, path = "/", tag = "pages",
    responses((status = 200, description = "The web chat", body = String, content_type = "text/html")))]
pub async fn chat(state: web::Data<State>) -> Result<HttpResponse, Failure> {
    let documents = state.engine.snapshot().map(|s| document_links(&s.corpus)).unwrap_or_default();
    let mut suggestions = state.engine.suggestions();
    suggestions.truncate(SUGGESTIONS);
    Ok(html(StatusCode::OK, state.pages.chat(&documents, &suggestions)?))
}

/// A style sheet, script or picture of the pages.
#[utoipa::path(get, path = "/assets/{name}", tag = "pages", params(("name" = String, Path, description = "File name")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/css"),
        (status = 304, description = "As named by `If-None-Match`"),
        (status = 404, description = "No such file", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn asset(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let name = request.match_info().get("name").unwrap_or_default();
    let asset = state.pages.assets.get(name).ok_or(Failure::UnknownRoute)?;
    Ok(cached(&request, &asset.tag, asset.content_type, || asset.bytes.clone()))
}
