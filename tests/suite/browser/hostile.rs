//! Attempts to make the pages run what is only text: in questions, documents, titles, speakers and
//! file names.

use fantoccini::key::Key;
use serde_json::json;

use super::{KEPT, Scheme, WHY, in_scheme};
use crate::helpers::TestApp;

const BAD: &str = "<img src=x onerror=\"window.ran=1\"><script>window.ran=2</script><svg onload=window.ran=3>";

/// Its name is an attempt as well, as far as a file system lets it.
const FILE: &str = "talk <img src=x onerror=window.ran=4> \"'`.md";

fn knowledge() -> String {
    format!(
        "---\ntitle: 'The harbour {BAD}'\nslug: talk\npublisher: '{BAD}'\nplace: 'javascript:window.ran=5'\n\
         source_url: javascript:window.ran=6\n---\n\n## Opening hours {BAD}\n\n\
         The harbour of Kelday opens at six in the morning. {BAD} The ferry leaves at seven ](javascript:window.ran=7) **sharp**.\n\n\
         - [a link](javascript:window.ran=8) of the harbour\n\n\
         **Ann {BAD}:** Is the harbour of Kelday open on Sundays?\n\n\
         **Bob \\<b onclick=window.ran=9\\>:** Yes, the harbour of Kelday is open on Sundays until noon. {BAD}\n"
    )
}

#[test]
fn nothing_that_is_text_runs() {
    let text = knowledge();
    in_scheme(
        Scheme::Light,
        || TestApp::with_knowledge(&[(FILE, text.as_bytes())]),
        |w| async move {
            w.go("/").await;
            w.script("addEventListener('securitypolicyviolation', e => (window.blocked ??= []).push(e.violatedDirective + ' ' + e.sample))").await;
            for question in ["When does the harbour of Kelday open?", "Is the harbour of Kelday open on Sundays?", BAD]
            {
                w.ask(question).await;
                w.click(WHY).await;
            }
            w.until("return document.querySelectorAll('.reply[data-outcome=answered]').length > 0").await;
            w.click(".exchange:first-child [data-quote]").await;
            w.find("#panel .document .turn").await;
            w.press(Key::Escape).await;
            w.click("#menu-button").await;
            w.click(".bar [data-sources]").await;
            w.find(".person").await;
            w.script("document.querySelectorAll('.person').forEach(b => b.click())").await;
            w.find(".results .where").await;
            w.enter("#search", &format!("harbour {BAD}")).await;
            w.press(Key::Enter).await;
            w.find(".hits li").await;
            w.reload().await;
            let bad = "return [...document.querySelectorAll('main img, main script, dialog img, dialog script, [onclick], [onerror], [onload], [href^=\"javascript:\" i]')].map(e => e.outerHTML)";
            assert_eq!(w.script(bad).await, json!([]));
            assert_eq!(w.script("return [window.ran ?? null, window.blocked ?? null]").await, json!([null, null]));
            w.go("/documents/talk").await;
            assert_eq!(w.script(bad).await, json!([]));
            assert_eq!(w.script("return window.ran ?? null").await, json!(null));
        },
    );
}

#[test]
fn what_lies_in_the_address_or_the_browser_runs_neither() {
    in_scheme(Scheme::Light, TestApp::start, |w| async move {
        w.go("/c/%3Cimg%20src=x%20onerror=window.ran=1%3E").await;
        w.find("#missing").await;
        w.go("/").await;
        w.ask("What did Dr. Mei Lin say about openness?").await;
        w.script(&format!(
            "{KEPT} const bad = '<img src=x onerror=window.ran=1>'; \
             kept.exchanges[0].question = bad; kept.exchanges[0].reply.answer = bad + ' [1]'; kept.exchanges[0].reply.answer_markdown = bad; \
             const urls = ['javascript:window.ran=2', '//elsewhere.example/', '/\\\\elsewhere.example/']; \
             kept.exchanges[0].reply.citations = urls.map((url, at) => ({{...kept.exchanges[0].reply.citations[0], n: at + 1, url, speaker: bad, title: bad}})); \
             localStorage.setItem(key, JSON.stringify(kept))"
        ))
        .await;
        w.reload().await;
        w.find(".source").await;
        let links = "return [...document.querySelectorAll('.source a')].map(a => a.getAttribute('href'))";
        assert_eq!(w.script(links).await, json!(["#", "#", "#"]));
        assert_eq!(
            w.script("return [document.querySelectorAll('main img').length, window.ran ?? null]").await,
            json!([0, null])
        );
    });
}
