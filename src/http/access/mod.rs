//! Who may do what: roles and keys, what each address needs, and the middleware that refuses.
//!
//! What is not listed as open needs a key as soon as keys are needed, so that an address which is
//! added later is closed until somebody says otherwise. Messengers sign their requests themselves;
//! see `channels`.

mod client;
mod keys;
mod limits;
mod sessions;
pub(super) mod sign_in;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, ResponseError, web};

use client::Client;
pub use client::Network;
pub use keys::{KeyHash, new_key};
pub use limits::LimitOptions;
use limits::{Limited, Limits};
use sessions::Sessions;

use super::error::Failure;
use super::{State, openai};

/// Addresses that need no key: they tell nothing, or look after themselves. One that ends in a slash
/// stands for all below it.
const OPEN: [&str; 7] = ["/healthz", "/readyz", "/assets/", "/channels/", "/sign-in", "/sign-out", "/widget.js"];

/// What a caller may do; a greater one may do all that a lesser one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Ask, search, read documents.
    Reader,
    /// See what others asked, rebuild the index.
    Admin,
}

/// Who is let in.
#[derive(Debug, Clone, Default)]
pub struct AccessOptions {
    /// Keys by their hashes.
    pub keys: Vec<(Role, KeyHash)>,
    /// Whether asking and reading need a key.
    pub required: bool,
    /// Proxies whose word on who calls is taken.
    pub trusted_proxies: Vec<Network>,
    pub limits: LimitOptions,
}

/// The keeper of the doors.
pub struct Access {
    options: AccessOptions,
    sessions: Sessions,
    limits: Limits,
}

impl Access {
    pub(super) fn new(options: AccessOptions) -> Self {
        Self { sessions: Sessions::default(), limits: Limits::new(options.limits), options }
    }

    /// What the sender of these headers has shown a key for, with the request or when signing in.
    pub(super) fn role(&self, headers: &HeaderMap) -> Option<Role> {
        let by_key = bearer(headers).and_then(|key| self.role_of_key(key));
        by_key.max(self.sessions.role(headers))
    }

    fn role_of_key(&self, key: &str) -> Option<Role> {
        let given = KeyHash::of(key);
        // All are compared, so that the time does not tell which one came near.
        self.options.keys.iter().filter(|(_, known)| known.is(&given)).map(|(role, _)| *role).max()
    }

    /// Lets those in who may do this.
    ///
    /// # Errors
    /// [`Failure::AdminOff`], [`Failure::AdminKeyNeeded`], [`Failure::Unauthorized`].
    pub(super) fn require(&self, role: Role, headers: &HeaderMap) -> Result<(), Failure> {
        let has_admin = || self.options.keys.iter().any(|(role, _)| *role == Role::Admin);
        match self.role(headers) {
            _ if role == Role::Admin && !has_admin() => Err(Failure::AdminOff),
            Some(given) if given >= role => Ok(()),
            Some(_) => Err(Failure::AdminKeyNeeded),
            None => Err(Failure::Unauthorized),
        }
    }

    fn client(&self, request: &HttpRequest) -> Client {
        let peer = request.peer_addr().map(|address| address.ip());
        Client::of(peer, request.headers(), &self.options.trusted_proxies)
    }

    /// Whether the caller is on this machine, as far as can be told.
    pub(super) fn is_from_here(&self, request: &HttpRequest) -> bool {
        matches!(self.client(request), Client::Loopback)
    }

    /// Counts so many questions of a caller.
    ///
    /// # Errors
    /// [`Failure::RateLimited`]; [`Failure::BatchOverLimit`] when waiting would not help.
    pub(super) fn count(&self, request: &HttpRequest, questions: usize) -> Result<(), Failure> {
        let limits = self.options.limits;
        let known = || !limits.keys && self.role(request.headers()).is_some();
        match self.client(request) {
            Client::Loopback if !limits.loopback => Ok(()),
            _ if known() => Ok(()),
            client => self.limits.take(&client, questions).map_err(|limited| match limited {
                Limited::Wait(wait) => Failure::RateLimited { seconds: wait.as_secs() + 1 },
                Limited::Never => Failure::BatchOverLimit { limit: limits.burst },
            }),
        }
    }

