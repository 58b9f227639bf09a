//! `dialogdesk serve`: binds, builds or opens the snapshot, answers until told to stop.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Failure, Verdict, access, index, watching};
use crate::app::{App, Indexer, Started};
use crate::channels::Channels;
use crate::config::Config;
use crate::conversation::Conversations;
use crate::http::{self, Doors, HttpOptions, ReindexError};
use crate::ingest::watch::{self, Watch};
use crate::store::Store;

/// Binds first, so that a taken port is found out before the work, and so that `/healthz` answers
/// and `/readyz` does not while a missing index is built.
pub(super) fn run(config: Config) -> Result<Verdict, Failure> {
    let listener = bind(&config.server.listen)?;
    let address = listener.local_addr().map_err(Failure::failed)?;
    let app = Arc::new(App::start(config).map_err(Failure::failed)?);
    if let Some(reason) = app.degraded() {
        tracing::warn!("the encoder is not loaded, lexical search alone serves: {reason}");
    }
    if let Some(reason) = app.without_reader() {
        tracing::warn!("the reader is not loaded, answers are chosen without it: {reason}");
    }
    for warning in access::warnings(&app.config, address) {
        tracing::warn!("{warning}");
    }
    let indexer = Indexer::new(Arc::clone(&app));
    let conversations = Arc::new(app.conversations().map_err(Failure::failed)?);
    let store = conversations.store().clone();
    let channels = Arc::new(app.channels(Arc::clone(&conversations), address).map_err(Failure::failed)?);
    let doors = doors(&app, conversations, Arc::clone(&channels), &indexer, address);
    actix_web::rt::System::new().block_on(async {
        actix_web::rt::spawn(publish_model_time(Arc::clone(&app)));
        actix_web::rt::spawn(prune_daily(store));
        let (failed, opening_failed) = oneshot::channel();
        let opening = open_in_background(app, indexer, address, failed)?;
        let mut failure = None;
        let stop = async {
            tokio::select! {
                () = signalled() => {}
                Ok(error) = opening_failed => failure = Some(error),
            }
        };
        let served = http::run(listener, doors, stop).await.map_err(Failure::failed);
        drop(opening);
        // Off this thread, which listens for the second signal meanwhile.
        let stopped = actix_web::web::block(move || channels.stop()).await;
        let unanswered = stopped.map_or(0, |report| report.unanswered);
        if unanswered > 0 {
            tracing::warn!(unanswered, "questions of messengers were taken and are not answered");
        }
        served?;
        failure.map_or(Ok(Verdict::Fine), Err)
    })
}

fn bind(listen: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there; stop it or choose another port",
            io::ErrorKind::PermissionDenied => "ports below 1024 need special rights; choose another port",
            _ => "choose an address of this machine",
        };
        Failure::Failed(format!("cannot listen on {listen} ({error}): {advice} with --listen ADDR:PORT"))
    })
}

fn doors(
    app: &App,
    conversations: Arc<Conversations>,
    channels: Arc<Channels>,
    indexer: &Indexer,
    address: SocketAddr,
) -> Doors {
    let config = &app.config;
    let indexer = indexer.clone();
    let options = HttpOptions {
        access: access::options(config, address),
        max_in_flight: config.server.max_in_flight,
        public_url: config.server.public_url.clone(),
        origins: config.server.origins.clone(),
        // Whoever sets the address for users expects them from elsewhere, through a proxy.
        local: address.ip().is_loopback()
            && config.server.public_url.is_none()
            && config.access.trusted_proxies.is_empty(),
        assets: config.paths.ui.clone(),
        ..HttpOptions::default()
    };
    let reindex = Arc::new(move || match indexer.start() {
        Ok(Started::Now) => Ok(()),
        Ok(Started::AlreadyRunning) => Err(ReindexError::AlreadyRunning),
        Err(error) => Err(ReindexError::Failed(error.to_string())),
    });
    Doors { conversations, channels, reindex, options }
}

/// Opens or builds the snapshot on a thread, says that the server is ready, works out what the chat
/// suggests, and goes on watching.
fn open_in_background(
    app: Arc<App>,
    indexer: Indexer,
    address: SocketAddr,
    failed: oneshot::Sender<Failure>,
) -> Result<std::thread::JoinHandle<Option<Watch>>, Failure> {
    let open = move || {
        let before = watch::before(&app.config.paths.knowledge);
        if let Err(error) = index::open_snapshot(&app) {
            // Nobody listens any more when the server was stopped meanwhile.
            let _ = failed.send(error);
            return None;
        }
        announce(address);
        let watch = watching::follow(&app, indexer, before);
        // Not sooner: they would double the time of a start. Whoever needs them meanwhile waits for them.
        drop(app.engine.suggestions());
        watch
    };
    std::thread::Builder::new().name("opening".to_owned()).spawn(open).map_err(Failure::failed)
}

/// The line that scripts wait for.
fn announce(address: SocketAddr) {
    println!("listening on http://{address}");
    // A closed standard output keeps nobody from being served.
    let _ = io::stdout().flush();
}

/// Publishes the time inside the models a few times a second: the doors, which serve `/metrics`,
/// know none.
async fn publish_model_time(app: Arc<App>) {
    metrics::describe_gauge!("dialogdesk_encoder_busy_seconds_total", "Time inside the encoder, over all sessions.");
    metrics::describe_gauge!("dialogdesk_reader_busy_seconds_total", "Time inside the reader, over all sessions.");
    let mut every = tokio::time::interval(Duration::from_millis(250));
    loop {
        every.tick().await;
        metrics::gauge!("dialogdesk_encoder_busy_seconds_total").set(app.encoder_busy().as_secs_f64());
        metrics::gauge!("dialogdesk_reader_busy_seconds_total").set(app.reader_busy().as_secs_f64());
    }
}

/// Deletes what has been kept long enough, now and every day.
async fn prune_daily(store: Store) {
    let mut every = tokio::time::interval(Duration::from_secs(24 * 60 * 60));
    loop {
        every.tick().await;
        let store = store.clone();
        match actix_web::web::block(move || store.prune(Timestamp::now())).await {
            Ok(Ok(0)) => {}
            Ok(Ok(rows)) => tracing::info!(rows, "old questions and conversations were deleted"),
            Ok(Err(error)) => tracing::error!(%error, "old questions and conversations are not deleted"),
            Err(_) => tracing::error!("deleting old questions and conversations was cut off"),
        }
    }
}

/// Ready at the first SIGTERM or Ctrl-C; a second one ends the process at once.
async fn signalled() {
    signal().await;
    tracing::info!("stopping once the requests under way are answered; a second signal stops at once");
    actix_web::rt::spawn(async {
        signal().await;
        std::process::exit(130);
    });
}

async fn signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    // Without a handler the system ends the process, which is all that can be asked for.
    let _ = tokio::signal::ctrl_c().await;
}
