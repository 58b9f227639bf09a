//! What a conversation has been about so far: its questions, the people and the things in them.

use std::ops::Range;

use super::clause::Clause;
use super::items;
use super::lexicon::{Human, agreeing, is_body, is_subject_pronoun, plural};
use super::phrases::{Phrase, Place, phrases, salience};
use super::pronouns::{Number, Pronoun};
use crate::question::People;
use crate::question::kind::{self, Kind};
use crate::text::{is_stop_word, terms};

/// One complete question of the conversation.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) question: String,
    pub(super) phrases: Vec<Phrase>,
    pub(super) names: Vec<Range<usize>>,
    pub(super) kind: Kind,
}

impl Turn {
    pub(super) fn clause(&self) -> Clause<'_> {
        Clause::of(&self.question, &self.names)
    }
}

/// Somebody who was spoken of.
#[derive(Debug, Clone)]
struct Person {
    name: String,
    /// Told by a title, by the noun or by a pronoun beside the name.
    male: Option<bool>,
    /// Not by the ending of a noun or two capitals alone.
    sure: bool,
}

/// Oldest first.
#[derive(Debug, Clone, Default)]
pub(in crate::question) struct Context {
    pub(super) turns: Vec<Turn>,
    persons: Vec<Person>,
}

impl Context {
    /// Takes in a complete question.
    pub(in crate::question) fn asked(&mut self, question: String, people: &People) {
        let names = people.mentioned(&question).ranges;
        let clause = Clause::of(&question, &names);
        let phrases = phrases(&clause, &names);
        let own = own_pronoun(&question);
        if names.is_empty() {
            for p in phrases.iter().filter(|p| !p.plural && !is_body(&p.head) && p.place != Place::Focus) {
                let subject_name = p.name && p.determiner.is_none() && p.place == Place::Subject;
                let sure = p.human == Human::Yes || subject_name && own.is_some() || is_whole_name(&question, p);
                if sure || p.human == Human::Perhaps || subject_name && p.noun.len() > p.head.len() {
                    self.met(p.again(&question), sure, own.filter(|_| p.place == Place::Subject));
                }
            }
            if let Some(one) = who_acted(&clause) {
                self.met(one, true, None);
            }
        }
        for range in &names {
            self.met(with_article(&question, range.clone()), true, own.filter(|_| names.len() == 1));
        }
        let kind = kind::classify(&question).kind;
        self.turns.push(Turn { phrases, names, kind, question });
    }

    /// Takes in an answer: only the people it names matter, for "she" after "Who said that?".
    pub(in crate::question) fn answered(&mut self, answer: &str, people: &People) {
        if let Some(range) = people.mentioned(answer).ranges.first() {
            self.met(with_article(answer, range.clone()), true, None);
        }
    }

    /// The same people, and nothing asked yet.
    pub(in crate::question) fn of_people(&self) -> Self {
        Self { turns: Vec::new(), persons: self.persons.clone() }
    }

