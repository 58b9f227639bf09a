//! The real model in the real runtime. Both lie in the repository's folder (`make runtime` fetches
//! the runtime); `ORT_DYLIB_PATH` and `DIALOGDESK_TEST_MODEL` name others.

use std::path::Path;
use std::sync::OnceLock;

use super::*;

pub(super) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(super) fn runtime() -> PathBuf {
    let library = || repository("runtime").join(libloading::library_filename("onnxruntime"));
    std::env::var_os("ORT_DYLIB_PATH").map_or_else(library, PathBuf::from)
}

fn folder() -> PathBuf {
    std::env::var_os("DIALOGDESK_TEST_MODEL").map_or_else(|| repository("models/all-minilm-l6-v2"), PathBuf::from)
}

fn options(model: ModelSource) -> EncoderOptions {
    EncoderOptions { model, runtime: runtime(), sessions: 2, queue: 64 }
}

fn encoder() -> &'static Encoder {
    static ENCODER: OnceLock<Encoder> = OnceLock::new();
    ENCODER.get_or_init(|| Encoder::start(&options(ModelSource::Folder(folder()))).unwrap())
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn reference() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder().join("reference.json")).unwrap()).unwrap()
}

#[test]
fn embeddings_are_as_near_to_the_unquantized_model_as_the_reference_says() {
    let reference = reference();
    assert_eq!(encoder().identity().dimensions as u64, reference["dimensions"].as_u64().unwrap());
    for text in reference["texts"].as_array().unwrap() {
        let exact: Vec<f32> =
            text["embedding"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect();
        let encoding = encoder().encode(text["text"].as_str().unwrap()).unwrap();
        let cosine = f64::from(dot(&exact, &encoding.vector));
        let stated = text["int8_cosine"].as_f64().unwrap();
        // Processors round differently; a wrong token, pooling or mask costs far more than this.
        assert!(cosine > stated - 0.01, "cosine {cosine} instead of {stated} for {}", text["text"]);
        assert!((dot(&encoding.vector, &encoding.vector) - 1.0).abs() < 1e-5);
        assert_eq!(encoding.pieces.len() as u64 + 2, text["tokens"].as_u64().unwrap());
    }
}

#[test]
fn a_text_has_one_encoding_whatever_else_is_encoded() {
    let reference = reference();
    let texts: Vec<&str> = reference["texts"].as_array().unwrap().iter().filter_map(|t| t["text"].as_str()).collect();
    let alone: Vec<Encoding> = texts.iter().map(|text| encoder().encode(text).unwrap()).collect();
    std::thread::scope(|scope| {
        for start in [0, 7, 13, 19] {
            let (texts, alone) = (&texts, &alone);
            scope.spawn(move || {
                for at in 0..texts.len() {
                    let at = (at + start) % texts.len();
                    let door = if start % 2 == 0 { Encoder::encode } else { Encoder::encode_waiting };
                    assert!(door(encoder(), texts[at]).unwrap() == alone[at], "{} differs", texts[at]);
                }
            });
        }
    });
}

#[test]
fn offsets_of_pieces_are_bytes_of_the_text_also_beyond_ascii() {
    let text = "José’s café — “Zoë” in 南宁市, naïve.";
    let encoding = encoder().encode(text).unwrap();
    let words: Vec<&str> = encoding.offsets.iter().map(|range| &text[range.clone()]).collect();
    for word in ["José", "’", "s", "café", "“", "南", "市"] {
        assert!(words.contains(&word), "{word} is not among {words:?}");
    }
    assert!(encoding.offsets.windows(2).all(|pair| pair[0].end <= pair[1].start));
    assert_eq!(encoding.piece_vectors.len(), encoding.pieces.len() * encoder().identity().dimensions);
}

#[test]
fn an_empty_text_has_a_vector_and_no_pieces_and_a_long_one_is_cut() {
    let empty = encoder().encode("").unwrap();
    assert!(empty.pieces.is_empty() && empty.vector.iter().all(|v| v.is_finite()));
    let long = "word ".repeat(1_000);
    assert_eq!(encoder().encode(&long).unwrap().pieces.len(), MAX_PIECES - 2);
    assert_eq!(encoder().count_pieces(&long), 1_002);
    assert_eq!(encoder().count_pieces("Who won?"), 5);
}

#[test]
fn the_identity_names_model_and_runtime() {
    let identity = encoder().identity();
    assert_eq!(identity.name, "all-minilm-l6-v2");
    assert_eq!(identity.hash.len(), 64);
    assert!(identity.runtime.starts_with("1."), "{}", identity.runtime);
}

#[test]
fn a_missing_file_and_an_unknown_name_are_errors_that_name_them() {
    let empty = tempfile::tempdir().unwrap();
    encoder();
    let error = Encoder::start(&options(ModelSource::Folder(empty.path().into()))).err().unwrap();
    assert!(error.to_string().contains("model.onnx"), "{error}");
    let hub = ModelSource::Hub { name: "NoSuchModel".into(), cache: empty.path().into() };
    let error = Encoder::start(&options(hub)).err().unwrap();
    assert!(error.to_string().contains("BGESmallENV15"), "{error}");
}

#[test]
fn a_file_that_is_no_model_is_an_error() {
    let copy = tempfile::tempdir().unwrap();
    for name in ["tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"] {
        std::fs::copy(folder().join(name), copy.path().join(name)).unwrap();
    }
    std::fs::write(copy.path().join("model.onnx"), "not a model").unwrap();
    let error = Encoder::start(&options(ModelSource::Folder(copy.path().into()))).err().unwrap();
    assert!(matches!(error, ModelError::Load { .. }), "{error}");
}

const CHILD: &str = "DIALOGDESK_TEST_ENCODER_CHILD";

/// Starts the test named `test` in a process of its own: the runtime is loaded once per process, and
/// the hub's address is read from the environment.
fn child(test: &str, environment: &[(&str, &str)]) -> String {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("models::tests::{test}"), "--nocapture"])
        .env(CHILD, "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_runtime_that_is_missing_or_no_library_is_an_error_that_says_what_to_do() {
    if std::env::var_os(CHILD).is_none() {
        child("a_runtime_that_is_missing_or_no_library_is_an_error_that_says_what_to_do", &[]);
        return;
    }
    for path in [repository("runtime/no-such-library.so"), repository("Cargo.toml")] {
        let options = EncoderOptions { runtime: path, ..options(ModelSource::Folder(folder())) };
        let error = Encoder::start(&options).err().unwrap().to_string();
        assert!(error.contains("make runtime") && error.contains("ORT_DYLIB_PATH"), "{error}");
    }
    // An error is not remembered: with the right path the same process goes on.
    Encoder::start(&options(ModelSource::Folder(folder()))).unwrap();
}

