//! temp
use crate::corpus::{BlockKind, Document, Sentence, SpeakerId};
pub fn attribute(document: &mut Document, sentences: &mut [Sentence]) {
    for s in sentences {
        if let BlockKind::Turn { speaker, .. } = document.blocks[s.block].kind {
            s.speaker = Some(speaker);
        }
    }
}
pub fn reported_by(_d: &Document, _t: &str) -> Option<SpeakerId> {
    None
}
