//! The day's requests: how many are left, who may look how often, and how soon a ring is answered.
//!
//! Nothing here asks what time it is and nothing waits: it is told what was asked and heard, and says what to do next.
//! The quota is that of the API: so many requests a day for one key, or for one address without a key, new at midnight
//! UTC.

mod plan;
mod said;

pub use said::{Slowed, Standing};

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use plan::{Plan, Wish, spread};

/// What an address has without a key, in requests a day.
pub const WITHOUT_KEY: u64 = 300;
/// What a key has, in requests a day.
pub const WITH_KEY: u64 = 10_000;

/// One part of so many is kept for commands and first looks.
const RESERVE: u64 = 20;
/// How often streams are looked at for which the bell rings, in seconds: only in case it missed something.
const NET: f64 = 1800.0;
/// The longest such time, when there are many, and the part of all requests that they may take together.
const LONGEST_NET: f64 = 7200.0;
const NET_PART: f64 = 1.0 / 3.0;
/// How soon a ring is answered at the best, and while there is anything saved, in seconds.
const SOON: f64 = 1.0;
const SAVED: f64 = 10.0;
/// For how many seconds requests are saved that no ring has used.
const SAVING: f64 = 600.0;
/// The most requests a second that answer rings.
const FASTEST: f64 = 5.0;
/// Nothing left so soon after midnight is still the old day's: their clock is not ours.
const LATE: TimeDelta = TimeDelta::minutes(30);
const LATE_PACE: Duration = Duration::from_secs(600);
/// A stream that was not looked at for so many times its pace has ended.
const ENDED: i32 = 3;
/// What it may be late besides, in seconds: looks wait for each other, and while the API rests.
const FORGIVEN: u32 = 600;
/// How much the last look counts in the mean of what a look costs.
const LAST: f64 = 0.2;
/// How far back the mean of what arrives reaches, in hours.
const MEMORY: f64 = 6.0;

/// How the day's requests are spent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Requests a day, as last heard.
    most: u64,
    /// Requests left on that day.
    left: u64,
    day: Option<NaiveDate>,
    streams: BTreeMap<String, Stream>,
    /// Whether the bell can be heard.
    #[serde(skip)]
    bell: bool,
    /// Requests saved for rings; less than nothing when they are promised.
    #[serde(skip)]
    saved: f64,
    #[serde(skip)]
    counted: Option<DateTime<Utc>>,
}

/// Something that is looked at from time to time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stream {
    /// How often the most eager tracker wants it looked at, in seconds.
    every: u32,
    /// Requests for one look, in the mean.
    cost: f64,
    /// Items an hour, in the mean.
    rate: f64,
    /// The bell rings for it.
    rung: bool,
    looked: DateTime<Utc>,
    /// How long it was told to wait then, in seconds.
    pace: u32,
}

/// A look that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// How often the most eager tracker wants it.
    pub every: Duration,
    /// The bell rings for it.
    pub rung: bool,
    /// Requests it took.
    pub requests: u32,
    /// New items it gave.
    pub items: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::new(WITHOUT_KEY)
    }
}

impl Budget {
    /// A budget of `most` requests a day, until the API says otherwise.
    pub fn new(most: u64) -> Budget {
        Budget {
            most,
            left: most,
            day: None,
            streams: BTreeMap::new(),
            bell: false,
            saved: 0.0,
            counted: None,
        }
    }

    /// The API said how many requests a day there are, and how many are left.
    pub fn heard(&mut self, most: Option<u64>, left: u64, now: DateTime<Utc>) {
        self.most = most.filter(|most| *most > 0).unwrap_or(self.most);
        self.left = left.min(self.most);
        self.day = Some(now.date_naive());
    }

    /// A request was made whose answer did not say what is left.
    pub fn spent(&mut self, now: DateTime<Utc>) {
        self.left = self.left(now).saturating_sub(1);
        self.day = Some(now.date_naive());
    }

    /// The bell can be heard, or no longer.
    pub fn bell(&mut self, up: bool) {
        self.bell = up;
    }

    /// A look was made; says how long its stream best waits for the next.
    pub fn looked(&mut self, key: &str, look: Looked, now: DateTime<Utc>) -> Duration {
        let every = u32::try_from(look.every.as_secs()).unwrap_or(u32::MAX);
        match self.streams.get_mut(key) {
            Some(stream) => {
                stream.cost += LAST * (f64::from(look.requests) - stream.cost);
                let hours = ((now - stream.looked).num_milliseconds() as f64 / 3_600_000.0)
                    .max(1.0 / 3600.0);
                let weight = 1.0 - (-hours / MEMORY).exp();
                stream.rate += weight * (look.items as f64 / hours - stream.rate);
                stream.looked = now;
                (stream.every, stream.rung) = (every, look.rung);
            }
            None => {
                // The first look says nothing of the later ones: it may read far back, or only begin.
                let stream = Stream {
                    every,
                    cost: 1.0,
                    rate: 0.0,
                    rung: look.rung,
                    looked: now,
                    pace: every,
                };
                self.streams.insert(key.into(), stream);
            }
        }
        self.streams.retain(|_, stream| {
            let longest = stream.pace.max(stream.every).saturating_add(FORGIVEN);
            now - stream.looked <= TimeDelta::seconds(i64::from(longest)) * ENDED
        });
        let pace = self.pace(key, now).unwrap_or(look.every);
        if let Some(stream) = self.streams.get_mut(key) {
            stream.pace = u32::try_from(pace.as_secs()).unwrap_or(u32::MAX);
        }
        pace
    }

