//! Settings: what is logged and in which form.

use super::{Setting, Sources};

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,dialogdesk=debug`;
    /// absent: `info` for the server, `warn` for the other commands. `level`, `DIALOGDESK_LOG_LEVEL`.
    pub level: Option<String>,
    /// `text` or `json`, one object a line. `format`, `DIALOGDESK_LOG_FORMAT`.
    pub format: LogFormat,
    /// Whether question texts may be logged. `questions`, `DIALOGDESK_LOG_QUESTIONS`.
    pub questions: bool,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: None, format: LogFormat::Text, questions: false }
    }
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "\"text\" or \"json\"";
    fn fits(toml_type: &str) -> bool {
        toml_type == "string"
    }
    fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl Log {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut log = Self::default();
        sources.read("log.level", &mut log.level);
        let known = log.level.as_ref().is_none_or(|level| tracing_subscriber::EnvFilter::try_new(level).is_ok());
        sources.check("log.level", known, "must be error, warn, info, debug, trace or a filter of these");
        sources.read("log.format", &mut log.format);
        sources.read("log.questions", &mut log.questions);
        log
    }
}
