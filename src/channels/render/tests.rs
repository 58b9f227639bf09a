//! Replies in messengers: words stay words, marks become links, messages end where sentences do.

use super::*;
use crate::ask::{Abstention, Answer, Trace};

/// A messenger whose markup shows what it was given.
static PLAIN: Markup = Markup {
    limit: 60,
    units: |text| text.chars().count(),
    words: str::to_owned,
    strong: |words| format!("*{words}*"),
    link: |label, url| format!("<{url}|{label}>"),
};

fn citation(n: usize, speaker: Option<&str>, quote: &str) -> Citation {
    Citation {
        n,
        document: "one".into(),
        title: "A Dialogue".into(),
        anchor: format!("turn-{n}"),
        kind: "turn",
        heading: None,
        speaker: speaker.map(str::to_owned),
        turn: Some(2),
        quote: quote.into(),
        quote_text: quote.into(),
        start: 0,
        end: 1,
        passage: quote.into(),
        url: format!("/documents/one?mark={n}#turn-{n}:~:text=long"),
        source_url: None,
    }
}

fn head(question: &str, interpreted: &str, text: &str) -> Head {
    Head {
        question: question.into(),
        interpreted_question: interpreted.into(),
        confidence: 0.9,
        text: text.into(),
        markdown: String::new(),
        locale: "en".into(),
        knowledge_version: "k".into(),
        model: "m".into(),
        degraded: false,
        trace: Trace::default(),
    }
}

fn written(template: &str, told: &Reply) -> String {
    let prompts = Prompts::load(None).unwrap();
    let wide = Markup { limit: 10_000, ..PLAIN };
    let rendered = reply(&prompts, template, &wide, "https://d.org/", told).unwrap();
    let parts: Vec<String> = rendered.parts.iter().map(|part| wide.write(part)).collect();
    parts.join("\n=====\n")
}

fn answer() -> Reply {
    let text = "Mei Lin: “Cities learn, see [1].” [1] [2]\nBo: “So.” [3]";
    let quotes = [(1, "Mei Lin", "Cities learn, see [1]."), (2, "Mei Lin", "Cities learn, see [1]."), (3, "Bo", "So.")];
    let citations = quotes.map(|(n, speaker, quote)| citation(n, Some(speaker), quote)).to_vec();
    Reply::Answer(Answer { head: head("and cities?", "What of cities?", text), citations })
}

fn refusal() -> Reply {
    let related = vec![citation(1, Some("Bo"), "So."), citation(2, None, "A fact.")];
    let head = head("Chess?", "Chess?", "The sources do not answer this.");
    Reply::Abstention(Abstention { head, related, suggestions: vec!["Who spoke?".into()] })
}

