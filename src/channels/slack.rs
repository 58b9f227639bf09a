//! Slack: mentions and direct messages of the Events API, slash commands, and the two buttons below
//! an answer, which Slack posts to the address of its interactivity setting.
//!
//! Messages are `rich_text` blocks, in which nothing is markup, with the same words as `text` for
//! notifications and screen readers.

use serde_json::{Value, json};

use super::render::{Markup, Part, Run, html, rewritten, utf16};
use super::send::{Auth, Outgoing, Verdict, by_status};
use super::{
    About, Ack, Delivery, Door, Event, Incoming, LONG_BODY_LIMIT, Message, Messenger, Profile, Received, Refusal,
    SIGNED_FOR, Secret, asked, buttons, json, list, rating_of, secret, text,
};
use crate::conversation::Channel;

/// Where Slack's Web API is.
pub const API_BASE: &str = "https://slack.com/api";

/// As long as a section's text may be; longer ones are cut by some clients.
static MARKUP: Markup = Markup {
    limit: 3000,
    units: utf16,
    words: escaped,
    strong: escaped,
    link: |label, url| format!("<{}|{}>", escaped(url).replace('|', "%7C"), escaped(label)),
};

static PROFILE: Profile = Profile { channel: Channel::Slack, body_limit: LONG_BODY_LIMIT, markup: &MARKUP };

/// What Slack gave the operator.
#[derive(Debug, Clone)]
pub struct Options {
    /// The signing secret.
    pub secret: Secret,
    /// The bot's token; without it slash commands alone are answered.
    pub token: Option<Secret>,
    pub api_base: String,
}

pub(super) struct Slack {
    options: Options,
}

impl Slack {
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    fn check(&self, request: &Incoming) -> Result<(), Refusal> {
        let stamp = request.header("x-slack-request-timestamp").ok_or(Refusal::Forged)?;
        let tag = request.header("x-slack-signature").and_then(|s| s.strip_prefix("v0=")).and_then(secret::unhex);
        let signed = [b"v0:", stamp.as_bytes(), b":", &request.body[..]];
        if !tag.is_some_and(|tag| self.options.secret.signed(&signed, &tag)) {
            return Err(Refusal::Forged);
        }
        secret::fresh(secret::seconds(Some(stamp)), request.at, SIGNED_FOR)
    }

    fn event(&self, body: &Value) -> Received {
        let kind = text(body, "/type");
        if kind == Some("url_verification") {
            return Received::only(Ack::Text(text(body, "/challenge").unwrap_or_default().to_owned()));
        }
        let (event, id) = (&body["event"], text(body, "/event_id"));
        let (Some("event_callback"), Some(id), true) = (kind, id, is_for_us(event)) else { return Received::nothing() };
        let Some(channel) = text(event, "/channel") else { return Received::nothing() };
        let stamp = text(event, "/ts").unwrap_or_default();
        let thread = text(event, "/thread_ts");
        let direct = text(event, "/channel_type") == Some("im");
        // A direct chat is one conversation; in a channel each thread is.
        let thread = if direct { thread } else { Some(thread.unwrap_or(stamp)) };
        let team = text(body, "/team_id").unwrap_or_default();
        let place = [Some(team), Some(channel), thread].into_iter().flatten().collect::<Vec<_>>().join(":");
        let words = plain(text(event, "/text").unwrap_or_default());
        let to = self.room(channel, thread, text(event, "/user"));
        Received { ack: Ack::Empty, events: vec![Event { id: id.to_owned(), what: asked(place, &words), to }] }
    }

    fn room(&self, channel: &str, thread: Option<&str>, user: Option<&str>) -> Box<dyn Delivery> {
        Box::new(Room {
            options: self.options.clone(),
            channel: channel.to_owned(),
            thread: thread.map(str::to_owned),
            user: user.map(str::to_owned),
        })
    }

    fn command(&self, form: &Form) -> Result<Received, Refusal> {
        let field = |name| form.get(name).unwrap_or_default();
        let response_url = self.own_address(field("response_url"))?;
        let place = ["team_id", "channel_id", "user_id"].map(field).join(":");
        let id = form.get("trigger_id").ok_or(Refusal::Malformed)?.to_owned();
        let what = asked(place, &plain(field("text")));
        Ok(Received { ack: Ack::Empty, events: vec![Event { id, what, to: Box::new(Response { response_url }) }] })
    }

    fn action(&self, payload: &Value) -> Result<Received, Refusal> {
        let action = list(payload, "/actions").first().unwrap_or(&Value::Null);
        let (Some("block_actions"), Some(what)) = (text(payload, "/type"), text(action, "/value").and_then(rating_of))
        else {
            return Ok(Received::nothing());
        };
        let stamp = text(action, "/action_ts").ok_or(Refusal::Malformed)?;
        let id = format!("{stamp}:{}", text(payload, "/user/id").unwrap_or_default());
        let response_url = self.own_address(text(payload, "/response_url").unwrap_or_default())?;
        Ok(Received { ack: Ack::Empty, events: vec![Event { id, what, to: Box::new(Response { response_url }) }] })
    }

