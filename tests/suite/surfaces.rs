//! Every surface gives the same answer with the same evidence for the same question.
//!
//! A surface is one entry of `SURFACES`: how it is asked, and what a person or program is shown
//! there. What `POST /api/v1/ask` says is the measure.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::channels::Scene;
use crate::helpers::{NANNING, Seen, TestApp, binary, shared_index, shipped_knowledge};

/// Questions of every form, answered and refused.
const QUESTIONS: &[&str] = &[
    "What did Dr. Mei Lin say about openness?",
    "Who organized the dialog?",
    "When was the article published?",
    "Which steps should cities take?",
    "What is the second step?",
    "How many turns does the interview have?",
    "what did the party cheif say about trade",
    "Who published the report, and what did Dr. Mei Lin say about openness?",
    "Who published the report, and how many students attend the university of Reykjavik?",
    "What did Dr. Mei Lin say about chess?",
    "How many students attend the university of Reykjavik?",
    "Translate the article into French.",
    "开放对城市为什么重要？",
];

/// A way to put questions and what comes back.
struct Surface {
    name: &'static str,
    ask: fn(&TestApp, &[&str]) -> Vec<Shown>,
}

/// What one answer or refusal shows.
enum Shown {
    /// A reply as the API sends it, whatever it came in.
    Reply(Value),
    /// Words with links: quotes stand in the words.
    Words { answered: bool, text: String, links: Vec<String> },
}

const SURFACES: &[Surface] = &[
    Surface { name: "batch", ask: batch },
    Surface { name: "stream", ask: stream },
    Surface { name: "OpenAI, plain", ask: openai },
    Surface { name: "OpenAI, streamed", ask: openai_streamed },
    Surface { name: "MCP over HTTP, newest", ask: mcp_newest },
    Surface { name: "MCP over HTTP, older", ask: mcp_older },
    Surface { name: "MCP over standard input and output", ask: mcp_stdio },
    Surface { name: "command line as JSON", ask: command_line_json },
    Surface { name: "command line in words", ask: command_line },
];

/// Messengers, asked with signed events; what is shown is what their vendors were sent.
const MESSENGERS: &[Surface] = &[
    Surface { name: "Slack", ask: |_, questions| messenger("slack", questions) },
    Surface { name: "Telegram", ask: |_, questions| messenger("telegram", questions) },
    Surface { name: "WhatsApp", ask: |_, questions| messenger("whatsapp", questions) },
    Surface { name: "LINE", ask: |_, questions| messenger("line", questions) },
    Surface { name: "Discord", ask: |_, questions| messenger("discord", questions) },
    Surface { name: "Feishu", ask: |_, questions| messenger("feishu", questions) },
    Surface { name: "Microsoft Teams", ask: |_, questions| messenger("teams", questions) },
];

#[test]
fn every_surface_gives_the_same_evidence() {
    all_give_the_same(SURFACES);
}

#[test]
fn every_messenger_gives_the_same_evidence() {
    all_give_the_same(MESSENGERS);
}

fn all_give_the_same(surfaces: &[Surface]) {
    let app = TestApp::start();
    let replies: Vec<Value> = QUESTIONS.iter().map(|question| app.answer(question)).collect();
    let answered = replies.iter().filter(|reply| reply["outcome"] == "answered").count();
    assert!(answered >= 5 && QUESTIONS.len() - answered >= 3, "{answered} answered: too few of one kind to compare");
    for surface in surfaces {
        let shown = (surface.ask)(&app, QUESTIONS);
        assert_eq!(shown.len(), QUESTIONS.len(), "{}", surface.name);
        for ((question, reply), shown) in QUESTIONS.iter().zip(&replies).zip(&shown) {
            let place = format!("{}, {question}", surface.name);
            match shown {
                Shown::Reply(other) => same_reply(reply, other, &place),
                Shown::Words { answered, text, links } => {
                    assert_eq!(*answered, reply["outcome"] == "answered", "{place}: {text}");
                    same_words(reply, text, links, &place);
                }
            }
        }
    }
}

