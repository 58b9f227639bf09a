//! `POST /api/v1/ask` and `/api/v1/ask/batch`.

use serde_json::{Value, json};

use crate::helpers::{NANNING, TestApp};

const ANSWERABLE: &str = "What did Dr. Mei Lin say about openness?";
const UNANSWERABLE: &str = "How many students attend the university of Reykjavik?";

/// The bytes of the source that a citation names.
fn named<'a>(source: &'a [u8], citation: &Value) -> &'a [u8] {
    let at = |name: &str| usize::try_from(citation[name].as_u64().unwrap()).unwrap();
    &source[at("start")..at("end")]
}

#[test]
fn an_answer_has_the_shape_of_the_contract_and_every_quote_is_a_byte_range() {
    let app = TestApp::start();
    let reply = app.answer(ANSWERABLE);
    let contract = "id question interpreted_question outcome confidence answer answer_markdown citations related \
                    suggestions conversation_id locale knowledge_version model degraded took_ms trace";
    let keys: Vec<&str> = reply.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, contract.split_whitespace().collect::<Vec<_>>());
    assert_eq!(reply["outcome"], "answered", "{reply:#}");
    assert!(reply["trace"].is_null());
    assert!(uuid::Uuid::parse_str(reply["id"].as_str().unwrap()).is_ok());

    let source = app.source(NANNING).bytes;
    let citations = reply["citations"].as_array().unwrap();
    assert!(!citations.is_empty());
    for (i, citation) in citations.iter().enumerate() {
        assert_eq!(citation["n"], i + 1);
        assert_eq!(named(&source, citation), citation["quote"].as_str().unwrap().as_bytes());
        assert!(reply["answer"].as_str().unwrap().contains(&format!("[{}]", i + 1)), "{reply:#}");
        assert!(citation["url"].as_str().unwrap().starts_with(&format!("/documents/{NANNING}?mark=")));
    }
}

#[test]
fn an_unanswerable_question_is_refused_with_200_and_the_nearest_passages() {
    let app = TestApp::start();
    let reply = app.answer(UNANSWERABLE);
    assert_eq!(reply["outcome"], "abstained", "{reply:#}");
    assert_eq!(reply["citations"], json!([]));
    assert!(reply["confidence"].as_f64().is_some_and(|c| (0.0..=1.0).contains(&c)));
    assert!(!reply["answer"].as_str().unwrap().is_empty());
    let (source, nearest) = (app.source(NANNING).bytes, reply["related"].as_array().unwrap());
    assert!(!nearest.is_empty(), "{reply:#}");
    for passage in nearest {
        assert_eq!(passage["document"], NANNING);
        assert_eq!(named(&source, passage), passage["quote"].as_str().unwrap().as_bytes());
    }
}

#[test]
fn the_first_refusal_after_a_start_suggests_questions_that_are_answered_and_so_does_the_next() {
    let app = TestApp::start();
    let first = app.answer(UNANSWERABLE)["suggestions"].clone();
    assert_eq!(app.answer(UNANSWERABLE)["suggestions"], first);
    let suggested = first.as_array().unwrap();
    assert_eq!(suggested.len(), 3, "{suggested:?}");
    for question in suggested {
        assert_eq!(app.answer(question.as_str().unwrap())["outcome"], "answered", "{question}");
    }
}

#[test]
fn the_trace_is_sent_only_when_asked_for() {
    let app = TestApp::start();
    let explained = app.ask(&json!({"question": ANSWERABLE, "explain": true})).json();
    assert!(explained["trace"].is_object(), "{explained:#}");
    assert!(app.ask(&json!({"question": ANSWERABLE, "explain": false})).json()["trace"].is_null());
}

#[test]
fn the_same_question_has_the_same_answer() {
    let app = TestApp::start();
    let stable = |mut reply: Value| {
        for changing in ["id", "conversation_id", "took_ms"] {
            reply[changing] = Value::Null;
        }
        reply
    };
    assert_eq!(stable(app.answer(ANSWERABLE)), stable(app.answer(ANSWERABLE)));
}

