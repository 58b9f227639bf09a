//! Progress on standard error: a bar on a terminal, else a line now and then.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::ingest;

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows how much of a job is done. Shared between threads.
pub(super) struct Progress {
    label: &'static str,
    /// Hidden where standard error is not a terminal; counts there all the same.
    bar: ProgressBar,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub(super) fn new(label: &'static str) -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { label, bar: bar.with_prefix(label), last_line: Mutex::new(Instant::now()) }
    }

    fn line(&self) {
        let Ok(mut last) = self.last_line.lock() else { return };
        if self.bar.is_hidden() && last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            eprintln!("{} {}/{}", self.label, self.bar.position(), self.bar.length().unwrap_or(0));
        }
    }
}

impl ingest::build::Progress for Progress {
    fn total(&self, count: u64) {
        self.bar.set_length(count);
    }

    fn advance(&self, count: u64) {
        self.bar.inc(count);
        self.line();
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
