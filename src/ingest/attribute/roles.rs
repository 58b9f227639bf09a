//! What the document says its people are: "head of the port authority", "guest", "interviewer".

use std::ops::Range;

use super::lexicon::{is_article, is_no_name, is_preposition, is_role, report};
use super::people::{self, Capitals, Mention, Who};
use super::words::{self, Token};
use crate::corpus::{Block, BlockKind, Document, Speaker, SpeakerId};

/// A description is no longer than this many words.
const LONGEST: usize = 16;

/// Adds to each speaker the roles that the document gives them.
pub fn learn(document: &mut Document) {
    let mut found: Vec<(SpeakerId, String)> = Vec::new();
    let turns: Vec<(&Block, SpeakerId)> = document.blocks.iter().filter_map(turn).collect();
    for block in document.blocks.iter().filter(|b| b.is_searched()) {
        in_text(&document.speakers, &block.text.text, &mut found);
    }
    for (i, (block, speaker)) in turns.iter().enumerate() {
        let addressee = addressee(&turns, i);
        in_turn(block.body_text(), *speaker, addressee, &mut found);
    }
    found.extend(from_labels(&document.speakers));
    found.extend(from_structure(&turns));
    for (speaker, role) in found {
        let roles = &mut document.speakers[speaker].roles;
        if !role.is_empty() && !roles.contains(&role) {
            roles.push(role);
        }
    }
}

fn turn(block: &Block) -> Option<(&Block, SpeakerId)> {
    match block.kind {
        BlockKind::Turn { speaker, .. } => Some((block, speaker)),
        _ => None,
    }
}

/// Descriptions beside names, in any text.
fn in_text(speakers: &[Speaker], text: &str, found: &mut Vec<(SpeakerId, String)>) {
    let tokens = words::tokens(text);
    let mentions = people::mentions(speakers, &Capitals::default(), text, &tokens);
    for mention in &mentions {
        let Who::Known(id) = mention.who else { continue };
        if mention.possessive {
            continue;
        }
        let beside = [
            apposition(&tokens, &mentions, mention),
            copula(&tokens, mention),
            office(&tokens, mention),
            introduction(&tokens, mention),
        ];
        for range in beside.into_iter().flatten() {
            found.extend(descriptions(text, &tokens, range).into_iter().map(|role| (id, role)));
        }
    }
}

