//! Standard output: a full disk is a failure that is said, a reader that has gone away is the end.

use std::io::{self, Write};

use super::Failure;

/// Writes a text to standard output.
///
/// # Errors
/// [`Failure`] when it cannot be written. A closed pipe (`dialogdesk ask … | head`) is none: nobody
/// reads on.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
