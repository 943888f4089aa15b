//! What waits to be said: all channels in turns, each in its own order, and no faster than the server likes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;
use tokio::sync::oneshot;

use super::line::Out;
use crate::model::MessageId;
use crate::room::{SayError, Spoken};

/// How fast lines may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flood {
    /// So many at once.
    pub burst: u32,
    /// The time from one to the next in the long run.
    pub every: Duration,
    /// As fast as they come: for servers that know no flood.
    pub off: bool,
}

impl Default for Flood {
    fn default() -> Flood {
        Flood {
            burst: 5,
            every: Duration::from_secs(2),
            off: false,
        }
    }
}

/// A message that waits to be said, line by line.
pub(super) struct Job {
    /// To whom it is said: a channel or a nick.
    pub to: CompactString,
    pub rows: Vec<String>,
    /// How many of them were sent, and of how many the server has shown that it has them.
    pub sent: usize,
    pub taken: usize,
    /// The message that it answers, where the server has ids.
    pub reply: Option<String>,
    /// It may have been said since then: looks first.
    pub doubt: Option<DateTime<Utc>>,
    /// It is being looked for.
    pub looking: bool,
    /// When its first line was sent.
    pub began: Option<DateTime<Utc>>,
    /// The id of its first line.
    pub id: Option<MessageId>,
    pub done: Option<oneshot::Sender<Result<Spoken, SayError>>>,
}

impl Job {
    /// Somebody waits for it still; nobody does when the bot ends at once.
    fn is_wanted(&self) -> bool {
        self.done.as_ref().is_none_or(|done| !done.is_closed())
    }

    /// All its lines were sent.
    pub fn is_sent(&self) -> bool {
        self.sent >= self.rows.len()
    }
}

/// A line that was sent, and of which the server has shown nothing yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub lane: CompactString,
    /// They are counted.
    pub number: u64,
    pub at: DateTime<Utc>,
}

/// A message of which a part was said before it had to wait.
struct Begun {
    lane: CompactString,
    rows: Vec<String>,
    taken: usize,
}

/// How many of them are kept in mind.
const BEGUN: usize = 200;

/// What waits for one target.
#[derive(Default)]
struct Lane {
    /// What was sent stands before what was not.
    jobs: VecDeque<Job>,
    /// It stands among the turns.
    queued: bool,
}

/// What waits for all.
#[derive(Default)]
pub(super) struct Queue {
    flood: Flood,
    /// When the next line would leave if none came at once.
    next: Option<DateTime<Utc>>,
    /// What belongs to no message: joins, questions, small answers.
    pub control: VecDeque<Out>,
    /// What waits for each target, under its name in small letters.
    lanes: BTreeMap<CompactString, Lane>,
    /// Whose turn it is.
    turns: VecDeque<CompactString>,
    pub sent: VecDeque<Sent>,
    begun: VecDeque<Begun>,
}

impl Queue {
    pub fn new(flood: Flood) -> Queue {
        Queue {
            flood,
            ..Queue::default()
        }
    }

    /// Adds a message. What of it was said before it had to wait is not said again.
    pub fn add(&mut self, lane: &str, mut job: Job) {
        let same = |begun: &Begun| begun.lane == lane && begun.rows == job.rows;
        if let Some(place) = self.begun.iter().position(same)
            && let Some(begun) = self.begun.remove(place)
        {
            job.sent = begun.taken;
            job.taken = begun.taken;
        }
        let its = self.lanes.entry(lane.into()).or_default();
        its.jobs.push_back(job);
        if !std::mem::replace(&mut its.queued, true) {
            self.turns.push_back(lane.into());
        }
    }

    /// How long it takes until so many parts of a line more may leave.
    fn rest(&self, now: DateTime<Utc>) -> TimeDelta {
        let every = TimeDelta::from_std(self.flood.every).unwrap_or(TimeDelta::zero());
        let next = self.next.unwrap_or(now).max(now);
        let burst = i32::try_from(self.flood.burst).unwrap_or(i32::MAX).max(1);
        next - now - every * (burst - 1)
    }

    /// When the next line may leave; none when that is now.
    pub fn may(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let rest = match self.flood.off {
            true => TimeDelta::zero(),
            false => self.rest(now),
        };
        (rest > TimeDelta::zero()).then(|| now + rest)
    }

