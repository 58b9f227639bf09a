//! `dialogdesk key`: a new API key, and the line for the settings that lets it in.

use super::args::KeyArgs;
use super::{Failure, Verdict, out};
use crate::http::access::{KeyHash, new_key};

/// Prints the key once; it is kept nowhere.
pub(super) fn run(args: &KeyArgs) -> Result<Verdict, Failure> {
    let key = new_key();
    let (setting, what) = if args.admin {
        ("admin_keys", "asking, reading and administration")
    } else {
        ("read_keys", "asking and reading")
    };
    let instead = if args.admin {
        "\n\nOr leave the settings alone and start the server with this key in DIALOGDESK_ADMIN_KEY."
    } else {
        ""
    };
    let hash = KeyHash::of(&key);
    out::print(&format!("{key}\n"))?;
    eprintln!(
        "A key for {what}: give it to whoever shall have it, it is not shown again.\n\
         The server knows it by its hash. Add that to the list in dialogdesk.toml and start the server again:\n\n\
         [access]\n{setting} = [\"{hash}\"]{instead}"
    );
    Ok(Verdict::Fine)
}
