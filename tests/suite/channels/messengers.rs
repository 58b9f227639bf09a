//! What each messenger's vendor sends and is sent: one entry of `MESSENGERS` each, by which every
//! check of `mod.rs` and the comparison of surfaces is made for all.

use std::time::{SystemTime, UNIX_EPOCH};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rsa::PublicKeyComponents;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{hmac, rand};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::vendor::{Request, Vendor};

pub const SECRET: &str = "a-secret-for-tests";
pub const TOKEN: &str = "a-token-for-tests";

/// A messenger, as its vendor behaves.
pub struct Messenger {
    pub name: &'static str,
    /// Beside a secret, a token and the vendor's address.
    pub settings: &'static [(&'static str, &'static str)],
    /// Where it is not [`SECRET`].
    pub secret: fn() -> String,
    /// A question, asked by a person at a place of which further questions follow up.
    pub question: fn(&Vendor, &Asked<'_>) -> Value,
    /// The body as it is sent.
    pub wrap: fn(&Value) -> Vec<u8>,
    /// Headers that sign a body at a time, for the vendor at this address.
    pub sign: fn(&[u8], i64, &Vendor) -> Headers,
    /// The same question, written by the bot itself, if its vendor sends that.
    pub own: Option<fn(&mut Value)>,
    /// What a person is shown by a message: words without markup, and links in order.
    pub shown: fn(&Request) -> (String, Vec<String>),
    /// Whether a signature, or else an event, tells when it was made.
    pub dated: Dated,
    /// Most units of a message, and what is counted.
    pub limit: usize,
    pub length: fn(&Request) -> usize,
    /// A click or a thumb on an answer, of which the body of the message and its number are known.
    pub thumb_up: fn(&Request, usize) -> Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    Signature,
    Event,
}

pub struct Asked<'a> {
    pub text: &'a str,
    /// By which the vendor names the event.
    pub id: &'a str,
    /// In seconds.
    pub at: i64,
    /// A number; the same means the same conversation.
    pub place: &'a str,
}

pub type Headers = Vec<(&'static str, String)>;

pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()).expect("before long")
}

/// What every vendor serves that is no message.
pub fn vendor() -> Vendor {
    let vendor = Vendor::start();
    vendor.fix("/v1/.well-known/openidconfiguration", json!({ "jwks_uri": format!("{}/keys", vendor.address) }));
    let key = teams_key();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public());
    let jwk = json!({ "kty": "RSA", "use": "sig", "kid": "k1", "n": number(&n), "e": number(&e), "endorsements": ["msteams"] });
    vendor.fix("/keys", json!({ "keys": [jwk] }));
    vendor.fix("/oauth2/v2.0/token", json!({ "access_token": "fetched", "expires_in": 3600 }));
    vendor.fix("/tenant_access_token/internal", json!({ "code": 0, "tenant_access_token": "fetched", "expire": 7200 }));
    vendor
}

impl Messenger {
    pub fn named(name: &str) -> &'static Self {
        MESSENGERS.iter().find(|messenger| messenger.name == name).expect("a messenger")
    }

    /// The settings of a server on which this messenger is on.
    pub fn settings(&self, vendor: &Vendor) -> Vec<(String, String)> {
        let variable = |name: &str| format!("DIALOGDESK_{}_{name}", self.name.to_uppercase());
        let mut set = vec![
            (variable("SECRET"), (self.secret)()),
            (variable("TOKEN"), TOKEN.to_owned()),
            (variable("API_BASE"), vendor.address.clone()),
            ("DIALOGDESK_SERVER_PUBLIC_URL".to_owned(), "https://desk.example.org".to_owned()),
        ];
        set.extend(self.settings.iter().map(|(name, value)| (variable(name), (*value).to_owned())));
        set
    }

    pub fn path(&self) -> String {
        format!("/channels/{}/events", self.name)
    }

    /// What the messages of an answer show together.
    pub fn shown_of(&self, messages: &[Request]) -> (String, Vec<String>) {
        let mut all = (String::new(), Vec::new());
        for (text, links) in messages.iter().map(|message| (self.shown)(message)) {
            all.0 = format!("{}\n{text}", all.0);
            all.1.extend(links);
        }
        all
    }
}

