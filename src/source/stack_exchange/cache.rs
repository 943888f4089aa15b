//! Answers that a second reader may have.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::answer::Answer;

/// The most answers that are kept. One has 100 objects, which are some hundred kilobytes.
const MOST: usize = 64;

/// The last answers, by the address that was asked.
#[derive(Default)]
pub(super) struct Cache {
    answers: BTreeMap<String, (DateTime<Utc>, Arc<Answer>)>,
}

impl Cache {
    /// The answer, if it is `fresh`.
    pub fn get(&self, url: &str, fresh: impl Fn(DateTime<Utc>) -> bool) -> Option<Arc<Answer>> {
        let (at, answer) = self.answers.get(url)?;
        fresh(*at).then(|| answer.clone())
    }

    /// Keeps an answer as long as it is `fresh`; where there are too many, the oldest makes room.
    pub fn put(
        &mut self,
        url: String,
        at: DateTime<Utc>,
        answer: Arc<Answer>,
        fresh: impl Fn(DateTime<Utc>) -> bool,
    ) {
        self.answers.retain(|_, (at, _)| fresh(*at));
        self.answers.insert(url, (at, answer));
        while self.answers.len() > MOST {
            let oldest = self.answers.iter().min_by_key(|(_, (at, _))| *at);
            let Some(url) = oldest.map(|(url, _)| url.clone()) else {
                return;
            };
            self.answers.remove(&url);
        }
    }
}
