//! Markdown as a flat list of leaves in source order: paragraphs, headings, rows, code blocks, each
//! with its words and where it stands. What of it is a turn and how blocks are numbered is decided
//! in `blocks`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

use super::inline::Inline;
use super::label::Label;
use crate::corpus::Plain;

/// Index in [`Outline::lists`], counting lists of every depth.
pub type RawList = usize;
/// Index in [`Outline::items`].
pub type RawItem = usize;

/// A file's body.
#[derive(Debug, Default)]
pub struct Outline {
    pub nodes: Vec<Node>,
    pub lists: Vec<ListInfo>,
    pub items: Vec<ItemInfo>,
    /// Starts of HTML blocks whose text is not shown.
    pub lost_html: Vec<usize>,
}

#[derive(Debug)]
pub enum Node {
    /// A list item begins; its own paragraphs follow as leaves.
    Item(RawItem),
    /// A thematic break outside lists and quotes.
    Rule,
    Leaf(Box<Leaf>),
}

/// A run of words with nothing inside but inline marks.
#[derive(Debug)]
pub struct Leaf {
    pub kind: LeafKind,
    /// Without white space at the end.
    pub range: Range<usize>,
    /// The words of a turn label, colon included; empty when there is none.
    pub label: Plain,
    /// All other words.
    pub text: Plain,
    /// The item whose own paragraph this is.
    pub item: Option<RawItem>,
    /// The outermost list, quote or footnote it stands in, numbered from 1; 0 at top level.
    pub container: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeafKind {
    Paragraph,
    Heading { level: u8, id: Option<String> },
    Row,
    Code,
}

#[derive(Debug)]
pub struct ListInfo {
    pub ordered: bool,
    pub lead_in: Option<LeadIn>,
}

/// What stands right before a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadIn {
    /// The paragraph at this place in [`Outline::nodes`].
    Paragraph(usize),
    /// The item that holds the list.
    Item(RawItem),
}

#[derive(Debug)]
pub struct ItemInfo {
    pub list: RawList,
    /// Where its marker begins.
    pub start: usize,
}

/// Reads the Markdown from byte `base` of `source`; with `turns`, top-level paragraphs may carry
/// labels.
pub fn read(source: &str, base: usize, turns: bool) -> Outline {
    let labels = if turns { labels(source, base) } else { BTreeMap::new() };
    let patched = without_delimiters(source, &labels);
    let mut walker = Walker::new(&patched, labels);
    for (event, range) in Parser::new_ext(&patched[base..], options()).into_offset_iter() {
        walker.event(event, range.start + base..range.end + base);
    }
    walker.outline
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_HEADING_ATTRIBUTES
}

/// Labels by where their paragraph begins.
fn labels(source: &str, base: usize) -> BTreeMap<usize, Label> {
    let mut depth = 0_usize;
    let mut found = BTreeMap::new();
    for (event, range) in Parser::new_ext(&source[base..], options()).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 && tag == Tag::Paragraph {
                    let start = range.start + base;
                    found.extend(Label::at(source, start).map(|label| (start, label)));
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

/// The source with neutral bytes in place of the labels' delimiters. A delimiter that CommonMark
/// does not close (`**记者：**你好**重点**吧`) would pair with marks further on; so each label is taken
/// out of the way, and every offset stays what it was.
fn without_delimiters(source: &str, labels: &BTreeMap<usize, Label>) -> String {
    let mut patched = source.to_owned();
    for label in labels.values() {
        patched.replace_range(label.open.clone(), &"x".repeat(label.open.len()));
        let closing = format!("{} ", "x".repeat(label.close.len() - 1));
        patched.replace_range(label.close.clone(), &closing);
    }
    patched
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Other,
    List(RawList),
    Item(RawItem),
}

struct OpenLeaf<'a> {
    kind: LeafKind,
    range: Range<usize>,
    inline: Inline<'a>,
    /// Opened by its first word (a tight list item), so it ends with its last one.
    implicit: bool,
}

struct Walker<'a> {
    source: &'a str,
    labels: BTreeMap<usize, Label>,
    outline: Outline,
    /// Containers around the current place, each with the paragraph that was last in it.
    frames: Vec<(Frame, Option<usize>)>,
    last_at_top: Option<usize>,
    containers: usize,
    leaf: Option<OpenLeaf<'a>>,
}

