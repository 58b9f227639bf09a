//! The story: a question comes in, passages are found, sentences are chosen, a decision is taken,
//! an answer of verbatim quotes leaves.
//!
//! [`Engine::ask`] tells it; how a refusal is put, in which language, and what a search returns stand
//! in files of their own.

mod language;
mod refusal;
#[cfg(test)]
pub(crate) mod sample;
mod search;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use arc_swap::ArcSwapOption;

use crate::answer::{
    self, Composed, Evidence, Features, FittedOn, Model, Nothing, Part, ReadingSummary, Scene, SelectOptions,
    Shortlist, ToRead, Topic,
};
use crate::corpus::{PassageId, PassageRef};
use crate::index::{PassageFilter, Scored, Snapshot};
use crate::mechanism::Mechanisms;
use crate::models::{EncodeError, Encoder, Encoding, MAX_PIECES, ReadError, Reader};
use crate::prompts::Prompts;
use crate::question::{self, Interpretation, People, Query, Question, QuestionError};
pub use crate::reply::{
    Abstention, Answer, Ask, AskError, Citation, Head, Hit, Message, Mode, PassageRead, Read, Reply, Role, Search,
    Trace,
};
use crate::retrieve::{self, Retrieval, RetrieveOptions, Wanted};
pub use search::MAX_HITS;

/// What the stages of an engine are set to.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    pub retrieve: RetrieveOptions,
    pub select: SelectOptions,
    /// Replaces the decision model's threshold.
    pub threshold: Option<f64>,
    /// What is in use.
    pub mechanisms: Mechanisms,
}

/// Entries of each ranking in a trace.
const TRACE_DEPTH: usize = 100;

/// A snapshot with what was learned from it when it began to serve.
struct Serving {
    snapshot: Arc<Snapshot>,
    people: People,
    languages: Vec<String>,
    /// Questions that were asked and answered over this snapshot, once they are needed.
    suggestions: OnceLock<Vec<String>>,
}

/// Answers questions over the serving snapshot. Cheap to share behind an `Arc`; all calls block the
/// calling thread.
pub struct Engine {
    serving: ArcSwapOption<Serving>,
    encoder: Option<Encoder>,
    reader: Option<Reader>,
    prompts: Arc<Prompts>,
    model: Model,
    options: EngineOptions,
}

/// One question of those asked at once, worked out.
struct Worked {
    query: Query,
    topic: Topic,
    retrieval: Retrieval,
    found: Result<Evidence, Nothing>,
    features: Features,
    decision: answer::Decision,
    read: Vec<ToRead>,
    stages: Stages,
}

/// What may answer one question.
struct Found {
    topic: Topic,
    retrieval: Retrieval,
    shortlist: Shortlist,
    /// The passages that were read, …
    read: Vec<ToRead>,
    /// … and what was made of them.
    reading: ReadingSummary,
    stages: Stages,
}

/// How long each stage took, for the trace.
struct Stages {
    since: Instant,
    milliseconds: Vec<(String, f64)>,
}

impl Stages {
    fn start() -> Self {
        Self { since: Instant::now(), milliseconds: Vec::new() }
    }

    /// The time since the last stage belongs to none.
    fn resume(&mut self) {
        self.since = Instant::now();
    }

    fn end(&mut self, stage: &str) {
        let now = Instant::now();
        self.milliseconds.push((stage.to_owned(), (now - self.since).as_secs_f64() * 1e3));
        self.since = now;
    }
}

impl Engine {
    /// An engine that serves nothing yet. Without an encoder it searches lexically alone.
    #[must_use]
    pub fn new(
        encoder: Option<Encoder>,
        reader: Option<Reader>,
        prompts: Arc<Prompts>,
        model: Model,
        options: EngineOptions,
    ) -> Self {
        Self { serving: ArcSwapOption::empty(), encoder, reader, prompts, model, options }
    }

