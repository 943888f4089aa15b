//! Who may speak when: each channel in its own order and no faster than Slack likes, all of them together no faster either.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::locked;
use crate::clock::Clock;
use crate::room::SayError;

/// The most messages that wait.
const WAITING: usize = 2_000;
/// So many messages a channel takes within this time: one a second, three at once.
const BURST: usize = 3;
const WINDOW: TimeDelta = TimeDelta::seconds(3);
/// The time from one edit of a message to the next.
const EDITS: TimeDelta = TimeDelta::seconds(3);
/// How many are sent at the same time.
const AT_ONCE: usize = 8;
/// How many channels are kept in mind in which nobody waits.
const IDLE: usize = 1_000;
/// How long a message takes when nothing waits before it.
const GAP: TimeDelta = TimeDelta::seconds(1);

/// What is sent, and what Slack counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A message for all.
    Post,
    /// A message for one person.
    Whisper,
    /// An answer to an address that came along with a command or a click.
    Answer,
    Edit,
}

impl What {
    pub fn method(self) -> &'static str {
        match self {
            What::Post => "chat.postMessage",
            What::Whisper => "chat.postEphemeral",
            What::Answer => "response_url",
            What::Edit => "chat.update",
        }
    }

    /// The time between two of them in the long run, and how many may come at once.
    fn pace(self) -> (TimeDelta, i32) {
        match self {
            // Several hundred a minute.
            What::Post | What::Answer => (TimeDelta::milliseconds(250), 40),
            // A hundred a minute.
            What::Whisper => (TimeDelta::milliseconds(700), 10),
            // Fifty a minute.
            What::Edit => (TimeDelta::milliseconds(1_350), 5),
        }
    }
}

/// Where messages wait for their turn; clones are the same.
#[derive(Clone)]
pub(super) struct Queue(Arc<Shared>);

struct Shared {
    clock: Clock,
    state: Mutex<State>,
    sending: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    lines: BTreeMap<String, Line>,
    waiting: usize,
    /// Methods that must not be called until then.
    resting: HashMap<What, DateTime<Utc>>,
    /// When the next of its kind would be sent if none came at once.
    next: HashMap<What, DateTime<Utc>>,
}

/// What waits for one channel.
#[derive(Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    /// Somebody has the turn.
    busy: bool,
    /// When the last messages were said.
    said: VecDeque<DateTime<Utc>>,
    /// The message that was edited last, and when.
    edited: Option<(String, DateTime<Utc>)>,
    /// Until then Slack wants nothing to be said there.
    hushed: Option<DateTime<Utc>>,
    /// It takes nothing until then, and why.
    closed: Option<Closed>,
}

#[derive(Clone)]
struct Closed {
    until: DateTime<Utc>,
    what: String,
}

struct Waiting {
    /// The message that it changes; none when it is a new one.
    edits: Option<String>,
    go: oneshot::Sender<Result<Turn, Passed>>,
}

/// Why somebody who waited has no turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed {
    Later(SayError),
    /// Another edit of the same message took its place.
    Replaced,
}

/// The turn of one message; the next of its channel has its own when this is dropped.
pub(super) struct Turn {
    queue: Queue,
    channel: String,
    edits: Option<String>,
    done: bool,
}

impl Queue {
    pub fn new(clock: Clock) -> Queue {
        Queue(Arc::new(Shared {
            clock,
            state: Mutex::default(),
            sending: Arc::new(Semaphore::new(AT_ONCE)),
        }))
    }

    /// Waits until it is this message's turn in its channel. `edits` is the message that shall be changed; an edit takes
    /// the place of one of the same message that still waits.
    pub async fn turn(&self, channel: &str, edits: Option<&str>) -> Result<Turn, Passed> {
        let go = self.wait_in_line(channel, edits)?;
        self.next(channel);
        match go.await {
            Ok(turn) => turn,
            // Nobody drops it unasked.
            Err(_) => Err(Passed::Replaced),
        }
    }

    fn wait_in_line(
        &self,
        channel: &str,
        edits: Option<&str>,
    ) -> Result<oneshot::Receiver<Result<Turn, Passed>>, Passed> {
        let now = self.0.clock.now();
        let state = &mut *self.state();
        state.forget(now);
        let full = state.waiting >= WAITING;
        let line = state.lines.entry(channel.into()).or_default();
        if let Some(closed) = line.closed.as_ref().filter(|closed| closed.until > now) {
            return Err(Passed::Later(closed.later(now)));
        }
        let (go, receiver) = oneshot::channel();
        let same = |waiting: &&mut Waiting| edits.is_some() && waiting.edits.as_deref() == edits;
        if let Some(waiting) = line.waiting.iter_mut().find(same) {
            let replaced = std::mem::replace(&mut waiting.go, go);
            // Who waited may have gone away.
            let _ = replaced.send(Err(Passed::Replaced));
            return Ok(receiver);
        }
        if full {
            let what = "too many messages wait for Slack".into();
            let rest = Duration::from_secs(60);
            return Err(Passed::Later(SayError::Later { what, rest }));
        }
        line.waiting.push_back(Waiting {
            edits: edits.map(String::from),
            go,
        });
        state.waiting += 1;
        Ok(receiver)
    }