/// `Jane Doe, head of the port authority,`.
fn apposition(tokens: &[Token<'_>], mentions: &[Mention], mention: &Mention) -> Option<Range<usize>> {
    tokens.get(mention.to).filter(|t| matches!(t.text, "," | "(" | "—" | "–"))?;
    let range = phrase(tokens, mention.to + 1)?;
    // "Jane Doe, Mayor John Roe and others" is a list of people.
    let names_another = mentions.iter().any(|m| {
        let person = matches!(&m.who, Who::Known(_)) || matches!(&m.who, Who::New(n) if n.contains(' '));
        person && m.from >= range.start && m.to == range.end && !people::is_oblique(tokens, m)
    });
    (!names_another).then_some(range)
}

/// `Jane Doe is the head of the port authority`.
fn copula(tokens: &[Token<'_>], mention: &Mention) -> Option<Range<usize>> {
    let verb = tokens.get(mention.to)?;
    let at = match verb.text {
        "is" | "was" => mention.to + 1,
        "serves" | "works" | "served" | "worked" => mention.to + 2,
        _ => return None,
    };
    tokens.get(at).filter(|t| is_article(t.text)).and_then(|_| phrase(tokens, at))
}

/// `Party Chief of Nanning Nong Shengwen`, `city engineer John Roe`.
fn office(tokens: &[Token<'_>], mention: &Mention) -> Option<Range<usize>> {
    let belongs = |t: &Token<'_>| {
        t.is_word() && (t.is("of") || !is_no_name(t.text) && !is_preposition(t.text)) && report(t.text).is_none()
    };
    let words = tokens[..mention.from].iter().rev().take(6).take_while(|t| belongs(t)).count();
    let range = mention.from - words..mention.from;
    let direct = tokens[range.clone()].last().is_some_and(|t| !t.is("of"));
    (direct && tokens[range.clone()].iter().any(|t| is_role(t.text))).then_some(range)
}

/// `the head of the port authority, Jane Doe,`, `our guest today, Dr. Roe`, `our harbour master,
/// Captain Jane Doe`.
fn introduction(tokens: &[Token<'_>], mention: &Mention) -> Option<Range<usize>> {
    let titles = tokens[..mention.from].iter().rev().take(2).take_while(|t| is_role(t.text)).count();
    let comma = (mention.from - titles).checked_sub(1).filter(|&i| tokens[i].text == ",")?;
    let words = tokens[..comma].iter().rev().take(LONGEST).take_while(|t| t.is_word()).count();
    let start = (comma - words..comma)
        .find(|&i| is_article(tokens[i].text) && phrase(tokens, i).is_some_and(|p| p.end == comma))?;
    Some(start..comma)
}

/// A description that begins at `from`: a role noun before any preposition, up to the next mark,
/// verb of speaking or relative clause.
fn phrase(tokens: &[Token<'_>], from: usize) -> Option<Range<usize>> {
    let stops = |t: &Token<'_>| {
        let clause = matches!(
            t.text,
            "who" | "whose" | "which" | "that" | "you" | "he" | "she" | "where" | "is" | "was" | "has"
        );
        !t.is_word() || clause || report(t.text).is_some()
    };
    let length = tokens.get(from..)?.iter().take(LONGEST).take_while(|t| !stops(t)).count();
    let range = from..from + length;
    let head = tokens[range.clone()].iter().take_while(|t| !is_preposition(t.text) || t.is("at"));
    head.clone().any(|t| is_role(t.text)).then_some(range)
}

/// Without article, in lower case; "a strategist and keynote speaker" is two.
fn descriptions(text: &str, tokens: &[Token<'_>], range: Range<usize>) -> Vec<String> {
    let mut words = &tokens[range];
    while words.first().is_some_and(|t| is_article(t.text)) {
        words = &words[1..];
    }
    while words.last().is_some_and(|t| matches!(t.text, "today" | "tonight" | "now" | "and")) {
        words = &words[..words.len() - 1];
    }
    let joint = (1..words.len()).find(|&i| words[i].is("and"));
    let halves = match joint {
        Some(i) if has_role(&words[..i]) && has_role(&words[i + 1..]) => vec![&words[..i], &words[i + 1..]],
        _ => vec![words],
    };
    halves.into_iter().filter_map(|half| one_line(text, half)).collect()
}

fn has_role(words: &[Token<'_>]) -> bool {
    words.iter().any(|t| is_role(t.text))
}

fn one_line(text: &str, words: &[Token<'_>]) -> Option<String> {
    let printed = text.get(words.first()?.range.start..words.last()?.range.end)?;
    Some(printed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}

/// What a turn says of its speaker ("I’m a marine biologist") and of the person it is put to ("As
/// a senior strategist, you …").
fn in_turn(text: &str, speaker: SpeakerId, addressee: Option<SpeakerId>, found: &mut Vec<(SpeakerId, String)>) {
    let tokens = words::tokens(text);
    for (i, token) in tokens.iter().enumerate() {
        let next = |n: usize| tokens.get(i + n);
        let article = |n: usize| next(n).is_some_and(|t| is_article(t.text));
        let own = if matches!(token.text, "I’m" | "I'm") && article(1) {
            phrase(&tokens, i + 1)
        } else if token.text == "I" && next(1).is_some_and(|t| t.is("am")) && article(2) {
            phrase(&tokens, i + 2)
        } else {
            None
        };
        found.extend(own.into_iter().flat_map(|r| descriptions(text, &tokens, r)).map(|role| (speaker, role)));
        if token.is("as")
            && article(1)
            && let (Some(range), Some(addressee)) = (phrase(&tokens, i + 1), addressee)
            && tokens.get(range.end..).is_some_and(|rest| rest.iter().take(2).any(|t| t.is("you")))
        {
            found.extend(descriptions(text, &tokens, range).into_iter().map(|role| (addressee, role)));
        }
    }
}

/// Whom a turn is put to: the next other speaker, else the one before.
fn addressee(turns: &[(&Block, SpeakerId)], turn: usize) -> Option<SpeakerId> {
    let (before, rest) = turns.split_at(turn);
    let (_, own) = rest.first()?;
    let other = |t: &&(&Block, SpeakerId)| t.1 != *own;
    rest.iter().find(other).or_else(|| before.iter().rev().find(other)).map(|(_, s)| *s)
}

/// "Jane Doe, CEO" as a label.
fn from_labels(speakers: &[Speaker]) -> Vec<(SpeakerId, String)> {
    let of = |(id, speaker): (usize, &Speaker)| {
        let role = |v: &String| {
            let (_, role) = v.split_once(',')?;
            role.split_whitespace().any(is_role).then(|| (id, role.trim().to_lowercase()))
        };
        speaker.variants.iter().filter_map(role).collect::<Vec<_>>()
    };
    speakers.iter().enumerate().flat_map(of).collect()
}

/// Who opens and mostly asks is the interviewer; the only other person is the guest.
fn from_structure(turns: &[(&Block, SpeakerId)]) -> Vec<(SpeakerId, String)> {
    let Some((_, opener)) = turns.first() else { return Vec::new() };
    let own: Vec<&Block> = turns.iter().filter(|(_, s)| s == opener).map(|(b, _)| *b).collect();
    let asked = own.iter().filter(|b| b.body_text().trim_end_matches(['”', '"']).ends_with(['?', '？'])).count();
    let mut others: Vec<SpeakerId> = turns.iter().map(|(_, s)| *s).filter(|s| s != opener).collect();
    others.sort_unstable();
    others.dedup();
    if asked * 2 <= own.len() || others.is_empty() {
        return Vec::new();
    }
    let mut roles = vec![(*opener, "interviewer".to_owned())];
    if let [guest] = others[..] {
        roles.extend(["interviewee", "guest"].map(|role| (guest, role.to_owned())));
    }
    roles
}
