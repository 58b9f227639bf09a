//! The program: one command from the command line, one exit code.

fn main() -> std::process::ExitCode {
    memory::spare();
    dialogdesk::cli::main()
}

/// How the C library keeps memory that is not used.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory {
    use std::time::Duration;

    /// How often unused memory goes back to the system.
    const EVERY: Duration = Duration::from_secs(5);

    /// The library gives threads heaps of their own, up to eight for each core, and the ONNX Runtime
    /// leaves much of each unused: with two for all, resident memory under load is less than half.
    /// What loading models and busy moments leave is given back now and then, because the library
    /// does so only at the end of a heap.
    pub(super) fn spare() {
        // SAFETY: sets a parameter of the allocator, before there is any other thread.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, 2) };
        let give_back = || {
            loop {
                std::thread::sleep(EVERY);
                // SAFETY: may be called at any time and from any thread; touches free memory only.
                unsafe { libc::malloc_trim(0) };
            }
        };
        // Without the thread, memory stays as it is.
        let _ = std::thread::Builder::new().name("memory".to_owned()).spawn(give_back);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod memory {
    pub(super) fn spare() {}
}
