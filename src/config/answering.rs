//! Settings: when and how much to answer.

use super::Sources;

/// `[answering]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Answering {
    /// Confidence from which on a question is answered, 0 to 1; absent: the fitted one.
    /// `threshold`, `DIALOGDESK_ANSWERING_THRESHOLD`.
    pub threshold: Option<f64>,
    /// Most quotes of one answer; absent: as the product decides. `max_quotes`,
    /// `DIALOGDESK_ANSWERING_MAX_QUOTES`.
    pub max_quotes: Option<usize>,
    /// Whether the reader reads the best passages before they are quoted; costs milliseconds.
    /// `reader`, `DIALOGDESK_ANSWERING_READER`.
    pub reader: bool,
}

impl Default for Answering {
    fn default() -> Self {
        Self { threshold: None, max_quotes: None, reader: true }
    }
}

impl Answering {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut answering = Self::default();
        sources.read("answering.threshold", &mut answering.threshold);
        let within = answering.threshold.is_none_or(|t| t > 0.0 && t <= 1.0);
        sources.check("answering.threshold", within, "must be above 0 and at most 1");
        sources.read("answering.max_quotes", &mut answering.max_quotes);
        sources.check("answering.max_quotes", answering.max_quotes != Some(0), "must be at least 1");
        sources.read("answering.reader", &mut answering.reader);
        answering
    }
}
