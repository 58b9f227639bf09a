//! Measures against the library whose names they carry, and the committed baseline.

use std::path::Path;
use std::process::Command;

use dialogdesk::eval::measures;

use crate::helpers::{binary, python_with};

/// Twenty queries with rankings of different lengths, some without a hit, one without a ranking.
fn queries() -> Vec<(Vec<String>, Vec<String>)> {
    let block = |n: usize| format!("doc#p-{n}");
    let query = |q: usize| {
        let length = if q == 7 { 0 } else { 5 + q };
        let ranking = (0..length).map(|rank| block((rank * 7 + q * 3) % 31)).collect();
        let relevant = (0..=q % 13).map(|n| block((n * 11 + q) % 41)).collect();
        (ranking, relevant)
    };
    (0..20).map(query).collect()
}

fn trec(queries: &[(Vec<String>, Vec<String>)], folder: &Path) {
    let (mut run, mut qrels) = (String::new(), String::new());
    for (q, (ranking, relevant)) in queries.iter().enumerate() {
        for (at, block) in ranking.iter().enumerate() {
            run.push_str(&format!("q{q} Q0 {block} {} {} t\n", at + 1, ranking.len() - at));
        }
        for block in relevant {
            qrels.push_str(&format!("q{q} 0 {block} 1\n"));
        }
    }
    std::fs::write(folder.join("run"), run).expect("can write");
    std::fs::write(folder.join("qrels"), qrels).expect("can write");
}

/// The names of the measures in the JSON of `eval`, in the order of [`ir_measures`].
const MEASURES: [&str; 5] = ["Success@1", "Success@5", "RR@10", "nDCG@10", "R@10"];

/// What ir_measures makes of `qrels` and a run in a folder.
fn ir_measures(python: &str, folder: &Path, run: &str) -> Vec<f64> {
    let script = format!(
        "import ir_measures as m
from ir_measures import Success, RR, nDCG, R
r = m.calc_aggregate([Success@1, Success@5, RR@10, nDCG@10, R@10],
    list(m.read_trec_qrels('qrels')), list(m.read_trec_run('{run}')))
print('\\n'.join(str(r[k]) for k in [Success@1, Success@5, RR@10, nDCG@10, R@10]))"
    );
    let output = Command::new(python).args(["-c", &script]).current_dir(folder).output().expect("python runs");
    let measures: Vec<f64> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().expect("a number")).collect();
    assert_eq!(measures.len(), MEASURES.len(), "{}", String::from_utf8_lossy(&output.stderr));
    measures
}

fn collections() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/collections")
}

#[test]
fn the_files_that_eval_writes_give_ir_measures_the_same_figures() {
    let Some(python) = python_with("ir_measures") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (knowledge, data) = (collections().join("podcast/knowledge"), folder.path().join("data"));
    let file = |name: &str| folder.path().join(name).display().to_string();
    let questions = collections().join("podcast/questions.jsonl").display().to_string();
    let mut command = binary("eval", &knowledge, &data);
    command.args([&questions, "--run", &file("run"), "--qrels", &file("qrels"), "--json", &file("json")]);
    // Nothing here depends on the reader, which takes most of the time.
    let output = command.args(["--without", "reader"]).output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json = std::fs::read_to_string(file("json")).expect("written");
    let evaluation: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let rankings = evaluation["total"]["rankings"].as_array().expect("rankings");
    assert_eq!(rankings.len(), 4);
    for ranking in rankings {
        let name = ranking["ranking"].as_str().expect("a name");
        let run = if name == "reranked" { "run".to_owned() } else { format!("run.{name}") };
        for (measure, theirs) in MEASURES.iter().zip(ir_measures(&python, folder.path(), &run)) {
            let ours = ranking[measure].as_f64().expect("a number");
            assert!((ours - theirs).abs() < 1e-6, "{measure} of {name}: ours {ours}, theirs {theirs}");
            assert!(ours > 0.2, "{measure} of {name} is {ours}: nothing was compared");
        }
    }
}

/// `make eval` says nothing of a question set that has no baseline.
#[test]
fn every_collection_has_a_baseline() {
    let saved = std::fs::read_to_string(collections().join("baseline.json")).expect("a baseline");
    let saved: dialogdesk::eval::baseline::Baseline = serde_json::from_str(&saved).expect("a baseline");
    for entry in std::fs::read_dir(collections()).expect("a folder") {
        let folder = entry.expect("a folder").path();
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        for (file, name) in [("questions.jsonl", name.clone()), ("fresh.jsonl", format!("{name}-fresh"))] {
            let known = saved.collections.iter().any(|collection| collection.name == name);
            let needed = folder.join(file).is_file();
            assert!(
                known || !needed,
                "{name} is not in tests/collections/baseline.json; `make eval-baseline` puts it there"
            );
        }
    }
}

#[test]
fn ranking_measures_equal_those_of_ir_measures() {
    let Some(python) = python_with("ir_measures") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let queries = queries();
    trec(&queries, folder.path());
    let theirs = ir_measures(&python, folder.path(), "run");

    type Measure = fn(&[String], &[String], usize) -> f64;
    let ours: [(Measure, usize); 5] = [
        (measures::success, 1),
        (measures::success, 5),
        (measures::reciprocal_rank, 10),
        (measures::ndcg, 10),
        (measures::recall, 10),
    ];
    for ((measure, k), theirs) in ours.into_iter().zip(theirs) {
        let values: Vec<f64> = queries.iter().map(|(ranking, relevant)| measure(ranking, relevant, k)).collect();
        let ours = measures::mean(&values).expect("queries");
        assert!((ours - theirs).abs() < 1e-6, "at {k}: ours {ours}, theirs {theirs}");
    }
}
