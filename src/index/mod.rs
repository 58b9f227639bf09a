//! The index: an immutable snapshot of the corpus with three ways to look into it.
//!
//! Engines return ids and scores; texts come from the corpus, so engines cannot differ in what a
//! passage says. How results are mixed is told in `retrieve`.

mod analysis;
pub mod dense;
pub mod embedded;
mod graph;
pub mod lexical;
mod manifest;
mod mapped;
#[cfg(test)]
pub(crate) mod sample;
pub mod snapshot;
pub mod stems;
pub mod tokens;
pub mod write;

use crate::corpus::PassageId;

pub use embedded::Embedded;
pub use snapshot::{Manifest, Snapshot, SnapshotError};

/// The passages a search may return, as a sorted list of disjoint id ranges (one per document).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageFilter(Vec<std::ops::Range<PassageId>>);

impl PassageFilter {
    /// `ranges` must be sorted and disjoint.
    #[must_use]
    pub fn new(ranges: Vec<std::ops::Range<PassageId>>) -> Self {
        debug_assert!(ranges.windows(2).all(|w| w[0].end <= w[1].start));
        Self(ranges)
    }

    #[must_use]
    pub fn contains(&self, id: PassageId) -> bool {
        let next = self.0.partition_point(|r| r.end <= id);
        self.0.get(next).is_some_and(|r| r.contains(&id))
    }

    pub fn ids(&self) -> impl Iterator<Item = PassageId> {
        self.0.iter().cloned().flatten()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(ExactSizeIterator::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A passage found by one engine. Rankings are ordered by score, highest first, then by id.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    pub passage: PassageId,
    pub score: f32,
}

/// Orders a ranking: highest score first, equal scores by passage id. NaN does not occur.
pub fn rank(scored: &mut [Scored]) {
    scored.sort_by(order);
}

fn order(a: &Scored, b: &Scored) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage))
}

/// The best `limit` of what an engine found, ranked.
fn best(mut found: Vec<Scored>, limit: usize) -> Vec<Scored> {
    if found.len() > limit {
        found.select_nth_unstable_by(limit, order);
        found.truncate(limit);
    }
    found.sort_unstable_by(order);
    found
}
