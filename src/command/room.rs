//! `room`: what this room wishes: how it calls me, its times, when it wants to be left alone.

use clap::ArgMatches;

use super::change::{self, Also};
use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, granted};
use crate::model::dialogue::{Answering, Unfinished};
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
    /// How whoever I ask answers among others: by name or reply (`addressed`), or for ten minutes also `plain`, with a number or a word of the choices.
    #[arg(long, value_name = "HOW", value_parser = ["addressed", "plain"])]
    answers: Option<String>,
    /// Who is an owner of it beyond whom the platform says: all of them, with commas between them.
    #[arg(long, value_name = "PEOPLE", value_delimiter = ',')]
    owners: Vec<String>,
    /// The same for reviewers.
    #[arg(long, value_name = "PEOPLE", value_delimiter = ',')]
    reviewers: Vec<String>,
    /// The same for members.
    #[arg(long, value_name = "PEOPLE", value_delimiter = ',')]
    members: Vec<String>,
    /// Take a wish back: as the operator set it, or as the platform says.
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
const SETTINGS: [&str; 6] = ["prefix", "zone", "order", "quiet", "unfinished", "answers"];

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
    let mut emptied = Vec::new();
    for name in matches.get_many::<String>("without").into_iter().flatten() {
        if let Some(role) = granted::role_of(name) {
            emptied.push(role);
            continue;
        }
        let known = SETTINGS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name));
        let Some(known) = known else {
            let shown = crate::model::text::cut(&name.replace('`', "'"), 40);
            let refusal = Refusal::new(format!("A room has no `{shown}`."));
            let lists = granted::LISTS.map(|(list, _)| list);
            let names = SETTINGS.into_iter().chain(lists);
            let all = format!("there are {}", registry::list(names.clone()));
            return Err(match registry::nearest(name, names) {
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
    if matches.args_present() {
        may::check(scene, Deed::Settings)?;
    } else {
        return Ok(shown(scene, &after)?.hint(
            "`wizard room` changes it by questions, for instance `room --zone Europe/Zurich` at once",
        ));
    }
    let mut steps = granted::steps(matches, scene, &emptied)?;
    if before == after && steps.is_empty() {
        return Err(Refusal::new("That leaves this room as it is.")
            .hint("`room` shows how it is set")
            .idle()
            .into());
    }
    if before != after {
        steps.push(Also::Room {
            room: scene.room().clone(),
            before,
            after: after.clone(),
        });
    }
    change::make_also(scene, "change of this room".into(), steps)?;
    Ok(shown(scene, &after)?.hint("`undo` takes it back"))
}

fn set(chosen: &mut Chosen, name: &str, value: Option<String>) {
    match name {
        "prefix" => chosen.prefix = value,
        "zone" => chosen.zone = value,
        "order" => chosen.order = value,
        "quiet" => chosen.quiet = value,
        "answers" => {
            chosen.answers = value.and_then(|value| {
                let mut all = Answering::ALL.into_iter();
                all.find(|known| known.name() == value)
            });
        }
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
        (
            "answers",
            chosen.answers.map(|answers| answers.name().into()),
        ),
    ];
    let set = |(name, value): (&str, Option<String>)| Some((name.into(), value?));
    all.into_iter().filter_map(set).collect()
}

fn shown(scene: &Scene<'_>, chosen: &Chosen) -> Result<Text, Trouble> {
    let reading = scene.reading();
    let usual = |name: &str| match name {
        "zone" => format!("{}, as the operator set it", reading.zone),
        "order" => format!("{}, as the operator set it", reading.order),
        "quiet" => "none".into(),
        "answers" => "addressed".into(),
        _ => "as the operator set it".into(),
    };
    let has = has(chosen);
    let mut text = SETTINGS
        .iter()
        .fold(Text::line("How this room is set:"), |text, name| {
            let chosen = has.iter().find(|(known, _)| known == name);
            let value = chosen.map_or_else(|| usual(name), |(_, value)| format!("`{value}`"));
            text.entry(format!("{name}: {value}"))
        });
    for (list, role) in granted::LISTS {
        let names = granted::names(scene, role)?;
        if !names.is_empty() {
            let names = names.join(", ").replace('`', "'");
            text = text.entry(format!("{list}, beyond whom the platform says: {names}"));
        }
    }
    Ok(text)
}
