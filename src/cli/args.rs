//! What can be typed. Every help text ends in examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::ask::Mode;
use crate::eval::calibrate::Balance;
use crate::mechanism::Mechanism;
use crate::report::question_set::Choice;
use crate::report::since;

/// Answers questions over published dialogs in verbatim, cited quotes.
#[derive(Debug, Parser)]
#[command(name = "dialogdesk", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = "Settings come from defaults, then dialogdesk.toml, then DIALOGDESK_* variables, then flags.
Exit codes: 0 done, 1 the job found problems, 2 wrong usage.

Examples:
  dialogdesk serve
  dialogdesk ask \"What does Dr. Mei Lin say about openness?\"
  dialogdesk eval tests/collections/nanning/questions.jsonl")]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Folder with the Markdown files to answer from [default: knowledge]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) knowledge: Option<PathBuf>,
    /// Folder for the index, caches and conversations [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Settings file [default: dialogdesk.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the web chat and the API
    ///
    /// Builds the index first if there is none, watches the knowledge folder, and stops on SIGTERM
    /// or Ctrl-C after finishing requests under way; a second signal stops at once.
    #[command(
        after_help = "Examples:\n  dialogdesk serve\n  dialogdesk serve --listen 0.0.0.0:80 --public\n  dialogdesk serve --no-log"
    )]
    Serve {
        /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
        #[arg(long, value_name = "ADDR:PORT")]
        listen: Option<String>,
        /// Keep no question, reply or comment: questions are only counted
        #[arg(long)]
        no_log: bool,
        /// Let everyone who reaches the server ask and read without a key, at a limited rate
        #[arg(long)]
        public: bool,
    },
    /// Build the index of the knowledge folder
    ///
    /// A running server takes it up. Passages that did not change are not embedded again.
    #[command(after_help = "Example:\n  dialogdesk index --knowledge transcripts --data data")]
    Index,
    /// Answer a question in the terminal
    #[command(after_help = "Examples:
  dialogdesk ask \"Who organised the dialogue?\"
  dialogdesk ask \"And who attended?\" --history \"Who organised the dialogue?\"
  dialogdesk ask \"What is smart governance?\" --explain
  dialogdesk ask \"What is smart governance?\" --json | jq .citations")]
    Ask(AskArgs),
    /// Rank passages for a query without answering
    #[command(after_help = "Examples:
  dialogdesk search \"traffic\"
  dialogdesk search \"traffic\" --mode lexical --limit 3 --json")]
    Search(SearchArgs),
    /// Speak the Model Context Protocol over standard input and output
    ///
    /// For programs that start their tools themselves. A running server speaks it at /mcp. Messages
    /// have at most 1 MiB; the log goes to standard error.
    #[command(after_help = "Example, as the settings of such a program:
  {\"mcpServers\": {\"dialogdesk\": {\"command\": \"dialogdesk\", \"args\": [\"mcp\", \"--knowledge\", \"/path/to/knowledge\"]}}}

Or by hand:
  echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}' | dialogdesk mcp")]
    Mcp,
    /// Measure the answers on question sets
    ///
    /// A file X/questions.jsonl beside a folder X/knowledge is asked of that folder, unless
    /// --knowledge is given.
    #[command(after_help = "Examples:
  dialogdesk eval questions.jsonl
  dialogdesk eval sets/*/questions.jsonl --save-baseline baseline.json
  dialogdesk eval sets/*/questions.jsonl --baseline baseline.json --min-accuracy 0.8
  dialogdesk eval questions.jsonl --without rerank,context
  dialogdesk eval sets/*/questions.jsonl --ablations > ablations.md
  dialogdesk eval questions.jsonl --run run.txt --qrels qrels.txt && ir_measures qrels.txt run.txt nDCG@10")]
    Eval(EvalArgs),
    /// Fit the confidence and its threshold on question sets
    ///
    /// The file names the sets with their hashes, the threshold and its cross-validated error rates;
    /// `eval` says when it reports on questions that were fitted on.
    #[command(after_help = "Example:
  dialogdesk calibrate sets/*/questions.jsonl --out calibration.json")]
    Calibrate(CalibrateArgs),
    /// Make an API key and the line that lets it in
    ///
    /// The key is printed to standard output, what to do with it to standard error. The settings hold
    /// its hash alone.
    #[command(after_help = "Examples:\n  dialogdesk key\n  dialogdesk key --admin > admin.key")]
    Key(KeyArgs),
    /// Sum up what was asked: refusals, low-rated answers
    ///
    /// Reads the database beside a running server. Questions that were refused or rated down can be
    /// written as a question set for `eval`; a note on each says what it rests on and what to add.
    #[command(after_help = "Examples:
  dialogdesk report
  dialogdesk report --since 2026-11-01 --csv questions.csv
  dialogdesk report --since 7 --json
  dialogdesk report --questions failures.jsonl --only low-rated && dialogdesk eval failures.jsonl")]
    Report(ReportArgs),
    /// Check settings, knowledge, templates, model and runtime: every problem at once
    #[command(after_help = "Example:\n  dialogdesk check --config dialogdesk.toml")]
    Check,
}

