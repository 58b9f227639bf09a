//! `/mcp` and `dialogdesk mcp`: by hand, and with the official client in Python.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{NANNING, Seen, TestApp, binary, python_with, run_client, shared_index, shipped_knowledge};

const ANSWERABLE: &str = "What did Dr. Mei Lin say about openness?";
const UNANSWERABLE: &str = "How many students attend the university of Reykjavik?";
const NEWEST: &str = "2026-07-28";
const WITH_INITIALIZE: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

fn message(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
}

fn ask(question: &str) -> Value {
    json!({ "name": "ask", "arguments": { "question": question } })
}

/// Sends a message of the newest revision, with all that belongs to it.
fn modern(app: &TestApp, method: &str, mut params: Value) -> Seen {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": NEWEST,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"].as_str().or(params["uri"].as_str()).unwrap_or_default().to_owned();
    let mut request = app.request("POST", "/mcp").header("mcp-protocol-version", NEWEST).header("mcp-method", method);
    if !name.is_empty() {
        request = request.header("mcp-name", name);
    }
    Seen::of(request.json(&message(method, params)))
}

/// Sends a message of an older revision.
fn older(app: &TestApp, version: &str, method: &str, params: Value) -> Seen {
    Seen::of(app.request("POST", "/mcp").header("mcp-protocol-version", version).json(&message(method, params)))
}

fn result(seen: &Seen) -> Value {
    assert_eq!(seen.status, 200, "{}", seen.text());
    let answer = seen.json();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{answer:#}");
    assert!(answer["error"].is_null(), "{answer:#}");
    answer["result"].clone()
}

fn code(seen: &Seen) -> (u16, i64) {
    (seen.status, seen.json()["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {}", seen.text())))
}

#[test]
fn the_newest_revision_is_served_without_a_session() {
    let app = TestApp::start();
    let found = result(&modern(&app, "server/discover", json!({})));
    assert_eq!(found["supportedVersions"][0], NEWEST);
    assert_eq!(found["capabilities"], json!({ "tools": {}, "resources": {} }));
    for method in ["server/discover", "tools/list", "resources/list", "resources/templates/list"] {
        let seen = modern(&app, method, json!({}));
        assert!(seen.headers.get("mcp-session-id").is_none());
        let result = result(&seen);
        assert_eq!(result["resultType"], "complete", "{method}");
        assert!(result["ttlMs"].as_u64().is_some() && result["cacheScope"] == "private", "{method}: {result:#}");
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "dialogdesk");
    }
    let called = result(&modern(&app, "tools/call", ask(ANSWERABLE)));
    assert_eq!((&called["resultType"], &called["isError"]), (&json!("complete"), &json!(false)));
    for removed in ["initialize", "ping", "prompts/list"] {
        assert_eq!(code(&modern(&app, removed, json!({}))), (404, -32601), "{removed}");
    }
}

#[test]
fn older_revisions_begin_with_initialize() {
    let app = TestApp::start();
    for version in WITH_INITIALIZE {
        let begun = app.post("/mcp", &message("initialize", json!({ "protocolVersion": version, "capabilities": {} })));
        assert!(begun.headers.get("mcp-session-id").is_none());
        let begun = result(&begun);
        assert_eq!((&begun["protocolVersion"], &begun["serverInfo"]["name"]), (&json!(version), &json!("dialogdesk")));
        assert!(begun.get("resultType").is_none());
        let done = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let seen = Seen::of(app.request("POST", "/mcp").header("mcp-protocol-version", version).json(&done));
        assert_eq!((seen.status, seen.bytes.len()), (202, 0));
        assert_eq!(result(&older(&app, version, "ping", json!({}))), json!({}));
        // What a client of that revision does not know is not sent to it.
        let knows_structures = version >= "2025-06-18";
        let called = result(&older(&app, version, "tools/call", ask(ANSWERABLE)));
        assert_eq!(called.get("structuredContent").is_some(), knows_structures, "{version}");
        let kinds: Vec<&str> =
            called["content"].as_array().unwrap().iter().filter_map(|c| c["type"].as_str()).collect();
        assert_eq!(kinds.contains(&"resource_link"), knows_structures, "{version}: {kinds:?}");
        // Errors of the protocol are answers like others.
        assert_eq!(code(&older(&app, version, "prompts/list", json!({}))), (200, -32601));
        let none = json!({ "uri": "dialogdesk://documents/none" });
        assert_eq!(code(&older(&app, version, "resources/read", none)), (200, -32002));
    }
    for unknown in ["2023-01-01", NEWEST] {
        let begun = app.post("/mcp", &message("initialize", json!({ "protocolVersion": unknown })));
        assert_eq!(result(&begun)["protocolVersion"], WITH_INITIALIZE[0], "{unknown}");
    }
}

