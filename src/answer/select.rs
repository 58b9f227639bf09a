//! Which sentences answer, and how they are put together.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::score::{ScoredSentence, score};
use super::window::{window, words};
use super::{Evidence, Nothing, Place, Scene, Shape, Statement, Topic, about, lists, premise};
use crate::corpus::{BlockId, BlockKind, Passage, SentenceId};
use crate::mechanism::Mechanism;
use crate::question::{Kind, PersonId, Query};
use crate::retrieve::Retrieval;
use crate::text::{is_denial, is_stop_word, pattern, terms};

/// How many places an answer draws on.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectOptions {
    /// Passages whose sentences are looked at.
    pub depth: usize,
    /// Most statements of an answer that is no list.
    pub statements: usize,
    /// A further place is cited when it is at most this far behind the best, in standard deviations.
    pub lead: f32,
}

impl Default for SelectOptions {
    fn default() -> Self {
        Self { depth: 12, statements: 3, lead: 1.1 }
    }
}

/// Two statements with this share of their content words in common say the same.
const SAME_WORDS: f32 = 0.6;

/// What may answer, before it is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Shortlist {
    /// Nothing has to be read: the structure answers, or nothing can.
    Settled(Result<Evidence, Nothing>),
    /// Sentences, best first; never empty.
    Sentences(Vec<ScoredSentence>),
}

/// Finds the sentences that may answer.
#[must_use]
pub fn shortlist(
    scene: Scene<'_>,
    query: &Query,
    topic: &Topic,
    retrieval: &Retrieval,
    options: &SelectOptions,
) -> Shortlist {
    let settled = |nothing| Shortlist::Settled(Err(nothing));
    if query.kind == Kind::Instruction {
        return settled(Nothing::Instruction);
    }
    let Some(nearest) = retrieval.candidates.first() else { return settled(Nothing::Empty) };
    let p = &scene.snapshot.corpus.passages[nearest.passage as usize];
    let about = scene.uses(Mechanism::About).then(|| about_documents(scene, query, retrieval, p));
    if let Some(evidence) = about.flatten() {
        return Shortlist::Settled(Ok(evidence));
    }
    if let Some(name) = query.unknown_speaker.as_deref().filter(|name| scene.is_unknown_name(name)) {
        return settled(Nothing::UnknownSpeaker(name.to_owned()));
    }
    if scene.says_nothing(query, topic) {
        return settled(Nothing::Empty);
    }
    match scored_sentences(scene, query, topic, retrieval, options) {
        Ok(sentences) => Shortlist::Sentences(sentences),
        Err(nothing) => settled(nothing),
    }
}

/// How far the best sentence of one of several people asked about may be behind the best of all,
/// in standard deviations.
const EACH_LEAD: f32 = 3.2;

/// Documents that a question about "the article" is answered for when it may mean any of them.
const MOST_DOCUMENTS: usize = 3;

/// The answer from the structure of the document that is meant; of each document searched, when
/// there are few and nothing tells which one is.
fn about_documents(scene: Scene<'_>, query: &Query, retrieval: &Retrieval, nearest: &Passage) -> Option<Evidence> {
    if is_meant(scene, query, retrieval, nearest.document) {
        return about::about(scene, query, nearest.document, Some(nearest.block));
    }
    let passages = &scene.snapshot.corpus.passages;
    let documents: BTreeSet<usize> =
        retrieval.candidates.iter().map(|c| passages[c.passage as usize].document).collect();
    if documents.len() > MOST_DOCUMENTS {
        return None;
    }
    let mut found = documents
        .into_iter()
        .filter_map(|d| about::about(scene, query, d, (d == nearest.document).then_some(nearest.block)));
    let mut all = found.next()?;
    all.statements.truncate(1);
    for mut other in found {
        other.statements.truncate(1);
        all.statements.extend(other.statements);
    }
    // A count belongs to one document.
    (all.shape != Shape::Count).then_some(Evidence { shape: Shape::Several, ..all })
}