    /// A line has left, or half of one: a short one that servers count for less.
    pub fn count(&mut self, halves: i32, now: DateTime<Utc>) {
        let every = TimeDelta::from_std(self.flood.every).unwrap_or(TimeDelta::zero());
        self.next = Some(self.next.unwrap_or(now).max(now) + every / 2 * halves);
    }

    /// Nothing leaves for so long: the server says that it was too much.
    pub fn hush(&mut self, rest: TimeDelta, now: DateTime<Utc>) {
        let every = TimeDelta::from_std(self.flood.every).unwrap_or(TimeDelta::zero());
        let burst = i32::try_from(self.flood.burst).unwrap_or(i32::MAX).max(1);
        self.next = Some(now + every * (burst - 1) + rest);
    }

    /// The target whose turn it is of those that are open, if something is to be sent to any; the next time it is another.
    pub fn turn(&mut self, is_open: impl Fn(&str, &Job) -> bool) -> Option<CompactString> {
        for _ in 0..self.turns.len() {
            let lane = self.turns.pop_front()?;
            let open = self.next(&lane);
            let open = open.map(|job| job.is_wanted() && is_open(&lane, job));
            match open {
                None => {
                    if let Some(its) = self.lanes.get_mut(&lane) {
                        its.queued = false;
                    }
                    self.tidy(&lane);
                }
                Some(true) => {
                    self.turns.push_back(lane.clone());
                    return Some(lane);
                }
                Some(false) => self.turns.push_back(lane),
            }
        }
        None
    }

    /// A target for which nothing waits is forgotten.
    fn tidy(&mut self, lane: &str) {
        let idle = |its: &Lane| its.jobs.is_empty() && !its.queued;
        if self.lanes.get(lane).is_some_and(idle) {
            self.lanes.remove(lane);
        }
    }

    /// The message for a target of which a line is to be sent next.
    pub fn next(&self, lane: &str) -> Option<&Job> {
        let jobs = &self.lanes.get(lane)?.jobs;
        jobs.get(jobs.partition_point(Job::is_sent))
    }

    pub fn next_mut(&mut self, lane: &str) -> Option<&mut Job> {
        let jobs = &mut self.lanes.get_mut(lane)?.jobs;
        let place = jobs.partition_point(Job::is_sent);
        jobs.get_mut(place)
    }

    /// The first message for a target with which the server is not done.
    pub fn job(&self, lane: &str) -> Option<&Job> {
        self.lanes.get(lane)?.jobs.front()
    }

    pub fn job_mut(&mut self, lane: &str) -> Option<&mut Job> {
        self.lanes.get_mut(lane)?.jobs.front_mut()
    }

    /// The first message that waits for each target.
    pub fn jobs(&self) -> impl Iterator<Item = (&CompactString, &Job)> {
        let lanes = self.lanes.iter();
        lanes.filter_map(|(lane, its)| Some((lane, its.jobs.front()?)))
    }

    /// The first message for a target is done with.
    pub fn finish(&mut self, lane: &str, outcome: Result<Spoken, SayError>) {
        let its = self.lanes.get_mut(lane);
        let Some(job) = its.and_then(|its| its.jobs.pop_front()) else {
            return;
        };
        self.tidy(lane);
        let mut unknown = job.sent - job.taken;
        if unknown > 0 {
            self.sent.retain(|sent| {
                let its = unknown > 0 && sent.lane == lane;
                unknown -= usize::from(its);
                !its
            });
        }
        if outcome.is_err() {
            self.keep(lane, &job);
        }
        if let Some(done) = job.done {
            // Whoever waited may have gone away.
            let _ = done.send(outcome);
        }
    }

    /// The server has refused one of the messages that were sent to a target, and does not say which: none of them counts
    /// as said.
    pub fn refuse_sent(&mut self, lane: &str, error: &SayError) {
        self.finish(lane, Err(error.clone()));
        while self.job(lane).is_some_and(|job| job.sent > 0) {
            self.finish(lane, Err(error.clone()));
        }
    }

    fn keep(&mut self, lane: &str, job: &Job) {
        if job.taken == 0 {
            return;
        }
        if self.begun.len() >= BEGUN {
            self.begun.pop_front();
        }
        self.begun.push_back(Begun {
            lane: lane.into(),
            rows: job.rows.clone(),
            taken: job.taken,
        });
    }

