//! Late interaction: every word piece of a question meets every word piece of a passage.
//!
//! MaxSim of Khattab and Zaharia (ColBERT, 2020), weighted by inverse document frequency, with the
//! passage side stored as signs: the similarity of a question vector `q` and a sign vector `s` is
//! `q · s / √d`. Question vectors are scaled to 16-bit whole numbers first: sums of those do not
//! depend on their order, so that every processor computes the same, and take half the time of
//! floats. What is lost, less than one part in 30,000, changes no ranking.

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
    /// In units of [`QuestionPieces::units`], one vector after another.
    vectors: Vec<i16>,
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
        let mut vectors = Vec::with_capacity(kept.len() * dimensions);
        let units = kept
            .iter()
            .map(|&i| scaled(&encoding.piece_vectors[i * dimensions..(i + 1) * dimensions], &mut vectors))
            .collect();
        Self {
            offsets: kept.iter().map(|&i| encoding.offsets[i].clone()).collect(),
            weights: kept.iter().map(|&i| idf[i] / total.max(f32::MIN_POSITIVE)).collect(),
            vectors,
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
        compare(&self.vectors, &self.units, passage.signs, self.dimensions, &mut similarities);
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

/// Appends a vector in 16-bit whole numbers and returns what one of them is worth in a similarity.
fn scaled(vector: &[f32], out: &mut Vec<i16>) -> f32 {
    let greatest = vector.iter().fold(0.0f32, |most, component| most.max(component.abs()));
    let to_whole = if greatest > 0.0 { f32::from(i16::MAX) / greatest } else { 0.0 };
    out.extend(vector.iter().map(|component| (component * to_whole).round() as i16));
    greatest / f32::from(i16::MAX) / (vector.len() as f32).sqrt()
}

/// Rows of `out` are pieces of the question, columns pieces of the passage.
#[multiversion(targets("x86_64+avx512f+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn compare(question: &[i16], units: &[f32], signs: &[u8], dimensions: usize, out: &mut [f32]) {
    let columns = signs.len() / (dimensions / 8);
    let mut expanded = vec![0i16; dimensions];
    for (column, packed) in signs.chunks_exact(dimensions / 8).enumerate() {
        for (eight, byte) in expanded.chunks_exact_mut(8).zip(packed) {
            for (bit, value) in eight.iter_mut().enumerate() {
                *value = i16::from(byte >> bit & 1) * 2 - 1;
            }
        }
        for (row, (vector, unit)) in question.chunks_exact(dimensions).zip(units).enumerate() {
            let sum: i32 = vector.iter().zip(&expanded).map(|(q, s)| i32::from(*q) * i32::from(*s)).sum();
            out[row * columns + column] = sum as f32 * unit;
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
        let (mut vector, mut out) = (Vec::new(), [0.0]);
        let unit = scaled(&question, &mut vector);
        compare(&vector, &[unit], &signs, 16, &mut out);
        let expected = (1.0 - 2.0 - 0.5 - 4.0 + 1.0) / 4.0;
        assert!((out[0] - expected).abs() < 1e-4, "{out:?}");
    }

    #[test]
    fn the_best_similarity_is_looked_for_in_the_range_alone() {
        let interaction = Interaction { similarities: vec![0.1, 0.9, 0.3, 0.5, 0.2, 0.4], columns: 3 };
        assert_eq!(interaction.best(0..3).collect::<Vec<_>>(), [0.9, 0.5]);
        assert_eq!(interaction.best(2..3).collect::<Vec<_>>(), [0.3, 0.4]);
        assert_eq!(interaction.best(3..9).collect::<Vec<_>>(), [0.0, 0.0]);
    }
}
