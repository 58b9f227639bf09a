//! Where the program looks for its models and runtime besides the settings. Says which candidates
//! exist; whether they are any good is found out by loading them.

use std::path::{Path, PathBuf};

use super::Config;

/// File name of the ONNX Runtime library on this system.
pub const RUNTIME_LIBRARY: &str = if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else if cfg!(windows) {
    "onnxruntime.dll"
} else {
    "libonnxruntime.so"
};

/// Facts of the process, taken once at the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The folder of the binary.
    pub beside_binary: Option<PathBuf>,
    /// `ORT_DYLIB_PATH`.
    pub runtime_variable: Option<PathBuf>,
    /// Folders where installed libraries are.
    pub library_folders: Vec<PathBuf>,
}

impl Places {
    /// Looks at the environment and at where the binary lies.
    #[must_use]
    pub fn from_process() -> Self {
        let beside_binary = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_path_buf));
        let runtime_variable = std::env::var_os("ORT_DYLIB_PATH").filter(|v| !v.is_empty()).map(PathBuf::from);
        let searched = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].into_iter().filter_map(std::env::var_os);
        let searched: Vec<PathBuf> = searched.flat_map(|v| std::env::split_paths(&v).collect::<Vec<_>>()).collect();
        let triple = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        let usual = ["/usr/local/lib", &triple, "/usr/lib64", "/usr/lib", "/opt/homebrew/lib"];
        let library_folders = searched.into_iter().chain(usual.iter().map(PathBuf::from)).collect();
        Self { beside_binary, runtime_variable, library_folders }
    }
}

impl Config {
    /// Runtime libraries to try, best first. A named one (setting or `ORT_DYLIB_PATH`) is the only
    /// one, whether it exists or not, so that a wrong name is noticed.
    #[must_use]
    pub fn runtime_candidates(&self) -> Vec<PathBuf> {
        if let Some(named) = self.models.runtime.clone().or_else(|| self.places.runtime_variable.clone()) {
            return vec![if named.is_dir() { named.join(RUNTIME_LIBRARY) } else { named }];
        }
        let installed = self.places.library_folders.iter().cloned();
        let beside = self.places.beside_binary.iter().flat_map(|b| [b.clone(), b.join("runtime")]);
        let folders = installed.chain(beside).chain([PathBuf::from("runtime")]);
        folders.map(|folder| folder.join(RUNTIME_LIBRARY)).filter(|library| library.is_file()).collect()
    }

    /// Folders that may hold the model of this name (`models.embedder`, `models.reader`), best first,
    /// existing or not.
    #[must_use]
    pub fn model_folders(&self, name: &str) -> Vec<PathBuf> {
        let dirs = match &self.models.dir {
            Some(dir) => vec![dir.clone()],
            None => {
                let beside = self.places.beside_binary.iter().map(|b| b.join("models"));
                beside.chain([PathBuf::from("models")]).collect()
            }
        };
        let below = dirs.into_iter().map(|dir| dir.join(name));
        // A path is meant as such; a plain name is never looked up in the working directory itself.
        if name.contains(['/', '\\']) { vec![name.into()] } else { below.collect() }
    }

    /// Where downloaded models are kept.
    #[must_use]
    pub fn model_cache(&self) -> PathBuf {
        self.models.cache.clone().unwrap_or_else(|| self.paths.data.join("models"))
    }
}
