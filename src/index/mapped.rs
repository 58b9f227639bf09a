//! Memory-mapped files, and typed views of their bytes that are checked instead of trusted.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use bytemuck::Pod;
use memmap2::Mmap;

/// Maps a file of a snapshot.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the files of a snapshot are never written again once it was switched to, and they
    // are removed, not cut, when it is gone; a removed file stays readable while it is mapped.
    unsafe { Mmap::map(&file) }
}

/// The bytes of a range as values, or a sentence that says what is wrong with the file.
pub(super) fn view<T: Pod>(bytes: &[u8], range: Range<usize>) -> Result<&[T], String> {
    let part = bytes
        .get(range.clone())
        .ok_or_else(|| format!("bytes {}..{} lie behind the end, {}", range.start, range.end, bytes.len()))?;
    bytemuck::try_cast_slice(part).map_err(|error| format!("bytes {}..{}: {error}", range.start, range.end))
}
