//! What the parser makes of files, one habit of authors at a time.

use super::parse;
use crate::corpus::{Block, BlockKind, Document, Severity};

/// Each block as `anchor: text`, front matter left out.
fn blocks(source: &str) -> Vec<String> {
    let shown = |b: &Block| format!("{}: {}", b.anchor, b.text.text);
    body(&parse("a.md", source)).into_iter().map(shown).collect()
}

fn body(document: &Document) -> Vec<&Block> {
    document.blocks.iter().filter(|b| !matches!(b.kind, BlockKind::FrontMatter { .. })).collect()
}

/// Each quotable part of each turn, with its item position.
fn parts(document: &Document) -> Vec<(String, Option<usize>)> {
    let of = |b: &Block| b.parts.iter().map(|p| (b.text.text[p.range.clone()].to_owned(), p.item)).collect::<Vec<_>>();
    document.blocks.iter().filter(|b| b.turn().is_some()).flat_map(of).collect()
}

fn problems(source: &str) -> Vec<(Severity, usize, String)> {
    parse("a.md", source).problems.into_iter().map(|p| (p.severity, p.line, p.message)).collect()
}

/// The bytes quoted for the first `words` in the document, and what they read as.
fn quote<'a>(document: &'a Document, words: &str) -> (&'a str, &'a str) {
    for block in &document.blocks {
        if let Some(at) = block.text.text.find(words) {
            let (bytes, read) = block.text.quote(at..at + words.len()).expect("inside the text");
            return (&document.source[bytes], &block.text.text[read]);
        }
    }
    panic!("no block holds {words:?}");
}

#[test]
fn paragraphs_items_quotes_rows_and_code_count_as_p_and_headings_do_not() {
    let source = "# Title\n\nOne\ntwo.\n\n- a\n- b\n  - b1\n\n    b1 more\n- - only inner\n\n> said\n>\n> again\n\n\
                  | h | i |\n|---|---|\n| c | d |\n\n---\n\n```rust\nlet x;\n\nlet y;\n```\n\n<!-- note -->\n\nEnd";
    let expected = [
        "title: Title",
        "p-1: One two.",
        "p-2: a",
        "p-3: b",
        "p-4: b1 b1 more",
        "p-5: only inner",
        "p-6: said",
        "p-7: again",
        "p-8: h i",
        "p-9: c d",
        "p-10: let x; let y;",
        "p-11: End",
    ];
    assert_eq!(blocks(source), expected);
}

#[test]
fn an_item_keeps_its_own_paragraphs_apart_from_its_sub_items() {
    let document = parse("a.md", "1. first\n\n   - inner\n\n   last words\n2. second\n");
    let shown: Vec<_> = document.blocks.iter().map(|b| (b.text.text.as_str(), b.kind.clone())).collect();
    let item = |list, position| BlockKind::ListItem { list, position };
    assert_eq!(shown, [("first last words", item(0, 1)), ("inner", item(1, 1)), ("second", item(0, 2))]);
    assert_eq!(document.blocks[0].parts.len(), 2);
    assert_eq!(document.lists[0].items, [0, 2]);
    assert_eq!(document.lists[1].lead_in, Some(0));
    assert!(document.lists[0].ordered && !document.lists[1].ordered);
    assert_eq!(&document.source[document.blocks[2].range.clone()], "2. second");
}

#[test]
fn a_list_is_led_in_by_the_paragraph_right_before_it() {
    let lead = |source: &str| {
        let document = parse("a.md", source);
        document.lists[0].lead_in.map(|id| document.blocks[id].text.text.clone())
    };
    assert_eq!(lead("Items:\n\n- a\n"), Some("Items:".into()));
    assert_eq!(lead("Items:\n- a\n"), Some("Items:".into()));
    assert_eq!(lead("> Items:\n> - a\n"), Some("Items:".into()));
    assert_eq!(lead("Items:\n\n---\n\n- a\n"), None);
    assert_eq!(lead("Items:\n\n## H\n\n- a\n"), None);
    assert_eq!(lead("- a\n"), None);
}

