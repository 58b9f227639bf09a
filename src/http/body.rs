//! What did the client send? Reads a request body into JSON and its fields into plain values.
//!
//! Everything that can be wrong with a body is found here and named with its place, so that the
//! types of `wire` can be trusted further in. Knows nothing of questions or documents.

use std::fmt;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, rt, web};
use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::Failure;

/// Most bytes of a body.
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long a client may take to send a body; a connection that trickles is let go.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the body of a request as JSON.
///
/// # Errors
/// What is wrong with the media type, the length, the encoding or the JSON.
pub async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Value, Failure> {
    read_up_to(BODY_LIMIT, request, payload).await
}

/// The same with another limit of bytes.
///
/// # Errors
/// What is wrong with the media type, the length, the encoding or the JSON.
pub async fn read_up_to(limit: usize, request: &HttpRequest, payload: web::Payload) -> Result<Value, Failure> {
    check_media_type(request)?;
    parse(&read_bytes(limit, payload).await?)
}

/// Reads the body of a request as it came, whatever it is.
///
/// # Errors
/// What is wrong with the length, or that it does not arrive.
pub async fn read_bytes(limit: usize, payload: web::Payload) -> Result<web::Bytes, Failure> {
    rt::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(limit))
        .await
        .map_err(|_| Failure::BodyTimeout)?
        .map_err(|_| Failure::BodyTooLarge { limit })?
        .map_err(|_| Failure::BodyInterrupted)
}

/// Reads bytes as JSON, strictly: UTF-8, one value, no key twice in one object.
///
/// # Errors
/// [`Failure::NotUtf8`], [`Failure::BrokenJson`], [`Failure::DuplicateField`].
pub fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|e| Failure::NotUtf8 { offset: e.valid_up_to() })?;
    if text.trim().is_empty() {
        return Err(Failure::EmptyBody);
    }
    let Strict(value) = serde_json::from_str(text).map_err(|e| json_failure(&e))?;
    Ok(value)
}

/// A body in another content coding would be read as broken JSON; saying so helps more.
fn check_media_type(request: &HttpRequest) -> Result<(), Failure> {
    let header = |name| request.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    if let Some(coding) = header(header::CONTENT_ENCODING).filter(|c| !c.eq_ignore_ascii_case("identity")) {
        return Err(Failure::UnsupportedCoding { given: coding });
    }
    let given = header(header::CONTENT_TYPE);
    let essence = given.as_deref().map(|g| g.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    match essence.as_deref() {
        Some("application/json") => Ok(()),
        Some(other) if other.starts_with("application/") && other.ends_with("+json") => Ok(()),
        _ => Err(Failure::UnsupportedMediaType { given }),
    }
}

fn json_failure(error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
    // Only `Strict` makes errors of this class here, and only for a key that stands twice.
    if error.classify() == serde_json::error::Category::Data {
        Failure::DuplicateField { message, line, column }
    } else {
        Failure::BrokenJson { message, line, column }
    }
}

/// A JSON value in which no object holds a key twice. `serde_json::Value` would keep the last one
/// without a word, and the client would not learn that half of what it sent was ignored.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom(format_args!("the field `{}` stands twice", shorten(&key))));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// The fields of a JSON object, with the path that leads to it.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    at: String,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which stands at `at` (empty for the whole body) and has none beside
    /// those `known`.
    ///
    /// # Errors
    /// [`Failure::WrongType`] when it is no object; [`Failure::UnknownFields`], naming all of them.
    pub fn of(value: &'a Value, at: &str, known: &'static [&'static str]) -> Result<Self, Failure> {
        let fields = Self::with_others(value, at)?;
        let unknown: Vec<String> =
            fields.map.keys().filter(|k| !known.contains(&k.as_str())).map(|k| join(at, shorten(k))).collect();
        if unknown.is_empty() { Ok(fields) } else { Err(Failure::UnknownFields { unknown, known }) }
    }

    /// The fields of `value`, whatever others it has.
    ///
    /// # Errors
    /// [`Failure::WrongType`] when it is no object.
    pub fn with_others(value: &'a Value, at: &str) -> Result<Self, Failure> {
        let Value::Object(map) = value else {
            return Err(wrong_type(at, "an object", value));
        };
        Ok(Self { map, at: at.to_owned() })
    }

    /// Where a field stands: `history[2].role`.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        join(&self.at, name)
    }

    /// The value of a field; absent and null are the same.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|v| !v.is_null())
    }

    /// A text, if given.
    ///
    /// # Errors
    /// [`Failure::WrongType`].
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, Failure> {
        self.get(name).map(|v| v.as_str().ok_or_else(|| wrong_type(&self.path(name), "a string", v))).transpose()
    }

    /// A text that must be given.
    ///
    /// # Errors
    /// [`Failure::MissingField`], [`Failure::WrongType`].
    pub fn required_text(&self, name: &str) -> Result<&'a str, Failure> {
        match self.map.get(name) {
            Some(value) => value.as_str().ok_or_else(|| wrong_type(&self.path(name), "a string", value)),
            None => Err(Failure::MissingField { path: self.path(name) }),
        }
    }

    /// A yes or no; absent means no.
    ///
    /// # Errors
    /// [`Failure::WrongType`].
    pub fn flag(&self, name: &str) -> Result<bool, Failure> {
        let Some(value) = self.get(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| wrong_type(&self.path(name), "true or false", value))
    }

    /// A whole number from 0, if given, `10.0` being one; one that does not fit counts as the greatest.
    ///
    /// # Errors
    /// [`Failure::WrongType`].
    pub fn count(&self, name: &str) -> Result<Option<usize>, Failure> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let whole = |n: f64| (n >= 0.0 && n.fract() == 0.0).then_some(n as u64);
        let number = value.as_u64().or_else(|| value.as_f64().and_then(whole));
        let number = number.ok_or_else(|| wrong_type(&self.path(name), "a whole number from 1", value))?;
        Ok(Some(usize::try_from(number).unwrap_or(usize::MAX)))
    }

    /// The fields of an object, if given, whatever others it has.
    ///
    /// # Errors
    /// [`Failure::WrongType`].
    pub fn object(&self, name: &str) -> Result<Option<Self>, Failure> {
        self.get(name).map(|value| Self::with_others(value, &self.path(name))).transpose()
    }

    /// Whether a field is a list.
    #[must_use]
    pub fn is_list(&self, name: &str) -> bool {
        self.get(name).is_some_and(Value::is_array)
    }

    /// The items of a list that must be given.
    ///
    /// # Errors
    /// [`Failure::MissingField`], [`Failure::WrongType`].
    pub fn required_list(&self, name: &str) -> Result<&'a [Value], Failure> {
        match self.map.get(name) {
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(wrong_type(&self.path(name), "a list", other)),
            None => Err(Failure::MissingField { path: self.path(name) }),
        }
    }

    /// The items of a list with their paths; absent means none.
    ///
    /// # Errors
    /// [`Failure::WrongType`], or the first failure of `read`.
    pub fn list<T>(&self, name: &str, read: impl Fn(&'a Value, &str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let path = self.path(name);
        let items = value.as_array().ok_or_else(|| wrong_type(&path, "a list", value))?;
        items.iter().enumerate().map(|(i, item)| read(item, &format!("{path}[{i}]"))).collect()
    }
}

