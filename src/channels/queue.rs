//! When is an event answered? Taken at the door into a bounded number of places, then one after the
//! other within a conversation, so that a follow-up finds what it follows.
//!
//! An event keeps its place until its answer has arrived or was given up: what is bounded is all
//! that is under way, pauses between two attempts included. Runs on a thread of its own, so that
//! answers leave whatever the doors do. Knows no messenger: those are `Messenger` and `Delivery`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::render::{self, Note};
use super::send::{Client, Outgoing};
use super::{About, Delivery, Event, Limits, Message, Messenger, Rated, Refusal, What};
use crate::ask::{Ask, AskError};
use crate::conversation::{Asked, Channel, ConversationId, Conversations, Told};
use crate::prompts::{DEFAULT_LOCALE, Prompts};
use crate::store::Feedback;

/// Most questions of one conversation that are under way: who sends more waits for answers, and does
/// not take the places of everybody else.
const OF_ONE: usize = 16;

/// Conversations whose turn is remembered before those that nobody waits in are forgotten.
const TURNS: usize = 1024;

/// How long a question waits for a server that is starting or busy, and how often it is tried.
const PATIENCE: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(1);

/// How often it is looked whether all has left, when the server stops.
const STOPPING: Duration = Duration::from_millis(20);

/// An event with the messenger it came from.
pub(super) struct Job {
    pub messenger: Arc<dyn Messenger>,
    pub event: Event,
}

/// What answering takes.
pub(super) struct Desk {
    pub conversations: Arc<Conversations>,
    pub prompts: Arc<Prompts>,
    pub public_url: String,
    pub client: Client,
}

/// What became of the events when the queue was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Events that were taken and whose answers have not left.
    pub unanswered: usize,
}

/// Events on their way.
pub(super) struct Queue {
    places: Arc<Semaphore>,
    shares: Arc<Shares>,
    conversations: Arc<Conversations>,
    /// None when it was stopped.
    running: Mutex<Option<Running>>,
}

struct Running {
    jobs: mpsc::UnboundedSender<(Job, Place)>,
    thread: std::thread::JoinHandle<Report>,
}

impl Queue {
    /// Starts the thread that answers.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(desk: Desk, limits: Limits) -> std::io::Result<Self> {
        let capacity = limits.queue.clamp(1, Semaphore::MAX_PERMITS);
        let places = Arc::new(Semaphore::new(capacity));
        // Bounded by the places.
        let (jobs, taken) = mpsc::unbounded_channel();
        let conversations = Arc::clone(&desk.conversations);
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let waiting = Arc::clone(&places);
        let work = move || {
            let report = runtime.block_on(work(Arc::new(Workshop::new(desk)), taken, &waiting, capacity, &limits));
            // A request to a vendor that hangs keeps nobody from stopping.
            runtime.shutdown_background();
            report
        };
        let thread = std::thread::Builder::new().name("channels".to_owned()).spawn(work)?;
        Ok(Self { places, shares: Arc::default(), conversations, running: Mutex::new(Some(Running { jobs, thread })) })
    }

    /// Takes an event, unless it was taken before. Blocks for a look into the store.
    ///
    /// # Errors
    /// [`Refusal::Full`]; the event is not noted then, and taken when it comes again.
    pub fn take(&self, job: Job) -> Result<(), Refusal> {
        let channel = job.messenger.profile().channel.name();
        let share = self.shares.take(&job);
        let place = share.zip(Arc::clone(&self.places).try_acquire_owned().ok());
        let Some((share, place)) = place else {
            count_event(channel, "refused");
            return Err(Refusal::Full);
        };
        // Held until the event is handed over: once it is noted, nothing may refuse it.
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(running) = running.as_ref().filter(|running| !running.jobs.is_closed()) else {
            return Err(Refusal::Full);
        };
        if !self.conversations.store().first_sight(channel, &job.event.id) {
            count_event(channel, "duplicate");
            return Ok(());
        }
        count_event(channel, "taken");
        running.jobs.send((job, Place { _of_all: place, _share: share })).map_err(|_| Refusal::Full)
    }

    /// Takes nothing more and waits for what is under way. A second call has nothing to wait for.
    pub fn stop(&self) -> Report {
        self.places.close();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let nothing = Report { unanswered: 0 };
        let Some(Running { jobs, thread }) = running else { return nothing };
        drop(jobs);
        thread.join().unwrap_or(nothing)
    }
}

