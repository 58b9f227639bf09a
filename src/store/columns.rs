//! How values stand in the tables, written and read back: lists as JSON, times as milliseconds since
//! 1970, feedback as a rating that is absent where there is none.

use jiff::Timestamp;
use rusqlite::Row;

use super::feedback::{Feedback, Rating};

pub(super) fn text_of_list(list: &[String]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}

/// Empty where nothing is kept.
pub(super) fn list(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<String>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// One out of range, which nothing here writes, is the beginning of time.
pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_millisecond(row.get(column)?).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Of a row that has the columns of the table `feedback`.
pub(super) fn feedback(row: &Row<'_>) -> rusqlite::Result<Option<Feedback>> {
    let rating: Option<String> = row.get("rating")?;
    let comment = row.get("comment")?;
    Ok(rating.as_deref().and_then(Rating::named).map(|rating| Feedback { rating, comment }))
}