    /// The same engine over the snapshot that serves now, set to something else; its suggestions
    /// are those of this one.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut EngineOptions)) -> Self {
        drop(self.suggestions());
        let mut options = self.options.clone();
        change(&mut options);
        let (encoder, reader, prompts) = (self.encoder.clone(), self.reader.clone(), Arc::clone(&self.prompts));
        let serving = ArcSwapOption::new(self.serving.load_full());
        Self { serving, encoder, reader, prompts, model: self.model.clone(), options }
    }

    /// The question sets that the confidence was fitted on.
    #[must_use]
    pub fn fitted_on(&self) -> &[FittedOn] {
        &self.model.fitted_on
    }

    /// The serving snapshot, if any.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.serving.load().as_ref().map(|s| Arc::clone(&s.snapshot))
    }

    /// Makes a snapshot the serving one; requests under way keep theirs.
    ///
    /// Where another one serves, the new one's suggestions are worked out first; at a start they are
    /// worked out behind, by whoever needs them first, because that takes as long as all the rest.
    pub fn serve(&self, snapshot: Arc<Snapshot>) {
        let people = People::of(&snapshot.corpus);
        let mut languages: Vec<String> = snapshot.corpus.documents.iter().map(|d| d.language().to_owned()).collect();
        languages.sort();
        languages.dedup();
        let serving = Serving { snapshot, people, languages, suggestions: OnceLock::new() };
        if self.serving.load().is_some() {
            self.suggestions_of(&serving);
        }
        self.serving.store(Some(Arc::new(serving)));
    }

    /// Questions that the serving snapshot answers, for an empty chat. The first call after a start
    /// asks them all; others wait for it.
    #[must_use]
    pub fn suggestions(&self) -> Vec<String> {
        self.serving.load_full().map_or_else(Vec::new, |serving| self.suggestions_of(&serving).to_vec())
    }

    fn suggestions_of<'a>(&self, serving: &'a Serving) -> &'a [String] {
        serving.suggestions.get_or_init(|| {
            let candidates = question::candidates(&serving.snapshot.corpus);
            candidates.into_iter().filter(|q| self.can_answer(serving, q)).collect()
        })
    }

    fn scene<'a>(&self, serving: &'a Serving) -> Scene<'a> {
        Scene { snapshot: &serving.snapshot, people: &serving.people, mechanisms: self.options.mechanisms }
    }

    /// Whether a question is answered, asked with the patience of indexing.
    fn can_answer(&self, serving: &Serving, text: &str) -> bool {
        let Ok(question) = Question::parse(text) else { return false };
        let scene = self.scene(serving);
        let understood = question::interpret(&question, &[], &serving.people, self.options.mechanisms);
        let encode = |text: &str| Ok(self.encoder.as_ref().and_then(|e| e.encode_waiting(text).ok()));
        understood.parts.iter().all(|q| self.work_out(scene, q, encode, None).is_ok_and(|w| w.decision.answer))
    }

    /// Answers one question.
    ///
    /// # Errors
    /// [`AskError`]; abstaining is not one.
    pub fn ask(&self, ask: &Ask) -> Result<Reply, AskError> {
        self.ask_telling(ask, None)
    }

    /// The same, and tells what was found before anything is chosen from it: once for each reply,
    /// with no hits where nothing was searched for.
    ///
    /// # Errors
    /// [`AskError`], whether or not hits were told.
    pub fn ask_telling(&self, ask: &Ask, tell: Option<&mut dyn FnMut(Vec<Hit>)>) -> Result<Reply, AskError> {
        let serving = self.serving.load_full().ok_or(AskError::NotReady)?;
        let scene = self.scene(&serving);
        let question = self.parse(ask)?;
        let filter = filter(&serving.snapshot, &ask.documents)?;
        let locale = self.prompts.locale(ask.locale.as_deref());
        let understood = question::interpret(&question, &ask.history, &serving.people, self.options.mechanisms);
        if let Some(asked_in) = language::foreign(&serving, &question) {
            tell.into_iter().for_each(|tell| tell(Vec::new()));
            let locale = language::locale(&self.prompts, asked_in, locale);
            return self.refuse_language(&serving, &question, understood, locale);
        }
        let mut found = Vec::new();
        for query in &understood.parts {
            found.push(self.find(scene, query, |text| self.encode(text), filter.as_ref())?);
        }
        tell.into_iter().for_each(|tell| tell(search::told(&serving.snapshot, &found)));
        let settle = |(query, found)| self.settle(scene, query, found);
        let worked: Vec<Worked> = understood.parts.iter().zip(found).map(settle).collect();
        let head = self.head(&serving, &question, &understood, &worked, locale, ask.explain);
        if worked.iter().any(|w| w.decision.answer) {
            self.answer(scene, head, &worked)
        } else {
            self.refuse(&serving, scene, head, &worked)
        }
    }

    fn parse(&self, ask: &Ask) -> Result<Question, AskError> {
        if ask.history.len() > question::MAX_HISTORY {
            return Err(AskError::HistoryTooLong { messages: ask.history.len(), limit: question::MAX_HISTORY });
        }
        let question = parse_text(&ask.question)?;
        self.check_pieces(question.as_str())?;
        Ok(question)
    }

    fn check_pieces(&self, text: &str) -> Result<(), AskError> {
        let Some(encoder) = &self.encoder else { return Ok(()) };
        // A word piece has at least one byte, so short texts need no count.
        if text.len() + 2 <= MAX_PIECES {
            return Ok(());
        }
        let pieces = encoder.count_pieces(text);
        if pieces > MAX_PIECES { Err(AskError::TooManyPieces { pieces, limit: MAX_PIECES }) } else { Ok(()) }
    }

    fn encode(&self, text: &str) -> Result<Option<Encoding>, AskError> {
        let Some(encoder) = &self.encoder else { return Ok(None) };
        match encoder.encode(text) {
            Ok(encoding) => Ok(Some(encoding)),
            Err(EncodeError::Busy) => Err(AskError::Busy),
            Err(EncodeError::Failed(reason)) => Err(AskError::Encoder(reason)),
        }
    }

    /// One question through all stages: find, choose, decide.
    fn work_out(
        &self,
        scene: Scene<'_>,
        query: &Query,
        encode: impl Fn(&str) -> Result<Option<Encoding>, AskError>,
        filter: Option<&PassageFilter>,
    ) -> Result<Worked, AskError> {
        Ok(self.settle(scene, query, self.find(scene, query, encode, filter)?))
    }

    /// Chooses from what was found, and decides.
    fn settle(&self, scene: Scene<'_>, query: &Query, found: Found) -> Worked {
        let Found { topic, retrieval, shortlist, read, reading, mut stages } = found;
        stages.resume();
        let found = answer::select(scene, query, &topic, shortlist, &self.options.select);
        stages.end("select");
        let features = answer::features(scene, query, &topic, &retrieval, &reading, &found);
        let decision = answer::decide(&self.model, self.threshold(), &features, &found);
        stages.end("decide");
        Worked { query: query.clone(), topic, retrieval, found, features, decision, read, stages }
    }

    /// The passages and sentences that may answer, best first, the best of them read.
    fn find(
        &self,
        scene: Scene<'_>,
        query: &Query,
        encode: impl Fn(&str) -> Result<Option<Encoding>, AskError>,
        filter: Option<&PassageFilter>,
    ) -> Result<Found, AskError> {
        let mut stages = Stages::start();
        let encoding = encode(&query.text)?;
        stages.end("encode");
        let topic = query.topic.iter().map(|t| t.range.clone()).collect();
        let encoding = encoding.as_ref();
        let wanted = Wanted { text: &query.text, topic, encoding, mechanisms: scene.mechanisms };
        let mut retrieval = retrieve::retrieve(scene.snapshot, &wanted, filter, &self.options.retrieve);
        if let Some(before) = &query.background {
            let encoding = encode(before)?;
            let (topic, encoding) = (Vec::new(), encoding.as_ref());
            let wanted = Wanted { text: before, topic, encoding, mechanisms: scene.mechanisms };
            let before = retrieve::retrieve(scene.snapshot, &wanted, filter, &self.options.retrieve);
            retrieve::prefer_near(scene.snapshot, &mut retrieval, &before);
        }
        stages.end("retrieve");
        let topic = Topic::of(scene, query);
        let mut shortlist = answer::shortlist(scene, query, &topic, &retrieval, &self.options.select);
        stages.end("shortlist");
        let (read, reading) = self.read(scene, query, &mut shortlist, &mut retrieval)?;
        stages.end("read");
        Ok(Found { topic, retrieval, shortlist, read, reading, stages })
    }

    /// Lets the reader judge the shortlist and the ranking it came from; without one both stay as they are.
    fn read(
        &self,
        scene: Scene<'_>,
        query: &Query,
        shortlist: &mut Shortlist,
        retrieval: &mut Retrieval,
    ) -> Result<(Vec<ToRead>, ReadingSummary), AskError> {
        let Some(reader) = &self.reader else { return Ok((Vec::new(), ReadingSummary::default())) };
        let read = answer::to_read(scene, shortlist);
        let texts: Vec<&str> = read.iter().map(|r| r.text.as_str()).collect();
        let readings = reader.read(&query.text, &texts).map_err(|e| match e {
            ReadError::Busy => AskError::Busy,
            ReadError::Failed(reason) => AskError::Encoder(reason),
        })?;
        let reading = answer::apply(scene, shortlist, retrieval, &read, &readings);
        Ok((read, reading))
    }

    fn answer(&self, scene: Scene<'_>, head: Head, worked: &[Worked]) -> Result<Reply, AskError> {
        let parts: Vec<Part<'_>> = worked
            .iter()
            .map(|w| Part {
                question: &w.query.text,
                evidence: w.found.as_ref().ok().filter(|_| w.decision.answer).cloned(),
            })
            .collect();
        let locale = self.prompts.speaks(&head.locale, "answer").to_owned();
        let Composed { text, markdown, citations } =
            answer::compose(scene, &self.prompts, &locale, &parts).map_err(compose_error)?;
        Ok(Reply::Answer(Answer { head: Head { text, markdown, locale, ..head }, citations }))
    }

    fn head(
        &self,
        serving: &Serving,
        question: &Question,
        understood: &Interpretation,
        worked: &[Worked],
        locale: &str,
        explain: bool,
    ) -> Head {
        let best = decisive(worked);
        Head {
            question: question.as_str().to_owned(),
            interpreted_question: understood.text.clone(),
            confidence: best.map_or(0.0, |w| w.decision.confidence),
            text: String::new(),
            markdown: String::new(),
            locale: locale.to_owned(),
            knowledge_version: serving.snapshot.manifest.knowledge_version.clone(),
            model: serving.snapshot.manifest.model.as_ref().map_or_else(|| "none".into(), |m| m.name.clone()),
            degraded: self.encoder.is_none(),
            trace: self.trace(serving, best, worked, explain),
        }
    }

    fn trace(&self, serving: &Serving, best: Option<&Worked>, worked: &[Worked], explain: bool) -> Trace {
        let mut trace = Trace { threshold: self.threshold(), ..Trace::default() };
        let Some(best) = best else { return trace };
        trace.reason = best.decision.reason.map(str::to_owned);
        trace.queries = worked.iter().map(|w| w.query.asked.clone()).collect();
        if !explain {
            return trace;
        }
        let ranking = |scored: &[Scored]| anchors(&serving.snapshot, scored.iter().map(|s| s.passage));
        trace.lexical = ranking(&best.retrieval.lexical);
        trace.dense = ranking(&best.retrieval.dense);
        trace.fused = ranking(&best.retrieval.fused);
        trace.reranked = anchors(&serving.snapshot, best.retrieval.candidates.iter().map(|c| c.passage));
        trace.stages_ms.clone_from(&best.stages.milliseconds);
        trace.read = self.reader.as_ref().map(|_| given_to_reader(&serving.snapshot, best));
        trace.features = answer::FEATURES.iter().map(|n| (*n).to_owned()).zip(best.features).collect();
        trace
    }

    fn threshold(&self) -> f64 {
        self.options.threshold.unwrap_or(self.model.threshold)
    }
}

