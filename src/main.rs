//! The program: reads the command line and the config, starts, stops.

#[path = "main/life.rs"]
mod life;
#[path = "main/log.rs"]
mod log;
#[path = "main/manual.rs"]
mod manual;
#[path = "main/supervisor.rs"]
mod supervisor;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use boson::clock::Clock;
use boson::config::{self, Config, PlatformSection, TerminalSection};
use boson::model::{Mistake, Stop};
use boson::room::pipe::Pipe;
use boson::room::{Finding, Platform, slack};
use boson::start::{self, How, StartError};
use boson::store::{self, Options, Store};
use boson::{recipe, when};
use clap::{CommandFactory, Parser, Subcommand};

/// A bot for chat rooms: people say what to watch, Boson tells what is new.
#[derive(Parser)]
#[command(name = "boson", version, term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The config file; without it `config.toml` in this folder, if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the store, instead of the one in the config.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Start although the store has lost something.
    #[arg(long, global = true)]
    accept_loss: bool,
    /// Start although somebody shut it down from a room.
    #[arg(long, global = true)]
    up: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Be in the rooms of the config (what happens without a command).
    Run,
    /// The room of the terminal for scripts: a message per line in, what is said out, nothing else.
    Chat {
        /// The room's name.
        #[arg(long, value_name = "NAME")]
        room: Option<String>,
        /// What you are called in it.
        #[arg(long = "as", value_name = "NAME")]
        person: Option<String>,
        /// How long to go on after the end of input: `30s`, `5 minutes`.
        #[arg(long, value_name = "TIME", default_value = "0s", value_parser = linger)]
        linger: Duration,
    },
    /// Show a page of the manual, or the list of pages.
    Man {
        /// The page.
        page: Option<String>,
        /// Write all pages for man(1) into this folder instead.
        #[arg(long, value_name = "DIR", conflicts_with = "page")]
        roff: Option<PathBuf>,
    },
    /// Say every mistake in the config and in recipes, and whether the platforms on the web can be used.
    Check {
        /// The config file.
        #[arg(value_name = "CONFIG")]
        file: Option<PathBuf>,
        /// Look at files only.
        #[arg(long)]
        offline: bool,
    },
    /// What Slack needs.
    Slack {
        #[command(subcommand)]
        what: Slack,
    },
    /// Print the completions for a shell.
    Completions { shell: clap_complete::Shell },
    /// Make somebody the operator of this Boson, while it does not run.
    Operator {
        /// A room of the platform on which they are: `slack/C0123ABCD`.
        room: String,
        /// The person, by name or id.
        person: String,
    },
    /// Copy the store into a file, while Boson does not run.
    Backup { file: PathBuf },
    /// Make a store from a backup, in an empty folder.
    Restore { file: PathBuf },
}

#[derive(Subcommand)]
enum Slack {
    /// Print the manifest from which Slack makes the app.
    Manifest {
        /// Where Slack is to post what is said, on the web; without it Boson fetches it.
        #[arg(long, value_name = "URL", value_parser = on_the_web)]
        url: Option<String>,
    },
}

/// An address at which Slack posts.
fn on_the_web(text: &str) -> Result<String, String> {
    match text.starts_with("https://") && url::Url::parse(text).is_ok() {
        true => Ok(text.into()),
        false => Err("it must begin with https://, for Slack posts to nothing else".into()),
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(Failure { code, words }) => {
            eprintln!("{words}");
            ExitCode::from(code)
        }
    }
}

/// Why the program ends early.
struct Failure {
    code: u8,
    words: String,
}

