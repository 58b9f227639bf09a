//! Patterns that are part of the program.

use regex::Regex;

/// Compiles a pattern that is written in the source. The one place where a wrong one would stop the
/// program: at its first use, which each module's tests make.
#[must_use]
pub fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|e| unreachable!("fixed pattern: {e}"))
}
