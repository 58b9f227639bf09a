//! What an answer is made of, by kind of question, on a document written for it: each asks for what
//! the structure settles, so that no reading of the model decides.

use serde_json::{Value, json};

use crate::helpers::TestApp;

const FAIR: &str = "---\ntitle: \"The seed fair of Ollerby\"\npublisher: \"Ollerby News\"\nspeakers:\n  \"Ollerby News\": [\"Ollerby News\"]\n  \"Runa Feld\": [\"Runa Feld\", \"R. Feld\"]\n---\n\
# The seed fair of Ollerby\n\n\
Growers from nine valleys met in the corn hall of Ollerby in March to swap seeds and to agree on rules for the exchange. The fair was held for the twelfth time.\n\n\
## Rules for sellers\n\nThe committee agreed on these rules for sellers:\n\n\
- Name the valley: every packet says where the seed was grown.\n\
- Weigh in the morning: the scales close at nine.\n\
- Pay the fee: two crowns a table.\n\n\
## Advice for gardeners\n\nThe committee gave this advice to gardeners:\n\n\
1. Sow late, after the last frost.\n\
2. Water in the evening.\n\
3. Keep a third of the seed for the next year.\n\
4. Share what is left.\n\n\
## Interview\n\n\
**Ollerby News:** What do you think of the fee for the tables?\n\n\
**Runa Feld:** Thank you.\n\n\
**Ollerby News:** And what do you think of the fee for the tables, all the same?\n\n\
**Runa Feld:** The fee for the tables is fair, because the hall has to be heated. Nobody has complained to me.\n";

fn fair() -> TestApp {
    TestApp::with_knowledge(&[("fair.md", FAIR.as_bytes())])
}

/// The quotes of an answer as a reader sees them.
fn quotes(reply: &Value) -> Vec<&str> {
    assert_eq!(reply["outcome"], "answered", "{reply:#}");
    reply["citations"].as_array().unwrap().iter().filter_map(|c| c["quote_text"].as_str()).collect()
}

#[test]
fn a_list_is_answered_with_all_its_items_and_two_lists_are_told_apart_by_their_part() {
    let app = fair();
    let sellers = app.answer("Which rules for sellers did the committee agree on?");
    let found = quotes(&sellers);
    for item in ["Name the valley", "Weigh in the morning", "Pay the fee"] {
        assert!(found.iter().any(|q| q.starts_with(item)), "{item}: {sellers:#}");
    }
    assert!(!found.iter().any(|q| q.contains("Sow late")), "{sellers:#}");
    let gardeners = app.answer("List the advice for gardeners");
    let found = quotes(&gardeners);
    assert_eq!(found.iter().filter(|q| q.contains("Sow late") || q.contains("Share what is left")).count(), 2);
    assert!(!found.iter().any(|q| q.contains("Pay the fee")), "{gardeners:#}");
}

#[test]
fn one_item_is_asked_for_by_its_number_and_one_that_is_not_there_is_refused() {
    let app = fair();
    for question in
        ["What is the third rule for sellers?", "What is number three of the rules for sellers in the bullet list?"]
    {
        let reply = app.answer(question);
        assert_eq!(quotes(&reply), ["Pay the fee: two crowns a table."], "{question}");
    }
    let last = app.answer("What is the last piece of advice for gardeners?");
    assert_eq!(quotes(&last), ["Share what is left."]);
    let beyond = app.ask(&json!({"question": "What is the seventh rule for sellers?", "explain": true})).json();
    assert_eq!(beyond["outcome"], "abstained", "{beyond:#}");
    assert_eq!(beyond["trace"]["reason"], "no_such_item", "{beyond:#}");
}

#[test]
fn a_very_short_turn_does_not_outrank_what_has_content() {
    let reply = fair().answer("What does Runa Feld think of the fee for the tables?");
    let found = quotes(&reply);
    assert!(found[0].starts_with("The fee for the tables is fair"), "{reply:#}");
    assert!(!found.contains(&"Thank you."), "{reply:#}");
    let hits = fair().search(&json!({"query": "fee for the tables", "limit": 10})).json();
    let rank = |text: &str| {
        hits["hits"].as_array().unwrap().iter().position(|hit| hit["text"].as_str().unwrap().contains(text))
    };
    let content = rank("The fee for the tables is fair").unwrap();
    assert!(rank("Thank you.").is_none_or(|short| short > content), "{hits:#}");
}

#[test]
fn what_a_document_is_about_is_answered_with_its_beginning() {
    let app = fair();
    for question in ["What is the article about?", "What is this text about, in short?", "What does the report cover?"]
    {
        let reply = app.answer(question);
        assert!(quotes(&reply)[0].starts_with("Growers from nine valleys met"), "{question}: {reply:#}");
    }
}

#[test]
fn an_outlet_is_no_answer_to_who_its_journalist_is() {
    let app = fair();
    assert!(app.answer("Who conducted the interview?")["answer"].as_str().unwrap().contains("Ollerby News"));
    let reply = app
        .ask(&json!({"question": "What is the name of the journalist who did the interview?", "explain": true}))
        .json();
    let settled = reply["citations"].as_array().unwrap().iter().any(|c| c["speaker"] == "Ollerby News");
    assert!(!settled, "{reply:#}");
}
