//! The database without the program around it.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::reply::{Message, Role};

const SECRET: &str = "a question about the orchard behind the town hall";

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn entry(reply_id: &str, conversation: Option<&str>, at: Timestamp) -> Entry {
    Entry {
        reply_id: reply_id.to_owned(),
        at,
        channel: "api",
        conversation_id: conversation.map(str::to_owned),
        question: format!("{SECRET} ({reply_id})"),
        interpreted_question: SECRET.to_owned(),
        history: vec![SECRET.to_owned()],
        documents: vec!["orchard".to_owned()],
        outcome: Outcome::Answered,
        confidence: 0.5,
        knowledge_version: "k".to_owned(),
        took_ms: 1.5,
        citations: vec!["orchard#p-1".to_owned()],
    }
}

fn add(store: &Store, reply_id: &str, conversation: &str, at: Timestamp) {
    let reply = format!("{{\"id\":{reply_id:?},\"question\":{SECRET:?}}}");
    let exchange = NewExchange { answer: "an answer", reply: &reply, brought: None };
    store.note(&entry(reply_id, Some(conversation), at), Some(&exchange));
}

fn count(store: &Store, table: &str) -> i64 {
    store.lock().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn open(folder: &tempfile::TempDir) -> Store {
    Store::open(folder.path(), StoreOptions::default()).unwrap()
}

/// Whether the text stands anywhere in the files of the database.
fn on_disk(folder: &tempfile::TempDir, text: &str) -> bool {
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().any(|path| fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn a_conversation_is_there_after_opening_the_file_again() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = open(&folder);
        add(&store, "r1", "c", now());
        add(&store, "r2", "c", now() + days(1));
        let feedback = Feedback { rating: Rating::Down, comment: Some("no".into()) };
        assert!(store.rate("r2", feedback, now()).unwrap().is_some());
    }
    let stored = open(&folder).conversation("c").unwrap().unwrap();
    assert_eq!((stored.created, stored.updated), (now(), now() + days(1)));
    let ids: Vec<bool> = stored.exchanges.iter().zip(["r1", "r2"]).map(|(e, id)| e.reply.contains(id)).collect();
    assert_eq!(ids, [true, true]);
    assert_eq!(stored.exchanges[0].feedback, None);
    assert_eq!(stored.exchanges[1].feedback, Some(Feedback { rating: Rating::Down, comment: Some("no".into()) }));
    assert_eq!(open(&folder).conversation("d").unwrap(), None);
}

#[test]
fn a_history_ends_with_the_last_messages_and_begins_with_what_a_client_brought() {
    let store = Store::in_memory(StoreOptions::default()).unwrap();
    for n in 0..15 {
        add(&store, &format!("r{n}"), "c", now());
    }
    let history = store.history("c", 20).unwrap();
    assert_eq!((history.len(), history[0].role, history[19].role), (20, Role::User, Role::Assistant));
    assert!(history[0].content.ends_with("(r5)"), "{history:?}");
    let brought = [Message { role: Role::Assistant, content: "theirs".into() }];
    let exchange = NewExchange { answer: "a", reply: "{}", brought: Some(&brought) };
    store.note(&entry("r15", Some("c"), now()), Some(&exchange));
    add(&store, "r16", "c", now());
    let roles: Vec<Role> = store.history("c", 20).unwrap().iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::Assistant, Role::User, Role::Assistant, Role::User, Role::Assistant]);
    assert_eq!(store.history("other", 20).unwrap(), []);
    let many: Vec<Message> = std::iter::repeat_n(brought[0].clone(), 20).collect();
    let exchange = NewExchange { answer: "a", reply: "{}", brought: Some(&many) };
    store.note(&entry("r17", Some("long"), now()), Some(&exchange));
    let history = store.history("long", 20).unwrap();
    assert_eq!((history.len(), history[18].role, history[17].content.as_str()), (20, Role::User, "theirs"));
}

#[test]
fn deleting_a_conversation_takes_its_texts_out_of_the_files_and_leaves_the_counts() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    add(&store, "r1", "c", now());
    add(&store, "r2", "c", now());
    store.rate("r1", Feedback { rating: Rating::Up, comment: Some(SECRET.into()) }, now()).unwrap();
    assert!(on_disk(&folder, SECRET));
    assert!(store.forget("c").unwrap());
    assert!(!on_disk(&folder, SECRET) && !on_disk(&folder, "orchard"), "a text stayed");
    assert_eq!((count(&store, "questions"), count(&store, "feedback"), count(&store, "exchanges")), (2, 1, 0));
    assert!(!store.forget("c").unwrap());
}

