//! The pages for people: the web chat, the frame of a document's page, and the assets of both.
//!
//! Templates and assets are built into the binary; a folder with files of the same names overrides
//! them at start. Templates escape everything they are given; in which language they speak is told
//! in `locales`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use include_dir::{Dir, include_dir};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::State;
use super::access::Role;
use super::access::sign_in::SignInPage;
use super::docs::ApiPage;
use super::documents::{cached, html};
use super::error::Failure;
use super::locales::{Locale, Locales};
use super::page::DocumentPage;
use super::wire::{Problem, ReportReply};
use crate::corpus::{Corpus, Document};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/http/ui");

/// Suggestions on an empty chat.
const SUGGESTIONS: usize = 4;

/// The folder of the files of texts.
const LANGUAGES: &str = "locales/";

/// Everything the pages are made of.
pub struct Pages {
    templates: Environment<'static>,
    /// By path below the folder, with `/` on every system.
    assets: BTreeMap<String, Asset>,
    locales: Locales,
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
    /// A file that cannot be read, a template that does not parse, or a language that is no list of
    /// texts.
    pub fn load(folder: Option<&Path>) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        built_in(&BUILT_IN, &mut files);
        if let Some(folder) = folder {
            read_folder(folder, "", &mut files)?;
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
        let texts = assets.iter().filter_map(|(name, asset)| Some((language_of(name)?, asset.bytes.as_slice())));
        let locales = Locales::read(texts).map_err(|(code, e)| broken(&format!("{LANGUAGES}{code}.json"), e))?;
        Ok(Self { templates, assets, locales })
    }

    /// The page of a document.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn document(&self, page: &DocumentPage, request: &HttpRequest) -> Result<String, Failure> {
        self.render("document.html", self.locales.of(request), context! { page => Serde(page) })
    }

    /// The page that explains the API.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn api(&self, page: &ApiPage) -> Result<String, Failure> {
        self.render("api.html", self.locales.english(), context! { page => Serde(page) })
    }

    /// The page that asks for a key.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub(super) fn sign_in(&self, page: &SignInPage, request: &HttpRequest) -> Result<String, Failure> {
        self.render("sign-in.html", self.locales.of(request), context! { page => Serde(page) })
    }

    /// The report for the operator, of the time asked for.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn report(&self, since: &str, report: &ReportReply, request: &HttpRequest) -> Result<String, Failure> {
        self.render("report.html", self.locales.of(request), context! { since, report => Serde(report) })
    }

    /// The page for an address that leads nowhere.
    ///
    /// # Errors
    /// [`Failure::Page`] when the template fails.
    pub fn failure(
        &self,
        problem: &Problem,
        documents: &[DocumentLink],
        request: &HttpRequest,
    ) -> Result<String, Failure> {
        let values = context! { problem => Serde(problem), documents => Serde(documents) };
        self.render("failure.html", self.locales.of(request), values)
    }

    fn chat(
        &self,
        documents: &[DocumentLink],
        suggestions: &[String],
        role: Option<Role>,
        request: &HttpRequest,
    ) -> Result<String, Failure> {
        let modules: Vec<&str> = self
            .assets
            .keys()
            .filter(|name| name.starts_with("chat/") && name.ends_with(".js"))
            .map(String::as_str)
            .collect();
        let values = context! {
            documents => Serde(documents),
            suggestions => Serde(suggestions),
            languages => Serde(self.locales.choices()),
            modules => Serde(&modules),
            signed_in => role.is_some(),
            sees_report => role == Some(Role::Admin),
        };
        self.render("chat.html", self.locales.of(request), values)
    }

    /// Every template finds the language under `language` and its texts under `t`.
    fn render(&self, name: &str, locale: &Locale, values: minijinja::Value) -> Result<String, Failure> {
        let values = context! { language => Serde(&locale.code), t => Serde(&locale.texts), ..values };
        self.templates.get_template(name).and_then(|template| template.render(values)).map_err(Failure::Page)
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
        Some("json") => "application/json",
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

/// The language of a file of texts.
fn language_of(name: &str) -> Option<&str> {
    name.strip_prefix(LANGUAGES)?.strip_suffix(".json")
}

fn built_in(folder: &Dir<'_>, files: &mut BTreeMap<String, Vec<u8>>) {
    let name = |path: &Path| path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    files.extend(folder.files().map(|file| (name(file.path()), file.contents().to_vec())));
    folder.dirs().for_each(|inner| built_in(inner, files));
}

/// Adds the files of a folder and of those inside it, by their path from where it began.
fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| broken(&folder.display().to_string(), e))? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, format!("{prefix}{}", entry.file_name().to_string_lossy()));
        if kind.is_file() {
            files.insert(name, fs::read(entry.path())?);
        } else if kind.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files)?;
        }
    }
    Ok(())
}

fn broken(name: &str, error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("page asset {name}: {error}"))
}

/// A document by name.
#[derive(Debug, Serialize)]
pub struct DocumentLink {
    pub slug: String,
    pub title: String,
    /// BCP 47.
    pub language: String,
}

/// The served documents by name.
#[must_use]
pub fn document_links(corpus: &Corpus) -> Vec<DocumentLink> {
    let link = |d: &Arc<Document>| DocumentLink {
        slug: d.slug.clone(),
        title: d.title.clone(),
        language: d.language().to_owned(),
    };
    corpus.documents.iter().map(link).collect()
}

/// The web chat.
#[utoipa::path(get, path = "/", tag = "pages",
    responses((status = 200, description = "The web chat", body = String, content_type = "text/html")))]
pub async fn chat(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let documents = state.engine.snapshot().map(|s| document_links(&s.corpus)).unwrap_or_default();
    let engine = Arc::clone(&state.engine);
    let suggestions = web::block(move || engine.suggestions()).await.map_err(|_| Failure::Crashed)?;
    let suggestions = &suggestions[..suggestions.len().min(SUGGESTIONS)];
    let role = state.access.role(request.headers());
    Ok(html(StatusCode::OK, state.pages.chat(&documents, suggestions, role, &request)?))
}

/// The web chat with a conversation opened in it. Whether there is such a conversation is found out
/// by the page, which may know it from the browser alone.
#[utoipa::path(get, path = "/c/{id}", tag = "pages", params(("id" = String, Path, description = "Of the conversation")),
    responses((status = 200, description = "The web chat", body = String, content_type = "text/html")))]
pub async fn conversation(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    chat(state, request).await
}

/// A style sheet, script or picture of the pages.
#[utoipa::path(get, path = "/assets/{name}", tag = "pages", params(("name" = String, Path, description = "Path of the file")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/css"),
        (status = 304, description = "As named by `If-None-Match`"),
        (status = 404, description = "No such file", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn asset(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let name = request.match_info().get("name").unwrap_or_default();
    sent(&state, &request, name)
}

/// The script that puts the chat into a page of another site (`server.origins` names the sites).
#[utoipa::path(get, path = "/widget.js", tag = "pages", responses(
    (status = 200, description = "The script", body = String, content_type = "text/javascript"),
    (status = 304, description = "As named by `If-None-Match`"),
))]
pub async fn widget(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    sent(&state, &request, "widget.js")
}

fn sent(state: &State, request: &HttpRequest, name: &str) -> Result<HttpResponse, Failure> {
    let asset = state.pages.assets.get(name).ok_or(Failure::UnknownRoute)?;
    Ok(cached(request, &asset.tag, asset.content_type, || asset.bytes.clone()))
}
