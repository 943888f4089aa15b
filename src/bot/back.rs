//! Coming back: what the process before this one was ended with, and what its rooms hear of that.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Bot;
use crate::model::{Hold, Person, RoomId, Stop, Stopped, Text, Why};
use crate::store::rows::Entry;
use crate::store::{self, Store, journal, tables};
use crate::tracker::{self, Trouble};
use crate::when;

/// Under which name of the store's own table it is written who ended the bot.
const STOPPED: &str = "stopped";

/// Who ended the process that used this store before, from a room; `folder` is where the store is.
///
/// # Errors
/// When the store cannot be read.
pub fn stopped(store: &Store, folder: Option<&Path>) -> Result<Option<Stopped>, store::Error> {
    if let Some(stopped) = folder.and_then(unwritten) {
        return Ok(Some(stopped));
    }
    let stopped = store.get(&tables::META, &STOPPED.into())?;
    // What another version wrote is of no use to anybody.
    Ok(stopped.and_then(|stopped| serde_json::from_value(stopped).ok()))
}

/// Beside the store it is written who ended a bot that could not write it into its store any more.
const UNWRITTEN: &str = "ended.json";

/// Writes down who ended a bot whose loop hangs, or whose store takes nothing; the next start takes it up.
///
/// # Errors
/// When the file cannot be written.
pub fn note_unwritten(folder: &Path, stopped: &Stopped) -> std::io::Result<()> {
    let written = serde_json::to_vec(stopped)?;
    store::replace(&folder.join(UNWRITTEN), |file| file.write_all(&written))
}

fn unwritten(folder: &Path) -> Option<Stopped> {
    let written = std::fs::read(folder.join(UNWRITTEN)).ok()?;
    serde_json::from_slice(&written).ok()
}

impl Bot {
    /// What it says is in the store now.
    pub(super) fn forget_unwritten(&self) {
        if let Some(folder) = &self.folder {
            // As a rule there is none.
            let _ = std::fs::remove_file(folder.join(UNWRITTEN));
        }
    }

    /// Writes down who ends the bot, for the next start.
    pub(super) fn note_stopped(&mut self, mut stopped: Stopped) -> Result<(), store::Error> {
        stopped.waiting = Some(self.store.count(&tables::OUTBOX, &())?);
        if let Ok(stopped) = serde_json::to_value(&stopped) {
            self.store.put(&tables::META, &STOPPED.into(), &stopped);
        }
        Ok(())
    }

    /// The message that ended it was heard ahead of those before it, which are done by now, or are not to be done any more:
    /// its room is not read again from before it.
    fn skip_to(&mut self, stopped: &Stopped) {
        let Some(said) = stopped.said.filter(|_| stopped.unfinished == 0) else {
            return;
        };
        let room = self.rooms.get_mut(&stopped.room);
        if let Some(room) = room.filter(|room| room.heard_at.is_none_or(|at| at <= said)) {
            room.heard = Some(stopped.message.clone());
            room.heard_at = Some(said);
            room.noted = false;
        }
        self.note_room(&stopped.room);
    }

    /// Takes up what the process before this one was ended with: rooms hear of it, and after a kill reports are held back
    /// until somebody decides.
    pub(super) fn come_back(&mut self, now: DateTime<Utc>) -> Result<(), Trouble> {
        let Some(stopped) = stopped(&self.store, self.folder.as_deref())? else {
            return Ok(());
        };
        let name = STOPPED.to_string();
        self.store.delete(&tables::META, &name);
        self.obeyed = Some(stopped.clone());
        self.skip_to(&stopped);
        let entry = Entry {
            at: stopped.at,
            who: stopped.by.clone(),
            room: stopped.room.clone(),
            words: stopped.words.clone(),
            what: stopped.stop.name().into(),
            also: Vec::new(),
        };
        journal::append(&mut self.store, entry)?;
        let waits = self.store.count(&tables::OUTBOX, &())?;
        let missing = stopped.waiting.unwrap_or(0).saturating_sub(waits);
        let mut rooms: Vec<RoomId> = self.me.rooms.iter().cloned().collect();
        rooms.sort();
        for room in rooms {
            if stopped.stop == Stop::Kill {
                // What was answered too much may be why it was killed.
                tracker::forget_answers(&mut self.store, &room)?;
            }
            let here = room == stopped.room;
            let waiting = tracker::waiting_reports(&self.store, &room)?;
            let text = match stopped.stop {
                Stop::Reboot if here => rebooted(&stopped, missing, now),
                Stop::Shutdown if here || self.trackers.reporting_in(&room).next().is_some() => {
                    let follow = waiting.saturating_sub(tracker::kept(&self.store, &room, None)?);
                    up_again(&stopped, here, follow, now)
                }
                Stop::Kill if here || waiting > 0 => {
                    let by = Person {
                        name: by(&stopped, here).into(),
                        ..stopped.by.clone()
                    };
                    let hold = Hold::new(Why::Killed { by }, now);
                    tracker::hold_room(&mut self.store, &room, hold)?;
                    killed(&stopped, here, waiting, now)
                }
                Stop::Reboot | Stop::Shutdown | Stop::Kill => continue,
            };
            tracker::enqueue_first(&mut self.store, &room, text, now)?;
        }
        Ok(())
    }
}

