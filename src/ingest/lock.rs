//! One builder at a time, across processes.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// Held while a snapshot is built. The system gives the lock back when its holder ends, however it
/// ends, so a crash leaves nothing to clean up.
#[derive(Debug)]
pub struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Takes the lock of a data folder, which is made when it is missing; waits for another builder
    /// and says so in the log.
    ///
    /// # Errors
    /// When the lock file cannot be made or locked.
    pub fn acquire(data: &Path) -> io::Result<Self> {
        if let Some(lock) = Self::try_acquire(data)? {
            return Ok(lock);
        }
        tracing::info!("another process is building a snapshot; waiting for it");
        let file = open(data)?;
        file.lock()?;
        Ok(Self { _file: file })
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    /// When the lock file cannot be made or locked.
    pub fn try_acquire(data: &Path) -> io::Result<Option<Self>> {
        let file = open(data)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn open(data: &Path) -> io::Result<File> {
    std::fs::create_dir_all(data)?;
    File::options().create(true).truncate(false).write(true).open(data.join("lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_builder_waits_until_the_first_is_done() {
        let data = tempfile::tempdir().unwrap();
        let first = BuildLock::acquire(data.path()).unwrap();
        assert!(BuildLock::try_acquire(data.path()).unwrap().is_none());
        let path = data.path().to_owned();
        let second = std::thread::spawn(move || BuildLock::acquire(&path).map(drop));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!second.is_finished());
        drop(first);
        second.join().unwrap().unwrap();
        assert!(BuildLock::try_acquire(data.path()).unwrap().is_some());
    }
}
