//! The reader `heat`: how angry a text sounds, by a classifier that the operator set.
//!
//! Its interface is that of HeatDetector: a list of texts is sent, what comes back has a score for each, and how long
//! to leave it alone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Found, Reader};
use crate::http::{Body, Http, Request};
use crate::model::text::cut;
use crate::model::{Fact, Item};

/// The most texts of one call: more, and it bans for minutes.
const TEXTS: usize = 100;
/// The longest text that is sent, in characters.
const LONGEST: usize = 5000;
/// The site of what is from no site.
const ANYWHERE: &str = "stackoverflow";
/// The time from one call to the next.
const BETWEEN: TimeDelta = TimeDelta::seconds(30);
/// The longest time that it may ask for, in milliseconds.
const LONGEST_REST: u64 = 3_600_000;
/// The longest pattern that is shown, in characters.
const DETAIL: usize = 60;
/// How long it is left alone when it does not let us.
const REFUSED: TimeDelta = TimeDelta::minutes(10);
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(10);
/// How many texts are remembered with their heat.
const REMEMBERED: usize = 4096;

pub(super) struct Heat {
    url: String,
    state: Mutex<State>,
}

struct State {
    /// It is not asked before.
    next: DateTime<Utc>,
    /// The most texts that it takes at once.
    most: usize,
    known: Known,
}

/// Texts with their heat, the latest so many.
#[derive(Default)]
struct Known {
    heat: HashMap<Key, Judgement>,
    order: VecDeque<Key>,
}

/// How angry a text is, and what else was said of it.
#[derive(Clone)]
struct Judgement {
    heat: f64,
    details: String,
}

/// A hash of a text.
type Key = [u8; 16];

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Vec<Judged>,
    /// In milliseconds.
    #[serde(default, rename = "backOff")]
    back_off: u64,
}

#[derive(Deserialize)]
struct Judged {
    id: usize,
    score: f64,
    /// What naïve Bayes finds, from 0 to 1.
    #[serde(default)]
    nb: Option<f64>,
    /// The same of a maximum entropy model (OpenNLP).
    #[serde(default)]
    op: Option<f64>,
    #[serde(default)]
    bad: Option<Bad>,
}

/// A pattern that matched.
#[derive(Deserialize)]
struct Bad {
    #[serde(default)]
    regex: Option<String>,
}