/// How long it was away.
fn away(stopped: &Stopped, now: DateTime<Utc>) -> String {
    let away = (now - stopped.at).to_std().unwrap_or_default();
    when::say_duration(away.max(Duration::from_secs(1)))
}

/// Who did it: one room has no business with the people of another.
fn by(stopped: &Stopped, here: bool) -> String {
    match here {
        true => stopped.by.name.replace('`', "'"),
        false => "somebody in another room".into(),
    }
}

fn rebooted(stopped: &Stopped, missing: usize, now: DateTime<Utc>) -> Text {
    let away = away(stopped, now);
    match (missing, stopped.unfinished) {
        (0, 0) => Text::line(format!("I am back after {away}; nothing was lost.")),
        (0, unfinished) => Text::line(format!(
            "I am back after {away}; no report was lost, but I was not done with all that was asked ({unfinished} left)."
        ))
        .hint("ask again for what was not answered"),
        (missing, _) => Text::line(format!(
            "I am back after {away}, but {missing} of the messages that waited are missing."
        ))
        .hint("tell the operator; `show NAME --reports 20` has what a tracker found"),
    }
}

fn up_again(stopped: &Stopped, here: bool, waiting: usize, now: DateTime<Utc>) -> Text {
    let follow = match waiting {
        0 => String::new(),
        1 => " 1 report has waited, and follows.".into(),
        waiting => format!(" {waiting} reports have waited, and follow."),
    };
    Text::line(format!(
        "I am up again; {} shut me down {} ago.{follow}",
        by(stopped, here),
        away(stopped, now)
    ))
}

fn killed(stopped: &Stopped, here: bool, waiting: usize, now: DateTime<Utc>) -> Text {
    let waiting = match waiting {
        0 => "No reports were waiting; what comes now waits too.".into(),
        1 => "1 report was waiting, and waits on.".into(),
        waiting => format!("{waiting} reports were waiting, and wait on."),
    };
    Text::line(format!(
        "I am back; {} killed me {} ago. {waiting}",
        by(stopped, here),
        away(stopped, now)
    ))
    .hint("`resume` says them, `drop` throws them away, `show --waiting` shows them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MessageId, PersonId};

    #[test]
    fn nothing_was_lost_is_said_only_where_that_is_so() {
        let at = DateTime::UNIX_EPOCH;
        let stopped = |unfinished| Stopped {
            stop: Stop::Reboot,
            by: Person {
                id: PersonId("1".into()),
                name: "ann".into(),
            },
            room: RoomId::new("test", "#test"),
            message: MessageId("1".into()),
            thread: None,
            words: "reboot".into(),
            at,
            said: None,
            unfinished,
            waiting: Some(3),
        };
        let said = |unfinished, missing| {
            let now = at + chrono::TimeDelta::seconds(3);
            rebooted(&stopped(unfinished), missing, now).plain()
        };
        assert_eq!(said(0, 0), "I am back after 3 seconds; nothing was lost.");
        assert!(said(2, 0).contains("(2 left)"), "{}", said(2, 0));
        for (unfinished, missing) in [(2, 0), (0, 1), (2, 1)] {
            assert!(!said(unfinished, missing).contains("nothing was lost"));
        }
    }
}