    /// Whether nothing was said yet that a question could lean on.
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.persons.is_empty()
    }

    /// The last complete question.
    pub(in crate::question) fn last_question(&self) -> Option<&str> {
        self.turns.last().map(|t| t.question.as_str())
    }

    pub(super) fn last(&self) -> Option<&Turn> {
        self.turns.last()
    }

    fn met(&mut self, name: String, sure: bool, told: Option<bool>) {
        let before = self.persons.iter().position(|p| p.name == name).map(|at| self.persons.remove(at));
        let male = sex(&name).or(told).or(before.and_then(|p| p.male));
        self.persons.push(Person { name, male, sure });
    }

    /// The person last spoken of who may be a "he" or a "she", others than those taken. Of the last
    /// two, one who is known to be a man or a woman comes first.
    pub(super) fn person(&self, male: bool, taken: &[&str]) -> Option<String> {
        let free = |p: &&Person| p.male != Some(!male) && !taken.contains(&p.name.as_str());
        let fitting = |sure: bool| self.persons.iter().rev().filter(free).filter(move |p| p.sure == sure);
        let known = fitting(true).take(2).find(|p| p.male == Some(male));
        known.or_else(|| fitting(true).next()).or_else(|| fitting(false).next()).map(|p| p.name.clone())
    }

    /// What a pronoun stands for.
    pub(super) fn thing(&self, question: &str, pronoun: &Pronoun, people: &People) -> Option<String> {
        let last = self.turns.last()?;
        let own: Vec<String> =
            terms(question).into_iter().filter(|t| !is_stop_word(&t.folded)).map(|t| t.stem).collect();
        if pronoun.points()
            && let Some(matter) = pointed_at(last, question, pronoun)
        {
            return Some(matter);
        }
        if let Some(item) = items::asked_for(&last.question).filter(|_| pronoun.number == Number::One) {
            return Some(item);
        }
        let best = self.candidates(pronoun, question, &own, people);
        if pronoun.number == Number::Many
            && pronoun.subject
            && best.as_ref().is_none_or(|(age, _, _)| *age > 0)
            && let Some(those) = those_who(&last.clause())
        {
            return Some(those);
        }
        let here =
            best.filter(|(age, _, _)| *age == 0 || pronoun.number == Number::Many || last.clause().what().is_none());
        match here {
            Some((_, turn, phrase)) => Some(spoken_of(turn, phrase)),
            // "How many parts has it?" after "What are they working on?"
            None if pronoun.number == Number::One && !pronoun.possessive => {
                last.clause().what().or_else(|| best.map(|(_, turn, phrase)| spoken_of(turn, phrase)))
            }
            // "Do they agree?" of two who were asked about.
            None if pronoun.number == Number::Many && acts(question, people) => {
                let named: Vec<&Person> = self.persons.iter().rev().filter(|p| p.sure).take(2).collect();
                let [second, first] = named[..] else { return None };
                (!pronoun.possessive).then(|| format!("{} and {}", first.name, second.name))
            }
            None if best.is_none() && pronoun.number == Number::Many => {
                // "How many of them were printed?" after "Who designed the stamp?"
                let one = Pronoun { number: Number::One, ..pronoun.clone() };
                let (_, turn, phrase) = self.candidates(&one, question, &own, people)?;
                Some(several_of(&phrase.again(&turn.question))).filter(|_| !phrase.name)
            }
            None => best.map(|(_, turn, phrase)| spoken_of(turn, phrase)),
        }
    }

    /// The most likely thing with how many questions back it was named.
    fn candidates(
        &self,
        pronoun: &Pronoun,
        question: &str,
        own: &[String],
        people: &People,
    ) -> Option<(usize, &Turn, &Phrase)> {
        let acts = pronoun.number == Number::Many && pronoun.subject && acts(question, people);
        let mut best: Option<(i32, usize, &Turn, &Phrase)> = None;
        // An object may be what the whole talk is about; a subject goes on from the question before.
        let step = if pronoun.subject || pronoun.possessive { 5 } else { 3 };
        let mut fits_in_last = false;
        for (age, turn) in self.turns.iter().rev().enumerate() {
            for phrase in &turn.phrases {
                let body = is_body(&phrase.head);
                let fits = match pronoun.number {
                    Number::One => !phrase.plural && phrase.human != Human::Yes && !is_person(turn, phrase),
                    Number::Many if acts => phrase.plural && phrase.human != Human::No || body,
                    Number::Many => phrase.plural || body,
                };
                if !fits || own.contains(&phrase.stem) {
                    continue;
                }
                let many = pronoun.number == Number::Many;
                let again = self.turns.iter().filter(|t| t.phrases.iter().any(|p| p.stem == phrase.stem)).count() > 1;
                fits_in_last |= age == 0;
                // When nothing in the last question fits, it is what the talk as a whole is about.
                let step = if fits_in_last { step } else { 1 };
                let ageing = step * i32::try_from(age).unwrap_or(i32::MAX / 8).min(20);
                // Named again decides between equals.
                let worth = 2 * (salience(phrase, !many || phrase.plural) - ageing) + i32::from(again);
                if best.as_ref().is_none_or(|(top, ..)| worth > *top) {
                    best = Some((worth, age, turn, phrase));
                }
            }
        }
        best.map(|(_, age, turn, phrase)| (age, turn, phrase))
    }

    /// The things last spoken of in the plural.
    pub(super) fn several(&self, question: &str, people: &People) -> Option<String> {
        let them = Pronoun { range: 0..0, word: "them".into(), number: Number::Many, possessive: false, subject: true };
        let own: Vec<String> = terms(question).into_iter().map(|t| t.stem).collect();
        let (_, turn, phrase) = self.candidates(&them, question, &own, people).filter(|(_, _, p)| p.plural)?;
        Some(phrase.again(&turn.question))
    }

    /// What "there" stands for: the thing or place last spoken of.
    pub(super) fn place(&self, question: &str) -> Option<String> {
        let own: Vec<String> = terms(question).into_iter().map(|t| t.stem).collect();
        let fits = |p: &&Phrase| p.human == Human::No && !p.is_property() && !own.contains(&p.stem);
        self.turns.iter().rev().find_map(|turn| {
            let best =
                turn.phrases.iter().filter(fits).max_by_key(|p| (salience(p, true), std::cmp::Reverse(p.range.start)));
            best.map(|p| p.again(&turn.question))
        })
    }

    /// The last question that can hold an enumeration, before those for one of its items.
    pub(super) fn list(&self) -> Option<&Turn> {
        let plain = || self.turns.iter().rev().filter(|t| kind::classify(&t.question).ordinal.is_none());
        let lists = |t: &&Turn| matches!(t.kind, Kind::List | Kind::Count | Kind::SaidAbout) || several(t);
        plain().find(lists).or_else(|| plain().next()).or_else(|| self.turns.last())
    }
}

