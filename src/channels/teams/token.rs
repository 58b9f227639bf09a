//! Is it Microsoft who calls? Tokens of the Bot Framework: RS256 with keys that Microsoft publishes.
//!
//! Only one algorithm is read, so that no token can choose a weaker one, and a small check over
//! `ring` does what a library for all of them would.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

use super::super::send::Client;
use super::super::{Refusal, list, text};

/// Who gives these tokens.
const ISSUER: &str = "https://api.botframework.com";

/// How far the clocks may be apart, in seconds.
const SKEW: i64 = 5 * 60;

/// Keys are fetched anew after a day, and when a token names one that is not known; the latter not
/// oftener than this, because anybody can name keys.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const BETWEEN: Duration = Duration::from_secs(60);

/// The keys of the Bot Framework, as far as they were fetched.
pub(super) struct Keys {
    base: String,
    app_id: String,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Key>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

impl Known {
    fn named(&self, id: &str) -> Option<Key> {
        self.keys.iter().find(|key| key.id == id).cloned()
    }

    /// Whether the caller, who looks for this key, is the one to fetch the keys now.
    fn is_due(&mut self, id: &str) -> bool {
        let wanting = self.fetched.is_none_or(|at| at.elapsed() > KEPT) || self.named(id).is_none();
        let due = wanting && self.tried.is_none_or(|at| at.elapsed() > BETWEEN);
        if due {
            self.tried = Some(Instant::now());
        }
        due
    }
}

#[derive(Clone)]
struct Key {
    id: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    /// The channels of the Bot Framework that it signs for.
    endorsements: Vec<String>,
}

/// What a valid token says.
pub(super) struct Claims {
    service_url: String,
    endorsements: Vec<String>,
    /// The operator has named an address without TLS, as tests do.
    trusts_plain: bool,
}

impl Claims {
    /// Whether the token was given for this activity.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub fn fit(&self, activity: &Value) -> Result<(), Refusal> {
        let service = text(activity, "/serviceUrl").unwrap_or_default();
        let same = self.service_url.trim_end_matches('/') == service.trim_end_matches('/');
        let safe = service.starts_with("https://") || (self.trusts_plain && service.starts_with("http://"));
        let channel = text(activity, "/channelId").unwrap_or_default();
        let endorsed = self.endorsements.iter().any(|endorsed| endorsed == channel);
        if same && safe && endorsed { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

impl Keys {
    pub fn new(base: String, app_id: String) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), app_id, known: Mutex::default() }
    }

    /// Checks a token at a time in seconds. Blocks the calling thread when keys must be fetched.
    ///
    /// # Errors
    /// [`Refusal::Forged`] for a token that is none or is signed by somebody else,
    /// [`Refusal::Forbidden`] for one that is meant for somebody else, [`Refusal::Stale`],
    /// [`Refusal::Unchecked`] when no keys can be had.
    pub fn check(&self, client: &Client, token: &str, now: i64) -> Result<Claims, Refusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Forged)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Forged)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Forged)?;
        let header = part(header)?;
        let (Some("RS256"), Some(id)) = (text(&header, "/alg"), text(&header, "/kid")) else {
            return Err(Refusal::Forged);
        };
        let key = self.key(client, id)?;
        let public = RsaPublicKeyComponents { n: &key.modulus, e: &key.exponent };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).map_err(|_| Refusal::Forged)?;
        let claims = part(claims)?;
        self.meant(&claims, now)?;
        Ok(Claims {
            service_url: text(&claims, "/serviceurl").unwrap_or_default().to_owned(),
            endorsements: key.endorsements,
            trusts_plain: self.base.starts_with("http://"),
        })
    }

    fn meant(&self, claims: &Value, now: i64) -> Result<(), Refusal> {
        let time = |name: &str| claims[name].as_i64();
        let expired = time("exp").is_none_or(|until| now.saturating_sub(SKEW) > until);
        let early = time("nbf").is_some_and(|from| now.saturating_add(SKEW) < from);
        if expired || early {
            return Err(Refusal::Stale);
        }
        let ours = text(claims, "/iss") == Some(ISSUER) && text(claims, "/aud") == Some(&self.app_id);
        if ours { Ok(()) } else { Err(Refusal::Forbidden) }
    }

    fn key(&self, client: &Client, id: &str) -> Result<Key, Refusal> {
        let due = self.known().is_due(id);
        // Not while holding the keys: whoever calls meanwhile is judged by those that are known.
        let fresh = due.then(|| self.fetch(client)).transpose();
        let fresh =
            fresh.inspect_err(|error| tracing::warn!(%error, "the keys of the Bot Framework cannot be fetched"));
        let mut known = self.known();
        if let Ok(Some(keys)) = fresh {
            known.keys = keys;
            known.fetched = Some(Instant::now());
        }
        // Where the keys are not of now, another caller may be fetching them: the vendor calls again.
        let of_now = known.fetched.is_some_and(|at| at.elapsed() <= BETWEEN);
        known.named(id).ok_or(if of_now { Refusal::Forged } else { Refusal::Unchecked })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self, client: &Client) -> Result<Vec<Key>, String> {
        let described = client.fetch(&format!("{}/v1/.well-known/openidconfiguration", self.base))?;
        let url = text(&described, "/jwks_uri").ok_or("the description names no keys")?;
        if !url.starts_with("https://") && !url.starts_with(&format!("{}/", self.base)) {
            return Err("the keys are not at a safe address".to_owned());
        }
        let keys = client.fetch(url)?;
        Ok(list(&keys, "/keys").iter().filter_map(key).collect())
    }
}

fn part(text: &str) -> Result<Value, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Forged)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Forged)
}

fn key(key: &Value) -> Option<Key> {
    let number = |pointer| URL_SAFE_NO_PAD.decode(text(key, pointer)?.trim_end_matches('=')).ok();
    let endorsements = list(key, "/endorsements").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (text(key, "/kty") == Some("RSA")).then_some(())?;
    Some(Key { id: text(key, "/kid")?.to_owned(), modulus: number("/n")?, exponent: number("/e")?, endorsements })
}
