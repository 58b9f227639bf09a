//! Passages become vectors: from the cache, or from all sessions of the encoder at once.
//!
//! Results are handed on in the order of passage ids, whichever session is done first.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::build::{BuildError, Progress};
use super::cache::EmbeddingCache;
use crate::corpus::Corpus;
use crate::index::Embedded;
use crate::models::{EncodeError, Encoder};

type Encoded = Result<Embedded, EncodeError>;

/// A passage on its way: found in the cache, or with a session.
enum Pending {
    Cached(Embedded),
    Encoding { text: String, answer: Receiver<Encoded> },
}

/// Encodes every passage and hands each to `write`, in order.
///
/// # Errors
/// The first [`BuildError`]; passages encoded until then are in the cache.
pub(super) fn embed(
    corpus: &Corpus,
    encoder: &Encoder,
    cache: &mut EmbeddingCache,
    progress: &dyn Progress,
    mut write: impl FnMut(&Embedded) -> std::io::Result<()>,
) -> Result<(), BuildError> {
    let sessions = encoder.sessions().max(1);
    progress.total(corpus.passages.len() as u64);
    std::thread::scope(|scope| {
        let (jobs, todo) = unbounded::<(String, Sender<Encoded>)>();
        for _ in 0..sessions {
            let todo = todo.clone();
            scope.spawn(move || work(encoder, &todo));
        }
        let mut pending = VecDeque::new();
        let mut finish = |next: Pending, cache: &mut EmbeddingCache| {
            let embedded = settle(next, cache)?;
            write(&embedded).map_err(BuildError::Write)?;
            progress.advance(1);
            Ok::<_, BuildError>(())
        };
        for id in 0..corpus.passages.len() as u32 {
            pending.push_back(begin(corpus.passage(id).encoded(), cache, &jobs));
            // Enough to keep every session busy, and no more than that in memory.
            if pending.len() > 4 * sessions
                && let Some(next) = pending.pop_front()
            {
                finish(next, cache)?;
            }
        }
        pending.into_iter().try_for_each(|next| finish(next, cache))
    })?;
    progress.finish();
    Ok(())
}

fn begin(text: String, cache: &mut EmbeddingCache, jobs: &Sender<(String, Sender<Encoded>)>) -> Pending {
    if let Some(embedded) = cache.get(&text) {
        return Pending::Cached(embedded);
    }
    let (reply, answer) = bounded(1);
    // The workers live as long as this side of the channel; were they gone, the answer would say so.
    let _ = jobs.send((text.clone(), reply));
    Pending::Encoding { text, answer }
}

fn settle(pending: Pending, cache: &mut EmbeddingCache) -> Result<Embedded, BuildError> {
    match pending {
        Pending::Cached(embedded) => Ok(embedded),
        Pending::Encoding { text, answer } => {
            let gone = |_| EncodeError::Failed("the encoding thread ended".into());
            let embedded = answer.recv().map_err(gone).flatten().map_err(BuildError::Encode)?;
            cache.put(&text, &embedded).map_err(BuildError::Write)?;
            Ok(embedded)
        }
    }
}

fn work(encoder: &Encoder, todo: &Receiver<(String, Sender<Encoded>)>) {
    for (text, reply) in todo {
        // Whoever asked may have stopped at an error; then nobody needs the answer.
        let _ = reply.send(encoder.encode_waiting(&text).map(Embedded::new));
    }
}