#[test]
fn conversation_ids_are_made_kept_and_used() {
    let app = TestApp::start();
    let first = app.answer("What did Dr. Mei Lin say about cultural exchanges?");
    let id = first["conversation_id"].as_str().expect("a new id").to_owned();
    assert_ne!(app.answer(ANSWERABLE)["conversation_id"], id.as_str());

    let given = app.ask(&json!({"question": ANSWERABLE, "conversation_id": "mine"})).json();
    assert_eq!(given["conversation_id"], "mine");

    let earlier = json!([{"role": "user", "content": "What did Dr. Mei Lin say about cultural exchanges?"}]);
    let follow_up = "What did she say about openness?";
    let by_history = app.ask(&json!({"question": follow_up, "history": earlier})).json();
    assert!(by_history["conversation_id"].is_null(), "{by_history:#}");
    let by_id = app.ask(&json!({"question": follow_up, "conversation_id": id})).json();
    assert_eq!(by_id["conversation_id"], id.as_str());
    for reply in [&by_history, &by_id] {
        assert!(reply["interpreted_question"].as_str().unwrap().contains("Lin"), "{reply:#}");
    }
}

#[test]
fn history_wins_over_the_conversation_that_is_remembered() {
    let app = TestApp::start();
    let first = app.answer("What did Nong Shengwen say about trade?");
    let history = json!([{"role": "user", "content": "What did Dr. Mei Lin say about cultural exchanges?"}]);
    let question = "What did she say about openness?";
    let alone = app.ask(&json!({"question": question, "history": history})).json();
    let both = json!({"question": question, "history": history, "conversation_id": first["conversation_id"]});
    let both = app.ask(&both).json();
    assert_eq!(both["interpreted_question"], alone["interpreted_question"]);
    assert_eq!(both["conversation_id"], first["conversation_id"]);
}

#[test]
fn documents_null_absent_and_empty_all_mean_all() {
    let app = TestApp::start();
    let answer = app.answer(ANSWERABLE)["answer"].clone();
    for documents in [Value::Null, json!([]), json!([NANNING])] {
        let reply = app.ask(&json!({"question": ANSWERABLE, "documents": documents, "history": null})).json();
        assert_eq!(reply["answer"], answer, "{documents}");
    }
}

#[test]
fn an_unknown_slug_is_refused_with_the_known_ones() {
    let seen = TestApp::start().ask(&json!({"question": ANSWERABLE, "documents": ["no-such"]}));
    assert_eq!((seen.status, seen.problem().as_str()), (400, "unknown-document"));
    let problem = seen.json();
    assert!(problem["detail"].as_str().unwrap().contains(NANNING), "{problem}");
    assert_eq!(problem["known_documents"], json!([NANNING]));
}

#[test]
fn an_unknown_locale_falls_back_and_the_reply_says_so() {
    let reply = TestApp::start().ask(&json!({"question": ANSWERABLE, "locale": "xx-YY"})).json();
    assert_eq!(reply["locale"], "en");
}

#[test]
fn a_batch_is_answered_in_order_with_a_problem_where_one_failed() {
    let app = TestApp::start();
    let questions = json!([ANSWERABLE, {"question": UNANSWERABLE}, " ", {"qestion": "x"}, 5, {"question": ANSWERABLE, "explain": true}]);
    let seen = app.ask_batch(&json!({"questions": questions}));
    assert_eq!(seen.status, 200, "{}", seen.text());
    let replies = seen.json()["replies"].as_array().unwrap().clone();
    let outcome = |i: usize| replies[i]["outcome"].as_str().or(replies[i]["type"].as_str()).unwrap().to_owned();
    let outcomes: Vec<String> = (0..replies.len()).map(outcome).collect();
    let problem = |kind: &str| format!("urn:dialogdesk:problem:{kind}");
    let expected = [
        "answered".to_owned(),
        "abstained".to_owned(),
        problem("empty-question"),
        problem("unknown-field"),
        problem("wrong-type"),
        "answered".to_owned(),
    ];
    assert_eq!(outcomes, expected);
    assert!(replies[4]["detail"].as_str().unwrap().contains("questions[4]"));
    assert!(replies[5]["trace"].is_object());
}

