//! What was said before in a conversation that a client only names by its id.
//!
//! A bounded memory of the process: the least recently used conversation is forgotten first, and a
//! restart forgets all. Knows nothing of what the messages mean; see `question`.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::ask::{Message, Role};

/// Conversations that are remembered.
const CONVERSATIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// Messages of each; as many as a request may bring.
const MESSAGES: usize = 20;

/// The conversations of a server.
pub struct Conversations {
    known: Mutex<LruCache<String, VecDeque<Message>>>,
}

impl Default for Conversations {
    fn default() -> Self {
        Self { known: Mutex::new(LruCache::new(CONVERSATIONS)) }
    }
}

impl Conversations {
    /// The messages of a conversation, oldest first; none when it is not known.
    #[must_use]
    pub fn history(&self, id: &str) -> Vec<Message> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).map(|messages| messages.iter().cloned().collect()).unwrap_or_default()
    }

    /// Notes a question and its answer. What came `before` replaces what was remembered when the
    /// client brought its own history, because that wins.
    pub fn note(&self, id: &str, before: Option<Vec<Message>>, question: &str, answer: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let messages = known.get_or_insert_mut(id.to_owned(), VecDeque::new);
        if let Some(before) = before {
            *messages = before.into();
        }
        messages.push_back(Message { role: Role::User, content: question.to_owned() });
        messages.push_back(Message { role: Role::Assistant, content: answer.to_owned() });
        while messages.len() > MESSAGES {
            messages.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(conversations: &Conversations, id: &str) -> Vec<String> {
        conversations.history(id).into_iter().map(|m| m.content).collect()
    }

    #[test]
    fn a_conversation_is_told_oldest_first_and_apart_from_others() {
        let conversations = Conversations::default();
        conversations.note("a", None, "q1", "a1");
        conversations.note("b", None, "other", "reply");
        conversations.note("a", None, "q2", "a2");
        assert_eq!(contents(&conversations, "a"), ["q1", "a1", "q2", "a2"]);
        assert!(contents(&conversations, "c").is_empty());
    }

    #[test]
    fn only_the_last_twenty_messages_are_kept() {
        let conversations = Conversations::default();
        for n in 0..15 {
            conversations.note("a", None, &format!("q{n}"), &format!("a{n}"));
        }
        let kept = contents(&conversations, "a");
        assert_eq!((kept.len(), kept[0].as_str(), kept[19].as_str()), (20, "q5", "a14"));
    }

    #[test]
    fn a_history_that_the_client_brings_replaces_what_was_remembered() {
        let conversations = Conversations::default();
        conversations.note("a", None, "q1", "a1");
        let brought = vec![Message { role: Role::User, content: "mine".into() }];
        conversations.note("a", Some(brought), "q2", "a2");
        assert_eq!(contents(&conversations, "a"), ["mine", "q2", "a2"]);
    }
}
