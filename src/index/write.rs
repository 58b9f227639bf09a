//! Writes a snapshot and switches to it, so that a crash at any moment leaves the old one or the
//! new one.
//!
//! The order makes it so: write below a temporary name; sync every file and folder; rename the
//! folder; replace `current` by renaming a synced file over it; only then remove what is old. The
//! caller holds the builder's lock.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::dense::DenseWriter;
use super::embedded::Embedded;
use super::lexical;
use super::manifest::{FileHash, Manifest, hex};
use super::snapshot::Current;
use super::tokens::TokenWriter;
use crate::corpus::Corpus;
use crate::models::ModelIdentity;

/// Folders that were begun and not finished have names that begin with it.
const UNFINISHED: &str = "unfinished";

/// A snapshot that is being written.
pub struct SnapshotWriter {
    data: PathBuf,
    folder: PathBuf,
    manifest: Manifest,
    vectors: Option<(DenseWriter, TokenWriter)>,
}

impl SnapshotWriter {
    /// Removes what an interrupted build left, and writes everything but the vectors.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn create(data: &Path, corpus: &Corpus, manifest: Manifest) -> io::Result<Self> {
        let snapshots = data.join("snapshots");
        fs::create_dir_all(&snapshots)?;
        remove_folders(&snapshots, |name| name.starts_with(UNFINISHED))?;
        let folder = snapshots.join(UNFINISHED);
        fs::create_dir(&folder)?;
        write_knowledge(&folder.join("knowledge"), corpus)?;
        fs::create_dir(folder.join("lexical"))?;
        lexical::write(&folder.join("lexical"), corpus).map_err(io::Error::other)?;
        let vectors = manifest.model.as_ref().map(|model| begin_vectors(&folder, model)).transpose()?;
        Ok(Self { data: data.into(), folder, manifest, vectors })
    }

    /// Adds the next passage, in the order of their ids.
    ///
    /// # Errors
    /// When it cannot be written, or the manifest names no model.
    pub fn add(&mut self, embedded: &Embedded) -> io::Result<()> {
        let (dense, tokens) = self.vectors.as_mut().ok_or_else(|| io::Error::other("there is no model"))?;
        dense.add(&embedded.vector)?;
        tokens.add(embedded)
    }

    /// Completes the snapshot and makes it the current one.
    ///
    /// # Errors
    /// When a file cannot be written; the old snapshot is then still the current one.
    pub fn finish(mut self) -> io::Result<Current> {
        if let Some((dense, tokens)) = self.vectors.take() {
            dense.finish(&self.folder.join("dense"))?;
            tokens.finish()?;
        }
        collect(&self.folder, "", &mut self.manifest)?;
        let manifest = serde_json::to_vec_pretty(&self.manifest)?;
        write_synced(&self.folder.join("manifest.json"), &manifest)?;
        sync_folders(&self.folder)?;

        let snapshots = self.data.join("snapshots");
        let name = format!("{:08}-{}", next_number(&snapshots)?, self.manifest.knowledge_version);
        fs::rename(&self.folder, snapshots.join(&name))?;
        sync_folder(&snapshots)?;
        let previous = Current::read(&self.data).ok();
        let current = Current { name, manifest: hex(&Sha256::digest(&manifest)) };
        switch(&self.data, &current)?;
        let kept = [Some(&current), previous.as_ref()].map(|kept| kept.map(|kept| kept.name.clone()));
        // Those who serve a snapshot have its files mapped, and keep them when they are removed.
        remove_folders(&snapshots, |name| !kept.iter().flatten().any(|kept| kept == name))?;
        Ok(current)
    }
}

fn begin_vectors(folder: &Path, model: &ModelIdentity) -> io::Result<(DenseWriter, TokenWriter)> {
    let dense = folder.join("dense");
    fs::create_dir(&dense)?;
    Ok((
        DenseWriter::create(&dense, model.dimensions)?,
        TokenWriter::create(&folder.join("tokens.bin"), model.dimensions)?,
    ))
}

fn write_knowledge(folder: &Path, corpus: &Corpus) -> io::Result<()> {
    fs::create_dir(folder)?;
    for document in &corpus.documents {
        let path = folder.join(&document.path);
        // A path that leads out of the folder cannot come from reading a folder.
        if Path::new(&document.path).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
            return Err(io::Error::other(format!("{:?} is not a path below the folder", document.path)));
        }
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, document.source.as_bytes())?;
    }
    Ok(())
}

/// Syncs and hashes every file below a folder into the manifest.
fn collect(folder: &Path, prefix: &str, manifest: &mut Manifest) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), manifest)?;
        } else if name.ends_with(".lock") {
            // tantivy's lock files are empty, made again by every reader, and part of nothing.
            fs::remove_file(entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
            manifest.files.insert(name, FileHash::of(&entry.path())?);
        }
    }
    Ok(())
}

fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Names a snapshot as the current one, in one step that happens or does not.
fn switch(data: &Path, current: &Current) -> io::Result<()> {
    let new = data.join("current.new");
    write_synced(&new, format!("{} {}\n", current.name, current.manifest).as_bytes())?;
    fs::rename(new, data.join("current"))?;
    sync_folder(data)
}

/// Numbers make names that were never used before, so that "another name" means "another snapshot".
fn next_number(snapshots: &Path) -> io::Result<u64> {
    let mut highest = 0;
    for entry in fs::read_dir(snapshots)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let number = name.split('-').next().and_then(|number| number.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest + 1)
}

fn remove_folders(snapshots: &Path, unwanted: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(snapshots)? {
        let entry = entry?;
        if unwanted(&entry.file_name().to_string_lossy()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