#[test]
fn a_list_of_messages_is_read_only_in_the_revision_that_has_it() {
    let app = TestApp::start();
    let list = json!([
        message("ping", json!({})),
        { "jsonrpc": "2.0", "method": "notifications/initialized" },
        message("nothing", json!({})),
        7,
    ]);
    let seen = app.post("/mcp", &list);
    let answers = seen.json();
    let codes: Vec<i64> =
        answers.as_array().unwrap().iter().map(|a| a["error"]["code"].as_i64().unwrap_or(0)).collect();
    assert_eq!((seen.status, codes), (200, vec![0, -32601, -32600]));
    assert_eq!(app.post("/mcp", &json!([{ "jsonrpc": "2.0", "method": "notifications/x" }])).status, 202);
    assert_eq!(code(&app.post("/mcp", &json!([]))), (400, -32600));
    assert_eq!(code(&app.post("/mcp", &json!(vec![message("ping", json!({})); 65]))), (400, -32600));
    let newer = app.request("POST", "/mcp").header("mcp-protocol-version", "2025-06-18").json(&list);
    assert_eq!(code(&Seen::of(newer)), (400, -32600));
}

#[test]
fn messages_that_do_not_fit_are_refused_in_the_terms_of_the_protocol() {
    let app = TestApp::start();
    assert_eq!(code(&app.post_bytes("/mcp", "{")), (400, -32700));
    assert_eq!(code(&app.post_bytes("/mcp", "")), (400, -32700));
    assert_eq!(code(&app.post("/mcp", &json!(7))), (400, -32600));
    assert_eq!(code(&app.post("/mcp", &json!({ "jsonrpc": "2.0", "id": 1, "result": {} }))), (400, -32600));
    assert_eq!(code(&older(&app, "2031-01-01", "ping", json!({}))), (400, -32022));
    let meta = |version: &str| json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {} } });
    let unserved = older(&app, "2031-01-01", "server/discover", meta("2031-01-01"));
    assert_eq!(code(&unserved), (400, -32022));
    assert!(unserved.json()["error"]["data"]["supported"].as_array().unwrap().contains(&json!(NEWEST)));
    // The headers must say what the body says, and be there.
    assert_eq!(code(&app.post("/mcp", &message("server/discover", meta(NEWEST)))), (400, -32020));
    assert_eq!(code(&older(&app, NEWEST, "server/discover", meta(NEWEST))), (400, -32020));
    let request = app.request("POST", "/mcp").header("mcp-protocol-version", NEWEST).header("mcp-method", "tools/list");
    assert_eq!(code(&Seen::of(request.json(&message("tools/list", json!({}))))), (400, -32602));
    for (params, expected) in [(json!({ "name": "write" }), (400, -32602)), (json!({ "arguments": {} }), (400, -32602))]
    {
        assert_eq!(code(&modern(&app, "tools/call", params)), expected);
    }
    assert_eq!(code(&modern(&app, "resources/read", json!({ "uri": "file:///etc/passwd" }))), (400, -32602));
    assert_eq!(code(&modern(&app, "resources/list", json!({ "cursor": "x" }))), (400, -32602));
    for method in ["GET", "DELETE", "PUT"] {
        let seen = Seen::of(app.request(method, "/mcp"));
        assert_eq!((seen.status, seen.header("allow")), (405, "POST"), "{method}");
    }
    assert_eq!(app.post_bytes("/mcp", vec![b' '; 64 * 1024 + 1]).problem(), "body-too-large");
}

#[test]
fn pages_of_other_sites_are_kept_out() {
    let app = TestApp::start();
    let call =
        |origin: &str| Seen::of(app.request("POST", "/mcp").header("origin", origin).json(&message("ping", json!({}))));
    let port = app.address.rsplit(':').next().unwrap();
    for foreign in ["https://evil.example", "null", &format!("http://evil.example:{port}")] {
        let seen = call(foreign);
        assert_eq!((seen.status, seen.problem().as_str()), (403, "foreign-origin"), "{foreign}");
    }
    assert_eq!(call(&app.address).status, 200);
    assert_eq!(call("http://localhost:5173").status, 200);
}

