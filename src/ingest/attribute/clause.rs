//! Who speaks in a clause? The grammar around reporting verbs and quotations, as English news
//! prose, minutes and show notes use it. Looks at one clause; which person "she" is, is decided in
//! `mod`.

use super::lexicon::{Report, is_adverb, is_article, is_preposition, is_role, names_a_title, report};
use super::people::{Mention, Who, is_oblique};
use super::words::Token;

/// A clause outside quotation marks: tokens `from..to` of a text, and the people named in it.
#[derive(Debug, Clone, Copy)]
pub struct Clause<'a> {
    pub tokens: &'a [Token<'a>],
    /// All mentions of the text.
    pub mentions: &'a [Mention],
    pub from: usize,
    pub to: usize,
}

/// Farther behind a quotation no verb belongs to it.
const REACH: usize = 25;

impl<'a> Clause<'a> {
    /// Who says what follows the clause: `Jane Doe, head of X, said: “…”`.
    pub fn introduces(&self) -> Option<Who> {
        let last = self.last_word()?;
        if names_a_title(self.tokens[last].text) {
            return None;
        }
        if self.ends_with(":")
            && let Some(label) = self.mentions().find(|m| m.to == last + 1 && m.from == self.from)
        {
            return Some(label.who.clone());
        }
        let verb = (self.from..self.to).rev().find(|&i| report(self.tokens[i].text).is_some());
        let spoken = verb.and_then(|verb| self.subject_of(verb).or_else(|| self.behind_leading(verb)));
        spoken.or_else(|| self.according_to(self.from))
    }

    /// `Said Jane Doe: “…”`, `described by Jane Doe as “…”`.
    fn behind_leading(&self, verb: usize) -> Option<Who> {
        let leads = self.tokens[self.from..verb].iter().all(|t| !t.is_word() || is_adverb(t.text));
        let passive = self.tokens.get(verb + 1).is_some_and(|t| t.is("by"));
        if leads || passive { self.named_behind(verb + 1, self.to) } else { None }
    }

    /// Who said what stands before the clause: `“…,” said Jane Doe`, `“…,” she added`.
    pub fn follows(&self) -> Option<Who> {
        let start = (self.from..self.to).find(|&i| self.tokens[i].is_word())?;
        if start > self.from + 1 || is_conjunction(self.tokens[start].text) {
            return None;
        }
        let first_verb =
            (start..self.to.min(start + REACH)).find(|&i| report(self.tokens[i].text) == Some(Report::Finite));
        let leads = |i: usize| self.tokens[start..i].iter().all(|t| is_adverb(t.text));
        match first_verb {
            Some(verb) if leads(verb) => self.named_behind(verb + 1, self.to),
            Some(verb) => self.opening_subject(start, verb).or_else(|| self.according_to(start)),
            None => self.according_to(start),
        }
    }

    /// Who signs the quotation before the clause: `“…” — Jane Doe, poet`.
    pub fn signs(&self) -> Option<Who> {
        let dash = self.tokens.get(self.from).filter(|_| self.to > self.from + 1)?;
        let signed = self.mentions().find(|m| m.from == self.from + 1).filter(|_| dash.is_dash())?;
        let told = (signed.to..self.to).any(|i| report(self.tokens[i].text).is_some());
        (!told).then(|| signed.who.clone())
    }

    /// Who reports something in the clause, in whatever words.
    pub fn reports(&self) -> Option<Who> {
        let finite = |i: &usize| report(self.tokens[*i].text) == Some(Report::Finite);
        (self.from..self.to)
            .filter(finite)
            .find_map(|verb| self.subject_of(verb))
            .or_else(|| self.according_to(self.from))
    }

