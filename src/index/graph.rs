//! The neighbour graph of many vectors (hnsw_rs): built, written, read back.
//!
//! Knows rows and distances. Which passages stand behind a row, and what a score is, is told in
//! `dense`. Three habits of hnsw_rs 0.3.5 shape this file: only serial insertion is reproducible;
//! a loaded graph borrows the reader it came from; its reader panics on files that are not its own.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use hnsw_rs::api::AnnT;
use hnsw_rs::hnswio::{HnswIo, ReloadOptions};
use hnsw_rs::prelude::{DistL2, Hnsw};
use self_cell::{MutBorrow, self_cell};

/// Neighbours kept per point and layer.
const NEIGHBOURS: usize = 24;
/// Candidates looked at for each insertion.
const CONSTRUCTION_WIDTH: usize = 200;
const LAYERS: usize = 16;
/// Both files begin with it: `graph.hnsw.graph`, `graph.hnsw.data`.
const NAME: &str = "graph";

type Loaded<'a> = Hnsw<'a, f32, DistL2>;

self_cell!(
    struct Owned {
        owner: MutBorrow<HnswIo>,
        #[not_covariant]
        dependent: Loaded,
    }
);

/// A graph read from its files, its vectors memory-mapped.
pub(super) struct Graph(Owned);

impl Graph {
    /// Opens the graph in `folder`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with its files.
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let options = ReloadOptions::default().set_mmap(true);
        let reader = MutBorrow::new(HnswIo::new_with_options(folder, NAME, options));
        let load = || Owned::try_new(reader, |reader| reader.borrow_mut().load_hnsw().map_err(|e| e.to_string()));
        match catch_unwind(AssertUnwindSafe(load)) {
            Ok(loaded) => loaded.map(Self),
            Err(_) => Err("its files cannot be read as a graph".into()),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.0.with_dependent(|_, graph| graph.get_nb_point())
    }

    /// At most `width` rows near the query that `allowed` lets through, in no useful order.
    pub(super) fn near(&self, query: &[f32], width: usize, allowed: Option<&dyn Fn(u32) -> bool>) -> Vec<u32> {
        let filter = |row: &usize| allowed.is_none_or(|allowed| allowed(*row as u32));
        let found = self.0.with_dependent(|_, graph| match allowed {
            Some(_) => graph.search_filter(query, width, width, Some(&filter)),
            None => graph.search(query, width, width),
        });
        found.into_iter().map(|neighbour| neighbour.d_id as u32).collect()
    }
}

/// Builds the graph of the rows, in their order, and writes its files into `folder`.
///
/// # Errors
/// When the files cannot be written.
pub(super) fn write<'a>(folder: &Path, rows: impl ExactSizeIterator<Item = &'a [f32]>) -> io::Result<()> {
    let graph = Hnsw::<f32, DistL2>::new(NEIGHBOURS, rows.len(), LAYERS, CONSTRUCTION_WIDTH, DistL2 {});
    for (row, vector) in rows.enumerate() {
        graph.insert((vector, row));
    }
    match catch_unwind(AssertUnwindSafe(|| graph.file_dump(folder, NAME))) {
        Ok(Ok(name)) if name == NAME => Ok(()),
        Ok(Ok(name)) => Err(io::Error::other(format!("the graph was written under the name {name}"))),
        Ok(Err(error)) => Err(io::Error::other(error.to_string())),
        Err(_) => Err(io::Error::other("the graph's files cannot be written")),
    }
}
