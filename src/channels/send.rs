//! Does the answer arrive? Requests to vendors, sent again with growing pauses for as long as that
//! can help, and the tokens that some vendors want fetched first.
//!
//! A log line says which messenger and what the vendor answered, never a secret, an address with a
//! token in it, or a word that a person wrote.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

use super::{Limits, Secret};

/// Most bytes of a vendor's answer that are read.
const ANSWER_LIMIT: u64 = 256 * 1024;

/// A token is fetched anew so long before it ends.
const TOKEN_MARGIN: Duration = Duration::from_secs(60);

/// A pause that a vendor asks for and that is longer than this is not waited for.
const LONGEST_WISH: Duration = Duration::from_secs(10 * 60);

/// How long one message may take with all its pauses: it holds a place of the queue so long.
const LONGEST_DELIVERY: Duration = Duration::from_secs(15 * 60);

/// A request to a vendor.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub verb: Verb,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
    pub auth: Auth,
    /// What an answer means.
    pub verdict: fn(status: u16, body: &Value) -> Verdict,
    /// Where the answer names the message that it made, for messengers whose feedback names that.
    pub message_id: Option<&'static str>,
    /// Put before that name, where it is one of its conversation alone.
    pub message_prefix: String,
    /// Sent instead when this is refused.
    pub otherwise: Option<Box<Outgoing>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Post,
    Patch,
}

/// How the vendor knows us.
#[derive(Debug, Clone)]
pub enum Auth {
    /// The address or the body says it.
    None,
    Bearer(Secret),
    Token(Arc<TokenSource>),
}

/// What a vendor's answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// Sending it again later can help, after this long if the vendor says so.
    Later(Option<Duration>),
    /// The token that was fetched is no longer taken.
    TokenEnded,
    /// It never will; in the vendor's words.
    Refused(String),
}

/// A token that is fetched and used until it ends.
#[derive(Debug)]
pub struct TokenSource {
    pub url: String,
    pub request: TokenRequest,
    /// Field of the answer that holds the token; `expires` holds the seconds that it is valid.
    pub token: &'static str,
    pub expires: &'static str,
    pub kept: Mutex<Option<(Secret, Instant)>>,
}

/// The two forms in which credentials are sent.
#[derive(Debug)]
pub enum TokenRequest {
    Form(Vec<(&'static str, Secret)>),
    Json(Vec<(&'static str, Secret)>),
}

/// Why a request was not delivered, in words for the log.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("the vendor refused it: {0}")]
    Refused(String),
    #[error("given up after {attempts} attempts, the last one: {last}")]
    GivenUp { attempts: u32, last: String },
}

/// A vendor's answer.
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    body: Value,
}

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    limits: Limits,
}

impl Outgoing {
    /// A POST whose answer is judged by its status alone.
    #[must_use]
    pub fn post(url: String, body: Value) -> Self {
        Self {
            verb: Verb::Post,
            url,
            headers: Vec::new(),
            body,
            auth: Auth::None,
            verdict: by_status,
            message_id: None,
            message_prefix: String::new(),
            otherwise: None,
        }
    }
}

/// Done, to be sent again, or refused, as the status says.
#[must_use]
pub fn by_status(status: u16, _: &Value) -> Verdict {
    match status {
        200..=299 => Verdict::Done,
        // 409: a vendor that was sent the same before.
        409 => Verdict::Done,
        401 => Verdict::TokenEnded,
        408 | 425 | 429 | 500..=599 => Verdict::Later(None),
        _ => Verdict::Refused(format!("status {status}")),
    }
}

impl Client {
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(limits.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("dialogdesk/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), limits: limits.clone() }
    }

    /// Sends a request until the vendor has taken it or it is given up; says under which name the
    /// vendor knows the message, where that is asked for.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn deliver(&self, outgoing: Outgoing) -> Result<Option<String>, SendError> {
        let otherwise = outgoing.otherwise.clone();
        match (self.deliver_this(outgoing).await, otherwise) {
            (Err(SendError::Refused(_)), Some(other)) => self.deliver_this(*other).await,
            (result, _) => result,
        }
    }

