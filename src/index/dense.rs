//! Dense vectors: a graph (hnsw_rs) and an exact scan over the same file.
//!
//! Equal vectors are stored once, as one row with all their passages behind it: transcripts repeat
//! "Yeah.", and a graph of many equal points loses its way. Up to [`EXACT_MOST`] vectors everything
//! is scanned, which is exact and takes less than a millisecond, so a small index has no graph at
//! all; a filter that leaves as few is scanned too, because a graph loses recall under a narrow one.
//! Every score is the cosine computed from the file, whichever way found the row.
//!
//! The file, little-endian, in the order it is written: 32 bytes of header (`DDVECTOR`, dimensions
//! u32, rows u32, passages u32, zeros), the rows as f32, the row of each passage as u32.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use bytemuck::{Pod, Zeroable};
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::graph::{self, Graph};
use super::mapped::{map, view};
use super::{PassageFilter, Scored, best};
use crate::corpus::PassageId;

/// Most vectors that are scanned one by one.
pub const EXACT_MOST: usize = 5_000;
/// Rows looked at in the graph, at least; recall is tested with it.
const GRAPH_WIDTH: usize = 256;

const VECTORS: &str = "vectors.bin";
const MAGIC: [u8; 8] = *b"DDVECTOR";
const HEADER: usize = size_of::<Header>();

#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
struct Header {
    magic: [u8; 8],
    dimensions: u32,
    rows: u32,
    passages: u32,
    reserved: [u32; 3],
}

/// The passage vectors of a snapshot.
pub struct DenseIndex {
    map: Mmap,
    dimensions: usize,
    rows: usize,
    passages: usize,
    /// Passages by row: those of row `r` are `members[starts[r]..starts[r + 1]]`, ascending.
    starts: Vec<u32>,
    members: Vec<PassageId>,
    graph: Option<Graph>,
}

