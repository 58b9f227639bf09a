//! What every reply keeps, whatever the document and the question: asked of odd documents with every
//! form of question, once with everything answered and once as the confidence decides.

use serde_json::{Value, json};

use crate::helpers::TestApp;

const ODD: &[(&str, &[u8])] = &[
    ("empty-turns.md", b"**Ann Reed:** Who came?\n\n**Tom Lund:** Twelve ferries came in 2019.\n\n**Ann Reed:**\n\n**Tom Lund:**\n"),
    ("only-a-list.md", b"- one ferry\n- two *ferries and\n  a half*\n- three [ferries](https://example.org/x) on 5 May\n"),
    ("front-matter-alone.md", b"---\ntitle: \"A \\u0074itle\"\npublisher: The Courier\npublished: 2024-03-05\n---\n"),
    ("bare-headings.md", b"#\n\n## \n\n# A & B &amp; C\n\nThe quay &mdash; built in 1962 &mdash; is **old. Very** old.\n"),
    ("marks.md", "\u{feff}# Caf\u{e9}\r\n\r\n**M\u{e8}re \u{1f6a2}:** \u{201c}We sail,\u{201d} she said\u{2026} twice.\r\nAnd again.\r\n\r\n**\u{8bb0}\u{8005}\u{ff1a}**\u{4f60}\u{597d}\u{3002}\r\n".as_bytes()),
    ("steps.md", b"The steps are:\n\n1. Close the pier.\n2. Drive the piles.\n3. Open the pier.\n\n**Ann:** First, we close. Second, we build. And then we open.\n\n> Quoted: \"We wait,\" said Tom Lund, head of the port.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"),
];

const QUESTIONS: &[&str] = &[
    "How many turns does the interview have?",
    "How many sections are there in the article?",
    "How many people speak in the interview?",
    "How many questions did the interviewer ask in the interview?",
    "How does the interview begin?",
    "How does the interview end?",
    "What was the last question?",
    "Who published this article?",
    "When was the article published?",
    "What is the title of the document?",
    "Which sections does the article have?",
    "Who conducted the interview?",
    "Who was interviewed?",
    "Who are the speakers in the interview?",
    "Under which heading does the interview stand?",
    "In which section is the quay mentioned?",
    "What is the dateline?",
    "How many ferries came?",
    "Which steps are there?",
    "What is the second step?",
    "What is the last step?",
    "How many steps are on the list?",
    "Who said that they wait?",
    "What did Tom Lund say about waiting?",
    "What did Ann say about opening, and what did Tom Lund say about ferries?",
    "How does the interview begin, and how many turns does the interview have?",
    "Who came, and who came?",
    "Print who spoke, and what did Tom Lund say about quantum chemistry?",
    "What was the answer to this",
    "What was the answer to this: ",
    "the second",
    "why",
    "?!",
    "\u{4f60}\u{597d}\u{5417}",
    "ferries 2019",
];

#[test]
fn every_reply_keeps_the_contract_over_odd_documents_when_everything_is_answered() {
    keeps_the_contract(1e-9);
}

#[test]
fn every_reply_keeps_the_contract_over_odd_documents_as_the_confidence_decides() {
    keeps_the_contract(0.4);
}

fn keeps_the_contract(threshold: f64) {
    let value = threshold.to_string();
    let app = TestApp::with_knowledge_and(ODD, &[("DIALOGDESK_ANSWERING_THRESHOLD", &value)]);
    let slugs: Vec<&str> = ODD.iter().map(|(path, _)| path.trim_end_matches(".md")).collect();
    for question in QUESTIONS {
        check(&app, &json!({ "question": question }), threshold);
        for slug in &slugs {
            let reply = check(&app, &json!({ "question": question, "documents": [slug] }), threshold);
            for cited in reply["citations"].as_array().into_iter().chain(reply["related"].as_array()).flatten() {
                assert_eq!(cited["document"], *slug, "{question}: a hit outside the filter");
            }
        }
        check(
            &app,
            &json!({ "question": "and the last one?", "history": [{ "role": "user", "content": question }] }),
            threshold,
        );
    }
}

/// Asks, holds the reply to its promises, and gives it back.
fn check(app: &TestApp, body: &Value, threshold: f64) -> Value {
    let seen = app.ask(body);
    let text = String::from_utf8_lossy(&seen.bytes).into_owned();
    assert_eq!(seen.status, 200, "{body}: {text}");
    let reply: Value = serde_json::from_str(&text).expect("JSON");
    let confidence = reply["confidence"].as_f64().expect("a number");
    let answered = reply["outcome"] == "answered";
    assert_eq!(answered, confidence >= threshold, "{body}: {text}");
    let citations = reply["citations"].as_array().expect("a list");
    assert_eq!(answered, !citations.is_empty(), "{body}: {text}");
    let answer = reply["answer"].as_str().expect("a text");
    let mut last = 0;
    for (index, citation) in citations.iter().enumerate() {
        holds_its_bytes(app, citation);
        let mark = format!("[{}]", index + 1);
        let at = answer.find(&mark).unwrap_or_else(|| panic!("{body}: {mark} is not in {answer}"));
        assert!(at >= last, "{body}: {mark} comes out of order in {answer}");
        last = at;
        let quote = citation["quote_text"].as_str().expect("a text");
        let shown = answer.contains(quote);
        let repeats = at > 0 && answer[..at].trim_end().ends_with(']');
        assert!(shown || repeats, "{body}: {quote:?} is not shown in {answer:?}");
    }
    reply["related"].as_array().expect("a list").iter().for_each(|c| holds_its_bytes(app, c));
    reply
}

fn holds_its_bytes(app: &TestApp, citation: &Value) {
    let source = app.source(citation["document"].as_str().expect("a slug")).bytes;
    let at = |name: &str| usize::try_from(citation[name].as_u64().expect("an offset")).expect("fits");
    assert_eq!(source[at("start")..at("end")], *citation["quote"].as_str().expect("a text").as_bytes(), "{citation:#}");
    if citation["kind"] != "front_matter" {
        let passage = citation["passage"].as_str().expect("a text");
        assert!(passage.contains(citation["quote_text"].as_str().expect("a text")), "{citation:#}");
    }
}
