//! The languages of the interface: one file each, all with the same texts; documents and quotes stay
//! in their language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{ANSWERABLE, WHY, with_browser};

pub const LANGUAGES: [&str; 10] = ["en", "fil", "id", "km", "lo", "ms", "my", "th", "vi", "zh"];

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/ui")
}

pub fn texts(language: &str) -> BTreeMap<String, String> {
    let file = ui().join(format!("locales/{language}.json"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The names in braces, each once.
fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn every_language_has_the_texts_and_placeholders_of_english() {
    let english = texts("en");
    for language in LANGUAGES {
        let texts = texts(language);
        assert!(texts.keys().eq(english.keys()), "{language}");
        for (key, text) in &texts {
            assert!(!text.trim().is_empty(), "{language}: {key}");
            assert_eq!(placeholders(text), placeholders(&english[key]), "{language}: {key}");
        }
        let reviewed = language == "en";
        assert_eq!(texts["review"] == "Needs review by a native speaker.", !reviewed, "{language}");
    }
}

#[test]
fn every_text_is_used_and_every_text_that_is_used_is_there() {
    let mut sources = String::new();
    for folder in [ui(), ui().join("chat"), ui().join("widget")] {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "js" || e == "html") {
                sources += &std::fs::read_to_string(path).expect("a text");
            }
        }
    }
    let english = texts("en");
    let base = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
    // Put together from a name and these.
    let put_together = ["rate_", "comment_label_", "why_"];
    for key in english.keys().filter(|key| !["language_name", "review"].contains(&key.as_str())) {
        let name = base(key);
        let used = sources.contains(&format!("\"{name}\"")) || sources.contains(&format!("t.{name}"));
        assert!(used || put_together.iter().any(|start| name.starts_with(start)), "{key} is not used");
    }
    let called = |start: &str| -> Vec<String> {
        let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
        sources.split(start).skip(1).map(name).filter(|name: &String| !name.is_empty()).collect()
    };
    for name in [called(" t(\""), called("(t(\""), called("${t(\""), called("{{ t.")].concat() {
        assert!(english.contains_key(&name) || english.contains_key(&format!("{name}.other")), "{name} is not there");
    }
}

#[test]
fn the_page_speaks_the_language_of_the_menu_and_quotes_keep_theirs() {
    with_browser(|w| async move {
        w.go("/").await;
        assert_eq!(w.script("return document.documentElement.lang").await, "en");
        w.ask(ANSWERABLE).await;
        w.click("#menu-button").await;
        assert_eq!(w.count("#language option").await, LANGUAGES.len());
        w.script("const s = document.querySelector('#language'); s.value = 'vi'; s.dispatchEvent(new Event('change'))")
            .await;
        w.until("return document.documentElement.lang === 'vi' && 'ready' in document.documentElement.dataset").await;
        assert_eq!(w.text(".bar [data-new]").await, texts("vi")["conversation_new"]);
        assert_eq!(w.text(WHY).await, texts("vi")["why"], "also what scripts write");
        let languages = "return ['.answer blockquote', '.said-by', '.where strong', '.where a span', '.asked', '#question'] \
                         .map(css => document.querySelector(css).closest('[lang]').lang)";
        assert_eq!(w.script(languages).await, json!(["en", "en", "en", "en", "vi", "vi"]));
        assert!(w.text(".where a").await.contains("Nanning"));
        w.open_quote().await;
        assert_eq!(w.script("return document.querySelector('#panel mark').closest('[lang]').lang").await, "en");
        w.go("/documents/global-mayors-dialogue-nanning").await;
        assert_eq!(w.text(".bar .quiet").await, texts("vi")["ask_a_question"]);
        assert_eq!(
            w.script("return [document.documentElement.lang, document.querySelector('main').lang]").await,
            json!(["vi", "en"])
        );
    });
}

#[test]
fn no_language_breaks_the_page() {
    with_browser(|w| async move {
        for language in LANGUAGES {
            w.size(320, 700).await;
            w.go("/").await;
            w.script(&format!("document.cookie = 'dialogdesk_language={language}; path=/'")).await;
            w.go("/").await;
            assert_eq!(w.script("return document.documentElement.lang").await, language);
            w.ask(ANSWERABLE).await;
            w.click(WHY).await;
            assert_eq!(w.overflow().await, 0, "{language}");
            assert_eq!(
                w.script("return document.body.textContent.match(/\\{\\w+\\}/g)").await,
                json!(null),
                "{language}"
            );
            w.screenshot(&format!("language-{language}")).await;
        }
    });
}
