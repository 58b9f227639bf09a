//! Feishu and Lark: messages to the bot, and thumbs that people put on an answer.
//!
//! What comes in is encrypted and signed with the Encrypt Key of the app. Messages are of the kind
//! `post`, whose text elements hold words and no markup.

use std::sync::Arc;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::render::{Markup, Part, Run};
use super::send::{Auth, Outgoing, TokenRequest, TokenSource, Verdict, by_status};
use super::{
    About, Ack, BODY_LIMIT, Delivery, Event, Incoming, Message, Messenger, Profile, Rated, Received, Refusal,
    SIGNED_FOR, Secret, What, asked, json, list, secret, text,
};
use crate::conversation::Channel;
use crate::store::Rating;

/// Where Feishu's API is; Lark's is `https://open.larksuite.com`.
pub const API_BASE: &str = "https://open.feishu.cn";

/// A message may have 30 KiB with its own JSON around the words, in which a character can take
/// several bytes.
static MARKUP: Markup = Markup {
    limit: 20 * 1024,
    units: |text| json!(text).to_string().len(),
    words: str::to_owned,
    strong: str::to_owned,
    link: |label, url| format!("{label} {url}"),
};

static PROFILE: Profile = Profile { channel: Channel::Feishu, body_limit: BODY_LIMIT, markup: &MARKUP };

/// Codes of Feishu for too many requests and for faults of its own, which come with any status.
const LATER: [i64; 6] = [99_991_400, 11_232, 11_233, 230_020, 1_061_045, 55_002];

/// Codes for a token that is none any more.
const TOKEN_ENDED: [i64; 3] = [99_991_661, 99_991_663, 99_991_668];

/// What Feishu gave the operator.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Encrypt Key.
    pub secret: Secret,
    /// The app's id and secret; without them nothing can be sent.
    pub app: Option<(String, Secret)>,
    /// The Verification Token, which is compared where it is set.
    pub verify_token: Option<Secret>,
    pub api_base: String,
}

pub(super) struct Feishu {
    options: Options,
    token: Option<Arc<TokenSource>>,
}

impl Feishu {
    pub fn new(options: Options) -> Self {
        let base = options.api_base.trim_end_matches('/');
        let url = format!("{base}/open-apis/auth/v3/tenant_access_token/internal");
        let token = options.app.clone().map(|(id, app_secret)| {
            let request = TokenRequest::Json(vec![("app_id", id.into()), ("app_secret", app_secret)]);
            Arc::new(TokenSource::new(url, request, "tenant_access_token", "expire"))
        });
        Self { options, token }
    }

    /// The hash of time, nonce, key and body: the key stands in the middle, so that it is no HMAC.
    fn check(&self, request: &Incoming, signature: &str) -> Result<(), Refusal> {
        let header = |name| request.header(name).ok_or(Refusal::Forged);
        let (stamp, nonce) = (header("x-lark-request-timestamp")?, header("x-lark-request-nonce")?);
        let mut hash = Sha256::new();
        for piece in [stamp, nonce, self.options.secret.reveal()] {
            hash.update(piece.as_bytes());
        }
        hash.update(&request.body);
        let given = secret::unhex(signature).ok_or(Refusal::Forged)?;
        if !bool::from(hash.finalize().as_slice().ct_eq(&given)) {
            return Err(Refusal::Forged);
        }
        secret::fresh(secret::seconds(Some(stamp)), request.at, SIGNED_FOR)
    }

    fn decrypt(&self, body: &Value) -> Option<Value> {
        let bytes = secret::unbase64(text(body, "/encrypt")?)?;
        let (iv, encrypted) = bytes.split_at_checked(16)?;
        let key = Sha256::digest(self.options.secret.reveal().as_bytes());
        let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, iv).ok()?;
        let plain = cipher.decrypt_padded_vec::<Pkcs7>(encrypted).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Whether the token is the app's; without one in the settings, what the key has shown suffices.
    fn knows(&self, token: Option<&str>) -> bool {
        self.options.verify_token.as_ref().is_none_or(|ours| token.is_some_and(|token| ours.is(token)))
    }

