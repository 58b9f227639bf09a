//! Questions that lean on the ones before: pronouns, ellipsis, "and the last one?".

use std::sync::LazyLock;

use regex::Regex;

use super::people::People;
use crate::text::{fold, is_stop_word, terms, word_ranges};

/// What the conversation is about so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// The last complete question.
    question: String,
    /// The person last named in a question, as named there.
    person: Option<String>,
    /// The thing the last question was about, as named there ("the event").
    thing: Option<String>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|e| unreachable!("fixed pattern: {e}"))
}

/// "And on noise?", "what about 2024?", "how about Tom Reed?"
static ELLIPSIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:and|but|so|ok(?:ay)?|also)[, ]+)*(?:(?:what|how) about|what (?:of|on)|and|also|or|same for|(?:about|on|regarding|concerning|for|in|at|by|with|to)\b)\s*[,:]?\s*(?:(?:about|on|regarding|concerning|for|in|at|by|with|to|from)\s+)?(.+?)(?:,? (?:then|too|as well|instead))?\s*[?.!]*$",
    )
});
static OPENS_ELLIPSIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:and|or|also|(?:what|how) about|what (?:of|on)|same for|(?:about|on|regarding|concerning)\b)")
});
static BARE_WHY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |but |so )?(why|how|when|where|who|how so|how come|why not|why so|why is that|how is that|since when|who says so|who said (?:that|so))\s*[?.!]*$",
    )
});
static ORDINAL_ONLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:and|what about|how about|what (?:is|was|were)|which (?:one )?(?:is|was|comes|came)|then)[, ]+)*(?:the )?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|next)(?: one| point| item| step)?\s*[?.!]*$",
    )
});
/// "How did she reply?", "and what was the answer?": the words that came back.
static REPLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |so |then )*(?:(?:how|what) (?:did|does|do) (?:he|she|they|\w+) (?:reply|answer|respond|say (?:to that|in reply|back))|what (?:was|is) (?:the|his|her|their) (?:answer|reply|response|reaction))(?: (?:to (?:that|this|it)|then))?\s*[?.!]*$",
    )
});
static PERSON_PRONOUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(he|she|him|his|her|hers)\b"));
static THING_PRONOUN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(it|its|they|them|their|that|this|those|these)\b"));
static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:1[0-9]|20|21)\d\d\b"));
/// The part of a question after which its topic stands.
static TOPIC_SLOT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(.*\b(?:about|on|regarding|concerning|of|for|with|to|in)) (.+?)([?.!]*)$"));

impl Context {
    /// Takes in a complete question.
    pub(super) fn asked(&mut self, question: String, people: &People) {
        let mentions = people.mentioned(&question);
        if let Some(range) = mentions.ranges.last() {
            self.person = Some(with_article(&question, range.clone()));
        }
        if let Some(thing) = last_thing(&question, &mentions.ranges) {
            self.thing = Some(thing);
        }
        self.question = question;
    }

    /// Takes in an answer: only the people it names matter, for "she" after "Who said that?".
    pub(super) fn answered(&mut self, answer: &str, people: &People) {
        if let Some(range) = people.mentioned(answer).ranges.first() {
            self.person = Some(with_article(answer, range.clone()));
        }
    }
}

/// The complete question when this one leans on the conversation, else `None`.
pub(super) fn resolve(question: &str, context: &Context, people: &People) -> Option<String> {
    if context.question.is_empty() {
        return fill_pronouns(question, context, people);
    }
    if let Some(word) = BARE_WHY.captures(question).and_then(|c| c.get(1)) {
        return Some(format!("{}: {}", capitalised(word.as_str()), context.question));
    }
    if REPLY.is_match(question) {
        return Some(format!("{}: {}", super::ANSWER_TO, base_question(&context.question)));
    }
    if let Some(word) = ORDINAL_ONLY.captures(question).and_then(|c| c.get(1)) {
        let word = match word.as_str().to_lowercase().as_str() {
            "next" => next_ordinal(&context.question).to_owned(),
            word => word.to_owned(),
        };
        return Some(format!("What is the {word} one: {}", base_question(&context.question)));
    }
    let whole = is_whole(question);
    if !whole && OPENS_ELLIPSIS.is_match(question) {
        let topic = ELLIPSIS.captures(question)?.get(1)?.as_str();
        return Some(replace_topic(topic, context, people));
    }
    fill_pronouns(question, context, people).or_else(|| {
        (!whole && is_fragment(question))
            .then(|| replace_topic(question.trim_end_matches(['?', '.', '!']), context, people))
    })
}