#[test]
fn a_turn_runs_to_the_next_label_heading_or_rule() {
    let source = "Intro.\n\n**Host:** Hello.\n\nSecond paragraph.\n\n1. one\n2. two\n   - sub\n\n> quoted\n\n\
                  **Guest**: Hi.\n\n---\n\nOutside.\n\n**Host:** Bye.\n\n## Next\n\nAfter.";
    let expected = [
        "p-1: Intro.",
        "turn-1: Host: Hello. Second paragraph. one two sub quoted",
        "turn-2: Guest: Hi.",
        "p-2: Outside.",
        "turn-3: Host: Bye.",
        "next: Next",
        "p-3: After.",
    ];
    assert_eq!(blocks(source), expected);
    let document = parse("a.md", source);
    assert!(document.lists.is_empty(), "a list inside a turn belongs to the turn");
    let host: Vec<(String, Option<usize>)> = parts(&document).into_iter().take(6).collect();
    let expected = [
        ("Hello.", None),
        ("Second paragraph.", None),
        ("one", Some(1)),
        ("two", Some(2)),
        ("sub", Some(1)),
        ("quoted", None),
    ];
    assert_eq!(host, expected.map(|(t, i)| (t.to_owned(), i)));
    assert_eq!(document.blocks[1].body_text(), "Hello. Second paragraph. one two sub quoted");
}

#[test]
fn labels_are_read_where_commonmark_does_not_close_the_bold() {
    let document =
        parse("a.md", "**记者：**你好**重点**吧\n\n__嘉宾：__谢谢\n\n**Marie** : bonjour\n\n**[Jo](u):**_hm_\n");
    let shown: Vec<&str> = document.blocks.iter().map(|b| b.text.text.as_str()).collect();
    assert_eq!(shown, ["记者： 你好重点吧", "嘉宾： 谢谢", "Marie : bonjour", "Jo: hm"]);
    assert!(document.blocks.iter().all(|b| b.turn().is_some()));
    assert_eq!(quote(&document, "重点"), ("重点", "重点"));
    assert_eq!(quote(&document, "好重点吧"), ("好**重点**吧", "好重点吧"));
    let names: Vec<&str> = document.speakers.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["记者", "嘉宾", "Marie", "Jo"]);
}

#[test]
fn list_items_block_quotes_and_plain_bold_are_no_turns() {
    let source = "- **A:** x\n\n> **B:** y\n\n**Bold** z\n\n# **C:** w\n";
    assert_eq!(blocks(source), ["p-1: A: x", "p-2: B: y", "p-3: Bold z", "c-w: C: w"]);
    assert_eq!(blocks("---\nturns: false\n---\n\n**A:** x\n"), ["p-1: A: x"]);
}

#[test]
fn a_label_alone_opens_a_turn_that_the_next_paragraph_fills() {
    let document = parse("a.md", "**A:**\n\nWords.\n\n**B:**\n");
    assert_eq!(document.blocks[0].text.text, "A: Words.");
    assert_eq!(document.blocks[0].body_text(), "Words.");
    assert_eq!((document.blocks[1].body_text(), document.blocks[1].parts.len()), ("", 0));
}

#[test]
fn label_forms_that_differ_in_case_space_or_punctuation_are_one_speaker() {
    let document = parse("a.md", "**DR. LIN:** a\n\n**Dr. Lin:** b\n\n**Dr.Lin:** c\n\n**Dr. Lin**: d\n\n**Jo:** e\n");
    let speakers: Vec<_> = document.speakers.iter().map(|s| (s.name.as_str(), s.variants.join("|"))).collect();
    assert_eq!(speakers, [("Dr. Lin", "DR. LIN|Dr. Lin|Dr.Lin".into()), ("Jo", "Jo".into())]);
    let declared = "---\nspeakers:\n  Doctor Lin: [Dr. Lin, Lin]\n---\n**dr lin:** a\n\n**LIN:** b\n";
    let document = parse("a.md", declared);
    assert_eq!(document.speakers.len(), 1);
    assert_eq!(document.speakers[0].name, "Doctor Lin");
}

