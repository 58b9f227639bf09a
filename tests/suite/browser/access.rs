//! For everyone: keyboard, screen reader, small windows, both schemes; and what axe finds.

use std::process::Command;

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::window::Window;
use super::{ANSWERABLE, Scheme, UNANSWERABLE, WHY, in_scheme, several_documents, with_browser, with_documents};
use crate::helpers::{TestApp, python_with};

/// The script of axe, from the Python package that ships it; none where that is missing.
pub fn axe() -> Option<String> {
    let python = python_with("axe_core_python")?;
    let find =
        "import axe_core_python, os; print(os.path.join(os.path.dirname(axe_core_python.__file__), 'axe.min.js'))";
    let output = Command::new(python).args(["-c", find]).output().expect("it runs");
    let path = String::from_utf8(output.stdout).expect("a path");
    Some(std::fs::read_to_string(path.trim()).expect("the script"))
}

/// Fails with what axe finds on the page as it is now.
pub async fn clean(w: &Window, axe: &str, what: &str) {
    w.script(&format!("{axe}; window.axe = axe")).await;
    let run = "const done = arguments[0]; axe.run(window.axeOn ?? document, {resultTypes: ['violations']}).then(r => done(r.violations.map( \
               v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' (' + n.failureSummary + ')').join('; '))), e => done([String(e)]))";
    let found = w.client.execute_async(run, Vec::new()).await.expect("it ran");
    assert_eq!(found, json!([]), "{what}");
}

fn axe_finds_nothing(scheme: Scheme) {
    let Some(axe) = axe() else { return };
    in_scheme(scheme, several_documents, |w| async move {
        w.go("/").await;
        clean(&w, &axe, "empty").await;
        w.ask(ANSWERABLE).await;
        clean(&w, &axe, "answered").await;
        w.open_quote().await;
        clean(&w, &axe, "panel").await;
        w.press(Key::Escape).await;
        w.ask(UNANSWERABLE).await;
        w.click(WHY).await;
        clean(&w, &axe, "refused, with why").await;
        w.click("#menu-button").await;
        w.click(".bar [data-sources]").await;
        w.find(".shelf li").await;
        clean(&w, &axe, "menu and sources").await;
        w.click("#panel .close").await;
        w.click("#help").await;
        clean(&w, &axe, "shortcuts").await;
        for page in ["/documents/harbour-council", "/docs", "/documents/none"] {
            w.go(page).await;
            clean(&w, &axe, page).await;
        }
        w.size(320, 700).await;
        w.ask_and_open_quote(ANSWERABLE).await;
        clean(&w, &axe, "panel on a phone").await;
    });
}

#[test]
fn axe_finds_nothing_in_light() {
    axe_finds_nothing(Scheme::Light);
}

#[test]
fn axe_finds_nothing_in_dark() {
    axe_finds_nothing(Scheme::Dark);
}

#[test]
fn a_keyboard_is_enough() {
    with_browser(|w| async move {
        w.go("/").await;
        assert_eq!(w.focused().await, "question");
        w.ask(ANSWERABLE).await;
        assert_eq!(w.focused().await, "question", "the focus is back in the box");
        // Backwards: why, copy, thumbs, then the last source.
        let in_source = "return document.activeElement.closest('.source') !== null";
        for _ in 0..8 {
            if w.script(in_source).await == true {
                break;
            }
            w.chord(&[Key::Shift.into(), Key::Tab.into()]).await;
        }
        while w.script("return document.activeElement.dataset.quote ?? null").await == Value::Null {
            w.chord(&[Key::Shift.into(), Key::Tab.into()]).await;
        }
        w.press(Key::Enter).await;
        w.find("#panel mark").await;
        assert_eq!(w.focused().await, "panel-title");
        w.press(Key::Escape).await;
        assert_eq!(w.script(in_source).await, true);
        w.press(Key::Escape).await;
        assert_eq!(w.focused().await, "question", "Escape leads to the question");
        w.chord(&[Key::Control.into(), '/']).await;
        assert_eq!(w.script("return document.querySelector('#shortcuts').open").await, true);
        w.press(Key::Escape).await;
        assert_eq!(w.script("return document.querySelector('#shortcuts').open").await, false);
        w.chord(&[Key::Alt.into(), Key::Shift.into(), 'c']).await;
        assert_eq!(w.script("return document.querySelector('#menu').contains(document.activeElement)").await, true);
        w.press(Key::Escape).await;
        assert_eq!(w.script("return document.querySelector('#menu').open").await, false);
    });
}

#[test]
fn the_first_key_of_a_page_skips_to_what_it_is_for() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.reload().await;
        w.press(Key::Tab).await;
        assert_eq!(w.focused().await, "skip");
        w.press(Key::Enter).await;
        w.until("return location.hash === '#question' && document.activeElement.id === 'question'").await;
    });
}

#[test]
fn nothing_scrolls_sideways_at_320_pixels() {
    with_documents(|w| async move {
        w.size(320, 700).await;
        w.go("/").await;
        assert_eq!(w.script("return innerWidth").await, 320);
        assert_eq!(w.overflow().await, 0, "the empty chat");
        w.ask(ANSWERABLE).await;
        w.ask(UNANSWERABLE).await;
        w.click(WHY).await;
        w.click(".exchange:last-child .why summary").await;
        w.click(".exchange:first-child .context summary").await;
        assert_eq!(w.overflow().await, 0, "answers, refusals and reasons");
        w.click("#menu-button").await;
        assert!(w.overflow().await <= 0, "the menu");
        w.press(Key::Escape).await;
        w.go("/documents/harbour-council").await;
        assert_eq!(w.overflow().await, 0, "a document");
    });
}

#[test]
fn the_colours_follow_the_device_until_the_menu_chooses_others() {
    in_scheme(Scheme::Dark, TestApp::start, |w| async move {
        let dark = "const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number); return r + g + b < 200";
        w.go("/").await;
        assert_eq!(w.script(dark).await, true);
        w.click("#menu-button").await;
        w.enter("#theme", "light").await;
        assert_eq!(w.script(dark).await, false);
        w.go("/docs").await;
        assert_eq!(w.script(dark).await, false, "it holds for all pages");
    });
}

#[test]
fn nothing_moves_for_those_who_want_no_motion() {
    with_browser(|w| async move {
        w.go("/").await;
        w.script("window.smooth = 0; const real = Element.prototype.scrollIntoView; \
                  Element.prototype.scrollIntoView = function (o) { smooth += o?.behavior === 'smooth'; real.call(this, o); }").await;
        w.ask(ANSWERABLE).await;
        assert_eq!(w.script("return window.smooth").await, 0);
        let running = "return document.getAnimations().filter(a => a.playState === 'running').length";
        assert_eq!(w.script(running).await, 0);
    });
}
