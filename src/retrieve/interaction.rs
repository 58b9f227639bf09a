//! Late interaction: every word piece of a question meets every word piece of a passage.
//!
//! MaxSim of Khattab and Zaharia (ColBERT, 2020), weighted by inverse document frequency, with the
//! passage side stored as signs: the similarity of a question vector `q` and a sign vector `s` is
//! `q · s / √d`. Question vectors are scaled to 16-bit whole numbers first: sums of those do not
//! depend on their order, so that every processor computes the same. What is lost, less than one
//! part in 30,000, changes no ranking.
//!
//! Four signs have sixteen patterns, so what each four components of the question come to under each
//! pattern is worked out once for a question ([`Table`]), and a passage's piece is compared by
//! looking up and adding: a third of the time of multiplying.

use std::slice::ChunksExact;

use multiversion::multiversion;

use crate::index::tokens::{PassageTokens, TokenVectors};
use crate::models::Encoding;

/// The word pieces of a question that matter, with their weights.
#[derive(Debug, Clone)]
pub struct QuestionPieces {
    /// Bytes of the question for each piece.
    pub offsets: Vec<std::ops::Range<usize>>,
    /// Inverse document frequency of each piece; they sum to 1.
    pub weights: Vec<f32>,
    /// The vectors in units of [`QuestionPieces::units`], [`LANES`] pieces in each table.
    tables: Vec<Table>,
    /// What one of each piece's whole numbers is worth, `1 / √d` taken in.
    units: Vec<f32>,
    dimensions: usize,
}

/// Similarities of one passage: row by row, one row for each question piece.
#[derive(Debug, Clone)]
pub struct Interaction {
    similarities: Vec<f32>,
    columns: usize,
}

/// Pieces of the question that are compared at once.
const LANES: usize = 8;
/// Components that are looked up at once, …
const FOUR: usize = 4;
/// … and the patterns of their signs.
const PATTERNS: usize = 1 << FOUR;

/// The sum that each four components come to under each pattern of signs, for several pieces of the
/// question beside each other: one array of patterns for each four.
type Table = Vec<[[i32; LANES]; PATTERNS]>;

/// A piece whose weight is below this share of the greatest one is left out: it cannot change the
/// order and costs as much as any other.
const LEAST_WEIGHT: f32 = 0.12;

/// Weight of a piece outside the topic against one inside: words of asking and the speaker's name
/// say less about what the answer is about.
const OFF_TOPIC: f32 = 0.4;

fn emphasis(topic: &[std::ops::Range<usize>], piece: &std::ops::Range<usize>) -> f32 {
    let inside = topic.is_empty() || topic.iter().any(|t| t.start < piece.end && piece.start < t.end);
    if inside { 1.0 } else { OFF_TOPIC }
}

