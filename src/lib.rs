//! Dialogdesk answers questions over published dialogs in verbatim, cited quotes.
//!
//! Modules in reading order, from the outside in; who may import whom is checked by a test.

// Assembly: what was typed, settings, the one place that names engines.
pub mod app;
pub mod cli;
pub mod config;
pub mod telemetry;

// Doors, and measurement, which goes the same way as they do.
pub mod eval;
pub mod http;

// The doors for messengers.
pub mod channels;

// What the doors have in common: a question in its conversation, and what became of all of them.
pub mod conversation;
pub mod report;

// The story.
pub mod ask;

// Its stages.
pub mod answer;
pub mod question;
pub mod retrieve;

// From files to a snapshot.
pub mod ingest;

// Engines.
pub mod index;
pub mod models;
pub mod prompts;
pub mod store;

// Vocabulary.
pub mod corpus;
pub mod mechanism;
pub mod reply;
pub mod text;
