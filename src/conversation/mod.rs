//! A question in a conversation: what was said before is read, the engine is asked, and what came
//! of it is remembered, logged and counted. The one place for this; every door comes through here.
//!
//! Knows no door: how a request is read and a reply is written is told in `http` and `channels`.
//! How an answer is found is told in `ask`.

mod arrivals;
mod channel;
mod count;
mod id;
mod memory;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use jiff::Timestamp;

pub use channel::Channel;
pub use count::describe as describe_counts;
pub use id::{ConversationId, ID_LIMIT, IdError};

use crate::ask::{Ask, AskError, Citation, Engine, Head, Hit, Message, Reply, Role};
use crate::store::{Entry, Feedback, NewExchange, Outcome, Store, StoreError, StoredConversation};
use arrivals::Arrivals;
use memory::Memory;

/// Messages that a conversation remembers; as many as a request may bring.
pub const MESSAGES: usize = 20;

/// Most bytes of earlier questions that the log keeps beside a question.
const LOGGED_HISTORY: usize = 16 * 1024;

/// A question as it comes through a door.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its history is what the client brought, which wins over what is remembered.
    pub ask: Ask,
    pub conversation: Option<ConversationId>,
    pub channel: Channel,
    /// When the request came in.
    pub started: Instant,
}

/// A reply on its way to the door.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// A fresh UUID, by which feedback names the reply.
    pub id: String,
    pub reply: Reply,
    /// To go on with; none when the client brought its own history and no id.
    pub conversation: Option<ConversationId>,
    /// Milliseconds since the request came in.
    pub took_ms: f64,
}

impl Told {
    /// A reply that is told now.
    #[must_use]
    pub fn new(reply: Reply, conversation: Option<ConversationId>, started: Instant) -> Self {
        Self { id: uuid::Uuid::new_v4().to_string(), reply, conversation, took_ms: milliseconds(started) }
    }

    fn head(&self) -> &Head {
        match &self.reply {
            Reply::Answer(answer) => &answer.head,
            Reply::Abstention(abstention) => &abstention.head,
        }
    }
}

/// Milliseconds since then, with three decimals.
#[must_use]
pub fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e3
}

/// Receives what was found before the answer is chosen from it.
pub type Tell<'a> = &'a mut dyn FnMut(Vec<Hit>);

/// Gates of all conversations together.
const GATES: u64 = 256;

/// The engine with its memory.
pub struct Conversations {
    engine: Arc<Engine>,
    store: Store,
    memory: Memory,
    arrivals: Arrivals,
    /// Open to answers under way, shut while a conversation is forgotten, so that an answer that comes
    /// late does not bring it back. Conversations share them by the hash of their id.
    gates: Vec<RwLock<()>>,
    /// A reply as it is sent, to be shown again.
    as_sent: fn(&Told) -> String,
}

impl Conversations {
    /// Conversations over an engine; `as_sent` writes a reply as the API does.
    #[must_use]
    pub fn new(engine: Arc<Engine>, store: Store, as_sent: fn(&Told) -> String) -> Self {
        let gates = (0..GATES).map(|_| RwLock::default()).collect();
        Self { engine, store, memory: Memory::default(), arrivals: Arrivals::default(), gates, as_sent }
    }

    /// Answers a question in its conversation; one with neither an id nor a history begins a new
    /// one. Blocks the calling thread.
    ///
    /// # Errors
    /// [`AskError`], as the engine has it; nothing is remembered then.
    pub fn answer(&self, asked: Asked, tell: Option<Tell<'_>>) -> Result<Told, AskError> {
        let Asked { mut ask, conversation, channel, started } = asked;
        let brought = std::mem::take(&mut ask.history);
        let goes_on = conversation.is_some();
        let conversation = conversation.or_else(|| brought.is_empty().then(ConversationId::fresh));
        let gate = conversation.as_ref().map(|id| self.gate(id));
        let _open = gate.map(|gate| gate.read().unwrap_or_else(PoisonError::into_inner));
        // One that begins here has no past to look for.
        let known = conversation.as_ref().filter(|_| goes_on).map(|id| self.history(id)).unwrap_or_default();
        // A client that repeats what is known brings nothing new.
        let brings = !brought.is_empty() && !known.ends_with(&brought);
        ask.history = if brought.is_empty() { known } else { brought };
        let reply = self.engine_answer(&ask, channel, started, tell)?;
        let told = Told::new(reply, conversation, started);
        self.remember(&ask, &told, channel, brings);
        Ok(told)
    }

