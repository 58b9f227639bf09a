//! What the index keeps of one encoded text. Indexing, the cache and both vector files speak it.

use crate::models::Encoding;

/// An encoded passage, its piece vectors reduced to their signs.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// L2-normalised.
    pub vector: Vec<f32>,
    /// Ids of the word pieces, specials left out.
    pub pieces: Vec<u32>,
    /// Bytes of the encoded text that each piece covers: start, end.
    pub offsets: Vec<[u32; 2]>,
    /// Signs of each piece's vector, `dimensions / 8` bytes a piece, bit `i % 8` of byte `i / 8`
    /// set when component `i` is not negative.
    pub signs: Vec<u8>,
}

impl Embedded {
    /// Takes over an encoding; `dimensions` is a multiple of 8.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        // A passage is at most a few kilobytes long: the encoder cuts it at 256 pieces.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let offsets = encoding.offsets.iter().map(|range| [place(range.start), place(range.end)]).collect();
        let signs = encoding.piece_vectors.chunks(8).map(sign_byte).collect();
        Self { vector: encoding.vector, pieces: encoding.pieces, offsets, signs }
    }
}

fn sign_byte(components: &[f32]) -> u8 {
    components.iter().enumerate().fold(0, |byte, (bit, &value)| byte | (u8::from(value >= 0.0) << bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_that_is_not_negative_sets_the_bit_of_its_place() {
        let piece = [1.0, -1.0, 0.0, -0.5, -1.0, -1.0, -1.0, 0.25, -1.0, 2.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0];
        let encoding =
            Encoding { vector: vec![1.0], pieces: vec![7], offsets: vec![3..9], piece_vectors: piece.to_vec() };
        let embedded = Embedded::new(encoding);
        assert_eq!(embedded.signs, [0b1000_0101, 0b0000_0010]);
        assert_eq!(embedded.offsets, [[3, 9]]);
    }
}
