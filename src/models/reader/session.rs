//! One session of the reader: one pair in, one reading out, in a single pass of the model.
//!
//! A pair is `[CLS] question [SEP] passage [SEP]` of at most [`MOST_PIECES`] word pieces, as the
//! model was trained: what is too long is cut off the passage.

use std::path::Path;
use std::sync::Arc;

use ort::session::builder::GraphOptimizationLevel;
use ort::value::Tensor;
use tokenizers::utils::truncation::TruncationDirection;
use tokenizers::{Encoding, Tokenizer};

use super::super::load::{folder_name, hash};
use super::super::parallel::in_parallel;
use super::super::runtime::{Runtime, without_arena};
use super::super::{ModelError, panics};
use super::span;
use super::{ReadError, ReaderIdentity, Reading};

/// Most word pieces of a pair, the three special ones included.
pub(super) const MOST_PIECES: usize = 224;

/// Special pieces of a pair.
const SPECIAL: usize = 3;

/// Most pieces of the question, so that a passage always has room for more than half of the pair.
/// Questions of the training had a quarter of this.
const MOST_QUESTION: usize = 96;

/// A loaded model that reads on the calling thread.
pub(super) struct Session {
    model: ort::session::Session,
    tokenizer: Arc<Tokenizer>,
}

/// Loads `sessions` sessions from a folder with `model.onnx` and `tokenizer.json`, and reads a pair
/// with each: a model with other inputs or outputs is found here and not at the first question.
pub(super) fn load(
    folder: &Path,
    sessions: usize,
    runtime: &Runtime,
) -> Result<(ReaderIdentity, Vec<Session>), ModelError> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|source| ModelError::File { path, source })
    };
    let tokenizer = read("tokenizer.json")?;
    let name = folder_name(folder);
    let hash = hash(&[&read("model.onnx")?, &tokenizer]);
    let failed = |reason: String| ModelError::Load { name: name.clone(), reason };
    let tokenizer = Arc::new(unlimited(&tokenizer).map_err(failed)?);
    let start = || {
        let loaded = panics::caught(|| model(&folder.join("model.onnx"), runtime))
            .unwrap_or_else(|panic| Err(ort::Error::new(panic)));
        let model = loaded.map_err(|error| failed(error.to_string()))?;
        let mut session = Session { model, tokenizer: Arc::clone(&tokenizer) };
        let trial = session.read("Who won?", "The guests won.");
        trial.map(|_| session).map_err(|error| ModelError::Trial { name: name.clone(), reason: error.to_string() })
    };
    let sessions = in_parallel(sessions, start)?;
    Ok((ReaderIdentity { name: name.clone(), hash, runtime: runtime.version.clone() }, sessions))
}

/// The tokenizer without truncation and padding, which would cut question and passage alike.
fn unlimited(file: &[u8]) -> Result<Tokenizer, String> {
    let mut tokenizer = Tokenizer::from_bytes(file).map_err(|error| error.to_string())?;
    tokenizer.with_truncation(None).map_err(|error| error.to_string())?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

/// Set for few bytes: a session takes 29 MB from a file and 59 MB from memory, and without an arena
/// what one reading needs goes back after it; that costs no time that could be measured.
fn model(file: &Path, runtime: &Runtime) -> ort::Result<ort::session::Session> {
    ort::session::Session::builder(&runtime.environment)?
        .with_execution_providers(without_arena())?
        .with_memory_pattern(false)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        // Fused, 96 word pieces take 6.2 ms instead of 4.7 on a processor with AVX-512.
        .with_disabled_optimizers("SkipLayerNormFusion")?
        .with_intra_threads(1)?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .commit_from_file(file)
}

impl Session {
    /// Reads one passage, alone: dynamic quantization would let the others of a batch change it.
    pub(super) fn read(&mut self, question: &str, passage: &str) -> Result<Reading, ReadError> {
        let pair = self.pair(question, passage)?;
        let input = |values: &[u32]| {
            let values: Vec<i64> = values.iter().map(|value| i64::from(*value)).collect();
            Tensor::from_array(([1, values.len()], values)).map_err(failed)
        };
        let inputs = ort::inputs! {
            "input_ids" => input(pair.get_ids())?,
            "attention_mask" => input(pair.get_attention_mask())?,
            "token_type_ids" => input(pair.get_type_ids())?,
        };
        let outputs = self.model.run(inputs).map_err(failed)?;
        let output = |name: &str| {
            let value = outputs.get(name).ok_or_else(|| failed(format!("the model has no output {name:?}")))?;
            value.try_extract_tensor::<f32>().map(|(_, values)| values).map_err(failed)
        };
        reading(passage, &pair, output("logit")?, output("span")?)
    }

    fn pair(&self, question: &str, passage: &str) -> Result<Encoding, ReadError> {
        let question = self.pieces(question, MOST_QUESTION)?;
        let passage = self.pieces(passage, MOST_PIECES - SPECIAL - question.len())?;
        self.tokenizer.post_process(question, Some(passage), true).map_err(failed)
    }

    /// The first `most` word pieces of a text.
    fn pieces(&self, text: &str, most: usize) -> Result<Encoding, ReadError> {
        let mut pieces = self.tokenizer.encode(text, false).map_err(failed)?;
        pieces.truncate(most, 0, TruncationDirection::Right);
        // What was cut off is kept beside it, and every piece of it would be paired again.
        pieces.take_overflowing();
        Ok(pieces)
    }
}

fn reading(passage: &str, pair: &Encoding, logit: &[f32], scores: &[f32]) -> Result<Reading, ReadError> {
    let (&[logit], (scores, [])) = (logit, scores.as_chunks::<2>()) else {
        return Err(failed("the model's outputs have another shape than a reader's"));
    };
    if scores.len() != pair.len() {
        return Err(failed(format!("the model returned {} span scores for {} word pieces", scores.len(), pair.len())));
    }
    if !logit.is_finite() || scores.as_flattened().iter().any(|score| !score.is_finite()) {
        return Err(failed("the model returned a score that is not finite"));
    }
    let first = pair.get_type_ids().iter().position(|kind| *kind == 1).unwrap_or(pair.len());
    // The last piece is the separator behind the passage.
    let Some((tokens, score)) = span::best(scores, first..pair.len().saturating_sub(1)) else {
        return Ok(Reading { logit, span: None, span_score: 0.0 });
    };
    let span = span::bytes(passage, pair.get_offsets(), span::whole_words(pair.get_word_ids(), tokens));
    let no_answer = scores[0][0] + scores[0][1];
    Ok(Reading { logit, span, span_score: score - no_answer })
}

fn failed(reason: impl ToString) -> ReadError {
    ReadError::Failed(reason.to_string())
}
