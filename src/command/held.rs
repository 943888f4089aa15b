//! What is held, as commands name it and say it.

use super::{Scene, meant};
use crate::model::{Hold, RoomId, Text, Tracker, Why};
use crate::store::{self, Store};
use crate::tracker::{self, Trouble};
use crate::when::{self, Reading};

/// The names of trackers that are held in the room of the message, or of which something waits there.
///
/// # Errors
/// When the store cannot be read.
pub fn names(scene: &Scene<'_>) -> Result<Vec<String>, Trouble> {
    let mut names = Vec::new();
    for tracker in scene.trackers.reporting_in(scene.room()) {
        if is_held(scene, tracker)? {
            names.push(meant::called(scene, tracker));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether something of a tracker waits for somebody to decide.
///
/// # Errors
/// When the store cannot be read.
pub fn is_held(scene: &Scene<'_>, tracker: &Tracker) -> Result<bool, Trouble> {
    let its = Some(tracker.id);
    if !tracker::holds(scene.store, &tracker.room, its)?.is_empty() {
        return Ok(true);
    }
    // What a room's hold keeps is the room's to decide about.
    Ok(!tracker::is_stopped(scene.store, &tracker.room, None)?
        && tracker::kept(scene.store, &tracker.room, its)? > 0)
}

/// What follows when nothing holds it any more, `1 message has waited, and follows`; and what waits on.
pub fn follow(follows: usize, stays: usize) -> String {
    let follow = match follows {
        0 => "nothing has come meanwhile".into(),
        1 => "1 message has waited, and follows".into(),
        many => format!("{many} messages have waited, and follow"),
    };
    match (follows, stays) {
        (_, 0) => follow,
        (0, stays) => format!("{} on", tracker::say_waiting(stays)),
        (_, stays) => format!("{follow}; {} on", tracker::say_waiting(stays)),
    }
}

/// What holds a room, one line for each.
///
/// # Errors
/// When the store cannot be read.
pub fn lines(scene: &Scene<'_>) -> Result<Text, Trouble> {
    Ok(of_room(scene.store, scene.room(), &scene.reading())?)
}

/// The same of a room in which nobody has typed anything.
///
/// # Errors
/// When the store cannot be read.
pub fn of_room(store: &Store, room: &RoomId, reading: &Reading) -> Result<Text, store::Error> {
    let mut text = Text::new();
    for hold in tracker::holds(store, room, None)? {
        text = text.and(line(&hold, reading));
    }
    Ok(text)
}

fn line(hold: &Hold, reading: &Reading) -> String {
    let since = when::say(hold.at, reading);
    let decide = "`resume` says what waits, `drop` throws it away";
    match &hold.why {
        Why::Muted(muted) => {
            let until = match muted.until {
                Some(until) => format!("until {}", when::say(until, reading)),
                None => "until somebody types `unmute`".into(),
            };
            let by = muted.by.name.replace('`', "'");
            format!("This room is muted by {by} {until}.")
        }
        Why::Killed { by } => {
            let by = by.name.replace('`', "'");
            format!("Reports are held back since {by} ended me at once, {since}: {decide}.")
        }
        Why::Quiet { until } => format!("Quiet hours until {}.", when::say(*until, reading)),
        Why::Burst { .. } if hold.flows => format!("What was too much at once is kept: {decide}."),
        Why::Burst { .. } | Why::Repeats { .. } | Why::Printer { .. } => {
            format!("Reports are held back since {since}, there were too many at once: {decide}.")
        }
    }
}
