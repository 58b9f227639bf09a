//! Settings: who may ask, from where, and how fast.

use super::Sources;
use crate::http::access::{KeyHash, Network};

/// `[access]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Hashes of keys for asking and reading, as `dialogdesk key` prints them. `read_keys`,
    /// `DIALOGDESK_ACCESS_READ_KEYS`.
    pub read_keys: Vec<KeyHash>,
    /// Hashes of keys that also open the admin routes. `admin_keys`, `DIALOGDESK_ACCESS_ADMIN_KEYS`.
    pub admin_keys: Vec<KeyHash>,
    /// Whether asking and reading need a key; absent: where others than this machine can reach the
    /// server. `required`, `DIALOGDESK_ACCESS_REQUIRED`; `--public` means no.
    pub required: Option<bool>,
    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks, `10.0.0.0/8`.
    /// `server.trusted_proxies`, `DIALOGDESK_SERVER_TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<Network>,
}

/// `[limits]`: how many questions a client may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Questions a second. `per_second`, `DIALOGDESK_LIMITS_PER_SECOND`.
    pub per_second: usize,
    /// Questions at once. `burst`, `DIALOGDESK_LIMITS_BURST`.
    pub burst: usize,
    /// Whether clients on this machine are limited too. `loopback`, `DIALOGDESK_LIMITS_LOOPBACK`.
    pub loopback: bool,
    /// Whether clients with a key are limited too. `keys`, `DIALOGDESK_LIMITS_KEYS`.
    pub keys: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: 5, burst: 20, loopback: false, keys: false }
    }
}

impl Access {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut access = Self::default();
        sources.read("access.read_keys", &mut access.read_keys);
        sources.read("access.admin_keys", &mut access.admin_keys);
        sources.read("access.required", &mut access.required);
        sources.read("server.trusted_proxies", &mut access.trusted_proxies);
        access
    }
}

impl Limits {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut limits = Self::default();
        let fits = |n: usize| (1..=1_000_000).contains(&n);
        sources.read("limits.per_second", &mut limits.per_second);
        sources.check("limits.per_second", fits(limits.per_second), "must be from 1 to 1000000");
        sources.read("limits.burst", &mut limits.burst);
        sources.check("limits.burst", fits(limits.burst), "must be from 1 to 1000000");
        sources.read("limits.loopback", &mut limits.loopback);
        sources.read("limits.keys", &mut limits.keys);
        limits
    }
}

impl super::source::Item for KeyHash {
    const EXPECTED: &'static str = "a list of key hashes such as \"sha256:…\", which `dialogdesk key` makes";
    /// Somebody may have put the key itself there.
    const SECRET: bool = true;
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl super::source::Item for Network {
    const EXPECTED: &'static str = "a list of addresses or networks such as \"10.0.0.7\" or \"10.0.0.0/8\"";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
