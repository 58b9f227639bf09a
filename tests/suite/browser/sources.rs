//! The sources: choosing where to ask, searching, browsing documents and speakers.

use fantoccini::key::Key;
use serde_json::json;

use super::{with_browser, with_documents};

#[test]
fn a_question_is_asked_in_the_documents_that_were_chosen() {
    with_documents(|w| async move {
        w.go("/").await;
        assert_eq!(w.text("#filter [data-chosen]").await, "all documents");
        w.click("#filter summary").await;
        w.click("#filter input[value=harbour-council]").await;
        assert!(w.text("#filter [data-chosen]").await.starts_with("Port Kelday"));
        w.press(Key::Escape).await;
        assert_eq!(w.script("return document.querySelector('#filter').open").await, false);
        w.ask("What did Dr. Mei Lin say about openness?").await;
        let places =
            w.script("return [...document.querySelectorAll('.where a')].map(a => a.getAttribute('href'))").await;
        let places = places.as_array().unwrap();
        assert!(!places.is_empty(), "a refusal has its nearest passages from there");
        assert!(places.iter().all(|p| p.as_str().unwrap().starts_with("/documents/harbour-council")), "{places:?}");
        w.chord(&[Key::Control.into(), 'k']).await;
        w.enter("#search", "openness").await;
        w.press(Key::Enter).await;
        assert!(
            w.text(".results .where").await.contains("Look in: Port Kelday"),
            "the search is narrowed as well, and says so"
        );
        w.click("#panel .close").await;
        w.click("#filter summary").await;
        w.click("#filter input[value=phones-panel]").await;
        assert_eq!(w.text("#filter [data-chosen]").await, "2 documents");
        w.click("#filter [data-clear]").await;
        assert_eq!(w.text("#filter [data-chosen]").await, "all documents");
    });
}

#[test]
fn there_is_nothing_to_choose_where_one_document_is_served() {
    with_browser(|w| async move {
        w.go("/").await;
        assert_eq!(w.count("#filter").await, 0);
    });
}

#[test]
fn the_sources_are_searched_from_the_keyboard_and_a_hit_opens_at_its_place() {
    with_documents(|w| async move {
        w.go("/").await;
        w.chord(&[Key::Control.into(), 'k']).await;
        assert_eq!(w.focused().await, "search");
        w.enter("#search", "patching the old pier").await;
        w.press(Key::Enter).await;
        w.find(".hits li").await;
        assert!(w.text("#status").await.contains("passages found"));
        assert!(w.text(".hits .hit-text").await.to_lowercase().contains("pier"));
        let anchor = w.script("return document.querySelector('.hits a').hash.slice(1)").await;
        w.click(".hits a").await;
        w.find(&format!("#panel .document #at-{}.target", anchor.as_str().unwrap())).await;
        w.click("#panel .tools button").await;
        w.find(".hits li").await;
        assert_eq!(
            w.script("return document.querySelector('#search').value").await,
            "patching the old pier",
            "the way back loses nothing"
        );
    });
}

#[test]
fn documents_and_speakers_can_be_browsed_and_asked_about() {
    with_documents(|w| async move {
        w.go("/").await;
        w.click(".bar [data-sources]").await;
        w.find(".shelf li").await;
        let titles = w.script("return [...document.querySelectorAll('.document-title')].map(a => a.textContent)").await;
        assert_eq!(titles.as_array().unwrap().len(), 3);
        let people = w.script("return [...document.querySelectorAll('.shelf li:has([href$=nanning]) .person')].map(b => b.textContent)").await;
        assert!(people.as_array().unwrap().contains(&json!("Dr. Mei Lin")), "{people}");
        w.click(".shelf li:has([href$=nanning]) .people li:nth-child(2) button").await;
        w.until("return document.querySelectorAll('.hits li').length === 8").await;
        assert!(w.text(".results .where").await.contains("8 turns"));
        w.click(".results .quiet").await;
        w.find(".reply").await;
        assert!(w.text(".asked").await.contains("What did Dr. Mei Lin say?"));
        w.click(".results [data-back]").await;
        w.click(".document-title").await;
        w.find("#panel .document .turn").await;
    });
}

#[test]
fn a_document_of_the_empty_chat_opens_in_the_panel() {
    with_browser(|w| async move {
        w.go("/").await;
        w.click(".welcome a[data-slug]").await;
        w.find("#panel .document h1").await;
    });
}
