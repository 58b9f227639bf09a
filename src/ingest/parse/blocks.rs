//! Leaves become the document's blocks: what belongs to a turn, what counts as which `p-n`, which
//! heading stands above each.

use std::collections::BTreeMap;

use super::interview::{Cast, OpenTurn};
use super::markdown::{LeadIn, Leaf, LeafKind, Node, Outline, RawItem, RawList};
use crate::corpus::{Anchor, Block, BlockId, BlockKind, Document, List, ListId, Part, Plain};

/// Adds the blocks, lists and speakers of `outline` to `document`. `ids` has one anchor per heading.
pub fn assemble(document: &mut Document, mut outline: Outline, ids: Vec<Anchor>) {
    let nodes = std::mem::take(&mut outline.nodes);
    let with_words = items_with_words(&nodes, &outline);
    let mut builder = Builder {
        cast: Cast::declared(&document.front_matter.speakers),
        document,
        outline: &outline,
        with_words,
        ids: ids.into_iter(),
        turn: None,
        turns: 0,
        paragraphs: 0,
        headings: Vec::new(),
        inner_heading: None,
        block_of_node: BTreeMap::new(),
        block_of_item: BTreeMap::new(),
        list_ids: BTreeMap::new(),
    };
    for (index, node) in nodes.into_iter().enumerate() {
        builder.node(index, node);
    }
    builder.close_turn();
    builder.document.speakers = builder.cast.finish();
}

/// An item without words of its own takes no number.
fn items_with_words(nodes: &[Node], outline: &Outline) -> Vec<bool> {
    let mut has = vec![false; outline.items.len()];
    for node in nodes {
        if let Node::Leaf(leaf) = node
            && let Some(item) = leaf.item
        {
            has[item] |= !leaf.text.text.is_empty();
        }
    }
    has
}

struct Builder<'a> {
    document: &'a mut Document,
    outline: &'a Outline,
    with_words: Vec<bool>,
    ids: std::vec::IntoIter<Anchor>,
    cast: Cast,
    turn: Option<OpenTurn>,
    turns: u32,
    paragraphs: u32,
    /// Open headings of the top level, outermost first.
    headings: Vec<(u8, BlockId)>,
    /// The last heading inside a list or quote, with that container: it rules nothing outside.
    inner_heading: Option<(usize, BlockId)>,
    block_of_node: BTreeMap<usize, BlockId>,
    block_of_item: BTreeMap<RawItem, BlockId>,
    list_ids: BTreeMap<RawList, ListId>,
}

impl Builder<'_> {
    fn node(&mut self, index: usize, node: Node) {
        match node {
            Node::Rule => self.close_turn(),
            Node::Item(item) => {
                if self.turn.is_none() && self.with_words[item] {
                    self.item(item);
                }
            }
            Node::Leaf(leaf) => self.leaf(index, *leaf),
        }
    }

    fn leaf(&mut self, index: usize, leaf: Leaf) {
        let is_heading = matches!(leaf.kind, LeafKind::Heading { .. });
        let id = if is_heading { self.ids.next() } else { None };
        if !leaf.label.text.is_empty() {
            self.close_turn();
            let speaker = self.cast.speaker(&leaf.label.text);
            self.turn = Some(OpenTurn::new(leaf, speaker, self.heading_above(0)));
            return;
        }
        if is_heading && leaf.container == 0 {
            self.close_turn();
        }
        if let Some(turn) = &mut self.turn {
            turn.push(leaf, self.outline);
            return;
        }
        match (&leaf.kind, leaf.item) {
            (LeafKind::Heading { level, .. }, _) => self.heading(*level, leaf, id),
            (_, Some(item)) => self.extend_item(item, leaf),
            _ => {
                let anchor = self.next_paragraph();
                let heading = self.heading_above(leaf.container);
                let id = self.push(BlockKind::Paragraph, anchor, leaf, heading);
                self.block_of_node.insert(index, id);
            }
        }
    }

    /// A heading without words divides, but cannot be cited.
    fn heading(&mut self, level: u8, leaf: Leaf, id: Option<Anchor>) {
        let Some(anchor) = id.filter(|_| !leaf.text.text.is_empty()) else { return };
        let container = leaf.container;
        if container == 0 {
            self.headings.retain(|(above, _)| *above < level);
        }
        let parent = self.heading_above(container);
        let block = self.push(BlockKind::Heading { level }, anchor, leaf, parent);
        if container == 0 {
            self.headings.push((level, block));
        } else {
            self.inner_heading = Some((container, block));
        }
    }

    fn heading_above(&self, container: usize) -> Option<BlockId> {
        match self.inner_heading {
            Some((inner, block)) if container != 0 && inner == container => Some(block),
            _ => self.headings.last().map(|(_, block)| *block),
        }
    }

    fn item(&mut self, item: RawItem) {
        let info = &self.outline.items[item];
        let list = self.list(info.list);
        let block = self.document.blocks.len();
        self.document.lists[list].items.push(block);
        let position = self.document.lists[list].items.len();
        let anchor = self.next_paragraph();
        self.document.blocks.push(Block {
            kind: BlockKind::ListItem { list, position },
            anchor,
            range: info.start..info.start,
            text: Plain::default(),
            body: 0,
            parts: Vec::new(),
            heading: self.heading_above(0),
            navigation: false,
        });
        self.block_of_item.insert(item, block);
    }

    fn extend_item(&mut self, item: RawItem, leaf: Leaf) {
        let Some(&id) = self.block_of_item.get(&item).filter(|_| !leaf.text.text.is_empty()) else { return };
        let heading = self.heading_above(leaf.container);
        let block = &mut self.document.blocks[id];
        block.heading = heading;
        block.range.end = block.range.end.max(leaf.range.end);
        let range = block.text.append(leaf.text);
        block.parts.push(Part { range, item: None });
    }

    fn list(&mut self, raw: RawList) -> ListId {
        if let Some(&id) = self.list_ids.get(&raw) {
            return id;
        }
        let info = &self.outline.lists[raw];
        let lead_in = info.lead_in.and_then(|lead_in| match lead_in {
            LeadIn::Paragraph(node) => self.block_of_node.get(&node).copied(),
            LeadIn::Item(item) => self.block_of_item.get(&item).copied(),
        });
        let id = self.document.lists.len();
        self.document.lists.push(List { ordered: info.ordered, lead_in, items: Vec::new(), navigation: false });
        self.list_ids.insert(raw, id);
        id
    }

    fn close_turn(&mut self) {
        let Some(turn) = self.turn.take() else { return };
        self.turns += 1;
        self.document.blocks.push(Block {
            kind: BlockKind::Turn { number: self.turns, speaker: turn.speaker },
            anchor: Anchor::turn(self.turns),
            range: turn.start..turn.end,
            text: turn.text,
            body: turn.body,
            parts: turn.parts,
            heading: turn.heading,
            navigation: false,
        });
    }

    fn next_paragraph(&mut self) -> Anchor {
        self.paragraphs += 1;
        Anchor::paragraph(self.paragraphs)
    }

    fn push(&mut self, kind: BlockKind, anchor: Anchor, leaf: Leaf, heading: Option<BlockId>) -> BlockId {
        let words = 0..leaf.text.text.len();
        let parts = if words.is_empty() { Vec::new() } else { vec![Part { range: words, item: None }] };
        let Leaf { range, text, .. } = leaf;
        self.document.blocks.push(Block { kind, anchor, range, text, body: 0, parts, heading, navigation: false });
        self.document.blocks.len() - 1
    }
}
