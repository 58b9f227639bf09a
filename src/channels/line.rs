//! LINE: messages to the account, and two quick replies below an answer.
//!
//! A reply token is good for one request of up to five messages, and not for long; what it no longer
//! serves is pushed. LINE has no markup, so that the sources stand below the words.

use serde_json::{Value, json};

use super::render::{Markup, Part, utf16};
use super::send::{Auth, Outgoing};
use super::{
    About, Ack, BODY_LIMIT, Delivery, Event, Incoming, KEPT_FOR, Message, Messenger, Profile, Received, Refusal,
    Secret, asked, buttons, json, list, rating_of, secret, text,
};
use crate::conversation::Channel;

/// Where LINE's Messaging API is.
pub const API_BASE: &str = "https://api.line.me";

/// Most messages of a request.
const MESSAGES: usize = 5;

static MARKUP: Markup =
    Markup { limit: 5000, units: utf16, words: str::to_owned, strong: str::to_owned, link: |_, url| url.to_owned() };

static PROFILE: Profile = Profile { channel: Channel::Line, body_limit: BODY_LIMIT, markup: &MARKUP };

/// What LINE gave the operator.
#[derive(Debug, Clone)]
pub struct Options {
    /// The channel secret.
    pub secret: Secret,
    /// The channel access token; without it nothing can be sent.
    pub token: Option<Secret>,
    pub api_base: String,
}

pub(super) struct Line {
    options: Options,
}

impl Line {
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    fn event(&self, event: &Value, now: i64) -> Option<Event> {
        let id = text(event, "/webhookEventId")?;
        let old = event["timestamp"].as_i64().is_some_and(|ms| now.saturating_sub(ms / 1000) > KEPT_FOR);
        // In standby another program has the conversation.
        if old || text(event, "/mode") == Some("standby") {
            return None;
        }
        let (kind, source) = (text(event, "/type")?, &event["source"]);
        let room = text(source, "/groupId").or_else(|| text(source, "/roomId"));
        let place = [room, text(source, "/userId")].into_iter().flatten().collect::<Vec<_>>().join(":");
        let what = match kind {
            "message" if text(event, "/message/type") == Some("text") => {
                asked(place, &words(&event["message"], room.is_some())?)
            }
            "follow" => super::What::Greeting,
            "postback" => text(event, "/postback/data").and_then(rating_of)?,
            _ => return None,
        };
        let to = Chat {
            options: self.options.clone(),
            reply_token: text(event, "/replyToken").map(str::to_owned),
            place: room.or_else(|| text(source, "/userId"))?.to_owned(),
            quoted: text(event, "/message/quoteToken").filter(|_| room.is_some()).map(str::to_owned),
        };
        Some(Event { id: id.to_owned(), what, to: Box::new(to) })
    }
}

impl Messenger for Line {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        let tag = request.header("x-line-signature").and_then(secret::unbase64).ok_or(Refusal::Forged)?;
        if !self.options.secret.signed(&[&request.body], &tag) {
            return Err(Refusal::Forged);
        }
        let body = json(&request.body)?;
        let events = list(&body, "/events").iter().filter_map(|event| self.event(event, request.at)).collect();
        Ok(Received { ack: Ack::Empty, events })
    }
}

