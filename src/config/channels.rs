//! Settings: the messengers. What a vendor gives is secret and comes from the environment alone; a
//! messenger without its secret is off.

use std::fmt;

use super::Sources;

/// One table for each messenger, and what each needs beside a secret and a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channels {
    /// Secret: the signing secret. Token: the bot's (`xoxb-…`).
    pub slack: Credentials,
    /// Secret: the `secret_token` of `setWebhook`. Token: the bot's.
    pub telegram: Credentials,
    /// Secret: the app secret. Token: the access token.
    pub whatsapp: Credentials,
    /// What Meta repeats when the webhook is set up. `DIALOGDESK_WHATSAPP_VERIFY_TOKEN` alone.
    pub whatsapp_verify_token: Hidden,
    /// The one phone number that is answered for; without it all of the app's. `whatsapp.phone_id`,
    /// `DIALOGDESK_WHATSAPP_PHONE_ID`.
    pub whatsapp_phone_id: Option<String>,
    /// Secret: the channel secret. Token: the channel access token.
    pub line: Credentials,
    /// Secret: the application's public key, 64 hexadecimal digits. No token.
    pub discord: Credentials,
    /// Secret: the Encrypt Key. Token: the app secret.
    pub feishu: Credentials,
    /// The app's id (`cli_…`). `feishu.app_id`, `DIALOGDESK_FEISHU_APP_ID`.
    pub feishu_app_id: Option<String>,
    /// The Verification Token. `DIALOGDESK_FEISHU_VERIFY_TOKEN` alone.
    pub feishu_verify_token: Hidden,
    /// Secret: a client secret of the app. No token.
    pub teams: Credentials,
    /// The app's id. `teams.app_id`, `DIALOGDESK_TEAMS_APP_ID`.
    pub teams_app_id: Option<String>,
    /// The tenant of an app that is of one alone. `teams.tenant`, `DIALOGDESK_TEAMS_TENANT`.
    pub teams_tenant: Option<String>,
}

/// What opens a messenger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Proves that the vendor calls. `DIALOGDESK_{NAME}_SECRET` alone.
    pub secret: Hidden,
    /// Proves to the vendor that we call. `DIALOGDESK_{NAME}_TOKEN` alone.
    pub token: Hidden,
    /// The vendor's address, if it is another than the usual one. `{name}.api_base`,
    /// `DIALOGDESK_{NAME}_API_BASE`.
    pub api_base: Option<String>,
}

impl Credentials {
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.secret.0.is_some()
    }
}

/// A secret that is not shown, so that settings can be logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(pub Option<String>);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(…)" } else { "None" })
    }
}

/// The names of a messenger's settings.
struct Names {
    secret: (&'static str, &'static str),
    token: (&'static str, &'static str),
    api_base: &'static str,
}

macro_rules! names {
    ($name:literal, $upper:literal) => {
        Names {
            secret: (concat!("DIALOGDESK_", $upper, "_SECRET"), concat!($name, ".secret")),
            token: (concat!("DIALOGDESK_", $upper, "_TOKEN"), concat!($name, ".token")),
            api_base: concat!($name, ".api_base"),
        }
    };
}

impl Names {
    fn read(&self, sources: &mut Sources) -> Credentials {
        let mut hidden = |(variable, name)| Hidden(sources.read_secret(variable, name));
        let (secret, token) = (hidden(self.secret), hidden(self.token));
        let mut api_base = None;
        sources.read(self.api_base, &mut api_base);
        let url = api_base.as_deref().is_none_or(|u: &str| u.starts_with("https://") || u.starts_with("http://"));
        sources.check(self.api_base, url, "must begin with https:// or http://");
        Credentials { secret, token, api_base }
    }
}

impl Channels {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut channels = Self {
            slack: names!("slack", "SLACK").read(sources),
            telegram: names!("telegram", "TELEGRAM").read(sources),
            whatsapp: names!("whatsapp", "WHATSAPP").read(sources),
            line: names!("line", "LINE").read(sources),
            discord: names!("discord", "DISCORD").read(sources),
            feishu: names!("feishu", "FEISHU").read(sources),
            teams: names!("teams", "TEAMS").read(sources),
            ..Self::default()
        };
        let mut hidden = |variable, name| Hidden(sources.read_secret(variable, name));
        channels.whatsapp_verify_token = hidden("DIALOGDESK_WHATSAPP_VERIFY_TOKEN", "whatsapp.verify_token");
        channels.feishu_verify_token = hidden("DIALOGDESK_FEISHU_VERIFY_TOKEN", "feishu.verify_token");
        sources.read("whatsapp.phone_id", &mut channels.whatsapp_phone_id);
        sources.read("feishu.app_id", &mut channels.feishu_app_id);
        sources.read("teams.app_id", &mut channels.teams_app_id);
        sources.read("teams.tenant", &mut channels.teams_tenant);
        let key = channels.discord.secret.0.as_deref().map(str::trim);
        let is_key = key.is_none_or(|key| key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit()));
        sources.check_variable("DIALOGDESK_DISCORD_SECRET", is_key, "must be 64 hexadecimal digits, the public key");
        let app = channels.teams_app_id.is_some() || !channels.teams.is_on();
        sources.check_variable("DIALOGDESK_TEAMS_SECRET", app, "needs DIALOGDESK_TEAMS_APP_ID beside it");
        channels
    }

    /// The messengers by name, in the order in which they are told about.
    #[must_use]
    pub fn all(&self) -> [(&'static str, &Credentials); 7] {
        [
            ("slack", &self.slack),
            ("telegram", &self.telegram),
            ("whatsapp", &self.whatsapp),
            ("line", &self.line),
            ("discord", &self.discord),
            ("feishu", &self.feishu),
            ("teams", &self.teams),
        ]
    }

    /// What keeps a messenger that is on from answering, by its variable, with what does not work.
    #[must_use]
    pub fn missing(&self) -> Vec<(&'static str, &'static str)> {
        let token = |access: &Credentials| access.is_on() && access.token.0.is_none();
        let cases = [
            (token(&self.slack), "DIALOGDESK_SLACK_TOKEN", "mentions and direct messages are not answered"),
            (token(&self.telegram), "DIALOGDESK_TELEGRAM_TOKEN", "nothing is answered"),
            (token(&self.whatsapp), "DIALOGDESK_WHATSAPP_TOKEN", "nothing is answered"),
            (
                self.whatsapp.is_on() && self.whatsapp_verify_token.0.is_none(),
                "DIALOGDESK_WHATSAPP_VERIFY_TOKEN",
                "Meta cannot verify the webhook",
            ),
            (token(&self.line), "DIALOGDESK_LINE_TOKEN", "nothing is answered"),
            (token(&self.feishu), "DIALOGDESK_FEISHU_TOKEN", "nothing is answered"),
            (self.feishu.is_on() && self.feishu_app_id.is_none(), "DIALOGDESK_FEISHU_APP_ID", "nothing is answered"),
        ];
        cases.into_iter().filter(|(missing, ..)| *missing).map(|(_, variable, what)| (variable, what)).collect()
    }
}
