//! Manners towards hosts: each has a line of its own, is asked a few times at once and left alone when it wants to be.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::page::Answer;
use super::{HttpError, fresh};
use crate::clock::Clock;

/// How many hosts are remembered while nobody is asking them.
const HOSTS: usize = 4096;
/// The longest rest a host gets by asking for it.
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);
/// The first rest after a failure, and the longest one that failures alone can lead to.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The rest of a host that says 429 without saying for how long.
const TOO_MANY: Duration = Duration::from_secs(60);

/// The lines of all hosts.
pub(super) struct Lines {
    at_once: usize,
    /// The least time from one request to the next, by host.
    spacing: BTreeMap<String, Duration>,
    hosts: Mutex<HashMap<String, Arc<Line>>>,
}

struct Line {
    places: Arc<Semaphore>,
    manners: Mutex<Manners>,
}

#[derive(Default)]
struct Manners {
    /// In a row.
    failures: u32,
    rest: Option<Rest>,
    /// When the next request may leave; only of hosts with a spacing.
    next: Option<Instant>,
}

struct Rest {
    until: DateTime<Utc>,
    /// It asked for it; otherwise it failed.
    asked: bool,
}

/// A place at the front of a host's line, until it is dropped.
pub(super) struct Turn {
    host: String,
    line: Arc<Line>,
    _place: OwnedSemaphorePermit,
}

impl Lines {
    pub fn new(at_once: usize, spacing: BTreeMap<String, Duration>) -> Lines {
        Lines {
            at_once: at_once.max(1),
            spacing,
            hosts: Mutex::default(),
        }
    }

    /// Waits for a turn. A resting host gives an error at once.
    pub async fn turn(&self, host: &str, clock: &Clock) -> Result<Turn, HttpError> {
        let line = self.line(host, clock);
        line.awake(host, clock)?;
        let place = line
            .places
            .clone()
            .acquire_owned()
            .await
            .expect("nobody closes a line");
        if let Some(spacing) = self.spacing.get(host) {
            let leaves = line.manners().leaves(Instant::now(), *spacing);
            tokio::time::sleep_until(leaves).await;
        }
        // Those in front may just have learned that the host wants rest.
        line.awake(host, clock)?;
        Ok(Turn {
            host: host.into(),
            line,
            _place: place,
        })
    }

    fn line(&self, host: &str, clock: &Clock) -> Arc<Line> {
        let mut hosts = self
            .hosts
            .lock()
            .expect("nothing panics while it holds the hosts");
        if let Some(line) = hosts.get(host) {
            return line.clone();
        }
        if hosts.len() >= HOSTS {
            forget(&mut hosts, clock.now());
        }
        let line = Arc::new(Line {
            places: Arc::new(Semaphore::new(self.at_once)),
            manners: Mutex::default(),
        });
        hosts.insert(host.into(), line.clone());
        line
    }
}

/// Forgets half of the hosts that nobody asks: first those that are not resting, then those that rest least.
fn forget(hosts: &mut HashMap<String, Arc<Line>>, now: DateTime<Utc>) {
    let mut idle: Vec<(DateTime<Utc>, String)> = hosts
        .iter()
        .filter(|(_, line)| Arc::strong_count(line) == 1)
        .map(|(host, line)| {
            let until = line.manners().rest.as_ref().map_or(now, |rest| rest.until);
            (until, host.clone())
        })
        .collect();
    idle.sort_unstable();
    for (_, host) in idle.into_iter().take(HOSTS / 2) {
        hosts.remove(&host);
    }
}

impl Line {
    fn manners(&self) -> std::sync::MutexGuard<'_, Manners> {
        self.manners
            .lock()
            .expect("nothing panics while it holds the manners")
    }

    fn awake(&self, host: &str, clock: &Clock) -> Result<(), HttpError> {
        let mut manners = self.manners();
        let Some(rest) = &manners.rest else {
            return Ok(());
        };
        match (rest.until - clock.now()).to_std() {
            Ok(left) if !left.is_zero() => {
                let host = host.to_string();
                Err(if rest.asked {
                    HttpError::Later { host, rest: left }
                } else {
                    HttpError::Resting { host, rest: left }
                })
            }
            _ => {
                manners.rest = None;
                Ok(())
            }
        }
    }
}