/// The question asks for several things.
fn several(turn: &Turn) -> bool {
    turn.phrases.iter().any(|p| p.plural && matches!(p.place, Place::Focus | Place::Subject))
}

/// "they want", "they decided": somebody acts.
fn acts(question: &str, people: &People) -> bool {
    const ACTS: &[&str] = &[
        "want", "plan", "think", "work", "say", "believe", "hope", "expect", "ask", "decide", "meet", "agree",
        "disagree", "argue", "promise", "complain", "support", "oppose", "accept", "refuse", "sell",
    ];
    let clause = Clause::of(question, &people.mentioned(question).ranges);
    clause.verb.is_some_and(|v| {
        let word = clause.word(v);
        ACTS.contains(&word) || ACTS.iter().any(|a| word.strip_suffix("ing") == Some(a))
    })
}

/// "the new stamps" of "the new stamp".
fn several_of(thing: &str) -> String {
    match thing.rsplit_once(' ') {
        Some((front, head)) => format!("{front} {}", plural(head)),
        None => plural(thing),
    }
}

/// "the one who spoke for the islands" of "Who spoke for the islands?"
fn who_acted(clause: &Clause<'_>) -> Option<String> {
    let asking = clause.asking.filter(|&a| clause.word(a) == "who" && clause.auxiliary.is_none())?;
    let verb = clause.verb.filter(|v| *v == asking + 1)?;
    Some(format!("the one who {}", clause.slice(verb..clause.words.len())))
}

/// "those who are against the plan" of "Who is against the plan?"
fn those_who(clause: &Clause<'_>) -> Option<String> {
    let asking = clause.asking.filter(|&a| clause.word(a) == "who" && clause.subject.is_empty())?;
    let rest = clause.slice(asking + 2..clause.words.len());
    let own = clause.slice(asking + 1..asking + 2);
    (!rest.is_empty()).then(|| format!("those who {} {rest}", agreeing(own, true).unwrap_or(own)))
}

/// Whether a question has a "he" or a "she" of its own.
fn own_pronoun(question: &str) -> Option<bool> {
    terms(question).iter().find_map(|t| match t.folded.as_str() {
        "he" | "him" | "his" => Some(true),
        "she" | "her" | "hers" => Some(false),
        _ => None,
    })
}

fn is_person(turn: &Turn, phrase: &Phrase) -> bool {
    is_whole_name(&turn.question, phrase) && turn.question.to_lowercase().starts_with("who ")
}

