//! Enumerations: lists of the document, "First … Second …" inside a block, and the item asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::score::ScoredSentence;
use super::window::{block_sentences, words};
use super::{Place, Scene, Statement};
use crate::corpus::{BlockId, BlockKind, Corpus, ListId, SentenceId};
use crate::mechanism::Mechanism;
use crate::question::{Kind, Ordinal, Query};
use crate::text::{is_stop_word, terms};

/// An enumeration that answers, ready to be quoted.
pub(super) struct Enumeration {
    pub(super) statements: Vec<Statement>,
    /// How many items there are, whichever of them are quoted.
    pub(super) count: usize,
    /// The item asked for is beyond the last one; then all are quoted.
    pub(super) beyond: bool,
}

/// One item alone answers when it is this much more similar to the question than its siblings.
const STANDS_OUT: f32 = 0.11;
/// A list is preferred to the best sentence elsewhere up to this distance in standard deviations.
const LIST_LEAD: f32 = 0.9;
/// The same when one item by its number is asked for, which only an enumeration can answer.
const ORDINAL_LEAD: f32 = 2.5;
/// A list whose lead-in or heading names what is asked for gains this much.
const NAMED_BONUS: f32 = 0.8;

/// The enumeration that a question for a list, a count or an ordinal is answered with.
pub(super) fn enumeration(scene: Scene<'_>, query: &Query, scored: &[ScoredSentence]) -> Option<Enumeration> {
    let wanted = matches!(query.kind, Kind::List | Kind::Count) || query.ordinal.is_some();
    let best = scored.first().filter(|_| wanted && scene.uses(Mechanism::Lists))?;
    let corpus = &scene.snapshot.corpus;
    let lead = if query.ordinal.is_some() { ORDINAL_LEAD } else { LIST_LEAD };
    // A sentence that states the number is better than counting.
    let stated = query.kind == Kind::Count && best.fits == Some(true);
    let listed = best_list(scene, query, scored)
        .filter(|(d, l, _)| counts_what_is_asked(scene, query, *d, *l))
        .filter(|(_, _, worth)| *worth >= best.worth - if stated { 0.0 } else { lead });
    // Only a list of its own is counted: nothing says what an enumeration in running words is of.
    let inside =
        best_inside(corpus, scored).filter(|(_, worth)| query.kind != Kind::Count && *worth >= best.worth - lead);
    let list_wins = match (&listed, &inside) {
        (Some((_, _, list)), Some((_, turn))) => list >= turn,
        (list, _) => list.is_some(),
    };
    if list_wins {
        let (document, list, _) = listed?;
        return Some(from_list(scene, query, scored, document, list));
    }
    let (sentence, _) = inside?;
    from_inside(scene, query, sentence)
}

/// Longest list that is quoted whole because two of its items answer.
const SHORT_LIST: usize = 8;

/// The list that two or more of the statements are items of: whoever is answered with two steps
/// wants to see them all.
pub(super) fn listed_together(
    scene: Scene<'_>,
    statements: &[Statement],
    scored: &[ScoredSentence],
) -> Option<Enumeration> {
    let first = statements.first()?;
    let d = &scene.snapshot.corpus.documents[first.document];
    let BlockKind::ListItem { list, .. } = d.blocks[first.block].kind else { return None };
    let items = &d.lists[list].items;
    let others = statements.iter().skip(1).filter(|s| s.document == first.document && items.contains(&s.block));
    let short = items.len() <= SHORT_LIST && !d.lists[list].navigation;
    (short && others.count() > 0).then(|| whole_list(scene, scored, first.document, list, 0..items.len()))
}

/// The list whose lead-in and items fit best, with its worth. Only lists that something was found
/// in are looked at.
fn best_list(scene: Scene<'_>, query: &Query, scored: &[ScoredSentence]) -> Option<(usize, ListId, f32)> {
    let corpus = &scene.snapshot.corpus;
    let mut worths: BTreeMap<(usize, BlockId), f32> = BTreeMap::new();
    for s in scored {
        let worth = worths.entry((s.document, s.block)).or_insert(s.worth);
        *worth = worth.max(s.worth);
    }
    let documents: BTreeSet<usize> = scored.iter().map(|s| s.document).collect();
    let mut best: Option<(usize, ListId, f32)> = None;
    for document in documents {
        let lists = &corpus.documents[document].lists;
        for (id, list) in lists.iter().enumerate().filter(|(_, l)| !l.navigation && l.items.len() > 1) {
            let blocks = list.items.iter().chain(&list.lead_in);
            let found = blocks.filter_map(|&b| worths.get(&(document, b)).copied()).max_by(f32::total_cmp);
            let Some(top) = found else { continue };
            let named = query.topic.iter().any(|t| is_list_of(scene, document, id, &t.stem));
            let worth = if named { top + NAMED_BONUS } else { top };
            if best.is_none_or(|(_, _, w)| worth > w) {
                best = Some((document, id, worth));
            }
        }
    }
    best
}