impl Failure {
    fn new(words: impl Into<String>) -> Failure {
        Failure {
            code: 1,
            words: words.into(),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Failure {
        let words = match &error {
            StartError::Config(_) => error.to_string(),
            _ => format!("boson: {error}"),
        };
        Failure {
            code: error.exit_code(),
            words,
        }
    }
}

impl From<Vec<Mistake>> for Failure {
    fn from(mistakes: Vec<Mistake>) -> Failure {
        StartError::Config(mistakes).into()
    }
}

fn linger(text: &str) -> Result<Duration, String> {
    if matches!(text.trim(), "0" | "0s") {
        return Ok(Duration::ZERO);
    }
    when::duration(text).map_err(|refusal| refusal.to_string())
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let load = |file: Option<&Path>| -> Result<Config, Failure> {
        let mut config = config::load(file)?;
        if let Some(data) = &cli.data {
            config.folder = data.clone();
        }
        Ok(config)
    };
    let how = How {
        accept_loss: cli.accept_loss,
        // Who sits at a terminal is a person.
        up: cli.up || std::io::stdin().is_terminal(),
    };
    match cli.command.unwrap_or(Command::Run) {
        Command::Run => {
            let config = load(cli.config.as_deref())?;
            log::begin(
                &config,
                std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            );
            let program = std::env::current_exe();
            loop {
                let ended = life::work(&config, how, Duration::ZERO, false, |http| {
                    start::platforms(&config, http)
                })?;
                if ended != Some(Stop::Reboot) {
                    return Ok(life::exit_code(ended));
                }
                match load(cli.config.as_deref()).and_then(|config| recipes(&config)) {
                    Ok(()) => return Ok(life::start_anew(program)),
                    // With them it would stay down.
                    Err(Failure { words, .. }) => {
                        tracing::error!(
                            "the settings have mistakes, I go on with those I have: {words}"
                        );
                    }
                }
            }
        }
        Command::Chat {
            room,
            person,
            linger,
        } => {
            let config = load(cli.config.as_deref())?;
            log::begin(&config, false);
            let terminal = config
                .platform
                .iter()
                .find_map(|(name, section)| match section {
                    PlatformSection::Terminal(section) => Some((name.clone(), section.clone())),
                    PlatformSection::StackExchangeChat(_)
                    | PlatformSection::Slack(_)
                    | PlatformSection::Irc(_) => None,
                });
            let (name, section) = terminal.unwrap_or_else(|| {
                let section = TerminalSection {
                    room: "home".into(),
                    direct: true,
                    person: None,
                };
                ("terminal".into(), section)
            });
            let section = TerminalSection {
                room: room.unwrap_or(section.room),
                person: person.or(section.person),
                ..section
            };
            let seat = start::seat(&config, &name, &section);
            let room = seat.room.clone();
            let input = tokio::io::BufReader::new(tokio::io::stdin());
            let pipe: Arc<dyn Platform> =
                Arc::new(Pipe::new(seat, Clock::Real, input, tokio::io::stdout()));
            // What was read of the input and not yet heard stays in this process, so it starts anew in it.
            let ended = life::work(&config, how, linger, true, |_| {
                (vec![pipe.clone()], vec![room.clone()])
            })?;
            Ok(life::exit_code(ended))
        }
        Command::Man { page, roff } => manual::show(page.as_deref(), roff.as_deref()),
        Command::Check { file, offline } => check(file.or(cli.config), offline),
        Command::Slack {
            what: Slack::Manifest { url },
        } => {
            // Its name is all that is asked of the config, which may still lack the tokens that come of this.
            let (config, _) = config::read(cli.config.as_deref());
            let yaml = slack::manifest::manifest(&config.name, url.as_deref());
            // A reader that was closed early is no fault.
            let _ = std::io::stdout().write_all(yaml.as_bytes());
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "boson", &mut script);
            // A reader that was closed early is no fault.
            let _ = std::io::stdout().write_all(&script);
            Ok(ExitCode::SUCCESS)
        }
        Command::Operator { room, person } => {
            let config = load(cli.config.as_deref())?;
            let made = start::make_operator(&config, &room, &person, cli.accept_loss);
            let person = runtime()?.block_on(made)?;
            println!(
                "{} ({}) is an operator of this Boson now.",
                person.name, person.id.0
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Backup { file } => {
            let config = load(cli.config.as_deref())?;
            if !store::is_there(&config.folder) {
                return Err(Failure::new(format!(
                    "boson: there is no store in {}: name its folder with `--data`",
                    config.folder.display()
                )));
            }
            runtime()?.block_on(async {
                let options = Options {
                    accept_loss: cli.accept_loss,
                    ..Options::default()
                };
                let store = Store::open(&config.folder, options)
                    .await
                    .map_err(StartError::from)?;
                let backup = store
                    .backup(&file)
                    .await
                    .map_err(|error| Failure::new(format!("boson: {error}")))?;
                store
                    .close()
                    .await
                    .map_err(|error| Failure::new(format!("boson: {error}")))?;
                println!("Wrote {} rows to {}.", backup.rows, file.display());
                Ok(ExitCode::SUCCESS)
            })
        }
        Command::Restore { file } => {
            let config = load(cli.config.as_deref())?;
            runtime()?.block_on(async {
                let backup = store::restore(&file, &config.folder)
                    .await
                    .map_err(|error| Failure {
                        code: 3,
                        words: format!("boson: {error}"),
                    })?;
                println!(
                    "Restored {} rows into {}.",
                    backup.rows,
                    config.folder.display()
                );
                Ok(ExitCode::SUCCESS)
            })
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    start::runtime()
        .map_err(|error| Failure::new(format!("boson: the runtime cannot be started: {error}")))
}

/// Whether the recipes of a config can be read.
fn recipes(config: &Config) -> Result<(), Failure> {
    start::recipes(config.recipes.as_deref())?;
    Ok(())
}

fn check(file: Option<PathBuf>, offline: bool) -> Result<ExitCode, Failure> {
    let shown = file.clone().unwrap_or_else(|| "config.toml".into());
    let (config, mut mistakes) = config::read(file.as_deref());
    let written = match start::recipes(config.recipes.as_deref()) {
        Ok(written) => written,
        Err(more) => {
            mistakes.extend(more);
            Vec::new()
        }
    };
    if !mistakes.is_empty() {
        return Err(mistakes.into());
    }
    let untrue: Vec<String> = written
        .iter()
        .flat_map(|written| {
            let examples = written.examples.iter();
            examples.filter_map(|example| recipe::run_example(written, example).err())
        })
        .collect();
    if !untrue.is_empty() {
        return Err(Failure {
            code: 2,
            words: untrue.join("\n"),
        });
    }
    println!(
        "{}: no mistakes; {} recipes.",
        shown.display(),
        written.len()
    );
    match offline {
        true => Ok(ExitCode::SUCCESS),
        false => look(&config),
    }
}

/// Looks whether the platforms on the web can be used.
fn look(config: &Config) -> Result<ExitCode, Failure> {
    let found = runtime()?.block_on(async {
        let http = start::door(config)?;
        Ok::<_, StartError>(start::look(config, &http).await)
    })?;
    let mut code = ExitCode::SUCCESS;
    for (name, finding) in found {
        match finding {
            Finding::Fine(what) => println!("{name}: {what}."),
            Finding::Lacking { what, hint } => eprintln!("{name}: {what}.\nhint: {hint}"),
            Finding::Broken { what, hint } => {
                eprintln!("{name}: {what}.\nhint: {hint}");
                code = ExitCode::from(2);
            }
        }
    }
    Ok(code)
}