    /// Gives the turn to the next in a channel, unless somebody has it.
    fn next(&self, channel: &str) {
        loop {
            let waiting = {
                let state = &mut *self.state();
                let Some(line) = state.lines.get_mut(channel).filter(|line| !line.busy) else {
                    return;
                };
                let Some(waiting) = line.waiting.pop_front() else {
                    return;
                };
                line.busy = true;
                state.waiting -= 1;
                waiting
            };
            let turn = Turn {
                queue: self.clone(),
                channel: channel.into(),
                edits: waiting.edits.clone(),
                done: false,
            };
            match waiting.go.send(Ok(turn)) {
                Ok(()) => return,
                // Nobody waits for it any more.
                Err(Ok(mut turn)) => {
                    turn.done = true;
                    self.free(channel);
                }
                Err(Err(_)) => return,
            }
        }
    }

    fn free(&self, channel: &str) {
        if let Some(line) = self.state().lines.get_mut(channel) {
            line.busy = false;
        }
    }

    /// How long a message would take from now on: the pace of a channel, what Slack wants, and what waits elsewhere.
    pub fn wait(&self) -> Duration {
        let now = self.0.clock.now();
        let state = self.state();
        let rest = state.resting.get(&What::Post).map(|until| *until - now);
        let ahead = state.ahead(What::Post, now);
        let rest = rest.unwrap_or_default().max(ahead).max(TimeDelta::zero());
        (rest + GAP).to_std().unwrap_or_default()
    }

    /// Slack wants no calls of this kind for so long, and takes nothing in this channel.
    pub fn limited(&self, channel: &str, what: What, rest: Duration) {
        let until = self.0.clock.now() + TimeDelta::from_std(rest).unwrap_or(TimeDelta::hours(1));
        let state = &mut *self.state();
        let resting = state.resting.entry(what).or_insert(until);
        *resting = until.max(*resting);
        let line = state.lines.entry(channel.into()).or_default();
        line.hushed = Some(until);
    }

    /// A channel takes nothing for so long. Who waits for it is told.
    pub fn close(&self, channel: &str, what: String, rest: Duration) {
        let now = self.0.clock.now();
        let until = now + TimeDelta::from_std(rest).unwrap_or(TimeDelta::hours(1));
        let closed = Closed { until, what };
        let gone = {
            let state = &mut *self.state();
            let line = state.lines.entry(channel.into()).or_default();
            line.closed = Some(closed.clone());
            let gone = std::mem::take(&mut line.waiting);
            state.waiting -= gone.len();
            gone
        };
        for waiting in gone {
            // Who waited may have gone away.
            let _ = waiting.go.send(Err(Passed::Later(closed.later(now))));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.0.state)
    }
}

impl State {
    /// How far one more of this kind stands behind its pace.
    fn ahead(&self, what: What, now: DateTime<Utc>) -> TimeDelta {
        let (gap, burst) = what.pace();
        let next = self.next.get(&what).copied().unwrap_or(now);
        next.max(now) - now - gap * burst
    }

    /// When one more of this kind may be sent; it counts from now on.
    fn book(&mut self, what: What, now: DateTime<Utc>) -> DateTime<Utc> {
        let (gap, burst) = what.pace();
        let next = self.next.entry(what).or_insert(now);
        *next = (*next).max(now) + gap;
        *next - gap * burst
    }

    /// When a channel may be spoken in.
    fn may(&self, turn: &Turn, what: What) -> DateTime<Utc> {
        let mut next = DateTime::UNIX_EPOCH;
        if let Some(until) = self.resting.get(&what) {
            next = next.max(*until);
        }
        let Some(line) = self.lines.get(&turn.channel) else {
            return next;
        };
        if let Some(until) = line.hushed {
            next = next.max(until);
        }
        match what {
            What::Post | What::Whisper | What::Answer => {
                if let Some(first) = line.said.front().filter(|_| line.said.len() >= BURST) {
                    next = next.max(*first + WINDOW);
                }
            }
            What::Edit => {
                if let Some((message, at)) = &line.edited
                    && turn.edits.as_ref() == Some(message)
                {
                    next = next.max(*at + EDITS);
                }
            }
        }
        next
    }