impl QuestionPieces {
    /// Weighs the pieces of an encoded question by how rare they are in the passages; those outside
    /// its topic (`topic`, bytes of the question) count for less. An empty topic is all of it.
    #[must_use]
    pub fn new(question: &str, topic: &[std::ops::Range<usize>], encoding: &Encoding, tokens: &TokenVectors) -> Self {
        let dimensions = tokens.dimensions();
        let is_word = |i: usize| question[encoding.offsets[i].clone()].contains(char::is_alphanumeric);
        let idf: Vec<f32> = encoding
            .pieces
            .iter()
            .enumerate()
            .map(|(i, &piece)| if is_word(i) { tokens.idf(piece) * emphasis(topic, &encoding.offsets[i]) } else { 0.0 })
            .collect();
        let greatest = idf.iter().copied().fold(0.0, f32::max);
        let kept: Vec<usize> = (0..idf.len()).filter(|&i| idf[i] > LEAST_WEIGHT * greatest).collect();
        let total: f32 = kept.iter().map(|&i| idf[i]).sum();
        let vector = |i: &usize| scaled(&encoding.piece_vectors[i * dimensions..(i + 1) * dimensions]);
        let (vectors, units): (Vec<Vec<i16>>, Vec<f32>) = kept.iter().map(vector).unzip();
        Self {
            offsets: kept.iter().map(|&i| encoding.offsets[i].clone()).collect(),
            weights: kept.iter().map(|&i| idf[i] / total.max(f32::MIN_POSITIVE)).collect(),
            tables: vectors.chunks(LANES).map(|vectors| table(vectors, dimensions)).collect(),
            units,
            dimensions,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// Compares the question with every piece of a passage.
    #[must_use]
    pub fn meet(&self, passage: PassageTokens<'_>) -> Interaction {
        let columns = passage.pieces.len();
        let mut similarities = vec![0.0; self.weights.len() * columns];
        let blocks = self.tables.iter().zip(self.units.chunks(LANES));
        for ((table, units), rows) in blocks.zip(similarities.chunks_mut(LANES * columns.max(1))) {
            compare(table, units, passage.signs.chunks_exact(self.dimensions / 8), rows);
        }
        Interaction { similarities, columns }
    }
}

impl Interaction {
    /// The greatest similarity of each question piece within a range of passage pieces; 0 for an
    /// empty range.
    pub fn best(&self, columns: std::ops::Range<usize>) -> impl Iterator<Item = f32> + '_ {
        let columns = columns.start.min(self.columns)..columns.end.min(self.columns);
        self.rows().map(move |row| row[columns.clone()].iter().copied().fold(0.0, f32::max))
    }

    /// Weighted mean of [`Interaction::best`].
    #[must_use]
    pub fn max_sim(&self, question: &QuestionPieces, columns: std::ops::Range<usize>) -> f32 {
        self.best(columns).zip(&question.weights).map(|(best, weight)| best * weight).sum()
    }

    /// Number of passage pieces.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.similarities.chunks_exact(self.columns.max(1))
    }
}

/// A vector in 16-bit whole numbers, and what one of them is worth in a similarity.
fn scaled(vector: &[f32]) -> (Vec<i16>, f32) {
    let greatest = vector.iter().fold(0.0f32, |most, component| most.max(component.abs()));
    let to_whole = if greatest > 0.0 { f32::from(i16::MAX) / greatest } else { 0.0 };
    let whole = vector.iter().map(|component| (component * to_whole).round() as i16).collect();
    (whole, greatest / f32::from(i16::MAX) / (vector.len() as f32).sqrt())
}

/// The table of at most [`LANES`] vectors; the lanes that are left over stay 0.
fn table(vectors: &[Vec<i16>], dimensions: usize) -> Table {
    let component = |at: usize| -> [i32; LANES] {
        std::array::from_fn(|lane| vectors.get(lane).map_or(0, |vector| i32::from(vector[at])))
    };
    let patterns = |first: usize| {
        let mut sums = [[0; LANES]; PATTERNS];
        for bit in 0..FOUR {
            let component = component(first + bit);
            // Every pattern of the components so far goes on with this one taken off and added.
            for pattern in 0..1 << bit {
                let so_far = sums[pattern];
                for lane in 0..LANES {
                    sums[pattern][lane] = so_far[lane] - component[lane];
                    sums[pattern | 1 << bit][lane] = so_far[lane] + component[lane];
                }
            }
        }
        sums
    };
    (0..dimensions).step_by(FOUR).map(patterns).collect()
}

