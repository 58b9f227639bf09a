//! People by name, part of a name, or role, as the documents know them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::corpus::{BlockKind, Corpus, SpeakerId};
use crate::text::{Term, is_stop_word, terms};

/// Index in [`People`].
pub type PersonId = usize;

/// One person over all documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// Where this person speaks: document and speaker there.
    pub places: Vec<(usize, SpeakerId)>,
    /// Forms of the name as sequences of folded words, titles left out, longest first.
    forms: Vec<Vec<String>>,
    /// Descriptions of this person.
    roles: Vec<Role>,
}

/// A description: "party chief of Nanning" has the head "chief".
#[derive(Debug, Clone, PartialEq, Eq)]
struct Role {
    head: String,
    words: Vec<String>,
}

/// Everybody whose words the corpus holds.
#[derive(Debug, Clone, Default)]
pub struct People {
    people: Vec<Person>,
    /// Who a document's speaker is.
    places: BTreeMap<(usize, SpeakerId), PersonId>,
    /// Every word of a form of a name.
    name_words: BTreeSet<String>,
}

/// Who is mentioned in a text, and where.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Mentions {
    pub(super) people: Vec<PersonId>,
    /// Bytes of the text that name them.
    pub(super) ranges: Vec<Range<usize>>,
    /// The text holds content words beside the names.
    pub(super) leaves_words: bool,
}

const TITLES: &[&str] = &["dr", "mr", "mrs", "ms", "prof", "professor", "sir", "dame", "mx", "the"];
/// Words of a description that say nothing about who is described.
const SMALL: &[&str] = &["of", "the", "for", "at", "in", "and", "a", "an", "to", "on"];

impl People {
    /// Collects the speakers of all documents; equal names are one person.
    #[must_use]
    pub fn of(corpus: &Corpus) -> Self {
        let mut by_name: BTreeMap<String, Person> = BTreeMap::new();
        for (d, document) in corpus.documents.iter().enumerate() {
            for (s, speaker) in document.speakers.iter().enumerate() {
                let person = by_name.entry(speaker.name.clone()).or_insert_with(|| Person {
                    name: speaker.name.clone(),
                    places: Vec::new(),
                    forms: Vec::new(),
                    roles: Vec::new(),
                });
                person.places.push((d, s));
                person.forms.extend(name_forms(&speaker.name));
                person.forms.extend(speaker.variants.iter().flat_map(|v| name_forms(v)));
                for text in &speaker.roles {
                    person.roles.extend(role(text));
                    person.roles.extend(also_called(text).iter().filter_map(|other| role(other)));
                }
            }
        }
        let mut people: Vec<Person> = by_name.into_values().collect();
        for person in &mut people {
            person.forms.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
            person.forms.dedup();
        }
        Self::from_persons(people)
    }

    fn from_persons(people: Vec<Person>) -> Self {
        let places = people.iter().enumerate().flat_map(|(id, p)| p.places.iter().map(move |place| (*place, id)));
        let name_words = people.iter().flat_map(|p| p.forms.iter().flatten().cloned());
        Self { places: places.collect(), name_words: name_words.collect(), people }
    }

    #[must_use]
    pub fn get(&self, id: PersonId) -> &Person {
        &self.people[id]
    }

    /// Everybody, with ids in order.
    pub fn iter(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.people.iter().enumerate()
    }

    /// The one person who is interviewed, when there is one: who "she" is when nobody was named.
    #[must_use]
    pub fn interviewee(&self) -> Option<&str> {
        let mut guests = self.people.iter().filter(|p| p.roles.iter().any(|r| r.head == "interviewee"));
        guests.next().filter(|_| guests.next().is_none()).map(|p| p.name.as_str())
    }

    /// The person a turn of this document belongs to.
    #[must_use]
    pub fn speaker_of(&self, document: usize, kind: &BlockKind) -> Option<PersonId> {
        let BlockKind::Turn { speaker, .. } = kind else { return None };
        self.at(document, *speaker)
    }

    /// The person that a document's speaker is.
    #[must_use]
    pub fn at(&self, document: usize, speaker: SpeakerId) -> Option<PersonId> {
        self.places.get(&(document, speaker)).copied()
    }

    /// Whether a folded word belongs to somebody's name.
    #[must_use]
    pub fn has_name_word(&self, word: &str) -> bool {
        self.name_words.contains(word)
    }

