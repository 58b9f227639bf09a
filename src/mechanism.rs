//! What can be left out of the path of a question, to see what it brings.
//!
//! Everything is in use unless `eval --without` says otherwise; no setting reaches this. Each stage
//! asks for its own mechanism in one place. A mechanism that brings nothing on any collection is to be
//! removed, not switched off.

use std::fmt;
use std::str::FromStr;

/// Something on the path of a question that it can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// Politeness around a question is left out.
    Wrappers,
    /// A question is completed from those before it.
    FollowUps,
    /// Two questions asked at once are answered one by one.
    Parts,
    /// "What did X say about …?" is answered in X's words alone.
    Speakers,
    /// The ranking by words (BM25).
    Lexical,
    /// Unknown words are searched as near ones of the index.
    Spelling,
    /// The ranking by meaning (cosine of the encoder's vectors).
    Dense,
    /// Late interaction orders the best passages again.
    Rerank,
    /// Title, headings, speaker, the question answered and the line before a list are indexed with
    /// a passage. Acts when indexing: leaving it out takes a snapshot of its own.
    Context,
    /// Questions about the document are answered from its structure.
    About,
    /// A part of the document that the question names is looked at alone.
    Scope,
    /// Words quoted in running text are those of the person they are attributed to.
    Attribution,
    /// Whoever finds the turn that asks has found the turn that answers.
    Pairs,
    /// A sentence that holds the kind of thing asked for is preferred.
    Kinds,
    /// The reader judges the best passages. Without it the confidence is the one fitted without it.
    Reader,
    /// Enumerations are answered whole, or with the item asked for.
    Lists,
    /// Neighbours that belong to the best sentence are quoted with it.
    Window,
    /// Further places that answer are cited.
    Several,
    /// What contradicts a question is looked for.
    Premises,
}

/// Every mechanism with its name, in the order of the path of a question.
pub const MECHANISMS: [(Mechanism, &str); 19] = [
    (Mechanism::Wrappers, "wrappers"),
    (Mechanism::FollowUps, "followups"),
    (Mechanism::Parts, "parts"),
    (Mechanism::Speakers, "speakers"),
    (Mechanism::Lexical, "lexical"),
    (Mechanism::Spelling, "spelling"),
    (Mechanism::Dense, "dense"),
    (Mechanism::Rerank, "rerank"),
    (Mechanism::Context, "context"),
    (Mechanism::About, "about"),
    (Mechanism::Scope, "scope"),
    (Mechanism::Attribution, "attribution"),
    (Mechanism::Pairs, "pairs"),
    (Mechanism::Kinds, "kinds"),
    (Mechanism::Reader, "reader"),
    (Mechanism::Lists, "lists"),
    (Mechanism::Window, "window"),
    (Mechanism::Several, "several"),
    (Mechanism::Premises, "premises"),
];

/// The mechanisms in use; all of them by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mechanisms {
    /// A bit for each one left out.
    without: u32,
}

impl Mechanisms {
    #[must_use]
    pub fn has(self, mechanism: Mechanism) -> bool {
        self.without >> mechanism as u32 & 1 == 0
    }

    /// All but this one.
    #[must_use]
    pub fn without(self, mechanism: Mechanism) -> Self {
        Self { without: self.without | 1 << mechanism as u32 }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = MECHANISMS.iter().find(|(mechanism, _)| mechanism == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

/// A name that no mechanism has.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no mechanism {0:?}; known are {known}", known = MECHANISMS.map(|(_, name)| name).join(", "))]
pub struct UnknownMechanism(String);

impl FromStr for Mechanism {
    type Err = UnknownMechanism;

    fn from_str(name: &str) -> Result<Self, UnknownMechanism> {
        let found = MECHANISMS.iter().find(|(_, known)| *known == name);
        found.map(|(mechanism, _)| *mechanism).ok_or_else(|| UnknownMechanism(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_use_until_it_is_left_out() {
        let without = Mechanisms::default().without(Mechanism::Rerank).without(Mechanism::Several);
        for (mechanism, name) in MECHANISMS {
            assert!(Mechanisms::default().has(mechanism));
            assert_eq!(without.has(mechanism), !["rerank", "several"].contains(&name), "{name}");
        }
    }

    #[test]
    fn names_are_read_and_printed_and_an_unknown_one_lists_the_known() {
        for (mechanism, name) in MECHANISMS {
            assert_eq!((name.parse(), mechanism.to_string()), (Ok(mechanism), name.to_owned()));
        }
        let error = "reranking".parse::<Mechanism>().unwrap_err().to_string();
        assert!(error.contains("\"reranking\"") && error.contains("rerank, context"), "{error}");
    }
}