#[test]
fn a_busy_server_says_so_in_the_terms_of_each_surface() {
    let settings = [("DIALOGDESK_SERVER_MAX_IN_FLIGHT", "1")];
    let article =
        "# The harbour\n\nThe harbour was opened in 1923.\n\n".to_owned() + &"Ships come and go. ".repeat(2000);
    let app = TestApp::with_knowledge_and(&[("harbour.md", article.as_bytes())], &settings);
    let question = "When was the harbour opened?";
    let messages = json!([{ "role": "user", "content": question }]);
    let doors = [
        ("/api/v1/ask", json!({ "question": question }), "/type", "urn:dialogdesk:problem:busy"),
        ("/api/v1/ask/stream", json!({ "question": question }), "/type", "urn:dialogdesk:problem:busy"),
        ("/v1/chat/completions", json!({ "messages": messages }), "/error/type", "rate_limit_error"),
        ("/v1/chat/completions", json!({ "messages": messages, "stream": true }), "/error/code", "busy"),
        ("/mcp", mcp_call(question, json!({})), "/id", question),
    ];
    for (path, body, place, told) in doors {
        let seen: Vec<Seen> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..12).map(|_| scope.spawn(|| app.post(path, &body))).collect();
            asking.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let (taken, busy): (Vec<_>, Vec<_>) = seen.into_iter().partition(|seen| seen.status == 200);
        assert!(!taken.is_empty() && !busy.is_empty(), "{path}: {} taken, {} busy", taken.len(), busy.len());
        for seen in busy {
            assert_eq!((seen.status, seen.header("retry-after")), (429, "1"), "{path}: {}", seen.text());
            assert_eq!(seen.json().pointer(place), Some(&json!(told)), "{path}");
        }
    }
}

/// All but what is new with each reply, and where links begin.
fn same_reply(reply: &Value, other: &Value, place: &str) {
    let stable = |reply: &Value| {
        let mut reply = reply.clone();
        for changing in ["id", "conversation_id", "took_ms", "trace", "answer_markdown"] {
            reply[changing] = Value::Null;
        }
        for list in ["citations", "related"] {
            for citation in reply[list].as_array_mut().expect("a list") {
                citation["url"] = json!(from_the_root(text(&citation["url"])));
            }
        }
        reply
    };
    assert_eq!(stable(other), stable(reply), "{place}");
}

/// The quotes in the order of the citations, and a link for each.
fn same_words(reply: &Value, words: &str, links: &[String], place: &str) {
    let cited = evidence(reply);
    let expected: Vec<&str> = cited.iter().map(|c| text(&c["url"])).collect();
    let links: Vec<String> = links.iter().map(|link| from_the_root(link)).collect();
    let same = |(link, url): (&String, &&str)| link == url || url.split(":~:").next() == Some(link);
    assert!(
        links.len() == expected.len() && links.iter().zip(&expected).all(same),
        "{place}: {links:#?} {expected:#?}"
    );
    let mut from = 0;
    for citation in &cited {
        let quote = text(&citation["quote_text"]);
        // One that repeats a shown quote is cited and not shown again.
        if reply["outcome"] == "answered" && !text(&reply["answer"]).contains(quote) {
            continue;
        }
        let at = words[from..].find(quote).unwrap_or_else(|| panic!("{place}: {quote:?} is not in order in {words:?}"));
        from += at + quote.len();
    }
}

/// What an answer cites, or the nearest passages of a refusal.
fn evidence(reply: &Value) -> Vec<&Value> {
    let list = if reply["outcome"] == "answered" { &reply["citations"] } else { &reply["related"] };
    list.as_array().expect("a list").iter().collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Some surfaces stand elsewhere and give whole addresses.
fn from_the_root(url: &str) -> String {
    url.find("/documents/").map_or(url, |at| &url[at..]).to_owned()
}

// ---- the API ---------------------------------------------------------------------------------------

fn batch(app: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let replies = app.ask_batch(&json!({ "questions": questions })).json();
    replies["replies"].as_array().expect("a list").iter().cloned().map(Shown::Reply).collect()
}

fn stream(app: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let ask = |question: &&str| {
        let events = app.ask_stream(&json!({ "question": question })).events();
        let (_, data) = events.iter().find(|(name, _)| name == "answer").expect("an answer");
        Shown::Reply(serde_json::from_str(data).expect("JSON"))
    };
    questions.iter().map(ask).collect()
}

// ---- OpenAI ----------------------------------------------------------------------------------------

fn openai(app: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let ask = |question: &&str| {
        let body = json!({ "messages": [{ "role": "user", "content": question }] });
        let message = app.post("/v1/chat/completions", &body).json()["choices"][0]["message"].clone();
        message_shown(text(&message["content"]), &message["annotations"])
    };
    questions.iter().map(ask).collect()
}

fn openai_streamed(app: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let ask = |question: &&str| {
        let body = json!({ "messages": [{ "role": "user", "content": question }], "stream": true });
        let (mut content, mut annotations) = (String::new(), json!([]));
        for (_, data) in app.post("/v1/chat/completions", &body).events() {
            let Ok(chunk) = serde_json::from_str::<Value>(&data) else { continue };
            let delta = &chunk["choices"][0]["delta"];
            content.push_str(delta["content"].as_str().unwrap_or_default());
            if delta["annotations"].is_array() {
                annotations = delta["annotations"].clone();
            }
        }
        message_shown(&content, &annotations)
    };
    questions.iter().map(ask).collect()
}

/// The links of a message as its reader follows them; an answer annotates each of them.
fn message_shown(content: &str, annotations: &Value) -> Shown {
    let link = |rest: &str| rest.split(')').next().unwrap_or_default().to_owned();
    let mut links: Vec<String> = content.split("]](").skip(1).map(link).collect();
    let annotated = annotations.as_array().expect("a list");
    if !annotated.is_empty() {
        let urls: Vec<&str> = annotated.iter().map(|a| text(&a["url_citation"]["url"])).collect();
        assert_eq!(links, urls, "{content}");
        // A count names its first and last citation before it lists them all.
        let mut seen = Vec::new();
        links.retain(|link| {
            !seen.contains(link) && {
                seen.push(link.clone());
                true
            }
        });
        links.sort_by_key(|link| content.rfind(&format!("({link})")));
    }
    Shown::Words { answered: !annotated.is_empty(), text: content.to_owned(), links }
}

// ---- MCP -------------------------------------------------------------------------------------------

fn mcp_call(question: &str, meta: Value) -> Value {
    let params = json!({ "name": "ask", "arguments": { "question": question }, "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": question, "method": "tools/call", "params": params })
}

fn newest() -> Value {
    json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} })
}

