//! What a person sent becomes what is searched for, using the conversation.
//!
//! Nothing here looks for answers: the outcome is a list of [`Query`] values, one for each question
//! that was asked at once, each complete without the conversation.

mod follow_up;
mod frame;
mod kind;
mod language;
mod layout;
mod lexicon;
mod parts;
mod people;
mod suggest;
mod wrappers;

use std::ops::Range;

use crate::mechanism::{Mechanism, Mechanisms};
use crate::reply::{Message, Role};
use crate::text::{Term, is_stop_word, terms};

pub use kind::{Expected, Kind, Ordinal};
pub use language::{foreign, language_name};
pub use people::{People, Person, PersonId};
pub use suggest::candidates;

/// Most Unicode characters of a question after trimming.
pub const MAX_CHARACTERS: usize = 2_000;
/// Most messages of a conversation that are read.
pub const MAX_HISTORY: usize = 20;

/// How a question for the words that came back ("how did she reply?") reads once it is complete.
const ANSWER_TO: &str = "What was the answer to this";

/// A question that is neither empty nor too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question(String);

/// Why a text is not a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionError {
    Empty,
    TooLong { characters: usize },
}

impl Question {
    /// Trims and checks the length.
    ///
    /// # Errors
    /// [`QuestionError`].
    pub fn parse(text: &str) -> Result<Self, QuestionError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        let characters = text.chars().count();
        if text.is_empty() {
            return Err(QuestionError::Empty);
        }
        if characters > MAX_CHARACTERS {
            return Err(QuestionError::TooLong { characters });
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One question, complete in itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The question with polite words left out and pronouns filled in.
    pub asked: String,
    /// What is encoded, matched and read: the question, or its subject alone when the words of one
    /// person about it are asked for.
    pub text: String,
    pub kind: Kind,
    /// What kind of thing the answer must hold.
    pub expects: Option<Expected>,
    /// "the second step", "her last point".
    pub ordinal: Option<Ordinal>,
    /// Whose words are asked for.
    pub speakers: Vec<PersonId>,
    /// Somebody whose words are asked for and who is no speaker of any document, as named.
    pub unknown_speaker: Option<String>,
    /// A question that somebody put is asked for ("what did the interviewer ask about …").
    pub wants_question: bool,
    /// The words that came back to a question are asked for ("how did she reply?"); `text` is that
    /// question.
    pub wants_answer: bool,
    /// What the question is about: content words without the speaker's name and without words
    /// that only say how it is asked.
    pub topic: Vec<Term>,
    /// The asker speaks of themselves or of this very day ("how do I …", "the weather tomorrow"),
    /// which no published document knows.
    pub here_and_now: bool,
    /// "Who is the mayor?": somebody is asked for by what they are, and nobody known is that.
    pub unknown_role: bool,
    /// A name is asked for: who somebody is, what something is called, which company or town.
    pub asks_name: bool,
    /// The thing asked for ("which *universities*"), bytes of `text`.
    pub focus: Option<Range<usize>>,
    /// What is said of the subject ("why did the club *fold*"), bytes of `text`.
    pub predicate: Option<Range<usize>>,
    /// The last complete question before this one, when this one leans on it: passages near what
    /// that was about are likelier to answer.
    pub background: Option<String>,
}

/// A question as understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpretation {
    /// Shown to the user; equals the question unless the conversation filled something in.
    pub text: String,
    /// One to three, in the order asked.
    pub parts: Vec<Query>,
}

/// Understands a question with the conversation before it.
#[must_use]
pub fn interpret(question: &Question, history: &[Message], people: &People, mechanisms: Mechanisms) -> Interpretation {
    let mut context = follow_up::Context::default();
    for message in history.iter().filter(|_| mechanisms.has(Mechanism::FollowUps)) {
        let content: String = message.content.chars().take(MAX_CHARACTERS).collect();
        match message.role {
            Role::User => {
                for part in parts::split(&wrappers::strip(&content)) {
                    let text = follow_up::resolve(&part, &context, people);
                    context.asked(text.unwrap_or(part), people);
                }
            }
            Role::Assistant => context.answered(&content, people),
        }
    }
    let core = question.as_str();
    let core = if mechanisms.has(Mechanism::Wrappers) { wrappers::strip(core) } else { core.to_owned() };
    let parts = if mechanisms.has(Mechanism::Parts) { parts::split(&core) } else { vec![core] };
    // What the halves of one question fill in for each other changes nothing of what was asked.
    let mut alone = follow_up::Context::default();
    let mut own = context.of_people();
    let mut asked = Vec::new();
    let mut queries: Vec<Query> = Vec::new();
    let mut leans = false;
    let several = parts.len() > 1;
    for part in parts {
        let background = context.last_question().filter(|_| follow_up::leans(&part, people)).map(str::to_owned);
        let inside = if asked.is_empty() { None } else { follow_up::resolve(&part, &own, people) };
        let half = inside.unwrap_or_else(|| part.clone());
        let complete = follow_up::resolve(&half, &context, people).unwrap_or(half);
        let plain = if asked.is_empty() { None } else { follow_up::resolve(&part, &alone, people) };
        leans |= complete != plain.unwrap_or(part);
        for so_far in [&mut context, &mut own, &mut alone].into_iter().filter(|_| several) {
            so_far.asked(complete.clone(), people);
        }
        asked.push(complete.clone());
        queries.push(Query { background, ..query(complete, people, mechanisms) });
    }
    let text = if leans { joined(&asked) } else { question.as_str().to_owned() };
    Interpretation { text, parts: queries }
}

