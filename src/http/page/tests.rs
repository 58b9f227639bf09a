//! Documents put together by hand, and what their pages show.

use super::*;
use crate::corpus::{Anchor, FrontMatter, List, PlainBuilder, Speaker};
use crate::http::ui::Pages;

/// Puts a document together from pieces of its source.
#[derive(Default)]
struct Sketch {
    source: String,
    blocks: Vec<Block>,
    lists: Vec<List>,
}

impl Sketch {
    /// Adds source as a block that reads as `words`, each with the source it stands in.
    fn add(&mut self, kind: BlockKind, anchor: &str, source: &str, words: &[&str]) -> BlockId {
        let start = self.source.len();
        self.source.push_str(source);
        let mut plain = PlainBuilder::default();
        let mut at = 0;
        for word in words {
            let found = source[at..].find(word).expect("the words stand in the source") + at;
            plain.push(word, start + found..start + found + word.len(), true);
            at = found + word.len();
        }
        self.blocks.push(Block {
            kind,
            anchor: Anchor::parse(anchor).unwrap(),
            range: start..self.source.len(),
            text: plain.finish(),
            body: 0,
            parts: Vec::new(),
            heading: None,
            navigation: false,
        });
        self.blocks.len() - 1
    }

    fn item(&mut self, list: ListId, anchor: &str, source: &str, words: &[&str]) -> BlockId {
        let position = self.lists[list].items.len() + 1;
        let id = self.add(BlockKind::ListItem { list, position }, anchor, source, words);
        self.lists[list].items.push(id);
        id
    }

    fn list(&mut self, lead_in: Option<BlockId>) -> ListId {
        self.lists.push(List { ordered: false, lead_in, items: Vec::new(), navigation: false });
        self.lists.len() - 1
    }

    fn document(self, title: &str) -> Document {
        Document {
            slug: "sketch".into(),
            path: "sketch.md".into(),
            title: title.into(),
            front_matter: FrontMatter::default(),
            source: self.source.into(),
            sha256: String::new(),
            blocks: self.blocks,
            lists: self.lists,
            speakers: vec![Speaker { name: "Dr. Mei Lin".into(), ..Speaker::default() }],
            problems: Vec::new(),
        }
    }
}

fn interview() -> Document {
    let mut sketch = Sketch::default();
    sketch.add(BlockKind::FrontMatter { key: "publisher".into() }, "about", "Archyde\n\n", &["Archyde"]);
    sketch.add(BlockKind::Heading { level: 1 }, "talk", "# Talk\n\n", &["Talk"]);
    sketch.add(BlockKind::Heading { level: 2 }, "part", "## Part\n\n", &["Part"]);
    let turn = sketch.add(
        BlockKind::Turn { number: 1, speaker: 0 },
        "turn-1",
        "**Dr. Mei Lin:** We **trust** each <b>other</b>.\n\n",
        &["Dr. Mei Lin:", " We ", "trust", " each <b>other</b>."],
    );
    sketch.blocks[turn].body = "Dr. Mei Lin: ".len();
    sketch.document("Talk")
}

fn page_of(document: &Document, mark: Option<&Mark>) -> String {
    let request = actix_web::test::TestRequest::default().to_http_request();
    Pages::load(None).unwrap().document(&DocumentPage::new(document, mark), &request).unwrap()
}

fn mark_of(document: &Document, words: &str) -> Mark {
    let start = document.source.find(words).unwrap();
    let query = format!("x=1&mark={start}-{}-{}", start + words.len(), hash8(words));
    Mark::of_query(&query).unwrap()
}

#[test]
fn every_block_stands_once_under_its_anchor() {
    let document = interview();
    let page = page_of(&document, None);
    for block in &document.blocks {
        assert_eq!(page.matches(&format!("id=\"{}\"", block.anchor)).count(), 1, "{}\n{page}", block.anchor);
    }
}

