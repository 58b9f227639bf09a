//! Microsoft Teams, over the Bot Framework: messages to the bot and the thumbs below an answer.
//!
//! Who calls is proven by a token of Microsoft's (`token`). Sources are citations of the message,
//! which Teams shows where their `[n]` stands; in channels, which show none, they are links.

mod token;

use std::sync::Arc;

use serde_json::{Value, json};

use super::render::{Markup, Part, Run, Source, html, rewritten, utf16};
use super::send::{Auth, Client, Outgoing, TokenRequest, TokenSource};
use super::{
    About, Ack, Delivery, Event, Incoming, LONG_BODY_LIMIT, Message, Messenger, Profile, Rated, Received, Refusal,
    Secret, What, asked, json, list, text,
};
use crate::conversation::Channel;
use crate::store::Rating;
use token::Keys;

/// Where the keys of the Bot Framework are, and where its tokens are given.
pub const KEYS_BASE: &str = "https://login.botframework.com";
pub const TOKEN_BASE: &str = "https://login.microsoftonline.com";

/// The tenant of apps that are not of one tenant alone.
pub const EVERY_TENANT: &str = "botframework.com";

/// Most citations of a message, and the lengths that Teams allows in them.
const CITATIONS: usize = 20;
const NAME: usize = 80;
const ABSTRACT: usize = 160;

/// Most characters of a comment that are kept.
const COMMENT: usize = 2000;

/// A message may have about 28 KiB as Teams counts it, in two bytes a character, with the citations.
static MARKUP: Markup = Markup {
    limit: 8000,
    units: utf16,
    words: escaped,
    strong: |words| format!("**{}**", escaped(words)),
    link: |label, url| format!("[{}]({})", escaped(label), url.replace('(', "%28").replace(')', "%29")),
};

static PROFILE: Profile = Profile { channel: Channel::Teams, body_limit: LONG_BODY_LIMIT, markup: &MARKUP };

/// What Microsoft gave the operator.
#[derive(Debug, Clone)]
pub struct Options {
    /// A client secret of the app.
    pub secret: Secret,
    pub app_id: String,
    /// The tenant of an app that is of one alone; else [`EVERY_TENANT`].
    pub tenant: String,
    pub keys_base: String,
    pub token_base: String,
}

pub(super) struct Teams {
    keys: Keys,
    token: Arc<TokenSource>,
    client: Client,
}

impl Teams {
    pub fn new(options: Options, client: Client) -> Self {
        let url = format!("{}/{}/oauth2/v2.0/token", options.token_base.trim_end_matches('/'), options.tenant);
        let request = TokenRequest::Form(vec![
            ("grant_type", "client_credentials".to_owned().into()),
            ("client_id", options.app_id.clone().into()),
            ("client_secret", options.secret),
            ("scope", "https://api.botframework.com/.default".to_owned().into()),
        ]);
        let token = Arc::new(TokenSource::new(url, request, "access_token", "expires_in"));
        Self { keys: Keys::new(options.keys_base, options.app_id), token, client }
    }

    fn activity(&self, activity: &Value) -> Option<Received> {
        let (id, conversation) = (text(activity, "/id")?, text(activity, "/conversation/id")?);
        let (from, bot) = (text(activity, "/from/id")?, text(activity, "/recipient/id")?);
        if from == bot || text(activity, "/from/role") == Some("bot") {
            return None;
        }
        let tenant = text(activity, "/conversation/tenantId").unwrap_or_default();
        let (what, ack) = match text(activity, "/type")? {
            "message" => (asked(format!("{tenant}:{conversation}"), &words(activity, bot)), Ack::Empty),
            "invoke" => (rated(activity, conversation)?, Ack::Json(json!({}))),
            _ => return None,
        };
        let to = Box::new(Chat::of(activity, Arc::clone(&self.token))?);
        Some(Received { ack, events: vec![Event { id: format!("{conversation}:{id}"), what, to }] })
    }
}

impl Messenger for Teams {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        let proof = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let claims = self.keys.check(&self.client, proof.ok_or(Refusal::Forged)?, request.at)?;
        let activity = json(&request.body)?;
        claims.fit(&activity)?;
        Ok(self.activity(&activity).unwrap_or_else(Received::nothing))
    }
}

/// What was written, without the mentions of the bot.
fn words(activity: &Value, bot: &str) -> String {
    let mut words = text(activity, "/text").unwrap_or_default().replace("&nbsp;", " ");
    let entities = list(activity, "/entities").iter();
    let ours = entities.filter(|e| text(e, "/type") == Some("mention") && text(e, "/mentioned/id") == Some(bot));
    for mention in ours.filter_map(|entity| text(entity, "/text")) {
        words = words.replace(mention, " ");
    }
    words
}

/// A thumb below one of our messages, and what was written beside it.
fn rated(activity: &Value, conversation: &str) -> Option<What> {
    let value = activity.get("value")?;
    if text(activity, "/name") != Some("message/submitAction") || text(value, "/actionName") != Some("feedback") {
        return None;
    }
    let rating = match text(value, "/actionValue/reaction")? {
        "like" => Rating::Up,
        "dislike" => Rating::Down,
        _ => return None,
    };
    let written = text(value, "/actionValue/feedback").and_then(|json| serde_json::from_str::<Value>(json).ok());
    let comment = written.as_ref().and_then(|written| text(written, "/feedbackText"));
    let comment = comment.map(|comment| comment.chars().take(COMMENT).collect());
    let message = format!("{conversation}:{}", text(activity, "/replyToId")?);
    Some(What::Rated { reply: Rated::Message(message), rating, comment })
}