/// What the reader was given for a question.
fn given_to_reader(snapshot: &Snapshot, worked: &Worked) -> Read {
    let passage = |read: &ToRead| {
        let PassageRef { document, block, .. } = snapshot.corpus.passage(read.passage);
        let place = format!("{}#{}", document.slug, block.anchor);
        PassageRead { place, before: read.before().to_owned(), words: read.words().to_owned() }
    };
    Read { question: worked.query.text.clone(), passages: worked.read.iter().map(passage).collect() }
}

/// The part that the reply stands or falls with: the most confident, of equals the first.
fn decisive(worked: &[Worked]) -> Option<&Worked> {
    worked.iter().rev().max_by(|a, b| a.decision.confidence.total_cmp(&b.decision.confidence))
}

fn parse_text(text: &str) -> Result<Question, AskError> {
    Question::parse(text).map_err(|e| match e {
        QuestionError::Empty => AskError::EmptyQuestion,
        QuestionError::TooLong { characters } => {
            AskError::QuestionTooLong { characters, limit: question::MAX_CHARACTERS }
        }
    })
}

fn compose_error(error: answer::ComposeError) -> AskError {
    match error {
        answer::ComposeError::Cite(e) => AskError::Citation(e.to_string()),
        answer::ComposeError::Prompt(e) => AskError::Template(e.to_string()),
    }
}

