//! Who may speak when: one message at a time for the whole account, the rooms in turn, no faster than the chat likes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::room::SayError;

/// The most messages that wait.
const WAITING: usize = 1_000;
/// The most rooms of which is known that they take nothing for a while.
const CLOSED: usize = 1_000;
/// What is added to the time that the chat wants to be left alone: its clock is not ours.
const MORE: Duration = Duration::from_millis(250);
/// The time from one message to the next, at first and when the chat is pressed.
const QUICK: TimeDelta = TimeDelta::seconds(1);
const SLOW: TimeDelta = TimeDelta::seconds(4);
/// After so many messages that were taken at once it goes a little quicker.
const CALM: u32 = 8;
/// After so long a silence the chat has forgotten what was said.
const FORGOTTEN: TimeDelta = TimeDelta::seconds(120);

/// Where messages wait for their turn; clones are the same.
#[derive(Clone)]
pub(super) struct Queue(Arc<Shared>);

struct Shared {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    lines: BTreeMap<u64, VecDeque<Waiting>>,
    /// Rooms where somebody waits; the first is next.
    order: VecDeque<u64>,
    waiting: usize,
    /// Somebody has the turn.
    busy: bool,
    pace: Pace,
    /// Until then the chat does not want to be asked at all.
    hushed: DateTime<Utc>,
    /// Rooms that take nothing until then, and why.
    closed: BTreeMap<u64, Closed>,
    /// The same for all of them.
    blocked: Option<Closed>,
}

#[derive(Clone)]
struct Closed {
    until: DateTime<Utc>,
    what: String,
}

struct Waiting {
    /// The message that it changes; none when it is a new one.
    edits: Option<i64>,
    go: oneshot::Sender<Result<Turn, Passed>>,
}

/// Why somebody who waited has no turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed {
    Later(SayError),
    /// Another edit of the same message took its place.
    Replaced,
}

/// The turn of one message; the next has its own when this is dropped.
pub(super) struct Turn {
    queue: Queue,
    done: bool,
}

/// How fast messages follow each other, as the chat has taught it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pace {
    gap: TimeDelta,
    /// Messages that were taken at once, since it changed.
    calm: u32,
    /// When the last message was said.
    last: Option<DateTime<Utc>>,
}

impl Queue {
    pub fn new(clock: Clock) -> Queue {
        let state = State {
            lines: BTreeMap::new(),
            order: VecDeque::new(),
            waiting: 0,
            busy: false,
            pace: Pace::new(),
            hushed: DateTime::UNIX_EPOCH,
            closed: BTreeMap::new(),
            blocked: None,
        };
        Queue(Arc::new(Shared {
            clock,
            state: Mutex::new(state),
        }))
    }

    /// Waits until it is this room's turn. `edits` is the message that shall be changed; an edit takes the place of one
    /// of the same message that still waits.
    pub async fn turn(&self, room: u64, edits: Option<i64>) -> Result<Turn, Passed> {
        let go = self.wait_in_line(room, edits)?;
        self.next();
        match go.await {
            Ok(turn) => turn,
            // Nobody drops it unasked.
            Err(_) => Err(Passed::Replaced),
        }
    }

    fn wait_in_line(
        &self,
        room: u64,
        edits: Option<i64>,
    ) -> Result<oneshot::Receiver<Result<Turn, Passed>>, Passed> {
        let now = self.0.clock.now();
        let state = &mut *self.state();
        if let Some(closed) = state.is_closed(room, now) {
            return Err(Passed::Later(closed.later(now)));
        }
        let (go, receiver) = oneshot::channel();
        let line = state.lines.entry(room).or_default();
        let same = |waiting: &&mut Waiting| edits.is_some() && waiting.edits == edits;
        if let Some(waiting) = line.iter_mut().find(same) {
            let replaced = std::mem::replace(&mut waiting.go, go);
            // Who waited may have gone away.
            let _ = replaced.send(Err(Passed::Replaced));
            return Ok(receiver);
        }
        if state.waiting >= WAITING {
            let rest = state.pace.gap.to_std().unwrap_or_default() * 60;
            let what = "too many messages wait for the chat".into();
            return Err(Passed::Later(SayError::Later { what, rest }));
        }
        if line.is_empty() {
            state.order.push_back(room);
        }
        line.push_back(Waiting { edits, go });
        state.waiting += 1;
        Ok(receiver)
    }