impl Judged {
    /// `naïve Bayes 0.9, OpenNLP 0.8, matches /idiot/`
    fn details(&self) -> String {
        let part = |name: &str, part: Option<f64>| {
            let part = part.filter(|part| part.is_finite())?;
            Some(format!("{name} {}", (part * 100.0).round() / 100.0))
        };
        let bad = self.bad.as_ref().and_then(|bad| bad.regex.as_deref());
        let bad = bad.filter(|regex| !regex.is_empty());
        let parts = [
            part("naïve Bayes", self.nb),
            part("OpenNLP", self.op),
            bad.map(|regex| format!("matches /{}/", cut(regex, DETAIL))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Heat {
    pub fn at(url: &str) -> Heat {
        Heat {
            url: url.into(),
            state: Mutex::new(State {
                next: DateTime::UNIX_EPOCH,
                most: TEXTS,
                known: Known::default(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the state")
    }

    /// Asks for the heat of texts that are not known, as many as fit, and remembers it.
    async fn ask(
        &self,
        http: &Http,
        site: &str,
        texts: &BTreeMap<Key, String>,
    ) -> Result<(), String> {
        let now = http.now();
        let some: Vec<(Key, &String)> = {
            let mut state = self.state();
            let unknown = texts
                .iter()
                .filter(|(key, _)| !state.known.heat.contains_key(*key));
            let some: Vec<_> = unknown
                .take(state.most)
                .map(|(key, text)| (*key, text))
                .collect();
            if some.is_empty() {
                return Ok(());
            }
            if now < state.next {
                let seconds = (state.next - now).num_seconds() + 1;
                return Err(format!("it is asked again in {seconds} seconds"));
            }
            // Whoever comes meanwhile does not ask at the same time.
            state.next = now + BETWEEN;
            some
        };
        let contents: Vec<_> = some
            .iter()
            .enumerate()
            .map(|(n, (_, text))| json!({"id": n + 1, "text": text}))
            .collect();
        let asked = json!({"domain": site, "minScore": 0, "contents": contents});
        let request = Request::new(&self.url)
            .accept("application/json")
            .whatever_it_says()
            .within(WITHIN);
        let page = http
            .post(request, Body::json(&asked))
            .await
            .map_err(|error| error.to_string())?;
        let mut state = self.state();
        match page.status {
            200..=299 => {}
            413 => {
                state.most = (some.len() / 2).max(1);
                return Err("that was too much at once".into());
            }
            403 => {
                state.next = now + REFUSED;
                return Err("the classifier does not let us".into());
            }
            status => return Err(format!("the classifier answered {status}")),
        }
        if some.len() == state.most {
            // It may take more again than it once did.
            state.most = (state.most + 1).min(TEXTS);
        }
        let answer: Answer = serde_json::from_slice(&page.body)
            .map_err(|_| "what the classifier said makes no sense".to_string())?;
        let rest = answer.back_off.min(LONGEST_REST) as i64;
        state.next = now + BETWEEN.max(TimeDelta::milliseconds(rest));
        for judged in answer.result {
            let text = judged.id.checked_sub(1).and_then(|n| some.get(n));
            if let Some((key, _)) = text
                && judged.score.is_finite()
            {
                let judgement = Judgement {
                    heat: judged.score,
                    details: judged.details(),
                };
                state.known.add(*key, judgement);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Reader for Heat {
    fn name(&self) -> &'static str {
        "heat"
    }

    async fn read(&self, http: &Http, items: &[&Item]) -> Vec<Found> {
        let keyed: Vec<Option<(Key, String)>> = items.iter().map(|item| text(item)).collect();
        let texts: BTreeMap<Key, String> = keyed.iter().flatten().cloned().collect();
        // They are of one source, so of one site.
        let site = items.iter().find_map(|item| site(item)).unwrap_or(ANYWHERE);
        let asked = self.ask(http, site, &texts).await;
        let state = self.state();
        let unsure = texts
            .keys()
            .filter(|key| !state.known.heat.contains_key(*key))
            .count();
        if unsure > 0 {
            let why = asked
                .as_ref()
                .err()
                .map_or("too many at once", String::as_str);
            tracing::info!(unsure, why, "nobody knows how angry some texts are");
        }
        keyed
            .iter()
            .map(|keyed| {
                let (key, _) = keyed.as_ref().ok_or("there is no text")?;
                match (state.known.heat.get(key), &asked) {
                    (Some(judgement), _) => Ok(vec![
                        ("heat", Fact::Number(judgement.heat)),
                        ("heat-details", Fact::Text(judgement.details.clone())),
                    ]),
                    (None, Err(why)) => Err(why.clone()),
                    (None, Ok(())) => Err("the classifier said nothing about it".into()),
                }
            })
            .collect()
    }
}

/// What the API calls the site that an item is from.
fn site(item: &Item) -> Option<&str> {
    match item.facts.get("site")? {
        Fact::Words(site) => site.last().map(String::as_str),
        Fact::Number(_) | Fact::Time(_) | Fact::Yes(_) | Fact::Text(_) => None,
    }
}

/// What is judged of an item, with its hash.
fn text(item: &Item) -> Option<(Key, String)> {
    let text = cut(item.body.trim(), LONGEST);
    let mut key = Key::default();
    key.copy_from_slice(&Sha256::digest(&text)[..16]);
    (!text.is_empty()).then_some((key, text))
}

impl Known {
    fn add(&mut self, key: Key, judgement: Judgement) {
        if self.heat.insert(key, judgement).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.heat.remove(&oldest);
        }
    }
}
