//! Dialogdesk answers questions over published dialogs in verbatim, cited quotes.

pub mod config;

pub mod ask;
pub mod corpus;
pub mod eval;
pub mod index;
pub mod ingest;
pub mod models;
pub mod text;