    /// Gives the turn to the next, unless somebody has it.
    fn next(&self) {
        loop {
            let waiting = {
                let state = &mut *self.state();
                if state.busy {
                    return;
                }
                let Some(waiting) = state.pop() else {
                    return;
                };
                state.busy = true;
                waiting
            };
            let queue = self.clone();
            let turn = Turn { queue, done: false };
            match waiting.go.send(Ok(turn)) {
                Ok(()) => return,
                // Nobody waits for it any more.
                Err(Ok(mut turn)) => {
                    turn.done = true;
                    self.state().busy = false;
                }
                Err(Err(_)) => return,
            }
        }
    }

    /// How long a message would take from now on: what waits before it, and the pace.
    pub fn wait(&self) -> Duration {
        let state = self.state();
        let before = state.waiting + usize::from(state.busy);
        let rest = state.next() - self.0.clock.now();
        let first = rest.max(state.pace.gap).to_std().unwrap_or_default();
        let gap = state.pace.gap.to_std().unwrap_or_default();
        first + gap * u32::try_from(before).unwrap_or(u32::MAX)
    }

    /// Waits while the chat does not want to be asked; for what needs no turn.
    pub async fn hush(&self) {
        loop {
            let until = self.state().hushed;
            if until <= self.0.clock.now() {
                return;
            }
            self.0.clock.until(until).await;
        }
    }

    /// The chat wants to be left alone for so long.
    pub fn throttled(&self, rest: Duration) {
        let now = self.0.clock.now();
        let rest = TimeDelta::from_std(rest.saturating_add(MORE)).unwrap_or(TimeDelta::hours(1));
        let mut state = self.state();
        state.hushed = state.hushed.max(now + rest);
        state.pace.pressed();
    }

    /// A room takes nothing for so long; without a room, none of them does. Who waits for it is told.
    pub fn close(&self, room: Option<u64>, what: String, rest: Duration) {
        let now = self.0.clock.now();
        let until = now + TimeDelta::from_std(rest).unwrap_or(TimeDelta::hours(1));
        let closed = Closed { until, what };
        let gone = {
            let state = &mut *self.state();
            state.closed.retain(|_, closed| closed.until > now);
            match room {
                Some(room) if state.closed.len() < CLOSED => {
                    state.closed.insert(room, closed.clone());
                }
                Some(_) => {}
                None => state.blocked = Some(closed.clone()),
            }
            let rooms: Vec<u64> = match room {
                Some(room) => vec![room],
                None => state.lines.keys().copied().collect(),
            };
            let gone: Vec<Waiting> = rooms
                .iter()
                .filter_map(|room| state.lines.remove(room))
                .flatten()
                .collect();
            state.order.retain(|room| !rooms.contains(room));
            state.waiting -= gone.len();
            gone
        };
        for waiting in gone {
            // Who waited may have gone away.
            let _ = waiting.go.send(Err(Passed::Later(closed.later(now))));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.0.state.lock();
        state.expect("nothing panics while it holds the queue")
    }
}

impl State {
    fn pop(&mut self) -> Option<Waiting> {
        let room = self.order.pop_front()?;
        let line = self.lines.get_mut(&room)?;
        let waiting = line.pop_front()?;
        self.waiting -= 1;
        match line.is_empty() {
            true => drop(self.lines.remove(&room)),
            false => self.order.push_back(room),
        }
        Some(waiting)
    }

    fn is_closed(&self, room: u64, now: DateTime<Utc>) -> Option<Closed> {
        let all = self.blocked.iter().chain(self.closed.get(&room));
        let longest = all.max_by_key(|closed| closed.until)?;
        (longest.until > now).then(|| longest.clone())
    }