    fn event(&self, body: &Value) -> Result<Received, Refusal> {
        if !self.knows(text(body, "/header/token")) {
            return Err(Refusal::Forged);
        }
        let app = self.options.app.as_ref().map(|(id, _)| id.as_str());
        if app.is_some_and(|ours| text(body, "/header/app_id") != Some(ours)) {
            return Err(Refusal::Forbidden);
        }
        let Some(id) = text(body, "/header/event_id") else { return Err(Refusal::Malformed) };
        let event = &body["event"];
        let found = match text(body, "/header/event_type") {
            Some("im.message.receive_v1") => message(event, text(body, "/header/tenant_key").unwrap_or_default()),
            Some("im.message.reaction.created_v1") => reaction(event),
            _ => None,
        };
        let events = found.map(|(message, what)| {
            let to = Chat { base: self.options.api_base.clone(), token: self.token.clone(), message };
            Event { id: id.to_owned(), what, to: Box::new(to) }
        });
        Ok(Received { ack: Ack::Json(json!({})), events: events.into_iter().collect() })
    }
}

impl Messenger for Feishu {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        let signature = request.header("x-lark-signature");
        if let Some(signature) = signature {
            self.check(request, signature)?;
        }
        let body = json(&request.body)?;
        let body = self.decrypt(&body).ok_or(Refusal::Forged)?;
        // The one request that is not signed, when the address is entered into Feishu's console; who
        // can encrypt it has the key.
        if text(&body, "/type") == Some("url_verification") {
            let known = self.knows(text(&body, "/token"));
            let challenge = json!({ "challenge": body["challenge"] });
            return if known { Ok(Received::only(Ack::Json(challenge))) } else { Err(Refusal::Forged) };
        }
        if signature.is_none() {
            return Err(Refusal::Forged);
        }
        self.event(&body)
    }
}

/// A message of a person, with its id: in a group each thread is a conversation, and Feishu sends
/// only what mentions the bot, if the app asks for no more.
fn message(event: &Value, tenant: &str) -> Option<(String, What)> {
    if text(event, "/sender/sender_type") != Some("user") {
        return None;
    }
    let id = text(event, "/message/message_id").filter(|id| is_name(id))?;
    let chat = text(event, "/message/chat_id")?;
    let direct = text(event, "/message/chat_type") == Some("p2p");
    if text(event, "/message/message_type") != Some("text") || (!direct && list(event, "/message/mentions").is_empty())
    {
        return None;
    }
    let content: Value = serde_json::from_str(text(event, "/message/content")?).ok()?;
    let mut words = text(&content, "/text")?.to_owned();
    for key in list(event, "/message/mentions").iter().filter_map(|mention| text(mention, "/key")) {
        words = words.replace(key, " ");
    }
    let thread = text(event, "/message/root_id").unwrap_or(id);
    let place = if direct { format!("{tenant}:{chat}") } else { format!("{tenant}:{chat}:{thread}") };
    Some((id.to_owned(), asked(place, &words)))
}

/// A person's thumb on a message.
fn reaction(event: &Value) -> Option<(String, What)> {
    if text(event, "/operator_type") != Some("user") {
        return None;
    }
    let rating = match text(event, "/reaction_type/emoji_type")? {
        "THUMBSUP" => Rating::Up,
        "ThumbsDown" => Rating::Down,
        _ => return None,
    };
    let id = text(event, "/message_id").filter(|id| is_name(id))?.to_owned();
    Some((id.clone(), What::Rated { reply: Rated::Message(id), rating, comment: None }))
}

