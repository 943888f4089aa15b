//! One life of a bot: from its start to its end, however it ends.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use boson::bot::{self, Bot, Ending};
use boson::clock::Clock;
use boson::config::Config;
use boson::http::Http;
use boson::model::{RoomId, Stop, Stopped};
use boson::room::Platform;
use boson::start::{self, How};
use tokio::sync::oneshot;

use super::{Failure, runtime, supervisor};

/// Whoever supervises the process is asked to start it again.
const AGAIN: u8 = 75;
/// It was killed from a room: it may be started again, and holds reports back then.
const KILLED: u8 = 69;
/// How long a killed bot may take to write down what it has before the process ends all the same.
const HANGS: Duration = Duration::from_secs(5);

/// What the process ends with.
pub fn exit_code(ended: Option<Stop>) -> ExitCode {
    match ended {
        None | Some(Stop::Shutdown) => ExitCode::SUCCESS,
        Some(Stop::Reboot) => ExitCode::from(AGAIN),
        Some(Stop::Kill) => ExitCode::from(KILLED),
    }
}

/// Puts the program in the place of this process, as it is on disk by now; comes back only when that cannot be done.
pub fn start_anew(program: std::io::Result<PathBuf>) -> ExitCode {
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
pub fn work(
    config: &Config,
    how: How,
    linger: Duration,
    in_place: bool,
    platforms: impl Fn(&Http) -> (Vec<Arc<dyn Platform>>, Vec<RoomId>),
) -> Result<Option<Stop>, Failure> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        loop {
            let mut beside = tokio::task::JoinSet::new();
            let (begins, pulse) = oneshot::channel();
            beside.spawn(supervisor::tell(pulse));
            let http = start::door(config)?;
            let (platforms, rooms) = platforms(&http);
            let bot = start::bot(config, http, platforms, rooms, linger, how).await?;
            stop_on_signals(&bot)?;
            end_when_it_hangs(&bot, &config.folder);
            if let Some(watched) = start::watched(config, &bot).await? {
                beside.spawn(watched);
            }
            // It listens for as long as it lives.
            let _ = begins.send(bot.pulse());
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
