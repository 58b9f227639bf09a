//! From files to a snapshot: discover, parse, attribute, split, embed, write.

pub mod attribute;
pub mod discover;
pub mod parse;
pub mod split;
