//! One session of fastembed: one text in, its vectors out, in a single pass of the model.

use fastembed::{OutputKey, Pooling, TextEmbedding};

use super::{EncodeError, Encoding};

/// Outputs that hold one vector per word piece, by preference.
const PIECE_OUTPUTS: &[OutputKey] =
    &[OutputKey::OnlyOne, OutputKey::ByName("last_hidden_state"), OutputKey::ByName("token_embeddings")];

/// Outputs to pool when the model names none, in the order that fastembed itself prefers.
const POOLED_OUTPUTS: &[OutputKey] = &[
    OutputKey::OnlyOne,
    OutputKey::ByName("text_embeds"),
    OutputKey::ByName("last_hidden_state"),
    OutputKey::ByName("sentence_embedding"),
];

/// A loaded model that encodes on the calling thread.
pub(super) struct Session {
    pub(super) model: TextEmbedding,
    pub(super) pooling: Pooling,
    /// Output to pool, when the model names one.
    pub(super) output: Option<OutputKey>,
}

impl Session {
    /// Encodes one text, alone.
    pub(super) fn encode(&mut self, text: &str) -> Result<Encoding, EncodeError> {
        let read = self.model.tokenizer.encode(text, true).map_err(failed)?;
        let batches = self.model.transform([text], None).map_err(failed)?.into_raw();
        let batch = batches.first().ok_or_else(|| failed("the model gave no output"))?;

        let hidden = batch.select_output(&PIECE_OUTPUTS).map_err(failed)?;
        let &[1, length, dimensions] = hidden.shape() else {
            return Err(failed(format!("the model's output has the shape {:?}", hidden.shape())));
        };
        if length != read.len() {
            return Err(failed(format!("the model returned {length} vectors for {} word pieces", read.len())));
        }
        let hidden = hidden.as_slice().ok_or_else(|| failed("the model's output is not contiguous"))?;
        let keys = self.output.as_ref().map_or(POOLED_OUTPUTS, std::slice::from_ref);
        let pooled = batch.select_and_pool_output(&keys, Some(self.pooling.clone())).map_err(failed)?;

        let words = read.get_special_tokens_mask().iter().zip(hidden.chunks_exact(dimensions)).enumerate();
        let mut encoding = Encoding {
            vector: normalised(pooled.iter().copied())?,
            pieces: Vec::with_capacity(length),
            offsets: Vec::with_capacity(length),
            piece_vectors: Vec::with_capacity(length * dimensions),
        };
        for (at, (&special, vector)) in words {
            if special == 0 {
                let (start, end) = read.get_offsets()[at];
                encoding.pieces.push(read.get_ids()[at]);
                encoding.offsets.push(start..end);
                encoding.piece_vectors.extend(normalised(vector.iter().copied())?);
            }
        }
        Ok(encoding)
    }
}

/// Length 1; a vector that is not finite is an error, because every distance to it would be NaN.
fn normalised(values: impl Iterator<Item = f32> + Clone) -> Result<Vec<f32>, EncodeError> {
    let length = values.clone().map(|v| v * v).sum::<f32>().sqrt();
    if !length.is_finite() {
        return Err(failed("the model returned a vector that is not finite"));
    }
    let scale = if length > 0.0 { length.recip() } else { 0.0 };
    Ok(values.map(|v| v * scale).collect())
}

fn failed(reason: impl ToString) -> EncodeError {
    EncodeError::Failed(reason.to_string())
}
