//! How a question is built: the asking word, the auxiliary, the subject, the verb and what follows.
//!
//! Read off the order of words with the lists of `lexicon`; where that does not tell, parts are
//! missing and nobody downstream relies on them.

use std::ops::Range;

use super::lexicon::{
    gerund, gerund_of_finite, is_adjective, is_adverb, is_auxiliary, is_be, is_determiner, is_do, is_finite,
    is_interrogative, is_light_verb, is_participle, is_preposition, is_subject_pronoun, is_verb, past, takes_base_form,
    third_person,
};
use crate::question::frame;
use crate::text::{Term, is_stop_word, terms};

/// Ranges and indices count words.
#[derive(Debug, Clone)]
pub(super) struct Clause<'a> {
    pub(super) text: &'a str,
    pub(super) words: Vec<Term>,
    /// "who", "which"; none for a yes-or-no question.
    pub(super) asking: Option<usize>,
    pub(super) auxiliary: Option<usize>,
    /// Empty when what is asked for is the subject ("who paid?").
    pub(super) subject: Range<usize>,
    pub(super) verb: Option<usize>,
}

impl<'a> Clause<'a> {
    /// `names` are the bytes where people are named.
    pub(super) fn of(text: &'a str, names: &[Range<usize>]) -> Self {
        let words = terms(text);
        let start = words.iter().take_while(|w| is_joint(&w.folded)).count();
        let asking = (start..words.len().min(start + 4)).find(|&at| is_interrogative(&words[at].folded));
        let mut clause = Self { text, words, asking, auxiliary: None, subject: 0..0, verb: None };
        clause.auxiliary = match asking {
            Some(at) => clause.auxiliary_after(at),
            None => (start < clause.words.len() && is_auxiliary(clause.word(start))).then_some(start),
        };
        match clause.auxiliary {
            Some(at) => clause.read_after(at, names),
            None => clause.verb = asking.and_then(|at| clause.verb_of_subject_question(at)),
        }
        clause
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |w| &w.folded)
    }

    /// The words of a range as they stand in the text.
    pub(super) fn slice(&self, range: Range<usize>) -> &'a str {
        if range.is_empty() || range.end > self.words.len() {
            return "";
        }
        &self.text[self.words[range.start].range.start..self.words[range.end - 1].range.end]
    }

    pub(super) fn subject_text(&self) -> &'a str {
        self.slice(self.subject.clone())
    }

    /// What follows the verb.
    pub(super) fn rest(&self) -> &'a str {
        self.verb.map_or("", |v| self.slice(v + 1..self.words.len()))
    }

    /// The asking words: "which of the ferries", up to the auxiliary.
    pub(super) fn asking_phrase(&self) -> Range<usize> {
        match (self.asking, self.auxiliary.or(self.verb)) {
            (Some(from), Some(to)) if from < to => from..to,
            (Some(from), _) => from..from + 1,
            _ => 0..0,
        }
    }

    /// What was done, as a thing: "making up for the delay"; with its subject "the plant breaking down".
    pub(super) fn event(&self, with_subject: bool) -> Option<String> {
        let (auxiliary, verb) = (self.auxiliary.map_or("", |a| self.word(a)), self.word(self.verb?));
        let action = if auxiliary.is_empty() {
            gerund_of_finite(verb)?
        } else if takes_base_form(auxiliary) {
            gerund(verb)
        } else if is_be(auxiliary) && is_participle(verb) {
            format!("being {verb}")
        } else if is_be(auxiliary) && verb.ends_with("ing") {
            verb.to_owned()
        } else {
            return None;
        };
        let subject = if with_subject { self.subject_text() } else { "" };
        Some(join(&[subject, &action, self.rest()]))
    }

    /// "what the council decided" of "What did the council decide?"
    pub(super) fn what(&self) -> Option<String> {
        let asking = self.asking.filter(|&at| self.word(at) == "what")?;
        let (auxiliary, verb) = (self.auxiliary?, self.verb?);
        if auxiliary != asking + 1 || self.subject.is_empty() {
            return None;
        }
        let base = self.slice(verb..verb + 1);
        let said = match self.word(auxiliary) {
            "did" => past(base),
            "does" => third_person(base),
            "do" => base.to_owned(),
            _ => format!("{} {base}", self.slice(auxiliary..auxiliary + 1)),
        };
        Some(join(&["what", self.subject_text(), &said, self.rest()]))
    }

    /// The same question with another asking word: "When did the club fold?" of "Why did the club fold?"
    pub(super) fn asked_with(&self, asking: &str) -> Option<String> {
        let auxiliary = self.auxiliary?;
        let verb = self.verb?;
        if self.subject.is_empty() {
            return None;
        }
        let own = self.asking.map_or("", |at| self.word(at));
        // "What did she say about fares?" has a gap that "that" fills.
        let gap = match own {
            "what" if auxiliary == self.asking? + 1 => "that",
            "" | "when" | "where" | "why" => "",
            "how" if auxiliary == self.asking? + 1 => "",
            _ => return None,
        };
        let rest = if gap.is_empty() || !self.rest().is_empty() && self.rest().split(' ').count() == 1 {
            self.rest().to_owned()
        } else {
            join(&[gap, self.rest()])
        };
        let head = self.slice(auxiliary..auxiliary + 1).to_lowercase();
        Some(format!("{}?", join(&[asking, &head, self.subject_text(), self.slice(verb..verb + 1), &rest])))
    }

    /// The auxiliary of an asking word: next to it, or after the noun it goes with.
    fn auxiliary_after(&self, asking: usize) -> Option<usize> {
        let near = matches!(self.word(asking), "who" | "when" | "where" | "why" | "whom");
        let most = if near { asking + 2 } else { asking + 8 };
        for at in asking + 1..self.words.len().min(most + 1) {
            let (word, before) = (self.word(at), self.word(at - 1));
            if is_auxiliary(word) {
                return Some(at);
            }
            let bare_article = is_determiner(word) && before != "of";
            if bare_article || is_interrogative(word) || matches!(word, "if" | "because" | "and") {
                return None;
            }
        }
        None
    }

    fn verb_of_subject_question(&self, asking: usize) -> Option<usize> {
        if matches!(self.word(asking), "who" | "what") && !is_stop_word(self.word(asking + 1)) {
            let adverb = self.word(asking + 1).ends_with("ly");
            let plain = frame::frame(self.text).focus.is_none_or(|f| f.start != self.words[asking + 1].range.start);
            if self.word(asking) == "who" || plain {
                return Some(asking + 1 + usize::from(adverb)).filter(|at| *at < self.words.len());
            }
        }
        let counts = self.word(asking) == "how" && matches!(self.word(asking + 1), "many" | "much");
        let run = self.chunk(asking + 1 + usize::from(counts));
        // "Which ferry serves the islands", "which body put the fair on": behind a noun.
        let finite = run.clone().skip(1).find(|&i| is_finite(self.word(i)));
        finite.or_else(|| run.clone().skip(1).last())
    }

    fn read_after(&mut self, auxiliary: usize, names: &[Range<usize>]) {
        let mut at = auxiliary + 1;
        if self.word(at) == "not" {
            at += 1;
        }
        let asked_subject = self.asking.is_some_and(|a| match self.word(a) {
            "who" | "what" => true,
            "which" => true,
            "how" => matches!(self.word(a + 1), "many" | "much"),
            _ => false,
        });
        let kind = self.word(auxiliary).to_owned();
        let capital = self.words.get(at).is_some_and(|w| w.capital);
        let begins_phrase = is_determiner(self.word(at)) || is_subject_pronoun(self.word(at)) || capital;
        if asked_subject && !is_do(&kind) && !begins_phrase && !self.named(at, names) {
            let content = (at..self.words.len()).find(|&i| !is_stop_word(self.word(i)));
            self.verb =
                content.filter(|&i| !is_be(&kind) || is_participle(self.word(i)) || self.word(i).ends_with("ing"));
            return;
        }
        let pronoun = is_subject_pronoun(self.word(at))
            && !(is_determiner(self.word(at)) && self.words.get(at + 1).is_some_and(|w| !is_stop_word(&w.folded)) && {
                // "does that ferry run": a noun and a verb follow.
                self.chunk(at + 1).len() > 1
            });
        if pronoun {
            self.subject = at..at + 1;
            let next = (at + 1..self.words.len()).find(|&i| {
                let word = self.word(i);
                !is_stop_word(word) && !word.ends_with("ly") || is_light_verb(word) && !is_be(&kind)
            });
            self.verb = next.filter(|&i| !is_be(&kind) || is_participle(self.word(i)) || self.word(i).ends_with("ing"));
        } else {
            self.read_subject(at, &kind, names);
        }
    }

    /// A subject of several words, and the verb that ends it.
    fn read_subject(&mut self, start: usize, kind: &str, names: &[Range<usize>]) {
        let mut at = start;
        loop {
            if is_determiner(self.word(at)) {
                at += 1;
            }
            let mut run = self.chunk(at);
            // A person's name is no verb, whatever it looks like.
            if let Some(end) = self.name_end(at, names) {
                let possessive = self.slice(at..end).ends_with("’s") || self.slice(at..end).ends_with("'s");
                if !possessive && end <= run.end {
                    run = end..run.end;
                    if !run.is_empty() {
                        self.close(start, run.start);
                        return;
                    }
                    at = end;
                }
            }
            if run.len() > 1
                && let Some(verb) = self.verb_in(&run, kind)
            {
                self.close(start, verb);
                return;
            }
            let end = run.end.max(at);
            if is_light_verb(self.word(end)) && !is_be(kind) {
                self.close(start, end);
                return;
            }
            // "Did sales really rise?"
            if !is_be(kind)
                && (is_adverb(self.word(end)) || matches!(self.word(end), "ever" | "really" | "also"))
                && self.words.get(end + 1).is_some_and(|w| !is_stop_word(&w.folded))
            {
                self.close(start, end + 1);
                self.subject = start..end;
                return;
            }
            let joins =
                matches!(self.word(end), "of" | "in" | "at" | "from" | "for" | "on" | "and" | "between" | "with");
            if !joins || end + 1 >= self.words.len() || self.broken(end) {
                self.subject = start..end.min(self.words.len());
                return;
            }
            at = end + 1;
        }
    }

    fn close(&mut self, start: usize, verb: usize) {
        self.subject = start..verb;
        self.verb = Some(verb);
    }

    fn verb_in(&self, run: &Range<usize>, kind: &str) -> Option<usize> {
        let last = run.end - 1;
        if is_be(kind) {
            let word = self.word(last);
            let what = self.asking.is_some_and(|a| matches!(self.word(a), "what" | "who" | "which"));
            let said = is_participle(word) || word.ends_with("ing") && word.len() > 5 && what;
            return (said || !what && is_adjective(word)).then_some(last);
        }
        let named = run.clone().take_while(|&i| self.words[i].capital).count();
        if named > 0 && run.start + named < run.end {
            return Some(run.start + named);
        }
        if !takes_base_form(kind) {
            return run.clone().skip(1).find(|&i| is_participle(self.word(i)));
        }
        Some(run.clone().skip(1).find(|&i| is_verb(self.word(i))).unwrap_or(last))
    }

    /// The run of content words from a word on; punctuation ends it.
    fn chunk(&self, from: usize) -> Range<usize> {
        let mut end = from;
        while end < self.words.len()
            && !is_stop_word(self.word(end))
            && !is_auxiliary(self.word(end))
            && (end == from || !self.broken(end))
            && !is_preposition(self.word(end))
            && !(end > from && is_adverb(self.word(end)))
        {
            end += 1;
        }
        from.min(end)..end
    }

    /// Punctuation stands before a word.
    pub(super) fn broken(&self, at: usize) -> bool {
        at > 0
            && at < self.words.len()
            && self.text[self.words[at - 1].range.end..self.words[at].range.start]
                .contains([',', ';', ':', '?', '!', '(', '—'])
    }

    fn named(&self, at: usize, names: &[Range<usize>]) -> bool {
        self.name_end(at, names).is_some()
    }

    /// The word after the name that begins here.
    fn name_end(&self, at: usize, names: &[Range<usize>]) -> Option<usize> {
        let start = self.words.get(at)?.range.start;
        let name = names.iter().find(|r| r.start == start)?;
        Some(self.words.iter().take_while(|w| w.range.start < name.end).count())
    }
}

