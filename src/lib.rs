//! Dialogdesk answers questions over published dialogs in verbatim, cited quotes.

pub mod answer;
pub mod ask;
pub mod corpus;
pub mod index;
pub mod ingest;
pub mod models;
pub mod prompts;
pub mod question;
pub mod retrieve;
pub mod text;