    /// Forgets channels of which nothing has to be known any more.
    fn forget(&mut self, now: DateTime<Utc>) {
        if self.lines.len() < IDLE {
            return;
        }
        self.lines.retain(|_, line| {
            let open = |until: Option<DateTime<Utc>>| until.is_some_and(|until| until > now);
            line.busy
                || !line.waiting.is_empty()
                || open(line.said.back().map(|at| *at + WINDOW))
                || open(line.edited.as_ref().map(|(_, at)| *at + EDITS))
                || open(line.hushed)
                || open(line.closed.as_ref().map(|closed| closed.until))
        });
    }
}

impl Closed {
    fn later(&self, now: DateTime<Utc>) -> SayError {
        SayError::Later {
            what: self.what.clone(),
            rest: (self.until - now).to_std().unwrap_or_default(),
        }
    }
}

impl Turn {
    /// Waits until it may be sent; few are sent at the same time, and what comes back is held meanwhile.
    pub async fn ready(&self, what: What) -> OwnedSemaphorePermit {
        let clock = &self.queue.0.clock;
        let mut booked = None;
        loop {
            let now = clock.now();
            let next = {
                let state = &mut *self.queue.state();
                let may = state.may(self, what);
                match booked {
                    _ if may > now => may,
                    Some(booked) => may.max(booked),
                    None => *booked.insert(state.book(what, now)),
                }
            };
            if next > now {
                clock.until(next).await;
                continue;
            }
            let sending = self.queue.0.sending.clone();
            let permit = sending.acquire_owned().await;
            let permit = permit.expect("nobody closes it");
            // It may have taken long.
            if self.queue.state().may(self, what) <= clock.now() {
                return permit;
            }
        }
    }

