//! The admin routes.

use std::time::{Duration, Instant};

use crate::helpers::{ADMIN_KEY, TestApp};

#[test]
fn without_a_key_set_admin_routes_are_a_403() {
    let app = TestApp::start();
    for key in [None, Some(""), Some("guess")] {
        let seen = app.reindex(key);
        assert_eq!((seen.status, seen.problem().as_str()), (403, "admin-off"), "{key:?}");
    }
}

#[test]
fn a_rebuild_starts_only_with_the_right_key_and_under_load() {
    let app = TestApp::with_admin_key();
    for key in [None, Some(""), Some("guess")] {
        let seen = app.reindex(key);
        assert_eq!((seen.status, seen.problem().as_str()), (401, "unauthorized"), "{key:?}");
        assert!(seen.header("www-authenticate").starts_with("Bearer"));
    }
    let seen = app.reindex(Some(ADMIN_KEY));
    assert_eq!(seen.status, 202, "{}", seen.text());
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        assert_eq!(app.answer("What did Dr. Mei Lin say about openness?")["outcome"], "answered");
    }
}
