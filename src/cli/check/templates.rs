//! Checks of the templates: every one of every locale is rendered with samples that reach its branches.

use std::path::Path;

use serde_json::Value;

use super::{Finding, samples};
use crate::prompts::{Format, PromptError, Prompts, path, whole_locale};

/// The shipped templates, overridden by the files of `folder`.
pub(super) fn check(folder: Option<&Path>) -> Vec<Finding> {
    // That there is no such folder is told with the settings.
    let folder = folder.filter(|folder| folder.is_dir());
    let (prompts, problems) = Prompts::read(folder);
    let mut findings: Vec<Finding> = problems.iter().map(|problem| told(folder, problem)).collect();
    for locale in prompts.locales() {
        let own = whole_locale().filter(|(name, format)| prompts.has(locale, name, *format));
        // One mistake is met by many samples, and in each template that includes it.
        for finding in own.flat_map(|(name, format)| rendered(&prompts, folder, locale, name, format)) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        findings.extend(folder.and_then(|folder| lacking(&prompts, folder, locale)));
    }
    if !findings.iter().any(|finding| matches!(finding, Finding::Error(_))) {
        let fine = format!("locales {}; every branch was rendered", prompts.locales().join(", "));
        findings.insert(0, Finding::Fine(fine));
    }
    findings
}

/// What goes wrong when a template gets its samples.
fn rendered(prompts: &Prompts, folder: Option<&Path>, locale: &str, name: &str, format: Format) -> Vec<Finding> {
    let render = |sample: &Value| match prompts.render(locale, name, format, sample) {
        Err(problem) => Some(told(folder, &problem)),
        Ok(words) if words.is_empty() => {
            let place = place(folder, &path(locale, name, format));
            Some(Finding::Error(format!("{place}: says nothing {}; write words for that, too", case(sample))))
        }
        Ok(_) => None,
    };
    samples::of(name).iter().filter_map(render).collect()
}

/// What a locale of the folder lacks. It serves all the same, in more than one language.
fn lacking(prompts: &Prompts, folder: &Path, locale: &str) -> Option<Finding> {
    // A file that does not compile was told of.
    let lacks = |name: &str, format: Format| {
        !prompts.has(locale, name, format) && !folder.join(path(locale, name, format)).exists()
    };
    let missing = whole_locale().filter(|(name, format)| lacks(name, *format));
    let missing: Vec<String> = missing.map(|(name, format)| format!("{name}.{}", format.extension())).collect();
    let there = folder.join(locale);
    (!missing.is_empty()).then(|| {
        Finding::Warning(format!(
            "{} lacks {}; until they are there, those of its language or the English ones stand in",
            there.display(),
            missing.join(", ")
        ))
    })
}

fn told(folder: Option<&Path>, problem: &PromptError) -> Finding {
    Finding::Error(match problem {
        PromptError::Template { name, reason } => {
            format!("{}: {reason}; correct it, or take it away to have the built-in words", place(folder, name))
        }
        PromptError::Unreadable { path, reason } => {
            format!("{path} cannot be read: {reason}; templates are files of UTF-8 in a folder for each locale")
        }
    })
}

/// The file that a template comes from.
fn place(folder: Option<&Path>, name: &str) -> String {
    let file = folder.map(|folder| folder.join(name)).filter(|file| file.is_file());
    file.map_or_else(|| format!("the built-in {name}"), |file| file.display().to_string())
}

/// What a sample is a case of.
fn case(sample: &Value) -> String {
    let told = ["reason", "note"].into_iter().find_map(|key| Some((key, sample.get(key)?.as_str()?)));
    told.map_or_else(|| "in some replies".to_owned(), |(key, value)| format!("where `{key}` is `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The findings with these files in the folder, in words.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        check(Some(folder.path())).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_shipped_templates_have_words_for_everything() {
        let findings = check(None);
        assert!(matches!(&findings[..], [Finding::Fine(fine)] if fine.starts_with("locales en")), "{findings:#?}");
        assert_eq!(check(Some(Path::new("nowhere"))), findings, "a missing folder is told with the settings");
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_file() {
        let findings = found(&[
            (
                "en/answer.txt",
                "{% for part in parts %}{% if part.shape == 'count' %}{{ part.nobody }}{% endif %}x{% endfor %}",
            ),
            (
                "en/refusal.txt",
                "{% if reason == 'no_such_item' %}{{ nobody }}{% elif reason != 'instruction' %}x{% endif %}",
            ),
            ("en/note.txt", "{% if note == 'busy' %}{{ nobody }}{% else %}x{% endif %}"),
            ("en/inline_links.txt", "x{% if not answered and suggestions %}{{ nobody }}{% endif %}"),
            ("en/line.txt", "{% if %}"),
            ("en/refusal.md", "x"),
        ]);
        let text = findings.join("\n");
        for (file, reason) in [
            ("en/answer.txt", "undefined"),
            ("en/refusal.txt", "undefined"),
            ("en/refusal.txt", "says nothing where `reason` is `instruction`"),
            ("en/note.txt", "undefined"),
            ("en/inline_links.txt", "undefined"),
            ("en/line.txt", "syntax error"),
        ] {
            let told = findings.iter().filter(|finding| {
                finding.starts_with("error") && finding.contains(&format!("{file}: ")) && finding.contains(reason)
            });
            assert_eq!(told.count(), 1, "{file}, {reason}:\n{text}");
        }
        assert_eq!(findings.len(), 6, "{text}");
    }

    #[test]
    fn a_locale_that_lacks_templates_serves_with_a_warning() {
        let findings = found(&[("xx/refusal.txt", "x"), ("xx/refusal.md", "x")]);
        assert!(findings[0].contains("locales en, xx"), "{findings:#?}");
        assert!(findings[1].starts_with("warning") && findings[1].contains("lacks answer.txt, answer.md, slack.txt"));
        assert_eq!(findings.len(), 2, "{findings:#?}");
    }
}