/// Two or more capitalised words and nothing else: "Jane Doe".
fn is_whole_name(question: &str, phrase: &Phrase) -> bool {
    let words = terms(&question[phrase.noun.clone()]);
    phrase.determiner.is_none()
        && words.len() > 1
        && words.iter().all(|w| w.capital)
        && question.to_lowercase().starts_with("who ")
}

/// The phrase with what belongs to it: "the noise of the piles"; a property yields to its owner.
fn spoken_of(turn: &Turn, phrase: &Phrase) -> String {
    let own = phrase.again(&turn.question);
    let of = turn.phrases.iter().find(|p| {
        p.place == Place::After("of".into()) && turn.question[..p.range.start].trim_end().ends_with(" of") && {
            let between = turn.question.get(phrase.range.end..p.range.start).unwrap_or("none");
            between.trim() == "of"
        }
    });
    match of {
        Some(of) if phrase.is_property() => of.again(&turn.question),
        Some(of) if !phrase.name => format!("{own} of {}", &turn.question[of.range.clone()]),
        _ => own,
    }
}

/// What "that" points at: the matter that somebody spoke about, what was done, or what was asked for.
fn pointed_at(last: &Turn, question: &str, pronoun: &Pronoun) -> Option<String> {
    let clause = last.clause();
    if matches!(last.kind, Kind::SaidAbout | Kind::WhoSaid)
        && let Some(about) = kind::subject(&last.question)
    {
        return Some(about.to_owned());
    }
    if let Some(what) = clause.what() {
        return Some(what);
    }
    let asking = clause.asking.map_or("", |a| clause.word(a));
    if asking == "who" && clause.auxiliary.is_none() {
        return clause.event(false);
    }
    let how = asking == "how" && clause.auxiliary == clause.asking.map(|a| a + 1);
    if matches!(asking, "" | "why" | "when" | "where") || how {
        let person = !last.names.is_empty() && clause.subject_text().len() > 1;
        // "What did making up for it cost her?": the one who acted is named again.
        let known = person && (pronoun.subject || question.contains(clause.subject_text()));
        let with_subject = !known && !is_subject_pronoun(&clause.subject_text().to_lowercase());
        return clause.event(with_subject);
    }
    // "How large was trade with the islands?": all of it.
    (asking == "how" && clause.verb.is_none() && !clause.subject.is_empty())
        .then(|| clause.slice(clause.subject.start..clause.words.len()).to_owned())
}

fn with_article(text: &str, range: Range<usize>) -> String {
    let own = text[article_start(text, range.start)..range.end].to_owned();
    let bare = ["’s", "'s"].iter().find_map(|s| own.strip_suffix(s)).unwrap_or(&own);
    let lower = bare.strip_prefix("The ").map(|rest| format!("the {rest}"));
    lower.unwrap_or_else(|| bare.to_owned())
}

/// Where the article before a description begins.
pub(super) fn article_start(text: &str, start: usize) -> usize {
    let before = &text[..start];
    ["the ", "The ", "our ", "this "].iter().find_map(|a| before.ends_with(a).then(|| start - a.len())).unwrap_or(start)
}

/// Whether a name or description tells a man from a woman.
fn sex(name: &str) -> Option<bool> {
    const MEN: &[&str] = &[
        "mr",
        "sir",
        "king",
        "father",
        "husband",
        "son",
        "uncle",
        "brother",
        "chairman",
        "spokesman",
        "fisherman",
        "man",
        "boy",
        "lord",
        "prince",
    ];
    const WOMEN: &[&str] = &[
        "mrs",
        "ms",
        "miss",
        "dame",
        "queen",
        "mother",
        "wife",
        "daughter",
        "aunt",
        "sister",
        "chairwoman",
        "spokeswoman",
        "woman",
        "girl",
        "lady",
        "princess",
        "actress",
    ];
    terms(name).iter().find_map(|t| {
        let word = t.folded.as_str();
        if MEN.contains(&word) { Some(true) } else { WOMEN.contains(&word).then_some(false) }
    })
}