    /// People named or described in a text, in order of mention.
    #[must_use]
    pub fn named(&self, text: &str) -> Vec<PersonId> {
        self.mentioned(text).people
    }

    /// The same with where they are named.
    pub(super) fn mentioned(&self, text: &str) -> Mentions {
        let words = terms(text);
        let mut found = Mentions::default();
        let mut taken = vec![false; words.len()];
        let mut at = 0;
        while at < words.len() {
            let Some((ids, length)) = self.name_at(&words, at).or_else(|| self.role_at(&words, at)) else {
                at += 1;
                continue;
            };
            // A title before the name belongs to it.
            let from = if at > 0 && TITLES.contains(&words[at - 1].folded.as_str()) { at - 1 } else { at };
            found.ranges.push(words[from].range.start..words[at + length - 1].range.end);
            taken[from..at + length].fill(true);
            for id in ids {
                if !found.people.contains(&id) {
                    found.people.push(id);
                }
            }
            at += length;
        }
        found.leaves_words = words.iter().zip(&taken).any(|(w, t)| !t && !is_stop_word(&w.folded));
        found
    }

    /// The longest name that begins at a word: a full form, or a part of one that only few have.
    fn name_at(&self, words: &[Term], at: usize) -> Option<(Vec<PersonId>, usize)> {
        let capitals = words.iter().skip(1).any(|w| w.capital);
        let mut best: Option<(Vec<PersonId>, usize)> = None;
        for (id, person) in self.iter() {
            let length = person.forms.iter().map(|f| matching(f, &words[at..], capitals)).max().unwrap_or(0);
            match &mut best {
                _ if length == 0 => {}
                Some((ids, longest)) if *longest == length => ids.push(id),
                Some((_, longest)) if *longest > length => {}
                _ => best = Some((vec![id], length)),
            }
        }
        best
    }

    /// A role that begins at a word after "the" or a name-like place: "the harbour master".
    fn role_at(&self, words: &[Term], at: usize) -> Option<(Vec<PersonId>, usize)> {
        let introduced = at > 0 && matches!(words[at - 1].folded.as_str(), "the" | "our" | "their" | "this");
        let mut best: Option<(usize, usize, Vec<PersonId>)> = None;
        for (id, person) in self.iter() {
            for role in &person.roles {
                let Some((score, length)) = role.matches(&words[at..], introduced || at == 0) else { continue };
                match &mut best {
                    Some((top, _, ids)) if *top == score => {
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                    Some((top, _, _)) if *top > score => {}
                    _ => best = Some((score, length, vec![id])),
                }
            }
        }
        // A role that several people share names nobody.
        best.filter(|(_, _, ids)| ids.len() == 1).map(|(_, length, ids)| (ids, length))
    }

    #[cfg(test)]
    pub(super) fn for_test(people: &[(&str, &[&str], &[&str])]) -> Self {
        let people = people
            .iter()
            .map(|(name, variants, roles)| Person {
                name: (*name).to_owned(),
                places: vec![],
                forms: name_forms(name).into_iter().chain(variants.iter().flat_map(|v| name_forms(v))).collect(),
                roles: roles.iter().filter_map(|r| role(r)).collect(),
            })
            .collect();
        Self::from_persons(people)
    }
}

/// Other words for the parts that people play in a conversation.
fn also_called(role: &str) -> &'static [&'static str] {
    match role {
        "interviewer" => &["host", "moderator", "presenter", "reporter", "journalist", "questioner"],
        "interviewee" => &["guest", "interview partner", "expert"],
        _ => &[],
    }
}

/// The whole name, the last name, the first name of two or more, and every pair inside.
fn name_forms(name: &str) -> Vec<Vec<String>> {
    let words: Vec<String> =
        terms(name).into_iter().map(|t| t.folded).filter(|w| !TITLES.contains(&w.as_str())).collect();
    let mut forms = vec![words.clone()];
    if words.len() > 1 {
        for word in &words {
            if word.chars().count() >= 3 && !is_stop_word(word) && !COMMON.contains(&word.as_str()) {
                forms.push(vec![word.clone()]);
            }
        }
        forms.extend(words.windows(2).map(<[String]>::to_vec));
    }
    forms.retain(|f| !f.is_empty());
    forms
}

