//! `dialogdesk mcp`: the Model Context Protocol over standard input and output, one message a line.
//!
//! What the messages mean is told in `http::mcp::protocol`.

use std::io::{self, BufRead, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::{Failure, Verdict, index, watching};
use crate::app::Indexer;
use crate::ask::Ask;
use crate::config::Config;
use crate::conversation::Told;
use crate::http;
use crate::http::links::Base;
use crate::http::mcp::protocol::{RpcError, Version};
use crate::http::mcp::{self, Desk};
use crate::ingest::watch;

/// Most bytes of a message.
const LINE_LIMIT: u64 = 1024 * 1024;

/// What a client speaks that has not said so.
const BEFORE_INITIALIZE: Version = Version::V2025_11_25;

/// Answers until the input ends, which is how a client says that it is done. Clients keep the program
/// for days: what changes in the folders is taken up meanwhile.
pub(super) fn run(config: Config) -> Result<Verdict, Failure> {
    let base = config.server.public_url.as_deref().map(Base::public).unwrap_or_default();
    let before = watch::before(&config.paths.knowledge);
    let app = Arc::new(index::open(config)?);
    let _watch = watching::follow(&app, Indexer::new(Arc::clone(&app)), before);
    let ask = |ask: &Ask| {
        let started = Instant::now();
        app.engine.ask(ask).map(|reply| Told::new(reply, None, started))
    };
    let desk = Desk { engine: &app.engine, base, put: &ask };
    match serve(&desk, io::stdin().lock(), io::stdout().lock()) {
        // A client that is gone is the end, as the end of its input is.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::while_doing("speaking with the client")(error))
        }
        _ => Ok(Verdict::Fine),
    }
}

fn serve(desk: &Desk<'_>, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut agreed = BEFORE_INITIALIZE;
    while let Some(line) = next_line(&mut input)? {
        let answer = match line {
            Ok(line) if line.trim_ascii().is_empty() => None,
            Ok(line) => answer(desk, &line, &mut agreed),
            Err(error) => Some(error.to_message(&Value::Null)),
        };
        if let Some(answer) = answer {
            writeln!(output, "{answer}")?;
            output.flush()?;
        }
    }
    Ok(())
}

/// The next line, or why it is not read; `None` at the end.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Result<Vec<u8>, RpcError>>> {
    let mut line = Vec::new();
    if input.by_ref().take(LINE_LIMIT + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 <= LINE_LIMIT || line.ends_with(b"\n") {
        return Ok(Some(Ok(line)));
    }
    input.skip_until(b'\n')?;
    let text = format!("A message may have {LINE_LIMIT} bytes");
    Ok(Some(Err(RpcError::new(RpcError::INVALID_REQUEST, text))))
}

/// Answers a message, or the messages of a list as 2025-03-26 and before allow them.
fn answer(desk: &Desk<'_>, line: &[u8], agreed: &mut Version) -> Option<Value> {
    let message = match http::parse_json(line) {
        Ok(message) => message,
        Err(failure) => {
            return Some(RpcError::new(RpcError::PARSE, failure.to_string()).to_message(&Value::Null));
        }
    };
    match &message {
        Value::Array(list) if mcp::takes_list(*agreed, list.len()) => {
            let answers: Vec<Value> = list.iter().filter_map(|message| answer_one(desk, message, agreed)).collect();
            (!answers.is_empty()).then_some(Value::Array(answers))
        }
        message => answer_one(desk, message, agreed),
    }
}

/// Answers one message; `initialize` agrees on the revision of those that follow.
fn answer_one(desk: &Desk<'_>, message: &Value, agreed: &mut Version) -> Option<Value> {
    let answer = mcp::answer(desk, message, *agreed).into_message()?;
    if let Some(version) = answer["result"]["protocolVersion"].as_str().and_then(Version::named) {
        *agreed = version;
    }
    Some(answer)
}
