//! The conversations that the browser keeps.

use fantoccini::key::Key;
use serde_json::json;

use super::{ANSWERABLE, KEPT, UNANSWERABLE, with_browser};

#[test]
fn a_conversation_has_an_address_and_survives_a_reload() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.ask(UNANSWERABLE).await;
        let path = w.script("return location.pathname").await;
        assert!(path.as_str().unwrap().starts_with("/c/"), "{path}");
        w.reload().await;
        assert_eq!(w.count(".exchange").await, 2);
        assert_eq!(w.script("return document.title").await, format!("{ANSWERABLE} · Dialogdesk"));
        w.find(".refused").await;
        w.ask("And what did Dr. Mei Lin say about trust?").await;
        assert_eq!(w.script("return location.pathname").await, path, "it goes on under its address");
    });
}

#[test]
fn conversations_are_listed_opened_and_deleted() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.click(".bar [data-new]").await;
        w.until("return location.pathname === '/' && document.querySelectorAll('.exchange').length === 0").await;
        w.ask(UNANSWERABLE).await;
        w.click("#menu-button").await;
        let listed = "return [...document.querySelectorAll('#conversations a')].map(a => a.textContent)";
        assert_eq!(w.script(listed).await, json!([UNANSWERABLE, ANSWERABLE]), "the last used is first");
        w.click("#conversations li:nth-child(2) a").await;
        w.until(&format!("return document.querySelector('.asked')?.textContent.includes({ANSWERABLE:?}) ?? false"))
            .await;
        if w.script("return !document.querySelector('#menu').open").await == true {
            w.click("#menu-button").await;
        }
        w.click("#conversations li:nth-child(2) .tool").await;
        w.click(".confirm .plain").await;
        assert_eq!(w.script(listed).await.as_array().unwrap().len(), 2, "nothing is deleted without a second word");
        w.click("#conversations li:nth-child(2) .tool").await;
        w.click(".confirm .danger").await;
        w.until("return document.querySelectorAll('#conversations li').length === 1").await;
        assert_eq!(w.script("return location.pathname").await, "/", "the one that was open is gone");
        assert_eq!(w.script(listed).await, json!([UNANSWERABLE]));
    });
}

#[test]
fn the_way_back_of_the_browser_leads_to_the_conversation_before() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.chord(&[Key::Alt.into(), Key::Shift.into(), 'n']).await;
        w.until("return location.pathname === '/'").await;
        assert_eq!(w.count(".exchange").await, 0);
        w.client.back().await.unwrap();
        w.find(".reply[data-outcome=answered]").await;
    });
}

#[test]
fn what_the_browser_kept_badly_is_passed_over() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        let spoil = "const put = (id, value) => localStorage.setItem('dialogdesk.conversation.' + id, value); \
             put('a', '{'); put('b', 'null'); put('c', '[]'); put('d', JSON.stringify({id: 'd', updated: 1, exchanges: {}})); \
             put('e', JSON.stringify({id: 'e', updated: 'x', exchanges: [null, {question: 'q'}, {question: 'q', reply: {}}]})); \
             put('f', JSON.stringify({...kept, id: 'f', exchanges: [...kept.exchanges, {question: 'q', reply: {...kept.exchanges[0].reply, citations: [{n: 'x'}]}}]})); \
             localStorage.setItem('dialogdesk.theme', '{}'); localStorage.setItem('dialogdesk.menu', '1')";
        w.script(&format!("{KEPT} {spoil}")).await;
        w.reload().await;
        w.find(".reply[data-outcome=answered]").await;
        w.click("#menu-button").await;
        assert_eq!(w.count("#conversations a").await, 2, "the good one and the good part of the last");
        w.go("/c/f").await;
        assert_eq!(w.count(".exchange").await, 1);
        w.go("/c/e").await;
        assert!(w.text("#missing").await.contains("neither in this browser nor on the server"));
    });
}

