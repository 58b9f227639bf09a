//! How a refusal is put: what is missing, the nearest passages, questions that can be answered.

use serde::Serialize;

use super::{Engine, Serving, Worked, decisive};
use crate::answer::{self, Nothing, QuoteView, RefusalView, Scene, Statement};
use crate::corpus::BlockId;
use crate::prompts::Format;
use crate::question::{self, Interpretation, Ordinal, Question};
use crate::reply::{Abstention, AskError, Citation, Head, Reply};
use crate::retrieve::Retrieval;

/// Passages shown with a refusal.
const RELATED: usize = 3;
/// Questions offered with a refusal.
const SUGGESTIONS: usize = 3;

/// What the template of a refusal sees: what is missing for the part that the reply stands or falls
/// with, and for each where several questions were asked at once.
#[derive(Debug, Default, Serialize)]
struct View {
    #[serde(flatten)]
    decisive: Lacking,
    /// In the order asked; empty for a single question.
    parts: Vec<Lacking>,
}

/// What is missing to answer one question.
#[derive(Debug, Default, Serialize)]
struct Lacking {
    question: String,
    /// The number of the item that was asked for, where the list has fewer.
    item: Option<usize>,
    #[serde(flatten)]
    view: RefusalView,
}

impl Lacking {
    fn of(serving: &Serving, worked: &Worked, contradiction: Option<QuoteView>, related: bool) -> Self {
        let query = &worked.query;
        let speaker = match &worked.found {
            Err(Nothing::UnknownSpeaker(name)) => Some(name.clone()),
            Err(Nothing::SpeakerSilent(id)) => Some(serving.people.get(*id).name.clone()),
            _ => query.speakers.first().map(|id| serving.people.get(*id).name.clone()),
        };
        let item = match (&worked.found, query.ordinal) {
            (Err(Nothing::NoSuchItem), Some(Ordinal::Nth(n))) => Some(n),
            _ => None,
        };
        let topic: Vec<&str> = query.topic.iter().map(|t| &query.text[t.range.clone()]).collect();
        let view = RefusalView {
            reason: worked.decision.reason.map(str::to_owned),
            speaker,
            topic: topic.join(" "),
            contradiction,
            missing: worked.topic.missing(&query.text).into_iter().map(str::to_owned).collect(),
            languages: language_names(serving),
            related,
        };
        Self { question: query.asked.clone(), item, view }
    }
}

fn language_names(serving: &Serving) -> Vec<String> {
    serving.languages.iter().map(|language| question::language_name(language).to_owned()).collect()
}

/// Whether nothing is near: an instruction is of no passage, unless a document has one of its words.
fn is_near_nothing(serving: &Serving, worked: &Worked) -> bool {
    let lexical = &serving.snapshot.lexical;
    matches!(worked.found, Err(Nothing::Instruction))
        && worked.query.topic.iter().all(|t| lexical.document_frequency(&t.folded) == 0)
}

impl Engine {
    pub(super) fn refuse(
        &self,
        serving: &Serving,
        scene: Scene<'_>,
        head: Head,
        worked: &[Worked],
    ) -> Result<Reply, AskError> {
        let Some(first) = decisive(worked) else { return Err(AskError::EmptyQuestion) };
        let contradiction = first.found.as_ref().ok().and_then(|e| e.contradiction.as_ref());
        let near_nothing = is_near_nothing(serving, first);
        let related = if near_nothing { Vec::new() } else { related(scene, &first.retrieval, contradiction)? };
        let lacking = |part: &Worked| {
            let contradicting = related.first().filter(|_| contradiction.is_some() && std::ptr::eq(part, first));
            Lacking::of(serving, part, contradicting.map(QuoteView::of), !related.is_empty())
        };
        let parts = if worked.len() > 1 { worked.iter().map(lacking).collect() } else { Vec::new() };
        let view = View { decisive: lacking(first), parts };
        let suggestions = self.suggestions_of(serving).iter().take(SUGGESTIONS).cloned().collect();
        self.abstain(head, &view, related, suggestions)
    }

    pub(super) fn refuse_language(
        &self,
        serving: &Serving,
        question: &Question,
        understood: Interpretation,
        locale: &str,
    ) -> Result<Reply, AskError> {
        let mut head = self.head(serving, question, &understood, &[], locale, false);
        head.trace.reason = Some("language".into());
        let view = RefusalView {
            reason: head.trace.reason.clone(),
            languages: language_names(serving),
            ..RefusalView::default()
        };
        let decisive = Lacking { question: head.question.clone(), item: None, view };
        self.abstain(head, &View { decisive, parts: Vec::new() }, Vec::new(), Vec::new())
    }

    fn abstain(
        &self,
        head: Head,
        view: &View,
        related: Vec<Citation>,
        suggestions: Vec<String>,
    ) -> Result<Reply, AskError> {
        let locale = self.prompts.speaks(&head.locale, "refusal").to_owned();
        let render = |format| {
            self.prompts.render(&locale, "refusal", format, view).map_err(|e| AskError::Template(e.to_string()))
        };
        let (text, markdown) = (render(Format::Text)?, render(Format::Markdown)?);
        Ok(Reply::Abstention(Abstention { head: Head { text, markdown, locale, ..head }, related, suggestions }))
    }
}

