//! `mute`: no reports in this room, for a while or until somebody says otherwise.

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use super::change::{self, Also};
use super::{Act, CommandKind, Scene};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::store::rows::Mute as Muted;
use crate::store::tables;
use crate::tracker::{self, Trouble};
use crate::when;

/// Says no reports in this room, for a while or until `unmute`; commands are answered.
#[derive(clap::Args)]
struct Mute {
    /// For how long, or until when: `2 hours`, `for 30 minutes`, `until friday at 9`.
    #[arg(value_name = "TIME")]
    time: Vec<String>,
    /// Drop what comes meanwhile, instead of saying it later.
    #[arg(long)]
    drop: bool,
}

pub const KIND: CommandKind = Kind {
    name: "mute",
    declare: || declare::<Mute>("mute"),
    page: include_str!("../../man/mute.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let words = matches.get_many::<String>("time").into_iter().flatten();
    let words: Vec<&str> = words.map(String::as_str).collect();
    let until = until(scene, &words.join(" "))?;
    let drop = matches.get_flag("drop");
    let Some(row) = scene.store.get(&tables::ROOMS, scene.room())? else {
        return Err(Refusal::new("I am not in this room.").into());
    };
    let after = Muted {
        until,
        drop,
        by: scene.message.person.clone(),
        at: scene.now,
        dropped: 0,
    };
    let step = Also::Mute {
        room: scene.room().clone(),
        before: row.muted,
        after: Some(after),
    };
    let reading = scene.reading();
    let for_long = match until {
        Some(until) => format!(" until {}", when::say(until, &reading)),
        None => String::new(),
    };
    change::make_also(scene, format!("mute{for_long}"), vec![step])?;
    let what = match drop {
        true => "what is found meanwhile is not said here, not even later",
        false => "what is found meanwhile waits",
    };
    Ok(
        Text::line(format!("Muted{for_long}: {what}. Commands are answered."))
            .hint("`unmute` ends it"),
    )
}

/// When it ends by itself.
fn until(scene: &Scene<'_>, words: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(None);
    }
    let reading = scene.reading();
    let until = match words.strip_prefix("until ") {
        Some(moment) => when::moment(moment, &reading)?,
        None => {
            let length = words.strip_prefix("for ").unwrap_or(words);
            let length = when::duration(length)?;
            let length = chrono::TimeDelta::from_std(length).ok();
            let until = length.and_then(|length| scene.now.checked_add_signed(length));
            until.ok_or_else(|| {
                Refusal::new("That is too long.").hint("`mute` alone holds until `unmute`")
            })?
        }
    };
    if until <= scene.now {
        return Err(Refusal::new("That is over already.").hint("for instance `mute for 2 hours`"));
    }
    Ok(Some(until))
}

/// What is said when a room is no longer muted.
pub fn ended(waiting: usize, dropped: u64) -> Text {
    match (waiting, dropped) {
        (0, 0) => Text::line("No longer muted; nothing has come meanwhile."),
        (0, 1) => Text::line("No longer muted. 1 message was dropped meanwhile."),
        (0, dropped) => Text::line(format!(
            "No longer muted. {dropped} messages were dropped meanwhile."
        )),
        (1, _) => Text::line("No longer muted. 1 message has waited, and follows."),
        (waiting, _) => Text::line(format!(
            "No longer muted. {waiting} messages have waited, and follow."
        ))
        .hint("`drop` throws away what is not said yet"),
    }
}

/// How many messages wait for a room that are no answers.
pub fn waiting(scene: &Scene<'_>) -> Result<usize, Trouble> {
    Ok(tracker::waiting_reports(scene.store, scene.room())?)
}