#[derive(Debug, Args)]
pub(super) struct AskArgs {
    /// The question
    pub(super) question: String,
    /// Answer from this document alone; may be repeated
    #[arg(long = "document", value_name = "SLUG")]
    pub(super) documents: Vec<String>,
    /// An earlier question of the conversation, oldest first; may be repeated
    #[arg(long, value_name = "EARLIER QUESTION")]
    pub(super) history: Vec<String>,
    /// Language of the words around the quotes
    #[arg(long, value_name = "LOCALE")]
    pub(super) locale: Option<String>,
    /// Show how the answer came about
    #[arg(long)]
    pub(super) explain: bool,
    /// Print what the API would send
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// The query
    pub(super) query: String,
    /// Search in this document alone; may be repeated
    #[arg(long = "document", value_name = "SLUG")]
    pub(super) documents: Vec<String>,
    /// Which ranking: the one that answers are made from, or a single one
    #[arg(long, value_enum, default_value = "hybrid")]
    pub(super) mode: ModeArg,
    /// How many hits, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) limit: usize,
    /// Print what the API would send
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ModeArg {
    Hybrid,
    Lexical,
    Dense,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Hybrid => Self::Hybrid,
            ModeArg::Lexical => Self::Lexical,
            ModeArg::Dense => Self::Dense,
        }
    }
}

/// Question sets and how to ask them.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// Question sets, JSON Lines
    #[arg(required = true, value_name = "QUESTIONS.jsonl")]
    pub(super) files: Vec<PathBuf>,
    /// Questions asked at a time [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    #[command(flatten)]
    pub(super) sets: SetArgs,
    /// Write all figures and verdicts
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Write a JUnit report, one case per question
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write the reranked ranking as a TREC run; FILE.lexical, FILE.dense and FILE.fused beside it
    #[arg(long, value_name = "FILE")]
    pub(super) run: Option<PathBuf>,
    /// Write the relevant blocks as TREC qrels
    #[arg(long, value_name = "FILE")]
    pub(super) qrels: Option<PathBuf>,
    /// Write which passages were read for each question and whether they answer, as JSON lines to
    /// train a reader on (models/reader/train.py)
    #[arg(long, value_name = "FILE")]
    pub(super) pairs: Option<PathBuf>,
    /// Print what changed since a saved baseline; exit with 1 when a figure got worse by more than
    /// its tolerance
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write the figures, and which questions were not right, as a baseline to compare with
    #[arg(long, value_name = "FILE")]
    pub(super) save_baseline: Option<PathBuf>,
    /// Exit with 1 when less than this share of the answerable questions is answered rightly
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub(super) min_accuracy: Option<f64>,
    /// Exit with 1 when less than this share of the unanswerable questions is refused
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub(super) min_refused: Option<f64>,
    /// Leave out mechanisms, to see what they bring: `--without rerank,context`
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(super) without: Vec<Mechanism>,
    /// Ask everything once more without each mechanism and print what each brings, as Markdown
    #[arg(long, conflicts_with_all = ["without", "baseline", "save_baseline", "json", "junit", "run", "qrels", "pairs"])]
    pub(super) ablations: bool,
    /// How many of the worst failures to list for each set
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) failures: usize,
}

