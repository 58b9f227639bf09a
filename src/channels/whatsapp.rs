//! WhatsApp, over Meta's Cloud API: text messages, and thumbs that people put on an answer.
//!
//! WhatsApp links nothing but addresses, so that the sources stand below the words. Its buttons
//! would cost a message of their own under each answer; a reaction is what its users rate with.

use serde_json::{Value, json};

use super::render::{Markup, Part, rewritten, utf16};
use super::send::{Auth, Outgoing, Verdict, by_status};
use super::{
    About, Ack, Delivery, Event, Incoming, KEPT_FOR, LONG_BODY_LIMIT, Message, Messenger, Profile, Rated, Received,
    Refusal, Secret, What, asked, json, list, secret, text,
};
use crate::conversation::Channel;
use crate::store::Rating;

/// Where Meta's Graph API is, with the version that messages are written for.
pub const API_BASE: &str = "https://graph.facebook.com/v23.0";

static MARKUP: Markup = Markup {
    limit: 4096,
    units: utf16,
    words: escaped,
    strong: |words| format!("*{}*", escaped(words)),
    link: |_, url| url.to_owned(),
};

static PROFILE: Profile = Profile { channel: Channel::WhatsApp, body_limit: LONG_BODY_LIMIT, markup: &MARKUP };

/// What Meta gave and what the operator chose.
#[derive(Debug, Clone)]
pub struct Options {
    /// The app secret.
    pub secret: Secret,
    /// The access token; without it nothing can be sent.
    pub token: Option<Secret>,
    /// What Meta repeats when the webhook is set up; without it that is refused.
    pub verify_token: Option<Secret>,
    /// The one phone number that is answered for; without it all of the app's.
    pub phone_id: Option<String>,
    pub api_base: String,
}

pub(super) struct WhatsApp {
    options: Options,
}

impl WhatsApp {
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    fn change(&self, change: &Value, now: i64) -> Vec<Event> {
        let Some(phone) = text(change, "/value/metadata/phone_number_id").filter(|id| is_name(id)) else {
            return Vec::new();
        };
        if self.options.phone_id.as_deref().is_some_and(|ours| ours != phone) {
            return Vec::new();
        }
        list(change, "/value/messages").iter().filter_map(|message| self.message(phone, message, now)).collect()
    }

    fn message(&self, phone: &str, message: &Value, now: i64) -> Option<Event> {
        let (id, from) = (text(message, "/id")?, text(message, "/from")?);
        let sent: i64 = text(message, "/timestamp")?.parse().ok()?;
        if now.saturating_sub(sent) > KEPT_FOR {
            return None;
        }
        let what = match text(message, "/type")? {
            "text" => asked(format!("{phone}:{from}"), text(message, "/text/body")?),
            "reaction" => reaction(message)?,
            _ => return None,
        };
        let to = Chat { options: self.options.clone(), phone: phone.to_owned(), person: from.to_owned() };
        Some(Event { id: id.to_owned(), what, to: Box::new(to) })
    }
}

impl Messenger for WhatsApp {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    /// Meta asks once, when the webhook is set up, whether it is expected here.
    fn verify(&self, query: &str) -> Result<Received, Refusal> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value);
        let expected = self.options.verify_token.as_ref().is_some_and(|token| token.is(field("hub.verify_token")));
        if field("hub.mode") != "subscribe" || !expected {
            return Err(Refusal::Forbidden);
        }
        Ok(Received::only(Ack::Text(field("hub.challenge").to_owned())))
    }

    fn receive(&self, request: &Incoming) -> Result<Received, Refusal> {
        let tag = request.header("x-hub-signature-256").and_then(|s| s.strip_prefix("sha256="));
        let tag = tag.and_then(secret::unhex).ok_or(Refusal::Forged)?;
        if !self.options.secret.signed(&[&request.body], &tag) {
            return Err(Refusal::Forged);
        }
        let body = json(&request.body)?;
        let changes = list(&body, "/entry").iter().flat_map(|entry| list(entry, "/changes"));
        let events = changes.flat_map(|change| self.change(change, request.at)).collect();
        Ok(Received { ack: Ack::Empty, events })
    }
}

