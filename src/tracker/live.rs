//! A tracker with its parts built.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Limits, Rooms, expiry};
use crate::filter::Sieve;
use crate::model::{Refusal, Tracker};
use crate::printer::{Printer, Printers};
use crate::when::{self, Every, Reading};

/// A tracker with its parts built.
pub(super) struct Live {
    pub tracker: Tracker,
    pub sieve: Sieve,
    pub printer: Box<dyn Printer>,
    pub every: Option<Every>,
    /// After this long nobody wants to hear a report any more.
    pub expires: Option<TimeDelta>,
}

impl Live {
    pub fn build(tracker: Tracker, rooms: &Rooms, printers: &Printers) -> Result<Live, Refusal> {
        let manners = rooms(&tracker.home);
        let reading = Reading {
            now: tracker.at,
            zone: manners.zone,
            order: manners.order,
        };
        let recipe = &tracker.recipe;
        Ok(Live {
            sieve: Sieve::of(recipe, &reading)?,
            printer: printers(&recipe.printer)?,
            every: recipe.every.as_deref().map(when::every).transpose()?,
            expires: recipe.expires.as_deref().map(expiry::read).transpose()?,
            tracker,
        })
    }

    /// Items wait for the tracker's own time instead of being said when they are seen.
    pub fn gathers(&self) -> bool {
        self.printer.gathers() || self.every.as_ref().is_some_and(Every::is_clock)
    }

    /// When what was gathered is said.
    pub fn tells(&self, limits: &Limits) -> Every {
        self.every.clone().unwrap_or(Every::Interval(limits.every))
    }

    /// How often its source must be looked at for it.
    pub fn looks(&self, limits: &Limits) -> Duration {
        match &self.every {
            Some(every) if !every.is_clock() && self.gathers() => {
                every.shortest().min(limits.every)
            }
            Some(every) if !every.is_clock() => every.shortest(),
            _ => limits.every,
        }
    }
}