#[test]
fn headings_get_unique_ids_that_no_block_can_have() {
    let source = "# About\n\n# P\n\n# P\n\n# P 3\n\n# Über *uns*!\n\n# 城市 对话\n\n# ?!\n\n# X {#p}\n";
    let ids: Vec<String> = parse("a.md", source).blocks.iter().map(|b| b.anchor.to_string()).collect();
    assert_eq!(ids, ["about-1", "p-section-1", "p-section-2", "p-3-1", "über-uns", "城市-对话", "section", "p"]);
}

#[test]
fn a_pinned_id_that_is_reserved_or_taken_is_an_error_and_replaced() {
    let source = "# A {#turn-4}\n\n# B {#x}\n\n# C {#x}\n";
    let document = parse("a.md", source);
    let ids: Vec<&str> = document.blocks.iter().map(|b| b.anchor.as_str()).collect();
    assert_eq!(ids, ["a", "x", "c"]);
    let errors: Vec<_> = document.problems.iter().map(|p| (p.severity, p.line)).collect();
    assert_eq!(errors, [(Severity::Error, 1), (Severity::Error, 5)]);
}

#[test]
fn each_block_knows_the_nearest_heading_above_it() {
    let source = "lead\n\n# A\n\na\n\n## B\n\nb\n\n> ### Inside\n>\n> q\n\nafter\n\n# C\n\n**X:** hi\n";
    let document = parse("a.md", source);
    let crumbs: Vec<String> = (0..document.blocks.len()).map(|id| document.breadcrumb(id).join(">")).collect();
    assert_eq!(crumbs, ["", "", "A", "A", "A>B", "A>B", "A>B>Inside", "A>B", "", "C"]);
}

#[test]
fn a_table_of_contents_is_navigation_unless_it_is_kept() {
    let source = "Contents\n\n1. (1) First part.\n2. second  Part\n3. Third\n4. extra\n\n# 1. First part\n\n- own\n\n# Second part\n\n# Third\n";
    let navigation = |source: &str| body(&parse("a.md", source)).iter().filter(|b| b.navigation).count();
    assert_eq!(navigation(source), 5);
    assert_eq!(navigation(&format!("---\nnavigation: keep\n---\n{source}")), 0);
    assert_eq!(navigation(&source.replace("3. Third", "3. Other")), 0, "half of the items are not enough");
}

#[test]
fn inline_marks_are_left_out_and_quoted_in_whole() {
    let source = "Some **bold *and* more** text, `code  x`, [a link](http://e.org \"t\"), ![alt *text*](i.png) &amp; 5 \\* 3\\\nnext \
                  <b>html</b><!-- c --> x<br>y[^1] ~~gone~~ <https://e.org>\n\n[^1]: Foot.\n";
    let document = parse("a.md", source);
    let expected = "Some bold and more text, code x, a link, alt text & 5 * 3 next html x y gone https://e.org";
    assert_eq!(document.blocks[0].text.text, expected);
    assert_eq!(document.blocks[1].text.text, "Foot.");
    assert_eq!(quote(&document, "bold"), ("bold", "bold"));
    assert_eq!(quote(&document, "Some bold"), ("Some **bold *and* more**", "Some bold and more"));
    assert_eq!(quote(&document, "code x, a"), ("`code  x`, [a link](http://e.org \"t\")", "code x, a link"));
    assert_eq!(quote(&document, "& 5 * 3 next"), ("&amp; 5 \\* 3\\\nnext", "& 5 * 3 next"));
    assert_eq!(quote(&document, "next html"), ("next <b>html</b>", "next html"));
}

#[test]
fn html_with_words_is_dropped_with_a_warning_and_comments_without() {
    let source = "<!-- hidden\n\nwords -->\n\n<div>\nshown\n</div>\n\n<hr>\n\ntext\n";
    assert_eq!(blocks(source), ["p-1: text"]);
    let problems = problems(source);
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].0, problems[0].1), (Severity::Warning, 5));
}

