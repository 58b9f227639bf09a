//! What a document's page shows: its blocks as plain words under their anchors, and the marked quote.
//!
//! Built from the parsed document, never from its Markdown, so that nothing a file holds can become
//! markup. How it looks is told in `ui/document.html`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::corpus::{Block, BlockId, BlockKind, Document, ListId, Part, Plain};

/// Lists deeper than this go on at the top level: a page nests no further than a reader follows.
const DEEPEST_LIST: usize = 6;

/// The bytes that a link asks to mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    range: Range<usize>,
    /// First eight hex digits of the SHA-256 of those bytes.
    hash: String,
}

impl Mark {
    /// Reads `mark=start-end-hash` from the query of an address; anything else is no mark.
    #[must_use]
    pub fn of_query(query: &str) -> Option<Self> {
        let value = query.split('&').find_map(|pair| pair.strip_prefix("mark="))?;
        let mut parts = value.splitn(3, '-');
        let (start, end) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { range: start..end, hash: parts.next()?.to_ascii_lowercase() })
    }

    /// Whether the source still has those bytes there.
    #[must_use]
    pub fn fits(&self, source: &str) -> bool {
        !self.range.is_empty() && source.get(self.range.clone()).is_some_and(|bytes| hash8(bytes) == self.hash)
    }
}

fn hash8(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// A document as its page shows it.
#[derive(Debug, Serialize)]
pub struct DocumentPage {
    pub slug: String,
    pub title: String,
    /// The heading that is the title, when the body opens with it.
    pub title_node: Option<Text>,
    pub language: String,
    pub source_url: Option<String>,
    pub about: Vec<Entry>,
    pub contents: Vec<Heading>,
    pub nodes: Vec<Node>,
    pub marked: bool,
}

/// A value of the front matter; names that follow each other under one key stand together.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub label: String,
    pub values: Vec<Value>,
}

/// Words, and the address they are when they are one.
#[derive(Debug, Serialize)]
pub struct Value {
    pub runs: Vec<Run>,
    pub address: Option<String>,
}

/// A link to a heading.
#[derive(Debug, Serialize)]
pub struct Heading {
    pub anchor: String,
    pub level: u8,
    pub text: String,
}

/// Words with their anchor.
#[derive(Debug, Clone, Serialize)]
pub struct Text {
    pub anchor: String,
    pub runs: Vec<Run>,
}

/// Words, marked or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    pub text: String,
    pub marked: bool,
}

/// A piece of the page.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Node {
    Heading { level: u8, text: Text },
    Turn { anchor: String, number: u32, label: String, speaker: String, asks: bool, parts: Vec<Piece> },
    Paragraph { anchor: String, navigation: bool, parts: Vec<Piece> },
    List(ListNode),
}

/// A list with the lists inside its items.
#[derive(Debug, Serialize)]
pub struct ListNode {
    pub ordered: bool,
    pub navigation: bool,
    pub items: Vec<Item>,
}

/// An item of a list.
#[derive(Debug, Serialize)]
pub struct Item {
    pub anchor: String,
    pub parts: Vec<Piece>,
    pub lists: Vec<ListNode>,
}

/// A paragraph, or the items of a list inside a turn.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Piece {
    Words { runs: Vec<Run> },
    Items { items: Vec<Vec<Run>> },
}

impl DocumentPage {
    /// The page of a document; `mark` must fit its source.
    #[must_use]
    pub fn new(document: &Document, mark: Option<&Mark>) -> Self {
        let mut writer = Writer { document, mark, lists_shown: HashSet::new(), lists_inside: lists_inside(document) };
        let title = writer.title_block();
        let shift = writer.level_shift(title);
        let nodes = (0..document.blocks.len()).filter(|id| Some(*id) != title).filter_map(|id| writer.node(id, shift));
        let nodes: Vec<Node> = nodes.collect();
        Self {
            slug: document.slug.clone(),
            title: document.title.clone(),
            title_node: title.map(|id| writer.text(&document.blocks[id])),
            language: document.language().to_owned(),
            source_url: document.front_matter.source_url.as_deref().filter(|u| is_address(u)).map(str::to_owned),
            about: writer.about(),
            contents: writer.contents(title),
            nodes,
            marked: mark.is_some(),
        }
    }
}

struct Writer<'a> {
    document: &'a Document,
    mark: Option<&'a Mark>,
    lists_shown: HashSet<ListId>,
    lists_inside: HashMap<BlockId, Vec<ListId>>,
}

/// The lists that each block introduces; for an item these are the lists inside it.
fn lists_inside(document: &Document) -> HashMap<BlockId, Vec<ListId>> {
    let mut inside: HashMap<BlockId, Vec<ListId>> = HashMap::new();
    for (id, list) in document.lists.iter().enumerate() {
        if let Some(lead_in) = list.lead_in {
            inside.entry(lead_in).or_default().push(id);
        }
    }
    inside
}

