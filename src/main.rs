//! The program: one command from the command line, one exit code.

fn main() -> std::process::ExitCode {
    dialogdesk::cli::main()
}
