//! Front matter lines whose value YAML does not allow without quotes, and which authors write all
//! the same: `title: Night trains: who pays?`

use std::ops::Range;

use super::yaml::Scalar;

/// Takes such lines of keys that take a text out of the front matter: the text without them, every other byte in
/// its place, and each key with its value. `None` when there are none, or when one goes on in the next
/// line: which words belong to it is then a guess.
pub fn take_out(source: &str, yaml: Range<usize>, texts: &[&str]) -> Option<(String, Vec<(Scalar, Scalar)>)> {
    let mut rest = source.to_owned();
    let mut found = Vec::new();
    let mut at = yaml.start;
    let mut lines = source[yaml].split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let range = at..at + line.trim_end().len();
        at += line.len();
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        if texts.contains(&key) && needs_quotes(value) {
            if lines.peek().is_some_and(|next| next.starts_with([' ', '\t']) || next.starts_with("- ")) {
                return None;
            }
            let start = range.end - value.len();
            let scalar = |text: &str, range| Scalar { text: text.to_owned(), range, quoted: true };
            found.push((scalar(key, range.start..range.start + key.len()), scalar(value, start..range.end)));
            rest.replace_range(range.clone(), &" ".repeat(range.len()));
        }
    }
    (!found.is_empty()).then_some((rest, found))
}

/// A plain text with a colon before white space or at its end. What holds a comment is left to YAML.
fn needs_quotes(value: &str) -> bool {
    let is_plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!', '#']) && !value.contains(" #");
    is_plain && (value.ends_with(':') || value.contains(": ") || value.contains(":\t"))
}
