//! The looks that are due: so many at a time, and of one host never more than two, so that a slow host keeps
//! nobody waiting but itself.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::model::SourceId;
use crate::tracker::Order;

/// The most looks under way.
const AT_ONCE: usize = 64;
/// The most looks under way at one host.
const PER_LINE: usize = 2;

/// Looks under way, and lines of looks that wait.
#[derive(Default)]
pub(super) struct Looks {
    /// Every source that is under way or waits, with the line it stands in; none when it no longer keeps its host busy.
    sources: HashMap<SourceId, Option<String>>,
    lines: HashMap<String, Line>,
    /// Lines that may have one to start.
    ready: VecDeque<String>,
    under_way: usize,
}

#[derive(Default)]
struct Line {
    under_way: usize,
    waiting: VecDeque<Order>,
}

impl Looks {
    /// Puts a look at the end of its line, unless its source stands there already.
    pub(super) fn add(&mut self, order: Order) {
        let line = order.poll.line();
        if let Entry::Vacant(place) = self.sources.entry(order.source) {
            place.insert(Some(line.clone()));
            self.lines
                .entry(line.clone())
                .or_default()
                .waiting
                .push_back(order);
            self.ready.push_back(line);
        }
    }

    /// The next look that may start now.
    pub(super) fn start(&mut self) -> Option<Order> {
        while self.under_way < AT_ONCE {
            let name = self.ready.pop_front()?;
            let Some(line) = self
                .lines
                .get_mut(&name)
                .filter(|line| line.under_way < PER_LINE)
            else {
                // It comes back when one of its looks does.
                continue;
            };
            if let Some(order) = line.waiting.pop_front() {
                line.under_way += 1;
                self.under_way += 1;
                return Some(order);
            }
        }
        None
    }

    /// A look came back.
    pub(super) fn done(&mut self, source: SourceId) {
        if let Some(Some(line)) = self.sources.remove(&source) {
            self.left(line);
        }
    }

    /// A look came back, and something has to be looked up about it elsewhere: it is still under way, but its place in
    /// the line is for the next.
    pub(super) fn looks_up(&mut self, source: SourceId) {
        if let Some(line) = self.sources.get_mut(&source).and_then(Option::take) {
            self.left(line);
        }
    }

    fn left(&mut self, name: String) {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(line) = self.lines.get_mut(&name) {
            line.under_way = line.under_way.saturating_sub(1);
            if !line.waiting.is_empty() {
                self.ready.push_back(name);
            } else if line.under_way == 0 {
                self.lines.remove(&name);
            }
        }
    }

    pub(super) fn contains(&self, source: SourceId) -> bool {
        self.sources.contains_key(&source)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.sources.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use async_trait::async_trait;

    use super::*;
    use crate::source::{Asking, Look, LookError, Poll};

    /// A source that stands in the line of this name.
    struct In(&'static str);

    #[async_trait]
    impl Poll for In {
        fn name(&self) -> String {
            self.0.into()
        }

        fn key(&self) -> String {
            self.0.into()
        }

        fn line(&self) -> String {
            self.0.into()
        }

        fn short(&self) -> String {
            self.0.into()
        }

        async fn look(&self, _: &Asking<'_>) -> Result<Look, LookError> {
            unreachable!("lines do not look")
        }
    }

    fn order(source: u64, line: &'static str) -> Order {
        Order {
            source: SourceId(source),
            poll: Arc::new(In(line)),
            cursor: serde_json::Value::Null,
            every: std::time::Duration::from_secs(600),
        }
    }

    fn started(looks: &mut Looks) -> Vec<u64> {
        std::iter::from_fn(|| looks.start())
            .map(|order| order.source.0)
            .collect()
    }

    #[test]
    fn a_host_waits_in_its_own_line() {
        let mut looks = Looks::default();
        for source in 1..=100 {
            looks.add(order(source, "slow"));
        }
        looks.add(order(101, "quick"));
        looks.add(order(1, "slow"));
        assert_eq!(looks.len(), 101, "a source stands in line once");
        assert_eq!(started(&mut looks), [1, 2, 101]);
        looks.done(SourceId(2));
        assert_eq!(started(&mut looks), [3]);
        looks.done(SourceId(101));
        assert_eq!(started(&mut looks), [0; 0]);
        // What is looked up keeps no place, and is not begun anew.
        looks.looks_up(SourceId(1));
        assert_eq!(started(&mut looks), [4]);
        looks.add(order(1, "slow"));
        assert!(looks.contains(SourceId(1)));
        looks.looks_up(SourceId(1));
        looks.done(SourceId(1));
        assert_eq!(started(&mut looks), [0; 0]);
    }

    #[test]
    fn every_look_gets_its_turn_and_nothing_is_kept() {
        let mut looks = Looks::default();
        let names: HashSet<&'static str> = ["a", "b", "c"].into();
        for (n, name) in names.iter().cycle().take(300).enumerate() {
            looks.add(order(n as u64, name));
        }
        let mut seen = HashSet::new();
        while !looks.is_empty() {
            let now = started(&mut looks);
            assert!(!now.is_empty() && now.len() <= 6);
            for source in now {
                assert!(seen.insert(source));
                looks.done(SourceId(source));
            }
        }
        assert_eq!(seen.len(), 300);
        assert!(looks.lines.is_empty() && looks.under_way == 0);
    }
}
