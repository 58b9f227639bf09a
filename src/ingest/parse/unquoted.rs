//! Front matter lines whose value YAML does not allow without quotes, and which authors write all
//! the same: `title: Night trains: who pays?`

use std::ops::Range;

use super::yaml::Scalar;

/// Takes such lines of known keys out of the front matter: the text without them, every other byte in
/// its place, and each key with its value. `None` when there are none.
pub fn take_out(source: &str, yaml: Range<usize>, known: &[&str]) -> Option<(String, Vec<(Scalar, Scalar)>)> {
    let mut rest = source.to_owned();
    let mut found = Vec::new();
    let mut at = yaml.start;
    for line in source[yaml].split_inclusive('\n') {
        let range = at..at + line.trim_end().len();
        at += line.len();
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        if known.contains(&key) && needs_quotes(value) {
            let start = range.end - value.len();
            let scalar = |text: &str, range| Scalar { text: text.to_owned(), range, quoted: true };
            found.push((scalar(key, range.start..range.start + key.len()), scalar(value, start..range.end)));
            rest.replace_range(range.clone(), &" ".repeat(range.len()));
        }
    }
    (!found.is_empty()).then_some((rest, found))
}

/// A plain text with a colon before white space or at its end.
fn needs_quotes(value: &str) -> bool {
    !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!']) && (value.contains(": ") || value.ends_with(':'))
}