    /// Nothing that waits for a target can be said.
    pub fn refuse(&mut self, lane: &str, error: &SayError) {
        self.sent.retain(|sent| sent.lane != lane);
        let its = self.lanes.get_mut(lane);
        let jobs = its.map(|its| std::mem::take(&mut its.jobs));
        self.tidy(lane);
        for job in jobs.unwrap_or_default() {
            self.keep(lane, &job);
            if let Some(done) = job.done {
                // Whoever waited may have gone away.
                let _ = done.send(Err(error.clone()));
            }
        }
    }

    /// The same for all of these targets.
    pub fn refuse_where(&mut self, these: impl Fn(&str) -> bool, error: &SayError) {
        let lanes = self.lanes.keys().filter(|lane| these(lane)).cloned();
        for lane in lanes.collect::<Vec<CompactString>>() {
            self.refuse(&lane, error);
        }
    }

    /// The server has what was sent to a target first; gives that message when it has all of it.
    pub fn taken(&mut self, lane: &str, id: Option<MessageId>) {
        let Some(job) = self.job_mut(lane) else {
            return;
        };
        job.taken = (job.taken + 1).min(job.sent);
        if job.id.is_none() {
            job.id = id;
        }
        if job.taken == job.rows.len() {
            let spoken = Spoken::now(job.id.clone().unwrap_or(MessageId::default()));
            self.finish(lane, Ok(spoken));
        }
    }

    /// The connection has broken: what was sent without a sign that it arrived is in doubt.
    pub fn broken(&mut self) {
        self.sent.clear();
        self.control.clear();
        self.next = None;
        for (lane, its) in &mut self.lanes {
            if !std::mem::replace(&mut its.queued, true) {
                self.turns.push_back(lane.clone());
            }
            for job in &mut its.jobs {
                job.looking = false;
                if job.taken < job.sent {
                    job.doubt = job.doubt.or(job.began);
                    job.sent = job.taken;
                }
            }
        }
    }

    /// How long a message would take from now on.
    pub fn wait(&self, now: DateTime<Utc>) -> Duration {
        if self.flood.off {
            return Duration::ZERO;
        }
        let jobs = self.lanes.values().flat_map(|its| &its.jobs);
        let rows: usize = jobs.map(|job| job.rows.len() - job.sent).sum();
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let rest = self.rest(now).to_std().unwrap_or_default();
        rest + self.flood.every.saturating_mul(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(to: &str, rows: usize) -> Job {
        Job {
            to: to.into(),
            rows: (0..rows).map(|n| n.to_string()).collect(),
            sent: 0,
            taken: 0,
            reply: None,
            doubt: None,
            looking: false,
            began: None,
            id: None,
            done: None,
        }
    }

    #[test]
    fn some_lines_leave_at_once_and_the_others_slowly() {
        let mut now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        let began = now;
        let mut queue = Queue::new(Flood::default());
        let mut left = Vec::new();
        while left.len() < 8 {
            match queue.may(now) {
                None => {
                    queue.count(2, now);
                    left.push((now - began).num_seconds());
                }
                Some(next) => now = next,
            }
        }
        assert_eq!(left, [0, 0, 0, 0, 0, 2, 4, 6]);
        queue.hush(TimeDelta::seconds(60), now);
        assert_eq!(queue.may(now), Some(now + TimeDelta::seconds(60)));
    }

    #[test]
    fn channels_take_turns_and_keep_their_order() {
        let mut queue = Queue::new(Flood::default());
        queue.add("#a", job("#a", 3));
        queue.add("#a", job("#a", 1));
        queue.add("#b", job("#b", 2));
        queue.add("#shut", job("#shut", 2));
        let mut order = String::new();
        while let Some(lane) = queue.turn(|lane, _| lane != "#shut") {
            let job = queue.next_mut(&lane).unwrap();
            order.push_str(&format!("{lane}{} ", job.rows[job.sent]));
            job.sent += 1;
            queue.taken(&lane, None);
        }
        assert_eq!(order, "#a0 #b0 #a1 #b1 #a2 #a0 ");
        assert!(queue.wait(DateTime::UNIX_EPOCH) >= Duration::from_secs(4));
    }
}
