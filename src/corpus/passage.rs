//! What is retrieved (passages) and what is quoted (sentences).

use std::ops::Range;
use std::sync::Arc;

use super::{Block, BlockId, Document, SpeakerId};

/// Index of a passage in [`Corpus::passages`]; ties between equal scores go to the lower one.
pub type PassageId = u32;
/// Index of a sentence in [`Corpus::sentences`].
pub type SentenceId = u32;

/// Every served document with its passages and sentences, in a fixed order: documents by slug,
/// then source order.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    pub documents: Vec<Arc<Document>>,
    pub passages: Vec<Passage>,
    pub sentences: Vec<Sentence>,
    /// For each sentence the person whose words it reports without quoting them ("Jane Doe noted
    /// that …"), if any.
    pub reported: Vec<Option<SpeakerId>>,
}

/// One block, or a sentence-aligned window of a long one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Index in [`Corpus::documents`].
    pub document: usize,
    pub block: BlockId,
    /// Range of the block's plain text, without the label.
    pub range: Range<usize>,
    /// The sentences of this passage in [`Corpus::sentences`].
    pub sentences: Range<SentenceId>,
    /// What is searched with the text and never quoted: title, headings, speaker, the question
    /// that an answer turn answers, the line that introduces a list.
    pub context: String,
}

/// A sentence, with its place and whose words it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub document: usize,
    pub block: BlockId,
    /// Range of the block's plain text.
    pub range: Range<usize>,
    /// The turn's speaker, or the person a quotation in running text is attributed to.
    pub speaker: Option<SpeakerId>,
}

/// A passage together with where it stands.
#[derive(Debug, Clone, Copy)]
pub struct PassageRef<'a> {
    pub id: PassageId,
    pub passage: &'a Passage,
    pub document: &'a Document,
    pub block: &'a Block,
}

impl PassageRef<'_> {
    /// The quotable words of the passage.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.block.text.text[self.passage.range.clone()]
    }

    /// What the encoder reads: context, a line break, the text. Offsets of the text's word pieces
    /// are counted from the end of [`PassageRef::encoded_prefix`].
    #[must_use]
    pub fn encoded(&self) -> String {
        format!("{}{}", self.encoded_prefix(), self.text())
    }

    /// The part of [`PassageRef::encoded`] before the quotable words.
    #[must_use]
    pub fn encoded_prefix(&self) -> String {
        if self.passage.context.is_empty() { String::new() } else { format!("{}\n", self.passage.context) }
    }

    /// Bytes of [`PassageRef::encoded_prefix`].
    #[must_use]
    pub fn prefix_length(&self) -> usize {
        if self.passage.context.is_empty() { 0 } else { self.passage.context.len() + 1 }
    }
}

impl Corpus {
    #[must_use]
    pub fn passage(&self, id: PassageId) -> PassageRef<'_> {
        let passage = &self.passages[id as usize];
        let document = &*self.documents[passage.document];
        PassageRef { id, passage, document, block: &document.blocks[passage.block] }
    }

    /// Index of the document with this slug.
    #[must_use]
    pub fn document(&self, slug: &str) -> Option<usize> {
        self.documents.binary_search_by(|d| d.slug.as_str().cmp(slug)).ok()
    }

    /// The words of a sentence as a reader sees them.
    #[must_use]
    pub fn sentence_text(&self, id: SentenceId) -> &str {
        let sentence = &self.sentences[id as usize];
        &self.documents[sentence.document].blocks[sentence.block].text.text[sentence.range.clone()]
    }

    /// The sentences of a block, in order.
    #[must_use]
    pub fn sentences_of(&self, document: usize, block: BlockId) -> Range<SentenceId> {
        let place = (document, block);
        let from = self.sentences.partition_point(|s| (s.document, s.block) < place);
        let to = self.sentences.partition_point(|s| (s.document, s.block) <= place);
        from as SentenceId..to as SentenceId
    }

    /// The sentences of a block that share words with a range of its plain text.
    pub fn sentences_within(
        &self,
        document: usize,
        block: BlockId,
        words: &Range<usize>,
    ) -> impl Iterator<Item = SentenceId> + use<'_> {
        let words = words.clone();
        self.sentences_of(document, block).filter(move |&id| {
            let range = &self.sentences[id as usize].range;
            range.start < words.end && words.start < range.end
        })
    }
}