/// The statement that contradicts the question, if one does, and the first passages of other blocks,
/// cited whole.
fn related(
    scene: Scene<'_>,
    retrieval: &Retrieval,
    contradiction: Option<&Statement>,
) -> Result<Vec<Citation>, AskError> {
    let failed = |e: answer::CiteError| AskError::Citation(e.to_string());
    let mut seen: Vec<(usize, BlockId)> = contradiction.iter().map(|s| (s.document, s.block)).collect();
    let mut cited = Vec::new();
    if let Some(statement) = contradiction {
        cited.push(answer::cite(scene, statement, 1).map_err(failed)?);
    }
    for candidate in &retrieval.candidates {
        let p = &scene.snapshot.corpus.passages[candidate.passage as usize];
        if cited.len() == RELATED {
            break;
        }
        if !seen.contains(&(p.document, p.block)) {
            seen.push((p.document, p.block));
            cited.push(answer::passage_citation(scene, candidate.passage, cited.len() + 1).map_err(failed)?);
        }
    }
    Ok(cited)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::ask::{Ask, EngineOptions, sample};
    use crate::prompts::Prompts;

    const TEXT: &str = "# The orchard\n\nThe gardeners of the town planted the orchard in 1950.\n";

    /// An engine that searches lexically alone and answers nothing.
    fn engine(prompts: Option<&Path>) -> Engine {
        sample::engine(TEXT, prompts, EngineOptions { threshold: Some(1.0), ..EngineOptions::default() })
    }

    fn refused(engine: &Engine, question: &str, locale: Option<&str>) -> Abstention {
        let ask = Ask { question: question.to_owned(), locale: locale.map(str::to_owned), ..Ask::default() };
        match engine.ask(&ask).unwrap() {
            Reply::Abstention(told) => told,
            Reply::Answer(told) => panic!("it was answered: {}", told.head.text),
        }
    }

    /// As text and as Markdown.
    fn rendered(view: &View) -> [String; 2] {
        let prompts = Prompts::load(None).unwrap();
        [Format::Text, Format::Markdown].map(|format| prompts.render("en", "refusal", format, view).unwrap())
    }

    fn lacking(question: &str, view: RefusalView) -> Lacking {
        Lacking { question: question.to_owned(), item: None, view }
    }

    #[test]
    fn a_question_in_another_language_is_refused_in_it_where_it_has_words() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("fr")).unwrap();
        for file in ["fr/refusal.txt", "fr/refusal.md"] {
            let words = "Les documents sont en {{ languages | join(\", \") }}.";
            std::fs::write(folder.path().join(file), words).unwrap();
        }
        let engine = engine(Some(folder.path()));
        let french = "Quel était le thème principal de la conférence des maires ?";
        let told = refused(&engine, french, None).head;
        assert_eq!((told.locale.as_str(), told.text.as_str()), ("fr", "Les documents sont en English."));
        assert_eq!(told.trace.reason.as_deref(), Some("language"));
        let german = "Welche Bürgermeister haben gestern über die Zukunft der Städte gesprochen?";
        let told = refused(&engine, german, None).head;
        assert!(told.locale == "en" && told.text.contains("in their own language: English"), "{told:?}");
        let told = refused(&engine, german, Some("fr"));
        assert_eq!(told.head.locale, "fr", "there are no German words, and whoever asks reads French");
        assert_eq!(told.related, [], "no random nearest passages");
    }

    #[test]
    fn what_is_missing_is_said_of_each_question_asked_at_once() {
        let told = refused(&engine(None), "Who sank the Titanic, and when did Napoleon marry Josephine?", None).head;
        assert!(told.text.starts_with("The sources do not answer these questions."), "{}", told.text);
        for words in ["- Who sank the Titanic", "“Titanic”", "“Napoleon”"] {
            assert!(told.text.contains(words), "{words}: {}", told.text);
        }
    }

    #[test]
    fn an_instruction_is_shown_the_passages_that_have_its_words() {
        let engine = engine(None);
        let told = refused(&engine, "Write a poem about the orchard", None);
        assert_eq!(told.head.trace.reason.as_deref(), Some("instruction"));
        assert!(!told.related.is_empty(), "{told:?}");
        assert!(told.head.text.contains("nearest passages"), "{}", told.head.text);
        assert_eq!(refused(&engine, "Translate this into Klingon", None).related, []);
    }

    #[test]
    fn that_a_list_is_shorter_is_said_with_the_number_asked_for() {
        let view = RefusalView { reason: Some("no_such_item".to_owned()), ..RefusalView::default() };
        let ninth = Lacking { item: Some(9), ..lacking("What is the ninth step?", view) };
        let words = "The sources do not answer this: their list has fewer than 9 items.";
        assert_eq!(rendered(&View { decisive: ninth, parts: Vec::new() }), [words, words]);
    }

    #[test]
    fn several_questions_are_refused_as_a_list() {
        let titanic = || RefusalView {
            reason: Some("below_threshold".to_owned()),
            missing: vec!["Titanic".to_owned()],
            related: true,
            ..RefusalView::default()
        };
        let unknown = RefusalView {
            reason: Some("unknown_speaker".to_owned()),
            speaker: Some("Bo_Chen".to_owned()),
            ..RefusalView::default()
        };
        let parts = vec![lacking("Who sank the Titanic?", titanic()), lacking("What did Bo_Chen say?", unknown)];
        let [text, markdown] = rendered(&View { decisive: lacking("Who sank the Titanic?", titanic()), parts });
        assert_eq!(
            text,
            "The sources do not answer these questions.\n\
             - Who sank the Titanic? – Nothing in them mentions “Titanic”.\n\
             - What did Bo_Chen say? – No document quotes Bo_Chen.\n\
             The nearest passages are listed below; they may help, but they do not answer the questions."
        );
        assert_eq!(
            markdown,
            "The sources do not answer these questions.\n\n\
             - Who sank the Titanic? – Nothing in them mentions “Titanic”.\n\
             - What did Bo\\_Chen say? – No document quotes Bo\\_Chen.\n\n\
             The nearest passages are listed below; they may help, but they do not answer the questions."
        );
    }
}
