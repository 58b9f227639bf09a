//! The front matter: where it ends, what its values are, and which bytes each was read from.

use std::ops::Range;

use super::yaml::{self, Scalar, Value, YamlError};
use super::{Problems, name_key, unquoted};
use crate::corpus::{Anchor, Block, BlockKind, FrontMatter, Part, PlainBuilder};

/// Keys that are read, as they are listed to authors.
const KEYS: [&str; 12] = [
    "title",
    "title_is_ours",
    "slug",
    "source_url",
    "publisher",
    "published",
    "place",
    "language",
    "tags",
    "speakers",
    "turns",
    "navigation",
];

/// Those of them whose value is one text, which may hold a colon.
const TEXTS: [&str; 6] = ["title", "source_url", "publisher", "published", "place", "language"];

/// What stands before the body.
#[derive(Debug, Default)]
pub struct Head {
    pub front_matter: FrontMatter,
    /// One block per value.
    pub blocks: Vec<Block>,
    /// Where the body begins.
    pub body: usize,
}

/// Reads the front matter of a file, if it has one.
pub fn read(source: &str, problems: &mut Problems<'_>) -> Head {
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (yaml, body) = match find(source, start) {
        Found::None => return Head { body: start, ..Head::default() },
        Found::Closed { yaml, body } => (yaml, body),
        Found::Open { body } => {
            problems.error(start, "The front matter is not closed: add a line `---` behind its last value.");
            return Head { body, ..Head::default() };
        }
    };
    let mut head = Head { body, ..Head::default() };
    match values(source, yaml, problems) {
        Ok(None) => {}
        Ok(Some(Value::Map { pairs, .. })) => fill(&mut head, source, pairs, problems),
        Ok(Some(other)) => {
            if !other.is_null() {
                problems.error(other.start(), "The front matter must be lines of the form `key: value`.");
            }
        }
        Err(e) => {
            problems.error(e.at, &format!("The front matter is not valid YAML ({}); none of it is used.", e.message))
        }
    }
    head
}

/// The values, those included that lack quotes, which is said of each.
fn values(source: &str, yaml: Range<usize>, problems: &mut Problems<'_>) -> Result<Option<Value>, YamlError> {
    let error = match yaml::read(source, yaml.clone()) {
        Err(error) => error,
        read => return read,
    };
    let Some((rest, lines)) = unquoted::take_out(source, yaml.clone(), &TEXTS) else { return Err(error) };
    let (start, mut pairs) = match yaml::read(&rest, yaml.clone())? {
        Some(Value::Map { start, pairs }) => (start, pairs),
        None => (yaml.start, Vec::new()),
        Some(_) => return Err(error),
    };
    for (key, value) in lines {
        let advice = "holds a colon and should stand in quotes; it is read as one text.";
        problems.warning(value.range.start, &format!("The value of `{}` {advice}", key.text));
        pairs.push((key, Value::Scalar(value)));
    }
    // Of a key that is given twice, the first value counts.
    pairs.sort_by_key(|(key, _)| key.range.start);
    Ok(Some(Value::Map { start, pairs }))
}

enum Found {
    None,
    Closed {
        yaml: Range<usize>,
        body: usize,
    },
    /// Opened and never closed; the body begins behind the first blank line.
    Open {
        body: usize,
    },
}

fn find(source: &str, start: usize) -> Found {
    let mut at = start;
    let mut lines = source[start..].split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), at, line.trim_end())
    });
    let Some((_, yaml_start, "---")) = lines.next() else { return Found::None };
    let mut first = None;
    let mut blank = None;
    for (line_start, line_end, line) in lines {
        if matches!(line, "---" | "...") {
            return Found::Closed { yaml: yaml_start..line_start, body: line_end };
        }
        first = first.or(Some(line));
        blank = blank.or(line.is_empty().then_some(line_end));
    }
    // A file that opens with a thematic break has no front matter.
    let is_key = |line: &str| line.split_once(':').is_some_and(|(key, _)| KEYS.contains(&key.trim()));
    if first.is_some_and(is_key) { Found::Open { body: blank.unwrap_or(source.len()) } } else { Found::None }
}

fn fill(head: &mut Head, source: &str, pairs: Vec<(Scalar, Value)>, problems: &mut Problems<'_>) {
    let mut seen: Vec<String> = Vec::new();
    for (key, value) in pairs {
        let name = key.text.as_str();
        if !KEYS.contains(&name) {
            let known = KEYS.join(", ");
            problems
                .warning(key.range.start, &format!("`{name}` is not a known key and is ignored; known are {known}."));
        } else if seen.iter().any(|s| s == name) {
            problems.error(key.range.start, &format!("`{name}` is given twice; the first value is used."));
        } else if !value.is_null() {
            seen.push(name.to_owned());
            let mut field = Field { key: name, source, blocks: &mut head.blocks, problems };
            field.read_into(&mut head.front_matter, &value);
        }
    }
}

