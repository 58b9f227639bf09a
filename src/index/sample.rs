//! Small corpora for tests: a line is a passage.

use std::io;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::snapshot::{FileError, hex};
use crate::corpus::{Anchor, Block, BlockKind, Corpus, Document, FrontMatter, Passage, PlainBuilder};

/// A document whose lines are its passages; `context | text` gives a passage its context.
pub(crate) fn document(slug: &str, language: &str, source: &str) -> Document {
    let mut at = 0;
    let mut blocks = Vec::new();
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        let mut plain = PlainBuilder::default();
        plain.push(text, at..at + text.len(), true);
        blocks.push(Block {
            kind: BlockKind::Paragraph,
            anchor: Anchor::paragraph(blocks.len() as u32 + 1),
            range: at..at + text.len(),
            text: plain.finish(),
            body: text.find('|').map_or(0, |bar| bar + 2),
            parts: Vec::new(),
            heading: None,
            navigation: false,
        });
        at += line.len();
    }
    Document {
        slug: slug.into(),
        path: format!("{slug}.md"),
        title: slug.into(),
        front_matter: FrontMatter { language: Some(language.into()), ..FrontMatter::default() },
        source: source.into(),
        sha256: hex(&Sha256::digest(source)),
        blocks,
        lists: Vec::new(),
        speakers: Vec::new(),
        problems: Vec::new(),
    }
}

pub(crate) fn corpus(documents: Vec<Document>) -> Corpus {
    let mut corpus = Corpus::default();
    for (number, document) in documents.into_iter().enumerate() {
        for (id, block) in document.blocks.iter().enumerate() {
            let text = &block.text.text;
            corpus.passages.push(Passage {
                document: number,
                block: id,
                range: block.body..text.len(),
                sentences: 0..0,
                context: text[..block.body].trim_end_matches("| ").trim().to_owned(),
            });
        }
        corpus.documents.push(Arc::new(document));
    }
    corpus
}

/// Reads `*.md` of a folder, sorted by name.
pub(crate) fn read(folder: &Path) -> io::Result<(Corpus, Vec<FileError>)> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    let mut documents = Vec::new();
    for path in paths {
        let slug = path.file_stem().unwrap().to_string_lossy().into_owned();
        documents.push(document(&slug, "en", &std::fs::read_to_string(path)?));
    }
    Ok((corpus(documents), Vec::new()))
}