#[test]
fn quotes_count_bytes_of_the_file_with_bom_crlf_and_front_matter() {
    let source = "\u{feff}---\r\ntitle: \"Ünï\"\r\nplace: 'it''s here'\r\ntags: [a b, 'c']\r\n---\r\nOne\r\ntwo.";
    let document = parse("a.md", source);
    let shown: Vec<_> = document.blocks.iter().map(|b| (b.text.text.as_str(), &source[b.range.clone()])).collect();
    let expected =
        [("Ünï", "Ünï"), ("it's here", "'it''s here'"), ("a b", "a b"), ("c", "c"), ("One two.", "One\r\ntwo.")];
    assert_eq!(shown, expected);
    assert_eq!(quote(&document, "One two"), ("One\r\ntwo", "One two"));
    assert!(document.problems.is_empty(), "{:?}", document.problems);
}

#[test]
fn front_matter_values_are_read_with_their_bytes() {
    let source = "---\n- A: no: no\n---\nx";
    assert!(matches!(problems(source)[..], [(Severity::Error, 2, _)]), "{:?}", problems(source));
    let source = "---\ntitle: 1984\nsource_url: javascript:alert(1)\nslug: Bad Slug\nauthor: me\npublished: 2025-01-17\nplace:\n  a\n  b\n\
                  title: again\ntags: x\nspeakers:\n  Jo: J\n  Al:\n---\nx";
    let document = parse("Folder/Ça va?.md", source);
    assert_eq!(document.title, "1984");
    assert_eq!(document.slug, "folder-ca-va");
    let front = &document.front_matter;
    assert_eq!((front.published.as_deref(), front.place.as_deref()), (Some("2025-01-17"), Some("a b")));
    assert_eq!(front.source_url, None);
    assert_eq!(front.speakers, [("Jo".to_owned(), vec!["J".to_owned()]), ("Al".to_owned(), vec![])]);
    let lines: Vec<_> = document.problems.iter().map(|p| (p.severity, p.line)).collect();
    let error = Severity::Error;
    assert_eq!(lines, [(error, 3), (error, 4), (Severity::Warning, 5), (error, 10), (error, 11)]);
    assert!(document.problems[2].message.contains("source_url, publisher"), "the known keys are named");
}

#[test]
fn a_value_with_a_colon_is_read_without_quotes_and_loses_nothing_beside_it() {
    let source = "---\nslug: trains\ntitle: Nätzug: who pays?\r\nspeakers:\n  Jo: J\nplace: “Ä”: b\n---\nx";
    let document = parse("a.md", source);
    assert_eq!((document.title.as_str(), document.slug.as_str()), ("Nätzug: who pays?", "trains"));
    assert_eq!(document.front_matter.speakers, [("Jo".to_owned(), vec!["J".to_owned()])]);
    assert_eq!(quote(&document, "who pays?"), ("who pays?", "who pays?"));
    assert_eq!(quote(&document, "“Ä”: b"), ("“Ä”: b", "“Ä”: b"));
    let lines: Vec<_> = document.problems.iter().map(|p| (p.severity, p.line)).collect();
    assert_eq!(lines, [(Severity::Warning, 3), (Severity::Warning, 6)]);
    let source = "---\ntitle: a: b\ntitle: c\n---\nx";
    assert_eq!(parse("a.md", source).title, "a: b", "the first value counts");
    // What else is wrong is told, and nothing is guessed.
    for (source, line) in [
        ("---\ntitle: a: b\ntags: [x\n---\nx", 3..=4),
        ("---\nplace: c\ntitle: a: b\n  d?\n---\nx", 3..=4),
        ("---\ntitle: a: b # c\n---\nx", 2..=2),
    ] {
        let found = problems(source);
        assert!(matches!(&found[..], [(Severity::Error, at, _)] if line.contains(at)), "{source:?}: {found:?}");
        assert_eq!(parse("a.md", source).front_matter.place, None);
    }
    let told = problems("---\nspeakers: Jo: J\n---\nx");
    assert!(matches!(&told[..], [(Severity::Error, 2, _)]), "quotes would make it no map: {told:?}");
    let source = "---\nplace: c # d: e\ntitle: a: b\n---\nx";
    assert_eq!(parse("a.md", source).front_matter.place.as_deref(), Some("c"), "a comment is none of the value");
}

