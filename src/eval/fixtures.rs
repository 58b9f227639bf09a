//! Documents and replies for the tests of this folder, made by hand so that they need no parser and
//! no engine.

use std::sync::Arc;

use crate::ask::{Abstention, Answer, Citation, Head, Reply, Trace};
use crate::corpus::{Anchor, Block, BlockKind, Corpus, Document, FrontMatter, Plain};

/// Two documents, `one` and `two`, with a paragraph `p-1` each; `one` also has `p-2` and `turn-1`.
pub fn corpus() -> Corpus {
    let one = [
        ("p-1", "The dialogue was held in Nanning, where forty mayors met."),
        ("p-2", "A second paragraph."),
        ("turn-1", "Yes."),
    ];
    let documents = vec![document("one", &one), document("two", &[("p-1", "Another document.")])];
    Corpus { documents, ..Corpus::default() }
}

fn document(slug: &str, blocks: &[(&str, &str)]) -> Arc<Document> {
    let block = |(anchor, text): &(&str, &str)| Block {
        kind: BlockKind::Paragraph,
        anchor: Anchor::parse(anchor).expect("an anchor"),
        range: 0..0,
        text: Plain { text: (*text).to_owned(), ..Plain::default() },
        body: 0,
        parts: Vec::new(),
        heading: None,
        navigation: false,
    };
    Arc::new(Document {
        slug: slug.to_owned(),
        path: format!("{slug}.md"),
        title: slug.to_owned(),
        front_matter: FrontMatter::default(),
        source: "".into(),
        sha256: String::new(),
        blocks: blocks.iter().map(block).collect(),
        lists: Vec::new(),
        speakers: Vec::new(),
        problems: Vec::new(),
    })
}

/// A citation whose passage is the block's text in [`corpus`].
pub fn cite(slug: &str, anchor: &str, quote: &str, speaker: Option<&str>) -> Citation {
    let corpus = corpus();
    let document = corpus.documents.iter().find(|d| d.slug == slug);
    let block = document.and_then(|d| d.blocks.iter().find(|b| b.anchor.as_str() == anchor));
    Citation {
        n: 1,
        document: slug.to_owned(),
        title: slug.to_owned(),
        anchor: anchor.to_owned(),
        kind: "paragraph",
        heading: None,
        speaker: speaker.map(str::to_owned),
        turn: None,
        quote: quote.to_owned(),
        quote_text: quote.to_owned(),
        start: 0,
        end: quote.len(),
        passage: block.map(|b| b.text.text.clone()).unwrap_or_default(),
        url: format!("/documents/{slug}#{anchor}"),
        source_url: None,
    }
}

fn head(text: &str, confidence: f64, trace: Trace) -> Head {
    Head {
        question: "Who?".into(),
        interpreted_question: "Who?".into(),
        confidence,
        text: text.to_owned(),
        markdown: text.to_owned(),
        locale: "en".into(),
        knowledge_version: "k".into(),
        model: "m".into(),
        degraded: false,
        trace,
    }
}

/// An answer with confidence 0.9.
pub fn answer(text: &str, citations: Vec<Citation>) -> Reply {
    Reply::Answer(Answer { head: head(text, 0.9, Trace::default()), citations })
}

/// A refusal with confidence 0.1.
pub fn refusal(reason: &str) -> Reply {
    let trace = Trace { reason: Some(reason.to_owned()), ..Trace::default() };
    Reply::Abstention(Abstention {
        head: head("The sources do not say.", 0.1, trace),
        related: Vec::new(),
        suggestions: Vec::new(),
    })
}

/// The same reply with another confidence and trace.
pub fn with_trace(mut reply: Reply, confidence: f64, trace: Trace) -> Reply {
    let head = match &mut reply {
        Reply::Answer(answer) => &mut answer.head,
        Reply::Abstention(refusal) => &mut refusal.head,
    };
    head.confidence = confidence;
    head.trace = trace;
    reply
}

/// An outcome: `keys` of the question, the confidence (none: the engine failed), whether it was
/// answered (with a citation of `one#p-1`), and the reranked anchors.
pub fn outcome(keys: &str, confidence: Option<f64>, answered: bool, reranked: &[&str]) -> super::Outcome {
    let line = format!(r#"{{"id":"q{}","question":"Who?",{keys}}}"#, keys.len());
    let question = super::QuestionSet::parse(&line, &corpus()).expect("a question").questions.remove(0);
    let reason = (!answered).then(|| "below_threshold".to_owned());
    let reranked = reranked.iter().map(|s| (*s).to_owned()).collect();
    let trace = Trace { reranked, reason, ..Trace::default() };
    let reply = if answered { answer("a [1]", vec![cite("one", "p-1", "a", None)]) } else { refusal("below") };
    let ask = |_: &crate::ask::Ask| match confidence {
        Some(confidence) => Ok(with_trace(reply.clone(), confidence, trace.clone())),
        None => Err(crate::ask::AskError::Busy),
    };
    let insist = |_: &crate::ask::Ask| Ok(answer("a [1]", vec![cite("one", "p-1", "a", None)]));
    let mut outcomes = super::run(vec![question], 1, ask, insist, |_| ());
    outcomes.remove(0)
}

/// A right answer, a wrong refusal, a failure; a right refusal, a wrong answer.
pub fn outcomes() -> Vec<super::Outcome> {
    let relevant = r#""category":"who","answerable":true,"relevant":["one#p-1"]"#;
    vec![
        outcome(relevant, Some(0.9), true, &["one#p-1", "one#p-2"]),
        outcome(&relevant.replace("who", "where"), Some(0.2), false, &["one#p-2", "one#p-1"]),
        outcome(&relevant.replace("who", "how much"), None, false, &[]),
        outcome(r#""category":"who","answerable":false"#, Some(0.1), false, &[]),
        outcome(r#""category":"where","answerable":false"#, Some(0.7), true, &[]),
    ]
}

/// [`outcomes`] as a set of this name.
pub fn asked(name: &str) -> super::Asked {
    super::Asked { name: name.to_owned(), hash: format!("hash of {name}"), fitted: 0, outcomes: outcomes() }
}
