//! Token vectors of passages for late interaction, as signs, in a memory-mapped file.

use crate::corpus::PassageId;

/// The token vectors of a snapshot.
pub struct TokenVectors {}

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

impl TokenVectors {
    #[must_use]
    pub fn passage(&self, _id: PassageId) -> PassageTokens<'_> {
        todo!()
    }

    /// Inverse document frequency of a word piece over the passages:
    /// `ln(1 + (n - df + 0.5) / (df + 0.5))`.
    #[must_use]
    pub fn idf(&self, _piece: u32) -> f32 {
        todo!()
    }

    /// Components of the vectors.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        todo!()
    }
}
