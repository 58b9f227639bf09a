//! Taking an answer along: copying, saving, printing.

use std::time::{Duration, Instant};

use fantoccini::key::Key;

use super::window::Window;
use super::{ANSWERABLE, UNANSWERABLE, with_browser};

/// The first quote of an answer, as it is shown, its title with the place, and the address of the
/// marked passage.
async fn first_citation(w: &Window, question: &str) -> (String, String, String) {
    let told = w.reply_of_api(question).await;
    let text = |name: &str| told["citations"][0][name].as_str().map(str::to_owned);
    let place = told["citations"][0]["turn"].as_u64().map(|turn| format!("turn {turn}")).or_else(|| text("heading"));
    let title = format!("{}, {}", text("title").unwrap(), place.unwrap());
    let address = text("url").unwrap().split(":~:").next().unwrap().to_owned();
    (text("quote_text").unwrap(), title, format!("{}{address}", w.app))
}

/// Chooses from the copy menu of the last reply and gives what was copied, with plain spaces where a
/// number is held to its word.
async fn copied(w: &Window, choice: usize) -> String {
    w.script("window.copied = null; navigator.clipboard.writeText = async text => { window.copied = text; }").await;
    w.click(".exchange:last-child .actions summary").await;
    w.click(&format!(".exchange:last-child .actions .dropdown li:nth-child({choice}) button")).await;
    w.until("return window.copied !== null").await;
    w.script("return window.copied").await.as_str().unwrap().replace('\u{a0}', " ")
}

#[test]
fn an_answer_is_copied_with_its_citations_as_text() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        let text = copied(&w, 1).await;
        let (quote, title, address) = first_citation(&w, ANSWERABLE).await;
        assert!(text.starts_with(&format!("{ANSWERABLE}\n\nDr. Mei Lin: “")), "{text}");
        assert!(text.contains(&quote) && text.contains(" [1]\n"), "{text}\n{quote}");
        let source = format!("[1] Dr. Mei Lin, {title}\n    {address}\n");
        assert!(text.contains(&source), "{text}\n{source}");
        assert_eq!(w.text("#toast").await, "Copied.");
    });
}

#[test]
fn an_answer_is_copied_with_its_citations_as_markdown() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        let text = copied(&w, 2).await;
        let (quote, title, address) = first_citation(&w, ANSWERABLE).await;
        assert!(text.replace("**", "").replace('\\', "").contains(&quote), "{text}\n{quote}");
        assert!(text.starts_with(&format!("**{ANSWERABLE}**\n\n> **Dr. Mei Lin:** “")), "{text}");
        assert!(text.contains(&format!("[\\[1\\]]({address})")), "{text}");
        assert!(text.contains(&format!("\n1. **Dr. Mei Lin**, [{title}]")), "{text}");
        w.ask(UNANSWERABLE).await;
        let refused = copied(&w, 2).await;
        assert!(refused.contains("The sources do not answer this") && refused.contains("\n1. "), "{refused}");
    });
}

#[test]
fn copying_works_where_the_browser_has_the_old_way_alone() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.script("navigator.clipboard.writeText = () => Promise.reject(new Error('not here'))").await;
        w.click(".actions summary").await;
        w.click(".actions .dropdown li button").await;
        w.until("return document.querySelector('#toast').textContent === 'Copied.'").await;
        w.script("document.querySelector('#question').focus()").await;
        w.chord(&[Key::Control.into(), 'v']).await;
        let pasted = w.script("return document.querySelector('#question').value").await;
        assert!(pasted.as_str().unwrap().starts_with(ANSWERABLE), "{pasted}");
    });
}

#[test]
fn a_conversation_is_saved_as_markdown() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.ask(UNANSWERABLE).await;
        w.click("#share summary").await;
        w.click("#share li:nth-child(2) button").await;
        let file = w.downloads.join("what-did-dr-mei-lin-say-about-openness.md");
        let until = Instant::now() + Duration::from_secs(20);
        while !file.is_file() {
            assert!(Instant::now() < until, "{} was not saved", file.display());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let text = std::fs::read_to_string(file).unwrap();
        let (_, _, address) = first_citation(&w, ANSWERABLE).await;
        assert!(text.starts_with(&format!("# {ANSWERABLE}\n\nVerbatim quotes")), "{text}");
        assert!(text.contains(&format!("\n## {ANSWERABLE}\n\n> **Dr. Mei Lin:**")), "{text}");
        assert!(text.contains(&format!("\n## {UNANSWERABLE}\n\nThe sources do not answer this")), "{text}");
        assert!(text.contains(&address) && text.contains(&format!("<{}/c/", w.app)), "{text}");
    });
}

#[test]
fn on_paper_a_conversation_is_its_questions_answers_and_addresses() {
    with_browser(|w| async move {
        w.size(800, 1000).await;
        w.ask_and_open_quote(ANSWERABLE).await;
        w.media("print").await;
        let shown = "return ['.bar', '#composer', '.actions', '#panel', '.context', '.asked', '.answer', '.source'] \
                     .filter(css => document.querySelector(css).checkVisibility())";
        assert_eq!(w.script(shown).await, serde_json::json!([".asked", ".answer", ".source"]));
        let address = "return getComputedStyle(document.querySelector('.source a'), '::after').content.includes(location.origin + '/documents/')";
        assert_eq!(w.script(address).await, true);
        w.screenshot("print").await;
        w.media("").await;
        let pdf = w.client.print(fantoccini::wd::PrintConfiguration::default()).await.unwrap();
        assert!(pdf.starts_with(b"%PDF"));
    });
}