impl Writer<'_> {
    /// The heading that opens the body and says what the page is titled.
    fn title_block(&self) -> Option<BlockId> {
        let first = self.document.blocks.iter().position(|b| !matches!(b.kind, BlockKind::FrontMatter { .. }))?;
        let block = &self.document.blocks[first];
        let is_title = matches!(block.kind, BlockKind::Heading { .. }) && block.text.text == self.document.title;
        is_title.then_some(first)
    }

    /// The page's title is the one heading of level 1; the others keep their distances below it.
    fn level_shift(&self, title: Option<BlockId>) -> u8 {
        let others = self.headings().filter(|(id, _)| Some(*id) != title);
        u8::from(others.map(|(_, level)| level).min() == Some(1))
    }

    fn headings(&self) -> impl Iterator<Item = (BlockId, u8)> {
        self.document.blocks.iter().enumerate().filter_map(|(id, block)| match block.kind {
            BlockKind::Heading { level } => Some((id, level)),
            _ => None,
        })
    }

    fn contents(&self, title: Option<BlockId>) -> Vec<Heading> {
        let shown = self.headings().filter(|(id, _)| Some(*id) != title);
        shown
            .map(|(id, level)| {
                let block = &self.document.blocks[id];
                Heading { anchor: block.anchor.to_string(), level, text: block.text.text.clone() }
            })
            .collect()
    }

    fn about(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for block in &self.document.blocks {
            let BlockKind::FrontMatter { key } = &block.kind else { continue };
            let address = Some(&block.text.text).filter(|t| is_address(t)).cloned();
            let value = Value { runs: self.runs(block, 0..block.text.text.len()), address };
            let label = label_of(key);
            match entries.last_mut() {
                Some(last) if last.label == label => last.values.push(value),
                _ => entries.push(Entry { label, values: vec![value] }),
            }
        }
        entries
    }

    fn node(&mut self, id: BlockId, shift: u8) -> Option<Node> {
        let block = &self.document.blocks[id];
        let anchor = block.anchor.to_string();
        match block.kind {
            BlockKind::FrontMatter { .. } => None,
            BlockKind::Heading { level } => {
                Some(Node::Heading { level: (level + shift).clamp(2, 6), text: self.text(block) })
            }
            BlockKind::Turn { number, speaker } => {
                let speaker = self.document.speakers.get(speaker).map(|s| s.name.clone()).unwrap_or_default();
                let label = block.text.text.get(..block.body).unwrap_or_default().trim().to_owned();
                let asks = block.text.text.trim_end().ends_with(['?', '？']);
                Some(Node::Turn { anchor, number, label, speaker, asks, parts: self.pieces(block) })
            }
            BlockKind::Paragraph => {
                Some(Node::Paragraph { anchor, navigation: block.navigation, parts: self.pieces(block) })
            }
            BlockKind::ListItem { list, .. } => self.list(list, 1).map(Node::List),
        }
    }

    /// A list with those inside it, unless it was shown already.
    fn list(&mut self, id: ListId, depth: usize) -> Option<ListNode> {
        if depth > DEEPEST_LIST || !self.lists_shown.insert(id) {
            return None;
        }
        let list = self.document.lists.get(id)?;
        let items = list.items.iter().map(|&item| self.item(item, depth)).collect();
        Some(ListNode { ordered: list.ordered, navigation: list.navigation, items })
    }

    fn item(&mut self, id: BlockId, depth: usize) -> Item {
        let block = &self.document.blocks[id];
        let inside = self.lists_inside.get(&id).cloned().unwrap_or_default();
        Item {
            anchor: block.anchor.to_string(),
            parts: self.pieces(block),
            lists: inside.into_iter().filter_map(|list| self.list(list, depth + 1)).collect(),
        }
    }

    fn text(&self, block: &Block) -> Text {
        Text { anchor: block.anchor.to_string(), runs: self.runs(block, 0..block.text.text.len()) }
    }

    /// The parts of a block after its label; items that follow each other stand in one list.
    fn pieces(&self, block: &Block) -> Vec<Piece> {
        let whole = [Part { range: block.body..block.text.text.len(), item: None }];
        let parts = if block.parts.is_empty() { &whole[..] } else { &block.parts };
        let mut pieces = Vec::new();
        for part in parts {
            let range = part.range.start.max(block.body)..part.range.end;
            if range.is_empty() {
                continue;
            }
            let runs = self.runs(block, range);
            match (part.item, pieces.last_mut()) {
                (None, _) => pieces.push(Piece::Words { runs }),
                (Some(_), Some(Piece::Items { items })) => items.push(runs),
                (Some(_), _) => pieces.push(Piece::Items { items: vec![runs] }),
            }
        }
        pieces
    }

    /// A range of a block's words, cut where the mark begins and ends.
    fn runs(&self, block: &Block, range: Range<usize>) -> Vec<Run> {
        let text = &block.text.text;
        let marked = self.mark.and_then(|m| words_of(&block.text, &m.range)).unwrap_or(range.end..range.end);
        let start = marked.start.clamp(range.start, range.end);
        let end = marked.end.clamp(start, range.end);
        let cut = [(range.start..start, false), (start..end, true), (end..range.end, false)];
        let run = |(range, marked): (Range<usize>, bool)| {
            text.get(range).filter(|t| !t.is_empty()).map(|t| Run { text: t.to_owned(), marked })
        };
        cut.into_iter().filter_map(run).collect()
    }
}

/// The words that source bytes read as; a piece that maps as a whole (an entity) is taken in whole.
fn words_of(plain: &Plain, source: &Range<usize>) -> Option<Range<usize>> {
    let mut touched = plain.segments.iter().filter(|s| s.source.start < source.end && source.start < s.source.end);
    let first = touched.next()?;
    let last = touched.next_back().unwrap_or(first);
    let start = if first.source.len() == first.plain.len() {
        first.plain.start + source.start.saturating_sub(first.source.start)
    } else {
        first.plain.start
    };
    let end = if last.source.len() == last.plain.len() {
        last.plain.end - last.source.end.saturating_sub(source.end)
    } else {
        last.plain.end
    };
    (start < end && plain.text.get(start..end).is_some()).then_some(start..end)
}

/// Only addresses of the web become links; a file cannot make a `javascript:` one.
fn is_address(text: &str) -> bool {
    let web = text.starts_with("https://") || text.starts_with("http://");
    web && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// `source_url` reads as "Source url".
fn label_of(key: &str) -> String {
    let words = key.replace(['_', '-'], " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