#[test]
fn without_texts_questions_are_counted_and_rated_but_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { texts: false, ..StoreOptions::default() };
    let store = Store::open(folder.path(), options).unwrap();
    add(&store, "r1", SECRET, now());
    let kept = store.rate("r1", Feedback { rating: Rating::Down, comment: Some(SECRET.into()) }, now()).unwrap();
    assert_eq!(kept, Some(Feedback { rating: Rating::Down, comment: None }));
    store.note_message("teams", "orchard", "r1");
    assert_eq!((count(&store, "questions"), count(&store, "exchanges"), count(&store, "conversations")), (1, 0, 0));
    drop(store);
    assert!(!on_disk(&folder, "orchard"), "a text is kept");
}

#[test]
fn what_is_older_than_the_retention_goes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    add(&store, "old", "only-old", now() - days(91));
    add(&store, "aged", "both", now() - days(91));
    add(&store, "new", "both", now() - days(89));
    store.rate("old", Feedback { rating: Rating::Up, comment: None }, now()).unwrap();
    store.rate("new", Feedback { rating: Rating::Up, comment: None }, now()).unwrap();
    store.first_sight("slack", "e1");
    assert!(store.prune(now()).unwrap() > 0);
    assert_eq!((count(&store, "questions"), count(&store, "exchanges"), count(&store, "feedback")), (1, 1, 1));
    assert_eq!((count(&store, "conversations"), count(&store, "events")), (1, 1));
    assert!(!on_disk(&folder, "(old)") && on_disk(&folder, "(new)"));
    assert_eq!(store.prune(now()).unwrap(), 0);
    store.prune(Timestamp::MAX).unwrap();
    assert_eq!((count(&store, "questions"), count(&store, "events")), (0, 0));
}

#[test]
fn a_retention_of_many_rows_goes_to_the_end_and_of_many_days_keeps_all() {
    let store = Store::in_memory(StoreOptions { retention_days: usize::MAX, ..StoreOptions::default() }).unwrap();
    for n in 0..1200 {
        add(&store, &format!("r{n}"), "c", now() - days(400));
    }
    assert_eq!(store.prune(now()).unwrap(), 0);
    let connection = std::mem::replace(&mut *store.lock(), Connection::open_in_memory().unwrap());
    let store = Store::with(connection, None, StoreOptions::default()).unwrap();
    assert_eq!(store.prune(now()).unwrap(), 2401);
}

#[test]
fn the_oldest_entries_make_room_when_there_is_too_much() {
    let store = Store::in_memory(StoreOptions { max_bytes: 1 << 20, ..StoreOptions::default() }).unwrap();
    let reply = format!("{{\"text\":\"{}\"}}", "x".repeat(4096));
    for n in 0..1024 {
        let exchange = NewExchange { answer: "a", reply: &reply, brought: None };
        store.note(&entry(&format!("r{n}"), Some(&format!("c{n}")), now()), Some(&exchange));
    }
    let left = count(&store, "exchanges");
    assert!((1..300).contains(&left), "{left} are left");
    assert!(store.conversation("c1023").unwrap().is_some() && store.conversation("c0").unwrap().is_none());
}

#[test]
fn a_file_that_is_larger_than_the_settings_now_allow_shrinks_with_the_next_pruning() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    for n in 0..100 {
        let exchange = NewExchange { answer: "a", reply: &"x".repeat(4096), brought: None };
        store.note(&entry(&format!("r{n}"), Some("c"), now()), Some(&exchange));
    }
    drop(store);
    let options = StoreOptions { max_bytes: 300 << 10, ..StoreOptions::default() };
    let store = Store::open(folder.path(), options).unwrap();
    assert_eq!(count(&store, "exchanges"), 100);
    store.prune(now()).unwrap();
    // They go 200 at a time, so that all of these go at once.
    assert_eq!((count(&store, "exchanges"), count(&store, "questions")), (0, 0));
}

#[test]
fn a_full_disk_costs_the_log_and_not_the_answer_and_mends_itself() {
    let store = Store::in_memory(StoreOptions::default()).unwrap();
    let limit =
        |pages: i64| store.lock().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    limit(1);
    for n in 0..50 {
        add(&store, &format!("r{n}"), "c", now());
    }
    assert!(store.0.failing.load(Ordering::Relaxed));
    assert!(store.first_sight("slack", "e"), "an event that cannot be noted counts as new");
    let before = count(&store, "questions");
    limit(10_000);
    add(&store, "after", "c", now());
    assert!(!store.0.failing.load(Ordering::Relaxed));
    assert_eq!(count(&store, "questions"), before + 1);
    assert_eq!(count(&store, "questions"), count(&store, "exchanges"), "both or neither");
}

