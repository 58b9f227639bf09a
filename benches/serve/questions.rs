//! Questions without end, no two the same: those of a question set in ever new wordings.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Result;

/// Openings that change the text of a question and not what it asks.
const OPENINGS: [&str; 5] = ["", "I would like to know: ", "Short question: ", "For our readers: ", "One more thing: "];

pub struct Questions {
    texts: Vec<String>,
    next: AtomicUsize,
}

impl Questions {
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let question = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).ok()?;
            value.get("question")?.as_str().map(str::to_owned)
        };
        let texts: Vec<String> = text.lines().filter_map(question).collect();
        if texts.is_empty() {
            return Err(format!("{} has no questions", file.display()).into());
        }
        Ok(Self { texts, next: AtomicUsize::new(0) })
    }

    /// The body of a request with a question that was not asked before.
    pub fn next_body(&self) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let opening = OPENINGS[n % OPENINGS.len()];
        let question = format!("{opening}{} ({n})", self.texts[n % self.texts.len()]);
        serde_json::json!({ "question": question }).to_string()
    }
}
