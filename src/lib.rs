//! Dialogdesk answers questions over published dialogs in verbatim, cited quotes.

pub mod ask;
pub mod corpus;
pub mod http;
pub mod index;
pub mod ingest;
pub mod models;
