//! Token vectors of passages for late interaction, as signs, in a memory-mapped file.
//!
//! The file, little-endian, written from front to back in passage order:
//!
//! | bytes | what |
//! |---|---|
//! | 32 | header: `DDTOKENS`, dimensions u32, passages u32, place of the table u64, zero u64 |
//! | a record per passage | n u32; n piece ids u32; n offsets of 2 × u32; n signs of `dimensions / 8` bytes; zeros up to a multiple of 4 |
//! | 8 each | table: where each record begins, u64, and where the last one ends (on a multiple of 8) |
//!
//! A passage of n pieces takes `4 + 60 n` bytes and 8 in the table when vectors have 384
//! components: 6.0 KB for 100 pieces, of which 4.8 KB are signs. How passages are scored with them
//! is told in `retrieve::rerank`.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use bytemuck::{Pod, Zeroable};
use memmap2::Mmap;

use super::embedded::Embedded;
use super::mapped::{map, view};
use crate::corpus::PassageId;

const MAGIC: [u8; 8] = *b"DDTOKENS";
const HEADER: usize = size_of::<Header>();
/// Above every vocabulary; keeps a damaged file from asking for a table of weights of any size.
const PIECE_LIMIT: u32 = 1 << 22;

#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
struct Header {
    magic: [u8; 8],
    dimensions: u32,
    passages: u32,
    table: u64,
    reserved: u64,
}

/// The token vectors of a snapshot.
pub struct TokenVectors {
    map: Mmap,
    dimensions: usize,
    /// Where the records lie in the file; one more than passages.
    places: Vec<usize>,
    /// By piece id; ids behind the end occur in no passage.
    idf: Vec<f32>,
    /// Of a piece that occurs in no passage.
    unseen: f32,
}

/// The word pieces of one encoded passage (context and text).
#[derive(Debug, Clone, Copy)]
pub struct PassageTokens<'a> {
    /// Ids of the word pieces, specials left out.
    pub pieces: &'a [u32],
    /// Bytes of the encoded text (`PassageRef::encoded`) that each piece covers: start, end.
    pub offsets: &'a [[u32; 2]],
    /// Signs of each piece's vector, `dimensions / 8` bytes a piece, bit `i % 8` of byte `i / 8`
    /// set when component `i` is not negative.
    pub signs: &'a [u8],
}

impl PassageTokens<'_> {
    const NONE: Self = Self { pieces: &[], offsets: &[], signs: &[] };
}

impl TokenVectors {
    /// Opens and checks the file.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn open(path: &Path) -> Result<Self, String> {
        let map = map(path).map_err(|error| error.to_string())?;
        let &[header] = view::<Header>(&map, 0..HEADER)? else { return Err("no header".into()) };
        if header.magic != MAGIC || header.dimensions == 0 || header.dimensions % 8 != 0 {
            return Err("not a file of token vectors".into());
        }
        let dimensions = header.dimensions as usize;
        let places = places(&map, &header)?;
        for place in places.windows(2) {
            let tokens = record(&map, place[0]..place[1], dimensions / 8)?;
            if tokens.pieces.iter().any(|&piece| piece >= PIECE_LIMIT) {
                return Err("a word piece is out of range".into());
            }
        }
        let mut opened = Self { map, dimensions, places, idf: Vec::new(), unseen: 0.0 };
        opened.weigh();
        Ok(opened)
    }

    /// # Panics
    /// When there is no such passage.
    #[must_use]
    pub fn passage(&self, id: PassageId) -> PassageTokens<'_> {
        let id = id as usize;
        let place = self.places[id]..self.places[id + 1];
        // Every record was read when the file was opened. If one cannot be read now, its passage is
        // compared with nothing and the log says why.
        record(&self.map, place, self.dimensions / 8).unwrap_or_else(|error| {
            tracing::error!(error, "the token vectors cannot be read");
            PassageTokens::NONE
        })
    }

    /// Inverse document frequency of a word piece over the passages:
    /// `ln(1 + (n - df + 0.5) / (df + 0.5))`.
    #[must_use]
    pub fn idf(&self, piece: u32) -> f32 {
        self.idf.get(piece as usize).copied().unwrap_or(self.unseen)
    }

    /// Components of the vectors.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    #[must_use]
    pub fn passages(&self) -> usize {
        self.places.len() - 1
    }

    fn weigh(&mut self) {
        let passages = self.passages();
        let mut frequencies: Vec<u32> = Vec::new();
        let mut last_seen: Vec<u32> = Vec::new();
        for id in 0..passages as u32 {
            for &piece in self.passage(id).pieces {
                let piece = piece as usize;
                if piece >= frequencies.len() {
                    frequencies.resize(piece + 1, 0);
                    last_seen.resize(piece + 1, u32::MAX);
                }
                if last_seen[piece] != id {
                    last_seen[piece] = id;
                    frequencies[piece] += 1;
                }
            }
        }
        self.idf = frequencies.into_iter().map(|frequency| idf(passages, frequency)).collect();
        self.unseen = idf(passages, 0);
    }
}

fn idf(passages: usize, frequency: u32) -> f32 {
    let (n, df) = (passages as f64, f64::from(frequency));
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln() as f32
}

