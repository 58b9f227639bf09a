//! The question log as a table for spreadsheets (RFC 4180), a row for each question.

use std::io::{self, Write};

use crate::store::{Logged, Store, StoreError};

/// What stands in the first row, and what in that of a question.
type Column = (&'static str, fn(&Logged) -> String);

const COLUMNS: [Column; 14] = [
    ("reply_id", |q| q.reply_id.clone()),
    ("asked_at", |q| q.at.to_string()),
    ("channel", |q| q.channel.clone()),
    ("conversation_id", |q| text(q.conversation_id.as_deref())),
    ("question", |q| text(q.question.as_deref())),
    ("interpreted_question", |q| text(q.interpreted_question.as_deref())),
    ("outcome", |q| q.outcome.name().to_owned()),
    ("confidence", |q| format!("{:.4}", q.confidence)),
    ("took_ms", |q| format!("{:.1}", q.took_ms)),
    ("knowledge_version", |q| q.knowledge_version.clone()),
    ("documents", |q| q.documents.join(" ")),
    ("citations", |q| q.citations.join(" ")),
    ("rating", |q| text(q.feedback.as_ref().map(|feedback| feedback.rating.name()))),
    ("comment", |q| text(q.feedback.as_ref().and_then(|feedback| feedback.comment.as_deref()))),
];

/// Empty where it is absent.
fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("it cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes every question asked from `since` on, oldest first. Says how many.
///
/// # Errors
/// [`CsvError`]; some rows may be written then.
pub fn write(store: &Store, since: jiff::Timestamp, out: &mut impl Write) -> Result<usize, CsvError> {
    let mut written = row(out, COLUMNS.map(|(name, _)| name.to_owned())).map(|()| 0);
    store.each_question(since, &mut |question| {
        if let Ok(rows) = written {
            written = row(out, COLUMNS.map(|(_, value)| value(&question))).map(|()| rows + 1);
        }
    })?;
    let rows = written?;
    out.flush()?;
    Ok(rows)
}

fn row<const N: usize>(out: &mut impl Write, texts: [String; N]) -> io::Result<()> {
    write!(out, "{}\r\n", texts.map(|text| cell(&text)).join(","))
}

/// A cell in quotes where it needs them. What strangers typed must not become a formula where the
/// table is opened: an apostrophe before it makes spreadsheets show it as it is.
fn cell(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r', '\n']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r', '\'']) || text != text.trim() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("plain words"), "plain words");
        assert_eq!(cell("a \"quoted\", word"), "\"a \"\"quoted\"\", word\"");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd()", "\t=1"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
    }
}
