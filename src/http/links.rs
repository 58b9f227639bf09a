//! Links for software that stands elsewhere: root-relative addresses made absolute.
//!
//! The API's own replies keep their root-relative addresses; see `wire`.

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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

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
