//! How many questions one client may ask in a time (GCRA, as `governor` has it).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client::Client;

/// Clients that are told apart at a time. More than that within the seconds that a client is
/// remembered share one allowance, so that memory stays bounded.
const CLIENTS: usize = 1 << 16;

/// Counts between two times that clients are forgotten which have their whole allowance again.
const FORGET_EVERY: u32 = 1024;

/// Who is limited, and to how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitOptions {
    /// Questions a second, at least 1.
    pub per_second: u32,
    /// Questions at once, at least 1.
    pub burst: u32,
    /// Whether clients on this machine are limited too.
    pub loopback: bool,
    /// Whether clients with a key are limited too.
    pub keys: bool,
}

impl Default for LimitOptions {
    fn default() -> Self {
        Self { per_second: 5, burst: 20, loopback: false, keys: false }
    }
}

/// A question too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limited {
    /// It may be asked after this time.
    Wait(Duration),
    /// More at once than is ever allowed.
    Never,
}

/// What one allowance is for. Whoever has an IPv6 address has its whole network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bucket {
    V4(u32),
    V6(u64),
    Shared,
}

pub(super) struct Limits {
    limiter: DefaultKeyedRateLimiter<Bucket>,
    clock: DefaultClock,
    counts: AtomicU32,
}

impl Limits {
    pub(super) fn new(options: LimitOptions) -> Self {
        let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(options.per_second)).allow_burst(at_least_one(options.burst));
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default(), counts: AtomicU32::new(0) }
    }

    /// Takes so many questions off the allowance of a client.
    pub(super) fn take(&self, client: &Client, questions: usize) -> Result<(), Limited> {
        let Some(questions) = u32::try_from(questions).ok().and_then(NonZeroU32::new) else { return Ok(()) };
        if self.counts.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let bucket = if self.limiter.len() < CLIENTS { bucket(client) } else { Bucket::Shared };
        match self.limiter.check_key_n(&bucket, questions) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(Limited::Wait(not_until.wait_time_from(self.clock.now()))),
            Err(_) => Err(Limited::Never),
        }
    }
}

fn bucket(client: &Client) -> Bucket {
    match client {
        Client::Address(IpAddr::V4(address)) => Bucket::V4(address.to_bits()),
        Client::Address(IpAddr::V6(address)) => Bucket::V6((address.to_bits() >> 64) as u64),
        Client::Loopback => Bucket::V4(u32::from_be_bytes([127, 0, 0, 1])),
        Client::Unlisted => Bucket::Shared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Client {
        Client::Address(address.parse().unwrap())
    }

    #[test]
    fn a_client_has_its_burst_and_then_waits_and_others_do_not() {
        let limits = Limits::new(LimitOptions { per_second: 1, burst: 3, ..LimitOptions::default() });
        let (one, other) = (at("203.0.113.1"), at("203.0.113.2"));
        assert!((0..3).all(|_| limits.take(&one, 1).is_ok()));
        assert!(matches!(limits.take(&one, 1), Err(Limited::Wait(wait)) if wait <= Duration::from_secs(1)));
        assert_eq!(limits.take(&other, 3), Ok(()));
        assert!(matches!(limits.take(&other, 3), Err(Limited::Wait(_))));
        assert_eq!(limits.take(&other, 4), Err(Limited::Never));
        assert_eq!(limits.take(&one, 0), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let limits = Limits::new(LimitOptions { per_second: 1, burst: 1, ..LimitOptions::default() });
        assert!(limits.take(&at("2001:db8::1"), 1).is_ok());
        assert!(limits.take(&at("2001:db8::ffff"), 1).is_err());
        assert!(limits.take(&at("2001:db8:0:1::1"), 1).is_ok());
    }

    #[test]
    fn the_clients_that_are_told_apart_are_bounded() {
        let limits = Limits::new(LimitOptions { per_second: 1, burst: 1000, ..LimitOptions::default() });
        for n in 0..(CLIENTS + 5000) as u32 {
            let _ = limits.take(&Client::Address(IpAddr::from(n.to_be_bytes())), 500);
        }
        assert!(limits.limiter.len() <= CLIENTS + 1, "{}", limits.limiter.len());
    }
}
