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

/// Tokens by their hashes, so that a lookup takes no time that tells of them.
pub(super) struct Sessions(Mutex<LruCache<[u8; 32], (Role, Instant)>>);

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
        self.lock().put(name(&token), (role, Instant::now()));
        cookie(&token, LIFETIME.as_secs(), secure)
    }

    /// Ends the session of these headers and gives the cookie that forgets it.
    pub(super) fn end(&self, headers: &HeaderMap, secure: bool) -> String {
        for token in tokens(headers) {
            self.lock().pop(&name(token));
        }
        cookie("", 0, secure)
    }

    /// What the sender of these headers signed in for, if it did and not too long ago.
    pub(super) fn role(&self, headers: &HeaderMap) -> Option<Role> {
        let mut sessions = self.lock();
        let role =
            |token| sessions.get(&name(token)).filter(|(_, began)| began.elapsed() < LIFETIME).map(|(role, _)| *role);
        tokens(headers).filter_map(role).max()
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<[u8; 32], (Role, Instant)>> {
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

fn name(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn role_of(sessions: &Sessions, cookie: &str) -> Option<Role> {
        let request = TestRequest::get().insert_header((header::COOKIE, cookie)).to_http_request();
        sessions.role(request.headers())
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
        let past = Instant::now().checked_sub(LIFETIME);
        // A machine that was started less than half a day ago has no such moment.
        let Some(past) = past else { return };
        sessions.lock().put(name(pair.split('=').nth(1).unwrap()), (Role::Admin, past));
        assert_eq!(role_of(&sessions, pair), None);
    }
}
