//! What a reader says of a reply, and what the reply says of itself.

use serde_json::json;

use super::window::Window;
use super::{ANSWERABLE, UNANSWERABLE, WHY, with_browser};

/// Confidence and threshold of a question as the API tells them, 0 to 1.
async fn judged(w: &Window, question: &str) -> (f64, f64) {
    let told = w.reply_of_api(question).await;
    (told["confidence"].as_f64().expect("a confidence"), told["trace"]["threshold"].as_f64().expect("a threshold"))
}

#[test]
fn why_this_answer_is_told_in_words_and_bars() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.click(WHY).await;
        assert_eq!(w.find(WHY).await.attr("aria-expanded").await.unwrap().unwrap(), "true");
        let told = w.text(".why").await;
        let (confidence, threshold) = judged(&w, ANSWERABLE).await;
        for part in [
            &*format!("The likelihood that the documents answer this is {:.0} %", 100.0 * confidence),
            &format!("From {:.0} % on", 100.0 * threshold),
            "Quote 1 · Dr. Mei Lin",
            "By words",
            "place 1",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let bars = "const width = css => document.querySelector(css).getBoundingClientRect(); \
                    const track = width('.why .track'); \
                    return [width('.why .fill').width / track.width, (width('.why .threshold').left - track.left) / track.width]";
        let bars = w.script(bars).await;
        assert!(
            (bars[0].as_f64().unwrap() - confidence).abs() < 0.01
                && (bars[1].as_f64().unwrap() - threshold).abs() < 0.01,
            "{bars}"
        );
        w.click(".why summary").await;
        assert!(w.text(".why table:last-of-type").await.contains("statement_coverage"));
        w.reload().await;
        w.click(WHY).await;
        assert!(w.text(".why").await.contains("place 1"), "it is kept with the conversation");
        w.click(WHY).await;
        assert_eq!(w.count(".why").await, 0);
    });
}

#[test]
fn a_refusal_says_why_too() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(UNANSWERABLE).await;
        assert_eq!(w.text(WHY).await, "Why no answer?");
        w.click(WHY).await;
        let told = w.text(".why").await;
        let (_, threshold) = judged(&w, UNANSWERABLE).await;
        let needed = format!("An answer needs {:.0} %", 100.0 * threshold);
        assert!(told.contains(&needed) && told.contains("not found"), "{needed}: {told}");
    });
}

#[test]
fn a_rating_with_its_comment_is_stored_and_shown_again() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.click(".thumb[data-rating=down]").await;
        w.find("form.comment").await;
        assert_eq!(w.script("return document.querySelector('.thumb[data-rating=down]').ariaPressed").await, "true");
        assert_eq!(w.text("form.comment label").await, "What was wrong or missing?");
        w.enter("form.comment textarea", "The second quote is too long.").await;
        w.click("form.comment [type=submit]").await;
        w.until("return document.querySelector('p.comment')?.textContent.includes('your comment is kept') ?? false")
            .await;
        assert_eq!(w.focused().await, "tool thumb", "the focus is back at the thumb");
        let stored = "return fetch('/api/v1' + location.pathname.replace('/c/', '/conversations/')).then(r => r.json()).then(c => c.exchanges[0].feedback)";
        assert_eq!(w.script(stored).await, json!({"rating": "down", "comment": "The second quote is too long."}));
        w.click(".thumb[data-rating=up]").await;
        w.until("return document.querySelector('form.comment label')?.textContent === 'What was good about it?'").await;
        w.click("form.comment .plain").await;
        assert_eq!(w.script(stored).await, json!({"rating": "up", "comment": null}));
        w.reload().await;
        let pressed = "return [...document.querySelectorAll('.thumb')].map(b => b.ariaPressed)";
        assert_eq!(w.script(pressed).await, json!(["true", "false"]));
    });
}

#[test]
fn a_rating_that_is_not_kept_is_taken_back() {
    with_browser(|w| async move {
        w.go("/").await;
        w.ask(ANSWERABLE).await;
        w.script("window.fetch = async () => new Response('{}', {status: 503})").await;
        w.click(".thumb[data-rating=up]").await;
        assert_eq!(w.text(".not-kept").await, "The rating could not be kept. Try again.");
        assert_eq!(w.script("return document.querySelector('.thumb').ariaPressed").await, "false");
    });
}
