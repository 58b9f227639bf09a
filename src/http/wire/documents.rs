//! The JSON that describes documents.

use serde::Serialize;
use utoipa::ToSchema;

use crate::corpus::{Block, BlockKind, Document, Problem, Severity, Speaker};
use crate::index::snapshot::FileError;

/// The documents that are served, and the files that are not.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentList {
    pub documents: Vec<DocumentSummary>,
    /// Files that are not served.
    pub errors: Vec<FileErrorBody>,
}

/// A file that is not served.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileErrorBody {
    /// Below the knowledge folder.
    pub path: String,
    pub message: String,
}

/// What a document says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentSummary {
    pub slug: String,
    pub title: String,
    /// The source prints no title; this one is ours.
    pub title_is_ours: bool,
    #[schema(required)]
    pub publisher: Option<String>,
    /// As written, usually `YYYY-MM-DD`.
    #[schema(required)]
    pub published: Option<String>,
    #[schema(required)]
    pub place: Option<String>,
    /// BCP 47.
    pub language: String,
    pub tags: Vec<String>,
    #[schema(required)]
    pub source_url: Option<String>,
    /// Below the knowledge folder.
    pub path: String,
    pub speakers: Vec<SpeakerBody>,
    pub counts: Counts,
    /// What the author of the file should put right.
    pub problems: Vec<ProblemNote>,
}

/// How much a document holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    /// What can be cited, headings and front matter included.
    pub blocks: usize,
    pub turns: usize,
    /// What is searched.
    pub passages: usize,
}

/// A person whose words the document holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpeakerBody {
    pub name: String,
    /// Every form found in the document.
    pub variants: Vec<String>,
    /// Descriptions found in the document.
    pub roles: Vec<String>,
}

/// Something to put right in a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemNote {
    /// `warning` or `error`.
    pub severity: &'static str,
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// A document with everything that can be cited.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentDetail {
    #[serde(flatten)]
    pub summary: DocumentSummary,
    pub headings: Vec<HeadingBody>,
    /// In source order.
    pub blocks: Vec<BlockBody>,
}

/// A heading.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadingBody {
    pub anchor: String,
    /// 1 to 6.
    pub level: u8,
    pub text: String,
}

/// Something that can be cited.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockBody {
    pub anchor: String,
    /// `turn`, `paragraph`, `list_item`, `heading` or `front_matter`.
    pub kind: &'static str,
    #[schema(required)]
    pub speaker: Option<String>,
    #[schema(required)]
    pub turn: Option<u32>,
    /// As a reader sees it.
    pub text: String,
    /// First byte of the block in the source.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

impl DocumentSummary {
    /// Describes a document of which `passages` passages are searched.
    #[must_use]
    pub fn new(document: &Document, passages: usize) -> Self {
        let front = &document.front_matter;
        Self {
            slug: document.slug.clone(),
            title: document.title.clone(),
            title_is_ours: front.title_is_ours,
            publisher: front.publisher.clone(),
            published: front.published.clone(),
            place: front.place.clone(),
            language: document.language().to_owned(),
            tags: front.tags.clone(),
            source_url: front.source_url.clone(),
            path: document.path.clone(),
            speakers: document.speakers.iter().map(SpeakerBody::from).collect(),
            counts: Counts {
                blocks: document.blocks.len(),
                turns: document.blocks.iter().filter(|b| b.turn().is_some()).count(),
                passages,
            },
            problems: document.problems.iter().map(ProblemNote::from).collect(),
        }
    }
}

impl DocumentDetail {
    /// Describes a document with its blocks.
    #[must_use]
    pub fn new(document: &Document, passages: usize) -> Self {
        Self {
            summary: DocumentSummary::new(document, passages),
            headings: document.blocks.iter().filter_map(HeadingBody::of).collect(),
            blocks: document.blocks.iter().map(|block| BlockBody::new(document, block)).collect(),
        }
    }
}

impl HeadingBody {
    fn of(block: &Block) -> Option<Self> {
        let BlockKind::Heading { level } = block.kind else { return None };
        Some(Self { anchor: block.anchor.to_string(), level, text: block.text.text.clone() })
    }
}

impl BlockBody {
    /// Describes a block of a document.
    #[must_use]
    pub fn new(document: &Document, block: &Block) -> Self {
        let speaker = match block.kind {
            BlockKind::Turn { speaker, .. } => document.speakers.get(speaker).map(|s| s.name.clone()),
            _ => None,
        };
        Self {
            anchor: block.anchor.to_string(),
            kind: kind_name(&block.kind),
            speaker,
            turn: block.turn(),
            text: block.text.text.clone(),
            start: block.range.start,
            end: block.range.end,
        }
    }
}

fn kind_name(kind: &BlockKind) -> &'static str {
    match kind {
        BlockKind::FrontMatter { .. } => "front_matter",
        BlockKind::Heading { .. } => "heading",
        BlockKind::Turn { .. } => "turn",
        BlockKind::Paragraph => "paragraph",
        BlockKind::ListItem { .. } => "list_item",
    }
}

impl From<&Speaker> for SpeakerBody {
    fn from(speaker: &Speaker) -> Self {
        Self { name: speaker.name.clone(), variants: speaker.variants.clone(), roles: speaker.roles.clone() }
    }
}

impl From<&Problem> for ProblemNote {
    fn from(problem: &Problem) -> Self {
        let severity = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        Self { severity, line: problem.line, message: problem.message.clone() }
    }
}

impl From<&FileError> for FileErrorBody {
    fn from(error: &FileError) -> Self {
        Self { path: error.path.clone(), message: error.message.clone() }
    }
}
