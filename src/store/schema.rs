//! The tables, and how an older file becomes the present form.
//!
//! A change of the tables is one more entry at the end of [`MIGRATIONS`]; those that were released
//! never change. `user_version` of the file counts the entries that were applied.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{StoreError, blame};

/// Times are milliseconds since 1970; lists are JSON; texts are null where none are kept.
const MIGRATIONS: [&str; 2] = [
    "
    CREATE TABLE questions (
        n                    INTEGER PRIMARY KEY,
        reply_id             TEXT NOT NULL UNIQUE,
        asked_at             INTEGER NOT NULL,
        channel              TEXT NOT NULL,
        conversation_id      TEXT,
        question             TEXT,
        interpreted_question TEXT,
        history              TEXT, -- earlier questions of the person, oldest first
        documents            TEXT NOT NULL, -- slugs that were asked of; empty means all
        outcome              TEXT NOT NULL CHECK (outcome IN ('answered', 'abstained')),
        confidence           REAL NOT NULL,
        knowledge_version    TEXT NOT NULL,
        took_ms              REAL NOT NULL,
        citations            TEXT NOT NULL -- `slug#anchor` of each
    ) STRICT;
    CREATE INDEX questions_by_time ON questions (asked_at);
    CREATE INDEX questions_by_conversation ON questions (conversation_id);

    CREATE TABLE feedback (
        reply_id TEXT PRIMARY KEY REFERENCES questions (reply_id) ON DELETE CASCADE,
        rating   TEXT NOT NULL CHECK (rating IN ('up', 'down')),
        comment  TEXT,
        rated_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE conversations (
        id         TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE exchanges (
        n               INTEGER PRIMARY KEY,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        reply_id        TEXT NOT NULL,
        at              INTEGER NOT NULL,
        question        TEXT NOT NULL,
        answer          TEXT NOT NULL,
        reply           TEXT NOT NULL, -- as it was sent
        brought         TEXT -- the messages before it, where the client brought other ones
    ) STRICT;
    CREATE INDEX exchanges_by_conversation ON exchanges (conversation_id, n);
    CREATE INDEX exchanges_by_time ON exchanges (at);

    CREATE TABLE events (
        channel  TEXT NOT NULL,
        event_id TEXT NOT NULL,
        seen_at  INTEGER NOT NULL,
        PRIMARY KEY (channel, event_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX events_by_time ON events (seen_at);
",
    "
    CREATE TABLE messages ( -- of messengers, in which replies arrived
        channel    TEXT NOT NULL,
        message_id TEXT NOT NULL,
        reply_id   TEXT NOT NULL REFERENCES questions (reply_id) ON DELETE CASCADE,
        PRIMARY KEY (channel, message_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX messages_by_reply ON messages (reply_id);
",
];

/// Applies what the file lacks, all of it or nothing.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    // Two processes that open a new file at once take turns.
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|error| blame(path, &error))?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration).map_err(|error| blame(path, &error))?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_form_keeps_what_it_holds_and_gets_the_new_tables() {
        for earlier in 1..MIGRATIONS.len() {
            let mut file = Connection::open_in_memory().unwrap();
            file.execute_batch(&MIGRATIONS[..earlier].concat()).unwrap();
            file.pragma_update(None, "user_version", earlier as i64).unwrap();
            file.execute("INSERT INTO events VALUES ('slack', 'e1', 1)", []).unwrap();
            migrate(&mut file, Path::new("f")).unwrap();
            migrate(&mut file, Path::new("f")).unwrap();
            let count = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!((count("SELECT count(*) FROM events"), count("SELECT count(*) FROM messages")), (1, 0));
            assert_eq!(count("PRAGMA user_version"), MIGRATIONS.len() as i64);
        }
    }
}
