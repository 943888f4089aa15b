//! What is looked up about an item because its source does not say it: one file a reader, listed in [`Readers::new`].
//!
//! Invariant: what cannot be looked up is left away. The item is then unsure, and the recipe says what becomes of it.

mod burned;
mod heat;
mod post;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::http::Http;
use crate::model::{Fact, Item};
use crate::source::Shared;

/// What was found out about one item, by the names of `man facts`; or why nothing was, in words for the log.
pub type Found = Result<Vec<(&'static str, Fact)>, String>;

/// After this long a reader says what it knows by then.
const ENOUGH: Duration = Duration::from_secs(12);
/// After this long nobody waits for a reader any more: nothing was looked up.
const LONGEST: Duration = Duration::from_secs(15);

/// Looks something up.
#[async_trait]
pub trait Reader: Send + Sync {
    /// As in the vocabulary of facts.
    fn name(&self) -> &'static str;

    /// Looks up what it knows of each of these, in order. Who asks more than once leaves off after twelve seconds and
    /// says what is in by then.
    async fn read(&self, http: &Http, items: &[&Item]) -> Vec<Found>;
}

/// The readers there are, those first that cost least; clones share them.
#[derive(Clone, Default)]
pub struct Readers(Arc<[Box<dyn Reader>]>);

/// Where is asked what the operator must set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The classifier that gives texts a heat.
    pub heat: Option<String>,
    /// Tagdor, which keeps the list of burned tags.
    pub burned: Option<String>,
}

/// Readers that are there only when the operator has set where to ask.
const BY_OPERATOR: [&str; 2] = ["burned", "heat"];

impl Readers {
    /// All that can be asked here.
    pub fn new(shared: &Shared, settings: &Settings) -> Readers {
        let mut all: Vec<Box<dyn Reader>> = vec![Box::new(post::Post::of(shared))];
        if let Some(url) = &settings.burned {
            all.push(Box::new(burned::Burned::at(url)));
        }
        if let Some(url) = &settings.heat {
            all.push(Box::new(heat::Heat::at(url)));
        }
        Readers(all.into())
    }

    /// Whether a reader of this name is missing only because the operator has not said where to ask.
    pub fn is_unset(&self, name: &str) -> bool {
        BY_OPERATOR.contains(&name) && self.names().all(|known| known != name)
    }

    /// Their names, in the order in which they are asked.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|reader| reader.name())
    }

    /// Adds what the reader of this name knows to some of the items.
    pub async fn read(&self, name: &str, http: &Http, items: &mut [Item], which: &[usize]) {
        let Some(reader) = self.0.iter().find(|reader| reader.name() == name) else {
            return;
        };
        let asked: Vec<&Item> = which.iter().filter_map(|n| items.get(*n)).collect();
        let Ok(found) = tokio::time::timeout(LONGEST, reader.read(http, &asked)).await else {
            let items = asked.len();
            tracing::info!(reader = name, items, "a look-up took too long");
            return;
        };
        for (n, found) in which.iter().zip(found) {
            match (items.get_mut(*n), found) {
                (Some(item), Ok(facts)) => {
                    let facts = facts
                        .into_iter()
                        .map(|(name, fact)| (name.to_string(), fact));
                    item.facts.extend(facts);
                }
                (Some(item), Err(why)) => {
                    tracing::debug!(
                        reader = name,
                        item = item.id.0,
                        why,
                        "nothing was looked up"
                    );
                }
                (None, _) => {}
            }
        }
    }
}
