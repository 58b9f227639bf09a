//! What the program was told: defaults, overridden by a TOML file, by the environment, by flags.
//!
//! Plain data, read once at the start and handed on by `app`; nothing else in the program looks
//! into the environment. All problems are reported at once, each with the place it comes from.
//! Whether files, models and folders are any good is asked by `cli::check`.

mod access;
mod answering;
mod channels;
mod log;
mod models;
mod paths;
mod places;
mod server;
mod source;
mod store;

use std::fmt;
use std::path::{Path, PathBuf};

pub use access::{Access, Limits};
pub use answering::Answering;
pub use channels::{Channels, Credentials, Hidden};
pub use log::{Log, LogFormat};
pub use models::Models;
pub use paths::Paths;
pub use places::{Places, RUNTIME_LIBRARY};
pub use server::Server;
pub use source::{Problem, Setting, Sources};
pub use store::Store;

/// The file that is read when none is named and it exists in the working directory.
pub const DEFAULT_FILE: &str = "dialogdesk.toml";

/// All settings. Each area is one file of this folder and one table of the TOML file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    pub paths: Paths,
    pub server: Server,
    pub models: Models,
    pub answering: Answering,
    pub access: Access,
    pub limits: Limits,
    pub store: Store,
    pub channels: Channels,
    pub log: Log,
    /// Where else the program looks for its model and runtime.
    pub places: Places,
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<Problem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings have {} problem(s):", self.0.len())?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl Config {
    /// Reads the file named by `--config`, by `DIALOGDESK_CONFIG`, or `dialogdesk.toml` if there is
    /// one, then the environment, then `flags` (setting name and value as typed).
    ///
    /// # Errors
    /// Every unknown name, wrong type and value out of range, with file and line or variable.
    pub fn load(file: Option<&Path>, flags: &[(&'static str, String)]) -> Result<Self, ConfigError> {
        let (config, problems) = Self::load_leniently(file, flags);
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
    }

    /// The same, with the problems beside settings in which what is wrong has its default: for a
    /// check of everything else.
    #[must_use]
    pub fn load_leniently(file: Option<&Path>, flags: &[(&'static str, String)]) -> (Self, Vec<Problem>) {
        let named = file.map(Path::to_path_buf).or_else(|| std::env::var_os("DIALOGDESK_CONFIG").map(PathBuf::from));
        let file = named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|f| f.is_file()));
        let mut sources = Sources::new(std::env::vars_os().collect(), flags);
        if let Some(file) = file {
            sources.read_file(&file);
        }
        let (config, problems) = Self::read(sources);
        (Self { places: Places::from_process(), ..config }, problems)
    }

    fn read(mut sources: Sources) -> (Self, Vec<Problem>) {
        let config = Self {
            paths: Paths::read(&mut sources),
            server: Server::read(&mut sources),
            models: Models::read(&mut sources),
            answering: Answering::read(&mut sources),
            access: Access::read(&mut sources),
            limits: Limits::read(&mut sources),
            store: Store::read(&mut sources),
            channels: Channels::read(&mut sources),
            log: Log::read(&mut sources),
            places: Places::default(),
        };
        (config, sources.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Result<Config, String> {
        let environment = environment.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let flags: Vec<_> = flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        let mut sources = Sources::new(environment, &flags);
        sources.read_toml("d.toml", file);
        let (config, problems) = Config::read(sources);
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems).to_string()) }
    }

    #[test]
    fn flags_win_over_the_environment_over_the_file_over_defaults() {
        let file = "knowledge = 'file'\ndata = 'file'\n[server]\nlisten = 'file:1'\nmax_in_flight = 3";
        let environment = [("DIALOGDESK_DATA", "environment"), ("DIALOGDESK_SERVER_LISTEN", "environment:1")];
        let config = read(file, &environment, &[("server.listen", "flag:1")]).unwrap();
        assert_eq!(config.paths.knowledge, Path::new("file"));
        assert_eq!(config.paths.data, Path::new("environment"));
        assert_eq!(config.server.listen, "flag:1");
        assert_eq!(config.server.max_in_flight, 3);
        assert_eq!(config.models, Models::default());
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let file = "[server]\nlisten = 8080\nlitsen = 'a'\n[models]\nsessions = 0\n[answering]\nthreshold = 1.5\n";
        let environment = [("DIALOGDESK_LOG_FORMAT", "xml"), ("DIALOGDESK_LOG_LEVLE", "info")];
        let problems = read(file, &environment, &[]).unwrap_err();
        insta::assert_snapshot!(problems, @r#"
        the settings have 6 problem(s):
          d.toml, line 2: server.listen must be a text, not the integer 8080
          d.toml, line 5: models.sessions must be at least 1
          d.toml, line 7: answering.threshold must be above 0 and at most 1
          DIALOGDESK_LOG_FORMAT: log.format must be "text" or "json", not "xml"
          d.toml, line 3: there is no setting server.litsen; did you mean server.listen?
          DIALOGDESK_LOG_LEVLE: there is no such setting; did you mean DIALOGDESK_LOG_LEVEL?
        "#);
    }

    #[test]
    fn a_file_that_is_not_toml_is_reported_with_the_lines() {
        let problems = read("[server]\nlisten = 'x\nmax_in_flight =\n", &[], &[]).unwrap_err();
        assert!(problems.contains("d.toml, line 2") && problems.contains("d.toml, line 3"), "{problems}");
    }

    #[test]
    fn the_admin_key_comes_from_the_environment_alone() {
        let config = read("", &[("DIALOGDESK_ADMIN_KEY", "hush-hush")], &[]).unwrap();
        assert_eq!(config.server.admin_key.as_deref(), Some("hush-hush"));
        let problems = read("[server]\nadmin_key = 'secret'", &[], &[]).unwrap_err();
        assert!(problems.contains("DIALOGDESK_ADMIN_KEY"), "{problems}");
        assert!(!format!("{config:?}").contains("hush"), "a key must not reach a log by Debug");
    }

    #[test]
    fn an_admin_key_that_is_short_or_cannot_be_sent_is_refused_with_how_to_make_one() {
        let key = |key: &str| read("", &[("DIALOGDESK_ADMIN_KEY", key)], &[]).map(|config| config.server.admin_key);
        for wrong in ["hush", "sevenof", "        ", "hush hush", "hush-hush\n", "höchstgeheim"] {
            let problems = key(wrong).unwrap_err();
            assert!(
                problems.contains("at least 8 characters") && problems.contains("`dialogdesk key --admin`"),
                "{problems}"
            );
            assert!(!problems.contains(wrong), "the key is not shown: {problems}");
        }
        assert_eq!(key("eight-ok"), Ok(Some("eight-ok".to_owned())));
        assert_eq!(key(""), Ok(None), "an empty variable is none");
    }

    #[test]
    fn lists_are_arrays_in_the_file_and_separated_by_commas_elsewhere() {
        let file = "[server]\norigins = ['https://a.example', 'https://b.example']\n";
        let config = read(file, &[("DIALOGDESK_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, ::1")], &[]).unwrap();
        assert_eq!((config.server.origins.len(), config.access.trusted_proxies.len()), (2, 2));
        assert_eq!(config.server.origins[1], "https://b.example");
        let problems =
            read("[server]\norigins = ['*']\n[access]\nread_keys = ['my-key-itself', 7]\n", &[], &[]).unwrap_err();
        assert!(problems.contains("server.origins must be a list of sites"), "{problems}");
        assert!(problems.contains("access.read_keys must be") && !problems.contains("my-key-itself"), "{problems}");
        assert!(read("[server]\ntrusted_proxies = []\n", &[], &[]).unwrap().access.trusted_proxies.is_empty());
    }

    #[test]
    fn a_messenger_is_on_with_its_secret_which_the_environment_alone_may_hold() {
        let environment = [("DIALOGDESK_SLACK_SECRET", "hush"), ("DIALOGDESK_WHATSAPP_VERIFY_TOKEN", "hush")];
        let config = read("[slack]\napi_base = 'https://slack.example.org'", &environment, &[]).unwrap();
        let on: Vec<&str> = config.channels.all().iter().filter(|(_, a)| a.is_on()).map(|(name, _)| *name).collect();
        assert_eq!(on, ["slack"]);
        assert_eq!(config.channels.slack.api_base.as_deref(), Some("https://slack.example.org"));
        assert_eq!(config.channels.missing().first().map(|(variable, _)| *variable), Some("DIALOGDESK_SLACK_TOKEN"));
        assert!(!format!("{config:?}").contains("hush"));
        for file in ["[slack]\nsecret = 'x'", "[line]\ntoken = 'x'", "[feishu]\nverify_token = 'x'"] {
            assert!(read(file, &[], &[]).unwrap_err().contains("take it out of the file"), "{file}");
        }
    }

    #[test]
    fn what_a_messenger_needs_is_named_when_it_is_missing_or_cannot_be() {
        let problems = |environment: &[(&str, &str)]| read("", environment, &[]).unwrap_err();
        assert!(problems(&[("DIALOGDESK_TEAMS_SECRET", "x")]).contains("DIALOGDESK_TEAMS_APP_ID"));
        assert!(problems(&[("DIALOGDESK_DISCORD_SECRET", "xyz")]).contains("64 hexadecimal digits"));
        assert!(!problems(&[("DIALOGDESK_DISCORD_SECRET", "xyz")]).contains("xyz"));
        assert!(problems(&[("DIALOGDESK_LINE_API_BASE", "api.line.me")]).contains("https://"));
        assert!(problems(&[("DIALOGDESK_SLACK_SECRT", "x")]).contains("did you mean DIALOGDESK_SLACK_SECRET"));
    }

    #[test]
    fn variables_of_the_tests_and_of_other_programs_are_left_alone() {
        assert!(read("", &[("DIALOGDESK_TEST_ALL", "1"), ("PATH", "/bin")], &[]).is_ok());
    }
}
