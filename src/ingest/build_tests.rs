//! Builds from start to end: what is skipped, what is noticed, what a crash leaves.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::index::lexical::LexicalQuery;
use crate::index::{Snapshot, sample};
use crate::models::{Encoding, ModelIdentity};

struct Site {
    folder: TempDir,
    encoded: Arc<AtomicU64>,
    encoder: Encoder,
}

fn identity() -> ModelIdentity {
    ModelIdentity { name: "fake".into(), hash: "f".repeat(64), dimensions: 16, runtime: "0".into() }
}

/// A text's vectors are bytes of its hash; every text takes `pause`.
fn encoder(encoded: &Arc<AtomicU64>, pause: Duration) -> Encoder {
    let session = || {
        let encoded = Arc::clone(encoded);
        let session = move |text: &str| {
            encoded.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(pause);
            let component = |byte: &u8| (f32::from(*byte) - 127.5) / 512.0;
            let vector = |text: &str| Sha256::digest(text)[..16].iter().map(component).collect::<Vec<f32>>();
            let words: Vec<&str> = text.split_whitespace().collect();
            Ok(Encoding {
                vector: vector(text),
                pieces: words.iter().map(|word| word.len() as u32).collect(),
                offsets: words.iter().map(|word| 0..word.len()).collect(),
                piece_vectors: words.iter().flat_map(|word| vector(word)).collect(),
            })
        };
        Box::new(session) as Box<dyn FnMut(&str) -> _ + Send>
    };
    Encoder::from_functions(identity(), vec![session(), session()], 4).unwrap()
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("knowledge")).unwrap();
        let encoded = Arc::new(AtomicU64::new(0));
        let encoder = encoder(&encoded, Duration::ZERO);
        Self { folder, encoded, encoder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join("knowledge").join(name), text).unwrap();
    }

    fn build_with(&self, encoder: Option<&Encoder>) -> Built {
        let knowledge = self.folder.path().join("knowledge");
        let (data, read) = (self.data(), &sample::read);
        build(&Build { knowledge: &knowledge, data: &data, encoder, read, progress: &NoProgress }).unwrap()
    }

    fn build(&self) -> Built {
        self.build_with(Some(&self.encoder))
    }

    fn open(&self) -> Result<Snapshot, SnapshotError> {
        Snapshot::open_current(&self.data(), Some(&identity()), &sample::read)
    }

    /// Texts encoded since the last call.
    fn encoded(&self) -> u64 {
        self.encoded.swap(0, Ordering::Relaxed)
    }
}

fn reason(built: &Built) -> &str {
    match built {
        Built::New { reason, .. } => reason,
        Built::Unchanged(_) => "unchanged",
    }
}

fn search(snapshot: &Snapshot, word: &str) -> Vec<u32> {
    let query = LexicalQuery { words: vec![word.into()], exact: false };
    snapshot.lexical.search(&query, 10, None).iter().map(|scored| scored.passage).collect()
}

#[test]
fn a_snapshot_serves_what_was_built_and_an_unchanged_folder_is_not_built_again() {
    let site = Site::new();
    site.write("a.md", "first passage\nsecond passage here\n");
    site.write("b.md", "third\n");
    assert_eq!(reason(&site.build()), "there is no snapshot yet");
    assert_eq!(site.encoded(), 3);
    let snapshot = site.open().unwrap();
    assert_eq!((snapshot.manifest.documents, snapshot.manifest.passages), (2, 3));
    assert_eq!(search(&snapshot, "second"), [1]);
    let vector = site.encoder.encode("third").unwrap().vector;
    let nearest = snapshot.dense.unwrap().search(&vector, 1, None);
    assert_eq!(nearest[0].passage, 2);
    assert_eq!(snapshot.tokens.unwrap().passage(1).pieces, [6, 7, 4]);
    site.encoded();
    assert_eq!(reason(&site.build()), "unchanged");
    assert_eq!(site.encoded(), 0);
}

#[test]
fn only_changed_passages_are_encoded_again_and_a_change_taken_back_costs_nothing() {
    let site = Site::new();
    site.write("a.md", "one\ntwo\nthree\n");
    site.build();
    site.encoded();
    site.write("a.md", "one\ntwo and a half\nthree\n");
    let built = site.build();
    assert_eq!(reason(&built), "the knowledge folder changed");
    assert!(matches!(built, Built::New { encoded: 1, .. }));
    assert_eq!(site.encoded(), 1);
    site.write("a.md", "one\ntwo\nthree\n");
    site.build();
    assert_eq!(site.encoded(), 0);
}

#[test]
fn an_empty_folder_is_a_snapshot_without_documents() {
    let site = Site::new();
    site.build();
    let snapshot = site.open().unwrap();
    assert_eq!(snapshot.manifest.passages, 0);
    assert!(search(&snapshot, "anything").is_empty());
    assert!(snapshot.dense.unwrap().search(&[0.25; 16], 5, None).is_empty());
}