    /// An address to answer to, which only Slack's own may be.
    fn own_address(&self, url: &str) -> Result<String, Refusal> {
        let slack = url.starts_with("https://hooks.slack.com/") || url.starts_with(&format!("{}/", self.base()));
        let same_host = origin(url).is_some() && origin(url) == origin(self.base());
        if slack || same_host { Ok(url.to_owned()) } else { Err(Refusal::Malformed) }
    }

    fn base(&self) -> &str {
        self.options.api_base.trim_end_matches('/')
    }
}

impl Messenger for Slack {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        self.check(request)?;
        if request.door == Door::Commands {
            return self.command(&Form::read(&request.body));
        }
        if request.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded")) {
            let form = Form::read(&request.body);
            // `ssl_check` and the like have no payload.
            return match form.get("payload") {
                Some(payload) => self.action(&json(payload.as_bytes())?),
                None => Ok(Received::nothing()),
            };
        }
        json(&request.body).map(|body| self.event(&body))
    }
}

/// A mention, or a direct message of a person: no edits, no joins, nothing that a bot wrote.
fn is_for_us(event: &Value) -> bool {
    let mention = text(event, "/type") == Some("app_mention");
    let direct = text(event, "/type") == Some("message") && text(event, "/channel_type") == Some("im");
    // Files come with a text of their own; all other subtypes tell of messages and are none.
    let person = text(event, "/subtype").is_none_or(|subtype| subtype == "file_share");
    let bot = event.get("bot_id").is_some_and(|id| !id.is_null()) || text(event, "/user").is_none();
    (mention || direct) && person && !bot
}

/// Scheme, host and port.
fn origin(url: &str) -> Option<&str> {
    let after = url.find("://")? + 3;
    let end = url[after..].find(['/', '?', '#']).map_or(url.len(), |at| after + at);
    let origin = &url[..end];
    (!origin.contains('@') && end > after).then_some(origin)
}

/// The fields of a form, each once.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// What a person wrote, out of Slack's `<…>`: mentions go, links and channels become their words.
fn plain(message: &str) -> String {
    let mut found = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, opened)) = rest.split_once('<') {
        found.push_str(before);
        let Some((inner, after)) = opened.split_once('>') else {
            found.push('<');
            rest = opened;
            continue;
        };
        let (target, label) = inner.split_once('|').map_or((inner, None), |(target, label)| (target, Some(label)));
        match (target.chars().next(), label) {
            (Some('@' | '!'), _) => {}
            (_, Some(label)) => found.push_str(label),
            (_, None) => found.push_str(target),
        }
        rest = after;
    }
    found.push_str(rest);
    found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The three characters by which Slack tells markup from words.
fn escaped(text: &str) -> String {
    rewritten(text, html)
}

/// The body of a message; buttons below the last one of an answer.
fn content(part: &Part, reply_id: Option<&str>) -> Value {
    let element = |run: &Run| match run {
        Run::Words(words) => json!({ "type": "text", "text": words }),
        Run::Strong(words) => json!({ "type": "text", "text": words, "style": { "bold": true } }),
        Run::Link { label, url } => json!({ "type": "link", "url": url, "text": label }),
    };
    let elements: Vec<Value> = part.iter().map(element).collect();
    let section = json!({ "type": "rich_text_section", "elements": elements });
    let mut blocks = vec![json!({ "type": "rich_text", "elements": [section] })];
    if let Some(reply_id) = reply_id {
        let button = |(shown, said, value): (&str, &str, String)| {
            json!({
                "type": "button", "action_id": said.to_lowercase().replace(' ', "_"), "value": value,
                "text": { "type": "plain_text", "text": shown, "emoji": true }, "accessibility_label": said,
            })
        };
        let elements: Vec<Value> = buttons(reply_id).into_iter().map(button).collect();
        blocks.push(json!({ "type": "actions", "elements": elements }));
    }
    json!({ "text": MARKUP.write(part), "mrkdwn": false, "blocks": blocks })
}

fn contents(message: &Message<'_>) -> Vec<Value> {
    let last = message.parts.len().saturating_sub(1);
    let parts = message.parts.iter().enumerate();
    parts.map(|(i, part)| content(part, (i == last).then_some(message.reply_id))).collect()
}

/// Slack says in the body whether it took a message, with status 200.
fn verdict(status: u16, body: &Value) -> Verdict {
    match (by_status(status, body), text(body, "/error")) {
        (Verdict::Done, Some(error)) if body["ok"] == json!(false) => match error {
            "ratelimited"
            | "rate_limited"
            | "internal_error"
            | "fatal_error"
            | "service_unavailable"
            | "request_timeout" => Verdict::Later(None),
            other => Verdict::Refused(other.chars().take(80).collect()),
        },
        (verdict, _) => verdict,
    }
}