pub const MESSENGERS: &[Messenger] = &[
    Messenger {
        name: "slack",
        settings: &[],
        secret: || SECRET.to_owned(),
        question: |_, asked| {
            json!({
                "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": asked.id,
                "event": { "type": "app_mention", "user": "U1", "channel": "C1", "ts": format!("{}.{}", asked.at, asked.id),
                           "thread_ts": format!("1700000000.{}", asked.place), "text": format!("<@UBOT> {}", asked.text) },
            })
        },
        wrap: plain,
        sign: |body, at, _| {
            let tag = hmac_of(SECRET, &[b"v0:", at.to_string().as_bytes(), b":", body]);
            vec![("x-slack-request-timestamp", at.to_string()), ("x-slack-signature", format!("v0={}", hex(&tag)))]
        },
        own: Some(|event| event["event"]["bot_id"] = json!("B1")),
        shown: |message| {
            let elements = message.body["blocks"][0]["elements"][0]["elements"].as_array().expect("elements").clone();
            let text = elements.iter().map(|e| e["text"].as_str().expect("a text")).collect();
            (text, elements.iter().filter_map(|e| e["url"].as_str()).map(str::to_owned).collect())
        },
        dated: Dated::Signature,
        limit: 3000,
        length: |message| message.body["text"].as_str().map_or(0, utf16),
        thumb_up: |message, _| {
            let actions = &message.body["blocks"][1]["elements"][0];
            json!({ "type": "block_actions", "user": { "id": "U1" },
                    "actions": [{ "type": "button", "value": actions["value"], "action_ts": "1700000000.5" }] })
        },
    },
    Messenger {
        name: "telegram",
        settings: &[],
        secret: || SECRET.to_owned(),
        question: |_, asked| {
            json!({ "update_id": number(asked.id), "message": {
                "message_id": number(asked.id), "date": asked.at, "text": asked.text,
                "from": { "id": 7, "is_bot": false, "first_name": "Ann" },
                "chat": { "id": number(asked.place), "type": "private" },
            } })
        },
        wrap: plain,
        sign: |_, _, _| vec![("x-telegram-bot-api-secret-token", SECRET.to_owned())],
        own: Some(|update| update["message"]["from"]["is_bot"] = json!(true)),
        shown: |message| html(message.body["text"].as_str().expect("a text")),
        dated: Dated::Event,
        limit: 4096,
        length: |message| message.body["text"].as_str().map_or(0, utf16),
        thumb_up: |message, _| {
            let data = &message.body["reply_markup"]["inline_keyboard"][0][0]["callback_data"];
            json!({ "update_id": 900_001, "callback_query": {
                "id": "cb1", "data": data, "from": { "id": 7, "is_bot": false }, "message": { "chat": { "id": 7 } },
            } })
        },
    },
    Messenger {
        name: "whatsapp",
        settings: &[("VERIFY_TOKEN", "a-verify-token")],
        secret: || SECRET.to_owned(),
        question: |_, asked| {
            whatsapp(json!({
                "from": format!("1555{}", asked.place), "id": format!("wamid.{}", asked.id), "timestamp": asked.at.to_string(),
                "type": "text", "text": { "body": asked.text },
            }))
        },
        wrap: plain,
        sign: |body, _, _| vec![("x-hub-signature-256", format!("sha256={}", hex(&hmac_of(SECRET, &[body]))))],
        own: None,
        shown: |message| listed(message.body["text"]["body"].as_str().expect("a text")),
        dated: Dated::Event,
        limit: 4096,
        length: |message| message.body["text"]["body"].as_str().map_or(0, utf16),
        thumb_up: |_, n| {
            whatsapp(json!({
                "from": "15550001", "id": "wamid.thumb", "timestamp": now().to_string(), "type": "reaction",
                "reaction": { "message_id": format!("m{n}"), "emoji": "👍🏽" },
            }))
        },
    },
    Messenger {
        name: "line",
        settings: &[],
        secret: || SECRET.to_owned(),
        question: |_, asked| {
            line(
                asked.id,
                asked.at,
                asked.place,
                json!({
                    "type": "message", "message": { "type": "text", "id": asked.id, "text": asked.text, "quoteToken": "q" },
                }),
            )
        },
        wrap: plain,
        sign: |body, _, _| vec![("x-line-signature", STANDARD.encode(hmac_of(SECRET, &[body])))],
        own: None,
        shown: |message| {
            let messages = message.body["messages"].as_array().expect("messages").clone();
            let text: Vec<&str> = messages.iter().map(|m| m["text"].as_str().expect("a text")).collect();
            listed(&text.join("\n"))
        },
        dated: Dated::Event,
        limit: 5000,
        length: |message| {
            let messages = message.body["messages"].as_array().expect("messages");
            assert!(messages.len() <= 5);
            messages.iter().filter_map(|m| m["text"].as_str()).map(utf16).max().unwrap_or(0)
        },
        thumb_up: |message, _| {
            let messages = message.body["messages"].as_array().expect("messages");
            let data = &messages.last().expect("one")["quickReply"]["items"][0]["action"]["data"];
            line("thumb", now(), "7", json!({ "type": "postback", "postback": { "data": data } }))
        },
    },
    Messenger {
        name: "discord",
        settings: &[],
        secret: || hex(discord_key().public_key().as_ref()),
        question: |_, asked| {
            json!({
                "type": 2, "id": asked.id, "application_id": "A1", "token": "interaction-token",
                "channel_id": format!("C{}", asked.place), "guild_id": "G1", "member": { "user": { "id": "U1" } },
                "data": { "name": "ask", "options": [{ "name": "question", "type": 3, "value": asked.text }] },
            })
        },
        wrap: plain,
        sign: |body, at, _| {
            let signature = discord_key().sign(&[at.to_string().as_bytes(), body].concat());
            vec![("x-signature-timestamp", at.to_string()), ("x-signature-ed25519", hex(signature.as_ref()))]
        },
        own: None,
        shown: |message| markdown(message.body["content"].as_str().expect("a text")),
        dated: Dated::Signature,
        limit: 2000,
        length: |message| message.body["content"].as_str().map_or(0, utf16),
        thumb_up: |message, _| {
            let id = &message.body["components"][0]["components"][0]["custom_id"];
            json!({ "type": 3, "id": "900001", "application_id": "A1", "token": "interaction-token", "channel_id": "C1",
                    "guild_id": "G1", "member": { "user": { "id": "U1" } }, "data": { "custom_id": id } })
        },
    },
    Messenger {
        name: "feishu",
        settings: &[("APP_ID", "cli_1"), ("VERIFY_TOKEN", "a-verify-token")],
        secret: || SECRET.to_owned(),
        question: |_, asked| {
            feishu(
                "im.message.receive_v1",
                asked.id,
                json!({
                    "sender": { "sender_type": "user", "sender_id": { "open_id": "ou_1" } },
                    "message": { "message_id": format!("om_{}", asked.id), "chat_id": format!("oc_{}", asked.place), "chat_type": "p2p",
                                 "message_type": "text", "content": json!({ "text": asked.text }).to_string() },
                }),
            )
        },
        wrap: |body| json!({ "encrypt": feishu_encrypted(body) }).to_string().into_bytes(),
        sign: |body, at, _| {
            let mut hash = Sha256::new();
            [at.to_string().as_bytes(), b"nonce", SECRET.as_bytes(), body].iter().for_each(|piece| hash.update(piece));
            vec![
                ("x-lark-request-timestamp", at.to_string()),
                ("x-lark-request-nonce", "nonce".to_owned()),
                ("x-lark-signature", hex(&hash.finalize())),
            ]
        },
        own: Some(|event| event["event"]["sender"]["sender_type"] = json!("app")),
        shown: |message| {
            let content: Value = serde_json::from_str(message.body["content"].as_str().expect("JSON")).expect("JSON");
            let (mut text, mut links) = (String::new(), Vec::new());
            for line in content["en_us"]["content"].as_array().expect("lines") {
                for element in line.as_array().expect("elements") {
                    text.push_str(element["text"].as_str().expect("a text"));
                    links.extend(element["href"].as_str().map(str::to_owned));
                }
                text.push('\n');
            }
            (text, links)
        },
        dated: Dated::Signature,
        limit: 30 * 1024,
        length: |message| message.body["content"].as_str().map_or(0, str::len),
        thumb_up: |_, n| {
            feishu(
                "im.message.reaction.created_v1",
                "thumb",
                json!({
                    "message_id": format!("m{n}"), "operator_type": "user", "reaction_type": { "emoji_type": "THUMBSUP" },
                }),
            )
        },
    },
    Messenger {
        name: "teams",
        settings: &[("APP_ID", "app-1")],
        secret: || SECRET.to_owned(),
        question: |vendor, asked| {
            teams(
                vendor,
                asked.place,
                json!({
                    "type": "message", "id": asked.id, "text": format!("<at>Desk</at> {}", asked.text),
                    "entities": [{ "type": "mention", "mentioned": { "id": "28:bot" }, "text": "<at>Desk</at>" }],
                }),
            )
        },
        wrap: plain,
        sign: |_, at, vendor| vec![("authorization", format!("Bearer {}", teams_token(vendor, at, "app-1")))],
        own: Some(|activity| activity["from"]["id"] = json!("28:bot")),
        shown: |message| {
            let (text, mut links) = markdown(message.body["text"].as_str().expect("a text"));
            let claims = message.body["entities"][0]["citation"].as_array().cloned().unwrap_or_default();
            links.extend(claims.iter().map(|claim| claim["appearance"]["url"].as_str().expect("a link").to_owned()));
            (text, links)
        },
        dated: Dated::Signature,
        limit: 8000,
        length: |message| message.body["text"].as_str().map_or(0, utf16),
        thumb_up: |message, n| {
            let service = message.header("host");
            let mut activity = json!({
                "type": "invoke", "id": "thumb", "name": "message/submitAction", "replyToId": format!("m{n}"),
                "value": { "actionName": "feedback", "actionValue": { "reaction": "like", "feedback": "{\"feedbackText\":\"good\"}" } },
            });
            teams_frame(&mut activity, &format!("http://{service}"), "7");
            activity
        },
    },
];

