//! What people are told of a tracker.

use chrono::{DateTime, Utc};

use super::{Trackers, opened};
use crate::model::{Task, TrackerId};
use crate::store::{self, Store, agenda, tables};
use crate::when::Every;

impl Trackers {
    /// What a tracker's filters say, in a query's spelling; empty when it keeps everything.
    pub fn keeps(&self, id: TrackerId) -> String {
        self.live
            .get(&id)
            .map(|live| live.sieve.words())
            .unwrap_or_default()
    }

    /// The same in words, where that helps: not for a query of a word or two.
    pub fn keeps_in_words(&self, id: TrackerId) -> Option<String> {
        let sieve = &self.live.get(&id)?.sieve;
        (!sieve.is_plain()).then(|| sieve.in_words())
    }

    /// What people call a tracker's source.
    pub fn source_name(&self, id: TrackerId) -> String {
        self.live
            .get(&id)
            .and_then(|live| self.sources.get(&live.tracker.source))
            .map(|watched| watched.poll.name())
            .unwrap_or_default()
    }

    /// When a tracker speaks or looks, in words.
    pub fn schedule(&self, id: TrackerId) -> String {
        self.live
            .get(&id)
            .map_or_else(String::new, |live| match &live.every {
                Some(every) => every.to_string(),
                None => Every::Interval(self.limits.every).to_string(),
            })
    }

    /// What keeps a tracker from working, in words that stand after its name; nothing when all is well.
    pub fn trouble(&self, store: &Store, id: TrackerId) -> Result<Option<String>, store::Error> {
        let Some(live) = self.live.get(&id) else {
            return Ok(None);
        };
        if live.tracker.paused {
            return Ok(Some("paused".into()));
        }
        if let Some(held) = opened::said_of(store, &live.tracker)? {
            return Ok(Some(held));
        }
        let row = store.get(&tables::SOURCES, &live.tracker.source)?;
        let Some((broken, gone)) = row.and_then(|row| Some((row.broken?, row.gone))) else {
            return Ok(None);
        };
        let look = Task::Look(live.tracker.source);
        // Of one that is gone there is a look once more for each who asks anew.
        let hope = match gone {
            false => "",
            true if agenda::get(store, &look.key())?.is_some() => "; I look once more",
            true => "; I no longer look",
        };
        Ok(Some(format!("cannot be read: {}{hope}", broken.why)))
    }

    /// Whether a tracker's source has said that it will never come back.
    pub fn is_gone(&self, store: &Store, id: TrackerId) -> Result<bool, store::Error> {
        let Some(live) = self.live.get(&id) else {
            return Ok(false);
        };
        let row = store.get(&tables::SOURCES, &live.tracker.source)?;
        Ok(row.is_some_and(|row| row.gone))
    }

    /// When a tracker looks or tells next.
    pub fn next_time(
        &self,
        store: &Store,
        id: TrackerId,
    ) -> Result<Option<DateTime<Utc>>, store::Error> {
        let Some(live) = self.live.get(&id) else {
            return Ok(None);
        };
        let task = if live.gathers() {
            Task::Tell(id)
        } else {
            Task::Look(live.tracker.source)
        };
        Ok(agenda::get(store, &task.key())?.map(|job| job.due))
    }
}
