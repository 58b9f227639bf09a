//! The things and people that a question speaks of: its noun phrases, where they stand, whether
//! they mean one or several. What a later "it" refers to is one of these, never a verb.

use std::ops::Range;

use super::clause::Clause;
use super::lexicon::{
    Human, human, is_adjective, is_adverb, is_auxiliary, is_body, is_contrast, is_determiner, is_interrogative,
    is_participle, is_plural, is_possessive, is_preposition, is_property, is_subject_pronoun, is_time,
};
use crate::text::is_stop_word;

/// Where in a question a phrase stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// "which *ferries*"
    Focus,
    Subject,
    Object,
    /// After this preposition.
    After(String),
}

/// A noun phrase; ranges are bytes of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// With its determiner.
    pub(super) range: Range<usize>,
    /// Without.
    pub(super) noun: Range<usize>,
    pub(super) head: String,
    pub(super) stem: String,
    pub(super) determiner: Option<String>,
    pub(super) place: Place,
    pub(super) plural: bool,
    pub(super) human: Human,
    /// The head is a name.
    pub(super) name: bool,
}

impl Phrase {
    /// How it is called when it is spoken of again: "the heating plate" after "a heating plate".
    pub(super) fn again(&self, question: &str) -> String {
        let noun = &question[self.noun.clone()];
        match self.determiner.as_deref() {
            Some("any" | "some" | "no") if self.plural => noun.to_owned(),
            None if self.place != Place::Focus => noun.to_owned(),
            Some(word) if is_possessive(word) => question[self.range.clone()].to_owned(),
            _ => format!("the {noun}"),
        }
    }

    pub(super) fn is_property(&self) -> bool {
        is_property(&self.head)
    }

    /// Whether words of the phrase single it out among its like: "the *old* pier".
    pub(super) fn contrast(&self, question: &str) -> Option<Range<usize>> {
        let words = crate::text::terms(&question[self.noun.clone()]);
        let count = words.iter().take_while(|w| is_contrast(&w.folded)).count();
        (count > 0 && count < words.len())
            .then(|| self.noun.start + words[0].range.start..self.noun.start + words[count].range.start)
    }

    /// The noun without the words that single it out.
    pub(super) fn kind<'a>(&self, question: &'a str) -> &'a str {
        let start = self.contrast(question).map_or(self.noun.start, |c| c.end);
        &question[start..self.noun.end]
    }
}

/// The noun phrases of a question in order. `names` are the bytes where people are named.
pub(super) fn phrases(clause: &Clause<'_>, names: &[Range<usize>]) -> Vec<Phrase> {
    let mut found: Vec<Phrase> = Vec::new();
    let mut at = 0;
    while at < clause.words.len() {
        if !is_noun_like(clause, at) {
            at += 1;
            continue;
        }
        let start = at;
        while at < clause.words.len() && is_noun_like(clause, at) && (at == start || !clause.broken(at)) {
            at += 1;
        }
        let mut run = start..at;
        if let Some(place) = place(clause, &run) {
            if place == Place::Focus {
                run.end = focus_end(clause, &run);
            }
            if run.end > 1 && run.len() > 1 && is_participle(clause.word(run.end - 1)) && place != Place::Subject {
                run.end -= 1;
            }
            if run.len() > 1 && is_adjective(clause.word(run.end - 1)) && place == Place::Object {
                run.end -= 1;
            }
            if let Some(owner) = owner(clause, &run, names) {
                found.push(owner);
            }
            found.extend(phrase(clause, run, place, names));
        }
    }
    found
}

fn is_noun_like(clause: &Clause<'_>, at: usize) -> bool {
    let word = clause.word(at);
    clause.verb != Some(at)
        && !is_stop_word(word)
        && !is_preposition(word)
        && !is_auxiliary(word)
        && !is_interrogative(word)
        && (!is_subject_pronoun(word) || word == "people")
        && (!is_adverb(word) || word == "first")
        && !is_infinitive(clause, at)
        || matches!(word, "other" | "same" | "only" | "most" | "own")
            && at + 1 < clause.words.len()
            && is_noun_like(clause, at + 1)
}

/// "to close the pier": a bare word after "to" with something behind it is a verb.
fn is_infinitive(clause: &Clause<'_>, at: usize) -> bool {
    at > 0
        && clause.word(at - 1) == "to"
        && !clause.words[at].capital
        && !is_plural(clause.word(at))
        && (super::lexicon::is_verb(clause.word(at))
            || clause.words.get(at + 1).is_some_and(|w| is_determiner(&w.folded)))
}

