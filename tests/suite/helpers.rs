//! A running server for a test: the built binary, as a user starts it, on a free port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// The slug of the document that the product ships with.
pub const NANNING: &str = "global-mayors-dialogue-nanning";

/// The key that a server started with [`TestApp::with_admin_key`] knows.
pub const ADMIN_KEY: &str = "a-key-for-tests";

/// A key for asking and reading, of servers that are told its hash.
pub const READER_KEY: &str = "a-key-for-readers";

/// Longest time until a server listens; building an index on a loaded machine takes a while.
const START: Duration = Duration::from_secs(180);

/// A server that stops when it goes out of scope.
pub struct TestApp {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub address: String,
    // Held, so that the folders live as long as the server.
    _folders: Vec<tempfile::TempDir>,
}

/// A response that was read to its end.
pub struct Seen {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl TestApp {
    /// Serves the knowledge that the product ships with, from an index that the tests share.
    pub fn start() -> Self {
        Self::spawn(&shipped_knowledge(), shared_index(), &[], &[], Vec::new())
    }

    /// The same with an admin key set, and an index of its own.
    pub fn with_admin_key() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let path = data.path().to_owned();
        Self::spawn(&shipped_knowledge(), &path, &[("DIALOGDESK_ADMIN_KEY", ADMIN_KEY)], &[], vec![data])
    }

    /// Serves files of the test's own, by path and content.
    pub fn with_knowledge(files: &[(&str, &[u8])]) -> Self {
        Self::with_knowledge_and(files, &[])
    }