#[test]
fn a_call_that_the_model_can_put_right_says_how() {
    let app = TestApp::start();
    for (name, arguments, told) in [
        ("ask", json!({}), "`question`"),
        ("ask", json!({ "question": " " }), "white space"),
        ("ask", json!({ "question": "x", "documents": ["none"] }), NANNING),
        ("ask", json!({ "question": "x", "conversation_id": "y" }), "`conversation_id`"),
        ("search", json!({ "query": "trade", "limit": 0 }), "1 to 100"),
        ("read_passage", json!({ "document": NANNING }), "`anchor`"),
        ("read_passage", json!({ "document": "none", "anchor": "p-1" }), NANNING),
        ("read_passage", json!({ "document": NANNING, "anchor": "p-1", "around": 11 }), "from 0 to 10"),
        ("read_passage", json!({ "document": NANNING, "anchor": "p 1" }), "anchor"),
    ] {
        let called = result(&modern(&app, "tools/call", json!({ "name": name, "arguments": arguments })));
        assert_eq!(called["isError"], true, "{arguments}");
        let text = called["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(told), "{arguments}: {text}");
    }
}

#[test]
fn a_passage_is_read_with_its_neighbours() {
    let app = TestApp::start();
    let read = |anchor: &str, around: u32| {
        let arguments = json!({ "document": NANNING, "anchor": anchor, "around": around });
        result(&modern(&app, "tools/call", json!({ "name": "read_passage", "arguments": arguments })))["structuredContent"].clone()
    };
    let one = read("turn-2", 0);
    assert_eq!(one["passages"].as_array().unwrap().len(), 1);
    assert_eq!(one["url"], format!("{}/documents/{NANNING}#turn-2", app.address));
    let blocks = app.document(NANNING).json()["blocks"].clone();
    let at = blocks.as_array().unwrap().iter().position(|block| block["anchor"] == "turn-2").unwrap();
    assert_eq!(read("turn-2", 1)["passages"], json!(blocks.as_array().unwrap()[at - 1..=at + 1]));
    // The values of the front matter share an anchor, and the document has an end.
    let about = read("about", 10)["passages"].as_array().unwrap().clone();
    assert!(about.iter().filter(|p| p["anchor"] == "about").count() > 1 && about.len() > 10, "{about:#?}");
}

/// What the client saw, held against the API's own replies. Standard input and output know no
/// address, so that links are told from the root there.
fn holds(app: &TestApp, seen: &Value, base: &str, version: &str) {
    assert_eq!(seen["version"], version);
    assert_eq!(seen["tools"], json!(["ask", "search", "read_passage"]));
    for (asked, question) in seen["asked"].as_array().unwrap().iter().zip([ANSWERABLE, UNANSWERABLE]) {
        assert_eq!(asked["structured"], asked["text"]);
        let (told, reply) = (&asked["structured"], app.answer(question));
        for same in ["outcome", "confidence", "answer", "knowledge_version", "suggestions"] {
            assert_eq!(told[same], reply[same], "{question}: {same}");
        }
        let mut cited = Vec::new();
        for list in ["citations", "related"] {
            let mut expected = reply[list].clone();
            for citation in expected.as_array_mut().unwrap() {
                citation["url"] = json!(format!("{base}{}", citation["url"].as_str().unwrap()));
                let (document, anchor) = (citation["document"].as_str().unwrap(), citation["anchor"].as_str().unwrap());
                cited.push(json!(format!("dialogdesk://documents/{document}#{anchor}")));
            }
            assert_eq!(told[list], expected, "{question}: {list}");
        }
        assert_eq!(asked["links"], json!(cited), "{question}");
    }
    let passages: Vec<&Value> =
        seen["asked"][0]["structured"]["citations"].as_array().unwrap().iter().map(|c| &c["passage"]).collect();
    assert_eq!(seen["linked"], json!(passages), "a link leads to the passage that is cited");
    let hits = app.search(&json!({ "query": ANSWERABLE, "limit": 3 })).json();
    assert_eq!(seen["hits"]["structured"]["hits"], hits["hits"]);
    assert!(
        seen["passage"]["structured"]["passages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["anchor"] == hits["hits"][0]["anchor"])
    );
    assert_eq!(seen["resources"], json!([format!("dialogdesk://documents/{NANNING}")]));
    assert_eq!(seen["templates"], json!(["dialogdesk://documents/{slug}{#anchor}"]));
    assert_eq!(seen["source"], json!(String::from_utf8(app.source(NANNING).bytes).unwrap()));
    let errors = &seen["errors"];
    for call in ["unknown document", "unknown anchor", "unknown argument"] {
        assert_eq!(errors[call]["error"], true, "{errors:#}");
    }
    let missing = if version == NEWEST { -32602 } else { -32002 };
    assert_eq!((&errors["unknown tool"], &errors["unknown resource"]), (&json!(-32602), &json!(missing)));
}

const QUESTIONS: [&str; 2] = [ANSWERABLE, UNANSWERABLE];

#[test]
fn the_official_python_client_passes_over_http() {
    let Some(python) = python_with("mcp") else { return };
    let app = TestApp::start();
    for (mode, version) in [("auto", NEWEST), (NEWEST, NEWEST), ("legacy", "2025-11-25")] {
        let arguments = [mode, &json!(QUESTIONS).to_string(), &app.url("/mcp")];
        holds(&app, &run_client(&python, "mcp_client.py", &arguments), &app.address, version);
    }
}

#[test]
fn the_official_python_client_passes_over_standard_input_and_output() {
    let Some(python) = python_with("mcp") else { return };
    let app = TestApp::start();
    let (knowledge, data) = (shipped_knowledge().display().to_string(), shared_index().display().to_string());
    let questions = json!(QUESTIONS).to_string();
    for (mode, version) in [("auto", NEWEST), ("legacy", "2025-11-25")] {
        let command = [env!("CARGO_BIN_EXE_dialogdesk"), "mcp", "--knowledge", &knowledge, "--data", &data];
        let arguments = [&[mode, questions.as_str()][..], &command].concat();
        holds(&app, &run_client(&python, "mcp_client.py", &arguments), "", version);
    }
}

#[test]
fn standard_output_holds_answers_alone_and_the_end_of_the_input_is_the_end() {
    let mut command = binary("mcp", &shipped_knowledge(), shared_index());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    let long = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\"}}", "x".repeat(1024 * 1024));
    let lines: [&[u8]; 7] = [
        b"{",
        b"",
        b"\xff\xfe",
        br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        long.as_bytes(),
        br#"[{"jsonrpc":"2.0","id":2,"method":"ping"}]"#,
        br#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#,
    ];
    for line in lines {
        input.write_all(line).and_then(|()| input.write_all(b"\n")).expect("written");
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let codes: Vec<i64> = answers.iter().map(|a| a["error"]["code"].as_i64().unwrap_or(0)).collect();
    assert_eq!(codes, [-32700, -32700, -32600, -32600, 0], "{said}");
    assert_eq!(answers[4]["id"], 3);
}

#[test]
fn a_server_over_standard_input_takes_up_what_changes_in_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (knowledge, data) = (folder.path().join("knowledge"), folder.path().join("data"));
    std::fs::create_dir(&knowledge).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(knowledge.join(name), text).expect("written");
    write("harbour.md", "# Harbour\n\nThe harbour was opened in 1923.\n");
    let mut command = binary("mcp", &knowledge, &data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let (mut input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let mut answers = BufReader::new(output).lines();
    let mut call = |method: &str, params: Value| -> Value {
        writeln!(input, "{}", message(method, params)).expect("written");
        let line = answers.next().expect("an answer").expect("UTF-8");
        serde_json::from_str(&line).expect("JSON")
    };
    let mut served = || -> Vec<String> {
        let listed = call("resources/list", json!({}))["result"]["resources"].take();
        listed.as_array().expect("a list").iter().map(|r| r["uri"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(served(), ["dialogdesk://documents/harbour"]);
    write("lighthouse.md", "# Lighthouse\n\nAnna Berg kept the lighthouse until 1950.\n");
    let until = Instant::now() + Duration::from_secs(60);
    while served().len() < 2 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(served(), ["dialogdesk://documents/harbour", "dialogdesk://documents/lighthouse"]);
    let answer = call("tools/call", ask("Who kept the lighthouse until 1950?"));
    assert!(answer["result"]["content"][0]["text"].as_str().expect("a text").contains("Anna Berg"), "{answer:#}");
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