    /// It was sent, or may have been.
    pub fn sent(&self, what: What) {
        let now = self.queue.0.clock.now();
        let state = &mut *self.queue.state();
        let line = state.lines.entry(self.channel.clone()).or_default();
        match (what, &self.edits) {
            (What::Post | What::Whisper | What::Answer, _) => {
                line.said.push_back(now);
                if line.said.len() > BURST {
                    line.said.pop_front();
                }
            }
            (What::Edit, Some(message)) => line.edited = Some((message.clone(), now)),
            (What::Edit, None) => {}
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.done {
            self.queue.free(&self.channel);
            self.queue.next(&self.channel);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn queue() -> (Queue, Clock) {
        let clock = Clock::stopped(noon());
        (Queue::new(clock.clone()), clock)
    }

    fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    type Pending = Pin<Box<dyn Future<Output = Result<Turn, Passed>>>>;

    /// Somebody who wants a turn.
    fn wants(queue: &Queue, channel: &'static str, edits: Option<&'static str>) -> Pending {
        let queue = queue.clone();
        Box::pin(async move { queue.turn(channel, edits).await })
    }

    fn has(pending: &mut Pending) -> Option<Turn> {
        match poll(pending) {
            Poll::Ready(Ok(turn)) => Some(turn),
            Poll::Ready(Err(_)) | Poll::Pending => None,
        }
    }

    /// Whether it may be sent now.
    fn is_ready(turn: &Turn, what: What) -> bool {
        poll(&mut Box::pin(turn.ready(what))).is_ready()
    }

    #[test]
    fn a_channel_has_one_turn_at_a_time_and_another_its_own() {
        let (queue, _) = queue();
        let first = has(&mut wants(&queue, "a", None)).unwrap();
        let mut second = wants(&queue, "a", None);
        let mut third = wants(&queue, "a", None);
        assert!(has(&mut second).is_none() && has(&mut third).is_none());
        assert!(has(&mut wants(&queue, "b", None)).is_some());
        drop(first);
        assert!(has(&mut third).is_none());
        // A turn that was given and never taken goes on as well.
        drop(second);
        assert!(has(&mut third).is_some());
    }

    #[test]
    fn three_at_once_and_one_a_second() {
        let (queue, clock) = queue();
        let mut sent = Vec::new();
        for tenth in 0..100 {
            clock.advance_to(noon() + TimeDelta::milliseconds(tenth * 100));
            loop {
                let turn = has(&mut wants(&queue, "a", None)).unwrap();
                if !is_ready(&turn, What::Post) {
                    break;
                }
                turn.sent(What::Post);
                sent.push(tenth);
            }
        }
        assert_eq!(sent, [0, 0, 0, 30, 30, 30, 60, 60, 60, 90, 90, 90]);
    }

    #[test]
    fn all_channels_together_are_no_faster_than_slack_likes() {
        let (queue, clock) = queue();
        let names: Vec<&'static str> = (0..200)
            .map(|n| &*Box::leak(n.to_string().into_boxed_str()))
            .collect();
        let send = || {
            let may = |name: &&&'static str| {
                let turn = has(&mut wants(&queue, name, None)).unwrap();
                let ready = is_ready(&turn, What::Post);
                if ready {
                    turn.sent(What::Post);
                }
                ready
            };
            names.iter().filter(may).count()
        };
        assert_eq!(send(), 40);
        // Those who were not ready have booked their places.
        assert!(queue.wait() > Duration::from_secs(30));
        clock.advance_to(noon() + TimeDelta::minutes(5));
        assert_eq!(send(), 40);
    }

    #[test]
    fn what_slack_limits_rests_and_nothing_else() {
        let (queue, clock) = queue();
        queue.limited("a", What::Post, Duration::from_secs(7));
        assert_eq!(queue.wait(), Duration::from_secs(8));
        for (seconds, here, there) in [(0, false, false), (6, false, false), (7, true, true)] {
            clock.advance_to(noon() + TimeDelta::seconds(seconds));
            let a = has(&mut wants(&queue, "a", None)).unwrap();
            let b = has(&mut wants(&queue, "b", None)).unwrap();
            assert_eq!(is_ready(&a, What::Post), here, "{seconds}");
            assert_eq!(is_ready(&b, What::Post), there, "{seconds}");
            // Another method is free, but not in that channel.
            assert_eq!(is_ready(&a, What::Whisper), here, "{seconds}");
            assert!(is_ready(&b, What::Whisper));
        }
    }

    #[test]
    fn an_edit_takes_the_place_of_one_that_waits() {
        let (queue, clock) = queue();
        let turn = has(&mut wants(&queue, "a", None)).unwrap();
        let mut old = wants(&queue, "a", Some("1.0"));
        assert!(poll(&mut old).is_pending());
        let mut said = wants(&queue, "a", None);
        assert!(poll(&mut said).is_pending());
        let mut new = wants(&queue, "a", Some("1.0"));
        assert!(poll(&mut new).is_pending());
        assert!(matches!(poll(&mut old), Poll::Ready(Err(Passed::Replaced))));
        drop(turn);
        let turn = has(&mut new).unwrap();
        assert!(is_ready(&turn, What::Edit));
        turn.sent(What::Edit);
        drop(turn);
        drop(has(&mut said).unwrap());
        // The same message is left alone for a while.
        let turn = has(&mut wants(&queue, "a", Some("1.0"))).unwrap();
        assert!(!is_ready(&turn, What::Edit));
        clock.advance_to(noon() + EDITS);
        assert!(is_ready(&turn, What::Edit));
    }

    #[test]
    fn a_closed_channel_sends_everybody_away_until_it_opens() {
        let (queue, clock) = queue();
        let turn = has(&mut wants(&queue, "a", None)).unwrap();
        let mut waits = wants(&queue, "a", None);
        assert!(poll(&mut waits).is_pending());
        queue.close("a", "it is archived".into(), Duration::from_secs(60));
        let later = SayError::Later {
            what: "it is archived".into(),
            rest: Duration::from_secs(60),
        };
        assert!(
            matches!(poll(&mut waits), Poll::Ready(Err(Passed::Later(error))) if error == later)
        );
        drop(turn);
        assert!(has(&mut wants(&queue, "a", None)).is_none());
        assert!(has(&mut wants(&queue, "b", None)).is_some());
        clock.advance_to(noon() + TimeDelta::seconds(60));
        assert!(has(&mut wants(&queue, "a", None)).is_some());
    }

    #[test]
    fn the_line_has_an_end_and_idle_channels_are_forgotten() {
        let (queue, clock) = queue();
        let _turn = has(&mut wants(&queue, "a", None)).unwrap();
        let mut all: Vec<Pending> = (0..WAITING).map(|_| wants(&queue, "a", None)).collect();
        for pending in &mut all {
            assert!(poll(pending).is_pending());
        }
        let mut more = wants(&queue, "a", None);
        assert!(matches!(
            poll(&mut more),
            Poll::Ready(Err(Passed::Later(_)))
        ));
        for n in 0..2 * IDLE {
            let name: &'static str = Box::leak(format!("c{n}").into_boxed_str());
            queue.close(name, "no".into(), Duration::from_secs(1));
            clock.advance_to(noon() + TimeDelta::seconds(2 * n as i64));
            // It is looked over when somebody comes.
            drop(
                wants(&queue, "b", None)
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop())),
            );
        }
        assert!(queue.state().lines.len() <= IDLE + 2);
        assert_eq!(queue.state().waiting, WAITING);
    }
}
