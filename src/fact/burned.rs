//! The reader `burned`: whether a tag was removed from its site on purpose, by the list that Tagdor keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{ENOUGH, Found, Reader};
use crate::http::{Http, Request};
use crate::model::{Fact, Item};

/// How long what was said of a tag is believed.
const LASTS: TimeDelta = TimeDelta::days(1);
/// How many tags are remembered.
const REMEMBERED: usize = 5000;
/// The most tags that are asked for at a time; the others are unknown.
const TAGS: usize = 30;
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(10);

pub(super) struct Burned {
    url: String,
    /// After this long no more tags are asked for.
    enough: Duration,
    known: Mutex<BTreeMap<String, Known>>,
}

struct Known {
    burned: bool,
    at: DateTime<Utc>,
}

impl Burned {
    pub fn at(url: &str) -> Burned {
        Burned {
            url: url.into(),
            enough: ENOUGH,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known
            .lock()
            .expect("nothing panics while it holds the tags")
    }

    /// Asks for tags that are not known, until Tagdor cannot be reached; says why some are still not.
    async fn ask(&self, http: &Http, tags: &BTreeSet<&str>) -> Result<(), String> {
        let now = http.now();
        let fresh = |known: &Known| now - known.at < LASTS;
        let unknown: Vec<&str> = {
            let known = self.known();
            let unknown = tags
                .iter()
                .copied()
                .filter(|tag| !known.get(*tag).is_some_and(fresh));
            unknown.collect()
        };
        let mut outcome = match unknown.len() > TAGS {
            true => Err("those are too many tags at once".into()),
            false => Ok(()),
        };
        for tag in unknown.iter().take(TAGS) {
            let burned = match self.look(http, tag).await? {
                Ok(burned) => burned,
                Err(why) => {
                    outcome = Err(why);
                    continue;
                }
            };
            let mut known = self.known();
            known.insert((*tag).into(), Known { burned, at: now });
            if known.len() > REMEMBERED {
                forget(&mut known);
            }
        }
        outcome
    }

    /// Whether a tag was burned; inside, why that is not said.
    async fn look(&self, http: &Http, tag: &str) -> Result<Result<bool, String>, String> {
        let mut url = Url::parse(&self.url).map_err(|error| error.to_string())?;
        url.path_segments_mut()
            .map_err(|()| "its address makes no sense")?
            .pop_if_empty()
            .extend(["tags", tag]);
        let request = Request::new(url)
            .accept("application/json")
            .whatever_it_says()
            .within(WITHIN);
        let page = http.get(request).await.map_err(|error| error.to_string())?;
        match page.status {
            200..=299 => {}
            // Not in the list.
            404 => return Ok(Ok(false)),
            status => return Ok(Err(format!("Tagdor answered {status}"))),
        }
        let said: Value = serde_json::from_slice(&page.body).unwrap_or_default();
        Ok(match said.get("burninated") {
            Some(Value::Bool(burned)) => Ok(*burned),
            Some(Value::Null) => Ok(false),
            // When, or by which request.
            Some(Value::Number(_) | Value::String(_)) => Ok(true),
            Some(Value::Array(_) | Value::Object(_)) | None => Err("Tagdor does not say".into()),
        })
    }
}

/// Forgets what was heard longest ago.
fn forget(known: &mut BTreeMap<String, Known>) {
    let oldest = known.iter().min_by_key(|(_, known)| known.at);
    if let Some(tag) = oldest.map(|(tag, _)| tag.clone()) {
        known.remove(&tag);
    }
}

#[async_trait]
impl Reader for Burned {
    fn name(&self) -> &'static str {
        "burned"
    }

    async fn read(&self, http: &Http, items: &[&Item]) -> Vec<Found> {
        let tags = items.iter().flat_map(|item| &item.tags);
        let tags = tags.map(String::as_str).collect();
        let asked = tokio::time::timeout(self.enough, self.ask(http, &tags)).await;
        let asked = asked.unwrap_or_else(|_| Err("Tagdor takes too long".into()));
        let known = self.known();
        items
            .iter()
            .map(|item| {
                let tags = || item.tags.iter().map(|tag| known.get(tag));
                let burned = match tags().flatten().any(|known| known.burned) {
                    true => true,
                    false if item.tags.is_empty() => return Err("it has no tags".into()),
                    false if tags().all(|known| known.is_some()) => false,
                    false => return Err(asked.clone().err().unwrap_or_default()),
                };
                Ok(vec![("burned", Fact::Yes(burned))])
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::http;
    use crate::model::ItemId;

    fn with(tags: &[&str]) -> Item {
        Item {
            id: ItemId("1".into()),
            revision: 0,
            title: String::new(),
            body: String::new(),
            author: None,
            url: None,
            at: DateTime::UNIX_EPOCH,
            seen: DateTime::UNIX_EPOCH,
            tags: tags.iter().map(ToString::to_string).collect(),
            facts: Default::default(),
        }
    }

    #[tokio::test]
    async fn what_is_not_in_by_the_end_is_unsure_and_the_rest_is_said() {
        let settings = http::Settings {
            allow_private: true,
            ..http::Settings::default()
        };
        let http = Http::new(settings, Clock::stopped(DateTime::UNIX_EPOCH)).unwrap();
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let reader = Burned {
            enough: Duration::ZERO,
            ..Burned::at(&format!("http://{}/", silent.local_addr().unwrap()))
        };
        let known = Known {
            burned: true,
            at: DateTime::UNIX_EPOCH,
        };
        reader.known().insert("homework".into(), known);
        let items = [with(&["homework", "ale"]), with(&["ale"])];
        let found = reader.read(&http, &[&items[0], &items[1]]).await;
        assert_eq!(found[0], Ok(vec![("burned", Fact::Yes(true))]));
        assert_eq!(found[1], Err("Tagdor takes too long".into()));
    }
}
