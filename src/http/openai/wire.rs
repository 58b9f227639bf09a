//! The JSON of OpenAI's chat completions, as far as it means something here.
//!
//! Read leniently: fields that steer language models are ignored. What is left is checked like
//! everything that comes in. Field names are OpenAI's.

use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::MODEL;
use super::content::Content;
use crate::ask::{Ask, Message, Role};
use crate::http::body::Fields;
use crate::http::error::Failure;
use crate::http::sse::{self, Frames};
use crate::http::wire::AskReply;

/// Messages that are read, the question included: the last ones.
const MESSAGES_READ: usize = 20;

/// A conversation whose last user message is the question.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({"model": "dialogdesk", "messages": [{"role": "user", "content": "What does Dr. Mei Lin say about openness?"}]}))]
pub struct ChatRequest {
    /// Any name is taken; the one model answers.
    #[schema(required = false, nullable)]
    pub model: Option<String>,
    /// One of them from the user.
    #[schema(min_items = 1)]
    pub messages: Vec<ChatMessage>,
    #[schema(required = false, nullable, default = false)]
    pub stream: bool,
    #[schema(required = false, nullable)]
    pub stream_options: Option<StreamOptions>,
    /// The same question has one answer.
    #[schema(required = false, nullable, minimum = 1, maximum = 1)]
    pub n: Option<usize>,
}

/// How an answer is streamed.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct StreamOptions {
    /// Adds a last chunk with the usage.
    #[schema(required = false, nullable)]
    pub include_usage: bool,
}

/// A message of a conversation.
#[derive(Debug, Clone, ToSchema)]
pub struct ChatMessage {
    pub role: ChatRole,
    #[schema(required = false, nullable, value_type = MessageContent)]
    pub content: String,
}

/// Who wrote a message; those of `system`, `developer`, `tool` and `function` are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum ChatRole {
    System,
    Developer,
    User,
    Assistant,
    Tool,
    Function,
}

/// A text, or its parts.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum MessageContent {
    Text(String),
    Parts(Vec<ContentPart>),
}

/// A part of a text.
#[derive(ToSchema)]
pub struct ContentPart {
    /// Pictures, sound and files cannot be read.
    #[schema(rename = "type")]
    pub kind: TextPart,
    pub text: String,
}

/// The kinds of parts that can be read.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum TextPart {
    Text,
}

impl ChatRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn read(value: &Value) -> Result<Self, Failure> {
        let fields = Fields::with_others(value, "")?;
        let n = fields.count("n")?;
        if n.is_some_and(|n| n != 1) {
            return Err(Failure::BadValue {
                path: "n".into(),
                rule: "must be 1; the same question has one answer".into(),
            });
        }
        let options = |o: Fields| o.flag("include_usage").map(|include_usage| StreamOptions { include_usage });
        let items = fields.required_list("messages")?.iter().enumerate();
        let messages: Vec<ChatMessage> =
            items.map(|(i, item)| ChatMessage::read(item, &format!("messages[{i}]"))).collect::<Result<_, _>>()?;
        if !messages.iter().any(|message| message.role == ChatRole::User) {
            let rule = "must hold a message with the role `user`: the question".to_owned();
            return Err(Failure::BadValue { path: "messages".into(), rule });
        }
        Ok(Self {
            model: fields.text("model")?.map(str::to_owned),
            messages,
            stream: fields.flag("stream")?,
            stream_options: fields.object("stream_options")?.map(options).transpose()?,
            n,
        })
    }

    /// Whether a stream ends with the usage.
    #[must_use]
    pub fn wants_usage(&self) -> bool {
        self.stream_options.is_some_and(|options| options.include_usage)
    }

    /// The last user message as the question, the messages before it as its history.
    #[must_use]
    pub fn to_ask(&self) -> Ask {
        let mut said: Vec<Message> = self.messages.iter().filter_map(ChatMessage::said).collect();
        let last = said.iter().rposition(|message| message.role == Role::User).unwrap_or_default();
        said.truncate(last + 1);
        let question = said.pop().map(|message| message.content).unwrap_or_default();
        let history = said.split_off(said.len().saturating_sub(MESSAGES_READ - 1));
        Ask { question, history, ..Ask::default() }
    }
}

impl ChatMessage {
    fn read(value: &Value, at: &str) -> Result<Self, Failure> {
        let fields = Fields::with_others(value, at)?;
        let role = match fields.required_text("role")? {
            "system" => ChatRole::System,
            "developer" => ChatRole::Developer,
            "user" => ChatRole::User,
            "assistant" => ChatRole::Assistant,
            "tool" => ChatRole::Tool,
            "function" => ChatRole::Function,
            _ => {
                let rule = "must be `user`, `assistant`, `system`, `developer`, `tool` or `function`".to_owned();
                return Err(Failure::BadValue { path: fields.path("role"), rule });
            }
        };
        let content = match role {
            ChatRole::User | ChatRole::Assistant => read_content(&fields)?,
            // What has no effect needs no reading.
            _ => String::new(),
        };
        Ok(Self { role, content })
    }

