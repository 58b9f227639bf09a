//! A document as it was parsed: its front matter, its blocks in source order, its speakers.

use std::ops::Range;
use std::sync::Arc;

use super::{Anchor, Plain};

/// Index of a block in [`Document::blocks`].
pub type BlockId = usize;
/// Index of a list in [`Document::lists`].
pub type ListId = usize;
/// Index of a person in [`Document::speakers`].
pub type SpeakerId = usize;

/// One file of the knowledge folder.
#[derive(Debug, Clone)]
pub struct Document {
    /// Matches `[a-z0-9-]+`, unique among the served documents.
    pub slug: String,
    /// Path below the knowledge folder, with `/` between folders.
    pub path: String,
    /// As shown: front matter, else the first heading, else the file name.
    pub title: String,
    pub front_matter: FrontMatter,
    /// The whole file, byte for byte; every range of this document counts in its bytes.
    pub source: Arc<str>,
    /// SHA-256 of `source`, lower-case hex.
    pub sha256: String,
    /// Everything that can be cited, in source order: front matter values, headings, turns,
    /// paragraphs, list items.
    pub blocks: Vec<Block>,
    /// Lists outside turns, in source order.
    pub lists: Vec<List>,
    /// People whose words the document holds: declared, labelled, or quoted in running text.
    pub speakers: Vec<Speaker>,
    /// What the parser could not place, or had to mend.
    pub problems: Vec<Problem>,
}

/// The values of the front matter that the product knows. Absent ones are `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    pub title: Option<String>,
    /// The source prints no title; the one above is ours and is not quoted as the publisher's.
    pub title_is_ours: bool,
    pub slug: Option<String>,
    pub source_url: Option<String>,
    pub publisher: Option<String>,
    /// As written, usually `YYYY-MM-DD`.
    pub published: Option<String>,
    pub place: Option<String>,
    /// BCP 47, `en` when absent.
    pub language: Option<String>,
    pub tags: Vec<String>,
    /// Display name and the variants as printed.
    pub speakers: Vec<(String, Vec<String>)>,
    /// `turns: false` turns labels off.
    pub turns_off: bool,
    /// `navigation: keep` leaves tables of contents searchable.
    pub keep_navigation: bool,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// One scalar value of the front matter, under its key (`publisher`; `speakers` for each name).
    FrontMatter { key: String },
    /// Level 1 to 6.
    Heading { level: u8 },
    /// Numbered from 1 through the document, every speaker counted.
    Turn { number: u32, speaker: SpeakerId },
    /// A paragraph, a paragraph of a block quote, a table row or a code block, outside turns.
    Paragraph,
    /// `position` counts from 1 within its list.
    ListItem { list: ListId, position: usize },
}

/// What can be cited.
#[derive(Debug, Clone)]
pub struct Block {
    pub kind: BlockKind,
    pub anchor: Anchor,
    /// Bytes of the source: the whole block, label and list marker included; for front matter the
    /// bytes of the YAML value.
    pub range: Range<usize>,
    /// The words as a reader sees them, label included, list marker and marks left out, white
    /// space as one space.
    pub text: Plain,
    /// Where the quotable words begin in `text.text`: after the label of a turn, else 0.
    pub body: usize,
    /// The paragraphs and items that make up the block, as ranges of `text.text`; sentences never
    /// cross from one to the next. One part for all but long turns.
    pub parts: Vec<Part>,
    /// The nearest heading above (for a heading: its parent).
    pub heading: Option<BlockId>,
    /// Navigation (a table of contents and the line that introduces it): shown, never searched.
    pub navigation: bool,
}

/// A paragraph or list item inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub range: Range<usize>,
    /// Position from 1 when the part is an item of a list inside a turn.
    pub item: Option<usize>,
}

/// A list outside turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub ordered: bool,
    /// The block right before the list when it introduces it: a paragraph, or the item that holds a nested list.
    pub lead_in: Option<BlockId>,
    pub items: Vec<BlockId>,
    pub navigation: bool,
}

/// A person or organisation whose words the document holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Speaker {
    /// The name shown to users.
    pub name: String,
    /// Every form found in the document, the display name included.
    pub variants: Vec<String>,
    /// Descriptions found in the document ("senior urban development strategist"), lower case.
    pub roles: Vec<String>,
}

/// Whether a problem keeps a file from being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Mended or ignored; the file is served.
    Warning,
    /// Wrong and to be put right; the file is served all the same.
    Error,
}

/// Something in a file that its author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    /// Line in the file, from 1.
    pub line: usize,
    /// A sentence that says what to change.
    pub message: String,
}

impl Block {
    /// The words that can be quoted: the text without the label.
    #[must_use]
    pub fn body_text(&self) -> &str {
        &self.text.text[self.body..]
    }

    #[must_use]
    pub fn turn(&self) -> Option<u32> {
        match self.kind {
            BlockKind::Turn { number, .. } => Some(number),
            _ => None,
        }
    }

    /// Whether retrieval sees this block. Headings and front matter are context, not passages.
    #[must_use]
    pub fn is_searched(&self) -> bool {
        !self.navigation
            && matches!(self.kind, BlockKind::Turn { .. } | BlockKind::Paragraph | BlockKind::ListItem { .. })
    }
}

impl Document {
    /// The first block with this anchor.
    #[must_use]
    pub fn block_at(&self, anchor: &Anchor) -> Option<BlockId> {
        self.blocks.iter().position(|b| &b.anchor == anchor)
    }

    /// Headings above a block, outermost first.
    #[must_use]
    pub fn breadcrumb(&self, block: BlockId) -> Vec<&str> {
        let mut path = Vec::new();
        let mut next = self.blocks[block].heading;
        while let Some(id) = next {
            path.push(self.blocks[id].text.text.as_str());
            next = self.blocks[id].heading;
        }
        path.reverse();
        path
    }

    /// BCP 47 language of the document.
    #[must_use]
    pub fn language(&self) -> &str {
        self.front_matter.language.as_deref().unwrap_or("en")
    }
}

/// The turn before this one, when another speaker asks something in it.
#[must_use]
pub fn question_answered(document: &Document, block: BlockId) -> Option<&str> {
    let BlockKind::Turn { number, speaker } = document.blocks[block].kind else { return None };
    let before = document.blocks[..block].iter().rev().find(|b| b.turn().is_some_and(|n| n + 1 == number))?;
    let BlockKind::Turn { speaker: asker, .. } = before.kind else { return None };
    let text = before.body_text();
    (asker != speaker && text.contains(['?', '？'])).then_some(text)
}
