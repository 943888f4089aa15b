//! The program: reads the command line and the config, starts, stops.

#[path = "main/supervisor.rs"]
mod supervisor;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boson::bot::{self, Bot, Ending};
use boson::clock::Clock;
use boson::command::manual;
use boson::config::{self, Config, Format, PlatformSection, TerminalSection};
use boson::http::Http;
use boson::meter;
use boson::model::{Mistake, RoomId, Stop, Stopped};
use boson::room::pipe::Pipe;
use boson::room::{Finding, Platform, slack};
use boson::start::{self, How, StartError};
use boson::store::{self, Options, Store};
use boson::{recipe, when};
use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
        up: cli.up,
    };
    match cli.command.unwrap_or(Command::Run) {
        Command::Run => {
            let config = load(cli.config.as_deref())?;
            log(
                &config,
                std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            );
            // Who sits at a terminal is a person.
            let how = How {
                up: cli.up || std::io::stdin().is_terminal(),
                ..how
            };
            let program = std::env::current_exe();
            loop {
                let ended = work(&config, how, Duration::ZERO, false, |http| {
                    start::platforms(&config, http)
                })?;
                if ended != Some(Stop::Reboot) {
                    return Ok(exit_code(ended));
                }
                match load(cli.config.as_deref()).and_then(|config| recipes(&config)) {
                    Ok(()) => return Ok(start_anew(program)),
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
            log(&config, false);
            let how = How { up: true, ..how };
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
            let ended = work(&config, how, linger, true, |_| {
                (vec![pipe.clone()], vec![room.clone()])
            })?;
            Ok(exit_code(ended))
        }
        Command::Man { page, roff } => man(page.as_deref(), roff.as_deref()),
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
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("boson: the runtime cannot be started: {error}")))
}

/// Whoever supervises the process is asked to start it again.
const AGAIN: u8 = 75;
/// It was killed from a room: it may be started again, and holds reports back then.
const KILLED: u8 = 69;
/// How long a killed bot may take to write down what it has before the process ends all the same.
const HANGS: Duration = Duration::from_secs(5);

/// Whether the recipes of a config can be read.
fn recipes(config: &Config) -> Result<(), Failure> {
    start::recipes(config.recipes.as_deref())?;
    Ok(())
}

/// What the process ends with.
fn exit_code(ended: Option<Stop>) -> ExitCode {
    match ended {
        None | Some(Stop::Shutdown) => ExitCode::SUCCESS,
        Some(Stop::Reboot) => ExitCode::from(AGAIN),
        Some(Stop::Kill) => ExitCode::from(KILLED),
    }
}

/// Puts the program in the place of this process, as it is on disk by now; comes back only when that cannot be done.
fn start_anew(program: std::io::Result<PathBuf>) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = match program {
        Ok(program) => {
            let mut anew = std::process::Command::new(program);
            // It may have been started with `--up`, which was for that time only.
            let arguments = std::env::args_os().skip(1).filter(|word| word != "--up");
            anew.args(arguments).exec()
        }
        Err(error) => error,
    };
    tracing::error!(%error, "the program cannot be started anew from here");
    ExitCode::from(AGAIN)
}

/// Runs a bot on these platforms until it ends or is told to. Where a room has it rebooted, it starts anew `in_place`, on
/// the same platforms, or the caller sees to it.
fn work(
    config: &Config,
    how: How,
    linger: Duration,
    in_place: bool,
    platforms: impl Fn(&Http) -> (Vec<Arc<dyn Platform>>, Vec<RoomId>),
) -> Result<Option<Stop>, Failure> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        loop {
            let http = start::door(config)?;
            let (platforms, rooms) = platforms(&http);
            let bot = start::bot(config, http, platforms, rooms, linger, how).await?;
            stop_on_signals(&bot)?;
            end_when_it_hangs(&bot, &config.folder);
            let mut beside = tokio::task::JoinSet::new();
            if let Some(watched) = start::watched(config, &bot).await? {
                beside.spawn(watched);
            }
            beside.spawn(supervisor::tell(bot.pulse()));
            let stopper = bot.stopper();
            let ended = bot.run().await;
            // The next one listens where this one did.
            beside.shutdown().await;
            let ended = match (ended, stopper.ending()) {
                (Ok(ended), _) => ended,
                // Whoever ended it is obeyed, whatever the store says.
                (Err(trouble), Some(Ending::Asked(stopped))) => {
                    tracing::error!(%trouble, "it does not end in order");
                    note_ended(&config.folder, &stopped);
                    return Ok(Some(stopped.stop));
                }
                (Err(trouble), Some(Ending::Told) | None) => {
                    return Err(Failure::new(format!("boson: {trouble}")));
                }
            };
            if ended != Some(Stop::Reboot) || !in_place {
                return Ok(ended);
            }
        }
    });
    // The terminal is given back when its platform is dropped; a thread that still waits for a line of input
    // must not hold the process.
    runtime.shutdown_timeout(Duration::from_millis(500));
    outcome
}

