//! What people can wish of a tracker, the same in `track`, `edit` and `use`.

use clap::ArgMatches;

use super::Scene;
use super::may::{self, Deed};
use crate::filter;
use crate::model::{Recipe, Refusal, RoomId, TrackerName, Unsure};
use crate::registry;
use crate::source::SourceKind;
use crate::store::tables;

/// The flags; filters add theirs.
#[derive(clap::Args)]
pub struct Wishes {
    /// How often, or at what times: `every 5 minutes`, `every day at 9:00`; see `man times`.
    #[arg(long, value_name = "WHEN")]
    every: Option<String>,
    /// How it looks: `line`, `one-box`, `list`, `digest`, `tags`, `heat`, `closed` or `edits`.
    #[arg(long = "as", id = "as", value_name = "PRINTER")]
    printer: Option<String>,
    /// Keep only what this query finds; see `man query`.
    #[arg(
        long = "where",
        id = "where",
        value_name = "QUERY",
        allow_hyphen_values = true
    )]
    query: Option<String>,
    /// One of the filters is enough, instead of all; what stands behind `where` must hold all the same.
    #[arg(long)]
    any: bool,
    /// What becomes of an item when something that is asked is not known: `drop` it, as usual, or `keep` it.
    #[arg(long, value_name = "DROP-OR-KEEP", value_parser = ["drop", "keep"])]
    unsure: Option<String>,
    /// Report in another room that I am in; for owners of that room.
    #[arg(long = "in", id = "in", value_name = "ROOM")]
    room: Option<String>,
    /// Let it report much of a busy source; only owners of the room may say so.
    #[arg(long)]
    broad: bool,
    /// Say the reports of a day in one thread, in rooms that have threads.
    #[arg(long)]
    thread: bool,
    /// What is not said after this long is not said at all: `2 hours`.
    #[arg(long, value_name = "LENGTH")]
    expires: Option<String>,
    /// Say what would be done, without doing it.
    #[arg(long)]
    dry_run: bool,
}

/// A command with these flags and those of the filters.
pub fn augment(command: clap::Command) -> clap::Command {
    filter::augment(registry::flatten::<Wishes>(command))
}

/// Whether a kind of source takes an argument of this name for itself.
pub fn declares(kind: &SourceKind, name: &str) -> bool {
    registry::with_declared(kind, |declared| {
        declared.get_arguments().any(|arg| arg.get_id() == name)
    })
}

/// Puts what was wished into a recipe; a filter that is named replaces the one of the same name.
/// What the source `declares` for itself is its own.
pub fn apply(matches: &ArgMatches, recipe: &mut Recipe, declares: impl Fn(&str) -> bool) {
    let one = |name: &str| matches.get_one::<String>(name).cloned();
    if let Some(every) = one("every") {
        recipe.every = Some(every);
    }
    if let Some(printer) = one("as") {
        recipe.printer = printer;
    }
    if let Some(query) = one("where") {
        recipe.query = Some(query);
    }
    if matches.get_flag("any") {
        recipe.any = true;
    }
    if matches.get_flag("thread") {
        recipe.thread = true;
    }
    if let Some(expires) = one("expires") {
        recipe.expires = Some(expires);
    }
    match one("unsure").as_deref() {
        Some("keep") => recipe.unsure = Unsure::Keep,
        Some(_) => recipe.unsure = Unsure::Drop,
        None => {}
    }
    for name in filter::names().filter(|name| !declares(name)) {
        if let Some(values) = matches.get_many::<String>(name) {
            recipe.filter.insert(name.into(), values.cloned().collect());
        }
    }
}

/// Whether reports are to stand in threads where there are none.
///
/// # Errors
/// When somebody says so in vain.
pub fn check_thread(matches: &ArgMatches, scene: &Scene<'_>, room: &RoomId) -> Result<(), Refusal> {
    if matches.get_flag("thread") && !scene.trackers.has_threads(room) {
        return Err(Refusal::new("There are no threads in this room.")
            .hint("leave `--thread` out: reports come one by one")
            .about("thread"));
    }
    Ok(())
}

/// The room that was wished for; the room of the message where none was.
///
/// # Errors
/// When the bot is not there, or the person does not own it.
pub fn room(matches: &ArgMatches, scene: &Scene<'_>) -> Result<RoomId, Refusal> {
    let Some(wish) = matches.get_one::<String>("in") else {
        return Ok(scene.room().clone());
    };
    // Some platforms' rooms begin with `#`, and people write it before the names of others too.
    let platform = scene.room().platform.as_str();
    let mut meant = vec![
        RoomId::new(platform, wish.as_str()),
        RoomId::new(platform, wish.trim_start_matches('#')),
    ];
    meant.extend(
        wish.split_once('/')
            .map(|(platform, room)| RoomId::new(platform, room)),
    );
    if meant.contains(scene.room()) {
        return Ok(scene.room().clone());
    }
    let there = meant
        .into_iter()
        .find(|room| scene.bot.rooms.contains(room));
    let Some(room) = there.or_else(|| called(scene, wish)) else {
        return Err(Refusal::new(format!(
            "I am not in a room called `{}`.",
            crate::model::text::cut(&wish.replace('`', "'"), 40)
        ))
        .hint("leave `in` out to report here")
        .about("in"));
    };
    let shown = crate::model::text::cut(&wish.replace('`', "'"), 40);
    may::check_there(scene, &room, &shown).map_err(|refusal| refusal.about("in"))?;
    Ok(room)
}

/// The room of this platform that is called so, where its id is something else.
fn called(scene: &Scene<'_>, wish: &str) -> Option<RoomId> {
    let plain = |name: &str| name.trim_start_matches('#').to_lowercase();
    let wish = plain(wish);
    let mut here = scene.bot.rooms.iter().filter(|room| {
        let row = scene.store.get(&tables::ROOMS, room).ok().flatten();
        let name = row.and_then(|row| row.name);
        room.platform == scene.room().platform && name.is_some_and(|name| plain(&name) == wish)
    });
    match (here.next(), here.next()) {
        (Some(one), None) => Some(one.clone()),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

/// The name that was wished for.
///
/// # Errors
/// When it cannot be a name.
pub fn name(matches: &ArgMatches) -> Result<Option<TrackerName>, Refusal> {
    matches
        .try_get_one::<String>("name")
        .ok()
        .flatten()
        .map(|name| name.trim_matches('`').parse())
        .transpose()
        .map_err(|refusal: Refusal| refusal.about("name"))
}

/// Whether it may report much of a busy source.
///
/// # Errors
/// When somebody says so who is no owner of the room.
pub fn broad(matches: &ArgMatches, scene: &Scene<'_>) -> Result<bool, Refusal> {
    let broad = matches.get_flag("broad");
    if broad {
        may::check(scene, Deed::Broad).map_err(|refusal| refusal.about("broad"))?;
    }
    Ok(broad)
}

pub fn dry_run(matches: &ArgMatches) -> bool {
    matches.get_flag("dry_run")
}
