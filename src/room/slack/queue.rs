//! What waits to be said, and when each channel may be spoken in again.

use std::time::Duration;

use crate::clock::Clock;

/// What waits to be said.
pub(super) struct Queue {
    _clock: Clock,
}

impl Queue {
    pub fn new(clock: Clock) -> Queue {
        Queue { _clock: clock }
    }

    /// How long a message would take from now on until it is said.
    pub fn wait(&self) -> Duration {
        Duration::ZERO
    }
}
