//! Replies as a person reads them in a terminal. The API's JSON is `http::wire`'s.

use std::fmt::Write;

use crate::ask::{Citation, Hit, Reply, Trace};
use crate::prompts::quoted;

/// The answer with its numbered sources, or what is missing with the nearest passages.
pub(super) fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Answer(answer) => {
            format!("{}\n\nSources\n{}", answer.head.text, answer.citations.iter().map(source).collect::<String>())
        }
        Reply::Abstention(refusal) => {
            let related: String = refusal.related.iter().map(source).collect();
            let suggestions: String = refusal.suggestions.iter().map(|s| format!("  - {s}\n")).collect();
            let part =
                |title: &str, text: &str| if text.is_empty() { String::new() } else { format!("\n{title}\n{text}") };
            let nearest = part("Nearest passages", &related);
            format!("{}\n{nearest}{}", refusal.head.text, part("You can ask", &suggestions))
        }
    }
}

fn source(citation: &Citation) -> String {
    let Citation { n, title, speaker, quote_text, url, .. } = citation;
    let speaker = speaker.as_ref().map_or_else(String::new, |s| format!("{s}, "));
    let quoted = quoted(quote_text);
    // The text fragment repeats the quote and helps a browser alone.
    let address = url.split(":~:").next().unwrap_or(url);
    format!("  [{n}] {speaker}{title}\n      {quoted}\n      {address}\n")
}

/// Hits, one paragraph each, with both ranks.
pub(super) fn hits(hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "No passage was found.\n".to_owned();
    }
    let rank = |rank: Option<usize>| rank.map_or_else(|| "-".to_owned(), |r| r.to_string());
    let line = |hit: &Hit| {
        let speaker = hit.speaker.as_ref().map_or_else(String::new, |s| format!("  {s}"));
        format!(
            "{:>3}. {}#{}{speaker}  (score {:.3}, lexical {}, dense {})\n     {}\n",
            hit.rank,
            hit.document,
            hit.anchor,
            hit.score,
            rank(hit.lexical_rank),
            rank(hit.dense_rank),
            hit.text,
        )
    };
    hits.iter().map(line).collect()
}

/// How the reply came about: where the best passages stood in each ranking, the decision, the time.
pub(super) fn trace(trace: &Trace, confidence: f64) -> String {
    const SHOWN: usize = 10;
    let mut out = String::from("\nHow this came about\n\n");
    let width = trace.reranked.iter().take(SHOWN).map(|id| id.chars().count()).max().unwrap_or(0).max(7);
    let place = |ranking: &[String], id: &String| {
        ranking.iter().position(|other| other == id).map_or_else(|| "-".to_owned(), |at| (at + 1).to_string())
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "  rank  {:<width$}  lexical  dense  fused", "passage");
    for (at, id) in trace.reranked.iter().take(SHOWN).enumerate() {
        let [lexical, dense, fused] = [&trace.lexical, &trace.dense, &trace.fused].map(|ranking| place(ranking, id));
        let _ = writeln!(out, "  {:>4}  {id:<width$}  {lexical:>7}  {dense:>5}  {fused:>5}", at + 1);
    }
    for query in &trace.queries {
        let _ = writeln!(out, "  read as: {query}");
    }
    let compared = if confidence >= trace.threshold { "at or above" } else { "below" };
    let _ = writeln!(out, "\n  confidence {confidence:.3}, {compared} the threshold {:.3}", trace.threshold);
    if let Some(reason) = &trace.reason {
        let _ = writeln!(out, "  refused: {reason}");
    }
    for (name, value) in &trace.features {
        let _ = writeln!(out, "  {name:<32} {value:>9.4}");
    }
    let stages: Vec<String> = trace.stages_ms.iter().map(|(stage, ms)| format!("{stage} {ms:.2} ms")).collect();
    if !stages.is_empty() {
        let _ = writeln!(out, "\n  {}", stages.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{Abstention, Answer, Head};

    fn head(text: &str) -> Head {
        Head {
            question: "Who?".into(),
            interpreted_question: "Who?".into(),
            confidence: 0.9,
            text: text.into(),
            markdown: text.into(),
            locale: "en".into(),
            knowledge_version: "k".into(),
            model: "m".into(),
            degraded: false,
            trace: Trace::default(),
        }
    }

    fn citation() -> Citation {
        Citation {
            n: 1,
            document: "one".into(),
            title: "A Dialogue".into(),
            anchor: "turn-2".into(),
            kind: "turn",
            heading: None,
            speaker: Some("Dr. Mei Lin".into()),
            turn: Some(2),
            quote: "Cities **learn**.".into(),
            quote_text: "Cities learn.".into(),
            start: 0,
            end: 17,
            passage: "Mei: Cities learn.".into(),
            url: "/documents/one?mark=0-17-abcd#turn-2:~:text=Cities".into(),
            source_url: None,
        }
    }

    #[test]
    fn an_answer_is_followed_by_its_numbered_sources() {
        let answer =
            Reply::Answer(Answer { head: head("Mei Lin said: Cities learn. [1]"), citations: vec![citation()] });
        insta::assert_snapshot!(reply(&answer), @r"
        Mei Lin said: Cities learn. [1]

        Sources
          [1] Dr. Mei Lin, A Dialogue
              “Cities learn.”
              /documents/one?mark=0-17-abcd#turn-2
        ");
    }

    #[test]
    fn a_refusal_is_followed_by_the_nearest_passages_and_suggestions() {
        let refusal = Abstention {
            head: head("The sources do not say."),
            related: vec![citation()],
            suggestions: vec!["What do cities do?".into()],
        };
        let text = reply(&Reply::Abstention(refusal));
        assert!(text.contains("Nearest passages\n  [1]") && text.contains("You can ask\n  - What"), "{text}");
    }

    #[test]
    fn a_trace_shows_where_each_passage_stood() {
        let ids = |text: &str| text.split(' ').map(str::to_owned).collect();
        let shown = Trace {
            read: None,
            lexical: ids("one#p-1 one#turn-2"),
            dense: ids("one#turn-2"),
            fused: ids("one#turn-2 one#p-1"),
            reranked: ids("one#p-1 one#turn-2"),
            threshold: 0.5,
            features: vec![("overlap".into(), 0.25)],
            reason: Some("below_threshold".into()),
            queries: vec!["who".into()],
            stages_ms: vec![("encode".into(), 1.5)],
        };
        insta::assert_snapshot!(trace(&shown, 0.4), @"
        How this came about

          rank  passage     lexical  dense  fused
             1  one#p-1           1      -      2
             2  one#turn-2        2      1      1
          read as: who

          confidence 0.400, below the threshold 0.500
          refused: below_threshold
          overlap                             0.2500

          encode 1.50 ms
        ");
    }
}
