//! Ids of headings: pinned ones where the author gave a usable one, else made from the words.

use std::collections::BTreeSet;

use super::Problems;
use super::markdown::{Leaf, LeafKind, Node};
use crate::corpus::Anchor;

/// An id for each heading of `nodes`, in order. Ids are unique and never of a form that blocks use.
pub fn ids(nodes: &[Node], problems: &mut Problems<'_>) -> Vec<Anchor> {
    let headings: Vec<(&Leaf, &Option<String>)> = nodes.iter().filter_map(heading).collect();
    let mut taken = BTreeSet::new();
    let pinned: Vec<Option<Anchor>> = headings
        .iter()
        .map(|(leaf, id)| id.as_deref().and_then(|id| pinned(id, leaf.range.start, &mut taken, problems)))
        .collect();
    headings
        .iter()
        .zip(pinned)
        .map(|((leaf, _), id)| id.unwrap_or_else(|| generated(&leaf.text.text, &mut taken)))
        .collect()
}

fn heading(node: &Node) -> Option<(&Leaf, &Option<String>)> {
    match node {
        Node::Leaf(leaf) => match &leaf.kind {
            LeafKind::Heading { id, .. } => Some((leaf, id)),
            _ => None,
        },
        _ => None,
    }
}

fn pinned(id: &str, at: usize, taken: &mut BTreeSet<Anchor>, problems: &mut Problems<'_>) -> Option<Anchor> {
    let complain = |problems: &mut Problems<'_>, why: &str| {
        problems.error(at, &format!("The heading id `{id}` {why}; choose another. One made from the heading is used."));
        None
    };
    match Anchor::parse(id) {
        Err(_) => complain(problems, "holds a character that an id cannot have"),
        Ok(anchor) if anchor.is_reserved() => {
            complain(problems, "has a form that is kept for turns, paragraphs and front matter")
        }
        Ok(anchor) if !taken.insert(anchor.clone()) => complain(problems, "is used by an earlier heading"),
        Ok(anchor) => Some(anchor),
    }
}

/// As on GitHub: lower case, letters and digits of every script, `-` for spaces, `-1`, `-2` when taken.
fn generated(text: &str, taken: &mut BTreeSet<Anchor>) -> Anchor {
    let base = slug(text);
    let numbered = (1_usize..).flat_map(|n| [format!("{base}-{n}"), format!("{base}-section-{n}")]);
    let mut free = std::iter::once(base.clone())
        .chain(numbered)
        .filter_map(|id| Anchor::parse(&id).ok())
        .filter(|anchor| !anchor.is_reserved() && !taken.contains(anchor));
    // `P` twice would be `p-1`, which is a paragraph: then `p-section-1`. The list never ends.
    let anchor = free.next().unwrap_or_else(Anchor::about);
    taken.insert(anchor.clone());
    anchor
}

fn slug(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ') || is_combining(*c);
    let slug: String = text.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect();
    if slug.chars().any(char::is_alphanumeric) { slug } else { "section".to_owned() }
}

/// Marks that belong to the letter before (vowel signs of Indic scripts, accents).
fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}
