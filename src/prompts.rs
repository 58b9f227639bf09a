//! The words around the quotes: templates by outcome, format and locale.
//!
//! Strict: a template that names something undefined fails, and `dialogdesk check` renders samples
//! of all of them. A locale need not have all: what it lacks is said in the words of its language,
//! and of the default locale where those are lacking too.

use std::borrow::Cow;
use std::error::Error as _;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/prompts");

/// The locale that is always there.
pub const DEFAULT_LOCALE: &str = "en";

/// Templates that a whole locale has, in both formats.
pub const NAMES: [&str; 2] = ["answer", "refusal"];

/// Templates that a whole locale has as text: one for each messenger, and what is said there beside
/// answers.
pub const MESSENGERS: [&str; 8] = ["slack", "telegram", "whatsapp", "line", "discord", "feishu", "teams", "note"];

/// What the functions `strong` and `link` of templates put around words, for messengers to write in
/// their markup. Control characters, because no text from outside keeps those.
pub mod marks {
    /// Before a label.
    pub const STRONG: char = '\u{1}';
    /// Before the address of a link.
    pub const LINK: char = '\u{2}';
    /// Between the address and the words of a link.
    pub const WORDS: char = '\u{3}';
    /// After either.
    pub const CLOSE: char = '\u{4}';
}

/// What a template is rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Markdown,
}

impl Format {
    /// What the names of such templates end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
        }
    }
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    #[error("the template {name} does not compile or render: {reason}")]
    Template { name: String, reason: String },
    #[error("{path} cannot be read for templates: {reason}")]
    Unreadable { path: String, reason: String },
}

/// The templates of a whole locale.
pub fn whole_locale() -> impl Iterator<Item = (&'static str, Format)> {
    let both = NAMES.into_iter().flat_map(|name| [(name, Format::Text), (name, Format::Markdown)]);
    both.chain(MESSENGERS.into_iter().map(|name| (name, Format::Text)))
}

/// Where a template lies in a folder of templates.
#[must_use]
pub fn path(locale: &str, name: &str, format: Format) -> String {
    format!("{locale}/{name}.{}", format.extension())
}

/// All templates of all locales.
pub struct Prompts {
    environment: Environment<'static>,
    locales: Vec<String>,
}

