//! `room`: what this room wishes: how it calls me, its times, when it wants to be left alone.

use clap::ArgMatches;

use super::change::{self, Also};
use super::{Act, CommandKind, Scene, role};
use crate::model::dialogue::Unfinished;
use crate::model::{Chosen, Refusal, Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::tables;
use crate::tracker::Trouble;
use crate::when;

/// The longest prefix, in characters.
const PREFIX: usize = 8;

/// Shows or changes what this room wishes: prefix, time zone, order of dates, quiet hours.
#[derive(clap::Args)]
struct Room {
    /// What a command may begin with instead of my name: 1 to 8 signs without a space.
    #[arg(long, value_name = "SIGN", value_parser = prefix)]
    prefix: Option<String>,
    /// The zone of its times: a city, or `utc+2`.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<String>,
    /// What 1/2 means in it: the first of February, or the second of January.
    #[arg(long, value_name = "ORDER", value_parser = ["day-month", "month-day"])]
    order: Option<String>,
    /// Hours of each day in which reports wait: `22:00 to 7:00`.
    #[arg(long, value_name = "HOURS", value_parser = quiet)]
    quiet: Option<String>,
    /// Whether I ask for what a command lacks: where nobody else reads along, always, or never.
    #[arg(long, value_name = "WHERE", value_parser = ["direct", "always", "never"])]
    unfinished: Option<String>,
    /// Take a wish back: as the operator set it.
    #[arg(long, value_name = "SETTING", value_delimiter = ',')]
    without: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "room",
    declare: || declare::<Room>("room"),
    page: include_str!("../../man/room.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

/// What a room can wish, in the order in which it is shown.
const SETTINGS: [&str; 5] = ["prefix", "zone", "order", "quiet", "unfinished"];

fn prefix(text: &str) -> Result<String, Refusal> {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !c.is_alphanumeric();
    let fits = (1..=PREFIX).contains(&text.chars().count()) && text.chars().all(plain);
    match fits && !text.starts_with('@') {
        true => Ok(text.into()),
        false => Err(Refusal::new(format!(
            "`{}` cannot stand before commands.",
            crate::model::text::cut(&text.replace('`', "'"), 40)
        ))
        .hint("1 to 8 signs that are no letters, for instance `!`")),
    }
}

fn zone(text: &str) -> Result<String, Refusal> {
    Ok(when::zone(text)?.name().into())
}

fn quiet(text: &str) -> Result<String, Refusal> {
    Ok(when::hours(text)?.to_string())
}

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let before = scene
        .store
        .get(&tables::CHOSEN, scene.room())?
        .unwrap_or_default();
    let mut after = before.clone();
    for name in matches.get_many::<String>("without").into_iter().flatten() {
        let known = SETTINGS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name));
        let Some(known) = known else {
            let shown = crate::model::text::cut(&name.replace('`', "'"), 40);
            let refusal = Refusal::new(format!("A room has no `{shown}`."));
            let all = format!("there are {}", registry::list(SETTINGS));
            return Err(match registry::nearest(name, SETTINGS) {
                Some(near) => refusal.hint(format!("did you mean `{near}`?")),
                None => refusal.hint(all),
            }
            .into());
        };
        set(&mut after, known, None);
    }
    for name in SETTINGS {
        if let Some(value) = matches.get_one::<String>(name) {
            set(&mut after, name, Some(value.clone()));
        }
    }
    if matches.args_present() && scene.role < Role::Owner {
        return Err(
            Refusal::new("Only an owner of this room may change how it is set.")
                .hint(role::whom_to_ask(scene, Role::Owner))
                .into(),
        );
    }
    if !matches.args_present() {
        return Ok(shown(scene, &after).hint(
            "`wizard room` changes it by questions, for instance `room --zone Europe/Zurich` at once",
        ));
    }
    if before == after {
        return Err(Refusal::new("That leaves this room as it is.")
            .hint("`room` shows how it is set")
            .into());
    }
    let step = Also::Room {
        room: scene.room().clone(),
        before,
        after: after.clone(),
    };
    change::make_also(scene, "change of this room".into(), vec![step])?;
    Ok(shown(scene, &after).hint("`undo` takes it back"))
}

fn set(chosen: &mut Chosen, name: &str, value: Option<String>) {
    match name {
        "prefix" => chosen.prefix = value,
        "zone" => chosen.zone = value,
        "order" => chosen.order = value,
        "quiet" => chosen.quiet = value,
        _ => {
            chosen.unfinished = value.and_then(|value| match value.as_str() {
                "direct" => Some(Unfinished::Direct),
                "always" => Some(Unfinished::Always),
                "never" => Some(Unfinished::Never),
                _ => None,
            });
        }
    }
}

/// What a room has chosen, by the names of the flags.
pub fn has(chosen: &Chosen) -> Vec<(String, String)> {
    let unfinished = chosen.unfinished.map(|unfinished| unfinished.name().into());
    let all = [
        ("prefix", chosen.prefix.clone()),
        ("zone", chosen.zone.clone()),
        ("order", chosen.order.clone()),
        ("quiet", chosen.quiet.clone()),
        ("unfinished", unfinished),
    ];
    let set = |(name, value): (&str, Option<String>)| Some((name.into(), value?));
    all.into_iter().filter_map(set).collect()
}

fn shown(scene: &Scene<'_>, chosen: &Chosen) -> Text {
    let reading = scene.reading();
    let usual = |name: &str| match name {
        "zone" => format!("{}, as the operator set it", reading.zone),
        "order" => format!("{}, as the operator set it", reading.order),
        "quiet" => "none".into(),
        _ => "as the operator set it".into(),
    };
    let has = has(chosen);
    SETTINGS
        .iter()
        .fold(Text::line("How this room is set:"), |text, name| {
            let chosen = has.iter().find(|(known, _)| known == name);
            let value = chosen.map_or_else(|| usual(name), |(_, value)| format!("`{value}`"));
            text.entry(format!("{name}: {value}"))
        })
}
