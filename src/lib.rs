//! Dialogdesk answers questions over published dialogs in verbatim, cited quotes.

pub mod question;
pub mod ask;
pub mod corpus;
pub mod index;
pub mod ingest;
pub mod text;
pub mod models;
