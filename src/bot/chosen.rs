//! What rooms have chosen for themselves, laid over the config; the hours in which they want to be left alone.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Bot, Outbound, RoomSetup};
use crate::model::dialogue::{Answering, Unfinished};
use crate::model::{Chosen, Hold, RoomId, Task, Text, Why};
use crate::store::{Store, agenda, tables};
use crate::tracker::{self, Rooms, Trouble};
use crate::when::{self, Order};

/// How rooms call the bot, and who owns them.
type Setups = Arc<dyn Fn(&RoomId) -> RoomSetup + Send + Sync>;

/// What each room has chosen, as it is used.
#[derive(Clone, Default)]
pub(super) struct Wishes(Arc<RwLock<HashMap<RoomId, Wish>>>);

#[derive(Clone, Default)]
struct Wish {
    prefix: Option<String>,
    zone: Option<Tz>,
    order: Option<Order>,
    unfinished: Option<Unfinished>,
    answers: Option<Answering>,
}

impl From<&Chosen> for Wish {
    fn from(chosen: &Chosen) -> Wish {
        let zone = chosen.zone.as_deref();
        let order = chosen.order.as_deref();
        Wish {
            prefix: chosen.prefix.clone(),
            // It was understood when it was chosen.
            zone: zone.and_then(|zone| when::zone(zone).ok()),
            order: order.and_then(|order| order.parse().ok()),
            unfinished: chosen.unfinished,
            answers: chosen.answers,
        }
    }
}

impl Wishes {
    /// Those in the store.
    pub(super) fn load(store: &Store) -> Result<Wishes, Trouble> {
        let all = store.scan(&tables::CHOSEN, &(), usize::MAX)?;
        let all = all
            .iter()
            .map(|(room, chosen)| (room.clone(), chosen.into()));
        Ok(Wishes(Arc::new(RwLock::new(all.collect()))))
    }

    fn of(&self, room: &RoomId) -> Option<Wish> {
        // Nothing panics while it is written.
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(room).cloned()
    }

    fn set(&self, room: &RoomId, chosen: Option<&Chosen>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match chosen {
            Some(chosen) => all.insert(room.clone(), chosen.into()),
            None => all.remove(room),
        };
    }

    /// How rooms read and say times: as they have chosen, or else as before.
    pub(super) fn over_manners(&self, usual: Rooms) -> Rooms {
        let wishes = self.clone();
        Arc::new(move |room| {
            let mut manners = usual(room);
            if let Some(wish) = wishes.of(room) {
                manners.zone = wish.zone.unwrap_or(manners.zone);
                manners.order = wish.order.unwrap_or(manners.order);
            }
            manners
        })
    }

    /// How rooms call the bot: as they have chosen, or else as before.
    pub(super) fn over_setup(&self, usual: Setups) -> Setups {
        let wishes = self.clone();
        Arc::new(move |room| {
            let mut setup = usual(room);
            if let Some(wish) = wishes.of(room) {
                setup.prefix = wish.prefix.or(setup.prefix);
                setup.unfinished = wish.unfinished.unwrap_or(setup.unfinished);
                setup.answers = wish.answers.unwrap_or(setup.answers);
            }
            setup
        })
    }
}

impl Bot {
    /// A room has chosen otherwise, or its quiet hours begin or end.
    pub(super) fn settle_room(
        &mut self,
        room: &RoomId,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) -> Result<(), Trouble> {
        let chosen = self.store.get(&tables::CHOSEN, room)?;
        let before = self.trackers.reading(room, now).zone;
        self.wishes.set(room, chosen.as_ref());
        let zone = self.trackers.reading(room, now).zone;
        if before != zone {
            self.trackers.replan(&mut self.store, room, now)?;
        }
        let quiet = chosen.and_then(|chosen| chosen.quiet);
        let hours = quiet.and_then(|quiet| when::hours(&quiet).ok());
        let task = Task::Settle(room.clone());
        let kind = Why::Quiet { until: now }.kind();
        match hours.map(|hours| (hours, hours.end(now, zone))) {
            Some((_, Some(until))) => {
                tracker::hold_room(&mut self.store, room, Hold::new(Why::Quiet { until }, now))?;
                agenda::put(&mut self.store, &tracker::job(task, until))?;
            }
            Some((hours, None)) => {
                self.end_quiet(room, kind, now)?;
                let begins = hours.begin(now, zone);
                agenda::put(&mut self.store, &tracker::job(task, begins))?;
            }
            None => {
                self.end_quiet(room, kind, now)?;
                agenda::remove(&mut self.store, &task.key())?;
            }
        }
        out.rooms.insert(room.clone());
        Ok(())
    }

    /// Quiet hours are over: what waited follows, behind a line that says why it comes now.
    fn end_quiet(&mut self, room: &RoomId, kind: &str, now: DateTime<Utc>) -> Result<(), Trouble> {
        let before = tracker::kept(&self.store, room, None)?;
        tracker::end_hold(&mut self.store, room, None, kind)?;
        // What is held for another reason waits on.
        let waited = before.saturating_sub(tracker::kept(&self.store, room, None)?);
        let said = match waited {
            0 => return Ok(()),
            1 => "Quiet hours are over; 1 message waited.".to_string(),
            waited => format!("Quiet hours are over; {waited} messages waited."),
        };
        Ok(tracker::enqueue_first(
            &mut self.store,
            room,
            Text::line(said),
            now,
        )?)
    }
}
