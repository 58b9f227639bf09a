//! From settings to messengers: which are on, with which secrets, and where their vendors are.

use std::net::SocketAddr;

use crate::channels::{Limits, Options, Secret, discord, feishu, line, slack, teams, telegram, whatsapp};
use crate::config::{Channels, Config, Credentials, Hidden};

/// The options of the messengers. Without `server.public_url` links lead to where the program
/// listens, which `check` warns of.
pub(super) fn options(config: &Config, address: SocketAddr) -> Options {
    let set = &config.channels;
    let options = Options {
        slack: on(&set.slack, slack::API_BASE).map(|(secret, token, api_base)| slack::Options {
            secret,
            token,
            api_base,
        }),
        telegram: on(&set.telegram, telegram::API_BASE).map(|(secret, token, api_base)| telegram::Options {
            secret,
            token,
            api_base,
        }),
        whatsapp: on(&set.whatsapp, whatsapp::API_BASE).map(|(secret, token, api_base)| whatsapp::Options {
            secret,
            token,
            verify_token: secret_of(&set.whatsapp_verify_token),
            phone_id: set.whatsapp_phone_id.clone(),
            api_base,
        }),
        line: on(&set.line, line::API_BASE).map(|(secret, token, api_base)| line::Options { secret, token, api_base }),
        discord: on(&set.discord, discord::API_BASE).map(|(secret, _, api_base)| discord::Options { secret, api_base }),
        feishu: on(&set.feishu, feishu::API_BASE).map(|(secret, token, api_base)| feishu::Options {
            secret,
            app: set.feishu_app_id.clone().zip(token),
            verify_token: secret_of(&set.feishu_verify_token),
            api_base,
        }),
        teams: teams(set),
        public_url: config.server.public_url.clone().unwrap_or_else(|| format!("http://{address}")),
        limits: Limits::default(),
    };
    if config.server.public_url.is_none() && set.all().iter().any(|(_, access)| access.is_on()) {
        tracing::warn!("server.public_url is not set: links in messengers lead to this machine's own address");
    }
    for (variable, what) in set.missing() {
        tracing::warn!("{variable} is not set: {what}");
    }
    options
}

fn teams(set: &Channels) -> Option<teams::Options> {
    let app_id = set.teams_app_id.clone()?;
    let (secret, _, _) = on(&set.teams, teams::KEYS_BASE)?;
    let base = |usual: &str| set.teams.api_base.clone().unwrap_or_else(|| usual.to_owned());
    Some(teams::Options {
        secret,
        app_id,
        tenant: set.teams_tenant.clone().unwrap_or_else(|| teams::EVERY_TENANT.to_owned()),
        keys_base: base(teams::KEYS_BASE),
        token_base: base(teams::TOKEN_BASE),
    })
}

/// Secret, token and the vendor's address of a messenger that is on.
fn on(access: &Credentials, usual_base: &str) -> Option<(Secret, Option<Secret>, String)> {
    let base = access.api_base.clone().unwrap_or_else(|| usual_base.to_owned());
    Some((secret_of(&access.secret)?, secret_of(&access.token), base))
}

fn secret_of(hidden: &Hidden) -> Option<Secret> {
    hidden.0.clone().map(Secret::from)
}
