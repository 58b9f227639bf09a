//! The side panel with the document at the quoted passage.

use fantoccini::key::Key;

use super::{ANSWERABLE, UNANSWERABLE, with_browser};

const IN_SIGHT: &str = "const r = document.querySelector('#panel mark').getBoundingClientRect(); \
                        return r.top >= 0 && r.bottom <= innerHeight && r.height > 0";

#[test]
fn a_number_opens_the_document_at_the_marked_quote_and_escape_leads_back() {
    with_browser(|w| async move {
        w.ask_and_open_quote(ANSWERABLE).await;
        let marked = w.text("#panel mark").await;
        assert!(w.text(".answer blockquote").await.contains(&marked), "{marked}");
        w.until(IN_SIGHT).await;
        let beside = "const panel = document.querySelector('#panel').getBoundingClientRect(); \
                      return document.querySelector('.answer').getBoundingClientRect().right <= panel.left";
        assert_eq!(w.script(beside).await, true, "the answer stays in sight beside it");
        assert!(w.count("#panel .document .turn").await > 10, "the turns around it can be read");
        assert_eq!(w.focused().await, "panel-title");
        w.press(Key::Escape).await;
        w.closed("#panel").await;
        assert_eq!(w.focused().await, "marker", "the focus is back where it came from");
        w.reload().await;
        assert_eq!(w.script("return document.querySelector('#panel').open").await, false, "closed is closed");
    });
}

#[test]
fn a_window_that_gets_narrow_keeps_the_panel_and_the_way_back() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        // As in browsers where a click on a link does not give it the focus.
        w.script("document.activeElement.blur(); document.querySelector('.marker').click()").await;
        w.find("#panel mark").await;
        w.size(400, 700).await;
        w.until("return document.querySelector('#panel').matches(':modal')").await;
        w.press(Key::Escape).await;
        w.closed("#panel").await;
        assert_eq!(w.focused().await, "marker");
    });
}

#[test]
fn the_panel_leads_from_quote_to_quote() {
    with_browser(|w| async move {
        w.ask_and_open_quote(ANSWERABLE).await;
        let told = w.reply_of_api(ANSWERABLE).await;
        let citations = told["citations"].as_array().unwrap();
        let step = |number: usize| {
            let words = format!("Quote {number} of {}", citations.len());
            format!("return document.querySelector('.steps').textContent.includes({words:?})")
        };
        w.until(&step(1)).await;
        let first = w.text("#panel mark").await;
        w.click(".steps button:last-child").await;
        w.until(&step(2)).await;
        w.until(&format!(
            "return ![null, {first:?}].includes(document.querySelector('#panel mark')?.textContent ?? null)"
        ))
        .await;
        let anchor = citations[1]["anchor"].as_str().unwrap();
        let target = format!("#panel .document #at-{anchor}.target");
        w.find(&target).await;
        let label = w.script(&format!("return document.querySelector({target:?}).ariaLabel")).await;
        match citations[1]["turn"].as_u64() {
            Some(turn) => {
                assert_eq!(label, format!("Turn {turn}, Dr. Mei Lin"), "turns are named for those who hear the page");
            }
            None => assert!(anchor.starts_with("p-"), "what has no turn is a paragraph: {anchor}"),
        }
    });
}

#[test]
fn what_the_panel_shows_is_a_page_that_can_be_sent_to_others() {
    with_browser(|w| async move {
        w.ask_and_open_quote(ANSWERABLE).await;
        let marked = w.text("#panel mark").await;
        let address = w.script("return document.querySelector('#panel .tools a').getAttribute('href')").await;
        let address = address.as_str().unwrap().to_owned();
        let told = w.reply_of_api(ANSWERABLE).await;
        let url = told["citations"][0]["url"].as_str().unwrap();
        let place = |address: &str| address.split(":~:").next().unwrap().to_owned();
        assert_eq!(place(&address), place(url));
        w.go(&address).await;
        assert_eq!(w.text("main mark").await, marked);
    });
}

#[test]
fn the_way_back_of_the_browser_closes_the_panel_and_nothing_else() {
    with_browser(|w| async move {
        w.ask_and_open_quote(ANSWERABLE).await;
        w.client.back().await.unwrap();
        w.closed("#panel").await;
        assert_eq!(w.count(".reply").await, 1);
        w.client.forward().await.unwrap();
        w.find("#panel mark").await;
        w.reload().await;
        w.find("#panel mark").await;
        w.find(".reply[data-outcome=answered]").await;
    });
}

#[test]
fn a_passage_near_a_refused_question_opens_too() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(UNANSWERABLE).await;
        w.click(".refused .where a").await;
        w.find("#panel mark").await;
    });
}

#[test]
fn on_a_phone_the_panel_covers_the_page_and_holds_the_focus() {
    with_browser(|w| async move {
        w.size(320, 700).await;
        w.ask_and_open_quote(ANSWERABLE).await;
        w.until(IN_SIGHT).await;
        let off = "const middle = css => { const r = document.querySelector(css).getBoundingClientRect(); return r.top + r.height / 2; }; \
                   return Math.abs(middle('#panel mark') - middle('#panel .sheet-body')) < 20";
        assert_eq!(w.script(off).await, true, "the quote, not the block around it, is in the middle");
        let covers = "const r = document.querySelector('#panel').getBoundingClientRect(); \
                      return r.left <= 0 && r.top <= 0 && r.right >= document.documentElement.clientWidth && r.bottom >= innerHeight";
        assert_eq!(w.script(covers).await, true);
        assert_eq!(w.script("return document.querySelector('#panel').matches(':modal')").await, true);
        assert_eq!(w.overflow().await, 0);
        w.press(Key::Escape).await;
        w.closed("#panel").await;
        assert_eq!(w.focused().await, "marker");
    });
}

#[test]
fn a_document_that_does_not_come_is_told_and_can_be_tried_again() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.offline().await;
        w.click(".marker").await;
        assert_eq!(w.text("#panel [role=alert]").await, "The document could not be opened.");
        w.online().await;
        w.click("#panel .sheet-body > .quiet").await;
        w.find("#panel mark").await;
    });
}