#[test]
fn the_browser_keeps_fifty_conversations_and_the_last_of_a_long_one() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        let fill = "for (let i = 10; i < 80; i += 1) localStorage.setItem('dialogdesk.conversation.old' + i, \
               JSON.stringify({...kept, id: 'old' + i, updated: '2020-01-' + i})); \
             const long = {...kept, exchanges: Array.from({length: 40}, () => kept.exchanges[0])}; \
             localStorage.setItem(key, JSON.stringify(long))";
        w.script(&format!("{KEPT} {fill}")).await;
        w.reload().await;
        w.ask(UNANSWERABLE).await;
        let kept = "return Object.keys(localStorage).filter(k => k.startsWith('dialogdesk.conversation.')).length";
        assert_eq!(w.script(kept).await, 50);
        let size = "return Math.max(...Object.keys(localStorage).map(k => localStorage[k].length)) <= 90000";
        assert_eq!(w.script(size).await, true);
        w.reload().await;
        assert_eq!(w.text(".exchange:last-child .refused-label").await, "Not in the documents");
    });
}

#[test]
fn a_browser_that_keeps_nothing_still_answers() {
    with_browser(|w| async move {
        w.go("/").await;
        w.script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }").await;
        w.ask(ANSWERABLE).await;
        w.find(".reply[data-outcome=answered]").await;
    });
}

#[test]
fn a_conversation_opens_by_its_address_in_another_browser_and_is_deleted_on_the_server() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.click(".thumb[data-rating=up]").await;
        w.find("form.comment").await;
        w.ask("And what did she say about trust?").await;
        let address = w.script("return location.pathname").await.as_str().unwrap().to_owned();
        // Another browser has nothing of it.
        w.script("localStorage.clear()").await;
        w.go(&address).await;
        assert_eq!(w.count(".reply[data-outcome=answered]").await, 2);
        assert!(w.text(".read-as").await.contains("Lin"));
        assert_eq!(w.script("return document.querySelector('.thumb').ariaPressed").await, "true");
        w.click(".exchange:first-child .tools > [aria-expanded]").await;
        assert!(w.text(".why").await.contains("How it came about was not kept."));
        w.ask("And about innovation?").await;
        assert_eq!(w.script("return location.pathname").await, address, "it goes on");
        w.click("#menu-button").await;
        w.click("#conversations .tool").await;
        w.click(".confirm .danger").await;
        w.until("return document.querySelector('#toast').textContent === 'The conversation is deleted.'").await;
        w.go(&address).await;
        w.until("return !document.querySelector('#missing').hidden").await;
    });
}

#[test]
fn a_conversation_that_is_deleted_while_it_is_answered_stays_away() {
    // The answer is given up when that is asked for, or is there already and was only not read.
    for heard in [true, false] {
        with_browser(|w| async move {
            w.go("/").await;
            w.ask(ANSWERABLE).await;
            let address = w.script("return location.pathname").await.as_str().unwrap().to_owned();
            w.collect_errors().await;
            w.hold_answers_back(heard).await;
            w.enter("#question", "And what did she say about trust?").await;
            w.press(Key::Enter).await;
            w.until("return 'goOn' in window").await;
            w.click("#menu-button").await;
            w.click("#conversations li:has([aria-current]) .tool").await;
            w.click(".confirm .danger").await;
            w.until("return document.querySelector('#toast').textContent === 'The conversation is deleted.'").await;
            w.script("window.goOn()").await;
            w.until("return document.querySelector('#composer').ariaBusy === 'false'").await;
            assert_eq!(
                w.script("return Object.keys(localStorage).filter(k => k.includes('conversation'))").await,
                json!([])
            );
            let shown = "return [location.pathname, document.querySelectorAll('.exchange, #conversations a').length]";
            assert_eq!(w.script(shown).await, json!(["/", 0]), "nothing of it is shown");
            assert_eq!(w.script("return window.errors").await, json!([]));
            w.go(&address).await;
            w.until("return !document.querySelector('#missing').hidden").await;
        });
    }
}
