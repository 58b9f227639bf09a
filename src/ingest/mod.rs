//! From files to a snapshot: discover, parse, attribute, split, embed, write.

mod attribute;
pub mod build;
mod cache;
pub mod discover;
mod embed;
pub mod lock;
pub mod parse;
pub mod split;
pub mod watch;

use std::io;
use std::path::Path;

use crate::corpus::{Corpus, Problem};
use crate::index::snapshot::FileError;

/// Reads a knowledge folder, or a snapshot's copy of one: its files as passages and sentences, and
/// the files that are not served.
///
/// # Errors
/// A folder that cannot be read at all.
pub fn read(folder: &Path) -> io::Result<(Corpus, Vec<FileError>)> {
    let found = discover::discover(folder)?;
    let error = |(path, problem): (String, Problem)| FileError { path, message: problem.message };
    Ok((split::split(found.documents), found.left_out.into_iter().map(error).collect()))
}
