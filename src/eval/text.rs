//! White space as one space, as the question sets want it.

/// `text` with every run of white space as one space, none at the ends.
#[must_use]
pub fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