    /// Answers a question of a client that keeps the conversation itself. Blocks the calling thread.
    ///
    /// # Errors
    /// [`AskError`], as the engine has it.
    pub fn answer_alone(&self, ask: &Ask, channel: Channel, started: Instant) -> Result<Told, AskError> {
        let told = Told::new(self.engine_answer(ask, channel, started, None)?, None, started);
        self.store.note(&entry(ask, &told, channel), None);
        Ok(told)
    }

    fn engine_answer(
        &self,
        ask: &Ask,
        channel: Channel,
        started: Instant,
        tell: Option<Tell<'_>>,
    ) -> Result<Reply, AskError> {
        let result = self.engine.ask_telling(ask, tell);
        count::answered(channel, &result, started.elapsed());
        result
    }

    fn gate(&self, id: &ConversationId) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        &self.gates[(hasher.finish() % GATES) as usize]
    }

    /// The last messages of a conversation, oldest first.
    fn history(&self, id: &ConversationId) -> Vec<Message> {
        if let Some(messages) = self.memory.history(id.as_str()) {
            return messages;
        }
        let stored = self.store.history(id.as_str(), MESSAGES);
        stored
            .inspect_err(|error| tracing::error!(%error, "a conversation cannot be read; its question stands alone"))
            .unwrap_or_default()
    }

    fn remember(&self, ask: &Ask, told: &Told, channel: Channel, brings: bool) {
        let (entry, head) = (entry(ask, told, channel), told.head());
        let Some(id) = &told.conversation else { return self.store.note(&entry, None) };
        self.memory.note(id.as_str(), &ask.history, brings, &head.question, &head.text);
        let reply = (self.as_sent)(told);
        let brought = brings.then_some(ask.history.as_slice());
        self.store.note(&entry, Some(&NewExchange { answer: &head.text, reply: &reply, brought }));
    }

    /// A conversation as it was; none when it is not stored. Who may read it is the door's matter.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(&self, id: &ConversationId) -> Result<Option<StoredConversation>, StoreError> {
        self.store.conversation(id.as_str())
    }

    /// Deletes the texts of a conversation, those of answers under way included: it waits for them.
    /// Says whether there was anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget(&self, id: &ConversationId) -> Result<bool, StoreError> {
        let _shut = self.gate(id).write().unwrap_or_else(PoisonError::into_inner);
        let remembered = self.memory.forget(id.as_str());
        Ok(self.store.forget(id.as_str())? || remembered)
    }

    /// Keeps what was thought of a reply, and gives it back as it is kept; `None` when no reply has
    /// this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rate(&self, reply_id: &str, feedback: Feedback) -> Result<Option<Feedback>, StoreError> {
        self.store.rate(reply_id, feedback, Timestamp::now())
    }

    /// Remembers the message of a messenger in which a reply arrived.
    pub fn arrived(&self, channel: Channel, message_id: String, reply_id: &str) {
        self.arrivals.note(&self.store, channel, message_id, reply_id);
    }

    /// The reply that arrived in a message of a messenger; none in somebody else's message, and in
    /// one that is kept no longer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reply_in(&self, channel: Channel, message_id: &str) -> Result<Option<String>, StoreError> {
        self.arrivals.reply_in(&self.store, channel, message_id)
    }

    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

fn entry(ask: &Ask, told: &Told, channel: Channel) -> Entry {
    let head = told.head();
    let (outcome, citations): (_, &[Citation]) = match &told.reply {
        Reply::Answer(answer) => (Outcome::Answered, &answer.citations),
        Reply::Abstention(_) => (Outcome::Abstained, &[]),
    };
    Entry {
        reply_id: told.id.clone(),
        at: Timestamp::now(),
        channel: channel.name(),
        conversation_id: told.conversation.as_ref().map(|id| id.as_str().to_owned()),
        question: head.question.clone(),
        interpreted_question: head.interpreted_question.clone(),
        history: last_questions(&ask.history),
        documents: ask.documents.clone(),
        outcome,
        confidence: head.confidence,
        knowledge_version: head.knowledge_version.clone(),
        took_ms: told.took_ms,
        citations: citations.iter().map(|c| format!("{}#{}", c.document, c.anchor)).collect(),
    }
}

/// The person's own messages, oldest first, as many of the last ones as the log takes.
fn last_questions(history: &[Message]) -> Vec<String> {
    let mut left = LOGGED_HISTORY;
    let questions = history.iter().rev().filter(|m| m.role == Role::User).map(|m| &m.content);
    let fits = |text: &&String| {
        let fits = text.len() <= left;
        left = left.saturating_sub(text.len());
        fits
    };
    let mut last: Vec<String> = questions.take_while(fits).cloned().collect();
    last.reverse();
    last
}

#[cfg(test)]
mod tests;
