//! One file of the knowledge folder becomes a [`Document`]: front matter, then Markdown as leaves,
//! then blocks. Whose words a quotation in running text is, is decided in `attribute`.

mod blocks;
mod front_matter;
mod headings;
mod inline;
mod interview;
mod label;
mod markdown;
mod navigation;
mod unquoted;
mod yaml;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::corpus::{BlockKind, Document, Problem, Severity};

/// Parses a file. Never fails on odd Markdown: what could not be placed is in `Document::problems`.
/// The slug is the one asked for in the front matter, else made from the path.
#[must_use]
pub fn parse(path: &str, source: &str) -> Document {
    let mut problems = Problems { source, found: Vec::new() };
    let head = front_matter::read(source, &mut problems);
    let outline = markdown::read(source, head.body, !head.front_matter.turns_off);
    for &at in &outline.lost_html {
        problems.warning(at, "The text inside this HTML is not served; write it as Markdown.");
    }
    let ids = headings::ids(&outline.nodes, &mut problems);
    let mut document = Document {
        slug: head.front_matter.slug.clone().unwrap_or_else(|| slug_of(path)),
        path: path.to_owned(),
        title: String::new(),
        front_matter: head.front_matter,
        source: Arc::from(source),
        sha256: hex(&Sha256::digest(source.as_bytes())),
        blocks: head.blocks,
        lists: Vec::new(),
        speakers: Vec::new(),
        problems: Vec::new(),
    };
    blocks::assemble(&mut document, outline, ids);
    if !document.front_matter.keep_navigation {
        navigation::mark(&mut document);
    }
    document.title = title(&document);
    document.problems = problems.found;
    document.problems.sort_by_key(|p| p.line);
    document
}

/// A name reduced to what tells people apart: letters and digits without case, white space and
/// punctuation ("Dr.Mei lin" and "Dr. Mei Lin" are one).
#[must_use]
pub fn name_key(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// What the parser tells the author, by byte.
pub struct Problems<'a> {
    source: &'a str,
    found: Vec<Problem>,
}

impl Problems<'_> {
    fn warning(&mut self, at: usize, message: &str) {
        self.add(Severity::Warning, at, message);
    }

    fn error(&mut self, at: usize, message: &str) {
        self.add(Severity::Error, at, message);
    }

    fn add(&mut self, severity: Severity, at: usize, message: &str) {
        let before = &self.source.as_bytes()[..at.min(self.source.len())];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        self.found.push(Problem { severity, line, message: message.to_owned() });
    }
}

fn title(document: &Document) -> String {
    let heading = || document.blocks.iter().find(|b| matches!(b.kind, BlockKind::Heading { .. }));
    let stem = || Path::new(&document.path).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    document.front_matter.title.clone().or_else(|| heading().map(|h| h.text.text.clone())).unwrap_or_else(stem)
}

/// `2025/Mayors' Dialogue.md` is `2025-mayors-dialogue`; a path without Latin letters or digits
/// gets eight hex digits of its hash.
fn slug_of(path: &str) -> String {
    let stem = path.strip_suffix(".md").or_else(|| path.strip_suffix(".MD")).unwrap_or(path);
    let latin: String = stem.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect();
    let words = latin.to_ascii_lowercase().replace(['\'', '’'], "");
    let slug =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { format!("document-{}", &hex(&Sha256::digest(path.as_bytes()))[..8]) } else { slug }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
