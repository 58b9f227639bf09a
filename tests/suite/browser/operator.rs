//! The operator's page, and signing in.

use dialogdesk::http::access::KeyHash;
use fantoccini::key::Key;
use serde_json::json;

use super::access::{axe, clean};
use super::languages::{LANGUAGES, texts};
use super::window::Window;
use super::{ANSWERABLE, Scheme, UNANSWERABLE, in_scheme};
use crate::helpers::{ADMIN_KEY, READER_KEY, TestApp};

/// Someone asks in vain and somebody complains, with words that are no words.
fn report_of_strangers() -> TestApp {
    let app = TestApp::with_admin_key();
    let hostile = "How many <script>window.hacked=1</script> & \"quotes\" does Reykjavik have?";
    for question in [ANSWERABLE, UNANSWERABLE, UNANSWERABLE, hostile] {
        let reply = app.answer(question);
        let comment = "<img src=x onerror=\"window.hacked=1\">\nSecond line";
        app.feedback(&json!({ "reply_id": reply["id"], "rating": "down", "comment": comment }));
    }
    app
}

async fn see_report(w: &Window, scheme: &str) {
    let open = async |path: &str| w.client.goto(&format!("{}{path}", w.app)).await.expect("opened");
    open("/admin/report?since=7").await;
    w.screenshot(&format!("sign-in-1280-{scheme}")).await;
    w.enter("#key", "not the key").await;
    w.click(".primary").await;
    assert!(w.text("#failed").await.contains("not known"));
    let looks = "const looks = getComputedStyle(document.querySelector('#failed')); \
                 return [looks.backgroundColor !== 'rgba(0, 0, 0, 0)', looks.borderStyle]";
    assert_eq!(w.script(looks).await, json!([true, "solid"]), "it is set off");
    w.screenshot(&format!("sign-in-failed-1280-{scheme}")).await;
    let axe = axe();
    if let Some(axe) = &axe {
        clean(w, axe, "signing in").await;
    }
    w.enter("#key", ADMIN_KEY).await;
    w.press(Key::Enter).await;
    w.until("return document.querySelector('h1').textContent === 'What was asked'").await;
    assert_eq!(w.script("return [location.pathname, location.search]").await, json!(["/admin/report", "?since=7"]));
    assert!(w.text("[aria-labelledby=refused] tbody tr").await.contains('2'), "the most frequent comes first");
    assert!(w.text(".rated").await.contains("<img src=x"), "words are shown as they are");
    assert!(w.text("[aria-labelledby=recent] tbody tr:last-child").await.starts_with(ANSWERABLE), "all are listed");
    assert_eq!(w.script("return [window.hacked ?? null, document.cookie]").await, json!([null, ""]));
    w.screenshot(&format!("report-1280-{scheme}")).await;
    if let Some(axe) = &axe {
        clean(w, axe, "the report").await;
    }
    w.size(320, 700).await;
    assert_eq!(w.overflow().await, 0, "the report at 320 pixels");
    w.screenshot(&format!("report-320-{scheme}")).await;
    w.asked_nobody_else().await;
    w.click(".bar button").await;
    w.find("#question").await;
    open("/admin/report").await;
    w.find("#key").await;
}

#[test]
fn the_operator_signs_in_and_reads_what_was_asked() {
    in_scheme(Scheme::Light, report_of_strangers, |w| async move { see_report(&w, "light").await });
    in_scheme(Scheme::Dark, report_of_strangers, |w| async move { see_report(&w, "dark").await });
}

#[test]
fn a_person_with_a_key_signs_in_once_and_asks() {
    let start = || {
        let hash = KeyHash::of(READER_KEY).to_string();
        let required = [
            ("DIALOGDESK_ACCESS_REQUIRED", "true"),
            ("DIALOGDESK_ADMIN_KEY", ADMIN_KEY),
            ("DIALOGDESK_ACCESS_READ_KEYS", hash.as_str()),
        ];
        TestApp::with_knowledge_and(&[("harbour.md", b"# Harbour\n\nThe harbour was opened in 1923.\n")], &required)
    };
    in_scheme(Scheme::Light, start, |w| async move {
        w.client.goto(&format!("{}/documents/harbour", w.app)).await.expect("opened");
        w.enter("#key", ADMIN_KEY).await;
        w.press(Key::Enter).await;
        w.until("return document.querySelector('h1').textContent === 'Harbour'").await;
        w.client.goto(&w.app).await.expect("opened");
        w.ask("When was the harbour opened?").await;
        w.find(".reply[data-outcome]").await;
        w.click("#menu-button").await;
        assert_eq!(w.text("#menu [href='/admin/report']").await, "What was asked");
        w.click("#menu [action='/sign-out'] button").await;
        w.enter("#key", READER_KEY).await;
        w.press(Key::Enter).await;
        w.find("#question").await;
        w.click("#menu-button").await;
        w.find("#menu [action='/sign-out'] button").await;
        assert_eq!(w.count("#menu [href='/admin/report']").await, 0, "it is for the operator");
        w.press(Key::Escape).await;
        // The session ends while the page is open.
        w.client.delete_all_cookies().await.expect("deleted");
        w.enter("#question", "Who opened the harbour?").await;
        w.press(Key::Enter).await;
        w.until("return document.querySelector('.exchange:last-child')?.textContent.includes('You are signed out')")
            .await;
        w.client.refresh().await.expect("loaded");
        w.find("#key").await;
    });
}

#[test]
fn signing_in_and_the_report_speak_the_language_of_the_menu() {
    in_scheme(Scheme::Light, report_of_strangers, |w| async move {
        w.size(320, 700).await;
        w.client.goto(&format!("{}/admin/report", w.app)).await.expect("opened");
        let choose = |language: &str| format!("document.cookie = 'dialogdesk_language={language}; path=/'");
        for language in LANGUAGES {
            w.script(&choose(language)).await;
            w.client.refresh().await.expect("loaded");
            assert_eq!(w.text("h1").await, texts(language)["sign_in"]);
            assert_eq!(w.overflow().await, 0, "signing in, {language}");
        }
        w.enter("#key", ADMIN_KEY).await;
        w.press(Key::Enter).await;
        w.until("return Boolean(document.querySelector('.report'))").await;
        for language in LANGUAGES {
            w.script(&choose(language)).await;
            w.client.refresh().await.expect("loaded");
            assert_eq!(w.text("h1").await, texts(language)["report_title"]);
            assert_eq!(w.script("return document.documentElement.lang").await, language);
            assert_eq!(w.overflow().await, 0, "the report, {language}");
            w.screenshot(&format!("report-320-{language}")).await;
        }
    });
}
