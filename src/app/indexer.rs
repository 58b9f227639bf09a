//! Rebuilds in the background, one at a time. A change that comes during a rebuild leads to one
//! more when it is done.

use std::sync::{Arc, Mutex, PoisonError};

use super::App;

/// Rebuilds the snapshot of an [`App`] on a thread of its own. Clones share it.
#[derive(Clone)]
pub struct Indexer {
    app: Arc<App>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Running,
    /// Something changed since the rebuild under way began.
    RunningAndStale,
}

/// What became of a request for a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    Now,
    /// One is under way.
    AlreadyRunning,
}

impl Indexer {
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self { app, state: Arc::new(Mutex::new(State::Idle)) }
    }

    /// Starts a rebuild unless one is under way; returns at once.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(&self) -> std::io::Result<Started> {
        if self.enter(State::Running) == State::Idle { self.spawn() } else { Ok(Started::AlreadyRunning) }
    }

    /// The knowledge changed: a rebuild now, or after the one under way.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn changed(&self) -> std::io::Result<Started> {
        if self.enter(State::RunningAndStale) == State::Idle { self.spawn() } else { Ok(Started::AlreadyRunning) }
    }

    /// Goes from idle to running, or from running to `when_running`; returns the state before.
    fn enter(&self, when_running: State) -> State {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *state;
        *state = match before {
            State::Idle => State::Running,
            State::Running => when_running,
            State::RunningAndStale => State::RunningAndStale,
        };
        before
    }

    fn spawn(&self) -> std::io::Result<Started> {
        let indexer = self.clone();
        let thread = std::thread::Builder::new().name("indexer".to_owned()).spawn(move || indexer.work());
        if thread.is_err() {
            *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Idle;
        }
        thread.map(|_| Started::Now)
    }

    fn work(&self) {
        loop {
            match self.app.rebuild(&|_| ()) {
                Ok(built) => log(&built),
                Err(error) => tracing::error!("the serving snapshot stays: {error}"),
            }
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if *state != State::RunningAndStale {
                *state = State::Idle;
                return;
            }
            *state = State::Running;
        }
    }
}

fn log(built: &super::Built) {
    let manifest = &built.snapshot.manifest;
    tracing::info!(
        knowledge_version = manifest.knowledge_version,
        documents = manifest.documents,
        passages = manifest.passages,
        embedded = built.embedded,
        seconds = built.took.as_secs_f64(),
        "a new snapshot serves"
    );
}