/// What was written without the mentions; in a group only what mentions the account is for it.
fn words(message: &Value, in_a_group: bool) -> Option<String> {
    let all = text(message, "/text")?;
    let ours = list(message, "/mention/mentionees").iter().filter(|m| m["isSelf"] == json!(true));
    let mut units: Vec<Option<u16>> = all.encode_utf16().map(Some).collect();
    let mut mentioned = false;
    for mention in ours {
        let place = |name: &str| mention[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let (Some(index), Some(length)) = (place("index"), place("length")) else { continue };
        mentioned = true;
        units.iter_mut().skip(index).take(length).for_each(|unit| *unit = None);
    }
    let left: Vec<u16> = units.into_iter().flatten().collect();
    (mentioned || !in_a_group).then(|| String::from_utf16_lossy(&left))
}

/// A person, a group or a room.
struct Chat {
    options: Options,
    reply_token: Option<String>,
    place: String,
    quoted: Option<String>,
}

impl Chat {
    fn send(&self, messages: Vec<Value>) -> Vec<Outgoing> {
        let pushes = messages.chunks(MESSAGES).filter_map(|some| self.push(some));
        let mut requests: Vec<Outgoing> = pushes.collect();
        if let (Some(token), Some(first)) = (&self.reply_token, requests.first_mut()) {
            let body = json!({ "replyToken": token, "messages": first.body["messages"] });
            let url = self.url("reply");
            let push = std::mem::replace(first, Outgoing::post(url, body));
            first.auth = push.auth.clone();
            first.otherwise = Some(Box::new(push));
        }
        requests
    }

    fn push(&self, messages: &[Value]) -> Option<Outgoing> {
        let auth = Auth::Bearer(self.options.token.clone()?);
        let mut request = Outgoing::post(self.url("push"), json!({ "to": self.place, "messages": messages }));
        request.auth = auth;
        // By this LINE knows one that is sent again, and answers it with 409.
        request.headers.push(("x-line-retry-key", uuid::Uuid::new_v4().to_string()));
        Some(request)
    }

    fn url(&self, method: &str) -> String {
        format!("{}/v2/bot/message/{method}", self.options.api_base.trim_end_matches('/'))
    }
}

fn message(part: &Part) -> Value {
    json!({ "type": "text", "text": MARKUP.write(part) })
}

impl Delivery for Chat {
    fn answer(&self, answer: &Message<'_>) -> Vec<Outgoing> {
        let mut messages: Vec<Value> = answer.parts.iter().map(message).collect();
        if let (Some(quoted), Some(first)) = (&self.quoted, messages.first_mut()) {
            first["quoteToken"] = json!(quoted);
        }
        if let Some(last) = messages.last_mut() {
            let item = |(shown, said, data): (&str, &str, String)| {
                let action = json!({ "type": "postback", "label": format!("{shown} {said}"), "data": data, "displayText": shown });
                json!({ "type": "action", "action": action })
            };
            last["quickReply"] = json!({ "items": buttons(answer.reply_id).map(item) });
        }
        self.send(messages)
    }

    fn note(&self, words: &Part, _: About) -> Vec<Outgoing> {
        self.send(vec![message(words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_group_only_a_mention_of_the_account_is_a_question() {
        let mention = |own: bool| json!({ "mentionees": [{ "index": 3, "length": 5, "isSelf": own }] });
        let message = json!({ "text": "👍 @desk why?", "mention": mention(true) });
        assert_eq!(words(&message, true).as_deref(), Some("👍  why?"));
        let other = json!({ "text": "👍 @desk why?", "mention": mention(false) });
        assert_eq!(words(&other, true), None);
        assert_eq!(words(&json!({ "text": "why?" }), true), None);
        assert_eq!(words(&json!({ "text": "why?" }), false).as_deref(), Some("why?"));
    }

    #[test]
    fn what_a_reply_token_does_not_serve_is_pushed() {
        let options = Options {
            secret: "s".to_owned().into(),
            token: Some("t".to_owned().into()),
            api_base: API_BASE.to_owned(),
        };
        let chat = Chat { options, reply_token: Some("r".into()), place: "U1".into(), quoted: None };
        let requests = chat.send((0..7).map(|n| json!(n)).collect());
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].url, "https://api.line.me/v2/bot/message/reply");
        assert_eq!(requests[0].body["messages"].as_array().map(Vec::len), Some(5));
        let push = requests[0].otherwise.as_ref().expect("a push");
        assert_eq!((push.url.as_str(), &push.body["to"]), ("https://api.line.me/v2/bot/message/push", &json!("U1")));
        assert_eq!(requests[1].body["messages"], json!([5, 6]));
    }
}
