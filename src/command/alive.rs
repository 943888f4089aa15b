//! `alive`: is the bot there?

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;
use crate::when;

/// Says that the bot is there, and since when.
#[derive(clap::Args)]
struct Alive {}

pub const KIND: CommandKind = Kind {
    name: "alive",
    declare: || declare::<Alive>("alive"),
    page: include_str!("../../man/alive.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

/// What other bots call it; people type it here, too.
const ALSO: [&str; 3] = ["ping", "up", "uptime"];

/// Whether this word means `alive`.
pub(super) fn is_called(word: &str) -> bool {
    ALSO.iter().any(|also| also.eq_ignore_ascii_case(word))
}

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let up = (scene.now - scene.bot.started).to_std().unwrap_or_default();
    Ok(Text::line(if up.as_secs() == 0 {
        "Yes, I am here; I have just started.".into()
    } else {
        format!(
            "Yes, I am here, and have been for {}.",
            when::say_duration(up)
        )
    }))
}