    /// As the engine reads it; messages without an effect are none.
    fn said(&self) -> Option<Message> {
        match self.role {
            ChatRole::User => Some(Message { role: Role::User, content: self.content.clone() }),
            ChatRole::Assistant => Some(Message { role: Role::Assistant, content: without_links(&self.content) }),
            ChatRole::System | ChatRole::Developer | ChatRole::Tool | ChatRole::Function => None,
        }
    }
}

/// A text, or a list of parts of which each is text. An assistant that called a tool said nothing.
fn read_content(fields: &Fields) -> Result<String, Failure> {
    let part = |value: &Value, at: &str| {
        let part = Fields::with_others(value, at)?;
        match part.required_text("type")? {
            "text" => part.required_text("text").map(str::to_owned),
            "refusal" => part.required_text("refusal").map(str::to_owned),
            _ => Err(Failure::BadValue {
                path: part.path("type"),
                rule: "must be `text`; nothing else can be read".into(),
            }),
        }
    };
    if fields.is_list("content") {
        Ok(fields.list("content", part)?.join("\n"))
    } else {
        Ok(fields.text("content")?.unwrap_or_default().to_owned())
    }
}

/// An earlier answer of ours with its links as the markers they were, so that no address is taken
/// for words.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("]](") {
        let Some(length) = rest[at..].find(')') else { break };
        out.push_str(&rest[..=at]);
        rest = &rest[at + length + 1..];
    }
    (out + rest).replace("[[", "[")
}

/// The answer to a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatCompletion {
    pub id: String,
    /// `chat.completion`
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    pub model: &'static str,
    /// The version of the knowledge that answered.
    pub system_fingerprint: String,
    /// One.
    pub choices: Vec<ChatChoice>,
    pub usage: Usage,
}

/// The one answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatChoice {
    pub index: u32,
    /// `stop`
    pub finish_reason: &'static str,
    /// Always null.
    #[schema(required, value_type = Option<Object>)]
    pub logprobs: (),
    pub message: AnswerMessage,
}

/// The answer in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerMessage {
    /// `assistant`
    pub role: &'static str,
    /// Markdown with a link `[[n]](url)` for each citation.
    pub content: String,
    /// Always null: that the sources do not answer stands in `content`, where clients show it.
    #[schema(required, value_type = Option<String>)]
    pub refusal: (),
    /// Empty when the sources do not answer.
    pub annotations: Vec<Annotation>,
}

/// A citation and where its link stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Annotation {
    /// `url_citation`
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub url_citation: UrlCitation,
}

/// Where a link stands in `content` and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UrlCitation {
    /// First character, counted in Unicode code points.
    pub start_index: usize,
    /// Character after the last.
    pub end_index: usize,
    /// Title of the document.
    pub title: String,
    /// Absolute address of the marked quote on the document's page.
    pub url: String,
}

impl Annotation {
    /// A citation as OpenAI's clients read it.
    #[must_use]
    pub fn of(url_citation: UrlCitation) -> Self {
        Self { kind: "url_citation", url_citation }
    }
}

/// Words, where OpenAI counts tokens: no language model reads or writes any.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Usage {
    /// Words of the messages that were read.
    pub prompt_tokens: usize,
    /// Words of the answer.
    pub completion_tokens: usize,
    pub total_tokens: usize,
}

impl ChatCompletion {
    /// The answer to `asked` as it is sent at `created`.
    pub(super) fn new(asked: &ChatRequest, reply: &AskReply, content: Content, created: u64) -> Self {
        let words = |text: &str| text.split_whitespace().count();
        let prompt_tokens = asked.messages.iter().map(|message| words(&message.content)).sum();
        let completion_tokens = words(&content.text);
        let message =
            AnswerMessage { role: "assistant", content: content.text, refusal: (), annotations: content.annotations };
        Self {
            id: format!("chatcmpl-{}", reply.id),
            object: "chat.completion",
            created,
            model: MODEL,
            system_fingerprint: reply.knowledge_version.clone(),
            choices: vec![ChatChoice { index: 0, finish_reason: "stop", logprobs: (), message }],
            usage: Usage { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
        }
    }
}

/// The same as a stream: the role, the paragraphs one by one, the end, the usage if wanted.
///
/// The annotations come with the last paragraph: clients that know of them take them from there.
pub(super) fn chunks(completion: &ChatCompletion, include_usage: bool) -> Frames {
    let chunk = |choices: Value, usage: Option<Usage>| {
        let ChatCompletion { id, created, model, system_fingerprint, .. } = completion;
        let mut chunk = json!({
            "id": id, "object": "chat.completion.chunk", "created": created, "model": model,
            "system_fingerprint": system_fingerprint, "choices": choices,
        });
        if include_usage {
            chunk["usage"] = json!(usage);
        }
        sse::unnamed(&chunk.to_string())
    };
    let delta = |delta: Value, reason: Option<&str>| {
        chunk(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]), None)
    };
    let (send, receive) = mpsc::unbounded_channel();
    let push = |frame: Bytes| {
        // The receiver is held here.
        let _ = send.send(Ok(frame));
    };
    let first = delta(json!({ "role": "assistant", "content": "", "refusal": null }), None);
    for choice in &completion.choices {
        let mut paragraphs = choice.message.content.split_inclusive("\n\n").peekable();
        while let Some(paragraph) = paragraphs.next() {
            let mut content = json!({ "content": paragraph });
            if paragraphs.peek().is_none() {
                content["annotations"] = json!(choice.message.annotations);
            }
            push(delta(content, None));
        }
        push(delta(json!({}), Some(choice.finish_reason)));
    }
    if include_usage {
        push(chunk(json!([]), Some(completion.usage)));
    }
    push(sse::unnamed("[DONE]"));
    Frames::new(first, receive)
}

