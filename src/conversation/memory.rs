//! The last messages of conversations, at hand: follow-ups need no look into the database, and go on
//! when it cannot be written or is not to hold texts.
//!
//! A bounded memory of the process: the least recently used conversation is forgotten first, and a
//! restart forgets all. Knows nothing of what the messages mean; see `question`.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::MESSAGES;
use crate::ask::{Message, Role};

/// Conversations that are remembered.
const CONVERSATIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Bytes of all messages that are remembered: a client may bring long ones.
const MOST_BYTES: usize = 64 << 20;

/// What is remembered.
pub(super) struct Memory {
    known: Mutex<Known>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { known: Mutex::new(Known { messages: LruCache::new(CONVERSATIONS), bytes: 0 }) }
    }
}

impl Memory {
    /// The messages of a conversation, oldest first; `None` when it is not remembered.
    pub(super) fn history(&self, id: &str) -> Option<Vec<Message>> {
        self.lock().messages.get(id).cloned()
    }

    /// Notes a question and its answer. What came `before` is what they follow where nothing is
    /// remembered, or where the client brought it, because that wins.
    pub(super) fn note(&self, id: &str, before: &[Message], brought: bool, question: &str, answer: &str) {
        let mut known = self.lock();
        let mut messages = known.take(id).filter(|_| !brought).unwrap_or_else(|| before.to_vec());
        messages.push(Message { role: Role::User, content: question.to_owned() });
        messages.push(Message { role: Role::Assistant, content: answer.to_owned() });
        let forgotten = messages.len().saturating_sub(MESSAGES);
        messages.drain(..forgotten);
        known.put(id, messages);
    }

    /// Says whether there was anything to forget.
    pub(super) fn forget(&self, id: &str) -> bool {
        self.lock().take(id).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Conversations by id, with the bytes of their messages.
struct Known {
    messages: LruCache<String, Vec<Message>>,
    bytes: usize,
}

impl Known {
    fn take(&mut self, id: &str) -> Option<Vec<Message>> {
        let taken = self.messages.pop(id)?;
        self.bytes -= bytes(&taken);
        Some(taken)
    }

    /// Keeps a conversation, which is not there, as the last one used.
    fn put(&mut self, id: &str, messages: Vec<Message>) {
        self.bytes += bytes(&messages);
        if let Some((_, gone)) = self.messages.push(id.to_owned(), messages) {
            self.bytes -= bytes(&gone);
        }
        while self.bytes > MOST_BYTES {
            let Some((_, gone)) = self.messages.pop_lru() else { break };
            self.bytes -= bytes(&gone);
        }
    }
}

fn bytes(messages: &[Message]) -> usize {
    messages.iter().map(|message| message.content.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(memory: &Memory, id: &str) -> Vec<String> {
        memory.history(id).unwrap_or_default().into_iter().map(|m| m.content).collect()
    }

    fn go_on(memory: &Memory, id: &str, question: &str, answer: &str) {
        memory.note(id, &memory.history(id).unwrap_or_default(), false, question, answer);
    }

    #[test]
    fn a_conversation_is_told_oldest_first_and_apart_from_others() {
        let memory = Memory::default();
        go_on(&memory, "a", "q1", "a1");
        go_on(&memory, "b", "other", "reply");
        go_on(&memory, "a", "q2", "a2");
        assert_eq!(contents(&memory, "a"), ["q1", "a1", "q2", "a2"]);
        assert_eq!(memory.history("c"), None);
        assert!(memory.forget("a") && !memory.forget("a") && memory.history("a").is_none());
    }

    #[test]
    fn only_the_last_twenty_messages_are_kept() {
        let memory = Memory::default();
        for n in 0..15 {
            go_on(&memory, "a", &format!("q{n}"), &format!("a{n}"));
        }
        let kept = contents(&memory, "a");
        assert_eq!((kept.len(), kept[0].as_str(), kept[19].as_str()), (20, "q5", "a14"));
    }

    #[test]
    fn long_messages_drive_out_the_conversation_that_was_used_longest_ago() {
        let (memory, long) = (Memory::default(), "x".repeat(MOST_BYTES / 2));
        go_on(&memory, "old", "q", &long);
        go_on(&memory, "new", "q", &long);
        assert!(memory.history("old").is_none() && memory.history("new").is_some());
        assert_eq!(memory.lock().bytes, "q".len() + long.len());
        go_on(&memory, "new", "q", "short");
        assert!(memory.forget("new"));
        assert_eq!(memory.lock().bytes, 0);
    }

    #[test]
    fn a_history_that_the_client_brings_replaces_what_was_remembered() {
        let memory = Memory::default();
        go_on(&memory, "a", "q1", "a1");
        memory.note("a", &[Message { role: Role::User, content: "mine".into() }], true, "q2", "a2");
        assert_eq!(contents(&memory, "a"), ["mine", "q2", "a2"]);
    }
}