/// A hub of one model: answers as much of the protocol as the client uses.
fn serve_hub(folder: PathBuf) -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |stream: std::net::TcpStream| -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        let headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        let name = request.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
        let body = std::fs::read(folder.join(&name))?;
        let range =
            headers.iter().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
        let (start, end) = range.as_deref().and_then(|range| range.split_once('-')).unwrap_or(("0", ""));
        let start: usize = start.parse().unwrap_or(0);
        let end = end.parse().unwrap_or(body.len() - 1).min(body.len() - 1);
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {start}-{end}/{}\r\n\
             etag: \"{name}\"\r\nx-repo-commit: 0123abcd\r\nconnection: close\r\n\r\n",
            end + 1 - start,
            body.len()
        )?;
        stream.write_all(&body[start..=end])
    };
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(answer(stream))));
    address
}

#[test]
fn a_model_of_the_hub_is_downloaded_once_and_encodes_like_the_folder() {
    const TEST: &str = "a_model_of_the_hub_is_downloaded_once_and_encodes_like_the_folder";
    if let Some(cache) = std::env::var_os("DIALOGDESK_TEST_HUB_CACHE") {
        let hub = ModelSource::Hub { name: "AllMiniLML6V2".into(), cache: cache.into() };
        match Encoder::start(&options(hub)) {
            Ok(hub) => {
                let same = hub.encode("Who won?").unwrap() == encoder().encode("Who won?").unwrap();
                println!("loaded {} {same} {}", hub.identity().name, hub.identity().hash == encoder().identity().hash);
            }
            Err(error) => println!("failed: {error}"),
        }
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    let home = cache.path().join("no-home");
    let run = |endpoint: &str| {
        let cache = cache.path().to_str().unwrap();
        child(
            TEST,
            &[("DIALOGDESK_TEST_HUB_CACHE", cache), ("HF_ENDPOINT", endpoint), ("HOME", home.to_str().unwrap())],
        )
    };
    let nowhere = "http://127.0.0.1:9";
    let refused = run(nowhere);
    assert!(refused.contains("failed: the model AllMiniLML6V2") && refused.contains("HF_ENDPOINT"), "{refused}");
    let loaded = run(&serve_hub(folder()));
    assert!(loaded.contains("loaded AllMiniLML6V2 true true"), "{loaded}");
    let cached = run(nowhere);
    assert!(cached.contains("loaded AllMiniLML6V2 true true"), "{cached}");
}