/// The models: one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelList {
    /// `list`
    pub object: &'static str,
    pub data: Vec<Model>,
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
pub struct Model {
    /// `dialogdesk`
    pub id: &'static str,
    /// `model`
    pub object: &'static str,
    /// Always 0: it was not made on a day that means anything to a client.
    pub created: u64,
    pub owned_by: &'static str,
}

impl Default for Model {
    fn default() -> Self {
        Self { id: MODEL, object: "model", created: 0, owned_by: MODEL }
    }
}

/// An error as OpenAI's clients read it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorEnvelope {
    pub error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// A sentence that says what to change.
    pub message: String,
    /// `invalid_request_error`, `authentication_error`, `permission_error`, `rate_limit_error` or
    /// `server_error`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The part of the request that is wrong.
    #[schema(required)]
    pub param: Option<String>,
    /// Stable name of what is wrong.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Result<Ask, Failure> {
        ChatRequest::read(&body).map(|request| request.to_ask())
    }

    #[test]
    fn the_last_user_message_is_the_question_and_those_before_it_its_history() {
        let ask = read(json!({ "model": "any", "temperature": 0, "tools": [], "messages": [
            { "role": "system", "content": "Be a pirate." },
            { "role": "user", "content": "Who is she?" },
            { "role": "assistant", "content": "“Mei Lin.” [[1]](http://h/documents/one?mark=1#turn-2) [[2]](http://h/d)" },
            { "role": "assistant", "content": null, "tool_calls": [{ "id": "x" }] },
            { "role": "tool", "content": [{ "type": "image_url" }], "tool_call_id": "x" },
            { "role": "user", "content": [{ "type": "text", "text": "What does she" }, { "type": "text", "text": "say?" }] },
            { "role": "assistant", "content": "She" },
        ]}))
        .unwrap();
        assert_eq!(ask.question, "What does she\nsay?");
        let said: Vec<&str> = ask.history.iter().map(|m| m.content.as_str()).collect();
        assert_eq!(said, ["Who is she?", "“Mei Lin.” [1] [2]", ""]);
    }

    #[test]
    fn the_last_twenty_messages_are_read() {
        let messages: Vec<Value> = (0..50).map(|n| json!({ "role": "user", "content": n.to_string() })).collect();
        let ask = read(json!({ "messages": messages })).unwrap();
        assert_eq!((ask.question.as_str(), ask.history.len()), ("49", 19));
        assert_eq!(ask.history[0].content, "30");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        let user = json!({ "role": "user", "content": "x" });
        for (body, place) in [
            (json!({}), "messages"),
            (json!({ "messages": [] }), "messages"),
            (json!({ "messages": [{ "role": "system", "content": "x" }] }), "messages"),
            (json!({ "messages": [{ "role": "wizard", "content": "x" }] }), "messages[0].role"),
            (json!({ "messages": [user, { "role": "user", "content": 7 }] }), "messages[1].content"),
            (
                json!({ "messages": [{ "role": "user", "content": [{ "type": "image_url" }] }] }),
                "messages[0].content[0].type",
            ),
            (json!({ "messages": [user], "n": 2 }), "n"),
            (json!({ "messages": [user], "stream": "yes" }), "stream"),
            (json!({ "messages": [user], "stream_options": { "include_usage": 1 } }), "stream_options.include_usage"),
        ] {
            let failure = read(body.clone()).unwrap_err();
            let named = match &failure {
                Failure::MissingField { path } | Failure::WrongType { path, .. } | Failure::BadValue { path, .. } => {
                    path
                }
                other => panic!("{body}: {other:?}"),
            };
            assert_eq!(named, place, "{body}");
        }
    }
}
