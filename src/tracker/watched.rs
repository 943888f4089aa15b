//! A source with those who watch it, and who of them wants an item.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::Live;
use crate::filter::{Burden, Folded, Index, Scratch, Sieve};
use crate::model::{Stage, TrackerId};
use crate::source::Poll;
use crate::store::rows::{Broken, SourceRow};

/// So many trackers are asked one by one: an index would take more room than they do, and save nothing.
const FEW: usize = 4;

/// A source with those who watch it.
pub(super) struct Watched {
    pub poll: Arc<dyn Poll>,
    pub watchers: BTreeSet<TrackerId>,
    /// Where its bell hangs, if it has one.
    pub bell: Option<String>,
    /// It rang since the last look began: how long a look waits then.
    pub rung: Option<Duration>,
    /// Why it cannot be read, and who was told, while it may be again.
    pub broken: Option<Broken>,
    /// A look is under way.
    pub looking: bool,
    /// Those that are not paused.
    working: BTreeSet<TrackerId>,
    /// Those of them that wait for a first look, or for the first after a pause.
    unarmed: BTreeSet<TrackerId>,
    /// Those at work that want to know more of an item than its source says, with who looks it up.
    curious: BTreeMap<TrackerId, BTreeSet<&'static str>>,
    /// How often they want the source to be looked at, and how many of them.
    paces: BTreeMap<Duration, usize>,
    /// What is looked for in every item.
    burden: Burden,
    /// All that are not paused; none while they are few.
    index: Option<Box<Index>>,
}

impl Watched {
    pub fn new(poll: Arc<dyn Poll>) -> Watched {
        Watched {
            bell: poll.bell(),
            rung: None,
            broken: None,
            looking: false,
            poll,
            watchers: BTreeSet::new(),
            working: BTreeSet::new(),
            unarmed: BTreeSet::new(),
            curious: BTreeMap::new(),
            paces: BTreeMap::new(),
            burden: Burden::default(),
            index: None,
        }
    }

    /// Takes up how it stood.
    pub fn recall(&mut self, row: SourceRow) {
        self.broken = row.broken.filter(|_| !row.gone);
    }

    /// Takes in a tracker, which wants the source to be looked at this often; `others` are the trackers before it.
    pub fn add(&mut self, live: &Live, pace: Duration, others: &HashMap<TrackerId, Live>) {
        let tracker = &live.tracker;
        self.watchers.insert(tracker.id);
        if tracker.paused {
            return;
        }
        self.working.insert(tracker.id);
        *self.paces.entry(pace).or_default() += 1;
        if tracker.stage != Stage::Armed {
            self.unarmed.insert(tracker.id);
        }
        let readers = live.sieve.readers();
        if !readers.is_empty() {
            self.curious.insert(tracker.id, readers);
        }
        self.burden.add(&live.sieve);
        match &mut self.index {
            Some(index) => index.insert(tracker.id.0, &live.sieve),
            None if self.working.len() > FEW => {
                let mut index = Box::new(Index::new());
                for id in &self.working {
                    if let Some(live) = others.get(id) {
                        index.insert(id.0, &live.sieve);
                    }
                }
                index.insert(tracker.id.0, &live.sieve);
                self.index = Some(index);
            }
            None => {}
        }
    }

    /// Whether the source's items can be read fast enough with such a tracker, too, in the place of an `old` one.
    pub fn bears(&self, sieve: &Sieve, old: Option<&Sieve>) -> bool {
        self.burden.bears(sieve, old)
    }

    /// Lets go of a tracker that was taken in with this pace.
    pub fn remove(&mut self, live: &Live, pace: Duration) {
        let id = live.tracker.id;
        self.watchers.remove(&id);
        self.unarmed.remove(&id);
        self.curious.remove(&id);
        if !self.working.remove(&id) {
            return;
        }
        if let Some(count) = self.paces.get_mut(&pace) {
            *count -= 1;
            if *count == 0 {
                self.paces.remove(&pace);
            }
        }
        self.burden.remove(&live.sieve);
        if let Some(index) = &mut self.index {
            index.remove(id.0);
            if self.working.len() <= FEW / 2 {
                self.index = None;
            }
        }
    }

    /// The interval of the most eager tracker at work; `None` when all pause.
    pub fn interval(&self) -> Option<Duration> {
        self.paces.keys().next().copied()
    }

    /// Those at work that wait for a look.
    pub fn unarmed(&self) -> &BTreeSet<TrackerId> {
        &self.unarmed
    }

    /// Those at work that want to know what the reader of this name looks up.
    pub fn curious(&self, reader: &str) -> impl Iterator<Item = &TrackerId> {
        let wants =
            move |(id, readers): (_, &BTreeSet<&str>)| readers.contains(reader).then_some(id);
        self.curious.iter().filter_map(wants)
    }

    /// Whether none of them wants to know more than the source says.
    pub fn is_content(&self) -> bool {
        self.curious.is_empty()
    }

    /// A tracker has had the look it waited for.
    pub fn arm(&mut self, id: TrackerId) {
        self.unarmed.remove(&id);
    }

    /// Adds to each tracker at work the numbers of the items that it wants.
    pub fn wanted(
        &self,
        items: &[Folded<'_>],
        trackers: &HashMap<TrackerId, Live>,
    ) -> BTreeMap<TrackerId, Vec<usize>> {
        let mut wanted: BTreeMap<TrackerId, Vec<usize>> = BTreeMap::new();
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        for (n, item) in items.iter().enumerate() {
            match &self.index {
                Some(index) => index.find(item, &mut scratch, &mut found),
                None => {
                    let wants = |id: &&TrackerId| {
                        trackers.get(id).is_some_and(|live| live.sieve.wants(item))
                    };
                    found.clear();
                    found.extend(self.working.iter().filter(wants).map(|id| id.0));
                }
            }
            for id in &found {
                wanted.entry(TrackerId(*id)).or_default().push(n);
            }
        }
        wanted
    }
}