    /// Why a request is refused before it is read, if it is.
    fn refusal(&self, request: &HttpRequest) -> Option<Failure> {
        let pattern = request.match_pattern().unwrap_or_default();
        let closed = self.options.required && !is_open(&pattern);
        let let_in = if closed { self.require(Role::Reader, request.headers()) } else { Ok(()) };
        if let Err(failure) = let_in {
            // Whoever tries keys is slowed down like whoever asks.
            return Some(self.count(request, 1).err().unwrap_or(failure));
        }
        // Also where reading needs none, a key that is wrong is a try.
        let wrong = bearer(request.headers()).is_some_and(|key| self.role_of_key(key).is_none());
        let reads = !wrong && matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if reads || pattern.starts_with("/channels/") { None } else { self.count(request, 1).err() }
    }
}

/// Refuses who may not come in, in the form that the caller reads: a page to sign in for people, the
/// envelope of the protocol for its clients, a problem for everyone else.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let refused = state.and_then(|state| Some((state.access.refusal(request.request())?, state)));
    let Some((failure, state)) = refused else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let response = if matches!(failure, Failure::Unauthorized) && wants_page(request.request()) {
        let page = sign_in::before(&state, request.request(), None, StatusCode::UNAUTHORIZED);
        page.unwrap_or_else(|failure| failure.error_response())
    } else if request.path().starts_with("/v1/") {
        openai::Refusal::from(failure).error_response()
    } else {
        failure.error_response()
    };
    Ok(request.into_response(response))
}

/// Whether a person looks at a page.
pub(super) fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
    *request.method() == Method::GET && accept.contains("text/html")
}

/// Whether an address, as the routes write it, needs no key.
pub(super) fn is_open(pattern: &str) -> bool {
    OPEN.iter().any(|open| pattern == *open || (open.ends_with('/') && pattern.starts_with(open)))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn keeper(keys: &[(Role, &str)]) -> Access {
        let keys = keys.iter().map(|(role, key)| (*role, KeyHash::of(key))).collect();
        Access::new(AccessOptions { keys, ..AccessOptions::default() })
    }

    fn try_key(access: &Access, role: Role, header: Option<&str>) -> &'static str {
        let mut request = TestRequest::post();
        if let Some(header) = header {
            request = request.insert_header((header::AUTHORIZATION, header));
        }
        access.require(role, request.to_http_request().headers()).err().map_or("let in", |f| f.kind())
    }

    #[test]
    fn only_the_right_key_opens_and_a_lesser_one_opens_less() {
        let access = keeper(&[(Role::Admin, "secret"), (Role::Reader, "reader")]);
        assert_eq!(try_key(&access, Role::Admin, Some("Bearer secret")), "let in");
        assert_eq!(try_key(&access, Role::Admin, Some("bearer secret")), "let in");
        assert_eq!(try_key(&access, Role::Reader, Some("Bearer secret")), "let in");
        assert_eq!(try_key(&access, Role::Reader, Some("Bearer reader")), "let in");
        assert_eq!(try_key(&access, Role::Admin, Some("Bearer reader")), "admin-key-needed");
        for wrong in
            [None, Some("Bearer secre"), Some("Bearer secrets"), Some("Bearer "), Some("Basic secret"), Some("secret")]
        {
            assert_eq!(try_key(&access, Role::Admin, wrong), "unauthorized", "{wrong:?}");
            assert_eq!(try_key(&access, Role::Reader, wrong), "unauthorized", "{wrong:?}");
        }
    }

    #[test]
    fn only_addresses_that_look_after_themselves_are_open() {
        for open in ["/healthz", "/readyz", "/assets/{name}", "/channels/{name}/events", "/sign-in"] {
            assert!(is_open(open), "{open}");
        }
        for closed in ["", "/", "/healthz/more", "/assets", "/channels", "/metrics", "/docs", "/api/v1/ask", "/mcp"] {
            assert!(!is_open(closed), "{closed}");
        }
    }

    #[test]
    fn without_an_admin_key_the_admin_routes_are_off_for_everyone() {
        for access in [keeper(&[]), keeper(&[(Role::Reader, "reader")])] {
            assert_eq!(try_key(&access, Role::Admin, Some("Bearer ")), "admin-off");
            assert_eq!(try_key(&access, Role::Admin, Some("Bearer reader")), "admin-off");
        }
    }
}
