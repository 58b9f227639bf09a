//! Browsers that signed in: a random token in a cookie that scripts cannot read and other sites
//! cannot send, and what it stands for in memory. A restart signs everybody out.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderMap};
use lru::LruCache;
use sha2::{Digest, Sha256};

use super::Role;
use super::keys::random_token;

/// A working day with its margins.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// Browsers signed in at a time; the one that was quiet longest has to sign in again.
const SESSIONS: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
const COOKIE: &str = "dialogdesk_session";

/// By the hashes of their tokens, so that a lookup takes no time that tells of them.
pub(super) struct Sessions(Mutex<ByHash>);

type ByHash = LruCache<[u8; 32], Session>;

struct Session {
    role: Role,
    began: Instant,
}

impl Default for Sessions {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(SESSIONS)))
    }
}

impl Sessions {
    /// Begins a session and gives the cookie that names it; `secure` where browsers reach the server
    /// over TLS.
    pub(super) fn begin(&self, role: Role, secure: bool) -> String {
        let token = random_token();
        self.lock().put(hash(&token), Session { role, began: Instant::now() });
        cookie(&token, LIFETIME.as_secs(), secure)
    }

    /// Ends the session of these headers and gives the cookie that forgets it.
    pub(super) fn end(&self, headers: &HeaderMap, secure: bool) -> String {
        for token in tokens(headers) {
            self.lock().pop(&hash(token));
        }
        cookie("", 0, secure)
    }

    /// What the sender of these headers signed in for, if it did and not too long ago.
    pub(super) fn role(&self, headers: &HeaderMap) -> Option<Role> {
        self.role_at(headers, Instant::now())
    }

    fn role_at(&self, headers: &HeaderMap, now: Instant) -> Option<Role> {
        let mut sessions = self.lock();
        let lives = |session: &&Session| now.saturating_duration_since(session.began) < LIFETIME;
        let role = |token| sessions.get(&hash(token)).filter(lives).map(|session| session.role);
        tokens(headers).filter_map(role).max()
    }

    fn lock(&self) -> MutexGuard<'_, ByHash> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie(token: &str, seconds: u64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, token)| token)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn role_after(sessions: &Sessions, cookie: &str, time: Duration) -> Option<Role> {
        let request = TestRequest::get().insert_header((header::COOKIE, cookie)).to_http_request();
        sessions.role_at(request.headers(), Instant::now() + time)
    }

    fn role_of(sessions: &Sessions, cookie: &str) -> Option<Role> {
        role_after(sessions, cookie, Duration::ZERO)
    }

    #[test]
    fn a_session_is_what_its_cookie_says_until_it_ends() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(Role::Reader, true);
        for part in ["HttpOnly", "SameSite=Strict", "; Secure", "Path=/", "Max-Age=43200"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        let pair = cookie.split(';').next().unwrap();
        assert_eq!(role_of(&sessions, pair), Some(Role::Reader));
        assert_eq!(role_of(&sessions, &format!("other=1; {pair}; more=2")), Some(Role::Reader));
        for wrong in ["", "dialogdesk_session=", "dialogdesk_session=x", &pair[1..], &pair[..pair.len() - 1]] {
            assert_eq!(role_of(&sessions, wrong), None, "{wrong}");
        }
        let request = TestRequest::get().insert_header((header::COOKIE, pair)).to_http_request();
        assert!(sessions.end(request.headers(), false).contains("Max-Age=0"));
        assert_eq!(role_of(&sessions, pair), None);
    }

    #[test]
    fn a_session_ends_by_itself() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(Role::Admin, false);
        let pair = cookie.split(';').next().unwrap();
        assert_eq!(role_after(&sessions, pair, LIFETIME - Duration::from_secs(60)), Some(Role::Admin));
        assert_eq!(role_after(&sessions, pair, LIFETIME), None);
    }
}
