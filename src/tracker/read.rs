//! What must be looked up about the items of a look before it is known who wants them.

use super::Trackers;
use crate::filter::Folded;
use crate::model::SourceId;
use crate::source::Look;
use crate::store::{self, Store, tables};

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
                let folded = Folded::new(item);
                if curious
                    .iter()
                    .any(|live| live.sieve.holds(&folded).is_none())
                {
                    which.push(n);
                }
            }
            if !which.is_empty() {
                return Ok(Some((reader, which)));
            }
        }
        Ok(None)
    }
}