impl DenseIndex {
    /// Opens and checks the files in `folder`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let map = map(&folder.join(VECTORS)).map_err(|error| error.to_string())?;
        let &[header] = view::<Header>(&map, 0..HEADER)? else { return Err("no header".into()) };
        let (dimensions, rows, passages) = (header.dimensions as usize, header.rows as usize, header.passages as usize);
        if header.magic != MAGIC || dimensions == 0 {
            return Err("not a file of vectors".into());
        }
        if places(dimensions, rows, passages).map(|(_, end)| end) != Some(map.len()) {
            return Err(format!("{rows} rows and {passages} passages do not fill {} bytes", map.len()));
        }
        let mut opened = Self { map, dimensions, rows, passages, starts: Vec::new(), members: Vec::new(), graph: None };
        opened.group()?;
        if rows > EXACT_MOST {
            let graph = Graph::open(folder)?;
            if graph.rows() != rows {
                return Err(format!("the graph has {} points for {rows} rows", graph.rows()));
            }
            opened.graph = Some(graph);
        }
        Ok(opened)
    }

    /// The `limit` nearest passages by cosine similarity (the score), best first. `query` is
    /// normalised and has [`DenseIndex::dimensions`] components.
    #[must_use]
    pub fn search(&self, query: &[f32], limit: usize, filter: Option<&PassageFilter>) -> Vec<Scored> {
        if limit == 0 || query.len() != self.dimensions {
            return Vec::new();
        }
        let narrow = |filter: &PassageFilter| filter.len() <= EXACT_MOST;
        let found = match (&self.graph, filter) {
            (_, Some(filter)) if narrow(filter) => self.scan_passages(query, filter),
            (None, filter) => self.score_rows(query, 0..self.rows as u32, filter),
            (Some(graph), filter) => self.walk(graph, query, limit, filter),
        };
        best(found, limit)
    }

    /// Components of the vectors.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    #[must_use]
    pub fn passages(&self) -> usize {
        self.passages
    }

    /// The vector of a passage, L2-normalised.
    #[must_use]
    pub fn vector(&self, id: PassageId) -> &[f32] {
        self.row(self.row_of()[id as usize])
    }

    fn scan_passages(&self, query: &[f32], filter: &PassageFilter) -> Vec<Scored> {
        let rows = self.row_of();
        let known = filter.ids().take_while(|&id| (id as usize) < rows.len());
        known.map(|passage| Scored { passage, score: dot(query, self.row(rows[passage as usize])) }).collect()
    }

    fn walk(&self, graph: &Graph, query: &[f32], limit: usize, filter: Option<&PassageFilter>) -> Vec<Scored> {
        let width = GRAPH_WIDTH.max(2 * limit);
        let rows = match filter {
            None => graph.near(query, width, None),
            Some(filter) => {
                let allowed = |row: u32| self.behind(row).iter().any(|&id| filter.contains(id));
                graph.near(query, width, Some(&allowed))
            }
        };
        self.score_rows(query, rows, filter)
    }

    fn score_rows(
        &self,
        query: &[f32],
        rows: impl IntoIterator<Item = u32>,
        filter: Option<&PassageFilter>,
    ) -> Vec<Scored> {
        let mut found = Vec::new();
        for row in rows {
            let score = dot(query, self.row(row));
            let passages = self.behind(row).iter().filter(|&&id| filter.is_none_or(|filter| filter.contains(id)));
            found.extend(passages.map(|&passage| Scored { passage, score }));
        }
        found
    }

    /// The passages of a row.
    fn behind(&self, row: u32) -> &[PassageId] {
        let row = row as usize;
        &self.members[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    fn row(&self, row: u32) -> &[f32] {
        let start = HEADER + row as usize * self.dimensions * 4;
        bytemuck::cast_slice(&self.map[start..start + self.dimensions * 4])
    }

    fn row_of(&self) -> &[u32] {
        bytemuck::cast_slice(&self.map[self.map.len() - 4 * self.passages..])
    }

    /// Sorts the passages by row, and checks that rows exist and vectors are finite.
    fn group(&mut self) -> Result<(), String> {
        if !view::<f32>(&self.map, HEADER..HEADER + 4 * self.rows * self.dimensions)?.iter().all(|v| v.is_finite()) {
            return Err("a vector is not finite".into());
        }
        let mut starts = vec![0u32; self.rows + 1];
        for &row in self.row_of() {
            *starts.get_mut(row as usize + 1).ok_or_else(|| format!("there is no row {row}"))? += 1;
        }
        for row in 0..self.rows {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut members = vec![0; self.passages];
        for (id, &row) in (0..).zip(self.row_of()) {
            members[next[row as usize] as usize] = id;
            next[row as usize] += 1;
        }
        (self.starts, self.members) = (starts, members);
        Ok(())
    }
}

/// Where the rows of the passages begin and the file ends; none when that overflows.
fn places(dimensions: usize, rows: usize, passages: usize) -> Option<(usize, usize)> {
    let row_of = rows.checked_mul(dimensions)?.checked_mul(4)?.checked_add(HEADER)?;
    Some((row_of, row_of.checked_add(passages.checked_mul(4)?)?))
}

/// Inner product in sixteen fixed lanes: fast, and the same sum wherever it is computed.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..16 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Writes the files, one passage after another.
pub struct DenseWriter {
    out: BufWriter<File>,
    dimensions: usize,
    /// SHA-256 of a vector's bytes -> its row.
    rows: HashMap<[u8; 32], u32>,
    row_of: Vec<u32>,
}

impl DenseWriter {
    /// Begins the files in `folder`.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn create(folder: &Path, dimensions: usize) -> io::Result<Self> {
        let mut out = BufWriter::new(File::create(folder.join(VECTORS))?);
        out.write_all(&[0; HEADER])?;
        Ok(Self { out, dimensions, rows: HashMap::new(), row_of: Vec::new() })
    }

    /// Adds the vector of the next passage.
    ///
    /// # Errors
    /// When it has the wrong length or is not finite, or the file cannot be written.
    pub fn add(&mut self, vector: &[f32]) -> io::Result<()> {
        if vector.len() != self.dimensions || !vector.iter().all(|value| value.is_finite()) {
            return Err(io::Error::other(format!("a vector of {} components, or not finite", vector.len())));
        }
        let bytes: &[u8] = bytemuck::cast_slice(vector);
        let next = self.rows.len() as u32;
        let row = *self.rows.entry(Sha256::digest(bytes).into()).or_insert(next);
        if row == next {
            self.out.write_all(bytes)?;
        }
        self.row_of.push(row);
        Ok(())
    }

    /// Completes the file, and builds the graph when there are more than [`EXACT_MOST`] rows.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self, folder: &Path) -> io::Result<()> {
        self.out.write_all(bytemuck::cast_slice(&self.row_of))?;
        let header = Header {
            magic: MAGIC,
            dimensions: self.dimensions as u32,
            rows: self.rows.len() as u32,
            passages: self.row_of.len() as u32,
            reserved: [0; 3],
        };
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(bytemuck::bytes_of(&header))?;
        self.out.flush()?;
        if self.rows.len() > EXACT_MOST {
            let map = map(&folder.join(VECTORS))?;
            let rows = &map[HEADER..HEADER + 4 * self.rows.len() * self.dimensions];
            graph::write(folder, bytemuck::cast_slice::<_, f32>(rows).chunks_exact(self.dimensions))?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "dense_tests.rs"]
mod tests;
