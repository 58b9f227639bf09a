//! Where the `[n]` of an answer stand, for those who make links of them.

use std::ops::Range;

/// Where `[n]` stands in an answer, for each number from 1 to that of the quotes, in order of place.
/// One inside a quote is a word of the source and no marker.
#[must_use]
pub fn markers(answer: &str, quotes: &[&str]) -> Vec<(usize, Range<usize>)> {
    let shown = shown(answer, quotes);
    let in_a_quote = |at: usize| shown.iter().any(|quote| quote.contains(&at));
    let marker = |(at, _): (usize, &str)| {
        let end = at + answer[at..].find(']')? + 1;
        let n: usize = answer[at + 1..end - 1].parse().ok()?;
        let known = (1..=quotes.len()).contains(&n) && answer[at..end] == format!("[{n}]");
        (known && !in_a_quote(at)).then_some((n, at..end))
    };
    answer.match_indices('[').filter_map(marker).collect()
}

/// Where the quotes stand, each sought after the one before; those that repeat one are not shown.
fn shown(answer: &str, quotes: &[&str]) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut found = Vec::new();
    for quote in quotes.iter().filter(|quote| !quote.is_empty()) {
        if let Some(at) = answer[from..].find(quote) {
            let start = from + at;
            from = start + quote.len();
            found.push(start..from);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(answer: &str, quotes: &[&str]) -> Vec<usize> {
        let found = markers(answer, quotes);
        found.iter().for_each(|(n, range)| assert_eq!(answer[range.clone()], format!("[{n}]")));
        found.into_iter().map(|(n, _)| n).collect()
    }

    #[test]
    fn markers_are_found_in_their_places_and_never_inside_a_quote() {
        assert_eq!(numbers("Ann: “So.” [1] [2]\nBo: “Yes.” [3]", &["So.", "So.", "Yes."]), [1, 2, 3]);
        assert_eq!(numbers("“As shown in [1] and [2].” [1]", &["As shown in [1] and [2]."]), [1]);
        assert_eq!(numbers("2, from [1] to [2]:\n“a” [1]\n“b” [2]", &["a", "b"]), [1, 2, 1, 2]);
        assert_eq!(numbers("[0] [3] [01] [x] [ [] “é” [1]", &["é"]), [1]);
        assert_eq!(numbers("nothing", &[]), Vec::<usize>::new());
    }
}
