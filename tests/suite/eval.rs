//! Measures against the library whose names they carry.

use std::path::Path;
use std::process::Command;

use dialogdesk::eval::measures;

/// The Python to use, if it has ir_measures; a missing one is a failure when all tests are wanted.
fn python() -> Option<String> {
    let python = std::env::var("DIALOGDESK_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import ir_measures"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let all = std::env::var("DIALOGDESK_TEST_ALL").is_ok_and(|value| value == "1");
    assert!(!all, "ir_measures is not installed in {python}");
    println!("left out: ir_measures is not installed (pip install -r tests/requirements.txt)");
    None
}

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

#[test]
fn ranking_measures_equal_those_of_ir_measures() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let queries = queries();
    trec(&queries, folder.path());
    let script = "import ir_measures as m
from ir_measures import Success, RR, nDCG, R
r = m.calc_aggregate([Success@1, Success@5, RR@10, nDCG@10, R@10],
    list(m.read_trec_qrels('qrels')), list(m.read_trec_run('run')))
print('\\n'.join(str(r[k]) for k in [Success@1, Success@5, RR@10, nDCG@10, R@10]))";
    let output = Command::new(python).args(["-c", script]).current_dir(folder.path()).output().expect("python runs");
    let theirs: Vec<f64> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().expect("a number")).collect();
    assert_eq!(theirs.len(), 5, "{}", String::from_utf8_lossy(&output.stderr));

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
