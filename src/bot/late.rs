//! Whether a message is heard too late to be obeyed, which no difference between two machines' clocks must decide.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock, Moment};
use crate::model::Message;

/// A command that is heard so long after it was typed is not run any more: nobody waits for it.
const LATE: TimeDelta = TimeDelta::minutes(15);
/// Platforms say in whole seconds when something was said.
const ROUNDED: TimeDelta = TimeDelta::seconds(2);

/// It was said before this process began: whom it was meant for has heard it, or nobody has. What is heard as it is said
/// was not, whatever the clocks say.
pub(super) fn was_before(message: &Message, started: DateTime<Utc>) -> bool {
    message.past && message.at + ROUNDED < started
}

/// What time it is on a platform, as far as its own messages tell.
#[derive(Debug, Default)]
pub(super) struct PlatformTime {
    /// When the last message was said that was heard in time, by the platform's clock, and the moment in which it was heard.
    last: Option<(DateTime<Utc>, Moment)>,
}

impl PlatformTime {
    /// Whether a message comes too late. What is heard as it is said is late where the platform's own clock says so,
    /// too: the connection or this process stood still.
    pub(super) fn is_late(&mut self, message: &Message, clock: &Clock) -> bool {
        let ago = clock.now() - message.at;
        if message.past {
            return ago > LATE;
        }
        let there = self.last.map(|(said, heard)| said + clock.since(heard));
        let late = ago > LATE && there.is_some_and(|there| there - message.at > LATE);
        if !late {
            self.last = Some((message.at, clock.mark()));
        }
        late
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::memory::Memory;

    /// A message of so many minutes ago, or of the future.
    fn said(clock: &Clock, minutes: i64, past: bool) -> Message {
        let at = clock.now() - TimeDelta::minutes(minutes);
        Message {
            past,
            ..Memory::new("test").1.message("#test", "ann", "kill", at)
        }
    }

    fn clock() -> Clock {
        Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn only_what_is_read_back_was_said_before() {
        let clock = clock();
        let started = clock.now();
        // A machine whose clock is ahead.
        assert!(!was_before(&said(&clock, 60, false), started));
        assert!(was_before(&said(&clock, 60, true), started));
        assert!(!was_before(&said(&clock, 0, true), started));
    }

    #[test]
    fn a_wrong_clock_makes_nothing_late() {
        let (clock, mut time) = (clock(), PlatformTime::default());
        for _ in 0..3 {
            assert!(!time.is_late(&said(&clock, 60, false), &clock));
        }
        // Nor does one message from the future.
        assert!(!time.is_late(&said(&clock, -600, false), &clock));
        assert!(!time.is_late(&said(&clock, 0, false), &clock));
        assert!(!time.is_late(&said(&clock, 0, false), &clock));
    }

    #[test]
    fn what_stood_still_for_an_hour_is_late() {
        let (clock, mut time) = (clock(), PlatformTime::default());
        assert!(!time.is_late(&said(&clock, 0, false), &clock));
        clock.advance_to(clock.now() + TimeDelta::hours(1));
        assert!(time.is_late(&said(&clock, 59, false), &clock));
        assert!(!time.is_late(&said(&clock, 0, false), &clock));
    }

    #[test]
    fn what_is_read_back_is_late_by_the_clock() {
        let (clock, mut time) = (clock(), PlatformTime::default());
        assert!(time.is_late(&said(&clock, 16, true), &clock));
        assert!(!time.is_late(&said(&clock, 14, true), &clock));
    }
}
