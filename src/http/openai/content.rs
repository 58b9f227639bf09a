//! A reply as one message: its words with a link for each citation, and where the links stand.

use std::fmt::Write as _;

use super::wire::{Annotation, UrlCitation};
use crate::http::links::Base;
use crate::http::wire::{AskReply, CitationBody, Outcome};
use crate::text::markers;

/// The words of a message and the citations in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub text: String,
    /// One for each link of an answer, in order; none for a refusal.
    pub annotations: Vec<Annotation>,
}

impl Content {
    /// An answer with its markers as links, or a refusal with the nearest passages.
    #[must_use]
    pub fn of(reply: &AskReply, base: &Base) -> Self {
        match reply.outcome {
            Outcome::Answered => answer(&reply.answer, &reply.citations, base),
            Outcome::Abstained => {
                let nearest: String = reply.related.iter().map(|passage| nearest(passage, base)).collect();
                let text = format!("{}\n{nearest}", paragraphs(&reply.answer)).trim_end().to_owned();
                Self { text, annotations: Vec::new() }
            }
        }
    }
}

fn answer(answer: &str, citations: &[CitationBody], base: &Base) -> Content {
    let quotes: Vec<&str> = citations.iter().map(|c| c.quote_text.as_str()).collect();
    let mut content = Content { text: String::new(), annotations: Vec::new() };
    // Characters so far, so that a long answer is counted through once.
    let mut length = 0;
    let mut copied = 0;
    for (n, place) in markers(answer, &quotes) {
        let words = paragraphs(&answer[copied..place.start]);
        copied = place.end;
        let citation = &citations[n - 1];
        let link = link(citation, base);
        length += words.chars().count();
        let end = length + link.chars().count();
        content.text.push_str(&words);
        content.text.push_str(&link);
        content.annotations.push(Annotation::of(UrlCitation {
            start_index: length,
            end_index: end,
            title: citation.title.clone(),
            url: base.absolute(&citation.url),
        }));
        length = end;
    }
    content.text.push_str(&paragraphs(&answer[copied..]));
    content
}

/// A marker that can be read as it is and followed where Markdown is shown.
fn link(citation: &CitationBody, base: &Base) -> String {
    format!("[[{}]]({})", citation.n, base.absolute(&citation.url))
}

/// Each line becomes a paragraph, because a line break alone is a space in Markdown; the items of a
/// list stay together.
fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\n') {
        let next = &rest[at + 1..];
        out.push_str(&rest[..=at]);
        let begins_item = next.starts_with("- ");
        let stands_apart = next.starts_with('\n') || out.ends_with("\n\n");
        if !begins_item && !stands_apart {
            out.push('\n');
        }
        rest = next;
    }
    out + rest
}

fn nearest(passage: &CitationBody, base: &Base) -> String {
    let mut line = String::from("\n- ");
    if let Some(speaker) = &passage.speaker {
        // Writing to a String cannot fail.
        let _ = write!(line, "{speaker}: ");
    }
    let _ = write!(line, "“{}” {}", passage.quote_text, link(passage, base));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citation(n: usize, quote: &str) -> CitationBody {
        CitationBody {
            n,
            document: "one".into(),
            title: "A Dialogue".into(),
            anchor: "turn-2".into(),
            kind: "turn",
            heading: None,
            speaker: Some("Mei Lin".into()),
            turn: Some(2),
            quote: quote.into(),
            quote_text: quote.into(),
            start: 0,
            end: 1,
            passage: quote.into(),
            url: format!("/documents/one?mark={n}#turn-2"),
            source_url: None,
        }
    }

    #[test]
    fn every_marker_becomes_a_link_that_its_annotation_points_at() {
        let citations = [citation(1, "Städte — like [1] — lernen."), citation(2, "So.")];
        let base = Base::public("https://d.org");
        let text = "Mei Lin: “Städte — like [1] — lernen.” [1]\nMei Lin: “So.” [2]";
        let content = answer(text, &citations, &base);
        insta::assert_snapshot!(content.text, @r"
        Mei Lin: “Städte — like [1] — lernen.” [[1]](https://d.org/documents/one?mark=1#turn-2)

        Mei Lin: “So.” [[2]](https://d.org/documents/one?mark=2#turn-2)
        ");
        let characters: Vec<char> = content.text.chars().collect();
        let pointed: Vec<String> = content
            .annotations
            .iter()
            .map(|a| characters[a.url_citation.start_index..a.url_citation.end_index].iter().collect())
            .collect();
        assert_eq!(
            pointed,
            ["[[1]](https://d.org/documents/one?mark=1#turn-2)", "[[2]](https://d.org/documents/one?mark=2#turn-2)"]
        );
    }

    #[test]
    fn lines_become_paragraphs_and_items_stay_together() {
        assert_eq!(paragraphs("a\nb\n\nc\n- d\n- e\nf\n"), "a\n\nb\n\nc\n- d\n- e\n\nf\n\n");
    }
}