/// A name that is put into an address.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Feishu says in the body whether it took a message.
fn verdict(status: u16, body: &Value) -> Verdict {
    match body["code"].as_i64() {
        Some(0) => by_status(status, body),
        Some(code) if TOKEN_ENDED.contains(&code) => Verdict::TokenEnded,
        Some(code) if LATER.contains(&code) => Verdict::Later(None),
        Some(code) if status < 500 && status != 429 => Verdict::Refused(format!("status {status}, code {code}")),
        _ => by_status(status, body),
    }
}

/// The message that is replied to.
struct Chat {
    base: String,
    token: Option<Arc<TokenSource>>,
    message: String,
}

impl Chat {
    fn reply(&self, part: &Part) -> Option<Outgoing> {
        let content = json!({ "en_us": { "title": "", "content": paragraphs(part) } }).to_string();
        // By the uuid Feishu knows one that is sent again.
        let body = json!({ "msg_type": "post", "content": content, "uuid": uuid::Uuid::new_v4().to_string() });
        let base = self.base.trim_end_matches('/');
        let url = format!("{base}/open-apis/im/v1/messages/{}/reply", self.message);
        let auth = Auth::Token(self.token.clone()?);
        Some(Outgoing { auth, verdict, message_id: Some("/data/message_id"), ..Outgoing::post(url, body) })
    }
}

impl Delivery for Chat {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        message.parts.iter().filter_map(|part| self.reply(part)).collect()
    }

    /// A reaction needs no thanks: it is there to be seen.
    fn note(&self, words: &Part, about: About) -> Vec<Outgoing> {
        if about == About::Rating { Vec::new() } else { self.reply(words).into_iter().collect() }
    }
}

/// A line of a message is a list of elements.
fn paragraphs(part: &Part) -> Vec<Vec<Value>> {
    let mut lines = vec![Vec::new()];
    for run in part {
        let (words, style) = match run {
            Run::Words(words) => (words, json!([])),
            Run::Strong(words) => (words, json!(["bold"])),
            Run::Link { label, url } => {
                if let Some(line) = lines.last_mut() {
                    line.push(json!({ "tag": "a", "text": label, "href": url }));
                }
                continue;
            }
        };
        for (i, piece) in words.split('\n').enumerate() {
            if i > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut().filter(|_| !piece.is_empty()) {
                line.push(json!({ "tag": "text", "text": piece, "style": style }));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_list_of_elements_and_words_stay_words() {
        let part = vec![
            Run::Strong("A:".into()),
            Run::Words(" <at user_id=\"all\"></at>\n\nb ".into()),
            Run::Link { label: "[1]".into(), url: "https://d.org".into() },
        ];
        let lines = paragraphs(&part);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0][1]["text"], " <at user_id=\"all\"></at>");
        assert!(lines[1].is_empty());
        assert_eq!(lines[2][1], json!({ "tag": "a", "text": "[1]", "href": "https://d.org" }));
    }

    #[test]
    fn only_people_who_mention_the_bot_or_write_to_it_are_answered() {
        let event = |kind: &str, chat: &str, mentions: Value| {
            json!({
                "sender": { "sender_type": kind },
                "message": { "message_id": "om_1", "chat_id": "oc_1", "chat_type": chat, "message_type": "text",
                             "content": "{\"text\":\"@_user_1 why?\"}", "mentions": mentions },
            })
        };
        let place = |event: &Value| match message(event, "t") {
            Some((_, What::Question { place, text })) => Some((place, text)),
            _ => None,
        };
        let mention = json!([{ "key": "@_user_1" }]);
        let asked = |place: &str, text: &str| Some((place.to_owned(), text.to_owned()));
        assert_eq!(place(&event("user", "group", mention.clone())), asked("t:oc_1:om_1", "why?"));
        assert_eq!(place(&event("user", "p2p", json!([]))), asked("t:oc_1", "@_user_1 why?"));
        assert_eq!(place(&event("user", "group", json!([]))), None);
        assert_eq!(place(&event("app", "group", mention)), None);
    }
}
