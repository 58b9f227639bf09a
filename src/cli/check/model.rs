//! Checks of the models' files and of the runtime that runs them.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::super::sets::hex;
use super::Finding;
use crate::app::App;
use crate::config::Config;

/// The files that a model folder must have, and their hashes where the folder lists them.
pub(super) fn check_files(config: &Config) -> Vec<Finding> {
    let folders = config.model_folders(&config.models.embedder);
    let Some(folder) = folders.iter().find(|folder| folder.is_dir()) else {
        let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let name = &config.models.embedder;
        return vec![Finding::Warning(format!(
            "no folder {} exists, so {name} will be downloaded by name into {}",
            looked.join(" or "),
            config.model_cache().display()
        ))];
    };
    check_folder(folder)
}

/// The files of the reader, and whether it loads. Answering works without it, so what is wrong is a
/// warning unless files were changed.
pub(super) fn check_reader(config: &Config) -> Vec<Finding> {
    if !config.answering.reader {
        return vec![Finding::Fine("off (answering.reader = false)".to_owned())];
    }
    let folders = config.model_folders(&config.models.reader);
    let files = folders.iter().find(|folder| folder.is_dir()).map(|folder| check_folder(folder)).unwrap_or_default();
    let loaded = match App::try_reader(config) {
        Ok(identity) => Finding::Fine(format!("ONNX Runtime {} runs {}", identity.runtime, identity.name)),
        Err(reason) => Finding::Warning(format!("answers would be chosen without a reader: {reason}")),
    };
    files.into_iter().chain([loaded]).collect()
}

fn check_folder(folder: &Path) -> Vec<Finding> {
    let sums = folder.join("SHA256SUMS");
    match std::fs::read_to_string(&sums) {
        Ok(text) => check_sums(folder, &text),
        Err(_) => required(folder),
    }
}

fn required(folder: &Path) -> Vec<Finding> {
    let missing = ["model.onnx", "tokenizer.json"].into_iter().map(|name| folder.join(name)).filter(|f| !f.is_file());
    let errors: Vec<Finding> =
        missing.map(|file| Finding::Error(format!("{} is missing; put it there", file.display()))).collect();
    if errors.is_empty() {
        return vec![Finding::Fine(format!("{} (without SHA256SUMS, so not compared)", folder.display()))];
    }
    errors
}

/// Lines as `sha256sum` writes them: hash, two characters, name.
fn check_sums(folder: &Path, sums: &str) -> Vec<Finding> {
    let lines = sums.lines().filter_map(|line| line.split_once(char::is_whitespace));
    let checked: Vec<Option<Finding>> =
        lines.map(|(hash, name)| check_sum(&folder.join(name.trim_start_matches([' ', '*'])), hash)).collect();
    let (count, errors) = (checked.len(), checked.into_iter().flatten().collect::<Vec<_>>());
    if errors.is_empty() {
        return vec![Finding::Fine(format!("{}: {count} files match SHA256SUMS", folder.display()))];
    }
    errors
}

fn check_sum(file: &Path, expected: &str) -> Option<Finding> {
    let restore = "restore it with `git checkout` or copy the model folder again";
    match std::fs::read(file) {
        Err(error) => Some(Finding::Error(format!("{} cannot be read ({error}); {restore}", file.display()))),
        Ok(bytes) if hex(&Sha256::digest(&bytes)) != expected => {
            Some(Finding::Error(format!("{} is not the file that SHA256SUMS names; {restore}", file.display())))
        }
        Ok(_) => None,
    }
}

/// Loads library and model, as every other command would.
pub(super) fn check_runtime(config: &Config) -> Vec<Finding> {
    match App::try_encoder(config) {
        Ok(identity) => {
            let (name, dimensions, runtime) = (identity.name, identity.dimensions, identity.runtime);
            vec![Finding::Fine(format!("ONNX Runtime {runtime} runs {name} ({dimensions} dimensions)"))]
        }
        Err(reason) => vec![Finding::Error(format!("only lexical search would serve: {reason}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_and_a_missing_file_are_both_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "a").unwrap();
        std::fs::write(folder.path().join("b"), "changed").unwrap();
        let a = hex(&Sha256::digest("a"));
        let findings = check_sums(folder.path(), &format!("{a}  a\n{a}  b\n{a} *c\n"));
        let text = format!("{findings:?}");
        assert_eq!(findings.len(), 2, "{text}");
        assert!(
            text.contains("b is not the file that SHA256SUMS names") && text.contains("c cannot be read"),
            "{text}"
        );
        assert!(matches!(check_sums(folder.path(), &format!("{a}  a\n"))[..], [Finding::Fine(_)]));
    }
}
