//! Questions that lean on the ones before, made complete: pronouns, ellipsis, "and the last one?".
//!
//! Only the words of the conversation are used; what the documents say is looked up later. A
//! question that stands alone comes back as `None`, whatever was said before.

mod clause;
mod context;
mod items;
mod matter;
mod phrases;
mod places;
mod pronouns;
mod substitute;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use self::clause::{Clause, is_joint};
pub(super) use self::context::Context;
use super::lexicon;
use super::people::People;
use crate::text::{capitalised, pattern, terms, word_ranges};

/// "And …", "what about …", "on fares".
static OPENS_ELLIPSIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:and|or|also|but|(?:what|how) about|what (?:of|on)|same for|(?:about|on|regarding|concerning)\b)")
});
static ELLIPSIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:and|but|so|or|ok(?:ay)?|also)[, ]+)*(?:(?:what|how) about\b|what of\b|what (?:on)\b|same for\b)?[ ,:]*(?:about )?(.+?)(?:,? (?:then|too|as well|instead))?\s*[?.!]*$",
    )
});
static BARE_WHY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |but |so )?(why|how|when|where|who|how so|how come|why not|why so|why (?:is|was) that|how (?:is|was) that|(?:when|where) (?:is|was) (?:that|this)|(?:when|where|why|how) did (?:that|this) happen|since when|until when|till when|how (?:long|often|far|much|many|soon)|by whom|with whom|for whom|to whom|what for|by how (?:much|many \w+)|how \w+|who says so|who said (?:that|so))\s*[?.!]*$",
    )
});
/// "Who else?", "anything else?"
static ELSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |but )?(?:is there |was there |are there )?(who|what|where|which|anything|anyone|anybody|somebody|something|nothing|any) (?:else|more|others?)\s*[?.!]*$",
    )
});
/// "How did she reply?", "and what was the answer?": the words that came back.
static REPLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |so |then )*(?:(?:how|what) (?:did|does|do) (?:he|she|they|\w+) (?:reply|answer|respond|say (?:to that|in reply|back))|what (?:was|is) (?:the|his|her|their) (?:answer|reply|response|reaction))(?: (?:to (?:that|this|it)|then))?\s*[?.!]*$",
    )
});

/// The complete question when this one leans on the conversation, else `None`.
pub(super) fn resolve(question: &str, context: &Context, people: &People) -> Option<String> {
    if context.is_empty() && !pronouns::has_pronoun(question) {
        return None;
    }
    // What is filled in may itself have been filled in; a long talk must not grow without end.
    completed(question, context, people).filter(|text| text.chars().count() <= super::MAX_CHARACTERS)
}

fn completed(question: &str, context: &Context, people: &People) -> Option<String> {
    let Some(last) = context.last() else { return fill(question, context, people) };
    if let Some(words) = BARE_WHY.captures(question).and_then(|c| c.get(1)) {
        return Some(asked_again(words.as_str(), items::base(&last.question), &last.clause()));
    }
    if ELSE.is_match(question) {
        return Some(what_else(question, last));
    }
    if REPLY.is_match(question) {
        return Some(format!("{}: {}", super::ANSWER_TO, items::base(&last.question)));
    }
    if let Some(item) = items::item(question, context) {
        return Some(item);
    }
    let whole = is_whole(question);
    if !whole && (OPENS_ELLIPSIS.is_match(question) || is_fragment(question)) {
        return ellipsis(question, context, people);
    }
    fill(question, context, people)
}

/// Whether a question cannot be understood, or hardly, without the one before: it has a pronoun, an
/// ordinal or "one" to be filled in, is no whole question, or has two words of its own at most.
pub(super) fn leans(question: &str, people: &People) -> bool {
    BARE_WHY.is_match(question)
        || ELSE.is_match(question)
        || items::leans(question)
        || pronouns::has_pronoun(question)
        || !is_whole(question) && (OPENS_ELLIPSIS.is_match(question) || is_fragment(question))
        || pronouns::own_words(question, people).len() <= MOST_OWN_WORDS
}

/// Content words with which a question may still lean on the one before.
const MOST_OWN_WORDS: usize = 2;

/// "Why?" after "When did the club fold?": "Why did the club fold?"
fn asked_again(words: &str, question: &str, last: &Clause<'_>) -> String {
    let words = words.to_lowercase();
    let first = words.split(' ').next().unwrap_or_default();
    let measured = words.starts_with("how ")
        && words.split(' ').count() == 2
        && !words.ends_with("come")
        && !words.ends_with("so");
    let first = if measured { words.as_str() } else { first };
    // "How deep?" after "How long is the tunnel?"
    let phrase = last.asking_phrase();
    if measured && last.text == question && phrase.len() == 2 && last.word(phrase.start) == "how" {
        let end = last.words[phrase.end - 1].range.end;
        return format!("{}{}", capitalised(&words), &question[end..]);
    }
    let simple = words == first || words.contains(" that") || words.contains(" this") || words == "why so";
    let asks =
        simple && matches!(first, "why" | "when" | "where" | "how" | "how long" | "how often" | "how far" | "how soon");
    match last.asked_with(&capitalised(first)).filter(|_| asks && last.text == question) {
        Some(complete) => complete,
        None => format!("{}: {question}", capitalised(&words)),
    }
}

