//! The real model in the real runtime, and the borrowing of sessions with functions in their place.

use std::sync::OnceLock;

use super::super::tests::{repository, runtime};
use super::*;

fn folder() -> PathBuf {
    repository("models/reader")
}

fn options(folder: PathBuf) -> ReaderOptions {
    ReaderOptions { folder, runtime: runtime(), sessions: 2, patience: Duration::from_secs(60) }
}

fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| Reader::start(&options(folder())).unwrap())
}

fn read(question: &str, passage: &str) -> Reading {
    reader().read(question, &[passage]).unwrap().remove(0)
}

fn words<'a>(passage: &'a str, reading: &Reading) -> &'a str {
    &passage[reading.span.clone().unwrap()]
}

/// Pairs with what the exact weights make of them, written by `export.py`.
fn reference() -> Vec<serde_json::Value> {
    let file = std::fs::read(folder().join("reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_slice(&file).unwrap();
    reference["pairs"].as_array().unwrap().clone()
}

fn text<'a>(pair: &'a serde_json::Value, name: &str) -> &'a str {
    pair[name].as_str().unwrap()
}

#[test]
fn scores_are_on_average_as_near_to_the_exact_weights_as_the_reference_says() {
    let pairs = reference();
    let mean =
        |distance: &dyn Fn(&serde_json::Value) -> f64| pairs.iter().map(distance).sum::<f64>() / pairs.len() as f64;
    for name in ["logit", "span_score"] {
        let number = |pair: &serde_json::Value, at: usize| pair[name][at].as_f64().unwrap();
        let stated = mean(&|pair| (number(pair, 1) - number(pair, 0)).abs());
        let found = mean(&|pair| {
            let reading = read(text(pair, "question"), text(pair, "passage"));
            let score = if name == "logit" { reading.logit } else { reading.span_score };
            (f64::from(score) - number(pair, 0)).abs()
        });
        // Processors round differently; wrong pieces, types or a wrong mask cost far more.
        assert!(found <= 1.3 * stated + 0.05, "{name} is {found:.3} away, not {stated:.3}");
    }
}

#[test]
fn the_passage_that_answers_scores_higher_and_its_span_holds_the_answer() {
    let pairs = reference();
    let answered: Vec<_> = pairs.iter().filter(|pair| pair["answer"].is_string()).collect();
    assert!(answered.len() >= 8);
    for pair in answered {
        let question = text(pair, "question");
        let reading = read(question, text(pair, "passage"));
        let span = words(text(pair, "passage"), &reading);
        assert!(span.contains(text(pair, "answer")), "{span:?} for {question}");
        let rivals = pairs.iter().filter(|other| other["question"] == pair["question"] && other["answer"].is_null());
        for rival in rivals {
            let lower = read(question, text(rival, "passage"));
            assert!(lower.logit < reading.logit && lower.span_score < reading.span_score, "{rival} for {question}");
        }
    }
}

#[test]
fn a_reading_does_not_depend_on_its_neighbours_its_place_or_the_thread() {
    let pairs = reference();
    let question = text(&pairs[0], "question");
    let passages: Vec<&str> = pairs.iter().map(|pair| text(pair, "passage")).collect();
    let alone: Vec<Reading> = passages.iter().map(|passage| read(question, passage)).collect();
    std::thread::scope(|scope| {
        for start in [0, 3, 7] {
            let (passages, alone) = (&passages, &alone);
            scope.spawn(move || {
                let turned = |at: usize| (at + start) % passages.len();
                let order: Vec<usize> = (0..passages.len()).map(turned).collect();
                let readings = reader().read(question, &order.iter().map(|at| passages[*at]).collect::<Vec<_>>());
                for (at, reading) in order.into_iter().zip(readings.unwrap()) {
                    assert!(reading == alone[at], "{} differs", passages[at]);
                }
            });
        }
    });
}

#[test]
fn spans_are_bytes_of_the_passage_also_beyond_ascii() {
    let passages = [
        (
            "Who opened the café?",
            "In 南宁市 the “Café Žižkov” — naïve, they said — was opened by José Núñez-Ñandú.",
            "José Núñez-Ñandú",
        ),
        (
            "Who opened the café?",
            "In 南宁市 the “Cafe\u{301} Z\u{30c}iz\u{30c}kov” was opened by Jose\u{301} Nu\u{301}n\u{303}e\u{301}.",
            "Jose\u{301} Nu\u{301}n\u{303}e\u{301}",
        ),
        ("Which city hosted the talks?", "🎉🎉 The talks were hosted by 南宁 in 2024. 👩‍👩‍👧‍👦", "南"),
    ];
    for (question, passage, answer) in passages {
        let span = read(question, passage).span.unwrap();
        assert!(passage[span.clone()].contains(answer), "{:?} in {passage}", &passage[span]);
    }
}

