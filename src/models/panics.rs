//! Panics of foreign code turned into errors, so that one text fails and the program goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The result of `work`, or what it said when it panicked.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no reason given".into())
    })
}
