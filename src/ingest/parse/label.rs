//! Is this the label of a turn? Reads the raw source, because CommonMark does not close the bold of
//! `**记者：**你好`. Which paragraphs may carry a label is decided in `markdown`.

use std::ops::Range;

/// Where a label and its two delimiters stand, in bytes of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub open: Range<usize>,
    pub close: Range<usize>,
    /// Behind the closing delimiter or the colon that follows it.
    pub end: usize,
}

impl Label {
    /// The bold label at byte `at` of `source`: `**Name:**`, `**Name**:`, `__Name：__`.
    #[must_use]
    pub fn at(source: &str, at: usize) -> Option<Self> {
        let line = source.get(at..)?.split(['\n', '\r']).next()?;
        let mark = line.chars().next().filter(|c| matches!(c, '*' | '_'))?;
        let width = line.len() - line.trim_start_matches(mark).len();
        if !(2..=3).contains(&width) || line[width..].starts_with(char::is_whitespace) {
            return None;
        }
        let close = closing(line, width)?;
        let name = line[width..close].trim_end();
        let end = if name.ends_with(COLONS) { close + width } else { colon_after(line, close + width)? };
        // A time (`**10**:30`) is no name.
        name.contains(char::is_alphabetic).then(|| Self {
            open: at..at + width,
            close: at + close..at + close + width,
            end: at + end,
        })
    }
}

/// The colons that end a label.
pub const COLONS: [char; 2] = [':', '：'];

/// Where the delimiter that opens `line` occurs again, not escaped.
fn closing(line: &str, width: usize) -> Option<usize> {
    let delimiter = &line[..width];
    line[width..].match_indices(delimiter).map(|(i, _)| i + width).find(|&i| !line[..i].ends_with('\\'))
}

/// The end of a colon behind the bold, with the space that French sets before it.
fn colon_after(line: &str, from: usize) -> Option<usize> {
    let rest = line[from..].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    rest.starts_with(COLONS).then(|| line.len() - rest.len() + rest.chars().next().map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_recognised_in_every_printed_form() {
        for (line, end) in [
            ("**Dr. Lin:** hello", 12),
            ("**Dr. Lin**: hello", 12),
            ("**Marie :** bonjour", 11),
            ("**Marie** : bonjour", 11),
            ("__Dr. Lin:__ hello", 12),
            ("**记者：**你好", 13),
            ("**记者**：你好", 13),
            ("***Host:*** hi", 11),
        ] {
            assert_eq!(Label::at(line, 0).map(|l| l.end), Some(end), "{line}");
        }
    }

    #[test]
    fn other_bold_openings_are_no_labels() {
        for line in [
            "**Bold** text",
            "** A:** x",
            "**10**:30",
            "*A:* x",
            "**:** x",
            "**A: x",
            "****A:**** x",
            "**A\n:** x",
            "A: x",
        ] {
            assert_eq!(Label::at(line, 0), None, "{line}");
        }
    }
}
