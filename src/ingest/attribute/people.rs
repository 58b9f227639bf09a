//! Who is named where, and which of the document's people that is.

use std::collections::BTreeSet;

use super::lexicon::{
    is_article, is_no_name, is_no_person, is_particle, is_preposition, is_pronoun, is_role, is_role_prefix, is_title,
};
use super::words::Token;
use crate::corpus::{Speaker, SpeakerId};
use crate::ingest::parse::name_key;

/// A person as a text names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Known(SpeakerId),
    /// A name that no speaker of the document has yet.
    New(String),
    Pronoun,
    /// "the mayor".
    Role(String),
}

/// Where a person is named: tokens `from..to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub from: usize,
    pub to: usize,
    pub who: Who,
    /// "Jane Doe’s": the owner of what follows, not its subject.
    pub possessive: bool,
}

/// What a document's use of capitals says of its words.
#[derive(Debug, Default)]
pub struct Capitals {
    /// Printed with a capital where no sentence begins, so that they are names.
    proper: BTreeSet<String>,
    /// Follow "in": places, no persons.
    places: BTreeSet<String>,
}

/// The people that a document is known to quote.
#[derive(Debug)]
pub struct People<'a> {
    pub speakers: &'a mut Vec<Speaker>,
    /// So many speakers were declared or labelled: their names stay.
    pub given: usize,
    pub capitals: Capitals,
}

impl Capitals {
    /// Takes in one text of the document.
    pub fn read(&mut self, tokens: &[Token<'_>]) {
        for pair in tokens.windows(2) {
            if pair[0].is_word() && !is_title(pair[0].text) && pair[1].is_capitalised() {
                let word = without_possessive(pair[1].text).0.to_owned();
                if pair[0].is("in") {
                    self.places.insert(word.clone());
                }
                self.proper.insert(word);
            }
        }
    }
}

impl People<'_> {
    /// The speaker of a name, entered as a new one when unknown.
    pub fn enter(&mut self, name: &str) -> SpeakerId {
        let id = find(self.speakers, name).unwrap_or_else(|| {
            self.speakers.push(Speaker { name: name.to_owned(), ..Speaker::default() });
            self.speakers.len() - 1
        });
        let speaker = &mut self.speakers[id];
        if !speaker.variants.iter().any(|v| v == name) {
            speaker.variants.push(name.to_owned());
        }
        if id >= self.given && is_fuller(name, &speaker.name) {
            speaker.name = name.to_owned();
        }
        id
    }

    /// The person last described with this role noun.
    pub fn with_role(&self, noun: &str) -> Option<SpeakerId> {
        let has = |s: &Speaker| s.roles.iter().any(|r| r.split_whitespace().any(|w| w == noun));
        let mut holders = (0..self.speakers.len()).filter(|&id| has(&self.speakers[id]));
        holders.next().filter(|_| holders.next().is_none())
    }

