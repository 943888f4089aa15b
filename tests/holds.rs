//! Whatever is held, let go on, dropped, folded and too old, in whatever order: no report is lost, none is said twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use boson::fact::Readers;
use boson::model::{
    Hold, Mute, Outgoing, Person, PersonId, Recipe, RoomId, Stage, Text, Tracker, TrackerId, Why,
};
use boson::source::Shared;
use boson::store::{Store, tables};
use boson::tracker::{self, Limits, RoomManners, Trackers};
use boson::when;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

/// From this number on stand reports.
const REPORTS: u64 = 1 << 62;

/// A room of the test, and a tracker in it or nobody.
type Lane = (usize, Option<u64>);

#[derive(Clone, Debug)]
enum Op {
    Queue(Lane, Option<i64>),
    Hold(Lane, usize, bool),
    Mute(usize, bool),
    End(Lane, usize),
    Release(Lane),
    /// Says the next, if there is one.
    Say(usize),
    /// Begins to say the next, and ends what was begun: it was said, or not.
    Begin(usize),
    Finish(usize, bool),
    Drop(Lane),
    Undo,
    Bury,
    Fold(usize, usize),
    Wait(i64),
    Try(Lane),
    Commit,
}

fn lane() -> impl Strategy<Value = Lane> {
    (0..2usize, prop::option::weighted(0.8, 1..3u64))
        .prop_map(|(room, tracker)| (room, tracker.map(|tracker| tracker + room as u64 * 10)))
}

fn op(flows: bool) -> impl Strategy<Value = Op> {
    // What is said to try, and what is brought back, does not come in its order.
    let out_of_order = move |op: Op| if flows { op } else { Op::Commit };
    prop_oneof![
        8 => (lane(), prop::option::weighted(0.3, 1..60i64)).prop_map(|(lane, after)| Op::Queue(lane, after)),
        2 => (lane(), 0..4usize, any::<bool>()).prop_map(move |(lane, kind, only)| Op::Hold(lane, kind, flows && only)),
        1 => (0..2usize, any::<bool>()).prop_map(|(room, drop)| Op::Mute(room, drop)),
        1 => (lane(), 0..5usize).prop_map(|(lane, kind)| Op::End(lane, kind)),
        2 => lane().prop_map(Op::Release),
        4 => (0..2usize).prop_map(Op::Say),
        2 => (0..2usize).prop_map(Op::Begin),
        2 => (0..2usize, any::<bool>()).prop_map(|(room, said)| Op::Finish(room, said)),
        1 => lane().prop_map(Op::Drop),
        1 => Just(Op::Undo).prop_map(out_of_order),
        1 => Just(Op::Bury),
        1 => (0..2usize, 1..12usize).prop_map(|(room, most)| Op::Fold(room, most)),
        2 => (1..90i64).prop_map(Op::Wait),
        2 => lane().prop_map(move |lane| out_of_order(Op::Try(lane))),
        2 => Just(Op::Commit),
    ]
}

fn person() -> Person {
    Person {
        id: PersonId("1".into()),
        name: "eve".into(),
    }
}

fn why(kind: usize) -> Why {
    match kind {
        0 => Why::Burst { messages: 21 },
        1 => Why::Repeats { text: "x".into() },
        2 => Why::Killed { by: person() },
        _ => Why::Printer { why: "x".into() },
    }
}

/// Begins a tracker: those that are not there have nothing to say when a hold is tried.
fn start(
    store: &mut Store,
    trackers: &mut Trackers,
    home: &RoomId,
    id: TrackerId,
    now: DateTime<Utc>,
) {
    let recipe = r#"{"source": {"kind": "feed", "url": "https://example.org/feed"}}"#;
    let recipe: Recipe = serde_json::from_str(recipe).expect("a recipe");
    let tracker = Tracker {
        id,
        name: format!("t{id}").parse().unwrap(),
        home: home.clone(),
        room: home.clone(),
        by: person(),
        at: now,
        source: trackers.source_of(store, &recipe).unwrap(),
        recipe,
        paused: false,
        stage: Stage::Armed,
        rested_after: None,
        kept: 0,
        broad: false,
    };
    trackers.set(store, id, Some(tracker), now).unwrap();
}

