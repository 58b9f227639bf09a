//! The doors for messengers: a vendor posts what people wrote, and the answer is sent to the vendor.
//!
//! One story for all of them. [`Channels::receive`] takes a request as it came: the messenger's file
//! checks that the vendor sent it (before anything is parsed), reads the events in it, and the vendor
//! is told at once that they were taken. `queue` answers them in their order, `render` puts a reply
//! into the words and the markup of the messenger, `send` brings it there. What an answer is made of
//! is told in `ask`; routes and statuses are `http`'s.
//!
//! A new messenger is one file with a `Messenger` and a `Delivery`, a template, and one entry in
//! [`Channels::open`].

pub mod discord;
pub mod feishu;
pub mod line;
mod queue;
pub mod render;
mod secret;
mod send;
pub mod slack;
pub mod teams;
pub mod telegram;
pub mod whatsapp;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use queue::Report;
use queue::{Job, Queue};
use render::Part;
pub use secret::Secret;
use send::{Client, Outgoing};

use crate::conversation::{Channel, Conversations};
use crate::prompts::Prompts;
use crate::store::Rating;

/// How old a signed request may be, and how far ahead the vendor's clock may be.
const SIGNED_FOR: i64 = 5 * 60;

/// How old an event may be that its vendor keeps and brings again: after a day Telegram has dropped
/// it and WhatsApp takes no answer to it.
const KEPT_FOR: i64 = 24 * 60 * 60;

/// Most bytes of a request where events tell little beside the message, which is short.
const BODY_LIMIT: usize = 64 * 1024;

/// The same where they do: a button's request repeats the message below which it stands, several
/// messages come in one request.
const LONG_BODY_LIMIT: usize = 256 * 1024;

/// Which messengers are on, each with what its vendor gave the operator.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub slack: Option<slack::Options>,
    pub telegram: Option<telegram::Options>,
    pub whatsapp: Option<whatsapp::Options>,
    pub line: Option<line::Options>,
    pub discord: Option<discord::Options>,
    pub feishu: Option<feishu::Options>,
    pub teams: Option<teams::Options>,
    /// What stands before a root-relative link.
    pub public_url: String,
    pub limits: Limits,
}

/// What is bounded.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Events that wait, are being answered or being sent at a time, over all messengers.
    pub queue: usize,
    /// How long a vendor may take to answer one request.
    pub timeout: Duration,
    /// Times that a request is sent before it is given up.
    pub attempts: u32,
    /// The first pause between two of them; each further one is twice as long, up to `longest_pause`.
    pub first_pause: Duration,
    pub longest_pause: Duration,
    /// How long answers under way may take when the server stops.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: 256,
            timeout: Duration::from_secs(10),
            attempts: 6,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            patience: Duration::from_secs(20),
        }
    }
}

/// A request of a vendor, as it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub method: Method,
    pub door: Door,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As in the address, undecoded.
    pub query: String,
    pub body: Vec<u8>,
    /// When it came, in seconds since 1970.
    pub at: i64,
}

impl Incoming {
    /// A header that stands once.
    fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name);
        let (Some((_, value)), None) = (found.next(), found.next()) else { return None };
        Some(value)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// Which of a messenger's addresses was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Events,
    /// Slack's slash commands.
    Commands,
}

/// Why nothing of a request is taken. Mapped to HTTP in `http::error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no such messenger is on")]
    Unknown,
    #[error("the messenger is on, and has no such door")]
    WrongMethod,
    #[error("the body has more than {limit} bytes")]
    TooLarge { limit: usize },
    /// A signature, token or key that is missing or wrong.
    #[error("the request is not signed by the vendor")]
    Forged,
    /// Signed, and not for us or not now.
    #[error("the request is not meant for this server")]
    Forbidden,
    #[error("the request is older than its signature holds")]
    Stale,
    #[error("the body is not what the vendor's documents describe")]
    Malformed,
    /// The vendor's keys cannot be had at the moment.
    #[error("the signature cannot be checked at the moment")]
    Unchecked,
    /// As many events wait as the queue holds; the vendor sends this one again.
    #[error("the queue is full")]
    Full,
}

/// What a vendor gets at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Ack {
    Empty,
    Text(String),
    Json(Value),
}

/// A request that the vendor sent.
struct Received {
    ack: Ack,
    events: Vec<Event>,
}

impl Received {
    fn nothing() -> Self {
        Self { ack: Ack::Empty, events: Vec::new() }
    }

    fn only(ack: Ack) -> Self {
        Self { ack, events: Vec::new() }
    }
}

/// Something that a person did.
struct Event {
    /// By which the vendor names it: the same again is dropped.
    id: String,
    what: What,
    /// How what is said about it gets there.
    to: Box<dyn Delivery>,
}

enum What {
    Question {
        /// Where it was asked, in the vendor's names; what is asked there next follows up.
        place: String,
        text: String,
    },
    /// Somebody calls and asks nothing.
    Greeting,
    Rated {
        reply: Rated,
        rating: Rating,
        comment: Option<String>,
    },
}

/// Which reply was rated.
enum Rated {
    Reply(String),
    /// The reply that came in this message of the vendor's.
    Message(String),
}

/// What is fixed of a messenger.
struct Profile {
    channel: Channel,
    /// Most bytes of a request.
    body_limit: usize,
    /// Length and markup of its messages.
    markup: &'static render::Markup,
}