/// One known key that is being read.
struct Field<'a, 'p> {
    key: &'a str,
    source: &'a str,
    blocks: &'a mut Vec<Block>,
    problems: &'a mut Problems<'p>,
}

impl Field<'_, '_> {
    fn read_into(&mut self, into: &mut FrontMatter, value: &Value) {
        match self.key {
            "title" => into.title = self.text(value),
            "slug" => {
                into.slug =
                    self.checked(value, is_slug, "may hold only a-z, 0-9 and `-`; one made from the path is used")
            }
            "source_url" => {
                into.source_url = self.checked(value, is_web_address, "must begin with `https://` or `http://`")
            }
            "publisher" => into.publisher = self.text(value),
            "published" => into.published = self.text(value),
            "place" => into.place = self.text(value),
            "language" => into.language = self.text(value),
            "tags" => into.tags = self.texts(value),
            "speakers" => into.speakers = self.speakers(value),
            "title_is_ours" => into.title_is_ours = self.switch(value, &["true", "false"]) == Some(0),
            "turns" => into.turns_off = self.switch(value, &["true", "false"]) == Some(1),
            "navigation" => into.keep_navigation = self.switch(value, &["keep"]).is_some(),
            _ => {}
        }
    }

    fn text(&mut self, value: &Value) -> Option<String> {
        match value {
            Value::Scalar(scalar) => {
                self.block(scalar);
                Some(one_line(&scalar.text))
            }
            other => {
                self.wrong(other, "must be one text");
                None
            }
        }
    }

    fn checked(&mut self, value: &Value, good: fn(&str) -> bool, rule: &str) -> Option<String> {
        let Value::Scalar(scalar) = value else { return self.text(value) };
        if good(&scalar.text) {
            return self.text(value);
        }
        self.wrong(value, rule);
        None
    }

    fn texts(&mut self, value: &Value) -> Vec<String> {
        let Value::List { values, .. } = value else {
            self.wrong(value, "must be a list");
            return Vec::new();
        };
        values.iter().filter(|v| !v.is_null()).filter_map(|v| self.text(v)).collect()
    }

    /// `Display name: [variant, …]`; one variant need not be in a list.
    fn speakers(&mut self, value: &Value) -> Vec<(String, Vec<String>)> {
        let Value::Map { pairs, .. } = value else {
            self.wrong(value, "must give for each display name the variants as printed");
            return Vec::new();
        };
        let mut speakers: Vec<(String, Vec<String>)> = Vec::new();
        for (name, variants) in pairs {
            let display = one_line(&name.text);
            if speakers.iter().any(|(other, _)| name_key(other) == name_key(&display)) {
                self.problems
                    .error(name.range.start, &format!("The speaker `{display}` is given twice; the first is used."));
                continue;
            }
            self.block(name);
            speakers.push((display, self.variants(variants)));
        }
        speakers
    }

    fn variants(&mut self, value: &Value) -> Vec<String> {
        match value {
            _ if value.is_null() => Vec::new(),
            Value::Scalar(one) => vec![one_line(&one.text)],
            Value::List { values, .. } => {
                let is_text = |v: &Value| if let Value::Scalar(s) = v { Some(one_line(&s.text)) } else { None };
                if values.iter().any(|v| is_text(v).is_none()) {
                    self.wrong(value, "must list the variants as texts");
                }
                values.iter().filter_map(is_text).collect()
            }
            Value::Map { .. } => {
                self.wrong(value, "must list the variants as texts");
                Vec::new()
            }
        }
    }

    fn switch(&mut self, value: &Value, allowed: &[&str]) -> Option<usize> {
        if let Value::Scalar(scalar) = value
            && let Some(found) = allowed.iter().position(|a| *a == scalar.text)
        {
            self.block(scalar);
            return Some(found);
        }
        let allowed = allowed.join("` or `");
        self.wrong(value, &format!("must be `{allowed}`"));
        None
    }

    fn wrong(&mut self, value: &Value, rule: &str) {
        self.problems.error(value.start(), &format!("`{}` {rule}; this value is ignored.", self.key));
    }

    fn block(&mut self, scalar: &Scalar) {
        let mut words = PlainBuilder::default();
        let printed = self.source.get(scalar.range.clone()).unwrap_or_default();
        if printed.split_whitespace().eq(scalar.text.split_whitespace()) {
            words.push(printed, scalar.range.clone(), true);
        } else {
            words.push(&scalar.text, scalar.range.clone(), false);
        }
        let text = words.finish();
        let parts = vec![Part { range: 0..text.text.len(), item: None }];
        self.blocks.push(Block {
            kind: BlockKind::FrontMatter { key: self.key.to_owned() },
            anchor: Anchor::about(),
            range: scalar.range.clone(),
            text,
            body: 0,
            parts,
            heading: None,
            navigation: false,
        });
    }
}

/// White space as one space, as blocks show it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_slug(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The address becomes a link, so that no other scheme may pass.
fn is_web_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let host = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    host.is_some_and(|h| !h.is_empty()) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
