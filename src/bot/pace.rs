//! How fast one person may type commands, so that nobody slows down the others.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// So many commands within so much time; both more than zero.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub commands: u32,
    pub within: Duration,
}

/// What one person has left: fills up evenly, and is full after [`Pace::within`].
#[derive(Clone, Debug)]
pub struct Bucket {
    left: f64,
    at: DateTime<Utc>,
    /// They have been told that they are too fast.
    told: bool,
}

/// What becomes of a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Yours,
    /// Too fast, and to be told so: wait this long.
    Wait(Duration),
    /// Too fast, and told already.
    Ignored,
}

impl Bucket {
    pub fn full(pace: Pace, now: DateTime<Utc>) -> Bucket {
        Bucket {
            left: f64::from(pace.commands),
            at: now,
            told: false,
        }
    }

    /// Takes one command out.
    pub fn take(&mut self, pace: Pace, now: DateTime<Utc>) -> Turn {
        let most = f64::from(pace.commands);
        let passed = (now - self.at).to_std().unwrap_or_default().as_secs_f64();
        self.left = (self.left + passed * most / pace.within.as_secs_f64()).min(most);
        self.at = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            // Told again only after a real pause, not at each command that just fits.
            if self.left >= most / 2.0 {
                self.told = false;
            }
            return Turn::Yours;
        }
        if std::mem::replace(&mut self.told, true) {
            return Turn::Ignored;
        }
        let wait = (most / 2.0).max(1.0) * pace.within.as_secs_f64() / most;
        Turn::Wait(Duration::from_secs(wait.ceil() as u64))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn one_explanation_then_silence_then_again() {
        let pace = Pace {
            commands: 4,
            within: Duration::from_secs(8),
        };
        let start = DateTime::UNIX_EPOCH;
        let mut bucket = Bucket::full(pace, start);
        for _ in 0..4 {
            assert_eq!(bucket.take(pace, start), Turn::Yours);
        }
        assert_eq!(bucket.take(pace, start), Turn::Wait(Duration::from_secs(4)));
        assert_eq!(bucket.take(pace, start), Turn::Ignored);
        let later = start + TimeDelta::seconds(2);
        assert_eq!(bucket.take(pace, later), Turn::Yours);
        assert_eq!(bucket.take(pace, later), Turn::Ignored);
        assert_eq!(
            bucket.take(pace, later + TimeDelta::seconds(8)),
            Turn::Yours
        );
    }
}
