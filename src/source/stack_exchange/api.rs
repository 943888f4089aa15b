//! The API of Stack Exchange, asked by one for all: quota, back-offs, filters and answers are shared.
//!
//! Source: api.stackexchange.com/docs, version 2.3.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use url::form_urlencoded;

use super::answer::{Answer, Wrapper};
use super::bell;
use super::budget::{Budget, Looked, WITH_KEY};
use super::cache::Cache;
use super::object::WRAPPER;
use super::rung::Rung;
use super::sites::{self, Directory, Site};
use super::wrong;
use crate::clock::Clock;
use crate::http::{Http, HttpError, Request};
use crate::model::Refusal;
use crate::source::{LookError, Ring};

/// How the API is asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Without a slash at the end.
    pub url: String,
    /// The web socket that tells what happens; none, and only asking finds out.
    pub websocket: Option<String>,
    /// Raises the day's quota from 300 to 10,000 requests.
    pub key: Option<SecretString>,
    /// Has a quota of its own; only together with a key.
    pub token: Option<SecretString>,
    /// What is listened to there: everything, or only sites by their numbers.
    pub channels: Vec<String>,
    /// How old an answer may be for a second reader.
    pub max_age: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            url: "https://api.stackexchange.com/2.3".into(),
            websocket: None,
            key: None,
            token: None,
            channels: vec![bell::EVERYWHERE.into()],
            max_age: Duration::from_secs(60),
        }
    }
}

/// The API, and what is known of how it wants to be asked.
#[derive(Default)]
pub struct Api {
    settings: Settings,
    state: Mutex<State>,
    /// Something of it is watched, so that it is worth while to listen.
    watched: Notify,
}

#[derive(Default)]
struct State {
    kept: Kept,
    /// As of [`Api::changes`].
    saved: Kept,
    cache: Cache,
    budget: Budget,
    budget_saved: Option<DateTime<Utc>>,
    /// When the last request was made.
    asked: Option<DateTime<Utc>>,
    /// Since when every request is put off.
    busy: Option<DateTime<Utc>>,
    /// How far their clock is ahead of ours.
    ahead: TimeDelta,
    sites: Sites,
    sites_saved: Option<DateTime<Utc>>,
    /// The list is not asked for before.
    sites_rest: Option<DateTime<Utc>>,
    rung: Rung,
    /// The web socket is heard.
    heard: bool,
}

/// The world of sources that this is.
const WORLD: &str = "stack-exchange";
/// The most rings that wait; the bell makes fewer of those that nobody takes.
const RINGS: usize = 64;

/// How often it is asked whether it is still worth while to listen.
const IDLE: TimeDelta = TimeDelta::hours(1);

/// Where the bell of a site hangs.
pub(super) fn bell_of(site: &str) -> String {
    format!("{WORLD}/{site}")
}

/// Who puts everything off for so long is broken.
const BUSY: TimeDelta = TimeDelta::minutes(15);
/// Clocks that differ by less are taken for the same.
const EXACT: TimeDelta = TimeDelta::seconds(30);
/// The name under which the list of sites is kept.
const LIST: &str = "stack-exchange/sites";
/// The name under which the budget is kept.
const BUDGET: &str = "stack-exchange/budget";
/// How often it is written, as it changes at each look and is only an estimate.
const BUDGET_RESTS: TimeDelta = TimeDelta::minutes(10);
/// How long the list of sites is as good as new.
const LIST_LASTS: TimeDelta = TimeDelta::days(1);
/// How long after it was asked for it is asked for again.
const LIST_RESTS: TimeDelta = TimeDelta::hours(1);
/// The most pages of the list; four are enough.
const LIST_PAGES: usize = 20;

const SITE: &[&str] = &[
    "site.aliases",
    "site.api_site_parameter",
    "site.name",
    "site.site_type",
    "site.site_url",
];

/// The sites there are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Sites {
    all: Directory,
    /// When the network gave them; those that came with the program are of no time.
    at: Option<DateTime<Utc>>,
}