/// The store could not take it.
fn note_ended(folder: &Path, stopped: &Stopped) {
    if let Err(error) = bot::note_unwritten(folder, stopped) {
        tracing::error!(%error, "who ended me cannot be written down");
    }
}

/// A killed bot ends, whatever it is doing.
fn end_when_it_hangs(bot: &Bot, folder: &Path) {
    let (stopper, folder) = (bot.stopper(), folder.to_path_buf());
    tokio::spawn(async move {
        stopper.killed().await;
        Clock::Real.until(Clock::Real.now() + HANGS).await;
        if let Some(Ending::Asked(stopped)) = stopper.ending() {
            note_ended(&folder, &stopped);
        }
        tracing::error!("killed, and the loop hangs: the process ends all the same");
        #[allow(
            clippy::disallowed_methods,
            reason = "what hangs is waited for by nobody"
        )]
        std::process::exit(KILLED.into());
    });
}

/// Signals end the bot in order.
fn stop_on_signals(bot: &Bot) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen =
        |kind| signal(kind).map_err(|error| Failure::new(format!("boson: no signals: {error}")));
    let (mut terminate, mut interrupt) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::interrupt())?,
    );
    let stopper = bot.stopper();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopper.stop();
        // Who says it twice does not want to wait.
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        #[allow(
            clippy::disallowed_methods,
            reason = "what hangs is waited for by nobody"
        )]
        std::process::exit(1);
    });
    Ok(())
}

/// A log file that is larger than this at the start, in bytes, is put aside.
const LARGEST_LOG: u64 = 10 << 20;

/// Logs go to standard error; with `terminal`, where that is the terminal in which somebody types, into a file of the store's
/// folder, so that the room shows the conversation and nothing else.
fn log(config: &Config, terminal: bool) {
    let filter = tracing_subscriber::EnvFilter::new(format!("warn,boson={}", config.log.level));
    let writer = match terminal {
        true => log_file(&config.folder),
        false => None,
    };
    let writer = match writer {
        Some(file) => BoxMakeWriter::new(Mutex::new(file)),
        None => BoxMakeWriter::new(std::io::stderr),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false);
    let set = match config.log.format {
        Format::Human => lines.with_target(false).finish().with(Counted).try_init(),
        Format::Json => lines.json().finish().with(Counted).try_init(),
    };
    if let Err(error) = set {
        eprintln!("boson: nothing is logged: {error}");
    }
}

/// Counts the lines of the log that somebody should look at.
struct Counted;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Counted {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        match *event.metadata().level() {
            tracing::Level::ERROR => meter::logged("error"),
            tracing::Level::WARN => meter::logged("warn"),
            _ => {}
        }
    }
}

/// `boson.log` in this folder, to write at its end.
fn log_file(folder: &Path) -> Option<std::fs::File> {
    let path = folder.join("boson.log");
    store::private(folder).ok()?;
    if std::fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST_LOG) {
        std::fs::rename(&path, folder.join("boson.log.1")).ok()?;
    }
    std::fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .ok()
}

fn man(page: Option<&str>, roff: Option<&Path>) -> Result<ExitCode, Failure> {
    if let Some(folder) = roff {
        return write_roff(folder);
    }
    let text = match page {
        Some(name) => boson::command::page(name)
            .map_err(|refusal| Failure::new(refusal.to_string()))?
            .text(),
        None => boson::command::contents(),
    };
    // A reader that was closed early is no fault.
    let _ = writeln!(std::io::stdout(), "{}", text.plain());
    Ok(ExitCode::SUCCESS)
}

fn write_roff(folder: &Path) -> Result<ExitCode, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(format!("boson: {}: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let date = Clock::Real.now().format("%Y-%m-%d").to_string();
    let mut count = 0;
    for entry in manual::pages() {
        let section = entry.section();
        let name = if entry.name == "boson" {
            "boson".into()
        } else {
            format!("boson-{}", entry.name)
        };
        let path = folder.join(format!("{name}.{section}"));
        std::fs::write(&path, entry.read().roff(section, &date))
            .map_err(|error| failed(&path, error))?;
        count += 1;
    }
    println!("Wrote {count} pages to {}.", folder.display());
    Ok(ExitCode::SUCCESS)
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
