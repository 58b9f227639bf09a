//! Who calls, as an address. A proxy's word is taken only where the settings list the proxy, because
//! anybody can send its headers.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Once;

use actix_web::http::header::HeaderMap;

/// The header that listed proxies are believed by.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Headers that tell of a proxy.
const FORWARDING: [&str; 3] = [FORWARDED_FOR, "forwarded", "x-real-ip"];

/// An address or a network of them: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = |width: u8| u32::from(width - self.bits);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).checked_shr(shift(32)).unwrap_or(0) == 0,
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).checked_shr(shift(128)).unwrap_or(0) == 0,
            _ => false,
        }
    }
}

/// Neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let address = address.to_canonical();
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| NoNetwork))?;
        if bits > width { Err(NoNetwork) } else { Ok(Self { address, bits }) }
    }
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// A program on this machine.
    Loopback,
    Address(IpAddr),
    /// Somebody behind a proxy on this machine that the settings do not list: all of them are one.
    Unlisted,
}

impl Client {
    pub(super) fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return Self::Unlisted };
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        if is_trusted(peer) {
            return Self::at(forwarded(headers, is_trusted).unwrap_or(peer));
        }
        if peer.is_loopback() && FORWARDING.iter().any(|name| headers.contains_key(*name)) {
            warn_once();
            return Self::Unlisted;
        }
        Self::at(peer)
    }

    fn at(address: IpAddr) -> Self {
        if address.is_loopback() { Self::Loopback } else { Self::Address(address) }
    }
}

/// The last address in `X-Forwarded-For` that no trusted proxy has: each proxy adds at the end whom
/// it was called by, and what stands before that may be made up.
fn forwarded(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
    let mut last = None;
    for text in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        // Without a whole chain the nearest address that is known is the one to count.
        let Ok(address) = text.trim().parse::<IpAddr>() else { return last };
        last = Some(address.to_canonical());
        if !is_trusted(address) {
            return last;
        }
    }
    last
}

fn warn_once() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "a proxy on this machine forwards requests and is not listed in server.trusted_proxies: all who call \
             through it share one rate limit"
        );
    });
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut request = TestRequest::get();
        for line in forwarded {
            request = request.append_header((FORWARDED_FOR, *line));
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let peer = Some(peer.parse().unwrap());
        match Client::of(peer, request.to_http_request().headers(), &trusted) {
            Client::Loopback => "loopback".to_owned(),
            Client::Address(address) => address.to_string(),
            Client::Unlisted => "unlisted".to_owned(),
        }
    }

    #[test]
    fn headers_of_a_proxy_are_believed_only_where_it_is_listed() {
        assert_eq!(client("203.0.113.9", &[], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["127.0.0.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["127.0.0.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(client("10.1.2.3", &["198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(client("127.0.0.1", &["198.51.100.7"], &["127.0.0.1"]), "198.51.100.7");
        assert_eq!(client("::ffff:10.1.2.3", &["2001:db8::1"], &["10.1.2.3"]), "2001:db8::1");
        assert_eq!(client("127.0.0.1", &[], &[]), "loopback");
        assert_eq!(client("127.0.0.1", &["198.51.100.7"], &[]), "unlisted");
    }

    #[test]
    fn what_a_client_writes_into_the_header_itself_is_not_believed() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["127.0.0.1, 198.51.100.7, 10.0.0.2"], &trusted), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["127.0.0.1", "198.51.100.7"], &trusted), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["nonsense, 198.51.100.7"], &trusted), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["198.51.100.7, nonsense"], &trusted), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["127.0.0.1, nonsense, 10.0.0.2"], &trusted), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &[""], &trusted), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[], &trusted), "10.0.0.1");
    }

    #[test]
    fn networks_are_read_and_hold_their_addresses() {
        let holds =
            |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "203.0.113.1") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("fd00::/8", "fdff::1") && !holds("fd00::/8", "fe00::1") && holds("::/0", "2001:db8::1"));
        assert!(holds("192.0.2.1", "::ffff:192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/", "example.org"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
