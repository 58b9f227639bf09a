//! The integration tests, one binary: each binary would link the whole program again.

mod cli;
mod eval;
mod layers;