impl Turn {
    /// Remembers how it went, and turns "not now" into an error.
    pub fn tell(
        self,
        result: Result<Answer, HttpError>,
        clock: &Clock,
    ) -> Result<Answer, HttpError> {
        let now = clock.now();
        let mut manners = self.line.manners();
        match result {
            Ok(answer) if matches!(answer.status, 429 | 503) => {
                manners.failures = manners.failures.saturating_add(1);
                let rest = match (fresh::retry_after(&answer, now), answer.status) {
                    (Some(rest), _) => Some(rest.min(LONGEST_REST)),
                    (None, 429) => Some(doubled(
                        TOO_MANY,
                        manners.failures - 1,
                        Duration::from_secs(3600),
                    )),
                    (None, _) => pause(manners.failures),
                };
                let Some(rest) = rest else {
                    return Ok(answer);
                };
                manners.rest(now, rest, true);
                Err(HttpError::Later {
                    host: self.host.clone(),
                    rest,
                })
            }
            Ok(answer) => {
                manners.failures = 0;
                Ok(answer)
            }
            Err(error) => {
                if is_failure(&error) {
                    manners.failures = manners.failures.saturating_add(1);
                    if let Some(rest) = pause(manners.failures) {
                        manners.rest(now, rest, false);
                    }
                }
                Err(error)
            }
        }
    }
}

impl Manners {
    /// When a request may leave that is ready at `now`; the next one leaves later by `spacing`.
    fn leaves(&mut self, now: Instant, spacing: Duration) -> Instant {
        let leaves = self.next.map_or(now, |next| next.max(now));
        self.next = Some(leaves + spacing);
        leaves
    }

    /// Rests at least `rest`; a longer rest that was asked for before stays.
    fn rest(&mut self, now: DateTime<Utc>, rest: Duration, asked: bool) {
        let until = now + rest;
        if self.rest.as_ref().is_none_or(|old| old.until < until) {
            self.rest = Some(Rest { until, asked });
        }
    }
}

/// How long a host rests after so many failures in a row. The first one is forgiven: one lost packet is no reason.
fn pause(failures: u32) -> Option<Duration> {
    (failures > 1).then(|| doubled(FIRST_PAUSE, failures - 2, LONGEST_PAUSE))
}

fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(longest)
}

/// Whether the host itself is in trouble, and not just this page or the question.
fn is_failure(error: &HttpError) -> bool {
    match error {
        HttpError::NameTrouble { .. }
        | HttpError::NoAnswer { .. }
        | HttpError::Refused { .. }
        | HttpError::Unreachable { .. }
        | HttpError::BrokeOff { .. } => true,
        HttpError::BadUrl { .. }
        | HttpError::Password
        | HttpError::NoSuchHost { .. }
        | HttpError::Private { .. }
        | HttpError::Tls { .. }
        | HttpError::Status { .. }
        | HttpError::Later { .. }
        | HttpError::Resting { .. }
        | HttpError::TooLarge { .. }
        | HttpError::TooManyRedirects { .. }
        | HttpError::NotSentOn { .. }
        | HttpError::NoSocket { .. }
        | HttpError::Damaged { .. }
        | HttpError::Identity { .. }
        | HttpError::Setup { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hosts_that_nobody_asks_are_forgotten() {
        let clock = Clock::stopped(DateTime::UNIX_EPOCH);
        let lines = Lines::new(2, BTreeMap::new());
        let busy = lines.turn("busy", &clock).await.unwrap();
        let resting = lines.turn("resting", &clock).await.unwrap();
        let answer = Answer {
            status: 429,
            headers: vec![("retry-after".into(), "99999999".into())],
            body: Vec::new(),
        };
        assert!(resting.tell(Ok(answer), &clock).is_err());
        for n in 0..3 * HOSTS {
            drop(lines.turn(&n.to_string(), &clock).await.unwrap());
        }
        assert!(lines.hosts.lock().unwrap().len() <= HOSTS);
        assert!(lines.hosts.lock().unwrap().contains_key("busy"));
        assert_eq!(
            lines.turn("resting", &clock).await.err(),
            Some(HttpError::Later {
                host: "resting".into(),
                rest: LONGEST_REST
            })
        );
        drop(busy);
    }

    #[test]
    fn requests_to_one_host_leave_one_after_the_other() {
        let (mut manners, spacing) = (Manners::default(), Duration::from_millis(50));
        let start = Instant::now();
        let millis = |at: Instant| (at - start).as_millis();
        let all = [0, 0, 20, 200, 210].map(|ready| {
            let ready = start + Duration::from_millis(ready);
            millis(manners.leaves(ready, spacing))
        });
        assert_eq!(all, [0, 50, 100, 200, 250]);
    }

    #[test]
    fn pauses_double() {
        let seconds: Vec<_> = (1..9)
            .map(|n| pause(n).map(|rest| rest.as_secs()))
            .collect();
        let expected = [
            None,
            Some(10),
            Some(20),
            Some(40),
            Some(80),
            Some(160),
            Some(300),
            Some(300),
        ];
        assert_eq!(seconds, expected);
        assert!(pause(u32::MAX).is_some());
    }
}