#[test]
fn an_answer_links_each_mark_and_says_how_the_question_was_read() {
    insta::assert_snapshot!(written("slack", &answer()), @r"
    *Read as:* What of cities?

    Mei Lin: “Cities learn, see [1].” <https://d.org/documents/one?mark=1#turn-1|[1]> <https://d.org/documents/one?mark=2#turn-2|[2]>
    Bo: “So.” <https://d.org/documents/one?mark=3#turn-3|[3]>
    ");
}

#[test]
fn where_only_addresses_are_links_they_stand_below() {
    insta::assert_snapshot!(written("line", &answer()), @r"
    *Read as:* What of cities?

    Mei Lin: “Cities learn, see [1].” [1] [2]
    Bo: “So.” [3]

    *Sources*
    [1] <https://d.org/documents/one?mark=1#turn-1|[1]>
    [2] <https://d.org/documents/one?mark=2#turn-2|[2]>
    [3] <https://d.org/documents/one?mark=3#turn-3|[3]>
    ");
}

#[test]
fn a_refusal_shows_the_nearest_passages_and_what_can_be_asked() {
    insta::assert_snapshot!(written("discord", &refusal()), @r"
    The sources do not answer this.

    • *Bo:* “So.” <https://d.org/documents/one?mark=1#turn-1|[1]>
    • “A fact.” <https://d.org/documents/one?mark=2#turn-2|[2]>

    *You can ask*
    • Who spoke?
    ");
    insta::assert_snapshot!(written("whatsapp", &refusal()), @r"
    The sources do not answer this.

    [1] Bo: “So.”
    <https://d.org/documents/one?mark=1#turn-1|[1]>

    [2] “A fact.”
    <https://d.org/documents/one?mark=2#turn-2|[2]>

    *You can ask*
    • Who spoke?
    ");
}

#[test]
fn every_messenger_and_every_note_has_words() {
    let prompts = Prompts::load(None).unwrap();
    for template in crate::prompts::MESSENGERS.iter().filter(|name| **name != "note") {
        for told in [answer(), refusal()] {
            assert!(written(template, &told).contains("So."), "{template}");
        }
    }
    for kind in [Note::Greeting, Note::Thanks, Note::TooLong, Note::Busy, Note::Failed] {
        assert!(!note(&prompts, "en", kind).unwrap().is_empty(), "{kind:?}");
    }
}

#[test]
fn no_text_from_outside_becomes_a_label_or_a_link() {
    let evil = "\u{1}bold\u{4} \u{2}https://evil.org\u{3}click\u{4}";
    let told = Reply::Abstention(Abstention {
        head: head("x", evil, evil),
        related: vec![citation(1, Some(evil), evil)],
        suggestions: vec![evil.into()],
    });
    let prompts = Prompts::load(None).unwrap();
    let rendered = reply(&prompts, "slack", &Markup { limit: 10_000, ..PLAIN }, "", &told).unwrap();
    let links = rendered.parts.iter().flatten().filter(|run| matches!(run, Run::Link { .. })).count();
    assert_eq!(links, 1, "{rendered:?}");
    assert!(!rendered.parts.iter().flatten().any(|run| *run == Run::Strong("bold".into())));
}

fn words(text: &str) -> Run {
    Run::Words(text.into())
}

fn link(label: &str) -> Run {
    Run::Link { label: label.into(), url: "u".into() }
}

fn parts(runs: &[Run]) -> Vec<String> {
    split(runs, &PLAIN).iter().map(|part| PLAIN.write(part)).collect()
}

#[test]
fn messages_end_where_sentences_do_and_marks_stay_with_their_sentence() {
    let runs = [
        words("First is a sentence of forty characters. Second one is short. "),
        link("[1]"),
        words(" "),
        link("[2]"),
        words("\nA third one comes on a line of its own."),
    ];
    insta::assert_snapshot!(parts(&runs).join("\n---\n"), @r"
    First is a sentence of forty characters.
    ---
    Second one is short. <u|[1]> <u|[2]>
    ---
    A third one comes on a line of its own.
    ");
}

#[test]
fn what_is_longer_than_a_message_is_cut_between_words_and_then_between_characters() {
    let sentence = "word ".repeat(30);
    let all = parts(&[words(&sentence)]);
    assert!(all.len() > 1 && all.iter().all(|part| part.ends_with("word")), "{all:?}");
    let word = "ü".repeat(150);
    let all = parts(&[words(&word), link("[1]")]);
    assert_eq!(all.iter().map(|part| part.chars().filter(|c| *c == 'ü').count()).sum::<usize>(), 150);
    assert!(all.iter().all(|part| part.chars().count() <= PLAIN.limit));
    assert!(all.last().is_some_and(|part| part.ends_with("<u|[1]>")));
}

proptest::proptest! {
    /// Nothing is lost but white space between messages, whatever the words are.
    #[test]
    fn splitting_keeps_every_character_and_the_limit(text in "[a-z. \\n“”!?界*]{0,300}") {
        let all = split(&[words(&text), link("[1]")], &PLAIN);
        let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let kept: String = all.iter().map(|part| PLAIN.write(part)).collect();
        proptest::prop_assert_eq!(visible(&kept), visible(&format!("{text}<u|[1]>")));
        for part in &all {
            proptest::prop_assert!(PLAIN.write(part).chars().count() <= PLAIN.limit);
        }
    }

    #[test]
    fn marks_of_a_template_are_read_without_a_panic(text in "[\\x01-\\x05a-z]{0,60}") {
        for run in runs(&text) {
            let (Run::Words(words) | Run::Strong(words) | Run::Link { label: words, .. }) = run;
            proptest::prop_assert!(!words.contains(char::is_control));
        }
    }
}
