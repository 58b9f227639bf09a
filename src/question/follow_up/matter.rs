//! Questions that ask about something without naming it: "Did she accept?", "what was her reason?"
//!
//! Words like these need a matter; it is what the question before was about.

use std::sync::LazyLock;

use regex::Regex;

use super::context::Turn;
use super::lexicon::{Human, human, is_property};
use super::pattern;
use super::phrases::salience;
use crate::question::kind;
use crate::text::terms;

/// Verbs that take the matter as their object.
const TAKES_OBJECT: &str = "accept refuse reject decline oppose support back approve regret confirm deny welcome \
    criticise criticize explain discuss";
/// Words that are about something.
const ABOUT: &str = "agree disagree object objection comment comments react respond hesitate complain elaborate \
    succeed comply example examples opinion view views position advice plan plans proposal reaction result outcome \
    argument arguments evidence alternative alternatives solution conclusion consequence consequences happy angry \
    disappointed surprised worried pleased sure proud afraid";
/// Nouns for why somebody did something.
const REASON: &str = "reason reasons motive motives explanation excuse justification";

static OPEN_END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:about|on|of|with|for|to|at|in|by|from|else|that|this|it)\s*[?.!]*$|\belse\b|\b(?:that|this|it|them|these|those|regarding|about)\b",
    )
});

fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|w| w == word)
}

/// The question with the matter of the turn before added, when it needs one and names none. `own`
/// are its content words without names.
pub(super) fn with_matter(question: &str, asked: &str, own: &[String], turn: &Turn) -> Option<String> {
    let needs: Vec<&String> = own.iter().filter(|w| human(w) != Human::Yes).collect();
    let [word] = needs[..] else { return None };
    if OPEN_END.is_match(asked) || terms(asked).len() > 8 {
        return None;
    }
    let open = question.trim_end_matches(['?', '.', '!', ' ']);
    if is_in(REASON, word) {
        let clause = turn.clause();
        let subject = clause.subject_text();
        let acted =
            clause.event(false).filter(|_| turn.phrases.iter().all(|p| p.human == Human::No) || open.contains(subject));
        let spoke = kind::subject(&turn.question).is_some() || clause.what().is_some();
        return match acted.filter(|_| !spoke && !subject.is_empty()) {
            Some(action) => Some(format!("{open} for {action}?")),
            None => matter(turn).map(|m| format!("{open} regarding {m}?")),
        };
    }
    if is_in(TAKES_OBJECT, word) {
        return matter(turn).filter(|m| !m.contains(open)).map(|m| format!("{open} {m}?"));
    }
    is_in(ABOUT, word).then(|| matter(turn).map(|m| format!("{open} regarding {m}?"))).flatten()
}

/// What a question was about, as a thing.
fn matter(turn: &Turn) -> Option<String> {
    if let Some(subject) = kind::subject(&turn.question) {
        return Some(subject.to_owned());
    }
    let clause = turn.clause();
    if let Some(what) = clause.what() {
        return Some(what);
    }
    let thing = turn
        .phrases
        .iter()
        .filter(|p| p.human != Human::Yes && !is_property(&p.head))
        .max_by_key(|p| (salience(p, true), std::cmp::Reverse(p.range.start)));
    let named = !turn.names.is_empty();
    match thing {
        Some(thing) if named || clause.verb.is_none() => Some(thing.again(&turn.question)),
        _ => {
            clause.event(true).filter(|_| !clause.subject.is_empty()).or_else(|| thing.map(|t| t.again(&turn.question)))
        }
    }
}