    async fn deliver_this(&self, outgoing: Outgoing) -> Result<Option<String>, SendError> {
        let outgoing = Arc::new(outgoing);
        let begun = Instant::now();
        let mut last = String::new();
        for attempt in 1..=self.limits.attempts.max(1) {
            let wish = match self.attempt(&outgoing).await {
                Ok(answer) => match (outgoing.verdict)(answer.status, &answer.body) {
                    Verdict::Done => return Ok(message_id(&outgoing, &answer.body)),
                    Verdict::Refused(why) => return Err(SendError::Refused(why)),
                    // A new one was tried already.
                    Verdict::TokenEnded => return Err(SendError::Refused("it does not know us".to_owned())),
                    Verdict::Later(wish) => {
                        last = format!("status {}", answer.status);
                        wish.or(answer.retry_after)
                    }
                },
                Err(error) => {
                    last = error;
                    None
                }
            };
            if attempt == self.limits.attempts || wish.is_some_and(|wish| wish > LONGEST_WISH) {
                return Err(SendError::GivenUp { attempts: attempt, last });
            }
            let pause = self.pause(attempt, wish);
            if begun.elapsed() + pause > LONGEST_DELIVERY {
                return Err(SendError::GivenUp { attempts: attempt, last });
            }
            tokio::time::sleep(pause).await;
        }
        Err(SendError::GivenUp { attempts: self.limits.attempts, last })
    }

    /// Between half of and the whole growing pause, so that many who wait do not come back at once;
    /// never shorter than the vendor wishes.
    fn pause(&self, attempt: u32, wish: Option<Duration>) -> Duration {
        let doubled = self.limits.first_pause.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        let pause = doubled.min(self.limits.longest_pause).mul_f64(0.5 + fastrand::f64() / 2.0);
        wish.map_or(pause, |wish| wish + pause.min(Duration::from_secs(1)))
    }

    async fn attempt(&self, outgoing: &Arc<Outgoing>) -> Result<Answer, String> {
        let (client, outgoing) = (self.clone(), Arc::clone(outgoing));
        let sent = tokio::task::spawn_blocking(move || client.send(&outgoing));
        sent.await.unwrap_or_else(|_| Err("the request was cut off".to_owned()))
    }

    /// One attempt; a second one when the token is no longer taken. Blocks the calling thread.
    fn send(&self, outgoing: &Outgoing) -> Result<Answer, String> {
        let answer = self.send_with(outgoing, self.bearer(&outgoing.auth)?)?;
        match &outgoing.auth {
            Auth::Token(source) if (outgoing.verdict)(answer.status, &answer.body) == Verdict::TokenEnded => {
                source.forget();
                self.send_with(outgoing, self.bearer(&outgoing.auth)?)
            }
            _ => Ok(answer),
        }
    }

    fn send_with(&self, outgoing: &Outgoing, bearer: Option<Secret>) -> Result<Answer, String> {
        let mut request = match outgoing.verb {
            Verb::Post => self.agent.post(&outgoing.url),
            Verb::Patch => self.agent.patch(&outgoing.url),
        };
        for (name, value) in &outgoing.headers {
            request = request.header(*name, value);
        }
        if let Some(secret) = bearer {
            request = request.header("authorization", format!("Bearer {}", secret.reveal()));
        }
        request.send_json(&outgoing.body).map_err(told).and_then(read)
    }

    fn bearer(&self, auth: &Auth) -> Result<Option<Secret>, String> {
        match auth {
            Auth::None => Ok(None),
            Auth::Bearer(secret) => Ok(Some(secret.clone())),
            Auth::Token(source) => source.get(self).map(Some),
        }
    }