/// What survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// The filters made so far, by the hash of their fields.
    filters: BTreeMap<String, String>,
    /// Methods that must not be asked before a time.
    backoff: BTreeMap<String, DateTime<Utc>>,
    /// Nothing may be asked before.
    banned: Option<DateTime<Utc>>,
}

/// One request.
pub(super) struct Call<'a> {
    /// Below the API's address, with `{ids}` for the ids: what back-offs count by.
    pub method: &'a str,
    pub ids: &'a [u64],
    pub site: Option<&'a str>,
    pub params: Vec<(&'a str, String)>,
    /// The fields wanted, beside those of the wrapper.
    pub fields: &'a [&'a [&'a str]],
    /// Somebody else may soon ask the very same.
    pub repeats: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// It must not be asked for so long; nothing is wrong.
    NotYet(Duration),
    Trouble(LookError),
}

impl From<LookError> for Unanswered {
    fn from(error: LookError) -> Unanswered {
        Unanswered::Trouble(error)
    }
}

impl Api {
    pub fn new(settings: Settings) -> Api {
        let state = State {
            budget: match settings.key {
                Some(_) => Budget::new(WITH_KEY),
                None => Budget::default(),
            },
            ..State::default()
        };
        Api {
            settings,
            state: Mutex::new(state),
            watched: Notify::new(),
        }
    }

    /// How the day's requests are spent, as it stands.
    pub fn budget(&self) -> Budget {
        self.state().budget.clone()
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What must survive a restart, by name, as far as it has changed since this was last asked.
    pub fn changes(&self) -> Vec<(&'static str, Value)> {
        let mut state = self.state();
        let mut changes = Vec::new();
        if state.kept != state.saved {
            state.saved = state.kept.clone();
            changes.extend(serde_json::to_value(&state.kept).map(|kept| (WORLD, kept)));
        }
        if let Some(now) = state.asked
            && state.budget_saved.is_none_or(|at| now - at >= BUDGET_RESTS)
        {
            state.budget_saved = Some(now);
            changes.extend(serde_json::to_value(&state.budget).map(|budget| (BUDGET, budget)));
        }
        if state.sites.at != state.sites_saved {
            state.sites_saved = state.sites.at;
            changes.extend(serde_json::to_value(&state.sites).map(|sites| (LIST, sites)));
        }
        // What one API said is nothing to another, such as a stand-in.
        let with_address = |value| json!({"of": self.settings.url, "is": value});
        changes
            .into_iter()
            .map(|(name, value)| (name, with_address(value)))
            .collect()
    }

    /// Takes up what survived under a name of its own; what is not understood, or is of another API, is forgotten.
    pub fn recall(&self, name: &str, value: &Value) {
        if value.get("of").and_then(Value::as_str) != Some(&self.settings.url) {
            return;
        }
        let (mut state, value) = (self.state(), &value["is"]);
        match name {
            WORLD => {
                state.kept = serde_json::from_value(value.clone()).unwrap_or_default();
                state.saved = state.kept.clone();
            }
            BUDGET => {
                if let Ok(budget) = serde_json::from_value(value.clone()) {
                    state.budget = budget;
                    // Nobody listens yet.
                    state.budget.bell(false);
                }
            }
            LIST => {
                state.sites = serde_json::from_value(value.clone()).unwrap_or_default();
                state.sites_saved = state.sites.at;
            }
            _ => {}
        }
    }

    /// From now on somebody listens to the web socket.
    pub fn watch(&self) {
        self.watched.notify_one();
    }

    /// Listens to the web socket while something is looked at, for as long as somebody takes the rings.
    pub async fn listen(&self, http: &Http, clock: &Clock, rings: Sender<Ring>) {
        let Some(url) = &self.settings.websocket else {
            return;
        };
        loop {
            tokio::select! {
                () = self.watched.notified() => {}
                () = rings.closed() => return,
            }
            tokio::select! {
                () = self.tell(url, http, clock, &rings) => return,
                () = self.idle(clock) => {}
            }
            // What was looked at before is no reason to listen again.
            let _ = self.watched.notified().now_or_never();
            if rings.send(Ring::Down(WORLD)).await.is_err() {
                return;
            }
        }
    }

    /// Waits until nothing is looked at any more.
    async fn idle(&self, clock: &Clock) {
        loop {
            clock.until(clock.now() + IDLE).await;
            if !self.state().budget.has_streams() {
                return;
            }
        }
    }

    /// Hands on what the web socket says, until nobody takes it any more.
    async fn tell(&self, url: &str, http: &Http, clock: &Clock, rings: &Sender<Ring>) {
        let (sender, mut heard) = tokio::sync::mpsc::channel(RINGS);
        let listening = bell::listen(
            http.clone(),
            clock.clone(),
            bell::Settings {
                channels: self.settings.channels.clone(),
                ..bell::Settings::everywhere(url)
            },
            sender,
        );
        let telling = async {
            while let Some(ring) = heard.recv().await {
                let ring = match ring {
                    bell::Ring::Up => Ring::Up(WORLD),
                    bell::Ring::Down { why } => {
                        tracing::info!(why, "Stack Exchange is asked as if it had no web socket");
                        Ring::Down(WORLD)
                    }
                    bell::Ring::Activity { site, question } => Ring::Activity {
                        bell: bell_of(&sites::api_of(&site).unwrap_or(site)),
                        id: question,
                    },
                };
                if rings.send(ring).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = listening => {}
            () = telling => {}
        }
    }

    /// Takes what the web socket says.
    pub fn rang(&self, ring: &Ring) {
        let mut state = self.state();
        match ring {
            Ring::Activity { bell, id } => {
                let site = bell.rsplit('/').next().unwrap_or_default();
                state.rung.heard(site, *id);
            }
            Ring::Up(_) => state.heard = true,
            Ring::Down(_) => state.heard = false,
        }
        let heard = state.heard;
        state.budget.bell(heard);
    }

    /// Whether the web socket is heard.
    pub(super) fn is_heard(&self) -> bool {
        self.state().heard
    }

    /// A look was made: how long its stream best waits for the next.
    pub(super) fn looked(&self, key: &str, look: Looked, now: DateTime<Utc>) -> Duration {
        self.state().budget.looked(key, look, now)
    }

    /// A stream is not looked at any more: its share of the day's requests is free.
    pub fn forget(&self, key: &str) {
        let mut state = self.state();
        state.budget.forget(key);
        state.rung.forget(key);
    }

    /// How long a stream best waits from one look to the next, as it stands.
    pub(super) fn pace(&self, key: &str, now: DateTime<Utc>) -> Option<Duration> {
        self.state().budget.pace(key, now)
    }

    /// How long to wait before a stream is looked at that was just rung.
    pub(super) fn answer(&self, key: &str, now: DateTime<Utc>) -> Duration {
        let mut state = self.state();
        state.rung.promise(key);
        state.budget.answer(key, now)
    }

    /// What time it is there, as far as that is known.
    pub(super) fn now(&self, http: &Http) -> DateTime<Utc> {
        http.now() + self.state().ahead
    }

    /// Whether a question of a site was not read yet.
    pub(super) fn is_new(&self, site: &str, question: u64) -> bool {
        self.state().rung.is_new(site, question)
    }

    /// Questions of a site were read. When to look again for those that rang and were not among them.
    pub(super) fn read(
        &self,
        site: &str,
        questions: impl Iterator<Item = u64>,
    ) -> Option<Duration> {
        self.state().rung.read(site, questions)
    }

    /// A stream was looked at that is rung for whatever happens. When to look again.
    pub(super) fn read_stream(&self, key: &str, new: bool) -> Option<Duration> {
        self.state().rung.looked(key, new)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the state")
    }

    /// Asks, or gives an answer that another reader just had.
    pub(super) async fn ask(
        &self,
        http: &Http,
        call: &Call<'_>,
    ) -> Result<Arc<Answer>, Unanswered> {
        let plain = self.address(call);
        let wanted = format!("{plain} {}", call.fields.concat().join(";"));
        let fresh = |at: DateTime<Utc>| {
            (http.now() - at)
                .to_std()
                .is_ok_and(|age| age <= self.settings.max_age)
        };
        if let Some(answer) = self.state().cache.get(&wanted, fresh) {
            return Ok(answer);
        }
        let mut refused = None;
        // A filter of another server, or of a time long past, is made anew once.
        for _ in 0..2 {
            let filter = self.filter(http, call.fields).await?;
            let url = self.signed(format!("{plain}&filter={filter}"));
            match self.fetch(http, call.method, &url).await? {
                Ok(answer) => {
                    let answer = Arc::new(answer);
                    if call.repeats {
                        let at = http.now();
                        self.state().cache.put(wanted, at, answer.clone(), fresh);
                    }
                    return Ok(answer);
                }
                Err(wrapper) if wrapper.says("filter") => {
                    self.state().kept.filters.clear();
                    refused = Some(wrapper);
                }
                Err(wrapper) => {
                    refused = Some(wrapper);
                    break;
                }
            }
        }
        let site = call.site.unwrap_or_default();
        Err(Unanswered::Trouble(wrong::sentence(
            &refused.unwrap_or_default(),
            site,
        )))
    }

    /// The address of a request, without what is secret.
    fn address(&self, call: &Call<'_>) -> String {
        let ids: Vec<String> = call.ids.iter().map(u64::to_string).collect();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(call.site.map(|site| ("site", site)));
        query.extend_pairs(&call.params);
        let path = call.method.replace("{ids}", &ids.join(";"));
        format!("{}{path}?{}", self.settings.url, query.finish())
    }

    fn signed(&self, mut url: String) -> String {
        if let Some(key) = &self.settings.key {
            let mut add = |name: &str, secret: &SecretString| {
                let secret: String =
                    form_urlencoded::byte_serialize(secret.expose_secret().as_bytes()).collect();
                url.push_str(&format!("&{name}={secret}"));
            };
            add("key", key);
            if let Some(token) = &self.settings.token {
                add("access_token", token);
            }
        }
        url
    }

    /// The name of the filter that gives these fields and no others; it is made once for all times.
    async fn filter(&self, http: &Http, fields: &[&[&str]]) -> Result<String, Unanswered> {
        let fields: Vec<&str> = WRAPPER
            .iter()
            .chain(fields.iter().copied().flatten())
            .copied()
            .collect();
        let include = fields.join(";");
        let hash: String = Sha256::digest(&include)[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if let Some(filter) = self.state().kept.filters.get(&hash) {
            return Ok(filter.clone());
        }
        let url = format!(
            "{}/filters/create?base=none&unsafe=false&include={include}",
            self.settings.url
        );
        let made = self
            .fetch(http, "/filters/create", &self.signed(url))
            .await?;
        let answer = made.map_err(|wrapper| wrong::sentence(&wrapper, ""))?;
        let filter = answer
            .items
            .first()
            .and_then(|item| item.get("filter")?.as_str());
        // It goes into addresses as it is.
        let Some(filter) =
            filter.filter(|name| name.len() < 100 && !name.contains(['&', '#', ' ']))
        else {
            return Err(wrong::garbled().into());
        };
        self.state().kept.filters.insert(hash, filter.into());
        Ok(filter.into())
    }

    /// One request, if it may be made now. What the API says of itself is heard; inside, its refusal.
    async fn fetch(
        &self,
        http: &Http,
        method: &str,
        url: &str,
    ) -> Result<Result<Answer, Wrapper>, Unanswered> {
        self.may_ask(method, http.now())?;
        let request = Request::new(url)
            .accept("application/json")
            .whatever_it_says();
        let page = match http.get(request).await {
            Ok(page) => page,
            Err(HttpError::Later { rest, .. }) => {
                let now = http.now();
                let since = *self.state().busy.get_or_insert(now);
                return Err(match now - since >= BUSY {
                    true => wrong::busy(rest).into(),
                    false => Unanswered::NotYet(rest),
                });
            }
            Err(error) => return Err(Unanswered::Trouble(error.into())),
        };
        let now = http.now();
        {
            let mut state = self.state();
            state.asked = Some(now);
            state.busy = None;
            let ahead = page.date.map_or(TimeDelta::zero(), |date| date - now);
            // An answer takes its time, too.
            state.ahead = match ahead.abs() > EXACT {
                true => ahead,
                false => TimeDelta::zero(),
            };
        }
        let Ok(wrapper) = serde_json::from_slice::<Wrapper>(&page.body) else {
            self.state().budget.spent(now);
            return Err(Unanswered::Trouble(match page.status {
                500..=599 => wrong::unreachable(page.status),
                // Those who are banned get a page for people.
                400..=499 => {
                    self.state().kept.banned = Some(now + wrong::BAN);
                    wrong::garbled()
                }
                _ => wrong::garbled(),
            }));
        };
        let mut state = self.state();
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        match count(wrapper.quota_remaining) {
            Some(left) => state.budget.heard(count(wrapper.quota_max), left, now),
            None => state.budget.spent(now),
        }
        if let Some(seconds) = wrapper.backoff {
            // Exactly as long is refused now and then.
            let rest = TimeDelta::seconds(seconds.clamp(0, wrong::LONGEST_BACKOFF) + 1);
            state.kept.backoff.insert(method.into(), now + rest);
        }
        state.kept.backoff.retain(|_, until| *until > now);
        if let Some(rest) = wrapper.throttled() {
            state.kept.banned = Some(now + rest);
            drop(state);
            return Err(Unanswered::NotYet(rest.to_std().unwrap_or_default()));
        }
        drop(state);
        if wrapper.error_id.is_some() {
            return Ok(Err(wrapper));
        }
        Ok(Ok(Answer {
            items: wrapper.items,
            has_more: wrapper.has_more,
        }))
    }

    /// The site that is called so.
    ///
    /// # Errors
    /// When there is none; the hint has the nearest.
    pub(super) fn site(&self, typed: &str) -> Result<Site, Refusal> {
        self.state().sites.all.find(typed)
    }

    /// Reads the list of sites where it is more than a day old. What goes wrong is tried again in an hour: the list
    /// that is known will do.
    pub(super) async fn learn_sites(&self, http: &Http) {
        let now = http.now();
        {
            let mut state = self.state();
            if state.sites.at.is_some_and(|at| now - at < LIST_LASTS)
                || state.sites_rest.is_some_and(|until| now < until)
            {
                return;
            }
            state.sites_rest = Some(now + LIST_RESTS);
        }
        let mut objects = Vec::new();
        for page in 1..=LIST_PAGES {
            let call = Call {
                method: "/sites",
                ids: &[],
                site: None,
                params: vec![("page", page.to_string()), ("pagesize", "100".into())],
                fields: &[SITE],
                repeats: false,
            };
            match self.ask(http, &call).await {
                Ok(answer) => {
                    objects.extend(answer.items.iter().cloned());
                    if !answer.has_more {
                        break;
                    }
                }
                Err(trouble) => {
                    tracing::info!(?trouble, "the list of sites cannot be read");
                    return;
                }
            }
        }
        if let Some(all) = Directory::read(&objects) {
            self.state().sites = Sites { all, at: Some(now) };
        }
    }

    fn may_ask(&self, method: &str, now: DateTime<Utc>) -> Result<(), Unanswered> {
        let state = self.state();
        let until = state
            .kept
            .banned
            .max(state.kept.backoff.get(method).copied());
        match until.and_then(|until| (until - now).to_std().ok()) {
            Some(rest) if !rest.is_zero() => Err(Unanswered::NotYet(rest)),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_survives_is_of_one_api() {
        let at = |url: &str| {
            Api::new(Settings {
                url: url.into(),
                ..Settings::default()
            })
        };
        let here = at("https://one.example");
        here.state().kept.filters.insert("a".into(), "!b".into());
        let [(name, value)] = here.changes().try_into().unwrap();
        assert_eq!(here.changes(), []);
        let (again, elsewhere) = (at("https://one.example"), at("https://two.example"));
        again.recall(name, &value);
        elsewhere.recall(name, &value);
        assert_eq!(again.state().kept.filters.len(), 1);
        assert!(elsewhere.state().kept.filters.is_empty());
        again.recall(name, &json!({"of": "https://one.example", "is": 5}));
        again.recall("nothing", &Value::Null);
    }
}