fn mcp_newest(app: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "ask")];
    let ask = |question: &&str| {
        let request = app.request("POST", "/mcp").json(&mcp_call(question, newest()));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        mcp_shown(&request.send().expect("an answer").json().expect("JSON"))
    };
    questions.iter().map(ask).collect()
}

fn mcp_older(app: &TestApp, questions: &[&str]) -> Vec<Shown> {
    questions.iter().map(|question| mcp_shown(&app.post("/mcp", &mcp_call(question, json!({}))).json())).collect()
}

fn mcp_stdio(_: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let mut command = binary("mcp", &shipped_knowledge(), shared_index());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    for question in questions {
        writeln!(input, "{}", mcp_call(question, newest())).expect("written");
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends").stdout;
    let lines = String::from_utf8(output).expect("UTF-8");
    lines.lines().map(|line| mcp_shown(&serde_json::from_str(line).expect("JSON"))).collect()
}

/// The text is what every revision has; where there is a structure beside it, it is the same.
fn mcp_shown(answer: &Value) -> Shown {
    let result = &answer["result"];
    let reply: Value = serde_json::from_str(text(&result["content"][0]["text"])).expect("JSON");
    if let Some(structured) = result.get("structuredContent") {
        assert_eq!(structured, &reply);
    }
    Shown::Reply(reply)
}

// ---- the command line ------------------------------------------------------------------------------

fn asked(question: &str, flags: &[&str]) -> String {
    let output =
        binary("ask", &shipped_knowledge(), shared_index()).arg(question).args(flags).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn command_line_json(_: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let ask = |question: &&str| Shown::Reply(serde_json::from_str(&asked(question, &["--json"])).expect("JSON"));
    questions.iter().map(ask).collect()
}

fn command_line(_: &TestApp, questions: &[&str]) -> Vec<Shown> {
    let ask = |question: &&str| {
        let text = asked(question, &[]);
        let address = format!("/documents/{NANNING}");
        let links = text.lines().map(str::trim).filter(|line| line.starts_with(&address)).map(str::to_owned).collect();
        Shown::Words { answered: text.contains("\nSources\n"), text, links }
    };
    questions.iter().map(ask).collect()
}

// ---- messengers ------------------------------------------------------------------------------------

/// Asks with signed events, each in a conversation of its own, and shows what the vendor was sent.
fn messenger(name: &str, questions: &[&str]) -> Vec<Shown> {
    let scene = Scene::as_shipped(&[name]);
    let place = &scene.places[0];
    let ask = |(n, question): (usize, &&str)| {
        let n = (n + 1).to_string();
        let messages = place.answer_at(&n, &scene.app, question, &n);
        let (text, mut links) = place.messenger.shown_of(&messages);
        // An answer that counts names its first and last source before it shows them all.
        let mut kept: Vec<String> = Vec::new();
        while let Some(link) = links.pop() {
            if !kept.contains(&link) {
                kept.insert(0, link);
            }
        }
        let said = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("Read as:"));
        let refusals = [
            "The sources do not answer",
            "The sources do not say: no",
            "The sources do not say that",
            "I only",
            "I can only",
        ];
        let refused = said.is_some_and(|said| {
            refusals.iter().any(|words| said.starts_with(words)) || said.contains("says nothing there")
        });
        Shown::Words { answered: !refused, text, links: kept }
    };
    questions.iter().enumerate().map(ask).collect()
}
