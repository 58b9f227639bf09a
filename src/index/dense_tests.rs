//! The dense index against plain arithmetic, and the graph against the exact scan.

use super::*;
use crate::index::rank;

/// Reproducible numbers in -1..1.
fn noise(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|v| *v /= length);
    vector
}

/// Vectors around a few centres, as texts on a few subjects have.
fn clustered(count: usize, dimensions: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut next = noise(seed);
    let mut vector = |spread: f32| (0..dimensions).map(|_| next() * spread).collect::<Vec<f32>>();
    let centres: Vec<_> = (0..40).map(|_| vector(1.0)).collect();
    (0..count).map(|at| normalised(centres[at % 40].iter().zip(vector(0.7)).map(|(c, n)| c + n).collect())).collect()
}

fn index(vectors: &[Vec<f32>]) -> (tempfile::TempDir, DenseIndex) {
    let folder = tempfile::tempdir().unwrap();
    let dimensions = vectors.first().map_or(8, Vec::len);
    let mut writer = DenseWriter::create(folder.path(), dimensions).unwrap();
    vectors.iter().for_each(|vector| writer.add(vector).unwrap());
    writer.finish(folder.path()).unwrap();
    let index = DenseIndex::open(folder.path()).unwrap();
    (folder, index)
}

fn exact(vectors: &[Vec<f32>], query: &[f32], limit: usize, filter: Option<&PassageFilter>) -> Vec<u32> {
    let all = vectors.iter().enumerate().map(|(at, v)| Scored { passage: at as u32, score: dot(query, v) });
    let mut found: Vec<_> = all.filter(|s| filter.is_none_or(|f| f.contains(s.passage))).collect();
    rank(&mut found);
    found.iter().take(limit).map(|s| s.passage).collect()
}

fn ids(found: &[Scored]) -> Vec<u32> {
    found.iter().map(|scored| scored.passage).collect()
}

#[test]
fn the_nearest_passage_comes_first_and_its_score_is_the_cosine() {
    let vectors = clustered(200, 32, 1);
    let (_folder, index) = index(&vectors);
    let found = index.search(&vectors[17], 5, None);
    assert_eq!(ids(&found), exact(&vectors, &vectors[17], 5, None));
    assert_eq!(found[0].passage, 17);
    assert!((found[0].score - 1.0).abs() < 1e-5);
    assert_eq!(index.vector(17), vectors[17]);
}

#[test]
fn equal_vectors_are_one_row_and_their_passages_come_in_the_order_of_their_ids() {
    let mut vectors = clustered(10, 16, 2);
    let same = vectors[3].clone();
    vectors.extend([same.clone(), same.clone()]);
    let (_folder, index) = index(&vectors);
    assert_eq!((index.rows, index.passages()), (10, 12));
    assert_eq!(ids(&index.search(&same, 3, None)), [3, 10, 11]);
    assert_eq!(ids(&index.search(&same, 2, Some(&PassageFilter::new(vec![10..12])))), [10, 11]);
}

#[test]
fn a_filter_restricts_the_candidates_and_nothing_else_is_returned() {
    let vectors = clustered(300, 16, 3);
    let (_folder, index) = index(&vectors);
    let filter = PassageFilter::new(vec![10..20, 250..260]);
    let found = index.search(&vectors[100], 50, Some(&filter));
    assert_eq!(ids(&found), exact(&vectors, &vectors[100], 50, Some(&filter)));
    assert_eq!(found.len(), 20);
}

#[test]
fn an_empty_index_a_query_of_another_length_and_a_limit_of_zero_find_nothing() {
    let (_folder, empty) = index(&[]);
    assert!(empty.search(&[0.5; 8], 10, None).is_empty());
    let (_folder, some) = index(&clustered(3, 16, 4));
    assert!(some.search(&[0.5; 8], 10, None).is_empty());
    assert!(some.search(&[0.25; 16], 0, None).is_empty());
}

#[test]
fn a_vector_that_is_not_finite_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = DenseWriter::create(folder.path(), 8).unwrap();
    assert!(writer.add(&[f32::NAN; 8]).is_err());
    assert!(writer.add(&[0.0; 16]).is_err());
}

#[test]
fn the_graph_finds_what_the_exact_scan_finds_also_under_a_wide_filter_and_twice_the_same() {
    let vectors = clustered(7_000, 48, 5);
    let queries = clustered(60, 48, 6);
    let (folder, index) = index(&vectors);
    let (again, second) = self::index(&vectors);
    assert!(index.graph.is_some());
    for name in [VECTORS, "graph.hnsw.graph", "graph.hnsw.data"] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(name)).unwrap();
        assert!(read(&folder) == read(&again), "{name} differs between two builds");
    }
    let wide = PassageFilter::new(vec![0..3_000, 4_000..6_500]);
    for filter in [None, Some(&wide)] {
        let mut hits = 0;
        for query in &queries {
            let found = ids(&index.search(query, 10, filter));
            assert_eq!(found, ids(&second.search(query, 10, filter)));
            let expected = exact(&vectors, query, 10, filter);
            hits += found.iter().filter(|id| expected.contains(id)).count();
        }
        let recall = hits as f64 / (10 * queries.len()) as f64;
        assert!(recall >= 0.95, "recall {recall}");
    }
}

#[test]
fn a_narrow_filter_is_answered_exactly_on_a_large_index() {
    let vectors = clustered(6_000, 16, 7);
    let (_folder, index) = index(&vectors);
    let filter = PassageFilter::new(vec![5_990..6_000]);
    assert_eq!(ids(&index.search(&vectors[1], 10, Some(&filter))), exact(&vectors, &vectors[1], 10, Some(&filter)));
}

#[test]
fn a_file_that_was_cut_or_changed_is_an_error_or_opens_and_never_panics() {
    let (folder, _) = index(&clustered(5, 8, 8));
    let path = folder.path().join(VECTORS);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(DenseIndex::open(folder.path()).is_err(), "{length} bytes were accepted");
    }
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(index) = DenseIndex::open(folder.path()) {
            index.search(&[0.3; 8], 3, None);
        }
    }
}