/// One text of a list.
///
/// # Errors
/// [`Failure::WrongType`].
pub fn text_item(value: &Value, at: &str) -> Result<String, Failure> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(at, "a string", value))
}

/// The failure for a value of another type than `expected`.
#[must_use]
pub fn wrong_type(at: &str, expected: &'static str, found: &Value) -> Failure {
    Failure::WrongType { path: at.to_owned(), expected, found: type_name(found) }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// A name from outside, cut so that an answer never grows with what was sent.
fn shorten(name: &str) -> &str {
    name.char_indices().nth(80).map_or(name, |(end, _)| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(bytes: &[u8]) -> &'static str {
        parse(bytes).err().map_or("fine", |f| f.kind())
    }

    #[test]
    fn broken_json_is_named_with_line_and_column() {
        let failure = parse(b"{\n  \"question\": \"x\",,\n}").unwrap_err();
        assert!(matches!(failure, Failure::BrokenJson { line: 2, column: 19, .. }), "{failure:?}");
    }

    #[test]
    fn bytes_that_are_not_text_are_named_with_their_offset() {
        assert!(matches!(parse(b"{\"a\":\"\xff\"}").unwrap_err(), Failure::NotUtf8 { offset: 6 }));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        assert_eq!(kind_of(br#"{"question":"a","question":"b"}"#), "duplicate-field");
        assert_eq!(kind_of(br#"{"history":[{"role":"user","role":"user"}]}"#), "duplicate-field");
        assert_eq!(kind_of(br#"{"a":{"x":1},"b":{"x":1}}"#), "fine");
    }

    #[test]
    fn odd_json_is_refused_without_a_panic() {
        assert_eq!(kind_of(b""), "empty-body");
        assert_eq!(kind_of(b"{} {}"), "broken-json");
        assert_eq!(kind_of(b"1e999"), "broken-json");
        assert_eq!(kind_of(br#""\ud800""#), "broken-json");
        assert_eq!(kind_of("[".repeat(10_000).as_bytes()), "broken-json");
        assert_eq!(kind_of(b"123456789012345678901234567890"), "fine");
    }

    #[test]
    fn a_whole_number_may_have_a_point() {
        let value = parse(br#"{"a":10.0,"b":1e30,"c":0.5,"d":-1,"e":"1","f":-1.0,"g":null}"#).unwrap();
        let fields = Fields::with_others(&value, "").unwrap();
        let count = |name| fields.count(name).ok().flatten();
        assert_eq!((count("a"), count("b"), count("g")), (Some(10), Some(usize::MAX), None));
        for wrong in ["c", "d", "e", "f"] {
            assert!(fields.count(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn all_unknown_fields_are_named_with_their_path() {
        let value = parse(br#"{"a":1,"question":"x","b":2}"#).unwrap();
        let Err(Failure::UnknownFields { unknown, .. }) = Fields::of(&value, "questions[3]", &["question"]) else {
            panic!("accepted")
        };
        assert_eq!(unknown, ["questions[3].a", "questions[3].b"]);
    }
}