#[test]
fn what_is_too_long_is_cut_off_the_passage_and_a_long_question_leaves_it_room() {
    let answer = "The bridge was opened in 1897. ";
    let filler = "The weather was fine and people walked along the river. ";
    let question = "When was the bridge opened?";
    let first = format!("{answer}{}", filler.repeat(100));
    assert!(words(&first, &read(question, &first)).contains("1897"));
    let last = format!("{}{answer}", filler.repeat(100));
    let (cut, short) = (read(question, &last), format!("{}{answer}", filler.repeat(3)));
    assert!(!words(&last, &cut).contains("1897") && cut.logit < read(question, &short).logit);
    let rambling = format!("{question} {}", "Please tell me, I would like to know. ".repeat(60));
    assert!(words(&first, &read(&rambling, &first)).len() < 200);
}

#[test]
fn nothing_to_read_gives_no_reading_and_a_passage_without_words_no_span() {
    assert_eq!(reader().read("Who won?", &[]).unwrap(), []);
    for passage in ["", " \u{0} \n"] {
        let reading = read("", passage);
        assert!(reading.span.is_none() && reading.span_score == 0.0 && reading.logit.is_finite());
    }
}

#[test]
fn the_identity_names_the_folder_and_its_files() {
    let identity = reader().identity();
    assert_eq!((identity.name.as_str(), identity.hash.len()), ("reader", 64));
    assert!(identity.runtime.starts_with("1."), "{}", identity.runtime);
}

#[test]
fn a_missing_file_a_file_that_is_no_model_and_another_model_are_errors_that_say_so() {
    let copy = tempfile::tempdir().unwrap();
    let start = || Reader::start(&options(copy.path().into())).err().unwrap();
    assert!(start().to_string().contains("tokenizer.json"), "{}", start());
    std::fs::copy(folder().join("tokenizer.json"), copy.path().join("tokenizer.json")).unwrap();
    std::fs::write(copy.path().join("model.onnx"), "not a model").unwrap();
    assert!(matches!(start(), ModelError::Load { .. }), "{}", start());
    std::fs::copy(repository("models/all-minilm-l6-v2/model.onnx"), copy.path().join("model.onnx")).unwrap();
    assert!(start().to_string().contains("logit"), "{}", start());
}

fn identity() -> ReaderIdentity {
    ReaderIdentity { name: "test".into(), hash: String::new(), runtime: String::new() }
}

/// A reading that says which passage it is of.
fn of(passage: &str) -> Reading {
    Reading { logit: passage.len() as f32, span: None, span_score: 0.0 }
}

fn functions(sessions: Vec<ReadFunction>, patience_ms: u64) -> Reader {
    Reader::from_functions(identity(), sessions, Duration::from_millis(patience_ms))
}

#[test]
fn a_busy_reader_is_waited_for_and_then_refuses() {
    let (started, starts) = bounded(1);
    let (go, gate) = bounded::<()>(1);
    let session: ReadFunction = Box::new(move |_, passage| {
        let _ = started.send(());
        let _ = gate.recv();
        Ok(of(passage))
    });
    let hurried = functions(vec![session], 20);
    let patient = Reader {
        shared: Arc::new(Shared {
            busy: AtomicU64::new(0),
            identity: identity(),
            idle: hurried.shared.idle.clone(),
            patience: Duration::from_secs(60),
        }),
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| hurried.read("q", &["a"]));
        starts.recv().unwrap();
        assert!(matches!(hurried.read("q", &["b"]), Err(ReadError::Busy)));
        let waiting = scope.spawn(|| patient.read("q", &["bb"]));
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap().unwrap(), [of("a")]);
        go.send(()).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), [of("bb")]);
    });
}

#[test]
fn idle_sessions_share_the_passages_of_a_call_and_keep_their_order() {
    let both = Arc::new(std::sync::Barrier::new(2));
    let session = || -> ReadFunction {
        let both = Arc::clone(&both);
        Box::new(move |_, passage| {
            both.wait();
            Ok(of(passage))
        })
    };
    let reader = functions(vec![session(), session()], 60_000);
    let passages = ["a", "bb", "ccc", "dddd"];
    for _ in 0..3 {
        assert_eq!(reader.read("q", &passages).unwrap(), passages.map(of));
    }
}

#[test]
fn a_panic_fails_the_call_and_the_session_goes_on() {
    let session: ReadFunction =
        Box::new(|_, passage| if passage == "bad" { panic!("no such word") } else { Ok(of(passage)) });
    let reader = functions(vec![session], 1_000);
    let error = reader.read("q", &["good", "bad"]).unwrap_err().to_string();
    assert!(error.contains("no such word"), "{error}");
    assert_eq!(reader.read("q", &["good"]).unwrap(), [of("good")]);
}