/// How many reports an entry stands for.
fn weight(outgoing: &Outgoing) -> u64 {
    outgoing.folded.max(1)
}

struct World {
    store: Store,
    trackers: Trackers,
    rooms: [RoomId; 2],
    now: DateTime<Utc>,
    saying: [Option<u64>; 2],
    notices: [Option<u64>; 2],
    queued: u64,
    said: u64,
    buried: u64,
    /// Dropped by mutes that were over since.
    muted_away: u64,
    said_numbers: BTreeSet<u64>,
    /// In each room, by whose they are, in the order in which they were said.
    order: BTreeMap<(usize, Option<TrackerId>), Vec<u64>>,
    dropped: Vec<(usize, u64)>,
    ordered: bool,
}

impl World {
    fn new(ordered: bool) -> World {
        let mut store = Store::memory();
        let manners = |_: &RoomId| RoomManners {
            zone: chrono_tz::UTC,
            order: when::Order::default(),
            longest: 1_000,
            threads: false,
        };
        let mut trackers = Trackers::load(
            &store,
            Limits::default(),
            Arc::new(manners),
            Shared::default(),
            Readers::default(),
        )
        .unwrap();
        let rooms = [RoomId::new("test", "a"), RoomId::new("test", "b")];
        let now = "2026-11-21T09:00:00Z".parse().unwrap();
        for (room, home) in rooms.iter().enumerate() {
            for id in 1..3 {
                let id = TrackerId(id + room as u64 * 10);
                start(&mut store, &mut trackers, home, id, now);
            }
        }
        World {
            store,
            trackers,
            rooms,
            now,
            saying: [None; 2],
            notices: [None; 2],
            queued: 0,
            said: 0,
            buried: 0,
            muted_away: 0,
            said_numbers: BTreeSet::new(),
            order: BTreeMap::new(),
            dropped: Vec::new(),
            ordered,
        }
    }

    fn mute(&self, room: usize) -> u64 {
        let holds = tracker::holds(&self.store, &self.rooms[room], None).unwrap();
        let dropped = holds.iter().map(|hold| match &hold.why {
            Why::Muted(mute) => mute.dropped,
            _ => 0,
        });
        dropped.sum()
    }

    fn next(&self, room: usize) -> Option<(u64, Outgoing)> {
        let next = tracker::waiting(&self.store, &self.rooms[room], usize::MAX).unwrap();
        next.into_iter().find(|(number, _)| *number >= REPORTS)
    }

    fn is_said(&mut self, room: usize, number: u64) {
        let id = self.rooms[room].clone();
        let all = self.everything();
        // It may have been dropped and buried meanwhile: then it counts there.
        let Some(outgoing) = all.get(&number) else {
            tracker::said(&mut self.store, &id, number, None).unwrap();
            return;
        };
        assert!(self.said_numbers.insert(number), "{number} was said twice");
        self.said += weight(outgoing);
        let whose = (room, outgoing.tracker);
        self.order.entry(whose).or_default().push(number);
        tracker::said(&mut self.store, &id, number, None).unwrap();
    }

    /// All that waits, is kept, or was dropped and can be had back.
    fn everything(&self) -> BTreeMap<u64, Outgoing> {
        let mut all = BTreeMap::new();
        for room in &self.rooms {
            let waiting = tracker::waiting(&self.store, room, usize::MAX).unwrap();
            let reports = waiting.into_iter().filter(|(number, _)| *number >= REPORTS);
            for (number, outgoing) in reports {
                assert!(all.insert(number, outgoing).is_none());
            }
            let held = self.store.scan(&tables::HELD, room, usize::MAX).unwrap();
            for ((_, _, number), outgoing) in held {
                let stands = all.insert(number, outgoing);
                assert!(stands.is_none(), "{number} is held and in the outbox");
            }
            let dropped = self.store.scan(&tables::DROPPED, room, usize::MAX).unwrap();
            for ((_, _, number), row) in dropped {
                if let boson::store::rows::DroppedRow::Message(outgoing) = row {
                    let stands = all.insert(number, *outgoing);
                    assert!(stands.is_none(), "{number} is dropped and waits");
                }
            }
        }
        all
    }

