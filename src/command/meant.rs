//! Which tracker somebody means: one of this room, or one that was started in another and reports here.

use super::{Scene, may};
use crate::model::{Refusal, Tracker};
use crate::registry;

/// Between the name of a tracker of another room and its number, where the name alone is not enough.
const NUMBER: char = '@';

/// The tracker of this name, for whoever only looks.
///
/// # Errors
/// When there is none, or several.
pub fn shown(scene: &Scene<'_>, name: &str) -> Result<Tracker, Refusal> {
    let refusal = match scene.trackers.named(scene.room(), name) {
        Ok(tracker) => return Ok(tracker.clone()),
        Err(refusal) => refusal,
    };
    let wanted = name.trim_matches('`').to_lowercase();
    let (wanted, number) = match wanted.split_once(NUMBER) {
        Some((name, number)) => (name, Some(number)),
        None => (wanted.as_str(), None),
    };
    let mut meant = guests(scene);
    meant.retain(|tracker| {
        tracker.name.as_str() == wanted
            && number.is_none_or(|number| tracker.id.to_string() == number)
    });
    match meant.as_slice() {
        [] => Err(refusal),
        [one] => Ok((*one).clone()),
        many => {
            let names: Vec<String> = many.iter().map(|one| called(scene, one)).collect();
            Err(
                Refusal::new("Several trackers that are called so report here from other rooms.")
                    .hint(format!(
                        "say which: {}",
                        registry::list(names.iter().map(String::as_str))
                    )),
            )
        }
    }
}

/// The same for whoever wants to silence it, end it, or decide about what it has to say.
///
/// # Errors
/// When there is none, or it is not theirs to decide about.
pub fn changed(scene: &Scene<'_>, name: &str) -> Result<Tracker, Refusal> {
    let tracker = shown(scene, name)?;
    may::check(scene, may::Deed::Change(&tracker))?;
    Ok(tracker)
}

/// The trackers that report here and were started in other rooms, by name.
pub fn guests<'a>(scene: &'a Scene<'_>) -> Vec<&'a Tracker> {
    let here = scene.trackers.reporting_in(scene.room());
    let mut guests: Vec<&Tracker> = here.filter(|tracker| is_guest(scene, tracker)).collect();
    guests.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    guests
}

/// Whether a tracker was started in another room.
pub fn is_guest(scene: &Scene<'_>, tracker: &Tracker) -> bool {
    tracker.home != *scene.room()
}

/// By what a tracker is meant here: its name, and its number where others are called so.
pub fn called(scene: &Scene<'_>, tracker: &Tracker) -> String {
    let name = tracker.name.as_str();
    let is_other =
        |other: &Tracker| other.id != tracker.id && other.name.as_str() == tracker.name.as_str();
    let twice = is_guest(scene, tracker)
        && (scene.trackers.named(scene.room(), name).is_ok()
            || guests(scene).into_iter().any(is_other));
    match twice {
        true => format!("{name}{NUMBER}{}", tracker.id),
        false => name.into(),
    }
}