/// Questions one after the other, each with its mark.
fn joined(questions: &[String]) -> String {
    let last = questions.len().saturating_sub(1);
    let marked = |(at, question): (usize, &String)| {
        let open = at < last && !question.ends_with(['?', '.', '!']);
        format!("{question}{}", if open { "?" } else { "" })
    };
    questions.iter().enumerate().map(marked).collect::<Vec<_>>().join(" ")
}

/// A question without a conversation as one query, however many questions it holds.
#[must_use]
pub fn single(question: &Question, people: &People, mechanisms: Mechanisms) -> Query {
    query(wrappers::strip(question.as_str()), people, mechanisms)
}

/// Reads the kind, the people and the topic off one complete question.
fn query(text: String, people: &People, mechanisms: Mechanisms) -> Query {
    if text.strip_prefix(ANSWER_TO).is_some_and(|rest| rest.starts_with(": ")) {
        return reply(text);
    }
    let form = kind::classify(&text);
    let mentioned = people.mentioned(&text);
    let asked_for = form.asks_for_words().then(|| form.speaker_phrase.clone()).flatten();
    let mut speakers = Vec::new();
    let mut unknown_speaker = None;
    if form.asks_for_words() {
        let named = asked_for.as_deref().map(|phrase| people.mentioned(phrase));
        speakers = match named {
            Some(found) if !found.people.is_empty() => found.people,
            Some(_) => Vec::new(),
            None => mentioned.people.clone(),
        };
        if speakers.is_empty() {
            unknown_speaker = asked_for.filter(|p| people::is_specific(p));
        }
    }
    let kind = match form.kind {
        // "mei lin openness": a name and a topic without a verb ask what the person said about it.
        Kind::Keywords if !mentioned.people.is_empty() && mentioned.leaves_words => {
            speakers.clone_from(&mentioned.people);
            Kind::SaidAbout
        }
        other => other,
    };
    if !mechanisms.has(Mechanism::Speakers) {
        (speakers, unknown_speaker) = (Vec::new(), None);
    }
    let wants_question = kind::wants_question(&text);
    let asked = text;
    let text = match kind::subject(&asked) {
        Some(subject) if kind == Kind::SaidAbout && !speakers.is_empty() => subject.to_owned(),
        _ => asked.clone(),
    };
    let mut topic = topic(&text, &speakers, &people.mentioned(&text));
    if form.ordinal.is_some() {
        topic.retain(|t| !kind::is_ordinal_word(&t.folded));
    }
    if !mentioned.people.is_empty() {
        let position = kind::position_words(&text);
        topic.retain(|t| !position.iter().any(|r| r.contains(&t.range.start)));
    }
    let frame::Frame { focus, predicate, several } = frame::frame(&text);
    // "Which districts come next?"
    let kind = if kind == Kind::Fact && several && form.expects.is_none() { Kind::List } else { kind };
    let here_and_now = kind::is_here_and_now(&asked);
    let unknown_role = kind::asks_role(&asked) && mentioned.people.is_empty();
    let asks_name = kind::asks_role(&asked) || kind::asks_name(&asked);
    Query {
        asked,
        text,
        kind,
        expects: form.expects,
        ordinal: form.ordinal,
        speakers,
        unknown_speaker,
        wants_question,
        wants_answer: false,
        here_and_now,
        unknown_role,
        asks_name,
        topic,
        focus,
        predicate,
        background: None,
    }
}

