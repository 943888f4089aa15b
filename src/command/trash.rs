//! `trash`: own messages out of a room's sight.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::cut;
use crate::model::{Errand, Refusal, Role, Text, Trashed, Which};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// The most messages that are taken away at once.
const MOST: usize = 50;
/// How many of those that stay are named.
const NAMED: usize = 5;

/// Takes messages of mine out of this room: moves them to the trash, or deletes them.
#[derive(clap::Args)]
struct Trash {
    /// How many, the last ones first; or links to messages. The message that you answer, or the last one, when nothing
    /// is said.
    #[arg(value_name = "COUNT-OR-LINK")]
    which: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "trash",
    declare: || declare::<Trash>("trash"),
    page: include_str!("../../man/trash.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let typed: Vec<String> = matches
        .get_many::<String>("which")
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let which = match (typed.as_slice(), &scene.message.reply_to) {
        ([], Some(message)) if scene.message.reply_to_bot => {
            Which::These(vec![message.0.to_string()])
        }
        ([], _) => Which::Last(1),
        // What is longer is the number of a message.
        ([count], _) if count.len() <= 4 && count.bytes().all(|b| b.is_ascii_digit()) => {
            match count.parse() {
                Ok(count @ 1..=MOST) => Which::Last(count),
                Ok(_) | Err(_) => return Err(too_many().into()),
            }
        }
        (typed, _) if typed.len() > MOST => return Err(too_many().into()),
        (typed, _) => Which::These(typed.to_vec()),
    };
    Ok(scene.send(Errand::Trash(which)))
}

fn too_many() -> Refusal {
    Refusal::new(format!("I take 1 to {MOST} messages away at once."))
        .hint("`trash 5` takes the last five")
}

/// What came of it.
pub fn trashed(trashed: &Trashed) -> Text {
    let mut done = Vec::new();
    if trashed.moved > 0 {
        done.push(format!("moved {} to the trash", messages(trashed.moved)));
    }
    if trashed.deleted > 0 {
        done.push(format!("deleted {}", messages(trashed.deleted)));
    }
    let mut text = match (done.is_empty(), trashed.kept.is_empty()) {
        (true, true) => return Text::line("There is nothing of mine here that I could take away."),
        (true, false) => Text::line("I could not take that away."),
        (false, _) => Text::line(format!("I have {}.", done.join(" and "))),
    };
    for (message, why) in trashed.kept.iter().take(NAMED) {
        let message = cut(&message.replace('`', "'"), 80);
        text = text.entry(format!("`{message}` stays: {why}"));
    }
    match trashed.kept.len().saturating_sub(NAMED) {
        0 => text,
        more => text.entry(format!("and {more} more stay")),
    }
}

/// The platform could not even begin.
pub fn failed(why: &str) -> Refusal {
    Refusal::new(format!("I could not take anything away: {why}."))
        .hint("ask an owner of the room to move it")
}

fn messages(n: usize) -> String {
    match n {
        1 => "1 message".into(),
        n => format!("{n} messages"),
    }
}
