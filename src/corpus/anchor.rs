//! Anchors: how a block is addressed inside its document (`turn-6`, `p-3`, a heading's id, `about`).

use std::fmt;

/// The address of a block inside its document, unique there except `about`, which every front
/// matter value shares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Anchor(String);

/// Why a text is not an anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an anchor is a non-empty text without white space, `#` or quotes")]
pub struct AnchorError;

impl Anchor {
    /// The `number`th turn of the document, from 1.
    #[must_use]
    pub fn turn(number: u32) -> Self {
        Self(format!("turn-{number}"))
    }

    /// The `number`th block outside turns, from 1.
    #[must_use]
    pub fn paragraph(number: u32) -> Self {
        Self(format!("p-{number}"))
    }

    /// The front matter.
    #[must_use]
    pub fn about() -> Self {
        Self("about".into())
    }

    /// Any anchor as written in an address or a question set.
    ///
    /// # Errors
    /// [`AnchorError`] when `text` is empty or holds a character that no anchor can have.
    pub fn parse(text: &str) -> Result<Self, AnchorError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '#' | '"' | '<' | '>');
        if text.is_empty() || text.contains(bad) {
            return Err(AnchorError);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a heading may not have this id, because blocks or the front matter use the form.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        let numbered = |prefix: &str| {
            self.0.strip_prefix(prefix).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        };
        self.0 == "about" || numbered("turn-") || numbered("p-")
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
