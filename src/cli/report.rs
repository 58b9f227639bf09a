//! `dialogdesk report`: what was asked, what was refused and what people did not like, printed or
//! exported.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use jiff::Timestamp;

use super::args::ReportArgs;
use super::ask::print_json;
use super::{Failure, Verdict, out};
use crate::app::App;
use crate::config::Config;
use crate::http::wire::ReportReply;
use crate::ingest;
use crate::report::question_set::{self, Choice};
use crate::report::{Count, Report, csv, since};
use crate::store::{Logged, Store};

/// Questions of each list that are printed; the exports have more.
const PRINTED: usize = 10;

/// Reads the database beside a running server, and writes what was asked for.
pub(super) fn run(config: &Config, args: &ReportArgs) -> Result<Verdict, Failure> {
    let since = since::parse(&args.since, Timestamp::now()).map_err(|e| Failure::Usage(format!("--since {e}")))?;
    let store = App::existing_store(config).map_err(Failure::failed)?.ok_or_else(|| nothing(config))?;
    if let Some(file) = &args.csv {
        let rows = export_csv(&store, since, file)?;
        eprintln!("{}: {rows} questions", file.display());
    }
    if let Some(file) = &args.questions {
        export_questions(config, &store, since, file, args.only.into())?;
    }
    let report = Report::read(&store, since).map_err(Failure::failed)?;
    if args.json {
        print_json(&ReportReply::from(report))?;
    } else if args.csv.is_none() && args.questions.is_none() {
        out::print(&printed(&report))?;
    }
    Ok(Verdict::Fine)
}

fn nothing(config: &Config) -> Failure {
    let data = config.paths.data.display();
    Failure::Failed(format!("nothing was asked yet: there is no database in {data} (--data names another folder)"))
}

fn export_csv(store: &Store, since: Timestamp, file: &Path) -> Result<usize, Failure> {
    let write =
        || -> Result<usize, csv::CsvError> { csv::write(store, since, &mut BufWriter::new(File::create(file)?)) };
    write().map_err(|error| Failure::Failed(format!("writing {}: {error}", file.display())))
}

/// Documents that are gone would keep the set from being run.
fn export_questions(
    config: &Config,
    store: &Store,
    since: Timestamp,
    file: &Path,
    choice: Choice,
) -> Result<(), Failure> {
    let (corpus, _) =
        ingest::read(&config.paths.knowledge).map_err(Failure::while_doing(config.paths.knowledge.display()))?;
    let served: BTreeSet<String> = corpus.documents.iter().map(|document| document.slug.clone()).collect();
    let chosen = question_set::choose(store, since, choice, &served).map_err(Failure::failed)?;
    std::fs::write(file, &chosen.lines).map_err(Failure::while_doing(format!("writing {}", file.display())))?;
    eprintln!("{}: {} questions; their notes say what to add", file.display(), chosen.questions);
    for (left_out, why) in
        [(chosen.without_text, "their texts are not kept"), (chosen.without_document, "their documents are not served")]
    {
        if left_out > 0 {
            eprintln!("left out: {left_out}, because {why}");
        }
    }
    Ok(())
}

/// The report in words.
fn printed(report: &Report) -> String {
    let mut text = format!("Questions since {}\n\n", day_and_time(report.since));
    let width = report.channels.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max("channel".len());
    let _ = writeln!(text, "{:<width$}  questions  refused", "channel");
    for (name, count) in
        report.channels.iter().map(|(name, count)| (name.as_str(), *count)).chain([("all", report.all)])
    {
        let _ = writeln!(text, "{name:<width$}  {:>9}  {}", count.questions, refused(count));
    }
    let _ = writeln!(text, "\nrated up {}, rated down {}", report.rated_up, report.rated_down);
    if report.without_text > 0 {
        let _ = writeln!(text, "{} without their texts, which are not kept or were deleted", report.without_text);
    }
    if !report.refused.is_empty() {
        text.push_str("\nRefused most often\n");
    }
    for question in report.refused.iter().take(PRINTED) {
        let times = question.times;
        let _ = writeln!(text, "{times:>5} × {} ({:.2})", one_line(&question.question), question.confidence);
    }
    for (title, questions) in [("Rated down", &report.low_rated), ("Asked last", &report.recent)] {
        if !questions.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        text.extend(questions.iter().take(PRINTED).map(logged));
    }
    text
}

fn refused(count: Count) -> String {
    let share = count.refusal_rate().map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", 100.0 * rate));
    format!("{:>7} ({share})", count.refused)
}

fn logged(logged: &Logged) -> String {
    let rated = match logged.feedback.as_ref().map(|feedback| feedback.rating) {
        Some(rating) => format!(", rated {}", rating.name()),
        None => String::new(),
    };
    let question = logged.question.as_deref().map_or_else(|| "(not kept)".to_owned(), one_line);
    let mut text = format!(
        "  {}  {question} ({}, {:.2}{rated})\n",
        day_and_time(logged.at),
        logged.outcome.name(),
        logged.confidence
    );
    if let Some(comment) = logged.feedback.as_ref().and_then(|feedback| feedback.comment.as_deref()) {
        let _ = writeln!(text, "      “{}”", one_line(comment));
    }
    text
}

fn day_and_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Words of strangers on a terminal: one line, without codes that would move its cursor.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_strangers_are_one_line_and_move_no_cursor() {
        assert_eq!(one_line("two\n  lines\tand a \u{1b}[2Jcode\u{7}"), "two lines and a [2Jcode");
    }
}