#[test]
fn a_batch_holds_1_to_64_questions() {
    let app = TestApp::start();
    for n in [0, 65] {
        let seen = app.ask_batch(&json!({"questions": vec!["q"; n]}));
        assert_eq!((seen.status, seen.problem().as_str()), (400, "bad-value"), "{n}");
    }
    let seen = app.ask_batch(&json!({"questions": vec!["openness"; 64]}));
    assert_eq!(seen.json()["replies"].as_array().unwrap().len(), 64);
}

#[test]
fn questions_at_once_get_the_answers_they_get_alone() {
    let app = TestApp::start();
    let alone = app.answer(ANSWERABLE)["answer"].clone();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| app.ask(&json!({"question": ANSWERABLE})))).collect();
        for thread in asking {
            let seen = thread.join().unwrap();
            match seen.status {
                200 => assert_eq!(seen.json()["answer"], alone),
                429 => assert!(!seen.header("retry-after").is_empty()),
                other => panic!("{other}: {}", seen.text()),
            }
        }
    });
}

#[test]
fn a_false_premise_is_refused_with_the_passage_that_contradicts_it_first() {
    let club = "# The rowing club\n\nThe rowing club on the quay grew from 40 to 300 members last year, because the school \
                sends its pupils there.\n\nThe boathouse was repainted in May. The trainer, Ida Holm, praised the new jetty: \
                “It is the best thing we ever built,” she said.\n";
    let app = TestApp::with_knowledge(&[("club.md", club.as_bytes())]);
    for (question, contradicting) in [
        ("Why did the rowing club shrink last year?", "grew from 40 to 300 members"),
        ("Why does Ida Holm find the new jetty awful?", "It is the best thing we ever built"),
    ] {
        let reply = app.ask(&json!({"question": question, "explain": true})).json();
        assert_eq!(reply["outcome"], "abstained", "{reply:#}");
        assert_eq!(reply["trace"]["reason"], "false_premise", "{reply:#}");
        assert!(reply["related"][0]["quote_text"].as_str().unwrap().contains(contradicting), "{reply:#}");
        assert!(reply["answer"].as_str().unwrap().contains(contradicting), "{reply:#}");
        // The words name her themselves, so that no label stands before them.
        assert!(!reply["answer"].as_str().unwrap().contains("Ida Holm: "), "{reply:#}");
    }
    let premise_holds =
        app.ask(&json!({"question": "Why did the club grow from 40 to 300 members?", "explain": true})).json();
    assert_ne!(premise_holds["trace"]["reason"], "false_premise", "{premise_holds:#}");
}

#[test]
fn what_one_person_said_nothing_about_is_refused_by_name() {
    let ferry = FERRY.replace("Host", "Cy Voss");
    let council = "# The council\n\nThe council meets every month.\n";
    let app = TestApp::with_knowledge(&[("ferry.md", ferry.as_bytes()), ("council.md", council.as_bytes())]);
    // By rule, whatever the confidence: who only asks says nothing, nor does whoever does not speak in
    // the documents that are searched.
    for (person, documents, reason, told) in [
        ("Cy Voss", json!([]), "speaker_silent", "Cy Voss says nothing there about fares."),
        ("Ann Lee", json!(["council"]), "speaker_silent", "Ann Lee says nothing there about fares."),
        ("Zebulon Quist", json!([]), "unknown_speaker", "no document quotes Zebulon Quist."),
    ] {
        let question = format!("What did {person} say about fares?");
        let reply = app.ask(&json!({"question": question, "documents": documents, "explain": true})).json();
        assert_eq!((&reply["outcome"], &reply["trace"]["reason"]), (&json!("abstained"), &json!(reason)), "{reply:#}");
        assert!(reply["answer"].as_str().unwrap().contains(told), "{reply:#}");
        assert!(!reply["related"].as_array().unwrap().is_empty(), "{reply:#}");
    }
}

