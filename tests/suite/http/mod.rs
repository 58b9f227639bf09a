//! The contract of the API and the pages, endpoint by endpoint.

mod access;
mod admin;
mod answers;
mod ask;
mod contract;
mod conversations;
mod description;
mod documents;
mod errors;
mod fuzz;
mod mcp;
mod openai;
mod operation;
mod pages;
mod search;
mod stream;
