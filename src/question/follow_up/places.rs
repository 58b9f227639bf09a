//! "There" and "the rest": where, and of what.

use std::sync::LazyLock;

use regex::Regex;

use super::context::Context;
use super::pattern;
use super::phrases::Place;
use crate::question::kind::{self, Kind};
use crate::text::{terms, word_ranges};

/// A "there" at the end, which says where; before or behind a form of "be" it says nothing.
static THERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:over |in )?there\b(?:(?: (?:now|today|then|too|as well))?\s*[?.!]*$)"));
static EMPTY_THERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:is|are|was|were|will|would|has|have|been|be|isn['’]t|aren['’]t) there\b"));
static REST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bthe (?:rest|remainder|other half|remaining part)\b(?P<of> of\b)?"));

/// The question with the place or the whole filled in.
pub(super) fn filled(question: &str, context: &Context) -> Option<String> {
    there(question, context).or_else(|| rest(question, context))
}

fn there(question: &str, context: &Context) -> Option<String> {
    let found = THERE.find(question).filter(|_| !EMPTY_THERE.is_match(question))?;
    let end = found.start() + found.as_str().to_lowercase().find("there")? + "there".len();
    let last = context.last()?;
    let place = match kind::subject(&last.question).filter(|_| last.kind == Kind::SaidAbout) {
        Some(subject) => format!("on {subject}"),
        None => {
            let goes = terms(question).iter().any(|t| GOING.contains(&t.folded.as_str()));
            format!("{} {}", if goes { "to" } else { "at" }, context.place(question)?)
        }
    };
    Some(format!("{}{place}{}", &question[..found.start()], &question[end..]))
}

const GOING: [&str; 16] = [
    "send",
    "sent",
    "sends",
    "go",
    "went",
    "goes",
    "come",
    "came",
    "travel",
    "travelled",
    "traveled",
    "get",
    "got",
    "move",
    "moved",
    "sail",
];

/// "the rest" after "How much of the cost did the fund cover?" is of the cost.
fn rest(question: &str, context: &Context) -> Option<String> {
    let found = REST.captures(question).filter(|c| c.name("of").is_none())?.get(0)?;
    let last = context.last()?;
    let of = last.phrases.iter().find(|p| p.place == Place::After("of".into()))?;
    let ends = word_ranges(&last.question[..of.range.start]).last().is_some_and(|r| &last.question[r] == "of");
    ends.then(|| format!("{} of {}{}", &question[..found.end()], of.again(&last.question), &question[found.end()..]))
}