/// Whether a question about "the article" can only mean this document: it is the only one that was
/// searched, or the question shares a word with its title.
fn is_meant(scene: Scene<'_>, query: &Query, retrieval: &Retrieval, document: usize) -> bool {
    let passages = &scene.snapshot.corpus.passages;
    let alone = retrieval.candidates.iter().all(|c| passages[c.passage as usize].document == document);
    let title = terms(&scene.snapshot.corpus.documents[document].title);
    alone || query.topic.iter().any(|t| title.iter().any(|w| w.stem == t.stem))
}

/// Chooses what to quote from a shortlist, or says why there is nothing.
///
/// # Errors
/// [`Nothing`]; an expected outcome, turned into a refusal by `decide`.
pub fn select(
    scene: Scene<'_>,
    query: &Query,
    topic: &Topic,
    shortlist: Shortlist,
    options: &SelectOptions,
) -> Result<Evidence, Nothing> {
    let scored = match shortlist {
        Shortlist::Settled(settled) => return settled,
        Shortlist::Sentences(scored) => scored,
    };
    let mut evidence = match lists::enumeration(scene, query, &scored) {
        Some(list) if list.beyond => return Err(Nothing::NoSuchItem),
        Some(list) => from_enumeration(query, list, &scored),
        None => {
            let evidence = from_sentences(scene, query, &scored, options);
            match lists::listed_together(scene, &evidence.statements, &scored) {
                Some(list) => from_enumeration(query, list, &scored),
                None => evidence,
            }
        }
    };
    mark_repeats(scene, &mut evidence.statements);
    evidence.contradiction = premise::contradiction(scene, query, topic, &scored);
    evidence.elsewhere = topic.is_of_elsewhere(&query.text);
    Ok(evidence)
}

/// Sentences of the best passages that may answer: of the person asked for, in the part named.
fn scored_sentences(
    scene: Scene<'_>,
    query: &Query,
    topic: &Topic,
    retrieval: &Retrieval,
    options: &SelectOptions,
) -> Result<Vec<ScoredSentence>, Nothing> {
    let corpus = &scene.snapshot.corpus;
    let scope = scope(scene, query, retrieval);
    let in_scope = |id: SentenceId| {
        let s = &corpus.sentences[id as usize];
        scope.as_ref().is_none_or(|(document, blocks)| s.document == *document && blocks.contains(&s.block))
    };
    let spoken = |id: SentenceId| query.speakers.is_empty() || scene.says(id, &query.speakers);
    // Words of one person may stand deep in the ranking: everything retrieved is looked at.
    let depth = if query.speakers.is_empty() && scope.is_none() { options.depth } else { retrieval.candidates.len() };
    let found = score(scene, query, topic, retrieval, depth, |id| in_scope(id) && spoken(id));
    if !found.is_empty() {
        return Ok(prefer_quotes(scene, query, found));
    }
    let found = score(scene, query, topic, retrieval, options.depth, spoken);
    match (found.is_empty(), query.speakers.first()) {
        (false, _) => Ok(prefer_quotes(scene, query, found)),
        (true, Some(&person)) => Err(Nothing::SpeakerSilent(person)),
        (true, None) => Err(Nothing::Empty),
    }
}

/// "Who said …?" wants somebody's words: sentences that are nobody's come after those that are.
fn prefer_quotes(scene: Scene<'_>, query: &Query, mut found: Vec<ScoredSentence>) -> Vec<ScoredSentence> {
    const SPOKEN_BONUS: f32 = 0.8;
    if query.kind == Kind::WhoSaid {
        for s in &mut found {
            if scene.voice(s.id).is_some() {
                s.worth += SPOKEN_BONUS;
            }
        }
        found.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.id.cmp(&b.id)));
    }
    found
}

fn from_enumeration(query: &Query, list: lists::Enumeration, scored: &[ScoredSentence]) -> Evidence {
    let whole = list.statements.len() > 1;
    let shape = match query.kind {
        Kind::Count => Shape::Count,
        _ if whole => Shape::List,
        _ => Shape::Fact,
    };
    let mut statements = list.statements;
    if shape == Shape::Count && statements.len() > 2 {
        statements.retain(|s| s.place == Place::Item);
        statements.drain(1..statements.len() - 1);
        for statement in &mut statements {
            statement.place = Place::Main;
        }
    }
    let (sentence_sim, margin) = strength(scored);
    Evidence {
        shape,
        statements,
        count: Some(list.count),
        structural: false,
        kind_fits: None,
        sentence_sim,
        margin,
        contradiction: None,
        elsewhere: false,
    }
}

