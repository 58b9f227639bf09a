//! Settings: the HTTP server.

use std::fmt;

use super::Sources;
use super::source::Item;

/// Fewest characters of the admin key, which people make up: as few as NIST SP 800-63B allows of a
/// password, because those who try are slowed down (`http::access::limits`).
pub const ADMIN_KEY_LENGTH: usize = 8;

/// `[server]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Address and port; port 0 takes a free one. `listen`, `DIALOGDESK_SERVER_LISTEN`, `--listen`.
    pub listen: String,
    /// How users reach the server (`https://desk.example.org`); makes links absolute in channels
    /// and exports. `public_url`, `DIALOGDESK_SERVER_PUBLIC_URL`.
    pub public_url: Option<String>,
    /// Other sites that may have the chat in their pages (`https://www.example.org`). `origins`,
    /// `DIALOGDESK_SERVER_ORIGINS`.
    pub origins: Vec<String>,
    /// Questions answered or waiting at one time; one more is answered 429. `max_in_flight`,
    /// `DIALOGDESK_SERVER_MAX_IN_FLIGHT`.
    pub max_in_flight: usize,
    /// Bearer key of the admin routes, which answer 403 without one: at least `ADMIN_KEY_LENGTH`
    /// characters. `DIALOGDESK_ADMIN_KEY` alone, where an empty text is none.
    pub admin_key: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            origins: Vec::new(),
            max_in_flight: 64,
            admin_key: None,
        }
    }
}

/// Leaves the key out, so that settings can be logged.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("origins", &self.origins)
            .field("max_in_flight", &self.max_in_flight)
            .field("admin_key", &self.admin_key.as_ref().map(|_| "…"))
            .finish()
    }
}

impl Server {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut server = Self::default();
        sources.read("server.listen", &mut server.listen);
        let has_port = server.listen.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        sources.check("server.listen", has_port, "must be ADDRESS:PORT");
        sources.read("server.public_url", &mut server.public_url);
        let url = server.public_url.as_deref().is_none_or(|u| u.starts_with("https://") || u.starts_with("http://"));
        sources.check("server.public_url", url, "must begin with https:// or http://");
        let mut origins: Vec<Origin> = Vec::new();
        sources.read("server.origins", &mut origins);
        server.origins = origins.into_iter().map(|Origin(site)| site).collect();
        sources.read("server.max_in_flight", &mut server.max_in_flight);
        sources.check("server.max_in_flight", server.max_in_flight > 0, "must be at least 1");
        let admin_key = sources.read_secret("DIALOGDESK_ADMIN_KEY", "server.admin_key");
        let needed = format!(
            "must have at least {ADMIN_KEY_LENGTH} characters, ASCII without spaces; `dialogdesk key --admin` makes one that \
             nobody can guess"
        );
        sources.check_variable("DIALOGDESK_ADMIN_KEY", admin_key.as_deref().is_none_or(is_long_enough), &needed);
        server.admin_key = admin_key.filter(|key| is_long_enough(key));
        server
    }
}

/// Whether a key can be sent in a header and is not guessed at once.
fn is_long_enough(key: &str) -> bool {
    key.len() >= ADMIN_KEY_LENGTH && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A site in the form that browsers send.
struct Origin(String);

impl Item for Origin {
    const EXPECTED: &'static str = "a list of sites such as \"https://www.example.org\", each without a path";
    fn parse(text: &str) -> Option<Self> {
        is_origin(text).then(|| Self(text.to_owned()))
    }
}

/// Scheme, host and port in the form that browsers send: in small letters and without a path.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
    !host.is_empty() && host.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host_as_browsers_send_them() {
        for fine in ["https://www.example.org", "http://localhost:3000", "http://[::1]:8080"] {
            assert!(is_origin(fine), "{fine}");
        }
        for wrong in
            ["*", "null", "example.org", "https://", "https://example.org/", "https://Example.org", "ftp://a.b"]
        {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
