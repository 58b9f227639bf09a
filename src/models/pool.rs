//! Sessions on their own threads behind a bounded queue.
//!
//! Two doors lead to the same sessions: requests, which are refused at once when too many wait, and
//! indexing, which waits. A session takes requests first, so that a rebuild never makes a question
//! wait for more than the one passage that is being encoded. Knows nothing of models.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cpu_time::ThreadTime;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select_biased};

use super::{EncodeError, Encoding, SessionFunction, panics};

/// The doors to the sessions. The threads end when the last clone is gone.
#[derive(Clone)]
pub(super) struct Pool {
    requests: Sender<Job>,
    indexing: Sender<Job>,
    busy: Arc<AtomicU64>,
}

struct Job {
    text: String,
    reply: Sender<Result<Encoding, EncodeError>>,
}

impl Pool {
    /// Starts one thread per session; `queue` requests may wait, at least one.
    pub(super) fn start(sessions: Vec<SessionFunction>, queue: usize) -> std::io::Result<Self> {
        let (requests, from_requests) = bounded(queue.max(1));
        let (indexing, from_indexing) = bounded(1);
        let busy = Arc::new(AtomicU64::new(0));
        for (number, session) in sessions.into_iter().enumerate() {
            let (requests, indexing, busy) = (from_requests.clone(), from_indexing.clone(), Arc::clone(&busy));
            std::thread::Builder::new()
                .name(format!("encoder-{number}"))
                .spawn(move || work(session, &requests, &indexing, &busy))?;
        }
        Ok(Self { requests, indexing, busy })
    }

    /// Encodes a request's text; a full queue is refused at once.
    pub(super) fn encode(&self, text: &str) -> Result<Encoding, EncodeError> {
        let (job, answer) = job(text);
        self.requests.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => EncodeError::Busy,
            TrySendError::Disconnected(_) => gone(),
        })?;
        answer.recv().map_err(|_| gone())?
    }

    /// Encodes a passage when no request waits.
    pub(super) fn encode_waiting(&self, text: &str) -> Result<Encoding, EncodeError> {
        let (job, answer) = job(text);
        self.indexing.send(job).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }

    /// Time spent encoding, summed over the sessions.
    pub(super) fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy.load(Ordering::Relaxed))
    }
}

fn job(text: &str) -> (Job, Receiver<Result<Encoding, EncodeError>>) {
    let (reply, answer) = bounded(1);
    (Job { text: text.to_owned(), reply }, answer)
}

fn gone() -> EncodeError {
    EncodeError::Failed("the sessions have ended".into())
}

fn work(mut session: SessionFunction, requests: &Receiver<Job>, indexing: &Receiver<Job>, busy: &AtomicU64) {
    while let Some(job) = next(requests, indexing) {
        // Time of the processor, not of the clock: a session that waits for a core is not busy.
        let start = ThreadTime::now();
        let result = guarded(&mut session, &job.text);
        let spent = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        busy.fetch_add(spent, Ordering::Relaxed);
        // Nobody waits for the answer any more: then it is not needed.
        let _ = job.reply.send(result);
    }
}

/// The next text, requests first; none when both doors are closed, which happens together.
fn next(requests: &Receiver<Job>, indexing: &Receiver<Job>) -> Option<Job> {
    select_biased! {
        recv(requests) -> job => job.ok(),
        recv(indexing) -> job => job.ok(),
    }
}

/// A panic inside a session fails this text and keeps the thread.
fn guarded(session: &mut SessionFunction, text: &str) -> Result<Encoding, EncodeError> {
    panics::caught(|| session(text))
        .unwrap_or_else(|reason| Err(EncodeError::Failed(format!("a session panicked: {reason}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(text: &str) -> Encoding {
        Encoding { vector: vec![text.len() as f32], pieces: Vec::new(), offsets: Vec::new(), piece_vectors: Vec::new() }
    }

    /// A session that says when it starts and works until it is told to go on.
    fn gated() -> (SessionFunction, Receiver<String>, Sender<()>) {
        let (started, starts) = bounded(16);
        let (go, gate) = bounded::<()>(16);
        let session: SessionFunction = Box::new(move |text| {
            let _ = started.send(text.to_owned());
            let _ = gate.recv();
            Ok(encoding(text))
        });
        (session, starts, go)
    }

    #[test]
    fn a_full_queue_is_refused_at_once_and_waiting_texts_are_still_encoded() {
        let (session, starts, go) = gated();
        let pool = Pool::start(vec![session], 1).unwrap();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| pool.encode("a"));
            starts.recv().unwrap();
            let second = scope.spawn(|| pool.encode("bb"));
            while pool.requests.is_empty() {
                std::thread::yield_now();
            }
            assert!(matches!(pool.encode("ccc"), Err(EncodeError::Busy)));
            go.send(()).unwrap();
            go.send(()).unwrap();
            assert_eq!(first.join().unwrap().unwrap().vector, [1.0]);
            assert_eq!(second.join().unwrap().unwrap().vector, [2.0]);
        });
    }

    #[test]
    fn a_request_goes_before_the_passages_of_a_rebuild_and_is_not_refused_for_them() {
        let (session, starts, go) = gated();
        let pool = Pool::start(vec![session], 1).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| pool.encode_waiting("passage"));
            }
            starts.recv().unwrap();
            while pool.indexing.is_empty() {
                std::thread::yield_now();
            }
            scope.spawn(|| pool.encode("question"));
            while pool.requests.is_empty() {
                std::thread::yield_now();
            }
            go.send(()).unwrap();
            assert_eq!(starts.recv().unwrap(), "question");
            (0..3).for_each(|_| go.send(()).unwrap());
        });
    }

    #[test]
    fn a_panic_fails_one_text_and_the_session_goes_on() {
        let session: SessionFunction =
            Box::new(|text| if text == "bad" { panic!("no such word") } else { Ok(encoding(text)) });
        let pool = Pool::start(vec![session], 4).unwrap();
        let error = pool.encode("bad").unwrap_err().to_string();
        assert!(error.contains("no such word"), "{error}");
        assert_eq!(pool.encode("good").unwrap().vector, [4.0]);
        assert!(pool.busy() > Duration::ZERO);
    }
}
