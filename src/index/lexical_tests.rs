//! What the lexical index finds, in which order, and what it makes of words it does not know.

use super::*;
use crate::index::sample::{corpus, document};

fn index(documents: &[(&str, &str)]) -> (tempfile::TempDir, LexicalIndex) {
    let folder = tempfile::tempdir().unwrap();
    let documents =
        documents.iter().enumerate().map(|(n, (language, text))| document(&format!("d{n}"), language, text));
    write(folder.path(), &corpus(documents.collect())).unwrap();
    let index = LexicalIndex::open(folder.path()).unwrap();
    (folder, index)
}

fn english(text: &str) -> (tempfile::TempDir, LexicalIndex) {
    index(&[("en", text)])
}

fn found(index: &LexicalIndex, words: &str, filter: Option<&PassageFilter>) -> Vec<u32> {
    let query = LexicalQuery { words: words.split(' ').map(str::to_owned).collect(), exact: false };
    index.search(&query, 10, filter).iter().map(|scored| scored.passage).collect()
}

#[test]
fn a_word_in_the_body_counts_more_than_in_the_context_and_equal_passages_come_by_id() {
    let text = "harbour | ships there\nships | harbour there\nships | harbour there\nharbour | ships there\n";
    let (_folder, index) = english(text);
    assert_eq!(found(&index, "harbour", None), [1, 2, 0, 3]);
}

#[test]
fn inflected_and_accented_words_are_found_in_english() {
    let (_folder, index) = english("He planned renewable cities\nSão Paulo and the café\n");
    assert_eq!(found(&index, "city planning", None), [0]);
    assert_eq!(found(&index, "cafe", None), [1]);
    assert_eq!(found(&index, "sao", None), [1]);
    assert_eq!(index.document_frequency("Planning"), 1);
}

#[test]
fn other_languages_are_not_stemmed() {
    let (_folder, index) = index(&[("de", "die Reisen beginnen\n"), ("en", "travels begin\n")]);
    assert_eq!(found(&index, "reisen", None), [0]);
    assert!(found(&index, "reise", None).is_empty() || found(&index, "reise", None) == [0]);
    assert_eq!(found(&index, "travel", None), [1]);
}

#[test]
fn a_filter_applies_before_the_cut() {
    let text = "rain rain rain\n".repeat(20) + "rain and much else besides\n";
    let (_folder, index) = english(&text);
    let filter = PassageFilter::new(std::iter::once(20..21).collect());
    let query = LexicalQuery { words: vec!["rain".into()], exact: false };
    let best = index.search(&query, 1, Some(&filter));
    assert_eq!(best.len(), 1);
    assert_eq!(best[0].passage, 20);
    let all = index.search(&query, 30, None);
    assert_eq!(all.iter().find(|s| s.passage == 20).unwrap().score, best[0].score, "word statistics changed");
}

#[test]
fn a_misspelt_word_is_found_through_the_dictionary_and_still_scored_by_bm25() {
    let (_folder, index) =
        english("Nanning hosts mayors\nNanning Nanning Nanning\nsomething else\nthe Guangxi region\n");
    assert_eq!(index.near_words("naning", 5), [("nanning".to_owned(), 0.7)]);
    assert_eq!(found(&index, "naning", None), [1, 0]);
    assert_eq!(index.near_words("guagnxi", 5), [("guangxi".to_owned(), 0.7)]);
    let query = |word: &str, exact| LexicalQuery { words: vec![word.into()], exact };
    let exact = index.search(&query("nanning", false), 1, None)[0].score;
    let near = index.search(&query("naning", false), 1, None)[0].score;
    assert!(index.search(&query("naning", true), 1, None).is_empty(), "only as printed");
    assert!((near - 0.7 * exact).abs() < 1e-5);
}

#[test]
fn short_words_numbers_known_words_and_other_first_letters_are_not_expanded() {
    let (_folder, index) = english("the year 2026 and the cat\nsustainability\nbridge\n");
    assert!(index.near_words("2025", 5).is_empty());
    assert!(index.near_words("cta", 5).is_empty());
    assert!(index.near_words("fridge", 5).is_empty());
    assert_eq!(index.near_words("sustanabilty", 5), [("sustainability".to_owned(), 0.4)]);
    assert!(found(&index, "2025", None).is_empty());
}

#[test]
fn near_words_are_shown_as_printed_and_the_nearest_first() {
    let (_folder, index) = english("the Café\ncafés cafés\ncafés again\nstations\nstation station\nstation\n");
    assert_eq!(index.near_words("cafès", 1), [("cafés".to_owned(), 0.7)]);
    let near: Vec<_> = index.near_words("statino", 5).into_iter().map(|(word, _)| word).collect();
    assert_eq!(near, ["station"]);
}

#[test]
fn frequencies_count_passages_over_body_and_context() {
    let (_folder, index) = english("mayors | mayor mayor\nmayor | nothing\nnothing | at all\n");
    assert_eq!(index.document_frequency("mayors"), 2);
    assert_eq!(index.document_frequency("unheard"), 0);
    assert_eq!(index.document_frequency(""), 0);
}

#[test]
fn an_empty_corpus_and_an_empty_question_find_nothing() {
    let (_folder, empty) = index(&[]);
    assert_eq!(empty.passages(), 0);
    assert!(found(&empty, "anything", None).is_empty());
    let (_folder, index) = english("something\n");
    assert!(index.search(&LexicalQuery::default(), 10, None).is_empty());
    assert!(found(&index, "— ’ …", None).is_empty());
}
