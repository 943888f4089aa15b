//! `mute`: no reports in this room, for a while or until somebody says otherwise.

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use super::change::{self, Also};
use super::{Act, CommandKind, Scene, held};
use crate::model::{Mute as Muted, Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;
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
    let after = Muted {
        until,
        drop,
        by: scene.message.person.clone(),
        at: scene.now,
        dropped: 0,
    };
    let step = Also::Mute {
        room: scene.room().clone(),
        before: change::mute(scene.store, scene.room())?,
        after: Some(after),
    };
    let reading = scene.reading();
    let for_long = match until {
        Some(until) => format!(" until {}", when::say(until, &reading)),
        None => String::new(),
    };
    let what = match until {
        Some(until) => format!("mute until {}", when::say_moment(until, &reading)),
        None => "mute".into(),
    };
    change::make_also(scene, what, vec![step])?;
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

/// What is said when a room is no longer muted: how much follows, how much is held for another reason, how much was
/// dropped.
pub fn ended(follows: usize, stays: usize, dropped: u64) -> Text {
    let were = match dropped {
        0 => String::new(),
        1 => " 1 message was dropped meanwhile.".into(),
        many => format!(" {many} messages were dropped meanwhile."),
    };
    let text = match (follows, stays, dropped) {
        (0, 0, 0) => Text::line("No longer muted; nothing has come meanwhile."),
        (0, 0, _) => Text::line(format!("No longer muted.{were}")),
        _ => Text::line(format!(
            "No longer muted. {}.{were}",
            held::follow(follows, stays)
        )),
    };
    match (follows, stays) {
        (0, 1..) => text.hint("`list` says what holds it, `show --waiting` shows it"),
        (0..=1, _) => text,
        _ => text.hint("`drop` throws away what is not said yet"),
    }
}
