//! Discord: the command `/ask` and the two buttons below an answer, as interactions.
//!
//! Discord shows that the answer is on its way until it comes through the address of the
//! interaction, which is good for fifteen minutes. Nothing in a message calls anybody.

use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use super::render::{Markup, Part, rewritten, utf16};
use super::send::{Outgoing, Verb};
use super::{
    About, Ack, BODY_LIMIT, Delivery, Event, Incoming, Message, Messenger, Profile, Received, Refusal, SIGNED_FOR,
    Secret, asked, buttons, json, list, rating_of, secret, text,
};
use crate::conversation::Channel;

/// Where Discord's API is, with the version that messages are written for.
pub const API_BASE: &str = "https://discord.com/api/v10";

/// Types of interactions and of what they are answered with.
const PING: u64 = 1;
const COMMAND: u64 = 2;
const COMPONENT: u64 = 3;
const PONG: u64 = 1;
const THINKING: u64 = 5;
const TAKEN: u64 = 6;

/// Flags of a message: no previews of links; for the person alone.
const NO_PREVIEWS: u64 = 1 << 2;
const EPHEMERAL: u64 = 1 << 6;

static MARKUP: Markup = Markup {
    limit: 2000,
    units: utf16,
    words: escaped,
    strong: |words| format!("**{}**", escaped(words)),
    link: |label, url| format!("[{}](<{}>)", escaped(label), url.replace('>', "%3E").replace(' ', "%20")),
};

static PROFILE: Profile = Profile { channel: Channel::Discord, body_limit: BODY_LIMIT, markup: &MARKUP };

/// What Discord gave the operator.
#[derive(Debug, Clone)]
pub struct Options {
    /// The application's public key: 64 hexadecimal digits.
    pub secret: Secret,
    pub api_base: String,
}

pub(super) struct Discord {
    /// Bytes that are no key verify nothing.
    key: UnparsedPublicKey<Vec<u8>>,
    api_base: String,
}

impl Discord {
    pub fn new(options: Options) -> Self {
        let key = secret::unhex(options.secret.reveal().trim()).unwrap_or_default();
        Self { key: UnparsedPublicKey::new(&ED25519, key), api_base: options.api_base }
    }

    fn check(&self, request: &Incoming) -> Result<(), Refusal> {
        let stamp = request.header("x-signature-timestamp").ok_or(Refusal::Forged)?;
        let signature = request.header("x-signature-ed25519").and_then(secret::unhex).ok_or(Refusal::Forged)?;
        let signed = [stamp.as_bytes(), &request.body].concat();
        self.key.verify(&signed, &signature).map_err(|_| Refusal::Forged)?;
        secret::fresh(secret::seconds(Some(stamp)), request.at, SIGNED_FOR)
    }

    fn interaction(&self, body: &Value) -> Result<Received, Refusal> {
        let kind = body["type"].as_u64().ok_or(Refusal::Malformed)?;
        if kind == PING {
            return Ok(Received::only(Ack::Json(json!({ "type": PONG }))));
        }
        let named = |pointer| text(body, pointer).filter(|id| is_name(id));
        let (Some(id), Some(application), Some(token)) = (text(body, "/id"), named("/application_id"), named("/token"))
        else {
            return Err(Refusal::Malformed);
        };
        let user = text(body, "/member/user/id").or_else(|| text(body, "/user/id")).unwrap_or_default();
        let place = [text(body, "/guild_id").unwrap_or("direct"), text(body, "/channel_id").unwrap_or_default(), user];
        let (what, ack) = match kind {
            COMMAND => (asked(place.join(":"), &question(body)), json!({ "type": THINKING })),
            COMPONENT => match text(body, "/data/custom_id").and_then(rating_of) {
                Some(what) => (what, json!({ "type": TAKEN })),
                None => return Ok(Received::only(Ack::Json(json!({ "type": TAKEN })))),
            },
            _ => return Err(Refusal::Malformed),
        };
        let to = Interaction { url: format!("{}/webhooks/{application}/{token}", self.api_base.trim_end_matches('/')) };
        Ok(Received { ack: Ack::Json(ack), events: vec![Event { id: id.to_owned(), what, to: Box::new(to) }] })
    }
}

impl Messenger for Discord {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        self.check(request)?;
        json(&request.body).and_then(|body| self.interaction(&body))
    }
}

/// What the command was given, whatever the operator called its option.
fn question(body: &Value) -> String {
    let given = list(body, "/data/options").iter().filter_map(|option| text(option, "/value"));
    given.collect::<Vec<_>>().join(" ")
}

/// A name that is put into an address.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Discord's Markdown, taken literally.
fn escaped(text: &str) -> String {
    rewritten(text, |c, out| match c {
        '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '@' | ':' => {
            out.extend(['\\', c])
        }
        other => out.push(other),
    })
}

fn content(part: &Part, flags: u64, reply_id: Option<&str>) -> Value {
    let mut body = json!({ "content": MARKUP.write(part), "flags": flags, "allowed_mentions": { "parse": [] } });
    if let Some(reply_id) = reply_id {
        let button = |(shown, _, id): (&str, &str, String)| json!({ "type": 2, "style": 2, "emoji": { "name": shown }, "custom_id": id });
        body["components"] = json!([{ "type": 1, "components": buttons(reply_id).map(button) }]);
    }
    body
}

/// The address of an interaction.
struct Interaction {
    url: String,
}

impl Interaction {
    /// The answer itself stands where "thinking" stood.
    fn first(&self, body: Value) -> Outgoing {
        Outgoing { verb: Verb::Patch, ..Outgoing::post(format!("{}/messages/@original", self.url), body) }
    }
}

impl Delivery for Interaction {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        let last = message.parts.len().saturating_sub(1);
        let one = |(i, part)| {
            let body = content(part, NO_PREVIEWS, (i == last).then_some(message.reply_id));
            if i == 0 { self.first(body) } else { Outgoing::post(self.url.clone(), body) }
        };
        message.parts.iter().enumerate().map(one).collect()
    }

    fn note(&self, words: &Part, about: About) -> Vec<Outgoing> {
        vec![match about {
            About::Question => self.first(content(words, NO_PREVIEWS, None)),
            About::Rating => Outgoing::post(self.url.clone(), content(words, NO_PREVIEWS | EPHEMERAL, None)),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Method;
    use super::*;

    #[test]
    fn no_word_becomes_markup_or_a_call() {
        assert_eq!(escaped("**@everyone** <#1> [a](b)"), "\\*\\*\\@everyone\\*\\* \\<\\#1\\> \\[a\\]\\(b\\)");
    }

    #[test]
    fn what_is_put_into_an_address_is_a_name() {
        assert!(is_name("aW50-_x.1") && !is_name("a/b") && !is_name("") && !is_name("a?b"));
    }

    #[test]
    fn a_key_that_is_none_lets_nothing_in() {
        let discord = Discord::new(Options { secret: "zz".to_owned().into(), api_base: API_BASE.to_owned() });
        let headers = [("x-signature-timestamp", "1"), ("x-signature-ed25519", "00")];
        let request = Incoming {
            method: Method::Post,
            door: super::super::Door::Events,
            headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
            query: String::new(),
            body: b"{}".to_vec(),
            at: 1,
        };
        assert_eq!(discord.receive(&request).err(), Some(Refusal::Forged));
    }
}
