//! The program as a process of its own, and what the system says of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::Result;
use super::client::Client;

/// Clock ticks a second in `/proc/PID/stat`; Linux fixes them for user space.
const TICKS: f64 = 100.0;

/// What was spent since the process began.
#[derive(Clone, Copy)]
pub struct Cost {
    pub cpu_seconds: Option<f64>,
    pub encoder_seconds: Option<f64>,
    pub reader_seconds: Option<f64>,
}

/// A running server; dropping it stops it.
pub struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Returns when the server says that it is ready.
    pub fn start(knowledge: &Path, data: &Path) -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_dialogdesk"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .arg("--knowledge")
            .arg(knowledge)
            .arg("--data")
            .arg(data)
            .env("DIALOGDESK_LOG_LEVEL", "warn")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut server = Self { process, address: String::new() };
        for line in BufReader::new(output).lines() {
            if let Some(address) = line?.strip_prefix("listening on http://") {
                server.address = address.to_owned();
                return Ok(server);
            }
        }
        Err("the server ended before it was ready".into())
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// A size of `/proc/PID/status` in MB.
    pub fn memory(&self, key: &str) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kilobytes / 1024.0)
    }

    pub fn cost(&self) -> Result<Cost> {
        Ok(Cost {
            cpu_seconds: self.cpu_seconds(),
            encoder_seconds: self.metric("dialogdesk_encoder_busy_seconds_total")?,
            reader_seconds: self.metric("dialogdesk_reader_busy_seconds_total")?,
        })
    }

    pub fn passages(&self) -> Result<u64> {
        let passages = self.metric("dialogdesk_index_passages")?.ok_or("/metrics names no passages")?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        Ok(passages as u64)
    }

    fn cpu_seconds(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th after it.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / TICKS)
    }

    fn metric(&self, name: &str) -> Result<Option<f64>> {
        let mut client = Client::connect(&self.address)?;
        client.get("/metrics")?;
        let text = String::from_utf8_lossy(&client.body).into_owned();
        Ok(text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