/// "Who else?" after "Who paid for the pier?": "Who else paid for the pier?"
fn what_else(question: &str, last: &context::Turn) -> String {
    let before = items::base(&last.question);
    let clause = last.clause();
    let Some(asking) = clause.asking.filter(|_| before == last.question) else {
        return format!("{} {before}", capitalised(question));
    };
    let word = &clause.words[asking];
    let many = clause.word(asking + 1);
    let next_is_noun = clause.auxiliary.or(clause.verb).is_some_and(|end| end > asking + 1);
    if clause.words.iter().any(|w| w.folded == "else") {
        return before.to_owned();
    }
    match word.folded.as_str() {
        "who" | "what" | "where" | "when" | "why" | "how" if !next_is_noun => {
            format!("{} else{}", &before[..word.range.end], &before[word.range.end..])
        }
        "which" | "what" if next_is_noun && !matches!(many, "of") => {
            format!("{} other{}", &before[..word.range.end], &before[word.range.end..])
        }
        _ => format!("{}: {before}", capitalised(question.trim_end_matches(['?', '.', '!', ' ']))),
    }
}

/// A few words in the place of their counterpart in the question before.
fn ellipsis(question: &str, context: &Context, people: &People) -> Option<String> {
    let last = context.last()?;
    let topic = ELLIPSIS.captures(question)?.get(1)?.as_str();
    if let Some(text) = substitute::other_time(topic, items::base(&last.question)) {
        return Some(text);
    }
    let topic = items::with_noun(topic, context).unwrap_or_else(|| topic.to_owned());
    let topic = pronouns::fill(&topic, context, people).map_or(topic, |f| f.text);
    if items::base(&last.question) != last.question {
        let mut plain = Context::default();
        plain.asked(items::base(&last.question).to_owned(), people);
        return Some(substitute::substitute(&topic, plain.last()?, people));
    }
    Some(substitute::substitute(&topic, last, people))
}

/// Names in the place of pronouns, a noun in the place of "one", the matter where one is needed.
fn fill(question: &str, context: &Context, people: &People) -> Option<String> {
    let mut text = items::of_them(question, context)
        .or_else(|| items::with_noun(question, context))
        .or_else(|| places::filled(question, context))
        .or_else(|| how_many(question, context, people));
    let mut thing = text.is_some();
    if let Some(filled) = pronouns::fill(text.as_deref().unwrap_or(question), context, people) {
        thing |= filled.thing;
        text = Some(filled.text);
    }
    if thing {
        return text;
    }
    let own = pronouns::own_words(question, people);
    let complete = text.as_deref().unwrap_or(question);
    context.last().and_then(|last| matter::with_matter(complete, question, &own, last)).or(text)
}

/// "How many are there?" of what was spoken of.
fn how_many(question: &str, context: &Context, people: &People) -> Option<String> {
    static HOW_MANY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:and )?how many( )(?:are|were|do|does|did|have|has|had|will|can)\b"));
    let at = HOW_MANY.captures(question)?.get(1)?.start();
    let things = context.several(question, people)?;
    let bare = things.strip_prefix("the ").unwrap_or(&things);
    Some(format!("{} {bare}{}", &question[..at], &question[at..]))
}

/// A question with its asking word or auxiliary and something behind it.
fn is_whole(question: &str) -> bool {
    let words: Vec<String> = terms(question).into_iter().map(|t| t.folded).collect();
    let skip = words.iter().take_while(|w| is_joint(w)).count();
    let mut rest = &words[skip..];
    let opens = |w: &String| lexicon::is_interrogative(w) || lexicon::is_auxiliary(w);
    if rest.len() > 2 && lexicon::is_preposition(&rest[0]) && opens(&rest[1]) {
        rest = &rest[1..];
    }
    // "Between 2019 and 2024, how much …", "Before the plant broke down, who …"
    let later = rest.len() > 4 && rest[1..].iter().any(|w| lexicon::is_interrogative(w)) && question.contains(',');
    let Some(first) = rest.first() else { return false };
    let second = rest.get(1).map_or("", String::as_str);
    let asks = opens(first) && !(matches!(first.as_str(), "what" | "how") && matches!(second, "about" | "of" | "on"));
    rest.len() >= 2 && (asks || later || is_request(first))
}

/// "Name the steps", "describe the pier".
fn is_request(word: &str) -> bool {
    matches!(word, "name" | "list" | "describe" | "explain" | "tell" | "give" | "show" | "compare" | "define")
}

/// A few words with a question mark and no verb of asking: "the fares?"
fn is_fragment(question: &str) -> bool {
    question.trim_end().ends_with('?') && word_ranges(question).count() <= 4
}

/// A word with the capital of the one that it replaces.
fn cased(word: &str, like: &str) -> String {
    if like.starts_with(char::is_uppercase) { capitalised(word) } else { word.to_owned() }
}
