//! Asking: answers, refusals, follow-ups and how they were read, errors.

use fantoccini::key::Key;
use serde_json::json;

use super::{ANSWERABLE, KEPT, UNANSWERABLE, WHY, with_browser};

#[test]
fn an_answer_shows_quotes_with_their_speakers_and_numbers() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        assert_eq!(w.text(".reply[data-outcome=answered] .said-by").await, "Dr. Mei Lin");
        let told = w.reply_of_api(ANSWERABLE).await;
        let citations = told["citations"].as_array().unwrap();
        let quote = citations[0]["quote_text"].as_str().unwrap();
        assert!(w.text(".answer blockquote").await.contains(quote), "{quote}");
        assert_eq!(w.text(".answer .marker").await, "1");
        assert_eq!(w.count(".answer .marker").await, w.count(".source").await);
        assert_eq!(w.script("return document.querySelector('.answer blockquote').closest('[lang]').lang").await, "en");
        let announced = format!("Answer with {} quote", citations.len());
        assert!(w.text("#status").await.starts_with(&announced), "{announced}");
        assert_eq!(w.focused().await, "question", "the focus is back in the box");
    });
}

#[test]
fn what_was_found_is_told_before_the_answer() {
    with_browser(|w| async move {
        w.go("/").await;
        w.hold_answers_back(true).await;
        w.enter("#question", ANSWERABLE).await;
        w.press(Key::Enter).await;
        w.until("return document.querySelector('.waiting-words').textContent === 'Reading 10 passages.'").await;
        assert!(w.text(".nearest").await.contains("Dr. Mei Lin"));
        assert_eq!(w.script("return document.querySelector('#send').textContent.trim()").await, "Stop");
        w.script("window.goOn()").await;
        w.find(".reply[data-outcome=answered]").await;
    });
}

#[test]
fn a_question_that_is_stopped_comes_back_into_the_box() {
    with_browser(|w| async move {
        w.go("/").await;
        w.script(
            "window.fetch = (url, { signal }) => new Promise((_, fail) => \
             signal.addEventListener('abort', () => fail(signal.reason)))",
        )
        .await;
        w.enter("#question", ANSWERABLE).await;
        w.press(Key::Enter).await;
        w.find(".waiting").await;
        w.click("#send").await;
        w.until(&format!("return document.querySelector('#question').value === {ANSWERABLE:?}")).await;
        assert_eq!(w.count(".exchange").await, 0);
    });
}

#[test]
fn a_refusal_looks_different_and_offers_passages_and_questions_that_are_answered() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.ask(UNANSWERABLE).await;
        let background = "background-color";
        let (refused, answered) = (w.find(".refused").await, w.find(".answered").await);
        assert_ne!(refused.css_value(background).await.unwrap(), answered.css_value(background).await.unwrap());
        assert_eq!(w.text(".refused-label").await, "Not in the documents");
        assert!(w.count(".refused .source blockquote").await > 0, "the nearest passages");
        w.click(".refused .suggestion").await;
        w.find(".exchange:nth-child(3) .reply[data-outcome=answered]").await;
    });
}

#[test]
fn a_suggestion_of_the_empty_chat_is_answered() {
    with_browser(|w| async move {
        w.go("/").await;
        let question = w.text(".suggestion").await;
        w.click(".suggestion").await;
        w.find(".reply[data-outcome=answered]").await;
        assert!(w.text(".asked").await.contains(&question));
    });
}

#[test]
fn a_follow_up_is_read_with_what_came_before_and_can_be_asked_as_written() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask("What did Dr. Mei Lin say about cultural exchanges?").await;
        assert_eq!(w.count(".read-as").await, 0, "the question says all itself");
        w.ask("And on openness?").await;
        let read = w.text(".read-as").await;
        assert!(read.starts_with("Read as:") && read.contains("Lin"), "{read}");
        w.click(".read-as button").await;
        w.until("return document.querySelector('.read-as')?.textContent.startsWith('Taken as a question of its own.')")
            .await;
        let read = format!("{KEPT} return kept.exchanges[1].reply.interpreted_question");
        assert_eq!(w.script(&read).await, "And on openness?");
        assert_eq!(w.count(".exchange").await, 2, "the reply takes the place of the one before");
        w.click(".read-as button").await;
        w.until("return document.querySelector('.read-as')?.textContent.startsWith('Read as:')").await;
    });
}

#[test]
fn the_arrow_up_takes_up_the_question_before() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.press(Key::Up).await;
        assert_eq!(w.script("return document.querySelector('#question').value").await, ANSWERABLE);
    });
}

#[test]
fn an_error_is_told_in_words_and_can_be_tried_again() {
    with_browser(|w| async move {
        w.go("/").await;
        w.offline().await;
        w.ask(ANSWERABLE).await;
        assert!(w.text(".failed p").await.contains("could not be reached"));
        w.script("window.fetch = async () => new Response(JSON.stringify({detail: 'x'}), {status: 429})").await;
        w.click(".failed button").await;
        w.until("return document.querySelector('.failed p')?.textContent.includes('Many questions') ?? false").await;
        w.online().await;
        w.click(".failed button").await;
        w.find(".reply[data-outcome=answered]").await;
        assert_eq!(w.count(".exchange").await, 1);
    });
}

#[test]
fn the_pages_break_none_of_their_own_rules() {
    with_browser(|w| async move {
        w.go("/").await;
        w.script(
            "window.broken = []; addEventListener('securitypolicyviolation', \
             e => broken.push(e.violatedDirective + ' ' + e.blockedURI))",
        )
        .await;
        w.ask(ANSWERABLE).await;
        w.click(WHY).await;
        w.open_quote().await;
        assert_eq!(w.script("return window.broken").await, json!([]));
        w.asked_nobody_else().await;
    });
}