/// A messenger.
trait Messenger: Send + Sync {
    fn profile(&self) -> &'static Profile;

    /// Answers the vendor who asks, by GET and with this query, whether its address is right here. Most
    /// ask otherwise.
    ///
    /// # Errors
    /// [`Refusal`].
    fn verify(&self, _query: &str) -> Result<Received, Refusal> {
        Err(Refusal::WrongMethod)
    }

    /// Checks that the vendor sent a request, then reads it. May ask the vendor for its keys, so
    /// that it blocks the calling thread.
    ///
    /// # Errors
    /// [`Refusal`]; nothing that was sent has been kept or acted upon.
    fn receive(&self, request: &Incoming) -> Result<Received, Refusal>;
}

/// The way back to where an event came from.
trait Delivery: Send + Sync {
    /// The requests that show an answer, in order.
    fn answer(&self, message: &Message<'_>) -> Vec<Outgoing>;

    /// The requests that show a word about what somebody did: thanks, a hint, an excuse. Where the
    /// messenger has shown that something was taken, thanks are left out by giving none.
    fn note(&self, words: &Part, about: About) -> Vec<Outgoing>;
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Question,
    Rating,
}

/// A reply for a messenger.
struct Message<'a> {
    /// Each within the messenger's limit.
    parts: &'a [Part],
    /// By which feedback names it.
    reply_id: &'a str,
    sources: &'a [render::Source],
}

/// The messengers that are on.
pub struct Channels {
    messengers: Vec<Arc<dyn Messenger>>,
    queue: Queue,
}

impl Channels {
    /// Opens the messengers that have options, over `conversations`.
    ///
    /// # Errors
    /// No thread can be started, or a key among the options is none.
    pub fn open(options: Options, conversations: Arc<Conversations>, prompts: Arc<Prompts>) -> std::io::Result<Self> {
        let client = Client::new(&options.limits);
        let mut messengers: Vec<Arc<dyn Messenger>> = Vec::new();
        let mut add = |messenger: Option<Arc<dyn Messenger>>| messengers.extend(messenger);
        add(options.slack.map(|o| Arc::new(slack::Slack::new(o)) as _));
        add(options.telegram.map(|o| Arc::new(telegram::Telegram::new(o)) as _));
        add(options.whatsapp.map(|o| Arc::new(whatsapp::WhatsApp::new(o)) as _));
        add(options.line.map(|o| Arc::new(line::Line::new(o)) as _));
        add(options.discord.map(|o| Arc::new(discord::Discord::new(o)) as _));
        add(options.feishu.map(|o| Arc::new(feishu::Feishu::new(o)) as _));
        add(options.teams.map(|o| Arc::new(teams::Teams::new(o, client.clone())) as _));
        let desk = queue::Desk { conversations, prompts, public_url: options.public_url, client };
        let queue = Queue::start(desk, options.limits)?;
        Ok(Self { messengers, queue })
    }

    /// Most bytes of a request to a messenger that is on.
    ///
    /// # Errors
    /// [`Refusal::Unknown`].
    pub fn body_limit(&self, name: &str) -> Result<usize, Refusal> {
        self.named(name).map(|messenger| messenger.profile().body_limit)
    }

    /// Takes a request: says what the vendor is told at once, and answers later. Blocks the calling
    /// thread for as long as it takes to note the events, or to fetch the vendor's keys.
    ///
    /// # Errors
    /// [`Refusal`]; nothing of the request has been kept.
    pub fn receive(&self, name: &str, request: &Incoming) -> Result<Ack, Refusal> {
        let messenger = self.named(name)?;
        let limit = messenger.profile().body_limit;
        if request.body.len() > limit {
            return Err(Refusal::TooLarge { limit });
        }
        let received = match request.method {
            Method::Get => messenger.verify(&request.query),
            Method::Post => messenger.receive(request),
        }?;
        for event in received.events {
            self.queue.take(Job { messenger: Arc::clone(messenger), event })?;
        }
        Ok(received.ack)
    }

    /// Lets answers under way leave, for as long as the limits allow. Blocks the calling thread.
    pub fn stop(&self) -> Report {
        self.queue.stop()
    }

    fn named(&self, name: &str) -> Result<&Arc<dyn Messenger>, Refusal> {
        self.messengers.iter().find(|messenger| messenger.profile().channel.name() == name).ok_or(Refusal::Unknown)
    }
}

/// Reads a body as JSON, after its signature was checked.
fn json(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::Malformed)
}

/// A text at a JSON pointer, if there is one and it is not empty.
fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The items of a list at a JSON pointer.
fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What a button says back: `up:` or `down:` and the id of the reply.
fn rating_of(button: &str) -> Option<What> {
    let (rating, reply) = button.split_once(':')?;
    let rating = Rating::named(rating)?;
    uuid::Uuid::try_parse(reply).ok()?;
    Some(What::Rated { reply: Rated::Reply(reply.to_owned()), rating, comment: None })
}

/// The two buttons below an answer: what each shows, what a screen reader says, what it sends back.
fn buttons(reply_id: &str) -> [(&'static str, &'static str, String); 2] {
    [("👍", "Helpful", format!("up:{reply_id}")), ("👎", "Not helpful", format!("down:{reply_id}"))]
}

/// A question, or a greeting where nothing is left of the text.
fn asked(place: String, text: &str) -> What {
    let text = text.trim();
    if text.is_empty() { What::Greeting } else { What::Question { place, text: text.to_owned() } }
}
