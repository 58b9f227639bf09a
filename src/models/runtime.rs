//! ONNX Runtime: found once, loaded once, shared by every session of the process.
//!
//! Says what to do when the library is missing or too old. Where it is looked for is the caller's
//! business.

use std::ffi::CStr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::{self, ExecutionProviderDispatch};

use super::ModelError;

/// The loaded library. The runtime allows one environment for the whole process, so it is made
/// once and never given back, and the first path wins.
#[derive(Clone)]
pub(super) struct Runtime {
    pub(super) environment: Environment,
    /// As the library reports it, like `1.32.0`.
    pub(super) version: String,
}

/// Where sessions compute, for few bytes: without an arena, what one call needs goes back after it.
pub(super) fn without_arena() -> Vec<ExecutionProviderDispatch> {
    vec![ep::CPU::default().with_arena_allocator(false).build()]
}

/// Loads the library at `path`, or returns the one that is already loaded.
pub(super) fn load(path: &Path) -> Result<Runtime, ModelError> {
    static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = loaded.as_ref() {
        return Ok(runtime.clone());
    }
    let runtime = load_first(path)?;
    *loaded = Some(runtime.clone());
    Ok(runtime)
}

fn load_first(path: &Path) -> Result<Runtime, ModelError> {
    // Absolute, because `ort` would look for a relative path beside the program first. A bare
    // library name stays as it is: the system's loader searches for it.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let builder = ort::init_from(path).map_err(|error| refusal(path, &error))?;
    // The official builds report usage to their maker unless told not to.
    let environment = builder
        .with_name("dialogdesk")
        .with_telemetry(false)
        .build()
        .map_err(|error| ModelError::Runtime { path: path.into(), reason: error.to_string() })?;
    Ok(Runtime { environment, version: version(path).unwrap_or_else(|| "unknown".into()) })
}

/// What the library says of itself. `ort` compares it and keeps it to itself, so it is asked again.
fn version(path: &Path) -> Option<String> {
    type Base = unsafe extern "C" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: `ort` has just loaded this very library, so loading it again runs nothing and only
    // counts one more user; the symbol has the type that its C header gives it, and the text it
    // leads to is static.
    unsafe {
        let library = libloading::Library::new(path).ok()?;
        let base = library.get::<Base>(b"OrtGetApiBase").ok()?().as_ref()?;
        let text = (base.GetVersionString)();
        (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

fn refusal(path: &Path, error: &ort::LoadDynamicError) -> ModelError {
    match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => ModelError::RuntimeTooOld {
            path: path.into(),
            found: version_str.clone(),
            needed: format!("1.{}", ort::MINOR_VERSION),
        },
        other => ModelError::RuntimeMissing { path: path.into(), reason: other.to_string() },
    }
}