/// A channel, a thread in it, or a direct chat.
struct Room {
    options: Options,
    channel: String,
    thread: Option<String>,
    user: Option<String>,
}

impl Room {
    fn post(&self, method: &str, mut body: Value) -> Option<Outgoing> {
        body["channel"] = json!(self.channel);
        if let Some(thread) = &self.thread {
            body["thread_ts"] = json!(thread);
        }
        body["unfurl_links"] = json!(false);
        body["unfurl_media"] = json!(false);
        let token = self.options.token.clone()?;
        let url = format!("{}/{method}", self.options.api_base.trim_end_matches('/'));
        Some(Outgoing { auth: Auth::Bearer(token), verdict, ..Outgoing::post(url, body) })
    }
}

impl Delivery for Room {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        contents(message).into_iter().filter_map(|body| self.post("chat.postMessage", body)).collect()
    }

    /// Hints are shown to the person alone whom they concern.
    fn note(&self, words: &Part, _: About) -> Vec<Outgoing> {
        let mut body = content(words, None);
        let method = match &self.user {
            Some(user) => {
                body["user"] = json!(user);
                "chat.postEphemeral"
            }
            None => "chat.postMessage",
        };
        self.post(method, body).into_iter().collect()
    }
}

/// An address that Slack gives with a command or a click, good for five messages in half an hour.
struct Response {
    response_url: String,
}

impl Response {
    fn post(&self, mut body: Value) -> Outgoing {
        body["response_type"] = json!("ephemeral");
        body["replace_original"] = json!(false);
        Outgoing { verdict, ..Outgoing::post(self.response_url.clone(), body) }
    }
}

/// Most messages that a response address takes.
const RESPONSES: usize = 5;

impl Delivery for Response {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        contents(message).into_iter().take(RESPONSES).map(|body| self.post(body)).collect()
    }

    fn note(&self, words: &Part, _: About) -> Vec<Outgoing> {
        vec![self.post(content(words, None))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_comes_out_of_slacks_marks() {
        let cases = [
            ("<@U1> why &lt;openness&gt; &amp; trade?", " why <openness> & trade?"),
            ("see <https://a.org/x|the page> and <https://b.org>", "see the page and https://b.org"),
            ("in <#C1|general> <!channel> <!subteam^S1|@team>", "in general  "),
            ("1 < 2", "1 < 2"),
            ("&amp;lt;", "&lt;"),
        ];
        for (sent, read) in cases {
            assert_eq!(plain(sent), read, "{sent}");
        }
    }

    #[test]
    fn only_people_are_answered_and_only_when_they_turn_to_the_bot() {
        let event = |extra: Value| {
            let mut event = json!({ "type": "message", "channel_type": "im", "user": "U1", "text": "x" });
            event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            is_for_us(&event)
        };
        assert!(event(json!({})) && event(json!({ "type": "app_mention", "channel_type": "channel" })));
        assert!(event(json!({ "subtype": "file_share" })));
        for other in [
            json!({ "bot_id": "B1" }),
            json!({ "user": null }),
            json!({ "subtype": "message_changed" }),
            json!({ "subtype": "bot_message" }),
            json!({ "channel_type": "channel" }),
            json!({ "type": "reaction_added" }),
        ] {
            assert!(!event(other.clone()), "{other}");
        }
    }

    #[test]
    fn answers_go_to_slack_alone() {
        let slack =
            |base: &str| Slack::new(Options { secret: "s".to_owned().into(), token: None, api_base: base.to_owned() });
        let real = slack(API_BASE);
        assert!(real.own_address("https://hooks.slack.com/commands/T/1").is_ok());
        for other in [
            "https://evil.org/",
            "https://hooks.slack.com.evil.org/x",
            "https://hooks.slack.com@evil.org/",
            "https://slack.com@evil.org/x",
            "http://hooks.slack.com/x",
            "",
        ] {
            assert!(real.own_address(other).is_err(), "{other}");
        }
        assert!(slack("http://127.0.0.1:1/api").own_address("http://127.0.0.1:1/hook").is_ok());
        assert!(slack("http://127.0.0.1:1/api").own_address("http://127.0.0.1:12/hook").is_err());
    }

    #[test]
    fn slacks_own_word_counts_more_than_its_status() {
        let said = |body| verdict(200, &body);
        assert_eq!(said(json!({ "ok": true })), Verdict::Done);
        assert_eq!(said(json!({ "ok": false, "error": "ratelimited" })), Verdict::Later(None));
        assert_eq!(said(json!({ "ok": false, "error": "not_in_channel" })), Verdict::Refused("not_in_channel".into()));
        assert_eq!(verdict(200, &Value::Null), Verdict::Done);
    }
}