    /// Fetches JSON, once. Blocks the calling thread.
    ///
    /// # Errors
    /// What went wrong, for the log.
    pub fn fetch(&self, url: &str) -> Result<Value, String> {
        let answer = self.agent.get(url).call().map_err(told).and_then(read)?;
        if answer.status == 200 { Ok(answer.body) } else { Err(format!("status {}", answer.status)) }
    }
}

impl TokenSource {
    #[must_use]
    pub fn new(url: String, request: TokenRequest, token: &'static str, expires: &'static str) -> Self {
        Self { url, request, token, expires, kept: Mutex::new(None) }
    }

    fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The token that is valid now, fetched when there is none. Others wait meanwhile: they would
    /// fetch the same.
    fn get(&self, client: &Client) -> Result<Secret, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, until)) = kept.as_ref()
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let request = client.agent.post(&self.url);
        let answer = match &self.request {
            TokenRequest::Form(fields) => request.send_form(fields.iter().map(|(name, value)| (*name, value.reveal()))),
            TokenRequest::Json(fields) => {
                let fields: serde_json::Map<String, Value> =
                    fields.iter().map(|(name, value)| ((*name).to_owned(), value.reveal().into())).collect();
                request.send_json(Value::Object(fields))
            }
        };
        let answer = answer.map_err(told).and_then(read)?;
        let token = answer.body[self.token].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| format!("no token was given, status {}", answer.status))?;
        let token = Secret::from(token.to_owned());
        let valid = Duration::from_secs(answer.body[self.expires].as_u64().unwrap_or(0)).saturating_sub(TOKEN_MARGIN);
        *kept = Instant::now().checked_add(valid).map(|until| (token.clone(), until));
        Ok(token)
    }
}

fn message_id(outgoing: &Outgoing, body: &Value) -> Option<String> {
    let id = body.pointer(outgoing.message_id?)?;
    let id = id.as_str().map(str::to_owned).or_else(|| id.as_i64().map(|n| n.to_string()))?;
    Some(format!("{}{id}", outgoing.message_prefix))
}

/// What failed, without the address, which may hold a token.
fn told(error: ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::HostNotFound => "the vendor's host was not found".to_owned(),
        ureq::Error::ConnectionFailed => "no connection".to_owned(),
        ureq::Error::Io(error) => format!("no connection: {}", error.kind()),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "no trusted connection".to_owned(),
        _ => "the request could not be sent".to_owned(),
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, String> {
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
    let retry_after = header("retry-after").and_then(|text| text.trim().parse::<f64>().ok());
    let retry_after = retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    // What is no JSON, or breaks off, is judged by its status: a message that was taken is not sent again.
    let text = response.body_mut().with_config().limit(ANSWER_LIMIT).lossy_utf8(true).read_to_string();
    let text = text.unwrap_or_default();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer { status: response.status().as_u16(), retry_after, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client::new(&Limits::default())
    }

    #[test]
    fn pauses_grow_vary_and_end() {
        let client = client();
        let range = |attempt| {
            let seen: Vec<Duration> = (0..200).map(|_| client.pause(attempt, None)).collect();
            (*seen.iter().min().unwrap(), *seen.iter().max().unwrap())
        };
        let (shortest, longest) = range(1);
        assert!(shortest >= Duration::from_millis(250) && longest <= Duration::from_millis(500) && shortest < longest);
        assert!(range(3).0 >= Duration::from_secs(1));
        assert!(range(40).1 <= Duration::from_secs(60));
    }

    #[test]
    fn a_vendors_wish_is_never_undercut() {
        let wish = Duration::from_secs(7);
        assert!((0..100).all(|_| client().pause(1, Some(wish)) >= wish));
    }

    #[test]
    fn what_can_pass_by_itself_is_sent_again_and_nothing_else() {
        let verdict = |status| by_status(status, &Value::Null);
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(verdict(status), Verdict::Later(None));
        }
        assert_eq!((verdict(200), verdict(204), verdict(409)), (Verdict::Done, Verdict::Done, Verdict::Done));
        for status in [301, 400, 403, 404, 413] {
            assert!(matches!(verdict(status), Verdict::Refused(_)));
        }
        assert_eq!(verdict(401), Verdict::TokenEnded);
    }
}