    /// When the next message may be said.
    fn next(&self) -> DateTime<Utc> {
        let pace = self.pace.last.map(|last| last + self.pace.gap);
        self.hushed.max(pace.unwrap_or(DateTime::UNIX_EPOCH))
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
    /// Waits until something may be said.
    pub async fn ready(&self) {
        loop {
            let next = self.queue.state().next();
            if next <= self.queue.0.clock.now() {
                return;
            }
            self.queue.0.clock.until(next).await;
        }
    }

    /// It was said, or may have been.
    pub fn said(&self) {
        let now = self.queue.0.clock.now();
        self.queue.state().pace.said(now);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.done {
            self.queue.state().busy = false;
            self.queue.next();
        }
    }
}

impl Pace {
    fn new() -> Pace {
        Pace {
            gap: QUICK,
            calm: 0,
            last: None,
        }
    }

    fn said(&mut self, now: DateTime<Utc>) {
        if self.last.is_some_and(|last| now - last > FORGOTTEN) {
            *self = Pace::new();
        }
        self.last = Some(now);
        self.calm += 1;
        if self.calm == CALM {
            self.calm = 0;
            self.gap = (self.gap * 9 / 10).max(QUICK);
        }
    }

    fn pressed(&mut self) {
        self.calm = 0;
        self.gap = (self.gap * 3 / 2).min(SLOW);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use proptest::prelude::*;

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

    /// Somebody who waits, and already stands in the line.
    fn waits(queue: &Queue, room: u64, edits: Option<i64>) -> Pending {
        let queue = queue.clone();
        let mut turn: Pending = Box::pin(async move { queue.turn(room, edits).await });
        assert!(poll(&mut turn).is_pending());
        turn
    }

    fn first(queue: &Queue) -> Turn {
        let turn = queue.turn(0, None);
        match pin!(turn).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(turn)) => turn,
            Poll::Ready(Err(_)) | Poll::Pending => panic!("nobody else wants it"),
        }
    }

    #[test]
    fn rooms_have_their_turns_one_after_the_other() {
        let (queue, _) = queue();
        let mut turn = Some(first(&queue));
        let mut all: Vec<(u64, Pending)> = [1, 1, 1, 2, 3, 3]
            .map(|room| (room, waits(&queue, room, None)))
            .into();
        let mut order = Vec::new();
        while !all.is_empty() {
            drop(turn.take());
            let ready = all.iter_mut().position(|(_, pending)| match poll(pending) {
                Poll::Ready(got) => {
                    turn = got.ok();
                    true
                }
                Poll::Pending => false,
            });
            order.push(all.remove(ready.expect("one has the turn")).0);
        }
        assert_eq!(order, [1, 2, 3, 1, 3, 1]);
        assert_eq!(queue.wait(), Duration::from_secs(2));
    }

    #[test]
    fn who_goes_away_is_passed_over() {
        let (queue, _) = queue();
        let turn = first(&queue);
        let (gone, mut stays) = (waits(&queue, 1, None), waits(&queue, 2, None));
        drop(gone);
        drop(turn);
        assert!(poll(&mut stays).is_ready());
        // A turn that was given and never taken goes on as well.
        let turn = first(&queue);
        let (taken, mut next) = (waits(&queue, 1, None), waits(&queue, 1, None));
        drop(turn);
        drop(taken);
        assert!(poll(&mut next).is_ready());
    }

    #[test]
    fn an_edit_takes_the_place_of_one_that_waits() {
        let (queue, _) = queue();
        let turn = first(&queue);
        let mut old = waits(&queue, 1, Some(7));
        let mut said = waits(&queue, 1, None);
        let mut new = waits(&queue, 1, Some(7));
        assert!(matches!(poll(&mut old), Poll::Ready(Err(Passed::Replaced))));
        drop(turn);
        assert!(poll(&mut said).is_pending());
        assert!(matches!(poll(&mut new), Poll::Ready(Ok(_))));
        assert!(matches!(poll(&mut said), Poll::Ready(Ok(_))));
    }

