//! `backup`: a copy of all that is kept, made while the bot runs.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Errand, Role, Text};
use crate::registry::{Kind, declare};
use crate::store;
use crate::tracker::Trouble;

/// Copies all that I keep into a file, and sees whether it can be restored from that.
#[derive(clap::Args)]
struct Backup {}

pub const KIND: CommandKind = Kind {
    name: "backup",
    declare: || declare::<Backup>("backup"),
    page: include_str!("../../man/backup.md"),
    build: Act {
        role: Role::Operator,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    Ok(scene.send(Errand::BackUp))
}

/// A large store is copied, and not yet restored.
pub fn copied(copied: &store::Backup) -> Text {
    Text::line(format!(
        "Copied {} ({}). I restore it into an empty store now, to see whether it is good.",
        rows(copied.rows),
        size(copied.bytes)
    ))
}

/// It is there and good.
pub fn done(name: &str, copied: &store::Backup) -> Text {
    Text::line(format!(
        "Backed up: {}, {}, as `{name}` in the folder `backups` of the store.",
        rows(copied.rows),
        size(copied.bytes)
    ))
    .and("I have restored it into an empty store, and everything came back.")
}

/// It is not good, and not there any more.
pub fn failed(reference: &str) -> Text {
    Text::line("The backup went wrong: there is none. The store is as it was.").hint(format!(
        "the reference `{reference}` stands in the log with the reason"
    ))
}

/// Somebody ended me before it was whole.
pub fn called_off() -> Text {
    Text::line("The backup is called off, for I end: there is none.")
        .hint("ask again when I am back")
}

/// Somebody waits for one already.
pub fn already() -> Text {
    Text::line("A backup is being made already.").hint("ask again when that is done")
}

/// There is no folder for it.
pub fn nowhere() -> Text {
    Text::line("I keep nothing on a disk here, so there is nothing to copy.")
}

fn rows(rows: u64) -> String {
    match rows {
        1 => "1 row".into(),
        n => format!("{n} rows"),
    }
}

/// `812 bytes`, `4.5 MiB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1_024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
