//! Sessions loaded beside each other: loading one keeps one core busy, and a start waits for all.

use std::thread;

/// What `start` gives when it is called `count` times, at least once, at the same time; the first
/// error if there is one.
///
/// # Errors
/// That of `start`.
pub(super) fn in_parallel<T: Send, E: Send>(
    count: usize,
    start: impl Fn() -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().name("load".to_owned()).spawn_scoped(scope, &start);
        let others: Vec<_> = (1..count).map(spawn).collect();
        let mut started = vec![start()];
        for thread in others {
            // Where no thread could be had, or one panicked, this one does its part.
            let result = thread.ok().and_then(|thread| thread.join().ok());
            started.push(result.unwrap_or_else(&start));
        }
        started.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn all_are_started_at_the_same_time() {
        let met = Barrier::new(3);
        let started = in_parallel(3, || -> Result<bool, ()> { Ok(met.wait().is_leader()) }).unwrap();
        assert_eq!((started.len(), started.iter().filter(|leads| **leads).count()), (3, 1));
    }

    #[test]
    fn one_that_fails_fails_all() {
        let calls = AtomicUsize::new(0);
        let start = || if calls.fetch_add(1, Ordering::SeqCst) == 1 { Err("no memory") } else { Ok(()) };
        assert_eq!(in_parallel(2, start), Err("no memory"));
        assert_eq!(in_parallel(0, || -> Result<u8, ()> { Ok(7) }), Ok(vec![7]));
    }

    #[test]
    fn one_that_panics_is_started_again() {
        let calls = AtomicUsize::new(0);
        let here = thread::current().id();
        let start = || -> Result<usize, ()> {
            assert!(thread::current().id() == here, "a panic of the test");
            Ok(calls.fetch_add(1, Ordering::SeqCst))
        };
        assert_eq!(in_parallel(3, start).unwrap().len(), 3);
    }
}
