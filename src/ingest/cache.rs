//! Encoded texts kept between builds, so that only what changed is encoded again.
//!
//! `data/embeddings.bin` is a list of records, appended to while a build runs, so that an
//! interrupted one goes on where it stopped. After a build it is rewritten with what that build and
//! the one before used. A record: key 32 bytes, age u8 (0 used by the last build, 1 by the one
//! before), three zeros, length u32, content, and 8 bytes of the SHA-256 of key and content.
//! The content is that of [`Embedded`]: dimensions u32, pieces u32, then its four lists.
//! Nothing in here has to be true: a record that does not fit its hash is not there, and what comes
//! after a record that is cut short is cut off.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::index::Embedded;
use crate::models::ModelIdentity;

type Key = [u8; 32];

const HEAD: usize = 40;
const CHECK: usize = 8;

/// The cache of one data folder, as one model sees it. The caller holds the builder's lock.
pub struct EmbeddingCache {
    path: PathBuf,
    file: File,
    /// Ends where the last whole record ends.
    end: u64,
    places: HashMap<Key, Place>,
    used: HashSet<Key>,
    model: [u8; 32],
}

#[derive(Clone, Copy)]
struct Place {
    start: u64,
    length: u32,
    age: u8,
}

impl EmbeddingCache {
    /// Opens the cache; a damaged one loses what is damaged.
    ///
    /// # Errors
    /// When the file cannot be made or read.
    pub fn open(data: &Path, model: &ModelIdentity) -> io::Result<Self> {
        let path = data.join("embeddings.bin");
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
        let (places, end) = scan(&file)?;
        file.set_len(end)?;
        let identity = format!("{}\n{}\n{}\n{}", model.name, model.hash, model.dimensions, model.runtime);
        Ok(Self { path, file, end, places, used: HashSet::new(), model: Sha256::digest(identity).into() })
    }

    /// The encoding of a text by this model, if it is there and sound.
    pub fn get(&mut self, text: &str) -> Option<Embedded> {
        let key = self.key(text);
        let place = *self.places.get(&key)?;
        let found = self.read(key, place).ok().and_then(|record| decode(&record[HEAD..record.len() - CHECK]));
        match found {
            Some(_) => self.used.insert(key),
            None => self.places.remove(&key).is_none(),
        };
        found
    }

    /// Keeps the encoding of a text.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&mut self, text: &str, embedded: &Embedded) -> io::Result<()> {
        let key = self.key(text);
        self.used.insert(key);
        if self.places.contains_key(&key) {
            return Ok(());
        }
        let content = encode(embedded);
        let length = content.len() as u32;
        let record = [&key[..], &[0; 4], &length.to_le_bytes(), &content, &check(&key, &content)].concat();
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&record)?;
        self.places.insert(key, Place { start: self.end, length, age: 0 });
        self.end += record.len() as u64;
        Ok(())
    }

    /// Keeps what this build and the one before used, and forgets the rest.
    ///
    /// # Errors
    /// When the file cannot be written; the old one is then still there.
    pub fn prune(mut self) -> io::Result<()> {
        let age =
            |key: &Key, place: Place| if self.used.contains(key) { Some(0) } else { (place.age == 0).then_some(1) };
        let aged =
            self.places.iter().filter_map(|(&key, &place)| Some((key, Place { age: age(&key, place)?, ..place })));
        let mut kept: Vec<(Key, Place)> = aged.collect();
        kept.sort_by_key(|(_, place)| place.start);
        let new = self.path.with_extension("new");
        let mut out = BufWriter::new(File::create(&new)?);
        for (key, place) in kept {
            // A damaged record is left out: whoever needs it encodes it again.
            if let Ok(mut record) = self.read(key, place) {
                record[32] = place.age;
                out.write_all(&record)?;
            }
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(new, &self.path)
    }

    fn key(&self, text: &str) -> Key {
        Sha256::new().chain_update(self.model).chain_update(text).finalize().into()
    }

    /// Reads a whole record and checks it.
    fn read(&mut self, key: Key, place: Place) -> io::Result<Vec<u8>> {
        let mut record = vec![0; HEAD + place.length as usize + CHECK];
        self.file.seek(SeekFrom::Start(place.start))?;
        self.file.read_exact(&mut record)?;
        let (content, sum) = record[HEAD..].split_at(place.length as usize);
        if record[..32] == key && check(&key, content) == *sum {
            Ok(record)
        } else {
            Err(io::Error::other("the record is damaged"))
        }
    }
}

/// Finds the records of the file, and where the last whole one ends.
fn scan(file: &File) -> io::Result<(HashMap<Key, Place>, u64)> {
    let size = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut places = HashMap::new();
    let mut start = 0;
    loop {
        let mut head = [0; HEAD];
        if start + (HEAD as u64) > size {
            return Ok((places, start));
        }
        reader.read_exact(&mut head)?;
        let (key, rest) = head.split_at(32);
        let length = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]);
        let after = u64::from(length) + CHECK as u64;
        if start + HEAD as u64 + after > size {
            return Ok((places, start));
        }
        reader.seek_relative(after as i64)?;
        if let Ok(key) = Key::try_from(key) {
            places.insert(key, Place { start, length, age: rest[0] });
        }
        start += HEAD as u64 + after;
    }
}

