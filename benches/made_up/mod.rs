//! Posts and trackers that nobody wrote, always the same ones, for measuring how trackers are found; and the loop
//! that asks one after the other, to compare with. No text is shipped or read.

pub mod dice;
pub mod one_by_one;
pub mod posts;
pub mod trackers;
mod words;

use boson::when::{Order, Reading};
use chrono::DateTime;

/// What all chance begins with.
pub const SEED: u64 = 42;

/// What trackers are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// As people have them: popular tags are wanted by many, and give many answers.
    Mix,
    /// Rare subjects only: answers stay few, so that the cost of looking shows.
    Narrow,
}

impl Mix {
    pub fn name(self) -> &'static str {
        match self {
            Mix::Mix => "mix",
            Mix::Narrow => "narrow",
        }
    }
}

/// The time at which all of it is read.
pub fn reading() -> Reading {
    Reading {
        now: DateTime::from_timestamp(1_795_255_200, 0).expect("this century is in range"),
        zone: chrono_tz::UTC,
        order: Order::DayMonth,
    }
}
