//! `dialogdesk search`: the ranking for a query, without an answer.

use std::time::Instant;

use super::args::SearchArgs;
use super::{Failure, Verdict, ask, index, out, print};
use crate::ask::Search;
use crate::config::Config;
use crate::http::wire::{HitBody, SearchReply};

pub(super) fn run(config: Config, args: SearchArgs) -> Result<Verdict, Failure> {
    let app = index::open(config)?;
    let search = Search { query: args.query, documents: args.documents, mode: args.mode.into(), limit: args.limit };
    let started = Instant::now();
    let hits = app.engine.search(&search).map_err(ask::failure)?;
    if args.json {
        let took_ms = started.elapsed().as_secs_f64() * 1000.0;
        ask::print_json(&SearchReply { hits: hits.into_iter().map(HitBody::from).collect(), took_ms })?;
    } else {
        out::print(&print::hits(&hits))?;
    }
    Ok(Verdict::Fine)
}
