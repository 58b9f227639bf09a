//! Telegram: messages to the bot and the two buttons below an answer, as updates of a webhook.
//!
//! In a group the bot answers who turns to it: by a command, a mention, or a reply to a message of
//! its own. Messages are HTML, in which three characters mean something.

use serde_json::{Value, json};

use super::render::{Markup, Part, html, rewritten, utf16};
use super::send::{Auth, Outgoing, Verdict, by_status};
use super::{
    About, Ack, BODY_LIMIT, Delivery, Event, Incoming, KEPT_FOR, Message, Messenger, Profile, Received, Refusal,
    Secret, asked, buttons, json, list, rating_of, text,
};
use crate::conversation::Channel;

/// Where Telegram's Bot API is.
pub const API_BASE: &str = "https://api.telegram.org";

static MARKUP: Markup = Markup {
    limit: 4096,
    units: utf16,
    words: escaped,
    strong: |words| format!("<b>{}</b>", escaped(words)),
    link: |label, url| format!("<a href=\"{}\">{}</a>", escaped(url), escaped(label)),
};

static PROFILE: Profile = Profile { channel: Channel::Telegram, body_limit: BODY_LIMIT, markup: &MARKUP };

/// What the operator chose and what Telegram gave.
#[derive(Debug, Clone)]
pub struct Options {
    /// The `secret_token` of `setWebhook`.
    pub secret: Secret,
    /// The bot's token; without it nothing can be sent.
    pub token: Option<Secret>,
    pub api_base: String,
}

pub(super) struct Telegram {
    options: Options,
}

impl Telegram {
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    fn message(&self, update: i64, message: &Value, now: i64) -> Option<Event> {
        let sender = &message["from"];
        let old = message["date"].as_i64().is_some_and(|date| now.saturating_sub(date) > KEPT_FOR);
        if old || sender["is_bot"] == json!(true) || message.get("via_bot").is_some() {
            return None;
        }
        let (chat, words) = (message["chat"]["id"].as_i64()?, text(message, "/text")?);
        let private = text(message, "/chat/type") == Some("private");
        if !private && !turns_to_us(message, words) {
            return None;
        }
        let topic = message["message_thread_id"].as_i64().filter(|_| message["is_topic_message"] == json!(true));
        let person = sender["id"].as_i64().filter(|_| !private);
        let numbers = [Some(chat), topic, person].into_iter().flatten().map(|n| n.to_string());
        let place = numbers.collect::<Vec<_>>().join(":");
        let to = Box::new(Chat {
            options: self.options.clone(),
            chat,
            topic,
            // In a private chat it is plain what is answered.
            replies_to: message["message_id"].as_i64().filter(|_| !private),
            callback: None,
        });
        Some(Event { id: update.to_string(), what: asked(place, &without_address(message, words)), to })
    }

    fn click(&self, update: i64, click: &Value) -> Option<Event> {
        let what = text(click, "/data").and_then(rating_of)?;
        let callback = text(click, "/id")?.to_owned();
        let chat = click["message"]["chat"]["id"].as_i64().unwrap_or_default();
        let options = self.options.clone();
        let to = Box::new(Chat { options, chat, topic: None, replies_to: None, callback: Some(callback) });
        Some(Event { id: update.to_string(), what, to })
    }
}

impl Messenger for Telegram {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        let given = request.header("x-telegram-bot-api-secret-token").ok_or(Refusal::Forged)?;
        if !self.options.secret.is(given) {
            return Err(Refusal::Forged);
        }
        let update = json(&request.body)?;
        let id = update["update_id"].as_i64().ok_or(Refusal::Malformed)?;
        let event = match (update.get("message"), update.get("callback_query")) {
            (Some(message), _) => self.message(id, message, request.at),
            (_, Some(click)) => self.click(id, click),
            _ => None,
        };
        Ok(Received { ack: Ack::Empty, events: event.into_iter().collect() })
    }
}

/// Whether a message of a group is for the bot.
fn turns_to_us(message: &Value, words: &str) -> bool {
    let addressed = list(message, "/entities").iter().any(|entity| match text(entity, "/type") {
        Some("bot_command") => entity["offset"] == json!(0),
        Some("mention") => true,
        _ => false,
    });
    let replies = message["reply_to_message"]["from"]["is_bot"] == json!(true);
    (addressed || replies) && !words.is_empty()
}