/// A name that is put into an address.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A thumb on a message, whatever the colour of its skin; other reactions say nothing to us.
fn reaction(message: &Value) -> Option<What> {
    let rating = match text(message, "/reaction/emoji")?.chars().next()? {
        '👍' => Rating::Up,
        '👎' => Rating::Down,
        _ => return None,
    };
    let reply = Rated::Message(text(message, "/reaction/message_id")?.to_owned());
    Some(What::Rated { reply, rating, comment: None })
}

/// WhatsApp has no way to escape its marks; word joiners around them keep them from being at the
/// edge of a word, where alone they count.
fn escaped(text: &str) -> String {
    rewritten(text, |c, out| match c {
        '*' | '_' | '~' | '`' => out.extend(['\u{2060}', c, '\u{2060}']),
        other => out.push(other),
    })
}

fn verdict(status: u16, body: &Value) -> Verdict {
    // Meta's codes for too many messages, which come with status 400.
    let limited = matches!(body.pointer("/error/code").and_then(Value::as_i64), Some(4 | 80007 | 130_429 | 131_056));
    if limited { Verdict::Later(None) } else { by_status(status, body) }
}

/// A person who writes to one of our numbers.
struct Chat {
    options: Options,
    phone: String,
    person: String,
}

impl Chat {
    fn message(&self, part: &Part) -> Option<Outgoing> {
        let body = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": self.person,
            "type": "text", "text": { "preview_url": false, "body": MARKUP.write(part) },
        });
        let auth = Auth::Bearer(self.options.token.clone()?);
        let url = format!("{}/{}/messages", self.options.api_base.trim_end_matches('/'), self.phone);
        let message_id = Some("/messages/0/id");
        Some(Outgoing { auth, verdict, message_id, ..Outgoing::post(url, body) })
    }
}

impl Delivery for Chat {
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing> {
        message.parts.iter().filter_map(|part| self.message(part)).collect()
    }

    /// A reaction needs no thanks: it is there to be seen.
    fn note(&self, words: &Part, about: About) -> Vec<Outgoing> {
        if about == About::Rating { Vec::new() } else { self.message(words).into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whatsapp(verify_token: Option<&str>) -> WhatsApp {
        let secret = |text: &str| Secret::from(text.to_owned());
        WhatsApp::new(Options {
            secret: secret("s"),
            token: None,
            verify_token: verify_token.map(secret),
            phone_id: None,
            api_base: API_BASE.to_owned(),
        })
    }

    #[test]
    fn the_challenge_is_repeated_to_those_who_know_the_token() {
        let query = |token: &str| format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=11%2B58");
        let acked = whatsapp(Some("t")).verify(&query("t")).map(|received| received.ack);
        assert_eq!(acked, Ok(Ack::Text("11+58".into())));
        assert_eq!(whatsapp(Some("t")).verify(&query("x")).err(), Some(Refusal::Forbidden));
        assert_eq!(whatsapp(Some("t")).verify("hub.verify_token=t").err(), Some(Refusal::Forbidden));
        assert_eq!(whatsapp(None).verify(&query("")).err(), Some(Refusal::Forbidden));
    }

    #[test]
    fn a_thumb_of_any_colour_is_a_rating() {
        let rating = |emoji: &str| {
            let message = json!({ "reaction": { "emoji": emoji, "message_id": "wamid.1" } });
            reaction(&message).map(|what| match what {
                What::Rated { rating, .. } => rating,
                _ => unreachable!("a reaction is a rating"),
            })
        };
        assert_eq!((rating("👍🏾"), rating("👎")), (Some(Rating::Up), Some(Rating::Down)));
        assert_eq!((rating("❤️"), rating("")), (None, None));
    }
}
