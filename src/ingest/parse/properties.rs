//! What holds for every file, checked on arbitrary ones.

use proptest::prelude::*;

use super::parse;
use crate::corpus::{Block, BlockKind, Document, Plain, Segment};

/// Pieces that files are made of, the awkward ones above all.
fn piece() -> impl Strategy<Value = String> {
    let marks = "\\*\\*|\\*|__|_|`|``|~~|\\[|\\]\\(u\\)|\\]|!\\[|<b>|</b>|<!-- c -->|<br>|\\\\|\\\\\\*|&amp;|&nbsp;|\\[\\^1\\]|\\|";
    let starts = "\n\n|\n|\r\n|\r\n\r\n|\n- |\n  - |\n1\\. |\n> |\n> > |\n# |\n## |\n---\n|\n```\n|\n    |\n\\| a \\| b \\|\n\\|--\\|--\\|\n\\| c \\| d \\|\n|\n\\[\\^1\\]: |\n<div>\n|\t| ";
    let labels = "\n\n\\*\\*A b:\\*\\* |\n\n\\*\\*记者：\\*\\*|\n\n__C__: |\n\n\\*\\*D\\*\\* ： ";
    let words = "word|“curly”|„low“|你好|e\u{301}|👩\u{200d}👩|ß|\u{a0}|\u{feff}|\0|x\\.|---|: |\\{#p-1\\}|\\{#x\\}";
    prop_oneof![marks, starts, labels, words, "\\PC{0,4}", "[a-z ]{1,8}"]
}

fn markdown_like() -> impl Strategy<Value = String> {
    let head = prop_oneof![
        4 => Just(String::new()),
        1 => Just("\u{feff}".to_owned()),
        1 => Just("---\r\ntitle: \"a \\\"b\"\r\nspeakers: {A b: [a.b]}\r\n---\r\n".to_owned()),
        1 => "---\n[a-z:\\[\\]{}&*'\"|> \n-]{0,40}\n---\n",
    ];
    (head, prop::collection::vec(piece(), 0..40)).prop_map(|(head, pieces)| head + &pieces.concat())
}

fn level(block: &Block) -> u8 {
    match block.kind {
        BlockKind::FrontMatter { .. } => 0,
        // An item's own words may enclose its sub-items.
        BlockKind::ListItem { .. } => 1,
        _ => 2,
    }
}

fn check_blocks(document: &Document) {
    for block in &document.blocks {
        assert!(document.source.get(block.range.clone()).is_some(), "{block:?}");
        assert!(block.body <= block.text.text.len() && block.text.text.is_char_boundary(block.body));
        let parts_end = block.parts.iter().fold(block.body, |end, part| {
            assert!(part.range.start >= end && part.range.end > part.range.start, "{block:?}");
            assert!(block.text.text.get(part.range.clone()).is_some());
            part.range.end
        });
        assert_eq!(parts_end, if block.parts.is_empty() { block.body } else { block.text.text.len() }, "{block:?}");
        for segment in &block.text.segments {
            let within = block.range.start <= segment.source.start && segment.source.end <= block.range.end;
            assert!(within, "{segment:?} outside {block:?}");
        }
    }
    let body: Vec<&Block> = document.blocks.iter().filter(|b| level(b) > 0).collect();
    assert!(body.windows(2).all(|w| w[0].range.start <= w[1].range.start), "blocks in source order");
    let plain: Vec<&Block> = body.into_iter().filter(|b| level(b) == 2).collect();
    assert!(plain.windows(2).all(|w| w[0].range.end <= w[1].range.start), "blocks do not overlap: {plain:?}");
}

fn check_anchors(document: &Document) {
    let mut anchors: Vec<_> = document.blocks.iter().map(|b| b.anchor.as_str()).filter(|a| *a != "about").collect();
    let all = anchors.len();
    anchors.sort_unstable();
    anchors.dedup();
    assert_eq!(anchors.len(), all, "anchors are unique");
}

fn check_segments(document: &Document, plain: &Plain) {
    let mut end = 0;
    for Segment { plain: words, source } in &plain.segments {
        assert_eq!(words.start, end, "segments cover the text");
        end = words.end;
        let (read, bytes) = (plain.text[words.clone()].as_bytes(), document.source[source.clone()].as_bytes());
        if read.len() == bytes.len() {
            assert!(read.iter().zip(bytes).all(|(r, b)| r == b || *r == b' '), "{read:?} {bytes:?}");
        }
    }
    assert_eq!(end, plain.text.len());
    assert!(
        !plain.text.starts_with(' ') && !plain.text.ends_with(' ') && !plain.text.contains("  "),
        "{:?}",
        plain.text
    );
}

/// Letters and digits of `needle` occur in this order in `hay`: what a quote shows is in its bytes.
fn reads_as(hay: &str, needle: &str) -> bool {
    let mut hay = hay.chars().filter(|c| c.is_alphanumeric());
    needle.chars().filter(|c| c.is_alphanumeric()).all(|c| hay.any(|h| h == c))
}

fn check_quotes(document: &Document, plain: &Plain, from: usize, to: usize) {
    let at = |i: usize| plain.text.char_indices().map(|(i, _)| i).chain([plain.text.len()]).cycle().nth(i);
    let (Some(a), Some(b)) = (at(from), at(to)) else { return };
    let words = a.min(b)..a.max(b);
    // No sentence begins or ends with a space.
    if plain.text[words.clone()].starts_with(' ') || plain.text[words.clone()].ends_with(' ') {
        return;
    }
    let Some((bytes, read)) = plain.quote(words.clone()) else {
        assert!(plain.text[words].trim().is_empty());
        return;
    };
    let slice = document.source.get(bytes.clone()).expect("character boundaries");
    let shown = plain.text.get(read.clone()).expect("character boundaries");
    assert!(read.start <= words.start && words.end <= read.end, "{words:?} in {read:?}");
    assert!(shown.contains('\u{fffd}') || reads_as(slice, shown), "{slice:?} reads {shown:?}");
    for mark in &plain.marks {
        let cut = bytes.start < mark.end && mark.start < bytes.end;
        let whole = bytes.start <= mark.start && mark.end <= bytes.end;
        assert!(!cut || whole || (mark.start < bytes.start && bytes.end < mark.end), "{mark:?} is cut by {bytes:?}");
    }
    assert_eq!(plain.quote(read.clone()), Some((bytes, read)), "a quote quotes itself");
}

fn check(source: &str, from: usize, to: usize) {
    let document = parse("a.md", source);
    check_blocks(&document);
    check_anchors(&document);
    for block in &document.blocks {
        check_segments(&document, &block.text);
        check_quotes(&document, &block.text, from, to);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed(source in "\\PC{0,200}", from in 0_usize..200, to in 0_usize..200) {
        check(&source, from, to);
    }

    #[test]
    fn any_markdown_is_parsed(source in markdown_like(), from in 0_usize..200, to in 0_usize..200) {
        check(&source, from, to);
    }

    #[test]
    fn any_front_matter_is_parsed(yaml in "[a-z:\\[\\]{}&*'\"|>?!%@#, \t\n\r\\\\é-]{0,60}") {
        check(&format!("---\n{yaml}\n---\nbody"), 0, 3);
    }
}
