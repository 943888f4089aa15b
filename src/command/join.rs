//! `join`: into another room.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::cut;
use crate::model::{Errand, Refusal, Role, RoomId, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Goes into another room.
#[derive(clap::Args)]
struct Join {
    /// Its number, its name, or a link to it.
    #[arg(value_name = "ROOM", required = true)]
    room: String,
}

pub const KIND: CommandKind = Kind {
    name: "join",
    declare: || declare::<Join>("join"),
    page: include_str!("../../man/join.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let room = matches
        .get_one::<String>("room")
        .map_or("", |room| room.trim());
    let room = room.trim_matches(['<', '>', '`']);
    Ok(scene.send(Errand::Join(room.into())))
}

/// Nothing of what the bot is on has such a room.
pub fn unknown(typed: &str) -> Refusal {
    let typed = cut(&typed.replace('`', "'"), 60);
    Refusal::new(format!("I know no room called `{typed}`."))
        .hint("open the room, and give me the link that your browser shows")
}

/// The bot is there already.
pub fn already(room: &RoomId) -> Refusal {
    Refusal::new(format!("I am in `{room}` already.")).hint("go there and say `help`")
}

/// The bot is there already, and whoever runs it wants it there.
pub fn trusted(room: &RoomId) -> Text {
    Text::line(format!(
        "I am in `{room}` already; from now on its owners may `kill`, `reboot` and `shutdown` me."
    ))
    .hint("`leave`, typed there, takes that back")
}

/// What is said where somebody asked for it.
pub fn joined(room: &RoomId, name: &str, paused: usize) -> Text {
    let text = Text::line(format!("I am in {} now.", called(room, name)));
    match paused {
        0 => text,
        1 => text.hint("its 1 tracker is paused; `resume` it there"),
        n => text.hint(format!("its {n} trackers are paused; `resume` them there")),
    }
}

/// What is said where it was not to be entered.
pub fn shut(room: &RoomId, why: &str) -> Refusal {
    Refusal::new(format!("I could not enter `{room}`: {why}."))
        .hint("look whether the room is open to me, then ask again")
}

/// What a room hears first: who wanted the bot there, and what keeps reports from being said.
pub fn hello(who: &str, held: Text) -> Text {
    let who = cut(&who.replace('`', "'"), 60);
    Text::line(format!("Hello! I am here because {who} asked me in."))
        .join(held)
        .hint("`help` shows how to begin; an owner of this room sends me away with `leave`")
}

fn called(room: &RoomId, name: &str) -> String {
    match name.is_empty() || name == room.room {
        true => format!("`{room}`"),
        false => format!("“{}” (`{room}`)", cut(&name.replace('`', "'"), 80)),
    }
}