/// Markdown and HTML, taken literally; a line break is a paragraph's.
fn escaped(text: &str) -> String {
    rewritten(text, |c, out| match c {
        '\n' => out.push_str("\n\n"),
        '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => out.extend(['\\', c]),
        other => html(other, out),
    })
}

fn cut(text: &str, characters: usize) -> String {
    let short: String = text.chars().take(characters - 1).collect();
    if text.chars().count() < characters { text.to_owned() } else { short + "…" }
}

/// A conversation, in the words of the activity that is answered.
struct Chat {
    token: Arc<TokenSource>,
    /// `https://…/v3/conversations/…/activities/…`.
    url: String,
    conversation: String,
    /// What every answer repeats.
    frame: Value,
    /// Whether citations are shown.
    cites: bool,
}

impl Chat {
    fn of(activity: &Value, token: Arc<TokenSource>) -> Option<Self> {
        let (service, id) = (text(activity, "/serviceUrl")?.trim_end_matches('/'), text(activity, "/id")?);
        let conversation = text(activity, "/conversation/id")?;
        let [path, last] = [conversation, id]
            .map(|part| percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string());
        let frame = json!({
            "type": "message", "from": activity["recipient"], "recipient": activity["from"],
            "conversation": activity["conversation"], "replyToId": id, "textFormat": "markdown",
        });
        let url = format!("{service}/v3/conversations/{path}/activities/{last}");
        let cites = text(activity, "/conversation/conversationType") != Some("channel");
        Some(Self { token, url, conversation: conversation.to_owned(), frame, cites })
    }

    fn post(&self, body: Value) -> Outgoing {
        let auth = Auth::Token(Arc::clone(&self.token));
        let message_prefix = format!("{}:", self.conversation);
        Outgoing { auth, message_id: Some("/id"), message_prefix, ..Outgoing::post(self.url.clone(), body) }
    }

    /// A part in which the first citations are Teams' own, and all others are links.
    fn cited(&self, part: &Part, sources: &[Source]) -> Value {
        let mut claims: Vec<Value> = Vec::new();
        let mut written = String::new();
        for run in part {
            let source = match run {
                Run::Link { label, .. } if self.cites => sources.iter().find(|source| source.mark == *label),
                _ => None,
            };
            let known = |source: &Source| claims.iter().any(|claim| claim["position"] == json!(source.n));
            match source {
                Some(source) if known(source) => written.push_str(&source.mark),
                Some(source) if claims.len() < CITATIONS => {
                    written.push_str(&source.mark);
                    claims.push(claim(source));
                }
                _ => written.push_str(&MARKUP.write(std::slice::from_ref(run))),
            }
        }
        // An answer that counts names its last source before the others.
        claims.sort_by_key(|claim| claim["position"].as_u64());
        let mut body = self.frame.clone();
        body["text"] = json!(written);
        if !claims.is_empty() {
            body["entities"] = json!([{
                "type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org",
                "@id": "", "citation": claims,
            }]);
        }
        body
    }
}

fn claim(source: &Source) -> Value {
    json!({
        "@type": "Claim", "position": source.n,
        "appearance": {
            "@type": "DigitalDocument", "name": cut(&source.title, NAME), "url": source.url,
            "abstract": cut(&source.text, ABSTRACT),
        },
    })
}

impl Delivery for Chat {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        let last = message.parts.len().saturating_sub(1);
        let one = |(i, part)| {
            let mut body = self.cited(part, message.sources);
            if i == last {
                body["channelData"] = json!({ "feedbackLoop": { "type": "default" } });
            }
            self.post(body)
        };
        message.parts.iter().enumerate().map(one).collect()
    }

    /// Teams thanks by itself.
    fn note(&self, words: &Part, about: About) -> Vec<Outgoing> {
        if about == About::Rating { Vec::new() } else { vec![self.post(self.cited(words, &[]))] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_of_the_bot_are_no_part_of_a_question() {
        let mention = |id: &str, text: &str| json!({ "type": "mention", "mentioned": { "id": id }, "text": text });
        let activity = json!({
            "text": "<at>Desk</at>&nbsp;what did <at>Ann</at> say?",
            "entities": [mention("28:bot", "<at>Desk</at>"), mention("29:ann", "<at>Ann</at>")],
        });
        assert_eq!(words(&activity, "28:bot").trim(), "what did <at>Ann</at> say?");
    }

    #[test]
    fn no_word_becomes_markup() {
        assert_eq!(escaped("**a** <at>all</at> [x](y)"), "\\*\\*a\\*\\* &lt;at&gt;all&lt;/at&gt; \\[x\\](y)");
    }

    #[test]
    fn long_titles_are_cut_to_what_teams_takes() {
        assert_eq!(cut(&"ü".repeat(90), NAME).chars().count(), NAME);
        assert_eq!(cut("short", NAME), "short");
    }
}