#[test]
fn what_a_file_holds_never_becomes_markup() {
    let page = page_of(&interview(), None);
    assert!(page.contains("each &lt;b&gt;other&lt;&#x2f;b&gt;."), "{page}");
    assert!(!page.contains("<b>"));
}

#[test]
fn a_quote_is_marked_across_the_marks_of_its_source() {
    let document = interview();
    let mark = mark_of(&document, "We **trust** each");
    assert!(mark.fits(&document.source));
    assert!(page_of(&document, Some(&mark)).contains("<mark>We trust each</mark> &lt;b&gt;"));
}

#[test]
fn a_mark_that_does_not_fit_is_no_mark() {
    let document = interview();
    let start = document.source.find("We").unwrap();
    for query in [
        "",
        "mark=",
        "mark=1-2",
        "mark=a-b-c",
        "mark=5-2-00000000",
        "mark=-1-2-00000000",
        "mark=1-99999999999999999999-0",
    ] {
        assert!(!Mark::of_query(query).is_some_and(|m| m.fits(&document.source)), "{query}");
    }
    let wrong_hash = Mark::of_query(&format!("mark={start}-{}-00000000", start + 2)).unwrap();
    assert!(!wrong_hash.fits(&document.source));
    let past_the_end = Mark::of_query("mark=0-4000000-00000000").unwrap();
    assert!(!past_the_end.fits(&document.source));
    let inside_a_character = Mark { range: 1..2, hash: hash8("x") };
    assert!(!inside_a_character.fits("é"));
}

#[test]
fn a_list_keeps_its_lists_inside_and_too_deep_ones_are_still_shown() {
    let mut sketch = Sketch::default();
    let mut lead_in = None;
    for depth in 1..=DEEPEST_LIST + 3 {
        let list = sketch.list(lead_in);
        let text = format!("level {depth}");
        lead_in = Some(sketch.item(list, &format!("p-{depth}"), &format!("- {text}\n"), &[&text]));
    }
    let document = sketch.document("Lists");
    let page = page_of(&document, None);
    for block in &document.blocks {
        assert_eq!(page.matches(&format!("id=\"{}\"", block.anchor)).count(), 1, "{}", block.anchor);
    }
    let first = &DocumentPage::new(&document, None).nodes[0];
    assert!(matches!(first, Node::List(list) if list.items[0].lists.len() == 1));
}

#[test]
fn the_speaker_and_the_words_stand_apart() {
    let page = DocumentPage::new(&interview(), None);
    let Some(Node::Turn { label, speaker, parts, .. }) = page.nodes.last() else { panic!("{page:?}") };
    assert_eq!((label.as_str(), speaker.as_str()), ("Dr. Mei Lin:", "Dr. Mei Lin"));
    let Piece::Words { runs } = &parts[0] else { panic!("{parts:?}") };
    assert!(runs[0].text.starts_with("We trust"));
}

#[test]
fn only_addresses_of_the_web_become_links() {
    assert!(is_address("https://example.org/a"));
    assert!(!is_address("javascript:alert(1)") && !is_address("https://a b") && !is_address("example.org"));
}

#[test]
fn settings_of_the_front_matter_are_shown_only_when_a_link_marks_them() {
    let mut sketch = Sketch::default();
    sketch.add(BlockKind::FrontMatter { key: "slug".into() }, "about", "the-slug\n", &["the-slug"]);
    sketch.add(BlockKind::FrontMatter { key: "publisher".into() }, "about", "Archyde\n", &["Archyde"]);
    let document = sketch.document("Talk");
    let labels = |mark: Option<&Mark>| -> Vec<String> {
        DocumentPage::new(&document, mark).about.into_iter().map(|entry| entry.label).collect()
    };
    assert_eq!(labels(None), ["Publisher"]);
    assert_eq!(labels(Some(&mark_of(&document, "the-slug"))), ["Slug", "Publisher"]);
}