/// A place among all events, and one among those of its conversation; free when it is dropped.
struct Place {
    _of_all: OwnedSemaphorePermit,
    _share: Share,
}

/// How many questions of each conversation are under way.
#[derive(Default)]
struct Shares(Mutex<HashMap<ConversationId, usize>>);

/// One of them; ratings and greetings are nobody's.
struct Share {
    of: Option<ConversationId>,
    shares: Arc<Shares>,
}

impl Shares {
    /// None when its conversation has as many under way as it may have.
    fn take(self: &Arc<Self>, job: &Job) -> Option<Share> {
        let of = match &job.event.what {
            What::Question { place, .. } => Some(ConversationId::of_messenger(job.messenger.profile().channel, place)),
            What::Greeting | What::Rated { .. } => None,
        };
        if let Some(id) = &of {
            let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let taken = shares.entry(id.clone()).or_default();
            if *taken == OF_ONE {
                return None;
            }
            *taken += 1;
        }
        Some(Share { of, shares: Arc::clone(self) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(id) = self.of.take() else { return };
        let mut shares = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        match shares.get_mut(&id) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => drop(shares.remove(&id)),
        }
    }
}

async fn work(
    shop: Arc<Workshop>,
    mut taken: mpsc::UnboundedReceiver<(Job, Place)>,
    places: &Semaphore,
    capacity: usize,
    limits: &Limits,
) -> Report {
    while let Some((job, place)) = taken.recv().await {
        let shop = Arc::clone(&shop);
        // Tasks of this runtime begin in the order in which they are made, which is the order of
        // their turns.
        tokio::spawn(async move {
            shop.work(job).await;
            drop(place);
        });
    }
    let under_way = || capacity - places.available_permits().min(capacity);
    let until = Instant::now() + limits.patience;
    while under_way() > 0 && Instant::now() < until {
        tokio::time::sleep(STOPPING).await;
    }
    Report { unanswered: under_way() }
}

/// Where events are answered.
struct Workshop {
    desk: Desk,
    /// Questions worked on at a time; more than the machine has cores would only share them.
    hands: Arc<Semaphore>,
    turns: Turns,
}

impl Workshop {
    fn new(desk: Desk) -> Self {
        let hands = std::thread::available_parallelism().map_or(1, usize::from);
        Self { desk, hands: Arc::new(Semaphore::new(hands)), turns: Turns::default() }
    }

    async fn work(&self, job: Job) {
        let Job { messenger, event: Event { what, to, .. } } = job;
        let channel = messenger.profile().channel;
        let sent = match what {
            What::Question { place, text } => {
                let conversation = ConversationId::of_messenger(channel, &place);
                let _turn = self.turns.wait(conversation.as_str()).await;
                self.question(messenger.as_ref(), to.as_ref(), conversation, text).await
            }
            What::Greeting => self.note(channel, to.as_ref(), Note::Greeting, About::Question).await,
            What::Rated { reply, rating, comment } => {
                self.rated(channel, to.as_ref(), reply, Feedback { rating, comment }).await
            }
        };
        count_delivery(channel, sent);
    }

    /// Answers a question; says whether all of it arrived.
    async fn question(&self, messenger: &dyn Messenger, to: &dyn Delivery, id: ConversationId, text: String) -> bool {
        let channel = messenger.profile().channel;
        let told = match self.answer(channel, id, text).await {
            Ok(told) => told,
            Err(failed) => return self.note(channel, to, failed, About::Question).await,
        };
        let desk = &self.desk;
        let rendered =
            render::reply(&desk.prompts, channel.name(), messenger.profile().markup, &desk.public_url, &told.reply);
        let rendered = match rendered {
            Ok(rendered) => rendered,
            Err(error) => {
                tracing::error!(channel = channel.name(), %error, "an answer could not be put into words");
                return self.note(channel, to, Note::Failed, About::Question).await;
            }
        };
        let message = Message { parts: &rendered.parts, reply_id: &told.id, sources: &rendered.sources };
        self.deliver(channel, to.answer(&message), Some(&told.id)).await
    }