impl<'a> Walker<'a> {
    fn new(source: &'a str, labels: BTreeMap<usize, Label>) -> Self {
        let outline = Outline::default();
        Self { source, labels, outline, frames: Vec::new(), last_at_top: None, containers: 0, leaf: None }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.inline(&range).text(&text, range),
            Event::Code(text) => self.inline(&range).code(&text, range),
            Event::SoftBreak | Event::HardBreak => self.inline(&range).space(range),
            Event::InlineHtml(html) => self.inline(&range).html(&html, range),
            Event::Rule => {
                self.close_implicit();
                *self.last() = None;
                if self.frames.is_empty() {
                    self.outline.nodes.push(Node::Rule);
                }
            }
            // A footnote's number is not shown in the running text; the rest is not enabled.
            Event::FootnoteReference(_)
            | Event::Html(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. } => {
                return self.inline(&range).mark(range);
            }
            Tag::TableCell => return self.inline(&range).gap(range.start),
            _ => self.close_implicit(),
        }
        match tag {
            Tag::Paragraph => self.open(LeafKind::Paragraph, range),
            Tag::Heading { level, id, .. } => {
                let id = id.map(|id| id.to_string());
                self.open(LeafKind::Heading { level: level as u8, id }, range);
            }
            Tag::TableHead | Tag::TableRow => self.open(LeafKind::Row, range),
            Tag::CodeBlock(_) => self.open(LeafKind::Code, range),
            Tag::HtmlBlock if has_visible_text(&self.source[range.clone()]) => {
                self.outline.lost_html.push(range.start);
            }
            Tag::List(first) => self.open_list(first.is_some()),
            Tag::Item => self.open_item(range.start),
            Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) => self.push_frame(Frame::Other),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableHead | TagEnd::TableRow | TagEnd::CodeBlock => {
                self.close();
            }
            TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.close_implicit();
                self.frames.pop();
            }
            TagEnd::HtmlBlock => self.close_implicit(),
            // The start of an inline element already gave its whole range.
            _ => {}
        }
    }

    fn open_list(&mut self, ordered: bool) {
        let held = self.frames.last().map(|f| f.0);
        let lead_in = match (held, self.last().take()) {
            (Some(Frame::Item(item)), _) => Some(LeadIn::Item(item)),
            (_, paragraph) => paragraph.map(LeadIn::Paragraph),
        };
        self.outline.lists.push(ListInfo { ordered, lead_in });
        self.push_frame(Frame::List(self.outline.lists.len() - 1));
    }

    fn open_item(&mut self, start: usize) {
        let Some(&(Frame::List(list), _)) = self.frames.last() else { return self.push_frame(Frame::Other) };
        self.outline.items.push(ItemInfo { list, start });
        let item = self.outline.items.len() - 1;
        self.outline.nodes.push(Node::Item(item));
        self.push_frame(Frame::Item(item));
    }

    fn push_frame(&mut self, frame: Frame) {
        if self.frames.is_empty() {
            self.containers += 1;
        }
        *self.last() = None;
        self.frames.push((frame, None));
    }

    /// The paragraph that was last at this depth, if nothing followed it.
    fn last(&mut self) -> &mut Option<usize> {
        self.frames.last_mut().map_or(&mut self.last_at_top, |f| &mut f.1)
    }

    fn open(&mut self, kind: LeafKind, range: Range<usize>) {
        let label = if kind == LeafKind::Paragraph { self.labels.remove(&range.start) } else { None };
        let inline = Inline::new(self.source, range.start, label, kind == LeafKind::Code);
        self.leaf = Some(OpenLeaf { kind, range, inline, implicit: false });
    }

    /// The open leaf; words without one belong to a tight list item.
    fn inline(&mut self, range: &Range<usize>) -> &mut Inline<'a> {
        let source = self.source;
        let leaf = self.leaf.get_or_insert_with(|| OpenLeaf {
            kind: LeafKind::Paragraph,
            range: range.clone(),
            inline: Inline::new(source, range.start, None, false),
            implicit: true,
        });
        if leaf.implicit {
            leaf.range.end = leaf.range.end.max(range.end);
        }
        &mut leaf.inline
    }

    fn close_implicit(&mut self) {
        if self.leaf.as_ref().is_some_and(|l| l.implicit) {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(OpenLeaf { kind, range, inline, .. }) = self.leaf.take() else { return };
        let is_paragraph = kind == LeafKind::Paragraph;
        let item = match self.frames.last() {
            Some((Frame::Item(item), _)) if is_paragraph => Some(*item),
            _ => None,
        };
        let container = if self.frames.is_empty() { 0 } else { self.containers };
        let (label, text) = inline.finish();
        let range = range.start..range.start + self.source[range.clone()].trim_end().len();
        *self.last() = is_paragraph.then_some(self.outline.nodes.len());
        self.outline.nodes.push(Node::Leaf(Box::new(Leaf { kind, range, label, text, item, container })));
    }
}

/// Whether a reader would see words in this HTML.
fn has_visible_text(html: &str) -> bool {
    static HIDDEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?is)<!--.*?(-->|\z)|<(script|style)\b.*?(</(script|style)\s*>|\z)|<[^>]*>").ok()
    });
    HIDDEN.as_ref().is_some_and(|hidden| !hidden.replace_all(html, "").trim().is_empty())
}