/// The words that came back when something was asked: nobody's in particular.
fn reply(asked: String) -> Query {
    let text = asked.trim_start_matches(ANSWER_TO).trim_start_matches([':', ' ']).to_owned();
    Query {
        kind: Kind::Fact,
        expects: None,
        ordinal: kind::classify(&text).ordinal,
        speakers: Vec::new(),
        unknown_speaker: None,
        wants_question: false,
        wants_answer: true,
        topic: topic(&text, &[], &people::Mentions::default()),
        here_and_now: false,
        unknown_role: false,
        asks_name: false,
        focus: None,
        predicate: None,
        background: None,
        text,
        asked,
    }
}

/// Content words of the question without the speaker's name, without words of asking and without
/// those for the layout of the document, unless it has no others.
fn topic(text: &str, speakers: &[PersonId], mentioned: &people::Mentions) -> Vec<Term> {
    let layout = layout::ranges(text);
    let within = |ranges: &[Range<usize>], term: &Term| ranges.iter().any(|r| r.contains(&term.range.start));
    let words: Vec<Term> = terms(text)
        .into_iter()
        .filter(|t| !is_stop_word(&t.folded) && !kind::is_asking_word(&t.folded))
        .filter(|t| speakers.is_empty() || !within(&mentioned.ranges, t))
        .collect();
    if words.iter().all(|t| within(&layout, t)) {
        return words;
    }
    words.into_iter().filter(|t| !within(&layout, t)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(history: &[&str], question: &str) -> String {
        let people = People::for_test(&[
            ("Dr. Ada Whitlock", &["Whitlock"], &["mayor"]),
            ("Tom Reed", &[], &["harbour master"]),
        ]);
        let history: Vec<Message> =
            history.iter().map(|q| Message { role: Role::User, content: (*q).to_owned() }).collect();
        interpret(&Question::parse(question).unwrap(), &history, &people, Mechanisms::default()).text
    }

    #[test]
    fn a_question_that_stands_alone_is_left_as_it_is() {
        assert_eq!(understood(&["Who is the mayor?"], "When does the ferry leave?"), "When does the ferry leave?");
    }

    #[test]
    fn an_elliptical_question_takes_the_frame_of_the_one_before() {
        assert_eq!(
            understood(&["What did Whitlock say about fares?"], "and on noise?"),
            "What did Whitlock say about noise?"
        );
        assert_eq!(
            understood(&["What did Whitlock say about fares?"], "And Tom Reed?"),
            "What did Tom Reed say about fares?"
        );
        assert_eq!(understood(&["How many ran in 2019?"], "What about 2024?"), "How many ran in 2024?");
    }

    #[test]
    fn pronouns_are_filled_in_from_several_questions_back() {
        let text =
            understood(&["What did the harbour master say about noise?", "and on fares?"], "Why does he want that?");
        assert!(text.contains("the harbour master") && text.contains("fares"), "{text}");
    }

    #[test]
    fn a_pronoun_after_a_verb_is_filled_in_and_a_determiner_is_left() {
        let history = ["What did Whitlock say about winter fares?"];
        assert_eq!(understood(&history, "Why is that important?"), "Why are winter fares important?");
        assert_eq!(understood(&history, "Why is that ferry so late today?"), "Why is that ferry so late today?");
    }

    #[test]
    fn the_layout_of_the_document_is_no_topic_unless_nothing_else_is_asked_about() {
        let topic = |question: &str| {
            let query = single(&Question::parse(question).unwrap(), &People::for_test(&[]), Mechanisms::default());
            query.topic.into_iter().map(|t| t.folded).collect::<Vec<_>>()
        };
        assert_eq!(topic("Which tips are given as bullet points?"), ["tips"]);
        assert_eq!(topic("What is the third item on the shopping list?"), ["shopping"]);
        assert_eq!(topic("What are the bullet points?"), ["bullet", "points"]);
    }

    #[test]
    fn what_somebody_is_asked_to_be_is_no_topic_beside_a_name() {
        let people = People::for_test(&[("Tom Reed", &[], &[])]);
        let topic = |question: &str| {
            let query = single(&Question::parse(question).unwrap(), &people, Mechanisms::default());
            query.topic.into_iter().map(|t| t.folded).collect::<Vec<_>>()
        };
        assert_eq!(topic("Which post does Tom Reed occupy?"), ["tom", "reed"]);
        assert_eq!(topic("Which post office did Tom Reed manage?"), ["post", "office", "tom", "reed", "manage"]);
        assert!(topic("Which post does the council offer?").contains(&"post".to_owned()));
    }

    #[test]
    fn two_questions_at_once_become_two_queries() {
        let people = People::for_test(&[]);
        let question = Question::parse("Who organised the fair, and on which day did it open?").unwrap();
        let parts = interpret(&question, &[], &people, Mechanisms::default()).parts;
        assert_eq!(parts.len(), 2);
        assert!(parts[1].text.contains("fair"), "{}", parts[1].text);
    }
}