fn plain(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

fn number(id: &str) -> i64 {
    id.parse().expect("a number")
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn hmac_of(secret: &str, pieces: &[&[u8]]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    pieces.iter().for_each(|piece| context.update(piece));
    context.sign().as_ref().to_vec()
}

fn whatsapp(message: Value) -> Value {
    let value =
        json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": "101" }, "messages": [message] });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] })
}

fn line(id: &str, at: i64, place: &str, mut event: Value) -> Value {
    let common = json!({
        "webhookEventId": id, "timestamp": at * 1000, "mode": "active", "replyToken": "reply-token",
        "source": { "type": "user", "userId": format!("U{place}") }, "deliveryContext": { "isRedelivery": false },
    });
    event.as_object_mut().expect("an object").extend(common.as_object().expect("an object").clone());
    json!({ "destination": "UBOT", "events": [event] })
}

fn feishu(kind: &str, id: &str, event: Value) -> Value {
    let header =
        json!({ "event_id": id, "event_type": kind, "token": "a-verify-token", "app_id": "cli_1", "tenant_key": "t1" });
    json!({ "schema": "2.0", "header": header, "event": event })
}

pub fn feishu_encrypted(body: &Value) -> String {
    let (key, iv) = (Sha256::digest(SECRET.as_bytes()), [7_u8; 16]);
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, &iv).expect("lengths fit");
    let encrypted = cipher.encrypt_padded_vec::<Pkcs7>(body.to_string().as_bytes());
    STANDARD.encode([&iv[..], &encrypted].concat())
}

fn teams(vendor: &Vendor, place: &str, mut activity: Value) -> Value {
    teams_frame(&mut activity, &vendor.address, place);
    activity
}

fn teams_frame(activity: &mut Value, service: &str, place: &str) {
    let frame = json!({
        "channelId": "msteams", "serviceUrl": service, "from": { "id": "29:ann" }, "recipient": { "id": "28:bot" },
        "conversation": { "id": format!("19:{place}@thread.v2"), "conversationType": "personal", "tenantId": "t1" },
    });
    activity.as_object_mut().expect("an object").extend(frame.as_object().expect("an object").clone());
}

pub fn teams_key() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("teams-test-key.pk8")).expect("a key")
}

