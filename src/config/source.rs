//! Where settings come from: one name, looked up in flags, environment and file.
//!
//! Knows how a value is found, typed and blamed; which settings exist is told by the areas. A name
//! `server.listen` is the key `listen` of the table `[server]` and the variable
//! `DIALOGDESK_SERVER_LISTEN`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

const PREFIX: &str = "DIALOGDESK_";
/// Variables with the prefix that are not settings: the file's own name, and switches of the tests.
const OTHER_VARIABLES: [&str; 2] = ["DIALOGDESK_CONFIG", "DIALOGDESK_TEST_"];

/// Something wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File and line, variable or flag.
    pub place: String,
    /// What is wrong and what is expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A type that a setting can have.
pub trait Setting: Sized {
    /// As in "must be …": "a text", "a whole number of at least 0".
    const EXPECTED: &'static str;
    /// Whether the file may hold it as this TOML type (`string`, `integer`, `float`, `boolean`).
    fn fits(toml_type: &str) -> bool;
    /// Whether what was typed must not be shown.
    const SECRET: bool = false;
    /// Reads what was typed.
    fn parse(text: &str) -> Option<Self>;
}

/// A type that a setting can have a list of: an array in the file, separated by commas elsewhere.
pub trait Item: Sized {
    /// As in "must be …".
    const EXPECTED: &'static str;
    /// Whether what was typed must not be shown.
    const SECRET: bool = false;
    /// Reads one item.
    fn parse(text: &str) -> Option<Self>;
}

/// A value as it was found.
#[derive(Debug, Clone)]
struct Found {
    place: String,
    text: String,
    /// Absent where values have no types: in flags and in the environment.
    toml_type: Option<&'static str>,
}

/// The layers below one another, and what was found wrong so far.
#[derive(Debug, Default)]
pub struct Sources {
    flags: BTreeMap<String, Found>,
    environment: BTreeMap<String, Found>,
    file: BTreeMap<String, Found>,
    /// Where each setting that was read came from, for range checks.
    read: BTreeMap<&'static str, Option<String>>,
    secrets: BTreeSet<&'static str>,
    problems: Vec<Problem>,
}

impl Sources {
    /// Takes the environment (names without the prefix are dropped) and the flags as typed.
    #[must_use]
    pub fn new(environment: Vec<(OsString, OsString)>, flags: &[(&'static str, String)]) -> Self {
        let mut sources = Self::default();
        for (name, value) in environment {
            let Some(name) = name.to_str().filter(|n| is_setting(n)) else { continue };
            match value.into_string() {
                Ok(text) => {
                    let found = Found { place: name.to_owned(), text, toml_type: None };
                    sources.environment.insert(name.to_owned(), found);
                }
                Err(_) => sources.blame(name, "the value is not UTF-8"),
            }
        }
        for (name, text) in flags {
            let flag = name.rsplit('.').next().unwrap_or(name);
            let found = Found { place: format!("--{flag}"), text: text.clone(), toml_type: None };
            sources.flags.insert((*name).to_owned(), found);
        }
        sources
    }

    /// Reads a TOML file; what is wrong with it is kept for [`Sources::finish`].
    pub fn read_file(&mut self, file: &Path) {
        let name = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => self.read_toml(&name, &text),
            Err(error) => self.blame(&name, &format!("the file cannot be read: {error}")),
        }
    }

    /// Reads TOML text, named `name` in messages.
    pub fn read_toml(&mut self, name: &str, text: &str) {
        let place = |start: usize| {
            let before = text.get(..start).unwrap_or(text);
            format!("{name}, line {}", before.matches('\n').count() + 1)
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let start = error.span().map_or(0, |span| span.start);
            self.blame(&place(start), error.message());
        }
        flatten("", table.get_ref(), &place, &mut self.file);
    }

    /// Looks a setting up and puts what was found into `target`, which holds the default.
    pub fn read<T: Setting>(&mut self, name: &'static str, target: &mut T) {
        let variable = variable_of(name);
        let layers = [self.flags.get(name), self.environment.get(&variable), self.file.get(name)];
        let found = layers.into_iter().flatten().next().cloned();
        self.read.insert(name, found.as_ref().map(|f| f.place.clone()));
        let Some(found) = found else { return };
        match typed(&found) {
            Some(value) => *target = value,
            None if T::SECRET => self.blame(&found.place, &format!("{name} must be {}", T::EXPECTED)),
            None => self.blame(&found.place, &format!("{name} must be {}, not {}", T::EXPECTED, described(&found))),
        }
    }

    /// Reads a secret, which only the environment may hold: files get copied and shown.
    pub fn read_secret(&mut self, variable: &'static str, name: &'static str) -> Option<String> {
        self.secrets.insert(variable);
        if let Some(found) = self.file.remove(name) {
            self.blame(&found.place, &format!("{name} is a secret; take it out of the file and set {variable}"));
        }
        self.environment.get(variable).map(|f| f.text.clone()).filter(|text| !text.is_empty())
    }

    /// Adds a problem with the value of a setting that was read, unless `fine`.
    pub fn check(&mut self, name: &'static str, fine: bool, message: &str) {
        if !fine {
            let place = self.read.get(name).cloned().flatten().unwrap_or_else(|| "default".to_owned());
            self.blame(&place, &format!("{name} {message}"));
        }
    }

    /// Adds a problem with a secret, of which nothing is shown, unless `fine`.
    pub fn check_variable(&mut self, variable: &'static str, fine: bool, message: &str) {
        if !fine {
            self.blame(variable, message);
        }
    }

    /// All problems, names that nothing asked for included.
    #[must_use]
    pub fn finish(mut self) -> Vec<Problem> {
        let names: Vec<&str> = self.read.keys().copied().collect();
        for (name, found) in std::mem::take(&mut self.file) {
            if !names.contains(&name.as_str()) {
                let hint = nearest(&name, names.iter().map(|n| (*n).to_owned()));
                self.blame(&found.place, &format!("there is no setting {name}{hint}"));
            }
        }
        let variables: Vec<String> =
            names.iter().map(|n| variable_of(n)).chain(self.secrets.iter().map(|s| (*s).to_owned())).collect();
        for name in std::mem::take(&mut self.environment).into_keys() {
            if !variables.contains(&name) {
                let hint = nearest(&name, variables.iter().cloned());
                self.blame(&name, &format!("there is no such setting{hint}"));
            }
        }
        self.problems
    }

    fn blame(&mut self, place: &str, message: &str) {
        self.problems.push(Problem { place: place.to_owned(), message: message.to_owned() });
    }
}

fn is_setting(variable: &str) -> bool {
    variable.starts_with(PREFIX) && !OTHER_VARIABLES.iter().any(|other| variable.starts_with(other))
}

fn variable_of(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "_").to_uppercase())
}