impl Prompts {
    /// The shipped templates, each overridden by a file of the same path in `folder`.
    ///
    /// # Errors
    /// The first of what is wrong with the folder ([`PromptError`]).
    pub fn load(folder: Option<&Path>) -> Result<Self, PromptError> {
        let (prompts, problems) = Self::read(folder);
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(prompts),
        }
    }

    /// The same with everything that cannot be read or does not compile, in the order of the files.
    /// Those are left out: where they would override a shipped template, that one stays.
    #[must_use]
    pub fn read(folder: Option<&Path>) -> (Self, Vec<PromptError>) {
        let mut environment = Environment::new();
        let mut problems = Vec::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        match block_lines() {
            Ok(syntax) => environment.set_syntax(syntax),
            Err(problem) => problems.push(problem),
        }
        environment.add_filter("quoted", quoted);
        environment.add_filter("md", markdown_escaped);
        environment.add_function("strong", strong);
        environment.add_function("link", link);
        let mut prompts = Self { environment, locales: Vec::new() };
        for file in SHIPPED.dirs().flat_map(Dir::files) {
            if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                problems.extend(prompts.add(name.to_owned(), text.to_owned()).err());
            }
        }
        if let Some(folder) = folder {
            prompts.add_folder(folder, &mut problems);
        }
        prompts.locales.sort();
        prompts.locales.dedup();
        (prompts, problems)
    }

    /// The locale that serves a wish: itself, its language, or the default.
    #[must_use]
    pub fn locale(&self, wish: Option<&str>) -> &str {
        self.served(wish.unwrap_or(DEFAULT_LOCALE)).next().unwrap_or(DEFAULT_LOCALE)
    }

    /// The locale whose words one of [`NAMES`] is said in: the first of this one, its language and the
    /// default that has it in both formats, so that both formats of a reply are in one language.
    #[must_use]
    pub fn speaks(&self, locale: &str, name: &str) -> &str {
        let whole =
            |locale: &&str| [Format::Text, Format::Markdown].iter().all(|format| self.has(locale, name, *format));
        self.served(locale).find(whole).unwrap_or(DEFAULT_LOCALE)
    }

    /// Whether a locale has a template of its own.
    #[must_use]
    pub fn has(&self, locale: &str, name: &str, format: Format) -> bool {
        self.environment.get_template(&path(locale, name, format)).is_ok()
    }

    /// A locale, its language and the default, as far as there are templates of them.
    fn served<'a>(&'a self, locale: &str) -> impl Iterator<Item = &'a str> {
        let language = locale.split(['-', '_']).next().unwrap_or(locale);
        [locale, language, DEFAULT_LOCALE].into_iter().filter_map(move |name| self.known(name))
    }

    fn known(&self, name: &str) -> Option<&str> {
        self.locales.iter().find(|locale| locale.eq_ignore_ascii_case(name)).map(String::as_str)
    }

    /// Locales with templates, sorted.
    #[must_use]
    pub fn locales(&self) -> &[String] {
        &self.locales
    }

    /// Renders a template, that of the language or of the default where the locale lacks it; white space
    /// around it is dropped.
    ///
    /// # Errors
    /// [`PromptError::Template`].
    pub fn render<C: Serialize>(
        &self,
        locale: &str,
        name: &str,
        format: Format,
        context: &C,
    ) -> Result<String, PromptError> {
        let locale = self.served(locale).find(|served| self.has(served, name, format)).unwrap_or(locale);
        let path = path(locale, name, format);
        let failed = |error: minijinja::Error| failure(&path, &error);
        let template = self.environment.get_template(&path).map_err(failed)?;
        Ok(template.render(Value::from(Serde(context))).map_err(failed)?.trim().to_owned())
    }

    fn add_folder(&mut self, folder: &Path, problems: &mut Vec<PromptError>) {
        for locale in entries(folder, problems).iter().filter(|entry| entry.is_dir()) {
            for file in entries(locale, problems) {
                let name = format!("{}/{}", file_name(locale), file_name(&file));
                let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error));
                problems.extend(text.and_then(|text| self.add(name, text)).err());
            }
        }
    }

    fn add(&mut self, name: String, text: String) -> Result<(), PromptError> {
        if let Some((locale, _)) = name.split_once('/') {
            self.locales.push(locale.to_owned());
        }
        self.environment.add_template_owned(name.clone(), text).map_err(|error| failure(&name, &error))
    }
}

/// The template that is at fault: the innermost where one includes another.
fn failure(name: &str, error: &minijinja::Error) -> PromptError {
    let mut inner = error;
    while let Some(source) = inner.source().and_then(|source| source.downcast_ref::<minijinja::Error>()) {
        inner = source;
    }
    PromptError::Template { name: inner.name().unwrap_or(name).to_owned(), reason: inner.to_string() }
}

fn unreadable(path: &Path, error: &std::io::Error) -> PromptError {
    PromptError::Unreadable { path: path.display().to_string(), reason: error.to_string() }
}

/// What lies in a folder, by name. Hidden files are what tools leave behind.
fn entries(folder: &Path, problems: &mut Vec<PromptError>) -> Vec<PathBuf> {
    let paths = |entries: std::fs::ReadDir| entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let listed: std::io::Result<Vec<PathBuf>> = std::fs::read_dir(folder).and_then(paths);
    match listed {
        Ok(mut paths) => {
            paths.retain(|path| !file_name(path).starts_with('.'));
            paths.sort();
            paths
        }
        Err(error) => {
            problems.push(unreadable(folder, &error));
            Vec::new()
        }
    }
}

fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// Block tags stand on lines of their own and leave nothing behind.
fn block_lines() -> Result<SyntaxConfig, PromptError> {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(|e| PromptError::Template { name: "syntax".into(), reason: e.to_string() })
}

/// Quotation marks around words that have none of their own: words that hold a quotation say
/// themselves what is quoted.
pub fn quoted(text: &str) -> String {
    if text.contains(['“', '”', '"', '«', '»', '„', '「']) { text.to_owned() } else { format!("“{text}”") }
}

/// A label.
fn strong(words: &str) -> String {
    format!("{}{words}{}", marks::STRONG, marks::CLOSE)
}

/// Words that lead to an address.
fn link(words: &str, url: &str) -> String {
    format!("{}{url}{}{words}{}", marks::LINK, marks::WORDS, marks::CLOSE)
}