/// The ordinal after the last one named in a question; "second" after none.
fn next_ordinal(question: &str) -> &'static str {
    const ORDINALS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let words = terms(question);
    let last = words.iter().rev().find_map(|t| ORDINALS.iter().position(|o| *o == t.folded));
    ORDINALS[last.map_or(1, |at| (at + 1).min(ORDINALS.len() - 1))]
}

fn is_whole(question: &str) -> bool {
    // The pattern crate has no look-ahead: "what about" is told apart here.
    const OPENERS: &[&str] = &[
        "who", "whom", "whose", "what", "when", "where", "why", "how", "which", "is", "are", "was", "were", "did",
        "does", "do", "has", "have", "had", "can", "could", "will", "would", "should",
    ];
    let words: Vec<String> = terms(question).into_iter().map(|t| t.folded).collect();
    let skip = words.iter().take_while(|w| matches!(w.as_str(), "and" | "but" | "so" | "or" | "also" | "then")).count();
    let mut rest = &words[skip..];
    if rest.len() > 2
        && matches!(rest[0].as_str(), "on" | "in" | "at" | "to" | "from" | "for" | "by" | "with" | "of" | "about")
        && OPENERS.contains(&rest[1].as_str())
    {
        rest = &rest[1..];
    }
    let Some(first) = rest.first() else { return false };
    let second = rest.get(1).map_or("", String::as_str);
    rest.len() >= 2
        && OPENERS.contains(&first.as_str())
        && !(matches!(first.as_str(), "what" | "how") && matches!(second, "about" | "of" | "on"))
}

/// A few words with a question mark and no verb of asking: "the fares?"
fn is_fragment(question: &str) -> bool {
    question.trim_end().ends_with('?') && word_ranges(question).count() <= 3
}

/// The question before with its person, its year or its topic replaced.
fn replace_topic(topic: &str, context: &Context, people: &People) -> String {
    let topic = fill_pronouns(topic, context, people).unwrap_or_else(|| topic.to_owned());
    let before = base_question(&context.question);
    if let (Some(_), Some(old)) = (YEAR.find(&topic), YEAR.find(before)) {
        let year = YEAR.find(&topic).map_or("", |m| m.as_str());
        return format!("{}{year}{}", &before[..old.start()], &before[old.end()..]);
    }
    let new = people.mentioned(&topic);
    let old = people.mentioned(before);
    if let (false, Some(range)) = (new.people.is_empty() || new.leaves_words, old.ranges.first()) {
        let range = article_start(before, range.start)..range.end;
        let person = topic.strip_suffix("'s").unwrap_or(&topic);
        return format!("{}{person}{}", &before[..range.start], &before[range.end..]);
    }
    match TOPIC_SLOT.captures(before) {
        Some(slot)
            if !old
                .ranges
                .iter()
                .any(|r| slot.get(2).is_some_and(|m| r.start <= m.start() && m.end() <= r.end + 1)) =>
        {
            format!("{} {topic}{}", &slot[1], if slot[3].is_empty() { "?" } else { &slot[3] })
        }
        _ => format!("{} about {topic}?", before.trim_end_matches(['?', '.', '!', ' '])),
    }
}

/// "What is the third one: which steps …?" was asked before: the steps are the question.
fn base_question(question: &str) -> &str {
    match question.split_once(": ") {
        Some((head, rest)) if head.starts_with("What is the ") && head.ends_with(" one") => rest,
        _ => question,
    }
}

/// Puts names in the place of pronouns that have nothing to stand for in the question itself.
fn fill_pronouns(question: &str, context: &Context, people: &People) -> Option<String> {
    let named = people.mentioned(question);
    let mut text = question.to_owned();
    let mut filled = false;
    if named.people.is_empty()
        && let (Some(found), Some(person)) =
            (PERSON_PRONOUN.find(&text), context.person.as_deref().or(people.interviewee()))
    {
        let range = found.range();
        let next = next_word(&text, range.end);
        let possessive = match found.as_str().to_lowercase().as_str() {
            "his" => true,
            "her" => next.is_some_and(|w| !is_stop_word(&w)),
            _ => false,
        };
        let name = if possessive { format!("{person}’s") } else { person.to_owned() };
        text.replace_range(range, &name);
        filled = true;
    }
    if let (Some(range), Some(thing)) = (thing_pronoun(&text), &context.thing)
        && !terms(thing).iter().any(|t| terms(question).iter().any(|q| q.stem == t.stem && !is_stop_word(&q.folded)))
    {
        let possessive = matches!(text[range.clone()].to_lowercase().as_str(), "its" | "their");
        text.replace_range(range, &if possessive { format!("{thing}’s") } else { thing.clone() });
        filled = true;
    }
    filled.then_some(text)
}