fn from_sentences(scene: Scene<'_>, query: &Query, scored: &[ScoredSentence], options: &SelectOptions) -> Evidence {
    let corpus = &scene.snapshot.corpus;
    let most = match query.kind {
        Kind::Fact | Kind::Count | Kind::YesNo | Kind::WhoSaid => options.statements.min(2),
        _ => options.statements,
    };
    let most = if scene.uses(Mechanism::Several) { most } else { 1 };
    let mut statements: Vec<Statement> = Vec::new();
    let mut taken: BTreeSet<(usize, BlockId)> = BTreeSet::new();
    let close = |s: &&ScoredSentence| scored[0].worth - s.worth <= options.lead;
    let firsts = first_of_each(scene, query, scored);
    for sentence in firsts.into_iter().chain(scored.iter().take_while(close)) {
        if statements.len() == most {
            break;
        }
        if !taken.insert((sentence.document, sentence.block)) {
            continue;
        }
        let alone = sentence.id..sentence.id + 1;
        let span = if scene.uses(Mechanism::Window) { window(corpus, query, sentence, scored) } else { alone };
        let span_words = words(corpus, &span);
        statements.push(Statement {
            document: sentence.document,
            block: sentence.block,
            words: span_words.clone(),
            speaker: scene.voice(sentence.id),
            place: Place::Main,
            repeats: None,
            key: sentence.key.clone().filter(|key| span_words.start <= key.start && key.end <= span_words.end),
            score: sentence.worth,
        });
    }
    let shape = match (statements.len(), statements[0].speaker) {
        (1, Some(_)) => Shape::Quote,
        (1, None) => Shape::Fact,
        _ => Shape::Several,
    };
    let (sentence_sim, margin) = strength(scored);
    Evidence {
        shape,
        statements,
        count: None,
        structural: false,
        kind_fits: scored[0].fits,
        sentence_sim,
        margin,
        contradiction: None,
        elsewhere: false,
    }
}

/// Where the words of several people are asked for ("what did Reed and Whitlock say about fares?"):
/// the best sentence of each, best first, unless it is far behind.
fn first_of_each<'a>(scene: Scene<'_>, query: &Query, scored: &'a [ScoredSentence]) -> Vec<&'a ScoredSentence> {
    if query.speakers.len() < 2 {
        return Vec::new();
    }
    let by = |person: &PersonId| scored.iter().find(|s| scene.says(s.id, &[*person]));
    let mut firsts: Vec<&ScoredSentence> = query.speakers.iter().filter_map(by).collect();
    firsts.retain(|s| scored[0].worth - s.worth <= EACH_LEAD);
    firsts.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.id.cmp(&b.id)));
    firsts
}

/// Similarity of the best sentence and its distance to the best one of another block.
fn strength(scored: &[ScoredSentence]) -> (f32, f32) {
    let best = &scored[0];
    let next = scored.iter().find(|s| (s.document, s.block) != (best.document, best.block));
    (best.sim, next.map_or(1.0, |n| best.worth - n.worth))
}

/// Notes statements that say again what an earlier one says.
fn mark_repeats(scene: Scene<'_>, statements: &mut [Statement]) {
    let bags: Vec<BTreeSet<String>> = statements.iter().map(|s| content(scene, s)).collect();
    for later in 1..statements.len() {
        let says_same = |earlier: &usize| {
            let shared = bags[*earlier].intersection(&bags[later]).count() as f32;
            shared >= SAME_WORDS * bags[later].len().max(bags[*earlier].len()).max(1) as f32
                && hard_words(scene, &statements[*earlier]) == hard_words(scene, &statements[later])
        };
        let first = (0..later).filter(|e| statements[*e].repeats.is_none()).find(says_same);
        if statements[later].place == Place::Main {
            statements[later].repeats = first;
        }
    }
}