/// The words without the command and the mentions that made them ours: `/start` alone asks nothing.
fn without_address(message: &Value, words: &str) -> String {
    let units: Vec<u16> = words.encode_utf16().collect();
    let mut kept = vec![true; units.len()];
    for entity in list(message, "/entities") {
        let place = |name: &str| entity[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let (Some(offset), Some(length)) = (place("offset"), place("length")) else { continue };
        let address = match text(entity, "/type") {
            Some("bot_command") => offset == 0,
            Some("mention") => true,
            _ => false,
        };
        if address {
            kept.iter_mut().skip(offset).take(length).for_each(|keep| *keep = false);
        }
    }
    let units: Vec<u16> = units.into_iter().zip(kept).filter(|(_, keep)| *keep).map(|(unit, _)| unit).collect();
    String::from_utf16_lossy(&units)
}

/// A word joiner after `@` keeps a name in a document from calling a member of the group.
fn escaped(text: &str) -> String {
    rewritten(text, |c, out| match c {
        '"' => out.push_str("&quot;"),
        '@' => out.push_str("@\u{2060}"),
        other => html(other, out),
    })
}

fn verdict(status: u16, body: &Value) -> Verdict {
    let wish = body.pointer("/parameters/retry_after").and_then(Value::as_u64).map(std::time::Duration::from_secs);
    match by_status(status, body) {
        Verdict::Later(_) => Verdict::Later(wish),
        Verdict::Refused(why) => {
            Verdict::Refused(text(body, "/description").map_or(why, |d| d.chars().take(120).collect()))
        }
        done => done,
    }
}

/// A chat, and the click that thanks are shown at.
struct Chat {
    options: Options,
    chat: i64,
    topic: Option<i64>,
    replies_to: Option<i64>,
    callback: Option<String>,
}

impl Chat {
    fn call(&self, method: &str, body: Value) -> Option<Outgoing> {
        let token = self.options.token.as_ref()?;
        let url = format!("{}/bot{}/{method}", self.options.api_base.trim_end_matches('/'), token.reveal());
        Some(Outgoing { auth: Auth::None, verdict, ..Outgoing::post(url, body) })
    }

    fn message(&self, part: &Part, first: bool, reply_id: Option<&str>) -> Option<Outgoing> {
        let mut body = json!({
            "chat_id": self.chat, "text": MARKUP.write(part), "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(topic) = self.topic {
            body["message_thread_id"] = json!(topic);
        }
        if let Some(message) = self.replies_to.filter(|_| first) {
            body["reply_parameters"] = json!({ "message_id": message, "allow_sending_without_reply": true });
        }
        if let Some(reply_id) = reply_id {
            let button = |(shown, _, data): (&str, &str, String)| json!({ "text": shown, "callback_data": data });
            body["reply_markup"] = json!({ "inline_keyboard": [buttons(reply_id).map(button)] });
        }
        self.call("sendMessage", body)
    }
}

impl Delivery for Chat {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        let last = message.parts.len().saturating_sub(1);
        let one = |(i, part)| self.message(part, i == 0, (i == last).then_some(message.reply_id));
        message.parts.iter().enumerate().filter_map(one).collect()
    }

    fn note(&self, words: &Part, _: About) -> Vec<Outgoing> {
        let request = match &self.callback {
            Some(callback) => {
                let words: String = super::render::plain(words).chars().take(200).collect();
                self.call("answerCallbackQuery", json!({ "callback_query_id": callback, "text": words }))
            }
            None => self.message(words, true, None),
        };
        request.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(words: &str, entities: Value) -> Value {
        json!({ "text": words, "entities": entities })
    }

    #[test]
    fn commands_and_mentions_are_no_part_of_a_question() {
        let cases = [
            (
                "/ask@desk_bot why 👍 openness?",
                json!([{ "type": "bot_command", "offset": 0, "length": 13 }]),
                "why 👍 openness?",
            ),
            ("👍 @desk why?", json!([{ "type": "mention", "offset": 3, "length": 5 }]), "👍  why?"),
            ("/start", json!([{ "type": "bot_command", "offset": 0, "length": 6 }]), ""),
            ("why /this?", json!([{ "type": "bot_command", "offset": 4, "length": 5 }]), "why /this?"),
            ("short", json!([{ "type": "mention", "offset": 90, "length": 5 }]), "short"),
        ];
        for (words, entities, left) in cases {
            assert_eq!(without_address(&message(words, entities), words).trim(), left);
        }
    }

    #[test]
    fn in_a_group_only_those_are_answered_who_turn_to_the_bot() {
        let with = |entities| turns_to_us(&message("x", entities), "x");
        assert!(with(json!([{ "type": "bot_command", "offset": 0, "length": 1 }])));
        assert!(with(json!([{ "type": "mention", "offset": 3, "length": 1 }])));
        assert!(!with(json!([])) && !with(json!([{ "type": "bold", "offset": 0, "length": 1 }])));
        let reply = json!({ "text": "x", "reply_to_message": { "from": { "is_bot": true } } });
        assert!(turns_to_us(&reply, "x"));
    }

    #[test]
    fn no_word_becomes_markup_or_a_call() {
        assert_eq!(escaped("<b>&amp;</b> \"@all\""), "&lt;b&gt;&amp;amp;&lt;/b&gt; &quot;@\u{2060}all&quot;");
    }

    #[test]
    fn a_wish_to_wait_is_taken_from_the_body() {
        let body = json!({ "ok": false, "parameters": { "retry_after": 5 } });
        assert_eq!(verdict(429, &body), Verdict::Later(Some(std::time::Duration::from_secs(5))));
    }
}
