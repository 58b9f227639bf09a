//! The reader: a question with a passage in; whether the passage answers and which words do, out.
//!
//! A small cross-encoder (Nogueira and Cho, 2019) with a span head. Each pair is read alone, so a
//! reading never depends on its neighbours or on what else is running. A call reads on its own
//! thread and borrows whatever further sessions are idle. Knows nothing of rankings and documents.

mod session;
mod span;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use cpu_time::ThreadTime;
use crossbeam_channel::{Receiver, Sender, bounded};

use super::{ModelError, panics, runtime};

/// How to start a [`Reader`].
#[derive(Debug, Clone)]
pub struct ReaderOptions {
    /// A folder with `model.onnx` and `tokenizer.json`.
    pub folder: PathBuf,
    /// The ONNX Runtime library; the one that is loaded already wins.
    pub runtime: PathBuf,
    /// Pairs that are read at one time.
    pub sessions: usize,
    /// How long a call waits for a session before it is refused with [`ReadError::Busy`].
    pub patience: Duration,
}

/// Which reader this is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReaderIdentity {
    /// The folder's name.
    pub name: String,
    /// SHA-256 of the model file and the tokenizer, lower-case hex.
    pub hash: String,
    /// Version of ONNX Runtime.
    pub runtime: String,
}

/// What the reader makes of a question and one passage. All scores are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Whether the passage answers: log-odds, as trained; not calibrated for any corpus.
    pub logit: f32,
    /// Bytes of the passage: the best span of whole words. Absent when the passage has none.
    pub span: Option<Range<usize>>,
    /// How much better the best span scores than "no answer" (sum of two logits each); 0 without a
    /// span.
    pub span_score: f32,
}

/// Why passages could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("no session of the reader came free in time")]
    Busy,
    #[error("the reader failed: {0}")]
    Failed(String),
}

/// Reads one passage for a question; called from one thread at a time.
pub type ReadFunction = Box<dyn FnMut(&str, &str) -> Result<Reading, ReadError> + Send>;

/// A handle to the sessions; clones share them.
#[derive(Clone)]
pub struct Reader {
    shared: Arc<Shared>,
}

struct Shared {
    identity: ReaderIdentity,
    /// The idle sessions, with room for all of them.
    idle: (Sender<ReadFunction>, Receiver<ReadFunction>),
    patience: Duration,
    /// Processor time spent reading, in nanoseconds, summed over the sessions.
    busy: AtomicU64,
}

impl Reader {
    /// Loads the runtime, unless it is loaded, and the model.
    ///
    /// # Errors
    /// [`ModelError`] with what to do about it.
    pub fn start(options: &ReaderOptions) -> Result<Self, ModelError> {
        let runtime = runtime::load(&options.runtime)?;
        let (identity, sessions) = session::load(&options.folder, options.sessions, &runtime)?;
        let function = |mut session: session::Session| -> ReadFunction {
            Box::new(move |question, passage| session.read(question, passage))
        };
        Ok(Self::from_functions(identity, sessions.into_iter().map(function).collect(), options.patience))
    }

    /// A reader whose sessions are functions, for tests of what is built upon it.
    #[must_use]
    pub fn from_functions(identity: ReaderIdentity, sessions: Vec<ReadFunction>, patience: Duration) -> Self {
        let idle = bounded(sessions.len().max(1));
        for session in sessions {
            // There is room for all of them.
            let _ = idle.0.send(session);
        }
        Self { shared: Arc::new(Shared { identity, idle, patience, busy: AtomicU64::new(0) }) }
    }

    /// Reads each passage for the question; the readings are in the order of the passages. Blocks
    /// the calling thread. At most 224 word pieces of a pair are read: the rest of the passage is
    /// ignored, and so is what a question has beyond 96.
    ///
    /// # Errors
    /// [`ReadError`]: no reading at all when one of them fails.
    pub fn read(&self, question: &str, passages: &[&str]) -> Result<Vec<Reading>, ReadError> {
        if passages.is_empty() {
            return Ok(Vec::new());
        }
        let next = AtomicUsize::new(0);
        let work = |mut session: Borrowed<'_>| {
            let mut readings = Vec::new();
            while let Some((at, passage)) = take(&next, passages) {
                readings.push((at, session.read(question, passage)));
            }
            readings
        };
        let first = self.shared.wait_for_a_session()?;
        let others: Vec<Borrowed<'_>> = self.shared.idle_sessions().take(passages.len() - 1).collect();
        let mut readings = thread::scope(|scope| {
            // Without a thread for it a session goes back unused, and the others do its part.
            let start =
                |session| thread::Builder::new().name("reader".to_owned()).spawn_scoped(scope, || work(session));
            let others: Vec<ScopedJoinHandle<'_, _>> = others.into_iter().filter_map(|s| start(s).ok()).collect();
            let mut readings = work(first);
            readings.extend(others.into_iter().filter_map(|thread| thread.join().ok()).flatten());
            readings
        });
        if readings.len() != passages.len() {
            return Err(ReadError::Failed("a passage was left unread".to_owned()));
        }
        readings.sort_by_key(|(at, _)| *at);
        readings.into_iter().map(|(_, reading)| reading).collect()
    }

    #[must_use]
    pub fn identity(&self) -> &ReaderIdentity {
        &self.shared.identity
    }

    /// Processor time spent reading, summed over the sessions.
    #[must_use]
    pub fn busy(&self) -> Duration {
        Duration::from_nanos(self.shared.busy.load(Ordering::Relaxed))
    }
}

/// The next passage that nobody reads yet.
fn take<'a>(next: &AtomicUsize, passages: &[&'a str]) -> Option<(usize, &'a str)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    passages.get(at).map(|passage| (at, *passage))
}

impl Shared {
    fn wait_for_a_session(&self) -> Result<Borrowed<'_>, ReadError> {
        let session = self.idle.1.recv_timeout(self.patience).map_err(|_| ReadError::Busy)?;
        Ok(self.borrow(session))
    }

    fn idle_sessions(&self) -> impl Iterator<Item = Borrowed<'_>> {
        self.idle.1.try_iter().map(|session| self.borrow(session))
    }

    fn borrow(&self, session: ReadFunction) -> Borrowed<'_> {
        Borrowed { session: Some(session), shared: self }
    }
}

/// A session that goes back to the idle ones when it is dropped.
struct Borrowed<'a> {
    /// Absent only while it is being given back.
    session: Option<ReadFunction>,
    shared: &'a Shared,
}

impl Borrowed<'_> {
    /// A panic inside a session fails this pair and keeps the session.
    fn read(&mut self, question: &str, passage: &str) -> Result<Reading, ReadError> {
        let session = self.session.as_mut().ok_or(ReadError::Busy)?;
        let start = ThreadTime::now();
        let reading = panics::caught(|| session(question, passage))
            .unwrap_or_else(|reason| Err(ReadError::Failed(format!("a session panicked: {reason}"))));
        let spent = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.shared.busy.fetch_add(spent, Ordering::Relaxed);
        reading
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let _ = self.shared.idle.0.try_send(session);
        }
    }
}

#[cfg(test)]
mod tests;