#[test]
fn a_body_is_served_whatever_its_front_matter_is() {
    for (source, severity) in [
        ("---\ntitle: [a\n---\nbody", Some(Severity::Error)),
        ("---\ntitle: a\n\nbody", Some(Severity::Error)),
        ("---\n- a\n---\nbody", Some(Severity::Error)),
        ("---\ntitle: *a\n---\nbody", Some(Severity::Error)),
        ("---\n---\nbody", None),
        ("---\n\nbody", None),
        ("---\ntitle:\nslug: ~\n---\nbody", None),
        ("body", None),
        ("\u{feff}body", None),
    ] {
        assert_eq!(blocks(source), ["p-1: body"], "{source:?}");
        assert_eq!(problems(source).first().map(|p| p.0), severity, "{source:?}");
    }
}

#[test]
fn a_title_comes_from_front_matter_else_heading_else_file_name() {
    assert_eq!(parse("a/b c.md", "---\ntitle: T\n---\n# H\n").title, "T");
    assert_eq!(parse("a/b c.md", "text\n\n## H\n").title, "H");
    assert_eq!(parse("a/b c.md", "text").title, "b c");
    assert_eq!(parse("a/b c.md", "text").slug, "a-b-c");
    assert!(parse("会议.md", "").slug.starts_with("document-"));
}

mod nanning {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::ingest::parse::hex;

    fn document() -> Document {
        let path = "global-mayors-dialogue-nanning.md";
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        parse(path, &std::fs::read_to_string(folder.join(path)).expect("the shipped document"))
    }

    /// The hash was made from the published text: `- ` at line starts taken away, white space read
    /// as one space, UTF-8. The numbers of the table of contents are printed there.
    #[test]
    fn the_shipped_document_has_the_published_words() {
        let document = document();
        let start = document.source.rfind("\n---\n").expect("front matter") + 5;
        let line = |l: &str| l.trim_start_matches("## ").trim_start_matches("- ").replace("**", "");
        let words: Vec<String> = document.source[start..].lines().map(line).collect();
        let words = words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        let published = "036d48c2367d7cd1fe293b906315d7556d02337d31f646d6f6c35488a37c9ef1";
        assert_eq!(hex(&Sha256::digest(words.as_bytes())), published);
    }

    #[test]
    fn the_shipped_document_has_its_structure() {
        let document = document();
        assert!(document.problems.is_empty(), "{:?}", document.problems);
        assert_eq!(document.slug, "global-mayors-dialogue-nanning");
        let turns: Vec<&Block> = document.blocks.iter().filter(|b| b.turn().is_some()).collect();
        assert_eq!(turns.len(), 16);
        let interview =
            document.blocks.iter().position(|b| b.text.text.starts_with("Interview with")).expect("section");
        assert!(turns.iter().all(|t| t.heading == Some(interview)));
        let speakers: Vec<&str> = document.speakers.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(speakers, ["Archyde News", "Dr. Mei Lin", "Nong Shengwen", "Atsaphangthong Siphandone"]);
        let headings = document.blocks.iter().filter(|b| matches!(b.kind, BlockKind::Heading { level: 2 })).count();
        assert_eq!(headings, 11);
        let sizes: Vec<_> = document.lists.iter().map(|l| (l.ordered, l.items.len(), l.navigation)).collect();
        assert_eq!(sizes, [(true, 10, true), (false, 5, false), (false, 4, false)]);
        let hidden: Vec<&str> = document.blocks.iter().filter(|b| b.navigation).map(|b| b.text.text.as_str()).collect();
        assert_eq!((hidden.len(), hidden[0]), (11, "Table of Contents"));
    }
}