#[test]
fn without_an_encoder_the_words_are_served_and_vectors_of_before_are_kept() {
    let site = Site::new();
    site.write("a.md", "some words\n");
    site.build_with(None);
    let lexical_only = Snapshot::open_current(&site.data(), None, &sample::read).unwrap();
    assert!(lexical_only.dense.is_none() && lexical_only.tokens.is_none());
    assert_eq!(search(&lexical_only, "words"), [0]);
    assert!(matches!(site.open(), Err(SnapshotError::Model { .. })));
    assert_eq!(reason(&site.build()), "the model or the runtime changed");
    assert_eq!(reason(&site.build_with(None)), "unchanged");
    assert!(site.open().unwrap().dense.is_some());
}

#[test]
fn two_builds_of_one_corpus_give_the_same_bytes_and_the_same_rankings() {
    let text: String = (0..300).map(|n| format!("passage {} about subject {}\n", n, n % 17)).collect();
    let (first, second) = (Site::new(), Site::new());
    for site in [&first, &second] {
        site.write("a.md", &text);
        site.build();
    }
    let (one, two) = (first.open().unwrap(), second.open().unwrap());
    for name in ["dense/vectors.bin", "tokens.bin"] {
        assert_eq!(one.manifest.files[name], two.manifest.files[name], "{name}");
    }
    for word in ["subject", "passage", "12"] {
        assert_eq!(search(&one, word), search(&two, word));
    }
}

#[test]
fn the_current_and_the_previous_snapshot_are_kept_and_leftovers_are_removed() {
    let site = Site::new();
    fs::create_dir_all(site.data().join("snapshots/unfinished/knowledge")).unwrap();
    for version in 0..4 {
        site.write("a.md", &format!("version {version}\n"));
        site.build();
    }
    let kept = fs::read_dir(site.data().join("snapshots")).unwrap().count();
    assert_eq!(kept, 2);
}

#[test]
fn documents_that_are_read_differently_now_are_noticed_at_opening_and_at_building() {
    let site = Site::new();
    site.write("a.md", "one two\n");
    site.build();
    let other = |folder: &Path| {
        let (mut corpus, errors) = sample::read(folder)?;
        corpus.passages.iter_mut().for_each(|passage| passage.context = "another context".into());
        Ok((corpus, errors))
    };
    let opened = Snapshot::open_current(&site.data(), Some(&identity()), &other);
    assert!(matches!(opened, Err(SnapshotError::Passages)));
    let knowledge = site.folder.path().join("knowledge");
    let (data, encoder) = (site.data(), Some(&site.encoder));
    let built =
        build(&Build { knowledge: &knowledge, data: &data, encoder, read: &other, progress: &NoProgress }).unwrap();
    assert_eq!(reason(&built), "documents are read differently now");
}

#[test]
fn each_file_cut_or_changed_is_named_in_an_error_and_the_next_build_mends_it() {
    let site = Site::new();
    site.write("a.md", "one two three\nfour five\n");
    site.build();
    let manifest = site.open().unwrap().manifest;
    let mut names: Vec<String> = manifest.files.keys().cloned().collect();
    names.push("manifest.json".into());
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        let current = Current::read(&site.data()).unwrap();
        let file = |name: &str| site.data().join("snapshots").join(&current.name).join(name);
        // tantivy names its files after chance, so the new snapshot has others: take one of its kind.
        let extension = name.rsplit('.').next().unwrap_or_default();
        let kind = |file: &&String| **file == name || (name.starts_with("lexical/") && file.ends_with(extension));
        let files = current.manifest(&site.data()).unwrap().files;
        let path = file(files.keys().find(kind).unwrap_or(&name));
        let whole = fs::read(&path).unwrap();
        let mut damages = vec![whole[..whole.len() / 2].to_vec()];
        for at in [0, whole.len() / 3, whole.len().saturating_sub(1)] {
            let mut flipped = whole.clone();
            if let Some(byte) = flipped.get_mut(at) {
                *byte ^= 1;
            }
            damages.push(flipped);
        }
        for damaged in damages.into_iter().filter(|damaged| *damaged != whole) {
            fs::write(&path, damaged).unwrap();
            match site.open() {
                Err(SnapshotError::File { .. }) => {}
                Err(error) => panic!("{name}: {error}"),
                Ok(_) => panic!("{name}: damage was not noticed"),
            }
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(site.open(), Err(SnapshotError::File { .. })), "{name}");
        assert_ne!(reason(&site.build()), "unchanged");
        site.open().unwrap();
    }
    fs::write(site.data().join("current"), "../../etc x\n").unwrap();
    assert!(matches!(site.open(), Err(SnapshotError::Current(_))));
    fs::write(site.data().join("current"), [0xFF, 0xFE]).unwrap();
    assert!(matches!(site.open(), Err(SnapshotError::Current(_))));
    site.build();
    site.open().unwrap();
}

#[test]
fn another_format_is_told_apart_from_damage() {
    let site = Site::new();
    site.build();
    let current = Current::read(&site.data()).unwrap();
    let text = br#"{ "format": 99, "unheard of": [] }"#;
    fs::write(site.data().join("snapshots").join(&current.name).join("manifest.json"), text).unwrap();
    let hash = crate::index::snapshot::hex(&Sha256::digest(text));
    fs::write(site.data().join("current"), format!("{} {hash}\n", current.name)).unwrap();
    assert!(matches!(site.open(), Err(SnapshotError::Format { found: 99, .. })));
}

