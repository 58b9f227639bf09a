//! The turns of an interview: who speaks them and what belongs to each.

use std::collections::BTreeMap;

use super::label::COLONS;
use super::markdown::{Leaf, Outline};
use super::name_key;
use crate::corpus::{BlockId, Part, Plain, Speaker, SpeakerId};

/// A turn that is being read.
#[derive(Debug)]
pub struct OpenTurn {
    pub speaker: SpeakerId,
    pub heading: Option<BlockId>,
    pub start: usize,
    pub end: usize,
    pub text: Plain,
    /// Where the words behind the label begin.
    pub body: usize,
    pub parts: Vec<Part>,
    /// Position of each item seen so far, and the count of each list.
    items: BTreeMap<usize, usize>,
    lists: BTreeMap<usize, usize>,
}

impl OpenTurn {
    /// A turn that begins with the label of this leaf.
    pub fn new(leaf: Leaf, speaker: SpeakerId, heading: Option<BlockId>) -> Self {
        let mut turn = Self {
            speaker,
            heading,
            start: leaf.range.start,
            end: leaf.range.end,
            body: leaf.label.text.len(),
            text: leaf.label,
            parts: Vec::new(),
            items: BTreeMap::new(),
            lists: BTreeMap::new(),
        };
        turn.add(leaf.text, leaf.range.end, None);
        turn
    }

    /// What stands between this label and the next.
    pub fn push(&mut self, leaf: Leaf, outline: &Outline) {
        let item = leaf.item.map(|item| self.position(item, outline));
        self.add(leaf.text, leaf.range.end, item);
    }

    fn position(&mut self, item: usize, outline: &Outline) -> usize {
        let next = self.lists.entry(outline.items[item].list).or_default();
        *self.items.entry(item).or_insert_with(|| {
            *next += 1;
            *next
        })
    }

    fn add(&mut self, words: Plain, end: usize, item: Option<usize>) {
        self.end = self.end.max(end);
        if words.text.is_empty() {
            return;
        }
        let range = self.text.append(words);
        if self.parts.is_empty() {
            self.body = range.start;
        }
        self.parts.push(Part { range, item });
    }
}

/// The people of a document, gathered from declarations and labels.
#[derive(Debug, Default)]
pub struct Cast {
    people: Vec<Person>,
}

#[derive(Debug)]
struct Person {
    declared: bool,
    speaker: Speaker,
    /// Printed label forms in order of appearance, with how often each occurs.
    forms: Vec<(String, usize)>,
}

impl Cast {
    pub fn declared(speakers: &[(String, Vec<String>)]) -> Self {
        let people = speakers.iter().map(|(name, variants)| {
            let mut speaker = Speaker { name: name.clone(), ..Speaker::default() };
            for form in std::iter::once(name).chain(variants) {
                add_variant(&mut speaker, form);
            }
            Person { declared: true, speaker, forms: Vec::new() }
        });
        Self { people: people.collect() }
    }

    /// Whose label this is. Forms that differ in case, white space or punctuation are one person.
    pub fn speaker(&mut self, label: &str) -> SpeakerId {
        let form = label.trim_end_matches(|c: char| COLONS.contains(&c) || c.is_whitespace());
        let key = name_key(form);
        let known = |p: &Person| p.speaker.variants.iter().any(|v| name_key(v) == key);
        let id = self.people.iter().position(known).unwrap_or_else(|| {
            self.people.push(Person { declared: false, speaker: Speaker::default(), forms: Vec::new() });
            self.people.len() - 1
        });
        let person = &mut self.people[id];
        add_variant(&mut person.speaker, form);
        match person.forms.iter_mut().find(|(f, _)| f == form) {
            Some((_, count)) => *count += 1,
            None => person.forms.push((form.to_owned(), 1)),
        }
        id
    }

    /// A person who was not declared goes by the form printed most often, the first of equals.
    pub fn finish(self) -> Vec<Speaker> {
        let named = |mut person: Person| {
            if !person.declared
                && let Some((form, _)) = person.forms.iter().rev().max_by_key(|(_, count)| *count)
            {
                person.speaker.name.clone_from(form);
            }
            person.speaker
        };
        self.people.into_iter().map(named).collect()
    }
}

fn add_variant(speaker: &mut Speaker, form: &str) {
    if !speaker.variants.iter().any(|v| v == form) {
        speaker.variants.push(form.to_owned());
    }
}