    /// Whether anything is looked at.
    pub fn has_streams(&self) -> bool {
        !self.streams.is_empty()
    }

    /// Nobody wants this stream any more.
    pub fn forget(&mut self, key: &str) {
        self.streams.remove(key);
    }

    /// How long a stream best waits from one look to the next, as seen now; none for one that was never looked at.
    pub fn pace(&self, key: &str, now: DateTime<Utc>) -> Option<Duration> {
        let (wishes, plan) = self.plan(now);
        let at = wishes.iter().position(|wish| wish.key == key)?;
        let (wanted, every) = (wishes[at].every, plan.every[at]);
        let midnight = until_midnight(now);
        // What is left of the waiting at midnight goes on at the pace of a new day.
        let pace = match every > midnight {
            true if every > wanted => midnight + (1.0 - midnight / every) * wanted,
            _ => every,
        };
        let pace = Duration::from_secs_f64(pace.clamp(1.0, 1e9));
        let late = now.time() - NaiveTime::MIN < LATE && self.spendable(now) == 0.0;
        Some(match late {
            true => pace.min(LATE_PACE),
            false => pace,
        })
    }

    /// How long to gather rings before a stream is looked at that has just been rung; the look is counted as promised.
    /// A second while there is plenty, longer when there is little, and never longer than its next look is off anyway.
    pub fn answer(&mut self, key: &str, now: DateTime<Utc>) -> Duration {
        let (_, plan) = self.plan(now);
        let spare = (self.spendable(now) - plan.takes).max(0.0);
        let rate = (spare / until_midnight(now)).min(FASTEST);
        let most = (rate * SAVING).max(SAVED).min(spare);
        let before = match self.counted {
            Some(counted) => {
                let seconds = (now - counted).num_milliseconds().max(0) as f64 / 1000.0;
                (self.saved + rate * seconds).min(most)
            }
            None => most,
        };
        self.counted = Some(now);
        let stream = self.streams.get(key);
        let saved = before - stream.map_or(1.0, Stream::cost);
        let wait = match most > 0.0 {
            true if saved >= most / 2.0 => SOON,
            true if saved >= 0.0 => SOON + (SAVED - SOON) * (1.0 - 2.0 * saved / most),
            _ => SAVED - saved / rate,
        };
        let next = stream.map_or(now, |stream| {
            stream.looked + TimeDelta::seconds(i64::from(stream.pace))
        });
        let next = (next - now).num_milliseconds().max(0) as f64 / 1000.0;
        // A look that comes anyway is no promise; an unknown stream has none.
        if stream.is_some() && wait >= next {
            self.saved = before;
            return Duration::from_secs_f64(next.max(SOON));
        }
        self.saved = saved;
        Duration::from_secs_f64(wait.clamp(SOON, NET))
    }

    /// Requests left today.
    pub fn left(&self, now: DateTime<Utc>) -> u64 {
        match self.day == Some(now.date_naive()) {
            true => self.left,
            false => self.most,
        }
    }

    /// Requests that looks may use today.
    fn spendable(&self, now: DateTime<Utc>) -> f64 {
        self.left(now).saturating_sub(self.most / RESERVE) as f64
    }

    fn plan(&self, now: DateTime<Utc>) -> (Vec<Wish<'_>>, Plan) {
        let (left, time) = (self.spendable(now), until_midnight(now));
        let rung = |stream: &Stream| self.bell && stream.rung;
        let costs: f64 = self
            .streams
            .values()
            .filter(|stream| rung(stream))
            .map(Stream::cost)
            .sum();
        let net = (costs * time / (left * NET_PART).max(1.0)).clamp(NET, LONGEST_NET);
        let wishes: Vec<Wish<'_>> = self
            .streams
            .iter()
            .map(|(key, stream)| {
                let every = f64::from(stream.every.max(1));
                Wish {
                    key,
                    every: if rung(stream) { every.max(net) } else { every },
                    cost: stream.cost(),
                    rate: stream.rate,
                }
            })
            .collect();
        let plan = spread(&wishes, left, time);
        (wishes, plan)
    }
}

impl Stream {
    /// Never nothing, and never beyond all measure, whatever was stored.
    fn cost(&self) -> f64 {
        self.cost.clamp(0.05, 1000.0)
    }
}

/// Seconds until the quota is new.
fn until_midnight(now: DateTime<Utc>) -> f64 {
    let midnight = now
        .date_naive()
        .checked_add_days(Days::new(1))
        .map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let left = midnight.map_or(TimeDelta::days(1), |midnight| midnight - now);
    (left.num_milliseconds() as f64 / 1000.0).max(1.0)
}
