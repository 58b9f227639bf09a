//! Which files the knowledge folder holds, parsed, and which of them can be served. Looks at the
//! disk and at what files share; what is inside one is read in `parse`.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::parse::parse;
use crate::corpus::{Document, Problem, Severity};

/// The documents of a folder, and what stood in the way of others.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Sorted by slug, each slug once. Their own problems are in [`Document::problems`].
    pub documents: Vec<Document>,
    /// Files that are not served, by path below the folder.
    pub left_out: Vec<(String, Problem)>,
}

/// Reads every `*.md` below `folder`. Names that begin with a dot are passed over.
///
/// # Errors
/// When the folder itself cannot be read. A file or folder inside that cannot be read is in
/// [`Discovered::left_out`].
pub fn discover(folder: &Path) -> io::Result<Discovered> {
    let mut found = Discovered::default();
    let mut files = Vec::new();
    let mut seen = BTreeSet::from([folder.canonicalize()?]);
    let top = std::fs::read_dir(folder)?;
    collect(top, "", &mut seen, &mut files, &mut found.left_out);
    files.sort();
    for (path, file) in files {
        match read(&file) {
            Ok(source) => take(&mut found, parse(&path, &source)),
            Err(problem) => found.left_out.push((path, problem)),
        }
    }
    found.documents.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(found)
}

/// Files below one folder. Linked folders are followed, each folder once.
fn collect(
    entries: std::fs::ReadDir,
    below: &str,
    seen: &mut BTreeSet<PathBuf>,
    files: &mut Vec<(String, PathBuf)>,
    left_out: &mut Vec<(String, Problem)>,
) {
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let (path, full) = (format!("{below}{name}"), entry.path());
        if !full.is_dir() {
            if has_markdown_name(&name) {
                files.push((path, full));
            }
            continue;
        }
        match full.canonicalize().and_then(|real| Ok((real, std::fs::read_dir(&full)?))) {
            Ok((real, inner)) => {
                if seen.insert(real) {
                    collect(inner, &format!("{path}/"), seen, files, left_out);
                }
            }
            Err(e) => left_out.push((path, error(1, format!("The folder cannot be read: {e}.")))),
        }
    }
}

fn has_markdown_name(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("md"))
}

fn read(file: &Path) -> Result<String, Problem> {
    let bytes = std::fs::read(file).map_err(|e| error(1, format!("The file cannot be read: {e}.")))?;
    String::from_utf8(bytes).map_err(|e| {
        let offset = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count();
        error(line, format!("The file is not UTF-8: the byte at offset {offset} is wrong. Save it as UTF-8."))
    })
}

/// Of two files with one slug the first by path is served; both are named.
fn take(found: &mut Discovered, document: Document) {
    let Some(first) = found.documents.iter_mut().find(|d| d.slug == document.slug) else {
        found.documents.push(document);
        return;
    };
    let (slug, path) = (&document.slug, &document.path);
    let both = format!(
        "The slug `{slug}` is used by `{}` and by `{path}`; only the first is served. Give one another `slug`.",
        first.path
    );
    first.problems.push(error(1, both.clone()));
    found.left_out.push((path.clone(), error(1, both)));
}

fn error(line: usize, message: String) -> Problem {
    Problem { severity: Severity::Error, line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, bytes) in files {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
            std::fs::write(file, bytes).expect("a file");
        }
        folder
    }

    #[test]
    fn markdown_at_every_depth_is_found_and_sorted_by_slug() {
        let folder =
            folder(&[("b.md", b"b"), ("a/z.MD", b"z"), ("note.txt", b"n"), (".git/x.md", b"x"), ("c/d/e.md", b"e")]);
        let found = discover(folder.path()).expect("readable");
        let shown: Vec<_> = found.documents.iter().map(|d| (d.slug.as_str(), d.path.as_str())).collect();
        assert_eq!(shown, [("a-z", "a/z.MD"), ("b", "b.md"), ("c-d-e", "c/d/e.md")]);
        assert!(found.left_out.is_empty());
    }

    #[test]
    fn a_file_that_is_not_utf8_is_left_out_with_the_offset() {
        let folder = folder(&[("a.md", b"one\ntwo \xff"), ("b.md", b"b")]);
        let found = discover(folder.path()).expect("readable");
        assert_eq!(found.documents.len(), 1);
        let (path, problem) = &found.left_out[0];
        assert_eq!((path.as_str(), problem.line), ("a.md", 2));
        assert!(problem.message.contains("offset 8"), "{}", problem.message);
    }

    #[test]
    fn of_two_files_with_one_slug_the_first_by_path_is_served_and_both_are_named() {
        let folder = folder(&[("b.md", b"---\nslug: same\n---\nb"), ("a.md", b"---\nslug: same\n---\na")]);
        let found = discover(folder.path()).expect("readable");
        assert_eq!(found.documents.len(), 1);
        assert_eq!(found.documents[0].path, "a.md");
        for problem in [&found.documents[0].problems[0], &found.left_out[0].1] {
            assert!(problem.message.contains("a.md") && problem.message.contains("b.md"));
            assert_eq!(problem.severity, Severity::Error);
        }
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        assert!(discover(Path::new("no/such/folder")).is_err());
    }
}