fn places(bytes: &[u8], header: &Header) -> Result<Vec<usize>, String> {
    let table = usize::try_from(header.table).map_err(|error| error.to_string())?;
    let length = 8 * (header.passages as usize + 1);
    if table.checked_add(length) != Some(bytes.len()) {
        return Err(format!("the table does not end the file, {} bytes", bytes.len()));
    }
    let places: Vec<usize> = view::<u64>(bytes, table..bytes.len())?.iter().map(|&place| place as usize).collect();
    let ordered = places.windows(2).all(|pair| pair[0] <= pair[1]);
    let inside = places.first() == Some(&HEADER) && places.last().is_some_and(|&end| end <= table);
    if ordered && inside { Ok(places) } else { Err("the table of records is out of order".into()) }
}

/// Reads a record; `width` is the bytes of one piece's signs.
fn record(bytes: &[u8], place: std::ops::Range<usize>, width: usize) -> Result<PassageTokens<'_>, String> {
    let bytes = &bytes[place];
    let count = view::<u32>(bytes, 0..4)?[0] as usize;
    let (ids, offsets) = (4 + 4 * count, 4 + 12 * count);
    let signs = offsets + width * count;
    if bytes.len() != signs.next_multiple_of(4) {
        return Err(format!("a record of {count} pieces has {} bytes", bytes.len()));
    }
    Ok(PassageTokens {
        pieces: view(bytes, 4..ids)?,
        offsets: view(bytes, ids..offsets)?,
        signs: &bytes[offsets..signs],
    })
}

/// Writes the file, one passage after another.
pub struct TokenWriter {
    out: BufWriter<File>,
    dimensions: u32,
    places: Vec<u64>,
}

impl TokenWriter {
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path, dimensions: usize) -> io::Result<Self> {
        let mut out = BufWriter::new(File::create(path)?);
        out.write_all(&[0; HEADER])?;
        Ok(Self { out, dimensions: dimensions as u32, places: vec![HEADER as u64] })
    }

    /// Adds the next passage.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, embedded: &Embedded) -> io::Result<()> {
        let count = embedded.pieces.len();
        self.out.write_all(&(count as u32).to_le_bytes())?;
        self.out.write_all(bytemuck::cast_slice(&embedded.pieces))?;
        self.out.write_all(bytemuck::cast_slice(&embedded.offsets))?;
        self.out.write_all(&embedded.signs)?;
        let length = 4 + 12 * count + embedded.signs.len();
        self.pad(length, 4)?;
        let start = self.places.last().copied().unwrap_or(HEADER as u64);
        self.places.push(start + length.next_multiple_of(4) as u64);
        Ok(())
    }

    /// Writes the table and the header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        let end = self.places.last().copied().unwrap_or(HEADER as u64);
        self.pad(end as usize, 8)?;
        self.out.write_all(bytemuck::cast_slice(&self.places))?;
        let header = Header {
            magic: MAGIC,
            dimensions: self.dimensions,
            passages: self.places.len() as u32 - 1,
            table: end.next_multiple_of(8),
            reserved: 0,
        };
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(bytemuck::bytes_of(&header))?;
        self.out.flush()
    }

    fn pad(&mut self, length: usize, multiple: usize) -> io::Result<()> {
        self.out.write_all(&[0; 8][..length.next_multiple_of(multiple) - length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded(pieces: &[u32]) -> Embedded {
        Embedded {
            vector: vec![0.0; 16],
            pieces: pieces.to_vec(),
            offsets: (0..pieces.len() as u32).map(|at| [at, at + 1]).collect(),
            signs: pieces.iter().flat_map(|&piece| [piece as u8, 0xA5]).collect(),
        }
    }

    fn written(passages: &[&[u32]]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.bin");
        let mut writer = TokenWriter::create(&path, 16).unwrap();
        for pieces in passages {
            writer.add(&embedded(pieces)).unwrap();
        }
        writer.finish().unwrap();
        (folder, path)
    }

    #[test]
    fn what_was_written_is_read_back_and_rare_pieces_weigh_more() {
        let (_folder, path) = written(&[&[5, 9, 5], &[], &[5]]);
        let tokens = TokenVectors::open(&path).unwrap();
        assert_eq!((tokens.passages(), tokens.dimensions()), (3, 16));
        assert_eq!(tokens.passage(0).pieces, [5, 9, 5]);
        assert_eq!(tokens.passage(0).offsets, [[0, 1], [1, 2], [2, 3]]);
        assert_eq!(tokens.passage(0).signs, [5, 0xA5, 9, 0xA5, 5, 0xA5]);
        assert!(tokens.passage(1).pieces.is_empty());
        // Piece 5 is in two of three passages, counted once in the first.
        assert!((tokens.idf(5) - (1.0f32 + 1.5 / 2.5).ln()).abs() < 1e-6);
        assert!((tokens.idf(9) - (1.0f32 + 2.5 / 1.5).ln()).abs() < 1e-6);
        assert!((tokens.idf(4_000_000) - (1.0f32 + 3.5 / 0.5).ln()).abs() < 1e-6);
    }

    #[test]
    fn no_passages_make_a_file_too() {
        let (_folder, path) = written(&[]);
        assert_eq!(TokenVectors::open(&path).unwrap().passages(), 0);
    }

    #[test]
    fn a_file_that_was_cut_anywhere_is_an_error() {
        let (_folder, path) = written(&[&[5, 9, 5], &[7]]);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(TokenVectors::open(&path).is_err(), "{length} of {} bytes were accepted", whole.len());
        }
    }

    #[test]
    fn a_flipped_bit_never_panics() {
        let (_folder, path) = written(&[&[5, 9, 5], &[7]]);
        let whole = std::fs::read(&path).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(tokens) = TokenVectors::open(&path) {
                (0..tokens.passages() as u32).for_each(|id| assert!(tokens.passage(id).pieces.len() < 100));
            }
        }
    }
}