#[derive(Debug, Args)]
pub(super) struct CalibrateArgs {
    #[command(flatten)]
    pub(super) sets: SetArgs,
    /// Where to write the fitted confidence
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Most of the answerable questions that the threshold may refuse
    #[arg(long, value_name = "0..1", value_parser = share, default_value_t = 0.1)]
    pub(super) max_answerable_refused: f64,
    /// What counts the same: every question set, however many questions it has, or every question
    #[arg(long, value_enum, default_value = "sets")]
    pub(super) balance: BalanceArg,
    /// Penalty on the weights
    #[arg(long, value_name = "X", value_parser = penalty, default_value_t = 1.0)]
    pub(super) l2: f64,
}

#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    /// A key that also opens the admin routes
    #[arg(long)]
    pub(super) admin: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The last so many days, or a day to begin with (UTC)
    #[arg(long, value_name = "DAYS|DATE", default_value_t = since::DEFAULT_DAYS.to_string())]
    pub(super) since: String,
    /// Write a row for each question
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Print what the API would send
    #[arg(long)]
    pub(super) json: bool,
    /// Write questions as a set for `eval`, JSON Lines
    #[arg(long, value_name = "FILE")]
    pub(super) questions: Option<PathBuf>,
    /// Which questions to write
    #[arg(long, value_enum, default_value = "failures", requires = "questions")]
    pub(super) only: ChoiceArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ChoiceArg {
    /// Not answered
    Refused,
    /// Rated down
    LowRated,
    /// Refused or rated down
    Failures,
    All,
}

impl From<ChoiceArg> for Choice {
    fn from(choice: ChoiceArg) -> Self {
        match choice {
            ChoiceArg::Refused => Self::Refused,
            ChoiceArg::LowRated => Self::LowRated,
            ChoiceArg::Failures => Self::Failures,
            ChoiceArg::All => Self::All,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum BalanceArg {
    Sets,
    Questions,
}

impl From<BalanceArg> for Balance {
    fn from(balance: BalanceArg) -> Self {
        match balance {
            BalanceArg::Sets => Self::Sets,
            BalanceArg::Questions => Self::Questions,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number.filter(|n| (0.0..=1.0).contains(n)).ok_or_else(|| "must be a number between 0 and 1".to_owned())
}

fn penalty(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number.filter(|n| n.is_finite() && *n >= 0.0).ok_or_else(|| "must be a number of at least 0".to_owned())
}

impl Cli {
    /// Flags that are settings, by setting name.
    pub(super) fn flags(&self) -> Vec<(&'static str, String)> {
        let path = |p: &Option<PathBuf>| p.as_ref().map(|p| p.display().to_string());
        let (listen, no_log, public) = match &self.command {
            Command::Serve { listen, no_log, public } => (listen.clone(), *no_log, *public),
            _ => (None, false, false),
        };
        let flags = [
            ("knowledge", path(&self.common.knowledge)),
            ("data", path(&self.common.data)),
            ("server.listen", listen),
            ("store.questions", no_log.then(|| "false".to_owned())),
            ("access.required", public.then(|| "false".to_owned())),
        ];
        flags.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn common_flags_may_stand_before_or_after_the_command() {
        for line in ["dialogdesk --knowledge k ask why", "dialogdesk ask why --knowledge k"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.flags(), [("knowledge", "k".to_owned())]);
        }
    }

    #[test]
    fn shares_outside_0_to_1_are_refused() {
        let line = "dialogdesk eval q.jsonl --min-accuracy 80";
        assert!(Cli::try_parse_from(line.split(' ')).unwrap_err().to_string().contains("between 0 and 1"));
    }
}