    /// Every person named in `tokens`, in order.
    pub fn mentions(&self, text: &str, tokens: &[Token<'_>]) -> Vec<Mention> {
        mentions(self.speakers, &self.capitals, text, tokens)
    }
}

/// Finds names of `speakers` in any case, pronouns, and runs of capitalised words.
pub fn mentions(speakers: &[Speaker], capitals: &Capitals, text: &str, tokens: &[Token<'_>]) -> Vec<Mention> {
    let variants = variant_keys(speakers);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mention = known(&variants, tokens, at)
            .or_else(|| pronoun(tokens, at))
            .or_else(|| capitalised(speakers, capitals, text, tokens, at));
        at = mention.as_ref().map_or(at + 1, |m| m.to);
        found.extend(mention);
    }
    found
}

fn variant_keys(speakers: &[Speaker]) -> Vec<(String, SpeakerId)> {
    let keys = |(id, s): (usize, &Speaker)| s.variants.iter().map(move |v| (name_key(v), id)).collect::<Vec<_>>();
    let mut keys: Vec<_> = speakers.iter().enumerate().flat_map(keys).filter(|(k, _)| !k.is_empty()).collect();
    keys.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
    keys
}

/// The longest known form that begins at token `at`, whatever its case and spacing.
fn known(variants: &[(String, SpeakerId)], tokens: &[Token<'_>], at: usize) -> Option<Mention> {
    if !tokens[at].is_word() {
        return None;
    }
    let mut key = String::new();
    let mut best = None;
    for (to, token) in tokens.iter().enumerate().skip(at).take(8).take_while(|(_, t)| t.is_word()) {
        let (word, possessive) = without_possessive(token.text);
        key.push_str(&name_key(word));
        if let Some((_, id)) = variants.iter().find(|(k, _)| *k == key)
            && (tokens[at].is_capitalised() || to > at)
        {
            best = Some(Mention { from: at, to: to + 1, who: Who::Known(*id), possessive });
        }
        if possessive || !variants.iter().any(|(k, _)| k.starts_with(&key)) {
            break;
        }
    }
    best
}

fn pronoun(tokens: &[Token<'_>], at: usize) -> Option<Mention> {
    is_pronoun(tokens[at].text).then(|| Mention { from: at, to: at + 1, who: Who::Pronoun, possessive: false })
}

/// A run of capitalised words that can be a name.
fn capitalised(
    speakers: &[Speaker],
    capitals: &Capitals,
    text: &str,
    tokens: &[Token<'_>],
    at: usize,
) -> Option<Mention> {
    if !tokens[at].is_capitalised() || is_no_name(tokens[at].text) {
        return None;
    }
    let to = run_end(tokens, at);
    let (start, end) = trim_roles(tokens, at, to);
    let words: Vec<&str> = tokens[start..end].iter().map(|t| t.text).collect();
    let (last, possessive) = without_possessive(words.last()?);
    let mention = |who| Mention { from: start, to: end, who, possessive };
    let bytes = tokens[start].range.start..tokens[end - 1].range.start + last.len();
    let name = text[bytes].split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(id) = find(speakers, &name) {
        return Some(mention(Who::Known(id)));
    }
    // One capital at the start of a sentence is no name, unless the word is one elsewhere.
    let initial = start == 0 || !tokens[start - 1].is_word() && tokens[start - 1].text != ",";
    let lone = words.len() == 1 && initial && !capitals.proper.contains(last);
    let place = capitals.places.contains(words[0]);
    let unlikely = place || words.iter().any(|w| is_no_person(w)) || words.iter().all(|w| is_title(w)) || lone;
    let after_article = start > 0 && is_article(tokens[start - 1].text);
    (!unlikely && !after_article).then(|| mention(Who::New(name)))
}

/// Where a capitalised run ends; particles stay inside ("Ursula von der Leyen").
fn run_end(tokens: &[Token<'_>], at: usize) -> usize {
    let mut to = at + 1;
    let mut next = at + 1;
    while let Some(token) = tokens.get(next) {
        if without_possessive(tokens[next - 1].text).1 {
            break;
        }
        if token.is_capitalised() && !is_no_name(token.text) {
            to = next + 1;
        } else if !is_particle(token.text) {
            break;
        }
        next += 1;
    }
    to
}

/// "Mayor Jane Doe" and "Mayor of London Sadiq Khan" name Jane Doe and Sadiq Khan.
fn trim_roles(tokens: &[Token<'_>], at: usize, to: usize) -> (usize, usize) {
    let is_office = |t: &Token<'_>| (is_role(t.text) || is_role_prefix(t.text)) && !is_title(t.text);
    let offices = tokens[at..to - 1].iter().take_while(|t| is_office(t)).count();
    let after_office = at >= 2 && tokens[at - 1].is("of") && is_role(tokens[at - 2].text);
    let start = if after_office && to - at >= 3 { to - 2 } else { at + offices };
    (start, to)
}

/// A word without "’s" and whether it had one.
pub fn without_possessive(word: &str) -> (&str, bool) {
    match word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")) {
        Some(stem) => (stem, true),
        None => (word, false),
    }
}

/// The speaker that a full or partial name means. A last name means the person it fits alone.
pub fn find(speakers: &[Speaker], name: &str) -> Option<SpeakerId> {
    let key = name_key(name);
    if let Some(id) = speakers.iter().position(|s| s.variants.iter().any(|v| name_key(v) == key)) {
        return Some(id);
    }
    let core = core(name);
    let fits = |s: &&usize| speakers[**s].variants.iter().any(|v| same_person(&core, &self::core(v)));
    let all: Vec<usize> = (0..speakers.len()).collect();
    let mut fitting = all.iter().filter(fits);
    fitting.next().filter(|_| fitting.next().is_none()).copied()
}

/// A name's words without titles and initials, in lower case.
fn core(name: &str) -> Vec<String> {
    let words = name.split(|c: char| c.is_whitespace() || c == '.').filter(|w| w.chars().count() > 1 && !is_title(w));
    words.map(name_key).filter(|w| !w.is_empty()).collect()
}

/// "Sam Lee" is fuller than "Lee"; a name in capitals gives way to one that is not.
fn is_fuller(name: &str, than: &str) -> bool {
    let shouts = |n: &str| !n.contains(char::is_lowercase);
    core(name).len() > core(than).len() || (shouts(than) && !shouts(name) && core(name).len() == core(than).len())
}

fn same_person(a: &[String], b: &[String]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match short {
        [] => false,
        [one] => long.last() == Some(one) || (long.len() > 1 && long.first() == Some(one)),
        _ => short.first() == long.first() && short.last() == long.last() || long.ends_with(short),
    }
}

/// Whether a preposition makes the mention something other than a subject ("for Jane Doe").
pub fn is_oblique(tokens: &[Token<'_>], mention: &Mention) -> bool {
    let before = |n: usize| mention.from.checked_sub(n).map(|i| tokens[i].text);
    let direct = before(1).is_some_and(is_preposition);
    direct || (before(1).is_some_and(is_article) && before(2).is_some_and(is_preposition))
}
