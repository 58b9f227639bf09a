//! Screenshots at three widths in both schemes, for people to look at (`target/screenshots`).

use fantoccini::key::Key;

use super::{ANSWERABLE, Scheme, UNANSWERABLE, WHY, in_scheme, several_documents};

async fn shoot(w: &super::Window, width: u32, scheme: &str) {
    let name = |what: &str| format!("{what}-{width}-{scheme}");
    w.size(width, if width < 500 { 700 } else { 900 }).await;
    w.go("/").await;
    w.screenshot(&name("empty")).await;
    w.ask(ANSWERABLE).await;
    w.screenshot(&name("answer")).await;
    w.open_quote().await;
    w.screenshot(&name("panel")).await;
    w.press(Key::Escape).await;
    w.ask("What did she say about trust?").await;
    w.screenshot(&name("follow-up")).await;
    w.ask(UNANSWERABLE).await;
    w.find(".reply[data-outcome=abstained]").await;
    w.screenshot(&name("refusal")).await;
    w.click(WHY).await;
    w.script("document.querySelector('.why').scrollIntoView({block: 'start'})").await;
    w.screenshot(&name("why")).await;
    w.click(".bar [data-sources]").await;
    w.find(".shelf li").await;
    w.screenshot(&name("sources")).await;
    w.press(Key::Escape).await;
    w.click("#menu-button").await;
    w.screenshot(&name("menu")).await;
    w.go("/documents/harbour-council").await;
    w.screenshot(&name("document")).await;
}

fn shoot_all(scheme: Scheme, name: &'static str) {
    in_scheme(scheme, several_documents, |w| async move {
        for width in [320, 768, 1280] {
            shoot(&w, width, name).await;
            w.go("/").await;
            w.script("localStorage.clear()").await;
        }
    });
}

#[test]
fn the_pages_are_pictured_in_light() {
    shoot_all(Scheme::Light, "light");
}

#[test]
fn the_pages_are_pictured_in_dark() {
    shoot_all(Scheme::Dark, "dark");
}
