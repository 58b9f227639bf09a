//! Conversations over an engine that searches lexically alone, and a database in memory.

use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::ask::{EngineOptions, sample};
use crate::store::{Logged, StoreOptions};

const TEXT: &str = "# The orchard\n\n**Ann Lee:** Who planted the orchard?\n\n**Bo Chen:** The gardeners of the town \
                    planted the orchard in 1950.\n";
const QUESTION: &str = "Who planted the orchard?";

fn conversations() -> Conversations {
    let engine = sample::engine(TEXT, None, EngineOptions::default());
    Conversations::new(Arc::new(engine), Store::in_memory(StoreOptions::default()).unwrap(), |told| told.id.clone())
}

fn asked(conversation: &ConversationId) -> Asked {
    let ask = Ask { question: QUESTION.to_owned(), ..Ask::default() };
    Asked { ask, conversation: Some(conversation.clone()), channel: Channel::Api, started: Instant::now() }
}

fn log(conversations: &Conversations) -> Vec<Logged> {
    let mut log = Vec::new();
    conversations.store().each_question(Timestamp::MIN, &mut |logged| log.push(logged)).unwrap();
    log
}

#[test]
fn an_answer_under_way_does_not_bring_a_deleted_conversation_back() {
    let conversations = conversations();
    let id = ConversationId::fresh();
    conversations.answer(asked(&id), None).unwrap();
    let (found, was_found) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (deleted, was_deleted) = mpsc::channel();
    std::thread::scope(|scope| {
        let (conversations, id) = (&conversations, &id);
        scope.spawn(move || {
            let mut wait = |_| {
                found.send(()).unwrap();
                may_go_on.recv().unwrap();
            };
            conversations.answer(asked(id), Some(&mut wait)).unwrap();
        });
        was_found.recv().unwrap();
        scope.spawn(move || deleted.send(conversations.forget(id).unwrap()).unwrap());
        // As long as the answer is not there the deletion cannot be; without the gate it takes no time.
        let early = was_deleted.recv_timeout(Duration::from_millis(500));
        go_on.send(()).unwrap();
        assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout), "it was deleted before all of it was there");
        assert_eq!(was_deleted.recv(), Ok(true));
    });
    assert_eq!(conversations.read(&id).unwrap(), None);
    assert_eq!(conversations.history(&id), []);
    let texts: Vec<Option<String>> = log(&conversations).into_iter().map(|logged| logged.question).collect();
    assert_eq!(texts, [None, None], "both count, and neither has its words");
}

#[test]
fn a_deletion_holds_up_no_answer_of_another_conversation() {
    let conversations = conversations();
    let id = ConversationId::fresh();
    // Two share a gate now and then; this is one that does not.
    let other = std::iter::repeat_with(ConversationId::fresh)
        .find(|other| !std::ptr::eq(conversations.gate(other), conversations.gate(&id)))
        .unwrap();
    let _shut = conversations.gate(&id).write().unwrap();
    assert!(conversations.answer(asked(&other), None).is_ok());
}

#[test]
fn what_was_deleted_is_not_remembered_either() {
    let conversations = conversations();
    let id = ConversationId::fresh();
    conversations.answer(asked(&id), None).unwrap();
    assert_eq!(conversations.history(&id).len(), 2);
    assert!(conversations.forget(&id).unwrap() && !conversations.forget(&id).unwrap());
    assert_eq!(conversations.history(&id), []);
}

#[test]
fn the_log_keeps_the_last_questions_that_fit_and_no_replies() {
    let message = |role, content: String| Message { role, content };
    let long = "x".repeat(LOGGED_HISTORY / 2);
    let history = [
        message(Role::User, "first".to_owned()),
        message(Role::User, long.clone()),
        message(Role::Assistant, "a reply".to_owned()),
        message(Role::User, long.clone()),
    ];
    assert_eq!(last_questions(&history), [long.clone(), long]);
    assert_eq!(last_questions(&history[..1]), ["first"]);
}
