//! The doors over HTTP: `run`, and the flat list of routes.
//!
//! Each door reads its request, calls the engine off the async threads, and writes JSON (`wire`) or
//! a page (`ui`, `page`). What fails is told in `error`. Nothing here knows how an answer is found.

pub mod access;
mod admin;
mod ask;
mod body;
mod channels;
mod conversations;
mod docs;
mod documents;
pub mod error;
mod health;
pub mod links;
mod locales;
pub mod mcp;
mod metrics;
mod middleware;
pub mod openai;
mod openapi;
mod origins;
mod page;
mod search;
mod sse;
mod stream;
mod ui;
pub mod wire;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{
    App, Error, FromRequest, Handler, HttpRequest, HttpResponse, HttpServer, Resource, Responder, ResponseError, Route,
    guard, web,
};
use serde::Serialize;
use tokio::sync::Semaphore;

use access::{Access, AccessOptions, sign_in};
pub use admin::{Reindex, ReindexError};
pub use body::parse as parse_json;
use error::Failure;
use ui::Pages;

use crate::ask::{AskError, Engine};
use crate::channels::Channels;
use crate::conversation::{Conversations, milliseconds};
use crate::index::Snapshot;

/// What the doors open onto.
pub struct Doors {
    pub conversations: Arc<Conversations>,
    /// The messengers that are on.
    pub channels: Arc<Channels>,
    /// Starts a rebuild of the index and returns at once.
    pub reindex: Reindex,
    pub options: HttpOptions,
}

/// How the doors behave.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub access: AccessOptions,
    /// Requests that may wait for the engine at a time; one more is answered 429 at once.
    pub max_in_flight: usize,
    /// Threads that read requests and write responses.
    pub workers: usize,
    /// How users reach the server, for links in replies that are read elsewhere.
    pub public_url: Option<String>,
    /// The server is reached from its own machine alone, as far as can be told.
    pub local: bool,
    /// Other sites that may have the chat in their pages, as browsers name them
    /// (`https://www.example.org`).
    pub origins: Vec<String>,
    /// A folder whose files replace the page assets of the same names.
    pub assets: Option<PathBuf>,
    /// How long requests under way may take to finish when the server stops.
    pub shutdown_timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            access: AccessOptions::default(),
            max_in_flight: 64,
            workers: 2,
            public_url: None,
            origins: Vec::new(),
            local: false,
            assets: None,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

/// Serves on `listener` until `shutdown` is ready, then lets requests under way finish.
///
/// # Errors
/// A page asset that cannot be read, or a socket that cannot be served.
pub async fn run(listener: TcpListener, doors: Doors, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    metrics::install();
    let state = web::Data::new(State::new(doors)?);
    let options = state.options.clone();
    let app = move || {
        App::new()
            .app_data(state.clone())
            .wrap(from_fn(access::guard))
            .wrap(from_fn(origins::share))
            .wrap(from_fn(middleware::compress))
            .wrap(middleware::security_headers())
            .wrap(from_fn(middleware::observe))
            .configure(routes)
    };
    let server = HttpServer::new(app)
        .workers(options.workers.max(1))
        .shutdown_timeout(options.shutdown_timeout.as_secs())
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        result = &mut server => return result,
        () = shutdown => {}
        never = metrics::upkeep() => match never {},
    }
    let (result, ()) = tokio::join!(server, handle.stop(true));
    result
}