/// Characters that Markdown would read as marks, escaped.
fn markdown_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of templates with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn every_shipped_locale_is_whole() {
        let prompts = Prompts::load(None).unwrap();
        assert!(prompts.locales().contains(&DEFAULT_LOCALE.to_owned()));
        for locale in prompts.locales() {
            for (name, format) in whole_locale() {
                assert!(prompts.has(locale, name, format), "{}", path(locale, name, format));
            }
        }
    }

    #[test]
    fn an_unknown_locale_falls_back_to_its_language_and_then_to_english() {
        let prompts = Prompts::load(None).unwrap();
        assert_eq!(prompts.locale(Some("en-GB")), "en");
        assert_eq!(prompts.locale(Some("xx")), "en");
        assert_eq!(prompts.locale(None), "en");
    }

    #[test]
    fn what_a_locale_lacks_is_said_in_the_words_of_its_language_and_then_in_english() {
        let folder = folder(&[("xx/note.txt", "xx {{ note }}"), ("xx-YY/slack.txt", "yy {{ note }}")]);
        let prompts = Prompts::load(Some(folder.path())).unwrap();
        assert_eq!(prompts.locale(Some("xx-yy")), "xx-YY");
        let thanks = std::collections::BTreeMap::from([("note", "thanks")]);
        let note = |locale| prompts.render(locale, "note", Format::Text, &thanks).unwrap();
        assert_eq!((note("xx"), note("xx-YY")), ("xx thanks".to_owned(), "xx thanks".to_owned()));
        assert_eq!(prompts.render("xx-YY", "slack", Format::Text, &thanks).unwrap(), "yy thanks");
        assert_eq!(note("zz"), note("en"), "a locale that nobody has");
        let refusal = std::collections::BTreeMap::from([("reason", "instruction")]);
        let told = prompts.render("xx", "refusal", Format::Markdown, &refusal).unwrap_err().to_string();
        assert!(told.contains("en/refusal.md"), "the English one is rendered, and wants more: {told}");
    }

    #[test]
    fn both_formats_of_a_reply_are_in_one_language() {
        let files = [("xx/refusal.txt", "x"), ("xx/answer.txt", "x"), ("xx/answer.md", "x"), ("xx-YY/answer.md", "y")];
        let folder = folder(&files);
        let prompts = Prompts::load(Some(folder.path())).unwrap();
        assert_eq!((prompts.speaks("xx", "answer"), prompts.speaks("xx-YY", "answer")), ("xx", "xx"));
        assert_eq!((prompts.speaks("xx", "refusal"), prompts.speaks("zz", "answer")), ("en", "en"));
    }

    #[test]
    fn an_undefined_name_fails_loudly() {
        let folder = folder(&[("en/refusal.txt", "{{ no_such_name }}")]);
        let prompts = Prompts::load(Some(folder.path())).unwrap();
        let rendered = prompts.render("en", "refusal", Format::Text, &());
        assert!(rendered.unwrap_err().to_string().contains("en/refusal.txt"));
    }

    #[test]
    fn the_template_at_fault_is_named_where_another_includes_it() {
        let folder = folder(&[("en/inline_links.txt", "\n{{ no_such_name }}")]);
        let prompts = Prompts::load(Some(folder.path())).unwrap();
        let told = prompts.render("en", "slack", Format::Text, &()).unwrap_err().to_string();
        assert!(told.starts_with("the template en/inline_links.txt") && told.contains("inline_links.txt:2"), "{told}");
    }

    #[test]
    fn everything_that_is_wrong_with_a_folder_is_told_at_once() {
        let folder = folder(&[("en/answer.txt", "{% if %}"), ("xx/note.txt", "{{"), ("xx/.swap", "{{")]);
        std::fs::write(folder.path().join("en/refusal.md"), [0xff, 0xfe]).unwrap();
        let (prompts, problems) = Prompts::read(Some(folder.path()));
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        for (told, file) in told.iter().zip(["en/answer.txt", "en/refusal.md", "xx/note.txt"]) {
            assert!(told.contains(file), "{told}");
        }
        assert!(prompts.has("en", "answer", Format::Text), "the shipped one stays");
        assert!(Prompts::load(Some(folder.path())).is_err());
    }

    #[test]
    fn words_with_quotation_marks_get_no_second_ones() {
        assert_eq!(quoted("plain"), "“plain”");
        assert_eq!(quoted("“It grows,” she said."), "“It grows,” she said.");
    }
}