    /// The first person named who is no object of a preposition.
    pub fn main_subject(&self) -> Option<&'a Mention> {
        self.mentions().find(|m| !m.possessive && !is_oblique(self.tokens, m))
    }

    /// Whether the quotation behind the clause is a term with an article: `the “Green City” plan`.
    pub fn ends_with_article(&self) -> bool {
        self.to > self.from && is_article(self.tokens[self.to - 1].text)
    }

    fn mentions(&self) -> impl Iterator<Item = &'a Mention> + use<'a> {
        let (from, to) = (self.from, self.to);
        self.mentions.iter().filter(move |m| m.from >= from && m.to <= to)
    }

    fn last_word(&self) -> Option<usize> {
        (self.from..self.to).rev().find(|&i| self.tokens[i].is_word())
    }

    fn ends_with(&self, mark: &str) -> bool {
        self.to > self.from && self.tokens[self.to - 1].text == mark
    }

    /// The subject of the verb at token `verb`.
    fn subject_of(&self, verb: usize) -> Option<Who> {
        if report(self.tokens[verb].text) == Some(Report::Participle) {
            return self.clause_subject(verb);
        }
        let mut end = verb;
        while end > self.from && is_adverb(self.tokens[end - 1].text) {
            end -= 1;
        }
        if end == self.from {
            return None;
        }
        let before = self.tokens[end - 1].text;
        match before {
            "," | ")" | "—" | "–" => self.before_apposition(end - 1).or_else(|| self.clause_subject(end - 1)),
            "and" | "but" | "or" => self.clause_subject(end - 1),
            _ => self.ending_at(end).or_else(|| self.role_ending_at(end)),
        }
    }

    /// `Jane Doe`, `Jane Doe of the Port Authority`, right before a verb.
    fn ending_at(&self, end: usize) -> Option<Who> {
        let mention = self.mentions().find(|m| m.to == end);
        let held = mention.is_none_or(|m| is_oblique(self.tokens, m));
        match mention {
            Some(m) if !held => (!m.possessive).then(|| m.who.clone()),
            _ => {
                // "Jane Doe of the water board said": back over "of …", lower-case or not a person.
                let link = (self.from + 1..end).rev().take(6).find(|&i| is_preposition(self.tokens[i].text))?;
                self.mentions()
                    .find(|m| m.to == link && !m.possessive && !is_oblique(self.tokens, m))
                    .map(|m| m.who.clone())
            }
        }
    }

    /// `the mayor`, `the city’s mayor`, right before a verb.
    fn role_ending_at(&self, end: usize) -> Option<Who> {
        let noun = self.tokens[end - 1].text;
        let definite = self.tokens[self.from..end - 1].iter().rev().take(4).any(|t| t.is("the"));
        (is_role(noun) && definite).then(|| Who::Role(noun.to_lowercase()))
    }

    /// `Jane Doe, head of the port authority,` before the comma at token `comma`.
    fn before_apposition(&self, comma: usize) -> Option<Who> {
        let opens = |m: &&Mention| {
            m.to < comma
                && matches!(self.tokens[m.to].text, "," | "(" | "—" | "–")
                && !m.possessive
                && !is_oblique(self.tokens, m)
        };
        // "the head of the port authority, Jane Doe,": the name itself ends at the comma.
        self.mentions()
            .find(opens)
            .or_else(|| self.mentions().find(|m| m.to == comma && !m.possessive))
            .map(|m| m.who.clone())
    }

    /// The subject that a second verb or a participle shares, else the role noun the clause opens with.
    fn clause_subject(&self, before: usize) -> Option<Who> {
        let clause = Clause { to: before, ..*self };
        clause.main_subject().map(|m| m.who.clone()).or_else(|| {
            let noun = (self.from + 1..before).take(4).find(|&i| is_role(self.tokens[i].text))?;
            self.tokens[self.from].is("the").then(|| Who::Role(self.tokens[noun].text.to_lowercase()))
        })
    }

    /// Behind a verb that stands first: `said Jane Doe`, `said the mayor, Jane Doe`, `said she`.
    fn named_behind(&self, from: usize, to: usize) -> Option<Who> {
        let stop = |i: usize| report(self.tokens[i].text).is_some() || self.tokens[i].is("that");
        let to = (from..to.min(from + 10)).find(|&i| stop(i)).unwrap_or(to.min(from + 10));
        let named = self.mentions().find(|m| m.from >= from && m.to <= to && !m.possessive && !self.is_object(m));
        let near = |m: &&Mention| self.tokens[from..m.from].iter().all(|t| t.is_word() || t.text == ",");
        if let Some(m) = named.filter(near) {
            return Some(m.who.clone());
        }
        let the = self.tokens.get(from).is_some_and(|t| t.is("the"));
        let noun = (from + 1..to.min(from + 4)).find(|&i| is_role(self.tokens[i].text)).filter(|_| the)?;
        Some(Who::Role(self.tokens[noun].text.to_lowercase()))
    }

    fn is_object(&self, mention: &Mention) -> bool {
        let agent = mention.from > 0 && self.tokens[mention.from - 1].is("by");
        is_oblique(self.tokens, mention) && !agent
    }

    /// The subject of `verb` when it opens the clause at `start`: nothing but a description before it.
    fn opening_subject(&self, start: usize, verb: usize) -> Option<Who> {
        let who = self.subject_of(verb)?;
        let Some(mention) = self.mentions().find(|m| m.from >= start && m.who == who) else {
            return Some(who).filter(|_| self.tokens[start].is("the") && verb <= start + 5);
        };
        let described =
            self.tokens[start..mention.from].iter().all(|t| t.is_word() && !is_preposition(t.text) || t.is("of"));
        (described && mention.from <= start + 6).then_some(who)
    }

    /// `according to Jane Doe`, `in the words of Jane Doe`.
    fn according_to(&self, from: usize) -> Option<Who> {
        let phrase = (from..self.to.saturating_sub(1)).find(|&i| {
            self.tokens[i].is("according") && self.tokens[i + 1].is("to")
                || self.tokens[i].is("words") && self.tokens[i + 1].is("of")
        })?;
        self.mentions().find(|m| m.from >= phrase + 2 && m.from <= phrase + 7 && !m.possessive).map(|m| m.who.clone())
    }
}

fn is_conjunction(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "and" | "but" | "while" | "or" | "who" | "which" | "that" | "because" | "when"
    )
}
