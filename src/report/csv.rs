//! The question log as a table for spreadsheets (RFC 4180), a row for each question.

use std::io::{self, Write};

use crate::store::{Logged, Store, StoreError};

/// The first row.
const COLUMNS: [&str; 14] = [
    "reply_id",
    "asked_at",
    "channel",
    "conversation_id",
    "question",
    "interpreted_question",
    "outcome",
    "confidence",
    "took_ms",
    "knowledge_version",
    "documents",
    "citations",
    "rating",
    "comment",
];

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
    let mut written = row(out, &COLUMNS.map(str::to_owned)).map(|()| 0);
    store.each_question(since, &mut |question| {
        if let Ok(rows) = written {
            written = row(out, &cells(&question)).map(|()| rows + 1);
        }
    })?;
    let rows = written?;
    out.flush()?;
    Ok(rows)
}

fn cells(q: &Logged) -> [String; 14] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let rating = q.feedback.as_ref().map_or("", |feedback| feedback.rating.name());
    let comment = q.feedback.as_ref().and_then(|feedback| feedback.comment.clone());
    [
        q.reply_id.clone(),
        q.at.to_string(),
        q.channel.clone(),
        text(&q.conversation_id),
        text(&q.question),
        text(&q.interpreted_question),
        q.outcome.name().to_owned(),
        format!("{:.4}", q.confidence),
        format!("{:.1}", q.took_ms),
        q.knowledge_version.clone(),
        q.documents.join(" "),
        q.citations.join(" "),
        rating.to_owned(),
        text(&comment),
    ]
}

fn row(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
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