/// Every address and its one method; a second one stands where it is added.
fn routes(app: &mut web::ServiceConfig) {
    app.service(get("/").to(ui::chat))
        .service(get("/widget.js").to(ui::widget))
        .service(get("/c/{id}").to(ui::conversation))
        .service(get("/assets/{name:.+}").to(ui::asset))
        .service(get("/documents/{slug}").to(documents::page))
        .service(post("/api/v1/ask").to(ask::ask))
        .service(post("/api/v1/ask/stream").to(stream::stream))
        .service(post("/api/v1/ask/batch").to(ask::batch))
        .service(post("/api/v1/search").to(search::search))
        .service(post("/api/v1/feedback").to(conversations::rate))
        .service(
            get("/api/v1/conversations/{id}")
                .or("GET, HEAD, DELETE")
                .to(conversations::read)
                .route(web::delete().to(conversations::forget)),
        )
        .service(get("/api/v1/documents").to(documents::list))
        .service(get("/api/v1/documents/{slug}").to(documents::detail))
        .service(get("/api/v1/documents/{slug}/source").to(documents::source))
        .service(post("/v1/chat/completions").in_terms_of::<openai::Refusal>().to(openai::chat))
        .service(get("/v1/models").in_terms_of::<openai::Refusal>().to(openai::models))
        .service(get("/v1/models/{model}").in_terms_of::<openai::Refusal>().to(openai::model))
        .service(post("/mcp").to(mcp::post))
        .service(
            post("/channels/{name}/events").or("GET, POST").to(channels::events).route(web::get().to(channels::verify)),
        )
        .service(post("/channels/slack/commands").to(channels::slack_command))
        .service(post("/api/v1/reindex").to(admin::reindex))
        .service(get("/healthz").to(health::live))
        .service(get("/readyz").to(health::ready))
        .service(get("/metrics").to(health::metrics))
        .service(get("/api/v1/report").to(admin::report))
        .service(get("/admin/report").to(admin::report_page))
        .service(get("/sign-in").or("GET, HEAD, POST").to(sign_in::show).route(web::post().to(sign_in::sign_in)))
        .service(post("/sign-out").to(sign_in::sign_out))
        .service(get("/docs").to(docs::page))
        .service(get("/openapi.json").to(openapi::describe))
        .default_service(web::to(|request: HttpRequest| async move {
            Err::<HttpResponse, _>(openai::unknown_route(&request))
        }));
}

/// An address that is about to get its handler.
struct Door {
    path: &'static str,
    allowed: &'static str,
    route: Route,
    /// How another method is refused: clients of other protocols read errors of their own form.
    told: fn(Failure) -> Error,
}

/// Answers GET, and HEAD with the same headers.
fn get(path: &'static str) -> Door {
    let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    Door { path, allowed: "GET, HEAD", route, told: Error::from }
}

fn post(path: &'static str) -> Door {
    Door { path, allowed: "POST", route: web::post(), told: Error::from }
}

impl Door {
    /// Names all methods of an address that gets a second route.
    fn or(self, allowed: &'static str) -> Self {
        Self { allowed, ..self }
    }

    fn in_terms_of<E: From<Failure> + ResponseError + 'static>(self) -> Self {
        Self { told: |failure| E::from(failure).into(), ..self }
    }

    fn to<F, Args>(self, handler: F) -> Resource
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let (allowed, told) = (self.allowed, self.told);
        let refuse = move || async move { Err::<HttpResponse, _>(told(Failure::MethodNotAllowed { allowed })) };
        web::resource(self.path).route(self.route.to(handler)).default_service(web::to(refuse))
    }
}

/// What the doors share; one for all workers.
struct State {
    engine: Arc<Engine>,
    conversations: Arc<Conversations>,
    channels: Arc<Channels>,
    reindex: Reindex,
    options: HttpOptions,
    access: Access,
    pages: Pages,
    /// Requests that may be under way or wait; one more is refused.
    places: Arc<Semaphore>,
    /// Requests that are worked on at a time: more than the machine has cores would only share
    /// them, each with memory of its own.
    hands: Arc<Semaphore>,
}

impl State {
    fn new(doors: Doors) -> io::Result<Self> {
        Ok(Self {
            access: Access::new(doors.options.access.clone()),
            pages: Pages::load(doors.options.assets.as_deref())?,
            places: Arc::new(Semaphore::new(doors.options.max_in_flight.max(1))),
            hands: Arc::new(Semaphore::new(1 + std::thread::available_parallelism().map_or(1, usize::from))),
            engine: Arc::clone(doors.conversations.engine()),
            conversations: doors.conversations,
            channels: doors.channels,
            reindex: doors.reindex,
            options: doors.options,
        })
    }

    /// The serving snapshot.
    fn snapshot(&self) -> Result<Arc<Snapshot>, Failure> {
        self.engine.snapshot().ok_or(Failure::of_question(AskError::NotReady))
    }

    /// Runs work that blocks off the async threads, or refuses at once when all places are taken.
    ///
    /// The work holds its place until it ends, also when its client has gone: what is counted is
    /// what the machine does, not who still listens.
    async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Failure::QueueFull)?;
        let hand = Arc::clone(&self.hands).acquire_owned().await.map_err(|_| Failure::Crashed)?;
        let state = Arc::clone(self);
        let job = move || {
            let result = work(&state);
            drop((hand, place));
            result
        };
        web::block(job).await.map_err(|_| Failure::Crashed)
    }
}

/// A reply that belongs to this request alone.
fn json(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}