/// A pronoun for a thing that is not a determiner ("this article") or a conjunction ("said that …").
fn thing_pronoun(text: &str) -> Option<std::ops::Range<usize>> {
    THING_PRONOUN.find_iter(text).map(|m| (m.range(), m.as_str().to_lowercase())).find_map(|(range, word)| {
        let next = next_word(text, range.end);
        let stands_alone = next.as_deref().is_none_or(is_stop_word) || after_verb(text, &range);
        let fits = match word.as_str() {
            "it" | "them" | "they" => true,
            "its" | "their" => true,
            _ => {
                stands_alone
                    && (next.is_none()
                        || !matches!(
                            next.as_deref(),
                            Some(
                                "the"
                                    | "he"
                                    | "she"
                                    | "we"
                                    | "it"
                                    | "they"
                                    | "there"
                                    | "one"
                                    | "a"
                                    | "an"
                                    | "is"
                                    | "are"
                                    | "was"
                                    | "were"
                                    | "has"
                                    | "have"
                                    | "can"
                                    | "will"
                                    | "should"
                                    | "would"
                                    | "do"
                                    | "did"
                            )
                        ))
            }
        };
        // "Where is it that …" and "it is" at the end of an expletive are rare; the first fit counts.
        fits.then_some(range)
    })
}

/// "Why is that important?", "how long does that last?": the verb before has it for its subject,
/// and too few words follow for it to go with a noun.
fn after_verb(text: &str, pronoun: &std::ops::Range<usize>) -> bool {
    const VERBS: &[&str] =
        &["is", "was", "are", "were", "does", "did", "do", "will", "would", "can", "could", "should", "has", "have"];
    let before = text[..pronoun.start].split_whitespace().next_back().map(fold);
    before.is_some_and(|w| VERBS.contains(&w.as_str())) && word_ranges(&text[pronoun.end..]).nth(2).is_none()
}

fn next_word(text: &str, from: usize) -> Option<String> {
    word_ranges(&text[from..]).next().map(|r| fold(&text[from..][r]))
}

/// The last run of content words after a determiner or preposition, with its determiner.
fn last_thing(question: &str, people: &[std::ops::Range<usize>]) -> Option<String> {
    let words = terms(question);
    let mut best: Option<std::ops::Range<usize>> = None;
    let mut at = 0;
    while at < words.len() {
        if is_stop_word(&words[at].folded) || people.iter().any(|r| r.contains(&words[at].range.start)) {
            at += 1;
            continue;
        }
        let start = at;
        while at < words.len()
            && !is_stop_word(&words[at].folded)
            && question[words[start].range.start..words[at].range.start].bytes().all(|b| b != b',' && b != b';')
        {
            at += 1;
        }
        let before = start.checked_sub(1).map(|i| words[i].folded.as_str());
        let introduced = matches!(
            before,
            Some(
                "the"
                    | "a"
                    | "an"
                    | "this"
                    | "that"
                    | "of"
                    | "about"
                    | "on"
                    | "for"
                    | "in"
                    | "with"
                    | "to"
                    | "at"
                    | "by"
                    | "from"
                    | "their"
                    | "his"
                    | "her"
                    | "its"
                    | "our"
                    | "being"
            )
        );
        if introduced || words[start].capital && start > 0 || best.is_none() {
            let from = match before {
                Some("the" | "this" | "their" | "his" | "her" | "its" | "our") => words[start - 1].range.start,
                _ => words[start].range.start,
            };
            best = Some(from..words[at - 1].range.end);
        }
    }
    best.map(|r| question[r].to_owned())
}

fn with_article(text: &str, range: std::ops::Range<usize>) -> String {
    text[article_start(text, range.start)..range.end].to_owned()
}

/// Where the article before a description begins.
fn article_start(text: &str, start: usize) -> usize {
    let before = &text[..start];
    ["the ", "The ", "our ", "this "].iter().find_map(|a| before.ends_with(a).then(|| start - a.len())).unwrap_or(start)
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}
