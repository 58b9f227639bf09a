//! Links for software that stands elsewhere: root-relative addresses made absolute, and where the
//! `[n]` of an answer stand.
//!
//! The API's own replies keep their root-relative addresses; see `wire`.

use std::ops::Range;

use actix_web::HttpRequest;
use actix_web::http::header;

use super::wire::AskReply;

/// What stands before a root-relative address: `https://desk.example.org`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base(String);

impl Base {
    /// The public address of the settings; without one, the address that the client itself used.
    /// Neither is taken from headers that a proxy may have been sent by anyone.
    #[must_use]
    pub fn of(request: &HttpRequest, public_url: Option<&str>) -> Self {
        let host = || {
            let host = request.headers().get(header::HOST)?.to_str().ok()?;
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
            (!host.is_empty() && host.chars().all(plain)).then(|| format!("http://{host}"))
        };
        public_url.map(Self::public).or_else(|| host().map(Self)).unwrap_or_default()
    }

    /// The public address of the settings.
    #[must_use]
    pub fn public(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// Makes all addresses of a reply absolute, those in its Markdown included.
    pub fn apply_to(&self, reply: &mut AskReply) {
        for citation in reply.citations.iter_mut().chain(&mut reply.related) {
            let absolute = self.absolute(&citation.url);
            reply.answer_markdown =
                reply.answer_markdown.replace(&format!("]({})", citation.url), &format!("]({absolute})"));
            citation.url = absolute;
        }
    }

    /// A root-relative address with this before it.
    #[must_use]
    pub fn absolute(&self, address: &str) -> String {
        format!("{}{address}", self.0)
    }
}

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
    use actix_web::test::TestRequest;

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

    #[test]
    fn a_link_leads_to_the_public_address_or_to_the_one_that_was_used() {
        let request = |host: &str| TestRequest::get().insert_header((header::HOST, host)).to_http_request();
        let link = |host: &str, public: Option<&str>| Base::of(&request(host), public).absolute("/documents/a");
        assert_eq!(link("desk:8080", None), "http://desk:8080/documents/a");
        assert_eq!(link("[::1]:8080", None), "http://[::1]:8080/documents/a");
        assert_eq!(link("evil", Some("https://desk.example.org/")), "https://desk.example.org/documents/a");
        assert_eq!(link("a/b\"c", None), "/documents/a");
    }
}