/// Tables become dotted names; any other value is kept as text with its type.
fn flatten(above: &str, table: &DeTable<'_>, place: &dyn Fn(usize) -> String, into: &mut BTreeMap<String, Found>) {
    for (key, value) in table {
        let name = if above.is_empty() { key.get_ref().to_string() } else { format!("{above}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(&name, inner, place, into),
            other => {
                let found =
                    Found { place: place(key.span().start), text: text_of(other), toml_type: Some(other.type_str()) };
                into.insert(name, found);
            }
        }
    }
}

fn text_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => items.iter().map(|item| text_of(item.get_ref())).collect::<Vec<_>>().join(","),
        DeValue::Table(_) => String::new(),
    }
}

fn typed<T: Setting>(found: &Found) -> Option<T> {
    let fits = found.toml_type.is_none_or(T::fits);
    if fits { T::parse(&found.text) } else { None }
}

fn described(found: &Found) -> String {
    match found.toml_type {
        None | Some("string") => format!("{:?}", found.text),
        Some(other) => format!("the {other} {}", found.text).trim_end().to_owned(),
    }
}

/// "; did you mean …?" where a known name is near.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    let near = known.map(|k| (strsim::damerau_levenshtein(name, &k), k)).min();
    near.filter(|(distance, _)| *distance <= 3).map_or_else(String::new, |(_, k)| format!("; did you mean {k}?"))
}

impl Setting for String {
    const EXPECTED: &'static str = "a text";
    fn fits(toml_type: &str) -> bool {
        toml_type == "string"
    }
    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";
    fn fits(toml_type: &str) -> bool {
        toml_type == "string"
    }
    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }
}

impl Setting for usize {
    const EXPECTED: &'static str = "a whole number of at least 0";
    fn fits(toml_type: &str) -> bool {
        toml_type == "integer"
    }
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for f64 {
    const EXPECTED: &'static str = "a number";
    fn fits(toml_type: &str) -> bool {
        matches!(toml_type, "integer" | "float")
    }
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|n: &Self| n.is_finite())
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";
    fn fits(toml_type: &str) -> bool {
        toml_type == "boolean"
    }
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<T: Item> Setting for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const SECRET: bool = T::SECRET;
    fn fits(toml_type: &str) -> bool {
        matches!(toml_type, "array" | "string")
    }
    fn parse(text: &str) -> Option<Self> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(T::parse).collect()
    }
}

impl<T: Setting> Setting for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const SECRET: bool = T::SECRET;
    fn fits(toml_type: &str) -> bool {
        T::fits(toml_type)
    }
    fn parse(text: &str) -> Option<Self> {
        T::parse(text).map(Some)
    }
}