/// Words that only join a question to the talk before.
pub(super) fn is_joint(word: &str) -> bool {
    matches!(word, "and" | "but" | "so" | "or" | "also" | "then" | "ok" | "okay" | "well")
}

fn join(parts: &[&str]) -> String {
    parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_becomes_a_thing() {
        let of = |text| Clause::of(text, &[]);
        assert_eq!(of("Will the lake plant harm the fish?").event(true).unwrap(), "the lake plant harming the fish");
        assert_eq!(of("How did she make up for the delay?").event(false).unwrap(), "making up for the delay");
        assert_eq!(of("What did the big firm want?").what().unwrap(), "what the big firm wanted");
        assert_eq!(of("What are they working on now?").what().unwrap(), "what they are working on now");
        assert_eq!(of("When did the plant break down?").asked_with("Why").unwrap(), "Why did the plant break down?");
        assert_eq!(of("What did she say about fares?").asked_with("Why").unwrap(), "Why did she say that about fares?");
        assert_eq!(of("Who repaired the pier?").event(false).unwrap(), "repairing the pier");
        assert_eq!(of("Who apologised?").asked_with("Why"), None);
    }

    #[test]
    fn a_question_is_taken_apart() {
        for (text, subject, verb, rest) in [
            ("When did the lake plant break down?", "the lake plant", "break", "down"),
            ("What does a new heating plate cost?", "a new heating plate", "cost", ""),
            ("Does the biologist expect harm to the fish?", "the biologist", "expect", "harm to the fish"),
            ("Did the head of the school resign?", "the head of the school", "resign", ""),
            ("How many parts does the Pell have?", "the Pell", "have", ""),
            ("Why was the old pier closed?", "the old pier", "closed", ""),
            ("How large was trade in 2019?", "trade in 2019", "", ""),
            ("What are they working on now?", "they", "working", "on now"),
            ("Who apologised?", "", "apologised", ""),
            ("How many people rang the service line?", "", "rang", "the service line"),
            ("Which districts are next in line?", "", "", ""),
        ] {
            let clause = Clause::of(text, &[]);
            let found = clause.verb.map_or("", |v| clause.slice(v..v + 1));
            assert_eq!((clause.subject_text(), found, clause.rest()), (subject, verb, rest), "{text}");
        }
    }
}
