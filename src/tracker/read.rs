//! What must be looked up about the items of a look before it is known who wants them.

use super::Trackers;
use crate::filter::Folded;
use crate::model::SourceId;
use crate::source::Look;
use crate::store::{self, Store, tables};

/// How many of the newest items of a first look are looked up: the others are old, and nobody is told of them.
const AT_FIRST: usize = 50;
/// The most trackers that are asked whether they need a look-up; where there are more, everything new is looked up.
const ASKED: usize = 200;

impl Trackers {
    /// The next reader to ask about a look's items, after those that were `asked`, and about which of them: items that
    /// are new, and that some tracker can neither keep nor drop without it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unread(
        &self,
        store: &Store,
        source: SourceId,
        look: &Look,
        asked: &[&str],
    ) -> Result<Option<(&'static str, Vec<usize>)>, store::Error> {
        let (Some(watched), Some(items)) = (self.sources.get(&source), &look.items) else {
            return Ok(None);
        };
        if watched.is_content() {
            return Ok(None);
        }
        let row = store.get(&tables::SOURCES, &source)?;
        let most = match row.is_some_and(|row| row.looks > 0) {
            true => usize::MAX,
            false => AT_FIRST,
        };
        for reader in self.readers.names().filter(|name| !asked.contains(name)) {
            let curious: Vec<_> = watched
                .curious(reader)
                .filter_map(|id| self.live.get(id))
                .collect();
            if curious.is_empty() {
                continue;
            }
            let mut which = Vec::new();
            for (n, item) in items.iter().enumerate() {
                if store
                    .get(&tables::SEEN, &(source, item.id.clone()))?
                    .is_some()
                {
                    continue;
                }
                // Of so many somebody will want to know, and to find out would hold up the loop.
                if curious.len() > ASKED {
                    which.push(n);
                    continue;
                }
                let folded = Folded::new(item);
                if curious
                    .iter()
                    .any(|live| live.sieve.holds(&folded).is_none())
                {
                    which.push(n);
                }
            }
            which.truncate(most);
            if !which.is_empty() {
                return Ok(Some((reader, which)));
            }
        }
        Ok(None)
    }
}