pub fn teams_token(vendor: &Vendor, at: i64, audience: &str) -> String {
    let claims = json!({
        "iss": "https://api.botframework.com", "aud": audience, "exp": at + 60, "nbf": at - 60,
        "serviceurl": vendor.address,
    });
    signed_token(&json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }), &claims)
}

pub fn signed_token(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = teams_key();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub fn discord_key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[9; 32]).expect("a key")
}

// ---- what a person sees of each markup -----------------------------------------------------------------

/// Telegram's HTML.
fn html(text: &str) -> (String, Vec<String>) {
    let (mut seen, mut links, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, tag)) = rest.split_once('<') {
        seen.push_str(before);
        let (tag, after) = tag.split_once('>').expect("a whole tag");
        assert!(matches!(tag.split(' ').next(), Some("a" | "/a" | "b" | "/b")), "{tag}");
        links.extend(tag.strip_prefix("a href=\"").map(|url| unescaped(url.trim_end_matches('"'))));
        rest = after;
    }
    seen.push_str(rest);
    (unescaped(&seen), links)
}

fn unescaped(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&"), ("\u{2060}", "")];
    named.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// Markdown of Discord and Teams: escapes, labels and links.
fn markdown(text: &str) -> (String, Vec<String>) {
    let (mut seen, mut links, mut rest) = (String::new(), Vec::new(), text);
    while let Some(at) = rest.find(['\\', ']']) {
        seen.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if rest[at..].starts_with("](") {
            let (url, tail) = after[1..].split_once(')').expect("a whole link");
            links.push(url.trim_start_matches('<').trim_end_matches('>').to_owned());
            rest = tail;
        } else if rest[at..].starts_with('\\') {
            let c = after.chars().next().expect("something is escaped");
            seen.push(c);
            rest = &after[c.len_utf8()..];
        } else {
            seen.push(']');
            rest = after;
        }
    }
    seen.push_str(rest);
    let seen = seen.replace("**", "").replace("\n\n", "\n");
    (unescaped(&seen), links)
}

/// Text in which addresses are the links.
fn listed(text: &str) -> (String, Vec<String>) {
    let links = text.split_whitespace().filter(|word| word.starts_with("http")).map(str::to_owned).collect();
    (text.replace('\u{2060}', ""), links)
}
