//! How a refusal is put: what is missing, the nearest passages, questions that can be answered.

use super::{Engine, Serving, Worked, decisive};
use crate::answer::{self, Nothing, QuoteView, RefusalView, Scene, Statement};
use crate::corpus::BlockId;
use crate::prompts::Format;
use crate::question::{self, Interpretation, Question};
use crate::reply::{Abstention, AskError, Citation, Head, Reply};
use crate::retrieve::Retrieval;

/// Passages shown with a refusal.
const RELATED: usize = 3;
/// Questions offered with a refusal.
const SUGGESTIONS: usize = 3;

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
        let related = if matches!(first.found, Err(Nothing::Instruction)) {
            Vec::new()
        } else {
            related(scene, &first.retrieval, contradiction)?
        };
        let speaker = match &first.found {
            Err(Nothing::UnknownSpeaker(name)) => Some(name.clone()),
            Err(Nothing::SpeakerSilent(id)) => Some(serving.people.get(*id).name.clone()),
            _ => first.query.speakers.first().map(|id| serving.people.get(*id).name.clone()),
        };
        let topic: Vec<&str> = first.query.topic.iter().map(|t| &first.query.text[t.range.clone()]).collect();
        let view = RefusalView {
            reason: head.trace.reason.clone(),
            speaker,
            topic: topic.join(" "),
            contradiction: contradiction.and(related.first()).map(QuoteView::of),
            missing: first.topic.missing(&first.query.text).into_iter().map(str::to_owned).collect(),
            languages: serving.languages.iter().map(|l| question::language_name(l).to_owned()).collect(),
            related: !related.is_empty(),
        };
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
            languages: serving.languages.iter().map(|l| question::language_name(l).to_owned()).collect(),
            ..RefusalView::default()
        };
        self.abstain(head, &view, Vec::new(), Vec::new())
    }

    fn abstain(
        &self,
        head: Head,
        view: &RefusalView,
        related: Vec<Citation>,
        suggestions: Vec<String>,
    ) -> Result<Reply, AskError> {
        let render = |format| {
            self.prompts.render(&head.locale, "refusal", format, view).map_err(|e| AskError::Template(e.to_string()))
        };
        let (text, markdown) = (render(Format::Text)?, render(Format::Markdown)?);
        Ok(Reply::Abstention(Abstention { head: Head { text, markdown, ..head }, related, suggestions }))
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
