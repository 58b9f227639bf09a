//! Searching without answering: the rankings as hits, one for each block.

use super::{Engine, Found, filter, parse_text};
use crate::answer;
use crate::corpus::{BlockKind, PassageId};
use crate::index::{PassageFilter, Scored, Snapshot};
use crate::question;
use crate::reply::{AskError, Hit, Mode, Search};
use crate::retrieve::{self, Retrieval, Wanted};

/// Most hits of a search.
pub const MAX_HITS: usize = 100;
/// Hits that are told before an answer.
const TOLD: usize = 10;

impl Engine {
    /// Ranks passages for a query without answering. The hybrid ranking is the one that
    /// [`Engine::ask`] answers from, its best passages read; a single ranking takes the words as typed.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn search(&self, search: &Search) -> Result<Vec<Hit>, AskError> {
        let serving = self.serving.load_full().ok_or(AskError::NotReady)?;
        if search.limit == 0 || search.limit > MAX_HITS {
            return Err(AskError::LimitOutOfRange { limit: search.limit, most: MAX_HITS });
        }
        let question = parse_text(&search.query)?;
        self.check_pieces(question.as_str())?;
        let filter = filter(&serving.snapshot, &search.documents)?;
        let found = if search.mode == Mode::Hybrid {
            let scene = self.scene(&serving);
            let query = question::single(&question, &serving.people, self.options.mechanisms);
            self.find(scene, &query, |text| self.encode(text), filter.as_ref())?.retrieval
        } else {
            self.single_ranking(&serving.snapshot, question.as_str(), search.mode, filter.as_ref())?
        };
        Ok(hits(&serving.snapshot, &found, search))
    }

    fn single_ranking(
        &self,
        snapshot: &Snapshot,
        text: &str,
        mode: Mode,
        filter: Option<&PassageFilter>,
    ) -> Result<Retrieval, AskError> {
        let encoding = if mode == Mode::Lexical { None } else { self.encode(text)? };
        let wanted =
            Wanted { text, topic: Vec::new(), encoding: encoding.as_ref(), mechanisms: self.options.mechanisms };
        Ok(retrieve::retrieve(snapshot, &wanted, filter, &self.options.retrieve))
    }
}

/// The best hits of a question's parts: the first of each, then the second of each, each block once.
pub(super) fn told(snapshot: &Snapshot, parts: &[Found]) -> Vec<Hit> {
    let search = Search { query: String::new(), documents: Vec::new(), mode: Mode::Hybrid, limit: TOLD };
    let rankings: Vec<Vec<Hit>> = parts.iter().map(|part| hits(snapshot, &part.retrieval, &search)).collect();
    let mut told: Vec<Hit> = Vec::new();
    for hit in (0..TOLD).flat_map(|rank| rankings.iter().filter_map(move |ranking| ranking.get(rank))) {
        if told.len() < TOLD && !told.iter().any(|t| t.document == hit.document && t.anchor == hit.anchor) {
            told.push(Hit { rank: told.len() + 1, ..hit.clone() });
        }
    }
    told
}

/// Hits of the ranking that was asked for, one for each block.
fn hits(snapshot: &Snapshot, found: &Retrieval, search: &Search) -> Vec<Hit> {
    let block = |id: PassageId| {
        let p = &snapshot.corpus.passages[id as usize];
        (p.document, p.block)
    };
    let ranking: Vec<(PassageId, f32)> = match search.mode {
        Mode::Hybrid => found.candidates.iter().map(|c| (c.passage, c.score)).collect(),
        Mode::Lexical => found.lexical.iter().map(|s| (s.passage, s.score)).collect(),
        Mode::Dense => found.dense.iter().map(|s| (s.passage, s.score)).collect(),
    };
    let rank_in = |side: &[Scored], place| {
        let blocks = retrieve::blocks(&snapshot.corpus, side.iter().map(|s| s.passage));
        blocks.iter().position(|b| *b == place).map(|rank| rank + 1)
    };
    let places = retrieve::blocks(&snapshot.corpus, ranking.iter().map(|r| r.0));
    places
        .into_iter()
        .take(search.limit)
        .enumerate()
        .map(|(index, place)| {
            let document = &snapshot.corpus.documents[place.0];
            let b = &document.blocks[place.1];
            Hit {
                rank: index + 1,
                document: document.slug.clone(),
                title: document.title.clone(),
                anchor: b.anchor.to_string(),
                kind: answer::kind(b),
                heading: answer::heading(document, place.1),
                speaker: match b.kind {
                    BlockKind::Turn { speaker, .. } => Some(document.speakers[speaker].name.clone()),
                    _ => None,
                },
                turn: b.turn(),
                text: b.text.text.clone(),
                score: ranking.iter().find(|r| block(r.0) == place).map_or(0.0, |r| r.1),
                lexical_rank: rank_in(&found.lexical, place),
                dense_rank: rank_in(&found.dense, place),
            }
        })
        .collect()
}