/// "How many initiatives …?" counts a list only when the list is said to be of initiatives, and when
/// that is half of what the question is about: spare parts are not the parts of an engine.
fn counts_what_is_asked(scene: Scene<'_>, query: &Query, document: usize, list: ListId) -> bool {
    if query.kind != Kind::Count {
        return true;
    }
    let words = terms(&query.asked);
    let many = words.iter().position(|t| t.folded == "many").map_or(0, |at| at + 1);
    let counted = words[many..].iter().find(|t| !is_stop_word(&t.folded));
    let said = query.topic.iter().filter(|t| is_list_of(scene, document, list, &t.stem)).count();
    counted.is_some_and(|t| is_list_of(scene, document, list, &t.stem)) && said * 2 >= query.topic.len()
}

/// Whether the line that introduces a list, or its heading, names what it lists.
fn is_list_of(scene: Scene<'_>, document: usize, list: ListId, stem: &str) -> bool {
    let d = &scene.snapshot.corpus.documents[document];
    let heading = d.lists[list].items.first().and_then(|&b| d.blocks[b].heading);
    let lines = d.lists[list].lead_in.into_iter().chain(heading);
    lines.into_iter().any(|b| terms(&d.blocks[b].text.text).iter().any(|t| t.stem == stem))
}

/// The best sentence of a block that enumerates inside itself.
fn best_inside<'a>(corpus: &Corpus, scored: &'a [ScoredSentence]) -> Option<(&'a ScoredSentence, f32)> {
    scored.iter().find(|s| inner_items(corpus, &block_sentences(corpus, s)).is_some()).map(|s| (s, s.worth))
}

fn from_list(scene: Scene<'_>, query: &Query, scored: &[ScoredSentence], document: usize, id: ListId) -> Enumeration {
    let items = &scene.snapshot.corpus.documents[document].lists[id].items;
    let chosen = match query.ordinal.and_then(|o| position(o, items.len())) {
        Some(at) => at..at + 1,
        None => match standing_out(scored, document, items).filter(|_| query.kind != Kind::Count) {
            Some(at) => at..at + 1,
            None => 0..items.len(),
        },
    };
    let beyond = is_beyond(query, items.len());
    Enumeration { beyond, ..whole_list(scene, scored, document, id, chosen) }
}

/// Some items of a list; more than one with the line that introduces them.
fn whole_list(
    scene: Scene<'_>,
    scored: &[ScoredSentence],
    document: usize,
    id: ListId,
    chosen: Range<usize>,
) -> Enumeration {
    let d = &scene.snapshot.corpus.documents[document];
    let list = &d.lists[id];
    let statement = |block: usize, place: Place| {
        let words = d.blocks[block].body..d.blocks[block].text.text.len();
        Statement {
            document,
            block,
            speaker: scene.voice_of(document, block, &words),
            words,
            place,
            repeats: None,
            key: None,
            score: scored.iter().find(|s| s.document == document && s.block == block).map_or(0.0, |s| s.worth),
        }
    };
    let mut statements = Vec::new();
    if let Some(lead_in) = list.lead_in.filter(|_| chosen.len() > 1) {
        // A lead-in may be long; its last sentence introduces the list.
        let text = &d.blocks[lead_in].text.text;
        let last = crate::text::sentences(text).pop().map_or(0, |r| r.start);
        statements.push(Statement {
            words: last.max(d.blocks[lead_in].body)..text.len(),
            ..statement(lead_in, Place::LeadIn)
        });
    }
    let place = if chosen.len() > 1 { Place::Item } else { Place::Main };
    statements.extend(chosen.map(|at| statement(list.items[at], place)));
    Enumeration { statements, count: list.items.len(), beyond: false }
}

/// The item that is far more similar to the question than the others, if one is.
fn standing_out(scored: &[ScoredSentence], document: usize, items: &[usize]) -> Option<usize> {
    let sims: Vec<f32> = items
        .iter()
        .map(|&b| scored.iter().filter(|s| s.document == document && s.block == b).map(|s| s.sim).fold(0.0, f32::max))
        .collect();
    let (at, top) = sims.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let second = sims.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, s)| *s).fold(0.0, f32::max);
    (top - second > STANDS_OUT).then_some(at)
}