/// Numbers and negations: statements that differ in one of them never say the same.
fn hard_words(scene: Scene<'_>, statement: &Statement) -> BTreeSet<String> {
    let block = &scene.snapshot.corpus.documents[statement.document].blocks[statement.block];
    let hard = |t: &crate::text::Term| t.folded.starts_with(|c: char| c.is_ascii_digit()) || is_denial(&t.folded);
    terms(&block.text.text[statement.words.clone()]).into_iter().filter(hard).map(|t| t.stem).collect()
}

fn content(scene: Scene<'_>, statement: &Statement) -> BTreeSet<String> {
    let block = &scene.snapshot.corpus.documents[statement.document].blocks[statement.block];
    terms(&block.text.text[statement.words.clone()])
        .into_iter()
        .filter(|t| !is_stop_word(&t.folded))
        .map(|t| t.stem)
        .collect()
}

static IN_INTERVIEW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:in|from|during|of) (?:the|this|her|his|their) (?:interview|conversation|transcript|discussion with|q&a)\b",
    )
});
static IN_ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:in|from|of) (?:the|this) (?:article|report|news (?:report|story)|body|written part|text)\b|\bbullet(?:ed)?\b",
    )
});
static IN_SECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:section|chapter|part|heading|paragraph)s? (?:of the \w+ )?(?:on|about|called|titled|entitled|named|headed|under|with the title|dealing with|covering)\s+["“']?([^?"”]+)"#,
    )
});

/// The blocks of the part of a document that the question names, if it names one.
fn scope(scene: Scene<'_>, query: &Query, retrieval: &Retrieval) -> Option<(usize, BTreeSet<BlockId>)> {
    let nearest = retrieval.candidates.first().filter(|_| scene.uses(Mechanism::Scope))?;
    let document = scene.snapshot.corpus.passages[nearest.passage as usize].document;
    let d = &scene.snapshot.corpus.documents[document];
    if let Some(named) = IN_SECTION.captures(&query.asked).and_then(|c| c.get(1)) {
        let heading = heading_named(scene, document, named.as_str())?;
        return Some((document, blocks_where(scene, document, |b| under(scene, document, b, heading))));
    }
    let has_turns = d.blocks.iter().any(|b| b.turn().is_some());
    let has_article = d.blocks.iter().any(|b| matches!(b.kind, BlockKind::Paragraph));
    match (IN_INTERVIEW.is_match(&query.asked), IN_ARTICLE.is_match(&query.asked)) {
        (true, false) if has_turns => Some((document, blocks_where(scene, document, |b| d.blocks[b].turn().is_some()))),
        (false, true) if has_turns && has_article => {
            Some((document, blocks_where(scene, document, |b| d.blocks[b].turn().is_none())))
        }
        _ => None,
    }
}

fn blocks_where(scene: Scene<'_>, document: usize, fits: impl Fn(BlockId) -> bool) -> BTreeSet<BlockId> {
    let d = &scene.snapshot.corpus.documents[document];
    (0..d.blocks.len()).filter(|&b| d.blocks[b].is_searched() && fits(b)).collect()
}

/// The heading that shares most of its words with a name given in a question, at least half of the name.
pub(super) fn heading_named(scene: Scene<'_>, document: usize, name: &str) -> Option<BlockId> {
    let d = &scene.snapshot.corpus.documents[document];
    let wanted: BTreeSet<String> =
        terms(name).into_iter().filter(|t| !is_stop_word(&t.folded)).map(|t| t.stem).collect();
    let shared = |b: &BlockId| {
        let words: BTreeSet<String> = terms(&d.blocks[*b].text.text).into_iter().map(|t| t.stem).collect();
        wanted.intersection(&words).count()
    };
    (0..d.blocks.len())
        .filter(|&b| matches!(d.blocks[b].kind, BlockKind::Heading { .. }))
        .filter(|b| shared(b) * 2 >= wanted.len().max(1))
        .max_by_key(|b| (shared(b), std::cmp::Reverse(*b)))
}

fn under(scene: Scene<'_>, document: usize, block: BlockId, heading: BlockId) -> bool {
    let d = &scene.snapshot.corpus.documents[document];
    std::iter::successors(d.blocks[block].heading, |&h| d.blocks[h].heading).any(|h| h == heading)
}
