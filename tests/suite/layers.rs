//! Holds the source tree to its own rules: who may import whom, a header on each file, and an
//! architecture text whose paths exist.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From the ground up. A module may import from its own layer and those below.
const LAYERS: [&[&str]; 8] = [
    &["corpus", "text", "reply", "mechanism"],
    &["index", "models", "store", "prompts"],
    &["question", "retrieve", "answer", "ingest"],
    &["ask"],
    &["conversation", "report"],
    &["eval", "http", "channels"],
    // Plain data that assembly alone reads.
    &["config", "telemetry"],
    &["app", "cli", "main"],
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `src`, by its path from there, with its text.
fn sources() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
                found.insert(path.strip_prefix(root().join("src")).expect("below src").to_path_buf(), text);
            }
        }
    }
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// `corpus/anchor.rs` and `corpus.rs` belong to `corpus`.
fn module_of(path: &Path) -> String {
    let first = path.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    first.trim_end_matches(".rs").to_owned()
}

/// Modules named after `crate::`, in `use` lines and in the middle of code, comments left out.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
        for piece in line.split("crate::").skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.push((number + 1, name));
            }
        }
    }
    found
}

/// Lines in which a module of a lower layer imports one of a higher.
fn violations(path: &Path, text: &str) -> Vec<String> {
    let own = module_of(path);
    let Some(own_layer) = layer(&own) else { return Vec::new() };
    let above = |name: &String| layer(name).is_some_and(|other| other > own_layer);
    let found = imports(text).into_iter().filter(|(_, name)| above(name));
    found
        .map(|(line, name)| format!("{}:{line}: {own} imports {name}, which stands above it", path.display()))
        .collect()
}

#[test]
fn a_lower_layer_never_imports_a_higher_one() {
    let found: Vec<String> = sources().iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_import_from_above_is_noticed() {
    let text = "use crate::corpus::Anchor;\n// use crate::http::run;\nlet x = crate::http::wire::Y;\n";
    assert_eq!(
        violations(Path::new("answer/select.rs"), text),
        ["answer/select.rs:3: answer imports http, which stands above it"]
    );
    assert_eq!(violations(Path::new("cli/ask.rs"), text), Vec::<String>::new());
}

#[test]
fn every_module_has_its_layer() {
    for path in sources().keys().filter(|path| path.as_path() != Path::new("lib.rs")) {
        assert!(layer(&module_of(path)).is_some(), "{} has no layer in tests/suite/layers.rs", path.display());
    }
}

/// `models` must find the hub's cache where fastembed puts it, which reads `HF_HOME` by itself.
const READS_ENVIRONMENT: [&str; 2] = ["config", "models"];

#[test]
fn only_settings_look_into_the_environment() {
    for (path, text) in sources() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let reads = code.into_iter().any(|line| line.contains("env::var"));
        // Tests are told by it what a child process is to do.
        let is_test = path.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests"));
        let allowed = is_test || READS_ENVIRONMENT.contains(&module_of(&path).as_str());
        assert!(!reads || allowed, "{} reads the environment; config does", path.display());
    }
}

#[test]
fn every_file_opens_with_what_it_answers() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{} does not open with a //! header", path.display());
    }
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines; split it by idea", path.display());
    }
}

#[test]
fn paths_named_in_the_architecture_exist() {
    let Ok(text) = std::fs::read_to_string(root().join("ARCHITECTURE.md")) else {
        println!("left out: there is no ARCHITECTURE.md");
        return;
    };
    let files: Vec<String> = sources().keys().map(|path| path.display().to_string()).collect();
    // A bare `fuse.rs` is short for the file of that name in the folder told about.
    let known = |name: &str| {
        let short = files.iter().any(|file| *file == name || file.ends_with(&format!("/{name}")));
        root().join(name).exists() || (name.ends_with(".rs") && short)
    };
    let roots = ["src/", "tests/", "prompts/", "scripts/", "benches/", "models/"];
    let is_path = |name: &&str| name.ends_with(".rs") || roots.iter().any(|root| name.starts_with(root));
    let plain = |name: &&str| !name.contains(['*', ' ', '{', '<', '…']);
    let missing: Vec<&str> =
        text.split('`').skip(1).step_by(2).filter(is_path).filter(plain).filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what does not exist: {}", missing.join(", "));
}
