//! YAML values with the bytes each was read from. What the values mean is decided in `front_matter`.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

/// Front matter needs three levels; deeper nesting is a mistake and must not grow the stack.
const MAX_DEPTH: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    pub text: String,
    /// Bytes of the value, without the quotes where these hold no escapes.
    pub range: Range<usize>,
    /// Whether it stands in quotes or in a block.
    pub quoted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Scalar(Scalar),
    List { start: usize, values: Vec<Value> },
    Map { start: usize, pairs: Vec<(Scalar, Value)> },
}

/// Why a text is not the YAML we read, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    pub at: usize,
    pub message: String,
}

impl Value {
    /// First byte of the value.
    #[must_use]
    pub fn start(&self) -> usize {
        match self {
            Value::Scalar(scalar) => scalar.range.start,
            Value::List { start, .. } | Value::Map { start, .. } => *start,
        }
    }

    /// Whether nothing was given (`key:`, `key: null`, `key: ""`).
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Value::Scalar(s) => {
                s.text.trim().is_empty() || (!s.quoted && matches!(&*s.text, "~" | "null" | "Null" | "NULL"))
            }
            _ => false,
        }
    }
}

/// Reads the first YAML document in `range` of `source`; `None` when there is none.
///
/// # Errors
/// [`YamlError`] when the text is not YAML, uses aliases, or is nested too deep.
pub fn read(source: &str, range: Range<usize>) -> Result<Option<Value>, YamlError> {
    let text = &source[range.clone()];
    let mut offsets: Vec<usize> = text.char_indices().map(|(i, _)| range.start + i).collect();
    offsets.push(range.end);
    let mut reader = Reader { source, offsets, end: range.end, parser: Parser::new_from_str(text) };
    loop {
        match reader.next()? {
            Some((Event::StreamStart | Event::DocumentStart(_), _)) => {}
            None | Some((Event::StreamEnd | Event::DocumentEnd, _)) => return Ok(None),
            Some((event, span)) => return reader.value(event, span, 0).map(Some),
        }
    }
}

struct Reader<'a> {
    source: &'a str,
    /// Byte of each character, because marks count characters.
    offsets: Vec<usize>,
    end: usize,
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, YamlError> {
        self.parser
            .next_event()
            .transpose()
            .map_err(|e: ScanError| YamlError { at: self.byte(e.marker().index()), message: e.info().to_owned() })
    }

    fn value(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Value, YamlError> {
        let start = self.byte(span.start.index());
        let fail = |message: &str| Err(YamlError { at: start, message: message.to_owned() });
        if depth > MAX_DEPTH {
            return fail("values are nested too deep");
        }
        match event {
            Event::Scalar(text, style, ..) => Ok(Value::Scalar(self.scalar(&text, style, span))),
            Event::SequenceStart(..) => self.list(start, depth),
            Event::MappingStart(..) => self.map(start, depth),
            Event::Alias(_) => fail("aliases (`*name`) are not read here; write the value again"),
            _ => fail("a value is missing"),
        }
    }

    fn list(&mut self, start: usize, depth: usize) -> Result<Value, YamlError> {
        let mut values = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            values.push(self.value(event, span, depth + 1)?);
        }
        Ok(Value::List { start, values })
    }

    fn map(&mut self, start: usize, depth: usize) -> Result<Value, YamlError> {
        let mut pairs = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let Value::Scalar(key) = self.value(event, span, depth + 1)? else {
                return Err(YamlError { at: start, message: "a key must be a plain word".to_owned() });
            };
            let Some((event, span)) = self.next()? else { break };
            let value = self.value(event, span, depth + 1)?;
            pairs.push((key, value));
        }
        Ok(Value::Map { start, pairs })
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Scalar {
        let mut range = self.byte(span.start.index())..self.byte(span.end.index());
        range.end = range.start + self.source.get(range.clone()).map_or(0, |s| s.trim_end().len());
        let quoted = style != ScalarStyle::Plain;
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) && range.len() >= 2 {
            let inner = range.start + 1..range.end - 1;
            if self.source.get(inner.clone()).is_some_and(|s| s.split_whitespace().eq(text.split_whitespace())) {
                range = inner;
            }
        }
        Scalar { text: text.to_owned(), range, quoted }
    }

    fn byte(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.end)
    }
}
