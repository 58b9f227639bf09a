//! `dialogdesk ask`: one question, answered in the terminal.

use std::time::Instant;

use super::args::AskArgs;
use super::{Failure, Verdict, index, out, print};
use crate::ask::{Ask, AskError, Message, Reply, Role};
use crate::config::Config;
use crate::conversation::{ConversationId, Told};
use crate::http::wire::AskReply;

/// Prints the reply. A refusal is an outcome, not a problem: the exit code is 0.
pub(super) fn run(config: Config, args: AskArgs) -> Result<Verdict, Failure> {
    let app = index::open(config)?;
    let ask = question(&args);
    let started = Instant::now();
    let reply = app.engine.ask(&ask).map_err(failure)?;
    if args.json {
        // As over HTTP: a new conversation, unless there was a history.
        let conversation = args.history.is_empty().then(ConversationId::fresh);
        print_json(&AskReply::new(Told::new(reply, conversation, started), args.explain))?;
        return Ok(Verdict::Fine);
    }
    out::print(&print::reply(&reply))?;
    if args.explain {
        let (Reply::Answer(crate::ask::Answer { head, .. }) | Reply::Abstention(crate::ask::Abstention { head, .. })) =
            &reply;
        out::print(&print::trace(&head.trace, head.confidence))?;
    }
    Ok(Verdict::Fine)
}

fn question(args: &AskArgs) -> Ask {
    let history = args.history.iter().map(|content| Message { role: Role::User, content: content.clone() });
    Ask {
        question: args.question.clone(),
        history: history.collect(),
        documents: args.documents.clone(),
        locale: args.locale.clone(),
        explain: args.explain,
    }
}

/// What the person can put right is wrong usage; the rest is ours.
pub(super) fn failure(error: AskError) -> Failure {
    let message = match &error {
        AskError::UnknownDocument { known, .. } => format!("{error}; there are {}", known.join(", ")),
        _ => error.to_string(),
    };
    match error {
        AskError::EmptyQuestion
        | AskError::QuestionTooLong { .. }
        | AskError::TooManyPieces { .. }
        | AskError::HistoryTooLong { .. }
        | AskError::UnknownDocument { .. }
        | AskError::LimitOutOfRange { .. } => Failure::Usage(message),
        AskError::NotReady | AskError::Busy | AskError::Encoder(_) | AskError::Citation(_) | AskError::Template(_) => {
            Failure::Failed(message)
        }
    }
}

pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    out::print(&format!("{}\n", serde_json::to_string_pretty(value).map_err(Failure::failed)?))?;
    Ok(())
}
