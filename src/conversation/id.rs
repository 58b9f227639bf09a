//! By which name a conversation is known, and what that name says about who may read it.
//!
//! Whoever knows a random UUID was given it. An id that a client chose itself can be guessed, and
//! one of a messenger is known to everybody who knows the names of its rooms.

use uuid::{Uuid, Version};

use super::Channel;

/// Most characters of an id.
pub const ID_LIMIT: usize = 128;

/// The id of a conversation, which is not empty and not too long.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationId(String);

/// Why a text is no id of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("must have 1 to {ID_LIMIT} characters")]
    Length,
    /// Kept for the messengers, so that nobody goes on with a conversation of theirs over HTTP.
    #[error("must not begin with `{0}:`, which is kept for conversations of that messenger")]
    Reserved(&'static str),
}

impl ConversationId {
    /// A new one that cannot be guessed.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// One that a client sends.
    ///
    /// # Errors
    /// [`IdError`].
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text.is_empty() || text.chars().count() > ID_LIMIT {
            return Err(IdError::Length);
        }
        match messenger_of(text) {
            Some(messenger) => Err(IdError::Reserved(messenger.name())),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The conversation at a place of a messenger, which names it as it likes.
    #[must_use]
    pub fn of_messenger(messenger: Channel, place: &str) -> Self {
        Self(format!("{}:{place}", messenger.name()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether knowing this id proves that somebody was given it: a random UUID in its usual form.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        Uuid::try_parse(&self.0)
            .is_ok_and(|uuid| uuid.get_version() == Some(Version::Random) && uuid.to_string() == self.0)
    }
}

impl std::fmt::Display for ConversationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn messenger_of(id: &str) -> Option<Channel> {
    let (before, _) = id.split_once(':')?;
    Channel::MESSENGERS.into_iter().find(|messenger| messenger.name() == before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_random_uuids_are_secret() {
        assert!(ConversationId::fresh().is_secret());
        for guessable in [
            "1",
            "user-42",
            "00000000-0000-0000-0000-000000000000",
            "0192f0c1-2345-7abc-8def-0123456789ab",
            "2B4E7A50-9C1D-4F3E-8A6B-112233445566",
            "2b4e7a509c1d4f3e8a6b112233445566",
        ] {
            assert!(!ConversationId::parse(guessable).unwrap().is_secret(), "{guessable}");
        }
    }

    #[test]
    fn no_client_names_a_conversation_of_a_messenger() {
        for messenger in Channel::MESSENGERS {
            let id = ConversationId::of_messenger(messenger, "T1:C2");
            assert_eq!(ConversationId::parse(id.as_str()), Err(IdError::Reserved(messenger.name())));
            assert!(!id.is_secret());
        }
        assert!(ConversationId::parse("Slack:x").is_ok() && ConversationId::parse("my:id").is_ok());
    }

    #[test]
    fn an_id_has_1_to_128_characters() {
        assert_eq!(ConversationId::parse(""), Err(IdError::Length));
        assert!(ConversationId::parse(&"ü".repeat(128)).is_ok());
        assert_eq!(ConversationId::parse(&"ü".repeat(129)), Err(IdError::Length));
    }
}
