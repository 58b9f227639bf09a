//! What the table of errors promises.

use super::*;

fn asked(error: AskError) -> Failure {
    Failure::Ask { field: "question", error }
}

#[test]
fn causes_inside_the_program_stay_out_of_the_answer() {
    for error in
        [AskError::Encoder("secret".into()), AskError::Citation("secret".into()), AskError::Template("secret".into())]
    {
        let problem = asked(error).problem();
        assert_eq!(problem.status, 500);
        assert!(!serde_json::to_string(&problem).unwrap().contains("secret"));
    }
}

#[test]
fn an_unknown_slug_is_refused_with_the_known_ones() {
    let known = vec!["a".to_owned(), "b".to_owned()];
    let problem = asked(AskError::UnknownDocument { slug: "c".into(), known: known.clone() }).problem();
    assert_eq!((problem.status, &problem.known_documents), (400, &known));
    assert!(problem.detail.contains("`a`, `b`"), "{}", problem.detail);
}

#[test]
fn a_full_queue_says_when_to_come_back() {
    for failure in [Failure::QueueFull, asked(AskError::Busy)] {
        let response = failure.error_response();
        assert_eq!(response.status(), 429);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }
}

#[test]
fn every_answer_is_a_problem_with_a_sentence() {
    let response = Failure::MethodNotAllowed { allowed: "POST" }.error_response();
    assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), PROBLEM_JSON);
    assert_eq!(response.headers().get(header::ALLOW).unwrap(), "POST");
    assert!(Failure::UnknownRoute.problem().detail.ends_with('.'));
}