    /// The same with environment variables set.
    pub fn with_knowledge_and(files: &[(&str, &[u8])], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (knowledge, data) = (folder.path().join("knowledge"), folder.path().join("data"));
        for (path, content) in files {
            let path = knowledge.join(path);
            std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
        Self::spawn(&knowledge, &data, environment, &[], vec![folder])
    }

    /// Serves folders of the test's own, which it may change meanwhile.
    pub fn over(knowledge: &Path, data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::spawn(knowledge, data, environment, &[], Vec::new())
    }

    /// The same, but only until the server listens: it has no snapshot yet, and gets none as long as
    /// somebody holds the lock of the data folder.
    pub fn listening_over(knowledge: &Path, data: &Path) -> Self {
        // It says where it listens when it is ready, so that the port must be known before.
        let address = free_address();
        let child = serve(knowledge, data, &[], &["--listen", &address]).stdout(Stdio::null()).spawn();
        let child = child.expect("the binary starts");
        let mut app = Self { child, address: format!("http://{address}"), _folders: Vec::new() };
        let until = Instant::now() + START;
        while TcpStream::connect(&address).is_err() {
            let ended = app.child.try_wait().expect("a child");
            assert!(ended.is_none() && Instant::now() < until, "the server does not listen at {address}: {ended:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        app
    }

    /// Serves the shipped knowledge from a data folder of the test's own, which stays when the
    /// server ends. Without an index there it takes the shared one.
    pub fn with_data(data: &Path, environment: &[(&str, &str)], flags: &[&str]) -> Self {
        if !data.join("snapshots").exists() {
            copy_folder(shared_index(), data);
        }
        Self::spawn(&shipped_knowledge(), data, environment, flags, Vec::new())
    }

    /// The same, and writes down all that it and its libraries do.
    pub fn with_log(data: &Path, environment: &[(&str, &str)], log: std::fs::File) -> Self {
        copy_folder(shared_index(), data);
        let mut command = binary("serve", &shipped_knowledge(), data);
        command.args(["--listen", "127.0.0.1:0"]).envs(environment.iter().copied());
        command.env("DIALOGDESK_LOG_LEVEL", "trace").stderr(log);
        Self::run(command, Vec::new())
    }

    fn spawn(
        knowledge: &Path,
        data: &Path,
        env: &[(&str, &str)],
        flags: &[&str],
        folders: Vec<tempfile::TempDir>,
    ) -> Self {
        Self::run(serve(knowledge, data, env, flags), folders)
    }

    fn run(mut command: Command, folders: Vec<tempfile::TempDir>) -> Self {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("piped");
        let address = listening_address(stdout).unwrap_or_else(|| {
            let _ = child.kill();
            panic!("the server did not say where it listens within {START:?}")
        });
        let app = Self { child, address, _folders: folders };
        app.wait_until_ready();
        app
    }

    /// A server may listen before its snapshot serves.
    pub fn wait_until_ready(&self) {
        let until = Instant::now() + START;
        while self.get("/readyz").status != 200 {
            assert!(Instant::now() < until, "no snapshot serves within {START:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    // ---- a method per endpoint ----

    pub fn ask(&self, body: &Value) -> Seen {
        self.post("/api/v1/ask", body)
    }

    pub fn ask_stream(&self, body: &Value) -> Seen {
        self.post("/api/v1/ask/stream", body)
    }

    pub fn ask_batch(&self, body: &Value) -> Seen {
        self.post("/api/v1/ask/batch", body)
    }

    pub fn feedback(&self, body: &Value) -> Seen {
        self.post("/api/v1/feedback", body)
    }

    pub fn conversation(&self, id: &str) -> Seen {
        self.get(&format!("/api/v1/conversations/{id}"))
    }

    pub fn delete_conversation(&self, id: &str) -> Seen {
        Seen::of(self.request("DELETE", &format!("/api/v1/conversations/{id}")))
    }

    pub fn search(&self, body: &Value) -> Seen {
        self.post("/api/v1/search", body)
    }

    pub fn documents(&self) -> Seen {
        self.get("/api/v1/documents")
    }

    pub fn document(&self, slug: &str) -> Seen {
        self.get(&format!("/api/v1/documents/{slug}"))
    }

    pub fn source(&self, slug: &str) -> Seen {
        self.get(&format!("/api/v1/documents/{slug}/source"))
    }

    pub fn page(&self, slug: &str, query: &str) -> Seen {
        self.get(&format!("/documents/{slug}{query}"))
    }

    pub fn reindex(&self, key: Option<&str>) -> Seen {
        let request = self.client().post(self.url("/api/v1/reindex"));
        Seen::of(match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        })
    }

    pub fn report(&self, key: Option<&str>) -> Seen {
        let request = self.request("GET", "/api/v1/report");
        Seen::of(match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        })
    }

    pub fn openapi(&self) -> Value {
        self.get("/openapi.json").json()
    }

    pub fn metrics(&self) -> String {
        self.get("/metrics").text()
    }

    // ---- what they are made of ----

    /// The answer to one question.
    pub fn answer(&self, question: &str) -> Value {
        let seen = self.ask(&json!({ "question": question }));
        assert_eq!(seen.status, 200, "{}", seen.text());
        seen.json()
    }

    pub fn get(&self, path: &str) -> Seen {
        Seen::of(self.client().get(self.url(path)))
    }

    pub fn post(&self, path: &str, body: &Value) -> Seen {
        Seen::of(self.client().post(self.url(path)).json(body))
    }

    /// Posts bytes as they are, declared as JSON.
    pub fn post_bytes(&self, path: &str, body: impl Into<Vec<u8>>) -> Seen {
        let request = self.client().post(self.url(path)).header("content-type", "application/json");
        Seen::of(request.body(body.into()))
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client().request(method.parse().expect("a method"), self.url(path))
    }

    /// Sends bytes over a connection of its own and reads what comes back until it closes.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.host()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream.write_all(bytes).expect("written");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks the server to stop, as an operator or a container does, and waits for its exit code.
    #[cfg(unix)]
    pub fn terminate(&mut self) -> Option<i32> {
        self.tell_to_stop();
        self.exit_code()
    }

    /// Asks the server to stop, once: a second time stops it at once.
    #[cfg(unix)]
    pub fn tell_to_stop(&self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(told.success(), "there is no process {pid}");
    }

    /// Waits for the exit code of a server that was told to stop; none when a signal ended it.
    #[cfg(unix)]
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// Ends the server at once, as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// One for all tests; made here because a blocking client cannot be made inside an async test.
    fn client(&self) -> Client {
        static CLIENT: OnceLock<Client> = OnceLock::new();
        let make = || Client::builder().timeout(Duration::from_secs(60)).no_proxy().build().expect("a client");
        CLIENT.get_or_init(make).clone()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seen {
    pub fn of(request: RequestBuilder) -> Self {
        let response: Response = request.send().expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, bytes: response.bytes().expect("a body").to_vec() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The events of a stream: their names (empty for none) and their data as sent.
    pub fn events(&self) -> Vec<(String, String)> {
        assert_eq!(self.header("content-type"), "text/event-stream", "{} {}", self.status, self.text());
        let event = |frame: &str| {
            let line =
                |name: &str| frame.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
            (line("event:"), line("data:"))
        };
        self.text().split_terminator("\n\n").map(event).collect()
    }

    /// The last part of the problem's type, after checking that it is a problem.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{} {}", self.status, self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|t| !t.is_empty()), "{member} in {problem}");
        }
        let kind = problem["type"].as_str().unwrap_or_default();
        kind.strip_prefix("urn:dialogdesk:problem:").unwrap_or_else(|| panic!("{problem}")).to_owned()
    }
}

/// The Python to use, if it has this module; a missing one is a failure when all tests are wanted.
pub fn python_with(module: &str) -> Option<String> {
    let python = std::env::var("DIALOGDESK_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let all = std::env::var("DIALOGDESK_TEST_ALL").is_ok_and(|value| value == "1");
    assert!(!all, "{module} is not installed in {python}");
    println!("left out: {module} is not installed (pip install -r tests/requirements.txt)");
    None
}

/// Runs a client of the tests to its end and reads the JSON that it prints.
pub fn run_client(program: &str, script: &str, arguments: &[&str]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut command = Command::new(program);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg(script).args(arguments);
    let output = command.output().unwrap_or_else(|e| panic!("{program} does not run: {e}"));
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{complained}");
    serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}\n{complained}"))
}

pub fn shipped_knowledge() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge")
}

/// The built binary with its folders; model and runtime are found in the working directory.
pub fn binary(subcommand: &str, knowledge: &Path, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialogdesk"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg(subcommand);
    command.arg("--knowledge").arg(knowledge).arg("--data").arg(data);
    command
}

/// The command that serves: on a free port, unless the flags name another address.
fn serve(knowledge: &Path, data: &Path, env: &[(&str, &str)], flags: &[&str]) -> Command {
    let mut command = binary("serve", knowledge, data);
    if !flags.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(flags).envs(env.iter().copied());
    // Errors are worth reading in the output of a test; that a server started is not.
    command.env("DIALOGDESK_LOG_LEVEL", "warn,actix_http=off");
    command
}

/// An address of this machine where nothing listens.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// An index of the shipped knowledge, built once for a run of the tests.
pub fn shared_index() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    BUILT.get_or_init(|| {
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-index");
        let built = binary("index", &shipped_knowledge(), &data).output().expect("the binary starts");
        // What was asked in an earlier run is no matter of this one.
        for file in ["dialogdesk.db", "dialogdesk.db-wal", "dialogdesk.db-shm"] {
            let _ = std::fs::remove_file(data.join(file));
        }
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        data
    })
}

/// The index of one data folder for another, without what is kept of questions.
fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            copy_folder(&path, &to.join(name));
        } else if !name.starts_with("dialogdesk.db") {
            std::fs::copy(&path, to.join(name)).expect("copied");
        }
    }
}

/// Reads the address that the server prints, and goes on reading so that it never waits for us.
fn listening_address(stdout: impl Read + Send + 'static) -> Option<String> {
    let (found, wait) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(address) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                let _ = found.send(address.trim_end_matches('/').to_owned());
            }
        }
    });
    wait.recv_timeout(START).ok()
}