#[test]
fn an_encoder_that_fails_leaves_the_old_snapshot() {
    let site = Site::new();
    site.write("a.md", "old\n");
    site.build();
    site.write("a.md", "new\n");
    let failing = |_: &str| Err(crate::models::EncodeError::Failed("no".into()));
    let failing = Encoder::from_functions(identity(), vec![Box::new(failing)], 1).unwrap();
    let (knowledge, data) = (site.folder.path().join("knowledge"), site.data());
    let encoder = Some(&failing);
    let built =
        build(&Build { knowledge: &knowledge, data: &data, encoder, read: &sample::read, progress: &NoProgress });
    assert!(matches!(built, Err(BuildError::Encode(_))));
    assert_eq!(search(&site.open().unwrap(), "old"), [0]);
}

const CRASH_FOLDER: &str = "DIALOGDESK_TEST_CRASH_FOLDER";

/// Does nothing in an ordinary run: the test below starts it in a process of its own, and ends that.
#[test]
fn a_build_in_another_process() {
    let Some(folder) = std::env::var_os(CRASH_FOLDER).map(PathBuf::from) else { return };
    let encoder = encoder(&Arc::default(), Duration::from_millis(2));
    let (knowledge, data) = (folder.join("knowledge"), folder.join("data"));
    let (encoder, read) = (Some(&encoder), &sample::read);
    build(&Build { knowledge: &knowledge, data: &data, encoder, read, progress: &NoProgress }).unwrap();
}

#[test]
fn a_build_killed_at_any_moment_leaves_the_old_snapshot_or_the_new_one() {
    let site = Site::new();
    let write = |version: usize| {
        for name in ["a", "b", "c"] {
            let line = |n| format!("version{version} of passage {n} in {name}\n");
            site.write(&format!("{name}.md"), &(0..20).map(line).collect::<String>());
        }
    };
    let start = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "ingest::build::tests::a_build_in_another_process"])
            .env(CRASH_FOLDER, site.folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    write(0);
    let begin = Instant::now();
    assert!(start().wait().unwrap().success());
    let whole = begin.elapsed();

    let (mut old, mut news) = (0, 0);
    for version in 1..=20 {
        write(version);
        let mut child = start();
        // Spread over the build and a little beyond it; the fraction jumps about with the version.
        std::thread::sleep(whole.mul_f64((version * 7 % 20) as f64 / 18.0));
        child.kill().unwrap();
        child.wait().unwrap();

        let snapshot = site.open().unwrap();
        let texts: Vec<String> = (0..60).map(|id| snapshot.corpus.passage(id).text().to_owned()).collect();
        let served = texts[0].split(' ').next().unwrap();
        assert!(texts.iter().all(|text| text.starts_with(served)), "a mixture: {texts:?}");
        assert!(served == format!("version{old}") || served == format!("version{version}"), "{served}");
        assert_eq!(search(&snapshot, served).len(), 10);
        let vector = site.encoder.encode(&texts[59]).unwrap().vector;
        assert_eq!(snapshot.dense.unwrap().search(&vector, 1, None)[0].passage, 59);
        news += usize::from(served == format!("version{version}"));

        site.build();
        assert_eq!(search(&site.open().unwrap(), &format!("version{version}")).len(), 10);
        old = version;
    }
    assert!(news < 20, "no build was interrupted");
}

#[test]
fn a_snapshots_copy_of_real_documents_reads_as_the_folder_did_and_unserved_files_are_reported() {
    let site = Site::new();
    let knowledge = site.folder.path().join("knowledge");
    fs::create_dir(knowledge.join("below")).unwrap();
    site.write("b.md", "\u{feff}---\ntitle: Bees\nslug: same\n---\n\n**Ann:** Hello there, all of you.\n");
    site.write("below/a.md", "# Of rivers {#top}\r\n\r\nThe river is long.\r\n\r\n- one\r\n- two\r\n");
    site.write("c.md", "---\nslug: same\n---\nA second file of that name.\n");
    fs::write(knowledge.join("d.md"), b"broken \xFF bytes").unwrap();
    let data = site.data();
    let again = || {
        let (encoder, read) = (Some(&site.encoder), &crate::ingest::read);
        build(&Build { knowledge: &knowledge, data: &data, encoder, read, progress: &NoProgress }).unwrap()
    };
    again();
    let snapshot = Snapshot::open_current(&data, Some(&identity()), &crate::ingest::read).unwrap();
    assert_eq!(snapshot.manifest.documents, 2);
    assert_eq!(snapshot.file_errors.len(), 2, "{:?}", snapshot.file_errors);
    let original = fs::read_to_string(knowledge.join("b.md")).unwrap();
    assert!(snapshot.corpus.documents.iter().any(|document| *document.source == *original));
    assert_eq!(reason(&again()), "unchanged");
}