#[test]
fn what_is_not_sure_enough_is_refused_with_the_word_that_is_missing_or_by_name() {
    // No confidence reaches 1.
    let settings = [("DIALOGDESK_ANSWERING_THRESHOLD", "1")];
    let app = TestApp::with_knowledge_and(&[("ferry.md", FERRY.as_bytes())], &settings);
    for (topic, told) in [
        ("fares", "nothing that Bo Chen says there answers it."),
        ("volcanoes", "Nothing in them mentions “volcanoes”."),
    ] {
        let question = format!("What did Bo Chen say about {topic}?");
        let reply = app.ask(&json!({"question": question, "explain": true})).json();
        assert_eq!(
            (&reply["outcome"], &reply["trace"]["reason"]),
            (&json!("abstained"), &json!("below_threshold")),
            "{reply:#}"
        );
        assert!(reply["answer"].as_str().unwrap().contains(told), "{reply:#}");
    }
    let far = TestApp::start().answer("What did Nong Shengwen say about volcanoes?");
    assert_eq!(far["outcome"], "abstained", "{far:#}");
    assert!(far["answer"].as_str().unwrap().contains("“volcanoes”"), "{far:#}");
}

#[test]
fn the_words_that_answer_are_bold_in_markdown_and_are_words_of_the_quote() {
    let app = TestApp::start();
    let mut bold = 0;
    for question in ["When did the event open?", "How large was bilateral trade in 2024?", "Who organised the dialog?"]
    {
        let reply = app.answer(question);
        let quotes: Vec<&str> =
            reply["citations"].as_array().unwrap().iter().filter_map(|c| c["quote_text"].as_str()).collect();
        let markdown = reply["answer_markdown"].as_str().unwrap().replace('\\', "");
        // Every other piece stands between two marks; a speaker's label ends with a colon.
        for words in markdown.split("**").skip(1).step_by(2).filter(|w| !w.ends_with(':')) {
            assert!(quotes.iter().any(|quote| quote.contains(words)), "{words:?} in {reply:#}");
            bold += 1;
        }
        assert!(!reply["answer"].as_str().unwrap().contains("**"), "{reply:#}");
    }
    assert!(bold > 0, "no answer has words in bold");
}