/// Where a run of nouns stands; none when nothing before it makes it a noun phrase.
fn place(clause: &Clause<'_>, run: &Range<usize>) -> Option<Place> {
    let mut before = run.start.checked_sub(1);
    let determined = before.is_some_and(|b| is_determiner(clause.word(b)));
    if determined {
        before = before.and_then(|b| b.checked_sub(1));
    }
    let word = before.map_or("", |b| clause.word(b));
    let asking = clause.asking_phrase();
    if clause.subject.contains(&run.start) {
        return Some(if run.start > clause.subject.start + usize::from(determined) && is_preposition(word) {
            Place::After(word.to_owned())
        } else {
            Place::Subject
        });
    }
    // "Who paid for the bridge?"
    let taken = before.and_then(|b| b.checked_sub(1)).is_some_and(|b| clause.verb == Some(b));
    if taken && matches!(word, "for" | "after") {
        return Some(Place::Object);
    }
    if is_preposition(word) {
        return Some(Place::After(word.to_owned()));
    }
    if asking.contains(&run.start) {
        return (!matches!(clause.word(asking.start), "how") || matches!(word, "many" | "much"))
            .then_some(Place::Focus);
    }
    if clause.verb.is_some() && before == clause.verb || determined {
        return Some(Place::Object);
    }
    let named = clause.words[run.start].capital && run.start > 0;
    (named || matches!(word, "and" | "or") && before.is_some_and(|b| b > 0)).then_some(Place::Object)
}

/// The focus ends before the verb or auxiliary: "which body | put …".
fn focus_end(clause: &Clause<'_>, run: &Range<usize>) -> usize {
    clause.verb.or(clause.auxiliary).map_or(run.end, |end| run.end.min(end.max(run.start + 1)))
}

/// The owner in "the fair's theme", when it is no person.
fn owner(clause: &Clause<'_>, run: &Range<usize>, names: &[Range<usize>]) -> Option<Phrase> {
    let ends_owner = |i: &usize| {
        let word = &clause.text[clause.words[*i].range.clone()];
        word.ends_with("'s") || word.ends_with("’s")
    };
    let end = run.clone().find(ends_owner)? + 1;
    if end >= run.end {
        return None;
    }
    let mut owner = phrase(clause, run.start..end, Place::Subject, names)?;
    owner.range.end -=
        owner.range.len().min(clause.text[owner.range.clone()].rfind(['\'', '’']).map_or(0, |i| owner.range.len() - i));
    owner.noun.end = owner.range.end;
    (owner.human != Human::Yes).then_some(owner)
}

fn phrase(clause: &Clause<'_>, run: Range<usize>, place: Place, names: &[Range<usize>]) -> Option<Phrase> {
    let head = &clause.words[run.end.checked_sub(1)?];
    let alone = run.len() == 1 && matches!(head.folded.as_str(), "place" | "part" | "care" | "note" | "effect");
    // "What did she do next?"
    let bare = run.len() == 1 && is_contrast(&head.folded);
    let counted = place == Place::Focus && clause.asking.is_some_and(|a| clause.word(a + 1) == "many");
    if bare || alone && place == Place::Object || is_time(&head.folded) && !head.capital {
        return None;
    }
    let from = run.start.checked_sub(1).filter(|&b| is_determiner(clause.word(b)) && !clause.broken(run.start));
    let named = names.iter().any(|r| r.start < head.range.end && head.range.start < r.end);
    Some(Phrase {
        range: from.map_or(clause.words[run.start].range.start, |b| clause.words[b].range.start)..head.range.end,
        noun: clause.words[run.start].range.start..head.range.end,
        head: head.folded.clone(),
        stem: head.stem.clone(),
        determiner: from.map(|b| clause.word(b).to_owned()),
        place,
        plural: (is_plural(&head.folded) || counted) && !named,
        human: if named { Human::Yes } else { human(&head.folded) },
        name: head.capital,
    })
}

/// How likely a thing is what the talk goes on about.
pub(super) fn salience(phrase: &Phrase, agreed: bool) -> i32 {
    let place = match &phrase.place {
        Place::Subject if is_body(&phrase.head) || phrase.human == Human::Perhaps => 4,
        Place::Subject => 8,
        Place::Focus if is_body(&phrase.head) => 3,
        Place::Focus => 7,
        Place::Object => 6,
        Place::After(word) if matches!(word.as_str(), "about" | "on" | "of" | "regarding" | "concerning") => 5,
        Place::After(_) => 3,
    };
    place - if phrase.is_property() { 5 } else { 0 } - if agreed { 0 } else { 3 }
}