fn position(ordinal: Ordinal, count: usize) -> Option<usize> {
    match ordinal {
        Ordinal::Nth(n) if n <= count => n.checked_sub(1),
        Ordinal::Nth(_) => None,
        Ordinal::Last => count.checked_sub(1),
    }
}

fn is_beyond(query: &Query, count: usize) -> bool {
    matches!(query.ordinal, Some(Ordinal::Nth(n)) if n > count)
}

fn from_inside(scene: Scene<'_>, query: &Query, of: &ScoredSentence) -> Option<Enumeration> {
    let corpus = &scene.snapshot.corpus;
    let items = inner_items(corpus, &block_sentences(corpus, of))?;
    let statement = |span: &Range<SentenceId>, place: Place| Statement {
        document: of.document,
        block: of.block,
        words: words(corpus, span),
        speaker: scene.speaker(of.document, corpus.sentences[span.start as usize].speaker),
        place,
        repeats: None,
        key: None,
        score: of.worth,
    };
    let count = items.len();
    let statements = match query.ordinal.and_then(|o| position(o, count)) {
        Some(at) => vec![statement(&items[at], Place::Main)],
        // Adjacent sentences are one quote.
        None => vec![statement(&(items[0].start..items[count - 1].end), Place::Main)],
    };
    Some(Enumeration { statements, count, beyond: is_beyond(query, count) })
}

/// The items of an enumeration inside a block, each as a run of sentences: "First, … Second, …",
/// or the items of a list inside a turn.
fn inner_items(corpus: &Corpus, block: &Range<SentenceId>) -> Option<Vec<Range<SentenceId>>> {
    listed_parts(corpus, block).or_else(|| ordinal_sentences(corpus, block))
}

fn listed_parts(corpus: &Corpus, block: &Range<SentenceId>) -> Option<Vec<Range<SentenceId>>> {
    let first = &corpus.sentences[block.start as usize];
    let b = &corpus.documents[first.document].blocks[first.block];
    let items: Vec<Range<SentenceId>> = b
        .parts
        .iter()
        .filter(|p| p.item.is_some() && matches!(b.kind, BlockKind::Turn { .. }))
        .filter_map(|p| {
            let inside = |id: &SentenceId| p.range.contains(&corpus.sentences[*id as usize].range.start);
            let from = block.clone().find(|id| inside(id))?;
            let to = block.clone().rfind(inside)?;
            Some(from..to + 1)
        })
        .collect();
    (items.len() > 1).then_some(items)
}

fn ordinal_sentences(corpus: &Corpus, block: &Range<SentenceId>) -> Option<Vec<Range<SentenceId>>> {
    let mut starts: Vec<SentenceId> = Vec::new();
    let mut numbered = 0;
    for id in block.clone() {
        match marker(corpus.sentence_text(id)) {
            Some(Marker::Number(n)) if n == numbered + 1 => {
                numbered = n;
                starts.push(id);
            }
            Some(Marker::Closing) if numbered >= 2 => starts.push(id),
            _ => {}
        }
    }
    if numbered < 2 {
        return None;
    }
    let ends = starts.iter().skip(1).copied().chain(starts.last().map(|id| id + 1));
    Some(starts.iter().copied().zip(ends).map(|(from, to)| from..to).collect())
}

enum Marker {
    Number(usize),
    Closing,
}

/// The word that opens an enumerating sentence.
fn marker(sentence: &str) -> Option<Marker> {
    const NUMBERS: [(&str, usize); 16] = [
        ("first", 1),
        ("firstly", 1),
        ("one", 1),
        ("second", 2),
        ("secondly", 2),
        ("two", 2),
        ("third", 3),
        ("thirdly", 3),
        ("three", 3),
        ("fourth", 4),
        ("fourthly", 4),
        ("four", 4),
        ("fifth", 5),
        ("fifthly", 5),
        ("five", 5),
        ("sixth", 6),
    ];
    let first_words = terms(sentence);
    let skip = usize::from(
        first_words
            .first()
            .is_some_and(|t| matches!(t.folded.as_str(), "and" | "then" | "the" | "so" | "well" | "number")),
    );
    let first = first_words.get(skip)?;
    let plain_number = matches!(first.folded.as_str(), "one" | "two" | "three" | "four" | "five");
    let set_off = sentence[first.range.end..].trim_start().starts_with([',', ':', '.', '—', '–', '-', ';']);
    if let Some((_, n)) = NUMBERS.iter().find(|(w, _)| *w == first.folded)
        && (!plain_number || set_off)
    {
        return Some(Marker::Number(*n));
    }
    let opening = first_words.first()?.folded.as_str();
    matches!(opening, "finally" | "lastly" | "last" | "and").then_some(Marker::Closing)
}
