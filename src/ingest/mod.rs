//! From files to a snapshot: discover, parse, attribute, split, embed, write.

pub mod attribute;
pub mod build;
mod cache;
mod embed;
pub mod lock;
pub mod parse;
pub mod split;
pub mod watch;
