//! The integration tests, one binary: each binary would link the whole program again.

mod browser;
mod channels;
mod cli;
mod eval;
mod example;
mod helpers;
mod http;
mod layers;
mod report;
mod surfaces;
