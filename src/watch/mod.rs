//! What can be seen of the loop from outside: whether it lives, and whether it is of use.
//!
//! An idle loop sleeps, for hours where nothing is due. So nobody waits for a beat of it: whoever wants to know asks for
//! a turn, and the loop takes an empty one.

mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use crate::meter;

pub use page::serve;

/// How the loop stands, for those beside it; clones are the same.
#[derive(Clone, Default)]
pub struct Pulse(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Somebody wants a turn.
    wanted: Notify,
    /// They want figures, too.
    figures: AtomicBool,
    turns: watch::Sender<u64>,
    stage: watch::Sender<Stage>,
    state: Mutex<State>,
}

/// How far a process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Starting,
    /// It hears every platform, and has said what waited.
    Running,
    Stopping,
    /// It stops, and begins anew at once.
    Rebooting,
}

#[derive(Default)]
struct State {
    /// When the turn that is under way began.
    turn: Option<Instant>,
    /// When somebody asked for a turn first that was not taken yet.
    asked: Option<Instant>,
    /// The store takes nothing any more.
    broken: bool,
    /// Platforms that cannot be used, each with words that stand after "because".
    troubles: BTreeMap<String, String>,
    /// Platforms of which nothing was heard yet.
    awaited: BTreeSet<String>,
    rooms: usize,
    trackers: usize,
}

impl Pulse {
    fn state(&self) -> MutexGuard<'_, State> {
        // It is as good as it was, whatever panicked beside it.
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody wants a turn.
    pub async fn wanted(&self) {
        self.0.wanted.notified().await;
    }

    /// A turn begins.
    pub fn begins(&self) -> Instant {
        let now = Instant::now();
        self.state().turn = Some(now);
        now
    }

    /// The turn has ended; whether somebody wants figures now.
    pub fn ends(&self) -> bool {
        let mut state = self.state();
        state.turn = None;
        state.asked = None;
        drop(state);
        self.0.figures.swap(false, Ordering::Relaxed)
    }

    /// What came of the turn can be seen by those who asked for it.
    pub fn shown(&self) {
        self.0.turns.send_modify(|turns| *turns += 1);
    }

    /// It hears these platforms from now on. Those on this machine need not connect to anything.
    pub fn listens(&self, far: impl IntoIterator<Item = String>) {
        self.state().awaited = far.into_iter().collect();
    }

    /// Something was heard of a platform.
    pub fn heard_of(&self, platform: &str) {
        let mut state = self.state();
        if !state.awaited.is_empty() {
            state.awaited.remove(platform);
        }
    }

    /// A platform cannot be used for this reason, or can be used again.
    pub fn trouble(&self, platform: &str, why: Option<&str>) {
        let mut state = self.state();
        match why {
            Some(why) => state.troubles.insert(platform.into(), why.into()),
            None => {
                state.awaited.remove(platform);
                state.troubles.remove(platform)
            }
        };
    }

    /// The store takes nothing any more.
    pub fn breaks(&self) {
        self.state().broken = true;
    }

    /// How much there is to look after.
    pub fn counts(&self, rooms: usize, trackers: usize) {
        let mut state = self.state();
        (state.rooms, state.trackers) = (rooms, trackers);
    }

    pub fn reaches(&self, stage: Stage) {
        self.0.stage.send_replace(stage);
    }

    /// How far it is, and each change of that.
    pub fn stage(&self) -> watch::Receiver<Stage> {
        self.0.stage.subscribe()
    }

    /// Asks the loop for a turn; whether it took one within this time.
    pub async fn takes_turn(&self, within: Duration) -> bool {
        let mut turns = self.0.turns.subscribe();
        turns.mark_unchanged();
        self.state().asked.get_or_insert_with(Instant::now);
        self.0.wanted.notify_one();
        matches!(
            tokio::time::timeout(within, turns.changed()).await,
            Ok(Ok(()))
        )
    }

    /// Asks the loop for a turn that ends with fresh figures.
    pub async fn takes_stock(&self, within: Duration) -> bool {
        self.0.figures.store(true, Ordering::Relaxed);
        self.takes_turn(within).await
    }

    /// How long the loop has given no sign of life, although somebody asked for one or it is in the midst of a turn.
    pub fn silent(&self) -> Duration {
        let state = self.state();
        let since = state.turn.into_iter().chain(state.asked).min();
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Why the bot is of no use at present, a reason a line; nothing when all is well.
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        match *self.0.stage.borrow() {
            Stage::Starting => lacks.push("it starts".into()),
            Stage::Running => {}
            Stage::Stopping => lacks.push("it stops".into()),
            Stage::Rebooting => lacks.push("it reboots".into()),
        }
        let state = self.state();
        if state.broken {
            lacks.push("the store takes nothing any more".into());
        }
        let troubles = state.troubles.iter();
        lacks.extend(troubles.map(|(platform, why)| format!("{platform} cannot be used: {why}")));
        let awaited = state.awaited.iter();
        let awaited = awaited.filter(|platform| {
            !state.troubles.contains_key(*platform) && !meter::was_connected(platform)
        });
        lacks.extend(awaited.map(|platform| format!("{platform} is not connected yet")));
        lacks
    }

    /// How it stands, in one line.
    pub fn words(&self) -> String {
        let lacks = self.lacks();
        if !lacks.is_empty() {
            return lacks.join("; ");
        }
        let state = self.state();
        let count = |n: usize, word: &str| match n {
            1 => format!("1 {word}"),
            n => format!("{n} {word}s"),
        };
        format!(
            "in {}, {}",
            count(state.rooms, "room"),
            count(state.trackers, "tracker")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_idle_loop_takes_a_turn_when_it_is_asked() {
        let pulse = Pulse::default();
        let nobody = pulse.takes_turn(Duration::from_millis(10)).await;
        assert!(!nobody, "nobody is there");
        let one = pulse.clone();
        let turns = tokio::spawn(async move {
            loop {
                one.wanted().await;
                one.begins();
                one.ends();
                one.shown();
            }
        });
        let patience = Duration::from_secs(60);
        assert!(pulse.takes_turn(patience).await);
        assert!(pulse.takes_stock(patience).await);
        assert_eq!(pulse.silent(), Duration::ZERO);
        turns.abort();
    }

    #[test]
    fn what_is_lacking_is_said() {
        let pulse = Pulse::default();
        assert_eq!(pulse.lacks(), ["it starts"]);
        pulse.listens(["slack".to_string(), "irc".to_string()]);
        pulse.reaches(Stage::Running);
        pulse.trouble("slack", Some("its token was revoked"));
        assert_eq!(
            pulse.lacks(),
            [
                "slack cannot be used: its token was revoked",
                "irc is not connected yet"
            ]
        );
        pulse.heard_of("irc");
        pulse.trouble("slack", None);
        assert_eq!(pulse.lacks(), [""; 0]);
        pulse.counts(1, 2);
        assert_eq!(pulse.words(), "in 1 room, 2 trackers");
        pulse.breaks();
        pulse.reaches(Stage::Stopping);
        assert_eq!(pulse.words(), "it stops; the store takes nothing any more");
    }
}
