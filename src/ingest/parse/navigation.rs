//! Which lists are tables of contents: shown on the page, never searched.

use std::collections::BTreeSet;

use crate::corpus::{Block, BlockKind, Document};

/// Marks lists at least three quarters of whose items repeat headings of the document, and the
/// line that introduces each.
pub fn mark(document: &mut Document) {
    let headings: BTreeSet<String> = document
        .blocks
        .iter()
        .filter(|b| matches!(b.kind, BlockKind::Heading { .. }))
        .map(|b| comparable(&b.text.text))
        .filter(|t| !t.is_empty())
        .collect();
    let repeats = |b: &Block| headings.contains(&comparable(&b.text.text));
    for list in &mut document.lists {
        let repeated = list.items.iter().filter(|&&i| document.blocks.get(i).is_some_and(repeats)).count();
        list.navigation = repeated > 0 && repeated * 4 >= list.items.len() * 3;
        if list.navigation {
            for &block in list.items.iter().chain(&list.lead_in) {
                document.blocks[block].navigation = true;
            }
        }
    }
}

/// Words without leading numbers, punctuation at the ends, case and white space.
fn comparable(text: &str) -> String {
    let numbers =
        |c: char| c.is_numeric() || matches!(c, '.' | ')' | '(' | '、' | '．' | ':' | '-') || c.is_whitespace();
    let stripped = text.trim_start_matches(numbers);
    // A heading such as "2024" is all number.
    let words = if stripped.is_empty() { text } else { stripped };
    let ends = words.trim_matches(|c: char| !c.is_alphanumeric());
    ends.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