#[test]
fn a_search_gives_the_ranking_that_the_answer_is_drawn_from() {
    let app = TestApp::start();
    let trace = app.ask(&json!({"question": ANSWERABLE, "explain": true})).json()["trace"].take();
    let hits = app.search(&json!({"query": ANSWERABLE, "limit": 10})).json();
    let anchors: Vec<String> = hits["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| format!("{}#{}", h["document"].as_str().unwrap(), h["anchor"].as_str().unwrap()))
        .collect();
    let reranked: Vec<&str> = trace["reranked"].as_array().unwrap().iter().filter_map(Value::as_str).take(10).collect();
    assert_eq!(anchors, reranked);
    assert_ne!(trace["reranked"], trace["fused"], "the reader and late interaction change the order here");
}

#[test]
fn the_reader_has_a_say_in_the_ranking() {
    let file = std::fs::read(crate::helpers::shipped_knowledge().join(format!("{NANNING}.md"))).unwrap();
    let without = TestApp::with_knowledge_and(&[("nanning.md", &file)], &[("DIALOGDESK_ANSWERING_READER", "false")]);
    let with = TestApp::start();
    let order = |app: &TestApp, question: &str| {
        app.ask(&json!({"question": question, "explain": true})).json()["trace"]["reranked"].take()
    };
    let questions =
        ["Who organised the dialog?", "Why do cultural ties matter?", "How large was trade in 2024?", ANSWERABLE];
    assert!(questions.iter().any(|question| order(&with, question) != order(&without, question)));
}

/// Two people who say different things about the same matters.
const FERRY: &str = "# The ferry\n\n**Host:** What do you say about fares, Ann Lee?\n\n\
    **Ann Lee:** Ferry fares must fall, because fares are too high, and fares rose last year.\n\n\
    **Host:** Bo Chen, is she right?\n\n\
    **Bo Chen:** I would leave the price of a ticket as it is, since it pays for the crew.\n\n\
    **Host:** And the noise?\n\n**Bo Chen:** Noise is not my business.\n\n\
    **Ann Lee:** The noise at night is bad.\n";

#[test]
fn each_of_several_people_who_are_asked_about_is_quoted() {
    let app = TestApp::with_knowledge(&[("ferry.md", FERRY.as_bytes())]);
    // Bo Chen's words are far behind those of Ann Lee: they name a ticket, not a fare.
    let reply = app.answer("What did Ann Lee and Bo Chen say about fares?");
    let speakers: Vec<&str> =
        reply["citations"].as_array().expect("a list").iter().filter_map(|c| c["speaker"].as_str()).collect();
    assert!(speakers.contains(&"Ann Lee") && speakers.contains(&"Bo Chen"), "{reply}");
}

#[test]
fn what_somebody_else_said_counts_against_an_answer() {
    let app = TestApp::with_knowledge(&[("ferry.md", FERRY.as_bytes())]);
    let gap = |question: &str| {
        let reply = app.ask(&json!({"question": question, "explain": true})).json();
        let features = reply["trace"]["features"].as_array().expect("features").clone();
        let named = features.iter().find(|f| f[0] == "speaker_gap").expect("speaker_gap");
        named[1].as_f64().expect("a number")
    };
    assert!(gap("What did Ann Lee say about high fares?") < 0.0);
    assert!(gap("What did Bo Chen say about high fares?") > 0.0);
    assert!(gap("Which fares are too high?").abs() < f64::EPSILON, "nobody's words are asked for");
}

#[test]
fn without_an_encoder_the_sentence_with_the_words_of_the_question_is_quoted() {
    let text = "# The orchard\n\nThe town is old and its streets are quiet. Gardeners of the parish planted forty \
                apple trees in the orchard. Nobody has counted the pears.\n";
    let settings = [("DIALOGDESK_MODELS_RUNTIME", "/nowhere/libonnxruntime.so")];
    let app = TestApp::with_knowledge_and(&[("orchard.md", text.as_bytes())], &settings);
    let reply = app.answer("What did the gardeners plant in the orchard?");
    assert_eq!(reply["degraded"], true);
    let quote = reply["citations"][0]["quote"].as_str().expect("a quote");
    assert!(quote.starts_with("Gardeners of the parish planted"), "{quote}");
}

#[test]
fn what_is_asked_of_a_place_that_no_document_names_is_refused() {
    let text = "# The council\n\nThe council of Kelday has eleven members, who meet every month.\n";
    let app = TestApp::with_knowledge(&[("council.md", text.as_bytes())]);
    let answer = app.answer("How many members does the council of Kelday have?");
    assert_eq!(answer["citations"][0]["anchor"], "p-1");
    let body = json!({"question": "How many members does the council of Bergen have?", "explain": true});
    let reply = app.ask(&body).json();
    assert_eq!(
        (&reply["outcome"], &reply["trace"]["reason"]),
        (&json!("abstained"), &json!("unknown_name")),
        "{reply}"
    );
    assert!(reply["answer"].as_str().expect("a text").contains("“Bergen”"), "{reply}");
    assert_eq!(reply["related"][0]["anchor"], "p-1");
}
