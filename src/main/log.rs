//! Where the lines of the log go.

use std::path::Path;
use std::sync::Mutex;

use boson::config::{Config, Format};
use boson::{meter, store};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A log file that is larger than this at the start, in bytes, is put aside.
const LARGEST_LOG: u64 = 10 << 20;

/// Logs go to standard error; with `terminal`, where that is the terminal in which somebody types, into a file of the store's
/// folder, so that the room shows the conversation and nothing else.
pub fn begin(config: &Config, terminal: bool) {
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