    fn act(&mut self, op: &Op, runtime: &tokio::runtime::Runtime) {
        let now = self.now;
        match op {
            Op::Queue((room, tracker), after) => {
                let outgoing = Outgoing {
                    tracker: tracker.map(TrackerId),
                    expires: after.map(|after| now + TimeDelta::minutes(after)),
                    ..Outgoing::new(self.rooms[*room].clone(), Text::line("x"), now)
                };
                tracker::queue(&mut self.store, outgoing).unwrap();
                self.queued += 1;
            }
            Op::Hold((room, tracker), kind, flows) => {
                let id = &self.rooms[*room];
                let whose = tracker.map(TrackerId);
                let mut holds = tracker::holds(&self.store, id, whose).unwrap();
                let why = why(*kind);
                holds.retain(|hold| hold.why.kind() != why.kind());
                holds.push(match flows {
                    true => Hold::of_what_waits(why, now),
                    false => Hold::new(why, now),
                });
                tracker::set_holds(&mut self.store, id, whose, holds).unwrap();
            }
            Op::Mute(room, drop) => {
                self.muted_away += self.mute(*room);
                let mute = Mute {
                    until: None,
                    drop: *drop,
                    by: person(),
                    at: now,
                    dropped: 0,
                };
                let hold = Hold::new(Why::Muted(mute), now);
                tracker::hold_room(&mut self.store, &self.rooms[*room], hold).unwrap();
            }
            Op::End((room, tracker), kind) => {
                let kind = ["burst", "repeats", "killed", "printer", "muted"][*kind];
                if kind == "muted" && tracker.is_none() {
                    self.muted_away += self.mute(*room);
                }
                let whose = tracker.map(TrackerId);
                tracker::end_hold(&mut self.store, &self.rooms[*room], whose, kind).unwrap();
            }
            Op::Release((room, tracker)) => {
                if tracker.is_none() {
                    self.muted_away += self.mute(*room);
                }
                let whose = tracker.map(TrackerId);
                let room = &self.rooms[*room];
                self.trackers
                    .release(&mut self.store, room, whose, now)
                    .unwrap();
            }
            Op::Say(room) => {
                if self.saying[*room].is_none()
                    && let Some((number, _)) = self.next(*room)
                {
                    self.is_said(*room, number);
                }
            }
            Op::Begin(room) => {
                let next = self.next(*room).map(|(number, _)| number);
                self.saying[*room] = self.saying[*room].or(next);
            }
            Op::Finish(room, said) => {
                let Some(number) = self.saying[*room].take() else {
                    return;
                };
                match said {
                    true => self.is_said(*room, number),
                    false => {
                        let room = &self.rooms[*room];
                        tracker::tried(&mut self.store, room, number, 0).unwrap();
                    }
                }
            }
            Op::Drop((room, tracker)) => {
                let whose = tracker.map(TrackerId);
                let dropped = self
                    .trackers
                    .drop_waiting(&mut self.store, &self.rooms[*room], whose, now)
                    .unwrap();
                self.dropped.push((*room, dropped.number));
            }
            Op::Undo => {
                if let Some((room, number)) = self.dropped.pop() {
                    // What a mute drops is counted there.
                    tracker::bring_back(&mut self.store, &self.rooms[room], number).unwrap();
                }
            }
            Op::Bury => {
                if let Some((room, number)) = self.dropped.pop() {
                    let key = (self.rooms[room].clone(), number);
                    let rows = self.store.scan(&tables::DROPPED, &key, usize::MAX).unwrap();
                    self.buried += rows
                        .iter()
                        .map(|(_, row)| match row {
                            boson::store::rows::DroppedRow::Message(outgoing) => weight(outgoing),
                            boson::store::rows::DroppedRow::Item(..) => 0,
                        })
                        .sum::<u64>();
                    tracker::bury(&mut self.store, &self.rooms[room], number).unwrap();
                }
            }
            Op::Fold(room, most) => {
                let saying: Vec<u64> = self.saying[*room].into_iter().collect();
                let line = |_: Option<TrackerId>, count: u64| Text::line(count.to_string());
                let id = self.rooms[*room].clone();
                while tracker::fold(&mut self.store, &id, *most, &saying, line).unwrap() > 0 {}
                let waits = tracker::waiting_reports(&self.store, &id).unwrap();
                // What is being said stays, and one line.
                assert!(waits <= *most.max(&2), "{waits} wait, {most} may");
            }
            Op::Wait(minutes) => {
                self.now += TimeDelta::minutes(*minutes);
                for room in 0..2 {
                    let saying: Vec<u64> = self.saying[room].into_iter().collect();
                    let line = |_: Option<TrackerId>, count: u64| Text::line(count.to_string());
                    let notice = tracker::expire(
                        &mut self.store,
                        &self.rooms[room].clone(),
                        50,
                        &saying,
                        self.notices[room],
                        line,
                        self.now,
                    )
                    .unwrap();
                    self.notices[room] = notice.or(self.notices[room]);
                }
            }
            Op::Try((room, tracker)) => {
                let whose = tracker.map(TrackerId);
                let room = &self.rooms[*room];
                self.trackers
                    .try_hold(&mut self.store, room, whose, now)
                    .unwrap();
            }
            Op::Commit => runtime.block_on(self.store.commit()).unwrap(),
        }
    }

