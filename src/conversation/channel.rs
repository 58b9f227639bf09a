//! Where a question came in: a closed set of words for counts, the log and reports.

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    Api,
    Batch,
    Web,
    OpenAi,
    Mcp,
    Slack,
    Teams,
    Telegram,
    WhatsApp,
    Line,
    Feishu,
    Discord,
}

impl Channel {
    /// The messengers, whose conversations are theirs alone.
    pub const MESSENGERS: [Self; 7] =
        [Self::Slack, Self::Teams, Self::Telegram, Self::WhatsApp, Self::Line, Self::Feishu, Self::Discord];

    /// As it stands in counts and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Batch => "batch",
            Self::Web => "web",
            Self::OpenAi => "openai",
            Self::Mcp => "mcp",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Telegram => "telegram",
            Self::WhatsApp => "whatsapp",
            Self::Line => "line",
            Self::Feishu => "feishu",
            Self::Discord => "discord",
        }
    }
}
