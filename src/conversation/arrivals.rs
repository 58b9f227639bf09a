//! Which reply is in a message of a messenger? Remembered in the process, so that it is known where
//! no texts are kept, and beside it in the store, so that it is known after a restart.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::Channel;
use crate::store::{Store, StoreError};

/// Messages that are remembered in the process.
const MESSAGES: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Reply ids by channel and message.
pub(super) struct Arrivals(Mutex<ByMessage>);

type ByMessage = LruCache<(Channel, String), String>;

impl Default for Arrivals {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MESSAGES)))
    }
}

impl Arrivals {
    pub(super) fn note(&self, store: &Store, channel: Channel, message_id: String, reply_id: &str) {
        store.note_message(channel.name(), &message_id, reply_id);
        self.lock().put((channel, message_id), reply_id.to_owned());
    }

    /// # Errors
    /// [`StoreError`].
    pub(super) fn reply_in(
        &self,
        store: &Store,
        channel: Channel,
        message_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let remembered = self.lock().get(&(channel, message_id.to_owned())).cloned();
        remembered.map_or_else(|| store.reply_in(channel.name(), message_id), |reply_id| Ok(Some(reply_id)))
    }

    fn lock(&self) -> MutexGuard<'_, ByMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