    /// Puts a question to the engine, again and again while the server starts or is busy.
    async fn answer(&self, channel: Channel, id: ConversationId, text: String) -> Result<Told, Note> {
        let started = Instant::now();
        loop {
            let ask = Ask { question: text.clone(), ..Ask::default() };
            let asked = Asked { ask, conversation: Some(id.clone()), channel, started };
            match self.put(asked).await? {
                Ok(told) => return Ok(told),
                Err(AskError::NotReady | AskError::Busy) if started.elapsed() < PATIENCE => {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => return Err(note_of(channel, &error)),
            }
        }
    }

    async fn put(&self, asked: Asked) -> Result<Result<Told, AskError>, Note> {
        let hand = Arc::clone(&self.hands).acquire_owned().await.map_err(|_| Note::Failed)?;
        let conversations = Arc::clone(&self.desk.conversations);
        let work = tokio::task::spawn_blocking(move || {
            let told = conversations.answer(asked, None);
            drop(hand);
            told
        });
        work.await.map_err(|_| {
            tracing::error!("a question of a messenger was cut off by a panic or the shutdown");
            Note::Failed
        })
    }

    async fn rated(&self, channel: Channel, to: &dyn Delivery, reply: Rated, feedback: Feedback) -> bool {
        let conversations = Arc::clone(&self.desk.conversations);
        let keep = move || {
            let reply_id = match reply {
                Rated::Reply(id) => Some(id),
                Rated::Message(message) => conversations.reply_in(channel, &message)?,
            };
            reply_id.map_or(Ok(None), |id| conversations.rate(&id, feedback))
        };
        match tokio::task::spawn_blocking(keep).await {
            Ok(Ok(Some(_))) => self.note(channel, to, Note::Thanks, About::Rating).await,
            Ok(Ok(None)) | Err(_) => true,
            Ok(Err(error)) => {
                tracing::error!(channel = channel.name(), %error, "feedback could not be kept");
                self.note(channel, to, Note::Failed, About::Rating).await
            }
        }
    }

    async fn note(&self, channel: Channel, to: &dyn Delivery, note: Note, about: About) -> bool {
        match render::note(&self.desk.prompts, DEFAULT_LOCALE, note) {
            Ok(words) => self.deliver(channel, to.note(&words, about), None).await,
            Err(error) => {
                tracing::error!(channel = channel.name(), %error, "a note could not be put into words");
                false
            }
        }
    }

    /// Sends requests in their order; what follows one that was given up would not be understood.
    async fn deliver(&self, channel: Channel, requests: Vec<Outgoing>, reply_id: Option<&str>) -> bool {
        for request in requests {
            match self.desk.client.deliver(request).await {
                Ok(message) => {
                    if let (Some(message), Some(reply)) = (message, reply_id) {
                        self.arrived(channel, message, reply.to_owned()).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(channel = channel.name(), %error, "a message was not delivered");
                    return false;
                }
            }
        }
        true
    }

    async fn arrived(&self, channel: Channel, message: String, reply_id: String) {
        let conversations = Arc::clone(&self.desk.conversations);
        let noted = tokio::task::spawn_blocking(move || conversations.arrived(channel, message, &reply_id)).await;
        if noted.is_err() {
            tracing::error!(channel = channel.name(), "a message was not noted; its ratings are lost");
        }
    }
}

/// What the person is told who asked.
fn note_of(channel: Channel, error: &AskError) -> Note {
    match error {
        AskError::QuestionTooLong { .. } | AskError::TooManyPieces { .. } => Note::TooLong,
        AskError::EmptyQuestion => Note::Greeting,
        AskError::NotReady | AskError::Busy => Note::Busy,
        AskError::HistoryTooLong { .. }
        | AskError::UnknownDocument { .. }
        | AskError::LimitOutOfRange { .. }
        | AskError::Encoder(_)
        | AskError::Citation(_)
        | AskError::Template(_) => {
            tracing::error!(channel = channel.name(), %error, "a question of a messenger failed");
            Note::Failed
        }
    }
}

/// One question at a time in each conversation, in their order.
#[derive(Default)]
struct Turns(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    async fn wait(&self, conversation: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if turns.len() >= TURNS {
                turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            }
            Arc::clone(turns.entry(conversation.to_owned()).or_default())
        };
        turn.lock_owned().await
    }
}

fn count_event(channel: &'static str, outcome: &'static str) {
    metrics::counter!("dialogdesk_channel_events_total", "channel" => channel, "outcome" => outcome).increment(1);
}

fn count_delivery(channel: Channel, arrived: bool) {
    let outcome = if arrived { "delivered" } else { "undelivered" };
    metrics::counter!("dialogdesk_channel_replies_total", "channel" => channel.name(), "outcome" => outcome)
        .increment(1);
}