/// Rows of `out` are pieces of the question, one for each unit, columns pieces of the passage. A byte
/// of signs has the pattern of the earlier four components in its lower half.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn compare(table: &[[[i32; LANES]; PATTERNS]], units: &[f32], signs: ChunksExact<'_, u8>, out: &mut [f32]) {
    let columns = signs.len();
    for (column, packed) in signs.enumerate() {
        let mut sums = [0i32; LANES];
        for ([earlier, later], byte) in table.as_chunks::<2>().0.iter().zip(packed) {
            let (earlier, later) = (&earlier[usize::from(byte & 15)], &later[usize::from(byte >> 4)]);
            for ((sum, earlier), later) in sums.iter_mut().zip(earlier).zip(later) {
                *sum += earlier + later;
            }
        }
        for (row, (sum, unit)) in sums.iter().zip(units).enumerate() {
            out[row * columns + column] = *sum as f32 * unit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarities_are_scaled_dot_products_with_signs() {
        let question = [1.0f32, -2.0, 0.5, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        // Bits 0, 1 and 15 are not negative, all others are.
        let signs = [0b0000_0011u8, 0b1000_0000];
        let (vector, unit) = scaled(&question);
        let mut out = [0.0];
        compare(&table(&[vector], 16), &[unit], signs.chunks_exact(2), &mut out);
        let expected = (1.0 - 2.0 - 0.5 - 4.0 + 1.0) / 4.0;
        assert!((out[0] - expected).abs() < 1e-4, "{out:?}");
    }

    #[test]
    fn looking_up_gives_the_same_whole_numbers_as_multiplying() {
        let mut random = fastrand::Rng::with_seed(7);
        let (dimensions, columns) = (24, 5);
        let vectors: Vec<Vec<i16>> = (0..3).map(|_| (0..dimensions).map(|_| random.i16(..)).collect()).collect();
        let signs: Vec<u8> = (0..columns * dimensions / 8).map(|_| random.u8(..)).collect();
        let mut out = vec![0.0; vectors.len() * columns];
        compare(&table(&vectors, dimensions), &[1.0; 3], signs.chunks_exact(dimensions / 8), &mut out);
        for (row, vector) in vectors.iter().enumerate() {
            for column in 0..columns {
                let sign = |at: usize| i32::from(signs[column * dimensions / 8 + at / 8] >> (at % 8) & 1) * 2 - 1;
                let sum: i32 = vector.iter().enumerate().map(|(at, value)| i32::from(*value) * sign(at)).sum();
                assert_eq!(out[row * columns + column], sum as f32, "row {row}, column {column}");
            }
        }
    }

    #[test]
    fn a_question_of_more_pieces_than_are_compared_at_once_has_a_row_for_each() {
        let mut random = fastrand::Rng::with_seed(8);
        let (dimensions, pieces) = (16, LANES + 3);
        let vectors: Vec<Vec<i16>> = (0..pieces).map(|_| (0..dimensions).map(|_| random.i16(..)).collect()).collect();
        let question = |vectors: &[Vec<i16>]| QuestionPieces {
            offsets: Vec::new(),
            weights: vec![1.0; vectors.len()],
            tables: vectors.chunks(LANES).map(|vectors| table(vectors, dimensions)).collect(),
            units: vec![1.0; vectors.len()],
            dimensions,
        };
        let signs: Vec<u8> = (0..4 * dimensions / 8).map(|_| random.u8(..)).collect();
        let passage = PassageTokens { pieces: &[1, 2, 3, 4], offsets: &[[0, 1]; 4], signs: &signs };
        let together = question(&vectors).meet(passage);
        for (row, vector) in together.rows().zip(&vectors) {
            assert_eq!(row, question(std::slice::from_ref(vector)).meet(passage).similarities);
        }
        assert_eq!(together.rows().count(), pieces);
    }

    #[test]
    fn the_best_similarity_is_looked_for_in_the_range_alone() {
        let interaction = Interaction { similarities: vec![0.1, 0.9, 0.3, 0.5, 0.2, 0.4], columns: 3 };
        assert_eq!(interaction.best(0..3).collect::<Vec<_>>(), [0.9, 0.5]);
        assert_eq!(interaction.best(2..3).collect::<Vec<_>>(), [0.3, 0.4]);
        assert_eq!(interaction.best(3..9).collect::<Vec<_>>(), [0.0, 0.0]);
    }
}
