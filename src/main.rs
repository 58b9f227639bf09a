//! The program: one command from the command line, one exit code.

fn main() -> std::process::ExitCode {
    few_arenas();
    dialogdesk::cli::main()
}

/// The C library gives threads heaps of their own, up to eight for each core, and the ONNX Runtime
/// leaves much of each unused: with two for all, resident memory under load is less than half.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn few_arenas() {
    // SAFETY: sets a parameter of the allocator, before there is any other thread.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 2) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn few_arenas() {}