    fn check(&self, op: &Op) {
        let all = self.everything();
        let waits: u64 = all.values().map(weight).sum();
        let muted = self.muted_away + self.mute(0) + self.mute(1);
        assert_eq!(
            self.queued,
            waits + self.said + self.buried + muted,
            "something was lost or came twice at {op:?}: {waits} wait, {} were said, {} are buried, {muted} were muted away",
            self.said,
            self.buried
        );
        for room in &self.rooms {
            for (number, outgoing) in tracker::waiting(&self.store, room, usize::MAX).unwrap() {
                let whose = outgoing.tracker;
                let stopped = tracker::is_stopped(&self.store, room, None).unwrap()
                    || whose.is_some() && tracker::is_stopped(&self.store, room, whose).unwrap();
                assert!(
                    number < REPORTS || !stopped,
                    "{number} is held and may be said at {op:?}"
                );
            }
            let mut kept: BTreeMap<TrackerId, u64> = BTreeMap::new();
            for ((_, tracker, _), _) in self.store.scan(&tables::HELD, room, usize::MAX).unwrap() {
                *kept.entry(tracker).or_default() += 1;
            }
            let counted = self.store.scan(&tables::KEPT, room, usize::MAX).unwrap();
            let counted: BTreeMap<TrackerId, u64> = counted
                .into_iter()
                .map(|((_, tracker), kept)| (tracker, kept))
                .collect();
            assert_eq!(kept, counted, "at {op:?}");
        }
        if self.ordered {
            let of_trackers = self.order.iter().filter(|((_, whose), _)| whose.is_some());
            for (whose, said) in of_trackers {
                assert!(said.is_sorted(), "{whose:?} out of order: {said:?}");
            }
        }
    }
}

fn run(ops: &[Op], ordered: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut world = World::new(ordered);
    for op in ops {
        world.act(op, &runtime);
        world.check(op);
    }
    // At the end everybody lets everything go on: then all of it is said.
    for room in 0..2 {
        world.act(&Op::Finish(room, true), &runtime);
        for tracker in 1..3u64 {
            let lane = (room, Some(tracker + room as u64 * 10));
            world.act(&Op::Release(lane), &runtime);
        }
        world.act(&Op::Release((room, None)), &runtime);
        while world.next(room).is_some() {
            world.act(&Op::Say(room), &runtime);
        }
    }
    world.check(&Op::Commit);
    assert_eq!(
        world.store.count(&tables::HELD, &()).unwrap(),
        0,
        "something waits for nobody"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_report_is_said_once_or_kept_or_counted(ops in prop::collection::vec(op(true), 1..80)) {
        run(&ops, false);
    }

    #[test]
    fn what_was_held_is_said_in_its_order(ops in prop::collection::vec(op(false), 1..80)) {
        run(&ops, true);
    }
}