/// The passages of the named documents; `None` for all.
fn filter(snapshot: &Snapshot, slugs: &[String]) -> Result<Option<PassageFilter>, AskError> {
    if slugs.is_empty() {
        return Ok(None);
    }
    let mut documents = Vec::new();
    for slug in slugs {
        documents.push(snapshot.corpus.document(slug).ok_or_else(|| AskError::UnknownDocument {
            slug: slug.clone(),
            known: snapshot.corpus.documents.iter().map(|d| d.slug.clone()).collect(),
        })?);
    }
    documents.sort_unstable();
    documents.dedup();
    let passages = &snapshot.corpus.passages;
    let range = |d: &usize| {
        let from = passages.partition_point(|p| p.document < *d) as PassageId;
        let to = passages.partition_point(|p| p.document <= *d) as PassageId;
        from..to
    };
    Ok(Some(PassageFilter::new(documents.iter().map(range).filter(|r| !r.is_empty()).collect())))
}

/// `slug#anchor` of each block, best first.
fn anchors(snapshot: &Snapshot, passages: impl Iterator<Item = PassageId>) -> Vec<String> {
    retrieve::blocks(&snapshot.corpus, passages)
        .into_iter()
        .take(TRACE_DEPTH)
        .map(|(d, b)| {
            let document = &snapshot.corpus.documents[d];
            format!("{}#{}", document.slug, document.blocks[b].anchor)
        })
        .collect()
}
