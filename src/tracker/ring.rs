//! Bells: what rings is looked at soon, and what cannot be heard any more is looked at as often as people asked for.

use chrono::{DateTime, Utc};

use super::{Trackers, Trouble, job};
use crate::model::{SourceId, Task};
use crate::source::Ring;
use crate::store::{Store, agenda, tables};

impl Trackers {
    /// Takes what a world says by itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rang(
        &mut self,
        store: &mut Store,
        ring: &Ring,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        self.shared.rang(ring);
        match ring {
            Ring::Activity { bell, id } => {
                let here = |hangs: &Option<String>| hangs.as_ref() == Some(bell);
                let sources = self.sources.iter_mut();
                let mut soon = Vec::new();
                for (source, watched) in sources.filter(|(_, watched)| here(&watched.bell)) {
                    // A look is promised already.
                    if watched.rung.is_some() || watched.interval().is_none() {
                        continue;
                    }
                    if let Some(wait) = watched.poll.heeds(*id, &self.shared, now) {
                        watched.rung = Some(wait);
                        // A look that is under way may have come too early: the next follows it.
                        soon.extend((!watched.looking).then_some((*source, now + wait)));
                    }
                }
                for (source, due) in soon {
                    bring_forward(store, source, due)?;
                }
            }
            Ring::Up(_) => {}
            Ring::Down(world) => {
                let hears = |bell: &String| bell.split('/').next() == Some(world);
                let deaf: Vec<_> = self
                    .sources
                    .iter()
                    .filter(|(_, watched)| watched.bell.as_ref().is_some_and(hears))
                    .filter_map(|(source, watched)| {
                        let pace = watched.poll.pace(&self.shared, now);
                        Some((*source, watched.interval()?.max(pace.unwrap_or_default())))
                    })
                    .collect();
                for (source, interval) in deaf {
                    bring_forward(store, source, now + interval)?;
                }
            }
        }
        Ok(())
    }
}

/// Lets a source be looked at no later than `due`, unless it asked for rest.
fn bring_forward(store: &mut Store, source: SourceId, due: DateTime<Utc>) -> Result<(), Trouble> {
    let look = Task::Look(source);
    let Some(planned) = agenda::get(store, &look.key())? else {
        return Ok(());
    };
    let row = store.get(&tables::SOURCES, &source)?;
    let due = row
        .and_then(|row| row.rest_until)
        .map_or(due, |until| due.max(until));
    if due < planned.due {
        agenda::put(store, &job(look, due))?;
    }
    Ok(())
}