fn check(key: &Key, content: &[u8]) -> [u8; CHECK] {
    let sum = Sha256::new().chain_update(key).chain_update(content).finalize();
    std::array::from_fn(|at| sum[at])
}

fn encode(embedded: &Embedded) -> Vec<u8> {
    let counts = [embedded.vector.len() as u32, embedded.pieces.len() as u32];
    let parts: [&[u8]; 5] = [
        bytemuck::cast_slice(&counts),
        bytemuck::cast_slice(&embedded.vector),
        bytemuck::cast_slice(&embedded.pieces),
        bytemuck::cast_slice(&embedded.offsets),
        &embedded.signs,
    ];
    parts.concat()
}

fn decode(content: &[u8]) -> Option<Embedded> {
    let (counts, rest) = content.split_at_checked(8)?;
    let [dimensions, pieces]: [u32; 2] = bytemuck::try_pod_read_unaligned(counts).ok()?;
    let (dimensions, pieces) = (dimensions as usize, pieces as usize);
    let (vector, rest) = rest.split_at_checked(4 * dimensions)?;
    let (ids, rest) = rest.split_at_checked(4 * pieces)?;
    let (offsets, signs) = rest.split_at_checked(8 * pieces)?;
    (signs.len() == pieces * dimensions / 8).then(|| Embedded {
        vector: values(vector),
        pieces: values(ids),
        offsets: values(offsets),
        signs: signs.to_vec(),
    })
}

/// Values from bytes that lie anywhere.
fn values<T: bytemuck::Pod>(bytes: &[u8]) -> Vec<T> {
    bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(hash: &str) -> ModelIdentity {
        ModelIdentity { name: "m".into(), hash: hash.into(), dimensions: 8, runtime: "1".into() }
    }

    fn embedded(value: u32) -> Embedded {
        Embedded {
            vector: vec![value as f32; 8],
            pieces: vec![value, 2],
            offsets: vec![[0, 1], [1, 4]],
            signs: vec![value as u8, 9],
        }
    }

    #[test]
    fn what_was_put_is_got_by_the_same_model_also_after_reopening() {
        let data = tempfile::tempdir().unwrap();
        let mut cache = EmbeddingCache::open(data.path(), &model("a")).unwrap();
        assert!(cache.get("text").is_none());
        cache.put("text", &embedded(3)).unwrap();
        assert_eq!(cache.get("text"), Some(embedded(3)));
        let mut again = EmbeddingCache::open(data.path(), &model("a")).unwrap();
        assert_eq!(again.get("text"), Some(embedded(3)));
        assert!(EmbeddingCache::open(data.path(), &model("b")).unwrap().get("text").is_none());
    }

    #[test]
    fn pruning_keeps_what_this_build_and_the_one_before_used() {
        let data = tempfile::tempdir().unwrap();
        let build = |texts: &[&str]| {
            let mut cache = EmbeddingCache::open(data.path(), &model("a")).unwrap();
            for text in texts {
                if cache.get(text).is_none() {
                    cache.put(text, &embedded(text.len() as u32)).unwrap();
                }
            }
            cache.prune().unwrap();
        };
        let has = |text: &str| EmbeddingCache::open(data.path(), &model("a")).unwrap().get(text).is_some();
        build(&["one", "three"]);
        build(&["one", "two"]);
        assert!(has("one") && has("two") && has("three"));
        build(&["one"]);
        assert!(has("one") && has("two") && !has("three"));
    }

    #[test]
    fn damage_loses_records_and_never_invents_or_panics() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("embeddings.bin");
        let mut cache = EmbeddingCache::open(data.path(), &model("a")).unwrap();
        cache.put("one", &embedded(1)).unwrap();
        cache.put("two", &embedded(2)).unwrap();
        let whole = fs::read(&path).unwrap();
        let sound = |found: Option<Embedded>, value| assert!(found.is_none() || found == Some(embedded(value)));
        for at in 0..whole.len() {
            for bytes in [whole[..at].to_vec(), [&whole[..at], &[whole[at] ^ 0x10], &whole[at + 1..]].concat()] {
                fs::write(&path, bytes).unwrap();
                let mut cache = EmbeddingCache::open(data.path(), &model("a")).unwrap();
                sound(cache.get("one"), 1);
                sound(cache.get("two"), 2);
                cache.put("three", &embedded(3)).unwrap();
                assert_eq!(cache.get("three"), Some(embedded(3)));
                assert_eq!(EmbeddingCache::open(data.path(), &model("a")).unwrap().get("three"), Some(embedded(3)));
            }
        }
    }
}