    #[test]
    fn a_closed_room_sends_everybody_away_until_it_opens() {
        let (queue, clock) = queue();
        let turn = first(&queue);
        let (mut here, mut there) = (waits(&queue, 1, None), waits(&queue, 2, None));
        queue.close(Some(1), "time-out".into(), Duration::from_secs(58));
        let Poll::Ready(Err(Passed::Later(error))) = poll(&mut here) else {
            panic!("it is sent away");
        };
        let later = SayError::Later {
            what: "time-out".into(),
            rest: Duration::from_secs(58),
        };
        assert_eq!(error, later);
        drop(turn);
        assert!(poll(&mut there).is_ready());
        let again = || Box::pin(queue.turn(1, None));
        assert!(matches!(poll(&mut again()), Poll::Ready(Err(_))));
        clock.advance_to(noon() + TimeDelta::seconds(58));
        assert!(matches!(poll(&mut again()), Poll::Ready(Ok(_))));
        queue.close(None, "blocked".into(), Duration::from_secs(3600));
        assert!(matches!(poll(&mut again()), Poll::Ready(Err(_))));
    }

    #[tokio::test]
    async fn the_chat_is_left_alone_for_as_long_as_it_says() {
        let (queue, clock) = queue();
        let turn = first(&queue);
        turn.ready().await;
        turn.said();
        queue.throttled(Duration::from_secs(7));
        let mut ready: Pin<Box<_>> = Box::pin(turn.ready());
        for (millis, done) in [(0, false), (7_000, false), (7_249, false), (7_250, true)] {
            clock.advance_to(noon() + TimeDelta::milliseconds(millis));
            assert_eq!(poll(&mut ready).is_ready(), done, "{millis}");
        }
    }

    #[test]
    fn the_line_has_an_end() {
        let (queue, _) = queue();
        let _turn = first(&queue);
        let all: Vec<Pending> = (0..WAITING)
            .map(|n| waits(&queue, n as u64 % 7, None))
            .collect();
        let mut more = Box::pin(queue.turn(1, None));
        assert!(matches!(
            poll(&mut more),
            Poll::Ready(Err(Passed::Later(_)))
        ));
        drop(all);
    }

    #[test]
    fn pressure_slows_and_calm_quickens() {
        let mut pace = Pace::new();
        let mut now = noon();
        for _ in 0..10 {
            pace.pressed();
        }
        assert_eq!(pace.gap, SLOW);
        for _ in 0..200 {
            now += TimeDelta::seconds(1);
            pace.said(now);
        }
        assert_eq!(pace.gap, QUICK);
        pace.pressed();
        pace.said(now + FORGOTTEN + TimeDelta::seconds(1));
        assert_eq!(pace.gap, QUICK);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn each_room_keeps_its_order_and_none_waits_for_two_turns_of_another(rooms in proptest::collection::vec(0_u64..5, 1..60)) {
            let (queue, _) = queue();
            let mut turn = Some(first(&queue));
            let mut all: Vec<(usize, u64, Pending)> = rooms
                .iter()
                .enumerate()
                .map(|(n, room)| (n, *room, waits(&queue, *room, None)))
                .collect();
            let mut order: Vec<(usize, u64)> = Vec::new();
            while !all.is_empty() {
                drop(turn.take());
                let mut ready = None;
                for (at, (_, _, pending)) in all.iter_mut().enumerate() {
                    if let Poll::Ready(got) = poll(pending) {
                        prop_assert!(ready.is_none(), "one at a time");
                        turn = got.ok();
                        ready = Some(at);
                    }
                }
                let (n, room, _) = all.remove(ready.expect("one has the turn"));
                if let Some((_, before)) = order.last() {
                    let others = all.iter().any(|(_, other, _)| other != before);
                    prop_assert!(room != *before || !others);
                }
                prop_assert!(order.iter().all(|(m, other)| *other != room || *m < n));
                order.push((n, room));
            }
            prop_assert_eq!(queue.state().waiting, 0);
        }
    }
}