/// Parts of organisations' names that are everyday words.
const COMMON: &[&str] = &[
    "news", "press", "radio", "daily", "times", "media", "journal", "online", "tv", "team", "staff", "speaker", "host",
    "guest",
];

/// How many words from here are this form, a slip of one letter in a long word forgiven. One word
/// alone is a name only with a capital ("Will", "Hill"), where the text has any capital inside.
fn matching(form: &[String], words: &[Term], capitals: bool) -> usize {
    let fits = form.len() <= words.len() && form.iter().zip(words).all(|(f, w)| same_name(f, &w.folded));
    let plain_word = form.len() == 1 && capitals && words.first().is_some_and(|w| !w.capital);
    if fits && !plain_word { form.len() } else { 0 }
}

fn same_name(name: &str, word: &str) -> bool {
    if name == word {
        return true;
    }
    let length = name.chars().count();
    let allowed = if length >= 8 { 2 } else { usize::from(length >= 5) };
    allowed > 0 && name.chars().next() == word.chars().next() && strsim::damerau_levenshtein(name, word) <= allowed
}

fn role(text: &str) -> Option<Role> {
    let words: Vec<String> = terms(text).into_iter().map(|t| t.folded).collect();
    let end = words
        .iter()
        .position(|w| matches!(w.as_str(), "of" | "for" | "at" | "in" | "from" | "with" | "to"))
        .unwrap_or(words.len());
    let head = words[..end].last()?.clone();
    (!is_stop_word(&head))
        .then(|| Role { head, words: words.into_iter().filter(|w| !SMALL.contains(&w.as_str())).collect() })
}

/// One noun, in the singular or the plural. Stems will not do: "interview" is not "interviewer".
fn same_noun(word: &str, noun: &str) -> bool {
    word == noun || word.strip_suffix('s') == Some(noun)
}

impl Role {
    /// Score and length when a description of this role begins here: up to three words before the
    /// head that the role has too, the head, and the place after "of" when it fits.
    fn matches(&self, words: &[Term], introduced: bool) -> Option<(usize, usize)> {
        let head = words.iter().take(5).position(|w| same_noun(&w.folded, &self.head))?;
        let before = words[..head].iter().all(|w| self.words.iter().any(|own| same_noun(&w.folded, own)));
        if !before || (head == 0 && !introduced) {
            return None;
        }
        let mut length = head + 1;
        let mut score = length;
        if words.get(length).is_some_and(|w| matches!(w.folded.as_str(), "of" | "for" | "from" | "at")) {
            let rest = &words[length + 1..];
            let skip = usize::from(rest.first().is_some_and(|w| w.folded == "the"));
            let place = rest.get(skip)?;
            if !self.words.iter().any(|own| same_noun(&place.folded, own)) {
                return None;
            }
            length += 2 + skip;
            score += 2;
        }
        Some((score, length))
    }
}

/// Whether a phrase that names nobody we know still names somebody: it has a capital inside, or a
/// determiner and a noun ("the mayor of Bangkok").
pub(super) fn is_specific(phrase: &str) -> bool {
    let words = terms(phrase);
    words.iter().any(|w| !is_stop_word(&w.folded))
        && words.len() <= 7
        && (words.iter().any(|w| w.capital)
            || words
                .first()
                .is_some_and(|w| matches!(w.folded.as_str(), "the" | "his" | "her" | "their" | "our" | "a" | "an")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        let people = People::for_test(&[
            ("Dr. Ada Whitlock", &["Ada Whitelock"], &["mayor of Sandhaven", "senior planner"]),
            ("Tom Reed", &[], &["harbour master"]),
        ]);
        people.mentioned(text).people
    }

    #[test]
    fn people_are_found_by_name_part_misspelling_and_role() {
        for (text, expected) in [
            ("What did Dr. Whitlock say?", vec![0]),
            ("what did ada whitlok say", vec![0]),
            ("What did the mayor say to Tom Reed?", vec![0, 1]),
            ("the harbour master", vec![1]),
            ("the mayor of Sandhaven", vec![0]),
            ("the mayor of Bangkok", vec![]),
            ("What about reeds on the shore?", vec![]),
            ("Who built the harbour?", vec![]),
            ("the senior planning office", vec![]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
