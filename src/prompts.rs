//! The words around the quotes: templates by outcome, format and locale.
//!
//! Strict: a template that names something undefined fails, and `dialogdesk check` renders samples
//! of all of them.

use std::path::Path;

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/prompts");

/// The locale that is always there.
pub const DEFAULT_LOCALE: &str = "en";

/// Templates that a locale must have, in both formats.
pub const NAMES: [&str; 2] = ["answer", "refusal"];

/// Templates that a locale must have as text: one for each messenger, and what is said there beside
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
    fn extension(self) -> &'static str {
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
    #[error("the template folder {folder} cannot be read: {reason}")]
    Folder { folder: String, reason: String },
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
    /// [`PromptError`] when the folder cannot be read or a template does not compile.
    pub fn load(folder: Option<&Path>) -> Result<Self, PromptError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_syntax(block_lines()?);
        environment.add_filter("quoted", quoted);
        environment.add_filter("md", markdown_escaped);
        environment.add_function("strong", strong);
        environment.add_function("link", link);
        let mut prompts = Self { environment, locales: Vec::new() };
        for file in SHIPPED.dirs().flat_map(Dir::files) {
            if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                prompts.add(name.to_owned(), text.to_owned())?;
            }
        }
        if let Some(folder) = folder {
            prompts.add_folder(folder)?;
        }
        prompts.locales.sort();
        prompts.locales.dedup();
        Ok(prompts)
    }

    /// The locale that serves a wish: itself, its language, or the default.
    #[must_use]
    pub fn locale(&self, wish: Option<&str>) -> &str {
        let known = |name: &str| self.locales.iter().find(|l| l.eq_ignore_ascii_case(name)).map(String::as_str);
        let wish = wish.unwrap_or(DEFAULT_LOCALE);
        let language = wish.split(['-', '_']).next().unwrap_or(wish);
        known(wish).or_else(|| known(language)).unwrap_or(DEFAULT_LOCALE)
    }

    /// Locales with templates, sorted.
    #[must_use]
    pub fn locales(&self) -> &[String] {
        &self.locales
    }

    /// Renders a template; trailing white space is dropped.
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
        let path = format!("{locale}/{name}.{}", format.extension());
        let failed = |e: minijinja::Error| PromptError::Template { name: path.clone(), reason: format!("{e:#}") };
        let template = self.environment.get_template(&path).map_err(failed)?;
        Ok(template.render(Value::from(Serde(context))).map_err(failed)?.trim().to_owned())
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), PromptError> {
        let failed =
            |e: std::io::Error| PromptError::Folder { folder: folder.display().to_string(), reason: e.to_string() };
        for locale in std::fs::read_dir(folder).map_err(failed)? {
            let locale = locale.map_err(failed)?;
            if !locale.path().is_dir() {
                continue;
            }
            for file in std::fs::read_dir(locale.path()).map_err(failed)? {
                let path = file.map_err(failed)?.path();
                let text = std::fs::read_to_string(&path).map_err(failed)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                self.add(format!("{}/{name}", locale.file_name().to_string_lossy()), text)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: String, text: String) -> Result<(), PromptError> {
        if let Some((locale, _)) = name.split_once('/') {
            self.locales.push(locale.to_owned());
        }
        self.environment
            .add_template_owned(name.clone(), text)
            .map_err(|e| PromptError::Template { name, reason: format!("{e:#}") })
    }
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

    #[test]
    fn every_locale_has_every_template_in_both_formats() {
        let prompts = Prompts::load(None).unwrap();
        assert!(prompts.locales().contains(&DEFAULT_LOCALE.to_owned()));
        for locale in prompts.locales() {
            for name in NAMES {
                for format in [Format::Text, Format::Markdown] {
                    let path = format!("{locale}/{name}.{}", format.extension());
                    assert!(prompts.environment.get_template(&path).is_ok(), "{path}");
                }
            }
            for name in MESSENGERS {
                assert!(prompts.environment.get_template(&format!("{locale}/{name}.txt")).is_ok(), "{locale}/{name}");
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
    fn an_undefined_name_fails_loudly() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("en")).unwrap();
        std::fs::write(folder.path().join("en/refusal.txt"), "{{ no_such_name }}").unwrap();
        let prompts = Prompts::load(Some(folder.path())).unwrap();
        let rendered = prompts.render("en", "refusal", Format::Text, &());
        assert!(rendered.unwrap_err().to_string().contains("en/refusal.txt"));
    }

    #[test]
    fn words_with_quotation_marks_get_no_second_ones() {
        assert_eq!(quoted("plain"), "“plain”");
        assert_eq!(quoted("“It grows,” she said."), "“It grows,” she said.");
    }
}