#[test]
fn an_event_is_new_once_in_its_channel_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    assert!(store.first_sight("slack", "e1") && !store.first_sight("slack", "e1"));
    assert!(store.first_sight("telegram", "e1"));
    drop(store);
    let store = open(&folder);
    assert!(!store.first_sight("slack", "e1") && store.first_sight("slack", "e2"));
}

#[test]
fn one_of_many_that_see_an_event_at_once_is_first() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(&folder), open(&folder)];
    let firsts: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|n| {
                let store = stores[n % 2].clone();
                scope.spawn(move || (0..50).filter(|e| store.first_sight("line", &e.to_string())).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(firsts, 50);
}

#[test]
fn many_write_at_once_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(&folder), open(&folder)];
    std::thread::scope(|scope| {
        for n in 0..8 {
            let store = stores[n % 2].clone();
            scope.spawn(move || (0..50).for_each(|e| add(&store, &format!("{n}-{e}"), &format!("c{n}"), now())));
        }
    });
    assert_eq!((count(&stores[0], "questions"), count(&stores[1], "conversations")), (400, 8));
    assert_eq!(stores[0].history("c3", 20).unwrap().len(), 20);
}

#[test]
fn a_reply_is_rated_once_and_an_unknown_one_not_at_all() {
    let store = Store::in_memory(StoreOptions::default()).unwrap();
    add(&store, "r", "c", now());
    let down = Feedback { rating: Rating::Down, comment: Some("wrong".into()) };
    assert_eq!(store.rate("r", down.clone(), now()).unwrap(), Some(down.clone()));
    let up = Feedback { rating: Rating::Up, comment: None };
    store.rate("r", up.clone(), now()).unwrap();
    assert_eq!(store.conversation("c").unwrap().unwrap().exchanges[0].feedback, Some(up.clone()));
    assert_eq!(store.rate("unknown", up, now()).unwrap(), None);
    assert_eq!(count(&store, "feedback"), 1);
}

#[test]
fn a_message_leads_to_its_reply_for_as_long_as_the_question_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    add(&store, "old", "teams:orchard", now() - days(91));
    add(&store, "new", "teams:orchard", now());
    store.note_message("teams", "orchard-room:1", "old");
    store.note_message("teams", "orchard-room:2", "new");
    store.note_message("teams", "orchard-room:3", "unknown");
    drop(store);
    let store = open(&folder);
    let found = |channel: &str, n: u8| store.reply_in(channel, &format!("orchard-room:{n}")).unwrap();
    assert_eq!((found("teams", 1), found("teams", 2)), (Some("old".into()), Some("new".into())));
    assert_eq!((found("feishu", 1), found("teams", 3)), (None, None));
    store.prune(now()).unwrap();
    assert_eq!((found("teams", 1), found("teams", 2)), (None, Some("new".into())));
    store.forget("teams:orchard").unwrap();
    store.note_message("teams", "orchard-room:2", "new");
    assert_eq!((found("teams", 2), count(&store, "questions")), (None, 1));
    assert!(!on_disk(&folder, "orchard"), "the place is still known");
}

#[cfg(unix)]
#[test]
fn nobody_but_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), b"").unwrap();
    fs::set_permissions(folder.path().join(FILE), fs::Permissions::from_mode(0o644)).unwrap();
    let store = open(&folder);
    add(&store, "r", "c", now());
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_that_cannot_serve_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let refused =
        || Store::open(folder.path(), StoreOptions::default()).err().map(|e| e.to_string()).unwrap_or_default();
    fs::write(&path, "this is no database, whatever its name says; ".repeat(100)).unwrap();
    assert!(refused().contains("is damaged or no database"), "{}", refused());
    fs::remove_file(&path).unwrap();
    open(&folder).lock().pragma_update(None, "user_version", 99).unwrap();
    assert!(refused().contains("newer version"), "{}", refused());
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(refused().contains("--no-log"), "{}", refused());
}

#[test]
fn a_file_with_damaged_pages_fails_in_what_is_asked_and_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    for n in 0..200 {
        add(&store, &format!("r{n}"), "c", now());
    }
    clear_journal(&store.lock()).unwrap();
    drop(store);
    let path = folder.path().join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..20_000 {
        let at = random.usize(4096..bytes.len());
        bytes[at] = random.u8(..);
    }
    fs::write(&path, bytes).unwrap();
    let Ok(store) = Store::open(folder.path(), StoreOptions::default()) else { return };
    add(&store, "after", "c", now());
    let _ = (
        store.history("c", 20),
        store.conversation("c").is_ok(),
        store.forget("c").is_ok(),
        store.prune(now()).is_ok(),
    );
}
